//! What `verify` asks: each question counts or computes again what is kept, and names what differs.

use ring::digest::{SHA256, digest};
use sqlx::Row;

use super::{
    Due, IssueId, IssueRecord, Ledger, LedgerError,
    due::{DUE, read_due},
    journal::{self, Record},
};
use crate::delivery::State;

/// How thoroughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every page of the file, and a sample of the messages.
    Sample,
    /// Every entry of every index too, and every message.
    All,
}

/// Differences named of one kind; there may be more.
const NAMED: i64 = 100;

impl Ledger {
    /// SQLite's own look at the file, and every reference between tables.
    pub async fn verify_file(&self, depth: Depth) -> Result<Vec<String>, LedgerError> {
        let check = match depth {
            Depth::Sample => "PRAGMA quick_check",
            Depth::All => "PRAGMA integrity_check",
        };
        let rows = sqlx::query(check).fetch_all(&self.readers).await?;
        let said = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, sqlx::Error>>()?;
        let mut wrong: Vec<String> = said.into_iter().filter(|word| word != "ok").collect();
        let rows = sqlx::query("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT ?")
            .bind(NAMED)
            .fetch_all(&self.readers)
            .await?;
        for row in &rows {
            let (table, number, parent): (String, Option<i64>, String) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let number = number.map(|number| format!(" {number}")).unwrap_or_default();
            wrong.push(format!("{table}{number}: there is no {parent} for it"));
        }
        Ok(wrong)
    }

