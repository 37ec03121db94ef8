//! `alerts`: what is wrong, what was, and what became of every message about it.

use std::process::ExitCode;

use super::{Out, args::FormatArgs};
use crate::{
    desk::Desk,
    ledger::{AlertEntry, NoticeEntry},
    report::{Cell, Column, Table, Tone},
};

/// The fields of one entry, in the order of the CSV header.
const COLUMNS: [&str; 10] =
    ["alert", "kind", "state", "key", "reference", "what", "times", "opened_at", "resolved_at", "messages"];

pub(super) async fn alerts(desk: &Desk, format: FormatArgs, limit: Option<u32>, out: &Out) -> anyhow::Result<ExitCode> {
    let entries = desk.ledger.alerts(limit, desk.rules.zone).await?;
    out.list(format.into(), &entries, &COLUMNS, || table(desk, &entries))?;
    if entries.is_empty() {
        eprintln!("nothing is wrong, and nothing was");
    }
    Ok(ExitCode::SUCCESS)
}

fn table(desk: &Desk, entries: &[AlertEntry]) -> Table {
    let when = format!("WHEN ({})", desk.rules.zone.name());
    let mut table =
        Table::new([Column::whole("STATE"), Column::whole(when), Column::wrapped("ABOUT"), Column::wrapped("WHAT")]);
    for entry in entries {
        let (state, tone) = match (entry.state, entry.kind.as_str()) {
            (_, "completed") => ("report", Tone::Good),
            ("open", _) => ("OPEN", Tone::Bad),
            (state, _) => (state, Tone::Faint),
        };
        let about = format!("{}: {}", entry.kind.replace('_', " "), entry.key);
        let often = if entry.times > 1 { format!(" ({} times)", entry.times) } else { String::new() };
        let opened = clock(&entry.opened_at);
        table.push([Cell::toned(state, tone), opened.into(), about.into(), format!("{}{often}", entry.what).into()]);
        if let Some(end) = entry.resolved_at.as_deref().filter(|_| entry.kind != "completed") {
            table.push([Cell::toned("  until", Tone::Faint), clock(end).into(), "".into(), "".into()]);
        }
        for message in &entry.messages {
            table.push(row(message));
        }
    }
    table
}

fn row(message: &NoticeEntry) -> [Cell; 4] {
    let faint = |text: String| Cell::toned(text, Tone::Faint);
    let duplicate = if message.possible_duplicate { " (2?)" } else { "" };
    let says = message.says.as_deref().unwrap_or("not told yet");
    let code = message.code.map(|code| format!("{code} ")).unwrap_or_default();
    let next = message.next_attempt_at.as_deref().filter(|_| message.state == "deferred");
    let next = next.map(|at| format!("; next attempt {}", clock(at))).unwrap_or_default();
    [
        faint(format!("  {}{duplicate}", message.state.replace('_', " "))),
        faint(message.last_attempt_at.as_deref().map(clock).unwrap_or_default()),
        faint(format!("  {says}: {}", message.recipient)),
        faint(format!("{code}{}{next}", message.reply.as_deref().unwrap_or_default())),
    ]
}

/// The zone stands in the column's head.
fn clock(rfc3339: &str) -> String {
    rfc3339.get(..19).unwrap_or(rfc3339).replace('T', " ")
}
