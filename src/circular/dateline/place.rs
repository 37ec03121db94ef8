//! The places of datelines: names of a few words, be it behind a mark or a post code, and no offices or fields.

use super::{
    super::{
        fold::{breadth, digit, fold, is_blank, is_han},
        numbering,
        words::WORDS,
    },
    HAN_MOST,
};

/// Every word of a name has a capital, where the script has any.
pub(super) fn is_named(text: &str) -> bool {
    text.split(is_blank).all(|word| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()))
}

/// A name that says "Committee" or "Secretary" is none of a town.
pub(super) fn is_office(text: &str) -> bool {
    text.split(is_blank).any(|word| {
        let word = fold(word.trim_matches(['.', ',']));
        ["units", "titles", "word_circular", "word_other_letter"].iter().any(|list| WORDS.has(list, &word))
    })
}

/// A line of its own beside the date: "New York", and no "Radio Division".
pub(in super::super) fn is_place_alone(text: &str) -> bool {
    const WORDS_MOST: usize = 3;
    let text = without_place_mark(text);
    let words: Vec<&str> = text.split(is_blank).collect();
    // "Doc. Reference" names a field
    let field = |word: &&str| {
        let short =
            word.ends_with('.') && !matches!(*word, "St." | "Sta." | "Ste.") && !word[..word.len() - 1].contains('.');
        short && word.chars().count() > 2
            || WORDS.labels.iter().any(|(_, label, _)| label.chars().count() > 3 && *label == fold(word))
    };
    let kind = numbering::is_kind_of_letter(text);
    let named = |word: &&str| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase());
    if text.chars().any(is_han) {
        let of_body = WORDS.list("units").iter().any(|unit| fold(text).ends_with(unit.as_str()));
        return text.chars().all(is_han) && text.chars().count() <= HAN_MOST && !of_body && !kind;
    }
    is_place(text)
        && !super::feast::is_feast(text)
        && !WORDS.has("sent_by", &fold(text))
        && words.len() <= WORDS_MOST
        && words.iter().all(named)
        && !is_office(text)
        && !words.iter().any(field)
        && !kind
        && text.chars().all(|c| c.is_alphabetic() || is_blank(c) || matches!(c, '-' | '.' | ',' | '\'' | '’'))
}

/// "г. Москва", "CH-3003 Berne": a place and nothing else, known by what stands before it.
pub(in super::super) fn is_marked_place(text: &str) -> bool {
    without_place_mark(text) != text && is_place_alone(text)
}

/// "г. Москва" is Moscow, "CH-3003 Berne" is Berne.
pub(in super::super) fn without_place_mark(place: &str) -> &str {
    let rest = place.strip_prefix("г.").map(|rest| rest.trim_start_matches(is_blank));
    let place = rest.filter(|rest| rest.starts_with(char::is_uppercase)).unwrap_or(place);
    without_post_code(place).unwrap_or(place)
}

/// Four digits to six, be it behind a country's letters, and a town.
fn without_post_code(place: &str) -> Option<&str> {
    let (code, town) = place.split_once(is_blank)?;
    let digits = code.trim_start_matches(|c: char| c.is_ascii_uppercase()).trim_start_matches('-');
    let is_code = (4..=6).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
    let town = town.trim_matches(is_blank);
    (is_code && code.len() - digits.len() <= 3 && town.starts_with(char::is_uppercase)).then_some(town)
}

/// A name of a few words without digits, as towns have.
pub(super) fn is_place(text: &str) -> bool {
    const WORDS_MOST: usize = 5;
    const BREADTH_MOST: usize = 45;
    let first = text.chars().next();
    let named = first.is_some_and(|c| c.is_uppercase() || is_han(c) || (c.is_alphabetic() && !c.is_lowercase()));
    let spoken = ["word_circular", "word_circular_letter"].iter().any(|list| WORDS.has(list, &fold(text)));
    let mark = WORDS.has("number_marks", &fold(text.trim_end_matches('.')));
    let plain = !mark && !text.chars().any(|c| digit(c).is_some() || matches!(c, ':' | '：' | ';' | '(' | '/' | '"'));
    named && plain && !spoken && text.split(is_blank).count() <= WORDS_MOST && breadth(text) <= BREADTH_MOST
}
