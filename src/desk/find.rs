//! Finds what people mean: a circular by any spelling of its reference, a point in time as they type it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::Desk;
use crate::{
    circular::{ReferenceKey, nearest},
    ledger::{CircularRecord, LedgerError},
    schedule::resolve_local,
};

/// The circular that `reference` names, however it is spelled, or by its file's stem. `Err` inside: none, and the nearest.
pub async fn find_circular(desk: &Desk, reference: &str) -> Result<Result<CircularRecord, String>, LedgerError> {
    let stem = reference.trim_end_matches(".md").trim_end_matches(".txt").rsplit('/').next().unwrap_or(reference);
    let found = match reference.parse::<ReferenceKey>() {
        Ok(key) => desk.ledger.find(&key, stem).await?,
        Err(_) => None,
    };
    if let Some(record) = found {
        return Ok(Ok(record));
    }
    let all = desk.ledger.circulars().await?;
    // "Who got circular 112?": the last part alone will do, if only one reference ends in it
    let ends_so = |record: &&CircularRecord| {
        let last = record.reference.as_deref().unwrap_or_default().rsplit(|c: char| !c.is_alphanumeric()).next();
        last.is_some_and(|last| last.eq_ignore_ascii_case(reference.trim()))
    };
    if let [only] = &all.iter().filter(ends_so).collect::<Vec<_>>()[..] {
        return Ok(Ok((*only).clone()));
    }
    let known: Vec<&str> = all.iter().filter_map(|record| record.reference.as_deref()).collect();
    let remedy = match nearest(reference, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => "the ledger has no circular yet".to_owned(),
        None => "`circulard list` shows all".to_owned(),
    };
    Ok(Err(format!("no circular is called \"{reference}\"; {remedy}")))
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
