//! The number of annexes that a letter states: "Annexes: 2", "Annex: 1", "附件：3份", or a numbered list below the label.

use super::{
    Found,
    fold::{after_word, digit, is_blank},
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
        let stated = number(value).or_else(|| enumerated(value, &lines[at + 1..])).or_else(|| titled(value, kind));
        stated.map(|value| Found { value, line: line.number })
    });
    stated.or_else(|| one_by_one(lines))
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
    let title = rest[end..].trim_start_matches(is_blank).strip_prefix([':', '-', '–', '—', '：']);
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
    let rest = rest.strip_prefix('.').unwrap_or(rest).trim_matches(is_blank);
    let colon = rest.strip_prefix([':', '：']);
    let kind = if colon.is_some() && WORDS.has("annex_singular", label) { Kind::One } else { Kind::Any };
    match colon {
        Some(value) => Some((value.trim_matches(is_blank), kind)),
        None if rest.is_empty() || rest.starts_with(['(', '（']) => {
            Some((rest.trim_matches(['(', ')', '（', '）']), kind))
        }
        None => None,
    }
}

/// "Annex: Registration form" is one annex; titles parted by semicolons are as many as they are.
fn titled(value: &str, kind: Kind) -> Option<u32> {
    let titles = value.split([';', '；', '؛']).filter(|title| title.chars().any(char::is_alphabetic)).count();
    (titles > 1 || (titles == 1 && kind == Kind::One)).then(|| u32::try_from(titles).unwrap_or(MOST))
}

/// A value that is nothing but a number, or a number with a measure word: "2", "3份".
fn number(value: &str) -> Option<u32> {
    let end = value.find(|c| digit(c).is_none()).unwrap_or(value.len());
    let rest = value[end..].trim_matches(|c| is_blank(c) || matches!(c, '.' | ')' | '。'));
    // "3份"; "12 pages" does not count annexes.
    // "2 (available in English only)"
    let measured = rest.is_empty()
        || rest.starts_with(['(', '（'])
        || (rest.chars().count() == 1 && rest.chars().all(super::fold::is_han));
    let digits = (1..=3).contains(&end) || (end <= 6 && value.chars().next().is_some_and(|c| !c.is_ascii()));
    (end > 0 && digits && measured).then(|| value[..end].chars().filter_map(digit).fold(0, |sum, d| sum * 10 + d))
}

/// How lists number their item: "2.", "2)", "(ii)".
fn marks(n: u32) -> Vec<String> {
    let mut marks: Vec<String> = [".", ")", "、", "．"].iter().map(|mark| format!("{n}{mark}")).collect();
    let at = usize::try_from(n - 1).unwrap_or(usize::MAX);
    marks.extend(ROMAN.get(at).map(|roman| format!("({})", roman.to_lowercase())));
    marks
}

/// `1. … 2. …` on the label's line, or a list below it.
fn enumerated(value: &str, below: &[Line]) -> Option<u32> {
    if !value.is_empty() {
        // "Docs. 3/6 (Rev. 1)" lists documents but does not count them.
        if !marks(1).iter().any(|first| value.starts_with(first)) {
            return None;
        }
        let inline = (1..=MOST).take_while(|n| starts_item(value, *n)).last();
        let more = below.iter().map(|line| line.text).skip_while(|text| text.trim().is_empty());
        let wrapped = (inline.unwrap_or(0) + 1..)
            .zip(more)
            .take_while(|(n, text)| marks(*n).iter().any(|mark| text.trim_start().starts_with(mark)))
            .count();
        return inline.map(|n| n + u32::try_from(wrapped).unwrap_or(0));
    }
    let items = below
        .iter()
        .skip_while(|line| line.is_blank())
        .take_while(|line| line.is_blank() || bullet(line.text).is_some() || lettered(line.text));
    let count = items.filter(|line| !line.is_blank()).count();
    u32::try_from(count).ok().filter(|count| *count > 0)
}

/// "A — Background", "II. Form"
fn lettered(text: &str) -> bool {
    let Some((mark, rest)) = text.trim_matches(is_blank).split_once(is_blank) else { return false };
    let dash = rest.trim_start_matches(is_blank).starts_with(['-', '–', '—', ':']);
    let bare = mark.trim_end_matches(['.', ')', ':']);
    let letter = bare.chars().count() <= 3 && !bare.is_empty() && bare.chars().all(|c| c.is_uppercase());
    letter && (dash || bare.len() < mark.len())
}

fn starts_item(value: &str, n: u32) -> bool {
    marks(n).iter().any(|item| {
        value
            .match_indices(item)
            .any(|(at, _)| at == 0 || value[..at].ends_with(|c| is_blank(c) || matches!(c, ';' | '；')))
    })
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
        ];
        for (text, expected) in table {
            assert_eq!(annexes(&lines(text)).map(|found| found.value), expected, "{text}");
        }
    }
}
