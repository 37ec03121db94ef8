//! The reference of a circular: kept as printed, compared by a key.

use std::fmt;

/// A reference as printed, without its label: "Circular BDT/DNS/DGS/112".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

/// What two spellings of one reference share: "bdt/dns/dgs/112".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferenceKey(String);

/// What a supplement does to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupplementKind {
    /// Repairs an error.
    Corrigendum,
    /// Adds annexes, languages or dates.
    Addendum,
    /// Replaces the whole text.
    Revision,
    /// Withdraws or cancels the parent.
    Withdrawal,
}

/// A supplement to a circular, "Corrigendum 1 to Circular …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplement {
    /// What it does.
    pub kind: SupplementKind,
    /// Its number, where it has one.
    pub number: Option<u32>,
}
