//! Finds what people mean: a circular by any spelling of its reference, a point in time as they type it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::Desk;
use crate::{
    circular::{ReferenceKey, nearest, runs_of_reference},
    ledger::{CircularRecord, CircularState, LedgerError},
    schedule::resolve_local,
};

/// The circular that `reference` names, however it is spelled, or by its file's stem. `Err` inside: none, and the nearest.
pub async fn find_circular(desk: &Desk, reference: &str) -> Result<Result<CircularRecord, String>, LedgerError> {
    let stem = reference.trim_end_matches(".md").trim_end_matches(".txt").rsplit('/').next().unwrap_or(reference);
    let key = reference.parse::<ReferenceKey>().ok();
    let found = match &key {
        Some(key) => desk.ledger.find(key, stem).await?,
        None => None,
    };
    let bare = key.map(|key| key.to_string());
    if let Some(record) = found {
        return Ok(Ok(record));
    }
    let all = desk.ledger.circulars().await?;
    // "bdt 9", "BDT-9": what parts letters and numbers is easily mistyped
    let typed = [reference, bare.as_deref().unwrap_or(reference)].map(runs_of_reference);
    let reads_so = |record: &&CircularRecord| {
        let names = [record.reference.as_deref(), record.reference_key.as_deref()];
        names.into_iter().flatten().any(|name| typed.contains(&runs_of_reference(name)))
    };
    // "Who got circular 112?": the last part alone will do, if only one circular's ends in it. A supplement has no number of its
    // own: "2" is never the second addendum to something
    let ends_so = |record: &&CircularRecord| {
        if record.parent_key.is_some() || record.supplement.is_some() {
            return false;
        }
        let last = record.reference.as_deref().unwrap_or_default().rsplit(|c: char| !c.is_alphanumeric()).next();
        last.is_some_and(|last| last.eq_ignore_ascii_case(reference.trim()))
    };
    let nearly = [all.iter().filter(reads_so).collect::<Vec<_>>(), all.iter().filter(ends_so).collect::<Vec<_>>()];
    if let Some(meant) = nearly.iter().find(|meant| !meant.is_empty()) {
        return Ok(only_one(reference, meant));
    }
    let known: Vec<&str> = all.iter().filter_map(|record| record.reference.as_deref()).collect();
    let remedy = match nearest(reference, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => "the ledger has no circular yet".to_owned(),
        None => "`circulard list` shows all".to_owned(),
    };
    Ok(Err(format!("no circular is called \"{reference}\"; {remedy}")))
}

/// The circular that several records are, be it parked beside: or each of those that may be meant.
fn only_one(typed: &str, meant: &[&CircularRecord]) -> Result<CircularRecord, String> {
    const MOST: usize = 10;
    let mut names: Vec<&str> = meant.iter().filter_map(|record| record.reference.as_deref()).collect();
    let keys: BTreeSet<Option<&str>> = meant.iter().map(|record| record.reference_key.as_deref()).collect();
    let earnest = meant.iter().find(|record| record.state != CircularState::Parked).or(meant.first());
    if let Some(only) = earnest.filter(|_| keys.len() == 1) {
        return Ok((*only).clone());
    }
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names: Vec<String> = names.iter().take(MOST).map(|name| format!("\"{name}\"")).collect();
    Err(format!("\"{typed}\" may be any of {}{more}: write the one you mean", names.join(", ")))
}

/// Reads a point in time as people type it: RFC 3339, a date, or a date and clock in the house's zone.
pub fn point_in_time(zone: Tz, text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let text = text.trim();
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| text.parse::<NaiveDate>().ok().and_then(|date| date.and_hms_opt(0, 0, 0)));
    local.map(|local| resolve_local(local, zone).utc()).ok_or_else(|| {
        format!("\"{text}\" is not a point in time; write 2026-12-07, 2026-12-07 09:00 or 2026-12-07T09:00:00+01:00")
    })
}
