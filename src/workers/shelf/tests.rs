//! Deliveries from hand to hand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::*;
use crate::{
    compose::Role,
    ledger::{IssueId, NamedReach},
};

/// A delivery that was tried once, through `main`.
pub fn due(id: i64, state: State) -> Due {
    Due {
        id: DeliveryId(id),
        issue: IssueId(1),
        address: format!("office{id}@ministry.example"),
        role: Role::To,
        language: english(),
        name: None,
        fields: BTreeMap::new(),
        thread: None,
        state,
        attempts: 1,
        charged: 0,
        doubts: 0,
        relay: Some("main".to_owned()),
        sha256: None,
        first_charged_at: None,
        put_back: false,
        next_attempt_at: None,
    }
}

fn english() -> Language {
    "en".parse().expect("a language")
}

fn issue(circular: i64) -> Arc<OpenIssue> {
    let head = r#"{"sender":"s","return_path":"a@b.example","composer":0,"message":{"from_name":null,"from_address":"a@b.example","reply_to":[],"domain":"b.example","list_id":"b.example","date":"2026-12-07T09:00:00Z"}}"#;
    let record = IssueRecord {
        id: IssueId(circular),
        circular: CircularId(circular),
        number: 1,
        reference: "Circular X/1".to_owned(),
        subject: "A subject".to_owned(),
        head: serde_json::from_str(head).expect("a head"),
        frozen_at: DateTime::<Utc>::UNIX_EPOCH,
        total: 9,
        rows: (1, 9),
        original: english(),
        reach: NamedReach::default(),
        digest: Vec::new(),
        source: None,
    };
    Arc::new(OpenIssue { record, parts: HashMap::new() })
}

fn job(circular: i64, id: i64) -> Job {
    Job { due: due(id, State::Queued), issue: issue(circular), stops: 0 }
}

/// A shelf with these deliveries of circular 1.
fn with(ids: &[i64]) -> Shelf {
    let shelf = Shelf::default();
    let mark = shelf.begin_reading();
    assert_eq!(shelf.fill(mark, ids.iter().map(|id| job(1, *id))), ids.len());
    shelf
}

#[test]
fn once_halted_nothing_begins_that_was_on_the_shelf_or_in_a_hand_or_read_before() {
    let shelf = with(&[1, 2, 3]);
    let mark = shelf.begin_reading();
    let (taken, kept) = (shelf.take(|_| true).expect("one"), shelf.take(|_| true).expect("another"));
    assert!(shelf.begin(&taken, || ()).is_some());
    shelf.halt();
    assert_eq!(shelf.waiting(), 0, "the third is off the shelf");
    assert!(shelf.begin(&kept, || ()).is_none());
    shelf.put_back(kept.clone());
    assert_eq!(shelf.waiting(), 0);
    let during = shelf.begin_reading();
    assert_eq!(shelf.fill(during, [job(1, 4)]), 0);
    shelf.resume_all();
    assert!(shelf.begin(&kept, || ()).is_none(), "the ledger may have held it meanwhile");
    assert_eq!((shelf.fill(mark, [job(1, 3)]), shelf.fill(during, [job(1, 3)])), (0, 0), "read before");
    let after = shelf.begin_reading();
    assert_eq!(shelf.fill(after, [job(1, 3)]), 1, "read since");
    let third = shelf.take(|_| true).expect("the third");
    assert!(shelf.begin(&third, || ()).is_some());
}

#[test]
fn a_stop_of_one_circular_leaves_the_others_alone() {
    let shelf = Shelf::default();
    let mark = shelf.begin_reading();
    shelf.fill(mark, [job(1, 1), job(2, 2)]);
    shelf.stop(CircularId(1));
    let other = shelf.take(|_| true).expect("the other's");
    assert_eq!(other.due.id, DeliveryId(2));
    assert!(shelf.begin(&other, || ()).is_some());
}

#[test]
fn what_left_a_hand_since_it_was_read_is_not_free() {
    let shelf = with(&[1, 2]);
    shelf.begin_reading();
    let read = vec![due(1, State::Queued), due(2, State::Queued), due(3, State::Queued)];
    let first = shelf.take(|_| true).expect("the first");
    // its outcome is in the ledger now, and the reading does not know
    shelf.done(&[first.due.id]);
    let free: Vec<DeliveryId> = shelf.not_in_hand(read).iter().map(|due| due.id).collect();
    assert_eq!(free, [DeliveryId(3)]);
}

#[tokio::test]
async fn what_is_put_back_rings_for_those_who_wait() {
    let shelf = with(&[1]);
    let job = shelf.take(|_| true).expect("one");
    let bell = shelf.filled();
    shelf.put_back(job);
    bell.await;
    assert!(shelf.take(|_| true).is_some());
}

#[tokio::test]
async fn what_comes_back_after_its_circular_went_on_is_read_anew_at_once() {
    let shelf = with(&[1, 2]);
    let (first, second) = (shelf.take(|_| true).expect("one"), shelf.take(|_| true).expect("another"));
    shelf.low().await;
    shelf.stop(CircularId(1));
    shelf.resume(CircularId(1));
    // the feeder looks, and finds both in hand
    shelf.low().await;
    shelf.put_back(second);
    tokio::time::timeout(std::time::Duration::from_secs(10), shelf.low()).await.expect("it looks once more");
    let mark = shelf.begin_reading();
    assert_eq!(shelf.fill(mark, [job(1, 1), job(1, 2)]), 1, "the other is in a hand");
    drop(first);
}
