//! The report to a circular's owner when every addressee has a final state: totals, every failure by name, what to do.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Failed, LONGEST_WORDS, Line, Message, clean, plain_words, subject};
use crate::{
    delivery::State,
    report::{Totals, format_moment, on_a_persons_word, send_once_mended},
};

/// A completed issue.
#[derive(Debug, Clone)]
pub struct Completed {
    /// Its number, as in the dashboard's addresses.
    pub circular: i64,
    /// As printed.
    pub reference: String,
    /// First, second, … issue.
    pub issue: i64,
    /// As printed.
    pub subject: String,
    /// When it was frozen.
    pub frozen_at: DateTime<Utc>,
    /// When the last addressee reached a final state.
    pub completed_at: DateTime<Utc>,
    /// Of this issue.
    pub totals: Totals,
    /// Those who did not get it, by state, in the order of freezing; [`Completed::MOST`] of each at most.
    pub failed: BTreeMap<State, Vec<Failed>>,
    /// Accepted, but tried again after a doubt.
    pub twice: Vec<Failed>,
    /// How many those are.
    pub twice_in_all: u64,
    /// How many count as accepted on a person's word.
    pub settled: u64,
}

impl Completed {
    /// Names of one state in one report. A circular has some thousand addressees; where more than this failed, the cause is
    /// not theirs.
    pub const MOST: u32 = 5_000;
}

/// States that are told by name, the worst first.
const BAD: [State; 3] = [State::Refused, State::Expired, State::Withdrawn];

/// The report; `dashboard` is where people find one.
pub fn completed(done: &Completed, zone: Tz, dashboard: Option<&str>) -> Message {
    let reference = clean(&done.reference, 100);
    let totals = &done.totals;
    let bad: u64 = BAD.iter().map(|state| totals.count(*state)).sum();
    let outcome = match bad {
        0 => format!("all {} accepted", totals.count(State::Accepted)),
        _ => format!("{} of {} accepted, {bad} not", totals.count(State::Accepted), totals.frozen()),
    };
    let mut lines = vec![Line(0, format!("{reference}: {}", clean(&done.subject, LONGEST_WORDS)))];
    if done.issue > 1 {
        lines.push(Line(0, format!("Issue {}", done.issue)));
    }
    lines.push(Line(0, format!("Frozen {}", format_moment(done.frozen_at, zone))));
    lines.push(Line(0, format!("Completed {}", format_moment(done.completed_at, zone))));
    lines.push(Line(0, String::new()));
    failures(done, &mut lines);
    lines.push(Line(0, format!("Totals: {}", totals.frozen())));
    for (state, count) in totals.iter() {
        lines.push(Line(2, format!("{count} {}: {}", state.as_str().replace('_', " "), meaning(state))));
    }
    if let Some(settled) = on_a_persons_word(done.settled) {
        lines.push(Line(2, format!("{settled}; `circulard certificate \"{reference}\"` names them.")));
    }
    lines.push(Line(0, String::new()));
    duplicates(done, &mut lines);
    let more = format!("More: `circulard show \"{reference}\"`, `circulard log \"{reference}\"`");
    lines.push(Line(0, dashboard.map_or_else(|| format!("{more}."), |_| format!("{more}, or in the dashboard:"))));
    lines.extend(dashboard.map(|url| Line(2, format!("{url}/circulars/{}", done.circular))));
    Message { subject: subject(&format!("{reference} is completed: {outcome}")), lines }
}

fn failures(done: &Completed, lines: &mut Vec<Line>) {
    let reference = clean(&done.reference, 100);
    for state in BAD {
        let count = done.totals.count(state);
        if count == 0 {
            continue;
        }
        let named = done.failed.get(&state).map(Vec::as_slice).unwrap_or_default();
        lines.push(Line(0, format!("{} {}", state.as_str().to_uppercase(), count)));
        lines.push(Line(0, String::new()));
        for (number, failed) in named.iter().enumerate() {
            entry(number + 1, state, failed, lines);
        }
        if count > named.len() as u64 {
            let more = count - named.len() as u64;
            lines.push(Line(
                2,
                format!("And {more} more: `circulard log \"{reference}\" --state {state}` has every name."),
            ));
        }
        let again = match state {
            State::Refused => send_once_mended(&reference),
            State::Expired => {
                format!("To try the same addresses again: `circulard resend \"{reference}\" --only {state}`.")
            }
            _ => continue,
        };
        lines.push(Line(0, again));
        lines.push(Line(0, String::new()));
    }
}

fn entry(number: usize, state: State, failed: &Failed, lines: &mut Vec<Line>) {
    let (what, remedy) = plain_words(state, failed.status.as_deref());
    let who: Vec<String> = [&failed.name, &failed.organization, &failed.country]
        .into_iter()
        .flatten()
        .map(|part| clean(part, 200))
        .filter(|part| !part.is_empty())
        .collect();
    let who = if who.is_empty() { "(no name in the list)".to_owned() } else { who.join(", ") };
    lines.push(Line(2, format!("{number}. {who}")));
    lines.push(Line(5, format!("{}  ({})", clean(&failed.address, 320), failed.groups.join(", "))));
    lines.push(Line(5, what.to_owned()));
    if let Some(reply) =
        failed.reply.as_deref().map(|reply| clean(reply, LONGEST_WORDS)).filter(|text| !text.is_empty())
    {
        let code = failed.code.map(|code| format!("{code} ")).unwrap_or_default();
        let times = if failed.attempts > 1 { format!("after {} attempts: ", failed.attempts) } else { String::new() };
        lines.push(Line(5, format!("Reply: {times}{code}{reply}")));
    }
    lines.push(Line(5, format!("To do: {remedy}")));
    lines.push(Line(0, String::new()));
}

