//! `check`: how each letter is understood, for the person who dropped it.

use std::{path::PathBuf, process::ExitCode};

use super::{Out, args::FormatArgs, exit, prospect::block};
use crate::{
    circular::{Language, Problem, Severity, has_paragraphs},
    desk::{CheckEntry, CheckLine, Desk, Post, Unready, check_files, open_for_reading},
    report::{Cell, Column, Format, Phrases, Table, Tone},
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

/// What is told of a list that will be accepted; `groups NAME` tells all, once it is.
const NOTES: usize = 10;

pub(super) async fn check(
    mut desk: Desk,
    files: &[PathBuf],
    format: FormatArgs,
    post: &Post,
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
    for outcome in &outcomes {
        let most = if outcome.is_held_back() { usize::MAX } else { NOTES };
        for problem in outcome.problems.iter().take(most) {
            eprint!("{}", out.broken(&format!("{}: {}", problem.severity, problem.located(&outcome.file))));
        }
        if outcome.problems.len() > most {
            eprintln!("{}: and {} more", outcome.file, outcome.problems.len() - most);
        }
    }
    if entries.is_empty() {
        eprintln!("no letter lies in {}", desk.workspace.templates().display());
    }
    let unready = post.unready(&desk.workspace);
    for Unready { relay, why, severity } in &unready {
        eprint!("{}", out.broken(&format!("{severity}: relay \"{relay}\": {why}")));
    }
    let parked = entries.iter().any(CheckEntry::is_parked);
    let unusable = unready.iter().any(|unready| unready.severity == Severity::Error);
    Ok(match (parked, unusable) {
        (true, _) => ExitCode::from(exit::REFUSED),
        (false, true) => ExitCode::from(exit::CONFIG),
        (false, false) => ExitCode::SUCCESS,
    })
}

fn show(desk: &Desk, entry: &CheckEntry, out: &Out) -> std::io::Result<()> {
    let language = entry.language.as_deref().and_then(|language| language.parse().ok()).unwrap_or(Language::EN);
    let phrases = desk.rules.staff.phrases(language);
    let place = if has_paragraphs(&entry.file) { "check_paragraph" } else { "check_line" };
    let mut table = Table::new([
        Column::whole(entry.file.as_str()),
        Column::number(phrases.say(place)),
        Column::wrapped(verdict(entry, phrases)),
    ]);
    let line = |field: &str| entry.lines.get(field).map(ToString::to_string).unwrap_or_default();
    let mut rows: Vec<[Cell; 3]> = Vec::new();
    let row = |name: &str, line: String, value: String| -> [Cell; 3] {
        [Cell::toned(phrases.say(name), Tone::Faint), Cell::toned(line, Tone::Faint), value.into()]
    };
    let field = |rows: &mut Vec<[Cell; 3]>, name: &str, key: &str, value: Option<String>| {
        rows.extend(value.map(|value| row(name, line(key), value)));
    };
    field(&mut rows, "check_language", "", entry.language.clone());
    field(&mut rows, "check_reference", "reference", entry.reference.clone());
    field(&mut rows, "check_supplement", "reference", entry.supplement.clone());
    field(&mut rows, "check_place", "place", entry.place.clone());
    field(&mut rows, "check_date", "date", entry.date.clone());
    field(&mut rows, "check_subject", "subject", entry.subject.clone());
    field(&mut rows, "check_salutation", "salutation", entry.salutation.clone());
    field(&mut rows, "check_closing", "closing", entry.closing.clone());
    for signatory in &entry.signatories {
        let title = signatory.title.as_deref().map(|title| format!(", {title}")).unwrap_or_default();
        rows.push(row("check_signatory", signatory.line.to_string(), format!("{}{title}", signatory.name)));
    }
    match &entry.attached {
        Some(attached) => field(&mut rows, "check_annexes", "attachments", Some(attached.clone())),
        None => field(&mut rows, "check_annexes", "annexes", entry.annexes.map(|annexes| annexes.to_string())),
    }
    for (deadline, line) in entry.deadlines.iter().zip(&entry.deadline_lines) {
        rows.push(row("check_deadline", line.to_string(), deadline.to_string()));
    }
    rows.into_iter().for_each(|row| table.push(row));
    for (name, lines) in [("check_to", &entry.to), ("check_copy", &entry.copy)] {
        for addressee in lines {
            table.push(addressee_row(entry, phrases.say(name), addressee));
        }
    }
    out.table(&table)?;
    if let Some(prospect) = &entry.prospect {
        out.text("\n")?;
        out.table(&block(desk, phrases, prospect))?;
    }
    for (index, problem) in entry.problems.iter().enumerate() {
        let severity = phrases.say(match problem.severity {
            Severity::Error => "check_error",
            Severity::Warning => "check_warning",
            Severity::Note => "check_note",
        });
        let message = phrases.problem(&problem.message);
        let said = Problem { message, ..problem.clone() }.located(&entry.file);
        if index == 0 {
            out.text("\n")?;
        }
        out.lines(&format!("{severity}: {said}"))?;
    }
    Ok(())
}

fn verdict(entry: &CheckEntry, phrases: Phrases) -> String {
    let errors = entry.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match (entry.status, &entry.parked_with) {
        ("parked", Some(file)) => phrases.fill("check_parked_with", [("file", file)]),
        ("parked", None) => phrases.fill("check_parked", [("count", &errors.to_string())]),
        ("ready", _) => phrases.say("check_ready").to_owned(),
        ("sent", _) => phrases.say("check_sent").to_owned(),
        _ => phrases.say("check_not_a_letter").to_owned(),
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
