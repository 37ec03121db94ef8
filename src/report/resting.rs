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
    /// When the next copy is due that it could be tried with; `None`: there is none.
    pub next_due: Option<DateTime<Utc>>,
}

impl Resting {
    /// `until 2026-12-07 09:31:00 CET (+01:00)`, or that its rest is over and with which copy it is tried: nobody writes to a
    /// relay to whom nothing is to be given.
    pub fn until_when(&self, now: DateTime<Utc>, zone: Tz) -> String {
        match self.until.filter(|until| *until > now) {
            Some(until) => format!("until {}, then it is tried again", format_moment(until, zone)),
            None => match self.next_due {
                Some(due) if due <= now => "its rest is over: it is tried at once while the daemon runs".to_owned(),
                Some(due) => {
                    let due = format_moment(due, zone);
                    format!("its rest is over: it is tried with the next copy that is due, at {due}")
                }
                None => "its rest is over: it is tried with the next copy that is due; none is yet".to_owned(),
            },
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
        let resting =
            Resting { relay: "main".to_owned(), why: "auth: 535 no".to_owned(), since, until, next_due: None };
        assert_eq!(
            resting.sentence(since, Tz::Europe__Zurich),
            "relay \"main\" rests since 2026-12-07 09:00:00 CET (+01:00), until 2026-12-07 09:31:00 CET (+01:00), then it is \
             tried again: auth: 535 no"
        );
        let later = resting.sentence(since + chrono::TimeDelta::hours(1), Tz::UTC);
        assert!(later.contains("its rest is over"), "{later}");
    }

    #[test]
    fn once_its_rest_is_over_it_says_with_which_copy_the_relay_is_tried() {
        let now: DateTime<Utc> = "2026-12-07T08:00:00Z".parse().expect("a time");
        for (next_due, says) in [
            (Some(now), "it is tried at once while the daemon runs"),
            (Some(now + chrono::TimeDelta::hours(4)), "the next copy that is due, at 2026-12-07 12:00:00 UTC (+00:00)"),
            (None, "none is yet"),
        ] {
            let resting =
                Resting { relay: "main".to_owned(), why: String::new(), since: now, until: Some(now), next_due };
            assert!(resting.until_when(now, Tz::UTC).ends_with(says), "{}", resting.until_when(now, Tz::UTC));
        }
    }
}
