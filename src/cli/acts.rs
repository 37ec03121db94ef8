//! The operator's hand: approve, hold, release, cancel, resend, settle. Each is recorded with name and reason.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use super::{Out, Refused, args::ActArgs, exit, find, log::mailbox};
use crate::{
    delivery::State,
    desk::{Desk, Ordered, check_files, count_new, give_order},
    ledger::{Act, CircularRecord, CircularState, Known, NOBODY_NEW, ResendOnly},
    report::{format_time, person_name},
};

pub(super) async fn approve(desk: &Desk, asked: &ActArgs, out: &Out) -> anyhow::Result<ExitCode> {
    act(desk, asked, &Act::Approve, "approve", out).await
}

pub(super) async fn hold(desk: &Desk, asked: &ActArgs, out: &Out) -> anyhow::Result<ExitCode> {
    act(desk, asked, &Act::Hold, "hold", out).await
}

/// Says how many copies go out, and when they would have gone by themselves, before it asks.
pub(super) async fn release(desk: &Desk, asked: &ActArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let what = if asked.yes { None } else { leaves(desk, &find(desk, &asked.reference).await?).await? };
    let verb = what.map_or_else(|| "release".to_owned(), |what| format!("{what}; release"));
    act(desk, asked, &Act::Release, &verb, out).await
}

pub(super) async fn release_at_its_time(desk: &Desk, asked: &ActArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let record = find(desk, &asked.reference).await?;
    let due = record.due_at.map(|due| format!(" ({})", format_time(due, desk.rules.zone))).unwrap_or_default();
    act(desk, asked, &Act::ReleaseAtItsTime, &format!("let it go out at its time{due}"), out).await
}

/// What leaves the house by a release; `None`: nobody knows, or nothing.
async fn leaves(desk: &Desk, record: &CircularRecord) -> anyhow::Result<Option<String>> {
    let totals = desk.ledger.totals(record.id).await?;
    let waiting = [State::Queued, State::Deferred, State::InDoubt, State::Held].map(|state| totals.count(state));
    let waiting = waiting.iter().sum::<u64>().saturating_sub(desk.ledger.held_in_doubt(record.id).await?);
    if record.issues > 0 && waiting > 0 {
        return Ok(Some(format!("{} now, and cannot be called back", copies_go(waiting))));
    }
    if record.issues > 0 && record.state != CircularState::Ready || record.state == CircularState::Parked {
        return Ok(None);
    }
    let letters = desk.ledger.letters(record.id).await?;
    let files: Vec<_> = letters.iter().map(|letter| desk.workspace.templates().join(&letter.file)).collect();
    if files.is_empty() {
        return Ok(None);
    }
    let prospect = check_files(desk, &files).await?.into_iter().find_map(|entry| entry.prospect);
    let Some(prospect) = prospect else { return Ok(None) };
    let early = record.due_at.filter(|due| *due > desk.now());
    let early = early.map(|due| format!(", before the time they are due ({})", format_time(due, desk.rules.zone)));
    let go = copies_go(prospect.messages.unsigned_abs());
    Ok(Some(format!("{go} now{}, and cannot be called back", early.unwrap_or_default())))
}

fn copies_go(count: u64) -> String {
    if count == 1 { "1 copy goes out".to_owned() } else { format!("{count} copies go out") }
}

pub(super) async fn cancel(desk: &Desk, asked: &ActArgs, out: &Out) -> anyhow::Result<ExitCode> {
    act(desk, asked, &Act::Cancel, "cancel for good", out).await
}

pub(super) async fn resend(desk: &Desk, asked: &ActArgs, only: ResendOnly, out: &Out) -> anyhow::Result<ExitCode> {
    let totals = desk.ledger.totals(find(desk, &asked.reference).await?.id).await?;
    let (count, state) = match only {
        ResendOnly::Refused => (totals.count(State::Refused), "refused"),
        ResendOnly::Expired => (totals.count(State::Expired), "expired"),
    };
    let copies = if count == 1 { "copy" } else { "copies" };
    act(desk, asked, &Act::Resend { only }, &format!("send {count} {state} {copies} again"), out).await
}

