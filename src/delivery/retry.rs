//! When a deferred delivery is tried again, and when it is given up (RFC 5321 §4.5.4.1).
//!
//! Jitter is an argument, so that the same table and the same number give the same time.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{NotASpan, Span, parse_duration};

/// `[retry]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetrySettings {
    /// The waits between attempts.
    pub intervals: RetryTable,
    /// From the first release on; after it a deferred delivery is `expired`.
    pub give_up_after: Span,
}

/// The waits between attempts: `5m, 15m, 30m, 1h*4, 4h`; the last one repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryTable {
    /// Each wait and how often it is used; the last one's count is without meaning.
    steps: Vec<(Span, u32)>,
}

/// What happens to a deferred delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextTry {
    /// It is tried again, then.
    At(DateTime<Utc>),
    /// The give-up time would be over: it is `expired` at this moment, and not tried again.
    GiveUp(DateTime<Utc>),
}

/// Why a text is no retry table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotARetryTable {
    /// Nothing in it.
    #[error("the retry table is empty; write waits separated by commas, such as 5m, 15m, 30m, 1h*4, 4h")]
    Empty,
    /// One wait cannot be read.
    #[error("wait {position} of the retry table: {why}")]
    Wait {
        /// From 1.
        position: usize,
        /// What is wrong with it.
        why: NotASpan,
    },
    /// A wait of no length would never stop trying.
    #[error("wait {position} of the retry table, \"{found}\", is shorter than a second; write at least 1s")]
    Zero {
        /// From 1.
        position: usize,
        /// As written.
        found: String,
    },
    /// `*` without a usable number.
    #[error("wait {position} of the retry table, \"{found}\": after * stands how often, 1 to 1000, such as 1h*4")]
    Count {
        /// From 1.
        position: usize,
        /// As written.
        found: String,
    },
}

/// A tenth to either side, so that what was deferred together does not come back together.
const JITTER: f64 = 0.1;
/// A server that asks for more is not understood: a day is the longest that a retry waits for its word.
const LONGEST_HINT: Duration = Duration::from_secs(86_400);

impl RetryTable {
    /// Reads `5m, 15m, 30m, 1h*4, 4h`.
    pub fn parse(text: &str) -> Result<Self, NotARetryTable> {
        if text.trim().is_empty() {
            return Err(NotARetryTable::Empty);
        }
        let steps = text.split(',').enumerate().map(|(index, item)| step(index + 1, item.trim()));
        Ok(Self { steps: steps.collect::<Result<_, _>>()? })
    }

    /// The wait after so many charged attempts (from 1), with `jitter` from 0 to 1 spread over ±10 %.
    pub fn wait(&self, attempts_charged: u32, jitter: f64) -> Duration {
        let factor = 1.0 - JITTER + 2.0 * JITTER * jitter.clamp(0.0, 1.0);
        self.step_after(attempts_charged).as_std().mul_f64(factor)
    }

    /// As [`RetryTable::wait`], or as the server asked for: never earlier than it said, and never more often than the
    /// table's first wait, whatever it said.
    pub fn wait_with_hint(&self, attempts_charged: u32, jitter: f64, hint: Option<Duration>) -> Duration {
        match hint {
            None => self.wait(attempts_charged, jitter),
            Some(hint) => {
                hint.min(LONGEST_HINT).max(self.step_after(1).as_std()).mul_f64(1.0 + JITTER * jitter.clamp(0.0, 1.0))
            }
        }
    }

    fn step_after(&self, attempts_charged: u32) -> Span {
        let mut left = attempts_charged.max(1);
        for (span, times) in &self.steps {
            if left <= *times {
                return *span;
            }
            left -= times;
        }
        // `parse` and `default` are the only makers, and make no empty table.
        self.steps.last().map_or(Span::hours(4), |(span, _)| *span)
    }
}

fn step(position: usize, item: &str) -> Result<(Span, u32), NotARetryTable> {
    let (wait, times) = match item.split_once('*') {
        None => (item, 1),
        Some((wait, times)) => {
            let count = times.trim().parse().ok().filter(|n| (1..=1000).contains(n));
            (wait, count.ok_or_else(|| NotARetryTable::Count { position, found: item.to_owned() })?)
        }
    };
    let span = parse_duration(wait).map_err(|why| NotARetryTable::Wait { position, why })?;
    if span < Span::seconds(1) {
        return Err(NotARetryTable::Zero { position, found: item.to_owned() });
    }
    Ok((span, times))
}

impl RetrySettings {
    /// When the delivery is tried again, counted from the failed attempt, or that it is given up.
    ///
    /// The give-up time itself is still used for a last attempt: a delivery whose next wait would go past it is tried
    /// once more just then.
    pub fn next_try(
        &self,
        released_at: DateTime<Utc>,
        failed_at: DateTime<Utc>,
        attempts_charged: u32,
        jitter: f64,
        hint: Option<Duration>,
    ) -> NextTry {
        let end = released_at + self.give_up_after.as_delta();
        if failed_at >= end {
            return NextTry::GiveUp(failed_at);
        }
        let wait = self.intervals.wait_with_hint(attempts_charged, jitter, hint);
        let wait = TimeDelta::from_std(wait).unwrap_or_else(|_| Span::days(1).as_delta());
        NextTry::At((failed_at + wait).min(end))
    }
}

/// The wait that a reply's text asks for: `try again in 5 minutes`, `retry in 300 seconds`; at most a day.
///
/// Only a number with a unit that follows a word of trying, so that no other number in the text is taken for a wait.
pub fn hint_in(text: &str) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '=' | ':' | '!'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let tries = |word: &&str| word.starts_with("try") || word.starts_with("retry") || word.starts_with("wait");
    let after = words.iter().position(tries)? + 1;
    // "again in", "after", "for at least": a few words stand between the verb and the number.
    (after..words.len().min(after + 6)).find_map(|at| span_at(&words[at..])).map(|wait| wait.min(LONGEST_HINT))
}

/// `5 minutes`, `300s`, `300seconds`
fn span_at(words: &[&str]) -> Option<Duration> {
    let first = words.first()?;
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = first[..digits].parse().ok()?;
    let unit = if digits < first.len() { &first[digits..] } else { words.get(1)? };
    let seconds = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
        _ => return None,
    };
    Some(Duration::from_secs(number.saturating_mul(seconds)))
}

impl Default for RetryTable {
    /// `5m, 15m, 30m, 1h*4, 4h`: greylists are over after five minutes, the rest is RFC 5321 §4.5.4.1's half hour and more.
    fn default() -> Self {
        let steps = [(Span::minutes(5), 1), (Span::minutes(15), 1), (Span::minutes(30), 1), (Span::hours(1), 4)];
        Self { steps: steps.into_iter().chain([(Span::hours(4), 1)]).collect() }
    }
}

impl Default for RetrySettings {
    fn default() -> Self {
        // RFC 5321 §4.5.4.1: "the give-up time generally needs to be at least 4-5 days".
        Self { intervals: RetryTable::default(), give_up_after: Span::days(4) }
    }
}

impl FromStr for RetryTable {
    type Err = NotARetryTable;

    fn from_str(text: &str) -> Result<Self, NotARetryTable> {
        Self::parse(text)
    }
}

impl fmt::Display for RetryTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (span, times)) in self.steps.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match times {
                1 => write!(f, "{comma}{span}")?,
                times => write!(f, "{comma}{span}*{times}")?,
            }
        }
        Ok(())
    }
}

impl Serialize for RetryTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RetryTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
