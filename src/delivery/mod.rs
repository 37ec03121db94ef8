//! The life of one delivery, as pure rules: states, what a reply means, whose fault it is, when to try again.
//!
//! Nothing here knows a socket or a clock: replies, times and randomness are arguments.

mod reply;
mod stage;
mod state;

pub use reply::{EnhancedStatus, Reply, ReplyCode};
pub use stage::{Failure, Outcome, Stage, Trouble};
pub use state::State;
