//! What is wrong with more than one delivery: repetitions that pause a relay or a circular.
//!
//! A lost credential or a broken letter shows as the same refusal again and again. It must not mark every government as
//! refused, so the third time is the last, whoever seems to be to blame.

use std::{collections::BTreeMap, fmt};

use super::{Blame, EnhancedStatus, Failure, Next, Outcome, ReplyCode, Stage, Trouble, judge};

/// Two could be two bad mailboxes; three are a cause.
const REFUSALS_IN_A_ROW: u32 = 3;
/// The first doubt may be an accident of the line.
const DOUBTS_IN_A_ROW: u32 = 2;
/// How many different addressees make a letter's refusal the letter's fault.
const ADDRESSEES_AGREE: usize = 3;

/// What two refusals share when they are the same one. The text is left out: it names the addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// Where.
    pub stage: Stage,
    /// The three digits.
    pub code: ReplyCode,
    /// The enhanced status, where there was one.
    pub status: Option<EnhancedStatus>,
}

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
}

/// The repetitions on one relay.
#[derive(Debug, Clone, Default)]
pub struct Streak {
    refusal: Option<(Refusal, u32)>,
    doubts: u32,
}

/// The addressees whose transactions blamed one circular.
#[derive(Debug, Clone, Default)]
pub struct LetterBlame {
    times: BTreeMap<u64, u32>,
}

impl Streak {
    /// Counts an outcome. A pause comes back with the third identical 5yz and with every one after it, so that sessions
    /// that were still at work put their deliveries back too.
    pub fn note(&mut self, outcome: &Outcome) -> Option<Pause> {
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
        let times = match self.refusal {
            Some((same, times)) if same == refusal => times.saturating_add(1),
            _ => 1,
        };
        self.refusal = Some((refusal, times));
        (times >= REFUSALS_IN_A_ROW).then_some(Pause::SameRefusal(refusal, times))
    }

    /// One doubt is tried again first; after two in a row nothing in doubt is, until the relay has answered 250.
    pub fn may_retry_doubt(&self) -> bool {
        self.doubts < DOUBTS_IN_A_ROW
    }
}

impl Refusal {
    /// The 5yz in an outcome, if that is what it is.
    pub fn in_outcome(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Failed(Failure { stage, trouble: Trouble::Reply(reply) }) if reply.code.is_permanent() => {
                Some(Self { stage: *stage, code: reply.code, status: reply.status })
            }
            _ => None,
        }
    }
}

impl LetterBlame {
    /// Counts an outcome for the addressee of `delivery`. Where fewer than three addressees are left, the same one three
    /// times is enough: otherwise it would go round for ever, since no attempt is charged.
    pub fn note(&mut self, delivery: u64, outcome: &Outcome) -> Option<Pause> {
        if judge(outcome).blame != Some(Blame::Circular) {
            return None;
        }
        let times = self.times.entry(delivery).or_default();
        *times = times.saturating_add(1);
        let times = *times;
        if self.times.len() >= ADDRESSEES_AGREE {
            Some(Pause::Letter(self.times.len()))
        } else {
            (times >= REFUSALS_IN_A_ROW).then_some(Pause::LetterForOne(times))
        }
    }

    /// A person has looked and lets it go on.
    pub fn clear(&mut self) {
        self.times.clear();
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.code, self.stage)?;
        self.status.map_or(Ok(()), |status| write!(f, " ({status})"))
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
        }
    }
}
