//! Events: what happened, by whom and why, chained by SHA-256 so that a changed line shows.

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use sqlx::{Row, SqliteConnection};

use super::{Ledger, LedgerError};

/// The hash before the first event.
const GENESIS: [u8; 32] = [0; 32];

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    kind: &'static str,
    reference: Option<String>,
    by: String,
    reason: String,
    detail: serde_json::Value,
}

impl Event {
    /// An event of a kind ("frozen", "relay_down"), by a person or by "circulard".
    pub fn new(kind: &'static str, by: impl Into<String>) -> Self {
        Self { kind, reference: None, by: by.into(), reason: String::new(), detail: serde_json::json!({}) }
    }

    /// The circular it concerns.
    pub fn about(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(reference.into());
        self
    }

    /// Why, in words.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// What else is worth keeping.
    pub fn detail(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The first event that does not follow from the one before it.
    pub event: i64,
    /// What it says now: when, what, by whom.
    pub line: String,
    /// What does not hold.
    pub why: String,
}

pub(super) async fn append(tx: &mut SqliteConnection, event: &Event, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let last = sqlx::query("SELECT id, hash FROM event ORDER BY id DESC LIMIT 1").fetch_optional(&mut *tx).await?;
    let (id, previous) = match last {
        Some(row) => (row.try_get::<i64, _>(0)? + 1, row.try_get::<Vec<u8>, _>(1)?),
        None => (1, GENESIS.to_vec()),
    };
    let detail = event.detail.to_string();
    let at = now.timestamp_millis();
    let reference = event.reference.as_deref();
    let hash = link(&previous, id, at, event.kind, reference, &event.by, &event.reason, &detail);
    sqlx::query(
        "INSERT INTO event (id, at, kind, reference, by, reason, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(at)
    .bind(event.kind)
    .bind(reference)
    .bind(&event.by)
    .bind(&event.reason)
    .bind(&detail)
    .bind(previous)
    .bind(hash)
    .execute(tx)
    .await?;
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "the columns of one row, in their order")]
fn link(
    previous: &[u8],
    id: i64,
    at: i64,
    kind: &str,
    reference: Option<&str>,
    by: &str,
    reason: &str,
    detail: &str,
) -> Vec<u8> {
    let row = serde_json::json!([id, at, kind, reference, by, reason, detail]).to_string();
    digest(&SHA256, &[previous, row.as_bytes()].concat()).as_ref().to_vec()
}

impl Ledger {
    /// Appends one event in a transaction of its own.
    pub async fn note(&self, event: &Event, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        append(&mut tx, event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Recomputes the chain. `Ok(Ok(n))`: n events, unbroken.
    pub async fn verify_events(&self) -> Result<Result<u64, Broken>, LedgerError> {
        const PAGE: i64 = 10_000;
        let (mut previous, mut expected) = (GENESIS.to_vec(), 1_i64);
        loop {
            let rows = sqlx::query(
                "SELECT id, at, kind, reference, by, reason, detail, previous, hash FROM event WHERE id >= ? ORDER BY id LIMIT ?",
            )
            .bind(expected)
            .bind(PAGE)
            .fetch_all(&self.readers)
            .await?;
            if rows.is_empty() {
                return Ok(Ok(expected.unsigned_abs() - 1));
            }
            for row in rows {
                let id: i64 = row.try_get("id")?;
                let stored: Vec<u8> = row.try_get("hash")?;
                let computed = link(
                    &previous,
                    id,
                    row.try_get("at")?,
                    row.try_get("kind")?,
                    row.try_get("reference")?,
                    row.try_get("by")?,
                    row.try_get("reason")?,
                    row.try_get("detail")?,
                );
                let why = if id != expected {
                    Some(format!("event {expected} is missing"))
                } else if row.try_get::<Vec<u8>, _>("previous")? != previous {
                    Some("the hash it follows is not that of the event before it".to_owned())
                } else if stored != computed {
                    Some("what it says is not what was hashed".to_owned())
                } else {
                    None
                };
                if let Some(why) = why {
                    let (at, kind, by): (i64, String, String) =
                        (row.try_get("at")?, row.try_get("kind")?, row.try_get("by")?);
                    let line = format!("{} {kind} by {by}", super::time(at).to_rfc3339());
                    return Ok(Err(Broken { event: id, line, why }));
                }
                previous = stored;
                expected += 1;
            }
        }
    }
}
