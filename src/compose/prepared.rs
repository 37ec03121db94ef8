//! A rendered letter made ready for all messages of its issue: what is the same in each of them is written and encoded
//! once, so that a message costs little more than its hash.
//!
//! RFC 5322 header fields; RFC 2046 §5.1.4 alternatives with plain text first, in a §5.1.3 mixture where annexes go with
//! them; RFC 3834 `Auto-Submitted`; RFC 2919 `List-Id`. To names that one recipient; there is no Cc, no Bcc, no Sender.

use std::slice;

use mail_builder::{
    headers::{Header, HeaderType, address::Address, content_type::ContentType, raw::Raw},
    mime::MimePart,
};

use super::{
    ComposeError, Composed, DeliveryKey, EncodedAnnex, MessageHead, Piece, Recipient, Rendered, TextPiece,
    merge::Values,
    message::{check_head, check_mailbox, display_name, unstructured},
    message_id,
    transfer::{Body, Part, Stretch},
    verify_octets,
    wrap::LINE_END,
};

/// What a message has besides its parts and its annexes: the fields that differ, boundaries.
const FRAME: usize = 2048;
/// RFC 2046 §4.1; the charset in quotes, as all parameters stand.
const PLAIN: &str = "text/plain; charset=\"utf-8\"";
const HTML: &str = "text/html; charset=\"utf-8\"";

/// A letter in one language, ready to be composed for any number of recipients.
#[derive(Debug)]
pub struct Prepared {
    rendered: Rendered,
    /// Under which Message-IDs are made.
    domain: String,
    /// Date, From and Reply-To.
    before: Vec<u8>,
    /// Subject, where it is the same for everyone.
    subject: Option<Vec<u8>>,
    /// All fields after the Message-ID and what it answers to.
    after: Vec<u8>,
    text: Part<TextPiece>,
    html: Part<Vec<Piece>>,
    annexes: Vec<EncodedAnnex>,
    needs_smtputf8: bool,
}

impl Prepared {
    /// Prepares a letter. Refuses a head that cannot stand in header fields.
    pub fn new(rendered: Rendered, head: &MessageHead, annexes: &[EncodedAnnex]) -> Result<Self, ComposeError> {
        check_head(head)?;
        let subject = match rendered.subject.as_slice() {
            [Piece::Fixed(subject)] => Some(field("Subject", unstructured(subject))),
            _ => None,
        };
        let mut addresses = head.reply_to.iter().chain([&head.from_address]);
        Ok(Self {
            domain: head.domain.clone(),
            before: fields_before(head),
            subject,
            after: fields_after(head, &rendered),
            text: Part::new(rendered.text.iter().map(text_stretch).collect()),
            html: Part::new(html_stretches(&rendered.html)),
            annexes: annexes.to_vec(),
            needs_smtputf8: addresses.any(|address| !address.is_ascii()),
            rendered,
        })
    }

    /// Composes one message.
    pub fn compose(&self, delivery: &DeliveryKey<'_>, recipient: &Recipient<'_>) -> Result<Composed, ComposeError> {
        check_mailbox(recipient)?;
        let values = Values::of(&self.rendered, recipient)?;
        let mac = message_id::mac(delivery.key, delivery.circular, delivery.delivery);
        let message_id = message_id::with_mac(&mac, delivery.circular, delivery.delivery, &self.domain);
        let text = self.text.body(|piece, out| values.push_text(slice::from_ref(piece), out));
        let html = self.html.body(|line, out| values.push_html(line, out));
        let annexes: usize = self.annexes.iter().map(|annex| annex.as_part().len() + 100).sum();
        let mut octets = Vec::with_capacity(FRAME + self.before.len() + text.length() + html.length() + annexes);
        octets.extend_from_slice(&self.before);
        push_field("To", Address::new_address(display_name(recipient), recipient.address), &mut octets);
        match &self.subject {
            Some(subject) => octets.extend_from_slice(subject),
            None => push_field("Subject", unstructured(&self.rendered.merge_subject(&values)), &mut octets),
        }
        push_field("Message-ID", Raw::new(message_id.as_str()), &mut octets);
        if let Some(references) = delivery.references {
            let parent = references.rsplit(' ').next().unwrap_or(references);
            push_field("In-Reply-To", Raw::new(parent), &mut octets);
            push_field("References", Raw::new(references), &mut octets);
        }
        octets.extend_from_slice(&self.after);
        self.structure(&text, &html, &mac).write_part(&mut octets);
        verify_octets(&octets)?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, &octets).as_ref());
        let needs_smtputf8 = self.needs_smtputf8 || !recipient.address.is_ascii();
        Ok(Composed { octets, sha256, message_id, needs_smtputf8 })
    }

    /// "=_" stands in no quoted-printable and no base64 text (RFC 2045 §6.7), and neither boundary begins the other.
    fn structure<'a>(&'a self, text: &'a Body, html: &'a Body, mac: &str) -> MimePart<'a> {
        let alternatives = MimePart::new(
            ContentType::new("multipart/alternative").attribute("boundary", format!("=_{mac}")),
            vec![part(PLAIN, text), part(HTML, html)],
        );
        if self.annexes.is_empty() {
            return alternatives;
        }
        let annexes = self.annexes.iter().map(|annex| MimePart::raw(annex.as_part()));
        MimePart::new(
            ContentType::new("multipart/mixed").attribute("boundary", format!("=_mixed_{mac}")),
            [alternatives].into_iter().chain(annexes).collect::<Vec<_>>(),
        )
    }
}

