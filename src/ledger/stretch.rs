//! Stretches: for every 128 row numbers, which relay attempted some of them, and between which times.
//!
//! An index over relay or time would cost every attempt; stretches cost a batch of attempts one statement, and let the log
//! pass over all that cannot match. What lies in a stretch is still looked at row by row: the bounds are never too narrow.

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{Ledger, LedgerError, LogFilter, log_ranges::Rows, turns::Turn};

/// Row numbers to a stretch: a relay that stood in for another for a moment costs a question no more than these.
pub(super) const LENGTH: i64 = 128;

/// The name under which all relays are noted together.
const ANY: &str = "";

/// Notes who attempted what, and when.
pub(super) async fn touch(tx: &mut SqliteConnection, turns: &[Turn]) -> Result<(), LedgerError> {
    let mut touched: BTreeMap<(&str, i64), (i64, i64)> = BTreeMap::new();
    for begin in turns.iter().filter_map(|turn| turn.begin.as_ref()) {
        let at = begin.at.timestamp_millis();
        for relay in [&*begin.relay, ANY] {
            let bounds = touched.entry((relay, begin.delivery.0 / LENGTH)).or_insert((at, at));
            *bounds = (bounds.0.min(at), bounds.1.max(at));
        }
    }
    if touched.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> =
        touched.into_iter().map(|((relay, number), (first, last))| (relay, number, first, last)).collect();
    sqlx::query(
        "INSERT INTO stretch (relay, number, first_at, last_at) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 \
         FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET \
         first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)",
    )
    .bind(serde_json::json!(rows).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

impl Ledger {
    /// The row numbers among `within` in which some attempt through the relay and in the time asked for may lie, in order.
    pub(super) async fn stretches(
        &self,
        filter: &LogFilter,
        (first, last): Rows,
    ) -> Result<impl Iterator<Item = Rows> + use<>, LedgerError> {
        let mut query =
            QueryBuilder::new("SELECT json_group_array(number) FROM (SELECT number FROM stretch WHERE relay = ");
        query.push_bind(filter.relay.clone().unwrap_or_else(|| ANY.to_owned()));
        query.push(" AND number BETWEEN ").push_bind(first / LENGTH).push(" AND ").push_bind(last / LENGTH);
        if let Some(since) = filter.since {
            query.push(" AND last_at >= ").push_bind(since.timestamp_millis());
        }
        if let Some(until) = filter.until {
            query.push(" AND first_at < ").push_bind(until.timestamp_millis());
        }
        query.push(" ORDER BY number)");
        let found: String = query.build().fetch_one(&self.readers).await?.try_get(0)?;
        let numbers: Vec<i64> =
            serde_json::from_str(&found).map_err(|_| LedgerError::Unreadable { what: "stretch.number", found })?;
        Ok(numbers.into_iter().map(|number| (number * LENGTH, number * LENGTH + LENGTH - 1)))
    }
}
