//! Lengths of time as people write them: `90s`, `5m`, `6h`, `4d`, `1h30m`.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time in whole seconds, at most ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(Duration);

/// Longer is a slip of the pen, and would overflow dates.
const LONGEST_SECONDS: u64 = 10 * 366 * DAY;
const DAY: u64 = 86_400;
/// The largest first, so that `Display` takes the fewest words.
const UNITS: [(char, u64); 4] = [('d', DAY), ('h', 3_600), ('m', 60), ('s', 1)];

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotASpan {
    /// Neither a number nor a unit where one was expected.
    #[error("\"{0}\" is not a length of time; write a whole number and s, m, h or d, such as 30s, 5m, 6h or 4d")]
    Unreadable(String),
    /// A bare number.
    #[error("\"{0}\" has no unit; write {0}s for seconds, {0}m for minutes, {0}h for hours or {0}d for days")]
    NoUnit(String),
    /// More than ten years.
    #[error("\"{0}\" is longer than ten years; write a shorter time")]
    TooLong(String),
}

impl Span {
    /// Whole seconds; anything over ten years becomes ten years.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(if seconds > LONGEST_SECONDS { LONGEST_SECONDS } else { seconds }))
    }

    /// Minutes
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// Hours
    pub const fn hours(hours: u64) -> Self {
        Self::seconds(hours.saturating_mul(3_600))
    }

    /// Days of 24 hours
    pub const fn days(days: u64) -> Self {
        Self::seconds(days.saturating_mul(DAY))
    }

    /// For timers.
    pub fn as_std(self) -> Duration {
        self.0
    }

    /// For dates.
    pub fn as_delta(self) -> chrono::TimeDelta {
        // Bounded by ten years at every door, so the seconds fit.
        chrono::TimeDelta::seconds(self.0.as_secs().cast_signed())
    }
}

/// Reads `6h`.
pub fn parse_duration(text: &str) -> Result<Span, NotASpan> {
    let written = text.trim();
    let mut rest = written;
    let mut total = 0_u64;
    if rest.is_empty() {
        return Err(NotASpan::Unreadable(written.to_owned()));
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = &rest[..digits];
        let after = rest[digits..].trim_start();
        if number.is_empty() {
            return Err(NotASpan::Unreadable(written.to_owned()));
        }
        let Some(letter) = after.chars().next() else { return Err(NotASpan::NoUnit(written.to_owned())) };
        let Some((_, seconds)) = UNITS.iter().find(|(unit, _)| *unit == letter) else {
            return Err(NotASpan::Unreadable(written.to_owned()));
        };
        total = number
            .parse::<u64>()
            .ok()
            .and_then(|n| n.checked_mul(*seconds))
            .and_then(|n| n.checked_add(total))
            .filter(|n| *n <= LONGEST_SECONDS)
            .ok_or_else(|| NotASpan::TooLong(written.to_owned()))?;
        rest = after[letter.len_utf8()..].trim_start();
    }
    Ok(Span::seconds(total))
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        parse_duration(text)
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0.as_secs();
        if left == 0 {
            return f.pad("0s");
        }
        let mut text = String::new();
        for (unit, seconds) in UNITS {
            if left >= seconds {
                text.push_str(&format!("{}{unit}", left / seconds));
                left %= seconds;
            }
        }
        f.pad(&text)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parse_duration(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (written, seconds) in
            [("2s", 2), ("5m", 300), ("6h", 21_600), ("4d", 345_600), ("1h30m", 5_400), (" 1h 30m ", 5_400), ("0s", 0)]
        {
            assert_eq!(parse_duration(written).map(Span::as_std), Ok(Duration::from_secs(seconds)), "{written}");
        }
    }

    #[test]
    fn what_is_no_span_says_how_to_write_one() {
        for (written, says) in [
            ("", "not a length of time"),
            ("soon", "30s, 5m, 6h or 4d"),
            ("5", "write 5s for seconds"),
            ("5 minutes", "not a length of time"),
            ("-5m", "not a length of time"),
            ("1.5h", "not a length of time"),
            ("99999999999999999999d", "longer than ten years"),
            ("4000d", "longer than ten years"),
        ] {
            let message = parse_duration(written).expect_err(written).to_string();
            assert!(message.contains(says), "{written}: {message}");
        }
    }

    proptest! {
        #[test]
        fn a_span_is_read_back_as_it_is_shown(seconds in 0..LONGEST_SECONDS) {
            let span = Span::seconds(seconds);
            prop_assert_eq!(parse_duration(&span.to_string()), Ok(span));
        }

        #[test]
        fn no_text_makes_the_span_parser_panic(text in ".*") {
            let _ = parse_duration(&text);
        }
    }
}
