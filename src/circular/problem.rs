//! What stands against sending a letter or accepting a list, said so that the person who dropped the file can mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Sent all the same.
    Warning,
    /// Parks the letter, or refuses the file.
    Error,
}

/// One problem: the line, and a message that says what was found and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Line of the file, from 1; 0 where the problem belongs to the file as a whole.
    pub line: u32,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found and how to mend it, one sentence or two, without file and line.
    pub message: String,
}

impl Problem {
    /// A problem that parks the letter or refuses the file.
    pub fn error(line: u32, message: impl Into<String>) -> Self {
        Self { line, severity: Severity::Error, message: message.into() }
    }

    /// A problem that stops nothing.
    pub fn warning(line: u32, message: impl Into<String>) -> Self {
        Self { line, severity: Severity::Warning, message: message.into() }
    }

    /// Something worth knowing.
    pub fn note(line: u32, message: impl Into<String>) -> Self {
        Self { line, severity: Severity::Note, message: message.into() }
    }

    /// `recipients/academia.csv:14: "a@@b.example" is not an address: two @ signs`; a Word document has no lines:
    /// `templates/x.docx: paragraph 14: …`
    pub fn located(&self, file: &str) -> String {
        match self.line {
            0 => format!("{file}: {}", self.message),
            line if has_paragraphs(file) => format!("{file}: paragraph {line}: {}", self.message),
            line => format!("{file}:{line}: {}", self.message),
        }
    }
}

/// Whether places in a file are counted by paragraphs (blank ones are not counted) instead of lines.
pub fn has_paragraphs(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("docx"))
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// The nearest of `known` to `found`, if it is near enough to be a slip of the pen: at most a third of its letters.
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = found.to_lowercase();
    let limit = (found.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (edits(&found, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance with transpositions of neighbours counted as one.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_has_a_nearest_known_word_and_a_stranger_has_none() {
        let known = ["send", "repeat", "reference", "subject"];
        assert_eq!(nearest("refrence", known), Some("reference"));
        assert_eq!(nearest("sned", known), Some("send"));
        assert_eq!(nearest("Subject", known), Some("subject"));
        assert_eq!(nearest("banana", known), None);
    }

    #[test]
    fn a_problem_names_file_and_line_and_leaves_the_line_out_where_there_is_none() {
        assert_eq!(Problem::error(14, "two @ signs").located("r.csv"), "r.csv:14: two @ signs");
        assert_eq!(Problem::note(0, "empty").located("r.csv"), "r.csv: empty");
        assert_eq!(Problem::note(3, "empty").located("r.DOCX"), "r.DOCX: paragraph 3: empty");
    }
}
