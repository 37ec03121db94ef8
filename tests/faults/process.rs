//! F28 to F38: the ledger is locked or broken, a second daemon, signals, a system that has nothing left to give.

use std::{
    fs,
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, SqliteConnection};

use super::{
    row::{A_WHILE, More, OFFICES, dots, run_to_the_end, settings, shown},
    scripted::{Act, Event, Script, ScriptedServer, reply},
    workspace::Workspace,
};

const ALL_WELL: &str = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0";

fn workspace_for(server: &ScriptedServer, offices: usize, sessions: usize) -> Workspace {
    let text = settings("smtp://", server.addr.port(), &More::default());
    Workspace::new(offices, 0, &text.replace("sessions = 1", &format!("sessions = {sessions}")))
}

/// A server that thinks before it answers a dot.
fn thoughtful(time: Duration) -> Script {
    Script::new().on(".", Act::After(time, Box::new(reply("250 2.0.0 taken"))))
}

async fn until_dots(server: &ScriptedServer, count: usize) {
    let seen = |events: &[Event]| events.iter().filter(|event| matches!(event, Event::DotSeen { .. })).count();
    server.journal.until("final dots", |events| seen(events) >= count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_on_the_same_ledger_exits_with_75_and_sends_nothing() {
    let server = ScriptedServer::start(thoughtful(A_WHILE)).await;
    let workspace = workspace_for(&server, OFFICES, 1);
    let first = workspace.start(&["--until-idle"]);
    until_dots(&server, 1).await;
    let second = workspace.start(&["--until-idle"]).end();
    assert_eq!(second.code(), Some(75), "F31 {}", workspace.said());
    assert!(workspace.said().contains("another circulard works on"), "{}", workspace.said());
    assert_eq!(shown(&workspace, first.end().code()), ALL_WELL);
    assert_eq!(dots(&server), OFFICES);
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_finishes_what_is_on_the_wire_and_begins_nothing_more() {
    let server = ScriptedServer::start(thoughtful(A_WHILE)).await;
    let workspace = workspace_for(&server, 30, 8);
    let daemon = workspace.start(&[]);
    until_dots(&server, 8).await;
    daemon.signal("TERM");
    assert_eq!(daemon.end().code(), Some(0), "F34 {}", workspace.said());
    assert_eq!(
        shown(&workspace, Some(0)),
        "exit 0, sending | accepted 8, queued 22 | accepted - final_dot 250 x8 | down 0",
        "{}",
        workspace.said()
    );
    assert_eq!(dots(&server), 8);
    assert_eq!(workspace.number("SELECT count(*) FROM event_log WHERE kind = 'stopped'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn told_twice_it_stops_at_once_and_the_next_start_knows_what_is_in_doubt() {
    let server = ScriptedServer::start(thoughtful(Duration::from_secs(30))).await;
    let workspace = workspace_for(&server, 30, 8);
    let daemon = workspace.start(&[]);
    until_dots(&server, 8).await;
    daemon.signal("TERM");
    let heard = || workspace.said().contains("stopping: what is on the wire is finished first");
    assert!(daemon.until("the first signal's words", heard).is_none());
    let begun = Instant::now();
    daemon.signal("TERM");
    let code = daemon.end().code();
    assert!(begun.elapsed() < Duration::from_secs(10), "F34: at once");
    assert_eq!(
        shown(&workspace, code),
        "exit 1, sending | in_transaction 8, queued 22 |  | down 0",
        "{}",
        workspace.said()
    );
    workspace.write("circulard.toml", "[schedule]\nrelease = \"now\"\n[[relay]]\nurl = \"smtp://127.0.0.1:1\"\n");
    let next = workspace.start(&[]);
    let doubts = || workspace.number("SELECT count(*) FROM event_log WHERE kind = 'in_doubt'") == 8;
    assert!(next.until("eight doubts by name", doubts).is_none());
    next.signal("TERM");
    next.end();
    assert_eq!(workspace.number("SELECT count(*) FROM delivery_log WHERE state = 'in_doubt'"), 8);
}

/// Holds the ledger for a while from the moment that so many dots have come, and returns the acceptances on record and the
/// dots at the end of that while.
async fn lock_after(server: &ScriptedServer, workspace: &Workspace, count: usize) -> (i64, i64) {
    let ledger = format!("sqlite://{}", workspace.dir().join("var/ledger.db").display());
    let mut other = SqliteConnection::connect(&ledger).await.expect("the ledger");
    until_dots(server, count).await;
    other.execute("BEGIN IMMEDIATE").await.expect("the lock");
    tokio::time::sleep(A_WHILE).await;
    let recorded = "SELECT count(*) FROM attempt WHERE state = 'accepted'";
    let (accepted,): (i64,) = sqlx::query_as(recorded).fetch_one(&mut other).await.expect("a count");
    let found = (accepted, dots(server) as i64);
    other.execute("ROLLBACK").await.expect("unlocked");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_somebody_locks_stops_nobody_and_loses_no_outcome() {
    let server = ScriptedServer::start(thoughtful(Duration::from_millis(100))).await;
    let workspace = workspace_for(&server, OFFICES, 2);
    let daemon = workspace.start(&["--until-idle"]);
    // the send journal knows what the ledger cannot be told yet
    let (accepted, dots) = lock_after(&server, &workspace, 1).await;
    assert!(accepted < dots && dots == OFFICES as i64, "F28: {dots} dots, {accepted} on record");
    assert_eq!(shown(&workspace, daemon.end().code()), ALL_WELL, "F28 {}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_end_before_the_last_outcome_is_written_and_the_circular_completed() {
    let server = ScriptedServer::start(thoughtful(Duration::from_millis(300))).await;
    let workspace = workspace_for(&server, OFFICES, OFFICES);
    let daemon = workspace.start(&["--until-idle"]);
    let (accepted, dots) = lock_after(&server, &workspace, OFFICES).await;
    assert_eq!((accepted, dots), (0, OFFICES as i64));
    assert_eq!(shown(&workspace, daemon.end().code()), ALL_WELL, "{}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_full_of_garbage_is_refused_and_nothing_is_sent() {
    let server = ScriptedServer::start(Script::new()).await;
    let workspace = workspace_for(&server, OFFICES, 2);
    let ledger = workspace.dir().join("var/ledger.db");
    let mut octets = fs::read(&ledger).expect("the ledger");
    octets.iter_mut().skip(4096).for_each(|octet| *octet = 0x5a);
    fs::write(&ledger, octets).expect("written");
    let code = workspace.start(&["--until-idle"]).end().code();
    assert_eq!(code, Some(74), "F29 {}", workspace.said());
    assert_eq!((dots(&server), server.journal.sessions()), (0, 0), "F29");
    assert!(workspace.said().contains("malformed"), "F29 {}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_of_a_later_version_is_refused_and_says_so() {
    let server = ScriptedServer::start(Script::new()).await;
    let workspace = workspace_for(&server, OFFICES, 2);
    let ledger = format!("sqlite://{}", workspace.dir().join("var/ledger.db").display());
    let mut other = SqliteConnection::connect(&ledger).await.expect("the ledger");
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    other.execute(later).await.expect("a later migration");
    other.close().await.expect("closed");
    assert_eq!(workspace.start(&["--until-idle"]).end().code(), Some(74), "F37 {}", workspace.said());
    assert!(workspace.said().contains("a later circulard wrote this file"), "F37 {}", workspace.said());
    assert_eq!(server.journal.sessions(), 0, "F37");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_file_descriptors_nothing_is_sent_that_is_not_recorded() {
    let server = ScriptedServer::start(Script::new()).await;
    let workspace = workspace_for(&server, OFFICES, 8);
    for most in [8, 12, 14, 16, 18, 20, 24] {
        let dir = workspace.dir();
        let line = format!("ulimit -n {most}; exec \"$0\" --workspace \"$1\" run --until-idle");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &line, env!("CARGO_BIN_EXE_circulard")]).arg(&dir).stdin(std::process::Stdio::null());
        let code = workspace.start_as(&mut command).end().code();
        assert!(matches!(code, Some(0 | 1 | 74)), "F38, {most} descriptors: {code:?}\n{}", workspace.said());
        assert!(!workspace.said().contains("panicked"), "F38, {most} descriptors\n{}", workspace.said());
        let accepted = workspace.number("SELECT count(*) FROM delivery_log WHERE state = 'accepted'");
        assert_eq!(dots(&server) as i64, accepted, "F38, {most} descriptors\n{}", workspace.said());
    }
    let code = run_to_the_end(&workspace);
    assert!(shown(&workspace, code).starts_with("exit 0, completed | accepted 4 | "), "F38 {}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_made_is_named_and_nothing_is_sent() {
    let server = ScriptedServer::start(Script::new()).await;
    let workspace = workspace_for(&server, OFFICES, 2);
    fs::remove_dir_all(workspace.dir().join("var")).expect("gone");
    fs::write(workspace.dir().join("var"), "a file").expect("a file");
    let code = workspace.start(&["--until-idle"]).end().code();
    assert_eq!((code, server.journal.sessions()), (Some(74), 0), "F38 {}", workspace.said());
    assert!(workspace.said().contains("var"), "F38 {}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ledger_sends_nothing_by_itself() {
    let server = ScriptedServer::start(Script::new()).await;
    let workspace = workspace_for(&server, OFFICES, 2);
    assert_eq!(shown(&workspace, workspace.start(&["--until-idle"]).end().code()), ALL_WELL);
    fs::remove_dir_all(workspace.dir().join("var")).expect("gone");
    let code = workspace.start(&["--until-idle"]).end().code();
    assert_eq!(shown(&workspace, code), "exit 0, late |  |  | down 0", "{}", workspace.said());
    assert_eq!(dots(&server), OFFICES, "no second copy");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_that_repeat_are_put_back_even_when_it_is_told_to_stop_just_then() {
    let late = Act::After(A_WHILE * 2, Box::new(reply("250 2.0.0 taken")));
    // one lane waits for its dot while the other is refused
    let script = Script::new().without("PIPELINING").on("RCPT TO:<OFFICE00001@", reply("250 2.1.5 ok")).on(".", late);
    let server = ScriptedServer::start(script.on("RCPT", reply("550 no such user"))).await;
    let workspace = workspace_for(&server, OFFICES, 2);
    let daemon = workspace.start(&[]);
    until_dots(&server, 1).await;
    let paused = || workspace.number("SELECT count(*) FROM circular_log WHERE state = 'paused'") == 1;
    assert!(daemon.until("the third refusal", paused).is_none());
    daemon.signal("TERM");
    let shown = shown(&workspace, daemon.end().code());
    assert!(shown.starts_with("exit 0, paused | accepted 1, queued 3 | "), "{shown}\n{}", workspace.said());
}
