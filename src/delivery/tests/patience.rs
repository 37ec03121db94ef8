//! Retries, streaks and throttles.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{accepted, answer, trouble};
use crate::delivery::{
    LetterBlame, NextTry, Others, Pause, Rate, RetrySettings, RetryTable, Span, Stage, Streak, Throttle, Throttles,
    Trouble, hint_in,
};

/// An addressee.
const A: &str = "a@b.example";

fn noon() -> DateTime<Utc> {
    "2026-12-07T12:00:00Z".parse().expect("a time")
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs()
}

#[test]
fn the_retry_table_gives_each_wait_in_turn_and_repeats_the_last() {
    let table = RetryTable::parse("5m, 15m, 30m, 1h*4, 4h").expect("a table");
    let waits: Vec<u64> = (1..=9).map(|attempts| seconds(table.wait(attempts, 0.5))).collect();
    assert_eq!(waits, [300, 900, 1800, 3600, 3600, 3600, 3600, 14_400, 14_400]);
    assert_eq!(seconds(table.wait(u32::MAX, 0.5)), 14_400);
    assert_eq!(seconds(table.wait(0, 0.5)), 300);
    assert_eq!(table, RetryTable::default());
    assert_eq!(table.to_string(), "5m, 15m, 30m, 1h*4, 4h");
}

#[test]
fn jitter_is_a_tenth_to_either_side() {
    let table = RetryTable::parse("100s").expect("a table");
    assert_eq!(seconds(table.wait(1, 0.0)), 90);
    assert_eq!(seconds(table.wait(1, 1.0)), 110);
    assert_eq!(seconds(table.wait(1, 7.0)), 110);
}

#[test]
fn a_retry_table_that_cannot_be_read_says_which_wait_and_how_to_write_it() {
    for (written, says) in [
        ("", "empty"),
        ("5m,, 1h", "wait 2"),
        ("5m, soon", "wait 2 of the retry table: \"soon\""),
        ("5", "write 5s"),
        ("1h*0", "after * stands how often"),
        ("1h*", "after * stands how often"),
        ("1h*1001", "1 to 1000"),
        ("0s", "at least 1s"),
    ] {
        let message = RetryTable::parse(written).expect_err(written).to_string();
        assert!(message.contains(says), "{written}: {message}");
    }
}

#[test]
fn a_wait_that_the_text_asks_for_is_found_and_no_other_number_is() {
    for (text, wait) in [
        ("4.2.0 greylisted, try again in 5 minutes", Some(300)),
        ("Please try again in 300 seconds", Some(300)),
        ("retry after 90s", Some(90)),
        ("Greylisted; retry in 1 hour.", Some(3600)),
        ("retry-after: 30 sec", Some(30)),
        ("try again in 9999999999999999 hours", Some(86_400)),
        ("please wait at least 2 min", Some(120)),
        ("mailbox has 5 minutes of fame", None),
        ("try again later", None),
        ("4.7.1 try 192.0.2.1", None),
        ("try again in 5 parsecs", None),
        ("", None),
    ] {
        assert_eq!(hint_in(text).map(seconds), wait, "{text}");
    }
}

#[test]
fn a_hint_is_never_undercut_and_never_makes_us_hammer() {
    let table = RetryTable::default();
    let wait = |hint, jitter| seconds(table.wait_with_hint(6, jitter, Some(Duration::from_secs(hint))));
    assert_eq!(wait(600, 0.0), 600);
    assert_eq!(wait(600, 1.0), 660);
    assert_eq!(wait(1, 0.0), 300);
}

#[test]
fn a_delivery_is_tried_once_more_at_the_give_up_time_and_then_expires() {
    let settings = RetrySettings { give_up_after: Span::hours(5), ..RetrySettings::default() };
    let after = |hours, attempts| settings.next_try(noon(), noon() + TimeDelta::hours(hours), attempts, 0.5, None);
    assert_eq!(after(0, 1), NextTry::At(noon() + TimeDelta::minutes(5)));
    assert_eq!(after(4, 8), NextTry::At(noon() + TimeDelta::hours(5)));
    assert_eq!(after(5, 9), NextTry::GiveUp(noon() + TimeDelta::hours(5)));
}

#[test]
fn the_third_identical_refusal_in_a_row_pauses_the_relay_whoever_seems_to_blame() {
    let mut streak = Streak::default();
    assert_eq!(streak.note(A, &answer(Stage::Rcpt, "550 <a@b.example> not here")), None);
    assert_eq!(streak.note("b@b.example", &answer(Stage::Rcpt, "450 4.2.0 later")), None);
    assert_eq!(streak.note("c@d.example", &answer(Stage::Rcpt, "550 <c@d.example> not here")), None);
    let third = answer(Stage::Rcpt, "550 <e@f.example> not here");
    let pause = streak.note("e@f.example", &third).expect("a pause");
    assert_eq!(pause.to_string(), "the relay answered 550 at rcpt 3 times in a row and accepted nothing in between");
    assert!(streak.note("g@h.example", &third).is_some(), "the sessions still at work are stopped too");
}

