//! Supplements: the addressees of the circular that one corrects, completes or withdraws, and the messages it answers to.
//!
//! A supplement without addressees of its own goes to the parent's frozen mailboxes, withdrawn and excluded ones left out.
//! Whoever has left the parent's groups since got the letter, so they get its correction too: it is said beforehand and marked.

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{
    Alike, CircularId, CircularRecord, IssueDraft, Ledger, LedgerError, MemberRow, Reach, ReachCount, Staging,
    circulars::{COLUMNS, record},
    due::frozen_fields,
    outlook::alike,
    reach::{countries, push_not_excluded, push_reach, spellings},
    staging::{BATCH, next_rows, push_chosen, push_language, push_not_frozen},
};
use crate::{
    addressees::{Mailbox, Selection},
    circular::{Language, ReferenceKey},
    compose::Role,
};

/// Of delivery `d`: it was frozen for the circular, and it was not withdrawn.
const OF_PARENT: &str = "d.issue IN (SELECT id FROM issue WHERE state = 'frozen' AND circular = ";

fn push_of_parent(query: &mut QueryBuilder<Sqlite>, parent: CircularId) {
    query.push(OF_PARENT).push_bind(parent.0).push(") AND d.state <> 'withdrawn'");
}

/// What a message of circular `?1` followed, and itself: only one that was accepted, or may have been. The mailbox is added.
const THREAD: &str = "SELECT coalesce(p.thread || ' ', '') || '<' || trim(p.message_id, '<>') || '>' \
     FROM delivery p JOIN issue i ON i.id = p.issue WHERE i.circular = ?1 AND i.state = 'frozen' \
     AND p.message_id IS NOT NULL AND (p.state = 'accepted' OR p.doubts > 0)";
/// Of several issues the last.
const LAST: &str = "ORDER BY p.id DESC LIMIT 1";

/// Mailboxes as one JSON array: what one ledger holds is asked of another, where the lists are.
fn as_json(mailboxes: &[String]) -> String {
    serde_json::json!(mailboxes).to_string()
}

