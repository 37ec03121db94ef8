//! Composition: one letter becomes, per language, a [`Rendered`] letter with slots, and per addressee the octets of one
//! message.
//!
//! ```text
//! Letter ──┬─ fields ─▶ slots        Recipient ─▶ values
//!          └─ Markdown ─▶ prose ─▶ layouts ─▶ Rendered ─▶ merge ─▶ MIME ─▶ octets, SHA-256
//!                    once per language                 once per delivery
//! ```
//!
//! The expensive half is done once: rendering when an issue is frozen, encoding when its dispatch begins ([`Prepared`]); a
//! delivery only fills slots. Composition is a function: the same
//! rendered letter, head, annexes, delivery and recipient give the same octets, on every machine and on every attempt.
//!
//! Refused: HTML and images in letters, links that are not http, https or mailto, fields that are not fields, addressees
//! without a needed value, values with control characters, and any octet that does not belong on the wire (RFC 5321,
//! RFC 5322).

mod annex;
mod error;
mod field;
mod grid;
mod html;
mod labels;
mod layout;
mod link;
mod markdown;
mod merge;
mod message;
mod message_id;
mod names;
mod notice;
mod octets;
mod prepared;
mod prose;
mod rendered;
mod slot;
mod source;
mod text;
mod transfer;
mod wrap;

#[cfg(test)]
mod tests;

pub use annex::{EncodedAnnex, content_type};
pub use error::ComposeError;
pub use labels::{Words, printed_date, words};
pub use layout::{BUILTIN_HTML, BUILTIN_TEXT, Layout};
pub use merge::{Recipient, Role};
pub use message::{Composed, DeliveryKey, MessageHead, compose};
pub use message_id::message_id;
pub use notice::{HouseNotice, compose_notice};
pub use octets::verify_octets;
pub use prepared::Prepared;
pub use prose::Align;
pub use rendered::{Marked, Rendered, render};
pub use slot::{Filter, Piece, Place, Slot};
pub use text::TextPiece;

use merge::check_value;

/// Counts up whenever the same letter would give other octets: what is frozen by one composer is not sent by another.
pub const COMPOSER: u32 = 1;
