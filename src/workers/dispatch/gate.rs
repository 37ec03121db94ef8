//! A relay's gate: open, or resting after a failure that was the relay's.
//!
//! While it rests nobody connects; then one lane tries, and the others follow if it was let in. What happened is said once:
//! when the relay goes down, and when it is up again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    delivery::{Outcome, Pace, Pause, Refusal, Streak, Throttles, asks_for_less},
    ledger::{CircularId, DeliveryId},
};

mod seats;

pub use seats::Fewer;
use seats::Seats;

/// The first rest; each failure doubles it.
const FIRST_REST: Duration = Duration::from_secs(1);
/// The longest rest after failures that time may mend.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// The rest after failures that only a person can mend (a refused login must not lock the account).
const PERSON_REST: Duration = Duration::from_secs(1800);

/// The health of one relay.
#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<Health>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Health {
    rest_until: Option<DateTime<Utc>>,
    /// An earlier run has told that it is down, and nobody that it is up.
    said_down: bool,
    failures: u32,
    /// Rests so far: whoever was let in before one began says nothing of it.
    rests: u64,
    trying: bool,
    seats: Seats,
    reason: String,
    streak: Streak,
    /// When the next delivery in doubt may be tried although nothing was accepted since two doubts in a row.
    probe_at: Option<DateTime<Utc>>,
    throttles: Throttles,
    /// How fast it takes messages without complaint.
    pace: Pace,
    /// When there will be a token again, if there is none.
    no_token_until: Option<DateTime<Utc>>,
    /// Messages that it has accepted from this daemon.
    accepted: u64,
    /// Refused here since the last acceptance: should the same refusal repeat, they were not about their addressees.
    refused: Vec<(CircularId, DeliveryId, Refusal)>,
}

/// Why a relay rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Time may mend it; `Some`: the relay said how long to stay away.
    Passing(Option<Duration>),
    /// Only a person can mend it.
    ForAPerson,
}

/// What happened to the relay, to be told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turned {
    /// It was up and is down, until then.
    Down(String, DateTime<Utc>),
    /// It was tried after its rest, and rests again, until then.
    Again(DateTime<Utc>),
    /// It was down and is up.
    Up,
    /// Nothing new.
    Same,
}

/// The right to open a session. What comes of it says nothing of a rest that began meanwhile.
#[derive(Debug)]
pub struct Permit {
    seat: Seat,
    rests: u64,
    /// It is the one that tries after a rest. Given back, if nothing came of it, when it is dropped.
    trying: Option<Trying>,
}

#[derive(Debug)]
struct Trying(Arc<Gate>);

impl Drop for Trying {
    fn drop(&mut self) {
        self.0.with(|health| health.trying = false);
        self.0.changed.notify_waiters();
    }
}

/// One of the sessions with the relay, until it is dropped.
#[derive(Debug)]
pub struct Seat(Arc<Gate>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.with(|health| health.seats.leave());
        self.0.changed.notify_waiters();
    }
}