#[test]
fn nine_dead_mailboxes_side_by_side_pause_nothing_and_the_tenth_does() {
    for line in ["550 5.1.1 unknown", "556 5.1.10 no mail there", "550 5.2.1 disabled", "552 5.2.2 full"] {
        let refusal = answer(Stage::Rcpt, line);
        let mut streak = Streak::default();
        for number in 1..10 {
            assert_eq!(streak.note(&format!("dead{number}@c.example"), &refusal), None, "{line}: {number}");
            assert_eq!(streak.note(&format!("DEAD{number}@c.example"), &refusal), None, "{line}: another letter to it");
        }
        let pause = streak.note("dead10@c.example", &refusal).map(|pause| pause.to_string()).unwrap_or_default();
        assert!(pause.ends_with(" 10 times in a row and accepted nothing in between"), "{line}: {pause}");
        assert!(streak.note("dead1@c.example", &refusal).is_some(), "the sessions still at work are stopped too");
    }
}

#[test]
fn a_bad_mailbox_is_believed_at_rcpt_only_and_only_where_the_status_says_so() {
    for (stage, line) in [
        (Stage::FinalDot, "550 5.1.1 unknown"),
        (Stage::Rcpt, "550 5.4.4 no route"),
        (Stage::Rcpt, "550 unknown"),
        (Stage::Rcpt, "550 5.1.8 sender unknown"),
    ] {
        let mut streak = Streak::default();
        let third = [A, "b@b.example", "c@b.example"].map(|address| streak.note(address, &answer(stage, line)));
        assert!(third[2].is_some(), "{stage}: {line}");
    }
}

#[test]
fn a_success_or_another_refusal_ends_a_streak() {
    let refusal = answer(Stage::Rcpt, "550 unknown");
    for between in [accepted("250 ok"), answer(Stage::Rcpt, "550 5.2.1 disabled"), answer(Stage::Mail, "550 x")] {
        let mut streak = Streak::default();
        streak.note(A, &refusal);
        streak.note(A, &refusal);
        streak.note(A, &between);
        assert_eq!(streak.note(A, &refusal), None, "{between:?}");
    }
}

#[test]
fn two_doubts_in_a_row_pause_the_relay_and_no_doubt_is_retried_before_it_answers_250() {
    let mut streak = Streak::default();
    let doubt = trouble(Stage::FinalDot, Trouble::TimedOut);
    assert!(streak.may_retry_doubt());
    assert_eq!(streak.note(A, &doubt), None);
    assert!(streak.may_retry_doubt(), "one doubt is tried again first");
    assert_eq!(streak.note(A, &doubt), Some(Pause::Doubts(2)));
    assert_eq!(streak.note(A, &answer(Stage::Rcpt, "550 5.1.1 unknown")), None);
    assert!(!streak.may_retry_doubt());
    streak.note(A, &accepted("250 ok"));
    assert!(streak.may_retry_doubt());
    assert_eq!(streak.note(A, &doubt), None);
}

#[test]
fn three_different_addressees_make_it_the_letters_fault() {
    let too_big = answer(Stage::FinalDot, "552 5.3.4 too big");
    let mut blame = LetterBlame::default();
    assert_eq!(blame.note(1, &too_big, Others::None), None);
    assert_eq!(blame.note(2, &too_big, Others::None), None);
    assert_eq!(blame.note(2, &too_big, Others::None), None);
    assert_eq!(blame.note(9, &answer(Stage::Rcpt, "550 5.1.1 unknown"), Others::None), None);
    assert_eq!(blame.note(3, &too_big, Others::None), Some(Pause::Letter(3)));
    blame.clear();
    assert_eq!(blame.note(4, &too_big, Others::None), None);
}

#[test]
fn one_addressee_alone_does_not_go_round_for_ever() {
    let too_big = answer(Stage::FinalDot, "552 5.3.4 too big");
    let mut blame = LetterBlame::default();
    assert_eq!(blame.note(1, &too_big, Others::None), None);
    assert_eq!(blame.note(1, &too_big, Others::None), None);
    assert_eq!(blame.note(1, &too_big, Others::None), Some(Pause::LetterForOne(3)));
}

#[test]
fn one_copy_that_a_spam_filter_refuses_pauses_nothing_while_others_are_left() {
    let spam = answer(Stage::FinalDot, "554 5.7.1 message rejected as spam");
    let mut blame = LetterBlame::default();
    for _ in 0..5 {
        assert_eq!(blame.note(1, &spam, Others::Left), None);
    }
    assert_eq!(blame.note(1, &spam, Others::None), Some(Pause::LetterForOne(6)));
    blame.note(1, &accepted("250 ok"), Others::None);
    assert_eq!((blame.times(1), blame.copies()), (0, 0), "it was taken after all");
}

