//! What stands inside a paragraph: runs, links, fields, signs, and what hangs on them.

use super::{
    super::{
        document::{Span, Style},
        raised::raised,
    },
    body::{Note, Reader, choice},
    fields::{Act, Open, act},
    package::Relationships,
    styles::Look,
    symbols::{readable, sign},
    xml::Element,
};

impl Reader {
    /// The runs of an element, in the paragraph's look.
    pub(super) fn inlines(
        &mut self,
        parent: &Element,
        look: &Look,
        link: Option<&str>,
        links: &Relationships,
        out: &mut Vec<Span>,
    ) {
        for element in parent.elements() {
            match element.name.as_str() {
                "w:r" => self.run(element, look, link, links, out),
                "w:hyperlink" => {
                    let target = element.attribute("r:id").and_then(|id| links.target(id)).or(link);
                    self.inlines(element, look, target, links, out);
                }
                "w:ins" | "w:moveTo" => {
                    self.seen.changes.at(self.place);
                    self.inlines(element, look, link, links, out);
                }
                "w:del" | "w:moveFrom" => self.seen.changes.at(self.place),
                "w:sdt" => {
                    if let Some(content) = self.content_of(element) {
                        self.inlines(content, look, link, links, out);
                    }
                }
                "w:smartTag" | "w:customXml" | "w:dir" | "w:bdo" | "w:rubyBase" => {
                    self.inlines(element, look, link, links, out);
                }
                "w:fldSimple" => {
                    let field = act(element.attribute("instr").unwrap_or_default());
                    let Some(link) = self.begin(&field, link, out) else { continue };
                    self.inlines(element, look, link.as_deref(), links, out);
                }
                "mc:AlternateContent" => {
                    if let Some(choice) = choice(element) {
                        self.inlines(choice, look, link, links, out);
                    }
                }
                "m:oMath" | "m:oMathPara" => {
                    let message = "a formula cannot be sent in the letter: write it in words, or send it as an annex";
                    self.seen.error(self.place, message);
                }
                _ => {}
            }
        }
    }

    /// What a field puts into the text before its result; the link that its result bears, or `None` where its result is
    /// not printed.
    fn begin(&mut self, act: &Act, link: Option<&str>, out: &mut Vec<Span>) -> Option<Option<String>> {
        match act {
            Act::Merge(field) => {
                out.push(Span { text: field.clone(), ..Span::default() });
                return None;
            }
            Act::PageNumber => self.page_numbers += 1,
            Act::Date => self.seen.dates.at(self.place),
            Act::Link(target) => return Some(Some(target.clone())),
            Act::Result => {}
        }
        Some(link.map(str::to_owned))
    }

    fn run(
        &mut self,
        element: &Element,
        paragraph: &Look,
        link: Option<&str>,
        links: &Relationships,
        out: &mut Vec<Span>,
    ) {
        let properties = element.child("w:rPr");
        let style = properties.and_then(|p| p.child("w:rStyle")).and_then(Element::val);
        let own = properties.map(Look::of).unwrap_or_default();
        let look = own.over(&self.styles.run(style)).over(paragraph);
        let mut text = String::new();
        for child in element.elements() {
            self.piece(child, &mut text, &look, link, links, out);
        }
        self.flush(&mut text, &look, link, out);
    }

    /// One piece of a run.
    fn piece(
        &mut self,
        piece: &Element,
        text: &mut String,
        look: &Look,
        link: Option<&str>,
        links: &Relationships,
        out: &mut Vec<Span>,
    ) {
        match piece.name.as_str() {
            "w:t" => text.push_str(&readable(&one_line(&piece.text()))),
            "w:tab" | "w:ptab" => text.push('\t'),
            "w:br" | "w:cr" => text.push('\n'),
            "w:noBreakHyphen" => text.push('\u{2011}'),
            "w:sym" => self.sign(piece, text),
            "w:footnoteReference" | "w:endnoteReference" => {
                let kind = if piece.name == "w:footnoteReference" { Note::Foot } else { Note::End };
                if let Some(id) = piece.attribute("id") {
                    let number = self.refer(kind, id);
                    text.push_str(&number);
                }
            }
            "w:commentReference" => self.seen.comments.at(self.place),
            "w:fldChar" => {
                self.flush(text, look, link, out);
                self.field_character(piece, out);
            }
            "w:instrText" => {
                if let Some(open) = self.fields.last_mut() {
                    open.instruction.push_str(&piece.text());
                }
            }
            "w:drawing" | "w:pict" | "w:object" => self.drawing(piece, links),
            "mc:AlternateContent" => {
                for inner in choice(piece).into_iter().flat_map(Element::elements) {
                    self.piece(inner, text, look, link, links, out);
                }
            }
            "w:ruby" => {
                self.flush(text, look, link, out);
                if let Some(base) = piece.child("w:rubyBase") {
                    self.inlines(base, look, link, links, out);
                }
            }
            _ => {}
        }
    }

