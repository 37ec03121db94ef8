//! The tally: how many deliveries of an issue stand in which state, kept beside the rows so that nobody counts a million of
//! them to answer a question.
//!
//! It is counted once, when an issue is frozen; from then on a trigger changes it in the very transaction that changes a
//! delivery's state, whoever changes it. `verify` counts the rows again and compares.

use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{IssueId, Ledger, LedgerError};
use crate::delivery::State;

/// Deliveries that are alike in everything that is frozen of them, all queued.
struct Alike {
    country: String,
    groups: String,
    language: String,
    role: String,
    count: i64,
}

/// A staged issue, counted.
pub(super) struct StagedTally {
    issue: IssueId,
    first: i64,
    last: i64,
    alike: Vec<Alike>,
    /// As many are what [`KINDS`] says.
    kinds: [i64; 3],
}

/// What is said of an issue beside its number of addressees, where it is so of some.
const KINDS: [&str; 3] = ["office_copies", "left_their_groups", "in_reply"];

impl Ledger {
    /// Counts a staged issue. Its rows change no more, so this needs no lock.
    pub(super) async fn count_staged(&self, issue: IssueId) -> Result<StagedTally, LedgerError> {
        StagedTally::count(&mut *self.readers.acquire().await?, issue).await
    }
}

impl StagedTally {
    /// Counts a staged issue as a transaction sees it.
    pub(super) async fn count(connection: &mut SqliteConnection, issue: IssueId) -> Result<Self, LedgerError> {
        let rows = sqlx::query(
            "SELECT coalesce(country, ''), groups, language, role, count(*), min(id), max(id), \
             count(*) FILTER (WHERE role = 'copy' AND copy_of IS NOT NULL), count(*) FILTER (WHERE left_groups), \
             count(*) FILTER (WHERE thread IS NOT NULL) FROM delivery WHERE issue = ? GROUP BY 1, 2, 3, 4",
        )
        .bind(issue.0)
        .fetch_all(connection)
        .await?;
        let mut staged = Self { issue, first: i64::MAX, last: -1, alike: Vec::new(), kinds: [0; 3] };
        for row in &rows {
            staged.first = staged.first.min(row.try_get(5)?);
            staged.last = staged.last.max(row.try_get(6)?);
            for (at, kind) in staged.kinds.iter_mut().enumerate() {
                *kind += row.try_get::<i64, _>(7 + at)?;
            }
            staged.alike.push(Alike {
                country: row.try_get(0)?,
                groups: row.try_get(1)?,
                language: row.try_get(2)?,
                role: row.try_get(3)?,
                count: row.try_get(4)?,
            });
        }
        Ok(staged)
    }

    /// Writes it down, and where the issue's rows lie. Returns how many there are.
    pub(super) async fn record(&self, tx: &mut SqliteConnection) -> Result<i64, LedgerError> {
        let rows = self.alike.iter().map(|one| (&one.country, &one.groups, &one.language, &one.role, one.count));
        sqlx::query(
            "INSERT INTO tally (issue, country, groups, language, role, queued) SELECT ?, value ->> 0, value ->> 1, value ->> 2, \
             value ->> 3, value ->> 4 FROM json_each(?)",
        )
        .bind(self.issue.0)
        .bind(serde_json::json!(rows.collect::<Vec<_>>()).to_string())
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO meeting SELECT DISTINCT issue, groups, language, role FROM tally WHERE issue = ?")
            .bind(self.issue.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE issue SET first_delivery = ?2, last_delivery = ?3 WHERE id = ?1")
            .bind(self.issue.0)
            .bind(self.first.min(self.last))
            .bind(self.last)
            .execute(&mut *tx)
            .await?;
        Ok(self.total())
    }

    fn total(&self) -> i64 {
        self.alike.iter().map(|alike| alike.count).sum()
    }

    /// What the event says: how many were frozen as which issue and, where it says something, how many of them as what.
    pub(super) fn detail(&self, number: i64) -> serde_json::Value {
        let mut detail = serde_json::json!({ "issue": number, "addressees": self.total() });
        for (name, count) in KINDS.into_iter().zip(self.kinds).filter(|(_, count)| *count > 0) {
            detail[name] = count.into();
        }
        detail
    }
}

/// The sums of all states, in the order of [`State::ALL`], as columns.
pub(super) fn sums() -> String {
    State::ALL.map(|state| format!("coalesce(sum(t.{}), 0)", state.as_str())).join(", ")
}

/// The counts of a row that has [`sums`] from column `first` on.
pub(super) fn counts(row: &SqliteRow, first: usize) -> Result<impl Iterator<Item = (State, u64)>, LedgerError> {
    let counts = State::ALL
        .into_iter()
        .enumerate()
        .map(|(at, state)| Ok((state, row.try_get::<i64, _>(first + at)?.unsigned_abs())))
        .collect::<Result<Vec<_>, sqlx::Error>>()?;
    Ok(counts.into_iter().filter(|(_, count)| *count > 0))
}
