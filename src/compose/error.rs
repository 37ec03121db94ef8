//! Why a message is not composed.

/// Why a message is not composed. Each names the addressee or the octets, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The letter needs a field that this addressee does not have.
    #[error(
        "{address}: the field \"{field}\" is empty; fill it in the list, or write \
         {{{{ addressee.{field} | default(\"…\") }}}} in the letter"
    )]
    Missing {
        /// The column.
        field: String,
        /// The addressee.
        address: String,
    },
    /// A value holds a character that must not stand in a letter.
    #[error("{address}: the field \"{field}\" holds the invisible character U+{found:04X}; delete it in the list")]
    Unsafe {
        /// The column.
        field: String,
        /// The addressee.
        address: String,
        /// Its code point.
        found: u32,
    },
    /// A value is used as a link and is none.
    #[error("{address}: the field \"{field}\" is the target of a link, and \"{value}\" is none; write https://…")]
    NotALink {
        /// The column.
        field: String,
        /// The addressee.
        address: String,
        /// What was found.
        value: String,
    },
    /// A mailbox that cannot stand in a header.
    #[error("\"{address}\" cannot be written as an address: {why}")]
    Address {
        /// As given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What is frozen for the whole issue cannot stand in a header.
    #[error("the {what} \"{value}\" cannot be written in a header; write it in plain ASCII without spaces")]
    Head {
        /// Which part.
        what: &'static str,
        /// As given.
        value: String,
    },
    /// The finished octets break a rule of the wire.
    #[error("line {line} of the composed message {what}; it is not sent")]
    Octets {
        /// From 1.
        line: usize,
        /// Which rule.
        what: &'static str,
    },
}
