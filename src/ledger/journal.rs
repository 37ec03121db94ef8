//! The send journal: what was begun and how it ended, durable before the ledger knows it.
//!
//! An append-only file beside the ledger, the write-ahead log of sending. `in_transaction` is durable once its record is
//! synced, and only then may the final dot leave; the ledger follows in larger batches and notes up to which record. At
//! start, what the ledger lacks is replayed. The journal also bears witness: a ledger that is older than it says, or that
//! another machine's journal lies beside, was restored or copied, and sends nothing until a person has looked.
//!
//! A record is `length u32, CRC-32 u32, body`, little-endian; a torn one can only be the last, and was promised to nobody.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::{
    LedgerError,
    turns::{Begin, Finish},
};

mod record;

pub use record::Record;
use record::{Reading, crc32};

/// Opens every journal; the digit is the format's version.
const MAGIC: &[u8; 8] = b"circjnl1";
/// Magic, ledger's identity (32), machine's identity (32), base sequence (8).
const HEADER: usize = 80;
/// Octets of zeros that are written ahead: what is then written over them needs no new length, so that its sync carries
/// the records and nothing else. A record never begins with zeros.
const AHEAD: usize = 1 << 20;
/// A journal that the ledger has caught up with starts anew above this size.
const LONGEST: u64 = 64 << 20;

/// The journal, open for appending by the one daemon.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    ledger: [u8; 32],
    machine: [u8; 32],
    next: u64,
    length: u64,
    /// Where the zeros end.
    allocated: u64,
    buffer: Vec<u8>,
}

/// What a journal says when it is opened.
#[derive(Debug)]
pub(super) struct Opened {
    /// Of which ledger and machine it is.
    pub ledger: [u8; 32],
    /// The machine on which it was written.
    pub machine: [u8; 32],
    /// The number before the first record in the file.
    pub base: u64,
    /// All whole records, with their numbers.
    pub records: Vec<(u64, Record)>,
    whole: u64,
}

impl Opened {
    /// The number of the last whole record.
    pub fn last(&self) -> u64 {
        self.base + self.records.len() as u64
    }
}

/// Where the journal of a ledger lies.
pub(super) fn path_of(ledger: &Path) -> PathBuf {
    ledger.with_extension("journal")
}

/// Reads a journal; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Opened>, LedgerError> {
    let failed = |error| LedgerError::Io(path.to_owned(), error);
    let mut octets = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut octets).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let head = octets.get(..HEADER).filter(|head| head.starts_with(MAGIC));
    let Some(head) = head else {
        let why = "it is not a send journal of this version; restore it, or move it away and run `circulard recover`";
        return Err(LedgerError::Unsafe(path.to_owned(), why.to_owned()));
    };
    let mut identity = [[0; 32]; 2];
    identity[0].copy_from_slice(&head[8..40]);
    identity[1].copy_from_slice(&head[40..72]);
    let base = head[72..].try_into().map(u64::from_le_bytes).unwrap_or_default();
    let (mut at, mut number, mut records) = (HEADER, base, Vec::new());
    while let Some((record, length)) = next_record(&octets[at..]) {
        number += 1;
        at += length;
        records.push((number, record));
    }
    Ok(Some(Opened { ledger: identity[0], machine: identity[1], base, records, whole: at as u64 }))
}

fn next_record(octets: &[u8]) -> Option<(Record, usize)> {
    let word = |at: usize| octets.get(at..at + 4)?.try_into().map(u32::from_le_bytes).ok();
    let (length, sum) = (word(0)? as usize, word(4)?);
    let body = octets.get(8..8 + length)?;
    if crc32(body) != sum {
        return None;
    }
    Some((Record::decode(&mut Reading::new(body))?, 8 + length))
}

impl Journal {
    /// Begins a journal whose first record follows `base`. The old one is replaced in one step.
    pub fn create(path: &Path, ledger: [u8; 32], machine: [u8; 32], base: u64) -> Result<Self, LedgerError> {
        let failed = |error| LedgerError::Io(path.to_owned(), error);
        let fresh = path.with_extension("journal.new");
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh).map_err(failed)?;
        let head = [&MAGIC[..], &ledger, &machine, &base.to_le_bytes()].concat();
        file.write_all(&head).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&fresh, path).map_err(failed)?;
        if let Some(folder) = path.parent() {
            // the new name is durable with its folder
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        let length = head.len() as u64;
        let (path, next) = (path.to_owned(), base + 1);
        Ok(Self { file, path, ledger, machine, next, length, allocated: length, buffer: Vec::new() })
    }

    /// Goes on with a journal that was read; what was torn off at its end is cut.
    pub fn resume(path: &Path, opened: &Opened) -> Result<Self, LedgerError> {
        let failed = |error| LedgerError::Io(path.to_owned(), error);
        let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        file.set_len(opened.whole).and_then(|()| file.sync_all()).map_err(failed)?;
        let (path, next, length) = (path.to_owned(), opened.last() + 1, opened.whole);
        let (ledger, machine) = (opened.ledger, opened.machine);
        Ok(Self { file, path, ledger, machine, next, length, allocated: length, buffer: Vec::new() })
    }

    /// Takes a start of the daemon into the next write; its number.
    pub fn start(&mut self, epoch: i64) -> u64 {
        self.put(|out| record::encode_start(epoch, out))
    }

    /// Takes a beginning into the next write; its number.
    pub fn begin(&mut self, begin: &Begin) -> u64 {
        self.put(|out| record::encode_begin(begin, out))
    }

    /// Takes an outcome into the next write; its number.
    pub fn finish(&mut self, finish: &Finish) -> u64 {
        self.put(|out| record::encode_finish(finish, out))
    }

    fn put(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; 8]);
        encode(&mut self.buffer);
        let body = &self.buffer[start + 8..];
        let (length, sum) = ((body.len() as u32).to_le_bytes(), crc32(body).to_le_bytes());
        self.buffer[start..start + 4].copy_from_slice(&length);
        self.buffer[start + 4..start + 8].copy_from_slice(&sum);
        let number = self.next;
        self.next += 1;
        number
    }

    /// Makes everything taken durable. After an error nothing may be written any more: what reached the disk is unknown.
    pub fn sync(&mut self) -> Result<(), LedgerError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let failed = |error| LedgerError::Io(self.path.clone(), error);
        let end = self.length + self.buffer.len() as u64;
        while self.allocated < end {
            let zeros = vec![0; AHEAD];
            self.file.write_all_at(&zeros, self.allocated).and_then(|()| self.file.sync_all()).map_err(failed)?;
            self.allocated += AHEAD as u64;
        }
        let written = self.file.write_all_at(&self.buffer, self.length).and_then(|()| self.file.sync_data());
        written.map_err(failed)?;
        self.length += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Octets in the file, without those written ahead.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Long enough to start anew, once the ledger has followed it.
    pub fn is_long(&self) -> bool {
        self.length >= LONGEST
    }

    /// Whether `applied` is the last record.
    pub fn is_followed(&self, applied: u64) -> bool {
        applied + 1 == self.next
    }

    /// Starts anew after `applied`, the last record.
    pub fn rotate(&mut self, applied: u64) -> Result<(), LedgerError> {
        *self = Self::create(&self.path, self.ledger, self.machine, applied)?;
        Ok(())
    }
}
