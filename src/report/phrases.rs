//! What staff are told around a letter, in its language or in theirs: headings of `check` and of problem notes, and the
//! problems that are met most often. The words stand in `phrases.toml` and `problems.toml`, where anyone can correct them
//! without reading code. A problem that is not there is said in English.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::circular::Language;

/// The phrases of one language, by name. A phrase that a language lacks is English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrases(Language);

static ALL: LazyLock<BTreeMap<Language, BTreeMap<String, String>>> =
    LazyLock::new(|| toml::from_str(include_str!("phrases.toml")).unwrap_or_default());

static PROBLEMS: LazyLock<Problems> =
    LazyLock::new(|| toml::from_str(include_str!("problems.toml")).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
struct Problems {
    problem: Vec<BTreeMap<Language, String>>,
}

/// The phrases of a language.
pub fn phrases(language: Language) -> Phrases {
    Phrases(if ALL.contains_key(&language) { language } else { Language::EN })
}

impl Phrases {
    /// Which language it came to.
    pub fn language(self) -> Language {
        self.0
    }

    /// A phrase as it is.
    pub fn say(self, name: &str) -> &'static str {
        let of = |language: Language| ALL.get(&language).and_then(|phrases| phrases.get(name));
        of(self.0).or_else(|| of(Language::EN)).map_or("", String::as_str)
    }

    /// A phrase with what stands in {braces} filled in.
    pub fn fill<const N: usize>(self, name: &str, values: [(&str, &str); N]) -> String {
        let mut rest = self.say(name);
        let mut said = String::with_capacity(rest.len() + 32);
        // from left to right, so that braces in a value stay what they are
        while let Some(open) = rest.find('{') {
            said.push_str(&rest[..open]);
            let Some(length) = rest[open..].find('}') else { break };
            let hole = &rest[open + 1..open + length];
            said.push_str(values.iter().find(|(name, _)| *name == hole).map_or("", |(_, value)| value));
            rest = &rest[open + length + 1..];
        }
        said.push_str(rest);
        said
    }

    /// A problem in this language where it is one of those known, else as it is.
    pub fn problem(self, message: &str) -> String {
        if self.0 == Language::EN {
            return message.to_owned();
        }
        let said = PROBLEMS.problem.iter().find_map(|problem| {
            let (english, own) = (problem.get(&Language::EN)?, problem.get(&self.0)?);
            Some(fill_numbered(own, &holes(english, message)?))
        });
        said.unwrap_or_else(|| message.to_owned())
    }
}

/// What stands in the holes {1}, {2}, … of a pattern, if the message is of its form. A hole ends where the words that follow it
/// in the pattern stand first; the last words must end the message.
fn holes<'a>(pattern: &str, message: &'a str) -> Option<Vec<&'a str>> {
    let parts = fixed_parts(pattern);
    let (first, others) = parts.split_first()?;
    let mut rest = message.strip_prefix(first)?;
    let Some((last, between)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
    let mut found = Vec::new();
    for words in between {
        let at = rest.find(words)?;
        found.push(&rest[..at]);
        rest = &rest[at + words.len()..];
    }
    found.push(rest.strip_suffix(last)?);
    Some(found)
}

/// The words before, between and behind the holes of a pattern.
fn fixed_parts(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut begin, mut from) = (0, 0);
    while let Some(open) = pattern[from..].find('{').map(|at| from + at) {
        match hole_at(&pattern[open..]) {
            Some((length, _)) => {
                parts.push(&pattern[begin..open]);
                (begin, from) = (open + length, open + length);
            }
            None => from = open + 1,
        }
    }
    parts.push(&pattern[begin..]);
    parts
}

/// Length and number of the hole that a text begins with.
fn hole_at(text: &str) -> Option<(usize, usize)> {
    let close = text.find('}')?;
    let number = text.get(1..close)?.parse().ok()?;
    Some((close + 1, number))
}

