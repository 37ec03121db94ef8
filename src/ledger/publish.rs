//! What makes a staged issue count: one small transaction, in which everything that stands against it is asked once more.

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection};

use super::{
    IssueDraft, Ledger, LedgerError, Published,
    approvals::{Bound, given},
    events,
    events::Event,
    issues::{ISSUE, issue_record},
};

impl Ledger {
    /// Makes the staged rows an issue: from here on it counts, and it is sent. Whatever has happened to the circular or the
    /// lists since staging began stops it. `next_due` is the next tick of a repeated circular.
    pub async fn publish_issue(
        &self,
        draft: IssueDraft,
        next_due: Option<DateTime<Utc>>,
        approvals: u32,
        now: DateTime<Utc>,
    ) -> Result<Published, LedgerError> {
        let tally = self.count_staged(draft.id).await?;
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let missing = missing_approvals(&mut tx, draft, approvals).await?;
        let total = tally.record(&mut tx).await?;
        let frozen = sqlx::query(sqlx::AssertSqlSafe(format!(
            "UPDATE issue SET state = 'frozen', total = ?2 WHERE id = ?1 AND ?2 > 0 AND ?4 <= 0 AND versions IS ({IN_FORCE}) \
             AND EXISTS (SELECT 1 FROM circular c WHERE c.id = issue.circular AND c.digest = issue.digest \
             AND c.addressees IS issue.addressees AND {STILL_DUE})"
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
        let event = Event::new("frozen", "circulard").about(&issue.reference).detail(tally.detail(issue.number));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(Published::Issue(Box::new(issue)))
    }
}

/// The versions of all groups in force, as one text.
pub(super) const IN_FORCE: &str =
    "SELECT coalesce(group_concat(id), '') FROM (SELECT id FROM group_version WHERE state = 'accepted' ORDER BY id)";

/// The circular `c` may be frozen at the time `?6`.
pub(super) const STILL_DUE: &str =
    "c.due_at <= ?6 AND (c.state = 'ready' OR (c.repeat IS NOT NULL AND c.state IN ('sending', 'completed')))";

/// How many people have yet to approve what was staged.
async fn missing_approvals(tx: &mut SqliteConnection, draft: IssueDraft, house: u32) -> Result<i64, LedgerError> {
    let row = sqlx::query(
        "SELECT i.digest, i.addressees, c.confidential FROM issue i JOIN circular c ON c.id = i.circular WHERE i.id = ?",
    )
    .bind(draft.id.0)
    .fetch_one(&mut *tx)
    .await?;
    let (digest, addressees): (Vec<u8>, Option<Vec<u8>>) = (row.try_get(0)?, row.try_get(1)?);
    let needed = i64::from(house) + row.try_get::<i64, _>(2)?;
    let bound = Bound { digest: &digest, addressees: addressees.as_deref() };
    Ok(needed - given(tx, draft.circular, bound).await?)
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
