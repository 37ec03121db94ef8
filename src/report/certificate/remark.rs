//! What a state means for one addressee, and what can be done: in plain words, for people who never saw an SMTP reply.

use super::Line;
use crate::{delivery::State, report::send_once_mended};

/// Meaning and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it means.
    pub meaning: &'static str,
    /// What to do, with the command where there is one; empty where nothing is to be done.
    pub remedy: String,
}

/// RFC 5321 §4.2.2: the only reply by which a relay takes charge of a message.
const TAKEN: i64 = 250;

/// Whether people should look at it before all others: it ended badly, waits for somebody, may have arrived twice, or counts
/// as accepted on a person's word.
pub fn ended_otherwise(line: &Line) -> bool {
    match line.state {
        State::Queued | State::InTransaction => line.possible_duplicate,
        State::Accepted => line.possible_duplicate || is_settled(line),
        _ => true,
    }
}

/// Whether it counts as accepted on a person's word alone.
pub(super) fn is_settled(line: &Line) -> bool {
    line.state == State::Accepted && line.code != Some(TAKEN)
}

/// What the state of a line means, and what can be done. `reference` is the circular's, for the commands.
pub fn remark(line: &Line, reference: &str) -> Remark {
    let (meaning, remedy) = match line.state {
        State::Accepted if is_settled(line) => (
            "Counted as accepted because a person settled it so; no 250 of the relay is on record.",
            "nothing; who settled it, and why, stands among the events".to_owned(),
        ),
        State::Accepted if line.possible_duplicate => (
            "Accepted; an earlier attempt got no answer, so this office may have received the same message twice.",
            String::new(),
        ),
        State::Accepted => ("Accepted by the relay.", String::new()),
        State::Refused => refused(line, reference),
        State::Expired => (
            "No attempt was accepted before the time to give up; the relay's last words are given.",
            format!("once the cause is mended: circulard resend \"{reference}\" --only expired"),
        ),
        State::Withdrawn => (
            "The circular was cancelled before this copy was sent.",
            "if this office should still have it, issue the letter under a new reference".to_owned(),
        ),
        State::InDoubt => (
            "The relay gave no answer after the whole message: this copy may or may not have gone on.",
            settle(line, reference),
        ),
        State::Held if line.doubts > 0 => (
            "Held for a person: the relay gave no answer after the whole message, so this copy may or may not have gone on.",
            settle(line, reference),
        ),
        State::Held => (
            "Held for a person; the reason is given with it.",
            format!("when it may go: circulard release \"{reference}\""),
        ),
        State::Deferred => (
            "Tried and put off by the relay; it is tried again by itself.",
            "nothing; wait for the final state".to_owned(),
        ),
        State::Queued if line.attempts > 0 => {
            ("Tried and put back, through no fault of this office; it goes out by itself.", String::new())
        }
        State::Queued => ("Not yet sent.", String::new()),
        State::InTransaction => ("On the wire at this moment.", String::new()),
    };
    Remark { meaning, remedy }
}

fn settle(line: &Line, reference: &str) -> String {
    format!(
        "ask the relay's administrator by the Message-ID, or the office, then: circulard settle \"{reference}\" {} accepted (or lost)",
        line.address
    )
}

/// RFC 3463 §3: the second number says what the refusal is about.
fn refused(line: &Line, reference: &str) -> (&'static str, String) {
    let again = format!("circulard resend \"{reference}\" --only refused");
    let mended = send_once_mended(reference);
    let mut numbers = line.status.as_deref().unwrap_or_default().split('.').skip(1);
    match (numbers.next(), numbers.next()) {
        (Some("1"), _) => (
            "Refused for good: the relay says that this address does not exist, or does not take mail.",
            format!("ask the office for its present address. {mended}"),
        ),
        (Some("2"), Some("2")) => {
            ("Refused for good: the mailbox is full.", format!("ask the office to make room, then: {again}"))
        }
        (Some("2"), Some("3")) | (Some("3"), Some("4")) => (
            "Refused for good: the message is larger than this office's server takes.",
            "send this office the annexes another way".to_owned(),
        ),
        (Some("2"), _) => {
            ("Refused for good: the mailbox exists and takes no mail.", format!("ask the office, then: {again}"))
        }
        (Some("7"), _) => (
            "Refused for good by a rule of the other side, as its words say.",
            format!("ask the office's administrator to let this sender through, then: {again}"),
        ),
        _ => ("Refused for good; the relay's words are given.", format!("read the relay's words. {mended}")),
    }
}
