//! Orders: what a person told the daemon to do, with name and reason, and what came of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

use super::{CircularId, CircularRecord, Ledger, LedgerError, circulars::CircularState, events, events::Event, time};

/// Row number of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderId(pub i64);

/// What an operator's hand can do to a circular.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Agrees to the content as it is.
    Approve {
        /// How many people must.
        needed: u32,
    },
    /// Stops it until `release`.
    Hold,
    /// Lets it go: before its window, when late, paused or held; held deliveries are queued again.
    Release,
    /// Stops it for good; what has not been sent is withdrawn.
    Cancel,
    /// Puts refused or expired deliveries back into the queue.
    Resend {
        /// `refused` or `expired`
        only: ResendOnly,
    },
    /// A person knows what nobody could: the copy arrived, or it did not.
    Settle {
        /// The mailbox.
        mailbox: String,
        /// What they know.
        known: Known,
    },
}

/// Which deliveries are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResendOnly {
    /// Refused by the relay.
    Refused,
    /// Given up after the last retry.
    Expired,
}

/// What a person knows of a delivery in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// It arrived.
    Accepted,
    /// It did not: it is sent again.
    Lost,
}

/// An order, open or done.
#[derive(Debug, Clone)]
pub struct Order {
    /// Row number.
    pub id: OrderId,
    /// When it was given.
    pub at: DateTime<Utc>,
    /// On which circular.
    pub circular: CircularId,
    /// What to do.
    pub act: Act,
    /// Who ordered it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Ledger {
    /// Writes an order down.
    pub async fn order(
        &self,
        circular: CircularId,
        act: &Act,
        by: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<OrderId, LedgerError> {
        let argument = serde_json::json!(act);
        let word = argument["act"].as_str().unwrap_or_default().to_owned();
        let mut writer = self.writer.lock().await;
        let row = sqlx::query(
            "INSERT INTO orders (at, act, circular, argument, by, reason) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        )
        .bind(now.timestamp_millis())
        .bind(word)
        .bind(circular.0)
        .bind(argument.to_string())
        .bind(by)
        .bind(reason)
        .fetch_one(&mut *writer)
        .await?;
        Ok(OrderId(row.try_get(0)?))
    }

    /// Orders not yet carried out, oldest first.
    pub async fn open_orders(&self) -> Result<Vec<Order>, LedgerError> {
        let rows = sqlx::query(
            "SELECT id, at, circular, argument, by, reason FROM orders WHERE done_at IS NULL AND circular IS NOT NULL ORDER BY id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let argument: String = row.try_get("argument")?;
                Ok(Order {
                    id: OrderId(row.try_get("id")?),
                    at: time(row.try_get("at")?),
                    circular: CircularId(row.try_get("circular")?),
                    act: serde_json::from_str(&argument)
                        .map_err(|_| LedgerError::Unreadable { what: "orders.argument", found: argument })?,
                    by: row.try_get("by")?,
                    reason: row.try_get("reason")?,
                })
            })
            .collect()
    }

    /// What came of an order; `None` while nobody has carried it out.
    pub async fn order_result(&self, id: OrderId) -> Result<Option<Result<String, String>>, LedgerError> {
        let row = sqlx::query("SELECT result FROM orders WHERE id = ? AND done_at IS NOT NULL")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            let result: String = row.try_get(0)?;
            Ok(match result.strip_prefix("refused: ") {
                Some(why) => Err(why.to_owned()),
                None => Ok(result),
            })
        })
        .transpose()
    }

    /// Carries an order out, in one transaction with its event. `Err` inside: why it cannot be done.
    pub async fn carry_out(&self, order: &Order, now: DateTime<Utc>) -> Result<Result<String, String>, LedgerError> {
        let record = self.circulars().await?.into_iter().find(|record| record.id == order.circular);
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let result = match &record {
            Some(record) => act(&mut tx, record, order, now).await?,
            None => Err("the circular is gone".to_owned()),
        };
        let (words, kind) = match &result {
            Ok(done) => (done.clone(), event_kind(&order.act)),
            Err(why) => (format!("refused: {why}"), "order_refused"),
        };
        sqlx::query("UPDATE orders SET done_at = ?, result = ? WHERE id = ?")
            .bind(now.timestamp_millis())
            .bind(&words)
            .bind(order.id.0)
            .execute(&mut *tx)
            .await?;
        let mut event = Event::new(kind, &order.by).because(&order.reason).detail(serde_json::json!({
            "order": order.id.0, "act": order.act, "result": words
        }));
        if let Some(reference) = record.and_then(|record| record.reference) {
            event = event.about(reference);
        }
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(result)
    }
}