/// `kind` with its charset. The kind as a plain field: nothing is encoded but what is left as a whole, in base64.
pub(super) fn part<'a>(kind: &'a str, body: &'a Body) -> MimePart<'a> {
    let part = |octets: &'a str| MimePart::raw(octets.as_bytes()).header("Content-Type", Raw::new(kind));
    match body {
        Body::SevenBit(text) => part(text).transfer_encoding("7bit"),
        Body::Quoted(text) => part(text).transfer_encoding("quoted-printable"),
        Body::Whole(text) => part(text),
    }
}

pub(super) fn push_field<'a>(name: &str, value: impl Into<HeaderType<'a>>, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    value.into().write_header(out, name.len() + 2);
}

pub(super) fn field<'a>(name: &str, value: impl Into<HeaderType<'a>>) -> Vec<u8> {
    let mut out = Vec::new();
    push_field(name, value, &mut out);
    out
}

fn fields_before(head: &MessageHead) -> Vec<u8> {
    let mut out = field("Date", Raw::new(head.date.to_rfc2822()));
    push_field("From", Address::new_address(head.from_name.as_deref(), head.from_address.as_str()), &mut out);
    if !head.reply_to.is_empty() {
        let all = head.reply_to.iter().map(|address| Address::from(address.as_str())).collect();
        push_field("Reply-To", Address::new_list(all), &mut out);
    }
    out
}

fn fields_after(head: &MessageHead, rendered: &Rendered) -> Vec<u8> {
    let mut out = field("List-Id", Raw::new(format!("<{}>", head.list_id)));
    push_field("Auto-Submitted", Raw::new("auto-generated"), &mut out);
    push_field("X-Auto-Response-Suppress", Raw::new("OOF, AutoReply"), &mut out);
    push_field("Content-Language", Raw::new(rendered.language.code()), &mut out);
    push_field("MIME-Version", Raw::new("1.0"), &mut out);
    out
}

fn text_stretch(piece: &TextPiece) -> Stretch<TextPiece> {
    match piece {
        TextPiece::Fixed(lines) => Stretch::fixed(lines.clone()),
        other => Stretch::Open(other.clone()),
    }
}

/// Cuts HTML into lines that are the same for everyone and lines that are not.
fn html_stretches(pieces: &[Piece]) -> Vec<Stretch<Vec<Piece>>> {
    let mut stretches = Vec::new();
    // The line that is being put together.
    let mut open: Vec<Piece> = Vec::new();
    for piece in pieces {
        let Piece::Fixed(text) = piece else {
            open.push(piece.clone());
            continue;
        };
        let mut whole = text.as_str();
        if !open.is_empty() {
            let end = whole.find(LINE_END).map(|at| at + LINE_END.len());
            let (rest_of_line, lines) = whole.split_at(end.unwrap_or(whole.len()));
            open.push(Piece::Fixed(rest_of_line.to_owned()));
            if end.is_none() {
                continue;
            }
            stretches.push(Stretch::Open(std::mem::take(&mut open)));
            whole = lines;
        }
        let (lines, begun) = whole.split_at(whole.rfind(LINE_END).map_or(0, |at| at + LINE_END.len()));
        if !lines.is_empty() {
            stretches.push(Stretch::fixed(lines.to_owned()));
        }
        if !begun.is_empty() {
            open.push(Piece::Fixed(begun.to_owned()));
        }
    }
    if !open.is_empty() {
        stretches.push(Stretch::Open(open));
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_cut_at_line_ends_and_no_octet_is_lost() {
        let fixed = |text: &str| Piece::Fixed(text.to_owned());
        let table = [
            (vec![fixed("a\r\nb\r\n")], vec![true]),
            (vec![fixed("a\r\nb "), Piece::Slot(0), fixed(" c\r\nd\r\n")], vec![true, false, true]),
            (vec![fixed("a "), Piece::Slot(0), fixed(" b "), Piece::Slot(1), fixed("\r\n")], vec![false]),
            (
                vec![Piece::ForCopies(vec![fixed("x\r\n")]), fixed("a\r\nb\r\n"), Piece::Slot(0)],
                vec![false, true, false],
            ),
            (vec![fixed("a")], vec![false]),
        ];
        for (pieces, expected) in table {
            let stretches = html_stretches(&pieces);
            let kinds: Vec<bool> = stretches.iter().map(|s| matches!(s, Stretch::Fixed { .. })).collect();
            assert_eq!(kinds, expected, "{pieces:?}");
            let mut whole = Vec::new();
            for stretch in stretches {
                match stretch {
                    Stretch::Fixed { plain, .. } => whole.push(Piece::Fixed(plain)),
                    Stretch::Open(line) => whole.extend(line),
                }
            }
            let joined = |pieces: &[Piece]| format!("{pieces:?}").replace("\"), Fixed(\"", "");
            assert_eq!(joined(&whole), joined(&pieces));
        }
    }
}
