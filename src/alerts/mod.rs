//! Alerts and reports: which events open an alert, which end it, and what people are told about it.
//!
//! Pure: events in; kinds, keys and plain English out. An alert has a kind and a key (a relay, a file, a circular), and of
//! one kind and key one is open at most: that is how a thousand refusals are told once. What was told to whom stands in the
//! ledger. Nothing that happens to an alert's own message is an event, so that no alert is ever about an alert.

mod failure;
mod kind;
mod reading;
mod report;
mod settings;
mod wording;

pub use failure::{Failed, plain_words};
pub use kind::Kind;
pub use reading::{Effect, Happened, effects};
pub use report::{Completed, completed};
pub use settings::{AlertSettings, Owner};
pub use wording::{Say, Told, notice};

use chrono::TimeDelta;

/// So long what opens or ends waits for more of it, so that it goes out as one message.
pub const BATCH: TimeDelta = TimeDelta::seconds(2);

/// So long at most, while more and more comes.
pub const LONGEST_BATCH: TimeDelta = TimeDelta::seconds(30);

/// What comes back within this time after its end is the same alert, and is told about no more often than this.
pub const CALM: TimeDelta = TimeDelta::minutes(10);

/// A message before it is composed: what stands in the subject, and the lines of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// For the header; no line ends, no control characters.
    pub subject: String,
    /// The text: paragraphs, of which some stand further in.
    pub lines: Vec<Line>,
}

/// One paragraph: how far it stands in, and its words, on one line however long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(pub u8, pub String);

/// The longest of what strangers wrote that is repeated in a message; a relay's reply is seldom longer.
const LONGEST_WORDS: usize = 600;
/// RFC 5322 §2.1.1 lets a subject be folded; nobody reads more of it.
const LONGEST_SUBJECT: usize = 180;

/// Strangers' words in one line without control characters, and with an end.
fn clean(text: &str, longest: usize) -> String {
    let mut out = String::new();
    let plain = text.chars().map(|c| if is_unfit(c) { ' ' } else { c });
    for (count, character) in plain.enumerate() {
        if count == longest {
            out.push('…');
            break;
        }
        if !(character == ' ' && out.ends_with(' ')) {
            out.push(character);
        }
    }
    out.trim().to_owned()
}

/// Control characters, line and paragraph separators, what turns the direction of writing, and the private characters that
/// composition keeps for itself.
fn is_unfit(character: char) -> bool {
    character.is_control()
        || character.is_whitespace()
        || matches!(
            character,
            '\u{200E}'
                | '\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
                | '\u{FFFD}'
                | '\u{FEFF}'
                | '\u{E000}'..='\u{F8FF}'
                | '\u{F0000}'..='\u{10FFFF}'
        )
}

/// A subject of one line.
fn subject(text: &str) -> String {
    clean(text, LONGEST_SUBJECT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_words_become_one_line_with_an_end() {
        for (text, cleaned) in [
            ("550 no\r\nBcc: a@b.example", "550 no Bcc: a@b.example"),
            ("a\u{202E}b\u{0}c\u{1b}[31m", "a b c [31m"),
            ("  two   blanks ", "two blanks"),
            ("x\u{2028}y\u{F0000}", "x y"),
        ] {
            assert_eq!(clean(text, 100), cleaned);
        }
        assert_eq!(clean(&"é".repeat(700), LONGEST_WORDS).chars().count(), LONGEST_WORDS + 1);
        assert!(subject(&"x ".repeat(400)).chars().count() <= LONGEST_SUBJECT + 1);
    }
}
