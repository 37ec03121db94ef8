//! Whom a letter reaches: selections asked of the groups in force.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, Sqlite, sqlite::SqliteRow};

use super::{CircularId, Ledger, LedgerError};
use crate::addressees::{Mailbox, Selection, Term, distinct_countries};

/// Columns of `member` that a group definition may ask for; all others are merge fields.
const KNOWN_COLUMNS: [&str; 7] = ["name", "title", "salutation", "organization", "country", "region", "time_zone"];

/// Whom a letter reaches: selections in the letter's order, To before Copy.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// To groups.
    pub to: Vec<Selection>,
    /// Copy groups.
    pub copy: Vec<Selection>,
    /// Groups that do not get it.
    pub exclude: Vec<Selection>,
    /// Single mailboxes that do not get it.
    pub exclude_mailboxes: Vec<Mailbox>,
    /// Whether the mailboxes get a copy that the offices' `copy_to` names.
    pub office_copies: OfficeCopies,
    /// The circular whose frozen addressees it goes to first: a supplement that names none of its own.
    pub parent: Option<CircularId>,
}

/// Whether the copies go out that lists ask for in `copy_to`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfficeCopies {
    /// As the lists ask.
    #[default]
    Sent,
    /// The letter says `copy: none`.
    LeftOut,
}

/// Whom an issue reaches, by the names of groups: kept with it, so that those who have joined since can be found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedReach {
    /// To groups.
    pub to: Vec<String>,
    /// Copy groups.
    pub copy: Vec<String>,
    /// Groups that do not get it.
    pub exclude: Vec<String>,
    /// Single mailboxes that do not get it.
    pub exclude_mailboxes: Vec<String>,
    /// As in [`Reach`].
    pub office_copies: OfficeCopies,
    /// Row number of the circular whose addressees it goes to.
    pub parent: Option<i64>,
}

impl Reach {
    /// By names.
    pub fn named(&self) -> NamedReach {
        let names = |all: &[Selection]| all.iter().map(|selection| selection.group.to_string()).collect();
        NamedReach {
            to: names(&self.to),
            copy: names(&self.copy),
            exclude: names(&self.exclude),
            exclude_mailboxes: self.exclude_mailboxes.iter().map(|mailbox| mailbox.as_str().to_owned()).collect(),
            office_copies: self.office_copies,
            parent: self.parent.map(|parent| parent.0),
        }
    }
}

/// Which versions of the lists count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Those in force.
    Now,
    /// Those that were in force then.
    At(DateTime<Utc>),
    /// These.
    Versions(Vec<i64>),
}

/// How many a reach reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReachCount {
    /// Distinct mailboxes.
    pub mailboxes: i64,
    /// Distinct countries among them.
    pub countries: i64,
    /// Mailboxes in a To group, for each To group, then Copy; overlaps are counted in each.
    pub groups: Vec<(String, i64)>,
    /// Of the mailboxes, those that only an office's `copy_to` names.
    pub office_copies: i64,
}

/// A member as held, for previews.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// Compared by it.
    pub mailbox: String,
    /// As first spelled.
    pub address: String,
    /// The group whose row it is.
    pub group: String,
    /// The name in the To header.
    pub name: Option<String>,
    /// The list that the row stands in.
    pub file: String,
    /// Ordered languages.
    pub languages: Vec<String>,
    /// All merge fields that are not empty, known columns included.
    pub fields: BTreeMap<String, String>,
    /// Line of the file.
    pub line: i64,
}

/// The countries of some rows, as they are spelled, in a JSON array.
pub(super) fn spellings(alias: &str) -> String {
    format!("json_group_array(DISTINCT {alias}.country) FILTER (WHERE {alias}.country IS NOT NULL)")
}

/// How many countries there are among the [`spellings`] of a column.
pub(super) fn countries(row: &SqliteRow, column: usize) -> Result<i64, LedgerError> {
    let spelled: String = row.try_get(column)?;
    let spelled: Vec<String> = serde_json::from_str(&spelled).unwrap_or_default();
    Ok(i64::try_from(distinct_countries(spelled.iter().map(String::as_str))).unwrap_or(i64::MAX))
}

