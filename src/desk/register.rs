//! The register of references: which numbers of each series are used, which stand twice, which were skipped.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Desk, DeskError};
use crate::{
    circular::{ReferenceKey, RegisterPlace},
    ledger::{CircularRecord, CircularState},
};

/// How a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberStatus {
    /// It has gone out.
    Used,
    /// A letter has it, which has not gone out.
    Taken,
    /// Another letter has it already.
    Repeated,
    /// No letter has it, and later ones are used.
    Skipped,
}

/// One line of the register.
#[derive(Debug, Clone, Serialize)]
pub struct RegisterEntry {
    /// Issuer and series.
    pub series: String,
    /// Where the reference has one.
    pub year: Option<u32>,
    /// The number; the first of a row of skipped ones.
    pub number: Option<u64>,
    /// The last of a row of skipped numbers.
    pub up_to: Option<u64>,
    /// Of a supplement: "corrigendum 1" to that number.
    pub supplement: Option<String>,
    /// How it stands.
    pub status: NumberStatus,
    /// As printed.
    pub reference: Option<String>,
    /// The letter's date, ISO.
    pub date: Option<String>,
    /// Where the circular stands.
    pub state: Option<&'static str>,
    /// The letter's file, without language and ending.
    pub file: Option<String>,
}

/// The whole register, by series, year and number; each number's supplements stand below it. Those of a circular that is not
/// here have no number: it may be mistyped, and then nobody has skipped any.
pub async fn register(desk: &Desk) -> Result<Vec<RegisterEntry>, DeskError> {
    let mut records: Vec<CircularRecord> = desk.ledger.circulars().await?;
    // who has gone out has the number; then who came first
    records.sort_by_key(|record| (record.issues == 0, record.state == CircularState::Parked, record.id));
    let mut series: BTreeMap<RegisterPlace, Vec<CircularRecord>> = BTreeMap::new();
    for record in records {
        if let Some(place) = place_of(&record) {
            series.entry(place).or_default().push(record);
        }
    }
    let mut entries: Vec<RegisterEntry> = Vec::new();
    let mut last: Option<RegisterPlace> = None;
    for (place, records) in series {
        let (own, supplements): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| record.parent_key.is_none());
        let is_known = !own.is_empty();
        let place = if is_known { place } else { RegisterPlace { number: None, ..place } };
        let follows = last.as_ref().filter(|last| (&last.series, last.year) == (&place.series, place.year));
        if let (Some(before), Some(number)) = (follows.and_then(|last| last.number), place.number) {
            entries.extend(gap(&place, before + 1, number, None));
        }
        for (at, record) in own.iter().enumerate() {
            entries.push(entry(&place, record, at));
        }
        entries.extend(supplement_entries(&place, &supplements));
        if is_known {
            last = Some(place);
        }
    }
    Ok(entries)
}

/// A supplement has its parent's place.
fn place_of(record: &CircularRecord) -> Option<RegisterPlace> {
    let printed = record.reference.as_deref()?;
    let key = record.parent_key.as_deref().or(record.reference_key.as_deref())?;
    let key: ReferenceKey = key.parse().ok()?;
    let year = record.dated.as_deref().and_then(|date| date.get(..4)).and_then(|year| year.parse().ok());
    Some(RegisterPlace::of(&key, printed, year))
}

/// The numbers from `from` to before `to`, if there are any.
fn gap(place: &RegisterPlace, from: u64, to: u64, supplement: Option<String>) -> Option<RegisterEntry> {
    (from < to).then(|| RegisterEntry {
        series: place.series.clone(),
        year: place.year,
        number: if supplement.is_some() { place.number } else { Some(from) },
        up_to: (supplement.is_none() && from + 1 < to).then(|| to - 1),
        supplement,
        status: NumberStatus::Skipped,
        reference: None,
        date: None,
        state: None,
        file: None,
    })
}

/// `at`: how many have the number already.
fn entry(place: &RegisterPlace, record: &CircularRecord, at: usize) -> RegisterEntry {
    RegisterEntry {
        series: place.series.clone(),
        year: place.year,
        number: place.number,
        up_to: None,
        supplement: record.supplement.clone().filter(|_| record.parent_key.is_some()),
        status: match (at, record.issues) {
            (0, 0) => NumberStatus::Taken,
            (0, _) => NumberStatus::Used,
            _ => NumberStatus::Repeated,
        },
        reference: record.reference.clone(),
        date: record.dated.clone(),
        state: Some(record.state.as_str()),
        file: Some(record.stem.clone()),
    }
}

/// Supplements of each kind count from 1.
fn supplement_entries(place: &RegisterPlace, records: &[CircularRecord]) -> Vec<RegisterEntry> {
    let mut kinds: BTreeMap<(String, u64), Vec<&CircularRecord>> = BTreeMap::new();
    for record in records {
        let what = record.supplement.as_deref().unwrap_or("supplement");
        let (kind, number) = match what.rsplit_once(' ') {
            Some((kind, number)) => (kind, number.parse().unwrap_or(0)),
            None => (what, 0),
        };
        kinds.entry((kind.to_owned(), number)).or_default().push(record);
    }
    let mut entries = Vec::new();
    let mut last: Option<(String, u64)> = None;
    for ((kind, number), records) in kinds {
        let before = last.as_ref().filter(|(of, _)| *of == kind).map_or(0, |(_, number)| *number);
        if before + 1 < number {
            let said = match (before + 1, number - 1) {
                (one, other) if one == other => format!("{kind} {one}"),
                (one, other) => format!("{kind} {one} to {other}"),
            };
            entries.extend(gap(place, before + 1, number, Some(said)));
        }
        entries.extend(records.iter().enumerate().map(|(at, record)| entry(place, record, at)));
        last = Some((kind, number));
    }
    entries
}
