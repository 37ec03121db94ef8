//! The log by pages, whatever is asked for: ten million rows are not read to find a hundred.
//!
//! A page begins behind a [`Cursor`] and comes in the order of freezing, so that rows which change meanwhile are neither
//! shown twice nor left out. The question is answered through the narrowest index at hand, which leads; each of its values
//! gives rows in their own order, at most a page of them. Other indexes that the question names are asked about each of
//! them before the row itself is read, and the rest of the question is asked of the rows that are left.

use std::{fmt, str::FromStr};

use chrono_tz::Tz;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{
    Ledger, LedgerError, LogEntry, LogFilter,
    log::{ENTRIES, entry, push_filter},
    log_driver::{Driver, FEW, Way},
    log_ranges::{Rows, bounds, overlap, pieces},
};
use crate::delivery::State;

/// Where a page ended: opaque, good for the ledger it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub(super) i64);

/// A word that no page ended with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no place in the log; give the word that the page before ended with, such as d2f4")]
pub struct NotACursor(pub String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "d{:x}", self.0)
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(word: &str) -> Result<Self, NotACursor> {
        let number = word.trim().strip_prefix('d').filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = number.and_then(|digits| i64::from_str_radix(digits, 16).ok());
        number.map(Self).ok_or_else(|| NotACursor(word.to_owned()))
    }
}

/// One page.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// In the order of freezing.
    pub entries: Vec<LogEntry>,
    /// Where the next page begins; `None` where nothing follows.
    pub next: Option<Cursor>,
}

impl Ledger {
    /// The page of at most `limit` entries behind the filter's cursor; times in `zone`.
    pub async fn log_page(&self, filter: &LogFilter, limit: u32, zone: Tz) -> Result<LogPage, LedgerError> {
        self.page(filter, limit, FEW, zone).await
    }

    pub(super) async fn page(
        &self,
        filter: &LogFilter,
        limit: u32,
        few: i64,
        zone: Tz,
    ) -> Result<LogPage, LedgerError> {
        // one more tells whether anything follows
        let mut ids = self.matching(filter, limit.saturating_add(1), few).await?;
        let more = ids.len() > limit as usize;
        ids.truncate(limit as usize);
        let next = ids.last().copied().filter(|_| more).map(Cursor);
        let mut query = QueryBuilder::new(ENTRIES);
        query.push(" AND d.id IN (SELECT value FROM json_each(").push_bind(serde_json::json!(ids).to_string());
        query.push(")) ORDER BY d.id");
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(LogPage { entries: rows.iter().map(|row| entry(row, zone)).collect::<Result<_, _>>()?, next })
    }

    /// The row numbers of a page. An index that gives fewer than `few` rows is simply read.
    pub(super) async fn matching(&self, filter: &LogFilter, limit: u32, few: i64) -> Result<Vec<i64>, LedgerError> {
        let mut ranges = self.ranges_of(filter).await?;
        if let Some(after) = filter.after {
            ranges = overlap(&ranges, &[(after.0.saturating_add(1), i64::MAX)]);
        }
        let Some(whole) = bounds(&ranges) else { return Ok(Vec::new()) };
        let way = self.choose_way(filter, whole, few).await?;
        if !way.is_narrow {
            if way.frozen > 1 || !filter.states.is_empty() {
                ranges = overlap(&ranges, &self.promising(filter, &way).await?);
            }
            if filter.relay.is_some() || filter.since.is_some() || filter.until.is_some() {
                ranges = overlap(&ranges, &self.attempted(filter, whole).await?);
            }
        }
        let mut found = Vec::new();
        for piece in pieces(&ranges) {
            let missing = limit - u32::try_from(found.len()).unwrap_or(limit);
            if missing == 0 {
                break;
            }
            for row in page_query(&way, filter, piece, missing).build().fetch_all(&self.readers).await? {
                found.push(row.try_get(0)?);
            }
        }
        Ok(found)
    }
}

/// `SELECT id …`: a page of what the way gives in some ranges, under the rest of the filter. `l` is the entry of the index
/// that leads, `a0`, `a1`, … are those of the other indexes: what they rule out is never read as a row.
fn page_query(way: &Way, filter: &LogFilter, ranges: &[Rows], limit: u32) -> QueryBuilder<Sqlite> {
    if matches!(way.lead, Driver::Rows) {
        let mut query = QueryBuilder::new("");
        push_inner(&mut query, way, filter, ranges, limit);
        return query;
    }
    let mut query = QueryBuilder::new("SELECT r.id FROM json_each(");
    query.push_bind(way.lead.values()).push(") s CROSS JOIN delivery r WHERE r.id IN (");
    push_inner(&mut query, way, filter, ranges, limit);
    query.push(") ORDER BY r.id LIMIT ").push_bind(limit);
    query
}

fn push_inner(query: &mut QueryBuilder<Sqlite>, way: &Way, filter: &LogFilter, ranges: &[Rows], limit: u32) {
    query.push("SELECT l.id FROM ");
    if ranges.len() > 1 {
        query.push("json_each(").push_bind(serde_json::json!(ranges).to_string()).push(") w CROSS JOIN ");
    }
    match way.lead.index() {
        Some(index) => query.push(format_args!("delivery l INDEXED BY {index}")),
        None => query.push("delivery l NOT INDEXED"),
    };
    for (number, also) in way.also.iter().enumerate() {
        let Some(index) = also.index() else { continue };
        query.push(" CROSS JOIN json_each(").push_bind(also.values());
        query.push(format_args!(
            ") v{number} CROSS JOIN delivery a{number} INDEXED BY {index} ON a{number}.id = l.id AND "
        ));
        query.push(also.condition(&format!("a{number}"), &format!("v{number}.value")));
    }
    query.push(" CROSS JOIN delivery d ON d.id = l.id CROSS JOIN issue i ON i.id = d.issue WHERE ");
    query.push(way.lead.condition("l", "s.value"));
    match ranges {
        [(first, last)] => query.push(" AND l.id BETWEEN ").push_bind(*first).push(" AND ").push_bind(*last),
        _ => query.push(" AND l.id BETWEEN w.value ->> 0 AND w.value ->> 1"),
    };
    query.push(" AND i.state = 'frozen'");
    push_filter(query, filter, &way.countries);
    query.push(" ORDER BY l.id LIMIT ").push_bind(limit);
}

/// States that few deliveries have: a letter which is accepted within one commit of the ledger never has them there.
pub(super) fn is_other(state: State) -> bool {
    !matches!(state, State::Queued | State::Accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_printed_and_nothing_else_is_one() {
        for id in [0, 1, 255, 10_000_000, i64::MAX] {
            assert_eq!(Cursor(id).to_string().parse(), Ok(Cursor(id)));
        }
        for word in ["", "d", "12", "dxyz", "d-1", "d+1", "dffffffffffffffffff"] {
            assert_eq!(word.parse::<Cursor>(), Err(NotACursor(word.to_owned())), "{word}");
        }
    }
}
