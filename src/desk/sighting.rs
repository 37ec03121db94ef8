//! What the ledger is told of a circular that lies in the folder.

use super::{Desk, Understood};
use crate::{
    ledger::{CircularState, LetterRecord, Sighting},
    report::format_time,
    schedule::{due, is_late},
};

/// Where a circular stands, as far as its files say. `lay_there` is set where the letter lay there before the ledger did.
pub fn sight(desk: &Desk, understood: &Understood, lay_there: Option<&'static str>) -> Sighting {
    let original = understood.original();
    let letters = understood.versions.iter().map(|version| LetterRecord {
        language: version.letter.language.to_string(),
        file: version.file.clone(),
        sha256: version.sha256,
        problems: version.problems.clone(),
    });
    let mut sighting = Sighting {
        stem: understood.stem.clone(),
        letters: letters.collect(),
        reference: original.and_then(|version| version.letter.reference.as_ref()).map(|found| found.value.clone()),
        subject: original.and_then(|version| version.letter.subject.as_ref()).map(|found| found.value.clone()),
        state: CircularState::Ready,
        reason: None,
        due_at: None,
        repeat: understood.repeat.as_ref().map(ToString::to_string),
        digest: understood.digest(),
        addressees: understood.addressees,
        confidential: understood.is_confidential(),
        supplement: original.and_then(|version| version.letter.supplement.as_ref()).map(ToString::to_string),
        parent: original.and_then(|version| version.letter.parent()).cloned(),
        dated: original.and_then(|version| version.letter.date.as_ref()).map(|found| super::check::iso(found.value)),
        lay_there,
    };
    if let Some(reason) = parked(understood) {
        (sighting.state, sighting.reason) = (CircularState::Parked, Some(reason));
        return sighting;
    }
    let now = desk.now();
    let run = match (&understood.repeat, original) {
        (Some(cron), _) => cron.next_after(now, desk.rules.zone),
        (None, Some(original)) => {
            let send = original.letter.head.send.as_ref().map(|found| &found.value);
            due(send, &desk.rules.release, now, desk.rules.zone)
        }
        (None, None) => None,
    };
    match run {
        Some(run) => {
            sighting.due_at = Some(run.utc());
            (sighting.state, sighting.reason) = waits(desk, understood, lay_there);
            if is_late(run.utc(), now, desk.rules.late_after) && lay_there.is_none() {
                let reason = format!(
                    "it was due on {}; `release` sends it all the same",
                    format_time(run.utc(), desk.rules.zone)
                );
                (sighting.state, sighting.reason) = (CircularState::Late, Some(reason));
            }
        }
        None => {
            let reason =
                "its time never comes: the release window or repeat expression names no future time".to_owned();
            (sighting.state, sighting.reason) = (CircularState::Parked, Some(reason));
        }
    }
    sighting
}

fn waits(desk: &Desk, understood: &Understood, lay_there: Option<&'static str>) -> (CircularState, Option<String>) {
    let marked = if understood.is_confidential() { ", one of them because it is marked confidential" } else { "" };
    match (lay_there, understood.approvals_needed(desk)) {
        (Some(why), _) => (CircularState::Late, Some(why.to_owned())),
        (None, 0) => (CircularState::Ready, None),
        (None, needed) => (CircularState::AwaitingApproval, Some(format!("{needed} must approve it{marked}"))),
    }
}

/// The first error, and how many more there are.
fn parked(understood: &Understood) -> Option<String> {
    let (file, problem) = understood.first_error()?;
    let more = understood.errors().count() - 1;
    let first = problem.located(&format!("templates/{file}"));
    Some(if more == 0 { first } else { format!("{first} (and {more} more)") })
}
