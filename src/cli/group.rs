//! `groups NAME`: who is in a group, who was on a day, what a changed list would change, and the list's versions.

use std::{collections::HashSet, process::ExitCode};

use serde::Serialize;

use super::{Out, Refused, args::GroupsArgs, groups::minute};
use crate::{
    circular::Problem,
    desk::{Desk, GroupStands, MemberShown, MembersOn, groups_stand, members_on, select_group},
    ledger::{GroupRecord, MemberRow, Moved, Side},
    report::{Cell, Column, Format, Table, Tone, format_time, rfc3339},
};

/// One addressee of a group.
#[derive(Debug, Serialize)]
struct Listing {
    #[serde(flatten)]
    member: MemberShown,
    /// What the waiting version of the list would change: `joins`, `leaves`, or nothing.
    change: Option<&'static str>,
}

const COLUMNS: [&str; 8] = ["address", "name", "organization", "country", "language", "line", "file", "change"];

pub(super) async fn group(desk: &Desk, name: &str, asked: &GroupsArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let selection = select_group(desk, name).await?.map_err(Refused)?;
    if asked.versions {
        return versions(desk, name, asked, out).await;
    }
    let today = desk.now().with_timezone(&desk.rules.zone).date_naive();
    if let Some(day) = asked.on.filter(|day| *day > today) {
        let words =
            format!("--on {day}: that day is still to come; the last whose end can be told of is {today}, today");
        return Err(Refused(words).into());
    }
    let found = members_on(desk, &selection, asked.on, asked.limit).await?;
    let stands = match asked.on {
        None => groups_stand(desk).await?.into_iter().find(|stands| stands.last.name == name),
        Some(_) => None,
    };
    let limit = asked.limit.map_or(-1, i64::from);
    let (leave, join) = match stands.as_ref().filter(|stands| stands.moves.is_some()) {
        Some(stands) => (
            desk.lists.moved(&stands.last, Side::Leaves, limit).await?,
            desk.lists.moved(&stands.last, Side::Joins, limit).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    if Format::from(asked.format) == Format::Table
        && let Some(stands) = &stands
    {
        tell(desk, stands, &leave, &join, out)?;
    }
    let leaving: HashSet<&str> =
        leave.iter().filter(|moved| moved.group == name).map(|moved| moved.address.as_str()).collect();
    let leaves = |member: &MemberRow| leaving.contains(member.address.as_str());
    let listing = |member: &MemberRow| Listing { member: member.into(), change: leaves(member).then_some("leaves") };
    let mut rows: Vec<Listing> = found.members.iter().map(listing).collect();
    let joins = join.iter().filter(|moved| moved.group == name);
    rows.extend(joins.map(|moved| joining(moved, stands.as_ref())));
    out.list(asked.format.into(), &rows, &COLUMNS, || addressees(&rows))?;
    about_the_day(desk, asked, &found);
    Ok(ExitCode::SUCCESS)
}

fn joining(moved: &Moved, stands: Option<&GroupStands>) -> Listing {
    let member = MemberShown {
        address: moved.address.clone(),
        name: moved.name.clone(),
        organization: moved.organization.clone(),
        country: moved.country.clone(),
        language: Vec::new(),
        line: moved.line,
        file: stands.map(|stands| format!("recipients/{}", stands.last.file)).unwrap_or_default(),
    };
    Listing { member, change: Some("joins") }
}

fn addressees(rows: &[Listing]) -> Table {
    let columns = [
        Column::whole("ADDRESS"),
        Column::wrapped("NAME"),
        Column::wrapped("COUNTRY"),
        Column::whole("LANG"),
        Column::number("LINE"),
    ];
    // who would leave or join is marked in front of the address
    let marked = rows.iter().any(|row| row.change.is_some());
    let mut table = Table::new(marked.then(|| Column::whole("±")).into_iter().chain(columns));
    for Listing { member, change } in rows {
        let text = |value: &Option<String>| Cell::from(value.clone().unwrap_or_default());
        let mark = match change {
            Some("leaves") => Cell::toned("-", Tone::Bad),
            Some(_) => Cell::toned("+", Tone::Good),
            None => Cell::default(),
        };
        let cells = [
            Cell::from(member.address.as_str()),
            text(&member.name),
            text(&member.country),
            member.language.join(", ").into(),
            member.line.to_string().into(),
        ];
        table.push(marked.then_some(mark).into_iter().chain(cells));
    }
    table
}

/// How the list stands, what was found in it, and what a version that waits would change.
fn tell(desk: &Desk, stands: &GroupStands, leave: &[Moved], join: &[Moved], out: &Out) -> anyhow::Result<()> {
    let mut facts = Table::new([Column::whole(""), Column::wrapped("")]);
    let mut fact = |name: &str, value: Cell| facts.push([Cell::toned(name, Tone::Faint), value]);
    fact("Group", stands.last.name.as_str().into());
    fact("List", format!("recipients/{}", stands.last.file).into());
    fact("State", stands.in_words().into());
    if let Some(held) = &stands.held {
        fact("In force", in_force(desk, held).into());
    }
    for doubt in stands.doubts() {
        fact("Waits", Cell::toned(doubt.as_str(), Tone::Bad));
    }
    if let Some((leave, join)) = stands.moves {
        fact(
            "If accepted",
            format!("{leave} leave (-), {join} join (+): `circulard groups accept {}`", stands.last.name).into(),
        );
    }
    out.table(&facts)?;
    let file = format!("recipients/{}", stands.last.file);
    for (word, problem) in stands.found() {
        out.text(&format!("{word}: {}\n", problem.located(&file)))?;
    }
    for (verb, all) in [("leaves", leave), ("joins", join)] {
        for moved in all.iter().filter(|moved| moved.group != stands.last.name) {
            out.text(&format!("{verb} {}: {} (line {})\n", moved.group, moved.address, moved.line))?;
        }
    }
    out.text("\n")?;
    Ok(())
}

fn in_force(desk: &Desk, held: &GroupRecord) -> String {
    let since = held.accepted_at.map(|at| format_time(at, desk.rules.zone)).unwrap_or_default();
    let by = held.accepted_by.as_deref().unwrap_or_default();
    let reason = held.accepted_reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{} mailboxes, since {since}, accepted by {by}{reason}", held.mailboxes)
}

fn about_the_day(desk: &Desk, asked: &GroupsArgs, found: &MembersOn) {
    let Some(day) = asked.on else { return };
    for (list, at) in &found.changed {
        eprintln!("the list {list} changed on that day, {}; shown is the day's end", format_time(*at, desk.rules.zone));
    }
    if found.members.is_empty() {
        eprintln!(
            "nobody was in the group on {day}, as far as the ledger knows; `--versions` shows since when it does"
        );
    }
}

/// One version of a list.
#[derive(Debug, Serialize)]
struct Versioned {
    version: i64,
    state: String,
    file: String,
    sha256: String,
    rows: i64,
    mailboxes: i64,
    read_at: String,
    accepted_at: Option<String>,
    accepted_by: Option<String>,
    reason: Option<String>,
    ended_at: Option<String>,
    bad_rows: u64,
    doubts: Vec<String>,
    problems: Vec<Problem>,
}

const VERSION_COLUMNS: [&str; 14] = [
    "version",
    "state",
    "file",
    "sha256",
    "rows",
    "mailboxes",
    "read_at",
    "accepted_at",
    "accepted_by",
    "reason",
    "ended_at",
    "bad_rows",
    "doubts",
    "problems",
];

async fn versions(desk: &Desk, name: &str, asked: &GroupsArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let mut records = desk.lists.group_versions(name).await?;
    records.truncate(asked.limit.map_or(usize::MAX, |limit| limit as usize));
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| rfc3339(at, desk.rules.zone));
    let rows: Vec<Versioned> = records
        .iter()
        .map(|record| Versioned {
            version: record.version,
            state: record.state.clone(),
            file: format!("recipients/{}", record.file),
            sha256: super::hex(&record.sha256),
            rows: record.rows,
            mailboxes: record.mailboxes,
            read_at: rfc3339(record.read_at, desk.rules.zone),
            accepted_at: at(record.accepted_at),
            accepted_by: record.accepted_by.clone(),
            reason: record.accepted_reason.clone(),
            ended_at: at(record.ended_at),
            bad_rows: record.bad.count(),
            doubts: record.doubts.clone(),
            problems: record.problems.clone(),
        })
        .collect();
    out.list(asked.format.into(), &rows, &VERSION_COLUMNS, || version_table(desk, &records))?;
    if rows.is_empty() {
        eprintln!("{name} has no list of its own; its rows stand in others");
    }
    Ok(ExitCode::SUCCESS)
}

fn version_table(desk: &Desk, records: &[GroupRecord]) -> Table {
    let mut table = Table::new([
        Column::whole(format!("READ ({})", desk.rules.zone.name())),
        Column::whole("STATE"),
        Column::number("MAILBOXES"),
        Column::wrapped("IN FORCE"),
        Column::wrapped("BY"),
    ]);
    for record in records {
        let until = record.ended_at.map(|at| format!(" to {}", minute(desk, at))).unwrap_or_default();
        let in_force = record.accepted_at.map(|at| format!("{}{until}", minute(desk, at))).unwrap_or_default();
        let reason = record.accepted_reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let by = record.accepted_by.as_deref().map(|by| format!("{by}{reason}"));
        table.push([
            Cell::from(minute(desk, record.read_at)),
            record.state.as_str().into(),
            record.mailboxes.to_string().into(),
            in_force.into(),
            by.unwrap_or_else(|| record.doubts.join("; ")).into(),
        ]);
    }
    table
}
