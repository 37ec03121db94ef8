//! What a message is made of, and whether that can stand in its header fields.
//!
//! The same delivery is the same octets on every attempt: nothing here asks for the time, a random number or the machine's
//! name.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use mail_builder::headers::{HeaderType, raw::Raw, text::Text};
use serde::{Deserialize, Serialize};

use super::{ComposeError, EncodedAnnex, Prepared, Recipient, Rendered, check_value};

/// RFC 5322 §2.1.1: header lines should not be longer than 78; a word that long cannot be folded and is encoded.
const LONGEST_WORD: usize = 66;
/// RFC 5321 §4.5.3.1.3: a path has 256 octets with its brackets.
const LONGEST_ADDRESS: usize = 254;

/// What is frozen for all messages of an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageHead {
    /// The display name in From.
    pub from_name: Option<String>,
    /// The address in From.
    pub from_address: String,
    /// Addresses in Reply-To; no header where there are none.
    pub reply_to: Vec<String>,
    /// The return path's domain, under which Message-IDs are made.
    pub domain: String,
    /// `List-Id` without brackets: `bdt.list.itu.example` (RFC 2919).
    pub list_id: String,
    /// The Date header, with the zone it is printed in.
    pub date: DateTime<FixedOffset>,
}

/// Which delivery it is, and the key that makes its Message-ID.
#[derive(Clone, Copy)]
pub struct DeliveryKey<'a> {
    /// The ledger's secret.
    pub key: &'a [u8; 32],
    /// The circular's name in the ledger.
    pub circular: &'a str,
    /// The issue of the circular.
    pub issue: i64,
    /// The delivery.
    pub delivery: i64,
    /// The Message-IDs, with brackets and parted by spaces, of the letters that this one follows; the last is the one that it
    /// corrects or completes (RFC 5322 §3.6.4).
    pub references: Option<&'a str>,
}

/// A message ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// Headers and body, lines ended by CRLF, the last one too; not dot-stuffed.
    pub octets: Vec<u8>,
    /// SHA-256 of the octets.
    pub sha256: [u8; 32],
    /// With its brackets.
    pub message_id: String,
    /// Whether an address needs a relay with SMTPUTF8 (RFC 6531).
    pub needs_smtputf8: bool,
}

/// Composes one message alone; for all messages of an issue there is [`Prepared`].
pub fn compose(
    rendered: &Rendered,
    head: &MessageHead,
    delivery: &DeliveryKey<'_>,
    recipient: &Recipient<'_>,
    annexes: &[EncodedAnnex],
) -> Result<Composed, ComposeError> {
    Prepared::new(rendered.clone(), head, annexes)?.compose(delivery, recipient)
}

/// Plain ASCII stays readable and is folded between words; all else is encoded (RFC 2047).
pub(super) fn unstructured(text: &str) -> HeaderType<'_> {
    if text.contains("=?") {
        // It would be read as an encoded word; the space at the end has the whole of it encoded.
        return Text::new(format!("{text} ")).into();
    }
    let is_plain = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
        && text.split(' ').all(|word| !word.is_empty() && word.len() <= LONGEST_WORD);
    if is_plain { Raw::new(text).into() } else { Text::new(text).into() }
}

pub(super) fn display_name<'a>(recipient: &Recipient<'a>) -> Option<Cow<'a, str>> {
    recipient.name.map(str::trim).filter(|name| !name.is_empty()).map(Cow::Borrowed)
}

/// Whether name and address can stand in the To header.
pub(super) fn check_mailbox(recipient: &Recipient<'_>) -> Result<(), ComposeError> {
    check_address(recipient.address)?;
    match display_name(recipient) {
        Some(name) => check_value("name", &name, recipient),
        None => Ok(()),
    }
}

fn check_address(address: &str) -> Result<(), ComposeError> {
    let refused = |why| Err(ComposeError::Address { address: address.to_owned(), why });
    if address.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;:()[]\\".contains(c)) {
        return refused("it holds a character that ends an address");
    }
    if address.len() > LONGEST_ADDRESS {
        return refused("it is longer than 254 octets");
    }
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(()),
        _ => refused("it is not of the form name@site"),
    }
}

pub(super) fn check_head(head: &MessageHead) -> Result<(), ComposeError> {
    head.reply_to.iter().chain([&head.from_address]).try_for_each(|address| check_address(address))?;
    if let Some(name) = head.from_name.as_ref().filter(|name| name.chars().any(char::is_control)) {
        return Err(ComposeError::Head { what: "sender's name", value: name.clone() });
    }
    for (what, value) in [("return path's domain", &head.domain), ("List-Id", &head.list_id)] {
        let is_domain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        if value.is_empty() || value.len() > 200 || !is_domain {
            return Err(ComposeError::Head { what, value: value.clone() });
        }
    }
    Ok(())
}