impl Ledger {
    /// The circular that a supplement's parent is, once it has gone out.
    pub async fn parent(&self, key: &ReferenceKey) -> Result<Option<CircularRecord>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE c.reference_key = ? ORDER BY issues = 0, c.state = 'parked', c.id DESC LIMIT 1"
        )))
        .bind(key.as_str())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(record).transpose()
    }

    /// The circulars that correct, complete or withdraw this one, oldest first.
    pub async fn supplements_of(&self, key: &str) -> Result<Vec<CircularRecord>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE c.parent_key = ? ORDER BY c.id")))
            .bind(key)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(record).collect()
    }

    /// The mailboxes that a letter's head leaves out, on a day.
    pub async fn excluded(&self, reach: &Reach, today: NaiveDate) -> Result<Vec<String>, LedgerError> {
        let mut all: Vec<String> = reach.exclude_mailboxes.iter().map(|mailbox| mailbox.as_str().to_owned()).collect();
        if !reach.exclude.is_empty() {
            let selections: Vec<&Selection> = reach.exclude.iter().collect();
            let mut query = QueryBuilder::new("SELECT DISTINCT m.mailbox FROM member m WHERE ");
            push_reach(&mut query, &selections, &Reach::default(), today);
            for row in query.build().fetch_all(&self.readers).await? {
                all.push(row.try_get(0)?);
            }
        }
        Ok(all)
    }

    /// Counts the addressees of a circular, without some mailboxes.
    pub async fn count_addressees_of(&self, parent: CircularId, without: &[String]) -> Result<ReachCount, LedgerError> {
        let spelled = spellings("d");
        let mut query =
            QueryBuilder::new(format!("SELECT count(DISTINCT d.mailbox), {spelled} FROM delivery d WHERE "));
        push_of_parent(&mut query, parent);
        query.push(" AND d.mailbox NOT IN (SELECT value FROM json_each(").push_bind(as_json(without)).push("))");
        let row = query.build().fetch_one(&self.readers).await?;
        Ok(ReachCount { mailboxes: row.try_get(0)?, countries: countries(&row, 1)?, ..ReachCount::default() })
    }

    /// The addressees of a circular, without some mailboxes, by what a supplement to them would have in common.
    pub async fn outlook_of_addressees(
        &self,
        parent: CircularId,
        without: &[String],
        languages: &[Language],
    ) -> Result<Vec<Alike>, LedgerError> {
        let mut query = QueryBuilder::new("SELECT d.role = 'copy' AS copy, ");
        push_chosen(&mut query, "d.languages", languages);
        query.push(
            " AS language, nullif(d.country, '') AS country, nullif(d.fields ->> 'region', '') AS region, \
             json_array_length(d.groups) > 1 AS several, count(*) AS mailboxes FROM delivery d \
             WHERE d.id IN (SELECT min(d.id) FROM delivery d WHERE ",
        );
        push_of_parent(&mut query, parent);
        query.push(" AND d.mailbox NOT IN (SELECT value FROM json_each(").push_bind(as_json(without));
        query.push(")) GROUP BY d.mailbox) GROUP BY 1, 2, 3, 4, 5");
        query.build().fetch_all(&self.readers).await?.iter().map(alike).collect()
    }

    /// The mailboxes that a circular was frozen for, without some.
    pub async fn addressees_of(&self, parent: CircularId, without: &[String]) -> Result<Vec<String>, LedgerError> {
        self.mailboxes_of(parent, without, "SELECT DISTINCT d.mailbox FROM delivery d WHERE ").await
    }

    /// Those of them that stood in a group of its own, and did not only get an office's copy.
    pub async fn group_addressees_of(
        &self,
        parent: CircularId,
        without: &[String],
    ) -> Result<Vec<String>, LedgerError> {
        const IN_GROUPS: &str =
            "SELECT DISTINCT d.mailbox FROM delivery d WHERE (d.role = 'to' OR d.copy_of IS NULL) AND ";
        self.mailboxes_of(parent, without, IN_GROUPS).await
    }

    async fn mailboxes_of(
        &self,
        parent: CircularId,
        without: &[String],
        select: &'static str,
    ) -> Result<Vec<String>, LedgerError> {
        let mut query = QueryBuilder::new(select);
        push_of_parent(&mut query, parent);
        query.push(" AND d.mailbox NOT IN (SELECT value FROM json_each(").push_bind(as_json(without));
        query.push(")) ORDER BY d.mailbox");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Of some mailboxes, those that stand in none of the groups on a day.
    pub async fn not_in(
        &self,
        selections: &[Selection],
        mailboxes: &[String],
        today: NaiveDate,
    ) -> Result<Vec<String>, LedgerError> {
        let mut query = QueryBuilder::new("SELECT v.value FROM json_each(");
        query.push_bind(as_json(mailboxes)).push(") v WHERE true");
        push_not_in(&mut query, "v.value", selections, today);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The addressees of a circular whose `field` is empty, at most `limit`, by address.
    pub async fn addressees_without_field(
        &self,
        parent: CircularId,
        without: &[String],
        field: &str,
        limit: i64,
    ) -> Result<Vec<String>, LedgerError> {
        let mut query = QueryBuilder::new("SELECT DISTINCT d.address FROM delivery d WHERE ");
        push_of_parent(&mut query, parent);
        query.push(" AND d.mailbox NOT IN (SELECT value FROM json_each(").push_bind(as_json(without)).push("))");
        push_empty(&mut query, field);
        query.push(" ORDER BY d.id LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Those of a staged issue whose `field` is empty, at most `limit`, by address.
    pub async fn staged_without_field(
        &self,
        draft: IssueDraft,
        field: &str,
        limit: i64,
    ) -> Result<Vec<String>, LedgerError> {
        let mut query = QueryBuilder::new("SELECT d.address FROM delivery d WHERE d.issue = ");
        query.push_bind(draft.id.0);
        push_empty(&mut query, field);
        query.push(" ORDER BY d.id LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// What a supplement to its addressee would be composed from, and as what they got the parent; the first of all where
    /// `mailbox` is `None`.
    pub async fn addressee_of(
        &self,
        parent: CircularId,
        without: &[String],
        mailbox: Option<&Mailbox>,
    ) -> Result<Option<(MemberRow, Role)>, LedgerError> {
        let mut query = QueryBuilder::new(
            "SELECT d.mailbox, d.address, d.role, d.groups ->> 0 AS group_name, d.languages, d.fields, d.name, d.organization, d.country \
             FROM delivery d WHERE ",
        );
        push_of_parent(&mut query, parent);
        query.push(" AND d.mailbox NOT IN (SELECT value FROM json_each(").push_bind(as_json(without)).push("))");
        if let Some(mailbox) = mailbox {
            query.push(" AND d.mailbox = ").push_bind(mailbox.as_str().to_owned());
        }
        query.push(" ORDER BY d.id LIMIT 1");
        let Some(row) = query.build().fetch_optional(&self.readers).await? else { return Ok(None) };
        let member = MemberRow {
            mailbox: row.try_get("mailbox")?,
            address: row.try_get("address")?,
            group: row.try_get("group_name")?,
            languages: serde_json::from_str(row.try_get("languages")?).unwrap_or_default(),
            name: row.try_get("name")?,
            fields: frozen_fields(&row)?,
            file: String::new(),
            line: 0,
        };
        let role = if row.try_get::<&str, _>("role")? == "copy" { Role::Copy } else { Role::To };
        Ok(Some((member, role)))
    }

    /// The Message-IDs that a message to this mailbox would follow.
    pub async fn thread_of(&self, parent: CircularId, mailbox: &Mailbox) -> Result<Option<String>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{THREAD} AND p.mailbox = ?2 {LAST}")))
            .bind(parent.0)
            .bind(mailbox.as_str())
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Adds the addressees of a circular, as they were frozen; their language is chosen anew among the supplement's.
    pub async fn stage_addressees_of(
        &self,
        draft: IssueDraft,
        parent: CircularId,
        staging: &Staging<'_>,
    ) -> Result<(), LedgerError> {
        let mut after = 0_i64;
        loop {
            let mut writer = self.writer.lock().await;
            let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
            let mut last = QueryBuilder::new("SELECT max(id) FROM (SELECT d.id FROM delivery d WHERE ");
            push_of_parent(&mut last, parent);
            last.push(" AND d.id > ").push_bind(after).push(" ORDER BY d.id LIMIT ").push_bind(BATCH).push(")");
            let Some(up_to) = last.build().fetch_one(&mut *tx).await?.try_get::<Option<i64>, _>(0)? else {
                return Ok(());
            };
            let mut insert = QueryBuilder::new(
                "INSERT INTO delivery (issue, mailbox, address, role, groups, name, organization, country, language, \
                 language_rule, languages, fields, copy_of, state, queued_at) SELECT ",
            );
            insert.push_bind(draft.id.0);
            insert.push(", d.mailbox, d.address, d.role, d.groups, d.name, d.organization, d.country, ");
            push_language(&mut insert, "d.languages", staging.languages);
            insert.push(", d.languages, d.fields, d.copy_of, 'queued', ").push_bind(staging.now.timestamp_millis());
            insert.push(" FROM delivery d WHERE ");
            push_of_parent(&mut insert, parent);
            push_not_excluded(&mut insert, "d.mailbox", staging.reach, staging.today);
            push_not_frozen(&mut insert, "d.mailbox", staging.not_frozen_for);
            insert.push(" AND d.id > ").push_bind(after).push(" AND d.id <= ").push_bind(up_to);
            insert.push(" ORDER BY d.id ON CONFLICT (issue, mailbox) DO NOTHING");
            insert.build().execute(&mut *tx).await?;
            tx.commit().await?;
            after = up_to;
        }
    }

    /// Marks the parent's addressees of a staged supplement who stand in none of the parent's groups any more.
    pub async fn mark_left(
        &self,
        draft: IssueDraft,
        selections: &[Selection],
        today: NaiveDate,
    ) -> Result<(), LedgerError> {
        if selections.is_empty() {
            // none of the parent's groups is known any more: who has left it is not known either
            return Ok(());
        }
        let mut after = 0_i64;
        loop {
            let mut writer = self.writer.lock().await;
            let Some(up_to) = next_rows(&mut writer, draft, after).await? else { return Ok(()) };
            let mut query = QueryBuilder::new(
                "UPDATE delivery AS d SET left_groups = 1 WHERE (d.role = 'to' OR d.copy_of IS NULL) AND d.issue = ",
            );
            query.push_bind(draft.id.0).push(" AND d.id > ").push_bind(after).push(" AND d.id <= ").push_bind(up_to);
            push_not_in(&mut query, "d.mailbox", selections, today);
            query.build().execute(&mut *writer).await?;
            after = up_to;
        }
    }

    /// Each message answers to the one that the same mailbox got of the parent, if it got one, or may have.
    pub async fn thread_with(&self, draft: IssueDraft, parent: CircularId) -> Result<(), LedgerError> {
        let mut after = 0_i64;
        loop {
            let mut writer = self.writer.lock().await;
            let Some(up_to) = next_rows(&mut writer, draft, after).await? else { return Ok(()) };
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "UPDATE delivery SET thread = ({THREAD} AND p.mailbox = delivery.mailbox {LAST}) \
                 WHERE issue = ?2 AND id > ?3 AND id <= ?4"
            )))
            .bind(parent.0)
            .bind(draft.id.0)
            .bind(after)
            .bind(up_to)
            .execute(&mut *writer)
            .await?;
            after = up_to;
        }
    }
}

fn push_not_in(query: &mut QueryBuilder<Sqlite>, mailbox: &str, selections: &[Selection], today: NaiveDate) {
    if selections.is_empty() {
        return;
    }
    let all: Vec<&Selection> = selections.iter().collect();
    query.push(format_args!(" AND NOT EXISTS (SELECT 1 FROM member m WHERE m.mailbox = {mailbox} AND "));
    push_reach(query, &all, &Reach::default(), today);
    query.push(")");
}

/// Of delivery `d`: the merge field is empty.
fn push_empty(query: &mut QueryBuilder<Sqlite>, field: &str) {
    query.push(" AND coalesce(");
    match field {
        "organization" | "country" => {
            query.push(format_args!("d.{field}, d.fields ->> '{field}'"));
        }
        "name" => {
            query.push("d.name, d.fields ->> 'name'");
        }
        "email" => {
            query.push("d.address");
        }
        other => {
            query.push("d.fields ->> ").push_bind(other.to_owned());
        }
    }
    query.push(", '') = ''");
}