impl Gate {
    fn with<T>(&self, act: impl FnOnce(&mut Health) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A gate whose throttles count what was sent before.
    pub fn with_throttles(throttles: Throttles) -> Self {
        Self { state: Mutex::new(Health { throttles, ..Health::default() }), changed: Notify::default() }
    }

    /// An earlier run has told that the relay is down: the first to be let in tells that it is up.
    pub fn was_said_down(&self) {
        self.with(|health| health.said_down = true);
    }

    /// Waits for the right to send one message.
    pub async fn token(&self, clock: &Clock) {
        while let Err(until) = self.take_token(clock.now()) {
            tokio::time::sleep((until - clock.now()).to_std().unwrap_or_default()).await;
        }
    }

    /// Takes the right to send one message, if there is one at once.
    pub fn has_token(&self, now: DateTime<Utc>) -> bool {
        self.take_token(now).is_ok()
    }

    /// Messages may be sent here as fast as they go: nothing is counted.
    pub fn is_unlimited(&self) -> bool {
        self.with(|health| health.throttles.is_empty() && health.pace.per_second().is_none())
    }

    fn take_token(&self, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        self.with(|health| {
            // the pace first: its token is lost to nobody if a limit then says no
            let taken = health.pace.take(now).and_then(|()| health.throttles.take(now));
            health.no_token_until = taken.err();
            taken
        })
    }

    /// Until when nothing may be sent here, because of a rest or a throttle.
    pub fn shut_until(&self) -> Option<DateTime<Utc>> {
        self.with(|health| health.rest_until.into_iter().chain(health.no_token_until).max())
    }

    /// Waits until a session may be opened: the relay is up, or its rest is over and nobody else is trying, and it lets us
    /// have one more.
    pub async fn open(&self, clock: &Clock) {
        loop {
            let changed = self.changed.notified();
            let now = clock.now();
            let free_at = self.with(|health| match health.rest_until {
                Some(_) if health.trying => None,
                Some(until) if until > now => Some(until),
                _ => health.seats.free_at(now),
            });
            match free_at {
                Some(at) if at <= now => return,
                Some(at) => {
                    let _ = tokio::time::timeout((at - now).to_std().unwrap_or_default(), changed).await;
                }
                None => changed.await,
            }
        }
    }

    /// The right to open a session now; `None`: it rests, or another lane is trying it, or has the last seat.
    pub fn permit(self: &Arc<Self>, now: DateTime<Utc>) -> Option<Permit> {
        self.with(|health| {
            let tries = match health.rest_until {
                None => false,
                Some(until) if health.trying || until > now => return None,
                Some(_) => true,
            };
            if !health.seats.take(now) {
                return None;
            }
            health.trying |= tries;
            let trying = tries.then(|| Trying(Arc::clone(self)));
            Some(Permit { seat: Seat(Arc::clone(self)), rests: health.rests, trying })
        })
    }

    /// The relay let a lane in, which has a seat from now on.
    pub fn let_in(&self, permit: Permit) -> (Turned, Seat) {
        let Permit { seat, rests, trying } = permit;
        let turned = self.with(|health| {
            health.seats.let_in();
            if rests == health.rests { health.is_up() } else { Turned::Same }
        });
        drop(trying);
        self.changed.notify_waiters();
        (turned, seat)
    }

    /// The relay let in somebody else.
    pub fn reached(&self) -> Turned {
        let turned = self.with(Health::is_up);
        self.changed.notify_waiters();
        turned
    }

    /// The relay answered 421 to a session that was being opened. `Ok`: others are there, it wants fewer of them, and this
    /// one's seat is free; `Err`: there is no other.
    pub fn sent_away(&self, permit: Permit, now: DateTime<Utc>) -> Result<Fewer, Permit> {
        self.with(|health| health.seats.sent_away(now)).ok_or(permit)
    }

    /// Sessions that are open or being opened.
    pub fn sessions(&self) -> u16 {
        self.with(|health| health.seats.taken())
    }

    /// The relay failed, in a way that is its own: it rests. `chance` in 0..1 spreads what was shut out together; `permit` is
    /// that of the session that could not be opened.
    pub fn shut(&self, rest: Rest, reason: &str, chance: f64, now: DateTime<Utc>, permit: Option<&Permit>) -> Turned {
        let tries = permit.is_some_and(|permit| permit.trying.is_some());
        let turned = self.with(|health| {
            let was_up = health.rest_until.is_none();
            // sessions that were open together fail together: one failure
            if !was_up && !tries {
                return Turned::Same;
            }
            let doubled = FIRST_REST.saturating_mul(1 << health.failures.min(16)).min(LONGEST_REST);
            let rest = match rest {
                Rest::Passing(hint) => doubled.max(hint.unwrap_or_default()),
                Rest::ForAPerson => PERSON_REST,
            };
            health.failures = health.failures.saturating_add(1);
            health.rests += 1;
            health.seats.forget();
            health.probe_at = None;
            let until = now + TimeDelta::from_std(rest.mul_f64(1.0 + chance * 0.1)).unwrap_or(TimeDelta::minutes(5));
            health.rest_until = Some(until);
            reason.clone_into(&mut health.reason);
            if was_up { Turned::Down(reason.to_owned(), until) } else { Turned::Again(until) }
        });
        self.changed.notify_waiters();
        turned
    }

    /// Counts the outcome of a transaction for `address` for what repeats on this relay.
    pub fn note(&self, address: &str, outcome: &Outcome) -> Option<Pause> {
        self.with(|health| {
            if matches!(outcome, Outcome::Accepted(_)) {
                // only what it takes shows that it is well: one that greets and takes nothing rests longer each time
                health.failures = 0;
                health.probe_at = None;
                health.refused.clear();
                health.accepted += 1;
            }
            health.streak.note(address, outcome)
        })
    }

    /// Messages that it has accepted so far.
    pub fn accepted(&self) -> u64 {
        self.with(|health| health.accepted)
    }

    /// Whether it has accepted something since it rested last: then it takes mail from us.
    pub fn takes_mail(&self) -> bool {
        self.with(|health| health.accepted > 0 && health.failures == 0)
    }

    /// Hears an outcome for how fast the relay is fed; its new pace in messages a second, where that changed (`None`: as fast
    /// as it goes).
    pub fn pace(&self, outcome: &Outcome, now: DateTime<Utc>) -> Option<Option<f64>> {
        self.with(|health| match outcome {
            Outcome::Accepted(_) => health.pace.content(now),
            outcome if asks_for_less(outcome) => health.pace.slow_down(now).map(Some),
            Outcome::Failed(_) => None,
        })
    }

    /// Messages a second that it is fed at most; `None`: as fast as it goes.
    pub fn pace_now(&self) -> Option<f64> {
        self.with(|health| health.pace.per_second())
    }

    /// Whether nothing may be sent here at this moment.
    pub fn is_away(&self, now: DateTime<Utc>) -> bool {
        self.with(|health| health.rest_until.is_some() || health.no_token_until.is_some_and(|until| until > now))
    }

    /// Remembers a refusal, should it repeat.
    pub fn remember(&self, circular: CircularId, delivery: DeliveryId, refusal: Refusal) {
        /// More would have been paused long since.
        const MOST: usize = 1000;
        self.with(|health| {
            if health.refused.len() < MOST {
                health.refused.push((circular, delivery, refusal));
            }
        });
    }

    /// The refusals that were the same as the one that repeats, once, by circular: all of a streak, whichever letter they met.
    pub fn take_refused(&self, same: &Refusal) -> BTreeMap<CircularId, Vec<DeliveryId>> {
        self.with(|health| {
            let (back, keep): (Vec<_>, Vec<_>) =
                std::mem::take(&mut health.refused).into_iter().partition(|(_, _, refusal)| refusal == same);
            health.refused = keep;
            let mut by_circular: BTreeMap<CircularId, Vec<DeliveryId>> = BTreeMap::new();
            for (circular, delivery, _) in back {
                by_circular.entry(circular).or_default().push(delivery);
            }
            by_circular
        })
    }

    /// Whether a delivery in doubt may be tried here.
    pub fn may_retry_doubt(&self) -> bool {
        self.with(|health| health.streak.may_retry_doubt())
    }

    /// Whether one delivery in doubt may be tried by then, where nothing else is left that could show that the relay answers
    /// again.
    pub fn may_probe(&self, by: DateTime<Utc>) -> bool {
        self.with(|health| health.rest_until.into_iter().chain(health.probe_at).all(|at| at <= by))
    }

    /// It is being tried: the next one not before this one has come to something, or some while has passed.
    pub fn probes(&self, now: DateTime<Utc>) {
        let after = TimeDelta::from_std(LONGEST_REST).unwrap_or_default();
        self.with(|health| health.probe_at = Some(now + after));
    }

    /// Whether it rests, or is being tried after a rest.
    pub fn rests(&self) -> bool {
        self.with(|health| health.rest_until.is_some())
    }

    /// Until when it rests, and why.
    pub fn resting(&self) -> Option<(DateTime<Utc>, String)> {
        self.with(|health| health.rest_until.map(|until| (until, health.reason.clone())))
    }
}

impl Health {
    /// It has let somebody in. How long it rests next time is another matter: only what it takes shows that it is well.
    fn is_up(&mut self) -> Turned {
        // both, whichever it is
        let was_down = std::mem::take(&mut self.said_down) | self.rest_until.take().is_some();
        if was_down { Turned::Up } else { Turned::Same }
    }
}

#[cfg(test)]
mod tests;
