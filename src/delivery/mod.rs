//! The life of one delivery, as pure rules: states, what a reply means, whose fault it is, when to try again.
//!
//! Nothing here knows a socket or a clock: replies, times and randomness are arguments.

mod judge;
mod pace;
mod patience;
mod reply;
mod retry;
mod shares;
mod slots;
mod span;
mod stage;
mod state;
mod throttle;
mod transitions;
mod wording;

#[cfg(test)]
mod tests;

pub use judge::{Blame, Cause, Next, Verdict, judge, relay_wait_hint};
pub use pace::{Pace, asks_for_less};
pub use patience::{LetterBlame, Others, Pause, Refusal, Streak, is_refused_for_our_standing};
pub use reply::{EnhancedStatus, Reply, ReplyCode};
pub use retry::{NextTry, NotARetryTable, RetrySettings, RetryTable, hint_in};
pub use shares::Shares;
pub use slots::{BadDomainRate, DomainRates, Slots};
pub use span::{NotASpan, Span, parse_duration};
pub use stage::{Failure, Outcome, Stage, Trouble, Unfit};
pub use state::{NotAState, State};
pub use throttle::{NotARate, Per, Rate, Throttle, Throttles};
