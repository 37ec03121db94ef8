//! Lists: what stands before an item is not in its text, but counted by the rules of `word/numbering.xml`.

use std::collections::{BTreeMap, BTreeSet};

use super::{super::document::Marker, xml::Element};

/// ECMA-376 part 1, 17.9.6: levels 0 to 8.
const LEVELS: usize = 9;

#[derive(Debug, Clone, Default)]
struct Level {
    start: u32,
    /// `decimal`, `bullet`, `lowerLetter`, …
    format: String,
    /// `%1.%2.`
    text: String,
}

#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Levels by abstract list.
    levels: BTreeMap<String, Vec<Level>>,
    /// The abstract list of each list, and the levels it begins anew.
    instances: BTreeMap<String, (String, BTreeMap<usize, u32>)>,
    /// How far each abstract list has counted.
    counted: BTreeMap<String, Vec<Option<u32>>>,
    /// Lists of which an item was seen.
    begun: BTreeSet<String>,
}

impl Lists {
    pub fn of(root: Option<&Element>) -> Self {
        let mut lists = Self::default();
        let Some(root) = root else { return lists };
        for list in root.elements().filter(|element| element.name == "w:abstractNum") {
            let Some(id) = list.attribute("abstractNumId") else { continue };
            lists.levels.insert(id.to_owned(), list.elements().filter(|e| e.name == "w:lvl").map(level).collect());
        }
        for list in root.elements().filter(|element| element.name == "w:num") {
            let (Some(id), Some(of)) = (list.attribute("numId"), list.child("w:abstractNumId").and_then(Element::val))
            else {
                continue;
            };
            let restart = |element: &Element| {
                let at: usize = element.attribute("ilvl")?.parse().ok()?;
                Some((at, element.child("w:startOverride")?.val()?.parse().ok()?))
            };
            let restarts = list.elements().filter(|e| e.name == "w:lvlOverride").filter_map(restart).collect();
            lists.instances.insert(id.to_owned(), (of.to_owned(), restarts));
        }
        lists
    }

    /// What stands before the next item of a list; `None` where nothing does.
    pub fn next(&mut self, list: &str, level: u8) -> Option<Marker> {
        let at = usize::from(level).min(LEVELS - 1);
        let (of, restarts) = self.instances.get(list)?.clone();
        let levels = self.levels.get(&of)?.clone();
        let own = levels.get(at)?;
        let counted = self.counted.entry(of).or_insert_with(|| vec![None; LEVELS]);
        if self.begun.insert(list.to_owned()) {
            for (level, start) in restarts.iter().filter(|(level, _)| **level < LEVELS) {
                counted[*level] = start.checked_sub(1);
            }
        }
        counted[at] = Some(counted[at].map_or(own.start, |count| count.saturating_add(1)));
        counted[at + 1..].fill(None);
        match own.format.as_str() {
            "bullet" => return Some(Marker::Bullet),
            "none" => return None,
            _ => {}
        }
        let shown = |level: usize| {
            let count = counted[level].unwrap_or_else(|| levels.get(level).map_or(1, |level| level.start));
            (count, levels.get(level).map_or("decimal", |level| level.format.as_str()))
        };
        let mut text = own.text.clone();
        for level in 0..=at {
            let (count, format) = shown(level);
            text = text.replace(&format!("%{}", level + 1), &number(count, format));
        }
        let (count, format) = shown(at);
        let text = text.trim().to_owned();
        if format == "decimal" && text == format!("{count}.") {
            return Some(Marker::Number(count));
        }
        (!text.is_empty()).then_some(Marker::Printed(text))
    }
}

fn level(element: &Element) -> Level {
    let val = |name: &str| element.child(name).and_then(Element::val);
    Level {
        start: val("w:start").and_then(|start| start.parse().ok()).unwrap_or(1),
        format: val("w:numFmt").unwrap_or("decimal").to_owned(),
        text: val("w:lvlText").unwrap_or_default().to_owned(),
    }
}

