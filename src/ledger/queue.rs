//! What waits to be sent, and what a start finds half done.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Row};

use super::{
    CircularId, Due, Instance, IssueId, Ledger, LedgerError,
    due::{DUE, read_due},
    events,
    events::Event,
    time,
};
use crate::delivery::State;

/// Row number of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub i64);

/// What a run that ends leaves waiting: how many, in which state, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// As printed.
    pub reference: String,
    /// `queued`, `deferred`, …
    pub state: State,
    /// How many.
    pub count: i64,
    /// The earliest next attempt.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// What happens to a delivery whose outcome nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InDoubt {
    /// Once more on the same relay with the same bytes; a second doubt is held.
    Retry,
    /// Held at once.
    Hold,
}

impl Ledger {
    /// Deliveries of an issue that may be attempted now, with row numbers above `after`.
    pub async fn due(
        &self,
        issue: IssueId,
        after: DeliveryId,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Due>, LedgerError> {
        let page: Option<String> = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT string_agg(one, ',') FROM (SELECT {DUE} AS one FROM delivery d WHERE d.issue = ?1 AND d.id > ?2 AND {open} \
             AND d.state IN ('queued', 'deferred', 'in_doubt') AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= ?3) \
             AND EXISTS (SELECT 1 FROM issue i JOIN circular c ON c.id = i.circular WHERE i.id = ?1 AND c.state = 'sending') \
             ORDER BY d.id LIMIT ?4)",
            open = is_open!("d."),
        )))
        .bind(issue.0)
        .bind(after.0)
        .bind(now.timestamp_millis())
        .bind(limit)
        .fetch_one(&self.readers)
        .await?
        .try_get(0)?;
        read_due(page)
    }

    /// Gives deliveries a later time: their domain's next slot.
    pub async fn postpone(&self, later: &[(DeliveryId, DateTime<Utc>)]) -> Result<(), LedgerError> {
        /// Rows of one statement.
        const ROWS: usize = 500;
        for rows in later.chunks(ROWS) {
            let mut query = QueryBuilder::new("UPDATE delivery SET next_attempt_at = v.column2 FROM (");
            query.push_values(rows, |mut row, (delivery, at)| {
                row.push_bind(delivery.0);
                row.push_bind(at.timestamp_millis());
            });
            query.push(") AS v WHERE delivery.id = v.column1 AND delivery.state IN ('queued', 'deferred')");
            let mut writer = self.writer.lock().await;
            query.build().execute(&mut *writer).await?;
        }
        Ok(())
    }

    /// The earliest next attempt among the open deliveries of issues being sent.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let next: Option<i64> = sqlx::query(
            concat!("SELECT min(d.next_attempt_at) FROM delivery d JOIN issue i ON i.id = d.issue JOIN circular c ON c.id = i.circular \
             WHERE i.state = 'frozen' AND i.completed_at IS NULL AND c.state = 'sending' \
             AND ", is_open!("d.")),
        )
        .fetch_one(&self.readers)
        .await?
        .try_get(0)?;
        Ok(next.map(time))
    }

    /// At start, under the lock: what an earlier epoch left in a transaction is in doubt, and its unfinished attempt is
    /// appended. Returns the addresses, by name.
    pub async fn recover(
        &self,
        instance: Instance,
        policy: InDoubt,
        now: DateTime<Utc>,
    ) -> Result<Vec<String>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let rows = sqlx::query(concat!(
            "SELECT d.id, d.address, i.reference FROM delivery d JOIN issue i ON i.id = d.issue \
             WHERE i.state = 'frozen' AND i.completed_at IS NULL AND d.state = 'in_transaction' \
             AND ",
            is_other!("d."),
            " ORDER BY d.id"
        ))
        .fetch_all(&mut *tx)
        .await?;
        // slots are given out anew: those of the domains are counted from what was sent
        sqlx::query(concat!(
            "UPDATE delivery SET next_attempt_at = NULL WHERE state = 'queued' AND next_attempt_at IS NOT NULL AND ",
            is_open!(""),
            " AND issue IN (SELECT id FROM issue WHERE state = 'frozen' AND completed_at IS NULL)"
        ))
        .execute(&mut *tx)
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let id: i64 = row.try_get("id")?;
            sqlx::query(
                "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state, blame, stage, reply, sha256) \
                 SELECT id, attempts, epoch, relay, last_attempt_at, ?2, 'in_doubt', NULL, 'final_dot', \
                 'the daemon ended before the answer came', sha256 FROM delivery WHERE id = ?1",
            )
            .bind(id)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "UPDATE delivery SET doubts = doubts + 1, stage = 'final_dot', code = NULL, status = NULL, \
                 reply = 'the daemon ended before the answer came', next_attempt_at = NULL, epoch = ?3, \
                 state = iif(?2 OR doubts >= 1, 'held', 'in_doubt') WHERE id = ?1",
            )
            .bind(id)
            .bind(policy == InDoubt::Hold)
            .bind(instance.epoch)
            .execute(&mut *tx)
            .await?;
            let address: String = row.try_get("address")?;
            let event = Event::new("in_doubt", "circulard")
                .about(row.try_get::<String, _>("reference")?)
                .because("found in a transaction at start")
                .detail(serde_json::json!({ "delivery": id, "address": address, "epoch": instance.epoch }));
            events::append(&mut tx, &event, now).await?;
            found.push(address);
        }
        tx.commit().await?;
        Ok(found)
    }

    /// Pauses a circular for a reason that is its own, and puts back what was refused for that reason before. Its reference,
    /// where it was being sent until now.
    pub async fn pause(
        &self,
        circular: CircularId,
        reason: &str,
        put_back: &[DeliveryId],
        now: DateTime<Utc>,
    ) -> Result<Option<String>, LedgerError> {
        let ids: Vec<i64> = put_back.iter().map(|delivery| delivery.0).collect();
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE delivery SET state = 'queued', charged = max(charged - 1, 0), put_back = 1, next_attempt_at = NULL \
             WHERE state = 'refused' AND id IN (SELECT value FROM json_each(?1)) AND issue IN (SELECT i.id FROM issue i \
             JOIN circular c ON c.id = i.circular WHERE c.id = ?2 AND i.completed_at IS NULL AND c.state <> 'cancelled')",
        )
        .bind(serde_json::json!(ids).to_string())
        .bind(circular.0)
        .execute(&mut *tx)
        .await?;
        // the one whose refusal was the last straw is queued already; once released nobody waits for a turn of his own
        sqlx::query(
            "UPDATE delivery SET put_back = iif(code >= 500 AND stage <> 'mail' OR id IN (SELECT value FROM json_each(?2)), 1, put_back), \
             next_attempt_at = NULL WHERE state = 'queued' AND stage IN ('mail', 'rcpt', 'data', 'body', 'final_dot') \
             AND (code >= 500 OR code IS NULL) \
             AND issue IN (SELECT id FROM issue WHERE circular = ?1)",
        )
        .bind(circular.0)
        .bind(serde_json::json!(ids).to_string())
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query(
            "UPDATE circular SET state = 'paused', reason = ?2, changed_at = ?3 WHERE id = ?1 AND state = 'sending' RETURNING reference",
        )
        .bind(circular.0)
        .bind(reason)
        .bind(now.timestamp_millis())
        .fetch_optional(&mut *tx)
        .await?;
        let paused: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
        if let Some(reference) = &paused {
            let event = Event::new("paused", "circulard")
                .about(reference)
                .because(reason)
                .detail(serde_json::json!({ "put_back": ids }));
            events::append(&mut tx, &event, now).await?;
        }
        tx.commit().await?;
        Ok(paused)
    }

    /// Holds a delivery that cannot be sent as it was frozen.
    pub async fn hold_delivery(&self, delivery: DeliveryId, why: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE delivery SET state = 'held', reply = ?2, next_attempt_at = NULL \
             WHERE id = ?1 AND state IN ('queued', 'deferred', 'in_doubt')",
        )
        .bind(delivery.0)
        .bind(why)
        .execute(&mut *tx)
        .await?;
        let event =
            Event::new("delivery_held", "circulard").because(why).detail(serde_json::json!({ "delivery": delivery.0 }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Everything frozen and not final, for the line that a run ends with.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, LedgerError> {
        let rows = sqlx::query(
            concat!("SELECT i.reference, d.state, count(*), min(d.next_attempt_at) FROM delivery d JOIN issue i ON i.id = d.issue \
             JOIN circular c ON c.id = i.circular \
             WHERE i.state = 'frozen' AND i.completed_at IS NULL AND c.state <> 'cancelled' \
             AND ", is_open!("d."), " GROUP BY i.id, d.state ORDER BY i.id"),
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Waiting {
                    reference: row.try_get(0)?,
                    state: decode_state(row.try_get(1)?)?,
                    count: row.try_get(2)?,
                    next_attempt_at: row.try_get::<Option<i64>, _>(3)?.map(time),
                })
            })
            .collect()
    }
}

pub(super) fn decode_state(word: &str) -> Result<State, LedgerError> {
    word.parse().map_err(|_| LedgerError::Unreadable { what: "delivery.state", found: word.to_owned() })
}
