//! From printed addressee lines to whom the letter reaches.

use std::sync::Arc;

use super::{Desk, DeskError, book::read_group_book, distinct, understand::ResolvedLine};
use crate::{
    addressees::{Address, GroupBook, GroupName, Matched, Selection},
    circular::{AddresseeLine, Found, Problem, Severity},
    ledger::{CircularId, Fed, GroupRecord, NamedReach, Reach},
};

/// Why what lies in the folder is not in force.
fn held_back(record: &GroupRecord) -> Option<String> {
    let (file, name) = (format!("recipients/{}", record.file), &record.name);
    match (record.state.as_str(), record.doubts.first()) {
        ("pending", Some(doubt)) => Some(format!("{file} waits for `circulard groups accept {name}` ({doubt})")),
        ("refused", _) => {
            let first = record.problems.iter().find(|problem| problem.severity == Severity::Error)?;
            Some(format!("its list is refused: {}", first.located(&file)))
        }
        _ => None,
    }
}

/// What was repaired in a list that is in force, or looks doubtful in it.
fn mended(held: &GroupRecord) -> Option<String> {
    let first = held.problems.first()?.located(&format!("recipients/{}", held.file));
    let more = match held.problems.len() {
        1 => String::new(),
        count => format!("; and {} more, which `circulard groups {}` shows", count - 1, held.name),
    };
    Some(format!("of its list: {first}{more}"))
}

/// What is known when addressee lines are resolved.
pub(super) struct Groups {
    book: Result<Arc<GroupBook>, Vec<Problem>>,
    in_force: Vec<GroupRecord>,
    last_read: Vec<GroupRecord>,
    /// Which lists feed which groups, be it only through a `group` column.
    fed: Vec<Fed>,
    existing: Vec<GroupName>,
}

impl Groups {
    pub(super) async fn of(desk: &Desk) -> Result<Self, DeskError> {
        let in_force = desk.lists.groups_in_force().await?;
        let last_read = desk.lists.groups_last_read().await?;
        let fed = desk.lists.groups_fed().await?;
        let files = in_force.iter().chain(&last_read).map(|record| &record.name);
        let with_rows = fed.iter().filter(|fed| fed.in_force).map(|fed| &fed.group);
        let existing = distinct(files.chain(with_rows).filter_map(|name| GroupName::new(name)));
        Ok(Self { book: read_group_book(desk), in_force, last_read, fed, existing })
    }

    /// Each line with its groups; what is not understood is a problem of its line.
    pub(super) fn resolve_lines(&self, lines: &[AddresseeLine], problems: &mut Vec<Problem>) -> Vec<ResolvedLine> {
        let book = match &self.book {
            Ok(book) => book,
            Err(found) => {
                problems
                    .extend(found.iter().filter(|problem| !problems.contains(problem)).cloned().collect::<Vec<_>>());
                &GroupBook::default()
            }
        };
        let mut resolved = Vec::new();
        for line in lines {
            let groups = match book.match_line(&line.text, &self.existing) {
                Matched::Groups(groups) => groups,
                _ => {
                    problems.push(Problem::error(line.line, book.explain_unmatched(&line.text, &self.existing)));
                    Vec::new()
                }
            };
            resolved.push(ResolvedLine { text: line.text.clone(), line: line.line, groups });
        }
        resolved
    }

    /// The groups of some lines as selections, in order; a group whose list is not in force is a problem.
    pub(super) fn select(&self, lines: &[ResolvedLine], problems: &mut Vec<Problem>) -> Vec<Selection> {
        let Ok(book) = &self.book else { return Vec::new() };
        let mut selections: Vec<Selection> = Vec::new();
        for line in lines {
            for group in &line.groups {
                match book.select(group) {
                    Ok(selection) if selections.iter().any(|known| known.group == selection.group) => {}
                    Ok(selection) => {
                        self.check_sources(&selection, line.line, problems);
                        selections.push(selection);
                    }
                    Err(problem) => problems.push(Problem::error(line.line, problem.located("recipients/groups.toml"))),
                }
            }
        }
        selections
    }

