//! Issues: a circular frozen. Rows are staged in batches; one small transaction makes them an issue.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{
    CircularId, CircularRecord, CircularState, FrozenAnnex, Ledger, LedgerError, Reach, annexes, events, events::Event,
    orders::approvals_given, reach::push_reach, time,
};
use crate::{
    addressees::Selection,
    circular::Language,
    compose::{MessageHead, Role},
};

/// Rows that one staging transaction reads: other writers wait no longer than it takes.
const BATCH: i64 = 20_000;

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
    /// Files that go with it, in the order of the letter's head.
    pub annexes: Vec<FrozenAnnex>,
}

/// A staged issue: rows are being added, nothing counts yet.
#[derive(Debug, Clone, Copy)]
pub struct IssueDraft {
    id: IssueId,
    circular: CircularId,
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
}

impl Ledger {
    /// Opens an issue for staging; `None`: the circular is gone, or no longer due.
    pub async fn stage_issue(&self, new: &NewIssue, now: DateTime<Utc>) -> Result<Option<IssueDraft>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO issue (circular, number, state, reference, subject, head, original, frozen_at, digest, versions) \
             SELECT c.id, (SELECT coalesce(max(number), 0) + 1 FROM issue WHERE circular = c.id), 'staging', ?2, ?3, ?4, ?5, ?6, ?7, \
             ({IN_FORCE}) FROM circular c WHERE c.id = ?1 AND {STILL_DUE} RETURNING id"
        )))
        .bind(new.circular.0)
        .bind(&new.reference)
        .bind(&new.subject)
        .bind(serde_json::json!(new.head).to_string())
        .bind(new.original.code())
        .bind(now.timestamp_millis())
        .bind(&new.digest)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id: i64 = row.try_get(0)?;
        for part in &new.parts {
            sqlx::query("INSERT INTO part (issue, language, file, sha256, rendered) VALUES (?, ?, ?, ?, ?)")
                .bind(id)
                .bind(part.language.code())
                .bind(&part.file)
                .bind(&part.sha256[..])
                .bind(&part.rendered)
                .execute(&mut *tx)
                .await?;
        }
        annexes::stage(&mut tx, IssueId(id), &new.annexes).await?;
        tx.commit().await?;
        Ok(Some(IssueDraft { id: IssueId(id), circular: new.circular }))
    }

    /// Adds the addressees of one selection. A mailbox already there keeps its row and gains the group: the first To group
    /// in the letter's order gives the fields.
    pub async fn stage_addressees(
        &self,
        draft: IssueDraft,
        role: Role,
        selection: &Selection,
        staging: &Staging<'_>,
    ) -> Result<(), LedgerError> {
        let Staging { reach, languages, now, today } = *staging;
        let mut after = 0_i64;
        loop {
            let mut writer = self.writer.lock().await;
            let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
            let mut last = QueryBuilder::new("SELECT max(id) FROM (SELECT m.id FROM member m WHERE ");
            push_reach(&mut last, &[selection], reach, today);
            last.push(" AND m.id > ").push_bind(after).push(" ORDER BY m.id LIMIT ").push_bind(BATCH).push(")");
            let Some(up_to) = last.build().fetch_one(&mut *tx).await?.try_get::<Option<i64>, _>(0)? else {
                return Ok(());
            };
            let mut insert = staging_insert(draft, role, selection, languages, now);
            push_reach(&mut insert, &[selection], reach, today);
            insert.push(" AND m.id > ").push_bind(after).push(" AND m.id <= ").push_bind(up_to).push(" ORDER BY m.id ");
            insert.push("ON CONFLICT (issue, mailbox) DO UPDATE SET groups = json_insert(groups, '$[#]', ");
            insert.push_bind(selection.group.to_string());
            insert.push(") WHERE NOT EXISTS (SELECT 1 FROM json_each(groups) WHERE value = ");
            insert.push_bind(selection.group.to_string()).push(")");
            insert.build().execute(&mut *tx).await?;
            tx.commit().await?;
            after = up_to;
        }
    }

    /// Leaves out everybody who was frozen in an earlier issue of the circular: a supplementary issue.
    pub async fn leave_out_frozen(&self, draft: IssueDraft) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "DELETE FROM delivery WHERE issue = ?1 AND mailbox IN (SELECT d.mailbox FROM delivery d JOIN issue i ON i.id = d.issue \
             WHERE i.circular = ?2 AND i.state = 'frozen')",
        )
        .bind(draft.id.0)
        .bind(draft.circular.0)
        .execute(&mut *writer)
        .await?;
        Ok(())
    }

    /// Makes the staged rows an issue: from here on it counts, and it is sent. Whatever has happened to the circular or the
    /// lists since staging began stops it. `next_due` is the next tick of a repeated circular.
    pub async fn publish_issue(
        &self,
        draft: IssueDraft,
        next_due: Option<DateTime<Utc>>,
        approvals: u32,
        now: DateTime<Utc>,
    ) -> Result<Published, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let missing = missing_approvals(&mut tx, draft, approvals).await?;
        let total: i64 = sqlx::query("SELECT count(*) FROM delivery WHERE issue = ?")
            .bind(draft.id.0)
            .fetch_one(&mut *tx)
            .await?
            .try_get(0)?;
        let frozen = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE issue SET state = 'frozen', total = ?2 WHERE id = ?1 AND ?2 > 0 AND ?4 <= 0 AND versions IS ({IN_FORCE}) \
             AND EXISTS (SELECT 1 FROM circular c WHERE c.id = issue.circular AND c.digest = issue.digest AND {STILL_DUE})"
        ).replace("?6", "?3")))
        .bind(draft.id.0)
        .bind(total)
        .bind(now.timestamp_millis())
        .bind(missing)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if frozen == 0 {
            sqlx::query("DELETE FROM issue WHERE id = ?").bind(draft.id.0).execute(&mut *tx).await?;
            if missing > 0 {
                await_approval(&mut tx, draft, missing, now).await?;
            }
            tx.commit().await?;
            return Ok(if missing > 0 { Published::Unapproved(missing) } else { Published::Changed });
        }
        sqlx::query("UPDATE circular SET state = 'sending', reason = NULL, completed_at = NULL, due_at = ?2, changed_at = ?3 WHERE id = ?1")
            .bind(draft.circular.0)
            .bind(next_due.map(|due| due.timestamp_millis()))
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{ISSUE} WHERE i.id = ?")))
            .bind(draft.id.0)
            .fetch_one(&mut *tx)
            .await?;
        let issue = issue_record(&row)?;
        let event = Event::new("frozen", "circulard")
            .about(&issue.reference)
            .detail(serde_json::json!({ "issue": issue.number, "addressees": total }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(Published::Issue(Box::new(issue)))
    }

    /// Deletes what an interrupted freeze or reading left behind. At start, under the lock.
    pub async fn discard_staging(&self) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM issue WHERE state = 'staging'").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM group_version WHERE state = 'staging'").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Circulars to be frozen now: ready, or repeating, and due.
    pub async fn due_circulars(&self, now: DateTime<Utc>) -> Result<Vec<CircularRecord>, LedgerError> {
        let due = |record: &CircularRecord| {
            let waits = record.state == CircularState::Ready
                || (record.repeat.is_some()
                    && matches!(record.state, CircularState::Sending | CircularState::Completed));
            waits && record.due_at.is_some_and(|due| due <= now)
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
            .map(|row| {
                let code: String = row.try_get("language")?;
                let language =
                    code.parse().map_err(|_| LedgerError::Unreadable { what: "part.language", found: code })?;
                Ok((language, row.try_get("rendered")?))
            })
            .collect()
    }
}

