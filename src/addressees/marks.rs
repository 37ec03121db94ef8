//! Columns of marks: a column headed with the name or a label of a group, in which an `x` or a "yes" puts the row into it.
//!
//! Refuses a cell that says neither yes nor no. A column that a `where` of `groups.toml` asks for is no such column: its
//! values are compared there.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{
    address::shown,
    cell::trimmed,
    columns::Column,
    group_book::{GroupBook, Kind},
    group_name::GroupName,
    label::folded,
    matched::Matched,
};
use crate::circular::Problem;

/// What a cell of such a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Yes,
    No,
}

#[derive(Deserialize)]
struct Words {
    names: Vec<String>,
}

/// Folded. Empty only if `marks.toml` were broken, which a test excludes.
static MARKS: LazyLock<HashMap<String, Mark>> = LazyLock::new(|| {
    let file: HashMap<String, Words> = toml::from_str(include_str!("marks.toml")).unwrap_or_default();
    let mark = |kind: &str| if kind == "yes" { Mark::Yes } else { Mark::No };
    let marks = |(kind, words): (String, Words)| {
        words.names.into_iter().map(move |word| (folded(&word).into_owned(), mark(&kind)))
    };
    file.into_iter().flat_map(marks).collect()
});

/// The group that each column of a header marks, where it does.
pub(super) fn groups(cells: &[&str], columns: &[Column], book: &GroupBook) -> Vec<Option<GroupName>> {
    let group = |(header, column): (&&str, &Column)| {
        let Column::Field(field) = column else { return None };
        if asked_for(field, book) {
            return None;
        }
        match book.match_line(trimmed(header), &[]) {
            Matched::Groups(groups) => <[GroupName; 1]>::try_from(groups).ok().map(|[group]| group),
            _ => None,
        }
    };
    cells.iter().zip(columns).map(group).collect()
}

/// Whether a `where` compares the column's values.
fn asked_for(field: &str, book: &GroupBook) -> bool {
    let asks = |kind: &Kind| matches!(kind, Kind::Narrowed { conditions, .. } if conditions.contains_key(field));
    book.entries.values().any(|entry| asks(&entry.kind))
}

/// What is told of the columns of marks.
pub(super) fn notes(columns: &[Column], groups: &[Option<GroupName>], line: u32) -> Vec<Problem> {
    let marked = columns.iter().zip(groups).filter_map(|(column, group)| Some((column, group.as_ref()?)));
    let note = |(column, group)| {
        Problem::note(line, format!("a mark in the column {column} puts a row into the group {group}"))
    };
    marked.map(note).collect()
}

/// Reads a cell of a column of marks.
pub(super) fn read(cell: &str, group: &GroupName) -> Result<Mark, String> {
    let cell = trimmed(cell);
    if cell.is_empty() {
        return Ok(Mark::No);
    }
    MARKS.get(folded(cell).as_ref()).copied().ok_or_else(|| {
        format!("\"{}\" says neither yes nor no of the group {group}; write x, or leave the cell empty", shown(cell))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_six_languages_are_yes_or_no_and_all_else_is_refused() {
        let group = GroupName::new("regulators").unwrap();
        for yes in ["x", "X", "х", "✓", "✔", "yes", "OUI", "Sí", "да", "نعم", "是", "1", "TRUE", " x "] {
            assert_eq!(read(yes, &group), Ok(Mark::Yes), "{yes}");
        }
        for no in ["", "no", "non", "нет", "لا", "否", "0", "-", "–", "FALSE", "n/a"] {
            assert_eq!(read(no, &group), Ok(Mark::No), "{no}");
        }
        for unclear in ["maybe", "2", "?", "Ms Example"] {
            assert!(read(unclear, &group).is_err(), "{unclear}");
        }
    }
    #[test]
    fn a_column_is_of_marks_only_if_it_is_headed_as_one_group_and_no_where_asks_for_it() {
        let book = "[regulators]\nlabels.en = [\"Regulators\", \"National regulatory authorities\"]\n\
            [academia]\nlabels.en = [\"Academia\"]\n[narrow]\nof = \"regulators\"\nwhere = { academia = \"x\" }\n";
        let book = GroupBook::parse(book).unwrap();
        let headers = ["Email", "National regulatory authorities", "regulators", "Academia", "Study group", "Name"];
        let columns: Vec<Column> = headers.into_iter().map(super::super::columns::column).collect();
        let found = groups(&headers, &columns, &book);
        let named: Vec<&str> = found.iter().map(|group| group.as_ref().map_or("", GroupName::as_str)).collect();
        assert_eq!(named, ["", "regulators", "regulators", "", "", ""]);
        assert_eq!(notes(&columns, &found, 1).len(), 2);
    }
}
