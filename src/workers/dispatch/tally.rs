//! What people watch while a circular goes out. Never the truth: that is the ledger's.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{delivery::State, ledger::IssueId, report::Totals};

/// Running counts by issue.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<BTreeMap<IssueId, Count>>>);

/// The running count of one issue. Signed, because two lanes may tell their moves in any order.
#[derive(Debug, Clone)]
struct Count {
    reference: String,
    states: BTreeMap<State, i64>,
}

impl Tally {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<IssueId, Count>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes up an issue with what the ledger counts now.
    pub fn open(&self, issue: IssueId, reference: &str, totals: Totals) {
        let states = totals.iter().map(|(state, count)| (state, count.cast_signed())).collect();
        self.with(|all| all.insert(issue, Count { reference: reference.to_owned(), states }));
    }

    /// Moves one delivery from a state to another.
    pub fn moved(&self, issue: IssueId, from: State, to: State) {
        self.with(|all| {
            if let Some(count) = all.get_mut(&issue) {
                *count.states.entry(from).or_default() -= 1;
                *count.states.entry(to).or_default() += 1;
            }
        });
    }

    /// Drops an issue that is complete or stopped.
    pub fn close(&self, issue: IssueId) {
        self.with(|all| all.remove(&issue));
    }

    /// How many copies of an issue are in one of these states.
    pub fn count(&self, issue: IssueId, states: &[State]) -> u64 {
        let sum = |count: &Count| states.iter().filter_map(|state| count.states.get(state)).sum::<i64>();
        self.with(|all| all.get(&issue).map_or(0, |count| sum(count).max(0).unsigned_abs()))
    }

    /// Reference and totals of every open issue, for whoever draws them.
    pub fn look(&self) -> Vec<(String, Totals)> {
        let totals = |count: &Count| {
            count.states.iter().map(|(state, count)| (*state, (*count).max(0).unsigned_abs())).collect()
        };
        self.with(|all| all.values().map(|count| (count.reference.clone(), totals(count))).collect())
    }
}
