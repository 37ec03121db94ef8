//! Alerts: reads the events as they come, and writes to operators and owners.
//!
//! It waits for nobody's letters and nobody's letters wait for it. While something can go, it counts as busy, so that a
//! run until idle ends after its last message; what waits for a relay or a limit keeps no run.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Pulse;
use crate::{
    alerts::BATCH,
    desk::{AlertPost, DeskError},
};

/// How often it looks.
const EVERY: Duration = Duration::from_millis(250);

/// Follows the events until `stop`.
pub async fn run(alerts: AlertPost, pulse: Pulse, stop: CancellationToken) -> Result<(), DeskError> {
    let writes = alerts.settings.writes();
    let mut waiting = Some(pulse.busy());
    alerts.desk.ledger.take_up_notices(&alerts.settings, alerts.desk.now()).await?;
    loop {
        let busy = pulse.busy();
        alerts.follow().await?;
        if writes {
            alerts.send_due(&stop).await?;
        }
        // twice the time that a batch waits: it is sent in the next round or the one after
        let soon = alerts.desk.now() + BATCH + BATCH;
        waiting = if writes && alerts.has_some_by(soon).await? { waiting.or_else(|| Some(pulse.busy())) } else { None };
        drop(busy);
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    // what happened last is listed, also where nobody can be written to any more
    alerts.follow().await
}
