//! From the outcome of a transaction to what the ledger keeps of it.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Dispatch,
    lane::{Lane, Letter},
};
use crate::{
    delivery::{
        Blame, Failure, Next, NextTry, Outcome, Pause, Refusal, Reply, Stage, State, Trouble, Verdict, hint_in, judge,
    },
    ledger::{Charge, DeliveryId, Finish, InDoubt},
    report::{mask, mask_within},
    workers::shelf::Job,
};

/// How a transaction ended, and what else it stops.
pub(super) struct Ended {
    /// For the ledger.
    pub finish: Finish,
    /// Why the circular is paused, if it is.
    pub pause: Option<Paused>,
    /// Whether the relay rests.
    pub rest: bool,
}

/// A circular that is paused.
pub(super) struct Paused {
    pub reason: String,
    /// Refused before for the same reason, which was not theirs.
    pub put_back: Vec<DeliveryId>,
}

pub(super) fn settle(lane: &Lane, letter: &Letter, outcome: &Outcome) -> Ended {
    let (dispatch, job) = (lane.dispatch(), &letter.job);
    let circular = job.issue.record.circular;
    let verdict = judge(outcome);
    // a person has looked at this very refusal and let it go on: now it is the addressee's
    let looked_at = job.due.put_back && verdict.next == Next::Refused;
    let repeats = if looked_at { None } else { lane.gate().note(outcome) };
    let mut pause = dispatch
        .letters
        .note(circular, job.due.id, outcome)
        .map(|pause| Paused { reason: pause.to_string(), put_back: Vec::new() });
    let verdict = match &repeats {
        Some(again @ Pause::SameRefusal(refusal, _)) if verdict.next == Next::Refused => {
            pause = Some(Paused { reason: again.to_string(), put_back: lane.gate().take_refused(circular, refusal) });
            // what repeats is not this addressee's: the delivery stays queued
            Verdict { next: Next::BackToQueue, ..verdict }
        }
        _ => {
            if verdict.next == Next::Refused
                && !looked_at
                && let Some(refusal) = Refusal::in_outcome(outcome)
            {
                lane.gate().remember(circular, job.due.id, refusal);
            }
            verdict
        }
    };
    let ended_at = dispatch.clock.now();
    let (state, next_attempt_at) = next_state(dispatch, job, &verdict, outcome, ended_at);
    let (stage, reply, remark) = told(outcome);
    let charged = matches!(verdict.next, Next::Deferred | Next::Refused);
    let finish = Finish {
        delivery: job.due.id,
        number: i64::from(job.due.attempts) + 1,
        relay: Arc::clone(lane.relay()),
        started_at: letter.started_at,
        ended_at,
        state,
        blame: verdict.blame.map(Blame::as_str),
        stage,
        reply,
        remark,
        charge: if charged { Charge::Addressee } else { Charge::Nobody },
        next_attempt_at,
        sha256: letter.composed.sha256,
    };
    let doubts = matches!(repeats, Some(Pause::Doubts(_)));
    let rest = doubts || (verdict.blame == Some(Blame::Relay) && verdict.next != Next::InDoubt);
    Ended { finish, pause, rest }
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
        relay = &*finish.relay,
        state = finish.state.as_str(),
        stage = finish.stage.as_str(),
        reply = mask_within(&reply),
        "attempt"
    );
}
