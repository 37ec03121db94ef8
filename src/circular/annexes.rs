//! The number of annexes that a letter states: "Annexes: 2", "Annex: 1", "附件：3份", or a numbered list below the label.

use super::{
    Found,
    fold::{after_word, before, digit, fold, is_blank, is_han},
    lines::{Line, bullet, plain},
    words::WORDS,
};

const ROMAN: [&str; 10] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"];

/// No letter lists more annexes; a longer row of numbers is something else.
const MOST: u32 = 99;

/// The first statement among the lines.
pub(super) fn annexes(lines: &[Line]) -> Option<Found<u32>> {
    let stated = lines.iter().enumerate().find_map(|(at, line)| {
        let printed = plain(line.text);
        let (value, kind) = after_label(&printed)?;
        let below = &lines[at + 1..];
        let stated = number(value)
            .or_else(|| enumerated(value, below))
            .or_else(|| in_brackets(value))
            .or_else(|| (!is_elsewhere(value)).then(|| titled(value, kind).or_else(|| aligned(line, value, below)))?);
        stated.map(|value| Found { value, line: line.number })
    });
    stated.or_else(|| one_by_one(lines)).or_else(|| lines.iter().find_map(number_first))
}

/// "as mentioned", "如文": it counts nothing.
fn is_elsewhere(value: &str) -> bool {
    let bare = |text: &str| fold(text.trim_matches(|c| is_blank(c) || matches!(c, '.' | '。' | ',')));
    let lead = value.split(['(', '（']).next().unwrap_or_default();
    WORDS.has("annex_elsewhere", &bare(lead))
}

/// "如文（2份）", "as mentioned (2)"
fn in_brackets(value: &str) -> Option<u32> {
    let (_, inner) = value.split_once(['(', '（']).filter(|_| is_elsewhere(value))?;
    number(inner.trim_end_matches([')', '）', '.', '。']))
}

/// "2 enclosures", "附件2份": a line of its own.
fn number_first(line: &Line) -> Option<Found<u32>> {
    let printed = plain(bullet(line.text).unwrap_or(line.text));
    let found = |value| Some(Found { value, line: line.number });
    let end = printed.find(|c| digit(c).is_none()).unwrap_or(printed.len());
    let label = fold(printed[end..].trim_matches(|c| is_blank(c) || c == '.'));
    if end > 0 && printed[end..].starts_with(is_blank) && WORDS.has("label_annexes", &label) {
        return number(&printed[..end]).and_then(found);
    }
    let rest = WORDS.list("label_annexes").iter().find_map(|word| after_word(&printed, word))?;
    let han = printed.starts_with(is_han) && printed.ends_with(is_han) && rest.starts_with(|c| digit(c).is_some());
    number(rest).filter(|_| han).and_then(found)
}

/// Titles one below the other, behind a label of several and in its column.
fn aligned(line: &Line, value: &str, below: &[Line]) -> Option<u32> {
    let place = line.text.rfind(value).filter(|_| !value.is_empty())?;
    let column = line.text[..place].chars().count();
    let titles = below.iter().map(|line| line.text).take_while(|text| {
        let inner = text.trim_start_matches(is_blank);
        let begins = text.chars().count() - inner.chars().count();
        column > 0 && begins == column && inner.starts_with(|c: char| c.is_uppercase() || is_han(c) || is_arabic(c))
    });
    u32::try_from(titles.count()).ok().filter(|more| *more > 0).map(|more| more + 1)
}

fn is_arabic(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64a}')
}

/// "Annex A: Programme" / "Annex B: Form": as many as stand in order, from the first on.
fn one_by_one(lines: &[Line]) -> Option<Found<u32>> {
    let mut found: Option<Found<u32>> = None;
    for line in lines {
        let next = found.as_ref().map_or(1, |found| found.value + 1);
        let printed = plain(bullet(line.text).unwrap_or(line.text));
        if next <= MOST && names_annex(&printed, next) {
            found = Some(Found { value: next, line: found.map_or(line.number, |first| first.line) });
        }
    }
    found
}

