//! Through which index the log is asked.

use sqlx::{QueryBuilder, Row};

use super::{Ledger, LedgerError, LogFilter, log_page::is_other, log_ranges::Rows};
use crate::{addressees::is_same_country, compose::Role};

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
    /// One country, in all its spellings that differ by more than case.
    Country(Vec<String>),
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
    /// The index that gives its rows in their order.
    pub(super) fn index(&self) -> Option<&'static str> {
        Some(match self {
            Driver::Rows => return None,
            Driver::Mailbox(_) => "delivery_mailbox",
            Driver::Domain(_) => "delivery_domain",
            Driver::States(_) => "delivery_other",
            Driver::Country(_) => "delivery_country",
            Driver::Groups(_) => "delivery_groups",
            Driver::Copies => "delivery_copies",
            Driver::Language(_) => "delivery_language",
            Driver::Open(_) => "delivery_open",
        })
    }

    /// The condition under which the index gives the rows of one of its values; `d` names the row.
    pub(super) fn condition(&self, d: &str, value: &str) -> String {
        match self {
            Driver::Rows => "true".to_owned(),
            Driver::Mailbox(_) => format!("{d}.mailbox = {value}"),
            Driver::Domain(_) => {
                format!("substr({d}.mailbox, instr({d}.mailbox, '@') + 1) = {value}")
            }
            Driver::States(_) => format!("{d}.state = {value} AND {}", about(d, is_other!(""))),
            Driver::Country(_) => format!("{d}.country = {value} COLLATE NOCASE"),
            Driver::Groups(_) => format!("{d}.groups = {value}"),
            Driver::Copies => format!("{d}.role = {value} AND {d}.role = 'copy'"),
            Driver::Language(_) => format!("{d}.language = {value}"),
            Driver::Open(_) => format!("{d}.issue = {value} AND {}", about(d, is_open!(""))),
        }
    }

    /// Its values, as a JSON array.
    pub(super) fn values(&self) -> String {
        match self {
            Driver::Rows => serde_json::json!([]),
            Driver::Mailbox(value) | Driver::Domain(value) | Driver::Language(value) => serde_json::json!([value]),
            Driver::Country(values) => serde_json::json!(values),
            Driver::States(values) => serde_json::json!(values),
            Driver::Groups(values) => serde_json::json!(values),
            Driver::Copies => serde_json::json!(["copy"]),
            Driver::Open(issues) => serde_json::json!(issues),
        }
        .to_string()
    }

    fn values_count(&self) -> usize {
        match self {
            Driver::States(values) => values.len(),
            Driver::Groups(values) | Driver::Country(values) => values.len(),
            Driver::Open(values) => values.len(),
            _ => 1,
        }
    }
}

/// How the log is asked.
#[derive(Debug)]
pub(super) struct Way {
    /// Gives the rows.
    pub(super) lead: Driver,
    /// Asked about each of them before the row is read; empty where few are.
    pub(super) also: Vec<Driver>,
    /// All rows of the leading index can be looked at.
    pub(super) is_narrow: bool,
    /// The other indexes that the filter names.
    rest: Vec<Driver>,
    /// How many columns that are frozen the filter names.
    pub(super) frozen: usize,
    /// The spellings of the country asked for.
    pub(super) countries: Vec<String>,
}

impl Way {
    /// The combinations of groups asked for; `None`: whatever groups.
    pub(super) fn combinations(&self) -> Option<&[String]> {
        std::iter::once(&self.lead).chain(&self.also).chain(&self.rest).find_map(|driver| match driver {
            Driver::Groups(combinations) => Some(combinations.as_slice()),
            _ => None,
        })
    }
}

/// So many entries of an index are counted, and so many rows looked at, in a few milliseconds.
pub(super) const FEW: i64 = 4_096;

