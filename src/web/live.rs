//! What changes while it is looked at: the totals of circulars on their way, as server-sent events.
//!
//! One task asks the ledger, and only while somebody looks; all who look hear the same. The more the question costs, the
//! less often it is asked, so that a million addressees do not slow their own dispatch.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{Web, counted::Counted};
use crate::{
    ledger::{CircularState, Ledger, LedgerError},
    report::Totals,
};

/// How often the totals are counted, at most.
const EVERY: Duration = Duration::from_secs(1);
/// Counting takes no more than this part of the time.
const SHARE: u32 = 10;
/// After this the browser asks anew, and whoever has signed out meanwhile hears no more.
const TURN: Duration = Duration::from_secs(600);
/// A line without meaning, so that a connection nobody reads is noticed.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// A program's stream ends when nothing has been sent for this long: an order that was given just before has begun by then.
const STILL: Duration = Duration::from_secs(3);

/// The totals of all circulars on their way; `None` when it is over.
#[derive(Debug, Clone)]
pub struct Live {
    ledger: Ledger,
    counted: Counted,
    told: watch::Sender<Option<Said>>,
}

/// What was counted last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    /// As JSON; empty before the first count.
    json: String,
    /// Whether something is being sent.
    moves: bool,
    /// How often it was counted.
    counts: u64,
}

#[derive(serde::Serialize)]
struct Moving {
    id: i64,
    state: &'static str,
    done: u64,
    frozen: u64,
    totals: Totals,
}

impl Live {
    pub(super) fn new(ledger: Ledger, counted: Counted) -> Self {
        Self { ledger, counted, told: watch::Sender::new(Some(Said::default())) }
    }

    /// Counts while somebody looks, until `stop`.
    pub(super) async fn watch(self, stop: CancellationToken) {
        loop {
            let began = Instant::now();
            if self.told.receiver_count() > 0 {
                match self.count().await {
                    Ok((json, moves)) => {
                        self.told.send_if_modified(|told| {
                            let before = told.take().unwrap_or_default();
                            let new = before.json != json;
                            *told = Some(Said { json, moves, counts: before.counts + 1 });
                            new
                        });
                    }
                    Err(error) => tracing::debug!(%error, "dashboard: totals cannot be counted just now"),
                }
            }
            let rest = EVERY.max(began.elapsed() * SHARE);
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(rest) => {}
            }
        }
        self.told.send_replace(None);
    }

    async fn count(&self) -> Result<(String, bool), LedgerError> {
        let mut moving = Vec::new();
        for record in self.ledger.circulars_on_their_way().await? {
            let totals = self.counted.totals(&self.ledger, &record).await?;
            let (done, frozen) = (totals.finished(), totals.frozen());
            moving.push(Moving { id: record.id.0, state: record.state.as_str(), done, frozen, totals });
        }
        let moves = moving.iter().any(|moving| moving.state == CircularState::Sending.as_str());
        Ok((serde_json::to_string(&moving).unwrap_or_default(), moves))
    }
}

/// `/events`: a line for each change.
pub async fn events(State(web): State<Web>) -> Response {
    stream_of(Listener::new(&web, Ends::WithItsTurn))
}

/// `/api/v1/events`: the same, until nothing is being sent any more, so that a program may wait for that.
pub async fn events_until_still(State(web): State<Web>) -> Response {
    stream_of(Listener::new(&web, Ends::WhenStill))
}

/// When a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The browser asks anew.
    WithItsTurn,
    /// Or before that, when nothing is being sent.
    WhenStill,
}

/// Somebody who hears it.
struct Listener {
    told: watch::Receiver<Option<Said>>,
    ends: Ends,
    begun: bool,
    turn: Instant,
    /// When nothing has been sent for long enough, if nothing is being sent.
    still: Option<Instant>,
    /// How often it had been counted when nothing was being sent.
    counts: u64,
}

impl Listener {
    fn new(web: &Web, ends: Ends) -> Self {
        let mut told = web.live.told.subscribe();
        told.mark_changed();
        Self { told, ends, begun: false, turn: Instant::now() + TURN, still: None, counts: 0 }
    }

    /// The next lines; `None`: it is over.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(": circulard\nretry: 3000\n\n".to_owned());
        }
        let beat = Instant::now() + HEARTBEAT;
        loop {
            let until = [Some(beat), Some(self.turn), self.still].into_iter().flatten().min()?;
            match timeout_at(until, self.told.changed()).await {
                Ok(Err(_)) => return None,
                Ok(Ok(())) => return self.said(),
                Err(_) if Instant::now() >= self.turn || self.is_still() => return None,
                Err(_) if Instant::now() >= beat => return Some(":\n\n".to_owned()),
                Err(_) => self.still = Some(Instant::now() + EVERY),
            }
        }
    }

    fn said(&mut self) -> Option<String> {
        let said = self.told.borrow_and_update().clone()?;
        if self.ends == Ends::WhenStill && !said.moves {
            let begins = self.still.is_none();
            self.counts = if begins { said.counts } else { self.counts };
            self.still = self.still.or_else(|| Some(Instant::now() + STILL));
        } else {
            self.still = None;
        }
        Some(if said.json.is_empty() { ":\n\n".to_owned() } else { format!("data: {}\n\n", said.json) })
    }

    /// What was counted before it listened does not say that it is still, nor does a count that had begun before.
    fn is_still(&self) -> bool {
        let counted = self.told.borrow().as_ref().is_some_and(|said| said.counts >= self.counts + 2 && !said.moves);
        counted && self.still.is_some_and(|still| Instant::now() >= still)
    }
}

fn stream_of(listener: Listener) -> Response {
    let lines = stream::unfold(listener, |mut listener| async move {
        let lines = listener.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(lines)), listener))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(lines)).into_response()
}
