//! One e-mail address, RFC 5321 §4.1.2, safe to put on the wire.

/// A checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address;
/// The case-folded key by which two spellings are one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox;
/// Why it is not an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnAddress;
