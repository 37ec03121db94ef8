//! Clocks that change, and expressions as people write them.

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::{circular::Send, delivery::Span};

const ZURICH: Tz = Tz::Europe__Zurich;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a local time")
}

fn cron(text: &str) -> Cron {
    Cron::parse(text).expect(text)
}

/// The next runs as people see them.
fn runs(expression: &str, after: &str, zone: Tz, count: usize) -> Vec<String> {
    let cron = cron(expression);
    let mut after = utc(after);
    std::iter::from_fn(|| {
        let run = cron.next_after(after, zone)?;
        after = run.utc();
        Some(run.to_string())
    })
    .take(count)
    .collect()
}

#[test]
fn a_run_in_the_spring_gap_goes_at_the_first_instant_after_it_and_says_so() {
    let run = cron("30 2 * * *").next_after(utc("2027-03-27T12:00:00Z"), ZURICH).expect("a run");
    assert_eq!(run.utc(), utc("2027-03-28T01:00:00Z"));
    assert_eq!(run.to_string(), "Sun 28 Mar 2027 03:00 CEST (+02:00)");
    let note = run.note.expect("a note").to_string();
    assert_eq!(note, "02:30 does not exist on 28 March 2027 (clocks go forward): 03:00 CEST");
    assert_eq!(
        runs("30 2 * * *", "2027-03-27T12:00:00Z", ZURICH, 2)[1],
        "Mon 29 Mar 2027 02:30 CEST (+02:00)",
        "the day after it is itself again"
    );
}

#[test]
fn a_run_in_the_autumn_fold_goes_once_at_the_first_of_the_two() {
    let daily = cron("30 2 * * *");
    let run = daily.next_after(utc("2027-10-30T12:00:00Z"), ZURICH).expect("a run");
    assert_eq!(run.utc(), utc("2027-10-31T00:30:00Z"));
    let note = run.note.expect("a note").to_string();
    assert_eq!(note, "02:30 comes twice on 31 October 2027 (clocks go back): the first, 02:30 CEST");
    for asked_at in ["2027-10-31T00:30:00Z", "2027-10-31T01:10:00Z", "2027-10-31T01:30:00Z"] {
        let next = daily.next_after(utc(asked_at), ZURICH).expect("a run");
        assert_eq!(next.utc(), utc("2027-11-01T01:30:00Z"), "asked at {asked_at}");
    }
}

#[test]
fn several_times_in_one_gap_become_one_run_without_a_note_where_its_end_was_asked_for() {
    let shown = runs("*/30 * * * *", "2027-03-28T00:29:00Z", ZURICH, 3);
    assert_eq!(
        shown,
        [
            "Sun 28 Mar 2027 01:30 CET (+01:00)",
            "Sun 28 Mar 2027 03:00 CEST (+02:00)",
            "Sun 28 Mar 2027 03:30 CEST (+02:00)"
        ]
    );
    let run = cron("*/30 * * * *").next_after(utc("2027-03-28T00:30:00Z"), ZURICH).expect("a run");
    assert_eq!(run.note, None);
}

#[test]
fn clocks_elsewhere_change_on_other_days_or_never() {
    assert_eq!(
        runs("30 2 * * *", "2027-03-14T05:00:00Z", Tz::America__New_York, 1),
        ["Sun 14 Mar 2027 03:00 EDT (-04:00)"]
    );
    assert_eq!(
        runs("30 1 * * *", "2027-11-07T00:00:00Z", Tz::America__New_York, 2),
        ["Sun 07 Nov 2027 01:30 EDT (-04:00)", "Mon 08 Nov 2027 01:30 EST (-05:00)"]
    );
    assert_eq!(runs("0 9 * * *", "2027-03-28T00:00:00Z", Tz::Asia__Kathmandu, 1), ["Sun 28 Mar 2027 09:00 (+05:45)"]);
    assert_eq!(runs("0 9 * * *", "2027-03-28T00:00:00Z", Tz::UTC, 1), ["Sun 28 Mar 2027 09:00 UTC (+00:00)"]);
    // Half an hour, on Lord Howe.
    assert_eq!(
        runs("15 2 * * *", "2026-10-03T14:00:00Z", Tz::Australia__Lord_Howe, 1),
        ["Sun 04 Oct 2026 02:30 (+11:00)"]
    );
}

#[test]
fn a_day_that_a_zone_leaves_out_is_the_day_after() {
    let run = resolve_local(wall("2011-12-30 09:00"), Tz::Pacific__Apia);
    assert_eq!(run.utc(), utc("2011-12-30T10:00:00Z"));
    assert_eq!(
        run.note.expect("a note").to_string(),
        "09:00 does not exist on 30 December 2011 (clocks go forward): 31 December 2011 00:00 +14:00"
    );
}

