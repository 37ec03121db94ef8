//! A list as comma-separated values (RFC 4180, and what spreadsheets make of it).
//!
//! Takes commas, semicolons or tabs, a first line `sep=;`, every kind of line end. Holds one row.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::{
    cell::trimmed,
    columns::{self, Column},
    encoding,
    survey::Surveyed,
    table::Table,
    text::{self, Text},
};
use crate::circular::Problem;

/// What spreadsheets part cells by; where they explain a header equally well, the last of them.
const SEPARATORS: [u8; 3] = [b'\t', b';', b','];

/// The records of a file that are not blank, each with the line it begins on.
pub(super) struct Records<R> {
    reader: Reader<Text<R>>,
    record: ByteRecord,
    /// Lines before the first that the CSV reader sees.
    above: u64,
    /// The first row of empty cells, and how many there are.
    blank: Option<(u32, u64)>,
    note: Option<Problem>,
}

impl<R: Read> Records<R> {
    pub(super) fn open(source: R, surveyed: Surveyed, limit: u64) -> Self {
        let mut text = Text::open(source, surveyed.form, limit);
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
        Self { reader, record: ByteRecord::new(), above, blank: None, note: surveyed.note }
    }

    fn line_of(&self, line: u64) -> u32 {
        u32::try_from(line + self.above).unwrap_or(u32::MAX)
    }
}

impl<R: Read> Table for Records<R> {
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
            if self.record.len() > 1 {
                let (_, count) = self.blank.get_or_insert((line, 0));
                *count += 1;
            }
        }
    }

    fn cells(&self, line: u32) -> Result<Vec<&str>, Problem> {
        let decoded = |cell| std::str::from_utf8(cell).map_err(|_| Problem::error(line, encoding::not_utf8(cell)));
        self.record.iter().map(decoded).collect()
    }

    fn whom(&self) -> Vec<String> {
        self.record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    fn know(&mut self, _: &[Column]) {}

    fn notes(&mut self) -> Vec<Problem> {
        let blank = self.blank.take().map(|(line, count)| match count {
            1 => Problem::note(line, "this row is blank and was passed over"),
            count => Problem::note(line, format!("this row and {} more are blank and were passed over", count - 1)),
        });
        self.note.take().into_iter().chain(blank).collect()
    }
}

/// Comma, semicolon or tab: whichever parts the header, a row among the first, into most columns that are known, then
/// into most columns. A header of one column is parted by nothing, so that its cells may hold several addresses.
fn separator(ahead: &[u8]) -> u8 {
    let lines = ahead.split(|octet| *octet == b'\n').map(String::from_utf8_lossy);
    let first: Vec<_> = lines.filter(|line| !trimmed(line).is_empty()).take(24).collect();
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
