//! Times as people and programs read them: never without zone and offset.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use crate::schedule::{Run, zone_and_offset};

/// `Mon 07 Dec 2026 09:00 CET (+01:00)`: when something will be.
pub fn format_time(at: DateTime<Utc>, zone: Tz) -> String {
    Run { at: at.with_timezone(&zone), note: None }.to_string()
}

/// `2026-12-07 09:00:12 CET (+01:00)`: when something was, to the second, in columns that sort.
pub fn format_moment(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    format!("{} {}", local.format("%Y-%m-%d %H:%M:%S"), zone_and_offset(&local))
}

/// `2026-12-07T09:00:12+01:00`: for JSON and CSV (RFC 3339, with the offset of the house).
pub fn rfc3339(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_time_carries_its_offset() {
        let at: DateTime<Utc> = "2026-12-07T08:00:12.345Z".parse().expect("a time");
        let zurich = Tz::Europe__Zurich;
        assert_eq!(format_time(at, zurich), "Mon 07 Dec 2026 09:00:12 CET (+01:00)");
        assert_eq!(format_moment(at, zurich), "2026-12-07 09:00:12 CET (+01:00)");
        assert_eq!(rfc3339(at, zurich), "2026-12-07T09:00:12+01:00");
        assert_eq!(format_moment(at, Tz::Asia__Kathmandu), "2026-12-07 13:45:12 (+05:45)");
        assert_eq!(rfc3339(at, Tz::UTC), "2026-12-07T08:00:12+00:00");
    }
}
