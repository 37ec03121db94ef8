//! Under a table: relays that rest while something waits to be sent.

use super::Out;
use crate::{delivery::State, desk::Desk, ledger::LedgerError, report::Totals};

/// Whether some of these wait for a relay.
pub(super) fn waits(totals: &Totals) -> bool {
    [State::Queued, State::InTransaction, State::Deferred, State::InDoubt].iter().any(|state| totals.count(*state) > 0)
}

/// A sentence for each relay that rests.
pub(super) async fn sentences(desk: &Desk) -> Result<Vec<String>, LedgerError> {
    let resting = desk.ledger.resting().await?;
    Ok(resting.iter().map(|relay| relay.sentence(desk.now(), desk.rules.zone)).collect())
}

/// Those sentences as lines of their own.
pub(super) async fn tell(desk: &Desk, out: &Out) -> anyhow::Result<()> {
    for sentence in sentences(desk).await? {
        out.lines(&sentence)?;
    }
    Ok(())
}
