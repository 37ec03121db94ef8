//! A supplement and its parent: whom it goes to, what it answers to, and what parks it.

use super::{Desk, DeskError, Understood, listed, reach::Groups};
use crate::{
    addressees::Selection,
    circular::{Letter, Problem, SupplementKind},
    ledger::{CircularId, CircularRecord, CircularState},
};

/// The circular that a supplement corrects, completes or withdraws, once it has gone out.
#[derive(Debug, Clone)]
pub struct Parent {
    /// Row number.
    pub id: CircularId,
    /// As printed.
    pub reference: String,
    /// The groups it was frozen for, as they are defined now.
    pub groups: Vec<Selection>,
}

/// Finds the parent of a supplement, and takes its addressees where the letter names none of its own.
pub(super) async fn find_parent(desk: &Desk, understood: &mut Understood, groups: &Groups) -> Result<(), DeskError> {
    let Some(original) = understood.original() else { return Ok(()) };
    let Some(key) = original.letter.parent().cloned() else { return Ok(()) };
    let (line, own_to) = (reference_line(&original.letter), !original.letter.to.is_empty());
    let what = original.letter.supplement.as_ref().map(ToString::to_string).unwrap_or_default();
    let is_withdrawal =
        original.letter.supplement.as_ref().is_some_and(|supplement| supplement.kind == SupplementKind::Withdrawal);
    let mut problems = Vec::new();
    let record = desk.ledger.parent(&key).await?;
    if let Some(record) = record.as_ref().filter(|record| record.issues > 0) {
        let parent = parent_of(desk, record, groups).await?;
        if is_withdrawal && !matches!(record.state, CircularState::Completed | CircularState::Cancelled) {
            let state = record.state.as_str().replace('_', " ");
            let message = format!(
                "\"{}\" is {state}: this notice follows what has left; `circulard cancel` stops what has not",
                parent.reference
            );
            problems.push(Problem::warning(line, message));
        }
        if !own_to {
            understood.reach.parent = Some(parent.id);
        }
        understood.parent = Some(parent);
        problems.into_iter().for_each(|problem| understood.problem_of_original(problem));
    } else {
        let problem = not_gone_out(&what, key.as_str(), record.as_ref());
        let problem = match own_to {
            false => Problem::error(line, format!("{problem}, and it names no addressees of its own: {}", REMEDY)),
            true => Problem::note(line, format!("{problem}: it goes to its own To lines and answers to no message")),
        };
        understood.problem_of_original(problem);
    }
    Ok(())
}

/// A number that was used in another spelling, which may be another number.
pub(super) async fn find_alike(desk: &Desk, understood: &mut Understood) -> Result<(), DeskError> {
    let reference = understood.original().and_then(|original| original.letter.reference.clone());
    let Some(found) = reference else { return Ok(()) };
    if let Some(record) = desk.ledger.find_alike(&found.value.key()).await?.filter(|r| r.stem != understood.stem) {
        let used = record.reference.unwrap_or_default();
        let message = format!(
            "\"{}\" looks like \"{used}\", which was sent from {}: if it is the same number, give the letter another",
            found.value, record.stem
        );
        understood.problem_of_original(Problem::warning(found.line, message));
    }
    Ok(())
}

const REMEDY: &str =
    "correct the reference, send the parent first, or print To and the addressees, and it goes to them";

fn not_gone_out(what: &str, key: &str, record: Option<&CircularRecord>) -> String {
    match record {
        None => format!("it is {what} to \"{key}\", which is not on record"),
        Some(record) if record.state == CircularState::Cancelled => {
            let name = record.reference.as_deref().unwrap_or(key);
            format!("it is {what} to \"{name}\", which was cancelled before it went out")
        }
        Some(record) => {
            let name = record.reference.as_deref().unwrap_or(key);
            let state = record.state.as_str().replace('_', " ");
            format!("it is {what} to \"{name}\", which has not gone out yet: it is {state}")
        }
    }
}

pub(super) fn reference_line(letter: &Letter) -> u32 {
    letter.reference.as_ref().map_or(0, |found| found.line)
}

/// The parent with the groups that its last issue was frozen for. A group that is defined no more has nobody in it.
pub(super) async fn parent_of(desk: &Desk, record: &CircularRecord, groups: &Groups) -> Result<Parent, DeskError> {
    let mut id = record.id;
    let mut names = Vec::new();
    // a supplement to a supplement: the groups are those of the first letter
    while let Some(issue) = desk.ledger.issues(id).await?.pop() {
        names.extend(issue.reach.to.into_iter().chain(issue.reach.copy));
        match issue.reach.parent {
            Some(parent) if parent < id.0 => id = CircularId(parent),
            _ => break,
        }
    }
    let reference = record.reference.clone().unwrap_or_else(|| record.stem.clone());
    Ok(Parent { id: record.id, reference, groups: groups.by_names(&names).0 })
}

/// Says of how many addressees a supplement to its parent's will be, and who of them has left the parent's groups since.
pub(super) async fn check_addressees(desk: &Desk, understood: &mut Understood) -> Result<(), DeskError> {
    /// Addresses that one message names.
    const NAMED: usize = 5;
    let (Some(parent), Some(original)) = (understood.parent.clone(), understood.original()) else { return Ok(()) };
    if understood.reach.parent != Some(parent.id) {
        return Ok(());
    }
    let line = reference_line(&original.letter);
    let excluded = desk.lists.excluded(&understood.reach, desk.today()).await?;
    let reached = desk.ledger.count_addressees_of(parent.id, &excluded).await?;
    let message = format!(
        "it names no addressees of its own: it goes to the {} of \"{}\", each message in reply to the one they got",
        super::annexes::counted(usize::try_from(reached.mailboxes).unwrap_or_default(), "addressee", "addressees"),
        parent.reference
    );
    understood.problem_of_original(Problem::note(line, message));
    let all = desk.ledger.group_addressees_of(parent.id, &excluded).await?;
    let left = desk.lists.not_in(&parent.groups, &all, desk.today()).await?;
    if !left.is_empty() && !parent.groups.is_empty() {
        let more = if left.len() > NAMED { " and more" } else { "" };
        let named: Vec<&str> = left.iter().take(NAMED).map(String::as_str).collect();
        let message = format!(
            "{} of them got \"{}\" and stand in its groups no more ({}{more}); they get this too, since they have the letter: \
             exclude: in the head leaves them out",
            left.len(),
            parent.reference,
            listed(&named)
        );
        understood.problem_of_original(Problem::note(line, message));
    }
    Ok(())
}
