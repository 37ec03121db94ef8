//! A group file, read row by row: the header, then addressees, each mailbox once.
//!
//! One bad row refuses the whole file, since a list with a hole in it would leave somebody out in silence; all problems
//! are told at once, and so is everything that was repaired. A person who has seen the bad rows may take the good ones
//! ([`read_good_rows`]). Memory holds one row, and 24 octets for every mailbox to know it again.

use std::{
    collections::BTreeSet,
    io::{Read, Seek},
    ops::ControlFlow,
};

use super::{
    aside::{Aside, aside},
    bad_rows::{BadRow, BadRows},
    columns::Column,
    group_book::GroupBook,
    group_name::GroupName,
    heading,
    member::Member,
    records::Records,
    row::Rows,
    seen::Seen,
    sheet::Sheet,
    survey::{Form, survey},
    table::Table,
    told::{Kind, Repair, Repairs, TOLD, Told},
};
use crate::circular::Problem;

/// What a group file may measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows, the header not counted.
    pub rows: u64,
    /// Octets.
    pub bytes: u64,
}

impl Default for Limits {
    /// A million rows, half a gibibyte: the largest sender's list, with cells of common length.
    fn default() -> Self {
        Self { rows: 1_000_000, bytes: 500 << 20 }
    }
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows with an addressee.
    pub rows: u64,
    /// Mailboxes, each counted once.
    pub members: u64,
    /// What was repaired or left out, and what looks doubtful.
    pub notes: Vec<Problem>,
    /// The columns in the file's order, by the names that letters and `where` use.
    pub columns: Vec<String>,
    /// The groups that the `group` column names.
    pub groups: BTreeSet<GroupName>,
    /// Rows that cannot be read; none, where all of it was in order.
    pub bad: BadRows,
}

/// Reads a group file, text or a workbook, and hands every addressee to `each`, a mailbox once.
///
/// A mailbox that comes again is left out with a note; only where its `group` column names groups it was not yet in,
/// it is handed over once more with those groups alone. `each` may have seen rows before a problem is found: on `Err`
/// all of them are void. Where `each` breaks off, the summary is that of the rows up to there.
pub fn read_group<R: Read + Seek>(
    source: R,
    limits: &Limits,
    each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    read_labelled_group(source, limits, &GroupBook::default(), each)
}

/// As [`read_group`], for a list whose `group` column may hold printed labels that `book` knows.
pub fn read_labelled_group<R: Read + Seek>(
    source: R,
    limits: &Limits,
    book: &GroupBook,
    each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    let summary = read_good_rows(source, limits, book, each)?;
    if summary.bad.is_empty() { Ok(summary) } else { Err(summary.bad.problems(TOLD)) }
}

/// As [`read_labelled_group`], but the good rows count all the same: the bad ones stand in the summary. `Err` where the
/// list as a whole cannot be read, or none of its rows.
pub fn read_good_rows<R: Read + Seek>(
    mut source: R,
    limits: &Limits,
    book: &GroupBook,
    each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    let one = |problem| vec![problem];
    let surveyed = survey(&mut source, limits.bytes).map_err(one)?;
    source.rewind().map_err(|error| one(Problem::error(0, format!("reading failed: {error}"))))?;
    match surveyed.form {
        Form::Workbook => Sheet::with(source, |sheet| read(sheet, limits, book, each)),
        _ => read(&mut Records::open(source, surveyed, limits.bytes), limits, book, each),
    }
}

fn read(
    table: &mut impl Table,
    limits: &Limits,
    book: &GroupBook,
    mut each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    let heading = heading::find(table, book)?;
    let mut reading = Reading { heading: heading.notes, columns: named(&heading.columns), ..Reading::default() };
    let mut rows = Rows::new(heading.columns, heading.marks, book);
    loop {
        match table.next() {
            Ok(Some(line)) => match reading.row(line, table, &mut rows, limits, &mut each) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(problem) => return Err(reading.refused(problem)),
            },
            Ok(None) if reading.rows == 0 => {
                return Err(reading.refused(Problem::error(0, "no addressees: the file has a header and no rows")));
            }
            Ok(None) => break,
            Err(problem) => return Err(reading.refused(problem)),
        }
    }
    reading.ended(table)
}

