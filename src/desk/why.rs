//! Why a mailbox is in a group or is not, from the rows that the lists have of it: pure, row by row.

use chrono::NaiveDate;

use crate::{
    addressees::{Selection, Term, fold_value},
    ledger::HeldRow,
};

/// One reason, with the row that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// In words, the row's place included.
    pub text: String,
    /// `recipients/academia.csv`
    pub file: Option<String>,
    /// Its line.
    pub line: Option<i64>,
    /// The group it is about.
    pub group: Option<String>,
}

impl Reason {
    /// A reason that no row stands for.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), file: None, line: None, group: None }
    }

    pub(super) fn of_row(row: &HeldRow, group: &str, text: impl Into<String>) -> Self {
        let file = format!("recipients/{}", row.file);
        Self { text: text.into(), file: Some(file), line: Some(row.line), group: Some(group.to_owned()) }
    }
}

/// `recipients/academia.csv:14`
pub(super) fn place(row: &HeldRow) -> String {
    format!("recipients/{}:{}", row.file, row.line)
}

/// Whether a mailbox is in a selection on a day: the rows that put it there, or all that keeps it out.
pub(super) fn belongs<'a>(
    selection: &Selection,
    rows: &'a [HeldRow],
    day: NaiveDate,
) -> Result<Vec<&'a HeldRow>, Vec<Reason>> {
    let group = selection.group.as_str();
    let (mut found, mut against) = (Vec::new(), Vec::new());
    for term in &selection.terms {
        for row in rows.iter().filter(|row| row.group == term.source.as_str()) {
            match unmet(term, row).or_else(|| not_on(row, day)) {
                None => found.push(row),
                Some(why) => against.push(Reason::of_row(row, group, format!("{}: {why}: not in {group}", place(row)))),
            }
        }
    }
    let taken_out = selection.except.iter().find_map(|term| {
        let takes = |row: &&HeldRow| row.group == term.source.as_str() && unmet(term, row).is_none();
        Some((term, rows.iter().find(takes)?))
    });
    match taken_out {
        Some((term, row)) if !found.is_empty() => {
            let words = format!("{} is in {}, which {group} leaves out", place(row), term.source);
            Err(vec![Reason::of_row(row, group, words)])
        }
        _ if found.is_empty() => Err(against),
        _ => Ok(found),
    }
}

/// The first condition of `groups.toml` that the row does not meet.
fn unmet(term: &Term, row: &HeldRow) -> Option<String> {
    let unmet = |(column, wanted): (&String, &String)| match row.fields.get(column) {
        Some(value) if fold_value(value) == *wanted => None,
        Some(value) => Some(format!("{column} is \"{value}\", and \"{wanted}\" is asked for")),
        None => Some(format!("{column} is empty, and \"{wanted}\" is asked for")),
    };
    term.conditions.iter().find_map(unmet)
}

fn not_on(row: &HeldRow, day: NaiveDate) -> Option<String> {
    match (row.valid_from, row.valid_until) {
        (Some(from), _) if day < from => Some(format!("valid from {from} on, and this is about {day}")),
        (_, Some(until)) if until < day => Some(format!("valid until {until}, and this is about {day}")),
        _ => None,
    }
}

