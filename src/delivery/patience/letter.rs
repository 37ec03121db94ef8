//! What is wrong with one letter, or with one copy of it: refusals that are charged to no addressee must not go round for ever.

use std::collections::BTreeMap;

use super::{Pause, REFUSALS_IN_A_ROW};
use crate::delivery::{Blame, Next, Outcome, judge};

/// How many different addressees make a letter's refusal the letter's fault.
const ADDRESSEES_AGREE: usize = 3;

/// The addressees whose transactions blamed one circular.
#[derive(Debug, Clone, Default)]
pub struct LetterBlame {
    times: BTreeMap<u64, u32>,
    /// Copies that were refused as if the relay took nothing from us.
    standing: BTreeMap<u64, Standing>,
}

/// One such copy.
#[derive(Debug, Clone, Copy)]
struct Standing {
    times: u32,
    /// What the relay had accepted of others before the first time.
    accepted: u64,
}

/// Who else of the circular is still to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Some are: the copy waits until they had their turn.
    Left,
    /// Nobody.
    None,
}

impl LetterBlame {
    /// Counts an outcome for the addressee of `delivery`. Where fewer than three addressees are left, the same one three
    /// times is enough: otherwise it would go round for ever, since no attempt is charged.
    pub fn note(&mut self, delivery: u64, outcome: &Outcome, others: Others) -> Option<Pause> {
        let verdict = judge(outcome);
        if verdict.next != Next::BackToQueue {
            self.standing.remove(&delivery);
        }
        if verdict.blame != Some(Blame::Circular) {
            self.times.remove(&delivery);
            return None;
        }
        let times = self.times.entry(delivery).or_default();
        *times = times.saturating_add(1);
        let times = *times;
        if self.times.len() >= ADDRESSEES_AGREE {
            Some(Pause::Letter(self.times.len()))
        } else {
            (times >= REFUSALS_IN_A_ROW && others == Others::None).then_some(Pause::LetterForOne(times))
        }
    }

    /// Counts a refusal of one copy for which the relay is to blame. Unless it has `accepted` something else since the first
    /// time, it may well take nothing from us at all.
    pub fn note_standing(&mut self, delivery: u64, accepted: u64, others: Others) -> Option<Pause> {
        let standing = self.standing.entry(delivery).or_insert(Standing { times: 0, accepted });
        standing.times = standing.times.saturating_add(1);
        let is_alone = accepted > standing.accepted && others == Others::None;
        (standing.times >= REFUSALS_IN_A_ROW && is_alone).then_some(Pause::CopyForOne(standing.times))
    }

    /// How often a copy was refused in one of these ways.
    pub fn times(&self, delivery: u64) -> u32 {
        let standing = self.standing.get(&delivery).map_or(0, |standing| standing.times);
        self.times.get(&delivery).copied().unwrap_or_default().max(standing)
    }

    /// How many copies were.
    pub fn copies(&self) -> usize {
        self.times.len() + self.standing.keys().filter(|delivery| !self.times.contains_key(delivery)).count()
    }

    /// A person has looked and lets it go on.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}