/// Whether a line is the title of the annex of this number: "Annex 2 – Form", "Annex B: Form", "Annex II. Form".
fn names_annex(printed: &str, number: u32) -> bool {
    let Some(rest) = WORDS.list("annex_singular").iter().find_map(|word| after_word(printed, word)) else {
        return false;
    };
    let rest = rest.trim_start_matches(is_blank);
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let at = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let letter = u8::try_from(at).ok().filter(|at| *at < 26).map(|at| char::from(b'A' + at).to_string());
    let mark = &rest[..end];
    let counts = mark == number.to_string() || Some(mark) == letter.as_deref() || ROMAN.get(at) == Some(&mark);
    let title = rest[end..].trim_start_matches(is_blank).strip_prefix([':', '-', '–', '—', '：', '.']);
    counts && title.is_some_and(|title| title.chars().any(char::is_alphabetic))
}

/// Whether a label speaks of one annex or leaves the number open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    One,
    Any,
}

/// What follows "Annexes:", "Annexes (2)" or "Annexes" alone.
fn after_label(printed: &str) -> Option<(&str, Kind)> {
    let (label, rest) =
        WORDS.list("label_annexes").iter().find_map(|label| Some((label, after_word(printed, label)?)))?;
    let point = rest.strip_prefix('.');
    let rest = point.unwrap_or(rest).trim_matches(is_blank);
    let colon = rest.strip_prefix([':', '：']).or_else(|| behind_gap(printed, rest));
    let kind = if colon.is_some() && WORDS.has("annex_singular", label) { Kind::One } else { Kind::Any };
    match colon {
        Some(value) => Some((value.trim_matches(is_blank), kind)),
        None if rest.is_empty() || rest.starts_with(['(', '（']) => {
            Some((rest.trim_matches(['(', ')', '（', '）']), kind))
        }
        // "Encl. 1. Form", "Encl. 2", "Encl. as mentioned"
        None if point.is_some() && (number(rest).is_some() || marks(1).iter().any(|mark| rest.starts_with(mark))) => {
            Some((rest, kind))
        }
        // "Encl. Calendar of sessions"
        None if point.is_some() && WORDS.has("annex_singular", label) && rest.starts_with(char::is_uppercase) => {
            Some((rest, Kind::One))
        }
        None => None,
    }
}

/// "Annexes      2": in columns a label needs no colon.
fn behind_gap<'a>(printed: &str, rest: &'a str) -> Option<&'a str> {
    let before = &printed[..printed.len() - rest.len()];
    (!rest.is_empty() && (before.ends_with("   ") || before.ends_with('\t'))).then_some(rest)
}

/// "Annex: Registration form" is one annex; titles parted by semicolons or by "+" are as many as they are, and so are
/// those of which each says its sheets, "форма на 2 л., регламент на 6 л.".
fn titled(value: &str, kind: Kind) -> Option<u32> {
    let parted: Vec<&str> = value.split([';', '；', '؛']).flat_map(|part| part.split(" + ")).collect();
    let titles = parted.iter().filter(|title| title.chars().any(char::is_alphabetic)).count();
    let sheets = value.split(',').filter(|part| part.trim_end_matches(['.', ' ']).ends_with(" л")).count();
    let titles = if titles == 1 && sheets == value.split(',').count() { sheets } else { titles };
    let titles = if titles == 1 { by_commas(value, kind).unwrap_or(titles) } else { titles };
    let counted: Option<Vec<u32>> = value.split(',').map(counted).collect();
    if let Some(counted) = counted.filter(|counted| counted.len() > 1) {
        return Some(counted.iter().sum());
    }
    (titles > 1 || (titles == 1 && kind == Kind::One)).then(|| u32::try_from(titles).unwrap_or(MOST))
}

/// "1 formulaire", "2 grilles d'évaluation": how many of a kind.
fn counted(part: &str) -> Option<u32> {
    let part = part.trim_matches(is_blank);
    let (count, rest) = in_digits(part)?;
    let named = rest.starts_with(is_blank) && rest.trim_start_matches(is_blank).starts_with(char::is_lowercase);
    (named && (1..=MOST).contains(&count)).then_some(count)
}

