//! Orders that are given once, however often they are asked for: a program whose connection broke asks again with the same
//! key and is told of the same order.
//!
//! Key and order are written in one transaction, so no moment exists in which one is there without the other. What came of
//! the order is read from the order, never kept twice.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Ledger, LedgerError, NewOrder, OrderId, orders::insert_order};

mod answers;

pub use answers::Begun;

/// How long a key is known: whoever asks again after that has waited for a person.
const LIFE: TimeDelta = TimeDelta::days(7);

/// The key of an order.
#[derive(Debug, Clone)]
pub struct OnceKey {
    /// Who asks; keys of others are other keys.
    pub who: String,
    /// The key.
    pub key: String,
    /// SHA-256 of what is asked, hexadecimal.
    pub request: String,
}

/// Whether an order was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// It is new.
    New(OrderId),
    /// It was asked for before with this key.
    Again(OrderId),
    /// The key was used for something else.
    Other,
}

impl Ledger {
    /// What is known of a key.
    pub async fn known_order(&self, once: &OnceKey, now: DateTime<Utc>) -> Result<Option<Once>, LedgerError> {
        let row = sqlx::query("SELECT request, order_id FROM idempotency WHERE who = ? AND key = ? AND at > ?")
            .bind(&once.who)
            .bind(&once.key)
            .bind((now - LIFE).timestamp_millis())
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| same_order(&row, once)).transpose()?)
    }

    /// Writes an order down, unless `once` says that it was before.
    pub async fn order_once(
        &self,
        order: &NewOrder,
        by: &str,
        reason: &str,
        once: &OnceKey,
        now: DateTime<Utc>,
    ) -> Result<Once, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        if let Some(row) = before(&mut tx, once, now).await? {
            return Ok(same_order(&row, once)?);
        }
        let id = insert_order(&mut tx, order, by, reason, now).await?;
        sqlx::query("INSERT INTO idempotency (who, key, request, order_id, at) VALUES (?, ?, ?, ?, ?)")
            .bind(&once.who)
            .bind(&once.key)
            .bind(&once.request)
            .bind(id.0)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Once::New(id))
    }
}

/// What stands under a key; keys whose time is over go.
async fn before(
    tx: &mut SqliteConnection,
    once: &OnceKey,
    now: DateTime<Utc>,
) -> Result<Option<SqliteRow>, LedgerError> {
    sqlx::query("DELETE FROM idempotency WHERE at <= ?")
        .bind((now - LIFE).timestamp_millis())
        .execute(&mut *tx)
        .await?;
    let row = sqlx::query("SELECT request, order_id, answer FROM idempotency WHERE who = ? AND key = ?")
        .bind(&once.who)
        .bind(&once.key)
        .fetch_optional(tx)
        .await?;
    Ok(row)
}

fn same_order(row: &SqliteRow, once: &OnceKey) -> Result<Once, sqlx::Error> {
    let (request, order): (String, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(order.filter(|_| request == once.request).map_or(Once::Other, |order| Once::Again(OrderId(order))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{AcceptGroup, BadRowsAre, Origin};

    #[tokio::test]
    async fn a_key_gives_one_order_and_is_nobody_elses() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(100);
        let ledger = Ledger::open_or_create(&folder.path().join("l.db"), Origin::Init, now).await.expect("made");
        let accept =
            AcceptGroup { group: "a".to_owned(), version: 1, sha256: "00".to_owned(), bad_rows: BadRowsAre::Refused };
        let order = NewOrder::Group(accept);
        let key = |who: &str, key: &str, request: &str| OnceKey {
            who: who.to_owned(),
            key: key.to_owned(),
            request: request.to_owned(),
        };
        let give = async |once: OnceKey, at| ledger.order_once(&order, "Ada", "x", &once, at).await.expect("asked");
        let Once::New(first) = give(key("a", "k", "1"), now).await else { panic!("new") };
        assert_eq!(give(key("a", "k", "1"), now).await, Once::Again(first));
        assert_eq!(give(key("a", "k", "2"), now).await, Once::Other, "another body");
        let known = ledger.known_order(&key("a", "k", "1"), now).await.expect("asked");
        assert_eq!(known, Some(Once::Again(first)));
        assert_eq!(ledger.known_order(&key("b", "k", "1"), now).await.expect("asked"), None);
        assert!(matches!(give(key("b", "k", "1"), now).await, Once::New(_)), "another's key");
        assert!(matches!(give(key("a", "l", "1"), now).await, Once::New(_)), "another key");
        let later = now + LIFE;
        assert_eq!(ledger.known_order(&key("a", "k", "1"), later).await.expect("asked"), None);
        assert!(matches!(give(key("a", "k", "1"), later).await, Once::New(_)), "after a week");
        let kept = ledger.ask("SELECT count(*) FROM idempotency").await.expect("asked");
        assert_eq!(kept.rows, [[serde_json::json!(1)]], "what is old goes");
    }
}
