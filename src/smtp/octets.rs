//! The octets of a message, fit for the wire: every line ends in CRLF and has at most 998 octets before it (RFC 5321
//! §4.5.3.1.6), no bare CR, LF or NUL (§2.3.8; servers that take them for line ends let messages be smuggled), dots
//! doubled (§4.5.2).
//!
//! Octets that are no UTF-8 are refused too: whatever is composed here is ASCII or UTF-8, so they are damage.

/// Ends a message (RFC 5321 §4.1.1.4).
pub(super) const DOT_LINE: &str = ".\r\n";
/// Octets before a line's CRLF.
const LINE_MOST: usize = 998;

/// Why octets cannot be a message; `line` counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclean {
    /// There is nothing to send.
    #[error("the message is empty")]
    Empty,
    /// The last line has no end.
    #[error("the message does not end in CRLF")]
    Unended,
    /// LF without CR before it.
    #[error("line {line} of the message ends in LF without CR")]
    BareLf {
        /// Where
        line: usize,
    },
    /// CR without LF after it.
    #[error("line {line} of the message has a CR inside it")]
    BareCr {
        /// Where
        line: usize,
    },
    /// NUL.
    #[error("line {line} of the message has a NUL in it")]
    Nul {
        /// Where
        line: usize,
    },
    /// Too long.
    #[error("line {line} of the message has {octets} octets; {LINE_MOST} are allowed")]
    LongLine {
        /// Where
        line: usize,
        /// How long, without CRLF
        octets: usize,
    },
    /// Damage.
    #[error("the message is not UTF-8 after {valid} octets")]
    NotText {
        /// Octets before the damage
        valid: usize,
    },
}

/// Whether [`Session::message`](super::Session::message) would take these octets.
pub fn check_octets(octets: &[u8]) -> Result<(), Unclean> {
    Message::new(octets).map(drop)
}

/// Checked octets, without dots doubled.
pub(super) struct Message<'a>(&'a str);

impl<'a> Message<'a> {
    pub fn new(octets: &'a [u8]) -> Result<Self, Unclean> {
        let text = std::str::from_utf8(octets).map_err(|error| Unclean::NotText { valid: error.valid_up_to() })?;
        if is_clean(octets) { Ok(Self(text)) } else { Err(first_breach(text)) }
    }
}

/// All rules at once, in passes that compilers make wide: every octet of every message is looked at.
fn is_clean(octets: &[u8]) -> bool {
    let Some((last, before)) = octets.split_last() else { return false };
    let breaches = before.iter().zip(&octets[1..]).fold(0_u8, |breaches, (octet, next)| {
        breaches | u8::from(((*octet == b'\r') ^ (*next == b'\n')) | (*octet == 0))
    });
    *last == b'\n' && octets[0] != b'\n' && breaches == 0 && lines_fit(octets)
}

/// From each line's start it looks back from the farthest place where the line may end.
fn lines_fit(octets: &[u8]) -> bool {
    let mut rest = octets;
    while rest.len() > LINE_MOST + 2 {
        let Some(end) = rest[..LINE_MOST + 2].iter().rposition(|octet| *octet == b'\n') else { return false };
        rest = &rest[end + 1..];
    }
    true
}

/// What is wrong with octets that are not clean, and where.
fn first_breach(text: &str) -> Unclean {
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let line = number + 1;
        let Some(content) = whole.strip_suffix("\r\n") else {
            return if whole.ends_with('\n') { Unclean::BareLf { line } } else { unended(whole, line) };
        };
        if content.len() > LINE_MOST {
            return Unclean::LongLine { line, octets: content.len() };
        }
        if content.contains('\0') {
            return Unclean::Nul { line };
        }
        if content.contains('\r') {
            return Unclean::BareCr { line };
        }
    }
    Unclean::Empty
}

fn unended(last: &str, line: usize) -> Unclean {
    if last.contains('\r') { Unclean::BareCr { line } } else { Unclean::Unended }
}

impl Message<'_> {
    /// As it goes over the wire: dots doubled, the final dot's line, and what is said `behind` it.
    pub fn followed_by(&self, behind: &str) -> String {
        /// Dots that begin lines are few.
        const DOTS: usize = 64;
        let mut wire = String::with_capacity(self.0.len() + DOT_LINE.len() + behind.len() + DOTS);
        wire.push_str(if self.0.starts_with('.') { "." } else { "" });
        let mut line = 0;
        for end in memchr::memmem::find_iter(self.0.as_bytes(), b"\n.") {
            wire.push_str(&self.0[line..=end]);
            wire.push('.');
            line = end + 1;
        }
        wire.push_str(&self.0[line..]);
        wire.push_str(DOT_LINE);
        wire.push_str(behind);
        wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(octets: &str) -> String {
        Message::new(octets.as_bytes()).expect("clean octets").followed_by("")
    }

    #[test]
    fn dots_that_begin_a_line_are_doubled_and_one_dot_ends_the_message() {
        let table = [
            ("a\r\n", "a\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            (".a\r\nb\r\n..c\r\n", "..a\r\nb\r\n...c\r\n.\r\n"),
            ("a.\r\n.\r\n.\r\n", "a.\r\n..\r\n..\r\n.\r\n"),
            ("\r\n", "\r\n.\r\n"),
            ("é\r\n.é\r\n", "é\r\n..é\r\n.\r\n"),
        ];
        for (octets, sent) in table {
            assert_eq!(wire(octets), sent, "{octets:?}");
        }
    }

    #[test]
    fn octets_unfit_for_the_wire_are_refused_with_their_line() {
        let long = format!("{}\r\n", "x".repeat(999));
        let table: [(&[u8], Unclean); 12] = [
            (b"", Unclean::Empty),
            (b"a", Unclean::Unended),
            (b"a\r\nb", Unclean::Unended),
            (b"a\n", Unclean::BareLf { line: 1 }),
            (b"a\r\n.\nMAIL FROM:<x@y.example>\r\n", Unclean::BareLf { line: 2 }),
            (b"a\r\n.\r", Unclean::BareCr { line: 2 }),
            (b"a\r.\r\n", Unclean::BareCr { line: 1 }),
            (b"a\r\r\n", Unclean::BareCr { line: 1 }),
            (b"a\r\n\0.\r\n", Unclean::Nul { line: 2 }),
            (b"\xff\r\n", Unclean::NotText { valid: 0 }),
            (long.as_bytes(), Unclean::LongLine { line: 1, octets: 999 }),
            (b"\n", Unclean::BareLf { line: 1 }),
        ];
        for (octets, unclean) in table {
            assert_eq!(check_octets(octets), Err(unclean), "{}", octets.escape_ascii());
        }
        assert_eq!(check_octets(format!("{}\r\n", "x".repeat(998)).as_bytes()), Ok(()));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_taken_is_one_message_for_any_reader_of_line_ends(octets in "[\r\n.a\0é]{0,40}") {
            let Ok(message) = Message::new(octets.as_bytes()) else { return Ok(()) };
            let sent = message.followed_by("");
            let body = sent.strip_suffix(".\r\n").expect("the final dot");
            let unstuffed: String =
                body.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            proptest::prop_assert_eq!(unstuffed, octets);
            // No line before the last is a dot alone, whichever of CR, LF and CRLF one takes for a line end.
            proptest::prop_assert!(!body.split(['\r', '\n', '\0']).any(|line| line == "."));
        }
    }
}
