//! The message's octets, the final dot, and what its answer means.

use std::time::Duration;

use circulard::{
    delivery::{Outcome, Stage},
    smtp::check_octets,
};

use crate::{
    MESSAGE, SHORT, deliver, in_short, only, open, patient,
    scripted::{Act, Script, ScriptedServer, reply},
    started, to,
};

async fn outcome(script: Script, short: Stage, octets: &[u8]) -> (ScriptedServer, Outcome, bool) {
    let server = ScriptedServer::start(script).await;
    let mut session = open(&server, &only(short, SHORT)).await.expect("a session");
    let outcome = deliver(&mut session, "a@b.example", octets).await;
    (server, outcome, session.is_usable())
}

#[tokio::test]
async fn only_exactly_250_to_the_dot_is_accepted() {
    let raw = |octets: &[u8]| Act::Raw(octets.to_vec());
    let long = format!("250 {}\r\n", "x".repeat(100_000));
    let table = [
        (reply("250 2.0.0 taken"), "accepted 250", true),
        (reply("250-2.0.0 taken\r\n250 2.0.0 as 4711"), "accepted 250", true),
        (raw(b"250\r\n"), "accepted 250", true),
        (raw(b"250 \r\n"), "accepted 250", true),
        (raw(b"250 ok\n"), "accepted 250", true),
        (raw(b"250 accept\xe9\r\n"), "accepted 250", true),
        (raw(long.as_bytes()), "accepted 250", true),
        (reply("251 hm"), "final_dot protocol", false),
        (reply("354 go on"), "final_dot protocol", false),
        (reply("220 hm"), "final_dot protocol", false),
        (raw(b"taken\r\n"), "final_dot protocol", false),
        (reply("451 4.3.0 later"), "final_dot 451", true),
        (reply("554 5.6.0 no"), "final_dot 554", true),
        (reply("571 5.7.1 no"), "final_dot 571", true),
        (reply("421 4.3.2 closing"), "final_dot 421", false),
        (Act::Drop, "final_dot broken", false),
        (Act::Reset, "final_dot broken", false),
        (Act::RawAndDrop(b"250 ok".to_vec()), "final_dot broken", false),
        (Act::Silence, "final_dot timed out", false),
        (raw(b"250-taken\r\n"), "final_dot timed out", false),
        (Act::Drip(b"250-taken, that is to say\r\n".to_vec(), Duration::from_millis(50)), "final_dot timed out", false),
        (Act::Endless(b"250-taken\r\n".repeat(500)), "final_dot protocol", false),
    ];
    for (act, expected, usable) in table {
        let short = if expected.ends_with("timed out") { Stage::FinalDot } else { Stage::Connect };
        let (server, found, still) = outcome(Script::new().on(".", act.clone()), short, MESSAGE).await;
        assert_eq!((in_short(&found).as_str(), still), (expected, usable), "{act:?}");
        assert!(server.transactions().iter().all(|transaction| transaction.message == MESSAGE), "{act:?}");
    }
}

#[tokio::test]
async fn the_answer_to_the_dot_has_its_own_longer_time() {
    let server =
        ScriptedServer::start(Script::new().on(".", Act::After(3 * SHORT, Box::new(reply("250 taken"))))).await;
    let mut session = open(&server, &only(Stage::Body, SHORT)).await.expect("a session");
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "accepted 250");
}

/// Larger than what the system would buffer for a server that does not read.
fn large() -> Vec<u8> {
    let line = format!(".{}\r\n", "0123456789".repeat(9));
    line.repeat(24 * 1024 * 1024 / line.len()).into_bytes()
}

#[tokio::test]
async fn a_connection_that_breaks_within_a_large_message_leaves_no_doubt() {
    let octets = large();
    let table = [
        (1024, Act::Reset, "body broken"),
        (octets.len() / 2, Act::Reset, "body broken"),
        (1024, Act::Drop, "body broken"),
        (64 * 1024, Act::Stall, "body timed out"),
    ];
    for (after, act, expected) in table {
        let script = Script::new().small_window().in_body_after(after, act.clone());
        // a busy machine may need longer for a block than what is expected never to come gets
        let short = if expected.ends_with("timed out") { Stage::Body } else { Stage::Connect };
        let (server, found, usable) = outcome(script, short, &octets).await;
        assert_eq!((in_short(&found).as_str(), usable), (expected, false), "{after} {act:?}");
        if !matches!(act, Act::Stall) {
            server.journal.until_closed(1).await;
            assert!(server.transactions().iter().all(|transaction| !transaction.dot_seen));
        }
    }
}

