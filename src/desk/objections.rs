//! What stands against sending a circular: what was found in its files, and what the ledger knows of its reference.

use super::{Desk, DeskError, Understood};
use crate::{
    circular::{Found, Language, Problem, Severity},
    ledger::{CircularState, Sighting},
};

/// What the people who dropped a circular are told of it, file by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objections {
    /// Of the original.
    pub language: Language,
    /// File names with their problems, errors first.
    pub files: Vec<(String, Vec<Problem>)>,
}

impl Objections {
    /// Of a letter that is gone.
    pub fn none() -> Self {
        Self { language: Language::EN, files: Vec::new() }
    }

    /// Whether anything parks it.
    pub fn park(&self) -> bool {
        self.files.iter().flat_map(|(_, problems)| problems).any(|problem| problem.severity == Severity::Error)
    }
}

/// All that stands against sending a circular as it lies there.
pub async fn objections(desk: &Desk, understood: &Understood, sighting: &Sighting) -> Result<Objections, DeskError> {
    let mut files: Vec<(String, Vec<Problem>)> =
        understood.versions.iter().map(|version| (version.file.clone(), version.problems.clone())).collect();
    let language = understood.original().map_or(Language::EN, |original| original.letter.language);
    let more = match used_reference(desk, understood).await? {
        // whoever has cancelled it need not be told
        Used::Cancelled(_) => return Ok(Objections { language, files: Vec::new() }),
        Used::ByAnother(message) => Some((reference_line(understood), message)),
        // a repeated circular goes out again
        Used::Sent if understood.repeat.is_none() => return Ok(Objections { language, files: Vec::new() }),
        // only its time can park a letter in which nothing is wrong
        Used::No | Used::Sent if sighting.state == CircularState::Parked && understood.first_error().is_none() => {
            sighting.reason.clone().map(|reason| (0, reason))
        }
        Used::No | Used::Sent => None,
    };
    if let (Some((line, message)), Some((_, problems))) = (more, files.first_mut()) {
        problems.insert(0, Problem::error(line, message));
    }
    Ok(Objections { language, files })
}

pub(super) fn reference_line(understood: &Understood) -> u32 {
    let original = understood.original();
    original.and_then(|original| original.letter.reference.as_ref()).map_or(0, |found| found.line)
}

/// Whether the ledger has a use for the reference already.
pub(super) enum Used {
    No,
    /// As it lies there.
    Sent,
    /// Another letter, or another text; why it cannot be this one's.
    ByAnother(String),
    /// This letter, as it lies there, was cancelled by a person; what it is told who would send it.
    Cancelled(String),
}

pub(super) async fn used_reference(desk: &Desk, understood: &Understood) -> Result<Used, DeskError> {
    let reference = understood.original().and_then(|original| original.letter.reference.as_ref());
    let Some(Found { value, .. }) = reference else { return Ok(Used::No) };
    let Some(record) = desk.ledger.find(&value.key(), "").await? else { return Ok(Used::No) };
    let (name, stem) = (record.reference.clone().unwrap_or_default(), &record.stem);
    Ok(if record.issues > 0 && record.digest == understood.digest() {
        Used::Sent
    } else if record.issues > 0 && record.repeat.is_none() {
        Used::ByAnother(format!(
            "the reference is used: \"{name}\" was frozen from {stem} with another text; a used reference is not sent twice"
        ))
    } else if record.state == CircularState::Cancelled {
        let message = format!("the reference \"{name}\" was cancelled; give the letter a reference of its own");
        let as_it_lies = *stem == understood.stem && record.digest == understood.digest();
        if as_it_lies { Used::Cancelled(message) } else { Used::ByAnother(message) }
    } else if record.state != CircularState::Parked && *stem != understood.stem {
        Used::ByAnother(format!("the reference \"{name}\" also stands in {stem}; one of the two needs another"))
    } else {
        Used::No
    })
}
