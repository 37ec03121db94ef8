//! What a lane waits for: a token, a delivery. Meanwhile a session that has nothing to send is closed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Lane;
use crate::workers::shelf::Job;

/// An idle session is closed after this long, whatever it waits for: well within a server's patience (RFC 5321
/// §4.5.3.2.7: five minutes).
const IDLE: Duration = Duration::from_secs(10);
/// A token is good for so long: longer than an idle lane waits for a bell.
const FRESH: TimeDelta = TimeDelta::seconds(12);
/// What lies on the shelf and may not be taken is looked at again after this long: no bell tells that a time is over.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl Lane {
    pub(super) fn has_fresh_token(&self) -> bool {
        let now = self.dispatch.clock.now();
        self.token.is_some_and(|since| (now - since).abs() < FRESH)
    }

    /// Takes the right to send one message, if there is one at once.
    pub(super) fn has_token(&self, now: DateTime<Utc>) -> bool {
        let has_token = self.gate.has_token(now);
        if !has_token {
            self.dispatch.is_out_of_tokens(&self.relay);
        }
        has_token
    }

    /// When the session has been idle for long enough.
    fn quits_at(&self) -> Instant {
        self.idle_since + IDLE
    }

    /// A delivery is taken only with a token in hand; without limits there is always one.
    pub(super) async fn wait_for_token(&mut self, stop: &CancellationToken) {
        let now = self.dispatch.clock.now();
        if self.has_token(now) {
            self.token = Some(now);
            return;
        }
        let (gate, clock) = (&self.gate, &self.dispatch.clock);
        tokio::select! {
            () = stop.cancelled() => {}
            () = gate.token(clock) => self.token = Some(clock.now()),
            () = tokio::time::sleep_until(self.quits_at()), if self.session.is_some() => self.hang_up().await,
        }
    }

    /// The next delivery this relay may be given.
    pub(super) async fn next_job(&mut self, stop: &CancellationToken) -> Option<Job> {
        if let Some(job) = self.take() {
            return Some(job);
        }
        let shelf = self.dispatch.shelf.clone();
        let filled = shelf.filled();
        // before the bell was looked at something may have come
        if let Some(job) = self.take() {
            return Some(job);
        }
        let look = if shelf.waiting() > 0 { LOOK_AGAIN } else { IDLE };
        tokio::select! {
            () = stop.cancelled() => {}
            () = filled => {}
            () = tokio::time::sleep_until(self.quits_at()), if self.session.is_some() => self.hang_up().await,
            () = tokio::time::sleep(look) => {}
        }
        self.take()
    }
}
