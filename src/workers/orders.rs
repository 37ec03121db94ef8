//! Orders: what people wrote into the ledger is carried out within a second.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Pulse, Shelf};
use crate::{
    desk::{Desk, DeskError, carry_out},
    ledger::{GroupOrder, LedgerError, Order, Turns},
    report::mask_within,
};

/// How often the ledger is asked.
const EVERY: Duration = Duration::from_millis(500);

/// The worker.
#[derive(Debug)]
pub struct Orders {
    /// Ledger, lists, rules and time.
    pub desk: Desk,
    /// The bells.
    pub pulse: Pulse,
    /// What an order stops before it looks.
    pub shelf: Shelf,
    /// The journal, which the ledger must have followed before an order looks.
    pub turns: Turns,
}

impl Orders {
    /// Carries orders out until `stop`.
    pub async fn run(self, stop: CancellationToken) -> Result<(), DeskError> {
        loop {
            let busy = self.pulse.busy();
            for order in self.desk.ledger.open_orders().await? {
                self.carry_out(&order).await?;
            }
            for order in self.desk.ledger.open_group_orders().await? {
                self.accept_group(&order).await?;
            }
            drop(busy);
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// What was parked for want of a group may go now, and the other way round: intake reads the letters again.
    async fn accept_group(&self, order: &GroupOrder) -> Result<(), LedgerError> {
        let group = &order.accept.group;
        match self.desk.ledger.carry_out_group(order, self.desk.now()).await? {
            Ok(done) => {
                tracing::info!(order = order.id.0, by = order.by, reason = order.reason, group, done, "order");
                self.pulse.lists_changed();
            }
            Err(why) => {
                tracing::warn!(order = order.id.0, by = order.by, group, why = mask_within(&why), "order refused");
            }
        }
        Ok(())
    }

    /// Nothing of the circular begins while the order looks at it, and what had begun is in the ledger.
    async fn carry_out(&self, order: &Order) -> Result<(), DeskError> {
        self.shelf.stop(order.circular);
        self.turns.settle().await?;
        let carried = carry_out(&self.desk, order).await;
        self.shelf.resume(order.circular);
        match carried? {
            Ok(done) => tracing::info!(order = order.id.0, by = order.by, reason = order.reason, done, "order"),
            Err(why) => tracing::warn!(order = order.id.0, by = order.by, why = mask_within(&why), "order refused"),
        }
        self.pulse.ring_issue();
        self.pulse.ring_dispatch();
        Ok(())
    }
}
