//! The final dot waits for leave; what comes before it does not.

use circulard::{
    delivery::{Failure, Outcome, Stage, Trouble},
    smtp::{Leave, Session},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::{
    MESSAGE, PATIENT, SHORT, in_short, only, patient,
    scripted::{Script, ScriptedServer},
    started, to, trusted,
};

/// `MESSAGE` on the wire, but for the final dot's line.
const STUFFED: &str = "Subject: Circular 112\r\n\r\n..first\r\n...second\r\n..\r\nlast\r\n";

/// A relay that tells the test every octet it has received.
async fn at_the_354() -> (Session, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let relay = toml::from_str(&format!("url = \"smtp://{}\"", listener.local_addr().expect("an address")));
    let relay = relay.expect("a relay table");
    let opened = tokio::spawn(async move {
        let mut session = Session::open(&relay, None, &trusted(), "", &patient()).await.expect("a session");
        session.envelope(&to("a@b.example")).await.expect("354");
        session
    });
    let (mut tcp, _) = listener.accept().await.expect("a connection");
    greet(&mut tcp).await;
    (opened.await.expect("no panic"), tcp)
}

/// From the greeting to the 354.
async fn greet(tcp: &mut TcpStream) {
    tcp.write_all(b"220 relay.example\r\n").await.expect("said");
    hear(tcp, "EHLO [127.0.0.1]\r\n").await;
    tcp.write_all(b"250-relay.example\r\n250 PIPELINING\r\n").await.expect("said");
    hear(tcp, "MAIL FROM:<bounces@itu.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n").await;
    tcp.write_all(b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n").await.expect("said");
}

async fn hear(tcp: &mut TcpStream, what: &str) {
    let mut octets = vec![0; what.len()];
    let heard = tokio::time::timeout(PATIENT, tcp.read_exact(&mut octets)).await;
    heard.unwrap_or_else(|_| panic!("{what:?} never came")).expect("open");
    assert_eq!(String::from_utf8_lossy(&octets), what);
}

/// Nothing more is there to be read.
fn is_silent(tcp: &TcpStream) -> bool {
    tcp.try_read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

fn withheld() -> (oneshot::Sender<()>, Option<Leave>) {
    let (give, leave) = oneshot::channel();
    (give, Some(leave))
}

#[tokio::test]
async fn the_message_goes_before_leave_is_given_and_the_dot_with_what_is_behind_it_after() {
    let (mut session, mut tcp) = at_the_354().await;
    let (give, leave) = withheld();
    let sent = tokio::spawn(async move {
        let outcome = session.message_and(MESSAGE, Some(&to("c@d.example")), leave).await;
        (in_short(&outcome), session.next_answer().await)
    });
    hear(&mut tcp, STUFFED).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
        assert!(is_silent(&tcp), "the dot's line came without leave");
    }
    give.send(()).expect("still waited for");
    hear(&mut tcp, ".\r\nMAIL FROM:<bounces@itu.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n").await;
    tcp.write_all(b"250 2.0.0 taken\r\n250 ok\r\n250 ok\r\n354 go on\r\n").await.expect("said");
    assert_eq!(sent.await.expect("no panic"), ("accepted 250".to_owned(), Ok(())));
}

#[tokio::test]
async fn without_leave_no_dot_leaves_and_the_session_is_over() {
    let (mut session, mut tcp) = at_the_354().await;
    let (give, leave) = withheld();
    drop(give);
    let outcome = session.message_and(MESSAGE, None, leave).await;
    assert_eq!(in_short(&outcome), "body broken");
    assert!(session.was_withheld() && !session.is_usable());
    drop(session);
    let mut octets = Vec::new();
    tcp.read_to_end(&mut octets).await.expect("closed");
    assert!(STUFFED.as_bytes().starts_with(&octets), "{}", octets.escape_ascii());
}

#[tokio::test]
async fn leave_that_was_given_before_is_as_none() {
    let (server, mut session) = started(Script::new()).await;
    session.envelope(&to("a@b.example")).await.expect("354");
    let (give, leave) = withheld();
    give.send(()).expect("held");
    assert_eq!(in_short(&session.message_and(MESSAGE, None, leave).await), "accepted 250");
    assert!(!session.was_withheld());
    session.quit().await;
    assert_eq!(server.transactions()[0].message, MESSAGE);
}

#[tokio::test]
async fn a_slow_disk_is_not_the_relays_fault() {
    let limits = only(Stage::Body, SHORT / 10);
    let server = ScriptedServer::start(Script::new()).await;
    let mut session = crate::open(&server, &limits).await.expect("a session");
    session.envelope(&to("a@b.example")).await.expect("354");
    let (give, leave) = withheld();
    let mut sent = tokio::spawn(async move { in_short(&session.message_and(MESSAGE, None, leave).await) });
    let early = tokio::time::timeout(SHORT, &mut sent).await;
    assert!(early.is_err(), "gave up on a relay that was not to blame: {early:?}");
    give.send(()).expect("still waited for");
    assert_eq!(sent.await.expect("no panic"), "accepted 250");
}

#[tokio::test]
async fn a_relay_that_refuses_or_leaves_meanwhile_is_heard_and_no_dot_follows() {
    for (said, expected) in [(Some("552 5.3.4 too big\r\n"), "body 552"), (None, "body broken")] {
        let (mut session, mut tcp) = at_the_354().await;
        let (give, leave) = withheld();
        let sent = tokio::spawn(async move { session.message_and(MESSAGE, None, leave).await });
        hear(&mut tcp, STUFFED).await;
        match said {
            Some(reply) => tcp.write_all(reply.as_bytes()).await.expect("said"),
            None => tcp.shutdown().await.expect("shut"),
        }
        // the runtime looks at its sockets once in so many turns
        for _ in 0..500 {
            tokio::task::yield_now().await;
        }
        give.send(()).expect("still waited for");
        let outcome = sent.await.expect("no panic");
        assert!(matches!(&outcome, Outcome::Failed(Failure { stage: Stage::Body, .. })), "{outcome:?}");
        if let Outcome::Failed(Failure { trouble: Trouble::Reply(_), .. }) = &outcome {
            assert!(said.is_some());
        }
        assert_eq!(in_short(&outcome), expected);
        let mut rest = Vec::new();
        tcp.read_to_end(&mut rest).await.expect("closed");
        assert!(rest.is_empty(), "{}", rest.escape_ascii());
    }
}

#[tokio::test]
async fn a_relay_that_stops_reading_is_given_up_although_leave_is_awaited() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let relay = toml::from_str(&format!("url = \"smtp://{}\"", listener.local_addr().expect("an address")));
    let relay = relay.expect("a relay table");
    let opened = tokio::spawn(async move {
        let mut session = Session::open(&relay, None, &trusted(), "", &only(Stage::Body, SHORT)).await?;
        session.envelope(&to("a@b.example")).await.map(|()| session)
    });
    let (mut tcp, _) = listener.accept().await.expect("a connection");
    greet(&mut tcp).await;
    let mut session = opened.await.expect("no panic").expect("354");
    let (_give, leave) = withheld();
    let octets = "0123456789 0123456789 0123456789\r\n".repeat(1 << 19);
    assert_eq!(in_short(&session.message_and(octets.as_bytes(), None, leave).await), "body timed out");
}
