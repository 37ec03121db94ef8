//! Circulars as rows: the same fields, whoever asks (the command line, the API).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Desk, DeskError, lists_held_back,
    related::{Related, related},
};
use crate::{
    circular::Problem,
    ledger::{Breakdown, CircularRecord},
    report::{Totals, rfc3339},
};

/// One circular in a list.
#[derive(Debug, Serialize)]
pub struct CircularRow {
    /// As printed.
    pub reference: Option<String>,
    /// As printed.
    pub subject: Option<String>,
    /// `awaiting_approval`
    pub state: &'static str,
    /// Why it is parked, late, paused, held or cancelled.
    pub reason: Option<String>,
    /// The stem of its files.
    pub file: String,
    /// How many have been frozen.
    pub issues: i64,
    /// Deliveries of all issues.
    pub frozen: u64,
    /// By state.
    pub totals: Totals,
    /// RFC 3339.
    pub due_at: Option<String>,
    /// RFC 3339.
    pub completed_at: Option<String>,
    /// Cron.
    pub repeat: Option<String>,
}

/// One circular with its groups, countries, languages and letters.
#[derive(Debug, Serialize)]
pub struct CircularShown {
    /// As in a list.
    #[serde(flatten)]
    pub row: CircularRow,
    /// Overlaps count in each.
    pub groups: BTreeMap<String, Totals>,
    /// "" where the list has none.
    pub countries: BTreeMap<String, Totals>,
    /// What it went out in.
    pub languages: BTreeMap<String, Totals>,
    /// One a language.
    pub letters: Vec<LetterRow>,
    /// Parent, supplements, approvals.
    #[serde(flatten)]
    pub related: Related,
    /// Groups that go by an older version of their list, and why.
    pub lists: Vec<String>,
}

/// One file of a circular.
#[derive(Debug, Serialize)]
pub struct LetterRow {
    /// Under `templates/`.
    pub file: String,
    /// By code.
    pub language: String,
    /// Of the file, hexadecimal.
    pub sha256: String,
    /// What stands against it.
    pub problems: Vec<Problem>,
}

impl CircularRow {
    /// The row of a circular whose totals are known.
    pub fn of(desk: &Desk, record: &CircularRecord, totals: Totals) -> Self {
        let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| rfc3339(at, desk.rules.zone));
        Self {
            reference: record.reference.clone(),
            subject: record.subject.clone(),
            state: record.state.as_str(),
            reason: record.reason.clone(),
            file: record.stem.clone(),
            issues: record.issues,
            frozen: totals.frozen(),
            totals,
            due_at: time(record.due_at),
            completed_at: time(record.completed_at),
            repeat: record.repeat.clone(),
        }
    }
}

/// One circular with all that is asked of it.
pub async fn circular_shown(desk: &Desk, record: &CircularRecord, totals: Totals) -> Result<CircularShown, DeskError> {
    let letters = desk.ledger.letters(record.id).await?.into_iter().map(|letter| LetterRow {
        file: letter.file,
        language: letter.language,
        sha256: letter.sha256.iter().map(|octet| format!("{octet:02x}")).collect(),
        problems: letter.problems,
    });
    Ok(CircularShown {
        row: CircularRow::of(desk, record, totals),
        groups: desk.ledger.totals_by(record.id, Breakdown::Group).await?,
        countries: desk.ledger.totals_by(record.id, Breakdown::Country).await?,
        languages: desk.ledger.totals_by(record.id, Breakdown::Language).await?,
        letters: letters.collect(),
        related: related(desk, record).await?,
        lists: match lists_held_back(desk, record).await {
            // a folder that cannot be read just now does not keep the ledger from answering
            Err(error) if error.is_passing() => Vec::new(),
            known => known?,
        },
    })
}
