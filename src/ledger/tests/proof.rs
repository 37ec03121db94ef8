//! What `verify` finds, each broken on purpose.

use super::{super::*, *};

/// Writes past all triggers, as somebody with the file in hand can.
async fn tamper(ledger: &Ledger, sql: &str) {
    let triggers = ledger.ask("SELECT name FROM sqlite_master WHERE type = 'trigger'").await.expect("names");
    for row in triggers.rows {
        write(ledger, &format!("DROP TRIGGER \"{}\"", row[0].as_str().unwrap_or_default())).await;
    }
    write(ledger, "PRAGMA foreign_keys = OFF").await;
    write(ledger, sql).await;
}

#[tokio::test]
async fn the_tally_follows_every_change_of_a_state_whoever_makes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    for circular in [CircularId(1), CircularId(2)] {
        let rows = format!("SELECT state, count(*) FROM delivery WHERE issue = {} GROUP BY state", circular.0);
        let rows = ledger.ask(&rows).await.expect("counted").rows;
        let counted = rows.iter().map(|row| {
            let state: State = row[0].as_str().unwrap_or_default().parse().expect("a state");
            (state, row[1].as_u64().unwrap_or_default())
        });
        let counted: crate::report::Totals = counted.collect();
        assert_eq!(ledger.totals(circular).await.expect("totals"), counted);
        let by_country = ledger.totals_by(circular, Breakdown::Country).await.expect("totals");
        assert_eq!(by_country.values().map(crate::report::Totals::frozen).sum::<u64>(), 300);
        assert!(by_country.contains_key(""), "those without a country are counted too");
        let by_group = ledger.totals_by(circular, Breakdown::Group).await.expect("totals");
        assert_eq!(by_group.values().map(crate::report::Totals::frozen).sum::<u64>(), 375, "overlaps count in each");
    }
    assert_eq!(ledger.verify_totals().await.expect("verified"), []);
    ledger.close().await;
}

#[tokio::test]
async fn a_tampered_row_is_named_with_its_circular() {
    for (sql, says) in [
        ("UPDATE delivery SET state = 'accepted' WHERE id = 3", "issue 1: refused of [\"c\"], Land 3"),
        ("DELETE FROM delivery WHERE id = 6", "issue 1: 300 frozen, 299 in the ledger"),
        ("UPDATE issue SET completed_at = 1 WHERE id = 2", "issue 1: completed with "),
        ("UPDATE tally SET accepted = accepted + 1 WHERE issue = 2 AND accepted > 0", "issue 1: accepted of "),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path()).await;
        tamper(&ledger, sql).await;
        let found = ledger.verify_totals().await.expect("verified");
        assert!(found.iter().any(|(_, why)| why.contains(says)), "{sql}: {found:?}");
        ledger.close().await;
    }
}

#[tokio::test]
async fn an_acceptance_without_its_attempt_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    assert_eq!(ledger.verify_attempts().await.expect("verified"), []);
    tamper(&ledger, "DELETE FROM attempt WHERE delivery = 9").await;
    assert_eq!(ledger.verify_attempts().await.expect("verified"), [(9, "accepted without a 250 on record".to_owned())]);
    write(&ledger, "UPDATE delivery SET attempts = 4 WHERE id = 12").await;
    let found = ledger.verify_attempts().await.expect("verified");
    assert!(found.contains(&(12, "says 4 attempts, 1 on record".to_owned())), "{found:?}");
    ledger.close().await;
}