/// "لائحة البطولة، استمارة المشاركة", "計畫徵件須知、申請表": short titles, parted by commas behind a label of several. In
/// Chinese, whose one label stands for both, each is a document by its last word.
fn by_commas(value: &str, kind: Kind) -> Option<usize> {
    const MOST_WORDS: usize = 8;
    let value = value.trim_end_matches(['.', '。']);
    if value.contains(is_han) {
        let title = |part: &&str| {
            part.ends_with('》') || WORDS.list("annex_documents").iter().any(|word| before(part, word).is_some())
        };
        let parts: Vec<&str> = value.split(['、', '，', '及', '和']).map(|part| part.trim_matches(is_blank)).collect();
        return (parts.len() > 1 && parts.iter().all(title)).then_some(parts.len());
    }
    let title = |part: &str| {
        let first = part.split(is_blank).next().unwrap_or_default();
        let small = first.chars().count() <= 4 && first.chars().all(char::is_lowercase);
        let words = part.split(is_blank).filter(|word| !word.is_empty()).count();
        (1..=MOST_WORDS).contains(&words) && part.starts_with(char::is_alphabetic) && !small
    };
    let parts: Vec<&str> = value.split([',', '،']).map(|part| part.trim_matches(is_blank)).collect();
    let whole =
        kind == Kind::Any && parts.len() > 1 && !value.contains(['(', ';']) && parts.iter().all(|part| title(part));
    let joined =
        parts.last().is_some_and(|last| last.split(is_blank).any(|word| WORDS.has("to_last_joins", &fold(word))));
    whole.then_some(parts.len() + usize::from(joined))
}

/// A value that is nothing but a number, or a number with a measure word: "2", "3份", "two", "共2件", "2 documents".
fn number(value: &str) -> Option<u32> {
    let value = value.strip_prefix('共').unwrap_or(value).trim_start_matches(is_blank);
    let bracketed = value.strip_prefix(['(', '（']).and_then(|inner| inner.strip_suffix([')', '）']));
    let value = bracketed.unwrap_or(value).trim_matches(is_blank);
    let (count, rest) = in_digits(value).or_else(|| in_words(value))?;
    let rest = rest.trim_matches(|c| is_blank(c) || matches!(c, '.' | ')' | '。'));
    // "12 pages" does not count annexes; "2 (available in English only)", "2, на 14 л." do.
    let unit = rest.split([',', '(', '（', '，']).next().unwrap_or_default().trim_matches(|c| is_blank(c) || c == '.');
    let measured = unit.is_empty() || WORDS.has("annex_units", &fold(unit));
    measured.then_some(count)
}

fn in_digits(value: &str) -> Option<(u32, &str)> {
    let end = value.find(|c| digit(c).is_none()).unwrap_or(value.len());
    let digits = value[..end].chars().count();
    let count = value[..end].chars().filter_map(digit).fold(0, |sum, d| sum * 10 + d);
    // "2.1 Programme" is a number of another kind
    let goes_on = value[end..].strip_prefix(['.', '-', '/']).is_some_and(|rest| !rest.is_empty());
    ((1..=2).contains(&digits) && !goes_on).then(|| (count, &value[end..]))
}

/// "two", "три (3)"
fn in_words(value: &str) -> Option<(u32, &str)> {
    WORDS.list("annex_numbers").iter().find_map(|entry| {
        let (word, count) = entry.split_once('|')?;
        Some((count.parse().ok()?, after_word(value, word)?))
    })
}

