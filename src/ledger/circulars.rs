//! Circulars as seen in the folder: one row per reference, its letters, and where it stands.

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Ledger, LedgerError, events, events::Event, time};
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
    const ALL: [CircularState; 9] = [
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
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| LedgerError::Unreadable { what: "circular.state", found: word.to_owned() })
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
    /// Hash over all letters, annexes and what else an approval covers.
    pub digest: [u8; 32],
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
    /// When it was first seen.
    pub seen_at: DateTime<Utc>,
    /// When the last addressee got a final state.
    pub completed_at: Option<DateTime<Utc>>,
    /// How often it was frozen.
    pub issues: i64,
}

const COLUMNS: &str = "SELECT c.id, c.stem, c.reference, c.subject, c.state, c.reason, c.due_at, c.repeat, c.digest, c.seen_at, \
     c.completed_at, (SELECT count(*) FROM issue i WHERE i.circular = c.id AND i.state = 'frozen') AS issues FROM circular c ";

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
        seen_at: time(row.try_get("seen_at")?),
        completed_at: row.try_get::<Option<i64>, _>("completed_at")?.map(time),
        issues: row.try_get("issues")?,
    })
}

impl Ledger {
    /// Records what the folder shows of one circular. A reference that another circular uses parks it. Says where it stands
    /// if that changed.
    pub async fn see(&self, sighting: &Sighting, now: DateTime<Utc>) -> Result<Option<CircularRecord>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let open = open_by_stem(&mut tx, &sighting.stem).await?;
        let user = match &sighting.reference {
            Some(reference) => user_of(&mut tx, &reference.key(), open.as_ref().map(|record| record.id)).await?,
            None => None,
        };
        let sighting = match user {
            Some(user) if same_circular(&user, sighting) => {
                if user.repeat.is_some() {
                    keep_letters(&mut tx, user.id, sighting, now).await?;
                }
                if let Some(open) = open {
                    remove(&mut tx, open.id).await?;
                }
                tx.commit().await?;
                return Ok(None);
            }
            Some(user) => &used_reference(sighting, &user),
            None => sighting,
        };
        let Some(id) = upsert(&mut tx, open.as_ref(), sighting, now).await? else {
            return Ok(None);
        };
        keep_letters(&mut tx, id, sighting, now).await?;
        let mut event = Event::new(sighting.state.as_str(), "circulard")
            .because(sighting.reason.clone().unwrap_or_default())
            .detail(serde_json::json!({ "stem": sighting.stem, "due_at": sighting.due_at }));
        if let Some(reference) = &sighting.reference {
            event = event.about(reference.as_str());
        }
        events::append(&mut tx, &event, now).await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE c.id = ?")))
            .bind(id.0)
            .fetch_one(&mut *tx)
            .await?;
        let record = record(&row)?;
        tx.commit().await?;
        Ok(Some(record))
    }

    /// Forgets circulars that were never frozen and whose files are gone; `stems` are those still there. A repeated circular
    /// whose file is gone has no further issue.
    pub async fn forget_all_but(&self, stems: &[String], now: DateTime<Utc>) -> Result<Vec<String>, LedgerError> {
        let stems = serde_json::json!(stems).to_string();
        let gone = "FROM circular c WHERE c.stem NOT IN (SELECT value FROM json_each(?)) AND \
                    (c.repeat IS NOT NULL OR NOT EXISTS (SELECT 1 FROM issue i WHERE i.circular = c.id)) \
                    AND c.state NOT IN ('completed', 'cancelled')";
        let count: i64 = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT count(*) {gone}")))
            .bind(&stems)
            .fetch_one(&self.readers)
            .await?
            .try_get(0)?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT c.id, c.stem, c.reference, EXISTS (SELECT 1 FROM issue i WHERE i.circular = c.id) AS frozen {gone}"
        )))
        .bind(&stems)
        .fetch_all(&mut *tx)
        .await?;
        let mut forgotten = Vec::new();
        for row in rows {
            let (id, stem) = (CircularId(row.try_get("id")?), row.try_get::<String, _>("stem")?);
            if row.try_get::<bool, _>("frozen")? {
                sqlx::query("UPDATE circular SET repeat = NULL, due_at = NULL WHERE id = ?")
                    .bind(id.0)
                    .execute(&mut *tx)
                    .await?;
            } else {
                remove(&mut tx, id).await?;
            }
            let mut event = Event::new("letter_gone", "circulard").detail(serde_json::json!({ "stem": stem }));
            if let Some(reference) = row.try_get::<Option<String>, _>("reference")? {
                event = event.about(reference);
            }
            events::append(&mut tx, &event, now).await?;
            forgotten.push(stem);
        }
        tx.commit().await?;
        Ok(forgotten)
    }

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

/// What is sent, or was, is the same circular if reference and content agree, or if it repeats.
fn same_circular(user: &CircularRecord, sighting: &Sighting) -> bool {
    user.issues > 0 && (user.digest == sighting.digest || (user.repeat.is_some() && user.stem == sighting.stem))
}

