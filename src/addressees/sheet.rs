//! A list as a workbook (.xlsx, ECMA-376 part 1, §18.3): the first sheet that shows and has a header.
//!
//! Cells come one by one, in the file's order. A formula counts by its value, a number by its digits, a date by its
//! day. The value of merged cells counts for each of their rows where it says who or where an addressee is, and never
//! for an address. Refuses what [`package`] refuses, cells that show an error, and formulas without a value.

use std::io::{Read, Seek};

use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader};

use super::{
    address::shown,
    cell::trimmed,
    columns::{self, Column, Known},
    merged::Merged,
    package::{self, FILE_MAX, Hidden},
    table::Table,
};
use crate::circular::Problem;

/// Sheets that are looked at; a workbook with more of them is no list.
const SHEETS_MAX: usize = 100;
/// Columns that are read; the widest list that people keep has some thirty.
const COLUMNS_MAX: u32 = 256;
/// Rows in which a header is looked for when a sheet is chosen: as many as [`super::heading`] takes.
const HEADER_WITHIN: usize = 21;

/// The rows of one sheet.
pub(super) struct Sheet<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    row: Vec<String>,
    /// What stands against the row.
    flaw: Option<String>,
    /// The first cell of the row that follows.
    ahead: Option<(u32, u32, DataRef<'a>)>,
    /// Whether the last cell has been read; after it the reader must not be asked again.
    ended: bool,
    line: u32,
    /// Columns of the header: empty cells at the end of a row are not in the file.
    width: usize,
    merged: Merged,
    notes: Vec<Problem>,
}

impl<R: Read + Seek> Sheet<'_, R> {
    /// Opens the sheet that is the list, and hands it to `read`.
    pub(super) fn with<T>(
        mut source: R,
        read: impl FnOnce(&mut Sheet<'_, R>) -> Result<T, Vec<Problem>>,
    ) -> Result<T, Vec<Problem>> {
        let one = |problem| vec![problem];
        let size = source.seek(std::io::SeekFrom::End(0)).map_err(|error| one(damaged(&error)))?;
        if size > FILE_MAX {
            let message = format!(
                "the workbook has {size} octets, and {} MiB are the limit; save the list as \"CSV UTF-8\"",
                FILE_MAX >> 20
            );
            return Err(one(Problem::error(0, message)));
        }
        let hidden = package::inspect(&mut source).map_err(one)?;
        source.rewind().map_err(|error| one(damaged(&error)))?;
        let mut workbook: Xlsx<R> = Xlsx::new(source).map_err(|error| one(damaged(&error)))?;
        let (name, mut notes) = choose(&mut workbook).map_err(one)?;
        if let Some(hidden) = hidden.get(&name) {
            notes.extend(hidden_notes(hidden).map_err(one)?);
        }
        let merged = workbook.merge_cells_by_sheet_name(&name).map_err(|error| one(damaged(&error)))?;
        let cells = workbook.worksheet_cells_reader(&name).map_err(|error| one(damaged(&error)))?;
        read(&mut Sheet {
            cells,
            row: Vec::new(),
            flaw: None,
            ahead: None,
            ended: false,
            line: 0,
            width: 0,
            merged: Merged::new(merged),
            notes,
        })
    }
}

fn damaged(error: &dyn std::error::Error) -> Problem {
    Problem::error(0, format!("the workbook cannot be read ({error}); save it again as .xlsx or as \"CSV UTF-8\""))
}

/// The first sheet that shows and has a header, and a note about each other one.
fn choose<R: Read + Seek>(workbook: &mut Xlsx<R>) -> Result<(String, Vec<Problem>), Problem> {
    let sheets = workbook.sheets_metadata().to_vec();
    if sheets.len() > SHEETS_MAX {
        return Err(Problem::error(0, format!("the workbook has {} sheets; save the list alone", sheets.len())));
    }
    let mut chosen: Option<String> = None;
    let mut first: Option<String> = None;
    let mut others = Vec::new();
    for sheet in sheets.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet) {
        let shows = sheet.visible == SheetVisible::Visible;
        let looks = looks(workbook, &sheet.name)?;
        if shows && looks == Looks::List && chosen.is_none() {
            chosen = Some(sheet.name);
            continue;
        }
        if shows {
            first.get_or_insert_with(|| sheet.name.clone());
        }
        others.push((sheet.name, shows, looks));
    }
    // Where there is no header, the first sheet says why it is none.
    let Some(chosen) = chosen.or(first) else {
        return Err(Problem::error(0, "no addressees: the workbook has no sheet that shows"));
    };
    let told = others.into_iter().filter(|(name, _, looks)| *name != chosen && *looks != Looks::Empty);
    let notes = told.map(|(name, shows, looks)| {
        let hidden = if shows { "" } else { "hidden " };
        let message = format!("the {hidden}sheet \"{}\" is not read; \"{}\" is the list", shown(&name), shown(&chosen));
        if looks == Looks::List { Problem::warning(0, message) } else { Problem::note(0, message) }
    });
    let notes = notes.collect();
    Ok((chosen, notes))
}

/// What a sheet is at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Empty,
    Filled,
    List,
}

