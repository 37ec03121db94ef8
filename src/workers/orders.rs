//! Orders: what people wrote into the ledger is carried out within a second.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Pulse;
use crate::{
    clock::Clock,
    ledger::{Ledger, LedgerError},
};

/// How often the ledger is asked.
const EVERY: Duration = Duration::from_millis(500);

/// Carries orders out until `stop`.
pub async fn run(ledger: Ledger, clock: Clock, pulse: Pulse, stop: CancellationToken) -> Result<(), LedgerError> {
    loop {
        let busy = pulse.busy();
        for order in ledger.open_orders().await? {
            match ledger.carry_out(&order, clock.now()).await? {
                Ok(done) => tracing::info!(order = order.id.0, by = order.by, reason = order.reason, done, "order"),
                Err(why) => tracing::warn!(order = order.id.0, by = order.by, why, "order refused"),
            }
            pulse.ring_issue();
            pulse.ring_dispatch();
        }
        drop(busy);
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
