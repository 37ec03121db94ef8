//! The send journal: what was begun and how it ended, durable before the ledger knows it.
//!
//! An append-only file beside the ledger, the write-ahead log of sending. The ledger follows in larger batches and notes up
//! to which record; at start, what it lacks is replayed. The journal also bears witness: a ledger that is older than it says,
//! or that another machine's or another file's journal lies beside, was restored or copied, and sends nothing until a person
//! has looked.
//!
//! A record that is written outlives the program; one that is synced outlives the machine. The final dot of a letter may
//! leave once its beginning is written and something that says so is synced: the beginning itself, or, behind other letters
//! of its session, a record that it stands ready, synced while those are on their way. When the program was killed
//! and the machine was not, everything written is there, and what only stood ready has not left; after a power cut the last
//! beginnings and outcomes may be gone, and whatever stood ready without another word of it may have left.
//!
//! A record is `length u32, CRC-32 (IEEE 802.3) u32, body`, little-endian; the first torn one ends what was promised to anybody.

use std::{
    collections::{HashMap, VecDeque},
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{DeliveryId, LedgerError, ownership, turns::Turn};

mod opened;
mod record;

pub(super) use opened::{NO_BOOT, Opened, read};
pub use record::Record;

/// Opens every journal; the digit is the format's version.
const MAGIC: &[u8; 8] = b"circjnl3";
/// Magic, the place: ledger's identity (32), machine's identity (32), ledger's inode (8); base sequence (8).
const HEADER: usize = 88;
/// Octets of zeros that are written ahead: what is then written over them needs no new length, so that its sync carries
/// the records and nothing else. A record never begins with zeros.
const AHEAD: usize = 1 << 20;
/// Above this size a journal starts anew with what is still needed of it.
const LONGEST: u64 = 64 << 20;
/// The file can be cut at places that lie at least so many octets apart.
const APART: u64 = 64 << 10;

/// What a journal belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The ledger's identity.
    pub ledger: [u8; 32],
    /// The machine on which it is written.
    pub machine: [u8; 32],
    /// The inode of the ledger's file: a copy has another, a file that was renamed or moved with its folder has not. That
    /// of the device may change whenever the machine starts, and does not count.
    pub inode: u64,
}

/// The journal, open for appending by the one daemon.
#[derive(Debug)]
pub(super) struct Journal {
    file: Arc<File>,
    path: PathBuf,
    place: Place,
    next: u64,
    length: u64,
    /// Where the zeros end.
    allocated: u64,
    buffer: Vec<u8>,
    /// A write or a sync has failed: what reached the disk is unknown, and nothing is written any more.
    failed: bool,
    /// What stands ready, by attempt, and the record that says so.
    ready: HashMap<Attempt, u64>,
    /// Where the file may be cut: a record's number, and where it begins.
    cuts: VecDeque<(u64, u64)>,
    /// The start of this daemon, as it was written.
    started: Vec<u8>,
}

/// Which delivery, and which attempt of it.
type Attempt = (DeliveryId, i64);

/// Where a turn stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// The number of its last record.
    pub last: u64,
    /// Octets of its records.
    pub octets: u64,
}

/// Where the journal of a ledger lies.
pub(super) fn path_of(ledger: &Path) -> PathBuf {
    ledger.with_extension("journal")
}

/// Lies beside a journal that could not be written or synced: then not even what was read back is known to be on the disk.
fn mark_of(journal: &Path) -> PathBuf {
    journal.with_extension("journal.failed")
}

/// Makes durable what was read: of what was written last the disk may lack some.
pub(super) fn secure(path: &Path, opened: &Opened) -> Result<(), LedgerError> {
    let mut whole = File::open(path).map_err(|error| LedgerError::Io(path.to_owned(), error))?.take(opened.whole);
    replace(path, |file| io::copy(&mut whole, file)).map(drop)
}

/// Writes a file anew and puts it in the journal's place, in one step.
fn replace<T>(path: &Path, write: impl FnOnce(&mut File) -> io::Result<T>) -> Result<(File, T), LedgerError> {
    let failed = |error| LedgerError::Io(path.to_owned(), ownership::explained(path, error));
    let fresh = path.with_extension("journal.new");
    // what a crash left half made
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let mut file = ownership::create_new(&fresh).map_err(failed)?;
    let written = write(&mut file).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&fresh, path).map_err(failed)?;
    // the new name is durable with its folder
    File::open(ownership::folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok((file, written))
}

impl Journal {
    /// Begins a journal whose first record follows `base`. The old one is replaced in one step.
    pub fn create(path: &Path, place: Place, base: u64) -> Result<Self, LedgerError> {
        let (file, ()) = replace(path, |file| file.write_all(&head(place, base)))?;
        Ok(Self::at_end(file, path, place, base + 1, HEADER as u64))
    }

    /// Goes on with a journal that was read; what was torn off at its end is cut.
    pub fn resume(path: &Path, opened: &Opened) -> Result<Self, LedgerError> {
        let failed = |error| LedgerError::Io(path.to_owned(), ownership::explained(path, error));
        let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
        file.set_len(opened.whole).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(Self::at_end(file, path, opened.place, opened.last() + 1, opened.whole))
    }

    fn at_end(file: File, path: &Path, place: Place, next: u64, length: u64) -> Self {
        Self {
            file: Arc::new(file),
            path: path.to_owned(),
            place,
            next,
            length,
            allocated: length,
            buffer: Vec::new(),
            failed: false,
            ready: HashMap::new(),
            cuts: VecDeque::from([(next, length)]),
            started: Vec::new(),
        }
    }

