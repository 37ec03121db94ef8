//! The words of the printed letter in six languages: labels, months, formulas.
//!
//! They stand in `words/*.toml`, one file per language, so that a native speaker mends them without reading Rust. A letter
//! is read with all six at once: what language it is in shows only in its body. Refuses nothing; a file that does not
//! parse is a failing test.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    fold::{fold, is_blank},
    tokens::{Kind, Token, tokens},
};

/// Code and text of each file of words.
const FILES: [(&str, &str); 6] = [
    ("en", include_str!("words/en.toml")),
    ("fr", include_str!("words/fr.toml")),
    ("es", include_str!("words/es.toml")),
    ("ru", include_str!("words/ru.toml")),
    ("ar", include_str!("words/ar.toml")),
    ("zh", include_str!("words/zh.toml")),
];

/// A field of the printed head that has labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Reference,
    Cited,
    Date,
    To,
    Copy,
    Distribution,
    /// Whom to ask for within the office addressed.
    Attention,
    Place,
    From,
    Subject,
    Action,
    Contact,
    Annexes,
}

/// Whether a label may stand without its colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colon {
    May,
    Must,
}

/// The keys of the labels, in no special order.
const LABELS: [(Field, &str); 14] = [
    (Field::Reference, "label_reference"),
    (Field::Reference, COLON_ONLY),
    (Field::Cited, "label_cited"),
    (Field::Date, "label_date"),
    (Field::To, "label_to"),
    (Field::Copy, "label_copy"),
    (Field::Distribution, "label_distribution"),
    (Field::Attention, "label_attention"),
    (Field::Place, "label_place"),
    (Field::From, "label_from"),
    (Field::Subject, "label_subject"),
    (Field::Action, "label_action"),
    (Field::Contact, "label_contact"),
    (Field::Annexes, "label_annexes"),
];

/// Words such as "Circular" or "File" are labels with a colon, and words without.
const COLON_ONLY: &str = "label_reference_colon";

/// All words, folded; the lists of phrases with the longest first, so that the first match is the longest.
pub(super) struct Words {
    lists: BTreeMap<String, Vec<String>>,
    /// The same by the first character of each phrase.
    openings: BTreeMap<String, BTreeMap<char, Vec<String>>>,
    /// Labels with their field, the longest first.
    pub labels: Vec<(Field, String, Colon)>,
    /// The positions of the labels that begin with a character, in the same order.
    by_first: BTreeMap<char, Vec<usize>>,
    /// Names of months, folded and as words: `["كانون", "الاول"]`, with their number.
    pub months: Vec<(Vec<String>, u32)>,
    /// The positions of the months whose name begins with a word.
    months_by_first: BTreeMap<String, Vec<usize>>,
    /// Numbers in words, folded, and what they say.
    pub number_words: BTreeMap<String, u32>,
    /// The phrases of deadlines as tokens, by key.
    phrases: BTreeMap<String, Vec<Vec<Kind>>>,
    /// Language code and its frequent small words.
    pub stop_words: Vec<(&'static str, Vec<String>)>,
}

/// The words, parsed once.
pub(super) static WORDS: LazyLock<Words> = LazyLock::new(Words::gather);

/// Gathers the words of all languages, which the first letter otherwise waits for.
pub fn gather_words() {
    LazyLock::force(&WORDS);
}

impl Words {
    fn gather() -> Self {
        let mut words = Self {
            lists: BTreeMap::new(),
            openings: BTreeMap::new(),
            labels: Vec::new(),
            by_first: BTreeMap::new(),
            months: Vec::new(),
            months_by_first: BTreeMap::new(),
            number_words: BTreeMap::new(),
            phrases: BTreeMap::new(),
            stop_words: Vec::new(),
        };
        for (code, text) in FILES {
            let file = parse(text);
            for (key, list) in &file {
                let folded = list.iter().map(|word| fold(word));
                match key.as_str() {
                    "months" => words.add_months(list),
                    "number_words" => words.add_numbers(list),
                    "stop_words" => words.stop_words.push((code, folded.collect())),
                    _ => words.lists.entry(key.clone()).or_default().extend(folded),
                }
            }
        }
        for list in words.lists.values_mut() {
            list.sort_by_key(|word| std::cmp::Reverse(word.len()));
            list.dedup();
        }
        for (key, list) in &words.lists {
            let openings = words.openings.entry(key.clone()).or_default();
            for (word, first) in list.iter().filter_map(|word| Some((word, word.chars().next()?))) {
                openings.entry(first).or_default().push(word.clone());
            }
        }
        for (key, list) in words.lists.iter().filter(|(key, _)| key.starts_with("deadline_")) {
            let kinds = |phrase: &String| tokens(phrase).into_iter().map(|token| token.kind).collect();
            words.phrases.insert(key.clone(), list.iter().map(kinds).collect());
        }
        for (field, key) in LABELS {
            let labels = words.lists.get(key).cloned().unwrap_or_default();
            let colon = if key == COLON_ONLY { Colon::Must } else { Colon::May };
            words.labels.extend(labels.into_iter().map(|label| (field, label, colon)));
        }
        words.labels.sort_by_key(|(_, label, _)| std::cmp::Reverse(label.len()));
        for (at, first) in words.labels.iter().enumerate().filter_map(|(at, label)| Some((at, label.1.chars().next()?)))
        {
            words.by_first.entry(first).or_default().push(at);
        }
        words
    }

