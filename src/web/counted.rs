//! Totals that cannot change any more are counted once: those of a circular that is complete. A correction (`resend`) makes
//! it incomplete, and complete at another time. Nor do the countries change that an issue did not reach.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    desk::{Desk, DeskError, without_address},
    ledger::{CircularRecord, CircularState, Ledger, LedgerError},
    report::Totals,
};

/// Circulars remembered: some years of a house.
const REMEMBERED: usize = 1_000;

type When = (i64, DateTime<Utc>);
/// A circular, and how many issues it has.
type Issued = (i64, i64);
type Known<K, V> = Arc<Mutex<HashMap<K, V>>>;

/// What has been counted.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    totals: Known<When, Totals>,
    without: Known<Issued, Vec<String>>,
}

impl Counted {
    /// The totals of a circular, from memory where they stand for good.
    pub async fn totals(&self, ledger: &Ledger, record: &CircularRecord) -> Result<Totals, LedgerError> {
        let complete = record.completed_at.filter(|_| record.state == CircularState::Completed);
        let Some(key) = complete.map(|at| (record.id.0, at)) else { return ledger.totals(record.id).await };
        if let Some(totals) = known(&self.totals).get(&key) {
            return Ok(totals.clone());
        }
        let totals = ledger.totals(record.id).await?;
        // what was counted while it was reopened is not for good
        if totals.finished() == totals.frozen() {
            remember(&self.totals, key, totals.clone());
        }
        Ok(totals)
    }

    /// The countries that a circular was for and had no mailbox in; `reached` are those that it had one in.
    pub async fn without_address(
        &self,
        desk: &Desk,
        record: &CircularRecord,
        reached: &BTreeSet<&str>,
    ) -> Result<Vec<String>, DeskError> {
        let key = (record.id.0, record.issues);
        if let Some(countries) = known(&self.without).get(&key) {
            return Ok(countries.clone());
        }
        let countries = without_address(desk, record, reached).await?;
        remember(&self.without, key, countries.clone());
        Ok(countries)
    }
}

fn known<K, V>(all: &Mutex<HashMap<K, V>>) -> std::sync::MutexGuard<'_, HashMap<K, V>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remember<K: Eq + std::hash::Hash, V>(all: &Mutex<HashMap<K, V>>, key: K, value: V) {
    let mut known = known(all);
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, value);
}
