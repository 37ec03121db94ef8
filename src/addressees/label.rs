//! Printed addressee labels, compared: tolerant of case, accents, dashes, apostrophes, blanks, a leading "the" or
//! "all", the word for "and", and forms of words (`inflection`); never of a word that could change whom the letter goes
//! to. The noun that names those who are written to keeps its number.

use std::{borrow::Cow, collections::BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::inflection;

/// Words in front of a label that do not change whom it means.
const LEADING: [&[&str]; 16] = [
    &["to", "the"],
    &["to"],
    &["the"],
    &["all"],
    &["aux"],
    &["a", "la"],
    &["a", "las"],
    &["a", "los"],
    &["a", "todas", "las"],
    &["a", "todos", "los"],
    &["les"],
    &["las"],
    &["los"],
    &["toutes", "les"],
    &["tous", "les"],
    &["всем"],
];
/// The word between two addressees. One letter counts only in lower case
/// and between words: "Group Y" and "Region E offices" enumerate nothing.
const AND: [&str; 8] = ["and", "et", "y", "e", "и", "&", "和", "及"];

/// Compatibility forms made plain, lower case, accents and Arabic vowel signs off: for comparing, not for printing.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let plain = |c: &char| !matches!(u32::from(*c), 0x0300..=0x036f | 0x0640 | 0x064b..=0x0655 | 0x0670);
    Cow::Owned(text.nfkc().flat_map(char::to_lowercase).nfd().filter(plain).nfc().collect())
}

/// The value of a column as `where` compares it: case, accents, and kinds of dash, apostrophe and blank do not count. The
/// ledger folds by this too.
pub fn fold_value(value: &str) -> String {
    crate::circular::folded(value)
}

/// A label or an addressee line, ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    words: Vec<Word>,
}

/// One word, folded, and where it stands in the text it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    folded: String,
    start: usize,
    end: usize,
}

impl Label {
    pub(super) fn new(text: &str) -> Self {
        let mut words = cut(text);
        while let Some(lead) = LEADING.iter().filter(|lead| starts_with(&words, lead)).map(|lead| lead.len()).max() {
            words.drain(..lead);
        }
        // Inner articles too: "Administrations of (the) Member States".
        if words.iter().any(|word| word.folded != "the") {
            words.retain(|word| word.folded != "the");
        }
        Self { words }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All words run together, so that `ITU-D`, `ITU D` and `ITUD`, a blank lost or gained, compare alike; but for
    /// numbers, since "Groups 1-3" are not "Group 13".
    pub(super) fn key(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.folded.as_str()).collect();
        inflection::normal(&words).iter().fold(String::new(), |run, word| joined(run, word))
    }

    /// The key with every plural as it is printed: for finding a label within a longer line.
    fn printed_key(&self) -> String {
        self.words.iter().fold(String::new(), |run, word| joined(run, &inflection::chair(&word.folded)))
    }

    /// The positions of words and signs that may part two addressees: "and", comma, semicolon, slash.
    pub(super) fn separators(&self) -> BTreeSet<usize> {
        let parts = |word: &Word| word.folded == AND[0] || word.folded == ",";
        (0..self.words.len()).filter(|&at| parts(&self.words[at])).collect()
    }

    /// The words from `from` up to `to`, as a label of its own ("to the Regulators" is "Regulators").
    pub(super) fn part(&self, text: &str, from: usize, to: usize) -> Self {
        match (self.words.get(from), self.words.get(..to).and_then(<[Word]>::last)) {
            (Some(first), Some(last)) if from < to => Self::new(&text[first.start..last.end]),
            _ => Self { words: Vec::new() },
        }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// What `text`, the text of this line, says beyond `known`, if `known` stands in it whole.
    pub(super) fn beyond(&self, text: &str, known: &Label) -> Option<String> {
        let key = known.printed_key();
        if key.is_empty() {
            return None;
        }
        for from in 0..self.words.len() {
            let mut run = String::new();
            for to in from..self.words.len() {
                run = joined(run, &inflection::chair(&self.words[to].folded));
                if run == key && (from > 0 || to + 1 < self.words.len()) {
                    let before = text[..self.words[from].start].trim();
                    let after = text[self.words[to].end..].trim();
                    let joint = if before.is_empty() || after.is_empty() { "" } else { " … " };
                    return Some(format!("{before}{joint}{after}"));
                }
                if !key.starts_with(&run) {
                    break;
                }
            }
        }
        None
    }
}

fn joined(mut run: String, word: &str) -> String {
    if run.ends_with(char::is_numeric) && word.starts_with(char::is_numeric) {
        run.push(' ');
    }
    run.push_str(word);
    run
}

fn starts_with(words: &[Word], lead: &[&str]) -> bool {
    words.len() > lead.len() && lead.iter().zip(words).all(|(lead, word)| *lead == word.folded)
}

/// Words: runs of letters and digits, dashes left out; each ideograph is a word, for Chinese parts them by nothing.
fn cut(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        let piece = folded(c.encode_utf8(&mut [0; 4])).into_owned();
        match kind(c) {
            Kind::Joining => {
                open &= !words.last().is_some_and(|word| word.folded.ends_with(char::is_numeric));
            }
            Kind::Parting => open = false,
            Kind::Separator => {
                words.push(Word { folded: ",".to_owned(), start, end });
                open = false;
            }
            Kind::Ideograph => {
                words.push(Word { folded: piece, start, end });
                open = false;
            }
            Kind::Letter => match words.last_mut() {
                Some(word) if open => {
                    word.folded.push_str(&piece);
                    word.end = end;
                }
                _ => {
                    words.push(Word { folded: piece, start, end });
                    open = true;
                }
            },
        }
    }
    let inner = 1..words.len().saturating_sub(1);
    for (at, word) in words.iter_mut().enumerate() {
        let letter = word.folded.chars().count() == 1 && word.folded.chars().all(char::is_alphabetic);
        let lower = text[word.start..word.end] == *word.folded && inner.contains(&at);
        if AND.contains(&word.folded.as_str()) && (!letter || lower) {
            AND[0].clone_into(&mut word.folded);
        }
    }
    while words.last().is_some_and(|word| word.folded == ",") {
        words.pop();
    }
    words.retain(|word| !word.folded.is_empty());
    words
}

enum Kind {
    Letter,
    Ideograph,
    Separator,
    Joining,
    Parting,
}

fn kind(c: char) -> Kind {
    match c {
        // Dashes of every kind, the soft hyphen, zero-width characters.
        '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => Kind::Joining,
        c if super::address::is_invisible(c) && !c.is_control() => Kind::Joining,
        ',' | ';' | '/' | '،' | '؛' | '、' | '，' | '；' => Kind::Separator,
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Kind::Ideograph,
        '&' => Kind::Ideograph,
        c if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) => Kind::Letter,
        _ => Kind::Parting,
    }
}

/// The candidate nearest to `found`, if it may be a slip of the pen: at most one letter in four differs.
pub(super) fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (found.chars().count() / 4).max(1);
    known
        .into_iter()
        .filter_map(|candidate| Some((edits_within(found, candidate, limit)?, candidate)))
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance with neighbours changed over counted as one, if it is at most `limit`.
fn edits_within(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let mut cost = (last[j] + usize::from(a[i] != b[j])).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= limit)
}
