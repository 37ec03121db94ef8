//! Alerts and reports for those who ask: what is open, what was, and what became of every message about it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use sqlx::{Row, sqlite::SqliteRow};

use super::{
    IssueId, Ledger, LedgerError,
    issues::{ISSUE, issue_record},
    time,
};
use crate::{
    alerts::{Completed, Failed},
    delivery::State,
    report::rfc3339,
};

/// Whether an alert is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertStands {
    /// It is not.
    Open,
    /// It is, as a report is from the start.
    Resolved,
}

impl AlertStands {
    /// All there are.
    pub const ALL: [AlertStands; 2] = [AlertStands::Open, AlertStands::Resolved];

    /// The word that people and programs see.
    pub fn as_str(self) -> &'static str {
        match self {
            AlertStands::Open => "open",
            AlertStands::Resolved => "resolved",
        }
    }
}

/// One alert or report, as `alerts --format json` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct AlertEntry {
    /// Number.
    pub alert: i64,
    /// `relay_down`, …; `completed`: a report.
    pub kind: String,
    /// `open` or `resolved`; a report is `resolved` from the start.
    pub state: &'static str,
    /// Which relay, group, file or circular.
    pub key: String,
    /// The circular, if it is about one.
    pub reference: Option<String>,
    /// Why.
    pub what: String,
    /// How often it has opened.
    pub times: i64,
    /// RFC 3339.
    pub opened_at: String,
    /// RFC 3339.
    pub resolved_at: Option<String>,
    /// Until when the relay rests, as it was said last; RFC 3339.
    pub rests_until: Option<String>,
    /// The messages about it.
    pub messages: Vec<NoticeEntry>,
}

/// One message about an alert.
#[derive(Debug, Clone, Serialize)]
pub struct NoticeEntry {
    /// Number.
    pub notice: i64,
    /// To whom.
    pub recipient: String,
    /// `opened`, `resolved` or `report`; `None`: it has said nothing yet.
    pub says: Option<String>,
    /// In the words of deliveries.
    pub state: String,
    /// All attempts, killed ones too.
    pub attempts: i64,
    /// A second copy may have arrived.
    pub possible_duplicate: bool,
    /// With its brackets.
    pub message_id: Option<String>,
    /// The relay of the last attempt.
    pub relay: Option<String>,
    /// Reply code.
    pub code: Option<i64>,
    /// The relay's words, or what happened instead.
    pub reply: Option<String>,
    /// RFC 3339.
    pub last_attempt_at: Option<String>,
    /// RFC 3339.
    pub next_attempt_at: Option<String>,
}

impl Ledger {
    /// Open alerts first, then those that were and the reports, newest first; times in `zone`.
    pub async fn alerts(&self, limit: Option<u32>, zone: Tz) -> Result<Vec<AlertEntry>, LedgerError> {
        let rows = sqlx::query(
            "SELECT id, kind, key, reference, what, times, opened_at, resolved_at, rests_until FROM alert \
             ORDER BY resolved_at IS NOT NULL, id DESC LIMIT ?",
        )
        .bind(limit.map_or(-1, i64::from))
        .fetch_all(&self.readers)
        .await?;
        self.entries(&rows, zone).await
    }

    /// Those that stand so, by number, newest first, from below `after` on.
    pub async fn alerts_page(
        &self,
        stands: Option<AlertStands>,
        after: Option<i64>,
        limit: u32,
        zone: Tz,
    ) -> Result<Vec<AlertEntry>, LedgerError> {
        let rows = sqlx::query(
            "SELECT id, kind, key, reference, what, times, opened_at, resolved_at, rests_until FROM alert \
             WHERE (?1 IS NULL OR (resolved_at IS NOT NULL) = ?1) AND (?2 IS NULL OR id < ?2) ORDER BY id DESC LIMIT ?3",
        )
        .bind(stands.map(|stands| stands == AlertStands::Resolved))
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        self.entries(&rows, zone).await
    }

