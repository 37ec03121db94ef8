//! How fast a relay is fed: a token bucket as a value that a restart does not empty or refill.
//!
//! It keeps one instant, not a count (the generic cell rate algorithm): nothing is to be topped up, and what is written
//! to the ledger is the whole state. In no window of the rate's length are more tokens given than the rate says.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `100/hour`: so many messages in any window of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    per: Per,
}

/// The window of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// `s`, `second`
    Second,
    /// `m`, `minute`
    Minute,
    /// `h`, `hour`
    Hour,
    /// `d`, `day`: 24 hours
    Day,
}

/// The bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    rate: Rate,
    /// When the bucket will be full again; in the past: it is full.
    full_at: Option<DateTime<Utc>>,
}

/// Why a text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a rate; write a whole number from 1 to 1000000, a stroke and second, minute, hour or day, such as 100/hour"
)]
pub struct NotARate(pub String);

/// A twentieth of the window's tokens may be taken at once, so that a timer that wakes late loses none.
const BURST_SHARE: u32 = 20;

impl Rate {
    /// `None` for no messages at all, or for more than a million.
    pub fn new(count: u32, per: Per) -> Option<Self> {
        (1..=1_000_000).contains(&count).then_some(Self { count, per })
    }

    fn burst(self) -> u32 {
        (self.count / BURST_SHARE).max(1)
    }

    /// Nanoseconds between two tokens, so long that a whole burst and what follows it stay within the rate.
    fn spacing(self) -> TimeDelta {
        let tokens = i64::from(self.count - self.burst() + 1);
        let window = self.per.seconds() * 1_000_000_000;
        TimeDelta::nanoseconds((window + tokens - 1) / tokens)
    }
}

impl Per {
    fn seconds(self) -> i64 {
        match self {
            Per::Second => 1,
            Per::Minute => 60,
            Per::Hour => 3_600,
            Per::Day => 86_400,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Per::Second => "second",
            Per::Minute => "minute",
            Per::Hour => "hour",
            Per::Day => "day",
        }
    }
}

impl Throttle {
    /// A full bucket.
    pub fn new(rate: Rate) -> Self {
        Self { rate, full_at: None }
    }

    /// What it was made for.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Another rate from now on; what was taken stays taken.
    pub fn with_rate(self, rate: Rate) -> Self {
        Self { rate, ..self }
    }

    /// Takes one token, or says when there will be one.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let spacing = self.rate.spacing();
        // A clock that was set back must not shut the bucket for longer than one window.
        let latest = now + TimeDelta::seconds(self.rate.per.seconds());
        let full_at = self.full_at.unwrap_or(now).max(now).min(latest);
        let ready_at = full_at - spacing * (self.rate.burst().cast_signed() - 1);
        if ready_at > now {
            self.full_at = Some(full_at);
            return Err(ready_at);
        }
        self.full_at = Some(full_at + spacing);
        Ok(())
    }

    /// When the next token can be had.
    fn ready_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let ahead = self.rate.spacing() * (self.rate.burst().cast_signed() - 1);
        self.full_at.map_or(now, |full_at| (full_at - ahead).max(now))
    }
}

/// Several limits, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Throttles(Vec<Throttle>);

impl Throttles {
    /// Full buckets.
    pub fn new(rates: &[Rate]) -> Self {
        Self(rates.iter().copied().map(Throttle::new).collect())
    }

    /// Nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How far back what was sent still counts.
    pub fn memory(&self) -> TimeDelta {
        let longest = self.0.iter().map(|throttle| throttle.rate.per.seconds()).max();
        TimeDelta::seconds(longest.unwrap_or(0))
    }

    /// Takes a token of each, or of none and says when there will be one.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let mut after = self.0.clone();
        let waits = after.iter_mut().filter_map(|throttle| throttle.take(now).err());
        match waits.max() {
            Some(until) => Err(until),
            None => {
                self.0 = after;
                Ok(())
            }
        }
    }

    /// Takes a token of each for the earliest time at which there is one of all; that time, from `now` on.
    pub fn reserve(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let at = self.0.iter().map(|throttle| throttle.ready_at(now)).max().unwrap_or(now);
        for throttle in &mut self.0 {
            throttle.full_at = Some(throttle.full_at.unwrap_or(at).max(at) + throttle.rate.spacing());
        }
        at
    }

    /// Whether every bucket is full: nothing that was taken still counts.
    pub fn is_full(&self, now: DateTime<Utc>) -> bool {
        self.0.iter().all(|throttle| throttle.full_at.is_none_or(|full_at| full_at <= now))
    }

    /// Counts one that was sent before, oldest first, as far as it still counts.
    pub fn remember(&mut self, sent_at: DateTime<Utc>, now: DateTime<Utc>) {
        if sent_at >= now - self.memory() {
            self.restore([sent_at]);
        }
    }

    /// Counts what was sent before, oldest first.
    pub fn restore(&mut self, sent: impl IntoIterator<Item = DateTime<Utc>>) {
        for at in sent {
            for throttle in &mut self.0 {
                // what went out went out, even if a limit has been lowered since
                if throttle.take(at).is_err() {
                    throttle.full_at = throttle.full_at.map(|full_at| full_at + throttle.rate.spacing());
                }
            }
        }
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let wrong = || NotARate(text.to_owned());
        let (count, per) = text.split_once('/').ok_or_else(wrong)?;
        let per = match per.trim() {
            "s" | "sec" | "second" => Per::Second,
            "m" | "min" | "minute" => Per::Minute,
            "h" | "hour" => Per::Hour,
            "d" | "day" => Per::Day,
            _ => return Err(wrong()),
        };
        count.trim().parse().ok().and_then(|count| Rate::new(count, per)).ok_or_else(wrong)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.per.word())
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