/// What has been read of a file so far.
#[derive(Default)]
struct Reading {
    rows: u64,
    columns: Vec<String>,
    groups: BTreeSet<GroupName>,
    seen: Seen,
    heading: Vec<Problem>,
    notes: Told,
    repairs: Repairs,
    bad: BadRows,
    /// Notes below the list; where a row follows one of them, nobody knows what it means for it.
    below: Vec<(u32, String)>,
}

impl Reading {
    /// Reads one row; `Err` is a problem after which the rest of the file would say nothing new.
    fn row(
        &mut self,
        line: u32,
        table: &impl Table,
        rows: &mut Rows<'_>,
        limits: &Limits,
        each: &mut impl FnMut(Member) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Problem> {
        let cells = match table.cells(line) {
            Ok(cells) => cells,
            Err(problem) => {
                self.rows += 1;
                let shown = table.whom();
                let cells: Vec<&str> = shown.iter().map(String::as_str).collect();
                self.bad.push(BadRow::new(&rows.columns, &cells, line, &[problem]));
                return Ok(ControlFlow::Continue(()));
            }
        };
        if let Some(aside) = aside(&cells, &rows.columns) {
            self.pass_over(aside, line, &cells)?;
            return Ok(ControlFlow::Continue(()));
        }
        self.rows += 1;
        if self.rows > limits.rows {
            return Err(Problem::error(line, format!("more than {} rows, the limit", limits.rows)));
        }
        if let Some((above, said)) = self.below.first() {
            let message = format!("\"{said}\" stands between the rows; move the note below the list, or delete it");
            return Err(Problem::error(*above, message));
        }
        let row = match rows.read(&cells, line) {
            Ok(row) => row,
            Err(problems) => {
                self.bad.push(BadRow::new(&rows.columns, &cells, line, &problems));
                return Ok(ControlFlow::Continue(()));
            }
        };
        self.notes.extend(row.warnings);
        row.repairs.into_iter().for_each(|repair| self.repairs.add(line, repair));
        for member in row.members {
            let Some(member) = self.seen.first_time(member, &mut self.notes) else { continue };
            self.groups.extend(member.groups.iter().cloned());
            if each(member).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn pass_over(&mut self, aside: Aside, line: u32, cells: &[&str]) -> Result<(), Problem> {
        let first = || cells.iter().map(|cell| super::cell::trimmed(cell)).find(|cell| !cell.is_empty());
        let said = super::address::shown(first().unwrap_or_default());
        match aside {
            Aside::HeaderAgain => {
                let what = "the header stands here once more and was passed over".to_owned();
                self.repairs.add(line, Repair::new(Kind::HeaderAgain, what));
            }
            Aside::Total => {
                let what = format!("\"{said}\" was taken for a total and passed over");
                self.repairs.add(line, Repair::new(Kind::Total, what));
            }
            Aside::Note => self.below.push((line, said)),
            Aside::OtherHeader => {
                let message = "a second header with other columns; put the rows below it into a list of their own";
                return Err(Problem::error(line, message));
            }
        }
        Ok(())
    }

    fn refused(self, last: Problem) -> Vec<Problem> {
        let mut problems = if self.bad.is_empty() { Vec::new() } else { self.bad.problems(TOLD) };
        problems.push(last);
        problems
    }

    fn ended(self, table: &mut impl Table) -> Result<Summary, Vec<Problem>> {
        let members = self.seen.count();
        if members == 0 {
            return Err(self.bad.problems(TOLD));
        }
        let mut notes = table.notes();
        notes.extend(self.heading);
        notes.extend(self.repairs.notes());
        let below = |(line, said): (u32, String)| {
            Problem::note(line, format!("\"{said}\" stands below the list and was not read"))
        };
        notes.extend(self.below.into_iter().take(TOLD).map(below));
        notes.extend(self.notes.all());
        let (columns, groups) = (self.columns, self.groups);
        Ok(Summary { rows: self.rows, members, notes, columns, groups, bad: self.bad })
    }
}

fn named(columns: &[Column]) -> Vec<String> {
    columns.iter().filter(|column| **column != Column::Unnamed).map(ToString::to_string).collect()
}
