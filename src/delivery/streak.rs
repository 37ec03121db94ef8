//! What is wrong with more than one delivery: repetitions that pause a relay or a circular.
//!
//! A lost credential or a broken letter shows as the same refusal again and again. It must not mark every government as
//! refused, so the third time is the last, whoever seems to be to blame. Only where the relay says each time that this very
//! mailbox is bad ("no such user") it is believed for longer: a list of offices has dead mailboxes side by side. A relay that
//! says so of everyone has lost its own list, and that shows, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{Blame, EnhancedStatus, Failure, Next, Outcome, ReplyCode, Stage, Trouble, judge};

/// Two could be two bad mailboxes; three are a cause.
const REFUSALS_IN_A_ROW: u32 = 3;
/// Bad mailboxes side by side: a ministry that has changed its domain has some; a relay that knows nobody has all.
const BAD_MAILBOXES_IN_A_ROW: u32 = 10;
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
    /// One addressee's copy was refused so many times as if the relay took nothing from us, while it took others.
    CopyForOne(u32),
}

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

impl Refusal {
    /// RFC 3463 §3.2, §3.3 and RFC 7505 §4.1: the relay says at RCPT that this mailbox, or its domain, does not exist, has
    /// moved, is disabled or full.
    fn names_a_bad_mailbox(&self) -> bool {
        let status = self.status.map(|status| (status.subject, status.detail));
        self.stage == Stage::Rcpt && matches!(status, Some((1, 1 | 2 | 3 | 4 | 6 | 10) | (2, 1 | 2 | 4)))
    }

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
            Pause::CopyForOne(times) => {
                write!(f, "the relay takes other letters and refused this one {times} times for the same addressee")
            }
        }
    }
}
