//! What is wrong with more than one delivery: repetitions that pause a relay or a circular.
//!
//! A lost credential or a broken letter shows as the same refusal again and again. It must not mark every government as
//! refused, so the third time is the last, whoever seems to be to blame. Only where the relay says each time that this very
//! mailbox is bad ("no such user") it is believed for longer: a list of offices has dead mailboxes side by side. A relay that
//! says so of everyone has lost its own list, and that shows, too.

use std::fmt;

mod letter;
mod refusal;
mod relay;

pub use letter::{LetterBlame, Others};
pub use refusal::{Refusal, is_refused_for_our_standing};
pub use relay::Streak;

/// Two could be two bad mailboxes; three are a cause.
const REFUSALS_IN_A_ROW: u32 = 3;

/// Why something is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// The relay gives the same 5yz, so many times in a row.
    SameRefusal(Refusal, u32),
    /// The relay left so many final dots in a row without an answer.
    Doubts(u32),
    /// So many different addressees' transactions blamed the letter.
    Letter(usize),
    /// One addressee's transaction blamed the letter so many times, and nobody else's was left to ask.
    LetterForOne(u32),
    /// One addressee's copy was refused so many times as if the relay took nothing from us, while it took others.
    CopyForOne(u32),
}

impl Pause {
    /// Whether it is about one copy alone.
    pub fn is_for_one(&self) -> bool {
        matches!(self, Pause::LetterForOne(_) | Pause::CopyForOne(_))
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pause::SameRefusal(refusal, times) => {
                write!(f, "the relay answered {refusal} {times} times in a row and accepted nothing in between")
            }
            Pause::Doubts(times) => write!(f, "the relay left {times} final dots in a row without an answer"),
            Pause::Letter(addressees) => {
                write!(f, "the relay refuses the letter itself, for {addressees} different addressees")
            }
            Pause::LetterForOne(times) => {
                write!(f, "the relay refuses the letter itself, {times} times for the same addressee")
            }
            Pause::CopyForOne(times) => {
                write!(f, "the relay takes other letters and refused this one {times} times for the same addressee")
            }
        }
    }
}