/// A number in one of the formats that letters use (ECMA-376 part 1, 17.18.59); any other is written in figures.
pub(in super::super) fn number(count: u32, format: &str) -> String {
    const LATIN: &str = "abcdefghijklmnopqrstuvwxyz";
    const RUSSIAN: &str = "абвгдежзиклмнопрстуфхцчшщыэюя";
    const ARABIC_ALPHA: &str = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي";
    const ABJAD: &str = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ";
    match format {
        "lowerLetter" => letter(count, LATIN),
        "upperLetter" => letter(count, LATIN).to_uppercase(),
        "russianLower" => letter(count, RUSSIAN),
        "russianUpper" => letter(count, RUSSIAN).to_uppercase(),
        "arabicAlpha" => letter(count, ARABIC_ALPHA),
        "arabicAbjad" => letter(count, ABJAD),
        "lowerRoman" => roman(count),
        "upperRoman" => roman(count).to_uppercase(),
        "decimalZero" => format!("{count:02}"),
        "chineseCounting" | "chineseCountingThousand" | "japaneseCounting" | "ideographTraditional" => chinese(count),
        _ => count.to_string(),
    }
}

/// a to z, then aa to zz, as Word counts.
fn letter(count: u32, alphabet: &str) -> String {
    /// Beyond it a letter would be repeated as often as nobody prints it.
    const MOST: u32 = 500;
    let letters: Vec<char> = alphabet.chars().collect();
    let length = u32::try_from(letters.len()).unwrap_or(1);
    let Some(at) = count.checked_sub(1).filter(|_| count <= MOST) else { return count.to_string() };
    let letter = letters[(at % length) as usize];
    std::iter::repeat_n(letter, (at / length + 1) as usize).collect()
}

fn roman(count: u32) -> String {
    const VALUES: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if !(1..4000).contains(&count) {
        return count.to_string();
    }
    let mut rest = count;
    let mut out = String::new();
    for (value, sign) in VALUES {
        while rest >= value {
            out.push_str(sign);
            rest -= value;
        }
    }
    out
}

/// 一 to 九十九.
fn chinese(count: u32) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if !(1..100).contains(&count) {
        return count.to_string();
    }
    let (tens, ones) = ((count / 10) as usize, (count % 10) as usize);
    let mut out = String::new();
    if tens > 1 {
        out.push(DIGITS[tens]);
    }
    if tens > 0 {
        out.push('十');
    }
    if ones > 0 {
        out.push(DIGITS[ones]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::xml::parse, *};

    fn lists(levels: &[(&str, &str)], nums: &str) -> Lists {
        let levels: String = (0..)
            .zip(levels)
            .map(|(at, (format, text))| {
                format!("<w:lvl w:ilvl='{at}'><w:start w:val='1'/><w:numFmt w:val='{format}'/><w:lvlText w:val='{text}'/></w:lvl>")
            })
            .collect();
        let xml = format!(
            "<w:numbering xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>\
             <w:abstractNum w:abstractNumId='0'>{levels}</w:abstractNum>{nums}</w:numbering>"
        );
        Lists::of(Some(&parse(xml.as_bytes()).unwrap()))
    }

    fn printed(text: &str) -> Option<Marker> {
        Some(Marker::Printed(text.to_owned()))
    }

    #[test]
    fn items_are_counted_by_level_and_a_list_may_begin_anew() {
        let nums = "<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>\
            <w:num w:numId='2'><w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='0'><w:startOverride w:val='5'/></w:lvlOverride></w:num>";
        let mut lists = lists(&[("decimal", "%1."), ("lowerLetter", "%2)"), ("decimal", "%1.%3")], nums);
        assert_eq!(lists.next("1", 0), Some(Marker::Number(1)));
        assert_eq!(lists.next("1", 1), printed("a)"));
        assert_eq!(lists.next("1", 1), printed("b)"));
        assert_eq!(lists.next("1", 0), Some(Marker::Number(2)));
        assert_eq!(lists.next("1", 1), printed("a)"));
        assert_eq!(lists.next("1", 2), printed("2.1"));
        assert_eq!(lists.next("2", 0), Some(Marker::Number(5)));
        assert_eq!(lists.next("2", 0), Some(Marker::Number(6)));
        assert_eq!((lists.next("9", 0), lists.next("1", 7)), (None, None));
    }

    #[test]
    fn numbers_are_written_as_letters_use_them() {
        let table = [
            (1, "lowerLetter", "a"),
            (27, "lowerLetter", "aa"),
            (3, "upperRoman", "III"),
            (1994, "lowerRoman", "mcmxciv"),
            (12, "chineseCounting", "十二"),
            (20, "chineseCounting", "二十"),
            (2, "russianLower", "б"),
            (2, "arabicAbjad", "ب"),
            (7, "decimalZero", "07"),
            (4_000_000_000, "lowerLetter", "4000000000"),
        ];
        for (count, format, text) in table {
            assert_eq!(number(count, format), text, "{count} {format}");
        }
    }
}