#[test]
fn one_copy_that_is_refused_for_our_standing_pauses_its_letter_only_where_the_relay_takes_others() {
    let mut blame = LetterBlame::default();
    for _ in 0..5 {
        assert_eq!(blame.note_standing(1, 7, Others::None), None, "it may take nothing from us at all");
    }
    assert_eq!(blame.note_standing(1, 8, Others::Left), None, "others have not had their turn");
    assert_eq!(blame.note_standing(1, 8, Others::None), Some(Pause::CopyForOne(7)));
}

#[test]
fn a_rate_is_read_as_it_is_shown_and_nonsense_says_how_to_write_one() {
    for (written, shown) in
        [("100/hour", "100/hour"), ("10 / s", "10/second"), ("2000/d", "2000/day"), ("1/min", "1/minute")]
    {
        assert_eq!(written.parse::<Rate>().map(|rate| rate.to_string()), Ok(shown.to_owned()));
    }
    for written in ["", "100", "0/hour", "x/hour", "100/week", "1000001/s"] {
        let message = written.parse::<Rate>().expect_err(written).to_string();
        assert!(message.contains("100/hour"), "{message}");
    }
}

#[test]
fn a_throttle_that_says_when_gives_a_token_then_and_not_before() {
    let mut throttle = Throttle::new("2/minute".parse().expect("a rate"));
    assert_eq!(throttle.take(noon()), Ok(()));
    let until = noon() + TimeDelta::seconds(30);
    assert_eq!(throttle.take(noon()), Err(until));
    assert_eq!(throttle.take(until - TimeDelta::nanoseconds(1)), Err(until));
    assert_eq!(throttle.take(until), Ok(()));
}

#[test]
fn a_restart_neither_fills_nor_empties_the_bucket() {
    let mut throttle = Throttle::new("40/hour".parse().expect("a rate"));
    while throttle.take(noon()).is_ok() {}
    let kept = serde_json::to_string(&throttle).expect("written");
    let mut read: Throttle = serde_json::from_str(&kept).expect("read back");
    assert_eq!(read, throttle);
    assert_eq!(read.take(noon()), throttle.take(noon()));
}

#[test]
fn a_clock_that_was_set_back_shuts_the_bucket_for_one_window_at_most() {
    let mut throttle = Throttle::new("1/minute".parse().expect("a rate"));
    throttle.take(noon() + TimeDelta::days(1)).expect("a token");
    let until = throttle.take(noon()).expect_err("shut");
    assert!(until <= noon() + TimeDelta::minutes(1), "{until}");
}

proptest! {
    #[test]
    fn no_window_ever_sees_more_than_the_rate(count in 1_u32..200, waits in prop::collection::vec(0_i64..90_000, 1..400)) {
        let mut throttle = Throttle::new(format!("{count}/minute").parse().expect("a rate"));
        let mut now = noon();
        let mut taken = Vec::new();
        for wait in waits {
            now += TimeDelta::milliseconds(wait % 3_000);
            while throttle.take(now).is_ok() {
                taken.push(now);
            }
        }
        for (first, at) in taken.iter().enumerate() {
            let end = *at + TimeDelta::minutes(1);
            let inside = taken[first..].iter().take_while(|t| **t < end).count();
            prop_assert!(inside <= count as usize, "{} in a minute at {}/minute", inside, count);
        }
    }

    #[test]
    fn no_text_makes_the_retry_parsers_panic(text in ".*") {
        let _ = RetryTable::parse(&text);
        let _ = hint_in(&text);
    }
}

#[test]
fn of_several_limits_each_holds_and_one_that_is_reached_costs_the_others_nothing() {
    let rates = ["1/second", "2/minute"].map(|rate| rate.parse().expect("a rate"));
    let mut throttles = Throttles::new(&rates);
    let start = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let mut taken = Vec::new();
    for second in 0..180 {
        if throttles.take(start + TimeDelta::seconds(second)).is_ok() {
            taken.push(second);
        }
    }
    for window in 0..120 {
        let inside = taken.iter().filter(|second| (window..window + 60).contains(*second)).count();
        assert!(inside <= 2, "{inside} in the minute after {window} s: {taken:?}");
    }
    assert!(taken.len() >= 4, "{taken:?}");
}

#[test]
fn what_was_sent_before_a_restart_still_counts() {
    let rates = ["3/hour".parse().expect("a rate")];
    let start = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    let mut before = Throttles::new(&rates);
    before.take(start).expect("a token");
    let mut after = Throttles::new(&rates);
    after.restore([start]);
    let later = start + TimeDelta::seconds(5);
    assert_eq!(after.take(later), before.take(later));
    assert!(after.take(later).is_err());
    assert_eq!(after.memory(), TimeDelta::hours(1));
    assert_eq!(Throttles::default().memory(), TimeDelta::zero());
}
