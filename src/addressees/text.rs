//! The octets of a group file on their way to the CSV reader: byte-order mark and size checked, every line end made LF,
//! and a mark put after the last row, by which a quotation mark that is never closed shows.
//!
//! Refuses files above the size limit, rows without an end, and UTF-16.

use std::io::{self, Read};

use crate::circular::Problem;

/// How much is read at a time, and looked at to guess the separator.
const CHUNK: usize = 64 * 1024;
/// The longest row: 256 cells of the longest kind. What is longer lacks the closing quotation mark.
const ROW_MAX: usize = 256 * 1024;
/// The row put after the last one. FS, the file separator, is a control character that no cell may hold.
pub(super) const END: &str = "\u{1c}";

/// Why reading ended early.
#[derive(Debug)]
enum Stop {
    TooLarge,
    RowTooLong,
    Failed(String),
}

pub(super) struct Text<R> {
    inner: R,
    ready: Vec<u8>,
    taken: usize,
    /// Octets of the file that may still come.
    left: u64,
    limit: u64,
    /// Octets of the row that may still come.
    row: usize,
    after_cr: bool,
    ended: bool,
    stopped: Option<Stop>,
}

impl<R: Read> Text<R> {
    /// Reads the first chunk of `inner`, of which at most `limit` octets are taken.
    pub(super) fn open(inner: R, limit: u64) -> Result<Self, Problem> {
        let mut text = Self {
            inner,
            ready: Vec::new(),
            taken: 0,
            left: limit,
            limit,
            row: 0,
            after_cr: false,
            ended: false,
            stopped: None,
        };
        text.grant_row();
        text.fill();
        let nuls = text.ready.iter().filter(|octet| **octet == 0).count();
        if text.ready.starts_with(&[0xff, 0xfe]) || text.ready.starts_with(&[0xfe, 0xff]) || nuls * 4 > text.ready.len()
        {
            return Err(Problem::error(
                1,
                "the file is UTF-16 (\"Unicode text\"); save it as \"CSV UTF-8\" and drop it again",
            ));
        }
        if text.ready.starts_with(&[0xef, 0xbb, 0xbf]) {
            text.taken = 3;
        }
        Ok(text)
    }

    /// What has been read but not yet taken.
    pub(super) fn ahead(&self) -> &[u8] {
        self.ready.get(self.taken..).unwrap_or_default()
    }

    /// Takes the first `count` octets of [`Text::ahead`] away.
    pub(super) fn skip(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.ready.len());
    }

    /// A row begins: gives it its octets, and the reader's buffer as much again.
    pub(super) fn grant_row(&mut self) {
        self.row = ROW_MAX + CHUNK;
    }

    /// The problem behind an error of this reader, in a row that begins on `line`.
    pub(super) fn problem(&self, line: u32) -> Problem {
        match &self.stopped {
            Some(Stop::TooLarge) => {
                Problem::error(0, format!("the file is larger than {} MiB, the limit", self.limit >> 20))
            }
            Some(Stop::Failed(error)) => Problem::error(0, format!("reading failed: {error}")),
            Some(Stop::RowTooLong) | None => unclosed(line),
        }
    }

    fn fill(&mut self) {
        self.ready.clear();
        self.taken = 0;
        let mut chunk = [0; CHUNK / 4];
        while self.ready.len() <= CHUNK - chunk.len() && !self.ended && self.stopped.is_none() {
            match self.inner.read(&mut chunk) {
                Ok(0) => {
                    self.ended = true;
                    self.ready.extend([b"\n", END.as_bytes(), b"\n"].concat());
                }
                Ok(count) => match self.left.checked_sub(count as u64) {
                    Some(left) => {
                        self.left = left;
                        self.append(&chunk[..count]);
                    }
                    None => self.stopped = Some(Stop::TooLarge),
                },
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.stopped = Some(Stop::Failed(error.to_string())),
            }
        }
    }

    /// CRLF and the lone CR of old machines become LF, also across two chunks.
    fn append(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        if self.after_cr && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        self.after_cr = chunk.last() == Some(&b'\r');
        while let Some(cr) = rest.iter().position(|octet| *octet == b'\r') {
            self.ready.extend(&rest[..cr]);
            self.ready.push(b'\n');
            rest = &rest[cr + 1..];
            if rest.first() == Some(&b'\n') {
                rest = &rest[1..];
            }
        }
        self.ready.extend(rest);
    }
}

/// A quotation mark that swallows the rows after it.
pub(super) fn unclosed(line: u32) -> Problem {
    Problem::error(line, "a quotation mark (\") opened in this row is never closed; close or delete it")
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() && !self.ended && self.stopped.is_none() {
            self.fill();
        }
        if self.row == 0 {
            self.stopped = Some(Stop::RowTooLong);
        }
        if self.stopped.is_some() {
            return Err(io::Error::other("stopped"));
        }
        let count = self.ahead().len().min(out.len()).min(self.row);
        out[..count].copy_from_slice(&self.ready[self.taken..self.taken + count]);
        self.taken += count;
        self.row -= count;
        Ok(count)
    }
}
