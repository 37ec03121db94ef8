//! Approvals: bound to the hash of texts, annexes and addressees. Whatever changes any of them voids them for good, and what
//! was changed is kept beside each.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{CircularId, CircularRecord, Ledger, LedgerError, Sighting, events, events::Event, time};
use crate::report::same_person;

/// What one person approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was voided, and what was changed.
    pub voided: Option<(DateTime<Utc>, String)>,
    /// It is for the content and the addressees as they stand now.
    pub counts: bool,
}

/// What an approval is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'a> {
    /// Hash of texts and annexes.
    pub digest: &'a [u8],
    /// Hash of the addressees.
    pub addressees: Option<&'a [u8]>,
}

impl CircularRecord {
    /// How many people must approve it, where the house asks for `house`: a letter marked confidential asks for one more.
    pub fn approvals_needed(&self, house: u32) -> i64 {
        i64::from(house) + i64::from(self.confidential)
    }

    pub(super) fn bound(&self) -> Bound<'_> {
        Bound { digest: &self.digest, addressees: self.addressees.as_deref() }
    }
}

/// How many people have approved just this.
pub(super) async fn given(
    tx: &mut SqliteConnection,
    circular: CircularId,
    bound: Bound<'_>,
) -> Result<i64, LedgerError> {
    let people: BTreeSet<String> = approvers(tx, circular, bound).await?.iter().map(|name| same_person(name)).collect();
    Ok(i64::try_from(people.len()).unwrap_or(i64::MAX))
}

/// Names that approved just this.
async fn approvers(
    tx: &mut SqliteConnection,
    circular: CircularId,
    bound: Bound<'_>,
) -> Result<Vec<String>, LedgerError> {
    let rows = sqlx::query(
        "SELECT by FROM approval WHERE circular = ? AND digest = ? AND addressees IS ? AND voided_at IS NULL",
    )
    .bind(circular.0)
    .bind(bound.digest)
    .bind(bound.addressees)
    .fetch_all(tx)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Notes an approval; one person counts once. Says how many have approved now.
pub(super) async fn approve(
    tx: &mut SqliteConnection,
    circular: CircularId,
    bound: Bound<'_>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<i64, LedgerError> {
    if approvers(tx, circular, bound).await?.iter().all(|name| same_person(name) != same_person(by)) {
        sqlx::query("INSERT INTO approval (circular, digest, addressees, by, at) VALUES (?, ?, ?, ?, ?)")
            .bind(circular.0)
            .bind(bound.digest)
            .bind(bound.addressees)
            .bind(by)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
    }
    given(tx, circular, bound).await
}

/// A sighting that differs from what was approved voids every approval of it that still stands.
pub(super) async fn void_changed(
    tx: &mut SqliteConnection,
    open: &CircularRecord,
    sighting: &Sighting,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let Some(what) = changed(tx, open, sighting).await? else { return Ok(()) };
    let rows = sqlx::query(
        "UPDATE approval SET voided_at = ?2, voided_by = ?3 WHERE circular = ?1 AND voided_at IS NULL RETURNING by",
    )
    .bind(open.id.0)
    .bind(now.timestamp_millis())
    .bind(&what)
    .fetch_all(&mut *tx)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let mut event = Event::new("approvals_voided", "circulard")
        .because(what)
        .detail(serde_json::json!({ "stem": sighting.stem, "approved_by": names }));
    if let Some(reference) = &open.reference {
        event = event.about(reference);
    }
    events::append(tx, &event, now).await
}

/// What differs between what the ledger knows and what the folder shows, in words.
async fn changed(
    tx: &mut SqliteConnection,
    open: &CircularRecord,
    sighting: &Sighting,
) -> Result<Option<String>, LedgerError> {
    let mut what = Vec::new();
    if open.digest != sighting.digest {
        let rows = sqlx::query("SELECT file, sha256 FROM letter WHERE circular = ? ORDER BY file")
            .bind(open.id.0)
            .fetch_all(&mut *tx)
            .await?;
        let known: Vec<(String, Vec<u8>)> =
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?;
        for letter in &sighting.letters {
            match known.iter().find(|(file, _)| *file == letter.file) {
                None => what.push(format!("{} is new", letter.file)),
                Some((_, sha256)) if sha256 != letter.sha256.as_slice() => {
                    what.push(format!("{} was changed", letter.file));
                }
                Some(_) => {}
            }
        }
        let gone = known.iter().filter(|(file, _)| sighting.letters.iter().all(|letter| letter.file != *file));
        what.extend(gone.map(|(file, _)| format!("{file} is gone")));
        if what.is_empty() {
            what.push("its annexes were changed".to_owned());
        }
    }
    if let Some(addressees) = &sighting.addressees
        && open.addressees.as_deref() != Some(addressees.as_slice())
    {
        what.push("its addressees were changed".to_owned());
    }
    Ok((!what.is_empty()).then(|| what.join("; ")))
}

impl Ledger {
    /// Every approval that a circular ever had, oldest first.
    pub async fn approvals(&self, record: &CircularRecord) -> Result<Vec<Approval>, LedgerError> {
        let rows = sqlx::query(
            "SELECT by, at, voided_at, voided_by, (digest = ?2 AND addressees IS ?3 AND voided_at IS NULL) AS counts \
             FROM approval WHERE circular = ?1 ORDER BY id",
        )
        .bind(record.id.0)
        .bind(&record.digest)
        .bind(&record.addressees)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(approval).collect()
    }

    /// The approvals of the last circular of this stem, oldest first; those count that are for just this content and just
    /// these addressees.
    pub async fn approvals_of(
        &self,
        stem: &str,
        digest: &[u8],
        addressees: Option<&[u8]>,
    ) -> Result<Vec<Approval>, LedgerError> {
        let rows = sqlx::query(
            "SELECT by, at, voided_at, voided_by, (digest = ?2 AND addressees IS ?3 AND voided_at IS NULL) AS counts \
             FROM approval WHERE circular = (SELECT max(id) FROM circular WHERE stem = ?1) ORDER BY id",
        )
        .bind(stem)
        .bind(digest)
        .bind(addressees)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(approval).collect()
    }
}

fn approval(row: &SqliteRow) -> Result<Approval, LedgerError> {
    let voided_at: Option<i64> = row.try_get("voided_at")?;
    let what: Option<String> = row.try_get("voided_by")?;
    Ok(Approval {
        by: row.try_get("by")?,
        at: time(row.try_get("at")?),
        voided: voided_at.map(|at| (time(at), what.unwrap_or_default())),
        counts: row.try_get("counts")?,
    })
}
