//! The delivery log: one entry per frozen addressee.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{CircularId, Cursor, Ledger, LedgerError, PastAttempt, queue::decode_state, time};
use crate::{addressees::Mailbox, compose::Role, delivery::State};

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
    /// In a country, however the lists spell it: case, accents and kinds of apostrophe do not matter.
    pub country: Option<String>,
    /// In a language, by code.
    pub language: Option<String>,
    /// Addressees, or those who get it for information.
    pub role: Option<Role>,
    /// Last attempted through a relay, by name.
    pub relay: Option<String>,
    /// To any mailbox of a domain, in the form in which mailboxes are compared.
    pub domain: Option<String>,
    /// Last changed at or after.
    pub since: Option<DateTime<Utc>>,
    /// Last changed before.
    pub until: Option<DateTime<Utc>>,
    /// Behind this place.
    pub after: Option<Cursor>,
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

/// All entries; conditions and order are added. The delivery leads, so that rows come in the order in which they lie.
pub(super) const ENTRIES: &str = "SELECT i.reference, i.number, d.id, d.role, d.groups, d.copy_of, d.address, d.name, d.organization, d.country, d.language, \
     d.thread, d.state, d.report, d.attempts, d.doubts, d.possible_duplicate, d.relay, d.stage, d.code, d.status, d.reply, d.message_id, \
     lower(hex(d.sha256)) AS sha256, d.queued_at, d.last_attempt_at, d.accepted_at, d.next_attempt_at \
     FROM delivery d CROSS JOIN issue i ON i.id = d.issue WHERE i.state = 'frozen'";

impl Ledger {
    /// The log under a filter, in the order of freezing; times in `zone`.
    pub async fn log(&self, filter: &LogFilter, zone: Tz) -> Result<Vec<LogEntry>, LedgerError> {
        /// Bounds one question; a list that somebody holds in memory is as long as it is.
        const PAGE: u32 = 2_000;
        let (mut filter, mut entries) = (filter.clone(), Vec::new());
        let most = filter.limit.unwrap_or(u32::MAX);
        loop {
            let missing = most - u32::try_from(entries.len()).unwrap_or(most).min(most);
            if missing == 0 {
                return Ok(entries);
            }
            let page = self.log_page(&filter, missing.min(PAGE), zone).await?;
            entries.extend(page.entries);
            match page.next {
                Some(next) => filter.after = Some(next),
                None => return Ok(entries),
            }
        }
    }
}

/// `countries` are the spellings of the filter's country.
pub(super) fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &LogFilter, countries: &[String]) {
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
    if filter.country.is_some() {
        query.push(" AND d.country COLLATE NOCASE IN (SELECT value FROM json_each(");
        query.push_bind(serde_json::json!(countries).to_string()).push("))");
    }
    if let Some(domain) = &filter.domain {
        query.push(" AND substr(d.mailbox, instr(d.mailbox, '@') + 1) = ");
        query.push_bind(domain.clone());
    }
    if let Some(language) = &filter.language {
        query.push(" AND d.language = ").push_bind(language.clone());
    }
    if let Some(role) = filter.role {
        query.push(match role {
            Role::To => " AND d.role = 'to'",
            Role::Copy => " AND d.role = 'copy'",
        });
    }
    if let Some(relay) = &filter.relay {
        query.push(" AND d.relay = ").push_bind(relay.clone());
    }
    if let Some(since) = filter.since {
        query.push(" AND coalesce(d.last_attempt_at, d.queued_at) >= ").push_bind(since.timestamp_millis());
    }
    if let Some(until) = filter.until {
        query.push(" AND coalesce(d.last_attempt_at, d.queued_at) < ").push_bind(until.timestamp_millis());
    }
}

/// RFC 3339 with a numeric offset, also where that is zero.
pub(super) fn with_offset<S: Serializer>(at: &DateTime<FixedOffset>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, false))
}

fn maybe_with_offset<S: Serializer>(at: &Option<DateTime<FixedOffset>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => with_offset(at, serializer),
        None => serializer.serialize_none(),
    }
}

pub(super) fn local(milliseconds: i64, zone: Tz) -> DateTime<FixedOffset> {
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
