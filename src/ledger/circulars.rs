//! Circulars as seen in the folder: one row per reference, its letters, and where it stands.

use chrono::{DateTime, Utc};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Ledger, LedgerError, time};
use crate::circular::{Problem, Reference, ReferenceKey};

/// Row number of a circular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CircularId(pub i64);

/// Where a circular stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CircularState {
    /// Something stands against sending it.
    Parked,
    /// Waits for its time.
    Ready,
    /// Waits for people to approve it.
    AwaitingApproval,
    /// Its time passed too long ago; waits for `release`.
    Late,
    /// Frozen and going out.
    Sending,
    /// Stopped by blame.
    Paused,
    /// Stopped by a person.
    Held,
    /// Every addressee has a final state.
    Completed,
    /// Stopped for good by a person.
    Cancelled,
}

impl CircularState {
    /// All states.
    pub const ALL: [CircularState; 9] = [
        CircularState::Parked,
        CircularState::Ready,
        CircularState::AwaitingApproval,
        CircularState::Late,
        CircularState::Sending,
        CircularState::Paused,
        CircularState::Held,
        CircularState::Completed,
        CircularState::Cancelled,
    ];

    /// The word in the ledger and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            CircularState::Parked => "parked",
            CircularState::Ready => "ready",
            CircularState::AwaitingApproval => "awaiting_approval",
            CircularState::Late => "late",
            CircularState::Sending => "sending",
            CircularState::Paused => "paused",
            CircularState::Held => "held",
            CircularState::Completed => "completed",
            CircularState::Cancelled => "cancelled",
        }
    }

    pub(super) fn decode(word: &str) -> Result<Self, LedgerError> {
        word.parse().map_err(|_| LedgerError::Unreadable { what: "circular.state", found: word.to_owned() })
    }
}

impl std::str::FromStr for CircularState {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == word);
        let known = || Self::ALL.map(Self::as_str).join(", ");
        found.ok_or_else(|| format!("\"{word}\" is not a state of a circular; the states are {}", known()))
    }
}

/// One letter file of a circular, as it lies in the folder.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterRecord {
    /// `fr`
    pub language: String,
    /// File name under `templates/`.
    pub file: String,
    /// SHA-256 of the file's octets.
    pub sha256: [u8; 32],
    /// What was found in it.
    pub problems: Vec<Problem>,
}

/// What the folder shows of one circular: the files of one stem, understood.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// File name without language and ending.
    pub stem: String,
    /// Its files.
    pub letters: Vec<LetterRecord>,
    /// The reference, where one was read.
    pub reference: Option<Reference>,
    /// The subject, where one was read.
    pub subject: Option<String>,
    /// `Parked`, `Ready`, `AwaitingApproval` or `Late`.
    pub state: CircularState,
    /// Why it is parked or late.
    pub reason: Option<String>,
    /// When it is to be frozen.
    pub due_at: Option<DateTime<Utc>>,
    /// The cron expression of a repeated circular.
    pub repeat: Option<String>,
    /// Hash over all letters and annexes.
    pub digest: [u8; 32],
    /// Hash over whom it reaches, where approvals are asked for.
    pub addressees: Option<[u8; 32]>,
    /// It is marked so.
    pub confidential: bool,
    /// What it is to another circular: "corrigendum 1".
    pub supplement: Option<String>,
    /// The key of that circular's reference.
    pub parent: Option<ReferenceKey>,
    /// The letter's date, ISO; `YYYY-MM` where it gives no day.
    pub dated: Option<String>,
    /// Why it is late whatever its time: it lay there before the ledger did.
    pub lay_there: Option<&'static str>,
}

/// A circular as the ledger has it.
#[derive(Debug, Clone)]
pub struct CircularRecord {
    /// Row number.
    pub id: CircularId,
    /// File name without language and ending.
    pub stem: String,
    /// As printed.
    pub reference: Option<String>,
    /// As printed.
    pub subject: Option<String>,
    /// Where it stands.
    pub state: CircularState,
    /// Why.
    pub reason: Option<String>,
    /// When it is, or was, to be frozen.
    pub due_at: Option<DateTime<Utc>>,
    /// Cron expression.
    pub repeat: Option<String>,
    /// Hash over its files.
    pub digest: Vec<u8>,
    /// Hash over whom it reaches, where approvals are asked for.
    pub addressees: Option<Vec<u8>>,
    /// It is marked so: one more person must approve it.
    pub confidential: bool,
    /// What it is to another circular: "corrigendum 1".
    pub supplement: Option<String>,
    /// The key of that circular's reference.
    pub parent_key: Option<String>,
    /// The key of its own.
    pub reference_key: Option<String>,
    /// The letter's date, ISO; `YYYY-MM` where it gives no day.
    pub dated: Option<String>,
    /// When it was first seen.
    pub seen_at: DateTime<Utc>,
    /// When the last addressee got a final state.
    pub completed_at: Option<DateTime<Utc>>,
    /// How often it was frozen.
    pub issues: i64,
    /// It lay there before the ledger did, and nobody has released it.
    pub lay_there: bool,
    /// It supplements a circular of which messages have still to leave for the first time: a correction does not arrive before
    /// the letter.
    pub behind_parent: bool,
}

