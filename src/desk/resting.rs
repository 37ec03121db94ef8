//! Relays that rest, in the words that every answer about waiting copies uses.

use super::Desk;
use crate::ledger::LedgerError;

/// A sentence for each relay that rests.
pub async fn resting(desk: &Desk) -> Result<Vec<String>, LedgerError> {
    let resting = desk.ledger.resting().await?;
    Ok(resting.iter().map(|relay| relay.sentence(desk.now(), desk.rules.zone)).collect())
}