fn event_kind(act: &Act) -> &'static str {
    match act {
        Act::Approve { .. } => "approved",
        Act::Hold => "held",
        Act::Release => "released",
        Act::Cancel => "cancelled",
        Act::Resend { .. } => "resent",
        Act::Settle { .. } => "settled",
    }
}

type Acted = Result<Result<String, String>, LedgerError>;

async fn act(tx: &mut SqliteConnection, record: &CircularRecord, order: &Order, now: DateTime<Utc>) -> Acted {
    use CircularState as S;
    let refuse = |what: &str| Ok(Err(format!("it is {}; {what}", record.state.as_str())));
    match (&order.act, record.state) {
        (_, S::Parked) => refuse("mend the letter first (`circulard check` says how)"),
        (Act::Approve { needed }, S::AwaitingApproval) => approve(tx, record, order, *needed, now).await,
        (Act::Approve { .. }, _) => refuse("there is nothing to approve"),
        (Act::Hold, S::Completed | S::Cancelled) => refuse("there is nothing left to hold"),
        (Act::Hold, S::Held) => refuse("`release` lets it go"),
        (Act::Hold, _) => {
            set_state(tx, record, S::Held, &order.reason, now).await?;
            Ok(Ok("held".to_owned()))
        }
        (Act::Release, S::AwaitingApproval) => refuse("`approve` it first"),
        (Act::Release, S::Cancelled) => refuse("a cancelled circular is not sent; use `resend --new`"),
        (Act::Release, _) => release(tx, record, now).await,
        (Act::Cancel, S::Completed | S::Cancelled) => refuse("there is nothing left to cancel"),
        (Act::Cancel, _) => cancel(tx, record, &order.reason, now).await,
        (Act::Resend { only }, S::Sending | S::Completed | S::Paused | S::Held) => resend(tx, record, *only, now).await,
        (Act::Resend { .. }, _) => refuse("nothing was sent that could be sent again"),
        (Act::Settle { mailbox, known }, _) => settle(tx, record, mailbox, *known, now).await,
    }
}

async fn set_state(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    state: CircularState,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE circular SET state = ?2, reason = nullif(?3, ''), changed_at = ?4, completed_at = NULL WHERE id = ?1",
    )
    .bind(record.id.0)
    .bind(state.as_str())
    .bind(reason)
    .bind(now.timestamp_millis())
    .execute(tx)
    .await?;
    Ok(())
}

async fn approve(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    order: &Order,
    needed: u32,
    now: DateTime<Utc>,
) -> Acted {
    sqlx::query("INSERT OR IGNORE INTO approval (circular, digest, by, at) VALUES (?, ?, ?, ?)")
        .bind(record.id.0)
        .bind(&record.digest)
        .bind(&order.by)
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
    let given: i64 = sqlx::query("SELECT count(*) FROM approval WHERE circular = ? AND digest = ?")
        .bind(record.id.0)
        .bind(&record.digest)
        .fetch_one(&mut *tx)
        .await?
        .try_get(0)?;
    if given < i64::from(needed) {
        return Ok(Ok(format!("approved by {given} of {needed}")));
    }
    set_state(tx, record, CircularState::Ready, "", now).await?;
    Ok(Ok(format!("approved by {given} of {needed}; it goes out at its time")))
}

