//! Which of several equal relays takes the next delivery: each its weight's part of what goes out.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Deliveries that a relay may be ahead of its part, so that a session more or less does not stop anyone.
const AHEAD: u64 = 2;
/// The others wait so long for a relay to take its part: one that waits ten minutes for the answer to a dot (RFC 5321
/// §4.5.3.2.6) keeps nobody.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);

/// What the relays of one priority have taken, in units of their weights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares(BTreeMap<String, Share>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    weight: u64,
    taken: u64,
    /// Others wait for it to take one.
    awaited_since: Option<DateTime<Utc>>,
}

impl Shares {
    /// Relays by name and weight.
    pub fn new<'a>(relays: impl IntoIterator<Item = (&'a str, u16)>) -> Self {
        let share = |weight: u16| Share { weight: u64::from(weight.max(1)), taken: 0, awaited_since: None };
        Self(relays.into_iter().map(|(name, weight)| (name.to_owned(), share(weight))).collect())
    }

    /// Whether a relay may take a delivery now. For those for whom `is_away` (resting, or out of tokens), and for one that
    /// has been waited for in vain, nobody waits: neither now, nor later for what it has missed.
    pub fn may_take(&mut self, relay: &str, now: DateTime<Utc>, is_away: impl Fn(&str) -> bool) -> bool {
        let Some(own) = self.0.get(relay).copied() else { return true };
        let mut may = true;
        for (name, other) in self.0.iter_mut().filter(|(name, _)| *name != relay) {
            // taken / weight, in whole numbers
            if own.taken * other.weight <= (other.taken + AHEAD) * own.weight {
                continue;
            }
            let since = *other.awaited_since.get_or_insert(now);
            if is_away(name) || (now - since).abs() > PATIENCE {
                other.taken = own.taken * other.weight / own.weight;
            } else {
                may = false;
            }
        }
        may
    }

    /// A relay has taken one.
    pub fn took(&mut self, relay: &str) {
        if let Some(share) = self.0.get_mut(relay) {
            share.taken += 1;
            share.awaited_since = None;
        }
    }
}
