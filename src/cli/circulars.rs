//! `list` and `show`: circulars and their totals.

use std::{collections::BTreeMap, process::ExitCode};

use super::{Out, args::FormatArgs, find, resting};
use crate::{
    desk::{CircularRow, CircularShown, Desk, circular_shown},
    ledger::{CircularRecord, CircularState},
    report::{Cell, Column, Format, Table, Tone, Totals, format_time},
};

const COLUMNS: [&str; 11] = [
    "reference",
    "subject",
    "state",
    "reason",
    "file",
    "issues",
    "frozen",
    "totals",
    "due_at",
    "completed_at",
    "repeat",
];

pub(super) async fn list(desk: &Desk, format: FormatArgs, limit: Option<usize>, out: &Out) -> anyhow::Result<ExitCode> {
    let mut records = desk.ledger.circulars().await?;
    records.truncate(limit.unwrap_or(usize::MAX));
    let mut rows = Vec::new();
    for record in &records {
        rows.push(CircularRow::of(desk, record, desk.ledger.totals(record.id).await?));
    }
    let table = || {
        let mut table = Table::new([
            Column::whole("STATE"),
            Column::whole("REFERENCE"),
            Column::wrapped("SUBJECT"),
            Column::wrapped("WHERE IT STANDS"),
        ]);
        for (record, row) in records.iter().zip(&rows) {
            let reference = row.reference.clone().unwrap_or_else(|| format!("({})", row.file));
            let subject = row.subject.clone().unwrap_or_default();
            table.push([state_cell(record.state), reference.into(), subject.into(), stands(desk, record, row).into()]);
        }
        table
    };
    out.list(format.into(), &rows, &COLUMNS, table)?;
    if Format::from(format) == Format::Table && rows.iter().any(|row| resting::waits(&row.totals)) {
        resting::tell(desk, out).await?;
    }
    if rows.is_empty() {
        eprintln!("no circular yet; drop a letter into {}", desk.workspace.templates().display());
    }
    Ok(ExitCode::SUCCESS)
}

fn state_cell(state: CircularState) -> Cell {
    let tone = match state {
        CircularState::Completed => Tone::Good,
        CircularState::Parked | CircularState::Paused => Tone::Bad,
        CircularState::Cancelled => Tone::Faint,
        _ => Tone::Open,
    };
    Cell::toned(state.as_str().replace('_', " "), tone)
}

/// Why a supplement that is due does not go yet.
pub(super) const BEHIND_PARENT: &str = "goes out once every message of its parent has been on its way";

fn stands(desk: &Desk, record: &CircularRecord, row: &CircularRow) -> String {
    match (row.frozen, &record.reason, record.due_at) {
        (0, Some(reason), _) => reason.clone(),
        (0, None, Some(_)) if record.behind_parent => BEHIND_PARENT.to_owned(),
        (0, None, _) if record.state == CircularState::Held => "stopped by a person; `release` sends it".to_owned(),
        (0, None, Some(due)) => format!("goes out {}", format_time(due, desk.rules.zone)),
        (0, None, None) => String::new(),
        (_, Some(reason), _) => format!("{}; {reason}", row.totals),
        (_, None, _) => row.totals.to_string(),
    }
}

pub(super) async fn show(desk: &Desk, reference: &str, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let record = find(desk, reference).await?;
    let totals = desk.ledger.totals(record.id).await?;
    let shown = circular_shown(desk, &record, totals).await?;
    match Format::from(format) {
        Format::Table => show_to_people(desk, &record, &shown, out).await?,
        other => {
            let columns: Vec<&str> = COLUMNS.into_iter().chain(["groups", "countries", "languages"]).collect();
            out.list(other, &[shown], &columns, Table::default)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_to_people(desk: &Desk, record: &CircularRecord, shown: &CircularShown, out: &Out) -> anyhow::Result<()> {
    let row = &shown.row;
    let mut facts = Table::new([Column::whole(""), Column::wrapped("")]);
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push([Cell::toned(name, Tone::Faint), value.into()]);
        }
    };
    fact("Reference", row.reference.clone());
    fact("Subject", row.subject.clone());
    fact("State", Some(row.state.replace('_', " ")));
    fact("Why", row.reason.clone());
    fact("Files", Some(shown.letters.iter().map(|letter| letter.file.as_str()).collect::<Vec<_>>().join(", ")));
    for list in &shown.lists {
        fact("Lists", Some(list.clone()));
    }
    fact("Due", record.due_at.map(|due| format_time(due, desk.rules.zone)));
    fact("Repeats", row.repeat.clone());
    fact("Completed", record.completed_at.map(|at| format_time(at, desk.rules.zone)));
    fact("Issues", (row.issues > 1).then(|| row.issues.to_string()));
    fact("Totals", (row.frozen > 0).then(|| row.totals.to_string()));
    for (name, value) in shown.related.facts(desk) {
        fact(name, Some(value));
    }
    if let Some((count, at)) = desk.ledger.next_attempt(record.id).await? {
        let at = format_time(at, desk.rules.zone);
        fact("Next attempt", Some(if count > 1 { format!("{at}, the first of {count} put off") } else { at }));
    }
    if resting::waits(&row.totals) {
        for sentence in crate::desk::resting(desk).await? {
            fact("Waits", Some(sentence));
        }
    }
    out.table(&facts)?;
    for (title, breakdown) in [("GROUP", &shown.groups), ("LANGUAGE", &shown.languages), ("COUNTRY", &shown.countries)]
    {
        if !breakdown.is_empty() {
            out.text("\n")?;
            out.table(&totals_table(title, breakdown))?;
        }
    }
    Ok(())
}

fn totals_table(title: &str, breakdown: &BTreeMap<String, Totals>) -> Table {
    let mut table = Table::new([Column::whole(title), Column::number("FROZEN"), Column::wrapped("OF THESE")]);
    for (value, totals) in breakdown {
        let value = if value.is_empty() { "(none)" } else { value };
        let states: Vec<String> =
            totals.iter().map(|(state, count)| format!("{count} {}", state.as_str().replace('_', " "))).collect();
        table.push([Cell::from(value), totals.frozen().to_string().into(), states.join(", ").into()]);
    }
    table
}
