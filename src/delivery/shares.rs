//! Which of several equal relays takes the next delivery: each its weight's part of what goes out.

use std::collections::BTreeMap;

/// Deliveries that a relay may be ahead of its part, so that a session more or less does not stop anyone.
const AHEAD: u64 = 2;

/// What the relays of one priority have taken, in units of their weights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares(BTreeMap<String, Share>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    weight: u64,
    taken: u64,
}

impl Shares {
    /// Relays by name and weight.
    pub fn new<'a>(relays: impl IntoIterator<Item = (&'a str, u16)>) -> Self {
        let share = |weight: u16| Share { weight: u64::from(weight.max(1)), taken: 0 };
        Self(relays.into_iter().map(|(name, weight)| (name.to_owned(), share(weight))).collect())
    }

    /// Whether a relay may take a delivery now. Those for whom `is_away` (resting, or out of tokens) nobody waits.
    pub fn may_take(&self, relay: &str, is_away: impl Fn(&str) -> bool) -> bool {
        let Some(own) = self.0.get(relay) else { return true };
        let others = self.0.iter().filter(|(name, _)| *name != relay && !is_away(name));
        // taken / weight, in whole numbers
        others.into_iter().all(|(_, other)| own.taken * other.weight <= (other.taken + AHEAD) * own.weight)
    }

    /// A relay has taken one.
    pub fn took(&mut self, relay: &str) {
        if let Some(share) = self.0.get_mut(relay) {
            share.taken += 1;
        }
    }

    /// A relay is back: nobody waits for what it has missed.
    pub fn begin_anew(&mut self) {
        self.0.values_mut().for_each(|share| share.taken = 0);
    }
}
