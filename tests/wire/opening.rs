//! From the connection to the answer to EHLO.

use std::time::Duration;

use circulard::{
    delivery::Stage,
    smtp::{Deadlines, RelaySettings, Session},
};

use crate::{
    SHORT, deliver, failure_in_short, in_short, only, open, patient,
    scripted::{Act, Script, ScriptedServer, reply},
    settings, started, trusted,
};

async fn failure(script: Script, deadlines: &Deadlines) -> (ScriptedServer, String) {
    let server = ScriptedServer::start(script).await;
    let failure = open(&server, deadlines).await.expect_err("no session");
    (server, failure_in_short(&failure))
}

#[tokio::test]
async fn only_220_is_a_greeting_and_250_an_answer_to_ehlo() {
    let drip = |text: &str| Act::Drip(text.as_bytes().to_vec(), Duration::from_millis(50));
    let table = [
        ("CONNECT", reply("554 5.3.2 no service"), "greeting 554"),
        ("CONNECT", reply("421 4.3.2 too busy"), "greeting 421"),
        ("CONNECT", reply("250 hello"), "greeting protocol"),
        ("CONNECT", reply("hello"), "greeting protocol"),
        ("CONNECT", Act::Drop, "greeting broken"),
        ("CONNECT", Act::Reset, "greeting broken"),
        ("CONNECT", Act::Endless(vec![b'2'; 8192]), "greeting protocol"),
        ("CONNECT", Act::Endless(b"220-welcome\r\n".repeat(100)), "greeting protocol"),
        ("CONNECT", Act::Silence, "greeting timed out"),
        ("CONNECT", drip("220-welcome to this relay\r\n"), "greeting timed out"),
        ("CONNECT", Act::Raw(b"220 one\r\n220 two\r\n".to_vec()), "ehlo protocol"),
        ("EHLO", reply("421 4.3.2 closing"), "ehlo 421"),
        ("EHLO", reply("451 4.3.0 later"), "ehlo 451"),
        ("EHLO", reply("354 what"), "ehlo protocol"),
        ("EHLO", Act::Drop, "ehlo broken"),
        ("EHLO", Act::Silence, "ehlo timed out"),
        ("EHLO", drip("250-relay.example\r\n250-PIPELINING\r\n"), "ehlo timed out"),
        ("EHLO", Act::Raw(b"250 relay.example\r\n250 surplus\r\n".to_vec()), "ehlo protocol"),
    ];
    for (on, act, expected) in table {
        let stage = if expected.starts_with("greeting") { Stage::Greeting } else { Stage::Ehlo };
        let limit = if expected.ends_with("timed out") { SHORT } else { crate::PATIENT };
        let (server, found) = failure(Script::new().on(on, act.clone()), &only(stage, limit)).await;
        assert_eq!(found, expected, "{on} {act:?}");
        assert!(!server.lines().iter().any(|line| line.starts_with("MAIL")), "{on} {act:?}");
    }
}

#[tokio::test]
async fn a_relay_that_is_down_is_broken_at_connect_and_named() {
    let server = ScriptedServer::start(Script::new()).await;
    let address = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).expect("a free port");
    drop(server);
    let relay = RelaySettings::loopback("main", address);
    let failure = Session::open(&relay, None, &trusted(), "", &patient()).await.expect_err("no relay");
    assert_eq!(failure_in_short(&failure), "connect broken");
    assert!(failure.to_string().contains(&address.to_string()), "{failure}");
}

#[tokio::test]
async fn a_host_without_an_address_is_broken_at_connect_and_named() {
    let relay: RelaySettings = toml::from_str("url = \"smtps://relay.invalid\"").expect("a relay");
    let failure = Session::open(&relay, None, &trusted(), "", &patient()).await.expect_err("no relay");
    assert_eq!(failure.stage, Stage::Connect);
    assert!(failure.to_string().contains("relay.invalid"), "{failure}");
}

#[tokio::test]
async fn helo_follows_a_refused_ehlo_only_where_neither_tls_nor_auth_is_wanted() {
    let old = Script::new().on("EHLO", reply("502 5.5.1 what?"));
    let (server, mut session) = started(old.clone()).await;
    assert_eq!(server.lines(), ["EHLO [127.0.0.1]", "HELO [127.0.0.1]"]);
    assert!(!session.offers().pipelining);
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", b"x\r\n").await), "accepted 250");

    for (scheme, more) in [("smtp://", "tls_roots = \"roots.pem\""), ("smtp://user@", "password_file = \"p\"")] {
        let server = ScriptedServer::start(old.clone()).await;
        let relay = settings(&server, scheme, more);
        let failure = Session::open(&relay, Some(&"p".into()), &trusted(), "", &patient()).await.expect_err("no EHLO");
        assert_eq!(failure_in_short(&failure), "ehlo 502");
        assert_eq!(server.lines(), ["EHLO [127.0.0.1]"]);
    }
}

#[tokio::test]
async fn the_ehlo_name_is_the_relays_or_the_houses_or_the_address_literal_and_never_a_bare_host() {
    let table = [
        ("", "", Ok("EHLO [127.0.0.1]")),
        ("", "mail.itu.example", Ok("EHLO mail.itu.example")),
        ("ehlo_name = \"out.itu.example\"", "mail.itu.example", Ok("EHLO out.itu.example")),
        ("", "localhost", Err("ehlo protocol")),
        ("", "x.example\r\nMAIL FROM:<>", Err("ehlo protocol")),
    ];
    for (more, house, expected) in table {
        let server = ScriptedServer::start(Script::new()).await;
        let opened = Session::open(&settings(&server, "smtp://", more), None, &trusted(), house, &patient()).await;
        match expected {
            Ok(line) => assert_eq!((opened.is_ok(), server.lines()), (true, vec![line.to_owned()])),
            Err(short) => {
                assert_eq!(failure_in_short(&opened.expect_err(house)), short);
                assert_eq!(server.lines(), [""; 0]);
            }
        }
    }
}

#[tokio::test]
async fn keywords_in_small_letters_count_and_two_hundred_of_them_do_no_harm() {
    let mut offers: Vec<String> = (0..200).map(|n| format!("XKEYWORD{n} with values")).collect();
    offers.extend(["pipelining", "size 1000", "8bitmime"].map(str::to_owned));
    let offers: Vec<&str> = offers.iter().map(String::as_str).collect();
    let (_server, session) = started(Script::new().offers(&offers)).await;
    assert!(session.offers().pipelining && session.offers().eight_bit);
    assert_eq!(session.offers().size_limit, Some(1000));
}

#[tokio::test]
async fn a_greeting_in_latin_1_over_several_lines_is_a_greeting() {
    let greeting = Act::Raw(b"220-Willkommen in Gen\xe8ve\n220-\x07\r\n220\r\n".to_vec());
    let (_server, session) = started(Script::new().on("CONNECT", greeting)).await;
    assert!(session.is_usable());
}
