//! The log by pages, whatever is asked for: ten million rows are not read to find a hundred.
//!
//! A page begins behind a [`Cursor`] and comes in the order of freezing, so that rows which change meanwhile are neither
//! shown twice nor left out. The question is answered through the narrowest index at hand (the [`Driver`]); each of its
//! values gives rows in their own order, at most a page of them, and the rest of the question is asked of those rows alone.

use std::{fmt, str::FromStr};

use chrono_tz::Tz;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{
    Ledger, LedgerError, LogEntry, LogFilter,
    log::{ENTRIES, entry, push_filter},
    log_driver::Driver,
    stretch::Rows,
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
        // one more tells whether anything follows
        let mut ids = self.matching(filter, limit.saturating_add(1)).await?;
        let more = ids.len() > limit as usize;
        ids.truncate(limit as usize);
        let next = ids.last().copied().filter(|_| more).map(Cursor);
        let mut query = QueryBuilder::new(ENTRIES);
        query.push(" AND d.id IN (SELECT value FROM json_each(").push_bind(serde_json::json!(ids).to_string());
        query.push(")) ORDER BY d.id");
        let rows = query.build().fetch_all(&self.readers).await?;
        Ok(LogPage { entries: rows.iter().map(|row| entry(row, zone)).collect::<Result<_, _>>()?, next })
    }

    /// The row numbers of a page.
    async fn matching(&self, filter: &LogFilter, limit: u32) -> Result<Vec<i64>, LedgerError> {
        let after = filter.after.map_or(0, |cursor| cursor.0);
        let mut ranges = self.ranges_of(filter).await?;
        let Some(whole) = bounds(&ranges) else { return Ok(Vec::new()) };
        let (driver, is_narrow) = self.choose_driver(filter, whole).await?;
        if !is_narrow && (filter.relay.is_some() || filter.since.is_some() || filter.until.is_some()) {
            ranges = self.by_attempts(filter, &ranges).await?;
        } else if matches!(driver, Driver::Rows) {
            ranges = self.with_state(filter, ranges).await?;
        }
        let mut found = Vec::new();
        for (first, last) in ranges {
            let missing = limit - u32::try_from(found.len()).unwrap_or(limit);
            if missing == 0 {
                break;
            }
            let rows = (first.max(after + 1), last);
            if rows.0 <= rows.1 {
                let mut query = page_query(&driver, filter, rows, missing);
                for row in query.build().fetch_all(&self.readers).await? {
                    found.push(row.try_get(0)?);
                }
            }
        }
        Ok(found)
    }

    /// Where rows of the circular asked for lie; all rows, where none is.
    async fn ranges_of(&self, filter: &LogFilter) -> Result<Vec<Rows>, LedgerError> {
        let Some(circular) = filter.circular else {
            let last: i64 =
                sqlx::query("SELECT coalesce(max(id), 0) FROM delivery").fetch_one(&self.readers).await?.try_get(0)?;
            return Ok(vec![(1, last)]);
        };
        let rows = sqlx::query(
            "SELECT first_delivery, last_delivery FROM issue WHERE circular = ? AND state = 'frozen' ORDER BY 1, 2",
        )
        .bind(circular.0)
        .fetch_all(&self.readers)
        .await?;
        let ranges = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        Ok(joined(ranges.collect::<Result<_, sqlx::Error>>()?))
    }

    /// Only where an attempt may have been made through the relay and in the time asked for; a delivery that was never
    /// attempted changed last when its issue was frozen.
    async fn by_attempts(&self, filter: &LogFilter, ranges: &[Rows]) -> Result<Vec<Rows>, LedgerError> {
        let mut found = Vec::new();
        for range in ranges {
            found.extend(self.stretches(filter.relay.as_deref(), filter.since, filter.until, *range).await?);
            if filter.relay.is_some() {
                continue;
            }
            let mut query = QueryBuilder::new("SELECT max(first_delivery, ");
            query.push_bind(range.0).push("), min(last_delivery, ").push_bind(range.1);
            query.push(") FROM issue WHERE state = 'frozen' AND last_delivery >= ").push_bind(range.0);
            query.push(" AND first_delivery <= ").push_bind(range.1);
            if let Some(since) = filter.since {
                query.push(" AND frozen_at >= ").push_bind(since.timestamp_millis());
            }
            if let Some(until) = filter.until {
                query.push(" AND frozen_at < ").push_bind(until.timestamp_millis());
            }
            for row in query.build().fetch_all(&self.readers).await? {
                found.push((row.try_get(0)?, row.try_get(1)?));
            }
        }
        Ok(joined(found))
    }

    /// Without the large issues of which nothing stands in a state asked for.
    async fn with_state(&self, filter: &LogFilter, ranges: Vec<Rows>) -> Result<Vec<Rows>, LedgerError> {
        /// Smaller ones are read through in no time.
        const LARGE: i64 = 20_000;
        if filter.states.is_empty() {
            return Ok(ranges);
        }
        let columns: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT i.first_delivery, i.last_delivery FROM issue i WHERE i.state = 'frozen' AND i.total >= {LARGE} AND \
             NOT EXISTS (SELECT 1 FROM tally t WHERE t.issue = i.id AND {} > 0) AND NOT EXISTS (SELECT 1 FROM issue x WHERE \
             x.id <> i.id AND x.first_delivery <= i.last_delivery AND x.last_delivery >= i.first_delivery) ORDER BY 1",
            columns.iter().map(|column| format!("t.{column}")).collect::<Vec<_>>().join(" + ")
        )))
        .fetch_all(&self.readers)
        .await?;
        let empty: Vec<Rows> =
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?;
        Ok(ranges.into_iter().flat_map(|range| without(range, &empty)).collect())
    }
}

