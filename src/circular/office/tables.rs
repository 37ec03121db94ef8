//! Tables: those that lay out a letter become lines, those that hold data stay tables.
//!
//! A field and its value stand in neighbouring cells, or their labels in one cell and their values in the next: they are
//! read in the order in which a person reads them. Where labels and values do not pair, that is an error, since a value
//! read under the wrong label would reach the wrong offices.

use super::{
    super::{Problem, fold::breadth, labels::label, words::Field},
    document::{Block, Cell, Gap, Paragraph, Row, Table, is_blank, paragraphs},
    regions::{Regions, field, is_framed},
};

/// Puts what tables lay out into the flow of the text; tables of data stay.
pub(super) fn laid_out(blocks: Vec<Block>, problems: &mut Vec<Problem>) -> Vec<Block> {
    let blocks = without_frames(blocks);
    let regions = Regions::of(&blocks);
    let mut out = Vec::with_capacity(blocks.len());
    for (at, block) in blocks.into_iter().enumerate() {
        let Block::Table(table) = block else {
            out.push(block);
            continue;
        };
        if at < regions.text || has_fields(&table) {
            head(table, &mut out, problems);
        } else if at > regions.closing && is_signature(&table) {
            columns(table, &mut out);
        } else {
            out.push(Block::Table(table));
        }
    }
    out
}

/// Tables of one column, and tables that hold paragraphs of a letter, are frames around them.
fn without_frames(blocks: Vec<Block>) -> Vec<Block> {
    let mut out = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block {
            Block::Table(mut table) => {
                for cell in table.rows.iter_mut().flatten() {
                    let framed = is_framed(cell);
                    *cell = without_frames(std::mem::take(cell));
                    if framed {
                        cell.push(blank(0));
                    }
                }
                table.rows.retain(|row| !row.iter().all(|cell| is_blank(cell)));
                let single = table.columns() == 1 || (table.rows.len() == 1 && filled(&table.rows[0]).count() == 1);
                let framed = table.rows.iter().flatten().any(|cell| is_framed(cell));
                if single || framed {
                    table.rows.into_iter().flatten().for_each(|cell| push(cell, &mut out));
                } else if !table.rows.is_empty() {
                    out.push(Block::Table(table));
                }
            }
            other => out.push(other),
        }
    }
    out
}

fn filled(row: &Row) -> impl Iterator<Item = &Cell> {
    row.iter().filter(|cell| !is_blank(cell))
}

fn blank(place: u32) -> Block {
    Block::Paragraph(Paragraph { place, ..Paragraph::default() })
}

/// A cell's blocks, and a blank line below them.
fn push(cell: Cell, out: &mut Vec<Block>) {
    if !is_blank(&cell) {
        let place = paragraphs(&cell).last().map_or(0, |last| last.place);
        out.extend(cell);
        out.push(blank(place));
    }
}

/// Whether a row begins with the label of a field, as a block of To and Copy below the salutation does.
fn has_fields(table: &Table) -> bool {
    table.rows.iter().any(|row| {
        let first = row.iter().find(|cell| !is_blank(cell));
        let first = first.and_then(|cell| paragraphs(cell).find(|paragraph| !paragraph.is_blank()));
        first.is_some_and(|paragraph| field(paragraph.plain().trim()).is_some_and(|label| label.colon))
    })
}

/// Names and offices side by side: few short cells.
fn is_signature(table: &Table) -> bool {
    const BROADEST: usize = 80;
    let short = |cell: &Cell| paragraphs(cell).all(|p| p.plain().split('\n').all(|line| breadth(line) <= BROADEST));
    (2..=3).contains(&table.columns()) && table.rows.len() <= 8 && table.rows.iter().flatten().all(short)
}

/// One column after the other.
fn columns(table: Table, out: &mut Vec<Block>) {
    let mut rows = table.rows;
    for column in 0..rows.iter().map(Vec::len).max().unwrap_or(0) {
        let cells: Vec<Block> =
            rows.iter_mut().filter_map(|row| row.get_mut(column)).flat_map(std::mem::take).collect();
        push(close(cells), out);
    }
}

