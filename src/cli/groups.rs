//! `groups`: the lists as held, and what stands against a changed one.

use std::process::ExitCode;

use serde::Serialize;

use super::{Out, args::FormatArgs};
use crate::{
    circular::{Problem, Severity},
    desk::{Desk, GroupStands, groups_stand},
    report::{Cell, Column, Table, Tone, format_time, rfc3339},
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
        for doubt in &stands.last.doubts {
            eprintln!("waits: {file}: {doubt}");
        }
        for problem in stands.last.problems.iter().filter(|problem| problem.severity != Severity::Note) {
            eprintln!("{}: {}", problem.severity, problem.located(&file));
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
    let columns =
        [Column::whole("GROUP"), Column::number("MAILBOXES"), Column::wrapped("STATE"), Column::whole("SINCE")];
    let mut table = Table::new(columns);
    for stands in all {
        let tone = match stands.last.state.as_str() {
            "accepted" => Tone::Good,
            "pending" => Tone::Open,
            "removed" => Tone::Faint,
            _ => Tone::Bad,
        };
        let moves = stands.moves.map(|(leave, join)| format!(" ({leave} would leave, {join} join)"));
        let held = stands.held.as_ref();
        let since = held.and_then(|held| held.accepted_at).map(|at| format_time(at, desk.rules.zone));
        table.push([
            Cell::from(stands.last.name.as_str()),
            held.map_or(0, |held| held.mailboxes).to_string().into(),
            Cell::toned(format!("{}{}", state(stands), moves.unwrap_or_default()), tone),
            since.unwrap_or_default().into(),
        ]);
    }
    table
}