fn duplicates(done: &Completed, lines: &mut Vec<Line>) {
    if done.twice_in_all == 0 {
        return;
    }
    lines.push(Line(
        0,
        format!(
            "POSSIBLE DUPLICATES {}: the relay gave no answer after the end of a first copy, so a second was sent with the same \
             Message-ID. These offices may have it twice; there is nothing to do unless one asks.",
            done.twice_in_all
        ),
    ));
    for failed in &done.twice {
        let organization = failed.organization.as_deref().or(failed.name.as_deref()).unwrap_or_default();
        lines.push(Line(2, clean(&format!("{} {organization}", failed.address), 320)));
    }
    let more = done.twice_in_all.saturating_sub(done.twice.len() as u64);
    if more > 0 {
        lines.push(Line(2, format!("and {more} more")));
    }
    lines.push(Line(0, String::new()));
}

fn meaning(state: State) -> &'static str {
    match state {
        State::Accepted => "the relay has taken charge of it",
        State::Refused => "the answer was no, for this addressee",
        State::Expired => "not taken until the give-up time",
        State::Withdrawn => "cancelled before it left",
        State::InDoubt => "nobody knows whether it arrived",
        State::Held => "waits for a person",
        State::Queued | State::InTransaction | State::Deferred => "not sent yet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(totals: &[(State, u64)], failed: &[Failed]) -> Completed {
        let at = DateTime::from_timestamp(1_796_000_000, 0).expect("a time");
        Completed {
            circular: 7,
            reference: "Circular BDT/9".to_owned(),
            issue: 1,
            subject: "On\r\nBcc: evil@x.example".to_owned(),
            frozen_at: at,
            completed_at: at,
            totals: totals.iter().copied().collect(),
            failed: [(State::Refused, failed.to_vec())].into(),
            twice: vec![Failed { address: "d@x.example".to_owned(), ..Failed::default() }],
            twice_in_all: 1,
            settled: 0,
        }
    }

    fn text(message: &Message) -> String {
        message.lines.iter().map(|line| format!("{}{}\n", " ".repeat(line.0.into()), line.1)).collect()
    }

    #[test]
    fn the_report_names_every_failure_before_the_totals_which_add_up() {
        let failed = Failed {
            name: Some("Ada".to_owned()),
            organization: Some("Ministry of\u{202E} Posts".to_owned()),
            address: "ada@x.example".to_owned(),
            groups: vec!["academia".to_owned()],
            code: Some(550),
            status: Some("5.1.1".to_owned()),
            reply: Some("5.1.1 no such\r\nuser".to_owned()),
            attempts: 2,
            ..Failed::default()
        };
        let report = completed(
            &done(&[(State::Accepted, 9), (State::Refused, 1)], &[failed]),
            Tz::UTC,
            Some("https://circulars.itu.example"),
        );
        assert_eq!(report.subject, "Circular BDT/9 is completed: 9 of 10 accepted, 1 not");
        let text = text(&report);
        for words in [
            "  1. Ada, Ministry of Posts\n     ada@x.example  (academia)\n     There is no such mailbox.\n",
            "     Reply: after 2 attempts: 550 5.1.1 no such user\n     To do: Ask the office",
            "Totals: 10\n  9 accepted: ",
            "POSSIBLE DUPLICATES 1",
            "`circulard resend \"Circular BDT/9\" --only refused`",
            "correct it in the list, then `circulard resend \"Circular BDT/9\" --new`",
            "circulard show \"Circular BDT/9\"",
            "or in the dashboard:\n  https://circulars.itu.example/circulars/7\n",
        ] {
            assert!(text.contains(words), "{words:?} in {text}");
        }
        assert!(text.find("REFUSED 1") < text.find("Totals: 10"));
        assert!(report.lines.iter().all(|line| !line.1.contains(['\r', '\n', '\u{202E}'])));
    }

    #[test]
    fn where_nobody_failed_the_subject_says_so() {
        let report = completed(&done(&[(State::Accepted, 10)], &[]), Tz::UTC, None);
        assert_eq!(report.subject, "Circular BDT/9 is completed: all 10 accepted");
        assert!(!text(&report).contains("REFUSED"));
        assert!(!text(&report).contains("dashboard"), "where there is none, none is named");
    }

    #[test]
    fn names_that_are_left_out_are_counted() {
        let report = completed(&done(&[(State::Refused, 30)], &[Failed::default(), Failed::default()]), Tz::UTC, None);
        assert!(text(&report).contains("And 28 more: `circulard log"));
    }
}
