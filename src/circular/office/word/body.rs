//! The blocks of a part: paragraphs with their markers, tables with their cells, notes below the text.

use super::{
    super::{
        document::{Block, Gap, Kind, Marker, Paragraph, Row, Span, Table},
        raised::{Raised, raised},
    },
    fields,
    lists::Lists,
    package::Relationships,
    seen::Seen,
    styles::{Look, Styles},
    xml::Element,
};

/// Twentieths of a point; what stands closer looks like the next line.
const GAP: u32 = 60;

/// Reads the parts of one document; numbers, fields and notes run through all of it.
pub(super) struct Reader {
    pub(super) styles: Styles,
    pub(super) lists: Lists,
    pub(super) seen: Seen,
    /// The paragraph that is read; blank ones are not counted.
    pub(super) place: u32,
    pub(super) fields: Vec<fields::Open>,
    /// Text boxes that hang on the paragraph that is read.
    pub(super) boxes: Vec<Block>,
    /// Notes that the text refers to, with the paragraph that does.
    pub(super) references: Vec<Reference>,
    /// Text whose paragraph mark was deleted: it goes on in the next paragraph.
    pending: Vec<Span>,
    /// Page numbers in the paragraph that is read.
    pub(super) page_numbers: usize,
}

/// A reference to a note.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub kind: Note,
    pub id: String,
    place: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    Foot,
    End,
}

impl Reader {
    pub fn new(styles: Option<&Element>, numbering: Option<&Element>) -> Self {
        Self {
            styles: Styles::of(styles),
            lists: Lists::of(numbering),
            seen: Seen::default(),
            place: 0,
            fields: Vec::new(),
            boxes: Vec::new(),
            references: Vec::new(),
            pending: Vec::new(),
            page_numbers: 0,
        }
    }

    /// The blocks of an element that holds blocks.
    pub fn blocks(&mut self, parent: &Element, links: &Relationships) -> Vec<Block> {
        let mut out = Vec::new();
        for element in parent.elements() {
            match element.name.as_str() {
                "w:p" => self.paragraph(element, links, &mut out),
                "w:tbl" => {
                    let table = self.table(element, links);
                    out.push(Block::Table(table));
                }
                "w:sdt" => {
                    if let Some(content) = self.content_of(element) {
                        out.extend(self.blocks(content, links));
                    }
                }
                "w:customXml" | "w:smartTag" => out.extend(self.blocks(element, links)),
                "w:ins" | "w:moveTo" => {
                    self.seen.changes.at(self.place);
                    out.extend(self.blocks(element, links));
                }
                "w:del" | "w:moveFrom" => self.seen.changes.at(self.place),
                "mc:AlternateContent" => {
                    if let Some(choice) = choice(element) {
                        out.extend(self.blocks(choice, links));
                    }
                }
                "w:altChunk" => {
                    let message = "a part of another file is embedded here, which is not read: paste its text instead";
                    self.seen.error(self.place, message);
                }
                _ => {}
            }
        }
        out
    }

