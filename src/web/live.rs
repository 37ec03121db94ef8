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
use futures_util::{StreamExt, stream};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{Web, counted::Counted};
use crate::{
    ledger::{Ledger, LedgerError},
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

/// The totals of all circulars on their way, as last counted; `None` when it is over.
#[derive(Debug, Clone)]
pub struct Live {
    ledger: Ledger,
    counted: Counted,
    told: watch::Sender<Option<Count>>,
}

/// One count.
#[derive(Debug)]
struct Count {
    began: Instant,
    /// JSON.
    totals: String,
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
        Self { ledger, counted, told: watch::Sender::new(Some(Count { began: Instant::now(), totals: String::new() })) }
    }

    /// Counts while somebody looks, until `stop`.
    pub(super) async fn watch(self, stop: CancellationToken) {
        loop {
            let began = Instant::now();
            if self.told.receiver_count() > 0 {
                match self.count().await {
                    Ok(totals) => drop(self.told.send_replace(Some(Count { began, totals }))),
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

    async fn count(&self) -> Result<String, LedgerError> {
        let mut moving = Vec::new();
        for record in self.ledger.circulars_on_their_way().await? {
            let totals = self.counted.totals(&self.ledger, &record).await?;
            let (done, frozen) = (totals.finished(), totals.frozen());
            moving.push(Moving { id: record.id.0, state: record.state.as_str(), done, frozen, totals });
        }
        Ok(serde_json::to_string(&moving).unwrap_or_default())
    }
}

/// `/events`: the totals as they stand, then a line for each change.
///
/// A page was read from the ledger before it asks here: what was counted before that is older than the page, and would
/// turn its figures back.
pub async fn events(State(web): State<Web>) -> Response {
    let heard = Heard { told: web.live.told.subscribe(), since: Instant::now(), last: String::new() };
    let greeting = stream::once(async { line(": circulard\nretry: 3000\n\n".to_owned()) });
    let lines = stream::unfold(heard, |mut heard| async move { heard.next().await.map(|text| (line(text), heard)) });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(greeting.chain(lines))).into_response()
}

/// What one listener has heard.
struct Heard {
    told: watch::Receiver<Option<Count>>,
    since: Instant,
    last: String,
}

impl Heard {
    /// The next line; `None`: it is over.
    async fn next(&mut self) -> Option<String> {
        // told before this one came
        self.told.borrow().as_ref()?;
        let end = self.since + TURN;
        let heartbeat = (Instant::now() + HEARTBEAT).min(end);
        loop {
            match tokio::time::timeout_at(heartbeat, self.told.changed()).await {
                Err(_) if heartbeat == end => return None,
                Err(_) => return Some(":\n\n".to_owned()),
                Ok(Err(_)) => return None,
                Ok(Ok(())) => {}
            }
            let told = self.told.borrow_and_update();
            let count = told.as_ref()?;
            if count.began >= self.since && count.totals != self.last {
                self.last.clone_from(&count.totals);
                return Some(format!("data: {}\n\n", self.last));
            }
        }
    }
}

fn line(text: String) -> Result<Bytes, Infallible> {
    Ok(Bytes::from(text))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn nobody_hears_what_was_counted_before_they_came() {
        let since = Instant::now();
        let before = since.checked_sub(EVERY).expect("a time");
        let count = |began, totals: &str| Some(Count { began, totals: totals.to_owned() });
        let told = watch::Sender::new(count(before, "stale"));
        let mut heard = Heard { told: told.subscribe(), since, last: String::new() };
        assert_eq!(heard.next().now_or_never(), None, "not what stood there");
        told.send_replace(count(before, "still stale"));
        assert_eq!(heard.next().now_or_never(), None, "nor what was begun before");
        told.send_replace(count(since, "fresh"));
        assert_eq!(heard.next().await.as_deref(), Some("data: fresh\n\n"));
        told.send_replace(count(since + EVERY, "fresh"));
        assert_eq!(heard.next().now_or_never(), None, "the same is no news");
        told.send_replace(None);
        assert_eq!(heard.next().await, None);
        let mut late = Heard { told: told.subscribe(), since, last: String::new() };
        assert_eq!(late.next().now_or_never(), Some(None), "whoever comes when it is over is told so");
    }
}
