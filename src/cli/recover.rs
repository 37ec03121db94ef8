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
        text += &format!(
            "Not sent, as far as the ledger knows: {}: {} {}.\n",
            waiting.reference, waiting.count, waiting.state
        );
    }
    out.text(&text)?;
    if !yes {
        out.text(&format!(
            "Neither knows for certain what has gone out. After `{} --yes` no letter goes out by itself that \
             lies in templates/ by then: each waits as `late` until somebody who has compared with the relay's log \
             releases or cancels it.\n",
            gap.command
        ))?;
        return Ok(ExitCode::from(exit::REFUSED));
    }
    let by = by.map_or_else(login_name, Ok)?;
    let lock = Lock::take(desk.ledger.path())?;
    let replayed = desk.ledger.recover_standing(&lock, &by, reason, desk.now()).await?;
    let records = if replayed == 1 { "record" } else { "records" };
    out.text(&format!("Recovered by {by}: {replayed} {records} of the journal taken over.\n\
         The daemon may start again. What lies in templates/ waits as `late`: look at `circulard list`, compare with the \
         relay's log, then `circulard release REF` or `circulard cancel REF`.\n"))?;
    Ok(ExitCode::SUCCESS)
}
