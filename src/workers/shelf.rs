//! The shelf between the feeder and the lanes: deliveries that may be attempted now, each in one hand at a time.
//!
//! A delivery is in hand from the moment it is read until the ledger has followed its outcome: so nothing is read twice, and
//! nobody attempts what another lane has. An order stops a circular here first, so that what it then finds in the ledger is
//! what is true.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Notify, futures::Notified};

use crate::{
    circular::Language,
    compose::{ComposeError, Prepared},
    delivery::State,
    ledger::{CircularId, DeliveryId, Due, IssueRecord},
};

/// The feeder is rung when so few are left.
pub const FEW: usize = 500;

/// An issue that is being sent, with its parts and annexes read and encoded once.
#[derive(Debug)]
pub struct OpenIssue {
    /// As frozen.
    pub record: IssueRecord,
    /// By language; where a part cannot be sent, why not.
    pub parts: HashMap<Language, Result<Prepared, ComposeError>>,
}

/// One delivery to be attempted.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its row.
    pub due: Due,
    /// Its issue.
    pub issue: Arc<OpenIssue>,
    /// How often its circular had been stopped when it was put on the shelf.
    pub stops: u64,
}

/// Shared by the feeder, the lanes and the orders.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<Jobs>,
    filled: Notify,
    low: Notify,
}

#[derive(Debug, Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    /// On the shelf or with a lane, or its outcome not yet in the ledger.
    in_hand: HashSet<DeliveryId>,
    /// Out of hand since the feeder began to read: what it has read of them is no longer true.
    changed: HashSet<DeliveryId>,
    /// Nothing of these may begin.
    stopped: HashSet<CircularId>,
    /// How often each was stopped: what a lane took off the shelf before a stop may not begin after it.
    times_stopped: HashMap<CircularId, u64>,
    /// Nothing of any may begin.
    halted: bool,
    /// How often all were stopped.
    times_halted: u64,
    /// Counts stops: what was read before one is no longer true.
    stops: u64,
}

/// What a reading of the ledger is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingMark(u64);

