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

fn begun(delivery: i64) -> Turn {
    Turn { begin: Some(begin(delivery)), ..Turn::default() }
}

fn finished(delivery: i64) -> Turn {
    Turn { finish: Some(accepted(delivery)), ..Turn::default() }
}

fn write(journal: &mut Journal, turns: &[Turn]) {
    for turn in turns {
        journal.turn(turn).expect("written");
    }
}

/// Writes a journal as a daemon would that was killed before the ledger could follow.
async fn killed_after(ledger: &Ledger, turns: &[Turn]) {
    let lock = Lock::take(ledger.path()).expect("free");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("a journal");
    write(&mut journal, turns);
}

#[tokio::test]
async fn after_a_kill_the_journal_knows_what_the_ledger_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    killed_after(&ledger, &[begun(1), begun(2), finished(1)]).await;
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
    killed_after(&ledger, &[begun(1), begun(2)]).await;
    let path = journal::path_of(ledger.path());
    let octets = std::fs::read(&path).expect("read");
    // behind the last record lie zeros
    let end = octets.iter().rposition(|octet| *octet != 0).expect("records") + 1;
    std::fs::write(&path, &octets[..end - 5]).expect("written");
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1));
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("goes on");
    journal.turn(&begun(3)).expect("written");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1), "what follows is whole");
}

#[tokio::test]
async fn a_ledger_restored_over_a_newer_one_sends_nothing_until_a_person_has_looked() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    ledger.close().await;
    let backup = std::fs::read(folder.path().join("ledger.db")).expect("read");
    let ledger = Ledger::open(&folder.path().join("ledger.db")).await.expect("opened").expect("there");
    killed_after(&ledger, &[begun(1), finished(1)]).await;
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
    killed_after(&ledger, &[begun(1)]).await;
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
    killed_after(&ledger, &[begun(1), finished(1)]).await;
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(2));
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("goes on");
    // a start, a beginning, an outcome, a start
    journal.rotate(4).expect("anew");
    assert_eq!(journal.turn(&begun(2)).expect("written").last, 5);
    sqlx::query("UPDATE ledger SET applied = 4").execute(&mut *ledger.writer.lock().await).await.expect("followed");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1));
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["accepted", "in_transaction", "queued"]);
}

/// A journal of another run of the machine, with these turns behind its start.
async fn power_lost_after(ledger: &Ledger, turns: &[Turn]) {
    let lock = Lock::take(ledger.path()).expect("free");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("a journal");
    journal.start(instance.epoch, &[9; 32]).expect("written");
    write(&mut journal, turns);
}

fn ready_behind(turn: Turn, delivery: i64) -> Turn {
    Turn { ready: Some(begin(delivery)), ..turn }
}

#[tokio::test]
async fn what_stood_ready_has_not_left_when_only_the_program_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    killed_after(&ledger, &[ready_behind(begun(1), 2)]).await;
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(1));
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["in_transaction", "queued", "queued"]);
}

#[tokio::test]
async fn what_stood_ready_when_the_power_went_may_have_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    power_lost_after(&ledger, &[ready_behind(begun(1), 2)]).await;
    let lock = Lock::take(ledger.path()).expect("free");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(2));
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["in_transaction", "in_transaction", "queued"]);
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(0), "twice changes nothing");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let found = ledger.recover(instance, InDoubt::Retry, now()).await.expect("recovered");
    assert_eq!(found, ["a1@x.example", "a2@x.example"]);
    drop(ledger.open_journal(instance).await.expect("goes on"));
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(0), "each start is looked at once");
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["in_doubt", "in_doubt", "queued"]);
}

#[tokio::test]
async fn what_stood_ready_and_is_known_to_have_ended_otherwise_is_not_in_doubt_after_a_power_cut() {
    let table: [(&str, Vec<Turn>, [&str; 3]); 4] = [
        ("it was begun and accepted", vec![begun(2), finished(2)], ["accepted", "accepted", "queued"]),
        (
            "the session ended first",
            vec![Turn { unready: Some((DeliveryId(2), 1)), ..Turn::default() }],
            ["accepted", "queued", "queued"],
        ),
        (
            "and then stood ready anew",
            vec![Turn { unready: Some((DeliveryId(2), 1)), ..Turn::default() }, ready_behind(begun(3), 2)],
            ["accepted", "in_transaction", "in_transaction"],
        ),
        ("it was begun, and no more is known", vec![begun(2)], ["accepted", "in_transaction", "queued"]),
    ];
    for (what, then, expected) in table {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = sending(folder.path()).await;
        let turns = [vec![ready_behind(begun(1), 2), finished(1)], then].concat();
        power_lost_after(&ledger, &turns).await;
        let lock = Lock::take(ledger.path()).expect("free");
        ledger.catch_up(&lock).await.expect("looked");
        assert_eq!(states(ledger.ask(STATES).await.expect("asked")), expected, "{what}");
    }
}

