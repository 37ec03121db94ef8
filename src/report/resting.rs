//! Why nothing goes out, and until when: relays that rest, in a sentence.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{format_moment, one_line};

/// A relay that rests after a failure of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting {
    /// Its name.
    pub relay: String,
    /// Why, in its words or ours.
    pub why: String,
    /// When it first rested.
    pub since: DateTime<Utc>,
    /// Until when, as it was said last.
    pub until: Option<DateTime<Utc>>,
}

impl Resting {
    /// `until 2026-12-07 09:31:00 CET (+01:00)`, or that its rest is over.
    pub fn until_when(&self, now: DateTime<Utc>, zone: Tz) -> String {
        match self.until.filter(|until| *until > now) {
            Some(until) => format!("until {}, then it is tried again", format_moment(until, zone)),
            None => "its rest is over: it is tried at once while the daemon runs".to_owned(),
        }
    }

    /// `relay "main" rests since …, until …: why`
    pub fn sentence(&self, now: DateTime<Utc>, zone: Tz) -> String {
        let (relay, why) = (one_line(&self.relay), one_line(&self.why));
        let since = format_moment(self.since, zone);
        format!("relay \"{relay}\" rests since {since}, {}: {why}", self.until_when(now, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_since_when_until_when_and_why() {
        let since: DateTime<Utc> = "2026-12-07T08:00:00Z".parse().expect("a time");
        let until = Some(since + chrono::TimeDelta::minutes(31));
        let resting = Resting { relay: "main".to_owned(), why: "auth: 535 no".to_owned(), since, until };
        assert_eq!(
            resting.sentence(since, Tz::Europe__Zurich),
            "relay \"main\" rests since 2026-12-07 09:00:00 CET (+01:00), until 2026-12-07 09:31:00 CET (+01:00), then it is \
             tried again: auth: 535 no"
        );
        let later = resting.sentence(since + chrono::TimeDelta::hours(1), Tz::UTC);
        assert!(later.contains("its rest is over"), "{later}");
    }
}