    /// At the end of a part every field must have ended: what stands in one that has not was not printed.
    pub(super) fn end_fields(&mut self) {
        if !self.fields.is_empty() {
            let message = "a field does not end, so that the text below it is not known: open the file in Word, and update or \
                           delete its fields (Ctrl+A, F9), then save it";
            self.seen.error(self.place, message);
        }
        self.fields.clear();
    }

    /// Begin, separator or end of a field.
    fn field_character(&mut self, element: &Element, out: &mut Vec<Span>) {
        match element.attribute("fldCharType") {
            Some("begin") => self.fields.push(Open::default()),
            Some("separate") => {
                if let Some(mut open) = self.fields.pop() {
                    open.act = Some(self.begun(&open, out));
                    self.fields.push(open);
                }
            }
            Some("end") => {
                // a field without a result
                if let Some(open) = self.fields.pop().filter(|open| open.act.is_none()) {
                    self.begun(&open, out);
                }
            }
            _ => {}
        }
    }

    fn begun(&mut self, open: &Open, out: &mut Vec<Span>) -> Act {
        let act = act(&open.instruction);
        if self.prints_fields() {
            self.begin(&act, None, out);
        }
        act
    }

    /// Whether what is read now is printed: not inside an instruction, nor where a merge field's sample stands.
    fn prints_fields(&self) -> bool {
        self.fields.iter().all(|open| !matches!(open.act, None | Some(Act::Merge(_))))
    }

    fn sign(&mut self, element: &Element, text: &mut String) {
        let code = element.attribute("char").and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(sign) {
            Some(sign) => text.push(sign),
            None => self.seen.signs.at(self.place),
        }
    }

    /// Text boxes are read; pictures are counted.
    fn drawing(&mut self, element: &Element, links: &Relationships) {
        if element.holds("pic:pic")
            || element.holds("imagedata")
            || element.holds("chart")
            || element.name == "w:object"
        {
            self.seen.pictures.at(self.place);
        }
        if let Some(text) = watermark(element) {
            let message =
                format!("the pages bear the watermark \"{text}\", which is not sent: check that the letter is final");
            self.seen.warn(0, message);
        }
        self.text_boxes(element, links);
    }

    fn text_boxes(&mut self, parent: &Element, links: &Relationships) {
        for element in parent.elements() {
            match element.name.as_str() {
                "w:txbxContent" => {
                    let blocks = self.blocks(element, links);
                    self.boxes.extend(blocks);
                }
                "mc:AlternateContent" => {
                    if let Some(choice) = choice(element) {
                        self.text_boxes(choice, links);
                    }
                }
                _ => self.text_boxes(element, links),
            }
        }
    }

    /// Ends a stretch of text in one look.
    fn flush(&mut self, text: &mut String, look: &Look, link: Option<&str>, out: &mut Vec<Span>) {
        let text = std::mem::take(text);
        if text.is_empty() || !self.prints_fields() {
            return;
        }
        if look.hidden == Some(true) {
            if !text.trim().is_empty() {
                self.seen.hidden.at(self.place);
            }
            return;
        }
        if look.struck == Some(true) && !text.trim().is_empty() {
            let shown: String = text.trim().chars().take(40).collect();
            let message =
                format!("\"{shown}\" is struck through, which a letter cannot show: delete it, or restore it");
            self.seen.error(self.place, message);
        }
        let text = look.raised.map_or(text.clone(), |how| raised(&text, how));
        let of_field = self.fields.iter().rev().find_map(|open| match &open.act {
            Some(Act::Link(target)) => Some(target.clone()),
            _ => None,
        });
        let link = link.map(str::to_owned).or(of_field);
        out.push(Span { text, style: Style { bold: look.is_bold(), italic: look.is_italic(), link } });
    }
}

/// A line end in the XML is a space; breaks are elements.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// The text of a word art, as watermarks are.
fn watermark(element: &Element) -> Option<&str> {
    element.elements().find_map(|child| match child.name.as_str() {
        "textpath" => child.attribute("string").filter(|text| !text.trim().is_empty()),
        _ => watermark(child),
    })
}
