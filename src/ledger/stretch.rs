//! Stretches: for every 1,024 row numbers, which relay attempted some of them, and between which times.
//!
//! An index over relay or time would cost every attempt; a stretch costs a batch of attempts one row, and lets the log pass
//! over all that cannot match. What lies in a stretch is still looked at row by row: the bounds are never too narrow.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{Ledger, LedgerError, turns::Turn};

/// Row numbers to a stretch: so many rows are read in a few milliseconds.
pub(super) const LENGTH: i64 = 1_024;

/// Notes who attempted what, and when.
pub(super) async fn touch(tx: &mut SqliteConnection, turns: &[Turn]) -> Result<(), LedgerError> {
    let mut touched: BTreeMap<(&str, i64), (i64, i64)> = BTreeMap::new();
    for begin in turns.iter().filter_map(|turn| turn.begin.as_ref()) {
        let at = begin.at.timestamp_millis();
        let bounds = touched.entry((&begin.relay, begin.delivery.0 / LENGTH)).or_insert((at, at));
        *bounds = (bounds.0.min(at), bounds.1.max(at));
    }
    for ((relay, number), (first, last)) in touched {
        sqlx::query(
            "INSERT INTO stretch (relay, number, first_at, last_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
             first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)",
        )
        .bind(relay)
        .bind(number)
        .bind(first)
        .bind(last)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Row numbers from … to …, both included.
pub(super) type Rows = (i64, i64);

impl Ledger {
    /// The row numbers in which some attempt of a relay, or between two times, may lie; joined where they touch.
    pub(super) async fn stretches(
        &self,
        relay: Option<&str>,
        since: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
        (first, last): Rows,
    ) -> Result<Vec<Rows>, LedgerError> {
        let mut query = QueryBuilder::new("SELECT DISTINCT number FROM stretch WHERE number >= ");
        query.push_bind(first / LENGTH).push(" AND number <= ").push_bind(last / LENGTH);
        if let Some(relay) = relay {
            query.push(" AND relay = ").push_bind(relay.to_owned());
        }
        if let Some(since) = since {
            query.push(" AND last_at >= ").push_bind(since.timestamp_millis());
        }
        if let Some(until) = until {
            query.push(" AND first_at < ").push_bind(until.timestamp_millis());
        }
        let rows = query.push(" ORDER BY number").build().fetch_all(&self.readers).await?;
        let mut joined: Vec<Rows> = Vec::new();
        for row in &rows {
            let number: i64 = row.try_get(0)?;
            let (from, to) = ((number * LENGTH).max(first), (number * LENGTH + LENGTH - 1).min(last));
            match joined.last_mut() {
                Some(before) if before.1 + 1 == from => before.1 = to,
                _ => joined.push((from, to)),
            }
        }
        Ok(joined)
    }
}