impl Ledger {
    /// Through the narrowest index that the filter names.
    pub(super) async fn choose_way(&self, filter: &LogFilter, within: Rows, few: i64) -> Result<Way, LedgerError> {
        /// An index is asked about a row once for each of its values.
        const VALUES: usize = 8;
        let countries = self.spellings(filter).await?;
        let mut candidates = self.candidates(filter, &countries).await?;
        let frozen =
            [filter.country.is_some(), filter.group.is_some(), filter.language.is_some(), filter.role.is_some()];
        let frozen = frozen.into_iter().filter(|is_named| *is_named).count();
        let (narrowest, rows) = self.narrowest(&candidates, within, few).await?;
        let Some(narrowest) = narrowest else {
            let lead = Driver::Rows;
            return Ok(Way { lead, also: Vec::new(), rest: Vec::new(), is_narrow: false, frozen, countries });
        };
        let lead = candidates.remove(narrowest);
        let is_narrow = rows < few;
        let (also, rest) =
            candidates.into_iter().partition(|candidate| !is_narrow && candidate.values_count() <= VALUES);
        Ok(Way { lead, also, rest, is_narrow, frozen, countries })
    }

    /// Which of the candidates gives fewest rows, and how many. Few entries are counted first, then some more; of those
    /// that are too large to count, the first leads.
    async fn narrowest(
        &self,
        candidates: &[Driver],
        within: Rows,
        few: i64,
    ) -> Result<(Option<usize>, i64), LedgerError> {
        let mut most = few;
        loop {
            let mut best = (None, most);
            for (number, candidate) in candidates.iter().enumerate() {
                let rows = self.probe(candidate, within, most).await?;
                if rows < best.1 {
                    best = (Some(number), rows);
                }
            }
            if best.0.is_some() || candidates.len() < 2 || most > few {
                return Ok((best.0.or((!candidates.is_empty()).then_some(0)), best.1));
            }
            most *= 8;
        }
    }

    async fn candidates(&self, filter: &LogFilter, countries: &[String]) -> Result<Vec<Driver>, LedgerError> {
        let mut candidates = Vec::new();
        candidates.extend(filter.mailbox.as_ref().map(|mailbox| Driver::Mailbox(mailbox.as_str().to_owned())));
        candidates.extend(filter.domain.clone().map(Driver::Domain));
        if !filter.states.is_empty() && filter.states.iter().all(|state| is_other(*state)) {
            candidates.push(Driver::States(filter.states.iter().map(|state| state.as_str()).collect()));
        }
        candidates.extend(filter.country.as_ref().map(|_| Driver::Country(countries.to_vec())));
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
        let Some(index) = driver.index() else { return Ok(most) };
        let condition = driver.condition("d", "s.value");
        let mut query = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM json_each(");
        query.push_bind(driver.values());
        query.push(format_args!(") s CROSS JOIN delivery d INDEXED BY {index} WHERE {condition} AND d.id BETWEEN "));
        query.push_bind(first).push(" AND ").push_bind(last).push(" LIMIT ").push_bind(most).push(")");
        Ok(query.build().fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// How the ledger spells the country of a filter: the index is leapt through, a seek for each country. What is asked
    /// for is among them, be it in no row.
    pub(super) async fn spellings(&self, filter: &LogFilter) -> Result<Vec<String>, LedgerError> {
        /// No list has so many countries; a column of something else is not read to its end.
        const MOST: i64 = 2_000;
        let Some(country) = &filter.country else { return Ok(Vec::new()) };
        let rows = sqlx::query(
            "WITH RECURSIVE known (country) AS (SELECT * FROM (SELECT d.country FROM delivery d INDEXED BY delivery_country \
             WHERE d.country > '' COLLATE NOCASE ORDER BY d.country COLLATE NOCASE LIMIT 1) UNION ALL \
             SELECT (SELECT d.country FROM delivery d INDEXED BY delivery_country WHERE d.country > known.country COLLATE NOCASE \
             ORDER BY d.country COLLATE NOCASE LIMIT 1) FROM known WHERE known.country IS NOT NULL LIMIT ?) \
             SELECT country FROM known WHERE country IS NOT NULL",
        )
        .bind(MOST)
        .fetch_all(&self.readers)
        .await?;
        let mut spellings = vec![country.clone()];
        for row in rows {
            let spelling: String = row.try_get(0)?;
            let known = spellings.iter().any(|known| known.eq_ignore_ascii_case(&spelling));
            if !known && is_same_country(&spelling, country) {
                spellings.push(spelling);
            }
        }
        Ok(spellings)
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

/// A condition on the states, of the row that `d` names.
fn about(d: &str, condition: &str) -> String {
    condition.replace("state", &format!("{d}.state"))
}
