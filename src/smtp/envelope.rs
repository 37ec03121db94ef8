//! The envelope of one transaction: one reverse-path, one forward-path, and the parameters that the relay offers.
//!
//! Refused before a word is said: addresses that could end a command, a message above the relay's SIZE (RFC 1870
//! §6.1), octets above 127 for a relay that cannot carry them (RFC 6152 §3, RFC 6531 §3.5). The refusal is in words of our
//! own: no relay has said anything.

use std::fmt::Write;

use super::Offers;
use crate::delivery::{Failure, Stage, Trouble, Unfit};

/// From whom to whom, and what the message needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Where reports go, without angle brackets; empty for none.
    pub reverse_path: &'a str,
    /// The addressee's mailbox, without angle brackets.
    pub forward_path: &'a str,
    /// Octets of the message as handed to [`Session::message`](super::Session::message).
    pub size: usize,
    /// What of the message is not ASCII.
    pub content: Content,
    /// The reports to order, where the relay can.
    pub dsn: Option<Dsn<'a>>,
}

/// What of a message is not ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    SevenBit,
    /// Its bodies (8BITMIME).
    EightBit,
    /// Its headers (SMTPUTF8 and 8BITMIME). An address that is not ASCII asks for it by itself.
    Internationalised,
}

/// Delivery reports (RFC 3461).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dsn<'a> {
    /// ENVID: comes back in the reports.
    pub envelope_id: &'a str,
    /// NOTIFY
    pub notify: Notify,
}

/// What to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// Failure and delay.
    Trouble,
    /// Success too.
    Everything,
}

impl Content {
    /// What these octets need: headers end at the first empty line.
    pub fn of(octets: &[u8]) -> Self {
        if octets.is_ascii() {
            return Content::SevenBit;
        }
        let headers = octets.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(octets.len());
        if octets[..headers].is_ascii() { Content::EightBit } else { Content::Internationalised }
    }
}

impl Envelope<'_> {
    /// Whether this envelope can be said to this relay at all.
    pub(super) fn suits(&self, offers: &Offers) -> Result<(), Failure> {
        for (stage, path) in [(Stage::Mail, self.reverse_path), (Stage::Rcpt, self.forward_path)] {
            let fit = path.chars().all(|c| !c.is_control() && !matches!(c, '<' | '>' | ' '));
            // 254 octets and its brackets: RFC 5321 §4.5.3.1.3.
            if !fit || path.len() > 254 || (stage == Stage::Rcpt && path.is_empty()) {
                let what = format!("not sent: \"{}\" cannot stand in an envelope", path.escape_debug());
                return Err(Failure { stage, trouble: Trouble::Protocol(what) });
            }
        }
        if let Some(limit) = offers.size_limit.filter(|limit| self.size as u64 > *limit) {
            return Err(unfit(Stage::Mail, Unfit::Size { octets: self.size as u64, limit }));
        }
        if !offers.smtputf8 {
            if !self.reverse_path.is_ascii() {
                return Err(unfit(Stage::Mail, Unfit::Sender));
            }
            // it stands in the To header, too: that the headers need more is its doing
            if !self.forward_path.is_ascii() {
                return Err(unfit(Stage::Rcpt, Unfit::Address));
            }
            if self.content == Content::Internationalised {
                return Err(unfit(Stage::Mail, Unfit::Sender));
            }
        }
        if self.content != Content::SevenBit && !offers.eight_bit {
            return Err(unfit(Stage::Mail, Unfit::EightBit));
        }
        Ok(())
    }

    /// `MAIL FROM:<a@b.example> SIZE=9 …` with CRLF.
    pub(super) fn mail_line(&self, offers: &Offers) -> String {
        let mut line = format!("MAIL FROM:<{}>", self.reverse_path);
        if offers.size {
            let _ = write!(line, " SIZE={}", self.size);
        }
        let utf8 = self.content == Content::Internationalised
            || !self.reverse_path.is_ascii()
            || !self.forward_path.is_ascii();
        if self.content != Content::SevenBit {
            line.push_str(" BODY=8BITMIME");
        }
        if utf8 {
            line.push_str(" SMTPUTF8");
        }
        if let Some(dsn) = self.dsn.filter(|_| offers.dsn) {
            let _ = write!(line, " RET=HDRS ENVID={}", xtext(dsn.envelope_id));
        }
        line.push_str("\r\n");
        line
    }

    /// `RCPT TO:<c@d.example> NOTIFY=… ORCPT=…` with CRLF.
    pub(super) fn rcpt_line(&self, offers: &Offers) -> String {
        let mut line = format!("RCPT TO:<{}>", self.forward_path);
        if let Some(dsn) = self.dsn.filter(|_| offers.dsn) {
            line.push_str(match dsn.notify {
                Notify::Trouble => " NOTIFY=FAILURE,DELAY",
                Notify::Everything => " NOTIFY=SUCCESS,FAILURE,DELAY",
            });
            let (kind, address) = if self.forward_path.is_ascii() {
                ("rfc822", xtext(self.forward_path))
            } else {
                ("utf-8", utf8_xtext(self.forward_path))
            };
            let _ = write!(line, " ORCPT={kind};{address}");
        }
        line.push_str("\r\n");
        line
    }
}

