//! Gives an order: written into the ledger, carried out by the daemon within a second, or here where none runs.

use std::time::Duration;

use super::Desk;
use crate::ledger::{Act, CircularRecord, LedgerError, Lock, LockError};

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
    /// The lock.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// Orders `act` on a circular, in the name of `by`.
pub async fn give_order(
    desk: &Desk,
    circular: &CircularRecord,
    act: &Act,
    by: &str,
    reason: &str,
) -> Result<Ordered, OrderError> {
    let id = desk.ledger.order(circular.id, act, by, reason, desk.now()).await?;
    match Lock::take(desk.ledger.path()) {
        // nobody else works on this ledger: we do, as long as we hold the lock
        Ok(_lock) => {
            let mut result = Ordered::Waiting;
            for order in desk.ledger.open_orders().await? {
                let carried = desk.ledger.carry_out(&order, desk.now()).await?;
                if order.id == id {
                    result = carried.map_or_else(Ordered::Refused, Ordered::Done);
                }
            }
            Ok(result)
        }
        Err(LockError::Held(_)) => wait_for_daemon(desk, id).await,
        Err(error) => Err(error.into()),
    }
}

async fn wait_for_daemon(desk: &Desk, id: crate::ledger::OrderId) -> Result<Ordered, OrderError> {
    let answer = async {
        loop {
            match desk.ledger.order_result(id).await {
                Ok(None) => tokio::time::sleep(LOOK).await,
                Ok(Some(result)) => return Ok(result.map_or_else(Ordered::Refused, Ordered::Done)),
                Err(error) => return Err(error.into()),
            }
        }
    };
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or(Ok(Ordered::Waiting))
}
