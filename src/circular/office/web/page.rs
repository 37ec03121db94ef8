//! The tree of a page becomes paragraphs, list items and tables.

use super::{
    super::{
        document::{Block, Document, Gap, Kind, Marker, Paragraph, Row, Span, Style, Table},
        raised::raised,
    },
    look::{Part, Type, is_tight, marker, part, word_level},
    tree::{Element, Node, is_block},
};
use crate::circular::office::word::{Seen, list_number};

/// What is known of the block around a text.
#[derive(Debug, Clone, Default)]
struct Around {
    /// The lists around it.
    lists: Vec<List>,
    kind: Kind,
    gap: Gap,
}

/// A list, and what its next item begins with.
#[derive(Debug, Clone)]
struct List {
    /// `decimal` and the like; `None`: bullets.
    format: Option<&'static str>,
    printed: bool,
    next: u32,
}

/// Reads one page.
#[derive(Default)]
pub(super) struct Page {
    blocks: Vec<Block>,
    /// The paragraph under way.
    spans: Vec<Span>,
    /// Its marker, as Word or a list gives it.
    marker: Option<(u8, Marker)>,
    place: u32,
    line: u32,
    seen: Seen,
}

impl Page {
    pub fn read(root: &Element) -> Document {
        let mut page = Self::default();
        let mut around = Around { gap: Gap::None, ..Around::default() };
        page.nodes(root, &Type::default(), &mut around);
        page.flush(&around);
        Document { blocks: page.blocks, problems: page.seen.problems(), ..Document::default() }
    }

    fn nodes(&mut self, parent: &Element, style: &Type, around: &mut Around) {
        for node in &parent.nodes {
            match node {
                Node::Text(text, line) => {
                    self.line = *line;
                    self.text(text, style);
                }
                Node::Element(element) => self.element(element, style, around),
            }
        }
    }

    fn element(&mut self, element: &Element, style: &Type, around: &mut Around) {
        let prints = || !element.text().trim().is_empty();
        match part(element) {
            Part::Text => self.printed(element, style, around),
            Part::Program => {}
            Part::Picture => self.seen.pictures.at(self.line),
            Part::Formula => {
                let message = "a formula cannot be sent in the letter: write it in words, or send it as an annex";
                self.seen.error(self.line, message);
            }
            Part::Form => {
                let message = "a form to fill in cannot be sent in the letter: send it as an annex, or link to it";
                self.seen.warn(self.line, message);
            }
            Part::Navigation => self.seen.warn(self.line, "the page's navigation is left out"),
            Part::Hidden if prints() => self.seen.hidden.at(self.line),
            Part::Hidden => {}
            Part::Comment => self.seen.comments.at(self.line),
            Part::Deleted => self.seen.changes.at(self.line),
            Part::Inserted => {
                self.seen.changes.at(self.line);
                self.nodes(element, style, around);
            }
            Part::Footnotes => {
                self.flush(around);
                self.blocks.push(Block::Rule(self.line));
                self.nodes(element, style, &mut Around::default());
                self.flush(around);
            }
            Part::Marker => {
                let level = self.marker.take().map_or(0, |(level, _)| level);
                self.marker = Some((level, marker(&element.text())));
            }
            Part::Tab => self.push("\t", style),
        }
    }

    fn printed(&mut self, element: &Element, outer: &Type, around: &mut Around) {
        let style = outer.inside(element);
        match element.name.as_str() {
            "br" => self.push("\n", outer),
            "hr" => {
                self.flush(around);
                // the rule above Word's footnotes stands in their list
                if !matches!(self.blocks.last(), Some(Block::Rule(_))) {
                    self.blocks.push(Block::Rule(self.line));
                }
            }
            "a" => self.link(element, style, around),
            "table" => {
                self.flush(around);
                let table = self.table(element, &style);
                self.blocks.push(Block::Table(table));
            }
            "ul" | "ol" | "menu" | "dir" => self.list(element, &style, around),
            "li" => self.item(element, &style, around),
            name if is_block(name) || matches!(name, "td" | "th" | "tr" | "caption" | "body" | "html") => {
                self.block(element, &style, around);
            }
            _ => self.nodes(element, &style, around),
        }
    }

