//! A relay's gate: open, or resting after a failure that was the relay's.
//!
//! While it rests nobody connects; then one lane tries, and the others follow if it was let in. What happened is said once:
//! when the relay goes down, and when it is up again.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    delivery::{Cause, Outcome, Pause, Streak},
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
    failures: u32,
    trying: bool,
    reason: String,
    streak: Streak,
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

impl Gate {
    fn with<T>(&self, act: impl FnOnce(&mut Health) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until a lane may use the relay. After a rest the first to come tries it alone.
    pub async fn enter(&self, clock: &Clock) {
        loop {
            let changed = self.changed.notified();
            let wait = self.with(|health| match health.rest_until {
                None => Some(Duration::ZERO),
                Some(_) if health.trying => None,
                Some(until) => match (until - clock.now()).to_std() {
                    Ok(left) if !left.is_zero() => Some(left),
                    _ => {
                        health.trying = true;
                        Some(Duration::ZERO)
                    }
                },
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

    /// The relay let a lane in.
    pub fn let_in(&self) -> Turned {
        let was_down = self.with(|health| {
            health.trying = false;
            health.failures = 0;
            health.rest_until.take().is_some()
        });
        self.changed.notify_waiters();
        if was_down { Turned::Up } else { Turned::Same }
    }

    /// The relay failed, in a way that is its own: it rests. `hint` is how long it asked to be left alone; `chance` in 0..1
    /// spreads what was shut out together.
    pub fn shut(&self, cause: Cause, reason: &str, hint: Option<Duration>, chance: f64, now: DateTime<Utc>) -> Turned {
        let turned = self.with(|health| {
            let was_up = health.rest_until.is_none();
            // sessions that were open together fail together: one failure
            let counted = was_up || health.trying;
            health.trying = false;
            if !counted {
                return Turned::Same;
            }
            let doubled = FIRST_REST.saturating_mul(1 << health.failures.min(16)).min(LONGEST_REST);
            let rest = if cause.needs_a_person() { PERSON_REST } else { doubled.max(hint.unwrap_or_default()) };
            health.failures = health.failures.saturating_add(1);
            let until = now + TimeDelta::from_std(rest.mul_f64(1.0 + chance * 0.1)).unwrap_or(TimeDelta::minutes(5));
            health.rest_until = Some(until);
            reason.clone_into(&mut health.reason);
            if was_up { Turned::Down(reason.to_owned(), until) } else { Turned::Same }
        });
        self.changed.notify_waiters();
        turned
    }

    /// Counts an outcome for what repeats.
    pub fn note(&self, outcome: &Outcome) -> Option<Pause> {
        self.with(|health| health.streak.note(outcome))
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

    #[test]
    fn sessions_that_fail_together_are_one_failure_and_one_alert() {
        let gate = Gate::default();
        assert!(
            matches!(gate.shut(Cause::Unreachable, "refused", None, 0.0, at(0)), Turned::Down(_, until) if until == at(1))
        );
        for _ in 0..15 {
            assert_eq!(gate.shut(Cause::Unreachable, "refused", None, 0.0, at(0)), Turned::Same);
        }
        assert_eq!(gate.resting(), Some((at(1), "refused".to_owned())));
        assert_eq!(gate.let_in(), Turned::Up);
        assert_eq!(gate.let_in(), Turned::Same);
    }

    #[tokio::test]
    async fn each_try_that_fails_doubles_the_rest_up_to_five_minutes() {
        let gate = Gate::default();
        let mut now = at(0);
        let mut rests = Vec::new();
        for _ in 0..10 {
            gate.shut(Cause::Unreachable, "refused", None, 0.0, now);
            let (until, _) = gate.resting().expect("rests");
            rests.push((until - now).num_seconds());
            now = until;
            gate.enter(&Clock::from_fn(move || now)).await;
        }
        assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    }

    #[test]
    fn a_refused_login_rests_half_an_hour_and_a_hint_is_honoured() {
        let gate = Gate::default();
        gate.shut(Cause::NotAuthorised, "535", None, 0.0, at(0));
        assert_eq!(gate.resting().map(|(until, _)| until), Some(at(1800)));
        let gate = Gate::default();
        gate.shut(Cause::Busy, "421", Some(Duration::from_secs(90)), 0.0, at(0));
        assert_eq!(gate.resting().map(|(until, _)| until), Some(at(90)));
    }
}