fn fill_numbered(own: &str, values: &[&str]) -> String {
    let mut said = String::with_capacity(own.len() + 64);
    let mut rest = own;
    while let Some(open) = rest.find('{') {
        said.push_str(&rest[..open]);
        rest = &rest[open..];
        match hole_at(rest) {
            Some((length, number)) => {
                said.push_str(number.checked_sub(1).and_then(|index| values.get(index)).unwrap_or(&""));
                rest = &rest[length..];
            }
            None => {
                said.push('{');
                rest = &rest[1..];
            }
        }
    }
    said.push_str(rest);
    said
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_official_language_has_every_phrase_with_the_same_holes() {
        let braces = |text: &str| -> BTreeSet<String> {
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(hole, _)| hole.to_owned()).collect()
        };
        let english = &ALL[&Language::EN];
        assert!(english.len() > 30, "phrases.toml is read");
        for language in Language::OFFICIAL {
            for (name, phrase) in english {
                let own = ALL[&language].get(name).unwrap_or_else(|| panic!("{language} lacks {name}"));
                assert_eq!(braces(own), braces(phrase), "{language}: {name}");
            }
            assert_eq!(ALL[&language].len(), english.len(), "{language} has phrases that nobody says");
        }
    }

    #[test]
    fn every_problem_is_said_in_all_languages_with_all_that_was_found() {
        assert!(PROBLEMS.problem.len() >= 20, "problems.toml is read");
        for problem in &PROBLEMS.problem {
            let english = &problem[&Language::EN];
            let count = fixed_parts(english).len();
            for language in Language::OFFICIAL {
                let own = problem.get(&language).unwrap_or_else(|| panic!("{language} lacks \"{english}\""));
                assert_eq!(fixed_parts(own).len(), count, "{language}: \"{own}\" has other holes than \"{english}\"");
            }
        }
    }

    #[test]
    fn a_pattern_is_filled_with_what_the_message_says() {
        let table = [
            ("plain", "plain", Some(vec![])),
            ("plain", "plain and more", None),
            ("a {1} b", "a x b", Some(vec!["x"])),
            ("a {1} b", "a x b b", Some(vec!["x b"])),
            ("no \"{1}\"; mean \"{2}\" ({3})?", "no \"q\"; mean \"w\" (e)?", Some(vec!["q", "w", "e"])),
            ("{1}: {2}", "x: y: z", Some(vec!["x", "y: z"])),
            ("write {{ x }} for {1}", "write {{ x }} for y", Some(vec!["y"])),
            ("{1} ends", "ends", None),
        ];
        for (pattern, message, expected) in table {
            assert_eq!(holes(pattern, message), expected, "{pattern:?} on {message:?}");
        }
        assert_eq!(fill_numbered("{2} vor {1} {{ x }}", &["a", "b{1}"]), "b{1} vor a {{ x }}");
    }

    #[test]
    fn a_known_problem_is_said_in_the_language_and_an_unknown_one_as_it_is() {
        let english = "no group is called \"Acadamia\"; did you mean \"Academia\" (academia)?";
        let french = phrases(Language::FR).problem(english);
        assert!(french.contains("Acadamia") && french.contains("vouliez-vous dire"), "{french}");
        assert_eq!(phrases(Language::FR).problem("the moon is full"), "the moon is full");
        assert_eq!(phrases(Language::EN).problem(english), english);
    }

    #[test]
    fn a_language_without_phrases_is_told_in_english_and_a_value_is_never_taken_for_a_hole() {
        let portuguese = phrases("pt".parse().expect("a language"));
        assert_eq!(portuguese.language(), Language::EN);
        let filled = phrases(Language::EN).fill("note_title", [("stem", "{stem}")]);
        assert!(filled.contains("{stem}"), "{filled}");
    }

    /// The words of a problem are changed where it is found; here they must then be changed too.
    #[test]
    fn the_problems_of_real_letters_are_known_in_every_language() {
        use crate::{addressees::GroupBook, circular::read};

        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).expect("a date");
        let letters = [
            "x",
            "To:\n\nSubject: S\n",
            "Ref.: Circular 1\n\nTo:\n- Academia\n\nSubject: S\n",
            "---\nrefrence: x\nzzzzzzzz: y\n---\n",
            "Geneva, 3 December 2011\n\nRef.: Circular 1\n\nTo:\n- Academia\n\nSubject: S\n\nDear Sir,\n\nSee [this](#) \
             and [that](#). Reply by 4 January 2012.\n\nYours,\n",
            "See [this](#).\nLa sÃ©ance",
        ];
        let mut said: BTreeSet<String> = letters
            .iter()
            .flat_map(|text| read("x.txt", text.as_bytes(), today).problems)
            .chain(read("x.txt", b"La s\xe9ance, \xe0 bient\xf4t", today).problems)
            .map(|problem| problem.message)
            .collect();
        let book = "[academia]\nlabels.en = [\"Academia\"]\n[zoo]\nlabels.en = [\"Zoos\"]\n";
        let book = GroupBook::parse(book).expect("a book");
        for line in ["Acadamia", "Quite another thing", "Academia of the Africa region"] {
            said.insert(book.explain_unmatched(line, &[]));
        }
        assert!(said.len() >= 14, "{said:#?}");
        for language in Language::OFFICIAL.into_iter().filter(|language| *language != Language::EN) {
            let unknown: Vec<&String> = said.iter().filter(|one| phrases(language).problem(one) == **one).collect();
            assert!(unknown.is_empty(), "{language} does not know {unknown:#?}");
        }
    }
}