    async fn entries(&self, rows: &[SqliteRow], zone: Tz) -> Result<Vec<AlertEntry>, LedgerError> {
        let at = |at: DateTime<Utc>| rfc3339(at, zone);
        let numbers: Vec<i64> = rows.iter().map(|row| row.try_get("id")).collect::<Result<_, _>>()?;
        let mut messages = self.messages_about(&numbers, zone).await?;
        rows.iter()
            .map(|row| {
                let (alert, resolved_at): (i64, Option<i64>) = (row.try_get("id")?, row.try_get("resolved_at")?);
                let stands = if resolved_at.is_none() { AlertStands::Open } else { AlertStands::Resolved };
                let rests_until: Option<i64> = row.try_get("rests_until")?;
                Ok(AlertEntry {
                    alert,
                    kind: row.try_get("kind")?,
                    state: stands.as_str(),
                    key: row.try_get("key")?,
                    reference: row.try_get("reference")?,
                    what: row.try_get("what")?,
                    times: row.try_get("times")?,
                    opened_at: at(time(row.try_get("opened_at")?)),
                    resolved_at: resolved_at.map(time).map(at),
                    rests_until: rests_until.map(time).map(at),
                    messages: messages.remove(&alert).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// How many are open. Parked letters are counted where circulars are listed.
    pub async fn alerts_open(&self) -> Result<i64, LedgerError> {
        let sql = "SELECT count(*) FROM alert WHERE resolved_at IS NULL AND kind <> 'parked'";
        Ok(sqlx::query(sql).fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// What a message says stands in `notice_alert` once it has begun; one that waits will say all its reader lacks.
    async fn messages_about(&self, alerts: &[i64], zone: Tz) -> Result<HashMap<i64, Vec<NoticeEntry>>, LedgerError> {
        let at = |at: Option<i64>| at.map(|at| rfc3339(time(at), zone));
        let rows = sqlx::query(
            "SELECT s.alert, iif(n.report IS NULL, s.says, 'report') AS says, n.* FROM notice n JOIN notice_alert s ON s.notice = n.id \
             WHERE s.alert IN (SELECT value FROM json_each(?1)) \
             UNION ALL SELECT t.alert, NULL, n.* FROM notice n JOIN alert_told t ON t.recipient = n.recipient AND t.told IS NULL \
             AND (n.report IS NULL OR n.report = t.alert) AND (n.report IS NOT NULL) = \
             EXISTS (SELECT 1 FROM alert a WHERE a.id = t.alert AND a.issue IS NOT NULL) \
             WHERE n.state IN ('queued', 'deferred') AND t.alert IN (SELECT value FROM json_each(?1)) ORDER BY 3",
        )
        .bind(serde_json::json!(alerts).to_string())
        .fetch_all(&self.readers)
        .await?;
        let mut all: HashMap<i64, Vec<NoticeEntry>> = HashMap::new();
        for row in &rows {
            all.entry(row.try_get("alert")?).or_default().push(NoticeEntry {
                notice: row.try_get("id")?,
                recipient: row.try_get("recipient")?,
                says: row.try_get("says")?,
                state: row.try_get("state")?,
                attempts: row.try_get("attempts")?,
                possible_duplicate: row.try_get("possible_duplicate")?,
                message_id: row.try_get("message_id")?,
                relay: row.try_get("relay")?,
                code: row.try_get("code")?,
                reply: row.try_get("reply")?,
                last_attempt_at: at(row.try_get("last_attempt_at")?),
                next_attempt_at: at(row.try_get("next_attempt_at")?),
            });
        }
        Ok(all)
    }

    /// What a report says: the issue of an alert row as it stands. `None`: there is no such report.
    pub async fn completed_issue(&self, report: i64) -> Result<Option<Completed>, LedgerError> {
        let row = sqlx::query("SELECT opened_at FROM alert WHERE id = ? AND issue IS NOT NULL")
            .bind(report)
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let completed_at = time(row.try_get(0)?);
        let sql = format!("{ISSUE} WHERE i.id = (SELECT issue FROM alert WHERE id = ?)");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(report).fetch_one(&self.readers).await?;
        let issue = issue_record(&row)?;
        let mut failed = BTreeMap::new();
        for state in [State::Refused, State::Expired, State::Withdrawn] {
            failed.insert(state, self.failed(issue.id, "d.state = ?2", state.as_str()).await?);
        }
        let twice_in_all: i64 = sqlx::query(
            "SELECT count(*) FROM delivery d WHERE d.issue = ? AND d.state = 'accepted' AND d.possible_duplicate",
        )
        .bind(issue.id.0)
        .fetch_one(&self.readers)
        .await?
        .try_get(0)?;
        Ok(Some(Completed {
            twice: self.failed(issue.id, "d.possible_duplicate AND d.state = ?2", State::Accepted.as_str()).await?,
            twice_in_all: twice_in_all.unsigned_abs(),
            settled: self.settled(Some(issue.id)).await?,
            totals: self.issue_totals(issue.id).await?,
            completed_at,
            frozen_at: issue.frozen_at,
            circular: issue.circular.0,
            reference: issue.reference,
            issue: issue.number,
            subject: issue.subject,
            failed,
        }))
    }

    async fn failed(&self, issue: IssueId, which: &'static str, state: &str) -> Result<Vec<Failed>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT d.name, d.organization, d.country, d.address, d.groups, d.code, d.status, d.reply, d.attempts FROM delivery d \
             WHERE d.issue = ?1 AND {which} ORDER BY d.id LIMIT ?3"
        )))
        .bind(issue.0)
        .bind(state)
        .bind(Completed::MOST)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let groups: String = row.try_get("groups")?;
                Ok(Failed {
                    name: row.try_get("name")?,
                    organization: row.try_get("organization")?,
                    country: row.try_get("country")?,
                    address: row.try_get("address")?,
                    groups: serde_json::from_str(&groups)
                        .map_err(|_| LedgerError::Unreadable { what: "delivery.groups", found: groups })?,
                    code: row.try_get("code")?,
                    status: row.try_get("status")?,
                    reply: row.try_get("reply")?,
                    attempts: row.try_get("attempts")?,
                })
            })
            .collect()
    }
}
