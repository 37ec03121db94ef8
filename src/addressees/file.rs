//! A group file, `recipients/NAME.csv`, read row by row (RFC 4180, and what spreadsheets make of it).
//!
//! Takes UTF-8 with or without a byte-order mark, commas, semicolons or tabs, a first line `sep=;`, every kind of line
//! end. One bad row refuses the whole file, since a list with a hole in it would leave somebody out in silence; all
//! problems are told at once. Memory holds one row, and 24 octets for every mailbox to know it again.

use std::{
    collections::{
        BTreeSet, HashMap, HashSet,
        hash_map::{DefaultHasher, Entry},
    },
    hash::{Hash, Hasher},
    io::Read,
    ops::ControlFlow,
};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{
    address::Mailbox,
    bad_rows::{BadRow, BadRows},
    cell::trimmed,
    columns::{self, Column},
    encoding,
    group_book::GroupBook,
    group_name::GroupName,
    member::Member,
    row::Rows,
    text::{self, Text},
};
use crate::circular::{Problem, Severity};

/// How many problems are told; the rest is counted.
const TOLD: usize = 100;

/// What spreadsheets part cells by; where they explain a header equally well, the last of them.
const SEPARATORS: [u8; 3] = [b'\t', b';', b','];

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

/// Reads a group file and hands every addressee to `each`, a mailbox once.
///
/// A mailbox that comes again is left out with a note; only where its `group` column names groups it was not yet in,
/// it is handed over once more with those groups alone. `each` may have seen rows before a problem is found: on `Err`
/// all of them are void. Where `each` breaks off, the summary is that of the rows up to there.
pub fn read_group<R: Read>(
    source: R,
    limits: &Limits,
    each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    read_labelled_group(source, limits, &GroupBook::default(), each)
}

/// As [`read_group`], for a list whose `group` column may hold printed labels that `book` knows.
pub fn read_labelled_group<R: Read>(
    source: R,
    limits: &Limits,
    book: &GroupBook,
    each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    let summary = read_good_rows(source, limits, book, each)?;
    if summary.bad.is_empty() { Ok(summary) } else { Err(summary.bad.problems(TOLD)) }
}

/// As [`read_labelled_group`], but the good rows count all the same: the bad ones stand in the summary. `Err` where the list
/// as a whole cannot be read, or none of its rows.
pub fn read_good_rows<R: Read>(
    source: R,
    limits: &Limits,
    book: &GroupBook,
    mut each: impl FnMut(Member) -> ControlFlow<()>,
) -> Result<Summary, Vec<Problem>> {
    let mut records = Records::open(source, limits)?;
    let header = records.header()?;
    let mut reading = Reading { columns: named(&header), ..Reading::default() };
    let mut rows = Rows::new(header, book);
    loop {
        match records.next() {
            Ok(Some(line)) => match reading.row(line, &records, &mut rows, limits, &mut each) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(problem) => return reading.refused(problem),
            },
            Ok(None) if reading.rows == 0 => {
                return reading.refused(Problem::error(0, "no addressees: the file has a header and no rows"));
            }
            Ok(None) => break,
            Err(problem) => return reading.refused(problem),
        }
    }
    reading.ended()
}

/// What has been read of a file so far.
#[derive(Default)]
struct Reading {
    rows: u64,
    columns: Vec<String>,
    groups: BTreeSet<GroupName>,
    seen: Seen,
    notes: Told,
    bad: BadRows,
}

impl Reading {
    /// Reads one row; `Err` is a problem after which the rest of the file would say nothing new.
    fn row<R: Read>(
        &mut self,
        line: u32,
        records: &Records<R>,
        rows: &mut Rows<'_>,
        limits: &Limits,
        each: &mut impl FnMut(Member) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Problem> {
        self.rows += 1;
        if self.rows > limits.rows {
            return Err(Problem::error(line, format!("more than {} rows, the limit", limits.rows)));
        }
        let cells = records.cells(line)?;
        let row = match rows.read(&cells, line) {
            Ok(row) => row,
            Err(problems) => {
                self.bad.push(BadRow::new(&rows.columns, &cells, line, &problems));
                return Ok(ControlFlow::Continue(()));
            }
        };
        self.notes.extend(row.notes);
        for member in row.members {
            let Some(member) = self.seen.first_time(member, &mut self.notes) else { continue };
            self.groups.extend(member.groups.iter().cloned());
            if each(member).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn refused(self, last: Problem) -> Result<Summary, Vec<Problem>> {
        let mut problems = self.bad.problems(TOLD);
        problems.push(last);
        Err(problems)
    }

    fn ended(self) -> Result<Summary, Vec<Problem>> {
        let members = self.seen.lines.len() as u64;
        if members == 0 {
            return Err(self.bad.problems(TOLD));
        }
        let (notes, columns, groups) = (self.notes.all(), self.columns, self.groups);
        Ok(Summary { rows: self.rows, members, notes, columns, groups, bad: self.bad })
    }
}

fn named(columns: &[Column]) -> Vec<String> {
    columns.iter().filter(|column| **column != Column::Unnamed).map(ToString::to_string).collect()
}

/// Problems, the first hundred of them in full.
#[derive(Default)]
struct Told {
    told: Vec<Problem>,
    more: u64,
}

impl Told {
    fn push(&mut self, problem: Problem) {
        match self.told.len() {
            TOLD => self.more += 1,
            _ => self.told.push(problem),
        }
    }

    fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }

    fn all(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let severity = self.told.iter().map(|problem| problem.severity).max().unwrap_or(Severity::Note);
            self.told.push(Problem { line: 0, severity, message: format!("and {} more", self.more) });
        }
        self.told
    }
}

/// The mailboxes met so far and their lines. Two keyed 64-bit hashes stand for a mailbox: among a million of them the
/// chance that two share both is 10⁻²⁷, and their names would take five times the memory.
#[derive(Default)]
struct Seen {
    lines: HashMap<(u64, u64), u32>,
    memberships: HashSet<(u64, u64)>,
}

impl Seen {
    fn first_time(&mut self, mut member: Member, notes: &mut Told) -> Option<Member> {
        let mailbox = member.address.mailbox();
        member.groups.retain(|group| self.memberships.insert(hashes(&mailbox, group.as_str())));
        match self.lines.entry(hashes(&mailbox, "")) {
            Entry::Vacant(vacant) => {
                vacant.insert(member.line);
                Some(member)
            }
            Entry::Occupied(first) => {
                let message = match first.get() {
                    line if *line == member.line => return None,
                    line => format!("{} has the mailbox of line {line}, and that row counts", member.address),
                };
                notes.push(Problem::note(member.line, message));
                (!member.groups.is_empty()).then_some(member)
            }
        }
    }
}

fn hashes(mailbox: &Mailbox, group: &str) -> (u64, u64) {
    let hash = |key: u8| {
        let mut hasher = DefaultHasher::new();
        (key, mailbox, group).hash(&mut hasher);
        hasher.finish()
    };
    (hash(1), hash(2))
}

/// The records of a file that are not blank, each with the line it begins on.
struct Records<R> {
    reader: Reader<Text<R>>,
    record: ByteRecord,
    /// Lines before the first that the CSV reader sees.
    above: u64,
}

impl<R: Read> Records<R> {
    fn open(source: R, limits: &Limits) -> Result<Self, Vec<Problem>> {
        let mut text = Text::open(source, limits.bytes).map_err(|problem| vec![problem])?;
        let mut above = 0;
        let mut delimiter = None;
        let first = text.ahead().split(|octet| *octet == b'\n').next().unwrap_or_default();
        if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] = first {
            delimiter = Some(*separator);
            above = 1;
            text.skip("sep=;\n".len());
        }
        let delimiter = delimiter.unwrap_or_else(|| separator(text.ahead()));
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
        Ok(Self { reader, record: ByteRecord::new(), above })
    }

