//! What a journal says to whoever opens it.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{HEADER, MAGIC, Place, Record, mark_of, record::Reading};
use crate::ledger::{LedgerError, ownership, turns::Begin};

/// What a journal says when it is opened.
#[derive(Debug)]
pub(in super::super) struct Opened {
    /// What it belongs to.
    pub place: Place,
    /// The number before the first record in the file.
    pub base: u64,
    /// All whole records, with their numbers.
    pub records: Vec<(u64, Record)>,
    /// Where the last of them ends.
    pub(super) whole: u64,
    /// Writing or syncing it has failed.
    failed: bool,
}

impl Opened {
    /// The number of the last whole record.
    pub fn last(&self) -> u64 {
        self.base + self.records.len() as u64
    }

    /// It has records after `applied` that are more than starts.
    pub fn goes_beyond(&self, applied: u64) -> bool {
        self.records.iter().any(|(number, record)| *number > applied && !matches!(record, Record::Start(..)))
    }

    /// What stood ready when a machine lost its power, and of which nothing else is known: it may have left. Nothing, where
    /// the machine runs on since `boot` and no write has failed: then all that was written is there, and what left has its
    /// beginning.
    pub fn may_have_left(&self, boot: &[u8; 32]) -> Vec<&Begin> {
        let mut ready: Vec<&Begin> = Vec::new();
        let mut runs_on = false;
        for (_, record) in &self.records {
            let (delivery, number) = match record {
                Record::Start(_, at) => {
                    // an earlier daemon's were looked at when this one started
                    ready.clear();
                    runs_on = at == boot && *at != NO_BOOT;
                    continue;
                }
                Record::Ready(begin) => {
                    ready.push(begin);
                    continue;
                }
                Record::Begin(begin) => (begin.delivery, begin.number),
                Record::Finish(finish) => (finish.delivery, finish.number),
                Record::Unready(delivery, number) => (*delivery, *number),
            };
            ready.retain(|begin| (begin.delivery, begin.number) != (delivery, number));
        }
        if runs_on && !self.failed { Vec::new() } else { ready }
    }
}

/// Reads a journal; `None` where there is none.
pub(in super::super) fn read(path: &Path) -> Result<Option<Opened>, LedgerError> {
    let failed = |error| LedgerError::Io(path.to_owned(), ownership::explained(path, error));
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
    let number = |octets: &[u8]| octets.try_into().map(u64::from_le_bytes).unwrap_or_default();
    let place = Place { ledger: identity[0], machine: identity[1], inode: number(&head[72..80]) };
    let base = number(&head[80..]);
    let (mut at, mut number, mut records) = (HEADER, base, Vec::new());
    while let Some((record, length)) = next_record(&octets[at..]) {
        number += 1;
        at += length;
        records.push((number, record));
    }
    let failed = ownership::is_there(&mark_of(path)).map_err(failed)?;
    Ok(Some(Opened { place, base, records, whole: at as u64, failed }))
}

fn next_record(octets: &[u8]) -> Option<(Record, usize)> {
    let word = |at: usize| octets.get(at..at + 4)?.try_into().map(u32::from_le_bytes).ok();
    let (length, sum) = (word(0)? as usize, word(4)?);
    let body = octets.get(8..8 + length)?;
    if crc32fast::hash(body) != sum {
        return None;
    }
    Some((Record::decode(&mut Reading::new(body))?, 8 + length))
}

/// Where the machine does not say in which run it is.
pub(in super::super) const NO_BOOT: [u8; 32] = [0; 32];