    /// Circulars whose rows do not add up to the number frozen, that are complete with open rows, or whose tally is not what
    /// the rows give: reference and why.
    pub async fn verify_totals(&self) -> Result<Vec<(String, String)>, LedgerError> {
        let rows = sqlx::query(
            "SELECT i.reference, i.number, i.total, count(d.id), \
             coalesce(sum(d.state NOT IN ('accepted', 'refused', 'expired', 'withdrawn')), 0), i.completed_at IS NOT NULL \
             FROM issue i LEFT JOIN delivery d ON d.issue = i.id WHERE i.state = 'frozen' GROUP BY i.id",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut found = Vec::new();
        for row in rows {
            let (reference, number): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            let (total, counted, open): (i64, i64, i64) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
            if total != counted {
                found.push((reference.clone(), format!("issue {number}: {total} frozen, {counted} in the ledger")));
            }
            if row.try_get::<bool, _>(5)? && open > 0 {
                found.push((reference, format!("issue {number}: completed with {open} still open")));
            }
        }
        found.extend(self.verify_tally().await?);
        Ok(found)
    }

    async fn verify_tally(&self) -> Result<Vec<(String, String)>, LedgerError> {
        let kept = State::ALL.map(|state| {
            let state = state.as_str();
            format!(
                "SELECT issue, country, groups, language, role, '{state}' AS state, {state} AS count FROM tally WHERE {state} <> 0"
            )
        });
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "WITH kept AS ({}), counted AS (SELECT d.issue, coalesce(d.country, '') AS country, d.groups, d.language, d.role, d.state, \
             count(*) AS count FROM delivery d JOIN issue i ON i.id = d.issue WHERE i.state = 'frozen' GROUP BY 1, 2, 3, 4, 5, 6), \
             differs AS (SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted) \
             UNION SELECT * FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)) \
             SELECT DISTINCT i.reference, i.number, f.state, f.groups, f.country FROM differs f JOIN issue i ON i.id = f.issue \
             ORDER BY i.id, f.state LIMIT {NAMED}",
            kept.join(" UNION ALL ")
        )))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let (number, state): (i64, String) = (row.try_get(1)?, row.try_get(2)?);
                let (groups, country): (String, String) = (row.try_get(3)?, row.try_get(4)?);
                let why =
                    format!("issue {number}: {state} of {groups}, {country}: the tally is not what the rows give");
                Ok((row.try_get(0)?, why))
            })
            .collect()
    }

    /// Deliveries that say something else than their attempts do: accepted without a 250 on record, unless a person settled
    /// them; another number of attempts; or another answer than the last one. Number and why.
    pub async fn verify_attempts(&self) -> Result<Vec<(i64, String)>, LedgerError> {
        let rows = sqlx::query(
            "SELECT d.id, 'accepted without a 250 on record' FROM delivery d WHERE d.state = 'accepted' AND d.doubts = 0 AND NOT EXISTS \
             (SELECT 1 FROM attempt a WHERE a.delivery = d.id AND a.state = 'accepted' AND a.code = 250) \
             UNION ALL SELECT d.id, 'says ' || d.attempts || ' attempts, ' || a.last || ' on record' FROM delivery d \
             JOIN (SELECT delivery, max(number) AS last FROM attempt GROUP BY delivery) a ON a.delivery = d.id \
             WHERE d.attempts <> a.last AND d.state <> 'in_transaction' \
             UNION ALL SELECT d.id, 'its answer is not that of its last attempt' FROM delivery d \
             JOIN attempt a ON a.delivery = d.id AND a.number = d.attempts \
             WHERE d.state IN ('accepted', 'refused', 'deferred', 'expired') AND d.doubts = 0 AND (d.relay IS NOT a.relay \
             OR d.stage IS NOT a.stage OR d.code IS NOT a.code OR d.status IS NOT a.status OR d.reply IS NOT a.reply) \
             ORDER BY 1 LIMIT ?",
        )
        .bind(NAMED)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// How many count as accepted on a person's word, without a 250 of the relay: of one issue, or of all.
    pub async fn settled(&self, issue: Option<IssueId>) -> Result<u64, LedgerError> {
        let row = sqlx::query(
            "SELECT count(*) FROM delivery d JOIN issue i ON i.id = d.issue WHERE i.state = 'frozen' AND d.state = 'accepted' \
             AND d.doubts > 0 AND d.code IS NOT 250 AND (?1 IS NULL OR d.issue = ?1)",
        )
        .bind(issue.map(|issue| issue.0))
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }

    /// Annexes whose octets are not those frozen: reference and why.
    pub async fn verify_annexes(&self) -> Result<Vec<(String, String)>, LedgerError> {
        let names = sqlx::query(
            "SELECT i.reference, i.number, a.name, a.sha256, a.issue, a.position FROM annex a JOIN issue i ON i.id = a.issue \
             WHERE i.state = 'frozen' ORDER BY a.issue, a.position",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut found = Vec::new();
        for row in &names {
            let octets: Vec<u8> = sqlx::query("SELECT octets FROM annex WHERE issue = ? AND position = ?")
                .bind(row.try_get::<i64, _>(4)?)
                .bind(row.try_get::<i64, _>(5)?)
                .fetch_one(&self.readers)
                .await?
                .try_get(0)?;
            let kept: Vec<u8> = row.try_get(3)?;
            if digest(&SHA256, &octets).as_ref() != kept {
                let (number, name): (i64, String) = (row.try_get(1)?, row.try_get(2)?);
                let why = format!("issue {number}: annex \"{name}\" is not the file that was frozen");
                found.push((row.try_get(0)?, why));
            }
        }
        Ok(found)
    }

    /// Every frozen issue, first to last.
    pub async fn all_issues(&self) -> Result<Vec<IssueRecord>, LedgerError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{} WHERE i.state = 'frozen' ORDER BY i.id",
            super::issues::ISSUE
        )))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(super::issues::issue_record).collect()
    }

    /// Deliveries of an issue whose octets were hashed, with row numbers above `after`; every `step`th.
    pub async fn hashed(
        &self,
        issue: &IssueRecord,
        after: i64,
        step: i64,
        limit: u32,
    ) -> Result<Vec<Due>, LedgerError> {
        let page: Option<String> = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT string_agg(one, ',') FROM (SELECT {DUE} AS one FROM delivery d WHERE d.id > ?1 AND d.id <= ?2 \
             AND +d.issue = ?3 AND d.sha256 IS NOT NULL AND (d.id - ?4) % ?5 = 0 ORDER BY d.id LIMIT ?6)",
        )))
        .bind(after.max(issue.rows.0 - 1))
        .bind(issue.rows.1)
        .bind(issue.id.0)
        .bind(issue.rows.0)
        .bind(step.max(1))
        .bind(limit)
        .fetch_one(&self.readers)
        .await?
        .try_get(0)?;
        read_due(page)
    }

    /// The send journal beside the ledger: how many records, and what of it the ledger does not have.
    pub async fn verify_journal(&self) -> Result<(usize, Vec<String>), LedgerError> {
        let applied = self.applied().await?;
        let Some(opened) = journal::read(&journal::path_of(self.path()))? else {
            let missing = (applied > 0).then(|| "it is missing beside a ledger that has sent".to_owned());
            return Ok((0, missing.into_iter().collect()));
        };
        let mut wrong: Vec<String> = self.objection(&opened, applied).await?.into_iter().collect();
        let followed = opened.records.iter().filter_map(|(number, record)| match record {
            Record::Finish(finish) if *number <= applied => {
                Some(serde_json::json!([finish.delivery.0, finish.number, finish.state.as_str(), number]))
            }
            _ => None,
        });
        let followed: Vec<serde_json::Value> = followed.collect();
        for batch in followed.chunks(2_000) {
            let rows = sqlx::query(
                "SELECT value ->> 3, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM attempt a \
                 WHERE a.delivery = value ->> 0 AND a.number = value ->> 1 AND a.state = value ->> 2) LIMIT 10",
            )
            .bind(serde_json::json!(batch).to_string())
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                let (record, delivery): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                let (number, state): (i64, String) = (row.try_get(2)?, row.try_get(3)?);
                wrong.push(format!(
                    "record {record}: attempt {number} of delivery {delivery}, {state}, is not in the ledger"
                ));
            }
        }
        Ok((opened.records.len(), wrong))
    }
}