async fn release(tx: &mut SqliteConnection, record: &CircularRecord, now: DateTime<Utc>) -> Acted {
    if record.issues == 0 {
        set_state(tx, record, CircularState::Ready, "", now).await?;
        sqlx::query("UPDATE circular SET due_at = ? WHERE id = ?")
            .bind(now.timestamp_millis())
            .bind(record.id.0)
            .execute(tx)
            .await?;
        return Ok(Ok("it goes out now".to_owned()));
    }
    let queued = sqlx::query(
        "UPDATE delivery SET state = 'queued', next_attempt_at = NULL WHERE state = 'held' \
         AND issue IN (SELECT id FROM issue WHERE circular = ? AND state = 'frozen')",
    )
    .bind(record.id.0)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if queued == 0 && matches!(record.state, CircularState::Completed | CircularState::Sending) {
        return Ok(Err(format!("it is {}; nothing of it is held", record.state.as_str())));
    }
    reopen(tx, record, now).await?;
    Ok(Ok(format!("sending goes on; {queued} held deliveries are queued again")))
}

async fn reopen(tx: &mut SqliteConnection, record: &CircularRecord, now: DateTime<Utc>) -> Result<(), LedgerError> {
    set_state(tx, record, CircularState::Sending, "", now).await?;
    sqlx::query(
        "UPDATE issue SET completed_at = NULL WHERE circular = ? AND EXISTS (SELECT 1 FROM delivery d WHERE d.issue = issue.id \
         AND d.state NOT IN ('accepted', 'refused', 'expired', 'withdrawn'))",
    )
    .bind(record.id.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Deliveries in a transaction or in doubt may have arrived: they are not withdrawn but keep their own end.
async fn cancel(tx: &mut SqliteConnection, record: &CircularRecord, reason: &str, now: DateTime<Utc>) -> Acted {
    let withdrawn = sqlx::query(
        "UPDATE delivery SET state = 'withdrawn', next_attempt_at = NULL WHERE state IN ('queued', 'deferred', 'held') \
         AND issue IN (SELECT id FROM issue WHERE circular = ? AND state = 'frozen')",
    )
    .bind(record.id.0)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    set_state(tx, record, CircularState::Cancelled, reason, now).await?;
    sqlx::query("UPDATE circular SET repeat = NULL, due_at = NULL WHERE id = ?").bind(record.id.0).execute(tx).await?;
    Ok(Ok(format!("cancelled; {withdrawn} deliveries withdrawn")))
}

async fn resend(tx: &mut SqliteConnection, record: &CircularRecord, only: ResendOnly, now: DateTime<Utc>) -> Acted {
    let state = match only {
        ResendOnly::Refused => "refused",
        ResendOnly::Expired => "expired",
    };
    let queued = sqlx::query(
        "UPDATE delivery SET state = 'queued', charged = 0, first_charged_at = NULL, next_attempt_at = NULL, queued_at = ?3 \
         WHERE state = ?2 AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')",
    )
    .bind(record.id.0)
    .bind(state)
    .bind(now.timestamp_millis())
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if queued == 0 {
        return Ok(Err(format!("none of its deliveries is {state}")));
    }
    if record.state == CircularState::Completed {
        reopen(tx, record, now).await?;
    }
    Ok(Ok(format!("{queued} {state} deliveries are queued again")))
}

async fn settle(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    mailbox: &str,
    known: Known,
    now: DateTime<Utc>,
) -> Acted {
    let sql = match known {
        Known::Accepted => {
            "UPDATE delivery SET state = 'accepted', accepted_at = coalesce(accepted_at, ?3), next_attempt_at = NULL, \
             reply = 'settled by a person: it arrived' \
             WHERE mailbox = ?2 AND doubts > 0 AND state IN ('in_doubt', 'held') \
             AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')"
        }
        Known::Lost => {
            "UPDATE delivery SET state = 'queued', next_attempt_at = NULL, queued_at = ?3 \
             WHERE mailbox = ?2 AND doubts > 0 AND state IN ('in_doubt', 'held') \
             AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')"
        }
    };
    let settled = sqlx::query(sql)
        .bind(record.id.0)
        .bind(mailbox)
        .bind(now.timestamp_millis())
        .execute(tx)
        .await?
        .rows_affected();
    if settled == 0 {
        return Ok(Err(format!("no delivery to {mailbox} is in doubt")));
    }
    Ok(Ok(match known {
        Known::Accepted => "settled as accepted".to_owned(),
        Known::Lost => "settled as lost; it is queued again".to_owned(),
    }))
}