#[test]
fn weekdays_count_as_in_posix_and_by_name() {
    // 6 December 2026 is a Sunday.
    for (field, days) in [
        ("0", "Sun"),
        ("7", "Sun"),
        ("Sunday", "Sun"),
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("Mon-Fri", "Mon Tue Wed Thu Fri"),
        ("5-7", "Sun Fri Sat"),
        ("fri-mon", "Sun Mon Fri Sat"),
        ("0-7", "Sun Mon Tue Wed Thu Fri Sat"),
        ("*/2", "Sun Tue Thu Sat"),
        ("1,wed", "Mon Wed"),
        ("1-5/2", "Mon Wed Fri"),
        ("?", "Sun Mon Tue Wed Thu Fri Sat"),
    ] {
        let cron = cron(&format!("0 9 * * {field}"));
        let mut at = utc("2026-12-06T00:00:00Z");
        let mut seen = Vec::new();
        while let Some(run) = cron.next_after(at, Tz::UTC).filter(|run| run.utc() < utc("2026-12-13T00:00:00Z")) {
            seen.push(run.at.weekday().to_string());
            at = run.utc();
        }
        assert_eq!(seen.join(" "), days, "{field}");
    }
}

#[test]
fn five_six_and_seven_fields_are_read() {
    assert_eq!(runs("0 9 1 jan *", "2026-12-07T00:00:00Z", Tz::UTC, 1), ["Fri 01 Jan 2027 09:00 UTC (+00:00)"]);
    assert_eq!(runs("30 0 9 * * *", "2026-12-07T00:00:00Z", Tz::UTC, 1), ["Mon 07 Dec 2026 09:00:30 UTC (+00:00)"]);
    assert_eq!(runs("0 0 9 1 1 ? 2030", "2026-12-07T00:00:00Z", Tz::UTC, 2), ["Tue 01 Jan 2030 09:00 UTC (+00:00)"]);
    assert_eq!(runs("  5/20  9 * *  * ", "2026-12-07T09:05:00Z", Tz::UTC, 1), ["Mon 07 Dec 2026 09:25 UTC (+00:00)"]);
    assert_eq!(runs("0 9 29 2 *", "2026-12-07T09:05:00Z", Tz::UTC, 1), ["Tue 29 Feb 2028 09:00 UTC (+00:00)"]);
}

#[test]
fn what_cannot_be_used_says_which_field_and_what_would_be_right() {
    for (expression, says) in [
        ("", "it has 0 fields; write five"),
        ("@daily", "it has 1 field; write five"),
        ("0 9 * *", "it has 4 fields; write five (minute, hour, day of the month, month, weekday)"),
        ("0 0 9 * * * 2027 x", "it has 8 fields"),
        ("75 9 * * *", "\"75\" cannot be the minute; it is a whole number from 0 to 59"),
        ("0 24 * * *", "\"24\" cannot be the hour"),
        ("0 9 0 * *", "\"0\" cannot be the day of the month; it is a whole number from 1 to 31"),
        ("0 9 * 13 *", "\"13\" cannot be the month; it is 1 to 12, or Jan to Dec"),
        ("0 9 * * 8", "\"8\" cannot be the weekday; it is 0 to 7, or Sun to Sat"),
        ("0 9 * * Lundi", "\"Lundi\" cannot be the weekday"),
        ("0 9 L * *", "L, W and # are not understood"),
        ("0 9 15W * *", "L, W and # are not understood"),
        ("0 9 * * 5#3", "L, W and # are not understood"),
        ("*/0 9 * * *", "after / stands a whole number"),
        ("30-10 9 * * *", "a range goes from the smaller to the larger"),
        ("1,,2 9 * * *", "\"\" cannot be the minute"),
        ("0 9 1 * Mon", "put * in one of the two"),
        ("0 9 31 2 *", "that date never comes"),
        ("0 9 30 2 *", "that date never comes"),
        ("0 0 9 29 2 * 2027", "that date never comes"),
        ("0 0 9 * * * 1914", "\"1914\" cannot be the year"),
    ] {
        let message = Cron::parse(expression).expect_err(expression).to_string();
        assert!(message.contains(says), "{expression}: {message}");
    }
}

#[test]
fn an_expression_whose_years_are_over_has_no_next_run() {
    assert_eq!(cron("0 0 9 * * * 2020").next_after(utc("2026-12-07T00:00:00Z"), ZURICH), None);
    let release = Release::Windows(cron("0 0 9 * * * 2020"));
    assert_eq!(due(None, &release, utc("2026-12-07T00:00:00Z"), ZURICH), None);
}

