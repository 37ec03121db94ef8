//! `explain`: why an address gets a circular or does not, in words.

use std::process::ExitCode;

use super::{Out, Refused, args::FormatArgs, find, out::wrapped};
use crate::{
    addressees::Address,
    desk::{Desk, Explained, ExplainedRow, Verdict, explain as explained, resting, what_is_next},
    ledger::{CircularRecord, LogEntry},
    report::{Cell, Column, Format, Table, Tone, format_time, one_line},
};

const COLUMNS: [&str; 15] = [
    "reference",
    "issue",
    "address",
    "verdict",
    "role",
    "groups",
    "because",
    "language",
    "language_rule",
    "state",
    "frozen_at",
    "due_at",
    "accepted_at",
    "next_attempt_at",
    "next",
];

pub(super) async fn explain(
    desk: &Desk,
    reference: &str,
    address: &str,
    format: FormatArgs,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let address = Address::parse(address.trim()).map_err(|error| Refused(error.to_string()))?;
    let record = find(desk, reference).await?;
    let all = explained(desk, &record, &address).await?;
    let resting = resting(desk).await?;
    match Format::from(format) {
        Format::Table => {
            let shown = in_words(&all);
            for (index, one) in shown.iter().enumerate() {
                if index > 0 {
                    out.text("\n")?;
                }
                tell(desk, &record, one, &resting, out)?;
            }
            let others = all.len() - shown.len();
            if others > 0 {
                let (issues, are) = if others == 1 { ("issue", "is") } else { ("issues", "are") };
                eprintln!("{others} other {issues} of it {are} explained by `--format json`");
            }
        }
        other => {
            let rows: Vec<ExplainedRow> =
                all.iter().map(|one| ExplainedRow::of(desk, &record, one, &resting)).collect();
            out.list(other, &rows, &COLUMNS, Table::default)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a person asks about: the issue to come, and the newest that the address was in, else the newest.
fn in_words(all: &[Explained]) -> Vec<&Explained> {
    let frozen = || all.iter().filter(|one| one.issue.is_some());
    let told = frozen().find(|one| one.verdict == Verdict::In).or_else(|| frozen().next());
    all.iter().filter(|one| one.issue.is_none()).chain(told).collect()
}

fn tell(desk: &Desk, record: &CircularRecord, one: &Explained, resting: &[String], out: &Out) -> anyhow::Result<()> {
    let reference = one.reference.as_deref().unwrap_or(&record.stem);
    let issue = one.issue.filter(|issue| *issue > 1).map(|issue| format!(", issue {issue}")).unwrap_or_default();
    out.text(&format!("{}{issue}\n{}\n\n{}\n", one_line(reference), one_line(&one.address), headline(one)))?;
    for reason in &one.because {
        out.text(&wrapped(&reason.text, usize::from(out.width), "  - ", "    "))?;
    }
    out.text("\n")?;
    let mut facts = Table::new([Column::whole(""), Column::wrapped("")]);
    let mut fact = |name: &str, value: String| facts.push([Cell::toned(name, Tone::Faint), value.into()]);
    if let (Some(language), Some(rule)) = (&one.language, &one.language_rule) {
        fact("Language", format!("{language}: {rule}"));
    }
    if let Some(at) = one.frozen_at {
        fact("Frozen", format_time(at, desk.rules.zone));
    }
    fact("State", state(desk, one));
    fact("Next", what_is_next(desk, record, one, resting));
    out.table(&facts)?;
    Ok(())
}

fn headline(one: &Explained) -> String {
    let role = match one.role.as_deref() {
        Some("copy") => "a copy",
        _ => "an addressee",
    };
    match (one.verdict, one.issue) {
        (Verdict::In, Some(_)) => format!("IN, as {role}: {}", one.groups.join(", ")),
        (Verdict::In, None) => format!("IN, would be {role}: {}", one.groups.join(", ")),
        (Verdict::Out, Some(_)) => "OUT: it was not among those it was sent to".to_owned(),
        (Verdict::Out, None) => "OUT: it would not get it".to_owned(),
    }
}

fn state(desk: &Desk, one: &Explained) -> String {
    let state = one.state.replace('_', " ");
    let Some(entry) = one.delivery.as_deref() else { return state };
    let at = entry.accepted_at.or(entry.last_attempt_at).map(|at| format_time(at.to_utc(), desk.rules.zone));
    let at = at.map(|at| format!(" {at}")).unwrap_or_default();
    let relay = entry.relay.as_deref().map(|relay| format!(", relay {relay}")).unwrap_or_default();
    format!("{state}{at}{relay}{}", reply(entry))
}

fn reply(entry: &LogEntry) -> String {
    let Some(reply) = &entry.reply else { return String::new() };
    match entry.code {
        Some(code) => format!(": {code} {reply}"),
        None => format!(": {reply}"),
    }
}
