//! From the outcome of a transaction to what the ledger keeps of it.

use chrono::{DateTime, Utc};

use super::{Dispatch, shelf::Job};
use crate::{
    delivery::{Blame, Failure, Next, NextTry, Outcome, Pause, Reply, Stage, State, Trouble, Verdict, hint_in, judge},
    ledger::{Charge, Finish, InDoubt},
    report::mask,
};

/// How a transaction ended, and what else it stops.
pub(super) struct Ended {
    /// For the ledger.
    pub finish: Finish,
    /// Why the circular is paused, if it is.
    pub pause_circular: Option<String>,
    /// Whether the relay rests.
    pub rest: bool,
}

pub(super) fn settle(
    dispatch: &Dispatch,
    job: &Job,
    relay: &str,
    outcome: &Outcome,
    pause: Option<Pause>,
    started_at: DateTime<Utc>,
) -> Ended {
    let verdict = judge(outcome);
    let letter = dispatch.letter_blame(job, outcome);
    let repeated = match pause {
        Some(pause @ Pause::SameRefusal(..)) if verdict.next == Next::Refused => Some(pause),
        _ => None,
    };
    // what repeats is not this addressee's: the delivery stays queued
    let verdict = match repeated {
        Some(_) => Verdict { next: Next::BackToQueue, ..verdict },
        None => verdict,
    };
    if repeated.is_some() {
        dispatch.put_back_refused(job.issue.record.circular);
    } else if verdict.next == Next::Refused {
        dispatch.remember_refused(job);
    } else if verdict.next == Next::Accepted {
        dispatch.forget_refused();
    }
    let ended_at = dispatch.clock.now();
    let (state, next_attempt_at) = next_state(dispatch, job, &verdict, outcome, ended_at);
    let (stage, reply, remark) = told(outcome);
    let finish = Finish {
        delivery: job.due.id,
        relay: relay.to_owned(),
        started_at,
        ended_at,
        state,
        blame: verdict.blame.map(blame_word),
        stage,
        reply,
        remark,
        charge: if verdict.next == Next::Deferred || verdict.next == Next::Refused {
            Charge::Addressee
        } else {
            Charge::Nobody
        },
        next_attempt_at,
    };
    let doubts = matches!(pause, Some(Pause::Doubts(_)));
    Ended {
        finish,
        pause_circular: letter.or(repeated).map(|pause| pause.to_string()),
        rest: doubts || (verdict.blame == Some(Blame::Relay) && verdict.next != Next::InDoubt),
    }
}

fn next_state(
    dispatch: &Dispatch,
    job: &Job,
    verdict: &Verdict,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> (State, Option<DateTime<Utc>>) {
    match verdict.next {
        Next::Accepted => (State::Accepted, None),
        Next::Refused => (State::Refused, None),
        Next::BackToQueue => (State::Queued, None),
        Next::InDoubt if dispatch.settings.in_doubt == InDoubt::Hold || job.due.doubts > 0 => (State::Held, None),
        Next::InDoubt => (State::InDoubt, None),
        Next::Deferred => {
            let hint = match outcome {
                Outcome::Failed(Failure { trouble: Trouble::Reply(reply), .. }) => hint_in(&reply.text),
                _ => None,
            };
            let first = job.due.first_charged_at.unwrap_or(now);
            match dispatch.retry.next_try(first, now, job.due.charged + 1, chance(now), hint) {
                NextTry::At(at) => (State::Deferred, Some(at)),
                NextTry::GiveUp(_) => (State::Expired, None),
            }
        }
    }
}

/// Stage, reply, and what happened where there was no reply.
fn told(outcome: &Outcome) -> (Stage, Option<Reply>, Option<String>) {
    match outcome {
        Outcome::Accepted(reply) => (Stage::FinalDot, Some(reply.clone()), None),
        Outcome::Failed(Failure { stage, trouble: Trouble::Reply(reply) }) => (*stage, Some(reply.clone()), None),
        Outcome::Failed(Failure { stage, trouble }) => (*stage, None, Some(trouble.to_string())),
    }
}

/// For people: what a failed outcome was.
pub(super) fn reason(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted(reply) => reply.to_string(),
        Outcome::Failed(failure) => failure.to_string(),
    }
}

fn blame_word(blame: Blame) -> &'static str {
    match blame {
        Blame::Relay => "relay",
        Blame::Circular => "circular",
        Blame::Addressee => "addressee",
    }
}

/// Jitter in 0..1 from the clock's last digits: spreads retries, and needs no generator.
pub(super) fn chance(now: DateTime<Utc>) -> f64 {
    f64::from(now.timestamp_subsec_nanos() / 100 % 1000) / 1000.0
}

/// One line an attempt, fields always in the same order, the address masked: the ledger has it.
pub(super) fn log_line(job: &Job, finish: &Finish) {
    let reply = finish.reply.as_ref().map_or_else(|| finish.remark.clone().unwrap_or_default(), Reply::to_string);
    tracing::info!(
        target: "circulard::attempt",
        reference = job.issue.record.reference,
        delivery = finish.delivery.0,
        to = mask(&job.due.address),
        relay = finish.relay,
        state = finish.state.as_str(),
        stage = finish.stage.as_str(),
        reply,
        "attempt"
    );
}