/// Paragraphs of one cell are lines of one block.
fn close(mut cell: Cell) -> Cell {
    for block in &mut cell {
        if let Block::Paragraph(paragraph) = block {
            paragraph.gap = Gap::None;
        }
    }
    cell
}

/// The head's tables: row by row; lists that stand below their labels, column by column.
fn head(table: Table, out: &mut Vec<Block>, problems: &mut Vec<Problem>) {
    if stands_below_labels(&table) {
        return columns(table, out);
    }
    for row in table.rows {
        let mut cells: Vec<Cell> =
            row.into_iter().filter(|cell| !is_blank(cell) && !is_colon(cell)).map(close).collect();
        let mut at = 0;
        while at < cells.len() {
            let labels = bare_labels(&cells[at]);
            let cell = std::mem::take(&mut cells[at]);
            at += 1;
            if labels < 2 || at == cells.len() {
                // the value of a single label stands straight below it
                out.extend(cell);
                continue;
            }
            let values = std::mem::take(&mut cells[at]);
            at += 1;
            pair(cell, values, out, problems);
        }
        out.push(blank(0));
    }
}

/// "To" and "Copy" as heads of columns.
fn stands_below_labels(table: &Table) -> bool {
    let is_list = |cell: &&Cell| {
        let mut lines = paragraphs(cell).filter(|paragraph| !paragraph.is_blank());
        let first = lines.next().map(Paragraph::plain).unwrap_or_default();
        let label = label(first.trim()).filter(|label| label.rest.is_empty());
        lines.next().is_none()
            && label.is_some_and(|label| matches!(label.field, Field::To | Field::Copy | Field::Distribution))
    };
    let Some((first, rest)) = table.rows.split_first() else { return false };
    !rest.is_empty() && first.iter().filter(is_list).count() >= 2
}

/// A colon in a column of its own, between labels and values.
fn is_colon(cell: &Cell) -> bool {
    let text: String = paragraphs(cell).map(Paragraph::plain).collect();
    matches!(text.trim(), ":" | "：")
}

/// How many labels without values a cell holds, if it holds nothing else.
fn bare_labels(cell: &Cell) -> usize {
    let lines: Vec<String> = paragraphs(cell).filter(|p| !p.is_blank()).map(Paragraph::plain).collect();
    let bare = |line: &String| label(line.trim()).is_some_and(|label| label.rest.is_empty());
    if lines.iter().all(bare) { lines.len() } else { 0 }
}

/// Labels stacked in one cell, their values in the next.
fn pair(labels: Cell, values: Cell, out: &mut Vec<Block>, problems: &mut Vec<Problem>) {
    let without_blanks = |cell: &Cell| -> Cell {
        let blank = |block: &Block| matches!(block, Block::Paragraph(paragraph) if paragraph.is_blank());
        cell.iter().filter(|block| !blank(block)).cloned().collect()
    };
    let (short_labels, short_values) = (without_blanks(&labels), without_blanks(&values));
    let (labels, values) = match labels.len() == values.len() {
        true => (labels, values),
        false => (short_labels, short_values),
    };
    if labels.len() != values.len() {
        let names: Vec<String> = paragraphs(&labels).map(|label| label.plain().trim().to_owned()).collect();
        let place = paragraphs(&labels).next().map_or(0, |label| label.place);
        let message = format!(
            "a table has {} labels ({}) in one cell and {} lines in the next: give each label a row of its own",
            labels.len(),
            names.join(", "),
            values.len()
        );
        problems.push(Problem::error(place, message));
    }
    let (mut labels, mut values) = (labels.into_iter(), values.into_iter());
    loop {
        let (label, value) = (labels.next(), values.next());
        if label.is_none() && value.is_none() {
            return;
        }
        out.extend(label);
        out.extend(value);
    }
}