/// How lists number their item: "2.", "2)", "(ii)", "b)", "٢-", "二、".
fn marks(n: u32) -> Vec<String> {
    let mut marks: Vec<String> =
        [".", ")", "、", "．", "-", " -", "–", "）"].iter().map(|mark| format!("{n}{mark}")).collect();
    let at = usize::try_from(n - 1).unwrap_or(usize::MAX);
    marks.push(format!("({n})"));
    let roman = ROMAN.get(at).into_iter().flat_map(|roman| [(*roman).to_owned(), roman.to_lowercase()]);
    let letter = u8::try_from(at).ok().filter(|at| *at < 26).map(|at| char::from(b'a' + at));
    let letter = letter.into_iter().flat_map(|letter| [letter.to_string(), letter.to_ascii_uppercase().to_string()]);
    let arabic = "أبجدهوزحطي".chars().nth(at).map(|letter| letter.to_string());
    let named: Vec<String> = roman.chain(letter).chain(arabic).collect();
    marks.extend(named.iter().flat_map(|mark| [format!("({mark})"), format!("{mark})"), format!("{mark}. ")]));
    marks.extend("①②③④⑤⑥⑦⑧⑨⑩".chars().nth(at).map(|mark| mark.to_string()));
    marks.extend("一二三四五六七八九十".chars().nth(at).map(|numeral| format!("{numeral}、")));
    marks
}

/// Whether a text begins with the mark of an item: digits of every script are the same.
fn begins_item(text: &str, n: u32) -> bool {
    let text: String = text
        .trim_start_matches(is_blank)
        .chars()
        .take(8)
        .map(|c| digit(c).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c))
        .collect();
    marks(n).iter().any(|mark| text.starts_with(mark))
}

/// `1. … 2. …` on the label's line, or a list below it; an item may wrap.
fn enumerated(value: &str, below: &[Line]) -> Option<u32> {
    const WRAPS: usize = 3;
    if !value.is_empty() {
        // "Docs. 3/6 (Rev. 1)" lists documents but does not count them.
        if !begins_item(value, 1) {
            return None;
        }
        let inline = (1..=MOST).take_while(|n| starts_item(value, *n)).last().unwrap_or(1);
        return Some(items_below(inline, below.iter().map(|line| line.text)));
    }
    let filled: Vec<&str> = below.iter().map(|line| line.text).filter(|text| !text.trim().is_empty()).collect();
    if filled.first().is_some_and(|first| begins_item(first, 1)) {
        return Some(items_below(0, below.iter().map(|line| line.text)));
    }
    // "A. Example" below a list of dashes signs the letter
    let dashed = filled.first().is_some_and(|first| bullet(first).is_some());
    let is_item = |text: &str| bullet(text).is_some() || (!dashed && lettered(text));
    let indent = |text: &str| text.len() - text.trim_start_matches(is_blank).len();
    let (mut count, mut wraps, mut column) = (0, 0, 0);
    for line in below.iter().skip_while(|line| line.is_blank()) {
        if is_item(line.text) {
            (count, wraps, column) = (count + 1, 0, indent(line.text));
        } else if !line.is_blank() {
            wraps += 1;
            if count == 0 || wraps > WRAPS || indent(line.text) <= column {
                break;
            }
        } else {
            wraps = WRAPS;
        }
    }
    (count > 0).then_some(count)
}

/// The last number of a list whose items up to `last` have been seen; an item takes a few lines.
fn items_below<'a>(last: u32, texts: impl Iterator<Item = &'a str>) -> u32 {
    const WRAPS: usize = 3;
    let (mut last, mut wraps) = (last, 0);
    for text in texts {
        if begins_item(text, last + 1) {
            (last, wraps) =
                ((last + 1..=MOST).take_while(|n| starts_item(text.trim(), *n)).last().unwrap_or(last + 1), 0);
        } else if !text.trim().is_empty() {
            wraps += 1;
        }
        if wraps > WRAPS {
            break;
        }
    }
    last
}

/// "A — Background", "II. Form"
fn lettered(text: &str) -> bool {
    let Some((mark, rest)) = text.trim_matches(is_blank).split_once(is_blank) else { return false };
    let dash = rest.trim_start_matches(is_blank).starts_with(['-', '–', '—', ':']);
    let bare = mark.trim_end_matches(['.', ')', ':']);
    let letter = bare.chars().count() <= 3 && !bare.is_empty() && bare.chars().all(|c| c.is_uppercase());
    letter && (dash || bare.len() < mark.len())
}

