//! What a list that was read anew changes: counted for the guard, and what becomes of a list whose file is gone or back.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{
    GroupRecord, Ledger, LedgerError, StagedGroup, events,
    events::Event,
    groups::drop_waiting,
    reach::{push_column_of, push_terms},
};
use crate::addressees::{ColumnChange, GroupChange, GroupName, Header, ListChange, Selection, Term};

/// Columns that decide who gets a letter, in which language, in which words.
const DECIDING: [&str; 6] = ["country", "region", "language", "salutation", "valid_from", "valid_until"];

/// One mailbox that a change puts into a group, or takes out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The version whose row it is: the new one's for who joins, the one in force for who leaves.
    pub line: i64,
    /// The file's group, or one that its `group` column names.
    pub group: String,
    /// As spelled in the list.
    pub address: String,
    /// As the list has it.
    pub name: Option<String>,
    /// As the list has it.
    pub organization: Option<String>,
    /// As the list has it.
    pub country: Option<String>,
}

/// Who of two versions is in one and not in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In the new version only.
    Joins,
    /// In the version in force only.
    Leaves,
}

impl Ledger {
    /// What a staged version changes against the one in force; `None` where there is none. `narrowed` are the groups that
    /// `groups.toml` makes of others by their columns.
    pub async fn compare_groups(
        &self,
        staged: &StagedGroup,
        header: &[String],
        narrowed: &[Selection],
        today: NaiveDate,
    ) -> Result<Option<ListChange>, LedgerError> {
        let Some(held) = self.group_in_force(&staged.name).await? else { return Ok(None) };
        let mut change = ListChange { groups: self.whole_groups(&held, staged, today).await?, columns: Vec::new() };
        let own: Vec<String> = change.groups.iter().map(|group| group.group.clone()).collect();
        let mut conditions: Vec<String> = Vec::new();
        for selection in narrowed {
            let is_own =
                |term: &&Term| !term.conditions.is_empty() && own.iter().any(|name| *name == term.source.as_str());
            let terms: Vec<Term> = selection.terms.iter().filter(is_own).cloned().collect();
            if !terms.is_empty() {
                conditions.extend(terms.iter().flat_map(|term| term.conditions.keys().cloned()));
                change.groups.push(self.narrowed_group(&held, staged, selection.group.as_str(), &terms, today).await?);
            }
        }
        for column in DECIDING.into_iter().chain(conditions.iter().map(String::as_str)) {
            if change.columns.iter().all(|known| known.column != column) {
                change.columns.push(self.column_change(&held, staged, header, column).await?);
            }
        }
        Ok(Some(change))
    }

    async fn group_in_force(&self, name: &GroupName) -> Result<Option<GroupRecord>, LedgerError> {
        Ok(self.groups_in_force().await?.into_iter().find(|held| held.name == name.as_str()))
    }

