//! Refusals that are the same one, and what they say of whom.

use std::fmt;

use crate::delivery::{Blame, EnhancedStatus, Failure, Next, Outcome, ReplyCode, Stage, Trouble, judge};

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

impl Refusal {
    /// RFC 3463 §3.2, §3.3 and RFC 7505 §4.1: the relay says at RCPT that this mailbox, or its domain, does not exist, has
    /// moved, is disabled or full.
    pub(super) fn names_a_bad_mailbox(&self) -> bool {
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

/// Whether the relay refuses one copy as if it took nothing from us.
pub fn is_refused_for_our_standing(outcome: &Outcome) -> bool {
    let verdict = judge(outcome);
    let is_late = Refusal::in_outcome(outcome).is_some_and(|refusal| refusal.stage > Stage::Mail);
    is_late && verdict.blame == Some(Blame::Relay) && verdict.next == Next::BackToQueue
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.code, self.stage)?;
        self.status.map_or(Ok(()), |status| write!(f, " ({status})"))
    }
}