    fn check_sources(&self, selection: &Selection, line: u32, problems: &mut Vec<Problem>) {
        for source in selection.sources().into_iter().map(GroupName::as_str) {
            let feeding = |record: &&GroupRecord| {
                record.name == source || self.fed.iter().any(|fed| fed.list == record.name && fed.group == source)
            };
            let mended = self.in_force.iter().filter(feeding).filter_map(mended);
            problems.extend(mended.map(|what| Problem::note(line, what)));
            let mut held_back = self.last_read.iter().filter(feeding).filter_map(held_back);
            if self.has_rows(source) {
                problems.extend(held_back.map(|why| {
                    Problem::warning(line, format!("{} goes by the version in force: {why}", selection.group))
                }));
                continue;
            }
            let why =
                held_back.next().unwrap_or_else(|| format!("there is no list recipients/{source}.csv (or .xlsx)"));
            problems.push(Problem::error(line, format!("the group \"{}\" cannot be used: {why}", selection.group)));
        }
    }

    /// Whether a group has rows in force.
    fn has_rows(&self, group: &str) -> bool {
        self.fed.iter().any(|fed| fed.in_force && fed.group == group)
    }

    /// Lists of a letter's groups whose version in the folder is not the one in force, one sentence each.
    pub(super) fn held_back(&self, reach: &Reach) -> Vec<String> {
        let mut problems = Vec::new();
        for selection in reach.to.iter().chain(&reach.copy).chain(&reach.exclude) {
            self.check_sources(selection, 0, &mut problems);
        }
        let told = problems.into_iter().filter(|problem| problem.severity != Severity::Note);
        distinct(told.map(|problem| problem.message))
    }

    /// Groups and addresses of the head's `exclude`.
    pub(super) fn exclude(&self, listed: Option<&Found<Vec<String>>>, reach: &mut Reach, problems: &mut Vec<Problem>) {
        let Some(Found { value, line }) = listed else { return };
        let (addresses, groups): (Vec<&String>, Vec<&String>) = value.iter().partition(|item| item.contains('@'));
        for address in addresses {
            match Address::parse(address) {
                Ok(address) => reach.exclude_mailboxes.push(address.mailbox()),
                Err(error) => problems.push(Problem::error(*line, format!("exclude: {error}"))),
            }
        }
        let lines: Vec<AddresseeLine> =
            groups.into_iter().map(|text| AddresseeLine { text: text.clone(), line: *line }).collect();
        let resolved = self.resolve_lines(&lines, problems);
        reach.exclude = self.select(&resolved, problems);
    }

    /// Groups by the names under which an issue was frozen, and the names that mean nothing now.
    pub(super) fn by_names(&self, names: &[String]) -> (Vec<Selection>, Vec<String>) {
        let (mut found, mut unknown) = (Vec::<Selection>::new(), Vec::new());
        for name in names {
            let group = GroupName::new(name).filter(|group| found.iter().all(|known| known.group != *group));
            let Some(group) = group else { continue };
            let selection = self.book.as_ref().ok().and_then(|book| book.select(&group).ok());
            let has_rows =
                |selection: &Selection| selection.terms.iter().any(|term| self.has_rows(term.source.as_str()));
            match selection.filter(has_rows) {
                Some(selection) => found.push(selection),
                None => unknown.push(name.clone()),
            }
        }
        (found, unknown)
    }

    /// Whom an issue would reach now; or why that is not known.
    pub(super) fn reach_by_names(&self, named: &NamedReach) -> Result<Reach, String> {
        if let Err(problems) = &self.book {
            return Err(problems.first().map_or_else(String::new, |problem| problem.message.clone()));
        }
        let known = |names: &[String]| match self.by_names(names) {
            (found, unknown) if unknown.is_empty() => Ok(found),
            (_, unknown) => Err(format!(
                "the group \"{}\" has no list any more; `circulard groups` shows those there are",
                unknown.join("\", \"")
            )),
        };
        let mailboxes = named.exclude_mailboxes.iter().filter_map(|address| Address::parse(address).ok());
        Ok(Reach {
            to: known(&named.to)?,
            copy: known(&named.copy)?,
            // a group without anybody leaves nobody out
            exclude: self.by_names(&named.exclude).0,
            exclude_mailboxes: mailboxes.map(|address| address.mailbox()).collect(),
            office_copies: named.office_copies,
            parent: named.parent.map(CircularId),
        })
    }

    /// All columns that some list has.
    pub(super) fn columns(&self) -> Vec<&str> {
        distinct(self.in_force.iter().flat_map(|record| record.columns.iter().map(String::as_str)))
    }
}
