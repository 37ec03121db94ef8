//! From the outcome of a transaction to what the ledger keeps of it.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Dispatch,
    lane::{Lane, Letter},
};
use crate::{
    delivery::{
        Blame, Cause, Failure, Next, NextTry, Others, Outcome, Pause, Refusal, Reply, Stage, State, Trouble, Unfit,
        Verdict, hint_in, is_refused_for_our_standing, judge,
    },
    ledger::{Charge, CircularId, DeliveryId, Finish, InDoubt},
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

/// A circular that is paused, and others that met the same refusal.
pub(super) struct Paused {
    pub reason: String,
    /// Refused before for the same reason, which was not theirs.
    pub put_back: BTreeMap<CircularId, Vec<DeliveryId>>,
}

/// What an outcome means after all that came before it.
struct Weighed {
    verdict: Verdict,
    pause: Option<Paused>,
    /// The relay leaves one final dot after the other without an answer.
    doubts: bool,
    /// How often this copy alone was refused so: others go first, and longer each time.
    patience: Option<u32>,
}

pub(super) fn settle(lane: &Lane, letter: &Letter, outcome: &Outcome) -> Ended {
    let (dispatch, job) = (lane.dispatch(), &letter.job);
    let Weighed { verdict, pause, doubts, patience } = weigh(lane, job, outcome);
    let ended_at = dispatch.clock.now();
    let (state, mut next_attempt_at) = next_state(dispatch, job, &verdict, outcome, ended_at);
    if let (State::Queued, Some(times)) = (state, patience) {
        // others first: neither they nor the relay wait for the one copy that it does not take
        let wait = TimeDelta::from_std(dispatch.retry.intervals.wait(times, chance(ended_at))).unwrap_or_default();
        next_attempt_at = Some(ended_at + wait);
    }
    let (stage, reply, remark) = outcome.told();
    let charged = matches!(verdict.next, Next::Deferred | Next::Refused);
    let finish = Finish {
        delivery: job.due.id,
        number: letter.number(),
        relay: Arc::clone(lane.relay()),
        started_at: letter.started_at,
        ended_at,
        state,
        blame: verdict.blame.map(Blame::as_str),
        stage,
        reply: reply.cloned(),
        remark,
        charge: if charged { Charge::Addressee } else { Charge::Nobody },
        next_attempt_at,
        sha256: letter.composed.sha256,
    };
    let rest = doubts || (verdict.blame == Some(Blame::Relay) && verdict.next != Next::InDoubt);
    Ended { finish, pause, rest }
}

/// Counts an outcome against relay and letter, unless a person has looked at this very refusal and let it go on.
fn weigh(lane: &Lane, job: &Job, outcome: &Outcome) -> Weighed {
    if job.due.put_back && is_the_addressees_now(lane, job, outcome) {
        let verdict = Verdict { blame: Some(Blame::Addressee), next: Next::Refused, cause: Cause::Refusal };
        return Weighed { verdict, pause: None, doubts: false, patience: None };
    }
    let (dispatch, circular) = (lane.dispatch(), job.issue.record.circular);
    let mut verdict = judge(outcome);
    let repeats = lane.gate().note(&job.due.address, outcome);
    let open = dispatch.tally.count(job.issue.record.id, &[State::Queued, State::Deferred, State::InTransaction]);
    let counted = dispatch.letters.note(circular, job.due.id, outcome, open, lane.gate().accepted());
    let mut pause = counted.pause.map(|pause| Paused {
        reason: why(pause, job, outcome),
        // the one copy that it is about, by name, wherever it was refused
        put_back: BTreeMap::from([(circular, Vec::from_iter(pause.is_for_one().then_some(job.due.id)))]),
    });
    let waits = counted.others == Others::Left || is_refused_for_our_standing(outcome);
    match (&repeats, Refusal::in_outcome(outcome)) {
        (Some(again @ Pause::SameRefusal(refusal, _)), _) if verdict.next == Next::Refused => {
            pause = Some(Paused { reason: again.to_string(), put_back: lane.gate().take_refused(refusal) });
            // what repeats is not this addressee's: the delivery stays queued
            verdict.next = Next::BackToQueue;
        }
        (_, Some(refusal)) if verdict.next == Next::Refused => {
            lane.gate().remember(circular, job.due.id, refusal);
        }
        _ => {}
    }
    let doubts = matches!(repeats, Some(Pause::Doubts(_)));
    Weighed { verdict, pause, doubts, patience: (counted.times > 0 && waits).then_some(counted.times) }
}

/// Whether a refusal that a person has looked at is the addressee's: it says so, or the relay takes this very letter for
/// others.
fn is_the_addressees_now(lane: &Lane, job: &Job, outcome: &Outcome) -> bool {
    let verdict = judge(outcome);
    let is_taken = || lane.dispatch().tally.count(job.issue.record.id, &[State::Accepted]) > 0;
    let is_late = match outcome {
        // the relay cannot carry this very message
        Outcome::Failed(Failure { trouble: Trouble::Unfit(Unfit::Size { .. }), .. }) => true,
        outcome => Refusal::in_outcome(outcome).is_some_and(|refusal| refusal.stage > Stage::Mail),
    };
    match verdict.next {
        Next::Refused => true,
        Next::BackToQueue if is_late && verdict.blame == Some(Blame::Circular) => is_taken(),
        Next::BackToQueue if is_refused_for_our_standing(outcome) => lane.gate().takes_mail() && is_taken(),
        _ => false,
    }
}

/// Why a circular is paused, by name where it is for one addressee.
fn why(pause: Pause, job: &Job, outcome: &Outcome) -> String {
    match pause {
        one if one.is_for_one() => format!(
            "{pause}: {}: {}; all others have had their turn. Released it is tried once more, and counts as refused if that \
             ends so again and others have got it",
            job.due.address,
            reason(outcome)
        ),
        pause => pause.to_string(),
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
