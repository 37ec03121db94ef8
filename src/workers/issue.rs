//! The issue worker: freezes what is due.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::Pulse;
use crate::{
    desk::{Desk, DeskError, freeze},
    ledger::{CircularId, CircularRecord, Published},
    report::format_time,
    schedule::{Cron, is_late, missed},
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
            match issue(&desk, &record, &pulse).await {
                Ok(true) => {}
                Ok(false) => {
                    left.insert(record.id, now);
                    pulse.reread(&record.stem);
                }
                Err(error) if error.is_passing() => {
                    tracing::warn!(stem = record.stem, %error, "due, but its files cannot be read: tried again");
                    left.insert(record.id, now);
                }
                Err(error) => return Err(error),
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

/// Freezes one circular, or says why it waits. `false`: its files have changed and are to be read again.
async fn issue(desk: &Desk, record: &CircularRecord, pulse: &Pulse) -> Result<bool, DeskError> {
    let now = desk.now();
    if let Some(due) = last_tick(desk, record, now).filter(|due| is_late(*due, now, desk.rules.late_after)) {
        let reason = format!("it was due on {}; `release` sends it all the same", format_time(due, desk.rules.zone));
        tracing::warn!(stem = record.stem, reason, "late");
        desk.ledger.hold_late(record.id, &reason, now).await?;
        return Ok(true);
    }
    match freeze(desk, record).await? {
        Published::Issue(issue) => {
            tracing::info!(reference = issue.reference, issue = issue.number, addressees = issue.total, "frozen");
            pulse.ring_dispatch();
            // what was parked because it had not gone out
            if let Some(key) = &record.reference_key {
                for supplement in desk.ledger.supplements_of(key).await? {
                    pulse.reread(&supplement.stem);
                }
            }
            Ok(true)
        }
        Published::Unapproved(missing) => {
            tracing::warn!(stem = record.stem, missing, "due, but not approved");
            Ok(true)
        }
        Published::Changed => {
            tracing::info!(stem = record.stem, "due, but its files have changed: read again");
            Ok(false)
        }
    }
}

/// When it was due; of a repeated circular's missed ticks the last, which stands for all of them.
fn last_tick(desk: &Desk, record: &CircularRecord, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let due = record.due_at?;
    let repeat = record.repeat.as_deref().and_then(|repeat| Cron::parse(repeat).ok());
    let tick = repeat.and_then(|cron| missed(&cron, due, now, desk.rules.zone));
    Some(tick.map_or(due, |run| run.utc()))
}
