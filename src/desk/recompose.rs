//! Composes messages anew from what was frozen, and compares them with the hashes of what was sent.
//!
//! The same delivery is the same octets on every attempt; where that no longer holds, the letter, the addressee's fields,
//! the annexes or the hash were changed after they were frozen.

use super::{
    Desk, DeskError, compose_for,
    parts::{Parts, read_parts},
};
use crate::{
    compose::COMPOSER,
    ledger::{Depth, Due, IssueRecord, LedgerError},
};

/// Messages of each issue that a sample takes.
const SAMPLE: i64 = 100;
/// Deliveries read at once.
const PAGE: u32 = 1_000;
/// Differences named; there may be more.
const NAMED: usize = 100;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recomposed {
    /// Messages compared.
    pub messages: u64,
    /// Messages not compared, because another version of the composer made them.
    pub of_other_versions: u64,
    /// Reference, address and what differs.
    pub wrong: Vec<String>,
}

/// Compares a sample of every issue, or all.
pub async fn recompose(desk: &Desk, depth: Depth) -> Result<Recomposed, DeskError> {
    let mut found = Recomposed::default();
    for issue in desk.ledger.all_issues().await? {
        let step = match depth {
            Depth::Sample => (issue.rows.1 - issue.rows.0 + 1) / SAMPLE,
            Depth::All => 1,
        };
        if issue.head.composer != COMPOSER {
            found.of_other_versions += issue.total.unsigned_abs();
            continue;
        }
        let parts = match prepare(desk, &issue).await? {
            Ok(parts) => parts,
            Err(why) => {
                found.wrong.push(format!("{}: issue {}: {why}", issue.reference, issue.number));
                continue;
            }
        };
        compare(desk, &issue, &parts, step, &mut found).await?;
        if found.wrong.len() >= NAMED {
            break;
        }
    }
    Ok(found)
}

async fn compare(
    desk: &Desk,
    issue: &IssueRecord,
    parts: &Parts,
    step: i64,
    found: &mut Recomposed,
) -> Result<(), LedgerError> {
    let mut after = 0;
    loop {
        let page = desk.ledger.hashed(issue, after, step, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id.0;
        for due in &page {
            found.messages += 1;
            if let Err(why) = same(desk, issue, parts, due) {
                found.wrong.push(format!("{}: delivery {} to {}: {why}", issue.reference, due.id.0, due.address));
                if found.wrong.len() >= NAMED {
                    return Ok(());
                }
            }
        }
    }
}

fn same(desk: &Desk, issue: &IssueRecord, parts: &Parts, due: &Due) -> Result<(), String> {
    let part = parts.get(&due.language).ok_or_else(|| format!("no part in \"{}\" was frozen", due.language.code()))?;
    let part = part.as_ref().map_err(ToString::to_string)?;
    let key = desk.ledger.message_key();
    let composed = compose_for(part, issue, key, due).map_err(|error| format!("cannot be composed anew: {error}"))?;
    if due.sha256 == Some(composed.sha256) {
        Ok(())
    } else {
        Err("composed anew, it is not the message whose hash was kept".to_owned())
    }
}

/// Every language of an issue; `Err` inside: why what was frozen cannot be used.
async fn prepare(desk: &Desk, issue: &IssueRecord) -> Result<Result<Parts, String>, LedgerError> {
    let parts = match read_parts(&desk.ledger, issue).await {
        Ok(parts) => parts,
        Err(LedgerError::Unreadable { what: "annex.octets", found }) => {
            return Ok(Err(format!("annex \"{found}\" was changed")));
        }
        Err(LedgerError::Unreadable { what, found }) => return Ok(Err(format!("{what} cannot be read: {found}"))),
        Err(error) => return Err(error),
    };
    let broken = parts.iter().find_map(|(language, part)| Some((language, part.as_ref().err()?)));
    Ok(match broken {
        Some((language, why)) => Err(format!("the part in \"{}\" cannot be composed: {why}", language.code())),
        None => Ok(parts),
    })
}
