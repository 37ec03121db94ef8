//! What a group means in terms of files: whose rows, on which conditions, without whom.
//!
//! A [`Selection`] is computed here and executed elsewhere, where the accepted rows are kept. Refuses circles, and the
//! few combinations that a flat selection cannot say truly.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    group_book::{Entry, Kind},
    group_name::GroupName,
    label::fold_value,
    member::Member,
};
use crate::circular::Problem;

/// Rows of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The group whose own rows (its file's, or those that name it in their `group` column) are meant.
    pub source: GroupName,
    /// Column name and value, all of which must hold; values are folded by [`fold_value`], and so must be the row's.
    pub conditions: BTreeMap<String, String>,
}

impl Term {
    /// Whether a row of the source meets every condition.
    pub fn admits(&self, member: &Member) -> bool {
        let holds = |(column, wanted): (&String, &String)| {
            member.value(column).is_some_and(|value| fold_value(value) == *wanted)
        };
        self.conditions.iter().all(holds)
    }
}

/// A group in terms of files: the mailboxes of any term, without the mailboxes of any exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The group that was asked for.
    pub group: GroupName,
    /// A mailbox belongs to the group if a row of one of these has it.
    pub terms: Vec<Term>,
    /// A mailbox that a row of one of these has does not belong to it.
    pub except: Vec<Term>,
}

impl Selection {
    /// The groups whose rows must be at hand for the selection to be complete.
    pub fn sources(&self) -> BTreeSet<&GroupName> {
        self.terms.iter().chain(&self.except).map(|term| &term.source).collect()
    }
}

/// Computes the selection of `group`; a group without an entry is its file.
pub(super) fn select(entries: &BTreeMap<GroupName, Entry>, group: &GroupName) -> Result<Selection, Problem> {
    let (terms, except) = resolve(entries, group, &mut Vec::new())?;
    Ok(Selection { group: group.clone(), terms, except })
}

type Parts = (Vec<Term>, Vec<Term>);

fn resolve(
    entries: &BTreeMap<GroupName, Entry>,
    group: &GroupName,
    path: &mut Vec<GroupName>,
) -> Result<Parts, Problem> {
    let own = || vec![Term { source: group.clone(), conditions: BTreeMap::new() }];
    let Some(entry) = entries.get(group) else { return Ok((own(), Vec::new())) };
    if path.contains(group) {
        let circle: Vec<&str> = path.iter().chain([group]).map(GroupName::as_str).collect();
        let message = format!("the groups go in a circle: {}; take one of them out", circle.join(" → "));
        return Err(Problem::error(entry.line, message));
    }
    path.push(group.clone());
    let (terms, mut except) = match &entry.kind {
        Kind::File => (own(), Vec::new()),
        Kind::Narrowed { of, conditions } => narrowed(resolve(entries, of, path)?, conditions, entry)?,
        Kind::Union(parts) => (plain(entries, parts, path, entry)?, Vec::new()),
    };
    for term in plain(entries, &entry.except, path, entry)? {
        if !except.contains(&term) {
            except.push(term);
        }
    }
    path.pop();
    Ok((terms, except))
}

fn narrowed(
    (mut terms, except): Parts,
    conditions: &BTreeMap<String, String>,
    entry: &Entry,
) -> Result<Parts, Problem> {
    for term in &mut terms {
        for (column, value) in conditions {
            let before = term.conditions.insert(column.clone(), value.clone());
            if let Some(before) = before.filter(|before| before != value) {
                let message =
                    format!("no row can meet both {column} = \"{before}\" and {column} = \"{value}\"; correct `where`");
                return Err(Problem::error(entry.line, message));
            }
        }
    }
    Ok((terms, except))
}

/// The terms of several groups together. An exception inside one of them would have to hold for that one alone, which
/// a flat selection cannot say: it is refused, since it would leave people out.
fn plain(
    entries: &BTreeMap<GroupName, Entry>,
    groups: &[GroupName],
    path: &mut Vec<GroupName>,
    entry: &Entry,
) -> Result<Vec<Term>, Problem> {
    let mut all: Vec<Term> = Vec::new();
    for group in groups {
        let (terms, except) = resolve(entries, group, path)?;
        if !except.is_empty() {
            let message = format!(
                "\"{group}\" has exceptions of its own and cannot be part of another group; name its parts instead"
            );
            return Err(Problem::error(entry.line, message));
        }
        for term in terms {
            if !all.contains(&term) {
                all.push(term);
            }
        }
    }
    Ok(all)
}
