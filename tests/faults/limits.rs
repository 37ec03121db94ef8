//! F25, from our side: a relay's limits hold, also across restarts.

use super::{
    row::{More, OFFICES, dots, settings},
    scripted::{Script, ScriptedServer},
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