#[tokio::test]
async fn a_person_who_has_settled_what_stood_ready_is_not_overruled_by_a_power_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    power_lost_after(&ledger, &[ready_behind(begun(1), 2)]).await;
    let sql = "UPDATE delivery SET state = 'withdrawn' WHERE id = 2";
    sqlx::query(sql).execute(&mut *ledger.writer.lock().await).await.expect("withdrawn");
    let lock = Lock::take(ledger.path()).expect("free");
    ledger.catch_up(&lock).await.expect("looked");
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), ["in_transaction", "withdrawn", "queued"]);
}

#[tokio::test]
async fn a_journal_that_starts_anew_keeps_what_the_ledger_lacks_and_what_stands_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    let lock = Lock::take(ledger.path()).expect("free");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("a journal");
    journal.start(instance.epoch, &[9; 32]).expect("written");
    let mut long = finished(1);
    let finish = long.finish.as_mut().expect("one");
    (finish.reply, finish.remark) = (None, Some("x".repeat(70_000)));
    let mut last = 0;
    for turn in [long.clone(), ready_behind(long.clone(), 2), long.clone(), begun(3)] {
        last = journal.turn(&turn).expect("written").last;
    }
    let before = journal::read(&journal::path_of(ledger.path())).expect("read").expect("there");
    // the ledger has everything, but what stands ready is still needed
    journal.rotate(last).expect("anew");
    let after = journal::read(&journal::path_of(ledger.path())).expect("read").expect("there");
    assert!(after.base > before.base, "{} {}", after.base, before.base);
    assert_eq!(after.last(), last);
    assert_eq!(after.may_have_left(&[8; 32]), [&begin(2)]);
    assert!(after.may_have_left(&[9; 32]).is_empty(), "the start is kept: the machine runs on");
    assert_eq!(journal.turn(&begun(2)).expect("written").last, last + 1);
    let gone_on = journal::read(&journal::path_of(ledger.path())).expect("read").expect("there");
    assert_eq!(gone_on.records.last(), Some(&(last + 1, Record::Begin(begin(2)))));
    assert!(gone_on.may_have_left(&[8; 32]).is_empty());
}

#[tokio::test]
async fn a_journal_that_failed_is_not_taken_at_its_word_by_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    let lock = Lock::take(ledger.path()).expect("free");
    let instance = ledger.start_instance(&lock, now()).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("a journal");
    journal.turn(&ready_behind(begun(1), 2)).expect("written");
    journal.fail(std::io::Error::other("the disk is gone"));
    assert!(matches!(journal.turn(&begun(3)), Err(LedgerError::Stopped)));
    assert!(matches!(journal.rotate(3), Err(LedgerError::Stopped)));
    assert!(matches!(journal.file(), Err(LedgerError::Stopped)));
    ledger.catch_up(&lock).await.expect("looked");
    let both = ["in_transaction", "in_transaction", "queued"];
    assert_eq!(states(ledger.ask(STATES).await.expect("asked")), both, "what was written may not be there");
    let mut journal = ledger.open_journal(instance).await.expect("goes on");
    let opened = journal::read(&journal::path_of(ledger.path())).expect("read").expect("there");
    assert!(opened.may_have_left(&boot()).is_empty());
    write(&mut journal, &[ready_behind(begun(3), 2)]);
    let opened = journal::read(&journal::path_of(ledger.path())).expect("read").expect("there");
    assert!(opened.may_have_left(&boot()).is_empty(), "the next failure is another one's");
}

#[tokio::test]
async fn what_is_replayed_is_made_durable_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = sending(folder.path()).await;
    killed_after(&ledger, &[begun(1), finished(1)]).await;
    let path = journal::path_of(ledger.path());
    let inode = |path: &Path| std::fs::metadata(path).expect("there").ino();
    let (before, lock) = (inode(&path), Lock::take(ledger.path()).expect("free"));
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(2));
    let after = inode(&path);
    assert_ne!(before, after, "written anew and synced");
    assert_eq!(ledger.catch_up(&lock).await.expect("looked"), Standing::CaughtUp(0));
    assert_eq!(inode(&path), after, "there is nothing to be secured twice");
    let opened = journal::read(&path).expect("read").expect("there");
    assert_eq!(opened.records.len(), 3);
}
