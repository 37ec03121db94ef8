//! Relays that rest: since when, why, and until when.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{CircularId, Ledger, LedgerError, time};
use crate::report::Resting;

impl Ledger {
    /// Relays that are down, as the open alerts have it, the longest first.
    pub async fn resting(&self) -> Result<Vec<Resting>, LedgerError> {
        let rows = sqlx::query(
            "SELECT key, what, opened_at, rests_until FROM alert WHERE kind IN ('relay_down', 'authentication_refused') \
             AND resolved_at IS NULL ORDER BY id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Resting {
                    relay: row.try_get(0)?,
                    why: row.try_get(1)?,
                    since: time(row.try_get(2)?),
                    until: row.try_get::<Option<i64>, _>(3)?.map(time),
                })
            })
            .collect()
    }

    /// How many of a circular's copies are put off, and when the first is tried again.
    pub async fn next_attempt(&self, circular: CircularId) -> Result<Option<(i64, DateTime<Utc>)>, LedgerError> {
        let row = sqlx::query(
            "SELECT count(*), min(d.next_attempt_at) FROM issue i JOIN delivery d ON d.issue = i.id WHERE i.circular = ? AND \
             i.state = 'frozen' AND i.completed_at IS NULL AND d.state = 'deferred' AND d.next_attempt_at IS NOT NULL",
        )
        .bind(circular.0)
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get::<Option<i64>, _>(1)?.map(time).zip(row.try_get(0)?).map(|(at, count)| (count, at)))
    }

    /// A relay that is said to be down was tried, and rests until then.
    pub async fn rests_again(&self, relay: &str, until: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "UPDATE alert SET rests_until = ? WHERE kind IN ('relay_down', 'authentication_refused') AND key = ? AND \
             resolved_at IS NULL",
        )
        .bind(until.timestamp_millis())
        .bind(relay)
        .execute(&mut *writer)
        .await?;
        Ok(())
    }
}
