//! The issue worker: freezes what is due.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::Pulse;
use crate::{
    desk::{Desk, DeskError, Frozen, freeze},
    ledger::CircularId,
};

/// The longest nap: a release window is kept to the second.
const EVERY: Duration = Duration::from_secs(1);
/// A circular whose files changed is left to intake for so long.
const AGAIN: TimeDelta = TimeDelta::seconds(5);

/// Freezes what is due until `stop`.
pub async fn run(desk: Desk, pulse: Pulse, stop: CancellationToken) -> Result<(), DeskError> {
    let mut left: HashMap<CircularId, DateTime<Utc>> = HashMap::new();
    while !stop.is_cancelled() {
        let busy = pulse.busy();
        let now = desk.now();
        left.retain(|_, since| now - *since < AGAIN);
        for record in desk.ledger.due_circulars(now).await? {
            if stop.is_cancelled() || left.contains_key(&record.id) {
                continue;
            }
            match freeze(&desk, &record).await? {
                Frozen::Issue(issue) => {
                    tracing::info!(
                        reference = issue.reference,
                        issue = issue.number,
                        addressees = issue.total,
                        "frozen"
                    );
                    pulse.ring_dispatch();
                }
                Frozen::Changed => {
                    tracing::info!(stem = record.stem, "due, but its files have changed: read again");
                    left.insert(record.id, now);
                    pulse.reread(&record.stem);
                }
            }
        }
        drop(busy);
        tokio::select! {
            () = stop.cancelled() => {}
            () = pulse.issue() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    Ok(())
}
