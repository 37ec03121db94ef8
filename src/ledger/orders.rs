//! Orders: what a person told the daemon to do, with name and reason, and what came of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

use super::{CircularId, CircularRecord, Ledger, LedgerError, events, events::Event, time};

mod acts;
mod groups;

use acts::act;
pub(super) use acts::set_state;
pub use groups::{AcceptGroup, BadRowsAre, GroupOrder};

/// What is ordered.
#[derive(Debug, Clone)]
pub enum NewOrder {
    /// An act on a circular.
    Circular(CircularId, Act),
    /// A version of a list comes into force.
    Group(AcceptGroup),
}

/// Row number of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderId(pub i64);

/// What the result of an order that was not carried out begins with.
const REFUSED: &str = "refused: ";

/// What an operator's hand can do to a circular.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Agrees to the content as it is.
    Approve,
    /// Stops it until `release`.
    Hold,
    /// Lets it go: before its window, when late, paused or held; held copies are queued again, those in doubt are not.
    Release,
    /// Takes a hold back: what was held before it went out waits for its time again.
    ReleaseAtItsTime,
    /// Stops it for good; what has not been sent is withdrawn.
    Cancel,
    /// Puts refused or expired deliveries back into the queue.
    Resend {
        /// `refused` or `expired`
        only: ResendOnly,
    },
    /// Sends what was frozen to mailboxes that have joined its groups since: a supplementary issue.
    ResendNew,
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
        order: &NewOrder,
        by: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<OrderId, LedgerError> {
        insert_order(&mut *self.writer.lock().await, order, by, reason, now).await
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
            Ok(match result.strip_prefix(REFUSED) {
                Some(why) => Err(why.to_owned()),
                None => Ok(result),
            })
        })
        .transpose()
    }

    /// Carries an order out that needs nothing but the ledger, in one transaction with its event; `approvals` is how many people must approve. `Err` inside: why
    /// it cannot be done.
    pub async fn carry_out(
        &self,
        order: &Order,
        approvals: u32,
        now: DateTime<Utc>,
    ) -> Result<Result<String, String>, LedgerError> {
        let record = self.circulars().await?.into_iter().find(|record| record.id == order.circular);
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let result = match &record {
            Some(record) => act(&mut tx, record, order, approvals, now).await?,
            None => Err("the circular is gone".to_owned()),
        };
        close_order(&mut tx, record.as_ref(), order, &result, now).await?;
        tx.commit().await?;
        Ok(result)
    }
}

impl Ledger {
    /// How many copies of a circular are held because they may have arrived: `release` leaves them, `settle` ends them.
    pub async fn held_in_doubt(&self, circular: CircularId) -> Result<u64, LedgerError> {
        let mut reader = self.readers.acquire().await?;
        Ok(acts::held_in_doubt(&mut reader, circular).await?.unsigned_abs())
    }

    /// Closes an order that cannot be carried out, and says why.
    pub async fn refuse(
        &self,
        record: Option<&CircularRecord>,
        order: &Order,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<String, String>, LedgerError> {
        let result = Err(why.to_owned());
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        close_order(&mut tx, record, order, &result, now).await?;
        tx.commit().await?;
        Ok(result)
    }
}

/// Writes an order down, for whoever carries it out.
pub(super) async fn insert_order(
    connection: &mut SqliteConnection,
    order: &NewOrder,
    by: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<OrderId, LedgerError> {
    let (word, circular, argument) = match order {
        NewOrder::Circular(circular, act) => {
            let argument = serde_json::json!(act);
            (argument["act"].as_str().unwrap_or_default().to_owned(), Some(circular.0), argument)
        }
        NewOrder::Group(accept) => (groups::ACT.to_owned(), None, serde_json::json!(accept)),
    };
    let row = sqlx::query(
        "INSERT INTO orders (at, act, circular, argument, by, reason) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(now.timestamp_millis())
    .bind(word)
    .bind(circular)
    .bind(argument.to_string())
    .bind(by)
    .bind(reason)
    .fetch_one(connection)
    .await?;
    Ok(OrderId(row.try_get(0)?))
}

/// Notes what came of an order, as [`Ledger::order_result`] reads it; the words of it.
async fn note_result(
    tx: &mut SqliteConnection,
    id: OrderId,
    result: &Result<String, String>,
    now: DateTime<Utc>,
) -> Result<String, LedgerError> {
    let words = match result {
        Ok(done) => done.clone(),
        Err(why) => format!("{REFUSED}{why}"),
    };
    sqlx::query("UPDATE orders SET done_at = ?, result = ? WHERE id = ?")
        .bind(now.timestamp_millis())
        .bind(&words)
        .bind(id.0)
        .execute(tx)
        .await?;
    Ok(words)
}

/// The kind of the event of an order: its own where it was carried out.
fn kind_of(done: &'static str, result: &Result<String, String>) -> &'static str {
    if result.is_ok() { done } else { "order_refused" }
}

/// Notes what came of an order, and the event.
pub(super) async fn close_order(
    tx: &mut SqliteConnection,
    record: Option<&CircularRecord>,
    order: &Order,
    result: &Result<String, String>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let words = note_result(tx, order.id, result, now).await?;
    let mut event = Event::new(kind_of(event_kind(&order.act), result), &order.by).because(&order.reason).detail(
        serde_json::json!({
            "order": order.id.0, "act": order.act, "result": words
        }),
    );
    if let Some(reference) = record.and_then(|record| record.reference.as_ref()) {
        event = event.about(reference);
    }
    events::append(tx, &event, now).await
}

fn event_kind(act: &Act) -> &'static str {
    match act {
        Act::Approve => "approved",
        Act::Hold => "held",
        Act::Release | Act::ReleaseAtItsTime => "released",
        Act::Cancel => "cancelled",
        Act::Resend { .. } => "resent",
        Act::ResendNew => "resent_to_new",
        Act::Settle { .. } => "settled",
    }
}
