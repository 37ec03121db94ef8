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
    let mut in_header = true;
    let mut number = 0;
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        number += 1;
        let broken = |what: &'static str| Err(ComposeError::Octets { line: number, what });
        let Some(content) = line.strip_suffix(b"\r\n") else {
            return broken("does not end in CRLF");
        };
        if content.len() > LONGEST_LINE {
            return broken("is longer than 998 octets");
        }
        if in_header && content.is_empty() {
            in_header = number == 1;
            continue;
        }
        if !content.iter().fold(true, |fine, octet| fine & (is_plain(*octet) | (in_header & (*octet >= 0x80)))) {
            return broken("holds a control character or an octet above 127");
        }
        if in_header && content.iter().all(|octet| matches!(octet, b' ' | b'\t')) {
            return broken("is a header line of white space only");
        }
    }
    if in_header || octets.ends_with(b"\r\n\r\n") {
        return Err(ComposeError::Octets { line: number, what: "is not the end of a message" });
    }
    Ok(())
}

/// Printable ASCII and tab.
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
        ] {
            assert_eq!(verify_octets(octets.as_bytes()).is_ok(), is_fine, "{octets:?}");
        }
    }
}
