//! The rows of a list that cannot be read, and whom each of them stands for.
//!
//! One of them refuses the whole list, for somebody would be left out in silence. A person who has seen whom may accept the
//! list without them.

use serde::{Deserialize, Serialize};

use super::{
    address::shown,
    cell::trimmed,
    columns::{Column, Known},
};
use crate::circular::{Problem, Severity};

/// How many are kept with their names; a list with more of them is mended, not accepted.
const KEPT: usize = 1_000;

/// One row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    /// The line on which it begins.
    pub line: u32,
    /// What its address cell holds, else the first cell that holds anything.
    pub whom: String,
    /// Its country, where the row has one: whose office is left out with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// All of them, the first thousand by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRows {
    /// In the order of the file.
    pub rows: Vec<BadRow>,
    /// How many more there are.
    pub more: u64,
}

impl BadRow {
    pub(super) fn new(columns: &[Column], cells: &[&str], line: u32, problems: &[Problem]) -> Self {
        let cell = |known| {
            let index = columns.iter().position(|column| *column == Column::Known(known));
            index.and_then(|index| cells.get(index)).map(|cell| trimmed(cell))
        };
        let address = cell(Known::Email);
        let first = || cells.iter().map(|cell| trimmed(cell)).find(|cell| !cell.is_empty());
        let whom = address.filter(|cell| !cell.is_empty()).or_else(first).unwrap_or_default();
        let problems = problems.iter().map(|problem| problem.message.clone()).collect();
        let country = cell(Known::Country).map(shown).unwrap_or_default();
        Self { line, whom: shown(whom), country, problems }
    }
}

impl BadRows {
    pub(super) fn push(&mut self, row: BadRow) {
        match self.rows.len() {
            KEPT => self.more += 1,
            _ => self.rows.push(row),
        }
    }

    /// Whether every row could be read.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.rows.len() as u64 + self.more
    }

    /// What is wrong, as errors of the list; `told` of them, then how many rows more.
    pub fn problems(&self, told: usize) -> Vec<Problem> {
        let all = self.rows.iter().flat_map(|row| row.problems.iter().map(|message| Problem::error(row.line, message)));
        let mut problems: Vec<Problem> = all.take(told).collect();
        let named = problems.last().map_or(0, |last| self.rows.iter().filter(|row| row.line <= last.line).count());
        let more = self.count() - named as u64;
        if more > 0 {
            let message = format!("and {more} more");
            problems.push(Problem { line: 0, severity: Severity::Error, message });
        }
        problems
    }
}
