//! `groups`: the groups as held, and what stands against a changed list.

use std::process::ExitCode;

use serde::Serialize;

use super::{Out, Refused, args::FormatArgs};
use crate::{
    circular::{Problem, Severity},
    desk::Desk,
    ledger::Reach,
    report::{Cell, Column, Table, Tone, format_time, rfc3339},
};

/// One group, as `groups` shows it.
#[derive(Debug, Serialize)]
struct Listed {
    group: String,
    file: String,
    state: &'static str,
    rows: i64,
    mailboxes: i64,
    accepted_at: Option<String>,
    problems: Vec<Problem>,
}

const COLUMNS: [&str; 7] = ["group", "file", "state", "rows", "mailboxes", "accepted_at", "problems"];

pub(super) async fn groups(desk: &Desk, name: Option<&str>, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    if let Some(name) = name {
        return members(desk, name, format, out).await;
    }
    let in_force = desk.lists.groups_in_force().await?;
    let mut rows = Vec::new();
    let mut when = Vec::new();
    for last in desk.lists.groups_last_read().await? {
        let held = in_force.iter().find(|held| held.name == last.name);
        let state = match (last.state.as_str(), held) {
            ("accepted", _) => "in force",
            ("refused", Some(_)) => "refused, the version before stays",
            ("refused", None) => "refused",
            _ => "gone",
        };
        when.push(
            held.and_then(|held| held.accepted_at).map(|at| format_time(at, desk.rules.zone)).unwrap_or_default(),
        );
        rows.push(Listed {
            group: last.name,
            file: format!("recipients/{}", last.file),
            state,
            rows: held.map_or(0, |held| held.rows),
            mailboxes: held.map_or(0, |held| held.mailboxes),
            accepted_at: held.and_then(|held| held.accepted_at).map(|at| rfc3339(at, desk.rules.zone)),
            problems: last.problems,
        });
    }
    let table = || {
        let columns =
            [Column::whole("GROUP"), Column::number("MAILBOXES"), Column::wrapped("STATE"), Column::whole("SINCE")];
        let mut table = Table::new(columns);
        for (row, when) in rows.iter().zip(&when) {
            let tone = if row.state == "in force" { Tone::Good } else { Tone::Bad };
            let state = Cell::toned(row.state, tone);
            table.push([Cell::from(row.group.as_str()), row.mailboxes.to_string().into(), state, when.as_str().into()]);
        }
        table
    };
    out.list(format.into(), &rows, &COLUMNS, table)?;
    for row in &rows {
        for problem in row.problems.iter().filter(|problem| problem.severity != Severity::Note) {
            eprintln!("{}: {}", problem.severity, problem.located(&row.file));
        }
    }
    if rows.is_empty() {
        eprintln!("no list has been read yet; `circulard run` reads {}", desk.workspace.recipients().display());
    }
    Ok(ExitCode::SUCCESS)
}

/// One addressee of a group.
#[derive(Debug, Serialize)]
struct Listing {
    address: String,
    name: Option<String>,
    organization: Option<String>,
    country: Option<String>,
    language: Vec<String>,
    line: i64,
}

async fn members(desk: &Desk, name: &str, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let known = desk.lists.groups_with_rows().await?;
    if !known.iter().any(|known| known == name) {
        let remedy = match crate::circular::nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.is_empty() => "no list is in force yet: `circulard run` reads them".to_owned(),
            None => format!("known are {}", known.join(", ")),
        };
        return Err(Refused(format!("no group is called \"{name}\"; {remedy}")).into());
    }
    let group =
        crate::addressees::GroupName::new(name).ok_or_else(|| Refused(format!("\"{name}\" is no group's name")))?;
    let term = crate::addressees::Term { source: group.clone(), conditions: std::collections::BTreeMap::new() };
    let selection = crate::addressees::Selection { group, terms: vec![term], except: Vec::new() };
    let reach = Reach { to: vec![selection], ..Reach::default() };
    let rows: Vec<Listing> = desk
        .lists
        .members(&reach, desk.today())
        .await?
        .into_iter()
        .map(|member| Listing {
            name: member.fields.get("name").cloned(),
            organization: member.fields.get("organization").cloned(),
            country: member.fields.get("country").cloned(),
            address: member.address,
            language: member.languages,
            line: member.line,
        })
        .collect();
    let table = || {
        let mut table = Table::new([
            Column::whole("ADDRESS"),
            Column::wrapped("NAME"),
            Column::wrapped("COUNTRY"),
            Column::whole("LANG"),
            Column::number("LINE"),
        ]);
        for row in &rows {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let language = row.language.join(", ");
            table.push([row.address.clone(), text(&row.name), text(&row.country), language, row.line.to_string()]);
        }
        table
    };
    out.list(format.into(), &rows, &["address", "name", "organization", "country", "language", "line"], table)?;
    Ok(ExitCode::SUCCESS)
}
