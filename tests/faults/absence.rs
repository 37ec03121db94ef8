//! F30 and F36: the machine comes back after a time in which nobody was there, or with a ledger from another day.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use circulard::{clock::Clock, smtp::Deadlines};
use sqlx::{Connection, Executor, SqliteConnection};

use super::{
    row::{More, dots, in_this_process, settings},
    scripted::{Act, Event, Script, ScriptedServer, reply},
    workspace::Workspace,
};

const OFFICES: usize = 12;

/// A workspace whose daemon was killed with some letters out and some not.
async fn killed_midway() -> (ScriptedServer, Workspace) {
    let slow = Act::After(Duration::from_millis(150), Box::new(reply("250 2.0.0 taken")));
    let server = ScriptedServer::start(Script::new().on(".", slow)).await;
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", server.addr.port(), &More::default()));
    let daemon = workspace.start(&["--until-idle"]);
    assert!(daemon.until("the third letter", || dots(&server) >= 3).is_none(), "{}", workspace.said());
    daemon.kill();
    daemon.end();
    (server, workspace)
}

fn circular(workspace: &Workspace) -> String {
    let rows = workspace.sql("SELECT state || coalesce(': ' || reason, '') AS text FROM circular_log");
    rows[0]["text"].as_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_going_out_when_the_machine_vanished_for_a_day_waits_for_a_person() {
    let (server, workspace) = killed_midway().await;
    let ledger = format!("sqlite://{}", workspace.dir().join("var/ledger.db").display());
    let mut other = SqliteConnection::connect(&ledger).await.expect("the ledger");
    other.execute("UPDATE instance SET seen_at = seen_at - 86400000").await.expect("a day ago");
    other.close().await.expect("closed");
    // the killed daemon's last dot may still be on its way to the server: what counts is that nobody calls again
    let before = server.journal.sessions();
    assert_eq!(
        workspace.start(&["--until-idle"]).end().code().map(|code| code < 2),
        Some(true),
        "{}",
        workspace.said()
    );
    assert_eq!(server.journal.sessions(), before, "{}", workspace.said());
    assert!(circular(&workspace).starts_with("late: no daemon was there from"), "{}", circular(&workspace));
    let released = workspace.output(&["release", "PROOF/1", "--yes", "--by", "ada", "--reason", "compared"]);
    assert!(released.status.success(), "{}", String::from_utf8_lossy(&released.stderr));
    workspace.start(&["--until-idle"]).end();
    let accepted = workspace.number("SELECT count(*) FROM delivery_log WHERE state = 'accepted'");
    assert_eq!(accepted, OFFICES as i64, "{}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_wakes_after_a_day_begins_nothing_more_of_what_was_going_out() {
    const OFFICES: usize = 60;
    let slow = Act::After(Duration::from_millis(150), Box::new(reply("250 2.0.0 taken")));
    let server = ScriptedServer::start(Script::new().on(".", slow)).await;
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", server.addr.port(), &More::default()));
    let slept = Arc::new(AtomicI64::new(0));
    let asleep = Arc::clone(&slept);
    let clock = Clock::from_fn(move || Utc::now() + TimeDelta::seconds(asleep.load(Ordering::SeqCst)));
    let daemon = in_this_process(&workspace, clock, Deadlines::default());
    let sleeps = async {
        let seen = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::DotSeen { .. })).count();
        server.journal.until("the third letter", |events| seen(events) >= 3).await;
        slept.store(86_400, Ordering::SeqCst);
    };
    let (ended, ()) = tokio::join!(daemon.run(), sleeps);
    assert_eq!(ended.expect("an end").ended_badly, 0);
    assert!(circular(&workspace).starts_with("late: no daemon was there from"), "{}", circular(&workspace));
    assert!(dots(&server) < OFFICES, "what lay on the shelf has not gone either");
    assert_eq!(
        workspace.number("SELECT count(*) FROM delivery_log WHERE state = 'accepted'"),
        i64::try_from(dots(&server)).expect("few")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_at_once_it_goes_on_by_itself() {
    let (_server, workspace) = killed_midway().await;
    workspace.start(&["--until-idle"]).end();
    assert_eq!(circular(&workspace), "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_restored_from_before_the_letters_sends_none_of_them_again() {
    let (server, workspace) = killed_midway().await;
    let (ledger, copy) = (workspace.dir().join("var/ledger.db"), workspace.dir().join("copy.db"));
    let url = format!("sqlite://{}", ledger.display());
    let mut other = SqliteConnection::connect(&url).await.expect("the ledger");
    let backup = format!("VACUUM INTO '{}'", copy.display());
    other.execute(sqlx::AssertSqlSafe(backup)).await.expect("a backup");
    other.close().await.expect("closed");
    workspace.start(&["--until-idle"]).end();
    let sent = dots(&server);
    for name in ["var/ledger.db-wal", "var/ledger.db-shm"] {
        let _ = fs::remove_file(workspace.dir().join(name));
    }
    fs::rename(&copy, &ledger).expect("restored");
    assert_eq!(workspace.start(&["--until-idle"]).end().code(), Some(74), "{}", workspace.said());
    assert!(workspace.said().contains("circulard recover"), "{}", workspace.said());
    assert_eq!(workspace.output(&["recover"]).status.code(), Some(2));
    let recovered = workspace.output(&["recover", "--yes", "--by", "ada", "--reason", "compared with the relay"]);
    assert!(recovered.status.success(), "{}", String::from_utf8_lossy(&recovered.stderr));
    workspace.start(&["--until-idle"]).end();
    assert_eq!(dots(&server), sent, "the journal knew them all: {}", workspace.said());
    assert_eq!(circular(&workspace), "completed");
}
