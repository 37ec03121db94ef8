//! Paces, parts and slots.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{super::*, accepted, answer};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
}

#[test]
fn what_asks_for_less_is_a_421_or_a_passing_refusal_of_policy() {
    let table = [
        (answer(Stage::Mail, "421 4.7.0 try again later"), true),
        (answer(Stage::FinalDot, "421 too many"), true),
        (answer(Stage::Rcpt, "450 4.7.1 too fast"), true),
        (answer(Stage::Mail, "451 4.7.500 busy"), true),
        (answer(Stage::Rcpt, "450 4.2.1 greylisted"), false),
        (answer(Stage::Rcpt, "450 4.7.1 Greylisted, try again in 300 seconds"), false),
        (answer(Stage::Rcpt, "450 mailbox busy"), false),
        (answer(Stage::Rcpt, "550 5.7.1 no"), false),
        (accepted("250 2.0.0 ok"), false),
    ];
    for (outcome, expected) in table {
        assert_eq!(asks_for_less(&outcome), expected, "{outcome:?}");
    }
}

/// Sends at ten a second from `from` on for `seconds`, as far as the pace allows; how many went.
fn send(pace: &mut Pace, from: DateTime<Utc>, seconds: i64) -> usize {
    let times = (0..seconds * 10).map(|tenth| from + TimeDelta::milliseconds(tenth * 100));
    times.filter(|now| pace.take(*now).is_ok()).count()
}

#[test]
fn a_complaint_halves_what_was_taken_lately_and_sessions_complain_together() {
    let mut pace = Pace::default();
    assert_eq!(send(&mut pace, at(0), 20), 200, "no pace without a complaint");
    let slower = pace.slow_down(at(20)).expect("a new pace");
    assert!((4.0..=6.0).contains(&slower), "{slower}");
    for second in 20..25 {
        assert_eq!(pace.slow_down(at(second)), None, "the same complaint");
    }
    let sent = send(&mut pace, at(20), 10);
    assert!((40..=60).contains(&sent), "{sent}");
    let slowest = pace.slow_down(at(30)).expect("a second complaint");
    assert!(slowest < slower, "{slowest}");
    for second in 1..40 {
        pace.slow_down(at(30 + second * 10));
    }
    assert_eq!(pace.slow_down(at(1000)), Some(0.1), "never slower than a message in ten seconds");
}

#[test]
fn without_complaint_it_goes_faster_until_no_pace_is_needed() {
    let mut pace = Pace::default();
    send(&mut pace, at(0), 20);
    pace.slow_down(at(20));
    assert_eq!(pace.content(at(40)), None, "not at once");
    let raised = pace.content(at(50)).flatten().expect("a faster pace");
    assert!((6.0..=9.0).contains(&raised), "{raised}");
    assert_eq!(pace.content(at(60)), None);
    assert_eq!(pace.content(at(80)), Some(None), "above what it took before nobody would notice it");
    assert_eq!(pace.content(at(200)), None, "there is none to raise");
    assert_eq!(send(&mut pace, at(200), 10), 100);
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_a_relay() {
    let mut pace = Pace::default();
    send(&mut pace, at(1000), 20);
    pace.slow_down(at(1020));
    send(&mut pace, at(1020), 10);
    assert!(send(&mut pace, at(0), 10) >= 40);
}

/// Who takes, in turn, when all want to: each relay asks once a round.
fn taken(shares: &mut Shares, rounds: usize, away: &[&str]) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for _ in 0..rounds {
        for relay in ["a", "b", "c"] {
            if !away.contains(&relay) && shares.may_take(relay, at(0), |other| away.contains(&other)) {
                shares.took(relay);
                *taken.entry(relay.to_owned()).or_default() += 1;
            }
        }
    }
    taken
}

#[test]
fn each_relay_takes_its_weights_part_and_nobody_waits_for_one_that_is_away() {
    let new = || Shares::new([("a", 3), ("b", 1), ("c", 1)]);
    let both = taken(&mut new(), 300, &[]);
    let (a, b) = (both["a"] as f64, both["b"] as f64);
    assert!((2.7..=3.3).contains(&(a / b)), "{both:?}");
    let without = taken(&mut new(), 300, &["a"]);
    assert!(without["b"] >= 299 && without["c"] >= 299, "{without:?}");
    let mut shares = new();
    taken(&mut shares, 300, &["b"]);
    assert!(shares.may_take("a", at(0), |_| false), "b is back, and nobody waits for what it has missed");
    let after = taken(&mut shares, 300, &[]);
    let (a, b) = (after["a"] as f64, after["b"] as f64);
    assert!((2.7..=3.3).contains(&(a / b)), "nor does it take more than its part: {after:?}");
    assert!(shares.may_take("unknown", at(0), |_| false), "without a weight it takes what it can");
}

