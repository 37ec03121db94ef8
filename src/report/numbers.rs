//! Counts that people can check: a sum, and what it is the sum of.

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

use crate::delivery::State;

/// How many deliveries stand in which state. The number frozen is their sum, by construction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<State, u64>);

impl Totals {
    /// Counts some more.
    pub fn add(&mut self, state: State, count: u64) {
        *self.0.entry(state).or_default() += count;
    }

    /// Counts those of another.
    pub fn add_all(&mut self, other: Self) {
        other.iter().for_each(|(state, count)| self.add(state, count));
    }

    /// The sum over all states.
    pub fn frozen(&self) -> u64 {
        self.0.values().sum()
    }

    /// In one state.
    pub fn count(&self, state: State) -> u64 {
        self.0.get(&state).copied().unwrap_or_default()
    }

    /// States with their counts, in the order people read them; what is zero is left out.
    pub fn iter(&self) -> impl Iterator<Item = (State, u64)> + '_ {
        self.0.iter().filter(|(_, count)| **count > 0).map(|(state, count)| (*state, *count))
    }

    /// In a state that nothing follows.
    pub fn finished(&self) -> u64 {
        State::ALL.into_iter().filter(|state| state.is_final()).map(|state| self.count(state)).sum()
    }

    /// `71 of 73 (97 %)`
    pub fn progress(&self) -> String {
        progress(self.finished(), self.frozen())
    }
}

/// How many count as accepted without the relay's own answer, in a sentence; `None`: not one.
pub fn on_a_persons_word(settled: u64) -> Option<String> {
    let verb = if settled == 1 { "counts" } else { "count" };
    (settled > 0).then(|| {
        format!("{settled} of the accepted {verb} as accepted on a person's word: no 250 of the relay is on record")
    })
}

impl FromIterator<(State, u64)> for Totals {
    fn from_iter<I: IntoIterator<Item = (State, u64)>>(counts: I) -> Self {
        let mut totals = Self::default();
        for (state, count) in counts {
            totals.add(state, count);
        }
        totals
    }
}

impl fmt::Display for Totals {
    /// `73 frozen: 71 accepted, 1 deferred, 1 refused`: what is zero is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} frozen", self.frozen())?;
        let present = State::ALL.into_iter().filter(|state| self.count(*state) > 0);
        for (index, state) in present.enumerate() {
            let words = state.as_str().replace('_', " ");
            write!(f, "{} {} {words}", if index == 0 { ":" } else { "," }, self.count(state))?;
        }
        Ok(())
    }
}

impl Serialize for Totals {
    /// All states, zeros included, so that no program has to know which are missing.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(State::ALL.into_iter().map(|state| (state.as_str(), self.count(state))))
    }
}

/// `71 of 73 (97 %)`
pub fn progress(done: u64, whole: u64) -> String {
    format!("{done} of {whole} ({})", percent(done, whole))
}

/// Whole percent, rounded down: 100 % is all of it, and 0 % is none.
pub fn percent(part: u64, whole: u64) -> String {
    match (part, whole) {
        (0, 0) => "100 %".to_owned(),
        (0, _) => "0 %".to_owned(),
        (_, 0) => "-".to_owned(),
        _ => match u128::from(part) * 100 / u128::from(whole) {
            0 => "under 1 %".to_owned(),
            percent => format!("{percent} %"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_totals_line_is_a_sum_and_its_parts() {
        let totals: Totals =
            [(State::Refused, 1), (State::Accepted, 70), (State::Deferred, 1), (State::Accepted, 1), (State::Held, 0)]
                .into_iter()
                .collect();
        assert_eq!(totals.to_string(), "73 frozen: 71 accepted, 1 deferred, 1 refused");
        assert_eq!((totals.frozen(), totals.finished()), (73, 72));
        assert_eq!(totals.progress(), "72 of 73 (98 %)");
        assert_eq!(Totals::default().to_string(), "0 frozen");
        let doubt: Totals = [(State::InDoubt, 2)].into_iter().collect();
        assert_eq!(doubt.to_string(), "2 frozen: 2 in doubt");
        let json = serde_json::to_value(&totals).expect("json");
        assert_eq!(json["accepted"], 71);
        assert_eq!(json["in_transaction"], 0);
        assert_eq!(json.as_object().map(|o| o.len()), Some(State::ALL.len()));
    }

    #[test]
    fn a_hundred_percent_is_all_of_it_and_nothing_less() {
        for (part, whole, shown) in [
            (0, 0, "100 %"),
            (0, 5000, "0 %"),
            (1, 5000, "under 1 %"),
            (4999, 5000, "99 %"),
            (5000, 5000, "100 %"),
            (u64::MAX, u64::MAX, "100 %"),
            (1, 0, "-"),
        ] {
            assert_eq!(percent(part, whole), shown, "{part}/{whole}");
        }
    }
}
