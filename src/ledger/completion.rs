//! The end of an issue: every addressee has a final state, and the chain of events takes in what was recorded.
//!
//! The event `completed` seals its issue: it bears the SHA-256 of what was frozen of each addressee, and of all attempts
//! recorded since the last such event, whichever circular they were of. Attempts are never changed, so `verify` can compute
//! both again; whoever changes one must change the chain behind it, whose head stands in reports and certificates.

use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};
use sqlx::{AssertSqlSafe, Row};

use super::{CircularId, Ledger, LedgerError, events, events::Event};

/// Rows that are hashed at a time.
const PAGE: i64 = 5_000;

/// Issues `i` of circulars `c` in which nobody is open any more.
const FINISHED: &str = concat!(
    "FROM issue i JOIN circular c ON c.id = i.circular \
     WHERE i.state = 'frozen' AND i.completed_at IS NULL AND c.state = 'sending' AND NOT EXISTS (SELECT 1 FROM delivery d \
     WHERE d.issue = i.id AND ",
    is_open!("d."),
    ")"
);

/// What was frozen of an addressee, a line each; nothing of it changes afterwards.
const ADDRESSEES: &str = "SELECT max(id), string_agg(line, '' ORDER BY id) FROM (SELECT id, json_array(id, mailbox, address, role, groups, \
     name, organization, country, language, language_rule, languages, fields, copy_of, left_groups, thread) \
     || char(10) AS line FROM delivery WHERE id > ?1 AND id <= ?2 AND +issue = ?3 ORDER BY id LIMIT ?4)";

/// What was recorded of an attempt, a line each.
const ATTEMPTS: &str = "SELECT max(id), string_agg(line, '' ORDER BY id) FROM (SELECT id, json_array(id, delivery, number, epoch, relay, \
     started_at, ended_at, state, blame, stage, code, status, reply, hex(sha256)) || char(10) AS line \
     FROM attempt WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?4)";

/// An issue whose addressees all have a final state.
struct Finished {
    issue: i64,
    circular: CircularId,
    reference: String,
    number: i64,
    rows: (i64, i64),
}

/// What the event says, beside which issue it is.
struct Seal {
    addressees: String,
    attempts: (i64, i64),
    attempts_sha256: String,
}

impl Ledger {
    /// Closes the issues and circulars in which every addressee has a final state. Returns their references.
    pub async fn complete(&self, now: DateTime<Utc>) -> Result<Vec<(CircularId, String)>, LedgerError> {
        let mut completed = Vec::new();
        for finished in self.finished().await? {
            // before the transaction: a million rows take seconds, and neither they nor the attempts change any more
            let seal = self.seal(&finished).await?;
            if self.close_issue(&finished, &seal, now).await? {
                completed.push((finished.circular, finished.reference));
            }
        }
        Ok(completed)
    }

