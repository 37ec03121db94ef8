//! One addressee who did not get it: what happened, in plain words, and what to do.

use crate::delivery::State;

/// A copy that ended badly, or may have arrived twice.
#[derive(Debug, Clone, Default)]
pub struct Failed {
    /// From the list.
    pub name: Option<String>,
    /// From the list.
    pub organization: Option<String>,
    /// From the list.
    pub country: Option<String>,
    /// As first spelled.
    pub address: String,
    /// The groups it was addressed in.
    pub groups: Vec<String>,
    /// Reply code of the last attempt.
    pub code: Option<i64>,
    /// Enhanced status code: `5.1.1`.
    pub status: Option<String>,
    /// The relay's words.
    pub reply: Option<String>,
    /// All attempts.
    pub attempts: i64,
}

/// What happened and what to do, by state and enhanced status code (RFC 3463 §3).
pub fn plain_words(state: State, status: Option<&str>) -> (&'static str, &'static str) {
    let class: Vec<&str> = status.unwrap_or_default().split('.').collect();
    let (subject, detail) = match class[..] {
        [_, subject, detail] => (subject, detail),
        _ => ("", ""),
    };
    match (state, subject, detail) {
        (State::Withdrawn, ..) => {
            ("The circular was cancelled before this copy left.", "Nothing, unless it should have gone.")
        }
        (State::Expired, ..) => (
            "The office's server did not take it, however often it was tried.",
            "Ask the office for an address that works; a later try is `resend --only expired`.",
        ),
        (_, "1", "1" | "6") => ("There is no such mailbox.", "Ask the office for its address and correct the list."),
        (_, "1", "2" | "10") => (
            "The domain takes no mail.",
            "Look for a spelling mistake behind the @, or ask the office for its address, and correct the list.",
        ),
        (_, "1", _) => {
            ("The address is not accepted.", "Compare it with what the office gave you, and correct the list.")
        }
        (_, "2", "1") => ("The mailbox is closed.", "Ask the office which address it reads now, and correct the list."),
        (_, "2", "2") => ("The mailbox is full.", "Tell the office by other means; then `resend --only refused`."),
        (_, "2", "3") | (_, "3", "4") => (
            "The message is larger than the office's server takes.",
            "Send the annexes another way, or ask the office for a mailbox that takes them.",
        ),
        (_, "2", _) => ("The mailbox takes no mail.", "Ask the office which address it reads, and correct the list."),
        (_, "7", _) => (
            "The office's server, or our relay, does not let this letter through.",
            "Give the relay's administrator the reply below; the office may have to allow us.",
        ),
        _ => ("It was refused; the reply below says why.", "Give the relay's administrator the reply below."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_code_decides_what_is_said() {
        for (state, status, says) in [
            (State::Refused, Some("5.1.1"), "no such mailbox"),
            (State::Refused, Some("5.1.2"), "domain"),
            (State::Refused, Some("5.1.3"), "address is not accepted"),
            (State::Refused, Some("5.2.1"), "closed"),
            (State::Refused, Some("5.2.2"), "full"),
            (State::Refused, Some("5.3.4"), "larger"),
            (State::Refused, Some("5.7.1"), "let this letter through"),
            (State::Refused, Some("5.0.0"), "the reply below"),
            (State::Refused, Some("nonsense"), "the reply below"),
            (State::Refused, None, "the reply below"),
            (State::Expired, Some("4.4.1"), "however often"),
            (State::Withdrawn, None, "cancelled"),
        ] {
            let (what, remedy) = plain_words(state, status);
            assert!(what.contains(says), "{status:?}: {what}");
            assert!(!remedy.is_empty());
        }
    }
}
