//! Groups as held: every version of every file that was read, and the one in force.

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Ledger, LedgerError, events, events::Event, time};
use crate::{
    addressees::{BadRows, GroupName, Summary},
    circular::Problem,
};

/// A version being read, not yet in force.
#[derive(Debug, Clone)]
pub struct StagedGroup {
    pub(super) version: i64,
    pub(super) name: GroupName,
}

/// One version of one group file.
#[derive(Debug, Clone)]
pub struct GroupRecord {
    /// `administrations`
    pub name: String,
    /// File name under `recipients/`.
    pub file: String,
    /// SHA-256 of its octets.
    pub sha256: Vec<u8>,
    /// Its row.
    pub version: i64,
    /// `pending`, `accepted`, `superseded`, `refused`, `removed` or `dropped`
    pub state: String,
    /// The file is gone: once accepted, the group ends.
    pub removal: bool,
    /// Rows with an addressee.
    pub rows: i64,
    /// Distinct mailboxes.
    pub mailboxes: i64,
    /// Its columns, by the names that letters use.
    pub columns: Vec<String>,
    /// What was found in it.
    pub problems: Vec<Problem>,
    /// Rows that cannot be read.
    pub bad: BadRows,
    /// Why it waits for a person, in words.
    pub doubts: Vec<String>,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// When it came into force.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Who accepted it: "circulard" where no person had to look.
    pub accepted_by: Option<String>,
    /// Why, in that person's words.
    pub accepted_reason: Option<String>,
    /// When it was no longer in force, or no longer waited.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A list with rows of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fed {
    /// The group.
    pub group: String,
    /// The list whose rows they are.
    pub list: String,
    /// Whether some of them are in force.
    pub in_force: bool,
}

