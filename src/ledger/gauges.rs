//! What machines watch: counts that cost little, however long the ledger is.
//!
//! Attempts and events are only ever appended: they are counted from where the last count ended.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Ledger, LedgerError, time};

/// Attempts counted from one row number to another.
#[derive(Debug, Clone, Default)]
pub struct Appended {
    /// The last row that was counted.
    pub last: i64,
    /// Words and how many: relay and state of attempts, kind and "" of events.
    pub counts: Vec<(String, String, u64)>,
}

/// What could be sent now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueNow {
    /// How many deliveries.
    pub count: u64,
    /// Since when the oldest of them could have been.
    pub oldest: Option<DateTime<Utc>>,
}

impl Ledger {
    /// The last attempt and the last event before the daemon's last start.
    pub async fn before_this_start(&self) -> Result<(i64, i64), LedgerError> {
        let row = sqlx::query(
            "SELECT coalesce((SELECT id FROM attempt WHERE epoch < (SELECT max(epoch) FROM instance) ORDER BY id DESC LIMIT 1), 0), \
             coalesce((SELECT id FROM event WHERE kind = 'started' ORDER BY id DESC LIMIT 1), 1) - 1",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    /// Attempts after a row, by relay and by what came of them.
    pub async fn attempts_counted(&self, after: i64) -> Result<Appended, LedgerError> {
        self.appended("SELECT relay, state, count(*), max(id) FROM attempt WHERE id > ? GROUP BY 1, 2", after).await
    }

    /// Events after a row, by kind.
    pub async fn events_counted(&self, after: i64) -> Result<Appended, LedgerError> {
        self.appended("SELECT kind, '', count(*), max(id) FROM event WHERE id > ? GROUP BY 1", after).await
    }

    async fn appended(&self, sql: &'static str, after: i64) -> Result<Appended, LedgerError> {
        let mut found = Appended { last: after, counts: Vec::new() };
        for row in sqlx::query(sql).bind(after).fetch_all(&self.readers).await? {
            found.last = found.last.max(row.try_get(3)?);
            found.counts.push((row.try_get(0)?, row.try_get(1)?, row.try_get::<i64, _>(2)?.unsigned_abs()));
        }
        Ok(found)
    }

    /// Deliveries that nothing but the relay keeps: their circular is going out, and their time has come.
    pub async fn due_now(&self, now: DateTime<Utc>) -> Result<DueNow, LedgerError> {
        let row = sqlx::query(concat!(
            "SELECT count(*), min(coalesce(d.next_attempt_at, d.queued_at)) FROM circular c \
             CROSS JOIN issue i ON i.circular = c.id AND i.state = 'frozen' AND i.completed_at IS NULL \
             CROSS JOIN delivery d ON d.issue = i.id AND ",
            is_open!("d."),
            " \
             WHERE c.state = 'sending' AND d.state IN ('queued', 'deferred', 'in_doubt') \
             AND coalesce(d.next_attempt_at, d.queued_at) <= ?"
        ))
        .bind(now.timestamp_millis())
        .fetch_one(&self.readers)
        .await?;
        let oldest: Option<i64> = row.try_get(1)?;
        Ok(DueNow { count: row.try_get::<i64, _>(0)?.unsigned_abs(), oldest: oldest.map(time) })
    }

    /// When the last attempt on record ended.
    pub async fn last_attempt_at(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let row =
            sqlx::query("SELECT ended_at FROM attempt ORDER BY id DESC LIMIT 1").fetch_optional(&self.readers).await?;
        row.map(|row| Ok(time(row.try_get(0)?))).transpose()
    }

    /// When a daemon started last on this ledger, and its last sign of life.
    pub async fn last_life(&self) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, LedgerError> {
        let row = sqlx::query("SELECT started_at, seen_at FROM instance ORDER BY epoch DESC LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| Ok((time(row.try_get(0)?), time(row.try_get(1)?)))).transpose()
    }

    /// Orders that nobody has carried out.
    pub async fn orders_waiting(&self) -> Result<u64, LedgerError> {
        let row = sqlx::query("SELECT count(*) FROM orders WHERE done_at IS NULL").fetch_one(&self.readers).await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }
}
