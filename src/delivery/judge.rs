//! Whose fault an outcome is, and where the delivery goes next.
//!
//! Decided by the enhanced status code first (RFC 3463), then by the stage. It never ends a delivery badly on a guess: an
//! unknown reply is temporary, silence after the final dot is doubt, and what speaks of us, the relay or the letter is
//! never charged to the addressee. RFC 5321 §4.2.1 gives the first digit, §4.5.3.1.10 the bare 552.

use std::{fmt, time::Duration};

use super::{EnhancedStatus, Failure, Outcome, Reply, Stage, Trouble, Unfit, hint_in, wording};

/// Whose fault it is, and so what has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The relay, or our standing with it: the relay backs off.
    Relay,
    /// The letter: it is paused once three different addressees say so.
    Circular,
    /// This one mailbox, or this one attempt: the delivery alone waits or ends.
    Addressee,
}

/// Where the delivery goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// Exactly 250 to the final dot.
    Accepted,
    /// By the retry table; an attempt is charged.
    Deferred,
    /// Final.
    Refused,
    /// The relay may have the message.
    InDoubt,
    /// As if it had not been tried: no attempt is charged.
    BackToQueue,
}

/// Why, in the words an alert or a log line uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// 250
    Accepted,
    /// No connection, or it broke before a transaction began.
    Unreachable,
    /// 421, or 4yz before the addressee was named.
    Busy,
    /// TLS failed, or the certificate is not the relay's.
    Tls,
    /// The relay does not take mail from us: 5.7.x, 530, 535, 554.
    NotAuthorised,
    /// The reverse-path was refused.
    Sender,
    /// The message is too large.
    Size,
    /// The message's content was refused.
    Content,
    /// 4yz about this addressee.
    Deferral,
    /// 5yz about this addressee.
    Refusal,
    /// The connection broke, or time ran out, before the final dot.
    BrokeBeforeDot,
    /// An answer that does not fit the question.
    Protocol,
    /// Nothing that answers the final dot.
    Silence,
}

/// What an outcome means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Nobody's, where the message was accepted.
    pub blame: Option<Blame>,
    /// Where the delivery goes.
    pub next: Next,
    /// Why.
    pub cause: Cause,
}

impl Blame {
    /// For alerts and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Blame::Relay => "relay",
            Blame::Circular => "circular",
            Blame::Addressee => "addressee",
        }
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Next {
    /// Whether the attempt counts for the retry table.
    pub fn charges_an_attempt(self) -> bool {
        self != Next::BackToQueue
    }
}

impl Cause {
    /// Whether a person has to act, so that waiting alone mends nothing.
    pub fn needs_a_person(self) -> bool {
        matches!(
            self,
            Cause::Tls | Cause::NotAuthorised | Cause::Sender | Cause::Size | Cause::Content | Cause::Protocol
        )
    }

    /// For alerts and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Accepted => "accepted",
            Cause::Unreachable => "relay unreachable",
            Cause::Busy => "relay busy",
            Cause::Tls => "TLS failed",
            Cause::NotAuthorised => "the relay does not take mail from us",
            Cause::Sender => "the sender's address was refused",
            Cause::Size => "the message is too large",
            Cause::Content => "the message's content was refused",
            Cause::Deferral => "deferred by the relay",
            Cause::Refusal => "refused for this addressee",
            Cause::BrokeBeforeDot => "the connection broke before the final dot",
            Cause::Protocol => "the relay's answer does not fit the question",
            Cause::Silence => "no answer to the final dot",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The verdict on one outcome.
pub fn judge(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Accepted(reply) if reply.code.get() == 250 => Verdict::of(None, Next::Accepted, Cause::Accepted),
        // Any other positive answer to the final dot belongs to another question: the stream is out of step.
        Outcome::Accepted(_) => Verdict::of(Some(Blame::Relay), Next::InDoubt, Cause::Protocol),
        Outcome::Failed(failure) if failure.stage <= Stage::Auth => before_the_transaction(&failure.trouble),
        Outcome::Failed(Failure { stage, trouble: Trouble::Reply(reply) }) => answered(*stage, reply),
        Outcome::Failed(Failure { stage, trouble }) => unanswered(*stage, trouble),
    }
}

/// How long the relay itself asked us to stay away, if it is to blame and said so.
pub fn relay_wait_hint(outcome: &Outcome) -> Option<Duration> {
    match outcome {
        Outcome::Failed(Failure { trouble: Trouble::Reply(reply), .. })
            if judge(outcome).blame == Some(Blame::Relay) =>
        {
            hint_in(&reply.text)
        }
        _ => None,
    }
}

