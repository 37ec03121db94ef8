//! `schedule`: the next runs, with zone and offset.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Out, args::FormatArgs};
use crate::{
    desk::Desk,
    ledger::{CircularRecord, CircularState},
    report::{Cell, Column, Table, Tone, rfc3339},
    schedule::{Cron, Release, Run},
};

/// One run.
#[derive(Debug, Serialize)]
struct Scheduled {
    at: String,
    what: &'static str,
    reference: Option<String>,
    state: Option<&'static str>,
    note: Option<String>,
    #[serde(skip)]
    order: DateTime<Utc>,
    #[serde(skip)]
    shown: String,
}

const COLUMNS: [&str; 5] = ["at", "what", "reference", "state", "note"];

pub(super) async fn schedule(desk: &Desk, format: FormatArgs, limit: usize, out: &Out) -> anyhow::Result<ExitCode> {
    let now = desk.now();
    let mut rows = Vec::new();
    for record in desk.ledger.circulars().await? {
        rows.extend(runs_of(desk, &record, limit));
    }
    if let Release::Windows(cron) = &desk.rules.release {
        rows.extend(ticks(desk, cron, now, limit).into_iter().map(|run| row(desk, &run, "release window", None)));
    }
    rows.sort_by_key(|row| row.order);
    let table = || {
        let mut table = Table::new([
            Column::whole("WHEN"),
            Column::whole("WHAT"),
            Column::wrapped("CIRCULAR"),
            Column::wrapped("NOTE"),
        ]);
        for row in &rows {
            let state =
                row.state.filter(|state| *state != "ready").map(|state| format!(" ({})", state.replace('_', " ")));
            let circular = format!("{}{}", row.reference.as_deref().unwrap_or_default(), state.unwrap_or_default());
            let note = Cell::toned(row.note.as_deref().unwrap_or_default(), Tone::Open);
            table.push([Cell::from(row.shown.as_str()), row.what.into(), circular.into(), note]);
        }
        table
    };
    out.list(format.into(), &rows, &COLUMNS, table)?;
    if rows.is_empty() {
        eprintln!("nothing is scheduled: letters go out as soon as they are ready");
    }
    Ok(ExitCode::SUCCESS)
}

fn runs_of(desk: &Desk, record: &CircularRecord, limit: usize) -> Vec<Scheduled> {
    let waits = matches!(record.state, CircularState::Ready | CircularState::AwaitingApproval | CircularState::Late);
    let Some(due) = record.due_at.filter(|_| waits || record.repeat.is_some()) else { return Vec::new() };
    let first = Run { at: due.with_timezone(&desk.rules.zone), note: None };
    let what = if record.repeat.is_some() { "repeat" } else { "circular" };
    let mut runs = vec![first];
    if let Some(cron) = record.repeat.as_deref().and_then(|repeat| Cron::parse(repeat).ok()) {
        // the stored time is one tick; the notes of daylight saving come with the expression
        runs = ticks(desk, &cron, due - chrono::TimeDelta::seconds(1), limit);
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
        order: run.utc(),
        shown: crate::report::format_time(run.utc(), desk.rules.zone),
    }
}