pub(super) const COLUMNS: &str = concat!(
    "SELECT c.id, c.stem, c.reference, c.subject, c.state, c.reason, c.due_at, c.repeat, c.digest, c.lay_there, c.seen_at, \
     c.addressees, c.confidential, c.supplement, c.parent_key, c.reference_key, c.dated, c.completed_at, (SELECT count(*) FROM issue i WHERE i.circular = c.id AND i.state = 'frozen') AS issues, \
     (c.parent_key IS NOT NULL AND EXISTS (SELECT 1 FROM circular p JOIN issue i ON i.circular = p.id JOIN delivery d ON d.issue = i.id \
     WHERE p.reference_key = c.parent_key AND p.state <> 'parked' AND i.state = 'frozen' AND i.completed_at IS NULL \
     AND ",
    is_open!("d."),
    " \
     AND (d.state = 'in_transaction' OR (d.state = 'queued' AND d.attempts = 0)))) AS behind_parent FROM circular c "
);

pub(super) fn record(row: &SqliteRow) -> Result<CircularRecord, LedgerError> {
    Ok(CircularRecord {
        id: CircularId(row.try_get("id")?),
        stem: row.try_get("stem")?,
        reference: row.try_get("reference")?,
        subject: row.try_get("subject")?,
        state: CircularState::decode(row.try_get("state")?)?,
        reason: row.try_get("reason")?,
        due_at: row.try_get::<Option<i64>, _>("due_at")?.map(time),
        repeat: row.try_get("repeat")?,
        digest: row.try_get("digest")?,
        addressees: row.try_get("addressees")?,
        confidential: row.try_get("confidential")?,
        supplement: row.try_get("supplement")?,
        parent_key: row.try_get("parent_key")?,
        reference_key: row.try_get("reference_key")?,
        dated: row.try_get("dated")?,
        seen_at: time(row.try_get("seen_at")?),
        completed_at: row.try_get::<Option<i64>, _>("completed_at")?.map(time),
        issues: row.try_get("issues")?,
        lay_there: row.try_get("lay_there")?,
        behind_parent: row.try_get("behind_parent")?,
    })
}

impl Ledger {
    /// The circular that a reference, however spelled, or a stem names.
    pub async fn find(&self, reference: &ReferenceKey, stem: &str) -> Result<Option<CircularRecord>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE c.reference_key = ?1 OR c.stem = ?2 ORDER BY c.reference_key = ?1 DESC, c.state = 'parked', c.id DESC LIMIT 1"
        )))
        .bind(reference.to_string())
        .bind(stem)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(record).transpose()
    }

    /// Another circular that was frozen, and whose reference differs in nothing but a slash that is a dash or a blank.
    pub async fn find_alike(&self, reference: &ReferenceKey) -> Result<Option<CircularRecord>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE replace(c.reference_key, '/', ' ') = replace(?1, '/', ' ') AND c.reference_key <> ?1 \
             AND EXISTS (SELECT 1 FROM issue i WHERE i.circular = c.id) ORDER BY c.id DESC LIMIT 1"
        )))
        .bind(reference.to_string())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(record).transpose()
    }

    /// All circulars, newest first.
    pub async fn circulars(&self) -> Result<Vec<CircularRecord>, LedgerError> {
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY c.id DESC"))).fetch_all(&self.readers).await?;
        rows.iter().map(record).collect()
    }

    /// Circulars of which an epoch attempted a delivery, or which it froze.
    pub async fn circulars_of_epoch(&self, epoch: i64) -> Result<Vec<CircularRecord>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE EXISTS (SELECT 1 FROM issue i JOIN delivery d ON d.issue = i.id WHERE i.circular = c.id AND d.epoch = ?) ORDER BY c.id"
        )))
        .bind(epoch)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(record).collect()
    }

    /// The letters of a circular.
    pub async fn letters(&self, circular: CircularId) -> Result<Vec<LetterRecord>, LedgerError> {
        let rows = sqlx::query("SELECT language, file, sha256, problems FROM letter WHERE circular = ? ORDER BY file")
            .bind(circular.0)
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                let sha256: Vec<u8> = row.try_get("sha256")?;
                Ok(LetterRecord {
                    language: row.try_get("language")?,
                    file: row.try_get("file")?,
                    sha256: sha256.try_into().unwrap_or_default(),
                    problems: serde_json::from_str(row.try_get("problems")?).unwrap_or_default(),
                })
            })
            .collect()
    }
}