#[tokio::test]
async fn a_refusal_within_a_large_message_is_that_refusal() {
    let script = Script::new().small_window().in_body_after(100_000, Act::ReplyAndDrop("552 5.3.4 too large".into()));
    let (_server, found, usable) = outcome(script, Stage::Connect, &large()).await;
    // The RST that follows unread octets may destroy the reply on its way; a doubt it never is.
    assert!(["body 552", "body broken"].contains(&in_short(&found).as_str()), "{found:?}");
    assert!(!usable);
}

#[tokio::test]
async fn a_large_message_arrives_octet_for_octet() {
    let octets = &large()[..3_000_003 / 93 * 93];
    let (server, mut session) = started(Script::new()).await;
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", octets).await), "accepted 250");
    assert!(server.transactions()[0].message == octets);
}

#[tokio::test]
async fn a_reply_before_the_message_was_sent_is_never_its_answer() {
    let script = Script::new().on("DATA", Act::Raw(b"354 go on\r\n250 2.0.0 taken\r\n".to_vec()));
    let (server, mut session) = started(script).await;
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "body protocol");
    assert!(!session.is_usable());
    drop(session);
    server.journal.until_closed(1).await;
    assert!(server.transactions().iter().all(|transaction| transaction.raw.is_empty()));
}

#[tokio::test]
async fn a_relay_that_hung_up_after_354_leaves_no_doubt() {
    let (server, mut session) = started(Script::new().on("DATA", Act::RawAndDrop(b"354 go on\r\n".to_vec()))).await;
    session.envelope(&to("a@b.example")).await.expect("354");
    server.journal.until_closed(1).await;
    assert_eq!(in_short(&session.message(MESSAGE).await), "body broken");
}

#[tokio::test]
async fn a_message_without_its_envelope_is_not_sent() {
    let (server, mut session) = started(Script::new()).await;
    assert_eq!(in_short(&session.message(MESSAGE).await), "body broken");
    assert_eq!(server.lines(), ["EHLO [127.0.0.1]"]);
}

const SMUGGLED: &str = "MAIL FROM:<evil@a.example>\r\nRCPT TO:<victim@b.example>\r\nDATA\r\nsmuggled\r\n.\r\n";

#[tokio::test]
async fn no_line_end_that_a_lax_server_takes_for_the_end_smuggles_a_message() {
    let ends =
        ["\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\r\0\n", "\r\n.\r", "\r\n.\n", "\r\n.\r\n"];
    for end in ends {
        let octets = format!("Subject: x\r\n\r\ntext{end}{SMUGGLED}");
        let (server, mut session) = started(Script::new().lax()).await;
        let clean = check_octets(octets.as_bytes()).is_ok();
        let found = in_short(&deliver(&mut session, "a@b.example", octets.as_bytes()).await);
        assert_eq!(found, if clean { "accepted 250" } else { "body protocol" }, "{end:?}");
        drop(session);
        server.journal.until_closed(1).await;
        let arrived = server.transactions();
        assert_eq!(arrived.len(), 1, "{end:?}");
        assert!(arrived[0].mail.starts_with("MAIL FROM:<bounces@itu.example>"), "{end:?}");
        let expected = if clean { octets.as_bytes() } else { b"" };
        assert_eq!(arrived[0].message.escape_ascii().to_string(), expected.escape_ascii().to_string(), "{end:?}");
    }
}

#[tokio::test]
async fn random_dots_and_line_ends_are_refused_or_arrive_as_they_are() {
    let (server, mut session) = started(Script::new().lax().without("SIZE")).await;
    let mut sent = Vec::new();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    while sent.len() < 200 {
        let octets: String = (0..12)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ["\r\n", "\r\n", ".", "..", "a", "\r\n.", "\n", "\r"]
                    [(random >> 58) as usize % if sent.len() % 2 == 0 { 6 } else { 8 }]
            })
            .collect::<String>()
            + "\r\n";
        if check_octets(octets.as_bytes()).is_err() {
            // Every second message is drawn from clean parts, so this ends.
            assert!(octets.contains("\n\n") || octets.replace("\r\n", "").contains(['\r', '\n']), "{octets:?}");
            continue;
        }
        if !session.is_usable() {
            session = open(&server, &patient()).await.expect("a session");
        }
        assert_eq!(
            in_short(&deliver(&mut session, "a@b.example", octets.as_bytes()).await),
            "accepted 250",
            "{octets:?}"
        );
        sent.push(octets);
    }
    let arrived: Vec<String> =
        server.transactions().iter().map(|t| String::from_utf8_lossy(&t.message).into_owned()).collect();
    assert_eq!(arrived, sent);
}
