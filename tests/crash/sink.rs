//! The recording server: takes every letter, and writes down for each transaction the envelope, the SHA-256 of the
//! octets, whether the final dot came and whether its 250 was written.
//!
//! It lives in the test's process and so outlives every daemon. Like a real server it goes on reading after its client
//! has died: what the kernel still delivers counts. It may kill the daemon itself at a named point of the protocol, and
//! goes on only when the daemon is gone. Every second session offers PIPELINING.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use super::{
    seed::Seed,
    workspace::{Daemon, PATIENCE, tokens_in},
};

/// Where the server stands when it kills the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// The connection is open, nothing is said.
    Connect,
    /// A command was read and is not answered.
    Mail,
    Rcpt,
    Data,
    /// The first octets of the message have come.
    Body,
    /// The final dot has come and is not answered.
    Dot,
    /// The 250 to the final dot was written.
    Written,
}

/// One transaction, from RCPT on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub mail: String,
    pub rcpt: String,
    pub dot: bool,
    pub said_250: bool,
    /// Of the octets without the doubled dots, last CRLF included; empty before the dot.
    pub sha256: String,
    /// The tokens that stand in the message.
    pub tokens: Vec<String>,
}

#[derive(Default)]
struct State {
    journal: Vec<Taken>,
    sessions: usize,
    open: usize,
    dots: usize,
    /// Kill this daemon the nth time the point is reached.
    trap: Option<(Point, u64, Daemon)>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// The longest wait before the answer to the dot, in milliseconds.
    longest_wait: u64,
}

/// The server; it listens as long as the test runs.
#[derive(Clone)]
pub struct Sink {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink {
    pub fn start(seed: &Seed, longest_wait: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let addr = listener.local_addr().expect("an address");
        let longest_wait = u64::try_from(longest_wait.as_millis()).unwrap_or(50);
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), longest_wait });
        let (seed, all) = (seed.clone(), Arc::clone(&shared));
        thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                let number = {
                    let mut state = all.state();
                    (state.sessions, state.open) = (state.sessions + 1, state.open + 1);
                    state.sessions
                };
                let (shared, seed) = (Arc::clone(&all), seed.branch(number as u64));
                thread::spawn(move || {
                    let mut session = Session { tcp, unread: Vec::new(), number, shared: Arc::clone(&shared), seed };
                    let _ = session.hold();
                    shared.state().open -= 1;
                    shared.changed.notify_all();
                });
            }
        });
        Self { addr, shared }
    }

    /// Kills the daemon the nth time the point is reached, from 1.
    pub fn set_trap(&self, point: Point, nth: u64, daemon: &Daemon) {
        self.shared.state().trap = Some((point, nth, daemon.clone()));
    }

    pub fn disarm(&self) {
        self.shared.state().trap = None;
    }

    /// Final dots so far.
    pub fn dots(&self) -> usize {
        self.shared.state().dots
    }

    /// Once all sessions have ended, everything that was written down.
    pub fn journal(&self) -> Vec<Taken> {
        let state = self.shared.state();
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.open > 0)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "a session of the recording server does not end");
        state.journal.clone()
    }
}

struct Session {
    tcp: TcpStream,
    unread: Vec<u8>,
    number: usize,
    shared: Arc<Shared>,
    seed: Seed,
}

impl Session {
    fn hold(&mut self) -> io::Result<()> {
        self.tcp.set_nodelay(true)?;
        self.reach(Point::Connect);
        self.say("220 recording.example ESMTP")?;
        let mut mail = String::new();
        let mut open: Option<usize> = None;
        loop {
            let line = self.line()?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" if self.number.is_multiple_of(2) => {
                    self.say("250-recording.example\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES")?;
                }
                "EHLO" => self.say("250-recording.example\r\n250 ENHANCEDSTATUSCODES")?,
                "MAIL" => {
                    self.reach(Point::Mail);
                    mail = path_in(&line);
                    self.say("250 2.1.0 ok")?;
                }
                "RCPT" => {
                    open = Some(self.begin(&mail, &path_in(&line)));
                    self.reach(Point::Rcpt);
                    self.say("250 2.1.5 ok")?;
                }
                "DATA" => {
                    self.reach(Point::Data);
                    self.say("354 go on")?;
                    let Some(entry) = open.take() else { return Ok(()) };
                    self.message(entry)?;
                }
                "QUIT" => return self.say("221 2.0.0 bye"),
                _ => self.say("250 2.0.0 ok")?,
            }
        }
    }

    fn begin(&self, mail: &str, rcpt: &str) -> usize {
        let (mail, rcpt) = (mail.to_owned(), rcpt.to_owned());
        let mut state = self.shared.state();
        let taken = Taken { mail, rcpt, dot: false, said_250: false, sha256: String::new(), tokens: Vec::new() };
        state.journal.push(taken);
        state.journal.len() - 1
    }

    fn message(&mut self, entry: usize) -> io::Result<()> {
        if self.unread.is_empty() {
            self.receive()?;
        }
        self.reach(Point::Body);
        let mut looked = 0;
        let end = loop {
            let found = self.unread[looked..].windows(5).position(|five| five == b"\r\n.\r\n");
            if let Some(at) = found {
                break looked + at + 2;
            }
            looked = self.unread.len().saturating_sub(4);
            self.receive()?;
        };
        let raw: Vec<u8> = self.unread.drain(..end + 3).take(end).collect();
        let lines = raw.split_inclusive(|octet| *octet == b'\n');
        let message: Vec<u8> = lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect();
        self.note(entry, |taken| {
            taken.dot = true;
            taken.sha256 = sha256(&message);
            taken.tokens = tokens_in(&message);
        });
        self.shared.state().dots += 1;
        self.reach(Point::Dot);
        thread::sleep(Duration::from_millis(self.seed.below(self.shared.longest_wait + 1)));
        // noted before it is written: whoever reads it finds it noted
        self.note(entry, |taken| taken.said_250 = true);
        if let Err(error) = self.say("250 2.0.0 taken") {
            self.note(entry, |taken| taken.said_250 = false);
            return Err(error);
        }
        self.reach(Point::Written);
        Ok(())
    }

    fn note(&self, entry: usize, write: impl FnOnce(&mut Taken)) {
        write(&mut self.shared.state().journal[entry]);
    }

    /// Springs the trap, if it is set here and it is its time. Nobody is answered before the daemon is gone.
    fn reach(&self, point: Point) {
        let mut state = self.shared.state();
        let Some((_, nth, _)) = state.trap.as_mut().filter(|(at, ..)| *at == point) else { return };
        *nth = nth.saturating_sub(1);
        if *nth == 0
            && let Some((_, _, daemon)) = state.trap.take()
        {
            daemon.kill();
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        match self.tcp.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            octets => {
                self.unread.extend_from_slice(&chunk[..octets]);
                Ok(())
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.unread.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            self.receive()?;
        }
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.tcp.write_all(format!("{text}\r\n").as_bytes())
    }
}

fn path_in(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

pub fn sha256(octets: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, octets);
    digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}
