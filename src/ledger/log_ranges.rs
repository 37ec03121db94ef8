//! Where in the ledger rows of the log can lie at all: what an issue, a relay or a time rules out is never looked at.

use sqlx::{QueryBuilder, Row, Sqlite};

use super::{Ledger, LedgerError, LogFilter, log_driver::Way};
use crate::compose::Role;

/// Row numbers from … to …, both included.
pub(super) type Rows = (i64, i64);

impl Ledger {
    /// Where rows of the circular asked for lie; all rows, where none is.
    pub(super) async fn ranges_of(&self, filter: &LogFilter) -> Result<Vec<Rows>, LedgerError> {
        let Some(circular) = filter.circular else {
            return self.read_ranges(QueryBuilder::new("SELECT 1, coalesce(max(id), 0) FROM delivery")).await;
        };
        let mut query = QueryBuilder::new(ISSUES);
        query.push(" FROM issue i WHERE i.state = 'frozen' AND i.circular = ").push_bind(circular.0);
        self.read_ranges(query).await
    }

    /// Where the issues lie in which some delivery may be what is asked for: of the country, in the groups, language, role
    /// and state together. Of a small issue whose country is not asked for, the states are not looked at.
    pub(super) async fn promising(&self, filter: &LogFilter, way: &Way) -> Result<Vec<Rows>, LedgerError> {
        /// Smaller ones are read through in no time.
        const LARGE: i64 = 20_000;
        let combinations = way.combinations();
        let mut query = QueryBuilder::new(ISSUES);
        if filter.country.is_some() {
            query.push(" FROM json_each(").push_bind(serde_json::json!(way.countries).to_string());
            query.push(
                ") s CROSS JOIN tally t INDEXED BY tally_country CROSS JOIN issue i ON i.id = t.issue \
                 WHERE t.country = s.value COLLATE NOCASE AND i.state = 'frozen'",
            );
            push_alike(&mut query, filter, combinations);
            push_states(&mut query, filter);
            return self.read_ranges(query).await;
        }
        query.push(" FROM issue i WHERE i.state = 'frozen' AND EXISTS (SELECT 1 FROM meeting t WHERE t.issue = i.id");
        push_alike(&mut query, filter, combinations);
        query.push(")");
        if !filter.states.is_empty() && filter.states.iter().all(|state| !state.is_final()) {
            query.push(" AND i.completed_at IS NULL");
        }
        if !filter.states.is_empty() {
            query.push(format_args!(" AND (i.total < {LARGE} OR EXISTS (SELECT 1 FROM tally t WHERE t.issue = i.id"));
            push_alike(&mut query, filter, combinations);
            push_states(&mut query, filter);
            query.push("))");
        }
        self.read_ranges(query).await
    }

    /// Where an attempt may have been made through the relay and in the time asked for; a delivery that was never attempted
    /// changed last when its issue was frozen.
    pub(super) async fn attempted(&self, filter: &LogFilter, within: Rows) -> Result<Vec<Rows>, LedgerError> {
        let mut found: Vec<Rows> = self.stretches(filter, within).await?.collect();
        if filter.relay.is_some() {
            return Ok(joined(found));
        }
        let mut query = QueryBuilder::new(ISSUES);
        query.push(" FROM issue i WHERE i.state = 'frozen' AND i.last_delivery >= ").push_bind(within.0);
        query.push(" AND i.first_delivery <= ").push_bind(within.1);
        if let Some(since) = filter.since {
            query.push(" AND i.frozen_at >= ").push_bind(since.timestamp_millis());
        }
        if let Some(until) = filter.until {
            query.push(" AND i.frozen_at < ").push_bind(until.timestamp_millis());
        }
        found.extend(self.read_ranges(query).await?);
        Ok(joined(found))
    }