/// Says how many are new before it asks.
pub(super) async fn resend_new(desk: &Desk, asked: &ActArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let record = find(desk, &asked.reference).await?;
    let name = record.reference.as_deref().unwrap_or(&record.stem);
    let verb = match count_new(desk, &record).await? {
        Err(why) => return Err(Refused(format!("{name}: {why}")).into()),
        Ok(0) => return Err(Refused(format!("{name}: {NOBODY_NEW}")).into()),
        Ok(1) => "1 mailbox is new; send it what was frozen".to_owned(),
        Ok(new) => format!("{new} mailboxes are new; send them what was frozen"),
    };
    act(desk, asked, &Act::ResendNew, &verb, out).await
}

pub(super) async fn settle(
    desk: &Desk,
    asked: &ActArgs,
    address: &str,
    known: Known,
    out: &Out,
) -> anyhow::Result<ExitCode> {
    let mailbox = mailbox(address)?.as_str().to_owned();
    let verb = match known {
        Known::Accepted => format!("{mailbox} has its copy, which counts as accepted"),
        Known::Lost => format!("{mailbox} has no copy, and is sent it again"),
    };
    act(desk, asked, &Act::Settle { mailbox, known }, &verb, out).await
}

async fn act(desk: &Desk, asked: &ActArgs, act: &Act, verb: &str, out: &Out) -> anyhow::Result<ExitCode> {
    let record = find(desk, &asked.reference).await?;
    confirm(desk, &record, asked, verb).await?;
    let by = match &asked.by {
        Some(by) => by.clone(),
        None => login_name()?,
    };
    let name = record.reference.clone().unwrap_or_else(|| record.stem.clone());
    let ordered = give_order(desk, &record, act, &by, &asked.reason).await?;
    tell_ordered(&name, ordered, "circulard show", out)
}

/// What came of an order on `name`; where the daemon has not answered, `command` tells later.
pub(super) fn tell_ordered(name: &str, ordered: Ordered, command: &str, out: &Out) -> anyhow::Result<ExitCode> {
    match ordered {
        Ordered::Done(done) => {
            out.text(&format!("{name}: {done}\n"))?;
            Ok(ExitCode::SUCCESS)
        }
        Ordered::Refused(why) => Err(Refused(format!("{name}: {why}")).into()),
        Ordered::Waiting => {
            eprintln!("{name}: ordered; the daemon has not answered yet, `{command}` tells");
            Ok(ExitCode::from(exit::BADLY))
        }
    }
}

/// A person is asked; a script says `--yes`.
async fn confirm(desk: &Desk, record: &CircularRecord, asked: &ActArgs, verb: &str) -> anyhow::Result<()> {
    if asked.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Refused("nobody is there to confirm; add --yes".to_owned()).into());
    }
    let totals = desk.ledger.totals(record.id).await?;
    let name = record.reference.as_deref().unwrap_or(&record.stem);
    let frozen = if totals.frozen() > 0 { format!(", {totals}") } else { String::new() };
    eprint!("{name} ({}{frozen}): {verb}? [y/N] ", record.state.as_str().replace('_', " "));
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Refused("nothing was done".to_owned()).into()),
    }
}

pub(super) fn login_name() -> anyhow::Result<String> {
    let name = ["SUDO_USER", "LOGNAME", "USER"]
        .iter()
        .find_map(|name| std::env::var(name).ok().and_then(|name| person_name(&name).ok()));
    let from_passwd = || {
        use std::os::unix::fs::MetadataExt;
        let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
        let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
        passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            (fields.get(2) == Some(&uid.as_str())).then(|| fields[0].to_owned())
        })
    };
    name.or_else(from_passwd).ok_or_else(|| Refused("who orders it? add --by NAME".to_owned()).into())
}
