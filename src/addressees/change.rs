//! The mass-change guard: what a changed list does to its groups, and whether a person must look at it first.
//!
//! Pure: counts in, doubts out. Without a doubt the new version comes into force; with one the version before it stays until
//! a person accepts the change. One mailbox may always leave, whatever its share: an office that closes is no accident, and
//! in a list of five it is twenty per cent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// More than so many of a hundred mailboxes do not leave unseen.
const MOST_LEAVE: u64 = 10;
/// So many may leave whatever their share is, as long as somebody stays.
const ALWAYS_MAY_LEAVE: u64 = 1;
/// Fewer than so many of a hundred that stay: it is another list.
const FEWEST_STAY: u64 = 10;
/// A group that grows by this factor …
const GROWS_TIMES: u64 = 10;
/// … and by so many mailboxes may have got the list of everybody.
const GROWS_BY: u64 = 100;

/// Mailboxes of one group, in the version in force and in the new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupChange {
    /// The file's own group, one that its `group` column names, or one that `groups.toml` narrows from it.
    pub group: String,
    /// In the version in force.
    pub before: u64,
    /// In the new one.
    pub after: u64,
    /// In both.
    pub kept: u64,
}

/// How many rows have a column filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnChange {
    /// `language`
    pub column: String,
    /// Rows in the version in force that have it.
    pub before: u64,
    /// Rows of that version.
    pub rows: u64,
    /// Rows in the new version that have it.
    pub after: u64,
    /// Whether the new header still names it.
    pub header: Header,
}

/// Whether a header names a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Header {
    /// It does.
    Names,
    /// It no longer does.
    Lacks,
}

/// What a new version of one list changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListChange {
    /// Its groups, the file's own first.
    pub groups: Vec<GroupChange>,
    /// Columns that decide who gets a letter, or in which words.
    pub columns: Vec<ColumnChange>,
}

/// Why a person must look first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody would be left.
    Empties {
        /// The group.
        group: String,
        /// How many were in it.
        before: u64,
    },
    /// Hardly anybody of the version in force is in the new one.
    WrongFile(GroupChange),
    /// More than a tenth would leave.
    ManyLeave(GroupChange),
    /// It grows so much that it may be the list of everybody.
    GrowsTooMuch(GroupChange),
    /// A column that decides is gone or emptied.
    ColumnLost(ColumnChange),
}

impl GroupChange {
    /// How many leave.
    pub fn leave(&self) -> u64 {
        self.before.saturating_sub(self.kept)
    }

    /// How many join.
    pub fn join(&self) -> u64 {
        self.after.saturating_sub(self.kept)
    }

    fn doubt(&self) -> Option<Doubt> {
        let share = |part: u64, of: u64| part.saturating_mul(100) / of.max(1);
        let grows = self.after > self.before.saturating_mul(GROWS_TIMES) && self.join() >= GROWS_BY;
        match self {
            _ if self.before == 0 => None,
            _ if self.after == 0 => Some(Doubt::Empties { group: self.group.clone(), before: self.before }),
            _ if self.kept == 0 || share(self.kept, self.before) < FEWEST_STAY => Some(Doubt::WrongFile(self.clone())),
            _ if self.leave() > ALWAYS_MAY_LEAVE && self.leave() * 100 > self.before * MOST_LEAVE => {
                Some(Doubt::ManyLeave(self.clone()))
            }
            _ if grows => Some(Doubt::GrowsTooMuch(self.clone())),
            _ => None,
        }
    }
}

impl ColumnChange {
    /// Gone with all it said, or left empty though most rows had it.
    fn doubt(&self) -> Option<Doubt> {
        let emptied = self.before * 2 > self.rows;
        let lost = self.after == 0 && self.before > 0 && (self.header == Header::Lacks || emptied);
        lost.then(|| Doubt::ColumnLost(self.clone()))
    }
}

impl ListChange {
    /// Why a person must look before it comes into force; none: it may.
    pub fn doubts(&self) -> Vec<Doubt> {
        let groups = self.groups.iter().filter_map(GroupChange::doubt);
        groups.chain(self.columns.iter().filter_map(ColumnChange::doubt)).collect()
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Empties { group, before } => match before {
                1 => write!(f, "{group} would be empty: its only mailbox leaves"),
                _ => write!(f, "{group} would be empty: all {before} mailboxes leave"),
            },
            Doubt::WrongFile(change) => write!(
                f,
                "it looks like the wrong file: of the {} in {} {} stay{}, and {} others come",
                mailboxes(change.before),
                change.group,
                if change.kept == 0 { "none".to_owned() } else { change.kept.to_string() },
                if change.kept == 1 { "s" } else { "" },
                change.join()
            ),
            Doubt::ManyLeave(change) => write!(
                f,
                "more than {MOST_LEAVE} % of {} leave: {} of {}",
                change.group,
                change.leave(),
                mailboxes(change.before)
            ),
            Doubt::GrowsTooMuch(change) => write!(
                f,
                "it looks like the wrong file: {} grows from {} to {}",
                change.group,
                mailboxes(change.before),
                change.after
            ),
            Doubt::ColumnLost(change) => {
                let what = if change.header == Header::Lacks { "is gone" } else { "is empty now" };
                let rows = if change.before == 1 { "row" } else { "rows" };
                write!(f, "the column {} {what}; {} {rows} had it filled in", change.column, change.before)
            }
        }
    }
}

