//! What a run that ends says on standard error.

use std::fmt::Write;

use super::circulars::BEHIND_PARENT;
use crate::{
    desk::Desk,
    ledger::{CircularState, LedgerError},
    report::{format_time, mask_within},
};

/// What went out, what waits, and what is parked.
pub async fn summary(desk: &Desk, epoch: i64) -> Result<String, LedgerError> {
    let mut text = String::new();
    let zone = desk.rules.zone;
    for record in desk.ledger.circulars_of_epoch(epoch).await? {
        let totals = desk.ledger.totals(record.id).await?;
        let name = record.reference.unwrap_or(record.stem);
        let _ = writeln!(text, "{name}: {}; {totals}", record.state.as_str().replace('_', " "));
    }
    for waiting in desk.ledger.waiting().await? {
        let until =
            waiting.next_attempt_at.map(|at| format!(", next attempt {}", format_time(at, zone))).unwrap_or_default();
        let state = waiting.state.as_str().replace('_', " ");
        let _ = writeln!(text, "{}: {} {state}{until}", waiting.reference, waiting.count);
    }
    for record in desk.ledger.circulars().await? {
        let name = record.reference.unwrap_or_else(|| format!("({})", record.stem));
        let reason = record.reason.unwrap_or_default();
        let state = record.state.as_str().replace('_', " ");
        let line = match (record.state, record.due_at) {
            (CircularState::Ready, Some(_)) if record.behind_parent => format!("{name}: ready, {BEHIND_PARENT}"),
            (CircularState::Ready, Some(due)) => format!("{name}: ready, goes out {}", format_time(due, zone)),
            (
                CircularState::Completed | CircularState::Cancelled | CircularState::Sending | CircularState::Ready,
                _,
            ) => continue,
            // it may name the one addressee who is left: a log does not
            (CircularState::Paused, _) => format!("{name}: {state}: {}", mask_within(&reason)),
            _ => format!("{name}: {state}: {reason}"),
        };
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}
