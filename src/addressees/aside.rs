//! Rows that stand for nobody: a header that comes again, totals, a note below the list.
//!
//! Only what cannot be an addressee is passed over, and told: there is an organization called Total.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

use super::{
    cell::trimmed,
    columns::{self, Column, Known},
    label::folded,
};

/// What a row is instead of an addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aside {
    /// The header once more, as at the top of each printed page.
    HeaderAgain,
    /// The header of another list.
    OtherHeader,
    Total,
    Note,
}

#[derive(Deserialize)]
struct Words {
    names: Vec<String>,
}

/// Folded. Empty only if `asides.toml` were broken, which a test excludes.
static WORDS: LazyLock<HashMap<String, HashSet<String>>> = LazyLock::new(|| {
    let file: HashMap<String, Words> = toml::from_str(include_str!("asides.toml")).unwrap_or_default();
    let fold = |words: Words| words.names.iter().map(|word| folded(word).into_owned()).collect();
    file.into_iter().map(|(kind, words)| (kind, fold(words))).collect()
});

/// Looks at a row of a list with these columns.
pub(super) fn aside(cells: &[&str], columns: &[Column]) -> Option<Aside> {
    let email = columns.iter().position(|column| *column == Column::Known(Known::Email));
    let address = email.and_then(|index| cells.get(index)).map_or("", |cell| trimmed(cell));
    if address.contains(['@', '＠']) {
        return None;
    }
    if !address.is_empty()
        && let Some(header) = header(cells, columns)
    {
        return Some(header);
    }
    let filled: Vec<&str> = cells.iter().map(|cell| trimmed(cell)).filter(|cell| !cell.is_empty()).collect();
    let (first, others) = filled.split_first()?;
    if filled.iter().any(|cell| cell.contains('@')) {
        return None;
    }
    let counts = |cell: &&str| cell.chars().all(|c| c.is_ascii_digit() || " .,'%".contains(c));
    if others.iter().all(counts) && rest_of(first, "total").is_some_and(is_number_or_nothing) {
        return Some(Aside::Total);
    }
    let is_note = first.starts_with(['*', '†']) || rest_of(first, "note").is_some_and(is_marked_off);
    (others.is_empty() && is_note).then_some(Aside::Note)
}

/// Whether a column of remarks says of its row that it is to be deleted: it is written to all the same.
pub(super) fn says_gone(column: &str, cell: &str) -> bool {
    /// The longest of the words, in octets, and a mark after it.
    const LONGEST: usize = 40;
    let has = |kind: &str, text: &str| WORDS.get(kind).is_some_and(|words| words.contains(folded(text).as_ref()));
    (1..=LONGEST).contains(&cell.len())
        && has("remark", &column.replace('_', " "))
        && has("gone", cell.trim_matches(|c: char| c.is_ascii_punctuation()))
}

/// What is to be told of a row whose role is to get copies: it is an addressee all the same.
pub(super) fn wants_copy(column: &str, cell: &str) -> Option<String> {
    const LONGEST: usize = 40;
    let has = |kind: &str, text: &str| WORDS.get(kind).is_some_and(|words| words.contains(folded(text).as_ref()));
    let copy = (1..=LONGEST).contains(&cell.len())
        && has("role", &column.replace('_', " "))
        && has("copy", cell.trim_matches(|c: char| c.is_ascii_punctuation()));
    copy.then(|| {
        format!("column {column}: \"{cell}\", and the row is an addressee all the same; put the address into copy_to of its office")
    })
}

fn header(cells: &[&str], columns: &[Column]) -> Option<Aside> {
    let found: Vec<Column> = cells.iter().map(|cell| columns::column(cell)).collect();
    if !found.contains(&Column::Known(Known::Email)) {
        return None;
    }
    let same = found.iter().chain(std::iter::repeat(&Column::Unnamed)).take(columns.len()).eq(columns);
    Some(if same { Aside::HeaderAgain } else { Aside::OtherHeader })
}

