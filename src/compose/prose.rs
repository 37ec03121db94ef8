//! Prose: what a letter's text can consist of, between Markdown and its two forms, HTML and plain text.
//!
//! Smaller than Markdown: there is no node here for HTML, images or a link that must not be sent, so neither renderer
//! can let one through.

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    /// Level 1 to 6.
    Heading(u8, Vec<Inline>),
    List(List),
    Quote(Vec<Block>),
    /// Kept line by line, as typed.
    Verbatim(String),
    Table(Table),
    Rule,
}

/// A list; `first` is the number of its first item where it is numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    pub first: Option<usize>,
    /// No blank lines between its items.
    pub spacing: Spacing,
    pub items: Vec<Vec<Block>>,
}

/// Whether the items of a list stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    Tight,
    Loose,
}

/// A table; the first row is its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub columns: Vec<Align>,
    pub rows: Vec<Vec<Vec<Inline>>>,
}

/// How a column is aligned; `Start` is the side where the script begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the side where the script begins.
    Start,
    /// In the middle.
    Center,
    /// At the other side.
    End,
}

/// Running text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inline {
    Text(String),
    Strong(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Code(String),
    Link { href: String, content: Vec<Inline> },
    Break,
}

/// The text alone.
pub(super) fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Link { content: inner, .. } => {
                out.push_str(&plain(inner));
            }
            Inline::Break => out.push(' '),
        }
    }
    out
}