    async fn read_ranges(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<Rows>, LedgerError> {
        let rows = query.build().fetch_all(&self.readers).await?;
        let ranges = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        Ok(joined(ranges.collect::<Result<_, sqlx::Error>>()?))
    }
}

/// Another issue's rows may lie between those of an issue.
const ISSUES: &str = "SELECT DISTINCT i.first_delivery, i.last_delivery";

/// What is frozen of a delivery, but its country.
fn push_alike(query: &mut QueryBuilder<Sqlite>, filter: &LogFilter, combinations: Option<&[String]>) {
    if let Some(combinations) = combinations {
        query.push(" AND t.groups IN (SELECT value FROM json_each(");
        query.push_bind(serde_json::json!(combinations).to_string()).push("))");
    }
    if let Some(language) = &filter.language {
        query.push(" AND t.language = ").push_bind(language.clone());
    }
    if let Some(role) = filter.role {
        query.push(match role {
            Role::To => " AND t.role = 'to'",
            Role::Copy => " AND t.role = 'copy'",
        });
    }
}

fn push_states(query: &mut QueryBuilder<Sqlite>, filter: &LogFilter) {
    if !filter.states.is_empty() {
        let columns: Vec<String> = filter.states.iter().map(|state| format!("t.{}", state.as_str())).collect();
        query.push(format_args!(" AND {} > 0", columns.join(" + ")));
    }
}

/// The narrowest that holds them all.
pub(super) fn bounds(ranges: &[Rows]) -> Option<Rows> {
    Some((ranges.iter().map(|range| range.0).min()?, ranges.iter().map(|range| range.1).max()?))
}

/// In order, and joined where they touch or overlap.
fn joined(mut ranges: Vec<Rows>) -> Vec<Rows> {
    ranges.sort_unstable();
    let mut joined: Vec<Rows> = Vec::new();
    for range in ranges.into_iter().filter(|range| range.0 <= range.1) {
        match joined.last_mut() {
            Some(before) if range.0 <= before.1.saturating_add(1) => before.1 = before.1.max(range.1),
            _ => joined.push(range),
        }
    }
    joined
}

/// What lies in both; both are in order and do not overlap in themselves.
pub(super) fn overlap(some: &[Rows], others: &[Rows]) -> Vec<Rows> {
    let (mut left, mut right, mut both) = (some.iter().peekable(), others.iter().peekable(), Vec::new());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let range = (a.0.max(b.0), a.1.min(b.1));
        if range.0 <= range.1 {
            both.push(range);
        }
        if a.1 < b.1 {
            left.next()
        } else {
            right.next()
        };
    }
    both
}

/// Pieces that are asked for one after the other: few ranges at first, ever more while too little is found. A range of very
/// many rows is a piece by itself, because its rows come in their order without being sorted.
pub(super) fn pieces(ranges: &[Rows]) -> impl Iterator<Item = &[Rows]> {
    const LONG: i64 = 16_384;
    const MOST: usize = 256;
    let (mut rest, mut most) = (ranges, 8);
    std::iter::from_fn(move || {
        let short = rest.iter().take(most).take_while(|range| range.1 - range.0 < LONG).count();
        let (piece, behind) = rest.split_at_checked(short.max(1))?;
        (rest, most) = (behind, (most * 2).min(MOST));
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_and_overlap_without_losing_a_row() {
        assert_eq!(joined(vec![(5, 9), (1, 2), (3, 4), (8, 12), (20, 19), (14, 15)]), [(1, 12), (14, 15)]);
        assert_eq!(overlap(&[(1, 100)], &[(10, 19), (30, 29), (90, 200)]), [(10, 19), (90, 100)]);
        assert_eq!(overlap(&[(1, 5), (7, 7), (9, 20)], &[(5, 9), (20, 30)]), [(5, 5), (7, 7), (9, 9), (20, 20)]);
        assert_eq!(overlap(&[(1, 100)], &[]), []);
    }

    #[test]
    fn pieces_hold_every_range_once_and_a_long_one_alone() {
        let ranges: Vec<Rows> =
            (0..1_000).map(|n| (n * 100_000, n * 100_000 + if n == 500 { 99_998 } else { 9 })).collect();
        let pieces: Vec<&[Rows]> = pieces(&ranges).collect();
        assert_eq!(pieces.concat(), ranges);
        assert!(pieces.iter().all(|piece| piece.len() == 1 || piece.iter().all(|range| range.1 - range.0 == 9)));
        assert!(pieces.len() < 20, "{}", pieces.len());
    }
}
