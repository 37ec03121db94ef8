//! Workers: one loop each, on the daemon's tracker, until they are told to stop.
//!
//! Intake reads the folders, issue freezes what is due, orders carries out what people order, dispatch sends, alerts tells operators and owners. They share
//! nothing but the ledger and a [`Pulse`]: a ring of bells, so that work done by one is seen at once by the next.

pub mod alerts;
pub mod dispatch;
pub mod intake;
pub mod issue;
pub mod orders;
mod pulse;
pub mod shelf;

pub use dispatch::DeliverySettings;
pub use pulse::{Busy, Pulse};
pub use shelf::Shelf;