impl Verdict {
    fn of(blame: Option<Blame>, next: Next, cause: Cause) -> Self {
        Self { blame, next, cause }
    }

    fn relay(cause: Cause) -> Self {
        Self::of(Some(Blame::Relay), Next::BackToQueue, cause)
    }

    fn circular(cause: Cause) -> Self {
        Self::of(Some(Blame::Circular), Next::BackToQueue, cause)
    }

    fn deferred() -> Self {
        Self::of(Some(Blame::Addressee), Next::Deferred, Cause::Deferral)
    }

    fn refused() -> Self {
        Self::of(Some(Blame::Addressee), Next::Refused, Cause::Refusal)
    }

    /// The session is dropped and the relay watched; the attempt counts, so that it cannot go on for ever.
    fn out_of_step(stage: Stage) -> Self {
        let next = if stage == Stage::FinalDot { Next::InDoubt } else { Next::Deferred };
        Self::of(Some(Blame::Relay), next, Cause::Protocol)
    }
}

/// Connect to AUTH: no addressee has been named yet, so none can be to blame.
fn before_the_transaction(trouble: &Trouble) -> Verdict {
    Verdict::relay(match trouble {
        Trouble::Reply(reply) if reply.code.is_permanent() => Cause::NotAuthorised,
        Trouble::Reply(reply) if reply.code.is_transient() => Cause::Busy,
        Trouble::Reply(_) | Trouble::Protocol(_) => Cause::Protocol,
        Trouble::TimedOut | Trouble::Broken(_) | Trouble::Unfit(_) => Cause::Unreachable,
        Trouble::Tls(_) => Cause::Tls,
    })
}

/// MAIL to the final dot, without an answer.
fn unanswered(stage: Stage, trouble: &Trouble) -> Verdict {
    match (stage, trouble) {
        (_, Trouble::Protocol(_)) => Verdict::out_of_step(stage),
        (_, Trouble::Unfit(unfit)) => match unfit {
            Unfit::Address => Verdict::refused(),
            Unfit::Sender => Verdict::circular(Cause::Sender),
            Unfit::Size { .. } => Verdict::circular(Cause::Size),
            Unfit::EightBit => Verdict::circular(Cause::Content),
        },
        (Stage::FinalDot, _) => Verdict::of(Some(Blame::Relay), Next::InDoubt, Cause::Silence),
        // RFC 5321 §4.1.1.4: without the final dot there is no message, so nothing can be in doubt.
        _ => Verdict::of(Some(Blame::Addressee), Next::Deferred, Cause::BrokeBeforeDot),
    }
}

/// MAIL to the final dot, with an answer.
fn answered(stage: Stage, reply: &Reply) -> Verdict {
    let code = reply.code.get();
    if code == 421 {
        // RFC 5321 §3.8: the service closes; that says nothing about this addressee. After the dot it is an answer too.
        Verdict::relay(Cause::Busy)
    } else if reply.code.is_positive() {
        Verdict::out_of_step(stage)
    } else if reply.code.is_transient() {
        transient(stage, reply)
    } else {
        permanent(stage, reply)
    }
}

fn transient(stage: Stage, reply: &Reply) -> Verdict {
    // A relay that checks the sender only at RCPT still speaks of the sender.
    let status = informative(reply);
    // A quota of ours is the relay's to wait for; a mailbox's is not.
    let our_quota = wording::speaks_of_our_rate(&reply.text) && !status.is_some_and(|s| matches!(s.subject, 1 | 2));
    if stage == Stage::Mail || speaks_of_the_sender(status) || our_quota {
        Verdict::relay(Cause::Busy)
    } else {
        Verdict::deferred()
    }
}

fn permanent(stage: Stage, reply: &Reply) -> Verdict {
    let code = reply.code.get();
    let status = informative(reply);
    if speaks_of_the_sender(status) {
        return Verdict::circular(Cause::Sender);
    }
    if matches!(code, 530 | 534 | 535 | 538) {
        return Verdict::relay(Cause::NotAuthorised);
    }
    match status.map(|status| (status.subject, status.detail)) {
        Some((7, detail)) => policy(stage, detail, reply),
        Some((3, 4)) => Verdict::circular(Cause::Size),
        // RFC 6531 §3.5: this mailbox needs SMTPUTF8 and the way to it has none.
        Some((6, 7)) if stage == Stage::Rcpt => Verdict::refused(),
        Some((6, _)) => Verdict::circular(Cause::Content),
        // At MAIL nobody has been named yet.
        Some((1 | 2, _)) if stage != Stage::Mail => Verdict::refused(),
        // RFC 3463 §3.5: the way from the relay to this addressee.
        Some((4, _)) if stage == Stage::Rcpt => Verdict::refused(),
        _ => by_code(stage, reply),
    }
}

