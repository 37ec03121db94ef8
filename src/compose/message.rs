//! One rendered letter and one recipient become the octets of one message.
//!
//! The same delivery is the same octets on every attempt: nothing here asks for the time, a random number or the machine's
//! name. RFC 5322 headers, RFC 2046 §5.1.4 alternatives with plain text first, RFC 3834 `Auto-Submitted`, RFC 2919
//! `List-Id`. To names that one recipient; there is no Cc, no Bcc, no Sender.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use mail_builder::{
    MessageBuilder,
    headers::{HeaderType, address::Address, content_type::ContentType, raw::Raw, text::Text},
    mime::MimePart,
};
use serde::{Deserialize, Serialize};

use super::{ComposeError, Recipient, Rendered, check_value, merge::Values, message_id, verify_octets};

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
    /// The Message-ID, with brackets, of the letter that this one corrects or completes.
    pub in_reply_to: Option<&'a str>,
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

/// Composes one message.
pub fn compose(
    rendered: &Rendered,
    head: &MessageHead,
    delivery: &DeliveryKey<'_>,
    recipient: &Recipient<'_>,
) -> Result<Composed, ComposeError> {
    check_head(head)?;
    check_mailbox(recipient)?;
    let values = Values::of(rendered, recipient)?;
    let subject = rendered.merge_subject(&values);
    let text = rendered.merge_text(&values);
    let html = rendered.merge_html(&values);
    let mac = message_id::mac(delivery.key, delivery.circular, delivery.delivery);
    let message_id = message_id::with_mac(&mac, delivery.circular, delivery.delivery, &head.domain);
    // "=_" stands in no quoted-printable and no base64 text (RFC 2045 §6.7).
    let boundary = format!("=_{mac}");
    let language = rendered.language.code();
    let body = MimePart::new(
        ContentType::new("multipart/alternative").attribute("boundary", boundary),
        vec![part("text/plain", text.as_str()), part("text/html", html.as_str())],
    );
    let mut octets = Vec::with_capacity(2 * (text.len() + html.len()) + 1024);
    headers(head, recipient, &subject, &message_id, delivery.in_reply_to)
        .header("Content-Language", Raw::new(language))
        .header("MIME-Version", Raw::new("1.0"))
        .body(body)
        .serialize(&mut octets);
    verify_octets(&octets)?;
    let digest = ring::digest::digest(&ring::digest::SHA256, &octets);
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest.as_ref());
    let addresses = head.reply_to.iter().chain([&head.from_address]);
    let needs_smtputf8 = !recipient.address.is_ascii() || addresses.into_iter().any(|address| !address.is_ascii());
    Ok(Composed { octets, sha256, message_id, needs_smtputf8 })
}

fn part<'a>(kind: &'a str, content: &'a str) -> MimePart<'a> {
    MimePart::new(ContentType::new(kind).attribute("charset", "utf-8"), content)
}

fn headers<'a>(
    head: &'a MessageHead,
    recipient: &Recipient<'a>,
    subject: &'a str,
    message_id: &'a str,
    in_reply_to: Option<&'a str>,
) -> MessageBuilder<'a> {
    let mut builder = MessageBuilder::new()
        .header("Date", Raw::new(head.date.to_rfc2822()))
        .header("From", Address::new_address(head.from_name.as_deref(), head.from_address.as_str()));
    if !head.reply_to.is_empty() {
        let all = head.reply_to.iter().map(|address| Address::from(address.as_str())).collect();
        builder = builder.header("Reply-To", Address::new_list(all));
    }
    builder = builder
        .header("To", Address::new_address(display_name(recipient), recipient.address))
        .header("Subject", unstructured(subject))
        .header("Message-ID", Raw::new(message_id));
    if let Some(original) = in_reply_to {
        builder = builder.header("In-Reply-To", Raw::new(original)).header("References", Raw::new(original));
    }
    builder
        .header("List-Id", Raw::new(format!("<{}>", head.list_id)))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .header("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply"))
}

/// Plain ASCII stays readable and is folded between words; all else is encoded (RFC 2047).
fn unstructured(text: &str) -> HeaderType<'_> {
    if text.contains("=?") {
        // It would be read as an encoded word; the space at the end has the whole of it encoded.
        return Text::new(format!("{text} ")).into();
    }
    let is_plain = text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
        && text.split(' ').all(|word| !word.is_empty() && word.len() <= LONGEST_WORD);
    if is_plain { Raw::new(text).into() } else { Text::new(text).into() }
}

fn display_name<'a>(recipient: &Recipient<'a>) -> Option<Cow<'a, str>> {
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

fn check_head(head: &MessageHead) -> Result<(), ComposeError> {
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
