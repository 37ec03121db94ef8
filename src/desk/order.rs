//! Gives an order: written into the ledger, carried out by the daemon within a second, or here where none runs.

use std::time::Duration;

use super::{Desk, DeskError, carry_out};
use crate::ledger::{AcceptGroup, Act, CircularRecord, Gap, LedgerError, Lock, LockError, NewOrder, OrderId, Standing};

/// The daemon acts within a second; a busy machine gets some more.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the result is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ordered {
    /// Carried out, with the result in words.
    Done(String),
    /// Not carried out, and why.
    Refused(String),
    /// The daemon has not answered yet; the order stands.
    Waiting,
}

/// Why no order was given.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A folder of the workspace.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The lock.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A ledger that was restored or copied.
    #[error("{0}")]
    Held(Gap),
}

/// Orders `act` on a circular, in the name of `by`.
pub async fn give_order(
    desk: &Desk,
    circular: &CircularRecord,
    act: &Act,
    by: &str,
    reason: &str,
) -> Result<Ordered, OrderError> {
    let id = desk.ledger.order(&NewOrder::Circular(circular.id, act.clone()), by, reason, desk.now()).await?;
    wait_for_order(desk, id).await
}

/// Orders that a version of a list comes into force, in the name of `by`.
pub async fn give_group_order(
    desk: &Desk,
    accept: &AcceptGroup,
    by: &str,
    reason: &str,
) -> Result<Ordered, OrderError> {
    let id = desk.ledger.order(&NewOrder::Group(accept.clone()), by, reason, desk.now()).await?;
    wait_for_order(desk, id).await
}

/// Waits for what comes of an order that stands in the ledger.
pub async fn wait_for_order(desk: &Desk, id: OrderId) -> Result<Ordered, OrderError> {
    let answer = async {
        loop {
            // a daemon answers within a second; where there is none, we are the ones who hold the lock
            match Lock::take(desk.ledger.path()) {
                Ok(lock) => act_ourselves(desk, &lock).await?,
                Err(LockError::Held(_)) => {}
                Err(error) => return Err(OrderError::from(error)),
            }
            match desk.ledger.order_result(id).await? {
                Some(result) => return Ok(result.map_or_else(Ordered::Refused, Ordered::Done)),
                None => tokio::time::sleep(LOOK).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Ok(Ordered::Waiting))
}

async fn act_ourselves(desk: &Desk, lock: &Lock) -> Result<(), OrderError> {
    if let Standing::Held(gap) = desk.ledger.catch_up(lock).await? {
        return Err(OrderError::Held(gap));
    }
    // what a command that was killed had staged
    desk.ledger.discard_staging().await?;
    for order in desk.ledger.open_orders().await? {
        // what came of it stands in the ledger, where whoever ordered it looks
        let _ = carry_out(desk, &order).await?;
    }
    for order in desk.ledger.open_group_orders().await? {
        let _ = desk.ledger.carry_out_group(&order, desk.now()).await?;
    }
    Ok(())
}