    /// Writes a start of the daemon, in this run of the machine, and makes it durable. All before it has been looked at.
    pub fn start(&mut self, epoch: i64, boot: &[u8; 32]) -> Result<(), LedgerError> {
        self.put(|out| record::encode_start(epoch, boot, out));
        self.started.clone_from(&self.buffer);
        self.write()?;
        self.file.sync_all().map_err(|error| self.fail(error))?;
        match std::fs::remove_file(mark_of(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.fail(error)),
            _ => Ok(()),
        }
    }

    /// Writes a turn: from here on it outlives the program. The outcome first: what stands ready behind its letter may
    /// leave once it is there.
    pub fn turn(&mut self, turn: &Turn) -> Result<Written, LedgerError> {
        let before = self.length;
        if let Some(finish) = &turn.finish {
            self.put(|out| record::encode_finish(finish, out));
            self.forget((finish.delivery, finish.number));
        }
        if let Some((delivery, number)) = turn.unready {
            self.put(|out| record::encode_unready(delivery, number, out));
            self.forget((delivery, number));
        }
        if let Some(begin) = &turn.begin {
            self.put(|out| record::encode_begin(begin, out));
            self.forget((begin.delivery, begin.number));
        }
        if let Some(begin) = &turn.ready {
            let record = self.put(|out| record::encode_ready(begin, out));
            self.ready.insert((begin.delivery, begin.number), record);
        }
        self.write()?;
        Ok(Written { last: self.next - 1, octets: self.length - before })
    }

    fn forget(&mut self, attempt: Attempt) {
        self.ready.remove(&attempt);
    }

    fn put(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&[0; 8]);
        encode(&mut self.buffer);
        let body = &self.buffer[start + 8..];
        let (length, sum) = ((body.len() as u32).to_le_bytes(), crc32fast::hash(body).to_le_bytes());
        self.buffer[start..start + 4].copy_from_slice(&length);
        self.buffer[start + 4..start + 8].copy_from_slice(&sum);
        let number = self.next;
        self.next += 1;
        number
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        if self.failed {
            return Err(LedgerError::Stopped);
        }
        let end = self.length + self.buffer.len() as u64;
        if self.allocated < end {
            let zeros = vec![0; AHEAD + self.buffer.len()];
            self.file.write_all_at(&zeros, self.allocated).map_err(|error| self.fail(error))?;
            self.allocated += zeros.len() as u64;
        }
        self.file.write_all_at(&self.buffer, self.length).map_err(|error| self.fail(error))?;
        self.buffer.clear();
        self.length = end;
        if self.cuts.back().is_none_or(|(_, at)| at + APART <= end) {
            self.cuts.push_back((self.next, end));
        }
        Ok(())
    }

    /// After an error nothing is written any more, and the next start is told, if the disk lets us.
    pub fn fail(&mut self, error: io::Error) -> LedgerError {
        self.mark_failed();
        LedgerError::Io(self.path.clone(), error)
    }

    fn mark_failed(&mut self) {
        self.failed = true;
        let _ = ownership::create_new(&mark_of(&self.path)).and_then(|mark| mark.sync_all());
    }

    /// What is to be synced; nothing any more after an error.
    pub fn file(&self) -> Result<Arc<File>, LedgerError> {
        if self.failed { Err(LedgerError::Stopped) } else { Ok(Arc::clone(&self.file)) }
    }

    /// Long enough to start anew, where half of it at least is needed no more.
    pub fn is_long(&self, applied: u64) -> bool {
        let least = (self.length / 2).max(LONGEST / 2);
        self.length >= LONGEST && self.cut(applied).is_some_and(|(_, at)| at >= least)
    }

    /// The last place where nothing before is needed any more: the ledger has it, and nothing that stands ready lies there.
    fn cut(&self, applied: u64) -> Option<(u64, u64)> {
        let needed = self.ready.values().fold(applied + 1, |least, ready| least.min(*ready));
        self.cuts.iter().take_while(|(number, _)| *number <= needed).last().copied()
    }

    /// Starts anew with what the ledger, which has followed up to `applied`, may still need.
    pub fn rotate(&mut self, applied: u64) -> Result<(), LedgerError> {
        if self.failed {
            return Err(LedgerError::Stopped);
        }
        let cut = self.cut(applied).filter(|(_, at)| *at > HEADER as u64);
        let Some((number, at)) = cut else { return Ok(()) };
        let failed = |error| LedgerError::Io(self.path.clone(), error);
        let mut old = File::open(&self.path).map_err(failed)?;
        let kept = self.length - at;
        // the start stands before what is kept: without it nobody knows in which run of the machine that was written
        let base = number - 1 - u64::from(!self.started.is_empty());
        let replaced = replace(&self.path, |file| {
            file.write_all(&head(self.place, base))?;
            file.write_all(&self.started)?;
            old.seek(SeekFrom::Start(at))?;
            io::copy(&mut old.take(kept), file)
        });
        let (file, _) = replaced.inspect_err(|_| self.mark_failed())?;
        let begins_at = (HEADER + self.started.len()) as u64;
        let fresh = Self::at_end(file, &self.path, self.place, self.next, begins_at + kept);
        *self = Self {
            ready: std::mem::take(&mut self.ready),
            started: std::mem::take(&mut self.started),
            cuts: VecDeque::from([(number, begins_at)]),
            ..fresh
        };
        Ok(())
    }
}

fn head(place: Place, base: u64) -> Vec<u8> {
    let numbers = [place.inode.to_le_bytes(), base.to_le_bytes()].concat();
    [&MAGIC[..], &place.ledger, &place.machine, &numbers].concat()
}