fn used_reference(sighting: &Sighting, user: &CircularRecord) -> Sighting {
    let reference = sighting.reference.as_ref().map_or("", |reference| reference.as_str());
    let reason = if user.issues > 0 {
        format!(
            "reference \"{reference}\" is used: it was frozen from {}, and its text was another; a used reference is not sent twice: \
             give the letter a reference of its own, or send the correction as a corrigendum, addendum or revision",
            user.stem
        )
    } else if user.state == CircularState::Cancelled {
        format!("reference \"{reference}\" was cancelled; give the letter a reference of its own")
    } else {
        format!(
            "reference \"{reference}\" also stands in {}; one of the two letters needs another reference",
            user.stem
        )
    };
    Sighting { state: CircularState::Parked, reason: Some(reason), due_at: None, ..sighting.clone() }
}

/// The row of this stem that was never frozen.
async fn open_by_stem(tx: &mut SqliteConnection, stem: &str) -> Result<Option<CircularRecord>, LedgerError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE c.stem = ? AND c.state NOT IN ('completed', 'cancelled') \
         AND NOT EXISTS (SELECT 1 FROM issue i WHERE i.circular = c.id) ORDER BY c.id DESC LIMIT 1"
    )))
    .bind(stem)
    .fetch_optional(tx)
    .await?;
    row.as_ref().map(record).transpose()
}

/// The circular, other than `but`, that uses this reference.
async fn user_of(
    tx: &mut SqliteConnection,
    key: &ReferenceKey,
    but: Option<CircularId>,
) -> Result<Option<CircularRecord>, LedgerError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE c.reference_key = ? AND c.state <> 'parked' AND c.id <> ?"
    )))
    .bind(key.to_string())
    .bind(but.map_or(0, |id| id.0))
    .fetch_optional(tx)
    .await?;
    row.as_ref().map(record).transpose()
}

async fn remove(tx: &mut SqliteConnection, id: CircularId) -> Result<(), LedgerError> {
    sqlx::query("UPDATE orders SET circular = NULL WHERE circular = ?").bind(id.0).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM circular WHERE id = ?").bind(id.0).execute(tx).await?;
    Ok(())
}

/// `None` where nothing changed. A hold and an operator's release outlive an unchanged file.
async fn upsert(
    tx: &mut SqliteConnection,
    open: Option<&CircularRecord>,
    sighting: &Sighting,
    now: DateTime<Utc>,
) -> Result<Option<CircularId>, LedgerError> {
    let reference = sighting.reference.as_ref();
    if let Some(open) = open {
        let same_content = open.digest == sighting.digest;
        // a release window that moved: the future follows the configuration, the past stays
        let moved = open.state == CircularState::Ready && open.due_at > Some(now) && open.due_at != sighting.due_at;
        let settled =
            same_content && !moved && open.state != CircularState::Parked && sighting.state != CircularState::Parked;
        if settled || (same_content && !moved && open.state == sighting.state && open.reason == sighting.reason) {
            return Ok(None);
        }
    }
    let sql = match open {
        Some(_) => {
            "UPDATE circular SET stem = ?1, reference = ?2, reference_key = ?3, subject = ?4, state = ?5, reason = ?6, \
             digest = ?7, repeat = ?8, due_at = ?9, changed_at = ?10 WHERE id = ?11 RETURNING id"
        }
        None => {
            "INSERT INTO circular (stem, reference, reference_key, subject, state, reason, digest, repeat, due_at, changed_at, seen_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) RETURNING id"
        }
    };
    let mut query = sqlx::query(sql)
        .bind(&sighting.stem)
        .bind(reference.map(Reference::as_str))
        .bind(reference.map(|reference| reference.key().to_string()))
        .bind(&sighting.subject)
        .bind(sighting.state.as_str())
        .bind(&sighting.reason)
        .bind(&sighting.digest[..])
        .bind(&sighting.repeat)
        .bind(sighting.due_at.map(|due| due.timestamp_millis()))
        .bind(now.timestamp_millis());
    if let Some(open) = open {
        query = query.bind(open.id.0);
    }
    Ok(Some(CircularId(query.fetch_one(tx).await?.try_get(0)?)))
}

async fn keep_letters(
    tx: &mut SqliteConnection,
    id: CircularId,
    sighting: &Sighting,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    sqlx::query("DELETE FROM letter WHERE circular = ?").bind(id.0).execute(&mut *tx).await?;
    for letter in &sighting.letters {
        sqlx::query("INSERT INTO letter (circular, language, file, sha256, problems) VALUES (?, ?, ?, ?, ?)")
            .bind(id.0)
            .bind(&letter.language)
            .bind(&letter.file)
            .bind(&letter.sha256[..])
            .bind(serde_json::json!(letter.problems).to_string())
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query("UPDATE circular SET digest = ?, changed_at = ? WHERE id = ?")
        .bind(&sighting.digest[..])
        .bind(now.timestamp_millis())
        .bind(id.0)
        .execute(tx)
        .await?;
    Ok(())
}