impl Ledger {
    /// Opens a version for the rows of one file.
    pub async fn stage_group(
        &self,
        name: &GroupName,
        file: &str,
        sha256: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<StagedGroup, LedgerError> {
        let mut writer = self.writer.lock().await;
        let version = sqlx::query(
            "INSERT INTO group_version (name, file, sha256, state, read_at) VALUES (?, ?, ?, 'staging', ?) RETURNING id",
        )
        .bind(name.as_str())
        .bind(file)
        .bind(&sha256[..])
        .bind(now.timestamp_millis())
        .fetch_one(&mut *writer)
        .await?
        .try_get(0)?;
        Ok(StagedGroup { version, name: name.clone() })
    }

    /// Puts the staged version into force; the one before it becomes history.
    pub async fn accept_group(
        &self,
        staged: StagedGroup,
        summary: &Summary,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        drop_waiting(&mut tx, &staged.name, staged.version, now).await?;
        let mailboxes = describe(&mut tx, &staged, summary).await?;
        put_into_force(&mut tx, staged.version, by, "", now).await?;
        let event = Event::new("group_accepted", by)
            .detail(serde_json::json!({ "group": staged.name.as_str(), "mailboxes": mailboxes }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps a staged version beside the one in force until a person accepts it, for `doubts`.
    pub async fn hold_group(
        &self,
        staged: StagedGroup,
        summary: &Summary,
        doubts: &[String],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        drop_waiting(&mut tx, &staged.name, staged.version, now).await?;
        let mailboxes = describe(&mut tx, &staged, summary).await?;
        set_waiting(&mut tx, staged.version, "pending", &summary.notes, doubts).await?;
        let event = Event::new("group_pending", "circulard")
            .because(doubts.join("; "))
            .detail(serde_json::json!({ "group": staged.name.as_str(), "mailboxes": mailboxes }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps why a list is refused; the version in force stays. Its good rows, where `summary` tells of them, stay staged for
    /// a person who accepts it without the bad ones, who is told `doubts` as well.
    pub async fn refuse_group(
        &self,
        staged: StagedGroup,
        problems: &[Problem],
        good: Option<&Summary>,
        doubts: &[String],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        drop_waiting(&mut tx, &staged.name, staged.version, now).await?;
        match good {
            Some(summary) => {
                describe(&mut tx, &staged, summary).await?;
            }
            None => {
                sqlx::query("DELETE FROM member WHERE version = ?").bind(staged.version).execute(&mut *tx).await?;
            }
        }
        set_waiting(&mut tx, staged.version, "refused", problems, doubts).await?;
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        let event = Event::new("group_refused", "circulard")
            .because(first)
            .detail(serde_json::json!({ "group": staged.name.as_str(), "problems": problems.len() }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes over what another ledger holds in force. This one has read no list yet.
    pub async fn take_groups_from(&self, other: &Self) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("ATTACH ? AS held").bind(other.path.to_string_lossy().into_owned()).execute(&mut *writer).await?;
        for sql in [
            "INSERT INTO main.group_version SELECT * FROM held.group_version WHERE state = 'accepted'",
            "INSERT INTO main.member SELECT * FROM held.member \
             WHERE version IN (SELECT id FROM held.group_version WHERE state = 'accepted')",
            "DETACH held",
        ] {
            sqlx::query(sql).execute(&mut *writer).await?;
        }
        Ok(())
    }

    /// The versions in force, by name.
    pub async fn groups_in_force(&self) -> Result<Vec<GroupRecord>, LedgerError> {
        self.group_records("state = 'accepted'").await
    }

    /// Which list feeds which group, its own or one that its `group` column names, in force or waiting.
    pub async fn groups_fed(&self) -> Result<Vec<Fed>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT m.group_name, v.name, max(v.state = 'accepted') FROM (SELECT DISTINCT group_name, version FROM member) m \
             JOIN group_version v ON v.id = m.version WHERE {STANDS} GROUP BY m.group_name, v.name"
        )))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| Ok(Fed { group: row.try_get(0)?, list: row.try_get(1)?, in_force: row.try_get(2)? }))
            .collect()
    }

    /// How each list stands: what waits for a person or is refused, else what is in force, else what is gone.
    pub async fn groups_last_read(&self) -> Result<Vec<GroupRecord>, LedgerError> {
        self.group_records(&format!("id IN (SELECT max(id) FROM group_version WHERE {STANDS} GROUP BY name)")).await
    }

    pub(super) async fn group_records(&self, which: &str) -> Result<Vec<GroupRecord>, LedgerError> {
        let sql = format!(
            "SELECT id, name, file, sha256, state, removal, rows, mailboxes, columns, problems, bad_rows, doubts, read_at, \
             accepted_at, accepted_by, accepted_reason, ended_at FROM group_version WHERE {which} ORDER BY name, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
        rows.iter().map(group_record).collect()
    }
}

/// A version that says how its list stands now.
const STANDS: &str = "(state IN ('pending', 'accepted', 'removed') OR state = 'refused' AND ended_at IS NULL)";

/// What waited or was refused before `but` waits no more: its file has changed. Its rows were never in force.
pub(super) async fn drop_waiting(
    tx: &mut SqliteConnection,
    name: &GroupName,
    but: i64,
    now: DateTime<Utc>,
) -> Result<u64, LedgerError> {
    let rows = sqlx::query(
        "UPDATE group_version SET state = iif(state = 'pending', 'dropped', state), ended_at = ?3 WHERE name = ?1 AND id <> ?2 \
         AND (state = 'pending' OR state = 'refused' AND ended_at IS NULL) RETURNING id",
    )
    .bind(name.as_str())
    .bind(but)
    .bind(now.timestamp_millis())
    .fetch_all(&mut *tx)
    .await?;
    for row in &rows {
        sqlx::query("DELETE FROM member WHERE version = ?").bind(row.try_get::<i64, _>(0)?).execute(&mut *tx).await?;
    }
    Ok(rows.len() as u64)
}

/// Writes down what a version holds. Says how many mailboxes: the reader has counted each of them once.
async fn describe(tx: &mut SqliteConnection, staged: &StagedGroup, summary: &Summary) -> Result<i64, LedgerError> {
    let mailboxes = i64::try_from(summary.members).unwrap_or(i64::MAX);
    sqlx::query(
        "UPDATE group_version SET rows = ?2, columns = ?3, problems = ?4, bad_rows = ?5, mailboxes = ?6 WHERE id = ?1",
    )
    .bind(staged.version)
    .bind(i64::try_from(summary.rows - summary.bad.count()).unwrap_or(i64::MAX))
    .bind(serde_json::json!(summary.columns).to_string())
    .bind(serde_json::json!(summary.notes).to_string())
    .bind(serde_json::json!(summary.bad).to_string())
    .bind(mailboxes)
    .execute(tx)
    .await?;
    Ok(mailboxes)
}

async fn set_waiting(
    tx: &mut SqliteConnection,
    version: i64,
    state: &str,
    problems: &[Problem],
    doubts: &[String],
) -> Result<(), LedgerError> {
    sqlx::query("UPDATE group_version SET state = ?2, problems = ?3, doubts = ?4 WHERE id = ?1")
        .bind(version)
        .bind(state)
        .bind(serde_json::json!(problems).to_string())
        .bind(serde_json::json!(doubts).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Makes a version the one in force, or, where it stands for a file that is gone, the end of its group.
pub(super) async fn put_into_force(
    tx: &mut SqliteConnection,
    version: i64,
    by: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE group_version SET state = 'superseded', ended_at = ?2 \
         WHERE state = 'accepted' AND name = (SELECT name FROM group_version WHERE id = ?1)",
    )
    .bind(version)
    .bind(now.timestamp_millis())
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE group_version SET state = iif(removal, 'removed', 'accepted'), accepted_at = ?2, accepted_by = ?3, \
         accepted_reason = nullif(?4, '') WHERE id = ?1",
    )
    .bind(version)
    .bind(now.timestamp_millis())
    .bind(by)
    .bind(reason)
    .execute(tx)
    .await?;
    Ok(())
}

fn group_record(row: &SqliteRow) -> Result<GroupRecord, LedgerError> {
    let list = |column: &str| -> Result<String, LedgerError> { Ok(row.try_get(column)?) };
    Ok(GroupRecord {
        version: row.try_get("id")?,
        name: row.try_get("name")?,
        file: row.try_get("file")?,
        sha256: row.try_get("sha256")?,
        state: row.try_get("state")?,
        removal: row.try_get("removal")?,
        rows: row.try_get("rows")?,
        mailboxes: row.try_get("mailboxes")?,
        columns: serde_json::from_str(&list("columns")?).unwrap_or_default(),
        problems: serde_json::from_str(&list("problems")?).unwrap_or_default(),
        bad: serde_json::from_str(&list("bad_rows")?).unwrap_or_default(),
        doubts: serde_json::from_str(&list("doubts")?).unwrap_or_default(),
        read_at: time(row.try_get("read_at")?),
        accepted_at: row.try_get::<Option<i64>, _>("accepted_at")?.map(time),
        accepted_by: row.try_get("accepted_by")?,
        accepted_reason: row.try_get("accepted_reason")?,
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(time),
    })
}
