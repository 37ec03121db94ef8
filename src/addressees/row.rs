//! One row of a group file: cells in, members out, or every problem of the row.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{
    address::{Address, shown},
    aside::{says_gone, wants_copy},
    cell::{self, trimmed},
    columns::{Column, Known},
    group_book::GroupBook,
    group_name::GroupName,
    marks::{self, Mark},
    matched::Matched,
    member::Member,
    told::Repair,
    value,
};
use crate::circular::{Language, Problem};

/// Reads rows by the header's columns.
pub(super) struct Rows<'b> {
    pub(super) columns: Vec<Column>,
    /// The group that a mark in the column puts a row into.
    marks: Vec<Option<GroupName>>,
    book: &'b GroupBook,
    meanings: Meanings<Vec<GroupName>>,
    languages: Meanings<Vec<Language>>,
    zones: Meanings<Tz>,
    days: Meanings<NaiveDate>,
}

/// What cells were found to mean; a list repeats few of them many times.
struct Meanings<T>(HashMap<String, Result<T, String>>);

impl<T: Clone> Meanings<T> {
    fn of(&mut self, cell: &str, meaning: impl FnOnce(&str) -> Result<T, String>) -> Result<T, String> {
        if let Some(known) = self.0.get(cell) {
            return known.clone();
        }
        let found = meaning(cell);
        // Enough for every combination that people use; a column of free text must not fill the memory.
        if self.0.len() < 1000 {
            self.0.insert(cell.to_owned(), found.clone());
        }
        found
    }
}

impl<T> Default for Meanings<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// A row that is in order: one member for each of its addresses, what was repaired, and what looks doubtful.
pub(super) struct Row {
    pub(super) members: Vec<Member>,
    pub(super) repairs: Vec<Repair>,
    pub(super) warnings: Vec<Problem>,
}

/// What has been read of a row so far.
#[derive(Default)]
struct Draft {
    texts: [Option<String>; 6],
    languages: Vec<Language>,
    addresses: Vec<Address>,
    copy_to: Vec<Address>,
    valid_from: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    time_zone: Option<Tz>,
    groups: Vec<GroupName>,
    fields: BTreeMap<String, String>,
    repairs: Vec<Repair>,
    warnings: Vec<Problem>,
    problems: Vec<Problem>,
}

impl<'b> Rows<'b> {
    pub(super) fn new(columns: Vec<Column>, marks: Vec<Option<GroupName>>, book: &'b GroupBook) -> Self {
        Self {
            columns,
            marks,
            book,
            meanings: Meanings::default(),
            languages: Meanings::default(),
            zones: Meanings::default(),
            days: Meanings::default(),
        }
    }

    /// Reads the cells of the row that begins on `line`.
    pub(super) fn read(&mut self, cells: &[&str], line: u32) -> Result<Row, Vec<Problem>> {
        if let Some(problem) = self.ragged(cells) {
            return Err(vec![Problem::error(line, problem)]);
        }
        let mut draft = Draft::default();
        for (index, cell) in cells.iter().enumerate().take(self.columns.len()) {
            if let Err(message) = self.take(index, cell, line, &mut draft) {
                let message = format!("column {}: {message}", self.called(index));
                draft.problems.push(Problem::error(line, message));
            }
        }
        if let (Some(from), Some(until)) = (draft.valid_from, draft.valid_until)
            && from > until
        {
            let message = format!("valid_from {from} is later than valid_until {until}; correct one of them");
            draft.problems.push(Problem::error(line, message));
        }
        if draft.addresses.is_empty() && draft.problems.is_empty() {
            let first = cells.iter().map(|cell| trimmed(cell)).find(|cell| !cell.is_empty()).unwrap_or_default();
            let message = format!("no address in the row of \"{}\"; add one, or delete the row", shown(first));
            draft.problems.push(Problem::error(line, message));
        }
        if draft.problems.is_empty() { Ok(draft.finish(line)) } else { Err(draft.problems) }
    }

    fn called(&self, index: usize) -> String {
        match &self.columns[index] {
            Column::Unnamed => format!("{} (without a header)", index + 1),
            named => named.to_string(),
        }
    }

    /// Cells too few or too many shift the others into wrong columns. Empty ones at the end shift nothing.
    fn ragged(&self, cells: &[&str]) -> Option<String> {
        let (found, wanted) = (cells.len(), self.columns.len());
        let extra = cells.iter().skip(wanted).any(|cell| !trimmed(cell).is_empty());
        let remedy = match found {
            _ if found < wanted => "add the missing separators",
            _ if extra => "put a cell that contains the separator between quotation marks",
            _ => return None,
        };
        let cells = if found == 1 { "cell" } else { "cells" };
        Some(format!("{found} {cells} where the header has {wanted}; {remedy}"))
    }

