//! The first pass over a list: what its octets are, before one of them is read as text.
//!
//! Known for sure are a byte-order mark, UTF-8 that is well formed throughout, UTF-16 by its zeros, a workbook by its
//! first octets. Where a list as a whole can have been meant in one way only, it is read in that way and the note says
//! so: Windows-1252 with nothing in it that another page would have put there, and UTF-8 that was encoded twice
//! throughout. Where it mixes, it is read as UTF-8, and the rows that are not are refused by their lines.

use std::io::{self, Read};

use super::{
    address::shown,
    encoding::{runs, undone},
    western::stranger,
};
use crate::circular::Problem;

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;
/// A longer line is looked at in pieces of this length.
const LINE_MAX: usize = 256 * 1024;
/// The byte-order mark of UTF-8.
const MARK: &[u8] = &[0xef, 0xbb, 0xbf];
/// Every part of a ZIP archive, and so of a workbook, begins with these octets.
const ZIP: &[u8] = b"PK\x03\x04";
/// The container of `.xls`, and of a workbook under a password.
const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

/// How the octets are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Utf8,
    /// UTF-8 that was taken for Windows-1252 and encoded again.
    TwiceUtf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
    Workbook,
}

/// What a list is, and what is worth saying about it.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) form: Form,
    pub(super) note: Option<Problem>,
}

/// Looks at all octets, of which there may be `limit`.
pub(super) fn survey(mut source: impl Read, limit: u64) -> Result<Surveyed, Problem> {
    let mut tally = Tally::default();
    let mut chunk = vec![0; CHUNK];
    let (mut seen, mut first) = (0_u64, true);
    loop {
        let count = fill(&mut source, &mut chunk).map_err(|e| Problem::error(0, format!("reading failed: {e}")))?;
        seen += count as u64;
        if seen > limit {
            return Err(too_large(limit));
        }
        if std::mem::take(&mut first)
            && let Some(surveyed) = at_first_sight(&chunk[..count])?
        {
            return Ok(surveyed);
        }
        tally.take(&chunk[..count]);
        if tally.sound > 0 {
            // Whatever else is in it: it is UTF-8, or mixed.
            return Ok(tally.judged());
        }
        if count < chunk.len() {
            tally.end();
            return Ok(tally.judged());
        }
    }
}

pub(super) fn too_large(limit: u64) -> Problem {
    Problem::error(0, format!("the file is larger than {} MiB, the limit", limit >> 20))
}

