//! Relays that rest: since when, why, and until when.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{CircularId, Ledger, LedgerError, time};
use crate::report::Resting;

impl Ledger {
    /// Relays that are down, as the open alerts have it, the longest first: each once, for the reason that was said last.
    pub async fn resting(&self) -> Result<Vec<Resting>, LedgerError> {
        let rows = sqlx::query(
            concat!("SELECT key, what, (SELECT min(opened_at) FROM alert b WHERE b.key = a.key AND b.resolved_at IS NULL \
               AND b.kind IN ('relay_down', 'authentication_refused')), rests_until, \
               (SELECT min(coalesce(d.next_attempt_at, 0)) FROM delivery d JOIN issue i ON i.id = d.issue \
                JOIN circular c ON c.id = i.circular WHERE i.state = 'frozen' AND i.completed_at IS NULL AND c.state = 'sending' \
                AND ", is_open!("d."), " \
                AND d.state IN ('queued', 'deferred', 'in_doubt')) \
             FROM alert a WHERE kind IN ('relay_down', 'authentication_refused') AND resolved_at IS NULL \
             AND id = (SELECT id FROM alert b WHERE b.key = a.key AND b.kind IN ('relay_down', 'authentication_refused') \
               AND b.resolved_at IS NULL ORDER BY b.rests_until DESC, b.id DESC LIMIT 1) ORDER BY 3, id"),
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
                    next_due: row.try_get::<Option<i64>, _>(4)?.map(time),
                })
            })
            .collect()
    }

    /// How many of a circular's copies are put off, and when the first is tried again.
    pub async fn next_attempt(&self, circular: CircularId) -> Result<Option<(i64, DateTime<Utc>)>, LedgerError> {
        let row = sqlx::query(concat!(
            "SELECT count(*), min(d.next_attempt_at) FROM issue i JOIN delivery d ON d.issue = i.id WHERE i.circular = ? AND \
             i.state = 'frozen' AND i.completed_at IS NULL AND d.state = 'deferred' AND d.next_attempt_at IS NOT NULL AND ",
            is_other!("d.")
        ))
        .bind(circular.0)
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get::<Option<i64>, _>(1)?.map(time).zip(row.try_get(0)?).map(|(at, count)| (count, at)))
    }

    /// A relay that is said to be down was tried, and rests until then.
    pub async fn rests_again(&self, relay: &str, until: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "UPDATE alert SET rests_until = ?1 WHERE id = (SELECT id FROM alert WHERE key = ?2 AND resolved_at IS NULL \
             AND kind IN ('relay_down', 'authentication_refused') ORDER BY rests_until DESC, id DESC LIMIT 1)",
        )
        .bind(until.timestamp_millis())
        .bind(relay)
        .execute(&mut *writer)
        .await?;
        Ok(())
    }
}
