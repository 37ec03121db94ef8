//! Prose to plain text: the part that every reader, archive and screen reader understands. It says all that the HTML part
//! says, each link's target included.
//!
//! Each block is put into the layout as a single mark and laid out afterwards: at once where it is the same for everyone,
//! at dispatch where it holds an addressee's data, since only then is it known where its lines end.

use serde::{Deserialize, Serialize};

use super::{
    prose::{self, Align, Block, Inline, List, Spacing, Table},
    slot::{self, Piece},
    wrap,
};

/// In letters a tab stands after the number of a paragraph and after the label of a line: two spaces that are kept.
const TAB: &str = "\u{F1003}\u{F1003}";

/// A stretch of the text part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextPiece {
    /// Lines that are the same for everyone.
    Fixed(String),
    /// Wrapped when the addressee is known.
    Flow {
        /// Before the first line.
        first: String,
        /// Before all others.
        rest: String,
        /// The text; a line feed begins a new line.
        content: Vec<Piece>,
    },
    /// Aligned when the addressee is known.
    Grid {
        /// Before every line.
        prefix: String,
        /// How each column is aligned.
        columns: Vec<Align>,
        /// Rows of cells; the first row is the head.
        rows: Vec<Vec<Vec<Piece>>>,
    },
    /// Only in letters that go out as a copy, for information.
    ForCopies(Vec<TextPiece>),
}

/// A block that waits to be laid out; slots still stand in it as marks.
#[derive(Debug)]
pub(super) enum Waiting {
    Flow { first: String, rest: String, content: String },
    Grid { prefix: String, columns: Vec<Align>, rows: Vec<Vec<String>> },
}

/// Renders blocks to lines of marks; the blocks themselves are added to `waiting`.
pub(super) fn blocks(blocks: &[Block], waiting: &mut Vec<Waiting>) -> String {
    let mut writer = Writer { waiting, out: String::new() };
    writer.blocks(blocks, "", "", Spacing::Loose);
    writer.out
}

struct Writer<'a> {
    waiting: &'a mut Vec<Waiting>,
    out: String,
}

impl Writer<'_> {
    fn blocks(&mut self, blocks: &[Block], first: &str, rest: &str, spacing: Spacing) {
        for (number, block) in blocks.iter().enumerate() {
            if number > 0 && spacing == Spacing::Loose {
                self.out.push_str(rest.trim_end());
                self.out.push('\n');
            }
            self.block(block, if number == 0 { first } else { rest }, rest);
        }
    }

    fn block(&mut self, block: &Block, first: &str, rest: &str) {
        match block {
            Block::Paragraph(content) | Block::Heading(_, content) => self.flow(first, rest, inlines(content)),
            Block::List(list) => self.list(list, first, rest),
            Block::Quote(inner) => {
                self.blocks(inner, &format!("{first}> "), &format!("{rest}> "), Spacing::Loose);
            }
            Block::Verbatim(content) => self.verbatim(content, first, rest),
            Block::Table(table) => self.table(table, rest),
            Block::Rule => self.flow(first, rest, "-".repeat(20)),
        }
    }

    fn list(&mut self, list: &List, first: &str, rest: &str) {
        let last = list.first.map(|number| number.saturating_add(list.items.len()).saturating_sub(1).to_string());
        for (number, item) in list.items.iter().enumerate() {
            if number > 0 && list.spacing == Spacing::Loose {
                self.out.push_str(rest.trim_end());
                self.out.push('\n');
            }
            let marker = match (list.first, &last) {
                (Some(start), Some(last)) => format!("{:>1$}. ", start.saturating_add(number), last.len()),
                _ => "- ".to_owned(),
            };
            let hanging = format!("{rest}{}", " ".repeat(marker.len()));
            let lead = format!("{}{marker}", if number == 0 { first } else { rest });
            if item.is_empty() {
                self.flow(&lead, &hanging, String::new());
            }
            self.blocks(item, &lead, &hanging, list.spacing);
        }
    }

    /// Each line for itself, its spaces kept.
    fn verbatim(&mut self, content: &str, first: &str, rest: &str) {
        for (number, line) in content.split('\n').enumerate() {
            let kept = line.replace('\t', "    ").replace(' ', slot::KEPT_SPACE);
            self.flow(if number == 0 { first } else { rest }, rest, kept);
        }
    }

    fn table(&mut self, table: &Table, prefix: &str) {
        let rows =
            table.rows.iter().map(|row| row.iter().map(|cell| inlines(cell).replace('\n', " ")).collect()).collect();
        self.wait(Waiting::Grid { prefix: prefix.to_owned(), columns: table.columns.clone(), rows });
    }

    fn flow(&mut self, first: &str, rest: &str, content: String) {
        self.wait(Waiting::Flow { first: first.to_owned(), rest: rest.to_owned(), content });
    }

    fn wait(&mut self, block: Waiting) {
        if let Some(mark) = slot::block_mark(self.waiting.len()) {
            self.out.push(mark);
            self.out.push('\n');
            self.waiting.push(block);
        }
    }
}

