//! What is wrong with one relay: the same refusal again and again, or final dots without an answer.

use std::collections::BTreeSet;

use super::{Pause, REFUSALS_IN_A_ROW, Refusal};
use crate::delivery::{Next, Outcome, judge};

/// Bad mailboxes side by side: a ministry that has changed its domain has some; a relay that knows nobody has all.
const BAD_MAILBOXES_IN_A_ROW: u32 = 10;
/// The first doubt may be an accident of the line.
const DOUBTS_IN_A_ROW: u32 = 2;

/// The repetitions on one relay.
#[derive(Debug, Clone, Default)]
pub struct Streak {
    refusal: Option<Repeated>,
    doubts: u32,
}

#[derive(Debug, Clone)]
struct Repeated {
    refusal: Refusal,
    times: u32,
    /// Those of whom it was said, while that is counted.
    addressees: BTreeSet<String>,
}

impl Streak {
    /// Counts the outcome of a transaction for `address`. A pause comes back with the refusal that is one too many and with
    /// every one after it, so that sessions that were still at work put their deliveries back too.
    pub fn note(&mut self, address: &str, outcome: &Outcome) -> Option<Pause> {
        match judge(outcome).next {
            Next::Accepted => *self = Self::default(),
            Next::InDoubt => {
                self.doubts = self.doubts.saturating_add(1);
                if self.doubts >= DOUBTS_IN_A_ROW {
                    return Some(Pause::Doubts(self.doubts));
                }
            }
            _ => {}
        }
        let refusal = Refusal::in_outcome(outcome)?;
        let repeated = match &mut self.refusal {
            Some(repeated) if repeated.refusal == refusal => repeated,
            other => other.insert(Repeated { refusal, times: 0, addressees: BTreeSet::new() }),
        };
        repeated.count(address).then_some(Pause::SameRefusal(refusal, repeated.times))
    }

    /// One doubt is tried again first; after two in a row nothing in doubt is, until the relay has answered 250.
    pub fn may_retry_doubt(&self) -> bool {
        self.doubts < DOUBTS_IN_A_ROW
    }
}

impl Repeated {
    /// Whether that is too many. Of a bad mailbox each addressee is counted once, however many letters go there.
    fn count(&mut self, address: &str) -> bool {
        if !self.refusal.names_a_bad_mailbox() {
            self.times = self.times.saturating_add(1);
            return self.times >= REFUSALS_IN_A_ROW;
        }
        let enough = self.times >= BAD_MAILBOXES_IN_A_ROW;
        if enough || self.addressees.insert(address.to_lowercase()) {
            self.times = self.times.saturating_add(1);
        }
        self.times >= BAD_MAILBOXES_IN_A_ROW
    }
}
