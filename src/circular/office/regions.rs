//! Which part of a letter a block stands in: the printed head, the text, or what is below its closing.
//!
//! Tables are read by it: in the head they lay out fields, in the text they are data, below the closing they set the
//! signatories side by side.

use super::{
    super::{
        fold::breadth,
        formulas::{is_closing, is_salutation, signature_mark},
        labels::{Label, label},
        words::Field,
    },
    document::{Block, Kind, Paragraph, is_blank, paragraphs},
};

/// Indices of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Regions {
    /// The salutation, or the first full paragraph.
    pub text: usize,
    /// The closing, or the mark in place of a signature.
    pub closing: usize,
}

impl Regions {
    pub fn of(blocks: &[Block]) -> Self {
        let text = blocks.iter().position(begins_text).unwrap_or(blocks.len());
        let closing = blocks.iter().skip(text).position(|block| any_line(block, closes)).map(|at| at + text);
        Self { text, closing: closing.unwrap_or(blocks.len()) }
    }
}

fn begins_text(block: &Block) -> bool {
    any_line(block, is_salutation) || matches!(block, Block::Paragraph(paragraph) if is_full(paragraph))
}

fn closes(line: &str) -> bool {
    is_closing(line) || signature_mark(line).is_some()
}

fn any_line(block: &Block, is: fn(&str) -> bool) -> bool {
    matches!(block, Block::Paragraph(paragraph) if paragraph.plain().split('\n').any(is))
}

/// Prose: a long paragraph, or one that a sentence fills; never a labelled or listed field.
pub(super) fn is_full(paragraph: &Paragraph) -> bool {
    const LONG: usize = 110;
    const FILLED: usize = 60;
    let plain = paragraph.plain();
    let longest = plain.split('\n').map(breadth).max().unwrap_or(0);
    let stops = plain.trim_end().ends_with(['.', '。', '؟', '?', '!']);
    paragraph.kind == Kind::Text && label(plain.trim()).is_none() && (longest >= LONG || (longest >= FILLED && stops))
}

/// The label of a field that a letter's reader asks for, if a text bears one.
pub(super) fn field(text: &str) -> Option<Label<'_>> {
    let asked = |label: &Label| {
        matches!(label.field, Field::To | Field::Copy | Field::Distribution | Field::Reference | Field::Subject)
    };
    label(text).filter(asked)
}

/// Whether a cell is laid out rather than filled: tables in it, the salutation or the closing, several paragraphs of
/// prose.
pub(super) fn is_framed(cell: &[Block]) -> bool {
    /// A cell of data has a few short lines.
    const MOST: usize = 4;
    let table = cell.iter().any(|block| matches!(block, Block::Table(table) if !is_blank_table(table)));
    let formula = cell.iter().any(|block| any_line(block, |line| is_salutation(line) || is_closing(line)));
    let filled = paragraphs(cell).filter(|paragraph| !paragraph.is_blank()).count();
    table || formula || (filled >= MOST && paragraphs(cell).any(is_full))
}

fn is_blank_table(table: &super::document::Table) -> bool {
    table.rows.iter().flatten().all(|cell| is_blank(cell))
}
