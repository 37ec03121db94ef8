//! Feasts beside a date: "The Feast of St Barnabas, 11 June 2026" names a day of the church, and no town.

use super::super::{
    fold::{after_word, fold, is_blank, is_han},
    words::WORDS,
};

/// What stands before the feast that a text names; `None` where it names none.
pub(super) fn cut_off(text: &str) -> Option<&str> {
    let feasts = WORDS.list("feasts");
    if text.contains(is_han) {
        let feast = feasts.iter().any(|feast| fold(text).ends_with(feast.as_str()));
        return feast.then_some("");
    }
    let blanks = text.char_indices().filter(|(_, c)| is_blank(*c)).map(|(at, c)| at + c.len_utf8());
    let begins = |at: &usize| feasts.iter().any(|feast| after_word(&text[*at..], feast).is_some());
    let mut before = std::iter::once(0).chain(blanks).find(begins).map(|at| text[..at].trim_end_matches(is_parting))?;
    // "on the Feast", "The Feast"
    while let Some(last) = before.rsplit(is_blank).next().filter(|last| is_joint(last)) {
        before = before[..before.len() - last.len()].trim_end_matches(is_parting);
    }
    Some(before)
}

/// Whether a text is a feast and nothing else.
pub(super) fn is_feast(text: &str) -> bool {
    cut_off(text.trim_matches(is_parting)).is_some_and(str::is_empty)
}

fn is_parting(c: char) -> bool {
    is_blank(c) || matches!(c, ',' | '،')
}

/// An article or a preposition.
fn is_joint(word: &str) -> bool {
    let small = !word.is_empty() && word.chars().all(char::is_lowercase) && word.chars().count() <= 3;
    small || ["before_date", "to_articles"].iter().any(|list| WORDS.has(list, &fold(word)))
}