    /// The next record's line; `None` after the last.
    fn next(&mut self) -> Result<Option<u32>, Problem> {
        loop {
            self.reader.get_mut().grant_row();
            let begins = self.line_of(self.reader.position().line());
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(_) => return Err(self.reader.get_ref().problem(begins)),
            }
            // The reader's own position would be that of the blank lines it skipped before the record.
            let inner = self.record.as_slice().iter().filter(|octet| **octet == b'\n').count() as u64;
            let line = self.line_of(self.reader.position().line().saturating_sub(1 + inner));
            if self.record.len() == 1 && self.record.get(0) == Some(text::END.as_bytes()) {
                continue;
            }
            if self.record.iter().next_back().is_some_and(|cell| cell.ends_with(b"\n\x1c\n")) {
                // No line end closed this record, so none is to be taken off.
                return Err(text::unclosed(line + 1));
            }
            if self.record.iter().any(|cell| cell.iter().any(|octet| !octet.is_ascii_whitespace())) {
                return Ok(Some(line));
            }
        }
    }

    fn line_of(&self, line: u64) -> u32 {
        u32::try_from(line + self.above).unwrap_or(u32::MAX)
    }

    fn cells(&self, line: u32) -> Result<Vec<&str>, Problem> {
        let decoded = |cell| std::str::from_utf8(cell).map_err(|_| Problem::error(line, encoding::not_utf8(cell)));
        self.record.iter().map(decoded).collect()
    }

    /// Reads the header; where it has no e-mail column, says whether a later row would do.
    fn header(&mut self) -> Result<Vec<Column>, Vec<Problem>> {
        let one = |problem| vec![problem];
        let Some(line) = self.next().map_err(one)? else {
            return Err(one(Problem::error(0, "no addressees: the file is empty; its first row names the columns")));
        };
        let mut problems = match columns::header(&self.cells(line).map_err(one)?, line) {
            Ok(columns) => return Ok(columns),
            Err(problems) => problems,
        };
        for _ in 0..5 {
            let Ok(Some(later)) = self.next() else { break };
            if self.cells(later).is_ok_and(|cells| columns::header(&cells, later).is_ok()) {
                let message = "this row looks like the header; delete the rows above it";
                problems.push(Problem::note(later, message));
                break;
            }
        }
        Err(problems)
    }
}

/// Comma, semicolon or tab: whichever parts the header, a row among the first, into most columns that are known, then
/// into most columns. A header of one column is parted by nothing, so that its cells may hold several addresses.
fn separator(ahead: &[u8]) -> u8 {
    let lines = ahead.split(|octet| *octet == b'\n').map(String::from_utf8_lossy);
    let first: Vec<_> = lines.filter(|line| !trimmed(line).is_empty()).take(6).collect();
    let score = |header: &str, delimiter: u8| {
        let cells: Vec<&str> = header.split(char::from(delimiter)).map(|cell| cell.trim_matches('"')).collect();
        let known = cells.iter().filter(|cell| matches!(columns::column(cell), Column::Known(_))).count();
        (known, cells.len())
    };
    let best = |header: &str| SEPARATORS.into_iter().map(|d| (score(header, d), d)).max_by_key(|(score, _)| *score);
    // Backwards, since the last of equals is taken and the first row is the likeliest header.
    match first.iter().rev().filter_map(|header| best(header)).max_by_key(|((known, _), _)| *known) {
        Some(((_, 2..), separator)) => separator,
        _ => b'\t',
    }
}
