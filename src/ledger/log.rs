//! The delivery log: one entry per frozen addressee, with every attempt on request.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{CircularId, Ledger, LedgerError, queue::decode_state, time};
use crate::{addressees::Mailbox, delivery::State};

/// The fields of one entry, in the order of the CSV header.
pub const LOG_COLUMNS: [&str; 27] = [
    "reference",
    "issue",
    "delivery",
    "role",
    "groups",
    "copy_of",
    "address",
    "name",
    "organization",
    "country",
    "language",
    "in_reply_to",
    "state",
    "report",
    "attempts",
    "possible_duplicate",
    "relay",
    "stage",
    "code",
    "status",
    "reply",
    "message_id",
    "sha256",
    "queued_at",
    "last_attempt_at",
    "accepted_at",
    "next_attempt_at",
];

/// What is asked of the log. Every filter that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    /// Of one circular.
    pub circular: Option<CircularId>,
    /// In one of these states; empty: any.
    pub states: Vec<State>,
    /// In a group, by name.
    pub group: Option<String>,
    /// To one mailbox.
    pub mailbox: Option<Mailbox>,
    /// In a country, as the list writes it, in any case.
    pub country: Option<String>,
    /// Last changed at or after.
    pub since: Option<DateTime<Utc>>,
    /// Last changed before.
    pub until: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// One delivery, as `log --format json` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// As printed.
    pub reference: String,
    /// First, second, … issue.
    pub issue: i64,
    /// Number of the delivery.
    pub delivery: i64,
    /// `to` or `copy`
    pub role: String,
    /// All capacities.
    pub groups: Vec<String>,
    /// The offices whose `copy_to` names the mailbox.
    pub copy_of: Vec<String>,
    /// As first spelled.
    pub address: String,
    /// From the list.
    pub name: Option<String>,
    /// From the list.
    pub organization: Option<String>,
    /// From the list.
    pub country: Option<String>,
    /// The language it went out in.
    pub language: String,
    /// The Message-ID that it answers to, with brackets.
    pub in_reply_to: Option<String>,
    /// Where it stands.
    pub state: String,
    /// What delivery reports said.
    pub report: String,
    /// All attempts, killed ones too.
    pub attempts: i64,
    /// A second copy may have arrived.
    pub possible_duplicate: bool,
    /// Of the last attempt.
    pub relay: Option<String>,
    /// Where the last attempt ended.
    pub stage: Option<String>,
    /// Reply code of the last attempt.
    pub code: Option<i64>,
    /// Enhanced status code.
    pub status: Option<String>,
    /// The relay's own words.
    pub reply: Option<String>,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Of the octets sent, hexadecimal.
    pub sha256: Option<String>,
    /// When it was frozen or put back.
    #[serde(serialize_with = "with_offset")]
    pub queued_at: DateTime<FixedOffset>,
    /// When the last attempt began.
    #[serde(serialize_with = "maybe_with_offset")]
    pub last_attempt_at: Option<DateTime<FixedOffset>>,
    /// When the relay answered 250.
    #[serde(serialize_with = "maybe_with_offset")]
    pub accepted_at: Option<DateTime<FixedOffset>>,
    /// When it is tried again.
    #[serde(serialize_with = "maybe_with_offset")]
    pub next_attempt_at: Option<DateTime<FixedOffset>>,
    /// With `--attempts`: every attempt, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<PastAttempt>>,
}

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

/// All entries; conditions and order are added.
pub(super) const ENTRIES: &str = "SELECT i.reference, i.number, d.id, d.role, d.groups, d.copy_of, d.address, d.name, d.organization, d.country, \
     d.language, d.thread, d.state, d.report, d.attempts, d.possible_duplicate, d.relay, d.stage, d.code, d.status, d.reply, d.message_id, \
     lower(hex(d.sha256)) AS sha256, d.queued_at, d.last_attempt_at, d.accepted_at, d.next_attempt_at \
     FROM delivery d JOIN issue i ON i.id = d.issue WHERE i.state = 'frozen'";

