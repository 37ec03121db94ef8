//! Staging: the rows of an issue are written in batches under a mark that counts for nothing. One small transaction makes them
//! an issue; what an interrupted freeze left behind is deleted at start.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{
    CircularId, IssueDraft, IssueId, Ledger, LedgerError, NewIssue, Staging, annexes,
    publish::{IN_FORCE, STILL_DUE},
    reach::push_reach,
};
use crate::{addressees::Selection, circular::Language, compose::Role};

/// Rows that one staging transaction reads: other writers wait no longer than it takes.
pub(super) const BATCH: i64 = 20_000;

impl Ledger {
    /// Opens an issue for staging; `None`: the circular is gone, or no longer due.
    pub async fn stage_issue(&self, new: &NewIssue, now: DateTime<Utc>) -> Result<Option<IssueDraft>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO issue (circular, number, state, reference, subject, head, original, frozen_at, digest, versions, addressees, reach) \
             SELECT c.id, (SELECT coalesce(max(number), 0) + 1 FROM issue WHERE circular = c.id), 'staging', ?2, ?3, ?4, ?5, ?6, ?7, \
             ({IN_FORCE}), ?8, ?9 FROM circular c WHERE c.id = ?1 AND {STILL_DUE} RETURNING id"
        )))
        .bind(new.circular.0)
        .bind(&new.reference)
        .bind(&new.subject)
        .bind(serde_json::json!(new.head).to_string())
        .bind(new.original.code())
        .bind(now.timestamp_millis())
        .bind(&new.digest)
        .bind(new.addressees.map(|hash| hash.to_vec()))
        .bind(serde_json::json!(new.reach).to_string())
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
        let Staging { reach, languages, now, today, not_frozen_for } = *staging;
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
            push_not_frozen(&mut insert, "m.mailbox", not_frozen_for);
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

    /// Deletes what an interrupted freeze or reading left behind. At start, under the lock.
    pub async fn discard_staging(&self) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM issue WHERE state = 'staging'").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM group_version WHERE state = 'staging'").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// `INSERT INTO delivery … SELECT … FROM member m WHERE `: the caller adds the condition.
fn staging_insert(
    draft: IssueDraft,
    role: Role,
    selection: &Selection,
    languages: &[Language],
    now: DateTime<Utc>,
) -> QueryBuilder<sqlx::Sqlite> {
    let mut insert = QueryBuilder::new(
        "INSERT INTO delivery (issue, mailbox, address, role, groups, name, organization, country, language, language_rule, \
         languages, fields, state, queued_at) SELECT ",
    );
    insert.push_bind(draft.id.0).push(", m.mailbox, m.address, ");
    insert.push(match role {
        Role::To => "'to'",
        Role::Copy => "'copy'",
    });
    insert.push(", json_array(").push_bind(selection.group.to_string()).push("), m.name, m.organization, m.country, ");
    push_language(&mut insert, "m.languages", languages);
    insert.push(", m.languages, ");
    insert.push(
        "iif(coalesce(m.title, m.salutation, m.region) IS NULL, m.fields, \
         json_set(m.fields, '$.title', m.title, '$.salutation', m.salutation, '$.region', m.region)), 'queued', ",
    );
    insert.push_bind(now.timestamp_millis()).push(" FROM member m WHERE ");
    insert
}

/// The condition that a mailbox is in no issue of a circular, where one is named.
pub(super) fn push_not_frozen(query: &mut QueryBuilder<sqlx::Sqlite>, mailbox: &str, circular: Option<CircularId>) {
    let Some(circular) = circular else { return };
    query.push(format_args!(
        " AND NOT EXISTS (SELECT 1 FROM delivery b JOIN issue j ON j.id = b.issue WHERE b.mailbox = {mailbox} \
         AND j.state = 'frozen' AND j.circular = "
    ));
    query.push_bind(circular.0).push(")");
}

/// The next rows of a staged issue: up to which row number, or `None` behind the last.
pub(super) async fn next_rows(
    connection: &mut SqliteConnection,
    draft: IssueDraft,
    after: i64,
) -> Result<Option<i64>, LedgerError> {
    let row =
        sqlx::query("SELECT max(id) FROM (SELECT id FROM delivery WHERE issue = ?1 AND id > ?2 ORDER BY id LIMIT ?3)")
            .bind(draft.id.0)
            .bind(after)
            .bind(BATCH)
            .fetch_one(connection)
            .await?;
    Ok(row.try_get(0)?)
}

/// Language and rule: the first of the addressee's languages that the letter exists in, else the original's.
pub(super) fn push_language(insert: &mut QueryBuilder<sqlx::Sqlite>, preferred: &str, languages: &[Language]) {
    let original = languages.first().copied().unwrap_or(Language::EN);
    if let [only] = languages {
        // nothing to be chosen from: a third of the work for most letters, and less for offices that have one language
        let alone = serde_json::json!([only.code()]).to_string();
        insert.push_bind(only.code().to_owned()).push(format_args!(", iif({preferred} = ")).push_bind(alone);
        insert.push(format_args!(" OR EXISTS (SELECT 1 FROM json_each({preferred}) l WHERE l.value = "));
        insert.push_bind(only.code().to_owned()).push("), 'preferred', 'original')");
        return;
    }
    insert.push("coalesce(");
    push_chosen(insert, preferred, languages);
    insert.push(", ").push_bind(original.code().to_owned()).push("), iif(");
    push_chosen(insert, preferred, languages);
    insert.push(" IS NULL, 'original', 'preferred')");
}

/// The first of the addressee's languages that the letter exists in, or NULL.
pub(super) fn push_chosen(query: &mut QueryBuilder<sqlx::Sqlite>, preferred: &str, languages: &[Language]) {
    query.push(format_args!(
        "(SELECT l.value FROM json_each({preferred}) l WHERE l.value IN (SELECT value FROM json_each("
    ));
    query.push_bind(serde_json::json!(languages).to_string());
    query.push(")) ORDER BY l.key LIMIT 1)");
}