#[test]
fn a_letter_is_due_at_its_own_time_or_at_once_or_in_the_next_window() {
    let windows: Release = "0 9 * * Mon-Fri".parse().expect("a release");
    let friday_noon = utc("2026-12-04T11:00:00Z");
    let due_at = |send: Option<Send>, release: &Release, ready: DateTime<Utc>| {
        due(send.as_ref(), release, ready, ZURICH).expect("due").to_string()
    };
    assert_eq!(due_at(None, &windows, friday_noon), "Mon 07 Dec 2026 09:00 CET (+01:00)");
    assert_eq!(due_at(None, &Release::Now, friday_noon), "Fri 04 Dec 2026 12:00 CET (+01:00)");
    assert_eq!(due_at(Some(Send::Now), &windows, friday_noon), "Fri 04 Dec 2026 12:00 CET (+01:00)");
    let asked = Some(Send::At(wall("2026-12-24 16:30")));
    assert_eq!(due_at(asked, &windows, friday_noon), "Thu 24 Dec 2026 16:30 CET (+01:00)");
    let opening = utc("2026-12-07T08:00:00Z");
    assert_eq!(due_at(None, &windows, opening), "Mon 07 Dec 2026 09:00 CET (+01:00)", "just in time");
    let moment_after = opening + TimeDelta::nanoseconds(1);
    assert_eq!(due_at(None, &windows, moment_after), "Tue 08 Dec 2026 09:00 CET (+01:00)");
}

#[test]
fn what_was_due_longer_ago_than_allowed_is_late() {
    let due = utc("2026-12-07T08:00:00Z");
    assert!(!is_late(due, due - TimeDelta::hours(1), Span::hours(6)));
    assert!(!is_late(due, due + TimeDelta::hours(6), Span::hours(6)));
    assert!(is_late(due, due + TimeDelta::hours(6) + TimeDelta::seconds(1), Span::hours(6)));
}

#[test]
fn ticks_missed_while_down_become_one_the_latest() {
    let daily = cron("0 9 * * *");
    let now = utc("2026-12-07T08:30:00Z");
    let latest = |last: &str| missed(&daily, utc(last), now, ZURICH).map(|run| run.to_string());
    assert_eq!(latest("2026-11-01T08:00:00Z").as_deref(), Some("Mon 07 Dec 2026 09:00 CET (+01:00)"));
    assert_eq!(latest("2026-12-07T08:00:00Z"), None);
    assert_eq!(missed(&daily, utc("2026-12-06T08:00:00Z"), utc("2026-12-07T07:59:59Z"), ZURICH), None);
    assert!(missed(&daily, utc("2026-12-06T08:00:00Z"), utc("2026-12-07T08:00:00Z"), ZURICH).is_some());
}

#[test]
fn a_tick_missed_in_the_first_half_of_a_fold_is_found_from_the_second() {
    let run = missed(&cron("45 2 * * *"), utc("2027-10-30T01:00:00Z"), utc("2027-10-31T01:10:00Z"), ZURICH);
    assert_eq!(run.map(|run| run.utc()), Some(utc("2027-10-31T00:45:00Z")));
}

#[test]
fn settings_are_read_and_a_wrong_zone_names_the_right_one() {
    let read =
        toml::from_str::<ScheduleSettings>("time_zone = \"Europe/Zurich\"\nrelease = \"now\"").expect("settings");
    assert_eq!((read.time_zone, read.release, read.late_after), (Zone(ZURICH), Release::Now, Span::hours(6)));
    assert_eq!(ScheduleSettings::default().release.to_string(), "0 9 * * Mon-Fri");
    for (found, remedy) in
        [("europe/zurich", "write Europe/Zurich"), ("New York", "write America/New_York"), ("CE", "tz database")]
    {
        let message = found.parse::<Zone>().expect_err(found).to_string();
        assert!(message.contains(remedy), "{message}");
    }
}

proptest! {
    #[test]
    fn runs_are_strictly_increasing_and_never_past(
        start in 1_790_000_000_i64..1_860_000_000,
        expression in prop::sample::select(vec![
            "30 2 * * *", "*/7 * * * *", "0 0-4 * * *", "15,45 1-3 * 3,10,11 *", "0 9 * * Mon-Fri", "*/20 0 2 * * *",
        ]),
        zone in prop::sample::select(vec![
            ZURICH, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Asia__Kathmandu, Tz::Africa__Casablanca, Tz::UTC,
        ]),
    ) {
        let cron = cron(expression);
        let mut after = DateTime::from_timestamp(start, 0).expect("a time");
        for _ in 0..50 {
            let run = cron.next_after(after, zone).expect("a run");
            prop_assert!(run.utc() > after);
            prop_assert_eq!(run.at.nanosecond(), 0);
            prop_assert_eq!(missed(&cron, after, run.utc(), zone).map(|r| r.utc()), Some(run.utc()));
            after = run.utc();
        }
    }

    #[test]
    fn no_text_makes_the_cron_parser_panic(text in "[0-9a-zA-Z*?/,# LW-]{0,40}") {
        let _ = Cron::parse(&text);
    }
}
