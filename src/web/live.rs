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
use tokio::sync::watch;
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

/// The totals of all circulars on their way, as JSON; empty before the first count, `None` when it is over.
#[derive(Debug, Clone)]
pub struct Live {
    ledger: Ledger,
    counted: Counted,
    told: watch::Sender<Option<String>>,
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
        Self { ledger, counted, told: watch::Sender::new(Some(String::new())) }
    }

    /// Counts while somebody looks, until `stop`.
    pub(super) async fn watch(self, stop: CancellationToken) {
        loop {
            let began = tokio::time::Instant::now();
            if self.told.receiver_count() > 0 {
                match self.count().await {
                    Ok(json) => {
                        self.told.send_if_modified(|told| {
                            let new = told.as_deref() != Some(json.as_str());
                            *told = Some(json);
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

/// `/events`: a line for each change.
pub async fn events(State(web): State<Web>) -> Response {
    let mut told = web.live.told.subscribe();
    told.mark_changed();
    let end = tokio::time::Instant::now() + TURN;
    let lines = stream::unfold((told, true), move |(mut told, first)| async move {
        if first {
            return Some((line(": circulard\nretry: 3000\n\n".to_owned()), (told, false)));
        }
        if tokio::time::Instant::now() >= end {
            return None;
        }
        let text = match tokio::time::timeout(HEARTBEAT, told.changed()).await {
            Err(_) => ":\n\n".to_owned(),
            Ok(Err(_)) => return None,
            Ok(Ok(())) => match told.borrow_and_update().as_deref() {
                None => return None,
                Some("") => ":\n\n".to_owned(),
                Some(json) => format!("data: {json}\n\n"),
            },
        };
        Some((line(text), (told, false)))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(lines)).into_response()
}

fn line(text: String) -> Result<Bytes, Infallible> {
    Ok(Bytes::from(text))
}