    async fn finished(&self) -> Result<Vec<Finished>, LedgerError> {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "SELECT i.id, i.circular, i.reference, i.number, i.first_delivery, i.last_delivery {FINISHED}"
        )))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Finished {
                    issue: row.try_get(0)?,
                    circular: CircularId(row.try_get(1)?),
                    reference: row.try_get(2)?,
                    number: row.try_get(3)?,
                    rows: (row.try_get(4)?, row.try_get(5)?),
                })
            })
            .collect()
    }

    /// Writes the end of an issue down, unless it has been opened again meanwhile.
    async fn close_issue(&self, finished: &Finished, seal: &Seal, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let closed = sqlx::query(AssertSqlSafe(format!(
            "UPDATE issue SET completed_at = ?1 WHERE id = ?2 AND id IN (SELECT i.id {FINISHED})"
        )))
        .bind(now.timestamp_millis())
        .bind(finished.issue)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if closed == 0 {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE circular SET state = iif(repeat IS NULL, 'completed', 'ready'), completed_at = ?1, changed_at = ?1 \
             WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM issue WHERE circular = ?2 AND state = 'frozen' AND completed_at IS NULL)",
        )
        .bind(now.timestamp_millis())
        .bind(finished.circular.0)
        .execute(&mut *tx)
        .await?;
        let detail = serde_json::json!({
            "issue": finished.number,
            "issue_row": finished.issue,
            "addressees": seal.addressees,
            "attempts": { "after": seal.attempts.0, "up_to": seal.attempts.1, "sha256": seal.attempts_sha256 },
        });
        let event = Event::new("completed", "circulard").about(&finished.reference).detail(detail);
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn seal(&self, finished: &Finished) -> Result<Seal, LedgerError> {
        let after = sqlx::query(
            "SELECT json_extract(detail, '$.attempts.up_to') FROM event WHERE kind = 'completed' \
             AND json_extract(detail, '$.attempts.up_to') IS NOT NULL ORDER BY id DESC LIMIT 1",
        )
        .fetch_optional(&self.readers)
        .await?;
        let after = after.map(|row| row.try_get(0)).transpose()?.unwrap_or(0);
        let last: Option<i64> =
            sqlx::query("SELECT max(id) FROM attempt").fetch_one(&self.readers).await?.try_get(0)?;
        let attempts = (after, last.unwrap_or(0).max(after));
        Ok(Seal {
            addressees: self.hash_of_lines(ADDRESSEES, finished.issue, (finished.rows.0 - 1, finished.rows.1)).await?,
            attempts,
            attempts_sha256: self.hash_of_lines(ATTEMPTS, finished.issue, attempts).await?,
        })
    }

    /// SHA-256, hexadecimal, of the lines that `page` gives of the rows behind the first number, up to the second.
    async fn hash_of_lines(
        &self,
        page: &'static str,
        issue: i64,
        (mut after, up_to): (i64, i64),
    ) -> Result<String, LedgerError> {
        let mut hash = Context::new(&SHA256);
        loop {
            let row = sqlx::query(page).bind(after).bind(up_to).bind(issue).bind(PAGE).fetch_one(&self.readers).await?;
            let Some(last) = row.try_get::<Option<i64>, _>(0)? else { break };
            hash.update(row.try_get::<&str, _>(1)?.as_bytes());
            after = last;
        }
        Ok(hash.finish().as_ref().iter().map(|octet| format!("{octet:02x}")).collect())
    }

    /// How many issues are sealed, and which seals do not fit what the ledger says now: reference and why.
    pub async fn verify_seals(&self) -> Result<(usize, Vec<(String, String)>), LedgerError> {
        let events = sqlx::query(
            "SELECT e.reference, e.detail ->> '$.issue', e.detail ->> '$.issue_row', e.detail ->> '$.addressees', \
             e.detail ->> '$.attempts.after', e.detail ->> '$.attempts.up_to', e.detail ->> '$.attempts.sha256', \
             coalesce(i.first_delivery, 0), coalesce(i.last_delivery, -1) \
             FROM event e LEFT JOIN issue i ON i.id = e.detail ->> '$.issue_row' \
             WHERE e.kind = 'completed' AND e.detail ->> '$.attempts.sha256' IS NOT NULL ORDER BY e.id",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut wrong = Vec::new();
        for row in &events {
            let (reference, number, issue): (String, i64, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let (after, up_to): (i64, i64) = (row.try_get(4)?, row.try_get(5)?);
            let rows = (row.try_get::<i64, _>(7)? - 1, row.try_get(8)?);
            if self.hash_of_lines(ADDRESSEES, issue, rows).await? != row.try_get::<&str, _>(3)? {
                let why = format!("issue {number}: its addressees are not those it was completed with");
                wrong.push((reference.clone(), why));
            }
            if self.hash_of_lines(ATTEMPTS, issue, (after, up_to)).await? != row.try_get::<&str, _>(6)? {
                let why = format!("attempts {} to {up_to} are not those on record when it was completed", after + 1);
                wrong.push((reference, why));
            }
        }
        Ok((events.len(), wrong))
    }
}
