//! The states of a delivery, as text in the ledger and decoded strictly.

use std::{fmt, str::FromStr};

/// Where a delivery stands. The sum over all states of an issue is the number frozen, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Frozen, or put back because relay or circular was to blame.
    Queued,
    /// Durable before the final dot may leave.
    InTransaction,
    /// Exactly 250 to the final dot.
    Accepted,
    /// 4yz that concerns this addressee, or the connection broke before the final dot.
    Deferred,
    /// No answer after the final dot, or found `in_transaction` at start-up.
    InDoubt,
    /// 5yz about this addressee.
    Refused,
    /// The give-up time passed.
    Expired,
    /// The circular was cancelled before it was sent to this addressee.
    Withdrawn,
    /// Held by a person, or by doubt.
    Held,
}

/// A word that is no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a state; the states are {list}", list = State::ALL.map(State::as_str).join(", "))]
pub struct NotAState(pub String);

impl State {
    /// All states, in the order people read them.
    pub const ALL: [State; 9] = [
        State::Queued,
        State::InTransaction,
        State::Accepted,
        State::Deferred,
        State::InDoubt,
        State::Refused,
        State::Expired,
        State::Withdrawn,
        State::Held,
    ];

    /// The word in the ledger, in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::InTransaction => "in_transaction",
            State::Accepted => "accepted",
            State::Deferred => "deferred",
            State::InDoubt => "in_doubt",
            State::Refused => "refused",
            State::Expired => "expired",
            State::Withdrawn => "withdrawn",
            State::Held => "held",
        }
    }

    /// Nothing follows by itself.
    pub fn is_final(self) -> bool {
        matches!(self, State::Accepted | State::Refused | State::Expired | State::Withdrawn)
    }

    /// States that `run --until-idle` reports with exit code 1.
    pub fn ended_badly(self) -> bool {
        matches!(self, State::Refused | State::Expired | State::InDoubt)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = NotAState;

    fn from_str(word: &str) -> Result<Self, NotAState> {
        State::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| NotAState(word.to_owned()))
    }
}