/// The mailbox that was probably meant: one slip of the pen away in the local part, or in the domain.
pub(super) fn probably_meant<'a>(asked: &str, neighbours: &'a [String]) -> Option<&'a str> {
    let parts = |mailbox: &'a str| mailbox.rsplit_once('@');
    let (local, domain) = asked.rsplit_once('@')?;
    let same_domain = || neighbours.iter().filter_map(|one| parts(one)).filter(|(_, other)| *other == domain);
    let same_local = || neighbours.iter().filter_map(|one| parts(one)).filter(|(other, _)| *other == local);
    let near_local = crate::circular::nearest(local, same_domain().map(|(local, _)| local));
    let near_domain = crate::circular::nearest(domain, same_local().map(|(_, domain)| domain));
    let meant = match (near_local, near_domain) {
        (Some(local), _) => format!("{local}@{domain}"),
        (None, Some(domain)) => format!("{local}@{domain}"),
        (None, None) => return None,
    };
    neighbours.iter().map(String::as_str).find(|one| *one == meant)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::addressees::{GroupBook, GroupName};

    fn row(group: &str, line: i64, study_group: &str, valid: (Option<&str>, Option<&str>)) -> HeldRow {
        HeldRow {
            file: format!("{group}.csv"),
            line,
            group: group.to_owned(),
            address: "a@p.example".to_owned(),
            languages: Vec::new(),
            copy_to: Vec::new(),
            valid_from: valid.0.map(|day| day.parse().expect("a day")),
            valid_until: valid.1.map(|day| day.parse().expect("a day")),
            fields: BTreeMap::from([("study_group".to_owned(), study_group.to_owned())]),
        }
    }

    fn selection(group: &str) -> Selection {
        let book = "[sg3]\nof = \"members\"\nwhere = { study_group = \"3\" }\n\
                    [development]\ngroups = [\"members\", \"regulators\"]\nexcept = [\"academia\"]\n";
        let book = GroupBook::parse(book).expect("a book of groups");
        book.select(&GroupName::new(group).expect("a name")).expect("a selection")
    }

    #[test]
    fn a_row_puts_a_mailbox_into_a_group_or_says_what_keeps_it_out() {
        let always = (None, None);
        let table = [
            ("members", vec![row("members", 7, "2", always)], Ok(vec![7])),
            ("sg3", vec![row("members", 7, "3", always)], Ok(vec![7])),
            (
                "sg3",
                vec![row("members", 7, "2", always)],
                Err(vec!["recipients/members.csv:7: study_group is \"2\", and \"3\" is asked for: not in sg3"]),
            ),
            (
                "members",
                vec![row("members", 7, "2", (Some("2027-01-01"), None))],
                Err(vec![
                    "recipients/members.csv:7: valid from 2027-01-01 on, and this is about 2026-12-07: not in members",
                ]),
            ),
            (
                "members",
                vec![row("members", 7, "2", (None, Some("2026-12-06")))],
                Err(vec![
                    "recipients/members.csv:7: valid until 2026-12-06, and this is about 2026-12-07: not in members",
                ]),
            ),
            ("members", vec![row("members", 7, "2", (Some("2026-12-07"), Some("2026-12-07")))], Ok(vec![7])),
            ("members", vec![row("regulators", 7, "2", always)], Err(vec![])),
            (
                "development",
                vec![row("members", 7, "2", always), row("academia", 4, "", always)],
                Err(vec!["recipients/academia.csv:4 is in academia, which development leaves out"]),
            ),
            ("development", vec![row("members", 7, "2", always), row("regulators", 9, "", always)], Ok(vec![7, 9])),
            ("development", vec![row("academia", 4, "", always)], Err(vec![])),
        ];
        let day = "2026-12-07".parse().expect("a day");
        for (group, rows, expected) in table {
            let found = belongs(&selection(group), &rows, day);
            let found = found.map(|rows| rows.iter().map(|row| row.line).collect::<Vec<_>>());
            let found = found.map_err(|reasons| reasons.into_iter().map(|reason| reason.text).collect::<Vec<_>>());
            assert_eq!(found, expected.map_err(|all| all.into_iter().map(str::to_owned).collect()), "{group} {rows:?}");
        }
    }

    #[test]
    fn a_slip_in_either_half_of_an_address_finds_the_one_that_was_meant() {
        let listed = ["office@regul.example", "info@mission.example"].map(str::to_owned);
        assert_eq!(probably_meant("ofice@regul.example", &listed), Some("office@regul.example"));
        assert_eq!(probably_meant("info@misson.example", &listed), Some("info@mission.example"));
        assert_eq!(probably_meant("director@regul.example", &listed), None);
        assert_eq!(probably_meant("x@elsewhere.example", &listed), None);
    }
}
