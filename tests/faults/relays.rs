//! F23 and F25 with several relays and sessions: one that hangs, one that wants fewer of us, one at its limit.

use std::time::Duration;

use super::{
    row::{More, OFFICES, Row, dots, play_plain, settings, shown},
    scripted::{Act, Event, Script, ScriptedServer, reply},
    workspace::Workspace,
};

/// A server that thinks before it answers a dot.
fn thoughtful(milliseconds: u64) -> Script {
    Script::new().on(".", Act::After(Duration::from_millis(milliseconds), Box::new(reply("250 2.0.0 taken"))))
}

/// A second relay, after whatever the first has more.
fn and_another(server: &ScriptedServer, relay: &str, first: &str) -> More {
    let url = format!("url = \"smtp://127.0.0.1:{}\"", server.addr.port());
    More { relay: first.to_owned(), settings: format!("[[relay]]\nname = \"other\"\n{url}\nsessions = 1\n{relay}\n") }
}

fn workspace(server: &ScriptedServer, offices: usize, more: &More) -> Workspace {
    Workspace::new(offices, 0, &settings("smtp://", server.addr.port(), more))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_hangs_does_not_hold_another_of_equal_weight_to_its_part() {
    let hanging = ScriptedServer::start(Script::new().on_nth(".", 1, Act::Silence)).await;
    let good = ScriptedServer::start(Script::new()).await;
    let offices = 30;
    let workspace = workspace(&hanging, offices, &and_another(&good, "weight = 1", "weight = 1"));
    let daemon = workspace.start(&[]);
    // two are with the relay that hangs, for its ten minutes: one on the wire, one whose commands went behind it
    let seen = || hanging.journal.events().iter().filter(|event| matches!(event, Event::DotSeen { .. })).count();
    let all = || dots(&good) >= offices - 2 && seen() == 1;
    assert!(daemon.until("all the others", all).is_none(), "{}", workspace.said());
    daemon.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_sends_surplus_sessions_away_is_not_said_to_be_down() {
    let server = ScriptedServer::start(thoughtful(100).at_most(2)).await;
    let text = settings("smtp://", server.addr.port(), &More::default()).replace("sessions = 1", "sessions = 6");
    let workspace = Workspace::new(40, 0, &text);
    let code = workspace.start(&["--until-idle"]).end().code();
    assert_eq!(
        shown(&workspace, code),
        "exit 0, completed | accepted 40 | accepted - final_dot 250 x40 | down 0",
        "{}",
        workspace.said()
    );
    let fewer = "SELECT CAST(json_extract(detail, '$.sessions') AS INTEGER) FROM event_log \
                 WHERE kind = 'relay_fewer_sessions' ORDER BY id DESC LIMIT 1";
    assert_eq!(workspace.number(fewer), 2, "{}", workspace.said());
    assert_eq!(workspace.number("SELECT count(*) FROM event_log WHERE kind = 'relay_up'"), 0);
    assert!(server.journal.sessions() <= 8, "nobody knocks again and again: {}", server.journal.sessions());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_waits_for_its_rate_says_quit() {
    let server = ScriptedServer::start(Script::new()).await;
    let more = More { relay: "rate = \"2/hour\"".to_owned(), ..More::default() };
    let workspace = workspace(&server, OFFICES, &more);
    let daemon = workspace.start(&[]);
    let quit = || server.journal.count_lines("QUIT") == 1;
    assert!(daemon.until("QUIT", quit).is_none(), "{}", workspace.said());
    daemon.kill();
    assert_eq!(dots(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_nothing_to_send_says_quit_however_often_the_others_ring() {
    // the spare relay is used while the first, with a weight that makes it ring, sends its first caller away
    let first =
        Script::new().on_nth("CONNECT", 1, Act::ReplyAndDrop("421 4.3.2 not yet, try again in 3 seconds".into()));
    let slow = Act::After(Duration::from_millis(300), Box::new(reply("250 2.0.0 taken")));
    let first = ScriptedServer::start(first.on(".", slow)).await;
    let spare = ScriptedServer::start(thoughtful(300)).await;
    let offices = 100;
    let workspace = workspace(&first, offices, &and_another(&spare, "priority = 2", "weight = 1"));
    let daemon = workspace.start(&[]);
    let quit = || spare.journal.count_lines("QUIT") == 1;
    assert!(daemon.until("QUIT", quit).is_none(), "{}", workspace.said());
    let so_far = dots(&first) + dots(&spare);
    daemon.kill();
    assert!(so_far < offices, "not only once there was nothing to ring for: {so_far}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_doubts_at_the_end_are_not_left_to_wait_for_a_250_that_never_comes() {
    let script = Script::new().on_nth(".", 3, Act::Drop).on_nth(".", 4, Act::Drop);
    let first = "exit 0, completed | accepted 2, accepted again 2 | accepted - final_dot 250 x4, in_doubt relay final_dot - x2 | down 1";
    let server = play_plain(Row { fault: "F12 the last two", script, first, then: "" }).await;
    assert_eq!(dots(&server), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_wait_for_the_limit_of_a_relay_while_a_spare_one_is_there() {
    let (limited, spare) = (ScriptedServer::start(Script::new()).await, ScriptedServer::start(Script::new()).await);
    let more = and_another(&spare, "priority = 2", "rate = \"2/hour\"");
    let workspace = workspace(&limited, OFFICES, &more);
    let code = workspace.start(&["--until-idle"]).end().code();
    assert_eq!(
        shown(&workspace, code),
        "exit 0, sending | accepted 1, queued 3 | accepted - final_dot 250 x1 | down 0",
        "{}",
        workspace.said()
    );
    assert_eq!(dots(&spare), 0, "it is for when the first rests");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_greets_and_takes_nothing_is_tried_less_often_each_time() {
    let server = ScriptedServer::start(Script::new().on("MAIL", reply("451 4.3.0 always"))).await;
    let workspace = workspace(&server, OFFICES, &More::default());
    let daemon = workspace.start(&[]);
    let said = || workspace.number("SELECT count(*) FROM event_log WHERE kind = 'relay_down'") >= 4;
    assert!(daemon.until("four rests", said).is_none(), "{}", workspace.said());
    daemon.kill();
    let rest = "SELECT CAST(1000 * (julianday(json_extract(detail, '$.until')) - julianday(at)) * 86400 AS INTEGER) \
                FROM event_log WHERE kind = 'relay_down' ORDER BY id LIMIT 1 OFFSET 3";
    assert!(workspace.number(rest) > 7_000, "1, 2, 4, 8 seconds\n{}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_gone_is_not_replaced_while_its_relay_rests() {
    // both have sent one letter; then one is told to stay away for an hour, and after that the other finds its session gone
    let gone = Act::After(Duration::from_millis(900), Box::new(Act::Drop));
    let away = Act::ReplyAndDrop("421 4.3.2 closing, try again in 1 hour".to_owned());
    let dot = Act::After(Duration::from_millis(400), Box::new(reply("250 2.0.0 taken")));
    let script = Script::new().without("PIPELINING").on(".", dot).on_nth("MAIL", 3, gone).on_nth("MAIL", 4, away);
    let server = ScriptedServer::start(script).await;
    let text = settings("smtp://", server.addr.port(), &More::default()).replace("sessions = 1", "sessions = 2");
    let workspace = Workspace::new(6, 0, &text);
    let code = workspace.start(&["--until-idle"]).end().code();
    let shown = shown(&workspace, code);
    assert!(shown.starts_with("exit 0, sending | accepted 2, queued 4 | "), "{shown}\n{}", workspace.said());
    assert!(shown.ends_with("| down 1"), "{shown}");
    assert_eq!(server.journal.sessions(), 2, "nobody calls: {}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_at_its_limit_does_not_hold_another_of_equal_weight_to_its_part() {
    let (limited, free) = (ScriptedServer::start(Script::new()).await, ScriptedServer::start(Script::new()).await);
    let more = and_another(&free, "weight = 1", "weight = 1\nrate = \"2/hour\"");
    let workspace = workspace(&limited, 30, &more);
    let code = workspace.start(&["--until-idle"]).end().code();
    let all_well = "exit 0, completed | accepted 30 | accepted - final_dot 250 x30 | down 0";
    assert_eq!(shown(&workspace, code), all_well, "{}", workspace.said());
    assert_eq!(dots(&limited), 1);
}
