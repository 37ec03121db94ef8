//! What Word and the web have in common: paragraphs, list items, tables, and what was found while they were read.

use super::super::Problem;

/// A letter as its program keeps it, before it is written as lines.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The header of the first page, which stands above the text on paper.
    pub letterhead: Vec<Block>,
    pub blocks: Vec<Block>,
    /// What the reader found; their lines are places of the source.
    pub problems: Vec<Problem>,
}

#[derive(Debug, Clone)]
pub(super) enum Block {
    Paragraph(Paragraph),
    Table(Table),
    /// A rule across the page.
    Rule(u32),
}

#[derive(Debug, Clone, Default)]
pub(super) struct Paragraph {
    /// Where it stands in the source: the number of the paragraph, or the line.
    pub place: u32,
    pub kind: Kind,
    pub spans: Vec<Span>,
    /// What stands between it and the paragraph below.
    pub gap: Gap,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Text,
    /// 1 to 6.
    Heading(u8),
    /// An item of a list; the outermost level is 0.
    Item(u8, Marker),
}

/// What stands before an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker {
    Bullet,
    /// `3.`
    Number(u32),
    /// `b)`, `1.2`: Markdown has no such list, so that it is printed as text.
    Printed(String),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Gap {
    /// As between paragraphs.
    #[default]
    Wide,
    /// None: the next paragraph looks like the next line of this one.
    None,
}

/// Text in one type; `\n` is a line break.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub text: String,
    pub style: Style,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub bold: bool,
    pub italic: bool,
    /// Where it leads.
    pub link: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub rows: Vec<Row>,
}

/// Cells from the first column on; a cell that spans several columns is followed by empty ones.
pub(super) type Row = Vec<Cell>;

/// What stands in a cell.
pub(super) type Cell = Vec<Block>;

impl Paragraph {
    /// The text without its type; `\n` is a line break.
    pub fn plain(&self) -> String {
        let mut plain: String = self.spans.iter().map(|span| span.text.as_str()).collect();
        if let Kind::Item(_, Marker::Printed(marker)) = &self.kind {
            plain.insert_str(0, &format!("{marker} "));
        }
        plain
    }

    pub fn is_blank(&self) -> bool {
        self.spans.iter().all(|span| span.text.chars().all(super::super::fold::is_blank))
    }
}

impl Table {
    pub fn columns(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }
}

/// The paragraphs of blocks, tables inside them left out.
pub(super) fn paragraphs(blocks: &[Block]) -> impl Iterator<Item = &Paragraph> {
    blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        _ => None,
    })
}

/// Lines and octets of text, tables included.
pub(super) fn size(blocks: &[Block]) -> (usize, usize) {
    let add = |(lines, octets): (usize, usize), (more, others): (usize, usize)| (lines + more, octets + others);
    let of_block = |block: &Block| match block {
        Block::Paragraph(paragraph) => {
            let breaks = |span: &Span| span.text.bytes().filter(|octet| *octet == b'\n').count();
            let texts = paragraph.spans.iter().map(|span| (breaks(span), span.text.len()));
            texts.fold((1, 0), add)
        }
        Block::Table(table) => table.rows.iter().flatten().map(|cell| size(cell)).fold((0, 0), add),
        Block::Rule(_) => (1, 0),
    };
    blocks.iter().map(of_block).fold((0, 0), add)
}

/// Whether anything is printed.
pub(super) fn is_blank(blocks: &[Block]) -> bool {
    blocks.iter().all(|block| match block {
        Block::Paragraph(paragraph) => paragraph.is_blank(),
        Block::Table(table) => table.rows.iter().flatten().all(|cell| is_blank(cell)),
        Block::Rule(_) => true,
    })
}
