//! The shelf between the feeder and the lanes: deliveries that may be attempted now, each in one hand at a time.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

use crate::{
    circular::Language,
    compose::{ComposeError, Prepared},
    ledger::{DeliveryId, Due, IssueRecord},
};

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
}

/// Shared by the feeder and all lanes.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    filled: Notify,
    low: Notify,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    /// On the shelf or with a lane.
    in_hand: HashSet<DeliveryId>,
}

impl Shelf {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds what is not already in hand; those in doubt go first. Says how many were new.
    pub fn fill(&self, jobs: impl IntoIterator<Item = Job>) -> usize {
        let added = self.with(|state| {
            let mut added = 0;
            for job in jobs {
                if state.in_hand.insert(job.due.id) {
                    added += 1;
                    match job.due.state {
                        crate::delivery::State::InDoubt => state.jobs.push_front(job),
                        _ => state.jobs.push_back(job),
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

    /// The first delivery that `accepts` takes. Rings the feeder when few are left.
    pub fn take(&self, few: usize, accepts: impl Fn(&Job) -> bool) -> Option<Job> {
        let (job, left) = self.with(|state| {
            let at = state.jobs.iter().position(accepts);
            (at.and_then(|at| state.jobs.remove(at)), state.jobs.len())
        });
        if left <= few {
            self.0.low.notify_one();
        }
        job
    }

    /// Back on the shelf, untouched.
    pub fn put_back(&self, job: Job) {
        self.with(|state| state.jobs.push_front(job));
        self.0.filled.notify_one();
    }

    /// Out of hand: its state is durable.
    pub fn done(&self, delivery: DeliveryId) {
        let left = self.with(|state| {
            state.in_hand.remove(&delivery);
            state.in_hand.len()
        });
        if left == 0 {
            self.0.low.notify_one();
        }
    }

    /// Takes everything off that no lane has.
    pub fn clear(&self) {
        self.with(|state| {
            for job in std::mem::take(&mut state.jobs) {
                state.in_hand.remove(&job.due.id);
            }
        });
    }

    /// On the shelf, and in hand altogether.
    pub fn level(&self) -> (usize, usize) {
        self.with(|state| (state.jobs.len(), state.in_hand.len()))
    }

    /// Waits until something is put on the shelf.
    pub async fn filled(&self) {
        self.0.filled.notified().await;
    }

    /// Waits until it runs low.
    pub async fn low(&self) {
        self.0.low.notified().await;
    }
}
