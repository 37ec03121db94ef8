//! `alerts`: what is wrong, what was, and what became of every message about it.

use std::process::ExitCode;

use chrono::DateTime;

use super::{Out, args::FormatArgs};
use crate::{
    desk::Desk,
    ledger::{AlertEntry, NoticeEntry},
    report::{Cell, Column, Table, Tone},
};

/// The fields of one entry, in the order of the CSV header.
const COLUMNS: [&str; 11] = [
    "alert",
    "kind",
    "state",
    "key",
    "reference",
    "what",
    "times",
    "opened_at",
    "resolved_at",
    "rests_until",
    "messages",
];

pub(super) async fn alerts(desk: &Desk, format: FormatArgs, limit: Option<u32>, out: &Out) -> anyhow::Result<ExitCode> {
    let entries = desk.ledger.alerts(limit, desk.rules.zone).await?;
    out.list(format.into(), &entries, &COLUMNS, || table(desk, &entries, out))?;
    if entries.is_empty() {
        eprintln!("nothing is wrong, and nothing was");
    }
    Ok(ExitCode::SUCCESS)
}

/// Two columns of words need room that a terminal of 80 columns has not.
const WIDE: u16 = 120;

fn table(desk: &Desk, entries: &[AlertEntry], out: &Out) -> Table {
    let wide = out.width >= WIDE;
    let when = format!("WHEN ({})", desk.rules.zone.name());
    let mut columns = vec![Column::whole("STATE"), Column::whole(when)];
    columns.extend(wide.then(|| Column::wrapped("ABOUT")));
    columns.push(Column::wrapped("WHAT"));
    let mut table = Table::new(columns);
    let mut push = |state: Cell, when: String, (about, what): (String, String)| {
        let tone = if about.starts_with("  ") { Tone::Faint } else { Tone::Neutral };
        let mut row = vec![state, Cell::toned(when, tone)];
        if wide {
            row.extend([Cell::toned(about, tone), Cell::toned(what, tone)]);
        } else {
            let between = if about.is_empty() || what.is_empty() { "" } else { ": " };
            row.push(Cell::toned(format!("{}{between}{what}", about.trim_start()), tone));
        }
        table.push(row);
    };
    for entry in entries {
        let (state, tone) = match (entry.state, entry.kind.as_str()) {
            (_, "completed") => ("report", Tone::Good),
            ("open", _) => ("OPEN", Tone::Bad),
            (state, _) => (state, Tone::Faint),
        };
        let about = format!("{}: {}", entry.kind.replace('_', " "), entry.key);
        let often = if entry.times > 1 { format!(" ({} times)", entry.times) } else { String::new() };
        let opened = clock(&entry.opened_at);
        push(Cell::toned(state, tone), opened, (about, format!("{}{often}", entry.what)));
        if let Some(end) = entry.resolved_at.as_deref().filter(|_| entry.kind != "completed") {
            push(Cell::toned("  until", Tone::Faint), clock(end), Default::default());
        }
        if let Some(until) = entry.rests_until.as_deref().filter(|_| entry.resolved_at.is_none()) {
            let is_over = DateTime::parse_from_rfc3339(until).is_ok_and(|until| until <= desk.now());
            let word = if is_over { "  rested until" } else { "  rests until" };
            push(Cell::toned(word, Tone::Faint), clock(until), Default::default());
        }
        for message in &entry.messages {
            let (state, when, words) = row(message);
            push(Cell::toned(state, Tone::Faint), when, words);
        }
    }
    table
}

/// State, time, and what it is about with the reply.
fn row(message: &NoticeEntry) -> (String, String, (String, String)) {
    let duplicate = if message.possible_duplicate { " (2?)" } else { "" };
    let says = message.says.as_deref().unwrap_or("not told yet");
    let code = message.code.map(|code| format!("{code} ")).unwrap_or_default();
    let next = message.next_attempt_at.as_deref().filter(|_| message.state == "deferred");
    let next = next.map(|at| format!("; next attempt {}", clock(at))).unwrap_or_default();
    let told = format!("{code}{}{next}", message.reply.as_deref().unwrap_or_default());
    (
        format!("  {}{duplicate}", message.state.replace('_', " ")),
        message.last_attempt_at.as_deref().map(clock).unwrap_or_default(),
        (format!("  {says}: {}", message.recipient), told),
    )
}

/// The zone stands in the column's head.
fn clock(rfc3339: &str) -> String {
    rfc3339.get(..19).unwrap_or(rfc3339).replace('T', " ")
}
