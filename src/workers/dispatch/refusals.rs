//! Refusals that repeat: whose letters they blame, and whom they must not be charged to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use super::{Dispatch, shelf::Job};
use crate::{
    delivery::{LetterBlame, Outcome, Pause},
    ledger::{CircularId, DeliveryId, Ledger, LedgerError},
};

/// Shared by all lanes.
#[derive(Debug, Clone, Default)]
pub struct Refusals(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    letters: HashMap<CircularId, LetterBlame>,
    /// Refused since the last acceptance; should the same refusal repeat, they go back to the queue.
    since_success: Vec<(CircularId, DeliveryId)>,
    /// To be put back once no lane has anything in hand.
    put_back: Vec<DeliveryId>,
}

impl Refusals {
    fn with<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts refusals back into the queue that turned out to be everybody's. To be called when the outcomes of all lanes are
    /// durable: what a lane has yet to record cannot be put back.
    pub async fn put_back(&self, ledger: &Ledger, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let back = self.with(|memory| std::mem::take(&mut memory.put_back));
        if !back.is_empty() {
            let put = ledger.requeue_refused(&back, now).await?;
            tracing::warn!(deliveries = put, "refusals that repeat are not the addressees': put back into the queue");
        }
        Ok(())
    }
}

impl Dispatch {
    /// Counts an outcome against its letter.
    pub(super) fn letter_blame(&self, job: &Job, outcome: &Outcome) -> Option<Pause> {
        let circular = job.issue.record.circular;
        let pause = self
            .refusals
            .with(|memory| memory.letters.entry(circular).or_default().note(job.due.id.0.unsigned_abs(), outcome));
        if pause.is_some() {
            // a person looks now; when it is released it starts with a clean slate
            self.refusals.with(|memory| memory.letters.remove(&circular));
        }
        pause
    }

    pub(super) fn remember_refused(&self, job: &Job) {
        /// More would have been paused long since.
        const MOST: usize = 1000;
        self.refusals.with(|memory| {
            if memory.since_success.len() < MOST {
                memory.since_success.push((job.issue.record.circular, job.due.id));
            }
        });
    }

    pub(super) fn forget_refused(&self) {
        self.refusals.with(|memory| memory.since_success.clear());
    }

    /// The refusals before the third were the same: they were not about their addressees either.
    pub(super) fn put_back_refused(&self, circular: CircularId) {
        self.refusals.with(|memory| {
            let (back, keep) =
                std::mem::take(&mut memory.since_success).into_iter().partition(|(of, _)| *of == circular);
            memory.since_success = keep;
            let back: Vec<(CircularId, DeliveryId)> = back;
            memory.put_back.extend(back.into_iter().map(|(_, delivery)| delivery));
        });
    }
}