/// 5.7.x: our standing with the relay, unless it names the mailbox. Once the message was read it speaks of the message,
/// unless it says that it speaks of us.
fn policy(stage: Stage, detail: u16, reply: &Reply) -> Verdict {
    // RFC 3463 §3.8 (list expansion) and RFC 7293 §5 (the owner of mailbox or domain has changed).
    let about_the_mailbox = matches!(detail, 2 | 17 | 18);
    if stage != Stage::Mail && (about_the_mailbox || names_the_mailbox(reply)) {
        Verdict::refused()
    } else if was_read(stage) && !speaks_of_our_standing(detail, reply) {
        Verdict::circular(Cause::Content)
    } else {
        Verdict::relay(Cause::NotAuthorised)
    }
}

/// Whether the message was with the relay, or on its way there, when it answered.
fn was_read(stage: Stage) -> bool {
    matches!(stage, Stage::Body | Stage::FinalDot)
}

/// Log-in, encryption and trust (RFC 3463 §3.8, RFC 4954 §6, RFC 5248 §3), and from 5.7.19 on what a relay thinks of the
/// domain and the host that write (RFC 7372: DKIM, SPF, reverse DNS; 5.7.28 our rate; 5.7.5xx large providers' own).
fn speaks_of_our_standing(detail: u16, reply: &Reply) -> bool {
    matches!(detail, 3 | 4 | 8..=16 | 19..) || wording::speaks_of_our_standing(&reply.text)
}

/// No enhanced status that says more than the three digits.
fn by_code(stage: Stage, reply: &Reply) -> Verdict {
    if stage != Stage::Mail && wording::speaks_of_relaying(&reply.text) {
        return Verdict::relay(Cause::NotAuthorised);
    }
    match (stage, reply.code.get()) {
        (Stage::Mail, 554) => Verdict::relay(Cause::NotAuthorised),
        // RFC 1870 §6.1: MAIL with SIZE is refused with 552.
        (Stage::Mail, 552) => Verdict::circular(Cause::Size),
        (Stage::Mail, _) => Verdict::circular(Cause::Sender),
        // RFC 5321 §4.5.3.1.10: an old server's word for 452.
        (Stage::Rcpt, 552) if informative(reply).is_none() => Verdict::deferred(),
        // Out of sequence: it speaks of our commands, not of the mailbox.
        (Stage::Rcpt, 503) => Verdict::out_of_step(stage),
        (Stage::Data, 500..=504) => Verdict::out_of_step(stage),
        // A complete answer to the dot is no doubt: it was not taken.
        (Stage::Body | Stage::FinalDot, 500..=504) => Verdict { next: Next::Deferred, ..Verdict::out_of_step(stage) },
        (Stage::Rcpt, 554) if names_the_mailbox(reply) => Verdict::refused(),
        (Stage::Rcpt, 554) => Verdict::relay(Cause::NotAuthorised),
        (Stage::Rcpt, _) => Verdict::refused(),
        (_, 552) if wording::speaks_of_a_full_mailbox(&reply.text) => Verdict::deferred(),
        (_, 552) => Verdict::circular(Cause::Size),
        _ if was_read(stage) && wording::speaks_of_our_standing(&reply.text) => Verdict::relay(Cause::NotAuthorised),
        _ if wording::speaks_of_content(&reply.text) => Verdict::circular(Cause::Content),
        // After the message, "transaction failed" is said of the message: only what speaks of us makes the relay rest.
        (Stage::Body | Stage::FinalDot, 554) if !names_the_mailbox(reply) && !speaks_of_our_standing(0, reply) => {
            Verdict::circular(Cause::Content)
        }
        (_, 554) if !names_the_mailbox(reply) => Verdict::relay(Cause::NotAuthorised),
        _ => Verdict::refused(),
    }
}

/// x.0.z says nothing that the code does not (RFC 3463 §3.1).
fn informative(reply: &Reply) -> Option<EnhancedStatus> {
    reply.status.filter(|status| status.subject != 0)
}

/// RFC 3463 §3.2: x.1.7 and x.1.8 are the sender's address; RFC 7505 §4.2: x.7.27, the sender's domain takes no mail.
fn speaks_of_the_sender(status: Option<EnhancedStatus>) -> bool {
    matches!(status.map(|status| (status.subject, status.detail)), Some((1, 7 | 8) | (7, 27)))
}

/// A reply with an address in it speaks of that mailbox, unless it says that the relay does not relay for us: a relay that
/// lost our credential names every addressee in turn.
fn names_the_mailbox(reply: &Reply) -> bool {
    wording::has_an_address(&reply.text) && !wording::speaks_of_relaying(&reply.text)
}