fn unfit(stage: Stage, unfit: Unfit) -> Failure {
    Failure { stage, trouble: Trouble::Unfit(unfit) }
}

/// RFC 3461 §4: `+`, `=` and all outside 33-126 as `+XX`.
fn xtext(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, octet| {
        match octet {
            b'+' | b'=' => drop(write!(out, "+{octet:02X}")),
            33..=126 => out.push(char::from(octet)),
            _ => drop(write!(out, "+{octet:02X}")),
        }
        out
    })
}

/// RFC 6533 §3, the form that needs no SMTPUTF8 on the way: `\x{E9}`.
fn utf8_xtext(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '+' | '=' | '\\' => drop(write!(out, "\\x{{{:02X}}}", u32::from(c))),
            '!'..='~' => out.push(c),
            _ => drop(write!(out, "\\x{{{:02X}}}", u32::from(c))),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Envelope<'_> = Envelope {
        reverse_path: "bounces@itu.example",
        forward_path: "head@regulator.example",
        size: 1234,
        content: Content::SevenBit,
        dsn: None,
    };

    fn everything() -> Offers {
        Offers { size: true, eight_bit: true, smtputf8: true, dsn: true, ..Offers::default() }
    }

    #[test]
    fn parameters_are_said_only_where_offered_and_needed() {
        let ordered = Envelope { dsn: Some(Dsn { envelope_id: "c=1+2 é", notify: Notify::Trouble }), ..PLAIN };
        let bare = Offers::default();
        assert_eq!(ordered.mail_line(&bare), "MAIL FROM:<bounces@itu.example>\r\n");
        assert_eq!(ordered.rcpt_line(&bare), "RCPT TO:<head@regulator.example>\r\n");
        assert_eq!(
            ordered.mail_line(&everything()),
            "MAIL FROM:<bounces@itu.example> SIZE=1234 RET=HDRS ENVID=c+3D1+2B2+20+C3+A9\r\n"
        );
        assert_eq!(
            ordered.rcpt_line(&everything()),
            "RCPT TO:<head@regulator.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;head@regulator.example\r\n"
        );
        let international = Envelope {
            forward_path: "zoë+a@regulator.example",
            content: Content::EightBit,
            dsn: Some(Dsn { envelope_id: "x", notify: Notify::Everything }),
            ..PLAIN
        };
        assert_eq!(
            international.mail_line(&everything()),
            "MAIL FROM:<bounces@itu.example> SIZE=1234 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x\r\n"
        );
        assert!(
            international
                .rcpt_line(&everything())
                .ends_with(" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=utf-8;zo\\x{EB}\\x{2B}a@regulator.example\r\n")
        );
    }

    #[test]
    fn what_the_relay_cannot_carry_is_refused_before_a_word_is_said() {
        let small = Offers { size_limit: Some(1000), ..everything() };
        let seven = Offers::default();
        let table = [
            (PLAIN, small, Stage::Mail, Unfit::Size { octets: 1234, limit: 1000 }),
            (Envelope { content: Content::EightBit, ..PLAIN }, seven.clone(), Stage::Mail, Unfit::EightBit),
            (Envelope { content: Content::Internationalised, ..PLAIN }, seven.clone(), Stage::Mail, Unfit::Sender),
            (Envelope { reverse_path: "é@itu.example", ..PLAIN }, seven.clone(), Stage::Mail, Unfit::Sender),
            (Envelope { forward_path: "é@itu.example", ..PLAIN }, seven.clone(), Stage::Rcpt, Unfit::Address),
            (
                Envelope { forward_path: "é@itu.example", content: Content::Internationalised, ..PLAIN },
                seven,
                Stage::Rcpt,
                Unfit::Address,
            ),
        ];
        for (envelope, offers, stage, why) in table {
            assert_eq!(envelope.suits(&offers), Err(unfit(stage, why)));
            assert!(unfit(stage, why).to_string().contains("not sent: "), "{why}");
        }
    }

    #[test]
    fn what_a_message_needs_is_seen_in_its_octets() {
        let table = [
            ("Subject: x\r\n\r\ntext\r\n", Content::SevenBit),
            ("Subject: x\r\n\r\nété\r\n", Content::EightBit),
            ("Subject: été\r\n\r\ntext\r\n", Content::Internationalised),
            ("Subject: été\r\n", Content::Internationalised),
        ];
        for (octets, content) in table {
            assert_eq!(Content::of(octets.as_bytes()), content, "{octets:?}");
        }
    }

    #[test]
    fn an_address_that_could_end_a_command_never_reaches_the_wire() {
        for path in ["a@b.example>\r\nRCPT TO:<evil@c.example", "a b@c.example", "a@b.example\n", "a\0@b.example", ""] {
            let envelope = Envelope { forward_path: path, ..PLAIN };
            assert!(matches!(envelope.suits(&everything()), Err(Failure { stage: Stage::Rcpt, .. })), "{path:?}");
        }
        assert_eq!(Envelope { reverse_path: "", ..PLAIN }.suits(&everything()), Ok(()));
    }
}
