//! A supplementary issue: `resend REF --new`. The texts and annexes of an issue go, as they were frozen, to mailboxes that
//! stand in the circular's groups now and were in no issue of it.
//!
//! The rows are staged like those of any issue. Order, event and issue are then one transaction: killed before it, the order is
//! still open and is begun anew; killed after it, all of it stands.

use chrono::{DateTime, FixedOffset, Utc};
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{
    CircularRecord, CircularState, IssueDraft, IssueId, IssueRecord, Ledger, LedgerError, Order,
    approvals::{Bound, approve},
    events,
    events::Event,
    issues::{ISSUE, issue_record},
    orders::{close_order, set_state},
    publish::IN_FORCE,
    tally::StagedTally,
};

impl Ledger {
    /// Opens an issue that repeats what `source` froze, but its Date.
    pub async fn stage_supplementary(
        &self,
        source: &IssueRecord,
        date: DateTime<FixedOffset>,
        now: DateTime<Utc>,
    ) -> Result<IssueDraft, LedgerError> {
        let mut head = source.head.clone();
        head.message.date = date;
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let id: i64 = sqlx::query(sqlx::AssertSqlSafe(format!(
            "INSERT INTO issue (circular, number, state, reference, subject, head, original, frozen_at, digest, versions, reach, source) \
             SELECT circular, (SELECT max(number) + 1 FROM issue WHERE circular = s.circular), 'staging', reference, subject, ?2, \
             original, ?3, digest, ({IN_FORCE}), reach, ?1 FROM issue s WHERE id = ?1 RETURNING id"
        )))
        .bind(source.id.0)
        .bind(serde_json::json!(head).to_string())
        .bind(now.timestamp_millis())
        .fetch_one(&mut *tx)
        .await?
        .try_get(0)?;
        for sql in [
            "INSERT INTO part (issue, language, file, sha256, rendered) \
             SELECT ?2, language, file, sha256, rendered FROM part WHERE issue = ?1",
            "INSERT INTO annex (issue, position, name, content_type, sha256, octets) \
             SELECT ?2, position, name, content_type, sha256, octets FROM annex WHERE issue = ?1",
        ] {
            sqlx::query(sql).bind(source.id.0).bind(id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(IssueDraft { id: IssueId(id), circular: source.circular })
    }

    /// Makes the staged rows a supplementary issue and closes its order; or says why there is none. Where approvals are asked
    /// for, each person who orders it for the same mailboxes approves it.
    pub async fn publish_supplementary(
        &self,
        draft: IssueDraft,
        record: &CircularRecord,
        order: &Order,
        approvals: u32,
        now: DateTime<Utc>,
    ) -> Result<Result<String, String>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        leave_out_frozen(&mut tx, draft).await?;
        let result = publish(&mut tx, draft, record, order, approvals, now).await?;
        if !matches!(result, Ok(Outcome::Issued(_))) {
            sqlx::query("DELETE FROM issue WHERE id = ?").bind(draft.id.0).execute(&mut *tx).await?;
        }
        let result = result.map(|outcome| match outcome {
            Outcome::Issued(words) | Outcome::Approved(words) => words,
        });
        close_order(&mut tx, Some(record), order, &result, now).await?;
        tx.commit().await?;
        Ok(result)
    }

    /// Drops a staged issue that will not be.
    pub async fn drop_draft(&self, draft: IssueDraft) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("DELETE FROM issue WHERE id = ? AND state = 'staging'")
            .bind(draft.id.0)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// Of some mailboxes, how many were frozen in no issue of the circular.
    pub async fn count_unfrozen(&self, record: &CircularRecord, mailboxes: &[String]) -> Result<i64, LedgerError> {
        let mut query = QueryBuilder::new("SELECT count(DISTINCT value) FROM json_each(");
        query.push_bind(serde_json::json!(mailboxes).to_string());
        query.push(
            ") WHERE value NOT IN (SELECT d.mailbox FROM delivery d JOIN issue i ON i.id = d.issue WHERE i.circular = ",
        );
        query.push_bind(record.id.0).push(" AND i.state = 'frozen')");
        Ok(query.build().fetch_one(&self.readers).await?.try_get(0)?)
    }
}

/// What an order for a supplementary issue came to.
enum Outcome {
    /// It goes out.
    Issued(String),
    /// It was approved, and others must order it too.
    Approved(String),
}

async fn leave_out_frozen(tx: &mut SqliteConnection, draft: IssueDraft) -> Result<(), LedgerError> {
    sqlx::query(
        "DELETE FROM delivery WHERE issue = ?1 AND mailbox IN (SELECT d.mailbox FROM delivery d JOIN issue i ON i.id = d.issue \
         WHERE i.circular = ?2 AND i.state = 'frozen')",
    )
    .bind(draft.id.0)
    .bind(draft.circular.0)
    .execute(tx)
    .await?;
    Ok(())
}

async fn publish(
    tx: &mut SqliteConnection,
    draft: IssueDraft,
    record: &CircularRecord,
    order: &Order,
    approvals: u32,
    now: DateTime<Utc>,
) -> Result<Result<Outcome, String>, LedgerError> {
    // in this transaction: those who were frozen meanwhile have just been left out
    let tally = StagedTally::count(&mut *tx, draft.id).await?;
    let total = tally.record(tx).await?;
    if total == 0 {
        return Ok(Err(NOBODY_NEW.to_owned()));
    }
    let same_lists =
        sqlx::query(sqlx::AssertSqlSafe(format!("SELECT versions IS ({IN_FORCE}) FROM issue WHERE id = ?")))
            .bind(draft.id.0)
            .fetch_one(&mut *tx)
            .await?;
    if !same_lists.try_get::<bool, _>(0)? {
        return Ok(Err("a list was changed while it was prepared; order it again".to_owned()));
    }
    let needed = record.approvals_needed(approvals);
    let mut approved = None;
    if needed > 0 {
        let mailboxes = approved.insert(hash_of_mailboxes(tx, draft).await?);
        let bound = Bound { digest: &record.digest, addressees: Some(mailboxes) };
        let given = approve(tx, record.id, bound, &order.by, now).await?;
        if given < needed {
            let words = format!(
                "approved by {given} of {needed} for {total} new mailboxes; it goes out once {needed} people have ordered it"
            );
            return Ok(Ok(Outcome::Approved(words)));
        }
    }
    sqlx::query("UPDATE issue SET state = 'frozen', total = ?2, addressees = ?3 WHERE id = ?1")
        .bind(draft.id.0)
        .bind(total)
        .bind(&approved)
        .execute(&mut *tx)
        .await?;
    if matches!(record.state, CircularState::Completed | CircularState::Ready) {
        set_state(tx, record, CircularState::Sending, "", now).await?;
    }
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{ISSUE} WHERE i.id = ?")))
        .bind(draft.id.0)
        .fetch_one(&mut *tx)
        .await?;
    let issue = issue_record(&row)?;
    let mut detail = tally.detail(issue.number);
    detail["order"] = order.id.0.into();
    events::append(tx, &Event::new("frozen", "circulard").about(&issue.reference).detail(detail), now).await?;
    let waits = match record.state {
        CircularState::Held | CircularState::Paused | CircularState::Late => {
            format!("; the circular is {}, `release` lets it go", record.state.as_str())
        }
        _ => String::new(),
    };
    let mailboxes = if total == 1 { "mailbox" } else { "mailboxes" };
    let words = format!("issue {} is frozen for {total} new {mailboxes}{waits}", issue.number);
    Ok(Ok(Outcome::Issued(words)))
}

/// Why there is no supplementary issue.
pub const NOBODY_NEW: &str = "nobody is new: every mailbox that its groups hold now was in an issue of it";

async fn hash_of_mailboxes(tx: &mut SqliteConnection, draft: IssueDraft) -> Result<Vec<u8>, LedgerError> {
    let rows = sqlx::query("SELECT mailbox FROM delivery WHERE issue = ? ORDER BY mailbox")
        .bind(draft.id.0)
        .fetch_all(tx)
        .await?;
    let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
    for row in &rows {
        hash.update(row.try_get::<&str, _>(0)?.as_bytes());
        hash.update(&[0]);
    }
    Ok(hash.finish().as_ref().to_vec())
}

#[cfg(test)]
mod tests;
