//! circulard gets an official circular to every addressee, and can prove it.

pub mod addressees;
pub mod circular;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod config;
pub mod daemon;
pub mod delivery;
pub mod demo;
pub mod desk;
pub mod folders;
pub mod ledger;
pub mod rehearsal;
pub mod report;
pub mod schedule;
pub mod secrets;
pub mod smtp;
pub mod workers;
