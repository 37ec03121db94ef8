//! Groups as held: every version of every file that was read, and the one in force.

use chrono::{DateTime, Utc};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Ledger, LedgerError, events, events::Event, time};
use crate::{
    addressees::{GroupName, Member, Summary},
    circular::Problem,
};

/// A version being read, not yet in force.
#[derive(Debug, Clone)]
pub struct StagedGroup {
    version: i64,
    name: GroupName,
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
    /// `accepted`, `superseded` or `refused`
    pub state: String,
    /// Rows with an addressee.
    pub rows: i64,
    /// Distinct mailboxes.
    pub mailboxes: i64,
    /// Its columns, by the names that letters use.
    pub columns: Vec<String>,
    /// What was found in it.
    pub problems: Vec<Problem>,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// When it came into force, and by whom.
    pub accepted_at: Option<DateTime<Utc>>,
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

    /// Adds a batch of rows: each to the file's group and to those its `group` column names.
    pub async fn stage_members(&self, staged: &StagedGroup, members: &[Member]) -> Result<(), LedgerError> {
        let rows: Vec<serde_json::Value> = members
            .iter()
            .flat_map(|member| {
                let named = member.groups.iter().filter(|group| **group != staged.name);
                std::iter::once(&staged.name).chain(named).map(|group| member_json(group, member))
            })
            .collect();
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "INSERT INTO member (version, group_name, line, mailbox, address, name, title, salutation, organization, country, \
             region, languages, copy_to, valid_from, valid_until, time_zone, fields) \
             SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
             value ->> 8, value ->> 9, value -> 10, value -> 11, value ->> 12, value ->> 13, value ->> 14, value -> 15 \
             FROM json_each(?2)",
        )
        .bind(staged.version)
        .bind(serde_json::Value::Array(rows).to_string())
        .execute(&mut *writer)
        .await?;
        Ok(())
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
        sqlx::query(
            "UPDATE group_version SET state = 'superseded', ended_at = ?2 WHERE name = ?1 AND state = 'accepted'",
        )
        .bind(staged.name.as_str())
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        let mailboxes: i64 = sqlx::query("SELECT count(DISTINCT mailbox) FROM member WHERE version = ?")
            .bind(staged.version)
            .fetch_one(&mut *tx)
            .await?
            .try_get(0)?;
        sqlx::query(
            "UPDATE group_version SET state = 'accepted', rows = ?2, mailboxes = ?3, problems = ?4, accepted_at = ?5, \
             accepted_by = ?6, columns = ?7 WHERE id = ?1",
        )
        .bind(staged.version)
        .bind(i64::try_from(summary.rows).unwrap_or(i64::MAX))
        .bind(mailboxes)
        .bind(serde_json::json!(summary.notes).to_string())
        .bind(now.timestamp_millis())
        .bind(by)
        .bind(serde_json::json!(summary.columns).to_string())
        .execute(&mut *tx)
        .await?;
        let event = Event::new("group_accepted", by)
            .detail(serde_json::json!({ "group": staged.name.as_str(), "mailboxes": mailboxes }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Drops the staged rows and keeps why; the version in force stays.
    pub async fn refuse_group(
        &self,
        staged: StagedGroup,
        problems: &[Problem],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM member WHERE version = ?").bind(staged.version).execute(&mut *tx).await?;
        sqlx::query("UPDATE group_version SET state = 'refused', problems = ? WHERE id = ?")
            .bind(serde_json::json!(problems).to_string())
            .bind(staged.version)
            .execute(&mut *tx)
            .await?;
        let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        let event = Event::new("group_refused", "circulard")
            .because(first)
            .detail(serde_json::json!({ "group": staged.name.as_str(), "problems": problems.len() }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the version in force of groups whose files are gone; `names` are those still there.
    pub async fn retire_groups_but(&self, names: &[GroupName], now: DateTime<Utc>) -> Result<(), LedgerError> {
        let held = self.groups_in_force().await?;
        for gone in held.iter().filter(|held| !names.iter().any(|name| name.as_str() == held.name)) {
            let mut writer = self.writer.lock().await;
            let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
            sqlx::query(
                "UPDATE group_version SET state = 'superseded', ended_at = ?2 WHERE name = ?1 AND state = 'accepted'",
            )
            .bind(&gone.name)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
            let event = Event::new("group_gone", "circulard").detail(serde_json::json!({ "group": gone.name }));
            events::append(&mut tx, &event, now).await?;
            tx.commit().await?;
        }
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

    /// The groups that have rows in force: those of files, and those that a `group` column names.
    pub async fn groups_with_rows(&self) -> Result<Vec<String>, LedgerError> {
        let rows = sqlx::query(
            "SELECT DISTINCT group_name FROM member WHERE version IN (SELECT id FROM group_version WHERE state = 'accepted')",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The last version of each file that was read, refused ones included.
    pub async fn groups_last_read(&self) -> Result<Vec<GroupRecord>, LedgerError> {
        self.group_records(
            "state <> 'staging' AND id IN (SELECT max(id) FROM group_version WHERE state <> 'staging' GROUP BY name)",
        )
        .await
    }

    async fn group_records(&self, which: &str) -> Result<Vec<GroupRecord>, LedgerError> {
        let sql = format!(
            "SELECT name, file, sha256, state, rows, mailboxes, columns, problems, read_at, accepted_at FROM group_version WHERE {which} ORDER BY name"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.readers).await?;
        rows.iter().map(group_record).collect()
    }
}

fn member_json(group: &GroupName, member: &Member) -> serde_json::Value {
    let copy_to: Vec<&str> = member.copy_to.iter().map(|address| address.as_str()).collect();
    serde_json::json!([
        group.as_str(),
        member.line,
        member.address.mailbox().as_str(),
        member.address.as_str(),
        member.name,
        member.title,
        member.salutation,
        member.organization,
        member.country,
        member.region,
        member.languages,
        copy_to,
        member.valid_from,
        member.valid_until,
        member.time_zone.map(|zone| zone.name()),
        member.fields
    ])
}

fn group_record(row: &SqliteRow) -> Result<GroupRecord, LedgerError> {
    Ok(GroupRecord {
        name: row.try_get("name")?,
        file: row.try_get("file")?,
        sha256: row.try_get("sha256")?,
        state: row.try_get("state")?,
        rows: row.try_get("rows")?,
        mailboxes: row.try_get("mailboxes")?,
        columns: serde_json::from_str(row.try_get("columns")?).unwrap_or_default(),
        problems: serde_json::from_str(row.try_get("problems")?).unwrap_or_default(),
        read_at: time(row.try_get("read_at")?),
        accepted_at: row.try_get::<Option<i64>, _>("accepted_at")?.map(time),
    })
}
