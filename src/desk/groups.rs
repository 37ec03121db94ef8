//! Groups as held: how each list stands, who is in a group, and who was on a given day.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Desk, DeskError, book::read_group_book, freeze::read_stem, lists, reach::Groups, understand};
use crate::{
    addressees::{GroupName, Limits, Selection},
    circular::{Problem, Severity, nearest},
    folders::RegularFile,
    ledger::{CircularRecord, GroupRecord, Held, LedgerError, MemberRow, Reach, Side},
    schedule::resolve_local,
};

/// How one list stands.
#[derive(Debug, Clone)]
pub struct GroupStands {
    /// What says so: the version that waits or is refused, else the one in force, else the end of its group.
    pub last: GroupRecord,
    /// The version in force.
    pub held: Option<GroupRecord>,
    /// Mailboxes that would leave and join if the waiting version were accepted.
    pub moves: Option<(i64, i64)>,
}

/// Who is in a group, and since when that is so.
#[derive(Debug, Clone)]
pub struct MembersOn {
    /// In the order of the lists, each mailbox once.
    pub members: Vec<MemberRow>,
    /// Lists that changed during the day, and when: shown is the day's end.
    pub changed: Vec<(String, DateTime<Utc>)>,
}

impl GroupStands {
    /// The version that waits for `groups accept`: pending, or refused for rows that may be left out.
    pub fn waiting(&self) -> Option<&GroupRecord> {
        matches!(self.last.state.as_str(), "pending" | "refused").then_some(&self.last)
    }

    /// How the list stands, in words.
    pub fn in_words(&self) -> &'static str {
        match (self.last.state.as_str(), &self.held) {
            ("accepted", _) => "in force",
            ("pending", _) if self.last.removal => "pending: the file is gone, the version before stays",
            ("pending", _) => "pending, the version before stays",
            ("refused", Some(_)) => "refused, the version before stays",
            ("refused", None) => "refused",
            _ => "gone",
        }
    }

    /// Why it waits for a person; none where nothing waits.
    pub fn doubts(&self) -> &[String] {
        self.waiting().map_or(&[], |waiting| &waiting.doubts)
    }

    /// What was found in the list, each with the word that it is told under.
    pub fn found(&self) -> impl Iterator<Item = (String, &Problem)> {
        let accepted = self.last.state == "accepted";
        self.last.problems.iter().map(move |problem| match problem.severity {
            // a person has accepted the list without this row
            Severity::Error if accepted => ("left out".to_owned(), problem),
            severity => (severity.to_string(), problem),
        })
    }
}

/// How every list stands, by name.
pub async fn groups_stand(desk: &Desk) -> Result<Vec<GroupStands>, LedgerError> {
    let in_force = desk.lists.groups_in_force().await?;
    let mut all = Vec::new();
    for last in desk.lists.groups_last_read().await? {
        let held = in_force.iter().find(|held| held.name == last.name).cloned();
        let waits = last.state == "pending" || (last.state == "refused" && !last.bad.is_empty());
        let moves = match waits {
            true => Some((
                desk.lists.count_moved(&last, Side::Leaves).await?,
                desk.lists.count_moved(&last, Side::Joins).await?,
            )),
            false => None,
        };
        all.push(GroupStands { last, held, moves });
    }
    Ok(all)
}

/// What to know of the lists before a circular is frozen: which of them go by an older version, and why.
pub async fn lists_held_back(desk: &Desk, record: &CircularRecord) -> Result<Vec<String>, DeskError> {
    let waits = |record: &GroupRecord| matches!(record.state.as_str(), "pending" | "refused");
    if record.issues > 0 && record.repeat.is_none() || !desk.lists.groups_last_read().await?.iter().any(waits) {
        return Ok(Vec::new());
    }
    let files = read_stem(desk, &record.stem)?;
    let understood = understand(desk, &record.stem, &files).await?;
    Ok(Groups::of(desk).await?.held_back(&understood.reach))
}

/// Whether the file is still as the version was read.
pub fn is_as_read(desk: &Desk, record: &GroupRecord) -> bool {
    let path = desk.workspace.recipients().join(&record.file);
    if record.removal {
        return !path.exists();
    }
    let list = RegularFile::open(&path, Limits::default().bytes).ok();
    let hash = list.and_then(|list| lists::list_hash(desk, &list).ok());
    hash.is_some_and(|hash| record.sha256 == hash)
}

/// A group by its name, in terms of lists; `Err` inside says which name was meant.
pub async fn select_group(desk: &Desk, name: &str) -> Result<Result<Selection, String>, LedgerError> {
    let book = match read_group_book(desk) {
        Ok(book) => book,
        Err(problems) => return Ok(Err(problems.first().map(|problem| problem.message.clone()).unwrap_or_default())),
    };
    let mut known: Vec<String> = desk.lists.groups_fed().await?.into_iter().map(|fed| fed.group).collect();
    known.extend(desk.lists.groups_last_read().await?.into_iter().map(|record| record.name));
    known.extend(book.groups().map(ToString::to_string));
    known.sort();
    known.dedup();
    if let Some(group) = GroupName::new(name).filter(|_| known.iter().any(|known| known == name)) {
        return Ok(book.select(&group).map_err(|problem| problem.located("recipients/groups.toml")));
    }
    let remedy = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => "no list is in force yet: `circulard run` reads them".to_owned(),
        None => format!("known are {}", known.join(", ")),
    };
    Ok(Err(format!("no group is called \"{name}\"; {remedy}")))
}

/// Who is in a group now, or was at the end of a day.
pub async fn members_on(
    desk: &Desk,
    selection: &Selection,
    day: Option<NaiveDate>,
    limit: Option<u32>,
) -> Result<MembersOn, DeskError> {
    let today = desk.today();
    let (held, changed) = match day.filter(|day| *day < today) {
        Some(day) => {
            let (begins, ends) = (midnight(desk, day), midnight(desk, day + TimeDelta::days(1)));
            let changed = desk.lists.group_changes_between(begins, ends).await?;
            (Held::At(ends - TimeDelta::milliseconds(1)), changed)
        }
        None => (Held::Now, Vec::new()),
    };
    let is_source = |name: &String| selection.sources().iter().any(|source| source.as_str() == name);
    let changed = changed.into_iter().filter(|(name, _)| is_source(name)).collect();
    let reach = Reach { to: vec![selection.clone()], ..Reach::default() };
    let mut members = desk.lists.members(&reach, &held, day.unwrap_or(today)).await?;
    let mut seen = std::collections::BTreeSet::new();
    members.retain(|member| seen.insert(member.mailbox.clone()));
    members.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
    Ok(MembersOn { members, changed })
}

/// When a day of the house begins.
fn midnight(desk: &Desk, day: NaiveDate) -> DateTime<Utc> {
    resolve_local(day.and_time(chrono::NaiveTime::MIN), desk.rules.zone).utc()
}