/// The versions of all groups in force, as one text.
const IN_FORCE: &str =
    "SELECT coalesce(group_concat(id), '') FROM (SELECT id FROM group_version WHERE state = 'accepted' ORDER BY id)";

/// The circular `c` may be frozen at the time `?6`.
const STILL_DUE: &str =
    "c.due_at <= ?6 AND (c.state = 'ready' OR (c.repeat IS NOT NULL AND c.state IN ('sending', 'completed')))";

/// How many people have yet to approve what was staged.
async fn missing_approvals(tx: &mut SqliteConnection, draft: IssueDraft, needed: u32) -> Result<i64, LedgerError> {
    let digest: Vec<u8> =
        sqlx::query("SELECT digest FROM issue WHERE id = ?").bind(draft.id.0).fetch_one(&mut *tx).await?.try_get(0)?;
    Ok(i64::from(needed) - approvals_given(tx, draft.circular, &digest).await?)
}

async fn await_approval(
    tx: &mut SqliteConnection,
    draft: IssueDraft,
    missing: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    sqlx::query("UPDATE circular SET state = 'awaiting_approval', reason = ?2, changed_at = ?3 WHERE id = ?1 AND state = 'ready'")
        .bind(draft.circular.0)
        .bind(format!("{missing} more must approve it"))
        .bind(now.timestamp_millis())
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) const ISSUE: &str =
    "SELECT i.id, i.circular, i.number, i.reference, i.subject, i.head, i.frozen_at, i.total FROM issue i ";

