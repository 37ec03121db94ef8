//! Totals as pages show them: a bar of states, each with its words.

use serde::Serialize;

use crate::{delivery::State, report::Totals};

/// Width of a bar, in units of its drawing.
const WIDTH: u64 = 1000;
/// What is there is seen: no part is narrower.
const NARROWEST: u64 = 6;

/// Totals with their bar.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// All.
    pub frozen: u64,
    /// In a final state.
    pub done: u64,
    /// Of a hundred, rounded down.
    pub percent: u64,
    /// `71 of 73 (97 %)`
    pub progress: String,
    /// `73 frozen: 71 accepted, 2 refused`
    pub line: String,
    /// One part for each state that there is.
    pub parts: Vec<Part>,
}

/// One state in a bar.
#[derive(Debug, Serialize)]
pub struct Part {
    /// `in_doubt`
    pub state: &'static str,
    /// How many.
    pub count: u64,
    /// Where it begins, of a thousand.
    pub x: u64,
    /// How wide it is.
    pub width: u64,
}

/// Good ends first, then what moves, then bad ends.
const ORDER: [State; 9] = [
    State::Accepted,
    State::InTransaction,
    State::Queued,
    State::Deferred,
    State::Held,
    State::Withdrawn,
    State::InDoubt,
    State::Expired,
    State::Refused,
];

impl Bar {
    /// The bar of some totals.
    pub fn of(totals: &Totals) -> Self {
        let (frozen, done) = (totals.frozen(), totals.finished());
        let there: Vec<(State, u64)> =
            ORDER.into_iter().map(|state| (state, totals.count(state))).filter(|(_, count)| *count > 0).collect();
        let wide = |count: u64| (count * WIDTH / frozen.max(1)).max(NARROWEST);
        let whole: u64 = there.iter().map(|(_, count)| wide(*count)).sum();
        let (mut x, mut parts) = (0, Vec::new());
        for (index, (state, count)) in there.iter().enumerate() {
            let last = index + 1 == there.len();
            let width = if last { WIDTH - x.min(WIDTH) } else { wide(*count) * WIDTH / whole.max(1) };
            parts.push(Part { state: state.as_str(), count: *count, x, width });
            x += width;
        }
        let percent = (done * 100).checked_div(frozen).unwrap_or(100);
        Self { frozen, done, percent, progress: totals.progress(), line: totals.to_string(), parts }
    }
}

/// `12 345`, with spaces that do not break.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_its_width_and_hides_nothing() {
        for counts in [
            vec![(State::Accepted, 5000)],
            vec![(State::Accepted, 999_999), (State::Refused, 1)],
            vec![(State::Accepted, 1), (State::Refused, 1), (State::Queued, 1)],
            State::ALL.into_iter().map(|state| (state, 1)).collect(),
            State::ALL.into_iter().zip([1, 1_000_000, 1, 1, 1, 1, 1, 1, 1]).collect(),
        ] {
            let count = counts.len();
            let bar = Bar::of(&counts.into_iter().collect());
            assert_eq!(bar.parts.len(), count);
            assert!(bar.parts.iter().all(|part| part.width > 0), "{bar:?}");
            assert_eq!(bar.parts.iter().map(|part| part.width).sum::<u64>(), WIDTH, "{bar:?}");
        }
        let none = Bar::of(&Totals::default());
        assert_eq!((none.parts.len(), none.percent), (0, 100));
    }

    #[test]
    fn numbers_are_read_in_threes() {
        for (number, shown) in
            [(0, "0"), (9999, "9999"), (12345, "12\u{202f}345"), (1_000_000, "1\u{202f}000\u{202f}000")]
        {
            assert_eq!(grouped(number), shown);
        }
    }
}
