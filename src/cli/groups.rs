//! `groups`: the lists as held, and what stands against a changed one.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Out, args::FormatArgs};
use crate::{
    circular::{Problem, Severity},
    desk::{Desk, GroupStands, groups_stand},
    report::{Cell, Column, Table, Tone, rfc3339},
};

/// One list, as `groups` shows it.
#[derive(Debug, Serialize)]
struct Listed {
    group: String,
    file: String,
    state: &'static str,
    rows: i64,
    mailboxes: i64,
    accepted_at: Option<String>,
    accepted_by: Option<String>,
    problems: Vec<Problem>,
    /// The version that waits for a person.
    pending: Option<Pending>,
}

/// What would come into force.
#[derive(Debug, Serialize)]
struct Pending {
    version: i64,
    sha256: String,
    removal: bool,
    rows: i64,
    mailboxes: i64,
    leave: i64,
    join: i64,
    bad_rows: u64,
    doubts: Vec<String>,
    read_at: String,
}

const COLUMNS: [&str; 9] =
    ["group", "file", "state", "rows", "mailboxes", "accepted_at", "accepted_by", "problems", "pending"];

pub(super) async fn groups(desk: &Desk, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let all = groups_stand(desk).await?;
    let rows: Vec<Listed> = all.iter().map(|stands| listed(desk, stands)).collect();
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

fn listed(desk: &Desk, stands: &GroupStands) -> Listed {
    let held = stands.held.as_ref();
    Listed {
        group: stands.last.name.clone(),
        file: format!("recipients/{}", stands.last.file),
        state: state(stands),
        rows: held.map_or(0, |held| held.rows),
        mailboxes: held.map_or(0, |held| held.mailboxes),
        accepted_at: held.and_then(|held| held.accepted_at).map(|at| rfc3339(at, desk.rules.zone)),
        accepted_by: held.and_then(|held| held.accepted_by.clone()),
        problems: stands.last.problems.clone(),
        pending: pending(desk, stands),
    }
}

fn pending(desk: &Desk, stands: &GroupStands) -> Option<Pending> {
    let (waiting, (leave, join)) = (stands.waiting()?, stands.moves?);
    Some(Pending {
        version: waiting.version,
        sha256: super::hex(&waiting.sha256),
        removal: waiting.removal,
        rows: waiting.rows,
        mailboxes: waiting.mailboxes,
        leave,
        join,
        bad_rows: waiting.bad.count(),
        doubts: waiting.doubts.clone(),
        read_at: rfc3339(waiting.read_at, desk.rules.zone),
    })
}

/// How a list stands, in words.
pub(super) fn state(stands: &GroupStands) -> &'static str {
    match (stands.last.state.as_str(), &stands.held) {
        ("accepted", _) => "in force",
        ("pending", _) if stands.last.removal => "pending: the file is gone, the version before stays",
        ("pending", _) => "pending, the version before stays",
        ("refused", Some(_)) => "refused, the version before stays",
        ("refused", None) => "refused",
        _ => "gone",
    }
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
