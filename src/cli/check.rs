//! `check`: how each letter is understood, for the person who dropped it.

use std::{path::PathBuf, process::ExitCode};

use super::{Out, args::FormatArgs, exit};
use crate::{
    circular::Severity,
    desk::{CheckEntry, CheckLine, Desk, check_files, open_for_reading},
    report::{Cell, Column, Format, Table, Tone, format_time},
};

const COLUMNS: [&str; 18] = [
    "file",
    "language",
    "reference",
    "supplement",
    "place",
    "date",
    "to",
    "copy",
    "subject",
    "salutation",
    "closing",
    "signatories",
    "annexes",
    "deadlines",
    "status",
    "problems",
    "lines",
    "reaches",
];

pub(super) async fn check(
    mut desk: Desk,
    files: &[PathBuf],
    format: FormatArgs,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let (_lists, outcomes) = open_for_reading(&mut desk).await?;
    let entries = check_files(&desk, files).await?;
    let format = Format::from(format);
    if format == Format::Table {
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                out.text("\n")?;
            }
            show(&desk, entry, out)?;
        }
    } else {
        out.list(format, &entries, &COLUMNS, Table::default)?;
    }
    for outcome in outcomes.iter().filter(|outcome| outcome.is_refused()) {
        for problem in &outcome.problems {
            eprintln!("{}", problem.located(&outcome.file));
        }
    }
    if entries.is_empty() {
        eprintln!("no letter lies in {}", desk.workspace.templates().display());
    }
    let parked = entries.iter().any(CheckEntry::is_parked);
    Ok(if parked { ExitCode::from(exit::REFUSED) } else { ExitCode::SUCCESS })
}

fn show(desk: &Desk, entry: &CheckEntry, out: &Out) -> std::io::Result<()> {
    let mut table =
        Table::new([Column::whole(entry.file.as_str()), Column::number("LINE"), Column::wrapped(verdict(entry))]);
    let line = |field: &str| entry.lines.get(field).map(ToString::to_string).unwrap_or_default();
    let mut field = |name: &str, key: &str, value: Option<String>| {
        if let Some(value) = value {
            table.push([Cell::toned(name, Tone::Faint), Cell::toned(line(key), Tone::Faint), value.into()]);
        }
    };
    field("Language", "", entry.language.clone());
    field("Reference", "reference", entry.reference.clone());
    field("Supplement", "reference", entry.supplement.clone());
    field("Place", "place", entry.place.clone());
    field("Date", "date", entry.date.clone());
    field("Subject", "subject", entry.subject.clone());
    field("Salutation", "salutation", entry.salutation.clone());
    field("Closing", "closing", entry.closing.clone());
    for signatory in &entry.signatories {
        let title = signatory.title.as_deref().map(|title| format!(", {title}")).unwrap_or_default();
        field("Signatory", "signatories", Some(format!("{}{title}", signatory.name)));
    }
    match &entry.attached {
        Some(attached) => field("Annexes", "attachments", Some(attached.clone())),
        None => field("Annexes", "annexes", entry.annexes.map(|annexes| annexes.to_string())),
    }
    for deadline in &entry.deadlines {
        field("Deadline", "deadlines", Some(deadline.to_string()));
    }
    for (name, lines) in [("To", &entry.to), ("Copy", &entry.copy)] {
        for addressee in lines {
            table.push(addressee_row(entry, name, addressee));
        }
    }
    if let Some(reaches) = &entry.reach {
        let copies = match reaches.office_copies {
            0 => String::new(),
            copies => format!(", {copies} of them copies that offices ask for (copy_to)"),
        };
        let reach = format!("{} mailboxes in {} countries{copies}", reaches.mailboxes, reaches.countries);
        table.push([Cell::toned("Reaches", Tone::Faint), Cell::from(""), reach.into()]);
    }
    if let Some(due) = entry.due.filter(|_| entry.status == "ready") {
        let due = format_time(due, desk.rules.zone);
        table.push([Cell::toned("Goes out", Tone::Faint), Cell::from(""), due.into()]);
    }
    out.table(&table)?;
    for problem in &entry.problems {
        out.text(&format!("{}: {}\n", problem.severity, problem.located(&entry.file)))?;
    }
    Ok(())
}

fn verdict(entry: &CheckEntry) -> String {
    let errors = entry.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match (entry.status, errors) {
        ("parked", 1) => "PARKED: one thing must be mended".to_owned(),
        ("parked", errors) => format!("PARKED: {errors} things must be mended"),
        ("ready", _) => "READY".to_owned(),
        ("sent", _) => "SENT".to_owned(),
        _ => "NOT A LETTER".to_owned(),
    }
}

fn addressee_row(entry: &CheckEntry, name: &str, line: &CheckLine) -> [Cell; 3] {
    let groups = line.groups.join(", ");
    let counted = |count: &crate::ledger::ReachCount| {
        let known = count.groups.iter().filter(|(group, _)| line.groups.contains(group));
        known.map(|(_, reached)| *reached).sum::<i64>()
    };
    let text = match (&entry.reach, groups.is_empty()) {
        (_, true) => format!("{} -> ?", line.text),
        (Some(count), false) => format!("{} -> {groups} ({})", line.text, counted(count)),
        (None, false) => format!("{} -> {groups}", line.text),
    };
    let tone = if groups.is_empty() { Tone::Bad } else { Tone::Neutral };
    [Cell::toned(name, Tone::Faint), Cell::toned(line.line.to_string(), Tone::Faint), Cell::toned(text, tone)]
}
