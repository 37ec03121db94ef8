//! Sightings: what the folder shows is compared with what the ledger knows, and a reference is used once.

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection};

use super::{
    CircularId, CircularRecord, CircularState, Ledger, LedgerError, Sighting, approvals,
    circulars::{COLUMNS, record},
    events,
    events::Event,
    standing::STILL_LAY_THERE,
};
use crate::circular::{Reference, ReferenceKey};

impl Ledger {
    /// Records what the folder shows of one circular. A reference that another circular uses parks it. Says where it stands
    /// if that changed.
    pub async fn see(&self, sighting: &Sighting, now: DateTime<Utc>) -> Result<Option<CircularRecord>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let open = open_by_stem(&mut tx, &sighting.stem).await?;
        if was_cancelled(&mut tx, sighting).await? {
            if let Some(open) = open {
                remove(&mut tx, open.id).await?;
            }
            tx.commit().await?;
            return Ok(None);
        }
        let user = match &sighting.reference {
            Some(reference) => user_of(&mut tx, &reference.key(), open.as_ref().map(|record| record.id)).await?,
            None => None,
        };
        let (open, sighting) = match user {
            // a repeated circular is what its file says now
            Some(user) if user.repeat.is_some() && user.issues > 0 && user.stem == sighting.stem => {
                if let Some(open) = open {
                    remove(&mut tx, open.id).await?;
                }
                (Some(user), sighting)
            }
            Some(user) if user.issues > 0 && user.digest == sighting.digest => {
                if let Some(open) = open {
                    remove(&mut tx, open.id).await?;
                }
                tx.commit().await?;
                return Ok(None);
            }
            Some(user) => (open, &used_reference(sighting, &user)),
            None => (open, sighting),
        };
        let sighting = &settled_by_people(sighting, open.as_ref());
        if let Some(open) = &open {
            approvals::void_changed(&mut tx, open, sighting, now).await?;
        }
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

