//! One relay, from our side.

use super::*;
use crate::delivery::{Failure, Reply, ReplyCode, Stage, Trouble};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
}

fn reply(line: &str) -> Reply {
    let (code, text) = line.split_at(3);
    let code = ReplyCode::new(code.parse().expect("three digits")).expect("a reply code");
    Reply::new(code, &[text.trim()])
}

const PASSING: Rest = Rest::Passing(None);

#[test]
fn sessions_that_fail_together_are_one_failure_and_one_alert() {
    let gate = Gate::default();
    assert!(matches!(gate.shut(PASSING, "refused", 0.0, at(0), None), Turned::Down(_, until) if until == at(1)));
    for _ in 0..15 {
        assert_eq!(gate.shut(PASSING, "refused", 0.0, at(0), None), Turned::Same);
    }
    assert_eq!(gate.resting(), Some((at(1), "refused".to_owned())));
    assert_eq!(gate.reached(), Turned::Up);
    assert_eq!(gate.reached(), Turned::Same);
}

#[test]
fn a_relay_that_an_earlier_run_told_to_be_down_is_told_to_be_up_once() {
    let gate = Gate::default();
    gate.was_said_down();
    assert_eq!(gate.reached(), Turned::Up);
    assert_eq!(gate.reached(), Turned::Same);
}

