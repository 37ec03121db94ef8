//! What `show` says of a circular beyond its own deliveries: its parent, its supplements, who has approved it and whose approval
//! was voided by what.

use serde::Serialize;

use super::Desk;
use crate::{
    ledger::{Approval, CircularRecord, CircularState, LedgerError},
    report::{format_time, rfc3339},
};

/// Another circular of the same matter.
#[derive(Debug, Serialize)]
pub struct Kin {
    /// As printed; of a parent that is not on record, as the supplement names it.
    reference: String,
    /// What it is to its parent: "corrigendum 1".
    supplement: Option<String>,
    /// `null`: it is not on record.
    state: Option<&'static str>,
}

/// One approval.
#[derive(Debug, Serialize)]
pub struct ShownApproval {
    by: String,
    at: String,
    /// It is for what stands there now.
    counts: bool,
    voided_at: Option<String>,
    voided_by: Option<String>,
}

/// Parent, supplements, approvals.
#[derive(Debug, Serialize)]
pub struct Related {
    supplement: Option<String>,
    parent: Option<Kin>,
    supplements: Vec<Kin>,
    confidential: bool,
    approvals_needed: i64,
    /// How many have still to approve it; 0 once it has gone out.
    approvals_missing: i64,
    approvals: Vec<ShownApproval>,
}

/// Of one circular.
pub async fn related(desk: &Desk, record: &CircularRecord) -> Result<Related, LedgerError> {
    let all = desk.ledger.circulars().await?;
    let kin = |other: &CircularRecord| Kin {
        reference: other.reference.clone().unwrap_or_else(|| other.stem.clone()),
        supplement: other.supplement.clone(),
        state: Some(other.state.as_str()),
    };
    let parent = record.parent_key.as_ref().map(|key| {
        let found = all.iter().filter(|other| other.reference_key.as_ref() == Some(key));
        let found = found.max_by_key(|other| (other.issues > 0, other.state != CircularState::Parked));
        found.map_or_else(|| Kin { reference: key.clone(), supplement: None, state: None }, kin)
    });
    let supplements = match &record.reference_key {
        Some(key) if record.state != CircularState::Parked || record.issues > 0 => {
            desk.ledger.supplements_of(key).await?.iter().map(kin).collect()
        }
        _ => Vec::new(),
    };
    let approvals = desk.ledger.approvals(record).await?;
    let needed = record.approvals_needed(desk.rules.approvals);
    let counting = approvals.iter().filter(|approval| approval.counts).count();
    let waits = record.issues == 0 && record.state != CircularState::Cancelled;
    let missing = if waits { (needed - i64::try_from(counting).unwrap_or(i64::MAX)).max(0) } else { 0 };
    Ok(Related {
        supplement: record.supplement.clone(),
        parent,
        supplements,
        confidential: record.confidential,
        approvals_needed: needed,
        approvals_missing: missing,
        approvals: approvals.into_iter().map(|approval| shown(desk, approval)).collect(),
    })
}

fn shown(desk: &Desk, approval: Approval) -> ShownApproval {
    let zone = desk.rules.zone;
    let (voided_at, voided_by) = approval.voided.map(|(at, by)| (rfc3339(at, zone), by)).unzip();
    ShownApproval { by: approval.by, at: rfc3339(approval.at, zone), counts: approval.counts, voided_at, voided_by }
}

impl Related {
    /// For people: name and value of each fact that there is.
    pub fn facts(&self, desk: &Desk) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if let Some(parent) = &self.parent {
            let what = self.supplement.as_deref().unwrap_or("supplement");
            let state = parent.state.map_or_else(|| "not on record".to_owned(), words);
            facts.push(("Supplement", format!("{what} to {} ({state})", parent.reference)));
        }
        for kin in &self.supplements {
            facts.push(("Supplements", format!("{} ({})", kin.reference, kin.state.map(words).unwrap_or_default())));
        }
        if self.confidential {
            facts.push(("Confidential", "it is marked so, and wants one more approval than others".to_owned()));
        }
        if self.approvals_missing > 0 {
            let given = self.approvals_needed - self.approvals_missing;
            let (given, needed) = (given.to_string(), self.approvals_needed);
            facts.push(("Approvals", format!("{given} of {needed}; {} missing", self.approvals_missing)));
        }
        for approval in &self.approvals {
            let at =
                chrono::DateTime::parse_from_rfc3339(&approval.at).map(|at| format_time(at.to_utc(), desk.rules.zone));
            let at = at.unwrap_or_else(|_| approval.at.clone());
            let void = approval.voided_by.as_ref().map(|what| format!("; voided: {what}")).unwrap_or_default();
            facts.push(("Approved", format!("{}, {at}{void}", approval.by)));
        }
        facts
    }
}

fn words(state: &'static str) -> String {
    state.replace('_', " ")
}
