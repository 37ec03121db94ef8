//! From a time on the wall to an instant: gaps and folds of daylight saving, resolved once and said aloud.

use std::fmt;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{OffsetName, Tz};

/// One instant at which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// In the house's zone.
    pub at: DateTime<Tz>,
    /// Where the clocks change just then.
    pub note: Option<RunNote>,
}

/// What became of a local time that does not exist, or comes twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunNote {
    /// The clocks jump over it: the first instant after the gap is taken.
    Gap {
        /// The time that was asked for.
        asked: NaiveDateTime,
        /// The instant that was taken.
        taken: DateTime<Tz>,
    },
    /// The clocks go back over it: the first of the two is taken, once.
    Fold {
        /// The instant that was taken.
        taken: DateTime<Tz>,
    },
}

/// No zone has ever moved its clocks by more than a day and some hours (the date line).
const WIDEST_JUMP: TimeDelta = TimeDelta::hours(30);

/// The instant at which the clocks of `zone` show `asked`, to the second.
pub fn resolve_local(asked: NaiveDateTime, zone: Tz) -> Run {
    let asked = asked.with_nanosecond(0).unwrap_or(asked);
    match zone.from_local_datetime(&asked) {
        LocalResult::Single(at) => Run { at, note: None },
        LocalResult::Ambiguous(taken, _) => Run { at: taken, note: Some(RunNote::Fold { taken }) },
        LocalResult::None => {
            let taken = end_of_gap(asked, zone);
            Run { at: taken, note: Some(RunNote::Gap { asked, taken }) }
        }
    }
}

/// The first instant whose local time is not before `asked`, found by halving: the database gives no transitions.
fn end_of_gap(asked: NaiveDateTime, zone: Tz) -> DateTime<Tz> {
    let reached = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() >= asked;
    let (mut before, mut after) = (asked.and_utc() - WIDEST_JUMP, asked.and_utc() + WIDEST_JUMP);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if reached(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    after.with_timezone(&zone)
}

/// `CET (+01:00)`; `(+05:45)` where the zone's clock has no name of its own.
pub fn zone_and_offset(at: &DateTime<Tz>) -> String {
    let offset = at.offset().fix();
    match at.offset().abbreviation() {
        Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("{name} ({offset})"),
        _ => format!("({offset})"),
    }
}

impl Run {
    /// For the ledger and for timers.
    pub fn utc(&self) -> DateTime<Utc> {
        self.at.with_timezone(&Utc)
    }
}

impl fmt::Display for Run {
    /// `Mon 07 Dec 2026 09:00 CET (+01:00)`; seconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = if self.at.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
        write!(f, "{} {} {}", self.at.format("%a %d %b %Y"), self.at.format(time), zone_and_offset(&self.at))
    }
}

impl fmt::Display for RunNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunNote::Gap { asked, taken } => {
                let day = asked.format("%-d %B %Y");
                write!(f, "{} does not exist on {day} (clocks go forward): ", asked.format("%H:%M"))?;
                if taken.date_naive() != asked.date() {
                    write!(f, "{} ", taken.format("%-d %B %Y"))?;
                }
                write!(f, "{} {}", taken.format("%H:%M"), name_or_offset(taken))
            }
            RunNote::Fold { taken } => {
                let (time, day) = (taken.format("%H:%M"), taken.format("%-d %B %Y"));
                write!(f, "{time} comes twice on {day} (clocks go back): the first, {time} {}", name_or_offset(taken))
            }
        }
    }
}

fn name_or_offset(at: &DateTime<Tz>) -> String {
    match at.offset().abbreviation() {
        Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic()) => name.to_owned(),
        _ => at.offset().fix().to_string(),
    }
}
