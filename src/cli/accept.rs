//! `groups accept`: a person lets a changed list come into force, exactly the version that is shown.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use super::{
    Out, Refused,
    acts::{login_name, tell_ordered},
    args::AcceptArgs,
};
use crate::{
    desk::{Desk, GroupStands, give_group_order, groups_stand, is_as_read, select_group},
    ledger::{AcceptGroup, BadRowsAre, Side},
};

/// So many of those who leave or join are named before the question.
const NAMED: i64 = 20;

pub(super) async fn accept(desk: &Desk, asked: &AcceptArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let name = &asked.name;
    let stands = groups_stand(desk).await?.into_iter().find(|stands| stands.last.name == *name);
    let Some(stands) = stands else {
        let elsewhere = "; what a rehearsal has read is accepted with --rehearsal";
        select_group(desk, name).await?.map_err(|why| Refused(format!("{why}{elsewhere}")))?;
        return Err(Refused(format!("{name} has no list of its own; accept the list that its rows stand in")).into());
    };
    let Some(waiting) = stands.waiting() else {
        let words = format!("{name}: there is nothing to accept; the list is {}", stands.in_words());
        return Err(Refused(words).into());
    };
    if !is_as_read(desk, waiting) {
        let words = format!(
            "recipients/{} has changed since it was read; the daemon reads it once it has come to rest (`circulard run`), \
             then look again: `circulard groups {name}`",
            waiting.file
        );
        return Err(Refused(words).into());
    }
    tell(desk, &stands, asked, out).await?;
    confirm(asked, &stands)?;
    let by = asked.by.clone().map_or_else(login_name, Ok)?;
    let bad_rows = if asked.without_bad_rows { BadRowsAre::LeftOut } else { BadRowsAre::Refused };
    let ordered = give_group_order(desk, &AcceptGroup::of(waiting, bad_rows), &by, &asked.reason).await?;
    tell_ordered(name, ordered, "circulard groups", out)
}

/// Why it waits, who leaves and joins, and whom bad rows leave out.
async fn tell(desk: &Desk, stands: &GroupStands, asked: &AcceptArgs, out: &Out) -> anyhow::Result<()> {
    let (waiting, file) = (&stands.last, format!("recipients/{}", stands.last.file));
    let mut text = String::new();
    for doubt in &waiting.doubts {
        text += &format!("{doubt}\n");
    }
    let (leave, join) = stands.moves.unwrap_or_default();
    for (verb, side, count) in [("leaves", Side::Leaves, leave), ("joins", Side::Joins, join)] {
        for moved in desk.lists.moved(waiting, side, NAMED).await? {
            let group = if moved.group == waiting.name { String::new() } else { format!(" {}", moved.group) };
            text += &format!("  {verb}{group}: {}\n", moved.address);
        }
        if count > NAMED {
            text += &format!("  and {} more; `circulard groups {}` names them all\n", count - NAMED, waiting.name);
        }
    }
    if asked.without_bad_rows {
        for row in &waiting.bad.rows {
            text += &format!("  left out: {file}:{}: {} ({})\n", row.line, row.whom, row.problems.join("; "));
        }
    }
    out.text(&text)?;
    Ok(())
}

/// A person is asked; a script says `--yes`.
fn confirm(asked: &AcceptArgs, stands: &GroupStands) -> anyhow::Result<()> {
    if asked.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Refused("nobody is there to confirm; add --yes".to_owned()).into());
    }
    let before = stands.held.as_ref().map_or(0, |held| held.mailboxes);
    eprint!("{}: {before} mailboxes now, {} then: accept? [y/N] ", asked.name, stands.last.mailboxes);
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Refused("nothing was done".to_owned()).into()),
    }
}
