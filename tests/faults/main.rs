//! The fault table: what a relay, a network, a disk or a person may do, and what the real program then makes of it.
//!
//! Every row starts the program on a workspace of its own against a scripted server, and reads the answer through the
//! program's own `sql`: states, blame, stage, code, the next attempt, and how often a relay was said to be down.

#[path = "../scripted/mod.rs"]
mod scripted;
#[path = "../workspace/mod.rs"]
mod workspace;

mod absence;
mod envelope;
mod final_dot;
mod limits;
mod opening;
mod process;
mod relays;
mod row;
mod tls;
