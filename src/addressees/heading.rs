//! The header row, which need not be the first: titles, dates and "Confidential" stand above it.
//!
//! Refuses a list without one, and rows with addresses above it, for whom they belong to nobody has said.

use super::{
    address::shown,
    cell::trimmed,
    columns::{self, Column, Known},
    group_book::GroupBook,
    group_name::GroupName,
    marks,
    table::Table,
};
use crate::circular::Problem;

/// A title page of this many rows is long; below it stands a list without a header.
const ABOVE: usize = 20;

/// The header of a list.
pub(super) struct Heading {
    pub(super) columns: Vec<Column>,
    /// The group that a mark in the column puts a row into.
    pub(super) marks: Vec<Option<GroupName>>,
    pub(super) notes: Vec<Problem>,
}

type Above = Vec<(u32, Vec<String>)>;

/// Goes through a table up to its header.
pub(super) fn find(table: &mut impl Table, book: &GroupBook) -> Result<Heading, Vec<Problem>> {
    let mut above: Above = Vec::new();
    while above.len() <= ABOVE {
        let Some(line) = table.next().map_err(|problem| vec![problem])? else { break };
        let cells = table.cells(line).map_err(|problem| vec![problem])?;
        if cells.iter().any(|cell| columns::column(cell) == Column::Known(Known::Email)) {
            let columns = columns::header(&cells, line)?;
            let mut notes = titles(&above)?;
            let groups = marks::groups(&cells, &columns, book);
            notes.extend(columns::several(&cells, &columns, line));
            notes.extend(marks::notes(&columns, &groups, line));
            table.know(&columns);
            return Ok(Heading { columns, marks: groups, notes });
        }
        above.push((line, cells.into_iter().map(str::to_owned).collect()));
    }
    Err(missing(&above))
}

fn titles(above: &Above) -> Result<Vec<Problem>, Vec<Problem>> {
    let (Some((first, _)), Some((last, _))) = (above.first(), above.last()) else { return Ok(Vec::new()) };
    let holds_address = |cells: &&(u32, Vec<String>)| cells.1.iter().any(|cell| cell.contains('@'));
    let refused: Vec<Problem> = above
        .iter()
        .filter(holds_address)
        .map(|(line, _)| {
            let message =
                "this row stands above the header and holds an address; move it below the header, or delete it";
            Problem::error(*line, message)
        })
        .collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let filled = above.iter().flat_map(|(_, cells)| cells).map(|cell| trimmed(cell)).filter(|cell| !cell.is_empty());
    let said: Vec<String> = filled.take(3).map(|cell| format!("\"{}\"", shown(cell))).collect();
    let message = match last - first {
        0 => format!("this row stands above the header and is not read: {}", said.join(", ")),
        _ => format!("the rows above the header, to line {last}, are not read: {}", said.join(", ")),
    };
    Ok(vec![Problem::note(*first, message)])
}

/// Of the rows that are no header, the one that looks most like it is told.
fn missing(above: &Above) -> Vec<Problem> {
    let known = |cells: &[String]| cells.iter().filter(|c| matches!(columns::column(c), Column::Known(_))).count();
    let Some((line, cells)) = above.iter().rev().max_by_key(|(_, cells)| known(cells)) else {
        return vec![Problem::error(0, "no addressees: the file is empty; its first row names the columns")];
    };
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    columns::header(&cells, *line).err().unwrap_or_default()
}