impl Ledger {
    /// The log under a filter, in the order of freezing; times in `zone`.
    pub async fn log(&self, filter: &LogFilter, zone: Tz) -> Result<Vec<LogEntry>, LedgerError> {
        let mut query = QueryBuilder::new(ENTRIES);
        push_filter(&mut query, filter);
        query.push(" ORDER BY d.id");
        if let Some(limit) = filter.limit {
            query.push(" LIMIT ").push_bind(limit);
        }
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| entry(row, zone)).collect()
    }

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

pub(super) fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &LogFilter) {
    if let Some(circular) = filter.circular {
        query.push(" AND i.circular = ").push_bind(circular.0);
    }
    if !filter.states.is_empty() {
        query.push(" AND d.state IN (");
        let mut states = query.separated(", ");
        for state in &filter.states {
            states.push_bind(state.as_str());
        }
        query.push(")");
    }
    if let Some(group) = &filter.group {
        query
            .push(" AND EXISTS (SELECT 1 FROM json_each(d.groups) g WHERE g.value = ")
            .push_bind(group.clone())
            .push(")");
    }
    if let Some(mailbox) = &filter.mailbox {
        query.push(" AND d.mailbox = ").push_bind(mailbox.as_str().to_owned());
    }
    if let Some(country) = &filter.country {
        query.push(" AND d.country = ").push_bind(country.clone()).push(" COLLATE NOCASE");
    }
    if let Some(since) = filter.since {
        query.push(" AND coalesce(d.last_attempt_at, d.queued_at) >= ").push_bind(since.timestamp_millis());
    }
    if let Some(until) = filter.until {
        query.push(" AND coalesce(d.last_attempt_at, d.queued_at) < ").push_bind(until.timestamp_millis());
    }
}

/// RFC 3339 with a numeric offset, also where that is zero.
fn with_offset<S: Serializer>(at: &DateTime<FixedOffset>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, false))
}

fn maybe_with_offset<S: Serializer>(at: &Option<DateTime<FixedOffset>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => with_offset(at, serializer),
        None => serializer.serialize_none(),
    }
}

fn local(milliseconds: i64, zone: Tz) -> DateTime<FixedOffset> {
    zone.from_utc_datetime(&time(milliseconds).naive_utc()).fixed_offset()
}

pub(super) fn entry(row: &SqliteRow, zone: Tz) -> Result<LogEntry, LedgerError> {
    let at = |column: &str| -> Result<Option<DateTime<FixedOffset>>, LedgerError> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(|at| local(at, zone)))
    };
    let groups: String = row.try_get("groups")?;
    let (copy_of, thread): (Option<String>, Option<String>) = (row.try_get("copy_of")?, row.try_get("thread")?);
    Ok(LogEntry {
        reference: row.try_get("reference")?,
        issue: row.try_get("number")?,
        delivery: row.try_get("id")?,
        role: row.try_get("role")?,
        groups: serde_json::from_str(&groups)
            .map_err(|_| LedgerError::Unreadable { what: "delivery.groups", found: groups })?,
        copy_of: copy_of.map_or_else(Vec::new, |offices| serde_json::from_str(&offices).unwrap_or_default()),
        address: row.try_get("address")?,
        name: row.try_get("name")?,
        organization: row.try_get("organization")?,
        country: row.try_get("country")?,
        language: row.try_get("language")?,
        in_reply_to: thread.and_then(|thread| thread.rsplit(' ').next().map(str::to_owned)),
        state: decode_state(row.try_get("state")?)?.as_str().to_owned(),
        report: row.try_get("report")?,
        attempts: row.try_get("attempts")?,
        possible_duplicate: row.try_get("possible_duplicate")?,
        relay: row.try_get("relay")?,
        stage: row.try_get("stage")?,
        code: row.try_get("code")?,
        status: row.try_get("status")?,
        reply: row.try_get("reply")?,
        message_id: row.try_get("message_id")?,
        sha256: row.try_get::<Option<String>, _>("sha256")?.filter(|hash| !hash.is_empty()),
        queued_at: local(row.try_get("queued_at")?, zone),
        last_attempt_at: at("last_attempt_at")?,
        accepted_at: at("accepted_at")?,
        next_attempt_at: at("next_attempt_at")?,
        history: None,
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
