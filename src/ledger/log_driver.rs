//! Through which index the log is asked.

use sqlx::{QueryBuilder, Row};

use super::{Ledger, LedgerError, LogFilter, log_page::is_other, stretch::Rows};
use crate::compose::Role;

/// The index that leads, and the values it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Driver {
    /// None: rows as they lie.
    Rows,
    /// One mailbox.
    Mailbox(String),
    /// All mailboxes of a domain.
    Domain(String),
    /// States that few deliveries have.
    States(Vec<&'static str>),
    /// One country.
    Country(String),
    /// Every combination of groups that holds the one asked for.
    Groups(Vec<String>),
    /// Those who get it for information.
    Copies,
    /// One language.
    Language(String),
    /// Deliveries of these issues that have no final state.
    Open(Vec<i64>),
}

impl Driver {
    /// Its name, and the condition under which it gives rows in their order; `s.value` is one of its values.
    pub(super) fn index(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Driver::Rows => return None,
            Driver::Mailbox(_) => ("delivery_mailbox", "d.mailbox = s.value"),
            Driver::Domain(_) => (
                "delivery_domain",
                "substr(d.mailbox, length(rtrim(d.mailbox, replace(d.mailbox, '@', ''))) + 1) = s.value",
            ),
            Driver::States(_) => (
                "delivery_other",
                "d.state = s.value \
                 AND d.state IN ('in_transaction', 'deferred', 'in_doubt', 'refused', 'expired', 'withdrawn', 'held')",
            ),
            Driver::Country(_) => ("delivery_country", "d.country = s.value COLLATE NOCASE"),
            Driver::Groups(_) => ("delivery_groups", "d.groups = s.value"),
            Driver::Copies => ("delivery_copies", "d.role = s.value AND d.role = 'copy'"),
            Driver::Language(_) => ("delivery_language", "d.language = s.value"),
            Driver::Open(_) => (
                "delivery_open",
                "d.issue = s.value AND d.state NOT IN ('accepted', 'refused', 'expired', 'withdrawn')",
            ),
        })
    }

    /// Its values, as a JSON array.
    pub(super) fn values(&self) -> String {
        match self {
            Driver::Rows => serde_json::json!([]),
            Driver::Mailbox(value) | Driver::Domain(value) | Driver::Country(value) | Driver::Language(value) => {
                serde_json::json!([value])
            }
            Driver::States(values) => serde_json::json!(values),
            Driver::Groups(values) => serde_json::json!(values),
            Driver::Copies => serde_json::json!(["copy"]),
            Driver::Open(issues) => serde_json::json!(issues),
        }
        .to_string()
    }
}

impl Ledger {
    /// The narrowest index that the filter names, and whether it is so narrow that all its rows can be looked at.
    pub(super) async fn choose_driver(&self, filter: &LogFilter, within: Rows) -> Result<(Driver, bool), LedgerError> {
        /// So many entries of an index are counted, and so many rows looked at, in a few milliseconds.
        const FEW: i64 = 5_000;
        let mut best = (Driver::Rows, FEW);
        for candidate in self.candidates(filter).await? {
            let rows = self.probe(&candidate, within, FEW).await?;
            // candidates come narrowest first: among those too large to count, the first leads
            if rows < best.1 || matches!(best.0, Driver::Rows) {
                best = (candidate, rows);
            }
        }
        let is_narrow = best.1 < FEW;
        Ok((best.0, is_narrow))
    }

    async fn candidates(&self, filter: &LogFilter) -> Result<Vec<Driver>, LedgerError> {
        let mut candidates = Vec::new();
        candidates.extend(filter.mailbox.as_ref().map(|mailbox| Driver::Mailbox(mailbox.as_str().to_owned())));
        candidates.extend(filter.domain.clone().map(Driver::Domain));
        if !filter.states.is_empty() && filter.states.iter().all(|state| is_other(*state)) {
            candidates.push(Driver::States(filter.states.iter().map(|state| state.as_str()).collect()));
        }
        candidates.extend(filter.country.clone().map(Driver::Country));
        if let Some(group) = &filter.group {
            candidates.push(Driver::Groups(self.combinations(group).await?));
        }
        if filter.role == Some(Role::Copy) {
            candidates.push(Driver::Copies);
        }
        if !filter.states.is_empty() && filter.states.iter().all(|state| !state.is_final()) {
            candidates.push(Driver::Open(self.unfinished(filter).await?));
        }
        candidates.extend(filter.language.clone().map(Driver::Language));
        Ok(candidates)
    }

    /// How many rows an index gives, counted up to `most`.
    async fn probe(&self, driver: &Driver, (first, last): Rows, most: i64) -> Result<i64, LedgerError> {
        let Some((index, condition)) = driver.index() else { return Ok(most) };
        let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM json_each(");
        query.push_bind(driver.values());
        query.push(format_args!(") s CROSS JOIN delivery d INDEXED BY {index} WHERE {condition} AND d.id BETWEEN "));
        query.push_bind(first).push(" AND ").push_bind(last).push(" LIMIT ").push_bind(most).push(")");
        Ok(query.build().fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// Every combination of groups in the ledger that holds one: the index is leapt through, a seek for each.
    async fn combinations(&self, group: &str) -> Result<Vec<String>, LedgerError> {
        let rows = sqlx::query(
            "WITH RECURSIVE known (groups) AS (SELECT min(groups) FROM delivery UNION ALL \
             SELECT (SELECT min(d.groups) FROM delivery d WHERE d.groups > known.groups) FROM known WHERE known.groups IS NOT NULL) \
             SELECT groups FROM known WHERE EXISTS (SELECT 1 FROM json_each(known.groups) g WHERE g.value = ?)",
        )
        .bind(group)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }

    /// Issues in which some addressee has no final state.
    async fn unfinished(&self, filter: &LogFilter) -> Result<Vec<i64>, LedgerError> {
        let mut query = QueryBuilder::new("SELECT id FROM issue WHERE state = 'frozen' AND completed_at IS NULL");
        if let Some(circular) = filter.circular {
            query.push(" AND circular = ").push_bind(circular.0);
        }
        let rows = query.push(" ORDER BY id").build().fetch_all(&self.readers).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }
}