    /// Those of `stems` whose last circular was cancelled by a person.
    pub async fn cancelled_stems(&self, stems: &[String]) -> Result<Vec<String>, LedgerError> {
        let rows = sqlx::query(
            "SELECT stem FROM circular WHERE id IN (SELECT max(id) FROM circular \
             WHERE stem IN (SELECT value FROM json_each(?)) GROUP BY stem) AND state = 'cancelled'",
        )
        .bind(serde_json::json!(stems).to_string())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Forgets circulars that were never frozen and whose files are gone; `stems` are those still there. A repeated circular
    /// whose file is gone has no further issue.
    pub async fn forget_all_but(&self, stems: &[String], now: DateTime<Utc>) -> Result<Vec<String>, LedgerError> {
        let stems = serde_json::json!(stems).to_string();
        let gone = "FROM circular c WHERE c.stem NOT IN (SELECT value FROM json_each(?)) AND \
                    (c.repeat IS NOT NULL OR NOT EXISTS (SELECT 1 FROM issue i WHERE i.circular = c.id)) \
                    AND c.state NOT IN ('cancelled', 'held') AND (c.state <> 'completed' OR c.repeat IS NOT NULL)";
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
                sqlx::query("UPDATE circular SET repeat = NULL, due_at = NULL, state = iif(state = 'ready', 'completed', state) WHERE id = ?")
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
}

/// What a person has decided, or the ledger knows, outlives what the file says of itself.
fn settled_by_people(sighting: &Sighting, open: Option<&CircularRecord>) -> Sighting {
    let mut sighting = sighting.clone();
    let Some(open) = open else { return sighting };
    if open.issues > 0 && sighting.repeat.is_none() && sighting.state != CircularState::Parked {
        // it repeats no more: its reference is used
        sighting.due_at = None;
        let over = matches!(open.state, CircularState::Ready | CircularState::Completed);
        (sighting.state, sighting.reason) = match over {
            true => (CircularState::Completed, None),
            false => (open.state, open.reason.clone()),
        };
        return sighting;
    }
    if open.state == CircularState::Held {
        if sighting.state == CircularState::Parked {
            // it may be parked for a reference that is another's: until that is mended it keeps its own
            sighting.reference = open.reference.as_deref().and_then(Reference::new);
        }
        (sighting.state, sighting.reason) = (CircularState::Held, open.reason.clone());
    } else if open.lay_there && sighting.lay_there.is_none() && sighting.state != CircularState::Parked {
        // what it was parked for is mended; that it lay there stays
        let why = open.reason.clone().filter(|_| open.state != CircularState::Parked);
        (sighting.state, sighting.reason) = (CircularState::Late, why.or(Some(STILL_LAY_THERE.to_owned())));
    } else if open.issues > 0 && sighting.state != CircularState::Parked {
        // a repeated circular that is going out goes on
        let going = matches!(open.state, CircularState::Sending | CircularState::Paused | CircularState::Late);
        if going {
            (sighting.state, sighting.reason) = (open.state, open.reason.clone());
        }
    } else if open.issues > 0 && open.state == CircularState::Sending {
        // what is frozen goes out; the damaged file only stops the next issue
        (sighting.state, sighting.due_at) = (CircularState::Sending, None);
    }
    sighting
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

/// A person has cancelled this letter as it lies there: reading it again changes nothing.
async fn was_cancelled(tx: &mut SqliteConnection, sighting: &Sighting) -> Result<bool, LedgerError> {
    let row = sqlx::query("SELECT 1 FROM circular WHERE stem = ? AND state = 'cancelled' AND digest = ?")
        .bind(&sighting.stem)
        .bind(&sighting.digest[..])
        .fetch_optional(tx)
        .await?;
    Ok(row.is_some())
}

/// The row of this stem that was never frozen.
async fn open_by_stem(tx: &mut SqliteConnection, stem: &str) -> Result<Option<CircularRecord>, LedgerError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "{COLUMNS} WHERE c.stem = ? AND c.state NOT IN ('completed', 'cancelled') \
         AND NOT EXISTS (SELECT 1 FROM issue i WHERE i.circular = c.id AND i.state = 'frozen') ORDER BY c.id DESC LIMIT 1"
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

/// A letter that is parked says nothing of whom it reaches: what was known stays.
fn keeps_addressees(sighting: &Sighting) -> bool {
    sighting.addressees.is_none() && matches!(sighting.state, CircularState::Parked | CircularState::Held)
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
        let same_addressees = keeps_addressees(sighting)
            || open.addressees.as_deref() == sighting.addressees.as_ref().map(|hash| hash.as_slice());
        let same_content = open.digest == sighting.digest && same_addressees;
        // a release window that moved: the future follows the configuration, the past stays
        let moved = open.state == CircularState::Ready && open.due_at > Some(now) && open.due_at != sighting.due_at;
        // nobody need approve any more
        let moved = moved || (open.state == CircularState::AwaitingApproval && sighting.state == CircularState::Ready);
        let settled =
            same_content && !moved && open.state != CircularState::Parked && sighting.state != CircularState::Parked;
        if settled || (same_content && !moved && open.state == sighting.state && open.reason == sighting.reason) {
            return Ok(None);
        }
    }
    let sql = match open {
        Some(_) => {
            "UPDATE circular SET stem = ?1, reference = ?2, reference_key = ?3, subject = ?4, state = ?5, reason = ?6, \
             digest = ?7, repeat = ?8, due_at = ?9, changed_at = ?10, lay_there = max(lay_there, ?11), \
             addressees = iif(?18, addressees, ?12), confidential = ?13, supplement = ?14, parent_key = ?15, dated = ?16 WHERE id = ?17 RETURNING id"
        }
        None => {
            "INSERT INTO circular (stem, reference, reference_key, subject, state, reason, digest, repeat, due_at, changed_at, \
             seen_at, lay_there, addressees, confidential, supplement, parent_key, dated) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?15, ?16) RETURNING id"
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
        .bind(now.timestamp_millis())
        .bind(sighting.lay_there.is_some())
        .bind(sighting.addressees.map(|hash| hash.to_vec()))
        .bind(sighting.confidential)
        .bind(&sighting.supplement)
        .bind(sighting.parent.as_ref().map(ReferenceKey::as_str))
        .bind(&sighting.dated);
    if let Some(open) = open {
        query = query.bind(open.id.0).bind(keeps_addressees(sighting));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Act, NewOrder, Origin};

    fn sighting(stem: &str, reference: &str, state: CircularState, digest: u8, now: DateTime<Utc>) -> Sighting {
        Sighting {
            stem: stem.to_owned(),
            letters: Vec::new(),
            reference: Reference::new(reference),
            subject: Some("S".to_owned()),
            state,
            reason: None,
            due_at: (state == CircularState::Ready).then_some(now),
            repeat: None,
            digest: [digest; 32],
            addressees: None,
            confidential: false,
            supplement: None,
            parent: None,
            dated: None,
            lay_there: None,
        }
    }

    #[tokio::test]
    async fn a_hold_outlives_a_letter_that_is_damaged_and_mended_and_one_that_takes_a_used_reference() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let path = folder.path().join("ledger.db");
        let ledger = Ledger::open_or_create(&path, Origin::Init, now).await.expect("a ledger");
        let ready = sighting("x", "Circular X/1", CircularState::Ready, 1, now);
        let held = ledger.see(&ready, now).await.expect("seen").expect("new");
        ledger.see(&sighting("y", "Circular Y/1", CircularState::Ready, 9, now), now).await.expect("seen");
        ledger.order(&NewOrder::Circular(held.id, Act::Hold), "ada", "wait", now).await.expect("ordered");
        for order in ledger.open_orders().await.expect("read") {
            ledger.carry_out(&order, 0, now).await.expect("carried out").expect("held");
        }
        for (reference, state, digest) in [
            ("Circular X/1", CircularState::Parked, 1),
            ("Circular X/1", CircularState::Ready, 1),
            ("Circular X/1", CircularState::Parked, 2),
            ("Circular Y/1", CircularState::Ready, 3),
            ("Circular X/1", CircularState::Ready, 4),
        ] {
            ledger.see(&sighting("x", reference, state, digest, now), now).await.expect("seen");
            let all = ledger.circulars().await.expect("read");
            let x = all.iter().find(|record| record.id == held.id).expect("still there");
            assert_eq!((x.state, x.reason.as_deref()), (CircularState::Held, Some("wait")), "{reference} {digest}");
            assert_eq!(x.reference.as_deref(), Some("Circular X/1"), "{reference} {digest}");
        }
        assert!(ledger.due_circulars(now).await.expect("read").iter().all(|record| record.id != held.id));
    }

    #[tokio::test]
    async fn a_cancelled_letter_that_is_read_again_stays_cancelled_and_another_text_is_told_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let ledger =
            Ledger::open_or_create(&folder.path().join("ledger.db"), Origin::Init, now).await.expect("a ledger");
        let ready = sighting("x", "Circular X/1", CircularState::Ready, 1, now);
        let seen = ledger.see(&ready, now).await.expect("seen").expect("new");
        ledger.order(&NewOrder::Circular(seen.id, Act::Cancel), "ada", "no", now).await.expect("ordered");
        for order in ledger.open_orders().await.expect("read") {
            ledger.carry_out(&order, 0, now).await.expect("carried out").expect("cancelled");
        }
        let states = async || -> Vec<CircularState> {
            ledger.circulars().await.expect("read").iter().map(|record| record.state).collect()
        };
        assert!(ledger.see(&ready, now).await.expect("seen").is_none());
        assert_eq!(states().await, [CircularState::Cancelled]);
        assert_eq!(ledger.cancelled_stems(&["x".into(), "y".into()]).await.expect("read"), ["x"]);
        ledger.see(&sighting("x", "Circular X/1", CircularState::Ready, 2, now), now).await.expect("seen");
        assert_eq!(states().await, [CircularState::Parked, CircularState::Cancelled]);
        assert!(ledger.cancelled_stems(&["x".into()]).await.expect("read").is_empty(), "its last circular is parked");
        ledger.see(&ready, now).await.expect("seen");
        assert_eq!(states().await, [CircularState::Cancelled], "the text that was cancelled lies there again");
    }
}
