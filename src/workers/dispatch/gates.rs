//! The gates of all relays: which relay may have what, for the lanes that take it and for whoever asks whether any could.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::Gate;
use crate::{delivery::State, ledger::Due, smtp::RelaySettings};

/// By the relays' names.
#[derive(Debug, Clone, Default)]
pub struct Gates(BTreeMap<String, Of>);

#[derive(Debug, Clone)]
struct Of {
    gate: Arc<Gate>,
    priority: u8,
}

impl Gates {
    /// One gate a relay.
    pub fn new<'a>(gates: impl IntoIterator<Item = (&'a RelaySettings, Gate)>) -> Self {
        let of = |(relay, gate): (&RelaySettings, Gate)| {
            (relay.name.clone(), Of { gate: Arc::new(gate), priority: relay.priority })
        };
        Self(gates.into_iter().map(of).collect())
    }

    /// A relay's gate.
    pub fn get(&self, relay: &str) -> Option<&Arc<Gate>> {
        self.0.get(relay).map(|of| &of.gate)
    }

    /// All, with their relays' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Gate>)> {
        self.0.iter().map(|(name, of)| (name.as_str(), &of.gate))
    }

    /// Whether a relay that is asked before those of this priority is up. One that is out of tokens is: what it may not have
    /// yet waits for it.
    pub fn has_better(&self, priority: u8) -> bool {
        self.0.values().any(|of| of.priority < priority && !of.gate.rests())
    }

    /// Whether some relay would take a delivery within `patience`.
    pub fn could_go(&self, due: &Due, now: DateTime<Utc>, patience: TimeDelta) -> bool {
        let soon = |gate: &Gate| gate.shut_until().is_none_or(|until| until - now < patience);
        match (due.state, due.relay.as_ref().and_then(|relay| self.get(relay))) {
            // with its own relay, and with no other
            (State::InDoubt, Some(gate)) => soon(gate) && (gate.may_retry_doubt() || gate.may_probe(now + patience)),
            _ => self.0.values().any(|of| !self.has_better(of.priority) && soon(&of.gate)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::{Failure, Outcome, Stage, Throttles, Trouble},
        workers::{dispatch::gate::Rest, shelf::tests::due},
    };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    const PATIENCE: TimeDelta = TimeDelta::seconds(10);

    /// `main`, with a limit of two an hour, and `spare` behind it.
    fn gates() -> Gates {
        let rates = ["2/hour".parse().expect("a rate")];
        let main = Gate::with_throttles(Throttles::new(&rates));
        let relay = |name, priority| {
            let mut relay = RelaySettings::loopback(name, ([127, 0, 0, 1], 25).into());
            relay.priority = priority;
            relay
        };
        Gates::new([(&relay("main", 1), main), (&relay("spare", 2), Gate::default())])
    }

    #[test]
    fn what_waits_for_a_better_relays_limit_could_not_go_now() {
        let gates = gates();
        let main = gates.get("main").expect("main");
        let could_go = |second| gates.could_go(&due(1, State::Queued), at(second), PATIENCE);
        assert!(could_go(0) && gates.has_better(2));
        assert!(main.has_token(at(0)) && !main.has_token(at(1)));
        assert!(!could_go(1), "the spare relay is not asked while the better one is only out of tokens");
        main.shut(Rest::Passing(None), "421", 0.0, at(2), None);
        assert!(could_go(2) && !gates.has_better(2), "now it is");
    }

    #[test]
    fn what_is_in_doubt_could_go_to_its_own_relay_only_and_once_that_has_rested() {
        let gates = gates();
        let main = gates.get("main").expect("main");
        let silence = Outcome::Failed(Failure { stage: Stage::FinalDot, trouble: Trouble::TimedOut });
        main.note("a@b.example", &silence);
        main.note("a@b.example", &silence);
        let hint = std::time::Duration::from_secs(20);
        main.shut(Rest::Passing(Some(hint)), "no answer", 0.0, at(0), None);
        let could_go = |second| gates.could_go(&due(1, State::InDoubt), at(second), PATIENCE);
        assert!(!could_go(0), "its relay rests");
        assert!(could_go(11), "after the rest one is tried");
        main.probes(at(20));
        assert!(!could_go(21), "but not another at the same time");
    }
}
