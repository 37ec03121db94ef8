//! `verify`: the ledger's integrity.

use std::process::ExitCode;

use super::{Out, exit};
use crate::desk::Desk;

pub(super) async fn verify(desk: &Desk, out: &Out) -> anyhow::Result<ExitCode> {
    let mut sound = true;
    match desk.ledger.verify_events().await? {
        Ok(events) => out.text(&format!("events: {events}, each follows from the one before\n"))?,
        Err(broken) => {
            sound = false;
            out.text(&format!("events: broken at {}: {}\n", broken.event, broken.why))?;
        }
    }
    let wrong = desk.ledger.verify_totals().await?;
    for (reference, why) in &wrong {
        out.text(&format!("{reference}: {why}\n"))?;
    }
    if wrong.is_empty() {
        let circulars = desk.ledger.circulars().await?.iter().filter(|record| record.issues > 0).count();
        out.text(&format!("totals: {circulars} circulars frozen, each the sum over its states\n"))?;
    }
    let attempts = desk.ledger.verify_attempts().await?;
    for (delivery, why) in &attempts {
        out.text(&format!("delivery {delivery}: {why}\n"))?;
    }
    if attempts.is_empty() {
        out.text("attempts: every accepted delivery has its 250 on record\n")?;
    }
    sound = sound && wrong.is_empty() && attempts.is_empty();
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(exit::BADLY) })
}
