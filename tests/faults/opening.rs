//! F1 to F4: the relay is away, unknown, unwilling, or greets in its own way. No addressee is charged for it.

use super::{
    row::{More, OFFICES, Row, dots, play_plain, run_to_the_end, settings, shown},
    scripted::{Act, Script, ScriptedServer, reply},
    workspace::Workspace,
};

const ALL_WELL: &str = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 0";
const DOWN_AND_UP: &str = "exit 0, completed | accepted 4 | accepted - final_dot 250 x4 | down 1";
const WAITS_FOR_A_PERSON: &str = "exit 0, sending | queued 4 |  | down 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_does_not_let_us_in_rests_and_nobody_is_charged() {
    let many: Vec<String> = (0..200).map(|n| format!("X-KEYWORD-{n} a b c")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).chain(["PIPELINING"]).collect();
    let no = || reply("502 5.5.1 what");
    let row = |fault, script, first| Row { fault, script, first, then: "" };
    for row in [
        row("F1 reset at once", Script::new().on_nth("CONNECT", 1, Act::Reset), DOWN_AND_UP),
        row("F3 banner 554", Script::new().on("CONNECT", reply("554 5.7.1 no service for you")), WAITS_FOR_A_PERSON),
        row(
            "F3 banner 421",
            Script::new().on_nth("CONNECT", 1, Act::ReplyAndDrop("421 4.3.2 busy".into())),
            DOWN_AND_UP,
        ),
        row("F4 EHLO unknown, HELO known", Script::new().on("EHLO", reply("502 5.5.1 what")), ALL_WELL),
        row("F4 neither known", Script::new().on("EHLO", no()).on("HELO", no()), WAITS_FOR_A_PERSON),
        row("F4 lower case", Script::new().offers(&["pipelining", "size 1000000", "8bitmime", "smtputf8"]), ALL_WELL),
        row("F4 200 keywords", Script::new().offers(&many), ALL_WELL),
        row("F4 no keyword", Script::new().offers(&[]), ALL_WELL),
    ] {
        play_plain(row).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_down_at_start_is_used_once_it_is_there() {
    let port = ScriptedServer::start(Script::new()).await.addr.port();
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", port, &More::default()));
    let daemon = workspace.start(&["--until-idle"]);
    let down = || workspace.number("SELECT count(*) FROM event_log WHERE kind = 'relay_down'") == 1;
    assert!(daemon.until("the alert", down).is_none());
    let _server = ScriptedServer::start_at(port, Script::new()).await;
    assert_eq!(shown(&workspace, daemon.end().code()), DOWN_AND_UP, "{}", workspace.said());
    assert_eq!(workspace.number("SELECT count(*) FROM event_log WHERE kind = 'relay_up'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_relay_that_rests_for_two_causes_is_said_to_rest_once_and_in_the_houses_time() {
    let server = ScriptedServer::start(Script::new().on("CONNECT", Act::ReplyAndDrop("421 4.3.2 busy".into()))).await;
    let other = ScriptedServer::start(Script::new().on("CONNECT", reply("554 no"))).await;
    let with = |server: &ScriptedServer| settings("smtp://", server.addr.port(), &More::default());
    let workspace = Workspace::new(OFFICES, 0, &with(&server));
    let run = || {
        let mut command = workspace.on(&["run"]);
        workspace.start_as(command.arg("--until-idle").env("CIRCULARD__SCHEDULE__TIME_ZONE", "Europe/Zurich")).end()
    };
    assert_eq!(run().code(), Some(0));
    workspace.write("circulard.toml", &with(&other));
    assert_eq!(run().code(), Some(0));
    let shown = String::from_utf8_lossy(&workspace.output(&["show", "PROOF/1"]).stdout).into_owned();
    assert_eq!(shown.matches("relay \"main\" rests").count(), 1, "{shown}");
    assert!(shown.contains("greeting: 554 no"), "the cause that was said last: {shown}");
    let said = workspace.said();
    assert!(said.contains("relay rests") && said.contains("the relay rests"), "{said}");
    assert!(!said.contains("UTC (+00:00)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_name_nobody_knows_rests_and_says_so_once() {
    let more = "[[relay]]\nurl = \"smtp://relay.invalid\"\n[[sender]]\nname = \"a\"\nfrom = \"a@itu.example\"\n\
                [schedule]\nrelease = \"now\"\n[watch]\nsettle = \"0s\"\n";
    let workspace = Workspace::new(OFFICES, 0, more);
    let daemon = workspace.start(&[]);
    let down = || workspace.number("SELECT count(*) FROM event_log WHERE kind = 'relay_down'") == 1;
    assert!(daemon.until("the alert", down).is_none());
    daemon.signal("TERM");
    assert_eq!(shown(&workspace, daemon.end().code()), WAITS_FOR_A_PERSON, "{}", workspace.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_relay_of_two_does_not_stop_the_other() {
    let bad = ScriptedServer::start(Script::new().on("MAIL", reply("451 4.3.0 always"))).await;
    let good = ScriptedServer::start(Script::new()).await;
    let second =
        format!("[[relay]]\nname = \"other\"\nurl = \"smtp://127.0.0.1:{}\"\nsessions = 1\n", good.addr.port());
    let more = More { settings: second, ..More::default() };
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", bad.addr.port(), &more));
    let code = run_to_the_end(&workspace);
    let shown = shown(&workspace, code);
    assert!(shown.starts_with("exit 0, completed | accepted 4 | "), "F23 {shown}\n{}", workspace.said());
    assert_eq!(workspace.number("SELECT count(*) FROM attempt_log WHERE relay = 'main' AND state = 'accepted'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_in_doubt_stays_with_its_relay_while_the_other_carries_on() {
    let silent = ScriptedServer::start(Script::new().on_nth(".", 1, Act::Drop)).await;
    let other = ScriptedServer::start(Script::new()).await;
    let second =
        format!("[[relay]]\nname = \"other\"\nurl = \"smtp://127.0.0.1:{}\"\nsessions = 1\n", other.addr.port());
    let more = More { settings: second, ..More::default() };
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", silent.addr.port(), &more));
    run_to_the_end(&workspace);
    let doubted = "SELECT count(DISTINCT relay) FROM attempt_log WHERE delivery IN \
                   (SELECT delivery FROM attempt_log WHERE state = 'in_doubt')";
    assert_eq!(workspace.number("SELECT count(*) FROM attempt_log WHERE state = 'in_doubt'"), 1, "F23");
    assert_eq!(workspace.number(doubted), 1, "F23: fail-over never for what is in doubt\n{}", workspace.said());
    assert_eq!(workspace.number("SELECT count(*) FROM delivery_log WHERE state = 'accepted'"), OFFICES as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_of_second_priority_is_used_only_while_the_first_rests() {
    let second = |server: &ScriptedServer| More {
        settings: format!(
            "[[relay]]\nname = \"second\"\nurl = \"smtp://127.0.0.1:{}\"\npriority = 2\nsessions = 4\n",
            server.addr.port()
        ),
        ..More::default()
    };
    let (first, spare) = (ScriptedServer::start(Script::new()).await, ScriptedServer::start(Script::new()).await);
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", first.addr.port(), &second(&spare)));
    run_to_the_end(&workspace);
    assert_eq!((dots(&first), dots(&spare)), (OFFICES, 0), "{}", workspace.said());

    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let workspace = Workspace::new(OFFICES, 0, &settings("smtp://", closed, &second(&spare)));
    run_to_the_end(&workspace);
    assert_eq!(dots(&spare), OFFICES, "{}", workspace.said());
}
