//! The last look at a composed message, byte by byte, whoever made it.
//!
//! RFC 5321 §2.3.8: lines end in CRLF, and CR and LF stand nowhere else. RFC 5322 §2.1.1: no line over 998 octets.
//! RFC 5321 §4.5.2 is the wire's affair, which stuffs dots. Bodies are 7-bit (RFC 2045 §2.7), so that no relay has a
//! reason to convert them.

use super::ComposeError;

/// RFC 5322 §2.1.1, without CRLF.
const LONGEST_LINE: usize = 998;

/// Checks every octet of a message, its last CRLF included.
pub fn verify_octets(octets: &[u8]) -> Result<(), ComposeError> {
    let mut at = 0;
    for (line, number) in octets.split_inclusive(|octet| *octet == b'\n').zip(1..) {
        let broken = |what: &'static str| Err(ComposeError::Octets { line: number, what });
        let content = content_of(line).map_err(|what| ComposeError::Octets { line: number, what })?;
        at += line.len();
        if content.is_empty() {
            if number == 1 {
                return broken("is empty where the header begins");
            }
            return if is_fine(&octets[at..]) { Ok(()) } else { Err(first_breach(&octets[at..], number + 1)) };
        }
        if !content.iter().fold(true, |fine, octet| fine & (is_plain(*octet) | (*octet >= 0x80))) {
            return broken("holds a control character or an octet above 127");
        }
        if content.iter().all(|octet| matches!(octet, b' ' | b'\t')) {
            return broken("is a header line of white space only");
        }
    }
    Err(ComposeError::Octets { line: 1, what: "is not the end of a message" })
}

/// A line without its end.
fn content_of(line: &[u8]) -> Result<&[u8], &'static str> {
    match line.strip_suffix(b"\r\n") {
        None => Err("does not end in CRLF"),
        Some(content) if content.len() > LONGEST_LINE => Err("is longer than 998 octets"),
        Some(content) => Ok(content),
    }
}

/// All rules for a body at once, in one pass that compilers make wide: it looks at every octet of every message.
fn is_fine(body: &[u8]) -> bool {
    let Some((last, before)) = body.split_last() else { return false };
    let breaches = before.iter().zip(&body[1..]).fold(0_u8, |breaches, (octet, next)| {
        let is_return = *octet == b'\r';
        let is_known = is_plain(*octet) | is_return | (*octet == b'\n');
        breaches | u8::from(!is_known | (is_return ^ (*next == b'\n')))
    });
    *last == b'\n' && breaches == 0 && body[0] != b'\n' && !ends_empty(body) && lines_fit(body)
}

fn ends_empty(body: &[u8]) -> bool {
    body.ends_with(b"\r\n\r\n") || body == b"\r\n"
}

/// From each line's start it looks back from the farthest place where the line may end.
fn lines_fit(body: &[u8]) -> bool {
    let mut rest = body;
    while rest.len() > LONGEST_LINE + 2 {
        let Some(end) = rest[..LONGEST_LINE + 2].iter().rposition(|octet| *octet == b'\n') else { return false };
        rest = &rest[end + 1..];
    }
    true
}

/// What is wrong with a body that is not fine, and where; `number` is its first line's.
fn first_breach(body: &[u8], number: usize) -> ComposeError {
    let mut last = number;
    for (line, number) in body.split_inclusive(|octet| *octet == b'\n').zip(number..) {
        let what = match content_of(line) {
            Ok(content) if content.iter().all(|octet| is_plain(*octet)) => {
                last = number;
                continue;
            }
            Ok(_) => "holds a control character or an octet above 127",
            Err(what) => what,
        };
        return ComposeError::Octets { line: number, what };
    }
    ComposeError::Octets { line: last, what: "is not the end of a message" }
}

/// Printable ASCII and tab.
#[inline]
fn is_plain(octet: u8) -> bool {
    (octet.wrapping_sub(0x20) < 0x5F) | (octet == b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_wire_refuses_its_breach() {
        let long = format!("A: b\r\n\r\n{}\r\n", "x".repeat(999));
        let fits = format!("A: b\r\n\r\n{}\r\n", "x".repeat(998));
        for (octets, is_fine) in [
            ("A: b\r\n\r\nc\r\n", true),
            ("A: \u{e9}\r\n\r\nc\r\n", true),
            (&fits, true),
            (&long, false),
            ("", false),
            ("A: b\r\n", false),
            ("\r\nc\r\n", false),
            ("A: b\r\n\r\nc", false),
            ("A: b\r\n\r\nc\n", false),
            ("A: b\r\n\r\nc\rd\r\n", false),
            ("A: b\r\n\r\nc\r\r\n", false),
            ("A: b\n\r\nc\r\n", false),
            ("A: b\r\n \t\r\n\r\nc\r\n", false),
            ("A: b\r\n\r\nc\0\r\n", false),
            ("A: b\r\n\r\nc\x7f\r\n", false),
            ("A: b\r\n\r\n\u{e9}\r\n", false),
            ("A: b\r\n\r\nc\r\n\r\n", false),
            ("A: b\r\n\r\n\nc\r\n", false),
            ("A: b\r\n\r\n", false),
            ("A: b\r\n\r\n\r\n", false),
            ("A: b\r\n\r\nc\r", false),
            ("\r\n\r\nc\r\n", false),
        ] {
            assert_eq!(verify_octets(octets.as_bytes()).is_ok(), is_fine, "{octets:?}");
        }
    }
}
