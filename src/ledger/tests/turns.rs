//! What is durable in the journal before the ledger knows it.

use std::time::Duration;

use super::{Instance, State, at, ledger, turn};
use crate::ledger::{JournalLag, Turn, journal};

const EPOCH: Instance = Instance { epoch: 1 };

fn both(id: i64) -> Turn {
    let (begin, mut finish) = turn(id, "main", at(0), State::Accepted);
    finish.delivery.0 += 3;
    Turn { finish: Some(finish), begin: Some(begin), ..Turn::default() }
}

#[tokio::test]
async fn the_lag_is_what_the_journal_has_and_the_ledger_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    let (turns, server) = ledger.turns(EPOCH).await.expect("turns");
    let serving = tokio::spawn(server.serve(|_| {}));
    let lag = turns.lag();
    assert_eq!(lag.look(), JournalLag::default());
    // somebody keeps the ledger from following
    let writer = ledger.writer.lock().await;
    let first = Turn { begin: Some(turn(451, "main", at(0), State::Accepted).0), ..Turn::default() };
    for asked in [first, both(454)] {
        turns.ask(asked).expect("asked").durable().await.expect("durable");
    }
    let behind = lag.look();
    assert_eq!(behind.records, 3);
    assert!((200..2_000).contains(&behind.octets), "{behind:?}");
    drop(writer);
    turns.settle().await.expect("settled");
    assert_eq!(lag.look(), JournalLag::default());
    drop(turns);
    serving.await.expect("no panic").expect("whoever watches the lag keeps nobody from ending");
}

#[tokio::test]
async fn a_long_journal_of_an_earlier_run_is_no_reason_to_wait_for_ever() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    let path = journal::path_of(ledger.path());
    let mut last = 0;
    {
        let mut long = ledger.open_journal(EPOCH).await.expect("a journal");
        let (_, mut finish) = turn(1, "main", at(0), State::Accepted);
        finish.remark = Some("x".repeat(60_000));
        let turn = Turn { finish: Some(finish), ..Turn::default() };
        while !long.is_long(last) {
            last = long.turn(&turn).expect("written").last;
        }
    }
    assert!(path.exists());
    super::write(&ledger, &format!("UPDATE ledger SET applied = {last}")).await;
    let (turns, server) = ledger.turns(EPOCH).await.expect("turns");
    let serving = tokio::spawn(server.serve(|_| {}));
    turns.settle().await.expect("settled");
    let first = Turn { begin: Some(turn(451, "main", at(0), State::Accepted).0), ..Turn::default() };
    let durable = turns.ask(first).expect("asked").durable();
    tokio::time::timeout(Duration::from_secs(30), durable).await.expect("not for ever").expect("durable");
    drop(turns);
    serving.await.expect("no panic").expect("an end");
}
