//! How a relay that asks for less is fed more slowly, and faster again once it is content.
//!
//! A relay says "too many" with 421, or with a passing refusal of policy (4.7.x, RFC 3463 §3.8). Then half of what it has taken
//! lately is the pace; each while without complaint makes it half as fast again, until nobody would notice the pace any more.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Failure, Outcome, Trouble};

/// Sessions that are open together are told together: one complaint.
const TOGETHER: TimeDelta = TimeDelta::seconds(5);
/// A pace holds so long before it is raised.
const CONTENT: TimeDelta = TimeDelta::seconds(30);
/// What was taken is counted over so long.
const LATELY: TimeDelta = TimeDelta::seconds(10);
/// The slowest pace, a message in ten seconds: below it a relay is not slow but away.
const SLOWEST: f64 = 0.1;

/// The pace of one relay, as a value: times are arguments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pace {
    /// Messages a second; `None`: as fast as it goes.
    per_second: Option<f64>,
    /// What the relay took before it complained: above, no pace is needed.
    before: f64,
    changed_at: Option<DateTime<Utc>>,
    next_at: Option<DateTime<Utc>>,
    counting_since: Option<DateTime<Utc>>,
    counted: u32,
    /// Messages a second in the count before this one.
    counted_before: f64,
}

/// Whether an outcome asks for fewer messages at a time.
pub fn asks_for_less(outcome: &Outcome) -> bool {
    let Outcome::Failed(Failure { trouble: Trouble::Reply(reply), .. }) = outcome else { return false };
    let is_policy = reply.status.is_some_and(|status| status.class == 4 && status.subject == 7);
    // greylisting is a word about one addressee (RFC 6647)
    let greylists = ["greylist", "graylist"].iter().any(|word| reply.text.to_lowercase().contains(word));
    if greylists {
        return false;
    }
    reply.code.get() == 421 || (reply.code.is_transient() && is_policy)
}

impl Pace {
    /// Messages a second; `None`: as fast as it goes.
    pub fn per_second(&self) -> Option<f64> {
        self.per_second
    }

    /// The right to send one message now, or when there will be one.
    pub fn take(&mut self, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        if let Some(per_second) = self.per_second {
            let spacing = spacing(per_second);
            // a clock that was set back waits for one message at most
            let next_at = self.next_at.unwrap_or(now).min(now + spacing);
            if next_at > now {
                self.next_at = Some(next_at);
                return Err(next_at);
            }
            self.next_at = Some(now + spacing);
        }
        self.count(now);
        Ok(())
    }

    /// The relay took a message. Says the new pace where it was raised: `Some(None)` is none.
    pub fn content(&mut self, now: DateTime<Utc>) -> Option<Option<f64>> {
        let per_second = self.per_second?;
        if self.changed_at.is_some_and(|changed| now - changed < CONTENT) {
            return None;
        }
        self.changed_at = Some(now);
        self.per_second = Some(per_second * 1.5).filter(|raised| *raised < self.before);
        Some(self.per_second)
    }

    /// The relay asks for less. Says the new pace, unless it is the complaint that was heard a moment ago.
    pub fn slow_down(&mut self, now: DateTime<Utc>) -> Option<f64> {
        if self.changed_at.is_some_and(|changed| now - changed < TOGETHER) && self.per_second.is_some() {
            return None;
        }
        let taken = self.lately(now);
        let was = self.per_second.map_or(taken, |per_second| per_second.min(taken.max(SLOWEST)));
        if self.per_second.is_none() {
            self.before = taken;
        }
        let slower = (was / 2.0).max(SLOWEST);
        self.per_second = Some(slower);
        self.changed_at = Some(now);
        Some(slower)
    }

    fn count(&mut self, now: DateTime<Utc>) {
        let since = *self.counting_since.get_or_insert(now);
        if now - since >= LATELY || now < since {
            self.counted_before = f64::from(self.counted) / seconds(now - since);
            (self.counting_since, self.counted) = (Some(now), 0);
        }
        self.counted += 1;
    }

    /// Messages a second, lately.
    fn lately(&self, now: DateTime<Utc>) -> f64 {
        let Some(since) = self.counting_since else { return SLOWEST };
        (f64::from(self.counted) / seconds(now - since)).max(self.counted_before).max(SLOWEST)
    }
}

/// At least one: what came in the first moment says little of a pace.
fn seconds(span: TimeDelta) -> f64 {
    (span.num_milliseconds() as f64 / 1000.0).max(1.0)
}

fn spacing(per_second: f64) -> TimeDelta {
    TimeDelta::microseconds((1_000_000.0 / per_second) as i64)
}