    /// Rows that are over already have left before: they count in neither version.
    async fn whole_groups(
        &self,
        held: &GroupRecord,
        staged: &StagedGroup,
        today: NaiveDate,
    ) -> Result<Vec<GroupChange>, LedgerError> {
        let rows = sqlx::query(
            "SELECT group_name, sum(before) AS before, sum(after) AS after, sum(before AND after) AS kept FROM \
             (SELECT group_name, mailbox, max(version = ?1) AS before, max(version = ?2) AS after FROM member \
              WHERE version IN (?1, ?2) AND (valid_until IS NULL OR valid_until >= ?3) GROUP BY group_name, mailbox) \
             GROUP BY group_name ORDER BY group_name <> ?4, group_name",
        )
        .bind(held.version)
        .bind(staged.version)
        .bind(today.to_string())
        .bind(staged.name.as_str())
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let count = |column: &str| Ok::<u64, LedgerError>(row.try_get::<i64, _>(column)?.unsigned_abs());
                Ok(GroupChange {
                    group: row.try_get("group_name")?,
                    before: count("before")?,
                    after: count("after")?,
                    kept: count("kept")?,
                })
            })
            .collect()
    }

    async fn narrowed_group(
        &self,
        held: &GroupRecord,
        staged: &StagedGroup,
        group: &str,
        terms: &[Term],
        today: NaiveDate,
    ) -> Result<GroupChange, LedgerError> {
        let mut query = QueryBuilder::new(
            "SELECT coalesce(sum(before), 0), coalesce(sum(after), 0), coalesce(sum(before AND after), 0) FROM \
             (SELECT m.mailbox, max(m.version = ",
        );
        query.push_bind(held.version).push(") AS before, max(m.version = ").push_bind(staged.version);
        query.push(") AS after FROM member m WHERE m.version IN (").push_bind(held.version).push(", ");
        query.push_bind(staged.version).push(") AND (m.valid_until IS NULL OR m.valid_until >= ");
        query.push_bind(today.to_string()).push(") AND ");
        push_terms(&mut query, "m", terms);
        query.push(" GROUP BY m.mailbox)");
        let row = query.build().fetch_one(&self.readers).await?;
        let count = |index: usize| Ok::<u64, LedgerError>(row.try_get::<i64, _>(index)?.unsigned_abs());
        Ok(GroupChange { group: group.to_owned(), before: count(0)?, after: count(1)?, kept: count(2)? })
    }

    async fn column_change(
        &self,
        held: &GroupRecord,
        staged: &StagedGroup,
        header: &[String],
        column: &str,
    ) -> Result<ColumnChange, LedgerError> {
        let (before, rows) = self.filled(held.version, column).await?;
        let (after, _) = self.filled(staged.version, column).await?;
        let header = if header.iter().any(|named| named == column) { Header::Names } else { Header::Lacks };
        Ok(ColumnChange { column: column.to_owned(), before, rows, after, header })
    }

    /// Lines of a version that have a column filled in, and all of its lines.
    async fn filled(&self, version: i64, column: &str) -> Result<(u64, u64), LedgerError> {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT count(DISTINCT iif(coalesce(");
        match column {
            "valid_from" | "valid_until" => {
                query.push(format_args!("m.{column}"));
            }
            other => push_column_of(&mut query, "m", other),
        }
        query.push(", '') <> '', m.line, NULL)), count(DISTINCT m.line) FROM member m WHERE m.version = ");
        let row = query.push_bind(version).build().fetch_one(&self.readers).await?;
        Ok((row.try_get::<i64, _>(0)?.unsigned_abs(), row.try_get::<i64, _>(1)?.unsigned_abs()))
    }

    /// The list is again as it is in force: what waited or was refused waits no more. Says whether anything did.
    pub async fn drop_pending_group(&self, name: &GroupName, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let dropped = drop_waiting(&mut tx, name, 0, now).await? > 0;
        if dropped {
            let event =
                Event::new("group_unchanged", "circulard").detail(serde_json::json!({ "group": name.as_str() }));
            events::append(&mut tx, &event, now).await?;
        }
        tx.commit().await?;
        Ok(dropped)
    }

    /// Files that are gone: their groups stay in force until a person accepts that they end. `names` are those still there.
    /// Says which groups newly wait.
    pub async fn miss_groups_but(
        &self,
        names: &[GroupName],
        now: DateTime<Utc>,
    ) -> Result<Vec<GroupRecord>, LedgerError> {
        let gone = |record: &GroupRecord| !names.iter().any(|name| name.as_str() == record.name);
        let mut missed = Vec::new();
        let held = self.groups_in_force().await?;
        for last in self.groups_last_read().await?.into_iter().filter(gone) {
            let Some(name) = GroupName::new(&last.name) else { continue };
            match held.iter().find(|held| held.name == last.name) {
                Some(_) if last.removal => {}
                Some(held) => {
                    self.miss_group(&name, held, now).await?;
                    missed.push(held.clone());
                }
                // it was never in force: with its file it is gone
                None => {
                    self.drop_pending_group(&name, now).await?;
                }
            }
        }
        Ok(missed)
    }

    async fn miss_group(&self, name: &GroupName, held: &GroupRecord, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let doubts = vec![format!("the file is gone; accepted, the group {name} ends")];
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        drop_waiting(&mut tx, name, 0, now).await?;
        // the hash of nothing: what is accepted is that there is no file
        sqlx::query(
            "INSERT INTO group_version (name, file, sha256, state, removal, doubts, read_at) VALUES (?, ?, ?, 'pending', 1, ?, ?)",
        )
        .bind(name.as_str())
        .bind(&held.file)
        .bind(&[0_u8; 32][..])
        .bind(serde_json::json!(doubts).to_string())
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        let event = Event::new("group_pending", "circulard")
            .because(doubts.join("; "))
            .detail(serde_json::json!({ "group": name.as_str(), "mailboxes": 0 }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who joins or leaves if a waiting version is accepted, in the order of the lists; at most `limit` of them.
    pub async fn moved(&self, waiting: &GroupRecord, side: Side, limit: i64) -> Result<Vec<Moved>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT m.line, m.group_name, m.address, m.name, m.organization, m.country {}  ORDER BY m.id LIMIT ?3",
            moved_from(side)
        )))
        .bind(&waiting.name)
        .bind(waiting.version)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Moved {
                    line: row.try_get("line")?,
                    group: row.try_get("group_name")?,
                    address: row.try_get("address")?,
                    name: row.try_get("name")?,
                    organization: row.try_get("organization")?,
                    country: row.try_get("country")?,
                })
            })
            .collect()
    }

    /// How many join or leave.
    pub async fn count_moved(&self, waiting: &GroupRecord, side: Side) -> Result<i64, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT count(*) {}", moved_from(side))))
            .bind(&waiting.name)
            .bind(waiting.version)
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get(0)?)
    }
}

/// Members `m` of group ?1 that are in one of its version in force and the waiting version ?2, and not in the other.
fn moved_from(side: Side) -> String {
    let in_force = "(SELECT id FROM group_version WHERE name = ?1 AND state = 'accepted')";
    let (this, other) = match side {
        Side::Joins => ("?2", in_force),
        Side::Leaves => (in_force, "?2"),
    };
    // a mailbox stands in few versions: the unary plus keeps SQLite from walking the whole group for each of its rows
    format!(
        "FROM member m WHERE m.version = {this} AND NOT EXISTS (SELECT 1 FROM member o WHERE o.mailbox = m.mailbox \
         AND +o.version = {other} AND +o.group_name = m.group_name)"
    )
}
