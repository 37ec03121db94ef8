//! `recover`: what a restored or copied ledger lacks; with `--yes` sending may go on.

use std::process::ExitCode;

use super::{Out, acts::login_name, exit};
use crate::{
    desk::Desk,
    ledger::{Lock, Standing},
    report::format_time,
};

pub(super) async fn recover(
    desk: &Desk,
    by: Option<String>,
    reason: &str,
    yes: bool,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let standing = match Lock::find(desk.ledger.path())? {
        Some(lock) => desk.ledger.catch_up(&lock).await?,
        None => desk.ledger.without_journal().await?.map_or(Standing::CaughtUp(0), Standing::Held),
    };
    let Standing::Held(gap) = standing else {
        out.text("ledger and send journal belong together; there is nothing to recover\n")?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut text = format!("Held: {}.\n", gap.why);
    if let Some(seen) = desk.ledger.last_seen().await? {
        text += &format!("The ledger last saw a daemon {}.\n", format_time(seen, desk.rules.zone));
    }
    if gap.unknown_attempts > 0 {
        text += &format!(
            "The journal knows {} deliveries that the ledger does not; {} of them were accepted.\n",
            gap.unknown_attempts, gap.unknown_accepted
        );
    }
    for waiting in desk.ledger.waiting().await? {
        text += &format!("Would be sent: {}: {} {}.\n", waiting.reference, waiting.count, waiting.state);
    }
    out.text(&text)?;
    if !yes {
        out.text(
            "Compare with the relay's log, hold or cancel what has gone out already, then: circulard recover --yes\n",
        )?;
        return Ok(ExitCode::from(exit::REFUSED));
    }
    let by = by.map_or_else(login_name, Ok)?;
    let lock = Lock::take(desk.ledger.path())?;
    let replayed = desk.ledger.recover_standing(&lock, &by, reason, desk.now()).await?;
    out.text(&format!("Recovered by {by}: {replayed} records of the journal taken over; sending may go on.\n"))?;
    Ok(ExitCode::SUCCESS)
}
