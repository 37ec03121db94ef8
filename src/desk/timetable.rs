//! The timetable: the next runs of circulars and of the release window.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Desk;
use crate::{
    ledger::{CircularRecord, CircularState, LedgerError},
    report::{format_time, rfc3339},
    schedule::{Cron, Release, Run},
};

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Scheduled {
    /// RFC 3339.
    pub at: String,
    /// `circular`, `repeat` or `release window`
    pub what: &'static str,
    /// As printed, or the file's stem.
    pub reference: Option<String>,
    /// Where the circular stands.
    pub state: Option<&'static str>,
    /// What daylight saving does to it.
    pub note: Option<String>,
    /// The circular's number.
    #[serde(skip)]
    pub circular: Option<i64>,
    /// When.
    #[serde(skip)]
    pub order: DateTime<Utc>,
    /// With zone and offset.
    #[serde(skip)]
    pub shown: String,
}

/// The next runs in their order: `limit` of each repeated circular and of the release window.
pub async fn timetable(desk: &Desk, limit: usize) -> Result<Vec<Scheduled>, LedgerError> {
    let mut rows = Vec::new();
    for record in desk.ledger.circulars().await? {
        rows.extend(runs_of(desk, &record, limit));
    }
    if let Release::Windows(cron) = &desk.rules.release {
        let windows = ticks(desk, cron, desk.now(), limit);
        rows.extend(windows.iter().map(|run| row(desk, run, "release window", None)));
    }
    rows.sort_by_key(|row| row.order);
    Ok(rows)
}

fn runs_of(desk: &Desk, record: &CircularRecord, limit: usize) -> Vec<Scheduled> {
    let waits = matches!(record.state, CircularState::Ready | CircularState::AwaitingApproval | CircularState::Late);
    let Some(due) = record.due_at.filter(|_| waits || record.repeat.is_some()) else { return Vec::new() };
    let first = Run { at: due.with_timezone(&desk.rules.zone), note: None };
    let what = if record.repeat.is_some() { "repeat" } else { "circular" };
    let mut runs = vec![first];
    if let Some(cron) = record.repeat.as_deref().and_then(|repeat| Cron::parse(repeat).ok()) {
        // the stored time is one tick; the notes of daylight saving come with the expression
        runs = ticks(desk, &cron, due - TimeDelta::seconds(1), limit);
    }
    runs.iter().map(|run| row(desk, run, what, Some(record))).collect()
}

fn ticks(desk: &Desk, cron: &Cron, after: DateTime<Utc>, limit: usize) -> Vec<Run> {
    let mut at = after;
    std::iter::from_fn(|| {
        let run = cron.next_after(at, desk.rules.zone)?;
        at = run.utc();
        Some(run)
    })
    .take(limit)
    .collect()
}

fn row(desk: &Desk, run: &Run, what: &'static str, record: Option<&CircularRecord>) -> Scheduled {
    Scheduled {
        at: rfc3339(run.utc(), desk.rules.zone),
        what,
        reference: record.map(|record| record.reference.clone().unwrap_or_else(|| record.stem.clone())),
        state: record.map(|record| record.state.as_str()),
        note: run.note.as_ref().map(ToString::to_string),
        circular: record.map(|record| record.id.0),
        order: run.utc(),
        shown: format_time(run.utc(), desk.rules.zone),
    }
}