/// `SELECT id …`: a page of what the driver gives, under the rest of the filter.
fn page_query(driver: &Driver, filter: &LogFilter, (first, last): Rows, limit: u32) -> QueryBuilder<Sqlite> {
    let inner = |query: &mut QueryBuilder<Sqlite>, index: &str, condition: &str| {
        query.push(format_args!(
            "SELECT d.id FROM delivery d{index} CROSS JOIN issue i ON i.id = d.issue WHERE i.state = 'frozen'{condition} AND d.id \
             BETWEEN "
        ));
        query.push_bind(first).push(" AND ").push_bind(last);
        push_filter(query, filter);
        query.push(" ORDER BY d.id LIMIT ").push_bind(limit);
    };
    let Some((index, condition)) = driver.index() else {
        let mut query = QueryBuilder::new("");
        inner(&mut query, " NOT INDEXED", "");
        return query;
    };
    let mut query = QueryBuilder::new("SELECT r.id FROM json_each(");
    query.push_bind(driver.values()).push(") s CROSS JOIN delivery r WHERE r.id IN (");
    inner(&mut query, &format!(" INDEXED BY {index}"), &format!(" AND {condition} "));
    query.push(") ORDER BY r.id LIMIT ").push_bind(limit);
    query
}

fn bounds(ranges: &[Rows]) -> Option<Rows> {
    Some((ranges.iter().map(|range| range.0).min()?, ranges.iter().map(|range| range.1).max()?))
}

/// In order, and joined where they touch or overlap.
fn joined(mut ranges: Vec<Rows>) -> Vec<Rows> {
    ranges.sort_unstable();
    let mut joined: Vec<Rows> = Vec::new();
    for range in ranges.into_iter().filter(|range| range.0 <= range.1) {
        match joined.last_mut() {
            Some(before) if range.0 <= before.1 + 1 => before.1 = before.1.max(range.1),
            _ => joined.push(range),
        }
    }
    joined
}

/// What is left of a range without some others, which are in order.
fn without(range: Rows, others: &[Rows]) -> Vec<Rows> {
    let (mut first, mut left) = (range.0, Vec::new());
    for other in others.iter().filter(|other| other.1 >= range.0 && other.0 <= range.1) {
        left.push((first, other.0 - 1));
        first = other.1 + 1;
    }
    left.push((first, range.1));
    left.retain(|part| part.0 <= part.1);
    left
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

    #[test]
    fn ranges_are_joined_and_cut_without_losing_a_row() {
        assert_eq!(joined(vec![(5, 9), (1, 2), (3, 4), (8, 12), (20, 19), (14, 15)]), [(1, 12), (14, 15)]);
        assert_eq!(without((1, 100), &[(10, 19), (20, 29), (90, 200)]), [(1, 9), (30, 89)]);
        assert_eq!(without((1, 100), &[(1, 100)]), []);
        assert_eq!(without((1, 100), &[(200, 300)]), [(1, 100)]);
    }
}
