//! F25, from our side: a relay's limits hold, also across restarts.

use super::{
    row::{More, OFFICES, dots, run_to_the_end, settings},
    scripted::{Script, ScriptedServer, reply},
    workspace::Workspace,
};

#[tokio::test(flavor = "multi_thread")]
async fn restarts_send_no_more_than_the_limit_of_an_hour() {
    let server = ScriptedServer::start(Script::new()).await;
    let more = More { relay: "rate = \"2/hour\"".to_owned(), ..More::default() };
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", server.addr.port(), &more));
    for run in 1..=5 {
        assert_eq!(workspace.start(&["--until-idle"]).end().code(), Some(0), "run {run}: {}", workspace.said());
    }
    // in no window of an hour more than two: the second comes half an hour after the first
    assert_eq!(dots(&server), 1, "{}", workspace.said());
    assert_eq!(workspace.number("SELECT count(*) FROM delivery_log WHERE state = 'queued'"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_asks_for_less_is_fed_more_slowly_and_that_is_said_once() {
    let slower = "450 4.7.1 you are sending too fast";
    let script = Script::new().on_nth("RCPT", 1, reply(slower)).on_nth("RCPT", 2, reply(slower));
    let server = ScriptedServer::start(script).await;
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", server.addr.port(), &More::default()));
    workspace.start(&["--until-idle"]).end();
    let slowed = "SELECT count(*) FROM event_log WHERE kind = 'relay_slowed' AND reason LIKE '%too fast%'";
    assert_eq!(workspace.number(slowed), 1, "{}", workspace.said());
    let apart = "SELECT CAST(max(started_at) - min(started_at) AS INTEGER) FROM attempt";
    assert!(workspace.number(apart) > 2_000, "four attempts at a message in some seconds\n{}", workspace.said());
    run_to_the_end(&workspace);
    assert_eq!(dots(&server), OFFICES, "{}", workspace.said());
}
