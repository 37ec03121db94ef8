//! One moment of the ledger, read at leisure: whatever is written meanwhile, all answers are of the same instant.

use chrono_tz::Tz;
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};

use super::{
    CircularId, CircularRecord, IssueRecord, Ledger, LedgerError, LogEntry,
    circulars::{COLUMNS, record},
    issues::{ISSUE, issue_record},
    log::{ENTRIES, entry},
    time,
};

/// A read transaction. While it lives the write-ahead log grows: it is for one answer, not to be kept.
pub struct Snapshot(Transaction<'static, Sqlite>);

/// The ledger as a whole, at that moment.
#[derive(Debug, Clone)]
pub struct LedgerFacts {
    /// Its identity.
    pub id: String,
    /// It keeps what was rehearsed.
    pub rehearsal: bool,
    /// Events in its chain.
    pub events: i64,
    /// The last link; 32 zeros where there is none.
    pub head: Vec<u8>,
}

/// One link of the chain of events.
#[derive(Debug, Clone)]
pub struct EventRecord {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// "frozen", "released", …
    pub kind: String,
    /// A person, or circulard.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Its link.
    pub hash: Vec<u8>,
}

/// An approval of one content.
#[derive(Debug, Clone)]
pub struct ApprovalRecord {
    /// Who.
    pub by: String,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// Of which content.
    pub digest: Vec<u8>,
    /// And of which addressees.
    pub addressees: Option<Vec<u8>>,
    /// When it was voided, and what was changed.
    pub voided: Option<(chrono::DateTime<chrono::Utc>, String)>,
}

/// What went out with an issue, by hash, and when.
#[derive(Debug, Clone)]
pub struct IssueProof {
    /// The issue.
    pub issue: IssueRecord,
    /// Of the addressees frozen, where approvals were asked for.
    pub addressees: Option<Vec<u8>>,
    /// When every addressee had a final state.
    pub completed_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Language, file and hash of each version.
    pub versions: Vec<(String, String, Vec<u8>)>,
    /// Name, content type, hash and octets of each annex.
    pub annexes: Vec<(String, String, Vec<u8>, i64)>,
}

/// Which addressees of a circular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressees {
    /// Every one.
    All,
    /// Not accepted though tried, stopped, possibly received twice, or accepted on a person's word.
    ToLookAt,
}

/// A delivery, with what its log entry leaves out.
#[derive(Debug, Clone)]
pub struct ProvenDelivery {
    /// As `log` shows it.
    pub entry: LogEntry,
    /// Attempts without an answer.
    pub doubts: i64,
}

impl Ledger {
    /// Opens one.
    pub async fn snapshot(&self) -> Result<Snapshot, LedgerError> {
        let mut tx = self.readers.begin().await?;
        // SQLite takes the snapshot at the first read
        sqlx::query("SELECT one FROM ledger").fetch_one(&mut *tx).await?;
        Ok(Snapshot(tx))
    }
}

impl Snapshot {
    /// The ledger as a whole.
    pub async fn ledger(&mut self) -> Result<LedgerFacts, LedgerError> {
        let row = sqlx::query("SELECT id, created_by FROM ledger").fetch_one(&mut *self.0).await?;
        let last =
            sqlx::query("SELECT id, hash FROM event ORDER BY id DESC LIMIT 1").fetch_optional(&mut *self.0).await?;
        let (events, head) = match last {
            Some(last) => (last.try_get(0)?, last.try_get(1)?),
            None => (0, vec![0; 32]),
        };
        let rehearsal = row.try_get::<&str, _>(1)? == "rehearsal";
        Ok(LedgerFacts { id: row.try_get(0)?, rehearsal, events, head })
    }