impl Shelf {
    fn with<T>(&self, act: impl FnOnce(&mut Jobs) -> T) -> T {
        act(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The feeder is about to read the ledger.
    pub fn begin_reading(&self) -> ReadingMark {
        self.with(|jobs| {
            jobs.changed.clear();
            ReadingMark(jobs.stops)
        })
    }

    /// Of what was read, that which is in nobody's hand, nor has been since.
    pub fn not_in_hand(&self, read: Vec<Due>) -> Vec<Due> {
        self.with(|jobs| {
            let is_free = |due: &Due| !jobs.in_hand.contains(&due.id) && !jobs.changed.contains(&due.id);
            read.into_iter().filter(is_free).collect()
        })
    }

    /// Adds what was read and is not in hand; those in doubt go first. Says how many were new.
    pub fn fill(&self, mark: ReadingMark, read: impl IntoIterator<Item = Job>) -> usize {
        let added = self.with(|jobs| {
            if mark.0 != jobs.stops {
                return 0;
            }
            let mut added = 0;
            for mut job in read {
                job.stops = jobs.times_stopped(job.issue.record.circular);
                let circular = job.issue.record.circular;
                let stale = jobs.changed.contains(&job.due.id) || jobs.halted || jobs.stopped.contains(&circular);
                if !stale && jobs.in_hand.insert(job.due.id) {
                    added += 1;
                    match job.due.state {
                        State::InDoubt => jobs.waiting.push_front(job),
                        _ => jobs.waiting.push_back(job),
                    }
                }
            }
            added
        });
        if added > 0 {
            self.0.filled.notify_waiters();
        }
        added
    }

    /// The first delivery that `accepts` takes.
    pub fn take(&self, accepts: impl Fn(&Job) -> bool) -> Option<Job> {
        let (job, left) = self.with(|jobs| {
            let at = jobs.waiting.iter().position(accepts);
            (at.and_then(|at| jobs.waiting.remove(at)), jobs.waiting.len())
        });
        if job.is_some() && (left == FEW || left == 0) {
            self.0.low.notify_one();
        }
        job
    }

    /// Back on the shelf, untouched; or out of hand, if its circular was stopped meanwhile: should that go on by now, the
    /// feeder finds it.
    pub fn put_back(&self, job: Job) {
        let let_go = self.with(|jobs| {
            let stopped = !jobs.may_begin(&job);
            if stopped {
                jobs.let_go(job.due.id);
            } else {
                jobs.waiting.push_front(job);
            }
            stopped
        });
        if let_go {
            self.0.low.notify_one();
        }
        self.0.filled.notify_waiters();
    }

    /// Whether its circular is not stopped, nor was since it came onto the shelf: just now.
    pub fn may_begin(&self, job: &Job) -> bool {
        self.with(|jobs| jobs.may_begin(job))
    }

    /// Does `begin` unless the job's circular is stopped, or was since it came onto the shelf: between the look and the deed
    /// no order can come.
    pub fn begin<T>(&self, job: &Job, begin: impl FnOnce() -> T) -> Option<T> {
        self.with(|jobs| jobs.may_begin(job).then(begin))
    }

    /// Out of hand: the ledger knows its state.
    pub fn done(&self, deliveries: &[DeliveryId]) {
        let left = self.with(|jobs| {
            deliveries.iter().for_each(|delivery| jobs.let_go(*delivery));
            jobs.in_hand.len()
        });
        if left == 0 {
            self.0.low.notify_one();
        }
    }

    /// Nothing of a circular begins from here on.
    pub fn stop(&self, circular: CircularId) {
        self.with(|jobs| {
            jobs.stopped.insert(circular);
            *jobs.times_stopped.entry(circular).or_default() += 1;
            jobs.stops += 1;
            let (gone, kept) = std::mem::take(&mut jobs.waiting)
                .into_iter()
                .partition(|job: &Job| job.issue.record.circular == circular);
            jobs.waiting = kept;
            let gone: VecDeque<Job> = gone;
            gone.iter().for_each(|job| jobs.let_go(job.due.id));
        });
    }

    /// The ledger says what may begin again.
    pub fn resume(&self, circular: CircularId) {
        self.with(|jobs| {
            jobs.stopped.remove(&circular);
            jobs.stops += 1;
        });
        self.0.low.notify_one();
    }

    /// Nothing at all begins from here on.
    pub fn halt(&self) {
        self.with(|jobs| {
            jobs.halted = true;
            jobs.times_halted += 1;
            jobs.stops += 1;
            jobs.clear();
        });
    }

    /// The ledger says of all circulars what may begin again.
    pub fn resume_all(&self) {
        self.with(|jobs| {
            jobs.halted = false;
            jobs.stops += 1;
        });
        self.0.low.notify_one();
    }

    /// Takes everything off that no lane has.
    pub fn clear(&self) {
        self.with(Jobs::clear);
    }

    /// How many wait on the shelf.
    pub fn waiting(&self) -> usize {
        self.with(|jobs| jobs.waiting.len())
    }

    /// How many are with a lane, or have an outcome that the ledger has not yet.
    pub fn at_work(&self) -> usize {
        self.with(|jobs| jobs.in_hand.len() - jobs.waiting.len())
    }

    /// Whoever waits looks again.
    pub fn ring(&self) {
        self.0.filled.notify_waiters();
    }

    /// Rings when something is put on the shelf, also if that happens before it is waited for.
    pub fn filled(&self) -> Notified<'_> {
        self.0.filled.notified()
    }

    /// Rings when it runs low.
    pub async fn low(&self) {
        self.0.low.notified().await;
    }
}

impl Jobs {
    fn times_stopped(&self, circular: CircularId) -> u64 {
        self.times_halted + self.times_stopped.get(&circular).copied().unwrap_or_default()
    }

    fn clear(&mut self) {
        for job in std::mem::take(&mut self.waiting) {
            self.let_go(job.due.id);
        }
    }

    fn may_begin(&self, job: &Job) -> bool {
        let circular = job.issue.record.circular;
        !self.halted && !self.stopped.contains(&circular) && self.times_stopped(circular) == job.stops
    }

    fn let_go(&mut self, delivery: DeliveryId) {
        self.in_hand.remove(&delivery);
        self.changed.insert(delivery);
    }
}

#[cfg(test)]
pub(super) mod tests;
