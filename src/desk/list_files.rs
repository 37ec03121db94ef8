//! The lists that lie in `recipients/`: one file for each group, `NAME.csv` or `NAME.xlsx`.
//!
//! What is meant as a list and cannot be read as one is told, not passed over: whoever put it there believes it counts.

use super::{Became, Desk, DeskError, ListOutcome};
use crate::{
    addressees::{GroupName, ListFile},
    circular::Problem,
    folders::{Seen, scan},
};

/// What the folder holds.
#[derive(Debug, Default)]
pub(super) struct ListFiles {
    /// Groups and their files, by name.
    pub(super) lists: Vec<(GroupName, Seen)>,
    /// Groups that have two files, and nobody knows which of them counts.
    pub(super) twins: Vec<(GroupName, Seen, Seen)>,
    /// What is not read.
    pub(super) refused: Vec<ListOutcome>,
}

/// Looks into the folder; where there is none, there is no list.
pub(super) fn list_files(desk: &Desk) -> Result<ListFiles, DeskError> {
    let mut found = ListFiles::default();
    let folder = desk.workspace.recipients();
    if !folder.exists() {
        return Ok(found);
    }
    let scanned = scan(&folder)?;
    for refusal in &scanned.refused {
        found.refuse(desk.workspace.shown(&refusal.path), refusal.why.to_string());
    }
    for seen in scanned.files {
        match ListFile::of(&seen.name) {
            ListFile::List(name) => found.add(name, seen),
            ListFile::Refused(why) => found.refuse(desk.workspace.shown(&seen.path), why),
            ListFile::Other => {}
        }
    }
    Ok(found)
}

impl ListFiles {
    fn add(&mut self, name: GroupName, seen: Seen) {
        if self.twins.iter().any(|(known, ..)| *known == name) {
            return;
        }
        match self.lists.iter().position(|(known, _)| *known == name) {
            Some(index) => {
                let (name, first) = self.lists.remove(index);
                self.twins.push((name, first, seen));
            }
            None => self.lists.push((name, seen)),
        }
    }

    fn refuse(&mut self, file: String, why: String) {
        self.refused.push(ListOutcome { file, problems: vec![Problem::error(0, why)], became: Became::Refused });
    }
}

/// Why neither of two files is read.
pub(super) fn twins_problem(name: &GroupName, first: &Seen, second: &Seen) -> Problem {
    let message = format!(
        "the group \"{name}\" has two lists, {} and {}; keep one of them and move the other away",
        first.name, second.name
    );
    Problem::error(0, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str) -> Seen {
        Seen { path: name.into(), name: name.to_owned(), size: 1, modified: chrono::Utc::now(), inode: 1 }
    }

    #[test]
    fn two_files_of_one_name_are_neither_of_them_the_list() {
        let mut found = ListFiles::default();
        let name = |name| GroupName::new(name).unwrap();
        for file in ["a.csv", "b.csv", "a.xlsx", "a.XLSX"] {
            found.add(name(&file[..1]), seen(file));
        }
        assert_eq!(found.lists.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(found.twins.len(), 1);
        let (group, first, second) = &found.twins[0];
        assert_eq!(
            twins_problem(group, first, second).message,
            "the group \"a\" has two lists, a.csv and a.xlsx; keep one of them and move the other away"
        );
    }
}
