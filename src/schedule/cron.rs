//! Cron expressions as people know them: five fields, POSIX weekdays, on local time.
//!
//! The `cron` crate enumerates; it wants seconds first and counts weekdays from Sunday as 1, so every expression is
//! rewritten with names. It is only ever asked about naive local time: gaps and folds are resolved in `local`. Refused:
//! day of the month together with weekday (some programs read "and", others "or": nobody should have to know), `L`, `W`,
//! `#`, and dates that never come.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use cron::Schedule;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Run,
    field::{DAY, Field, HOUR, MINUTE, MONTH, SECOND, WEEKDAY, WEEKDAYS, YEAR, short},
    resolve_local,
};

/// A checked expression.
#[derive(Clone)]
pub struct Cron {
    written: String,
    /// Boxed: three hundred octets of sets, in types that are mostly "now".
    schedule: Box<Schedule>,
}

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{expression}\" cannot be used as a cron expression: {why}")]
pub struct NotACron {
    /// As written.
    pub expression: String,
    /// What is wrong with it, and what would be right.
    pub why: String,
}

impl Cron {
    /// Reads five fields (minute, hour, day of the month, month, weekday), six (seconds first) or seven (year last).
    pub fn parse(text: &str) -> Result<Self, NotACron> {
        let written = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let refuse = |why: String| NotACron { expression: written.clone(), why };
        let rewritten = rewrite(&written).map_err(refuse)?;
        let schedule = Schedule::from_str(&rewritten).map_err(|error| refuse(error.to_string()))?;
        // A schedule without a first day has no day at all: the enumeration covers every year it knows.
        if schedule.after(&DateTime::<Utc>::UNIX_EPOCH).next().is_none() {
            return Err(refuse("that date never comes; check the day of the month against the month".to_owned()));
        }
        Ok(Self { written, schedule: Box::new(schedule) })
    }

    /// The first run strictly after `after`; `None` once the years of the expression are over.
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz) -> Option<Run> {
        let local = after.with_timezone(&zone).naive_local();
        // In a fold the local time goes back, so the first candidates may lie behind us.
        self.ticks_after(local).map(|tick| self.run(tick, zone)).find(|run| run.at > after)
    }

    /// The last run at or before `now`.
    pub(super) fn last_until(&self, now: DateTime<Utc>, zone: Tz) -> Option<Run> {
        let local = now.with_timezone(&zone).naive_local() + LONGEST_FOLD;
        self.ticks_before(local).map(|tick| self.run(tick, zone)).find(|run| run.at <= now)
    }

    fn run(&self, tick: NaiveDateTime, zone: Tz) -> Run {
        let run = resolve_local(tick, zone);
        // `*/30` asks for the end of a gap anyway: nothing was moved.
        let moved = run.at.naive_local() != tick;
        if moved && self.schedule.includes(run.at.naive_local().and_utc()) { Run { note: None, ..run } } else { run }
    }

    /// Naive times are handed over as if they were UTC, where nothing is doubled or skipped.
    fn ticks_after(&self, local: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        self.schedule.after_owned(local.and_utc()).map(|tick| tick.naive_utc())
    }

    fn ticks_before(&self, local: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        self.schedule.after_owned(local.and_utc()).rev().map(|tick| tick.naive_utc())
    }
}

/// Clocks go back by an hour, in a few places by half of one or by two; three cover all of them.
const LONGEST_FOLD: TimeDelta = TimeDelta::hours(3);

/// To the seven fields of the enumeration, all in plain numbers, weekdays by name.
fn rewrite(written: &str) -> Result<String, String> {
    let fields: Vec<&str> = written.split(' ').filter(|field| !field.is_empty()).collect();
    let (second, rest, year) = match fields.as_slice() {
        five if five.len() == 5 => ("0", five, "*"),
        [second, five @ ..] if five.len() == 5 => (*second, five, "*"),
        [second, five @ .., year] if five.len() == 5 => (*second, five, *year),
        other => return Err(wrong_number_of_fields(other)),
    };
    let [minute, hour, day, month, weekday] = rest else { return Err(wrong_number_of_fields(rest)) };
    if !matches!(*day, "*" | "?") && !matches!(*weekday, "*" | "?") {
        return Err(format!(
            "it restricts the day of the month (\"{day}\") and the weekday (\"{weekday}\"), which some programs read as \
             \"and\", others as \"or\"; put * in one of the two"
        ));
    }
    let weekday = WEEKDAY.expand(weekday)?.map(|days| names_of(&days));
    let mut written_out = Vec::new();
    for (field, text) in [(&SECOND, second), (&MINUTE, minute), (&HOUR, hour), (&DAY, day), (&MONTH, month)] {
        written_out.push(numbers_of(field, text)?);
    }
    written_out.push(weekday.unwrap_or_else(|| "*".to_owned()));
    written_out.push(numbers_of(&YEAR, year)?);
    Ok(written_out.join(" "))
}

fn numbers_of(field: &Field, text: &str) -> Result<String, String> {
    let Some(numbers) = field.expand(text)? else { return Ok("*".to_owned()) };
    Ok(numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
}

/// 0 and 7 are both Sunday.
fn names_of(days: &BTreeSet<u32>) -> String {
    let days: BTreeSet<usize> = days.iter().map(|day| *day as usize % WEEKDAYS.len()).collect();
    days.into_iter().map(|day| short(WEEKDAYS[day])).collect::<Vec<_>>().join(",")
}

fn wrong_number_of_fields(fields: &[&str]) -> String {
    format!(
        "it has {} {}; write five (minute, hour, day of the month, month, weekday), such as 0 9 * * Mon-Fri",
        fields.len(),
        if fields.len() == 1 { "field" } else { "fields" }
    )
}

impl FromStr for Cron {
    type Err = NotACron;

    fn from_str(text: &str) -> Result<Self, NotACron> {
        Self::parse(text)
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Cron {}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({})", self.written)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl Serialize for Cron {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

impl<'de> Deserialize<'de> for Cron {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