/// Whether an item of this number begins in a line: first, or behind a blank or a semicolon.
fn starts_item(value: &str, n: u32) -> bool {
    let edges = value.char_indices().filter(|(_, c)| is_blank(*c) || matches!(c, ';' | '；'));
    let begins = std::iter::once(0).chain(edges.map(|(at, c)| at + c.len_utf8()));
    begins.into_iter().any(|at| !value[at..].starts_with(is_blank) && begins_item(&value[at..], n))
}

#[cfg(test)]
mod tests {
    use super::{super::lines::lines, *};

    #[test]
    fn the_stated_number_is_read_and_a_heading_states_none() {
        let table = [
            ("Annexes: 2", Some(2)),
            ("Annex: 1", Some(1)),
            ("**Annexes:** 3", Some(3)),
            ("Annexes (2)", Some(2)),
            ("Annexes: 2 (available in English only)", Some(2)),
            ("Annexes: 1. Programme 2. Registration form", Some(2)),
            ("Enclosures: (i) Programme\n            (ii) Form\n", Some(2)),
            ("Annexes:\n\n1. Programme\n2. Registration form\n", Some(2)),
            ("Annexes: 1. Programme\n2. Form\n", Some(2)),
            ("Приложения: 2", Some(2)),
            ("الملحقات: ٣", Some(3)),
            ("附件：2份", Some(2)),
            ("Enclosures: 12 pages", None),
            ("Annex A: Programme\nAnnex B: Form\n", Some(2)),
            ("- Annex 1 – Programme\n- Annex 2 – Form\n", Some(2)),
            ("Annex 2: Form", None),
            ("Annex 1", None),
            ("Annex", None),
            ("Annexes 1 and 2 hold the forms", None),
            ("Annexes: Docs. 3/6 (Rev. 1)", None),
            ("Annex: Registration form", Some(1)),
            ("Annexes: Programme; Form", Some(2)),
            ("Annexes: Programme and form", None),
            ("Enclosures:\nA — Background\nB — Form\n\nText", Some(2)),
            ("Приложение: на 3 л. в 1 экз.", Some(1)),
            ("附件：1．范围\n2．表格", Some(2)),
            ("المرفقات: لائحة البطولة + استمارة المشاركة", Some(2)),
            ("Encl. 1. Form 1: Proposal for a new field\n         of activity\n      2. Scoping study\n", Some(2)),
            ("Encl.: 2", Some(2)),
            ("Encl. 2", Some(2)),
            ("Encls. (3)", Some(3)),
            ("ENCLOSURES: (2)", Some(2)),
            ("Enclosures: (i) Programme (ii) Form", Some(2)),
            ("Encl. as mentioned", None),
            ("Annexes: two", Some(2)),
            ("Annexes: 2 documents", Some(2)),
            ("2 enclosures", Some(2)),
            ("Annexes      2", Some(2)),
            ("Annexes: Programme of the seminar\n         Registration form\n", Some(2)),
            ("Annexes: a) Programme b) Form", Some(2)),
            ("Attachments: 1) Programme\n2) Form\n3) Map", Some(3)),
            ("Pièces jointes :\n  1. Description des tâches\n     détaillée\n  2. Formulaire\n", Some(2)),
            ("P.J. : 3", Some(3)),
            ("Anexo: 1 hoja", Some(1)),
            ("Anexos: 3 hojas", None),
            ("Adj.: Lo indicado", None),
            ("Приложение: 1. Регламент на 6 л.\n            2. Форма на 1 л.", Some(2)),
            ("Приложения: форма на 2 л., регламент на 6 л.", Some(2)),
            ("Приложение: по тексту", None),
            ("المرفقات:\n١- البرنامج\n٢- الاستمارة", Some(2)),
            ("附件：如文", None),
            ("附件：如文（2份）", Some(2)),
            ("附件：共2件", Some(2)),
            ("附件：1. 推荐表\n      2. 课程安排\n      3. 责任书", Some(3)),
            ("附件：\n一、推荐表\n二、课程安排", Some(2)),
            ("附件2份", Some(2)),
            ("附：推荐表", Some(1)),
        ];
        for (text, expected) in table {
            assert_eq!(annexes(&lines(text)).map(|found| found.value), expected, "{text}");
        }
    }
}
