//! The real program, killed at every instant and started again: nobody is lost, nobody is said to have what no server
//! took, and no second copy leaves without being announced.
//!
//! `CRASH_SCALE=10` makes everything ten times as large; `CRASH_SEED` chooses other instants; `--nocapture` shows the
//! figures. Random instants find what was not thought of, named points of the protocol what was.

#[path = "../workspace/mod.rs"]
mod workspace;

mod count;
mod disk;
mod kills;
mod power;
mod proof;
mod seed;
mod sink;
