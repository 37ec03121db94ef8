//! A relay's gate: open, or resting after a failure that was the relay's.
//!
//! While it rests nobody connects; then one lane tries, and the others follow if it was let in. What happened is said once:
//! when the relay goes down, and when it is up again.

use std::{
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
    trying: bool,
    reason: String,
    streak: Streak,
    throttles: Throttles,
    /// How fast it takes messages without complaint.
    pace: Pace,
    /// When there will be a token again, if there is none.
    no_token_until: Option<DateTime<Utc>>,
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
    /// It was down and is up.
    Up,
    /// Nothing new.
    Same,
}

/// The right to try the relay. Given back, if nothing came of it, when it is dropped.
#[derive(Debug)]
pub struct Permit(Arc<Gate>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.with(|health| health.trying = false);
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

    /// Waits until the relay may be tried: it is up, or its rest is over and nobody else is trying.
    pub async fn open(&self, clock: &Clock) {
        loop {
            let changed = self.changed.notified();
            let wait = self.with(|health| match health.rest_until {
                None => Some(Duration::ZERO),
                Some(_) if health.trying => None,
                Some(until) => Some((until - clock.now()).to_std().unwrap_or_default()),
            });
            match wait {
                Some(Duration::ZERO) => return,
                Some(left) => {
                    let _ = tokio::time::timeout(left, changed).await;
                }
                None => changed.await,
            }
        }
    }

    /// The right to open a session now; `None`: it rests, or another lane is trying it.
    pub fn permit(self: &Arc<Self>, now: DateTime<Utc>) -> Option<Permit> {
        let granted = self.with(|health| match health.rest_until {
            None => true,
            Some(until) if health.trying || until > now => false,
            Some(_) => {
                health.trying = true;
                true
            }
        });
        granted.then(|| Permit(Arc::clone(self)))
    }

    /// The relay let a lane in.
    pub fn let_in(&self) -> Turned {
        let was_down = self.with(|health| {
            health.failures = 0;
            // both, whichever it is
            std::mem::take(&mut health.said_down) | health.rest_until.take().is_some()
        });
        self.changed.notify_waiters();
        if was_down { Turned::Up } else { Turned::Same }
    }

    /// The relay failed, in a way that is its own: it rests. `chance` in 0..1 spreads what was shut out together.
    pub fn shut(&self, rest: Rest, reason: &str, chance: f64, now: DateTime<Utc>) -> Turned {
        let turned = self.with(|health| {
            let was_up = health.rest_until.is_none();
            // sessions that were open together fail together: one failure
            if !was_up && !health.trying {
                return Turned::Same;
            }
            let doubled = FIRST_REST.saturating_mul(1 << health.failures.min(16)).min(LONGEST_REST);
            let rest = match rest {
                Rest::Passing(hint) => doubled.max(hint.unwrap_or_default()),
                Rest::ForAPerson => PERSON_REST,
            };
            health.failures = health.failures.saturating_add(1);
            let until = now + TimeDelta::from_std(rest.mul_f64(1.0 + chance * 0.1)).unwrap_or(TimeDelta::minutes(5));
            health.rest_until = Some(until);
            reason.clone_into(&mut health.reason);
            if was_up { Turned::Down(reason.to_owned(), until) } else { Turned::Same }
        });
        self.changed.notify_waiters();
        turned
    }

    /// Counts an outcome for what repeats on this relay.
    pub fn note(&self, outcome: &Outcome) -> Option<Pause> {
        self.with(|health| {
            if matches!(outcome, Outcome::Accepted(_)) {
                // only what it takes shows that it is well: one that greets and takes nothing rests longer each time
                health.failures = 0;
                health.refused.clear();
            }
            health.streak.note(outcome)
        })
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

    /// The refusals of a circular that were the same as the one that repeats, once.
    pub fn take_refused(&self, of: CircularId, same: &Refusal) -> Vec<DeliveryId> {
        self.with(|health| {
            let (back, keep): (Vec<_>, Vec<_>) = std::mem::take(&mut health.refused)
                .into_iter()
                .partition(|(circular, _, refusal)| *circular == of && refusal == same);
            health.refused = keep;
            back.into_iter().map(|(_, delivery, _)| delivery).collect()
        })
    }

    /// Whether a delivery in doubt may be tried here.
    pub fn may_retry_doubt(&self) -> bool {
        self.with(|health| health.streak.may_retry_doubt())
    }

    /// Until when it rests, and why.
    pub fn resting(&self) -> Option<(DateTime<Utc>, String)> {
        self.with(|health| health.rest_until.map(|until| (until, health.reason.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    const PASSING: Rest = Rest::Passing(None);

    #[test]
    fn sessions_that_fail_together_are_one_failure_and_one_alert() {
        let gate = Gate::default();
        assert!(matches!(gate.shut(PASSING, "refused", 0.0, at(0)), Turned::Down(_, until) if until == at(1)));
        for _ in 0..15 {
            assert_eq!(gate.shut(PASSING, "refused", 0.0, at(0)), Turned::Same);
        }
        assert_eq!(gate.resting(), Some((at(1), "refused".to_owned())));
        assert_eq!(gate.let_in(), Turned::Up);
        assert_eq!(gate.let_in(), Turned::Same);
    }

    #[test]
    fn a_relay_that_an_earlier_run_told_to_be_down_is_told_to_be_up_once() {
        let gate = Gate::default();
        gate.was_said_down();
        assert_eq!(gate.let_in(), Turned::Up);
        assert_eq!(gate.let_in(), Turned::Same);
    }

    #[test]
    fn each_try_that_fails_doubles_the_rest_up_to_five_minutes() {
        let gate = Arc::new(Gate::default());
        let mut now = at(0);
        let mut rests = Vec::new();
        for _ in 0..10 {
            let permit = gate.permit(now).expect("its rest is over");
            gate.shut(PASSING, "refused", 0.0, now);
            drop(permit);
            let (until, _) = gate.resting().expect("rests");
            rests.push((until - now).num_seconds());
            now = until;
        }
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    }

    #[test]
    fn after_a_rest_one_lane_tries_and_a_try_that_comes_to_nothing_is_given_back() {
        let gate = Arc::new(Gate::default());
        gate.shut(PASSING, "421", 0.0, at(0));
        assert!(gate.permit(at(0)).is_none(), "it rests");
        let first = gate.permit(at(2)).expect("its rest is over");
        assert!(gate.permit(at(2)).is_none(), "another lane is trying");
        drop(first);
        assert!(gate.permit(at(2)).is_some(), "the try was given back");
    }

    #[test]
    fn a_refused_login_rests_half_an_hour_and_a_hint_is_honoured() {
        let gate = Gate::default();
        gate.shut(Rest::ForAPerson, "535", 0.0, at(0));
        assert_eq!(gate.resting().map(|(until, _)| until), Some(at(1800)));
        let gate = Gate::default();
        gate.shut(Rest::Passing(Some(Duration::from_secs(90))), "421", 0.0, at(0));
        assert_eq!(gate.resting().map(|(until, _)| until), Some(at(90)));
    }
}
