//! Under a table: relays that rest while something waits to be sent.

use super::Out;
use crate::{
    delivery::State,
    desk::{Desk, resting},
    report::Totals,
};

/// Whether some of these wait for a relay.
pub(super) fn waits(totals: &Totals) -> bool {
    [State::Queued, State::InTransaction, State::Deferred, State::InDoubt].iter().any(|state| totals.count(*state) > 0)
}

/// Those sentences as lines of their own.
pub(super) async fn tell(desk: &Desk, out: &Out) -> anyhow::Result<()> {
    for sentence in resting(desk).await? {
        out.lines(&sentence)?;
    }
    Ok(())
}