impl Ledger {
    /// Counts whom a reach reaches on a day, the addressees of a parent left aside.
    pub async fn count_reach(&self, reach: &Reach, today: NaiveDate) -> Result<ReachCount, LedgerError> {
        let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
        let mut count = ReachCount::default();
        for selection in &all {
            let mut query = QueryBuilder::new("SELECT count(DISTINCT m.mailbox) FROM member m WHERE ");
            push_reach(&mut query, &[selection], reach, today);
            let here: i64 = query.build().fetch_one(&self.readers).await?.try_get(0)?;
            count.groups.push((selection.group.to_string(), here));
        }
        if !all.is_empty() {
            let mut query =
                QueryBuilder::new(format!("SELECT count(DISTINCT m.mailbox), {} FROM member m WHERE ", spellings("m")));
            push_reach(&mut query, &all, reach, today);
            let row = query.build().fetch_one(&self.readers).await?;
            (count.mailboxes, count.countries) = (row.try_get(0)?, countries(&row, 1)?);
            count.office_copies = i64::try_from(self.office_copies(reach, today).await?.len()).unwrap_or(i64::MAX);
            count.mailboxes += count.office_copies;
        }
        Ok(count)
    }

    /// Rows of a reach whose `field` is empty: group and line, at most `limit`.
    pub async fn without_field(
        &self,
        reach: &Reach,
        field: &str,
        today: NaiveDate,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, LedgerError> {
        let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let mut query =
            QueryBuilder::new("SELECT v.file, m.line FROM member m JOIN group_version v ON v.id = m.version WHERE ");
        push_reach(&mut query, &all, reach, today);
        query.push(" AND coalesce(");
        push_column(&mut query, field);
        query.push(", '') = '' GROUP BY v.file, m.line ORDER BY v.file, m.line LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// The row from which an addressee of the reach would be composed; the first of all where `mailbox` is `None`.
    pub async fn member(
        &self,
        reach: &Reach,
        mailbox: Option<&Mailbox>,
        today: NaiveDate,
    ) -> Result<Option<MemberRow>, LedgerError> {
        for selection in reach.to.iter().chain(&reach.copy) {
            let mut query = QueryBuilder::new(MEMBER);
            push_reach(&mut query, &[selection], reach, today);
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

    /// The mailboxes of a reach's groups.
    pub async fn mailboxes(&self, reach: &Reach, today: NaiveDate) -> Result<Vec<String>, LedgerError> {
        let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("SELECT DISTINCT m.mailbox FROM member m WHERE ");
        push_reach(&mut query, &all, reach, today);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Every row of a reach's To groups, in the order of the lists, as the lists were `held`.
    pub async fn members(&self, reach: &Reach, held: &Held, today: NaiveDate) -> Result<Vec<MemberRow>, LedgerError> {
        let all: Vec<&Selection> = reach.to.iter().collect();
        let mut query = QueryBuilder::new(MEMBER);
        push_reach_held(&mut query, &all, reach, held, today);
        query.push(" ORDER BY m.id");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(member_row).collect()
    }
}

pub(super) const MEMBER: &str = "SELECT m.mailbox, m.address, m.group_name, m.line, m.languages, json_set(m.fields, '$.name', m.name, '$.title', m.title, \
     '$.salutation', m.salutation, '$.organization', m.organization, '$.country', m.country, '$.region', m.region, \
     '$.email', m.address) AS fields, (SELECT v.file FROM group_version v WHERE v.id = m.version) AS file FROM member m WHERE ";

pub(super) fn member_row(row: &SqliteRow) -> Result<MemberRow, LedgerError> {
    let fields: String = row.try_get("fields")?;
    let fields: BTreeMap<String, Option<String>> =
        serde_json::from_str(&fields).map_err(|_| LedgerError::Unreadable { what: "member.fields", found: fields })?;
    Ok(MemberRow {
        mailbox: row.try_get("mailbox")?,
        address: row.try_get("address")?,
        name: fields.get("name").cloned().flatten(),
        group: row.try_get("group_name")?,
        file: row.try_get("file")?,
        languages: serde_json::from_str(row.try_get("languages")?).unwrap_or_default(),
        fields: fields.into_iter().filter_map(|(column, value)| Some((column, value?))).collect(),
        line: row.try_get("line")?,
    })
}

/// The condition that row `m` is valid on a day, in one of the selections, and not excluded.
pub(super) fn push_reach(query: &mut QueryBuilder<Sqlite>, selections: &[&Selection], reach: &Reach, today: NaiveDate) {
    push_reach_held(query, selections, reach, &Held::Now, today);
}

fn push_reach_held(
    query: &mut QueryBuilder<Sqlite>,
    selections: &[&Selection],
    reach: &Reach,
    held: &Held,
    today: NaiveDate,
) {
    push_valid(query, "m", held, today);
    query.push(" AND (");
    for (index, selection) in selections.iter().enumerate() {
        if index > 0 {
            query.push(" OR ");
        }
        push_selection(query, "m", selection, held);
    }
    query.push(")");
    push_not_excluded_held(query, "m.mailbox", reach, held, today);
}

/// The condition that a mailbox is not among those that the letter leaves out.
pub(super) fn push_not_excluded(query: &mut QueryBuilder<Sqlite>, mailbox: &str, reach: &Reach, today: NaiveDate) {
    push_not_excluded_held(query, mailbox, reach, &Held::Now, today);
}

fn push_not_excluded_held(
    query: &mut QueryBuilder<Sqlite>,
    mailbox: &str,
    reach: &Reach,
    held: &Held,
    today: NaiveDate,
) {
    for excluded in &reach.exclude {
        query.push(format_args!(" AND {mailbox} NOT IN (SELECT x.mailbox FROM member x WHERE "));
        push_valid(query, "x", held, today);
        query.push(" AND ");
        push_selection(query, "x", excluded, held);
        query.push(")");
    }
    for left_out in &reach.exclude_mailboxes {
        query.push(format_args!(" AND {mailbox} <> ")).push_bind(left_out.as_str().to_owned());
    }
}

/// The condition that a row is of a version that counts.
pub(super) fn push_held(query: &mut QueryBuilder<Sqlite>, alias: &str, held: &Held) {
    query.push(format_args!("{alias}.version IN ("));
    match held {
        Held::Now => {
            query.push("SELECT id FROM group_version WHERE state = 'accepted'");
        }
        Held::At(at) => {
            let at = at.timestamp_millis();
            query.push("SELECT id FROM group_version WHERE state IN ('accepted', 'superseded') AND accepted_at <= ");
            query.push_bind(at).push(" AND (ended_at IS NULL OR ended_at > ").push_bind(at).push(")");
        }
        Held::Versions(versions) => {
            query.push("SELECT value FROM json_each(").push_bind(serde_json::json!(versions).to_string()).push(")");
        }
    }
    query.push(")");
}

pub(super) fn push_valid(query: &mut QueryBuilder<Sqlite>, alias: &str, held: &Held, today: NaiveDate) {
    let today = today.to_string();
    push_held(query, alias, held);
    query.push(format_args!(" AND ({alias}.valid_from IS NULL OR {alias}.valid_from <= ")).push_bind(today.clone());
    query.push(format_args!(") AND ({alias}.valid_until IS NULL OR {alias}.valid_until >= ")).push_bind(today);
    query.push(")");
}

pub(super) fn push_selection(query: &mut QueryBuilder<Sqlite>, alias: &str, selection: &Selection, held: &Held) {
    query.push("(");
    push_terms(query, alias, &selection.terms);
    if !selection.except.is_empty() {
        query.push(format_args!(" AND {alias}.mailbox NOT IN (SELECT e.mailbox FROM member e WHERE "));
        push_held(query, "e", held);
        query.push(" AND ");
        push_terms(query, "e", &selection.except);
        query.push(")");
    }
    query.push(")");
}

pub(super) fn push_terms(query: &mut QueryBuilder<Sqlite>, alias: &str, terms: &[Term]) {
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

pub(super) fn push_column_of(query: &mut QueryBuilder<Sqlite>, alias: &str, column: &str) {
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