/// Running text. A link is followed by its target, unless it shows it.
pub(super) fn inlines(content: &[Inline]) -> String {
    let mut out = String::new();
    for (number, inline) in content.iter().enumerate() {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(&text.replace('\t', TAB)),
            Inline::Strong(inner) => {
                out.push('*');
                out.push_str(&inlines(inner));
                out.push('*');
            }
            Inline::Emphasis(inner) => out.push_str(&inlines(inner)),
            Inline::Break => out.push('\n'),
            Inline::Link { href, content: shown } => push_link(href, shown, content.get(number + 1), &mut out),
        }
    }
    out
}

fn push_link(href: &str, content: &[Inline], next: Option<&Inline>, out: &mut String) {
    let address = match href.strip_prefix("mailto:") {
        Some(address) if !address.contains(['?', '%']) => address,
        _ => href,
    };
    let shown = prose::plain(content);
    if shown.trim() != address && shown.trim() != href {
        out.push_str(&inlines(content));
        out.push_str(&format!(" <{address}>"));
    } else if next.is_some_and(goes_on) {
        // RFC 3986 Appendix C: where no space ends an address, brackets do.
        out.push_str(&format!("<{address}>"));
    } else {
        out.push_str(address);
    }
}

/// Whether the text after an address could be taken for a part of it.
fn goes_on(next: &Inline) -> bool {
    matches!(next, Inline::Text(text) if text.starts_with(|c: char| !c.is_ascii() && !c.is_whitespace()))
}

/// Lays out what a text layout gave: marks become blocks, other lines are wrapped.
pub(super) fn lay_out(laid: &str, waiting: &[Waiting]) -> Vec<TextPiece> {
    let mut pieces = Pieces::default();
    let mut rest = laid;
    while let Some((before, after)) = rest.split_once(slot::COPIES_BEGIN) {
        pieces.lines(before, waiting);
        let (inside, after) = after.split_once(slot::COPIES_END).unwrap_or((after, ""));
        let mut marked = Pieces::default();
        marked.lines(inside, waiting);
        pieces.take_copies(marked);
        rest = after;
    }
    pieces.lines(rest, waiting);
    pieces.finish()
}

#[derive(Default)]
struct Pieces {
    done: Vec<TextPiece>,
    fixed: String,
    /// Blank lines seen and not yet written: several are one, and none stands at the beginning or the end.
    gap: bool,
}

impl Pieces {
    fn lines(&mut self, text: &str, waiting: &[Waiting]) {
        for line in text.lines() {
            let line = line.trim_end();
            let mut characters = line.trim_start().chars();
            match (characters.next(), characters.next()) {
                (None, _) => self.gap = true,
                (Some(mark), None) if slot::block_of(mark).is_some_and(|number| number < waiting.len()) => {
                    if let Some(block) = slot::block_of(mark).and_then(|number| waiting.get(number)) {
                        self.block(block);
                    }
                }
                _ => self.layout_line(line),
            }
        }
    }

    fn layout_line(&mut self, line: &str) {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        let hanging = if content.starts_with("- ") { format!("{indent}  ") } else { indent.to_owned() };
        self.flow(indent, &hanging, content);
    }

    fn block(&mut self, block: &Waiting) {
        match block {
            Waiting::Flow { first, rest, content } => self.flow(first, rest, content),
            Waiting::Grid { prefix, columns, rows } => {
                self.begin();
                if rows.iter().flatten().any(|cell| slot::has_slot(cell)) {
                    let rows = rows.iter().map(|row| row.iter().map(|cell| slot::cut(cell)).collect()).collect();
                    self.push(TextPiece::Grid { prefix: prefix.clone(), columns: columns.clone(), rows });
                } else {
                    super::grid::lay_out(prefix, columns, rows, &mut self.fixed);
                }
            }
        }
    }

    fn flow(&mut self, first: &str, rest: &str, content: &str) {
        self.begin();
        if slot::has_slot(content) {
            let (first, rest) = (first.to_owned(), rest.to_owned());
            self.push(TextPiece::Flow { first, rest, content: slot::cut(content) });
        } else {
            wrap::wrap(content, first, rest, &mut self.fixed);
        }
    }

    fn begin(&mut self) {
        let at_start = self.done.is_empty() && self.fixed.is_empty();
        if std::mem::take(&mut self.gap) && !at_start {
            self.fixed.push_str(wrap::LINE_END);
        }
    }

    fn push(&mut self, piece: TextPiece) {
        if !self.fixed.is_empty() {
            self.done.push(TextPiece::Fixed(std::mem::take(&mut self.fixed)));
        }
        self.done.push(piece);
    }

    /// What copies show, with the blank line after it.
    fn take_copies(&mut self, mut marked: Pieces) {
        if marked.gap {
            marked.fixed.push_str(wrap::LINE_END);
        }
        self.begin();
        self.push(TextPiece::ForCopies(marked.finish()));
    }

    fn finish(mut self) -> Vec<TextPiece> {
        if !self.fixed.is_empty() {
            self.done.push(TextPiece::Fixed(self.fixed));
        }
        self.done
    }
}