    fn link(&mut self, element: &Element, mut style: Type, around: &mut Around) {
        let target = element.attribute("href").map(|target| target.trim().to_owned());
        match target.as_deref() {
            Some("" | "#") => {
                let shown: String =
                    element.text().split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
                let message = format!("a link without a target: \"{shown}\": printed as plain text");
                self.seen.warn(self.line, message);
            }
            // a place in the page itself
            Some(place) if place.starts_with('#') => {}
            Some(_) => style.link = target,
            None => {}
        }
        self.nodes(element, &style, around);
    }

    fn block(&mut self, element: &Element, style: &Type, around: &mut Around) {
        self.flush(around);
        let kind = match element.name.as_str() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Kind::Heading(element.name[1..].parse().unwrap_or(6)),
            _ => Kind::Text,
        };
        let gap = if is_tight(element) { Gap::None } else { Gap::Wide };
        if let Some(level) = word_level(element) {
            self.marker = Some((level, Marker::Bullet));
        }
        let mut inner = Around { lists: around.lists.clone(), kind, gap };
        self.nodes(element, style, &mut inner);
        let blank = self.spans.iter().all(|span| span.text.trim().is_empty());
        if blank && element.name == "p" {
            // an empty paragraph is a blank line
            self.spans.clear();
            self.blocks.push(Block::Paragraph(Paragraph { place: self.line, ..Paragraph::default() }));
        }
        self.flush(&inner);
        // what is left of a marker is no other paragraph's
        if word_level(element).is_some() {
            self.marker = None;
        }
    }

    fn list(&mut self, element: &Element, style: &Type, around: &mut Around) {
        self.flush(around);
        let shape = element.style("list-style-type").or(element.style("list-style")).unwrap_or_default();
        let format = match (element.name.as_str(), element.attribute("type"), shape.as_str()) {
            (_, _, "none") => Some("none"),
            ("ol", Some("a"), _) | (_, _, "lower-alpha" | "lower-latin") => Some("lowerLetter"),
            ("ol", Some("A"), _) | (_, _, "upper-alpha" | "upper-latin") => Some("upperLetter"),
            ("ol", Some("i"), _) | (_, _, "lower-roman") => Some("lowerRoman"),
            ("ol", Some("I"), _) | (_, _, "upper-roman") => Some("upperRoman"),
            ("ol", _, "disc" | "circle" | "square") => None,
            ("ol", _, _) => Some("decimal"),
            _ => None,
        };
        let next = element.attribute("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
        let printed = !matches!(format, None | Some("decimal"));
        let mut inner = Around { lists: around.lists.clone(), kind: Kind::Text, gap: Gap::None };
        inner.lists.push(List { format, printed, next });
        self.nodes(element, style, &mut inner);
        self.flush(&inner);
    }

    fn item(&mut self, element: &Element, style: &Type, around: &mut Around) {
        self.flush(around);
        let level = u8::try_from(around.lists.len().saturating_sub(1)).unwrap_or(8).min(8);
        let marker = match around.lists.last_mut() {
            None => Some(Marker::Bullet),
            Some(list) => {
                let given = element.attribute("value").and_then(|value| value.trim().parse().ok());
                let number = given.unwrap_or(list.next);
                list.next = number.saturating_add(1);
                match list.format {
                    None => Some(Marker::Bullet),
                    Some("none") => None,
                    Some(format) if list.printed => Some(Marker::Printed(format!("{}.", list_number(number, format)))),
                    Some(_) => Some(Marker::Number(number)),
                }
            }
        };
        self.marker = marker.map(|marker| (level, marker));
        let mut inner = Around { lists: around.lists.clone(), kind: Kind::Text, gap: Gap::None };
        self.nodes(element, style, &mut inner);
        self.flush(&inner);
        self.marker = None;
    }

    fn table(&mut self, element: &Element, style: &Type) -> Table {
        let mut table = Table::default();
        self.rows(element, style, &mut table);
        table
    }

    fn rows(&mut self, parent: &Element, style: &Type, table: &mut Table) {
        for element in parent.elements() {
            let hidden = part(element);
            match element.name.as_str() {
                _ if hidden != Part::Text => self.element(element, style, &mut Around::default()),
                "tr" => {
                    let row = self.row(element, &style.inside(element));
                    table.rows.push(row);
                }
                "caption" => {
                    let cell = self.cell(element, &style.inside(element));
                    self.blocks.extend(cell);
                }
                "td" | "th" => {
                    let cell = self.cell(element, &style.inside(element));
                    table.rows.push(vec![cell]);
                }
                _ => self.rows(element, &style.inside(element), table),
            }
        }
    }

    fn row(&mut self, parent: &Element, style: &Type) -> Row {
        /// Beyond it a table is no table of a letter.
        const MOST: usize = 63;
        let mut row = Row::new();
        for element in parent.elements() {
            if part(element) != Part::Text {
                self.element(element, style, &mut Around::default());
                continue;
            }
            let cell = self.cell(element, &style.inside(element));
            let span =
                element.attribute("colspan").and_then(|span| span.trim().parse().ok()).unwrap_or(1).clamp(1, MOST);
            row.push(cell);
            row.resize(row.len() + span - 1, Vec::new());
        }
        row
    }

    /// The blocks of a cell.
    fn cell(&mut self, element: &Element, style: &Type) -> Vec<Block> {
        let outer = std::mem::take(&mut self.blocks);
        let mut around = Around { gap: Gap::None, ..Around::default() };
        self.nodes(element, style, &mut around);
        self.flush(&around);
        std::mem::replace(&mut self.blocks, outer)
    }

    fn text(&mut self, text: &str, style: &Type) {
        let text: String = text.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}')).collect();
        if style.preformatted {
            return self.push(&text, style);
        }
        // HTML's own white space is one space; others are characters of the text
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        let mut collapsed = String::with_capacity(text.len());
        for c in text.chars() {
            if !is_space(c) {
                collapsed.push(c);
            } else if !collapsed.ends_with(' ') {
                collapsed.push(' ');
            }
        }
        let above = self.spans.last().and_then(|span| span.text.chars().next_back());
        let shown = match above {
            None | Some(' ' | '\n') => collapsed.trim_start_matches(' '),
            Some(_) => &collapsed,
        };
        self.push(shown, style);
    }

    fn push(&mut self, text: &str, style: &Type) {
        if text.is_empty() {
            return;
        }
        if self.spans.iter().all(|span| span.text.trim().is_empty()) {
            self.place = self.line;
        }
        if style.struck && !text.trim().is_empty() {
            let shown: String = text.trim().chars().take(40).collect();
            let message =
                format!("\"{shown}\" is struck through, which a letter cannot show: delete it, or restore it");
            self.seen.error(self.line, message);
        }
        let text = style.raised.map_or(text.to_owned(), |how| raised(text, how));
        let style = Style { bold: style.bold, italic: style.italic, link: style.link.clone() };
        match self.spans.last_mut().filter(|last| last.style == style) {
            Some(last) => last.text.push_str(&text),
            None => self.spans.push(Span { text, style }),
        }
    }

    /// Ends the paragraph under way.
    fn flush(&mut self, around: &Around) {
        let spans = std::mem::take(&mut self.spans);
        let breaks: usize = spans.iter().map(|span| span.text.matches('\n').count()).sum();
        if spans.iter().all(|span| span.text.trim().is_empty()) {
            if breaks > 0 {
                self.blocks.push(Block::Paragraph(Paragraph { place: self.line, ..Paragraph::default() }));
            }
            return;
        }
        let kind = match self.marker.take() {
            Some((level, marker)) => Kind::Item(level, marker),
            None => around.kind.clone(),
        };
        self.blocks.push(Block::Paragraph(Paragraph { place: self.place, kind, spans, gap: around.gap }));
    }
}
