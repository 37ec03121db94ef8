//! Totals that cannot change any more are counted once: those of a circular that is complete. A correction (`resend`) makes
//! it incomplete, and complete at another time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    ledger::{CircularRecord, CircularState, Ledger, LedgerError},
    report::Totals,
};

/// Circulars remembered: some years of a house.
const REMEMBERED: usize = 1_000;

type When = (i64, DateTime<Utc>);

/// What has been counted.
#[derive(Debug, Clone, Default)]
pub struct Counted(Arc<Mutex<HashMap<When, Totals>>>);

impl Counted {
    /// The totals of a circular, from memory where they stand for good.
    pub async fn totals(&self, ledger: &Ledger, record: &CircularRecord) -> Result<Totals, LedgerError> {
        let complete = record.completed_at.filter(|_| record.state == CircularState::Completed);
        let Some(key) = complete.map(|at| (record.id.0, at)) else { return ledger.totals(record.id).await };
        if let Some(totals) = self.known().get(&key) {
            return Ok(totals.clone());
        }
        let totals = ledger.totals(record.id).await?;
        let mut known = self.known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        // what was counted while it was reopened is not for good
        if totals.finished() == totals.frozen() {
            known.insert(key, totals.clone());
        }
        drop(known);
        Ok(totals)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<When, Totals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