fn fill(source: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < chunk.len() {
        match source.read(&mut chunk[count..]) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// What the beginning alone decides.
fn at_first_sight(head: &[u8]) -> Result<Option<Surveyed>, Problem> {
    let refuse = |message: &str| Err(Problem::error(0, message));
    if head.starts_with(ZIP) {
        return Ok(Some(Surveyed { form: Form::Workbook, note: None }));
    }
    if head.starts_with(OLE) {
        let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return match head.windows(locked.len()).any(|window| window == locked) {
            true => refuse("the workbook is under a password; take the password off and save it again"),
            false => refuse("the workbook is of the old kind (.xls); save it as .xlsx or as \"CSV UTF-8\""),
        };
    }
    if head.starts_with(&[0xff, 0xfe, 0, 0]) || head.starts_with(&[0, 0, 0xfe, 0xff]) {
        return refuse("the file is UTF-32; save it as \"CSV UTF-8\" and drop it again");
    }
    let form = match head {
        [0xff, 0xfe, ..] => Form::Utf16Le,
        [0xfe, 0xff, ..] => Form::Utf16Be,
        _ => match zeros(head) {
            None => return Ok(None),
            // ASCII letters have their zero in the higher octet.
            Some((0, _)) => Form::Utf16Le,
            Some((_, 0)) => Form::Utf16Be,
            Some(_) => return refuse("the file is no text: it is full of zeros; save it as \"CSV UTF-8\""),
        },
    };
    let message = "the file is UTF-16 (\"Unicode text\") and was read as such";
    Ok(Some(Surveyed { form, note: Some(Problem::note(0, message)) }))
}

/// Zeros in even and in odd places, where there are many.
fn zeros(head: &[u8]) -> Option<(usize, usize)> {
    let count = |from: usize| head.iter().skip(from).step_by(2).filter(|octet| **octet == 0).count();
    let (even, odd) = (count(0), count(1));
    ((even + odd) * 4 > head.len()).then_some((even, odd))
}

/// What was met so far, line by line.
#[derive(Default)]
struct Tally {
    rest: Vec<u8>,
    line: u32,
    after_cr: bool,
    /// Runs that are UTF-8 and mean what they say.
    sound: u64,
    /// Runs that were encoded twice.
    twice: u64,
    /// Lines that are not UTF-8.
    broken: u64,
    /// A word that no language of Western Europe writes.
    stranger: Option<String>,
    /// The first line of the kind that is to be told, how it stands and how it reads.
    example: Option<(u32, String, String)>,
}

impl Tally {
    fn take(&mut self, chunk: &[u8]) {
        for piece in chunk.split_inclusive(|octet| matches!(octet, b'\n' | b'\r')) {
            let ends = matches!(piece.last(), Some(b'\n' | b'\r'));
            if ends && self.rest.is_empty() {
                self.line(piece);
                continue;
            }
            self.rest.extend(piece);
            if ends || self.rest.len() > LINE_MAX {
                let rest = std::mem::take(&mut self.rest);
                self.line(&rest);
            }
        }
    }

    fn end(&mut self) {
        let rest = std::mem::take(&mut self.rest);
        self.line(&rest);
    }

    fn line(&mut self, octets: &[u8]) {
        if !(octets == b"\n" && self.after_cr) {
            self.line += 1;
        }
        self.after_cr = octets.ends_with(b"\r");
        if octets.is_ascii() {
            return;
        }
        let unmarked = octets.strip_prefix(MARK).filter(|_| self.line == 1).unwrap_or(octets);
        let octets = unmarked.trim_ascii_end();
        match std::str::from_utf8(octets) {
            Ok(text) => runs(text).for_each(|run| self.run(run)),
            Err(_) => {
                self.broken += 1;
                // UTF-8 among other octets: two files were pasted together.
                self.sound +=
                    octets.utf8_chunks().flat_map(|chunk| runs(chunk.valid())).filter(|run| is_meant(run)).count()
                        as u64;
                self.stranger = self.stranger.take().or_else(|| stranger(octets));
                let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(octets);
                let word =
                    text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).find(|word| !word.is_ascii());
                self.show(word.unwrap_or_default(), "");
            }
        }
    }

    fn run(&mut self, run: &str) {
        match undone(run) {
            Some(was) => {
                self.twice += 1;
                self.show(run, &was);
            }
            None => self.sound += u64::from(is_meant(run)),
        }
    }

    fn show(&mut self, stands: &str, reads: &str) {
        if self.example.is_none() && reads != "\u{feff}" {
            self.example = Some((self.line, shown(stands), shown(reads)));
        }
    }

    fn judged(self) -> Surveyed {
        let (line, stands, reads) = self.example.unwrap_or_default();
        if self.broken == 0 && self.twice > 0 && self.sound == 0 {
            let message = format!(
                "the file is UTF-8 that was encoded twice, all of it, and was mended: \"{stands}\" is \"{reads}\"; save it \
                 as \"CSV UTF-8\" to be rid of this"
            );
            return Surveyed { form: Form::TwiceUtf8, note: Some(Problem::warning(line, message)) };
        }
        if self.broken > 0 && self.sound == 0 && self.twice == 0 && self.stranger.is_none() {
            let message = format!(
                "the file is not UTF-8 and was read as Windows-1252, in which \"{stands}\" stands here; if that is wrong, \
                 save the file as \"CSV UTF-8\" and drop it again"
            );
            return Surveyed { form: Form::Windows1252, note: Some(Problem::warning(line, message)) };
        }
        Surveyed { form: Form::Utf8, note: None }
    }
}

/// Whether a run of UTF-8 can have been meant so: its octets read as Windows-1252 are an accented capital before a
/// sign, which words do not hold, except for a few at their end (`É”`).
fn is_meant(run: &str) -> bool {
    undone(&encoding_rs::WINDOWS_1252.decode_without_bom_handling(run.as_bytes()).0).is_some()
}