#[test]
fn each_try_that_fails_doubles_the_rest_up_to_five_minutes() {
    let gate = Arc::new(Gate::default());
    let mut now = at(0);
    let mut rests = Vec::new();
    for _ in 0..10 {
        let permit = gate.permit(now).expect("its rest is over");
        let turned = gate.shut(PASSING, "refused", 0.0, now, Some(&permit));
        drop(permit);
        let (until, _) = gate.resting().expect("rests");
        assert!(matches!(turned, Turned::Down(_, told) | Turned::Again(told) if told == until), "{turned:?}");
        rests.push((until - now).num_seconds());
        now = until;
    }
    assert_eq!(rests, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
}

#[test]
fn after_a_rest_one_lane_tries_and_a_try_that_comes_to_nothing_is_given_back() {
    let gate = Arc::new(Gate::default());
    gate.shut(PASSING, "421", 0.0, at(0), None);
    assert!(gate.permit(at(0)).is_none(), "it rests");
    let first = gate.permit(at(2)).expect("its rest is over");
    assert!(gate.permit(at(2)).is_none(), "another lane is trying");
    drop(first);
    assert!(gate.permit(at(2)).is_some(), "the try was given back");
}

#[test]
fn a_refused_login_rests_half_an_hour_and_a_hint_is_honoured() {
    let gate = Gate::default();
    gate.shut(Rest::ForAPerson, "535", 0.0, at(0), None);
    assert_eq!(gate.resting().map(|(until, _)| until), Some(at(1800)));
    let gate = Gate::default();
    gate.shut(Rest::Passing(Some(Duration::from_secs(90))), "421", 0.0, at(0), None);
    assert_eq!(gate.resting().map(|(until, _)| until), Some(at(90)));
}

#[test]
fn whoever_was_asked_before_a_rest_began_does_not_end_it() {
    let gate = Arc::new(Gate::default());
    let (early, other) = (gate.permit(at(0)).expect("it is up"), gate.permit(at(0)).expect("it is up"));
    assert!(matches!(gate.shut(PASSING, "refused", 0.0, at(1), Some(&other)), Turned::Down(..)));
    let (turned, _seat) = gate.let_in(early);
    assert_eq!(turned, Turned::Same);
    assert!(gate.rests(), "it was let in before");
    let trial = gate.permit(at(3)).expect("its rest is over");
    assert_eq!(gate.let_in(trial).0, Turned::Up);
}

#[test]
fn whoever_was_asked_before_a_rest_gives_back_nobody_elses_try() {
    let gate = Arc::new(Gate::default());
    let early = gate.permit(at(0)).expect("it is up");
    gate.shut(PASSING, "421", 0.0, at(0), None);
    let trial = gate.permit(at(2)).expect("its rest is over");
    drop(early);
    assert!(gate.permit(at(2)).is_none(), "another lane is trying");
    // one that was open before fails while another tries: that is no failure of the try
    assert_eq!(gate.shut(PASSING, "421", 0.0, at(3), None), Turned::Same);
    assert_eq!(gate.resting().map(|(until, _)| until), Some(at(1)));
    drop(trial);
    assert!(gate.permit(at(2)).is_some());
}

#[test]
fn one_that_greets_and_takes_nothing_rests_longer_each_time() {
    let gate = Arc::new(Gate::default());
    let mut now = at(0);
    let mut rests = Vec::new();
    for _ in 0..4 {
        gate.shut(PASSING, "451 at MAIL", 0.0, now, None);
        let (until, _) = gate.resting().expect("rests");
        rests.push((until - now).num_seconds());
        now = until;
        let permit = gate.permit(now).expect("its rest is over");
        assert_eq!(gate.let_in(permit).0, Turned::Up);
    }
    assert_eq!(rests, [1, 2, 4, 8]);
    gate.note("a@b.example", &Outcome::Accepted(reply("250 2.0.0 taken")));
    gate.shut(PASSING, "451 at MAIL", 0.0, now, None);
    assert_eq!(gate.resting().map(|(until, _)| (until - now).num_seconds()), Some(1), "it has taken something");
}

#[test]
fn one_sent_away_among_others_is_no_failure_and_its_seat_is_free_once_it_has_gone() {
    let gate = Arc::new(Gate::default());
    let (first, second) = (gate.permit(at(0)).expect("a seat"), gate.permit(at(0)).expect("a seat"));
    let (_, seat) = gate.let_in(first);
    let fewer = gate.sent_away(second, at(0)).expect("another is there");
    assert_eq!(fewer, Fewer { sessions: 1, is_news: true });
    assert!(gate.permit(at(1)).is_none(), "the one that it lets us have is taken");
    assert_eq!((gate.sessions(), gate.rests()), (1, false));
    drop(seat);
    let alone = gate.permit(at(1)).expect("a seat");
    assert!(gate.sent_away(alone, at(1)).is_err(), "alone it was not one too many");
}

#[tokio::test]
async fn a_lane_without_a_seat_waits_until_another_leaves() {
    let gate = Arc::new(Gate::default());
    let clock = Clock::from_fn(|| at(0));
    let (first, second) = (gate.permit(at(0)).expect("a seat"), gate.permit(at(0)).expect("a seat"));
    let (_, seat) = gate.let_in(first);
    gate.sent_away(second, at(0)).expect("another is there");
    let waiting = tokio::spawn({
        let (gate, clock) = (Arc::clone(&gate), clock.clone());
        async move { gate.open(&clock).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop(seat);
    waiting.await.expect("a seat is free");
}

#[test]
fn after_two_doubts_and_a_rest_one_may_be_tried_and_the_next_not_before_it_came_to_something() {
    let gate = Arc::new(Gate::default());
    let silence = Outcome::Failed(Failure { stage: Stage::FinalDot, trouble: Trouble::TimedOut });
    assert_eq!(gate.note("a@b.example", &silence), None);
    assert!(gate.may_retry_doubt());
    assert!(gate.note("a@b.example", &silence).is_some());
    gate.shut(PASSING, "no answer", 0.0, at(0), None);
    assert!(!gate.may_retry_doubt() && !gate.may_probe(at(0)), "it rests");
    assert!(gate.may_probe(at(1)));
    gate.probes(at(1));
    assert!(!gate.may_probe(at(300)), "it may take ten minutes until it is known what came of it");
    assert!(gate.may_probe(at(301)));
    gate.note("a@b.example", &Outcome::Accepted(reply("250 2.0.0 taken")));
    assert!(gate.may_retry_doubt());
}

#[test]
fn of_all_that_are_sent_away_together_none_is_counted_among_those_who_stay() {
    let gate = Arc::new(Gate::default());
    let permits: Vec<Permit> = (0..6).map(|_| gate.permit(at(0)).expect("a seat")).collect();
    let mut permits = permits.into_iter();
    let _kept = [permits.next(), permits.next()];
    let fewer: Vec<u16> = permits.map(|permit| gate.sent_away(permit, at(0)).expect("others").sessions).collect();
    assert_eq!(fewer, [5, 4, 3, 2]);
    assert!(gate.permit(at(1)).is_none());
}
