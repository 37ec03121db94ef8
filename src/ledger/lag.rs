//! How far the ledger is behind the send journal, for whoever watches.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Records and octets of the journal, counted from the start of the daemon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalLag {
    /// Beginnings and outcomes.
    pub records: u64,
    /// Their length in the file.
    pub octets: u64,
}

/// Counted by those who write the journal and let the ledger follow.
#[derive(Debug, Clone, Default)]
pub struct Lag(Arc<[[AtomicU64; 2]; 2]>);

const WRITTEN: usize = 0;
const FOLLOWED: usize = 1;

impl Lag {
    /// So much is durable in the journal.
    pub(super) fn written(&self, all: JournalLag) {
        self.set(WRITTEN, all);
    }

    /// So much of it the ledger has.
    pub(super) fn followed(&self, all: JournalLag) {
        self.set(FOLLOWED, all);
    }

    fn set(&self, which: usize, all: JournalLag) {
        self.0[which][0].store(all.records, Ordering::Release);
        self.0[which][1].store(all.octets, Ordering::Release);
    }

    /// What the ledger lacks just now.
    pub fn look(&self) -> JournalLag {
        let get = |which: usize| self.0[which].each_ref().map(|count| count.load(Ordering::Acquire));
        // in this order, so that nothing was followed that is not yet counted as written
        let (followed, written) = (get(FOLLOWED), get(WRITTEN));
        JournalLag { records: written[0].saturating_sub(followed[0]), octets: written[1].saturating_sub(followed[1]) }
    }
}
