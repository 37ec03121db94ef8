//! Totals: counted from the rows each time, never kept beside them.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{CircularId, IssueId, Ledger, LedgerError, queue::decode_state};
use crate::{delivery::State, report::Totals};

/// One counted row: a state and how many.
fn counted(state: &str, count: i64) -> Result<(State, u64), LedgerError> {
    Ok((decode_state(state)?, count.unsigned_abs()))
}

impl Ledger {
    /// Totals of one circular over all its issues.
    pub async fn totals(&self, circular: CircularId) -> Result<Totals, LedgerError> {
        let rows = sqlx::query(
            "SELECT d.state, count(*) FROM delivery d JOIN issue i ON i.id = d.issue \
             WHERE i.circular = ? AND i.state = 'frozen' GROUP BY d.state",
        )
        .bind(circular.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| counted(row.try_get(0)?, row.try_get(1)?)).collect()
    }

    /// Totals of one issue.
    pub async fn issue_totals(&self, issue: IssueId) -> Result<Totals, LedgerError> {
        let rows = sqlx::query("SELECT state, count(*) FROM delivery WHERE issue = ? GROUP BY state")
            .bind(issue.0)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| counted(row.try_get(0)?, row.try_get(1)?)).collect()
    }

    /// Totals of one circular, broken down: (value, state, count) by group, country or language.
    pub async fn totals_by(
        &self,
        circular: CircularId,
        by: Breakdown,
    ) -> Result<BTreeMap<String, Totals>, LedgerError> {
        let sql = match by {
            Breakdown::Group => {
                "SELECT g.value, d.state, count(*) FROM delivery d JOIN issue i ON i.id = d.issue, json_each(d.groups) g \
                 WHERE i.circular = ? AND i.state = 'frozen' GROUP BY g.value, d.state"
            }
            Breakdown::Country => {
                "SELECT coalesce(d.country, ''), d.state, count(*) FROM delivery d JOIN issue i ON i.id = d.issue \
                 WHERE i.circular = ? AND i.state = 'frozen' GROUP BY d.country, d.state"
            }
            Breakdown::Language => {
                "SELECT d.language, d.state, count(*) FROM delivery d JOIN issue i ON i.id = d.issue \
                 WHERE i.circular = ? AND i.state = 'frozen' GROUP BY d.language, d.state"
            }
        };
        let rows = sqlx::query(sql).bind(circular.0).fetch_all(&self.readers).await?;
        let mut all: BTreeMap<String, Vec<(State, u64)>> = BTreeMap::new();
        for row in rows {
            all.entry(row.try_get(0)?).or_default().push(counted(row.try_get(1)?, row.try_get(2)?)?);
        }
        Ok(all.into_iter().map(|(value, counts)| (value, counts.into_iter().collect())).collect())
    }

    /// Circulars whose rows do not add up to the number frozen, or that are complete with open rows: reference and why.
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
        Ok(found)
    }
}

impl Ledger {
    /// Accepted deliveries without an attempt that was answered 250, unless a person settled them: number and why.
    pub async fn verify_attempts(&self) -> Result<Vec<(i64, String)>, LedgerError> {
        let rows = sqlx::query(
            "SELECT d.id FROM delivery d WHERE d.state = 'accepted' AND d.doubts = 0 AND NOT EXISTS \
             (SELECT 1 FROM attempt a WHERE a.delivery = d.id AND a.state = 'accepted' AND a.code = 250) ORDER BY d.id LIMIT 100",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, "accepted without a 250 on record".to_owned()))).collect()
    }
}

/// By what totals are broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakdown {
    /// Every group an addressee is in; overlaps count in each.
    Group,
    /// The addressee's country; "" where the list has none.
    Country,
    /// The language the letter went out in.
    Language,
}