/// What follows one of the words of `asides.toml` at the beginning of a cell.
fn rest_of<'a>(cell: &'a str, kind: &str) -> Option<&'a str> {
    let words = WORDS.get(kind)?;
    let mut ends: Vec<usize> = cell.char_indices().map(|(at, c)| at + c.len_utf8()).take(40).collect();
    ends.reverse();
    let end = ends.into_iter().find(|end| {
        let head = &cell[..*end];
        let whole = cell[*end..].chars().next().is_none_or(|next| !next.is_alphabetic() || !next.is_ascii());
        whole && head.ends_with(char::is_alphanumeric) && words.contains(folded(head).as_ref())
    })?;
    Some(&cell[end..])
}

fn is_number_or_nothing(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '：' | '.'));
    rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit())
}

fn is_marked_off(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty()
        || rest.starts_with([':', '：', '.', '-', '–', '—'])
        || rest.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Option<Aside> {
        let columns: Vec<Column> = ["organization", "country", "email"].map(columns::column).into();
        aside(cells, &columns)
    }

    #[test]
    fn the_words_are_read() {
        assert!(WORDS["total"].len() > 10 && WORDS["note"].len() > 10);
    }

    #[test]
    fn totals_and_notes_are_told_from_offices() {
        for total in ["Total", "Total: 5", "TOTAL 5 members", "Total général : 12", "Всего: 7", "合计：5", "المجموع 5"]
        {
            assert_eq!(of(&[total, "", ""]), Some(Aside::Total), "{total}");
        }
        assert_eq!(of(&["Total", "193", ""]), Some(Aside::Total));
        for note in [
            "Note: retired members are not listed",
            "* provisional",
            "Last update: 3 March",
            "Updated 2026-01-01",
            "Remarque : liste provisoire",
            "Примечание: …",
            "End of list",
            "备注：暂定",
        ] {
            assert_eq!(of(&[note, "", ""]), Some(Aside::Note), "{note}");
        }
        for office in [
            ["Total", "France", ""],
            ["Total SA", "", ""],
            ["Total Telecom", "5", ""],
            ["Ministry", "", ""],
            ["Note verbale office", "", ""],
            ["Note: ask", "Kenya", ""],
            ["Total: 5", "", "see above"],
            ["Total: 5", "a@b.example", ""],
        ] {
            assert_eq!(of(&office), None, "{office:?}");
        }
    }

    #[test]
    fn totals_and_notes_in_the_column_of_addresses_are_passed_over() {
        let columns: Vec<Column> = ["email", "name"].map(columns::column).into();
        for (cells, found) in [
            (vec!["Total", "1"], Some(Aside::Total)),
            (vec!["Total: 1", ""], Some(Aside::Total)),
            (vec!["Total: 1"], Some(Aside::Total)),
            (vec!["Note: ok", ""], Some(Aside::Note)),
            (vec!["Note: ok"], Some(Aside::Note)),
            (vec!["Total", "Office"], None),
            (vec!["Note: ok", "Office"], None),
            (vec!["total", "a@a.example"], None),
            (vec!["none", "1"], None),
        ] {
            assert_eq!(aside(&cells, &columns), found, "{cells:?}");
        }
        let columns: Vec<Column> = ["name", "email"].map(columns::column).into();
        for (cells, found) in
            [(["Total", "1"], Some(Aside::Total)), (["Office", "Total"], None), (["Office", "1"], None)]
        {
            assert_eq!(aside(&cells, &columns), found, "{cells:?}");
        }
    }

    #[test]
    fn remarks_that_want_a_row_gone_are_understood() {
        for (column, cell) in
            [("remarks", "DELETE"), ("notes", "retired."), ("примечание", "Удалить"), ("备注", "已退休")]
        {
            assert!(says_gone(column, cell), "{column}: {cell}");
        }
        for (column, cell) in [("remarks", ""), ("remarks", "left wing"), ("study_group", "delete"), ("name", "Left")] {
            assert!(!says_gone(column, cell), "{column}: {cell}");
        }
    }

    #[test]
    fn headers_are_told_from_offices() {
        assert_eq!(of(&["Organisation", "Pays", "E-mail"]), Some(Aside::HeaderAgain));
        assert_eq!(of(&["Country", "Organization", "E-mail"]), Some(Aside::OtherHeader));
        assert_eq!(of(&["Ministry", "Kenya", "none"]), None);
    }
}
