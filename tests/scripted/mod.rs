//! A scripted SMTP server on loopback: a table *command → reply, drop, silence, drip, raw octets*, with TLS or not.
//!
//! Whatever no rule answers, it answers as a well-behaved server would. It keeps every transaction octet by octet and
//! a journal of all that was said, so that a test compares what arrived and not what was meant to be sent.
#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]

mod certificates;
mod dialogue;
mod journal;

use std::{net::SocketAddr, sync::Arc, time::Duration};

pub use certificates::{Certificate, roots_pem};
pub use journal::{Event, Journal, Transaction};
use tokio::net::TcpSocket;

/// What to do instead of the usual answer.
#[derive(Clone, Debug)]
pub enum Act {
    /// These lines, each with CRLF.
    Reply(String),
    /// These lines, and then hang up.
    ReplyAndDrop(String),
    /// These octets as they are.
    Raw(Vec<u8>),
    /// These octets as they are, and then hang up.
    RawAndDrop(Vec<u8>),
    /// These octets one at a time, with this pause between them.
    Drip(Vec<u8>, Duration),
    /// These octets again and again until the client hangs up.
    Endless(Vec<u8>),
    /// Hang up in order (FIN).
    Drop,
    /// Hang up with RST.
    Reset,
    /// Read on, never answer.
    Silence,
    /// Neither read nor answer: the TCP window closes.
    Stall,
    /// This after that long.
    After(Duration, Box<Act>),
}

/// A reply of one or more lines.
pub fn reply(text: &str) -> Act {
    Act::Reply(text.to_owned())
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    Plain,
    ImplicitTls(Certificate),
    StartTls(Certificate),
}

/// Which octets end a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminator {
    /// Only CRLF.CRLF
    Strict,
    /// Whatever lax servers were found to take for it, too.
    Lax,
}

#[derive(Clone, Debug)]
struct Rule {
    prefix: String,
    nth: Option<usize>,
    act: Act,
}

/// The table. Commands are matched in capitals by prefix ("RCPT TO:<A@"); besides them there are `CONNECT`, `.` for
/// the end of a message and `ANSWER` for a line in an AUTH dialogue. The first rule that matches counts.
#[derive(Clone, Debug)]
pub struct Script {
    rules: Vec<Rule>,
    offers: Vec<String>,
    protection: Protection,
    terminator: Terminator,
    /// In the body, after so many octets of it.
    body: Option<(usize, Act)>,
    window: Option<u32>,
    most: Option<usize>,
}

impl Script {
    /// A server that takes everything.
    pub fn new() -> Self {
        let offers = ["PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN"];
        Self {
            rules: Vec::new(),
            offers: offers.map(str::to_owned).into(),
            protection: Protection::Plain,
            terminator: Terminator::Strict,
            body: None,
            window: None,
            most: None,
        }
    }

    /// Every time.
    pub fn on(mut self, prefix: &str, act: Act) -> Self {
        self.rules.push(Rule { prefix: prefix.to_ascii_uppercase(), nth: None, act });
        self
    }

    /// Only the nth time, from 1, over all sessions.
    pub fn on_nth(mut self, prefix: &str, nth: usize, act: Act) -> Self {
        self.rules.push(Rule { prefix: prefix.to_ascii_uppercase(), nth: Some(nth), act });
        self
    }

    /// In the body of a message, once so many octets of it have come.
    pub fn in_body_after(mut self, octets: usize, act: Act) -> Self {
        self.body = Some((octets, act));
        self
    }

    /// Instead of the usual extensions.
    pub fn offers(mut self, offers: &[&str]) -> Self {
        self.offers = offers.iter().map(ToString::to_string).collect();
        self
    }

    /// One extension less.
    pub fn without(mut self, keyword: &str) -> Self {
        self.offers.retain(|offer| !offer.starts_with(keyword));
        self
    }

    /// One extension more.
    pub fn with(mut self, offer: &str) -> Self {
        self.offers.push(offer.to_owned());
        self
    }

    pub fn protected(mut self, protection: Protection) -> Self {
        self.protection = protection;
        self
    }

    pub fn lax(mut self) -> Self {
        self.terminator = Terminator::Lax;
        self
    }

    /// More sessions at a time are sent away with 421.
    pub fn at_most(mut self, sessions: usize) -> Self {
        self.most = Some(sessions);
        self
    }

    /// A small receive buffer, so that a client cannot leave a whole message in it.
    pub fn small_window(mut self) -> Self {
        self.window = Some(4096);
        self
    }
}

/// The server; it ends when dropped.
pub struct ScriptedServer {
    pub addr: SocketAddr,
    pub journal: Journal,
    accepting: tokio::task::JoinHandle<()>,
}

impl ScriptedServer {
    /// Listens on a port of its own.
    pub async fn start(script: Script) -> Self {
        Self::start_at(0, script).await
    }

    /// Listens on this port.
    pub async fn start_at(port: u16, script: Script) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        if let Some(window) = script.window {
            socket.set_recv_buffer_size(window).expect("a receive buffer");
        }
        socket.set_reuseaddr(true).expect("SO_REUSEADDR");
        socket.bind(([127, 0, 0, 1], port).into()).expect("a port");
        let listener = socket.listen(64).expect("a listener");
        let addr = listener.local_addr().expect("an address");
        let journal = Journal::default();
        let (script, log) = (Arc::new(script), journal.clone());
        let accepting = tokio::spawn(async move {
            let mut sessions = tokio::task::JoinSet::new();
            for session in 1.. {
                let Ok((tcp, _)) = listener.accept().await else { return };
                sessions.spawn(dialogue::serve(tcp, session, script.clone(), log.clone()));
            }
        });
        Self { addr, journal, accepting }
    }

    /// What has arrived so far.
    pub fn transactions(&self) -> Vec<Transaction> {
        self.journal.transactions()
    }

    /// The command lines of all sessions, in order.
    pub fn lines(&self) -> Vec<String> {
        self.journal.lines()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
