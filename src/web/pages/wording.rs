//! What a state means and what happens next, in plain words: the relay's own words stand underneath.

use crate::{
    ledger::{CircularState, LogEntry},
    report::{format_time, send_once_mended},
};

/// What became of a delivery, for somebody who has never heard of SMTP.
pub fn became(entry: &LogEntry) -> String {
    let code = entry.code.unwrap_or_default();
    match entry.state.as_str() {
        "accepted" if entry.possible_duplicate => {
            "Accepted; it may have arrived twice, since an earlier attempt had no answer".into()
        }
        "accepted" => "Accepted: the relay has taken charge of it".into(),
        "queued" if entry.attempts > 0 => "Waits for its turn again".into(),
        "queued" => "Waits for its turn".into(),
        "in_transaction" => "Is being sent just now".into(),
        "deferred" => format!("Not yet: {}", why(entry, code)),
        "in_doubt" => "In doubt: the message went out, and the relay's answer never came".into(),
        "refused" => format!("Refused: {}", why(entry, code)),
        "expired" => format!("Given up after the last attempt: {}", why(entry, code)),
        "withdrawn" => "Withdrawn: the circular was cancelled before it was sent here".into(),
        "held" => "Held until a person decides".into(),
        other => other.replace('_', " "),
    }
}

/// RFC 3463: subject and detail of the enhanced code, else the stage.
fn why(entry: &LogEntry, code: i64) -> &'static str {
    let status = entry.status.as_deref().unwrap_or_default();
    let detail = status.split_once('.').map_or("", |(_, detail)| detail);
    match detail {
        "1.0" | "1.1" | "1.6" => "there is no such mailbox",
        "1.2" => "there is no such site",
        "1.3" => "the address is not one that the relay understands",
        "1.8" | "1.7" => "the sender's address is not accepted there",
        "1.10" => "the site takes no mail at all",
        "2.1" => "the mailbox is closed",
        "2.2" => "the mailbox is full",
        "2.3" => "the message is too large for this mailbox",
        "2.0" | "2.4" => "the mailbox cannot take it",
        "3.4" => "the message is too large",
        "4.1" | "4.2" | "4.3" | "4.4" | "4.7" => "the relay could not reach the site",
        "4.5" | "3.1" | "3.2" => "the other side has no room or no time just now",
        "4.6" => "mail to this address goes round in circles",
        "6.0" | "6.1" | "6.3" | "6.6" | "6.7" => "the other side cannot take a message of this kind",
        "7.1" | "7.0" => "the other side's rules do not let it through",
        _ => match (entry.stage.as_deref(), code) {
            (Some("rcpt"), 450..=452) => "the relay asks to try again later",
            (Some("rcpt"), 550 | 551 | 553) => "the relay does not take mail for this address",
            (_, 552) => "the mailbox is full, or the message too large",
            (Some("connect" | "greeting" | "ehlo" | "starttls" | "auth"), _) => "the relay could not be reached",
            (Some("data" | "body" | "final_dot"), 400..=499) => "the relay asks to try again later",
            (Some("data" | "body" | "final_dot"), 500..=599) => "the relay does not take this message for this address",
            (_, 400..=499) => "the relay asks to try again later",
            (_, 500..=599) => "the relay said no",
            _ => "the connection broke before the message was taken",
        },
    }
}

/// How far an attempt came.
pub fn stage(stage: &str) -> &str {
    match stage {
        "connect" => "while the connection was made",
        "greeting" => "at the relay’s greeting",
        "ehlo" => "at our greeting",
        "starttls" => "while encryption was agreed on",
        "auth" => "while we signed in",
        "mail" => "at the sender’s address",
        "rcpt" => "at the addressee’s address",
        "data" => "before the message",
        "body" => "in the middle of the message",
        "final_dot" => "at the end of the message",
        other => other,
    }
}

/// What happens next, or what a person can do.
pub fn next(entry: &LogEntry) -> String {
    let again = entry.next_attempt_at.map(|at| at.format("%a %d %b, %H:%M").to_string());
    match (entry.state.as_str(), again) {
        ("deferred", Some(at)) => format!("It is tried again by itself: {at}."),
        ("deferred" | "queued", _) => "It is sent by itself, in its turn.".into(),
        ("in_doubt", _) => {
            "It is tried once more by itself, with the same octets. If you know what became of it, settle it.".into()
        }
        ("refused", _) => format!("Nothing happens by itself. {}", send_once_mended(&entry.reference)),
        ("expired", _) => "Nothing happens by itself. Once the site takes mail again, send again.".into(),
        ("held", _) if entry.attempts > 0 => "It waits: settle it if it was in doubt, or release the circular.".into(),
        ("held", _) => "It waits until the circular is released.".into(),
        _ => String::new(),
    }
}

/// Where a circular stands, in a sentence.
pub fn stands(state: CircularState) -> &'static str {
    match state {
        CircularState::Parked => "Something stands against sending it",
        CircularState::Ready => "Waits for its time",
        CircularState::AwaitingApproval => "Waits to be approved",
        CircularState::Late => "Its time has passed; waits to be released",
        CircularState::Sending => "Is going out",
        CircularState::Paused => "Stopped by trouble; waits to be released",
        CircularState::Held => "Stopped by a person; waits to be released",
        CircularState::Completed => "Every addressee has a final state",
        CircularState::Cancelled => "Stopped for good",
    }
}

/// `goes out Mon 07 Dec 2026 09:00 CET (+01:00)`
pub fn due(state: CircularState, at: chrono::DateTime<chrono::Utc>, zone: chrono_tz::Tz) -> String {
    let at = format_time(at, zone);
    match state {
        CircularState::Ready => format!("goes out {at}"),
        CircularState::AwaitingApproval => format!("goes out {at}, once approved"),
        _ => format!("was due {at}"),
    }
}