    /// `6|sixth|six`
    fn add_numbers(&mut self, list: &[String]) {
        for entry in list {
            let mut parts = entry.split('|');
            if let Some(value) = parts.next().and_then(|value| value.parse().ok()) {
                self.number_words.extend(parts.map(|word| (fold(word), value)));
            }
        }
    }

    fn add_months(&mut self, list: &[String]) {
        for (month, names) in (1..).zip(list) {
            for name in names.split('|') {
                let words: Vec<String> = fold(name).split(' ').map(str::to_owned).collect();
                self.months_by_first.entry(words[0].clone()).or_default().push(self.months.len());
                self.months.push((words, month));
            }
        }
    }

    /// The longest name of a month that `tokens` begin with: how many words it has, and which month it is.
    pub fn month_at(&self, tokens: &[Token]) -> Option<(usize, u32)> {
        let first = tokens.first()?.word()?;
        let fits = |name: &[String]| name.iter().zip(tokens).all(|(part, token)| token.word() == Some(part.as_str()));
        let named = self.months_by_first.get(first)?.iter().filter_map(|at| self.months.get(*at));
        let named = named.filter(|(name, _)| name.len() <= tokens.len() && fits(name));
        named.max_by_key(|(name, _)| name.len()).map(|(name, month)| (name.len(), *month))
    }

    /// The labels that a text can begin with, the longest first.
    pub fn labels_of(&self, text: &str) -> impl Iterator<Item = &(Field, String, Colon)> {
        let at = first_of(text).and_then(|first| self.by_first.get(&first)).map(Vec::as_slice).unwrap_or_default();
        at.iter().filter_map(|at| self.labels.get(*at))
    }

    /// The phrases under `key` in all languages, folded, the longest first.
    pub fn list(&self, key: &str) -> &[String] {
        self.lists.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The phrases under a key of deadlines, as tokens, the longest first.
    pub fn phrases(&self, key: &str) -> &[Vec<Kind>] {
        self.phrases.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of the phrases under `key` that `text` can begin with, the longest first.
    pub fn openings(&self, key: &str, text: &str) -> &[String] {
        let by_first = self.openings.get(key).zip(first_of(text));
        by_first.and_then(|(by_first, first)| by_first.get(&first)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether `folded` is one of the words under `key`.
    pub fn has(&self, key: &str, folded: &str) -> bool {
        self.openings(key, folded).iter().any(|word| word == folded)
    }
}

/// The first character of a text, folded.
fn first_of(text: &str) -> Option<char> {
    let mut ends = text.char_indices().skip_while(|(_, c)| is_blank(*c)).map(|(at, c)| (at, at + c.len_utf8()));
    ends.find_map(|(start, end)| fold(&text[start..end]).chars().next())
}

fn parse(text: &str) -> BTreeMap<String, Vec<String>> {
    toml::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Keys that a language may leave empty: it has no such words.
    const MAY_BE_EMPTY: &[&str] = &[
        "greetings",
        "sent_within",
        "annex_alone",
        "deadline_nominal",
        "deadline_of_another",
        "deadline_shares",
        "deadline_weak",
        "deadline_convenes",
        "deadline_clock_of",
        "deadline_clock_behind",
        "annex_numbers_behind",
        "annex_counts",
        "hijri_months",
        "imprints",
        "annex_documents",
        "label_own",
        "number_words",
        "number_word_joins",
        "beginnings_of",
        "name_prefixes",
        "name_suffixes",
        "name_particles",
        "bodies_within",
        "delegations",
        "endings_of",
        "closing_openers",
        "closing_ends",
        "to_address_ends",
        "deadline_after_goes_on",
        "to_courtesies_behind",
        "to_stops",
        "to_endings_any",
        "to_endings_of",
        "to_participles",
        "to_participles_alone",
        "to_prepositions",
        "honorifics",
        "to_persons",
        "deadline_meetings",
        "to_courtesies",
        "to_closers",
        "to_unfinished",
        "to_joined_nouns",
        "to_joined_parties",
        "to_narrowing",
        "subject_closers",
        "to_articles",
        "to_everyone",
        "to_everyone_dative",
        "to_parties",
        "to_participating",
        "to_joined_more",
        "copy_nouns",
        "copy_words",
        "copy_ends",
        "copy_verbs",
        "to_endings",
        "to_endings_adjective",
        "articles_in_names",
        "issued_by",
        "persons",
        "subject_openers",
        "after_year",
        "ordinals",
        "between_day_and_month",
        "before_date",
        "to_leads",
        "to_joins",
        "to_last_joins",
        "dated",
    ];

    #[test]
    fn six_languages_have_the_same_lists_and_none_is_empty() {
        let keys = |text: &str| toml::from_str::<BTreeMap<String, Vec<String>>>(text).unwrap();
        let english: BTreeSet<String> = keys(FILES[0].1).into_keys().collect();
        for (code, text) in FILES {
            let file = keys(text);
            assert_eq!(file.keys().cloned().collect::<BTreeSet<_>>(), english, "{code}");
            for (key, list) in &file {
                assert!(!list.is_empty() || MAY_BE_EMPTY.contains(&key.as_str()), "{code}: {key} is empty");
                assert!(list.iter().all(|word| !word.trim().is_empty()), "{code}: {key} holds an empty word");
            }
            assert_eq!(file["months"].len(), 12, "{code}");
        }
    }
}
