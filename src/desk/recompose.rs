//! Composes messages anew from what was frozen, and compares them with the hashes of what was sent.
//!
//! The same delivery is the same octets on every attempt; where that no longer holds, the letter, the addressee's fields,
//! the annexes or the hash were changed after they were frozen.

use std::collections::HashMap;

use super::{Desk, DeskError, compose_for};
use crate::{
    circular::Language,
    compose::{COMPOSER, EncodedAnnex, Prepared, Rendered},
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

type Parts = HashMap<Language, Prepared>;

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
    let key = desk.ledger.message_key();
    let composed = compose_for(part, issue, key, due.id, &due.address, due.role, &due.fields)
        .map_err(|error| format!("cannot be composed anew: {error}"))?;
    if due.sha256 == Some(composed.sha256) {
        Ok(())
    } else {
        Err("composed anew, it is not the message whose hash was kept".to_owned())
    }
}

/// Every language of an issue, ready to be composed; `Err` inside: why what was frozen cannot be used.
async fn prepare(desk: &Desk, issue: &IssueRecord) -> Result<Result<Parts, String>, LedgerError> {
    let annexes = match desk.ledger.annexes(issue.id).await {
        Ok(annexes) => annexes,
        Err(LedgerError::Unreadable { found, .. }) => return Ok(Err(format!("annex \"{found}\" was changed"))),
        Err(error) => return Err(error),
    };
    let encode = annexes.iter().map(|annex| EncodedAnnex::new(&annex.name, &annex.content_type, &annex.octets));
    let annexes = match encode.collect::<Result<Vec<_>, _>>() {
        Ok(annexes) => annexes,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let mut parts = Parts::new();
    for (language, json) in desk.ledger.parts(issue.id).await? {
        let prepared =
            serde_json::from_str::<Rendered>(&json).map_err(|error| error.to_string()).and_then(|rendered| {
                Prepared::new(rendered, &issue.head.message, &annexes).map_err(|error| error.to_string())
            });
        match prepared {
            Ok(prepared) => parts.insert(language, prepared),
            Err(why) => return Ok(Err(format!("the part in \"{}\" cannot be read: {why}", language.code()))),
        };
    }
    Ok(Ok(parts))
}
