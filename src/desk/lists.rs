//! Reads the addressee lists: what is in order comes into force; what is not is refused with its rows, and what changes so much
//! that a person must look waits for one. The version before it stays until then, also where the file is gone.

use std::io::Read;

use super::{
    Desk, DeskError,
    book::{book_hash, read_group_book},
    list_files::{list_files, twins_problem},
    sha256,
};
use crate::{
    addressees::{GroupBook, GroupName, Limits, Selection, Summary, read_good_rows},
    circular::{Problem, Severity},
    folders::{Refusal, RegularFile, Seen},
    ledger::StagedGroup,
};

/// What became of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOutcome {
    /// As shown: `recipients/academia.csv`.
    pub file: String,
    /// Notes of an accepted list, why another waits, or the errors of a refused one.
    pub problems: Vec<Problem>,
    /// Where it stands now.
    pub became: Became,
}

/// Where a list that was read stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// In force, with so many mailboxes.
    InForce(u64),
    /// It waits for `groups accept`; the version before it stays.
    Pending,
    /// It is as it was: what had waited or was refused is forgotten.
    Unchanged,
    /// It is refused; the version before it stays.
    Refused,
}

/// Reads every list that differs from the version last read and that nobody is still writing. `by` is who accepts.
pub async fn read_lists(
    desk: &Desk,
    by: &str,
    is_at_rest: impl Fn(&str) -> bool,
) -> Result<Vec<ListOutcome>, DeskError> {
    let found = list_files(desk)?;
    let mut outcomes = found.refused;
    let mut names = Vec::new();
    for (name, first, second) in found.twins {
        outcomes.extend(refuse_twins(desk, &name, &first, &second).await?);
        names.push(name);
    }
    for (name, seen) in found.lists {
        if is_at_rest(&seen.name) {
            outcomes.extend(read_one_list(desk, &name, &seen.name, by).await?);
        }
        names.push(name);
    }
    if !desk.workspace.recipients().exists() {
        return Ok(outcomes);
    }
    for gone in desk.lists.miss_groups_but(&names, desk.now()).await? {
        let message = format!(
            "the file is gone; the group {name} keeps its {} mailboxes until `circulard groups accept {name}`, or the file is back",
            gone.mailboxes,
            name = gone.name
        );
        let file = format!("recipients/{}", gone.file);
        outcomes.push(ListOutcome { file, problems: vec![Problem::warning(0, message)], became: Became::Pending });
    }
    Ok(outcomes)
}

/// Notes once that a group has two files; the version in force stays.
async fn refuse_twins(
    desk: &Desk,
    name: &GroupName,
    first: &Seen,
    second: &Seen,
) -> Result<Option<ListOutcome>, DeskError> {
    let problem = twins_problem(name, first, second);
    let hash = sha256(problem.message.as_bytes());
    let last = desk.lists.groups_last_read().await?.into_iter().find(|record| record.name == name.as_str());
    if last.is_some_and(|last| last.sha256 == hash) {
        return Ok(None);
    }
    let staged = desk.lists.stage_group(name, &first.name, &hash, desk.now()).await?;
    desk.lists.refuse_group(staged, std::slice::from_ref(&problem), None, &[], desk.now()).await?;
    Ok(Some(refused(desk.workspace.shown(&first.path), problem)))
}

fn refused(file: String, problem: Problem) -> ListOutcome {
    ListOutcome { file, problems: vec![problem], became: Became::Refused }
}

/// What a list says: its octets, and the labels that its `group` column may hold.
pub(super) fn list_hash(desk: &Desk, list: &RegularFile) -> Result<[u8; 32], Refusal> {
    let mut hash = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0; 1 << 16];
    // A file that grows while it is read ends somewhere: it is refused as changed.
    let mut octets = list.from_start()?.take(Limits::default().bytes);
    loop {
        match octets.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => hash.update(&piece[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return list.check_unchanged().map(|()| [0; 32]),
        }
    }
    Ok(sha256(&[hash.finish().as_ref(), &book_hash(desk)].concat()))
}