    /// What a content control holds; a prompt that nobody has answered is an error.
    pub(super) fn content_of<'e>(&mut self, control: &'e Element) -> Option<&'e Element> {
        let content = control.child("w:sdtContent")?;
        let is_prompt = control.child("w:sdtPr").and_then(|properties| properties.switch("w:showingPlcHdr"));
        if is_prompt == Some(true) && prints(content) {
            self.seen.error(self.place + 1, "a form field is not filled in: write its text, or delete it");
            return None;
        }
        Some(content)
    }

    fn paragraph(&mut self, element: &Element, links: &Relationships, out: &mut Vec<Block>) {
        if prints(element) {
            self.place += 1;
        }
        let place = self.place;
        let none = Element::default();
        let properties = element.child("w:pPr").unwrap_or(&none);
        let style = properties.child("w:pStyle").and_then(Element::val);
        let look = Look::of(properties).over(&self.styles.paragraph(style));
        let mut spans = std::mem::take(&mut self.pending);
        let outer = std::mem::take(&mut self.boxes);
        self.inlines(element, &look, None, links, &mut spans);
        out.append(&mut self.boxes);
        self.boxes = outer;
        let mark = properties.child("w:rPr");
        if mark.is_some_and(|mark| mark.child("w:del").is_some() || mark.child("w:moveFrom").is_some()) {
            self.seen.changes.at(place);
            self.pending = spans;
            return;
        }
        if mark.is_some_and(|mark| mark.child("w:ins").is_some()) {
            self.seen.changes.at(place);
        }
        let mut paragraph = Paragraph { place, kind: Kind::Text, spans, gap: gap(&look) };
        if !paragraph.is_blank() {
            self.mark(&look, &mut paragraph);
        }
        out.push(Block::Paragraph(paragraph));
    }

    /// What stands before a paragraph: a bullet, a number; and whether it is a heading.
    fn mark(&mut self, look: &Look, paragraph: &mut Paragraph) {
        let level = look.level.unwrap_or(0);
        let list = look.list.as_deref().filter(|list| *list != "0");
        let marker = list.and_then(|list| self.lists.next(list, level));
        match (look.heading.unwrap_or(0), marker) {
            (0, Some(marker)) => paragraph.kind = Kind::Item(level, marker),
            (0, None) => {}
            (heading, marker) => {
                paragraph.kind = Kind::Heading(heading);
                let printed = match marker {
                    Some(Marker::Number(number)) => format!("{number}. "),
                    Some(Marker::Printed(text)) => format!("{text} "),
                    Some(Marker::Bullet) | None => return,
                };
                paragraph.spans.insert(0, Span { text: printed, ..Span::default() });
            }
        }
    }

    fn table(&mut self, element: &Element, links: &Relationships) -> Table {
        let mut table = Table::default();
        self.rows(element, links, &mut table);
        table
    }

    fn rows(&mut self, parent: &Element, links: &Relationships, table: &mut Table) {
        for element in parent.elements() {
            match element.name.as_str() {
                "w:tr" => {
                    let change = |name: &str| element.child("w:trPr").is_some_and(|p| p.child(name).is_some());
                    if change("w:ins") || change("w:del") {
                        self.seen.changes.at(self.place);
                    }
                    if !change("w:del") {
                        let mut row = Row::new();
                        self.cells(element, links, &mut row);
                        table.rows.push(row);
                    }
                }
                "w:sdt" => {
                    if let Some(content) = self.content_of(element) {
                        self.rows(content, links, table);
                    }
                }
                "w:customXml" | "w:ins" => self.rows(element, links, table),
                _ => {}
            }
        }
    }

    fn cells(&mut self, parent: &Element, links: &Relationships, row: &mut Row) {
        /// Word's tables have at most 63 columns.
        const MOST: usize = 63;
        for element in parent.elements() {
            match element.name.as_str() {
                "w:tc" => {
                    let span = element.child("w:tcPr").and_then(|p| p.child("w:gridSpan")).and_then(Element::val);
                    let span = span.and_then(|span| span.parse().ok()).unwrap_or(1).clamp(1, MOST);
                    row.push(self.blocks(element, links));
                    row.resize(row.len() + span - 1, Vec::new());
                }
                "w:sdt" => {
                    if let Some(content) = self.content_of(element) {
                        self.cells(content, links, row);
                    }
                }
                "w:customXml" => self.cells(element, links, row),
                _ => {}
            }
        }
    }

    /// A note's number, for a reference to it.
    pub(super) fn refer(&mut self, kind: Note, id: &str) -> String {
        self.references.push(Reference { kind, id: id.to_owned(), place: self.place });
        raised(&self.references.len().to_string(), Raised::Superscript)
    }

    /// The notes that the text refers to, below a rule.
    pub fn notes(&mut self, footnotes: Option<&Element>, endnotes: Option<&Element>) -> Vec<Block> {
        let mut out = Vec::new();
        let none = Relationships::default();
        let references = self.references.clone();
        for (number, reference) in (1..).zip(&references) {
            let part = if reference.kind == Note::Foot { footnotes } else { endnotes };
            let is_it = |element: &&Element| element.attribute("id") == Some(&reference.id);
            let Some(note) = part.and_then(|part| part.elements().find(is_it)) else {
                let message = format!("note {number} is missing in the file: open it in Word and save it again");
                self.seen.error(reference.place, message);
                continue;
            };
            if out.is_empty() {
                out.push(Block::Rule(reference.place));
            }
            let counted = self.place;
            let mut blocks = self.blocks(note, &none);
            self.place = counted;
            let number = raised(&number.to_string(), Raised::Superscript);
            if let Some(Block::Paragraph(first)) = blocks.first_mut() {
                first.spans.insert(0, Span { text: format!("{number} "), ..Span::default() });
            }
            for block in &mut blocks {
                if let Block::Paragraph(paragraph) = block {
                    paragraph.place = reference.place;
                }
            }
            out.extend(blocks);
        }
        out
    }

    /// A header or footer; paragraphs with a page number are nobody's text.
    pub fn header(&mut self, root: &Element, links: &Relationships) -> Vec<Block> {
        let counted = self.place;
        let mut out = Vec::new();
        self.flat(root, links, &mut out);
        self.place = counted;
        for block in &mut out {
            if let Block::Paragraph(paragraph) = block {
                paragraph.place = 0;
            }
        }
        out
    }

    fn flat(&mut self, parent: &Element, links: &Relationships, out: &mut Vec<Block>) {
        for element in parent.elements() {
            match element.name.as_str() {
                "w:p" => {
                    let before = self.page_numbers;
                    let mut blocks = Vec::new();
                    self.paragraph(element, links, &mut blocks);
                    if self.page_numbers == before {
                        out.append(&mut blocks);
                    }
                }
                "w:tbl" | "w:tr" | "w:tc" | "w:sdt" | "w:sdtContent" => self.flat(element, links, out),
                _ => {}
            }
        }
    }
}

fn gap(look: &Look) -> Gap {
    // what the next paragraph adds above itself is rarely set without the other
    if look.after.unwrap_or(0) < GAP && look.before.unwrap_or(0) < GAP { Gap::None } else { Gap::Wide }
}

/// The first choice, written for newer programs, holds what the fallback repeats for older ones.
pub(super) fn choice(element: &Element) -> Option<&Element> {
    element.child("mc:Choice").or_else(|| element.child("mc:Fallback"))
}

/// Whether a paragraph has text of its own: such ones are counted, as a person counts them.
fn prints(element: &Element) -> bool {
    element.elements().any(|child| match child.name.as_str() {
        "w:t" => child.text().chars().any(|c| !c.is_whitespace()),
        "w:sym" => true,
        "w:del" | "w:moveFrom" | "w:txbxContent" | "mc:Fallback" => false,
        _ => prints(child),
    })
}
