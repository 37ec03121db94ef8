//! In which language staff are told what stands against a letter and what would happen to it.

use serde::Deserialize;

use crate::{
    circular::Language,
    report::{Phrases, phrases},
};

/// `[staff]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StaffSettings {
    /// `letter`, or one language for all letters.
    pub language: StaffLanguage,
}

/// The language of `check` and of problem notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum StaffLanguage {
    /// That of the letter, if it is one of the six; else English.
    Letter,
    /// One of the six, for all letters.
    Always(Language),
}

impl Default for StaffSettings {
    fn default() -> Self {
        Self { language: StaffLanguage::Always(Language::EN) }
    }
}

impl TryFrom<String> for StaffLanguage {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        if word == "letter" {
            return Ok(Self::Letter);
        }
        let official = |language: &Language| Language::OFFICIAL.contains(language);
        word.parse().ok().filter(official).map(Self::Always).ok_or_else(|| {
            format!("\"{word}\" is not a language for staff; write \"letter\", or one of ar, en, es, fr, ru and zh")
        })
    }
}

impl StaffSettings {
    /// The phrases for a letter in this language.
    pub fn phrases(self, letter: Language) -> Phrases {
        phrases(match self.language {
            StaffLanguage::Letter => letter,
            StaffLanguage::Always(language) => language,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_are_told_in_one_language_or_in_that_of_the_letter() {
        let read = |word: &str| toml::from_str::<StaffSettings>(&format!("language = \"{word}\""));
        let told = |word: &str, letter| read(word).expect(word).phrases(letter).language();
        assert_eq!(told("letter", Language::AR), Language::AR);
        assert_eq!(told("letter", "pt".parse().expect("a language")), Language::EN);
        assert_eq!(told("fr", Language::AR), Language::FR);
        assert_eq!(StaffSettings::default().phrases(Language::AR).language(), Language::EN);
        for word in ["pt", "letters", "", "english"] {
            let error = read(word).expect_err(word).to_string();
            assert!(error.contains("one of ar, en, es, fr, ru and zh"), "{error}");
        }
    }
}
