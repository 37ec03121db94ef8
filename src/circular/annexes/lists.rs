//! Annexes that are listed: each with its mark, with a bullet, or one below the other in a column.

use super::{
    super::{
        fold::{digit, is_blank, is_han},
        lines::{Line, bullet},
    },
    MOST, ROMAN,
};

/// Titles one below the other, behind a label of several and in its column.
pub(super) fn aligned(line: &Line, value: &str, below: &[Line]) -> Option<u32> {
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

/// How lists number their item: "2.", "2)", "(ii)", "b)", "٢-", "二、".
pub(super) fn marks(n: u32) -> Vec<String> {
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

/// The same without their brackets and points: "2", "ii", "B", "二".
pub(super) fn bare_marks(n: u32) -> Vec<String> {
    let numeral = |mark: &String| {
        mark.strip_suffix('、').filter(|mark| !mark.starts_with(|c| digit(c).is_some())).map(str::to_owned)
    };
    let bracketed = |mark: &String| mark.strip_suffix(')').filter(|mark| !mark.starts_with('(')).map(str::to_owned);
    let all = marks(n);
    all.iter().filter_map(|mark| bracketed(mark).or_else(|| numeral(mark))).collect()
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
pub(super) fn enumerated(value: &str, below: &[Line]) -> Option<u32> {
    const WRAPS: usize = 3;
    if !value.is_empty() {
        // "Docs. 3/6 (Rev. 1)" lists documents but does not count them.
        if !begins_item(value, 1) {
            return dashed(value, below);
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

/// "P.J. : – fiche" / "       – plan": a dash before each, the first on the label's line.
fn dashed(value: &str, below: &[Line]) -> Option<u32> {
    let is_dash = |text: &str| text.trim_start_matches(is_blank).starts_with(['-', '–', '—', '•', '·', '▪']);
    if !is_dash(value) || bullet(value).is_none_or(|item| item.is_empty()) {
        return None;
    }
    let more = below
        .iter()
        .take_while(|line| !line.is_blank())
        .filter(|line| bullet(line.text).is_some() && is_dash(line.text));
    u32::try_from(more.count()).ok().map(|more| more + 1)
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
