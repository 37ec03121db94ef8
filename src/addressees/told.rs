//! What is told about a list: problems, the first hundred of them in full; repairs, one note for each kind of them.

use std::collections::BTreeMap;

use crate::circular::{Problem, Severity};

/// How many problems are told; the rest is counted.
pub(super) const TOLD: usize = 100;

/// Problems, the first hundred of them in full.
#[derive(Default)]
pub(super) struct Told {
    told: Vec<Problem>,
    more: u64,
}

impl Told {
    pub(super) fn push(&mut self, problem: Problem) {
        match self.told.len() {
            TOLD => self.more += 1,
            _ => self.told.push(problem),
        }
    }

    pub(super) fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }

    pub(super) fn all(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let severity = self.told.iter().map(|problem| problem.severity).max().unwrap_or(Severity::Note);
            self.told.push(Problem { line: 0, severity, message: format!("and {} more", self.more) });
        }
        self.told
    }
}

/// What was repaired in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Blanks,
    Unseen,
    FullWidth,
    Wrapped,
    Parted,
    FullStop,
    TwiceInACell,
    HeaderAgain,
    Total,
}

/// One repair, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repair {
    pub(super) kind: Kind,
    pub(super) what: String,
}

impl Repair {
    pub(super) fn new(kind: Kind, what: String) -> Self {
        Self { kind, what }
    }
}

/// Repairs by their kind: the first of each in full, the others by their number, since the same slip may stand in every
/// row of a million.
#[derive(Default)]
pub(super) struct Repairs(BTreeMap<Kind, First>);

struct First {
    line: u32,
    what: String,
    last: u32,
    more_rows: u64,
}

impl Repairs {
    pub(super) fn add(&mut self, line: u32, repair: Repair) {
        let first = First { line, what: repair.what, last: line, more_rows: 0 };
        let told = self.0.entry(repair.kind).or_insert(first);
        if told.last != line {
            told.last = line;
            told.more_rows += 1;
        }
    }

    pub(super) fn notes(self) -> Vec<Problem> {
        let note = |told: First| match told.more_rows {
            0 => Problem::note(told.line, told.what),
            1 => Problem::note(told.line, format!("{}; the like in 1 row more", told.what)),
            more => Problem::note(told.line, format!("{}; the like in {more} rows more", told.what)),
        };
        let mut notes: Vec<Problem> = self.0.into_values().map(note).collect();
        notes.sort_by_key(|note| note.line);
        notes
    }
}
