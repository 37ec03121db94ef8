//! A message of the house to its own people: plain text to one reader, wrapped like a letter's text.
//!
//! RFC 3834 §5: `Auto-Submitted: auto-generated`, so that no absence note answers it. What strangers wrote reaches the text
//! only; whatever reaches the subject is one line.

use chrono::{DateTime, FixedOffset};
use mail_builder::headers::{address::Address, raw::Raw};

use super::{
    ComposeError, Composed, Recipient, Role,
    message::{check_mailbox, unstructured},
    message_id,
    prepared::{field, part, push_field},
    transfer::{Part, Stretch},
    verify_octets,
    wrap::wrap,
};

/// A message to one of the house's own people.
#[derive(Debug, Clone)]
pub struct HouseNotice<'a> {
    /// Display name of From.
    pub from_name: Option<&'a str>,
    /// Address of From.
    pub from: &'a str,
    /// The reader.
    pub to: &'a str,
    /// One line.
    pub subject: &'a str,
    /// Paragraphs: how many columns they stand in, and their words in one line.
    pub lines: Vec<(u8, &'a str)>,
    /// The Date header.
    pub date: DateTime<FixedOffset>,
    /// The ledger's secret, for the Message-ID.
    pub key: &'a [u8; 32],
    /// Its number in the ledger.
    pub number: i64,
    /// The domain of the Message-ID.
    pub domain: &'a str,
}

/// Composes it. The same notice is the same octets.
pub fn compose_notice(notice: &HouseNotice<'_>) -> Result<Composed, ComposeError> {
    let nothing = std::collections::BTreeMap::new();
    for address in [notice.from, notice.to] {
        let reader = Recipient { address, name: None, salutation: None, role: Role::To, fields: &nothing };
        check_mailbox(&reader)?;
    }
    if let Some(found) =
        notice.subject.chars().chain(notice.from_name.unwrap_or_default().chars()).find(|c| c.is_control())
    {
        let value = format!("{} (U+{:04X})", notice.subject.escape_debug(), u32::from(found));
        return Err(ComposeError::Head { what: "subject", value });
    }
    let message_id = message_id(notice.key, "notice", notice.number, notice.domain);
    let mut octets = field("Date", Raw::new(notice.date.to_rfc2822()));
    push_field("From", Address::new_address(notice.from_name, notice.from), &mut octets);
    push_field("To", Address::new_address(None::<&str>, notice.to), &mut octets);
    push_field("Subject", unstructured(notice.subject), &mut octets);
    push_field("Message-ID", Raw::new(message_id.as_str()), &mut octets);
    push_field("Auto-Submitted", Raw::new("auto-generated"), &mut octets);
    push_field("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply"), &mut octets);
    push_field("Content-Language", Raw::new("en"), &mut octets);
    push_field("MIME-Version", Raw::new("1.0"), &mut octets);
    let body = Part::<()>::new(vec![Stretch::fixed(text(&notice.lines))]).body(|(), _| ());
    part("text/plain; charset=\"utf-8\"", &body).write_part(&mut octets);
    while octets.ends_with(b"\r\n\r\n") {
        octets.truncate(octets.len() - 2);
    }
    verify_octets(&octets)?;
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, &octets).as_ref());
    let needs_smtputf8 = !notice.from.is_ascii() || !notice.to.is_ascii();
    Ok(Composed { octets, sha256, message_id, needs_smtputf8 })
}

fn text(lines: &[(u8, &str)]) -> String {
    let mut out = String::new();
    for (columns, words) in lines {
        let lead = " ".repeat(usize::from(*columns));
        wrap(&words.replace(['\r', '\n'], " "), &lead, &lead, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice<'a>(subject: &'a str, lines: Vec<(u8, &'a str)>) -> HouseNotice<'a> {
        HouseNotice {
            from_name: Some("The Bureau"),
            from: "bureau@house.example",
            to: "operators@house.example",
            subject,
            lines,
            date: DateTime::parse_from_rfc3339("2026-11-30T09:00:00+01:00").expect("a date"),
            key: &[7; 32],
            number: 3,
            domain: "house.example",
        }
    }

    #[test]
    fn a_notice_is_marked_as_automatic_and_wrapped() {
        let long = "word ".repeat(60);
        let composed = compose_notice(&notice("One alert", vec![(0, "OPEN"), (2, &long), (0, ""), (0, "End")]));
        let composed = composed.expect("composed");
        let text = String::from_utf8(composed.octets.clone()).expect("ascii");
        for header in [
            "From: \"The Bureau\" <bureau@house.example>\r\n",
            "To: <operators@house.example>\r\n",
            "Subject: One alert\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Message-ID: <notice.3.",
        ] {
            assert!(text.contains(header), "{header} in {text}");
        }
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        let again = compose_notice(&notice("One alert", vec![(0, "OPEN"), (2, &long), (0, ""), (0, "End")]));
        assert_eq!(again.expect("composed"), composed);
    }

    #[test]
    fn no_words_of_strangers_become_a_header_or_a_long_line() {
        let word = "x".repeat(3000);
        let composed = compose_notice(&notice("Größe", vec![(2, "a\r\nBcc: evil@x.example"), (2, &word), (0, ".")]));
        let text = String::from_utf8(composed.expect("composed").octets).expect("ascii");
        assert!(!text.contains("\r\nBcc:"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 998));
        assert!(compose_notice(&notice("a\r\nBcc: evil@x.example", vec![(0, "x")])).is_err());
    }
}
