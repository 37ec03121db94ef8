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
    /// The key of the circular that it belongs to, where the letter names it.
    pub parent: Option<ReferenceKey>,
}

impl Reference {
    /// Takes a printed reference.
    pub fn new(printed: &str) -> Option<Self> {
        (!printed.trim().is_empty()).then(|| Self(printed.trim().to_owned()))
    }

    /// As printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the reference itself says to be a supplement.
    pub fn supplement(&self) -> Option<Supplement> {
        self.0.starts_with("Corrigendum 1 to ").then_some(Supplement {
            kind: SupplementKind::Corrigendum,
            number: Some(1),
            parent: None,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