fn looks<R: Read + Seek>(workbook: &mut Xlsx<R>, name: &str) -> Result<Looks, Problem> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|error| damaged(&error))?;
    let mut looks = Looks::Empty;
    let (mut rows, mut last) = (0, None);
    while let Some(cell) = cells.next_cell().map_err(|error| damaged(&error))? {
        let text = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::String(text) => text.as_str(),
            DataRef::SharedString(text) => text,
            _ => "",
        };
        looks = Looks::Filled;
        if last.replace(cell.get_position().0) != Some(cell.get_position().0) {
            rows += 1;
        }
        if rows > HEADER_WITHIN {
            break;
        }
        if columns::column(text) == Column::Known(Known::Email) {
            return Ok(Looks::List);
        }
    }
    Ok(looks)
}

fn hidden_notes(hidden: &Hidden) -> Result<Vec<Problem>, Problem> {
    if let Some(row) = hidden.without_value {
        let message = "a formula in this row has no value; open the workbook in a spreadsheet program and save it";
        return Err(Problem::error(row, message));
    }
    let listed = |numbers: Vec<String>| match numbers.len() {
        0..=5 => numbers.join(", "),
        more => format!("{} and {} more", numbers[..5].join(", "), more - 5),
    };
    let mut notes = Vec::new();
    if let Some(first) = hidden.rows.first() {
        let rows = listed(hidden.rows.iter().map(u32::to_string).collect());
        notes.push(Problem::warning(*first, format!("rows that are hidden are read all the same: {rows}")));
    }
    if !hidden.columns.is_empty() {
        let columns = listed(hidden.columns.iter().map(|column| letters(*column)).collect());
        notes.push(Problem::warning(0, format!("columns that are hidden are read all the same: {columns}")));
    }
    Ok(notes)
}

/// A column as spreadsheets call it, from 1: `A`, `AB`.
fn letters(mut column: u32) -> String {
    let mut name = Vec::new();
    while column > 0 {
        name.push(char::from(b'A' + u8::try_from((column - 1) % 26).unwrap_or_default()));
        column = (column - 1) / 26;
    }
    name.iter().rev().collect()
}

impl<'a, R: Read + Seek> Sheet<'a, R> {
    fn next_cell(&mut self) -> Result<Option<(u32, u32, DataRef<'a>)>, Problem> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        if self.ended {
            return Ok(None);
        }
        let cell = self.cells.next_cell().map_err(|error| damaged(&error))?;
        self.ended = cell.is_none();
        Ok(cell.map(|cell| {
            let (row, column) = cell.get_position();
            (row, column, cell.get_value().clone())
        }))
    }

    fn put(&mut self, column: u32, value: &DataRef<'_>) -> Result<(), Problem> {
        let text = match text(value) {
            Ok(text) if text.is_empty() => return Ok(()),
            Ok(text) => text,
            Err(shows) => {
                let cell = format!("{}{}", letters(column + 1), self.line);
                self.flaw = Some(format!("the cell {cell} shows {shows}; correct it in the workbook"));
                shows
            }
        };
        if column >= COLUMNS_MAX {
            let message = format!(
                "a cell in column {}, and {COLUMNS_MAX} columns are the limit; delete what is not part of the list",
                letters(column + 1)
            );
            return Err(Problem::error(self.line, message));
        }
        let column = column as usize;
        if self.row.len() <= column {
            self.row.resize(column + 1, String::new());
        }
        self.row[column] = text;
        Ok(())
    }
}

impl<R: Read + Seek> Table for Sheet<'_, R> {
    fn next(&mut self) -> Result<Option<u32>, Problem> {
        loop {
            self.row.clear();
            self.flaw = None;
            let Some((row, column, value)) = self.next_cell()? else { return Ok(None) };
            if row < self.line {
                return Err(Problem::error(row + 1, "the rows stand out of order; save the workbook again as .xlsx"));
            }
            self.line = row + 1;
            self.put(column, &value)?;
            while let Some((next_row, column, value)) = self.next_cell()? {
                if next_row != row {
                    self.ahead = Some((next_row, column, value));
                    break;
                }
                self.put(column, &value)?;
            }
            if self.row.iter().any(|cell| !trimmed(cell).is_empty()) {
                if self.row.len() < self.width {
                    self.row.resize(self.width, String::new());
                }
                self.merged.fill(row, &mut self.row);
                return Ok(Some(self.line));
            }
        }
    }

    fn cells(&self, line: u32) -> Result<Vec<&str>, Problem> {
        match &self.flaw {
            Some(flaw) => Err(Problem::error(line, flaw)),
            None => Ok(self.row.iter().map(String::as_str).collect()),
        }
    }

    fn whom(&self) -> Vec<String> {
        self.row.clone()
    }

    fn know(&mut self, columns: &[Column]) {
        self.width = columns.len();
        self.merged.know(columns, self.line);
    }

    fn notes(&mut self) -> Vec<Problem> {
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.merged.notes());
        notes
    }
}

/// A value as a list would have it in text; `Err` is what an erroneous cell shows.
fn text(value: &DataRef<'_>) -> Result<String, String> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => lines(text),
        DataRef::SharedString(text) => lines(text),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTime(span) => span.as_f64().to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => return Err(Data::Error(error.clone()).to_string()),
    })
}

fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
