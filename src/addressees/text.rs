//! The octets of a group file on their way to the CSV reader: made UTF-8, byte-order mark taken off, size checked,
//! every line end made LF, and a mark put after the last row, by which a quotation mark that is never closed shows.
//!
//! Refuses files above the size limit, and rows without an end.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use encoding_rs::{Decoder, Encoder, EncoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::survey::{Form, too_large};
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
    way: Way,
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
    pub(super) fn open(inner: R, form: Form, limit: u64) -> Self {
        let mut text = Self {
            inner,
            way: Way::of(form),
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
        if text.ready.starts_with(&[0xef, 0xbb, 0xbf]) {
            text.taken = 3;
        }
        text
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
            Some(Stop::TooLarge) => too_large(self.limit),
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
                    self.append(&[], Piece::Last);
                    self.ready.extend([b"\n", END.as_bytes(), b"\n"].concat());
                }
                Ok(count) => match self.left.checked_sub(count as u64) {
                    Some(left) => {
                        self.left = left;
                        self.append(&chunk[..count], Piece::Inner);
                    }
                    None => self.stopped = Some(Stop::TooLarge),
                },
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.stopped = Some(Stop::Failed(error.to_string())),
            }
        }
    }

    /// CRLF and the lone CR of old machines become LF, also across two chunks.
    fn append(&mut self, chunk: &[u8], piece: Piece) {
        let decoded = self.way.utf8(chunk, piece);
        let mut rest = &*decoded;
        if self.after_cr && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        if let Some(last) = decoded.last() {
            self.after_cr = *last == b'\r';
        }
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

/// Where a piece of a file stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Inner,
    /// After which nothing comes.
    Last,
}

/// The way from the file's octets to UTF-8.
enum Way {
    Plain,
    Decoded(Box<Decoder>),
    /// Encoded twice: back to the octets before the second time. What is left of a character waits for the next piece.
    Undone(Box<Encoder>, Vec<u8>),
}

impl Way {
    fn of(form: Form) -> Self {
        let decoded = |encoding: &'static encoding_rs::Encoding| {
            Self::Decoded(Box::new(encoding.new_decoder_without_bom_handling()))
        };
        match form {
            Form::Utf8 | Form::Workbook => Self::Plain,
            Form::Utf16Le => decoded(UTF_16LE),
            Form::Utf16Be => decoded(UTF_16BE),
            Form::Windows1252 => decoded(WINDOWS_1252),
            Form::TwiceUtf8 => Self::Undone(Box::new(WINDOWS_1252.new_encoder()), Vec::new()),
        }
    }

    /// What cannot be decoded becomes U+FFFD, and its row is refused for that.
    fn utf8<'a>(&mut self, chunk: &'a [u8], piece: Piece) -> Cow<'a, [u8]> {
        match self {
            Self::Plain => Cow::Borrowed(chunk),
            Self::Decoded(decoder) => {
                let most = decoder.max_utf8_buffer_length(chunk.len()).unwrap_or_default();
                let mut out = String::with_capacity(most);
                let _ = decoder.decode_to_string(chunk, &mut out, piece == Piece::Last);
                Cow::Owned(out.into_bytes())
            }
            Self::Undone(encoder, rest) => {
                rest.extend(chunk);
                let whole = std::str::from_utf8(rest).map_or_else(|error| error.valid_up_to(), str::len);
                let mut octets = Vec::new();
                if let Ok(text) = std::str::from_utf8(&rest[..whole]) {
                    // A mark that was put before the file afterwards.
                    let text = text.trim_start_matches('\u{feff}');
                    octets.reserve(text.len() + 16);
                    let (result, ..) =
                        encoder.encode_from_utf8_to_vec_without_replacement(text, &mut octets, piece == Piece::Last);
                    // The survey has seen every character; a file that changed meanwhile is refused as such.
                    debug_assert!(matches!(result, EncoderResult::InputEmpty));
                }
                rest.drain(..whole);
                Cow::Owned(octets)
            }
        }
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