    /// A circular as it is at this moment.
    pub async fn circular(&mut self, id: CircularId) -> Result<Option<CircularRecord>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE c.id = ?")))
            .bind(id.0)
            .fetch_optional(&mut *self.0)
            .await?;
        row.as_ref().map(record).transpose()
    }

    /// The reference of the circular that this one corrects, completes or withdraws: as printed, where it is on record.
    pub async fn parent_of(&mut self, record: &CircularRecord) -> Result<Option<String>, LedgerError> {
        let Some(key) = &record.parent_key else { return Ok(None) };
        let row = sqlx::query(
            "SELECT reference FROM circular WHERE reference_key = ? ORDER BY state = 'parked', id DESC LIMIT 1",
        )
        .bind(key)
        .fetch_optional(&mut *self.0)
        .await?;
        let printed = row.map(|row| row.try_get::<Option<String>, _>(0)).transpose()?.flatten();
        Ok(Some(printed.unwrap_or_else(|| key.clone())))
    }

    /// Every freeze of a circular, first to last.
    pub async fn issues(&mut self, circular: CircularId) -> Result<Vec<IssueProof>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{ISSUE} WHERE i.state = 'frozen' AND i.circular = ? ORDER BY i.id"
        )))
        .bind(circular.0)
        .fetch_all(&mut *self.0)
        .await?;
        let mut proofs = Vec::new();
        for row in &rows {
            let issue = issue_record(row)?;
            let more = sqlx::query("SELECT addressees, completed_at FROM issue WHERE id = ?")
                .bind(issue.id.0)
                .fetch_one(&mut *self.0)
                .await?;
            let versions = sqlx::query("SELECT language, file, sha256 FROM part WHERE issue = ? ORDER BY language")
                .bind(issue.id.0)
                .fetch_all(&mut *self.0)
                .await?;
            let annexes = sqlx::query(
                "SELECT name, content_type, sha256, length(octets) FROM annex WHERE issue = ? ORDER BY position",
            )
            .bind(issue.id.0)
            .fetch_all(&mut *self.0)
            .await?;
            let version = |row: &sqlx::sqlite::SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            let annex = |row: &sqlx::sqlite::SqliteRow| {
                Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
            };
            proofs.push(IssueProof {
                issue,
                addressees: more.try_get(0)?,
                completed_at: more.try_get::<Option<i64>, _>(1)?.map(time),
                versions: versions.iter().map(version).collect::<Result<_, sqlx::Error>>()?,
                annexes: annexes.iter().map(annex).collect::<Result<_, sqlx::Error>>()?,
            });
        }
        Ok(proofs)
    }

    /// Who approved which content of a circular, first to last.
    pub async fn approvals(&mut self, circular: CircularId) -> Result<Vec<ApprovalRecord>, LedgerError> {
        let rows = sqlx::query(
            "SELECT by, at, digest, addressees, voided_at, coalesce(voided_by, '') FROM approval WHERE circular = ? ORDER BY id",
        )
        .bind(circular.0)
        .fetch_all(&mut *self.0)
        .await?;
        let approval = |row: &sqlx::sqlite::SqliteRow| {
            let (voided_at, what): (Option<i64>, String) = (row.try_get(4)?, row.try_get(5)?);
            Ok(ApprovalRecord {
                by: row.try_get(0)?,
                at: time(row.try_get(1)?),
                digest: row.try_get(2)?,
                addressees: row.try_get(3)?,
                voided: voided_at.map(|at| (time(at), what)),
            })
        };
        rows.iter().map(approval).collect()
    }

    /// What the chain says about any of these references.
    pub async fn events(&mut self, references: &[String]) -> Result<Vec<EventRecord>, LedgerError> {
        let rows = sqlx::query(
            "SELECT id, at, kind, by, reason, hash FROM event WHERE reference IN (SELECT value FROM json_each(?)) ORDER BY id",
        )
        .bind(serde_json::json!(references).to_string())
        .fetch_all(&mut *self.0)
        .await?;
        let event = |row: &sqlx::sqlite::SqliteRow| {
            Ok(EventRecord {
                id: row.try_get(0)?,
                at: time(row.try_get(1)?),
                kind: row.try_get(2)?,
                by: row.try_get(3)?,
                reason: row.try_get(4)?,
                hash: row.try_get(5)?,
            })
        };
        rows.iter().map(event).collect()
    }

    /// When the first attempt of any addressee of an issue began.
    pub async fn first_attempt(
        &mut self,
        issue: &IssueRecord,
    ) -> Result<Option<chrono::DateTime<chrono::Utc>>, LedgerError> {
        let row = sqlx::query(
            "SELECT min(a.started_at) FROM attempt a WHERE a.delivery BETWEEN ?2 AND ?3 AND a.number = 1 \
             AND a.delivery IN (SELECT d.id FROM delivery d WHERE d.issue = ?1)",
        )
        .bind(issue.id.0)
        .bind(issue.rows.0)
        .bind(issue.rows.1)
        .fetch_one(&mut *self.0)
        .await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.map(time))
    }

    /// A page of an issue's addressees with row numbers above `after`, in the order of freezing.
    pub async fn addressees(
        &mut self,
        issue: &IssueRecord,
        which: Addressees,
        after: i64,
        limit: u32,
        zone: Tz,
    ) -> Result<Vec<ProvenDelivery>, LedgerError> {
        let mut query = QueryBuilder::new(ENTRIES);
        // the row number leads: SQLite walks the rows in the order they lie
        query.push(" AND d.id > ").push_bind(after.max(issue.rows.0 - 1));
        query.push(" AND d.id <= ").push_bind(issue.rows.1).push(" AND +d.issue = ").push_bind(issue.id.0);
        if which == Addressees::ToLookAt {
            query.push(" AND (d.state NOT IN ('accepted', 'queued', 'in_transaction') OR d.possible_duplicate ");
            query.push("OR d.state = 'accepted' AND d.code IS NOT 250)");
        }
        query.push(" ORDER BY d.id LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&mut *self.0).await?;
        rows.iter().map(|row| Ok(ProvenDelivery { entry: entry(row, zone)?, doubts: row.try_get("doubts")? })).collect()
    }
}
