//! `groups`: the lists as held, and what stands against a changed one.

use std::process::ExitCode;

use chrono::{DateTime, Utc};

use super::{Out, args::FormatArgs};
use crate::{
    circular::Severity,
    desk::{Desk, GroupRow, GroupStands, groups_stand},
    report::{Cell, Column, Table, Tone},
};

const COLUMNS: [&str; 9] =
    ["group", "file", "state", "rows", "mailboxes", "accepted_at", "accepted_by", "problems", "pending"];

pub(super) async fn groups(desk: &Desk, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let all = groups_stand(desk).await?;
    let rows: Vec<GroupRow> = all.iter().map(|stands| GroupRow::of(desk, stands)).collect();
    out.list(format.into(), &rows, &COLUMNS, || table(desk, &all))?;
    for stands in &all {
        let file = format!("recipients/{}", stands.last.file);
        for doubt in stands.doubts() {
            eprintln!("waits: {file}: {doubt}");
        }
        for (word, problem) in stands.found().filter(|(_, problem)| problem.severity != Severity::Note) {
            eprintln!("{word}: {}", problem.located(&file));
        }
    }
    if all.iter().any(|stands| stands.moves.is_some()) {
        eprintln!("`circulard groups NAME` shows who would leave and join; `circulard groups accept NAME` accepts it");
    }
    if rows.is_empty() {
        eprintln!("no list has been read yet; `circulard run` reads {}", desk.workspace.recipients().display());
    }
    Ok(ExitCode::SUCCESS)
}

fn table(desk: &Desk, all: &[GroupStands]) -> Table {
    let mut table = Table::new([
        Column::whole("GROUP"),
        Column::number("MAILBOXES"),
        Column::whole(format!("IN FORCE SINCE ({})", desk.rules.zone.name())),
        Column::wrapped("THE LIST IN THE FOLDER"),
    ]);
    for stands in all {
        let (words, tone) = match (stands.last.state.as_str(), stands.moves) {
            ("accepted", _) => ("is in force".to_owned(), Tone::Good),
            ("pending", _) if stands.last.removal => ("is gone: waits for `accept`".to_owned(), Tone::Open),
            ("pending", Some((leave, join))) => (format!("waits for `accept`: {leave} leave, {join} join"), Tone::Open),
            ("refused", _) => match stands.last.bad.count() {
                0 => ("is refused".to_owned(), Tone::Bad),
                1 => ("is refused: 1 bad row".to_owned(), Tone::Bad),
                bad => (format!("is refused: {bad} bad rows"), Tone::Bad),
            },
            _ => ("is gone, and the group has ended".to_owned(), Tone::Faint),
        };
        let held = stands.held.as_ref();
        let since = held.and_then(|held| held.accepted_at).map(|at| minute(desk, at));
        table.push([
            Cell::from(stands.last.name.as_str()),
            held.map_or(0, |held| held.mailboxes).to_string().into(),
            since.unwrap_or_default().into(),
            Cell::toned(words, tone),
        ]);
    }
    table
}

/// `2026-11-30 06:48` in the house's zone.
pub(super) fn minute(desk: &Desk, at: DateTime<Utc>) -> String {
    at.with_timezone(&desk.rules.zone).format("%Y-%m-%d %H:%M").to_string()
}