fn mailboxes(count: u64) -> String {
    if count == 1 { "1 mailbox".to_owned() } else { format!("{count} mailboxes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(before: u64, after: u64, kept: u64) -> Vec<String> {
        let group = GroupChange { group: "regulators".to_owned(), before, after, kept };
        let change = ListChange { groups: vec![group], columns: Vec::new() };
        change.doubts().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_change_within_a_tenth_comes_into_force_and_one_beyond_it_waits_with_its_reason() {
        let nothing: [(u64, u64, u64); 12] = [
            (0, 500, 0),
            (100, 100, 100),
            (100, 90, 90),
            (100, 150, 90),
            (1000, 1100, 900),
            (11, 10, 10),
            (5, 4, 4),
            (2, 1, 1),
            (5, 5, 4),
            (3, 90, 3),
            (20, 150, 20),
            (1000, 9999, 1000),
        ];
        for (before, after, kept) in nothing {
            assert_eq!(said(before, after, kept), [] as [String; 0], "{before} {after} {kept}");
        }
        let table = [
            (100, 89, 89, "more than 10 % of regulators leave: 11 of 100 mailboxes"),
            (100, 120, 89, "more than 10 % of regulators leave: 11 of 100 mailboxes"),
            (11, 9, 9, "more than 10 % of regulators leave: 2 of 11 mailboxes"),
            (19, 17, 17, "more than 10 % of regulators leave: 2 of 19 mailboxes"),
            (11, 0, 0, "regulators would be empty: all 11 mailboxes leave"),
            (1, 0, 0, "regulators would be empty: its only mailbox leaves"),
            (1, 1, 0, "it looks like the wrong file: of the 1 mailbox in regulators none stay, and 1 others come"),
            (
                100,
                500,
                0,
                "it looks like the wrong file: of the 100 mailboxes in regulators none stay, and 500 others come",
            ),
            (100, 50, 9, "it looks like the wrong file: of the 100 mailboxes in regulators 9 stay, and 41 others come"),
            (20, 50, 1, "it looks like the wrong file: of the 20 mailboxes in regulators 1 stays, and 49 others come"),
            (11, 1011, 11, "it looks like the wrong file: regulators grows from 11 mailboxes to 1011"),
        ];
        for (before, after, kept, words) in table {
            assert_eq!(said(before, after, kept), [words], "{before} {after} {kept}");
        }
    }

    #[test]
    fn twenty_may_lose_two_since_that_is_a_tenth_and_no_more() {
        assert_eq!(said(20, 18, 18), [] as [String; 0]);
        assert_eq!(said(20, 17, 17).len(), 1);
    }

    #[test]
    fn a_column_that_decides_waits_when_it_is_gone_or_emptied_and_not_when_one_cell_was_cleared() {
        let doubts = |before, rows, after, header| {
            let column = ColumnChange { column: "language".to_owned(), before, rows, after, header };
            let change = ListChange { groups: Vec::new(), columns: vec![column] };
            change.doubts().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(doubts(10, 11, 0, Header::Lacks), ["the column language is gone; 10 rows had it filled in"]);
        assert_eq!(doubts(1, 11, 0, Header::Lacks), ["the column language is gone; 1 row had it filled in"]);
        assert_eq!(doubts(10, 11, 0, Header::Names), ["the column language is empty now; 10 rows had it filled in"]);
        for harmless in [(1, 11, 0, Header::Names), (0, 11, 0, Header::Lacks), (10, 11, 1, Header::Names)] {
            let (before, rows, after, header) = harmless;
            assert_eq!(doubts(before, rows, after, header), [] as [String; 0], "{harmless:?}");
        }
    }

    #[test]
    fn every_group_of_a_list_is_judged_by_itself() {
        let group = |group: &str, before, after, kept| GroupChange { group: group.to_owned(), before, after, kept };
        let change = ListChange {
            groups: vec![group("all", 1000, 990, 990), group("missions", 10, 0, 0), group("academia", 50, 50, 50)],
            columns: Vec::new(),
        };
        assert_eq!(change.doubts(), [Doubt::Empties { group: "missions".to_owned(), before: 10 }]);
    }
}
