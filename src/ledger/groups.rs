//! Groups as held: every version of every file that was read, and the one in force.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{Ledger, LedgerError, events, events::Event, time};
use crate::{
    addressees::{GroupName, Mailbox, Member, Selection, Summary, Term},
    circular::Problem,
};

/// Columns of `member` that a group definition may ask for; all others are merge fields.
const KNOWN_COLUMNS: [&str; 7] = ["name", "title", "salutation", "organization", "country", "region", "time_zone"];

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

/// Whom a letter reaches: selections in the letter's order, To before Copy.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// To groups.
    pub to: Vec<Selection>,
    /// Copy groups.
    pub copy: Vec<Selection>,
    /// Groups that do not get it.
    pub exclude: Vec<Selection>,
    /// Single mailboxes that do not get it.
    pub exclude_mailboxes: Vec<Mailbox>,
}

/// How many an audience reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudienceCount {
    /// Distinct mailboxes.
    pub mailboxes: i64,
    /// Distinct countries among them.
    pub countries: i64,
    /// Mailboxes in a To group, for each To group, then Copy; overlaps are counted in each.
    pub groups: Vec<(String, i64)>,
}

/// A member as held, for previews.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// As first spelled.
    pub address: String,
    /// The group whose row it is.
    pub group: String,
    /// Ordered languages.
    pub languages: Vec<String>,
    /// All merge fields that are not empty, known columns included.
    pub fields: BTreeMap<String, String>,
    /// Line of the file.
    pub line: i64,
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

    /// Counts whom an audience reaches on a day.
    pub async fn count_audience(&self, audience: &Audience, today: NaiveDate) -> Result<AudienceCount, LedgerError> {
        let all: Vec<&Selection> = audience.to.iter().chain(&audience.copy).collect();
        let mut count = AudienceCount::default();
        for selection in &all {
            let mut query = QueryBuilder::new("SELECT count(DISTINCT m.mailbox) FROM member m WHERE ");
            push_reach(&mut query, &[selection], audience, today);
            let here: i64 = query.build().fetch_one(&self.readers).await?.try_get(0)?;
            count.groups.push((selection.group.to_string(), here));
        }
        if !all.is_empty() {
            let mut query =
                QueryBuilder::new("SELECT count(DISTINCT m.mailbox), count(DISTINCT m.country) FROM member m WHERE ");
            push_reach(&mut query, &all, audience, today);
            let row = query.build().fetch_one(&self.readers).await?;
            (count.mailboxes, count.countries) = (row.try_get(0)?, row.try_get(1)?);
        }
        Ok(count)
    }

    /// Rows of an audience whose `field` is empty: group and line, at most `limit`.
    pub async fn without_field(
        &self,
        audience: &Audience,
        field: &str,
        today: NaiveDate,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, LedgerError> {
        let all: Vec<&Selection> = audience.to.iter().chain(&audience.copy).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let mut query =
            QueryBuilder::new("SELECT v.file, m.line FROM member m JOIN group_version v ON v.id = m.version WHERE ");
        push_reach(&mut query, &all, audience, today);
        query.push(" AND coalesce(");
        push_column(&mut query, field);
        query.push(", '') = '' GROUP BY v.file, m.line ORDER BY v.file, m.line LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// The row from which an addressee of the audience would be composed; the first of all where `mailbox` is `None`.
    pub async fn member(
        &self,
        audience: &Audience,
        mailbox: Option<&Mailbox>,
        today: NaiveDate,
    ) -> Result<Option<MemberRow>, LedgerError> {
        for selection in audience.to.iter().chain(&audience.copy) {
            let mut query = QueryBuilder::new(MEMBER);
            push_reach(&mut query, &[selection], audience, today);
            if let Some(mailbox) = mailbox {
                query.push(" AND m.mailbox = ").push_bind(mailbox.as_str().to_owned());
            }
            query.push(" ORDER BY m.id LIMIT 1");
            if let Some(row) = query.build().fetch_optional(&self.readers).await? {
                return Ok(Some(member_row(&row)?));
            }
        }
        Ok(None)
    }

    /// Every row of an audience's To groups, in the order of the lists.
    pub async fn members(&self, audience: &Audience, today: NaiveDate) -> Result<Vec<MemberRow>, LedgerError> {
        let all: Vec<&Selection> = audience.to.iter().collect();
        let mut query = QueryBuilder::new(MEMBER);
        push_reach(&mut query, &all, audience, today);
        query.push(" ORDER BY m.id");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(member_row).collect()
    }
}

const MEMBER: &str = "SELECT m.address, m.group_name, m.line, m.languages, json_set(m.fields, '$.name', m.name, '$.title', m.title, \
     '$.salutation', m.salutation, '$.organization', m.organization, '$.country', m.country, '$.region', m.region, \
     '$.email', m.address) AS fields FROM member m WHERE ";

fn member_row(row: &SqliteRow) -> Result<MemberRow, LedgerError> {
    let fields: String = row.try_get("fields")?;
    let fields: BTreeMap<String, Option<String>> =
        serde_json::from_str(&fields).map_err(|_| LedgerError::Unreadable { what: "member.fields", found: fields })?;
    Ok(MemberRow {
        address: row.try_get("address")?,
        group: row.try_get("group_name")?,
        languages: serde_json::from_str(row.try_get("languages")?).unwrap_or_default(),
        fields: fields.into_iter().filter_map(|(column, value)| Some((column, value?))).collect(),
        line: row.try_get("line")?,
    })
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

/// The condition that row `m` is valid on a day, in one of the selections, and not excluded.
pub(super) fn push_reach(
    query: &mut QueryBuilder<Sqlite>,
    selections: &[&Selection],
    audience: &Audience,
    today: NaiveDate,
) {
    push_valid(query, "m", today);
    query.push(" AND (");
    for (index, selection) in selections.iter().enumerate() {
        if index > 0 {
            query.push(" OR ");
        }
        push_selection(query, "m", selection);
    }
    query.push(")");
    for excluded in &audience.exclude {
        query.push(" AND m.mailbox NOT IN (SELECT x.mailbox FROM member x WHERE ");
        push_valid(query, "x", today);
        query.push(" AND ");
        push_selection(query, "x", excluded);
        query.push(")");
    }
    for mailbox in &audience.exclude_mailboxes {
        query.push(" AND m.mailbox <> ").push_bind(mailbox.as_str().to_owned());
    }
}

fn push_valid(query: &mut QueryBuilder<Sqlite>, alias: &str, today: NaiveDate) {
    let today = today.to_string();
    query.push(format_args!("{alias}.version IN (SELECT id FROM group_version WHERE state = 'accepted')"));
    query.push(format_args!(" AND ({alias}.valid_from IS NULL OR {alias}.valid_from <= ")).push_bind(today.clone());
    query.push(format_args!(") AND ({alias}.valid_until IS NULL OR {alias}.valid_until >= ")).push_bind(today);
    query.push(")");
}

fn push_selection(query: &mut QueryBuilder<Sqlite>, alias: &str, selection: &Selection) {
    query.push("(");
    push_terms(query, alias, &selection.terms);
    if !selection.except.is_empty() {
        query.push(format_args!(" AND {alias}.mailbox NOT IN (SELECT e.mailbox FROM member e WHERE "));
        query.push("e.version IN (SELECT id FROM group_version WHERE state = 'accepted') AND ");
        push_terms(query, "e", &selection.except);
        query.push(")");
    }
    query.push(")");
}

fn push_terms(query: &mut QueryBuilder<Sqlite>, alias: &str, terms: &[Term]) {
    query.push("(");
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            query.push(" OR ");
        }
        query.push(format_args!("({alias}.group_name = ")).push_bind(term.source.as_str().to_owned());
        for (column, value) in &term.conditions {
            query.push(" AND ");
            push_column_of(query, alias, column);
            query.push(" = ").push_bind(value.clone()).push(" COLLATE folded");
        }
        query.push(")");
    }
    query.push(")");
}

fn push_column(query: &mut QueryBuilder<Sqlite>, column: &str) {
    push_column_of(query, "m", column);
}

fn push_column_of(query: &mut QueryBuilder<Sqlite>, alias: &str, column: &str) {
    match KNOWN_COLUMNS.iter().find(|known| **known == column) {
        Some(known) => {
            query.push(format_args!("{alias}.{known}"));
        }
        None if column == "email" || column == "address" => {
            query.push(format_args!("{alias}.address"));
        }
        None if column == "language" => {
            query.push(format_args!("({alias}.languages ->> 0)"));
        }
        None => {
            query.push(format_args!("({alias}.fields ->> ")).push_bind(column.to_owned()).push(")");
        }
    }
}
