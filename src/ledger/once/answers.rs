//! What is no order and is done once all the same, a test copy: its key is written before it begins, with what is known
//! then, and gets its answer when there is one. What was begun is not begun again, whatever came of it.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{LIFE, Ledger, LedgerError, OnceKey, before};

/// Whether something was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Now; it is to be done.
    New,
    /// Before with this key; what is known of it, as JSON.
    Again(String),
    /// The key was used for something else.
    Other,
}

impl Ledger {
    /// What is known of a key whose act is no order.
    pub async fn known_answer(&self, once: &OnceKey, now: DateTime<Utc>) -> Result<Option<Begun>, LedgerError> {
        let row = sqlx::query("SELECT request, order_id, answer FROM idempotency WHERE who = ? AND key = ? AND at > ?")
            .bind(&once.who)
            .bind(&once.key)
            .bind((now - LIFE).timestamp_millis())
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| same(&row, once)).transpose()?)
    }

    /// Writes down that it begins, unless `once` says that it did before.
    pub async fn begin_once(&self, once: &OnceKey, known: &str, now: DateTime<Utc>) -> Result<Begun, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        if let Some(row) = before(&mut tx, once, now).await? {
            return Ok(same(&row, once)?);
        }
        sqlx::query("INSERT INTO idempotency (who, key, request, answer, at) VALUES (?, ?, ?, ?, ?)")
            .bind(&once.who)
            .bind(&once.key)
            .bind(&once.request)
            .bind(known)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Begun::New)
    }

    /// What came of it.
    pub async fn end_once(&self, once: &OnceKey, answer: &str) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("UPDATE idempotency SET answer = ? WHERE who = ? AND key = ? AND request = ?")
            .bind(answer)
            .bind(&once.who)
            .bind(&once.key)
            .bind(&once.request)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// What has no outcome was under way when the daemon ended; nobody will ever know one, and `remark` says so.
    pub async fn end_unanswered(&self, remark: &str) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "UPDATE idempotency SET answer = json_set(answer, '$.outcome', 'in_doubt', '$.remark', ?) \
             WHERE answer IS NOT NULL AND json_extract(answer, '$.outcome') IS NULL",
        )
        .bind(remark)
        .execute(&mut *writer)
        .await?;
        Ok(())
    }
}

fn same(row: &sqlx::sqlite::SqliteRow, once: &OnceKey) -> Result<Begun, sqlx::Error> {
    let (request, answer): (String, Option<String>) = (row.try_get("request")?, row.try_get("answer")?);
    Ok(answer.filter(|_| request == once.request).map_or(Begun::Other, Begun::Again))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Act, CircularId, NewOrder, Origin};

    #[tokio::test]
    async fn what_was_begun_is_not_begun_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(100);
        let ledger = Ledger::open_or_create(&folder.path().join("l.db"), Origin::Init, now).await.expect("made");
        let key = |key: &str, request: &str| OnceKey {
            who: "a".to_owned(),
            key: key.to_owned(),
            request: request.to_owned(),
        };
        let begin = async |once: OnceKey| {
            ledger.begin_once(&once, "{\"to\":\"x\",\"outcome\":null}", now).await.expect("asked")
        };
        let again = |words: &str| Begun::Again(words.to_owned());
        assert_eq!(ledger.known_answer(&key("k", "1"), now).await.expect("asked"), None);
        assert_eq!(begin(key("k", "1")).await, Begun::New);
        assert_eq!(begin(key("k", "1")).await, again("{\"to\":\"x\",\"outcome\":null}"));
        assert_eq!(begin(key("k", "2")).await, Begun::Other);
        assert_eq!(begin(key("l", "1")).await, Begun::New);
        ledger.end_once(&key("k", "1"), "{\"outcome\":\"accepted\"}").await.expect("ended");
        ledger.end_unanswered("killed").await.expect("ended");
        assert_eq!(begin(key("k", "1")).await, again("{\"outcome\":\"accepted\"}"), "it was answered");
        let killed = "{\"to\":\"x\",\"outcome\":\"in_doubt\",\"remark\":\"killed\"}";
        assert_eq!(ledger.known_answer(&key("l", "1"), now).await.expect("asked"), Some(again(killed)));
        // the key of an order is no key for anything else, and the other way round
        let order = NewOrder::Circular(CircularId(1), Act::Hold);
        let given = ledger.order_once(&order, "a", "x", &key("k", "1"), now).await.expect("asked");
        assert_eq!(given, super::super::Once::Other);
        assert_eq!(ledger.known_answer(&key("l", "1"), now + LIFE).await.expect("asked"), None, "after a week");
    }
}
