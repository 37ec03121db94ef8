//! Totals: the sums of the tally, which a trigger keeps in step with the rows and `verify` counts again.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{CircularId, IssueId, Ledger, LedgerError, tally};
use crate::{addressees::by_country, report::Totals};

impl Ledger {
    /// Totals of one circular over all its issues.
    pub async fn totals(&self, circular: CircularId) -> Result<Totals, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {} FROM tally t JOIN issue i ON i.id = t.issue WHERE i.circular = ? AND i.state = 'frozen'",
            tally::sums()
        )))
        .bind(circular.0)
        .fetch_one(&self.readers)
        .await?;
        Ok(tally::counts(&row, 0)?.collect())
    }

    /// Totals of one issue.
    pub async fn issue_totals(&self, issue: IssueId) -> Result<Totals, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT {} FROM tally t WHERE t.issue = ?", tally::sums())))
            .bind(issue.0)
            .fetch_one(&self.readers)
            .await?;
        Ok(tally::counts(&row, 0)?.collect())
    }

    /// Totals of one circular, broken down: (value, state, count) by group, country or language.
    pub async fn totals_by(
        &self,
        circular: CircularId,
        by: Breakdown,
    ) -> Result<BTreeMap<String, Totals>, LedgerError> {
        let (value, more) = match by {
            Breakdown::Group => ("g.value", ", json_each(t.groups) g"),
            Breakdown::Country => ("t.country", ""),
            Breakdown::Language => ("t.language", ""),
        };
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT {value}, {} FROM tally t JOIN issue i ON i.id = t.issue{more} \
             WHERE i.circular = ? AND i.state = 'frozen' GROUP BY {value}",
            tally::sums()
        )))
        .bind(circular.0)
        .fetch_all(&self.readers)
        .await?;
        let totals = rows.iter().map(|row| Ok((row.try_get(0)?, tally::counts(row, 1)?.collect())));
        let totals = totals.collect::<Result<_, LedgerError>>()?;
        Ok(match by {
            Breakdown::Country => by_country(totals, Totals::frozen, Totals::add_all),
            Breakdown::Group | Breakdown::Language => totals,
        })
    }
}

/// By what totals are broken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakdown {
    /// Every group an addressee is in; overlaps count in each.
    Group,
    /// The addressee's country, its spellings taken together; "" where the list has none.
    Country,
    /// The language the letter went out in.
    Language,
}
