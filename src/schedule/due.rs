//! When one circular is due, and when that is too long ago to go out without a person.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Cron, NotACron, Run, resolve_local};
use crate::{circular::Send, delivery::Span};

/// `[schedule]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleSettings {
    /// The house's zone.
    pub time_zone: Zone,
    /// When letters without a time of their own go out.
    pub release: Release,
    /// Due longer ago than this: held for a person.
    pub late_after: Span,
}

/// A zone of the tz database, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(pub Tz);

/// When letters that ask for no time go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    /// As soon as they are ready.
    Now,
    /// At the next of these times.
    Windows(Cron),
}

/// Why a text is no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{found}\" is not a time zone; write {remedy}")]
pub struct NotAZone {
    found: String,
    remedy: String,
}

/// When the circular is due: its own `send`, or the first release window from `ready_at` on. `None` where the windows are
/// over for good (an expression that names past years only).
pub fn due(send: Option<&Send>, release: &Release, ready_at: DateTime<Utc>, zone: Tz) -> Option<Run> {
    match (send, release) {
        (Some(Send::At(local)), _) => Some(resolve_local(*local, zone)),
        (Some(Send::Now), _) | (None, Release::Now) => Some(Run { at: ready_at.with_timezone(&zone), note: None }),
        // Ready at the very moment of a window: in time for it.
        (None, Release::Windows(cron)) => cron.next_after(ready_at - TimeDelta::nanoseconds(1), zone),
    }
}

/// Whether it is due so long ago (downtime, a restored machine) that a person must look first.
pub fn is_late(due: DateTime<Utc>, now: DateTime<Utc>, late_after: Span) -> bool {
    now - due > late_after.as_delta()
}

/// The one tick that stands for all that passed since `last_run`, that one excluded: the latest.
pub fn missed(cron: &Cron, last_run: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Option<Run> {
    cron.last_until(now, zone).filter(|run| run.at > last_run)
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self { time_zone: Zone(Tz::UTC), release: Release::default(), late_after: Span::hours(6) }
    }
}

impl Default for Release {
    /// `0 9 * * Mon-Fri`: the time until nine is the time to stop a wrong letter.
    fn default() -> Self {
        Cron::parse("0 9 * * Mon-Fri").map_or(Release::Now, Release::Windows)
    }
}

impl FromStr for Release {
    type Err = NotACron;

    fn from_str(text: &str) -> Result<Self, NotACron> {
        if text.trim().eq_ignore_ascii_case("now") { Ok(Release::Now) } else { Cron::parse(text).map(Release::Windows) }
    }
}

impl FromStr for Zone {
    type Err = NotAZone;

    fn from_str(name: &str) -> Result<Self, NotAZone> {
        name.trim().parse().map(Zone).map_err(|_| NotAZone { found: name.to_owned(), remedy: nearest_zone(name) })
    }
}

/// The zone that has this name in other letters, or this city.
fn nearest_zone(name: &str) -> String {
    let wanted = name.trim().replace(' ', "_").to_lowercase();
    let fits = |zone: &&Tz| {
        let zone = zone.name().to_lowercase();
        zone == wanted || zone.rsplit('/').next() == Some(wanted.as_str())
    };
    match TZ_VARIANTS.iter().find(fits) {
        Some(zone) => zone.name().to_owned(),
        None => "a name of the tz database, such as Europe/Zurich or UTC".to_owned(),
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Release::Now => f.pad("now"),
            Release::Windows(cron) => cron.fmt(f),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.name())
    }
}

impl Serialize for Release {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Release {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