pub(super) fn issue_record(row: &sqlx::sqlite::SqliteRow) -> Result<IssueRecord, LedgerError> {
    let head: String = row.try_get("head")?;
    Ok(IssueRecord {
        id: IssueId(row.try_get("id")?),
        circular: CircularId(row.try_get("circular")?),
        number: row.try_get("number")?,
        reference: row.try_get("reference")?,
        subject: row.try_get("subject")?,
        head: serde_json::from_str(&head).map_err(|_| LedgerError::Unreadable { what: "issue.head", found: head })?,
        frozen_at: time(row.try_get("frozen_at")?),
        total: row.try_get("total")?,
    })
}

/// `INSERT INTO delivery … SELECT … FROM member m WHERE `: the caller adds the condition.
fn staging_insert(
    draft: IssueDraft,
    role: Role,
    selection: &Selection,
    languages: &[Language],
    now: DateTime<Utc>,
) -> QueryBuilder<sqlx::Sqlite> {
    let original = languages.first().copied().unwrap_or(Language::EN);
    let mut insert = QueryBuilder::new(
        "INSERT INTO delivery (issue, mailbox, address, role, groups, name, organization, country, language, language_rule, \
         fields, state, queued_at) SELECT ",
    );
    insert.push_bind(draft.id.0).push(", m.mailbox, m.address, ");
    insert.push(match role {
        Role::To => "'to'",
        Role::Copy => "'copy'",
    });
    insert.push(", json_array(").push_bind(selection.group.to_string()).push("), m.name, m.organization, m.country, ");
    let chosen = |insert: &mut QueryBuilder<sqlx::Sqlite>| {
        insert.push("(SELECT l.value FROM json_each(m.languages) l WHERE l.value IN (SELECT value FROM json_each(");
        insert.push_bind(serde_json::json!(languages).to_string());
        insert.push(")) ORDER BY l.key LIMIT 1)");
    };
    insert.push("coalesce(");
    chosen(&mut insert);
    insert.push(", ").push_bind(original.code().to_owned()).push("), iif(");
    chosen(&mut insert);
    insert.push(" IS NULL, 'original', 'preferred'), ");
    insert
        .push("json_set(m.fields, '$.title', m.title, '$.salutation', m.salutation, '$.region', m.region), 'queued', ");
    insert.push_bind(now.timestamp_millis()).push(" FROM member m WHERE ");
    insert
}
