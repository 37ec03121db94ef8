//! Addressees: the people and offices a circular goes to.
//!
//! Three things, all pure: an [`Address`] that is safe on the wire, the files that staff keep (`recipients/NAME.csv`,
//! read row by row from any `std::io::Read`, so that a million rows need no memory), and the groups with their printed
//! labels (`groups.toml`), which turn "Administrations of ITU Member States" into a selection or into a refusal.

mod address;

pub use address::{Address, Mailbox, NotAnAddress};
