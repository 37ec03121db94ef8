//! `explain`: why an address gets a circular or does not, in words.

use std::process::ExitCode;

use serde::Serialize;

use super::{Out, Refused, args::FormatArgs, find, out::wrapped, resting};
use crate::{
    addressees::Address,
    delivery::State,
    desk::{Desk, Explained, Reason, Verdict, explain as explained},
    ledger::{CircularRecord, CircularState, LogEntry},
    report::{Cell, Column, Format, Table, Tone, format_time, one_line, rfc3339, send_once_mended},
};

/// What stands around while an address is explained.
struct Now<'a> {
    desk: &'a Desk,
    record: &'a CircularRecord,
    /// Relays that rest, a sentence for each.
    resting: &'a [String],
}

/// One issue and one address, as `explain --format json` shows it.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    reference: Option<&'a str>,
    issue: Option<i64>,
    address: &'a str,
    verdict: Verdict,
    role: Option<&'a str>,
    groups: &'a [String],
    because: &'a [Reason],
    language: Option<&'a str>,
    language_rule: Option<&'a str>,
    state: &'a str,
    frozen_at: Option<String>,
    due_at: Option<String>,
    accepted_at: Option<String>,
    next_attempt_at: Option<String>,
    next: String,
}

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
    let now = Now { desk, record: &record, resting: &resting::sentences(desk).await? };
    match Format::from(format) {
        Format::Table => {
            let shown = in_words(&all);
            for (index, one) in shown.iter().enumerate() {
                if index > 0 {
                    out.text("\n")?;
                }
                tell(&now, one, out)?;
            }
            let others = all.len() - shown.len();
            if others > 0 {
                eprintln!("{others} other issues of it are explained by `--format json`");
            }
        }
        other => {
            let rows: Vec<Shown<'_>> = all.iter().map(|one| shown(&now, one)).collect();
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

fn shown<'a>(now: &Now<'_>, one: &'a Explained) -> Shown<'a> {
    let desk = now.desk;
    let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| rfc3339(at, desk.rules.zone));
    let delivery = one.delivery.as_deref();
    Shown {
        reference: one.reference.as_deref(),
        issue: one.issue,
        address: &one.address,
        verdict: one.verdict,
        role: one.role.as_deref(),
        groups: &one.groups,
        because: &one.because,
        language: one.language.as_deref(),
        language_rule: one.language_rule.as_deref(),
        state: &one.state,
        frozen_at: at(one.frozen_at),
        due_at: at(one.due_at),
        accepted_at: delivery.and_then(|entry| at(entry.accepted_at.map(|at| at.to_utc()))),
        next_attempt_at: delivery.and_then(|entry| at(entry.next_attempt_at.map(|at| at.to_utc()))),
        next: now.next(one),
    }
}

fn tell(now: &Now<'_>, one: &Explained, out: &Out) -> anyhow::Result<()> {
    let desk = now.desk;
    let reference = one.reference.as_deref().unwrap_or(&now.record.stem);
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
    fact("Next", now.next(one));
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

impl Now<'_> {
    /// What happens next, and what it waits for.
    fn next(&self, one: &Explained) -> String {
        let next = next(self.desk, self.record, one);
        let state = one.delivery.as_deref().and_then(|entry| entry.state.parse().ok());
        let going = matches!(self.record.state, CircularState::Sending | CircularState::Completed);
        let waits = going && matches!(state, Some(State::Queued | State::Deferred));
        match self.resting.join("; ") {
            resting if waits && !resting.is_empty() => format!("{next}, but {resting}"),
            _ => next,
        }
    }
}

/// What happens next, or what a person can do.
fn next(desk: &Desk, record: &CircularRecord, one: &Explained) -> String {
    let reference = record.reference.as_deref().unwrap_or(&record.stem);
    let reason = record.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let Some(entry) = one.delivery.as_deref() else {
        return match (one.verdict, one.issue, record.state) {
            (Verdict::Out, Some(_), _) if one.came_later => {
                format!("nothing, unless `circulard resend \"{reference}\" --new` sends it to those who came later")
            }
            (Verdict::Out, Some(_), _) => "nothing; it was not frozen, and nothing goes to it".to_owned(),
            (_, _, CircularState::Parked) => {
                format!("the letter is parked{reason}; `circulard check` says how to mend it")
            }
            (_, _, CircularState::Cancelled) => "nothing; the circular is cancelled".to_owned(),
            (_, _, CircularState::Ready | CircularState::Sending | CircularState::Completed) => match one.due_at {
                Some(due) => {
                    format!("it is frozen {}, with the lists as they are then", format_time(due, desk.rules.zone))
                }
                None => "it has no time yet".to_owned(),
            },
            (_, _, state) => format!("the circular is {}{reason}", state.as_str().replace('_', " ")),
        };
    };
    let going = matches!(record.state, CircularState::Sending | CircularState::Completed);
    match entry.state.parse::<State>() {
        Ok(State::Queued | State::Deferred) if !going => {
            format!("the circular is {}{reason}", record.state.as_str().replace('_', " "))
        }
        Ok(State::Queued) => "it goes out as soon as a session is free".to_owned(),
        Ok(State::Deferred) => match entry.next_attempt_at {
            Some(at) => format!("it is tried again {}", format_time(at.to_utc(), desk.rules.zone)),
            None => "it is tried again".to_owned(),
        },
        Ok(State::InTransaction) => "it is on the wire".to_owned(),
        Ok(State::Accepted) => "nothing; the relay has taken charge of it".to_owned(),
        Ok(State::InDoubt | State::Held) => format!(
            "a person decides: `circulard release \"{reference}\"`, or `settle` if somebody knows what became of it"
        ),
        Ok(State::Refused) => format!("nothing by itself. {}", send_once_mended(reference)),
        Ok(State::Expired) => {
            format!("nothing, unless `circulard resend \"{reference}\" --only expired` queues it again")
        }
        Ok(State::Withdrawn) => "nothing; the circular was cancelled before this copy left".to_owned(),
        Err(_) => String::new(),
    }
}
