//! From a printed addressee line to groups, or to the reason why not.
//!
//! A line matches whole, or as several labels joined by "and" or commas of which each matches whole. Never by less: a
//! line that says more than a label narrows it, and the bigger group must not get a letter meant for the smaller one.

use std::collections::BTreeSet;

use super::{
    group_book::GroupBook,
    group_name::GroupName,
    inflection,
    label::{Label, nearest},
};

/// Longer than any addressee line; the search for partitions grows with the square of the words.
const LINE_MAX: usize = 2_000;

/// What an addressee line was found to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matched {
    /// These groups, in the line's order.
    Groups(Vec<GroupName>),
    /// No group, but a label that is spelled almost so; to be asked for, never taken.
    Near {
        /// The label, or the group's name where it has none.
        label: String,
        /// Whose it is.
        group: GroupName,
    },
    /// A known group narrowed by words that no group has.
    NarrowerThan {
        /// The bigger group.
        group: GroupName,
        /// What the line says beyond the group's label, "of the Africa region".
        qualifier: String,
    },
    /// A label of one group that is also the file name of another.
    Ambiguous(Vec<GroupName>),
    /// No group.
    Unknown,
}

impl GroupBook {
    /// Finds the groups that a printed line, or a name in the letter's head, means. `existing` are the groups that
    /// have a file; those without an entry of their own match by name.
    pub fn match_line(&self, text: &str, existing: &[GroupName]) -> Matched {
        let line = Label::new(text);
        if line.is_empty() || text.len() > LINE_MAX {
            return Matched::Unknown;
        }
        let found = self.exact(&line, existing);
        match found.len() {
            1 => return Matched::Groups(found.into_iter().collect()),
            0 => {}
            _ => return Matched::Ambiguous(found.into_iter().collect()),
        }
        if let Some(groups) = self.parted(&line, text, existing) {
            return Matched::Groups(groups);
        }
        if let Some(group) = self.dative(text, existing) {
            return Matched::Groups(vec![group]);
        }
        self.narrowed(&line, text, existing).or_else(|| self.near(&line, existing)).unwrap_or(Matched::Unknown)
    }

    /// Says why a line matches no group and how to mend it; for lines that [`GroupBook::match_line`] does match, what
    /// they mean.
    pub fn explain_unmatched(&self, text: &str, existing: &[GroupName]) -> String {
        let listed = |groups: &[GroupName]| groups.iter().map(GroupName::as_str).collect::<Vec<_>>().join(", ");
        match self.match_line(text, existing) {
            Matched::Groups(groups) => format!("\"{text}\" means {}", listed(&groups)),
            Matched::Near { label, group } => {
                format!("no group is called \"{text}\"; did you mean \"{label}\" ({group})?")
            }
            Matched::NarrowerThan { group, qualifier } => format!(
                "\"{text}\" says \"{qualifier}\" beyond the group {group}, and no group is called that; add it to \
                 recipients/groups.toml with of = \"{group}\" and where = {{ … }}, or correct the line"
            ),
            Matched::Ambiguous(groups) => {
                format!("\"{text}\" may mean each of {}; give them different labels or file names", listed(&groups))
            }
            Matched::Unknown => format!("no group is called \"{text}\"; {}", self.remedy(existing)),
        }
    }

    fn remedy(&self, existing: &[GroupName]) -> String {
        let known: BTreeSet<&GroupName> = self.groups().chain(existing).collect();
        if known.is_empty() {
            return "there are no groups yet: put a list such as recipients/regulators.csv there".to_owned();
        }
        let more = if known.len() > 12 { ", …" } else { "" };
        let names = known.iter().take(12).map(|group| group.as_str()).collect::<Vec<_>>().join(", ");
        format!("add the label to one of {names}{more} in recipients/groups.toml, or correct the line")
    }

    fn exact(&self, line: &Label, existing: &[GroupName]) -> BTreeSet<GroupName> {
        let key = line.key();
        let by_name = existing.iter().filter(|group| Label::new(group.as_str()).key() == key);
        self.keys.get(&key).into_iter().chain(by_name).cloned().collect()
    }

    /// "Членам Сектора" is the dative of "Члены Сектора"; only if all the nominatives that it can be mean one group.
    fn dative(&self, text: &str, existing: &[GroupName]) -> Option<GroupName> {
        let lines = inflection::nominatives(text);
        let found: BTreeSet<GroupName> =
            lines.iter().flat_map(|line| self.exact(&Label::new(line), existing)).collect();
        found.first().filter(|_| found.len() == 1).cloned()
    }

    /// The line as several whole labels; longer labels are tried first, so that an "and" inside a label stays there.
    fn parted(&self, line: &Label, text: &str, existing: &[GroupName]) -> Option<Vec<GroupName>> {
        let separators = line.separators();
        if separators.is_empty() || separators.len() > 40 {
            return None;
        }
        let ends: Vec<usize> = separators.iter().copied().chain([line.len()]).collect();
        // From the back: `rest[i]` is what the words behind separator i mean, if they are all labels.
        let mut rest: Vec<Option<Vec<GroupName>>> = vec![None; ends.len()];
        if let Some(last) = rest.last_mut() {
            *last = Some(Vec::new());
        }
        let starts = |at: usize| if at == 0 { 0 } else { ends[at - 1] + 1 };
        let mut whole = None;
        for at in (0..ends.len()).rev() {
            let from = starts(at);
            let meaning = (at..ends.len()).rev().find_map(|end| {
                let tail = rest[end].as_ref()?;
                let part = line.part(text, from, ends[end]);
                // Nothing between two separators, as in ", and", is no addressee left out.
                if part.is_empty() && end == at && from > 0 && end + 1 < ends.len() {
                    return Some(tail.clone());
                }
                let found = self.exact(&part, existing);
                let group = found.first().filter(|_| found.len() == 1)?;
                Some([group].into_iter().chain(tail).cloned().collect::<Vec<_>>())
            });
            match at {
                0 => whole = meaning,
                _ => rest[at - 1] = meaning,
            }
        }
        let mut seen = BTreeSet::new();
        whole.map(|groups| groups.into_iter().filter(|group| seen.insert(group.clone())).collect())
    }

    fn narrowed(&self, line: &Label, text: &str, existing: &[GroupName]) -> Option<Matched> {
        self.names(existing)
            .filter_map(|(name, group)| {
                let known = Label::new(name);
                Some((known.key().len(), line.beyond(text, &known)?, group))
            })
            .max_by_key(|(length, _, _)| *length)
            .map(|(_, qualifier, group)| Matched::NarrowerThan { group: group.clone(), qualifier })
    }

    fn near(&self, line: &Label, existing: &[GroupName]) -> Option<Matched> {
        let keys: Vec<(String, &str, &GroupName)> =
            self.names(existing).map(|(name, group)| (Label::new(name).key(), name, group)).collect();
        let key = line.key();
        let near = nearest(&key, keys.iter().map(|(key, _, _)| key.as_str()))?;
        let (_, label, group) = keys.iter().find(|(key, _, _)| key == near)?;
        Some(Matched::Near { label: (*label).to_owned(), group: (*group).clone() })
    }

    /// Every text that means a group, labels before names.
    fn names<'a>(&'a self, existing: &'a [GroupName]) -> impl Iterator<Item = (&'a str, &'a GroupName)> {
        let labels = self
            .entries
            .iter()
            .flat_map(|(group, entry)| entry.labels.iter().map(move |label| (label.text.as_str(), group)));
        labels.chain(self.groups().chain(existing).map(|group| (group.as_str(), group)))
    }
}
