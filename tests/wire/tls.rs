//! TLS: who is let in, and that nothing is said to anyone else.

use circulard::smtp::Session;

use crate::{
    MESSAGE, SHORT, deliver, failure_in_short, in_short, only, password, patient,
    scripted::{Act, Certificate, Protection, Script, ScriptedServer, reply},
    settings, trusted,
};
use circulard::delivery::{Failure, Stage};

/// With a user, so that a password could leak.
fn table(start_tls: bool) -> (&'static str, &'static str) {
    if start_tls {
        ("smtp://user@", "password_file = \"p\"\ntls_roots = \"roots.pem\"")
    } else {
        ("smtps://user@", "password_file = \"p\"")
    }
}

async fn open(server: &ScriptedServer, start_tls: bool) -> Result<Session, Failure> {
    let (scheme, more) = table(start_tls);
    Session::open(&settings(server, scheme, more), Some(&password("hunter2")), &trusted(), "", &patient()).await
}

fn protected(certificate: Certificate, start_tls: bool) -> Script {
    let protection = if start_tls { Protection::StartTls(certificate) } else { Protection::ImplicitTls(certificate) };
    Script::new().with("AUTH PLAIN LOGIN").protected(protection)
}

#[tokio::test]
async fn a_message_goes_through_tls_octet_for_octet() {
    for start_tls in [false, true] {
        let server = ScriptedServer::start(protected(Certificate::Good, start_tls)).await;
        let mut session = open(&server, start_tls).await.expect("a session");
        let large = [MESSAGE, &b"0123456789\r\n".repeat(50_000)].concat();
        for octets in [MESSAGE, &large] {
            assert_eq!(in_short(&deliver(&mut session, "a@b.example", octets).await), "accepted 250");
        }
        assert!(server.transactions().iter().map(|t| t.message.as_slice()).eq([MESSAGE, &large]));
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_the_relays_gets_neither_auth_nor_mail() {
    let table = [
        (Certificate::Expired, "has expired"),
        (Certificate::WrongName, "is not for 127.0.0.1"),
        (Certificate::SelfSigned, "does not trust"),
    ];
    for (certificate, says) in table {
        for start_tls in [false, true] {
            let server = ScriptedServer::start(protected(certificate, start_tls)).await;
            let failure = open(&server, start_tls).await.expect_err(says);
            assert_eq!(failure_in_short(&failure), if start_tls { "starttls tls" } else { "greeting tls" });
            assert!(failure.to_string().contains(says), "{failure}");
            server.journal.until_closed(1).await;
            let said = server.lines().join("|");
            assert_eq!(said, if start_tls { "EHLO [127.0.0.1]|STARTTLS" } else { "" });
        }
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let injected = Act::Raw(b"220 go ahead\r\n250 AUTH PLAIN\r\n".to_vec());
    let stripped = "250-scripted.example\r\n250-AUTH PLAIN\r\n250 PIPELINING";
    let script = || protected(Certificate::Good, true);
    let table = [
        (script().on("EHLO", reply(stripped)), "starttls tls", "EHLO [127.0.0.1]"),
        (script().on("STARTTLS", injected), "starttls tls", "EHLO [127.0.0.1]|STARTTLS"),
        (script().on("STARTTLS", reply("454 4.7.0 not now")), "starttls 454", "EHLO [127.0.0.1]|STARTTLS"),
        (script().on("STARTTLS", reply("502 5.5.1 no")), "starttls 502", "EHLO [127.0.0.1]|STARTTLS"),
        (script().on("STARTTLS", reply("250 ok")), "starttls protocol", "EHLO [127.0.0.1]|STARTTLS"),
        (script().on("STARTTLS", Act::Drop), "starttls broken", "EHLO [127.0.0.1]|STARTTLS"),
    ];
    for (script, expected, said) in table {
        let server = ScriptedServer::start(script).await;
        let failure = open(&server, true).await.expect_err(expected);
        assert_eq!(failure_in_short(&failure), expected, "{failure}");
        server.journal.until_closed(1).await;
        assert_eq!(server.lines().join("|"), said, "{expected}");
    }
}

#[tokio::test]
async fn what_was_offered_before_tls_is_forgotten() {
    let before = "250-scripted.example\r\n250-STARTTLS\r\n250-PIPELINING\r\n250 AUTH PLAIN";
    let after = "250-scripted.example\r\n250-STARTTLS\r\n250 AUTH LOGIN";
    let script = protected(Certificate::Good, true).on_nth("EHLO", 1, reply(before)).on_nth("EHLO", 2, reply(after));
    let server = ScriptedServer::start(script).await;
    let session = open(&server, true).await.expect("a session");
    assert!(!session.offers().pipelining);
    assert_eq!(session.offers().mechanisms, ["LOGIN"]);
    assert_eq!(server.journal.count_lines("AUTH LOGIN"), 1);
}

#[tokio::test]
async fn a_server_that_knows_no_tls_fails_at_the_greeting() {
    let server = ScriptedServer::start(Script::new()).await;
    let failure = open(&server, false).await.expect_err("no TLS");
    assert_eq!(failure_in_short(&failure), "greeting tls");
}

#[tokio::test]
async fn a_silent_handshake_ends_in_the_stages_time() {
    let server = ScriptedServer::start(Script::new().on("CONNECT", Act::Silence)).await;
    let (scheme, more) = table(false);
    let relay = settings(&server, scheme, more);
    let deadlines = only(Stage::Greeting, SHORT);
    let failure = Session::open(&relay, Some(&password("x")), &trusted(), "", &deadlines).await.expect_err("silence");
    assert_eq!(failure_in_short(&failure), "greeting timed out");
}

#[tokio::test]
async fn a_relay_that_hangs_up_at_the_dot_inside_tls_is_a_doubt() {
    let server = ScriptedServer::start(protected(Certificate::Good, false).on(".", Act::Drop)).await;
    let mut session = open(&server, false).await.expect("a session");
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "final_dot broken");
}