#[tokio::test]
async fn another_word_in_what_was_recorded_breaks_the_seal_of_its_circular() {
    let addressees = "issue 1: its addressees are not those it was completed with";
    let attempts = "attempts 1 to 450 are not those on record when it was completed";
    for (sql, broken) in [
        ("SELECT 1", vec![]),
        ("UPDATE attempt SET reply = '2.0.0 Ok: another' WHERE id = 9", vec![attempts]),
        ("UPDATE attempt SET ended_at = ended_at + 1 WHERE id = 450", vec![attempts]),
        ("DELETE FROM attempt WHERE id = 450", vec![attempts]),
        ("UPDATE delivery SET address = 'somebody@else.example' WHERE id = 3", vec![addressees]),
        ("UPDATE delivery SET name = NULL WHERE id = 900", vec![addressees]),
        ("DELETE FROM delivery WHERE id = 3", vec![addressees]),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path()).await;
        write(&ledger, "UPDATE issue SET completed_at = NULL WHERE id = 1").await;
        write(&ledger, "UPDATE circular SET state = 'sending' WHERE id = 1").await;
        let completed = ledger.complete(at(10_000)).await.expect("completed");
        assert_eq!(completed, [(CircularId(1), "X/1".to_owned())]);
        tamper(&ledger, sql).await;
        let broken: Vec<_> = broken.into_iter().map(|why| ("X/1".to_owned(), why.to_owned())).collect();
        assert_eq!(ledger.verify_seals().await.expect("verified"), (1, broken), "{sql}");
        ledger.close().await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_its_attempts_is_named() {
    for sql in ["SET reply = '2.0.0 Ok: another'", "SET relay = 'spare'", "SET status = NULL, code = 251"] {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = ledger(folder.path()).await;
        tamper(&ledger, &format!("UPDATE delivery {sql} WHERE id = 9")).await;
        let found = ledger.verify_attempts().await.expect("verified");
        assert_eq!(found, [(9, "its answer is not that of its last attempt".to_owned())], "{sql}");
        ledger.close().await;
    }
}

#[tokio::test]
async fn a_row_without_what_it_belongs_to_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    for depth in [Depth::Sample, Depth::All] {
        assert_eq!(ledger.verify_file(depth).await.expect("verified"), Vec::<String>::new());
    }
    tamper(&ledger, "DELETE FROM delivery WHERE id = 9").await;
    let found = ledger.verify_file(Depth::Sample).await.expect("verified");
    assert!(found.iter().any(|why| why.contains("there is no delivery for it")), "{found:?}");
    ledger.close().await;
}

#[tokio::test]
async fn the_first_broken_link_is_named_with_what_differs() {
    for (sql, event, says) in [
        ("UPDATE event SET reason = 'another' WHERE id = 2", 2, "what it says is not what was hashed"),
        ("UPDATE event SET hash = zeroblob(32) WHERE id = 2", 2, "what it says is not what was hashed"),
        ("UPDATE event SET previous = zeroblob(32) WHERE id = 3", 3, "the hash it follows is not that"),
        ("DELETE FROM event WHERE id = 2", 3, "event 2 is missing"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Ledger::open_or_create(&folder.path().join("x.db"), Origin::Init, at(0)).await.expect("a ledger");
        for number in 1..=4 {
            ledger.note(&Event::new("held", format!("person {number}")), at(number)).await.expect("noted");
        }
        assert_eq!(ledger.verify_events().await.expect("verified"), Ok(4));
        tamper(&ledger, sql).await;
        let broken = ledger.verify_events().await.expect("verified").expect_err(sql);
        assert_eq!(broken.event, event, "{sql}");
        assert!(broken.why.contains(says), "{sql}: {broken:?}");
        assert!(broken.line.contains(&format!("held by person {event}")), "{broken:?}");
        ledger.close().await;
    }
}

#[tokio::test]
async fn the_journal_is_compared_with_the_attempts_that_followed_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    let (_, wrong) = ledger.verify_journal().await.expect("verified");
    assert!(wrong[0].contains("missing beside a ledger that has sent"), "{wrong:?}");
    write(&ledger, "UPDATE ledger SET applied = 0").await;
    let lock = Lock::take(ledger.path()).expect("free");
    let instance = ledger.start_instance(&lock, at(0)).await.expect("starts");
    let mut journal = ledger.open_journal(instance).await.expect("a journal");
    let (begin, finish) = turn(460, "main", at(9_000), State::Accepted);
    journal.turn(&Turn { begin: Some(begin), ..Turn::default() }).expect("written");
    let last = journal.turn(&Turn { finish: Some(finish), ..Turn::default() }).expect("written").last;
    let (_, wrong) = ledger.verify_journal().await.expect("verified");
    assert_eq!(wrong, Vec::<String>::new(), "the ledger has yet to follow");
    write(&ledger, &format!("UPDATE ledger SET applied = {last}")).await;
    let (records, wrong) = ledger.verify_journal().await.expect("verified");
    assert_eq!(records, 3);
    assert!(wrong[0].ends_with("attempt 1 of delivery 460, accepted, is not in the ledger"), "{wrong:?}");
    ledger.close().await;
}
