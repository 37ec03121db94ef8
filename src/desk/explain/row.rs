//! What is explained as a row: the fields that `explain --format json` and the API show, with what happens next in words.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Explained, Verdict};
use crate::{
    delivery::State,
    desk::{Desk, Reason},
    ledger::{CircularRecord, CircularState},
    report::{format_time, rfc3339, send_once_mended},
};

/// One issue and one address.
#[derive(Debug, Clone, Serialize)]
pub struct ExplainedRow {
    /// As printed.
    pub reference: Option<String>,
    /// The frozen issue; `null`: the one to come.
    pub issue: Option<i64>,
    /// As the list spells it, else as asked.
    pub address: String,
    /// Whether it gets it.
    pub verdict: Verdict,
    /// `to` or `copy`
    pub role: Option<String>,
    /// Its groups among those of the letter.
    pub groups: Vec<String>,
    /// By which rows and rules.
    pub because: Vec<Reason>,
    /// In which language.
    pub language: Option<String>,
    /// Which rule chose it, in words.
    pub language_rule: Option<String>,
    /// Of the delivery, or of the circular where nothing is frozen.
    pub state: String,
    /// RFC 3339.
    pub frozen_at: Option<String>,
    /// RFC 3339.
    pub due_at: Option<String>,
    /// RFC 3339.
    pub accepted_at: Option<String>,
    /// RFC 3339.
    pub next_attempt_at: Option<String>,
    /// What happens next, or what a person can do.
    pub next: String,
}

impl ExplainedRow {
    /// With times in the house's zone; `resting` are sentences about the relays that rest.
    pub fn of(desk: &Desk, record: &CircularRecord, one: &Explained, resting: &[String]) -> Self {
        let at = |at: Option<DateTime<Utc>>| at.map(|at| rfc3339(at, desk.rules.zone));
        let delivery = one.delivery.as_deref();
        Self {
            reference: one.reference.clone(),
            issue: one.issue,
            address: one.address.clone(),
            verdict: one.verdict,
            role: one.role.clone(),
            groups: one.groups.clone(),
            because: one.because.clone(),
            language: one.language.clone(),
            language_rule: one.language_rule.clone(),
            state: one.state.clone(),
            frozen_at: at(one.frozen_at),
            due_at: at(one.due_at),
            accepted_at: delivery.and_then(|entry| at(entry.accepted_at.map(|at| at.to_utc()))),
            next_attempt_at: delivery.and_then(|entry| at(entry.next_attempt_at.map(|at| at.to_utc()))),
            next: what_is_next(desk, record, one, resting),
        }
    }
}

/// What happens next and what it waits for, or what a person can do.
pub fn what_is_next(desk: &Desk, record: &CircularRecord, one: &Explained, resting: &[String]) -> String {
    let next = next(desk, record, one);
    let state = one.delivery.as_deref().and_then(|entry| entry.state.parse().ok());
    let going = matches!(record.state, CircularState::Sending | CircularState::Completed);
    let waits = going && matches!(state, Some(State::Queued | State::Deferred));
    match resting.join("; ") {
        resting if waits && !resting.is_empty() => format!("{next}, but {resting}"),
        _ => next,
    }
}

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
        Ok(State::Queued | State::Deferred | State::InDoubt) if !going => {
            format!("the circular is {}{reason}", record.state.as_str().replace('_', " "))
        }
        Ok(State::Queued) => "it goes out as soon as a session is free".to_owned(),
        Ok(State::Deferred) => match entry.next_attempt_at {
            Some(at) => format!("it is tried again {}", format_time(at.to_utc(), desk.rules.zone)),
            None => "it is tried again".to_owned(),
        },
        Ok(State::InTransaction) => "it is on the wire".to_owned(),
        Ok(State::Accepted) => "nothing; the relay has taken charge of it".to_owned(),
        Ok(State::InDoubt) => format!(
            "it is sent once more through the same relay by itself, marked as a possible duplicate; `circulard settle \"{reference}\"` \
             ends that, if somebody knows what became of it"
        ),
        Ok(State::Held) => format!(
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