/// Reads one list; `None` where the ledger has read the same octets before.
async fn read_one_list(desk: &Desk, name: &GroupName, file: &str, by: &str) -> Result<Option<ListOutcome>, DeskError> {
    let limits = Limits::default();
    let path = desk.workspace.recipients().join(file);
    let shown = desk.workspace.shown(&path);
    let not_read = |refusal: Refusal| Ok(Some(refused(shown.clone(), Problem::error(0, refusal.why.to_string()))));
    let list = match RegularFile::open(&path, limits.bytes) {
        Ok(list) => list,
        Err(refusal) => return not_read(refusal),
    };
    let hash = match list_hash(desk, &list) {
        Ok(hash) => hash,
        Err(refusal) => return not_read(refusal),
    };
    let last = desk.lists.groups_last_read().await?.into_iter().find(|record| record.name == name.as_str());
    if last.is_some_and(|last| last.sha256 == hash && !last.removal) {
        return Ok(None);
    }
    let in_force = desk.lists.groups_in_force().await?;
    if in_force.iter().any(|held| held.name == name.as_str() && held.sha256 == hash) {
        desk.lists.drop_pending_group(name, desk.now()).await?;
        return Ok(Some(ListOutcome { file: shown, problems: Vec::new(), became: Became::Unchanged }));
    }
    let book = read_group_book(desk).unwrap_or_default();
    let staged = desk.lists.stage_group(name, file, &hash, desk.now()).await?;
    let read = tokio::task::block_in_place(|| {
        let refuse = |refusal: Refusal| vec![Problem::error(0, refusal.why.to_string())];
        desk.lists.stage_while(&staged, |rows| {
            let octets = list.from_start().map_err(refuse)?;
            let read = read_good_rows(octets, &limits, &book, |member| rows.push(member));
            list.check_unchanged().map_err(refuse).and(read)
        })
    })?;
    let (problems, became) = match read {
        Ok(summary) => judge(desk, staged, name, &book, summary, by).await?,
        Err(problems) => {
            desk.lists.refuse_group(staged, &problems, None, &[], desk.now()).await?;
            (problems, Became::Refused)
        }
    };
    Ok(Some(ListOutcome { file: shown, problems, became }))
}

/// Lets a list that was read come into force, wait for a person, or be refused for its bad rows.
async fn judge(
    desk: &Desk,
    staged: StagedGroup,
    name: &GroupName,
    book: &GroupBook,
    summary: Summary,
    by: &str,
) -> Result<(Vec<Problem>, Became), DeskError> {
    /// Problems that are told of a refused list.
    const TOLD: usize = 100;
    let narrowed: Vec<Selection> = book.groups().filter_map(|group| book.select(group).ok()).collect();
    let change = desk.lists.compare_groups(&staged, &summary.columns, &narrowed, desk.today()).await?;
    let doubts: Vec<String> =
        change.map(|change| change.doubts().iter().map(ToString::to_string).collect()).unwrap_or_default();
    if !summary.bad.is_empty() {
        let mut problems = summary.bad.problems(TOLD);
        problems.extend(summary.notes.iter().cloned());
        desk.lists.refuse_group(staged, &problems, Some(&summary), &doubts, desk.now()).await?;
        return Ok((problems, Became::Refused));
    }
    if doubts.is_empty() {
        desk.lists.accept_group(staged, &summary, by, desk.now()).await?;
        return Ok((summary.notes, Became::InForce(summary.members)));
    }
    desk.lists.hold_group(staged, &summary, &doubts, desk.now()).await?;
    let waits = |doubt: &String| {
        Problem::warning(0, format!("{doubt}; `circulard groups accept {name}` lets it come into force"))
    };
    Ok((doubts.iter().map(waits).chain(summary.notes).collect(), Became::Pending))
}

impl ListOutcome {
    /// Whether the list in the folder is not the one in force.
    pub fn is_held_back(&self) -> bool {
        let held_back = matches!(self.became, Became::Pending | Became::Refused);
        held_back || self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}