    fn take(&mut self, index: usize, cell: &str, line: u32, draft: &mut Draft) -> Result<(), String> {
        let known = match &self.columns[index] {
            Column::Known(known) => *known,
            Column::Field(name) => {
                let text = value::text(cell)?;
                if says_gone(name, &text) {
                    let message = format!(
                        "column {name}: \"{}\", and the row counts all the same; delete it, or give it a valid_until",
                        shown(&text)
                    );
                    draft.warnings.push(Problem::warning(line, message));
                }
                if let Some(message) = wants_copy(name, &text) {
                    draft.warnings.push(Problem::warning(line, message));
                }
                if let Some(group) = self.marks.get(index).and_then(Option::as_ref)
                    && marks::read(cell, group)? == Mark::Yes
                {
                    draft.join([group.clone()]);
                }
                draft.fields.insert(name.clone(), text.into_owned());
                return Ok(());
            }
            Column::Unnamed if trimmed(cell).is_empty() => return Ok(()),
            Column::Unnamed => return Err(format!("\"{}\"; give the column a name", shown(trimmed(cell)))),
        };
        if known == Known::Email || known == Known::CopyTo {
            let found = read_addresses(cell, draft)?;
            let list = if known == Known::Email { &mut draft.addresses } else { &mut draft.copy_to };
            let news = |address: &Address| list.iter().all(|known| known.mailbox() != address.mailbox());
            let found: Vec<Address> = found.into_iter().filter(news).collect();
            list.extend(found);
            return Ok(());
        }
        let several = known == Known::Group || known == Known::Language;
        let text = if several { value::sized(cell)?.into() } else { value::text(cell)? };
        if text.is_empty() {
            return Ok(());
        }
        match known {
            Known::Language => draft.languages = self.languages.of(&text, value::languages)?,
            Known::ValidFrom => draft.valid_from = Some(self.days.of(&text, value::date)?),
            Known::ValidUntil => draft.valid_until = Some(self.days.of(&text, value::date)?),
            Known::TimeZone => draft.time_zone = Some(self.zones.of(&text, value::time_zone)?),
            Known::Group => draft.join(self.groups(&text)?),
            text_column => draft.keep(text_column, text.into_owned(), line),
        }
        Ok(())
    }

    /// Group names, or printed labels that the book knows.
    fn groups(&mut self, cell: &str) -> Result<Vec<GroupName>, String> {
        let book = self.book;
        self.meanings.of(cell, |cell| meaning(book, cell))
    }
}

fn meaning(book: &GroupBook, cell: &str) -> Result<Vec<GroupName>, String> {
    let mut groups: Vec<GroupName> = Vec::new();
    let whole = one_meaning(book, cell);
    let pieces = || cell.split([';', ',', '\n']).map(trimmed).filter(|piece| !piece.is_empty());
    let found =
        whole.map_or_else(|| pieces().map(|piece| one_meaning(book, piece).ok_or(piece)).collect(), |w| Ok(vec![w]));
    let found: Vec<Vec<GroupName>> = found.map_err(|piece| {
        let near = match book.match_line(piece, &[]) {
            Matched::Near { label, group } => format!("did you mean \"{label}\" ({group})?"),
            _ => "write the name of a list, such as regulators, or a label of groups.toml".to_owned(),
        };
        format!("no group is called \"{}\"; {near}", shown(piece))
    })?;
    for group in found.into_iter().flatten() {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok(groups)
}

fn one_meaning(book: &GroupBook, text: &str) -> Option<Vec<GroupName>> {
    if let Matched::Groups(groups) = book.match_line(text, &[]) {
        return Some(groups);
    }
    GroupName::new(text).map(|group| vec![group])
}

fn read_addresses(cell: &str, draft: &mut Draft) -> Result<Vec<Address>, String> {
    value::sized(cell)?;
    let read = cell::addresses(cell).map_err(|flaws| {
        let mut messages: Vec<String> = flaws.iter().take(5).map(ToString::to_string).collect();
        if cell.contains('\n') {
            messages.push("the cell holds a line break; perhaps a quotation mark in this row is not closed".to_owned());
        }
        messages.join("; ")
    })?;
    draft.repairs.extend(read.repairs);
    Ok(read.found)
}

impl Draft {
    fn join(&mut self, groups: impl IntoIterator<Item = GroupName>) {
        for group in groups {
            if !self.groups.contains(&group) {
                self.groups.push(group);
            }
        }
    }

    fn keep(&mut self, column: Known, text: String, line: u32) {
        if value::has_lost_letters(&text) {
            let message = format!(
                "column {}: \"{}\" seems to have lost letters to a wrong encoding; type it anew",
                column.name(),
                shown(&text)
            );
            self.warnings.push(Problem::warning(line, message));
        }
        if let Some(slot) = self.texts.get_mut(slot(column)) {
            *slot = Some(text);
        }
    }

    fn finish(mut self, line: u32) -> Row {
        let [name, title, salutation, organization, country, region] = self.texts;
        let last = self.addresses.pop();
        let mut members = Vec::with_capacity(1);
        if let Some(address) = last {
            let member = Member {
                line,
                address,
                name,
                title,
                salutation,
                organization,
                country,
                region,
                languages: self.languages,
                copy_to: self.copy_to,
                valid_from: self.valid_from,
                valid_until: self.valid_until,
                time_zone: self.time_zone,
                groups: self.groups,
                fields: self.fields,
            };
            members.extend(self.addresses.into_iter().map(|address| Member { address, ..member.clone() }));
            members.push(member);
        }
        Row { members, repairs: self.repairs, warnings: self.warnings }
    }
}

/// The place of a text column in [`Draft::texts`]; those that are not kept as text have none.
fn slot(column: Known) -> usize {
    match column {
        Known::Name => 0,
        Known::Title => 1,
        Known::Salutation => 2,
        Known::Organization => 3,
        Known::Country => 4,
        Known::Region => 5,
        _ => usize::MAX,
    }
}
