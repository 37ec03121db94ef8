//! Issues: a circular frozen, and what is known of it afterwards.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{CircularId, CircularRecord, CircularState, FrozenAnnex, Ledger, LedgerError, NamedReach, Reach, time};
use crate::{circular::Language, compose::MessageHead};

/// Row number of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IssueId(pub i64);

/// What all messages of an issue share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueHead {
    /// Name of the `[[sender]]`.
    pub sender: String,
    /// The reverse-path.
    pub return_path: String,
    /// Which version of the composer made the parts.
    pub composer: u32,
    /// From, Reply-To, Date and List-Id.
    pub message: MessageHead,
}

/// One language of an issue.
#[derive(Debug, Clone)]
pub struct FrozenPart {
    /// Its language.
    pub language: Language,
    /// File it came from.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// The rendered part as JSON.
    pub rendered: String,
}

/// What is to be frozen.
#[derive(Debug, Clone)]
pub struct NewIssue {
    /// Of which circular.
    pub circular: CircularId,
    /// As printed.
    pub reference: String,
    /// As printed.
    pub subject: String,
    /// What all messages share.
    pub head: IssueHead,
    /// The language to fall back to.
    pub original: Language,
    /// All languages.
    pub parts: Vec<FrozenPart>,
    /// Hash over the files, as the circular's record has it.
    pub digest: Vec<u8>,
    /// Hash over whom it reaches, where an approval is bound to it.
    pub addressees: Option<[u8; 32]>,
    /// Files that go with it, in the order of the letter's head.
    pub annexes: Vec<FrozenAnnex>,
    /// Whom it reaches, by names.
    pub reach: NamedReach,
}

/// A staged issue: rows are being added, nothing counts yet.
#[derive(Debug, Clone, Copy)]
pub struct IssueDraft {
    pub(super) id: IssueId,
    pub(super) circular: CircularId,
}

/// What came of making a staged issue count.
#[derive(Debug)]
pub enum Published {
    /// It goes out.
    Issue(Box<IssueRecord>),
    /// Nobody was left to send it to, or circular or lists are not what they were: it is looked at again.
    Changed,
    /// So many more people must approve this content.
    Unapproved(i64),
}

/// What all selections of a staged issue share.
#[derive(Debug, Clone, Copy)]
pub struct Staging<'a> {
    /// Whom the letter reaches, for what it excludes.
    pub reach: &'a Reach,
    /// The languages it exists in, the original first.
    pub languages: &'a [Language],
    /// The time of the freeze.
    pub now: DateTime<Utc>,
    /// Its date in the house's zone.
    pub today: NaiveDate,
    /// Of a supplementary issue: who was frozen for this circular is not staged again.
    pub not_frozen_for: Option<CircularId>,
}

/// A frozen issue.
#[derive(Debug, Clone)]
pub struct IssueRecord {
    /// Row number.
    pub id: IssueId,
    /// Of which circular.
    pub circular: CircularId,
    /// First, second, … issue.
    pub number: i64,
    /// As printed.
    pub reference: String,
    /// As printed.
    pub subject: String,
    /// What all messages share.
    pub head: IssueHead,
    /// When it was frozen.
    pub frozen_at: DateTime<Utc>,
    /// Addressees frozen.
    pub total: i64,
    /// Row numbers between which its deliveries lie.
    pub rows: (i64, i64),
    /// The language to fall back to.
    pub original: Language,
    /// Whom it reached, by names.
    pub reach: NamedReach,
    /// Hash over its texts and annexes.
    pub digest: Vec<u8>,
    /// The issue whose texts it repeats, where it is a supplementary one.
    pub source: Option<IssueId>,
}

impl Ledger {
    /// Circulars to be frozen now: ready, or repeating, and due.
    pub async fn due_circulars(&self, now: DateTime<Utc>) -> Result<Vec<CircularRecord>, LedgerError> {
        let due = |record: &CircularRecord| {
            let waits = record.state == CircularState::Ready
                || (record.repeat.is_some()
                    && matches!(record.state, CircularState::Sending | CircularState::Completed));
            waits && !record.behind_parent && record.due_at.is_some_and(|due| due <= now)
        };
        Ok(self.circulars().await?.into_iter().filter(due).collect())
    }

    /// Frozen issues that are not complete and whose circular is being sent.
    pub async fn open_issues(&self) -> Result<Vec<IssueRecord>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{ISSUE} JOIN circular c ON c.id = i.circular WHERE i.state = 'frozen' AND i.completed_at IS NULL AND c.state = 'sending' ORDER BY i.id"
        )))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(issue_record).collect()
    }

    /// The issues of a circular, first to last.
    pub async fn issues(&self, circular: CircularId) -> Result<Vec<IssueRecord>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{ISSUE} WHERE i.state = 'frozen' AND i.circular = ? ORDER BY i.id"
        )))
        .bind(circular.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(issue_record).collect()
    }

    /// The rendered parts of an issue, by language, as JSON.
    pub async fn parts(&self, issue: IssueId) -> Result<Vec<(Language, String)>, LedgerError> {
        let rows = sqlx::query("SELECT language, rendered FROM part WHERE issue = ?")
            .bind(issue.0)
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| Ok((language(row.try_get("language")?, "part.language")?, row.try_get("rendered")?)))
            .collect()
    }
}

pub(super) const ISSUE: &str = "SELECT i.id, i.circular, i.number, i.reference, i.subject, i.head, i.frozen_at, i.total, i.original, \
     i.reach, i.digest, i.source, i.first_delivery, i.last_delivery FROM issue i ";

pub(super) fn issue_record(row: &sqlx::sqlite::SqliteRow) -> Result<IssueRecord, LedgerError> {
    let (head, reach): (String, String) = (row.try_get("head")?, row.try_get("reach")?);
    Ok(IssueRecord {
        id: IssueId(row.try_get("id")?),
        circular: CircularId(row.try_get("circular")?),
        number: row.try_get("number")?,
        reference: row.try_get("reference")?,
        subject: row.try_get("subject")?,
        head: serde_json::from_str(&head).map_err(|_| LedgerError::Unreadable { what: "issue.head", found: head })?,
        frozen_at: time(row.try_get("frozen_at")?),
        total: row.try_get("total")?,
        rows: (row.try_get("first_delivery")?, row.try_get("last_delivery")?),
        original: language(row.try_get("original")?, "issue.original")?,
        reach: serde_json::from_str(&reach)
            .map_err(|_| LedgerError::Unreadable { what: "issue.reach", found: reach })?,
        digest: row.try_get("digest")?,
        source: row.try_get::<Option<i64>, _>("source")?.map(IssueId),
    })
}

fn language(code: String, what: &'static str) -> Result<Language, LedgerError> {
    code.parse().map_err(|_| LedgerError::Unreadable { what, found: code })
}
