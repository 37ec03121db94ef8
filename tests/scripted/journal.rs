//! What the server has seen and said, in order, for tests to read and to wait for.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::Notify;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Connected {
        session: usize,
    },
    Secured {
        session: usize,
    },
    HandshakeFailed {
        session: usize,
        why: String,
    },
    /// A command line, without its line end.
    Line {
        session: usize,
        line: String,
    },
    /// The octets that end a message have come; nothing is answered yet.
    DotSeen {
        session: usize,
    },
    Said {
        session: usize,
        octets: Vec<u8>,
    },
    Transaction(Transaction),
    Closed {
        session: usize,
    },
}

/// One message, whole or cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub session: usize,
    /// The MAIL and RCPT lines; only recipients that were answered 25z.
    pub mail: String,
    pub rcpt: Vec<String>,
    /// All octets after 354, the final dot's line included.
    pub raw: Vec<u8>,
    /// Without the final dot's line and the doubled dots.
    pub message: Vec<u8>,
    pub dot_seen: bool,
    /// What was answered to the dot.
    pub reply: Option<String>,
}

/// Shared by the server's sessions and the test.
#[derive(Clone, Default)]
pub struct Journal(Arc<(Mutex<Vec<Event>>, Notify)>);

impl Journal {
    pub fn add(&self, event: Event) {
        self.0.0.lock().expect("the journal").push(event);
        self.0.1.notify_waiters();
    }

    pub fn events(&self) -> Vec<Event> {
        self.0.0.lock().expect("the journal").clone()
    }

    /// The position among the lines that begin with `prefix` that the next one has, from 1.
    pub fn count_lines(&self, prefix: &str) -> usize {
        self.lines().iter().filter(|line| line.to_ascii_uppercase().starts_with(prefix)).count()
    }

    pub fn transactions(&self) -> Vec<Transaction> {
        let events = self.events().into_iter();
        events
            .filter_map(|event| if let Event::Transaction(transaction) = event { Some(transaction) } else { None })
            .collect()
    }

    pub fn lines(&self) -> Vec<String> {
        let events = self.events().into_iter();
        events.filter_map(|event| if let Event::Line { line, .. } = event { Some(line) } else { None }).collect()
    }

    pub fn sessions(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::Connected { .. })).count()
    }

    /// Those that are not closed.
    pub fn open_sessions(&self) -> usize {
        let closed = self.events().iter().filter(|event| matches!(event, Event::Closed { .. })).count();
        self.sessions() - closed
    }

    /// Waits until what happened so far satisfies `enough`.
    pub async fn until(&self, what: &str, enough: impl Fn(&[Event]) -> bool) {
        let waiting = async {
            loop {
                let more = self.0.1.notified();
                if enough(&self.events()) {
                    return;
                }
                more.await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(10), waiting).await.is_err() {
            panic!("waited in vain for {what}; what happened: {:#?}", self.events());
        }
    }

    pub async fn until_closed(&self, session: usize) {
        self.until("the end of the session", |events| events.contains(&Event::Closed { session })).await;
    }
}