/// Asks for `relay` as often as it is let, up to so many times, and takes each time.
fn takes(shares: &mut Shares, relay: &str, second: i64, most: usize) -> usize {
    let mut taken = 0;
    while taken < most && shares.may_take(relay, at(second), |_| false) {
        shares.took(relay);
        taken += 1;
    }
    taken
}

#[test]
fn nobody_waits_for_long_for_a_relay_that_hangs() {
    let mut shares = Shares::new([("a", 1), ("hangs", 1)]);
    shares.took("hangs");
    assert_eq!(takes(&mut shares, "a", 0, 100), 4, "its part and a little ahead");
    assert_eq!(takes(&mut shares, "a", 5, 100), 0, "the other is waited for");
    assert_eq!(takes(&mut shares, "a", 6, 100), 100, "and then no more");
    assert_eq!(takes(&mut shares, "a", 60, 100), 100);
    shares.took("hangs");
    assert!(takes(&mut shares, "a", 61, 100) < 10, "it is back where the others are, and waited for again");
    assert!(takes(&mut shares, "hangs", 61, 100) < 10, "it does not catch up");
}

fn rates(table: &[(&str, &str)]) -> Result<DomainRates, BadDomainRate> {
    table.iter().map(|(domain, rate)| ((*domain).to_owned(), (*rate).to_owned())).collect::<BTreeMap<_, _>>().try_into()
}

#[test]
fn in_no_window_more_slots_are_given_than_the_domains_rates_say() {
    let limits = rates(&[("Gov.example", "10/minute, 50/hour"), ("*", "1/second")]).expect("rates");
    let mut slots = Slots::new(limits);
    let mut given: Vec<DateTime<Utc>> = (0..200).map(|n| slots.reserve(&format!("a{n}@gov.EXAMPLE"), at(0))).collect();
    assert!(given.is_sorted() && given[0] == at(0));
    given.sort();
    for (rate, window) in [(10, TimeDelta::minutes(1)), (50, TimeDelta::hours(1))] {
        for (first, from) in given.iter().enumerate() {
            let within = given[first..].iter().take_while(|slot| **slot - *from < window).count();
            assert!(within <= rate, "{within} in {window}");
        }
    }
    // 200 slots of 50 an hour take some four hours, not longer
    assert!(given[199] - given[0] < TimeDelta::hours(5), "{}", given[199]);
    assert_eq!(slots.reserve("a@else.example", at(0)), at(0), "each domain for itself");
    assert!(slots.reserve("b@else.example", at(0)) >= at(1));
}

#[test]
fn what_was_sent_before_a_restart_counts_as_long_as_it_would() {
    let limits = || rates(&[("gov.example", "2/minute")]).expect("rates");
    let mut slots = Slots::new(limits());
    (0..2).for_each(|second| slots.restore("a@gov.example", at(second), at(3)));
    assert!(slots.reserve("b@gov.example", at(3)) > at(30));
    let mut slots = Slots::new(limits());
    (0..500).for_each(|_| slots.restore("a@gov.example", at(-7200), at(0)));
    assert_eq!(slots.reserve("b@gov.example", at(0)), at(0), "two hours are long enough");
    assert!(!Slots::default().is_limited() && slots.is_limited());
}

#[test]
fn a_domain_or_a_rate_that_is_none_is_refused_by_name() {
    for (domain, rate, said) in [
        ("a@gov.example", "1/hour", "is no domain"),
        ("", "1/hour", "is no domain"),
        ("*.gov.example", "1/hour", "is no domain"),
        ("gov.example", "fast", "domain \"gov.example\": \"fast\" is not a rate"),
        ("gov.example", "", "is not a rate"),
    ] {
        let refused = rates(&[(domain, rate)]).expect_err("refused").to_string();
        assert!(refused.contains(said), "{refused}");
    }
}
