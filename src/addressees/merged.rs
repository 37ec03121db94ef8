//! Merged cells of a sheet: a spreadsheet keeps their value in the first of them and shows it in all.
//!
//! Down a column that says to whom an addressee belongs, the value counts for each row. Anywhere else it does not: one
//! address is not the address of three rows.

use std::collections::HashMap;

use calamine::Dimensions;

use super::columns::{Column, Known};
use crate::circular::Problem;

/// Columns whose merged cells count for each of their rows.
const DOWNWARD: [Known; 4] = [Known::Organization, Known::Country, Known::Region, Known::Group];

/// The merged cells of a sheet, and the values that reach further down.
pub(super) struct Merged {
    /// Where more than one row is merged: from the first cell (row and column from 0) to the last row.
    ranges: HashMap<(u32, u32), u32>,
    /// The columns in which the value counts for each row; by column, the last row of the range begun, and its value.
    reaching: HashMap<u32, (u32, String)>,
    counted: Vec<Problem>,
}

impl Merged {
    pub(super) fn new(all: Vec<Dimensions>) -> Self {
        let tall = all.into_iter().filter(|range| range.end.0 > range.start.0);
        let ranges = tall.map(|range| (range.start, range.end.0)).collect();
        Self { ranges, reaching: HashMap::new(), counted: Vec::new() }
    }

    /// The header stands on `line`: keeps what begins below it, in columns where it counts, and tells of the others.
    pub(super) fn know(&mut self, columns: &[Column], line: u32) {
        let mut elsewhere: Option<(u32, u32, String)> = None;
        self.ranges.retain(|(row, column), _| {
            let known = columns.get(*column as usize);
            let counts = matches!(known, Some(Column::Known(known)) if DOWNWARD.contains(known));
            if let Some(column) = known.filter(|_| !counts && *row >= line) {
                let (first, count, called) = elsewhere.get_or_insert((*row + 1, 0, column.to_string()));
                if *row < *first {
                    (*first, *called) = (*row + 1, column.to_string());
                }
                *count += 1;
            }
            counts && *row >= line
        });
        if let Some((first, count, column)) = elsewhere {
            let more = if count > 1 { format!("; so in {} more places", count - 1) } else { String::new() };
            let message = format!("merged cells in column {column} count for their first row alone{more}");
            self.counted.push(Problem::warning(first, message));
        }
    }

    /// Fills the cells of a row (from 0) that are merged with one above.
    pub(super) fn fill(&mut self, row: u32, cells: &mut [String]) {
        if self.ranges.is_empty() {
            return;
        }
        for (column, cell) in (0_u32..).zip(cells) {
            if let Some(last) = self.ranges.get(&(row, column)) {
                self.reaching.insert(column, (*last, cell.clone()));
                let message = format!(
                    "\"{}\" counts for all rows to {}: the cells are merged",
                    super::address::shown(cell),
                    last + 1
                );
                if self.counted.len() < super::told::TOLD {
                    self.counted.push(Problem::note(row + 1, message));
                }
            } else if let Some((last, value)) = self.reaching.get(&column)
                && row <= *last
                && cell.is_empty()
            {
                cell.clone_from(value);
            }
        }
    }

    pub(super) fn notes(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.counted)
    }
}
