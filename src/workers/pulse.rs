//! The bells between workers, and who is busy.
//!
//! A bell is a hint: every worker also looks by itself from time to time. Whether a run is idle is decided by the ledger;
//! the busy marks only say when it is worth asking.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

/// Shared by all workers.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Bells>);

#[derive(Debug, Default)]
struct Bells {
    issue: Notify,
    dispatch: Notify,
    intake: Notify,
    /// The folders have been read, and nothing in them was still changing.
    settled: AtomicBool,
    /// Stems whose files are to be read again.
    reread: Mutex<BTreeSet<String>>,
    /// Another version of a list has come into force.
    lists_changed: AtomicBool,
    /// Pieces of work in hand.
    busy: AtomicUsize,
}

/// A piece of work in hand, until it is dropped.
#[derive(Debug)]
pub struct Busy(Arc<Bells>);

impl Pulse {
    /// A letter or a group changed.
    pub fn ring_issue(&self) {
        self.0.issue.notify_one();
    }

    /// Something was frozen, released or put back.
    pub fn ring_dispatch(&self) {
        self.0.dispatch.notify_one();
    }

    /// The folders should be looked at.
    pub fn ring_intake(&self) {
        self.0.intake.notify_one();
    }

    /// Asks intake to read the files of a stem again.
    pub fn reread(&self, stem: &str) {
        self.0.reread.lock().unwrap_or_else(PoisonError::into_inner).insert(stem.to_owned());
        self.ring_intake();
    }

    /// The stems to be read again, once.
    pub fn take_reread(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.0.reread.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another version of a list has come into force: intake reads all letters again.
    pub fn lists_changed(&self) {
        self.0.lists_changed.store(true, Ordering::SeqCst);
        self.ring_intake();
    }

    /// Whether lists have changed since this was asked last.
    pub fn take_lists_changed(&self) -> bool {
        self.0.lists_changed.swap(false, Ordering::SeqCst)
    }

    /// Waits for [`Pulse::ring_issue`].
    pub async fn issue(&self) {
        self.0.issue.notified().await;
    }

    /// Waits for [`Pulse::ring_dispatch`].
    pub async fn dispatch(&self) {
        self.0.dispatch.notified().await;
    }

    /// Waits for [`Pulse::ring_intake`].
    pub async fn intake(&self) {
        self.0.intake.notified().await;
    }

    /// Marks the start of a piece of work.
    pub fn busy(&self) -> Busy {
        self.0.busy.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(&self.0))
    }

    /// Intake says whether the folders have settled.
    pub fn set_settled(&self, settled: bool) {
        self.0.settled.store(settled, Ordering::SeqCst);
    }

    /// Nothing is in hand and the folders have settled.
    pub fn is_quiet(&self) -> bool {
        self.0.settled.load(Ordering::SeqCst) && self.0.busy.load(Ordering::SeqCst) == 0
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}
