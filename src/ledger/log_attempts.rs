//! Attempts as the log shows them: beside their entries, one after the other as they end, and for limits that hold across
//! restarts.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use sqlx::{QueryBuilder, Row, sqlite::SqliteRow};

use super::{
    Ledger, LedgerError, LogEntry, LogFilter,
    log::{ENTRIES, entry, local, push_filter, with_offset},
    queue::decode_state,
    time,
};
use crate::delivery::State;

/// One attempt of a delivery.
#[derive(Debug, Clone, Serialize)]
pub struct PastAttempt {
    /// 1, 2, …
    pub number: i64,
    /// Through which relay.
    pub relay: String,
    /// What the delivery became.
    pub state: String,
    /// Who was to blame.
    pub blame: Option<String>,
    /// Where it ended.
    pub stage: Option<String>,
    /// Reply code.
    pub code: Option<i64>,
    /// Enhanced status code.
    pub status: Option<String>,
    /// The relay's words, or what happened instead.
    pub reply: Option<String>,
    /// When it began.
    #[serde(serialize_with = "with_offset")]
    pub started_at: DateTime<FixedOffset>,
    /// When the outcome was known.
    #[serde(serialize_with = "with_offset")]
    pub ended_at: DateTime<FixedOffset>,
    /// Which start of the daemon made it.
    pub epoch: i64,
}

/// An attempt on record, for limits that hold across restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When it began.
    pub at: DateTime<Utc>,
    /// Through which relay.
    pub relay: String,
    /// To whom.
    pub address: String,
}

impl Ledger {
    /// When attempts began, through which relay and to which address, from a time on, oldest first.
    pub async fn attempts_since(&self, since: DateTime<Utc>) -> Result<Vec<Sent>, LedgerError> {
        /// Attempts are appended in about the order of time: the newest are read until they are too old.
        const PAGE: i64 = 5_000;
        let (mut before, mut found) = (i64::MAX, Vec::new());
        loop {
            let rows = sqlx::query(
                "SELECT a.id, a.relay, a.started_at, d.address FROM attempt a JOIN delivery d ON d.id = a.delivery \
                 WHERE a.id < ? ORDER BY a.id DESC LIMIT ?",
            )
            .bind(before)
            .bind(PAGE)
            .fetch_all(&self.readers)
            .await?;
            let mut recent = false;
            for row in &rows {
                before = row.try_get("id")?;
                let at = time(row.try_get("started_at")?);
                if at >= since {
                    recent = true;
                    found.push(Sent { at, relay: row.try_get("relay")?, address: row.try_get("address")? });
                }
            }
            if !recent {
                found.sort_by_key(|sent| sent.at);
                return Ok(found);
            }
        }
    }

    /// The number of the last attempt on record.
    pub async fn last_attempt(&self) -> Result<i64, LedgerError> {
        Ok(sqlx::query("SELECT coalesce(max(id), 0) FROM attempt").fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// Attempts recorded after number `after`, oldest first: each as the entry that its delivery had then, with the number.
    pub async fn attempts_after(
        &self,
        after: i64,
        filter: &LogFilter,
        zone: Tz,
    ) -> Result<Vec<(i64, LogEntry)>, LedgerError> {
        /// What one look takes at most.
        const PAGE: u32 = 2_000;
        let mut query = QueryBuilder::new("SELECT * FROM (");
        query.push(ENTRIES.replace(" FROM delivery d CROSS JOIN", ATTEMPT_AS_ENTRY));
        query.push(" AND a.id > ").push_bind(after);
        let countries = self.spellings(filter).await?;
        push_filter(&mut query, &LogFilter { states: Vec::new(), relay: None, ..filter.clone() }, &countries);
        query.push(") WHERE 1");
        if !filter.states.is_empty() {
            let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
            query.push(" AND a_state IN (SELECT value FROM json_each(");
            query.push_bind(serde_json::json!(states).to_string()).push("))");
        }
        if let Some(relay) = &filter.relay {
            query.push(" AND a_relay = ").push_bind(relay.clone());
        }
        query.push(" ORDER BY attempt LIMIT ").push_bind(PAGE);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get("attempt")?, attempted(row, entry(row, zone)?, zone)?))).collect()
    }

    /// Fills `history` of every entry.
    pub async fn add_history(&self, entries: &mut [LogEntry], zone: Tz) -> Result<(), LedgerError> {
        /// SQLite's variables per statement are plenty; this bounds one answer's memory.
        const PAGE: usize = 500;
        for page in entries.chunks_mut(PAGE) {
            let ids: Vec<i64> = page.iter().map(|entry| entry.delivery).collect();
            let rows = sqlx::query(
                "SELECT delivery, number, relay, state, blame, stage, code, status, reply, started_at, ended_at, epoch FROM attempt \
                 WHERE delivery IN (SELECT value FROM json_each(?)) ORDER BY delivery, id",
            )
            .bind(serde_json::json!(ids).to_string())
            .fetch_all(&self.readers)
            .await?;
            let mut by_delivery: HashMap<i64, Vec<PastAttempt>> = HashMap::new();
            for row in &rows {
                by_delivery.entry(row.try_get("delivery")?).or_default().push(past_attempt(row, zone)?);
            }
            for entry in page {
                entry.history = Some(by_delivery.remove(&entry.delivery).unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// The outcome of attempt `a` beside the entry, and `a` in the lead.
const ATTEMPT_AS_ENTRY: &str = ", a.id AS attempt, a.state AS a_state, a.relay AS a_relay, a.stage AS a_stage, a.code AS a_code, \
     a.status AS a_status, a.reply AS a_reply, a.number AS a_number, a.started_at AS a_started, a.ended_at AS a_ended \
     FROM attempt a CROSS JOIN delivery d ON d.id = a.delivery CROSS JOIN";

/// An entry as it was when an attempt had ended.
fn attempted(row: &SqliteRow, entry: LogEntry, zone: Tz) -> Result<LogEntry, LedgerError> {
    let state = decode_state(row.try_get("a_state")?)?;
    Ok(LogEntry {
        state: state.as_str().to_owned(),
        attempts: row.try_get("a_number")?,
        relay: row.try_get("a_relay")?,
        stage: row.try_get("a_stage")?,
        code: row.try_get("a_code")?,
        status: row.try_get("a_status")?,
        reply: row.try_get("a_reply")?,
        last_attempt_at: Some(local(row.try_get("a_started")?, zone)),
        accepted_at: (state == State::Accepted)
            .then(|| row.try_get("a_ended").map(|at| local(at, zone)))
            .transpose()?,
        ..entry
    })
}

fn past_attempt(row: &SqliteRow, zone: Tz) -> Result<PastAttempt, LedgerError> {
    Ok(PastAttempt {
        number: row.try_get("number")?,
        relay: row.try_get("relay")?,
        state: row.try_get("state")?,
        blame: row.try_get("blame")?,
        stage: row.try_get("stage")?,
        code: row.try_get("code")?,
        status: row.try_get("status")?,
        reply: row.try_get("reply")?,
        started_at: local(row.try_get("started_at")?, zone),
        ended_at: local(row.try_get("ended_at")?, zone),
        epoch: row.try_get("epoch")?,
    })
}
