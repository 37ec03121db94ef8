//! How a list is written: `--format table|json|csv`.

use std::{fmt, str::FromStr};

/// The three forms of every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One array, for programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// A word that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a format; write table, json or csv")]
pub struct NotAFormat(pub String);

impl Format {
    /// All of them, in the order of the help text.
    pub const ALL: [Format; 3] = [Format::Table, Format::Json, Format::Csv];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Csv => "csv",
        }
    }
}

impl FromStr for Format {
    type Err = NotAFormat;

    fn from_str(word: &str) -> Result<Self, NotAFormat> {
        Format::ALL.into_iter().find(|format| format.as_str() == word).ok_or_else(|| NotAFormat(word.to_owned()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_by_its_word_and_a_strange_word_names_all_three() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let message = "yaml".parse::<Format>().expect_err("no format").to_string();
        assert_eq!(message, "\"yaml\" is not a format; write table, json or csv");
    }
}
