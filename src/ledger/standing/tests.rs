//! Ledger and journal after a crash, a restore and a copy.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};

use super::*;
use crate::{
    delivery::{Reply, ReplyCode, Stage, State},
    ledger::{Begin, Charge, DeliveryId, Finish, InDoubt, Origin},
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// A ledger with one circular being sent to three addressees.
async fn sending(folder: &Path) -> Ledger {
    let ledger = Ledger::open_or_create(&folder.join("ledger.db"), Origin::Init, now()).await.expect("a ledger");
    let mut writer = ledger.writer.lock().await;
    for sql in [
        "INSERT INTO circular (id, stem, reference, reference_key, state, digest, seen_at, changed_at) VALUES (1, 'x', 'X/1', 'x/1', 'sending', x'00', 0, 0)",
        "INSERT INTO issue (id, circular, number, state, reference, subject, head, original, frozen_at, digest, versions, total) \
         VALUES (1, 1, 1, 'frozen', 'X/1', 'S', '{}', 'en', 0, x'00', '', 3)",
        "INSERT INTO delivery (id, issue, mailbox, address, role, groups, language, language_rule, fields, state, queued_at) \
         SELECT value, 1, 'a' || value, 'a' || value || '@x.example', 'to', '[]', 'en', 'original', '{}', 'queued', 0 FROM json_each('[1,2,3]')",
    ] {
        sqlx::query(sql).execute(&mut *writer).await.expect(sql);
    }
    drop(writer);
    ledger
}

fn begin(delivery: i64) -> Begin {
    let (relay, sha256) = (Arc::from("main"), [1; 32]);
    Begin {
        delivery: DeliveryId(delivery),
        number: 1,
        relay,
        message_id: format!("<{delivery}@x.example>"),
        sha256,
        at: now(),
    }
}

fn accepted(delivery: i64) -> Finish {
    Finish {
        delivery: DeliveryId(delivery),
        number: 1,
        relay: Arc::from("main"),
        started_at: now(),
        ended_at: now(),
        state: State::Accepted,
        blame: None,
        stage: Stage::FinalDot,
        reply: ReplyCode::new(250).map(|code| Reply::new(code, &["2.0.0 Ok"])),
        remark: None,
        charge: Charge::Nobody,
        next_attempt_at: None,
        sha256: [1; 32],
    }
}

fn states(answer: crate::ledger::Answer) -> Vec<String> {
    answer.rows.into_iter().map(|row| row[0].as_str().unwrap_or_default().to_owned()).collect()
}

const STATES: &str = "SELECT state FROM delivery ORDER BY id";

/// Writes a journal as a daemon would that was killed before the ledger could follow.
async fn killed_after(ledger: &Ledger, write: impl FnOnce(&mut Journal)) {
    let lock = Lock::take(ledger.path()).expect("free");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("a journal");
    write(&mut journal);
    journal.sync().expect("synced");
}

#[tokio::test]
async fn after_a_kill_the_journal_knows_what_the_ledger_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    killed_after(&ledger, |journal| {
        journal.begin(&begin(1));
        journal.begin(&begin(2));
        journal.finish(&accepted(1));
    })
    .await;
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["queued", "queued", "queued"]);
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(3));
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["accepted", "in_transaction", "queued"]);
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(0), "twice changes nothing");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let found = ledger.recover(instance, InDoubt::Retry, now()).await.expect("recovered");
    assert_eq!(found, ["a2@x.example"]);
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["accepted", "in_doubt", "queued"]);
    let attempts = ledger.ask("SELECT state FROM attempt ORDER BY id").await.expect("asked");
    assert_eq!(states(attempts), ["accepted", "in_doubt"]);
}

#[tokio::test]
async fn a_torn_record_at_the_end_was_promised_to_nobody_and_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    killed_after(&ledger, |journal| {
        journal.begin(&begin(1));
        journal.begin(&begin(2));
    })
    .await;
    let path = journal::path_of(ledger.path());
    let octets = std::fs::read(&path).expect("read");
    // behind the last record lie zeros
    let end = octets.iter().rposition(|octet| *octet != 0).expect("records") + 1;
    std::fs::write(&path, &octets[..end - 5]).expect("written");
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1));
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("goes on");
    journal.begin(&begin(3));
    journal.sync().expect("synced");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1), "what follows is whole");
}

#[tokio::test]
async fn a_ledger_restored_over_a_newer_one_sends_nothing_until_a_person_has_looked() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    ledger.close().await;
    let backup = std::fs::read(folder.path().join("ledger.db")).expect("read");
    let ledger = Ledger::open(&folder.path().join("ledger.db")).await.expect("opened").expect("there");
    killed_after(&ledger, |journal| {
        journal.begin(&begin(1));
        journal.finish(&accepted(1));
    })
    .await;
    ledger.close().await;
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    std::fs::write(folder.path().join("ledger.db"), backup).expect("restored");
    let ledger = Ledger::open(&folder.path().join("ledger.db")).await.expect("opened").expect("there");
    let lock = Lock::take(ledger.path()).expect("free");
    let Standing::Held(gap) = ledger.catch_up(&lock).await.expect("looked") else { panic!("it may send") };
    assert!(gap.why.contains("restored from a backup"), "{gap}");
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["queued", "queued", "queued"]);
    assert_eq!(ledger.recover_standing(&lock, "ada", "compared with the relay", now()).await.expect("recovered"), 2);
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["accepted", "queued", "queued"]);
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(0));
}

#[tokio::test]
async fn a_missing_or_foreign_journal_holds_a_ledger_that_has_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(0), "it has sent nothing yet");
    drop(lock);
    killed_after(&ledger, |journal| {
        journal.begin(&begin(1));
    })
    .await;
    let lock = Lock::take(ledger.path()).expect("free");
    ledger.catch_up(&lock).await.expect("looked");
    let path = journal::path_of(ledger.path());
    std::fs::remove_file(&path).expect("removed");
    assert!(
        matches!(ledger.catch_up(&lock).await.expect("looked"), Standing::Held(gap) if gap.why.contains("missing"))
    );
    let here = ledger.place().await.expect("known");
    for (place, says) in [
        (Place { ledger: [9; 32], ..here }, "another ledger"),
        (Place { machine: [9; 32], ..here }, "another machine"),
        (Place { inode: here.inode + 1, ..here }, "is a copy"),
    ] {
        // as far as the ledger has followed
        Journal::create(&path, place, 2).expect("created");
        let Standing::Held(gap) = ledger.catch_up(&lock).await.expect("looked") else { panic!("{says}: it may send") };
        assert!(gap.why.contains(says), "{gap}");
    }
}

#[tokio::test]
async fn a_journal_that_starts_anew_goes_on_counting_where_the_ledger_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    killed_after(&ledger, |journal| {
        journal.begin(&begin(1));
        journal.finish(&accepted(1));
    })
    .await;
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(2));
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("goes on");
    // a start, a beginning, an outcome, a start
    assert!(!journal.is_followed(3), "the second start is not followed yet");
    journal.rotate(4).expect("anew");
    assert!(journal.is_followed(4));
    assert_eq!(journal.begin(&begin(2)), 5);
    journal.sync().expect("synced");
    sqlx::query("UPDATE ledger SET applied = 4").execute(&mut *ledger.writer.lock().await).await.expect("followed");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1));
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["accepted", "in_transaction", "queued"]);
}
