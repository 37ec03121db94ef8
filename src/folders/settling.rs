//! Which files have come to rest, which have gone, and which have new content: from scans and the time alone.
//!
//! A copy over a slow line, an editor that writes beside the file and renames, an editor that moves the old file away
//! first: none of them may show us half a letter, nor a letter that vanished for the blink of an eye.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Seen;

/// Remembers one folder from scan to scan.
#[derive(Debug)]
pub struct Settling {
    settle: TimeDelta,
    files: BTreeMap<String, Known>,
}

/// Two looks in one instant are one look: a copy that keeps the old time of change shows only by its size.
const BETWEEN_SCANS: TimeDelta = TimeDelta::milliseconds(500);

/// What a scan changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// At rest, with content that was not reported before: to be read now. Sorted by name.
    pub settled: Vec<Seen>,
    /// Gone for good, having been reported before. Sorted.
    pub vanished: Vec<String>,
    /// When the next scan may find something settled or gone; `None`: everything is at rest.
    pub look_again_in: Option<TimeDelta>,
}

#[derive(Debug)]
struct Known {
    seen: Seen,
    /// Since when it looks like this.
    since: DateTime<Utc>,
    /// Since when it is not there.
    missing_since: Option<DateTime<Utc>>,
    reported: Report,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Report {
    Never,
    /// An earlier content was.
    Outdated,
    Current,
}

impl Settling {
    /// `settle`: how long size and time of change must have stood still.
    pub fn new(settle: TimeDelta) -> Self {
        Self { settle, files: BTreeMap::new() }
    }

    /// Takes in a scan made at `now`.
    pub fn observe(&mut self, files: &[Seen], now: DateTime<Utc>) -> Changes {
        let mut changes = Changes::default();
        let mut waits = Vec::new();
        let present: BTreeMap<&str, &Seen> = files.iter().map(|seen| (seen.name.as_str(), seen)).collect();
        for (name, seen) in &present {
            match self.files.get_mut(*name) {
                Some(known) => waits.extend(known.observe(seen, now, self.settle, &mut changes.settled)),
                None => {
                    self.files.insert((*name).to_owned(), Known::new((*seen).clone(), now));
                    waits.push(wait_for(seen, now, now, self.settle));
                }
            }
        }
        let settle = self.settle;
        self.files.retain(|name, known| {
            present.contains_key(name.as_str()) || known.still_awaited(now, settle, &mut waits, &mut changes.vanished)
        });
        changes.look_again_in = waits.into_iter().min();
        changes
    }

    /// Whether the last scan found the file at rest.
    pub fn is_at_rest(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|known| known.reported == Report::Current && known.missing_since.is_none())
    }

    /// Files that were there and may come back: an editor has moved them away, or somebody has renamed or deleted them.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.files.iter().filter(|(_, known)| known.missing_since.is_some());
        missing.map(|(name, _)| name.as_str())
    }

    /// Reports the file again at the next scan that finds it at rest: it could not be read, or a list it needs changed.
    pub fn again(&mut self, name: &str) {
        if let Some(known) = self.files.get_mut(name) {
            known.reported = Report::Never;
        }
    }
}

impl Known {
    fn new(seen: Seen, now: DateTime<Utc>) -> Self {
        Self { seen, since: now, missing_since: None, reported: Report::Never }
    }

    /// The time to wait, where it is not at rest.
    fn observe(
        &mut self,
        seen: &Seen,
        now: DateTime<Utc>,
        settle: TimeDelta,
        out: &mut Vec<Seen>,
    ) -> Option<TimeDelta> {
        self.missing_since = None;
        if self.seen != *seen {
            self.seen = seen.clone();
            self.since = now;
            if self.reported == Report::Current {
                self.reported = Report::Outdated;
            }
            return Some(wait_for(seen, now, now, settle));
        }
        if self.reported == Report::Current {
            return None;
        }
        // A clock that was set back must not make a file wait for the past.
        self.since = self.since.min(now);
        let wait = wait_for(seen, self.since, now, settle);
        if wait > TimeDelta::zero() {
            return Some(wait);
        }
        self.reported = Report::Current;
        out.push(seen.clone());
        None
    }

    /// Whether it may still come back: an editor has moved it away to write a new one.
    fn still_awaited(
        &mut self,
        now: DateTime<Utc>,
        settle: TimeDelta,
        waits: &mut Vec<TimeDelta>,
        vanished: &mut Vec<String>,
    ) -> bool {
        if self.reported == Report::Never {
            return false;
        }
        let since = self.missing_since.map_or(now, |since| since.min(now));
        self.missing_since = Some(since);
        let wait = since + settle - now;
        if wait > TimeDelta::zero() {
            waits.push(wait);
            return true;
        }
        vanished.push(self.seen.name.clone());
        false
    }
}

/// How long until a file that looks like this since then counts as settled; zero or less: it does.
fn wait_for(seen: &Seen, since: DateTime<Utc>, now: DateTime<Utc>, settle: TimeDelta) -> TimeDelta {
    // A time of change in the future (another machine's clock) says nothing; our own observation has to do.
    let still_since = if seen.modified > now { since } else { seen.modified };
    let two_scans_apart = since + settle.min(BETWEEN_SCANS);
    (still_since + settle).max(two_scans_apart) - now
}
