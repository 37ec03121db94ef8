//! Styles: what a paragraph or a run looks like when it does not say so itself (`word/styles.xml`).

use std::collections::BTreeMap;

use super::{super::raised::Raised, xml::Element};

/// Styles stand on styles; Word allows ten levels, a circle none.
const DEEPEST: usize = 12;

/// What is asked of a style; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub bold: Option<bool>,
    pub italic: Option<bool>,
    /// Not printed.
    pub hidden: Option<bool>,
    pub struck: Option<bool>,
    /// Twentieths of a point.
    pub before: Option<u32>,
    pub after: Option<u32>,
    /// 1 to 6; 0 is text.
    pub heading: Option<u8>,
    /// The list and the level in it.
    pub list: Option<String>,
    pub level: Option<u8>,
    /// Whether text runs from the right to the left: then the properties of complex scripts hold.
    pub complex: Option<bool>,
    bold_complex: Option<bool>,
    italic_complex: Option<bool>,
    pub raised: Option<Raised>,
}

impl Look {
    /// The properties of an element that has `w:pPr` or `w:rPr`, or is one.
    pub fn of(element: &Element) -> Self {
        let paragraph = Some(element).filter(|e| e.name == "w:pPr").or(element.child("w:pPr"));
        // the run properties inside those of a paragraph are those of its mark
        let run = Some(element).filter(|e| e.name == "w:rPr").or(element.child("w:rPr"));
        let run = run.filter(|_| element.name != "w:pPr");
        let mut look = Self::default();
        if let Some(run) = run {
            look.bold = run.switch("w:b");
            look.italic = run.switch("w:i");
            look.bold_complex = run.switch("w:bCs");
            look.italic_complex = run.switch("w:iCs");
            look.hidden = run.switch("w:vanish");
            look.struck = run.switch("w:strike").or(run.switch("w:dstrike"));
            look.complex = run.switch("w:rtl").or(run.switch("w:cs"));
            look.raised = run.child("w:vertAlign").and_then(Element::val).map(|val| match val {
                "superscript" => Raised::Superscript,
                "subscript" => Raised::Subscript,
                _ => Raised::No,
            });
        }
        if let Some(paragraph) = paragraph {
            let spacing = paragraph.child("w:spacing");
            let twips = |name: &str, auto: &str| {
                let spacing = spacing?;
                let on = matches!(spacing.attribute(auto), Some("1" | "true" | "on"));
                // what Word takes for "auto"
                if on { Some(280) } else { spacing.attribute(name)?.parse().ok() }
            };
            look.before = twips("before", "beforeAutospacing");
            look.after = twips("after", "afterAutospacing");
            let level = paragraph.child("w:outlineLvl").and_then(Element::val).and_then(|val| val.parse::<u8>().ok());
            look.heading = level.map(|level| if level < 6 { level + 1 } else { 0 });
            if let Some(list) = paragraph.child("w:numPr") {
                look.list = list.child("w:numId").and_then(Element::val).map(str::to_owned);
                look.level = list.child("w:ilvl").and_then(Element::val).and_then(|val| val.parse().ok());
            }
        }
        look
    }

    /// What this one does not say, `below` says.
    pub fn over(self, below: &Look) -> Self {
        Self {
            bold: self.bold.or(below.bold),
            italic: self.italic.or(below.italic),
            hidden: self.hidden.or(below.hidden),
            struck: self.struck.or(below.struck),
            before: self.before.or(below.before),
            after: self.after.or(below.after),
            heading: self.heading.or(below.heading),
            list: self.list.or_else(|| below.list.clone()),
            level: self.level.or(below.level),
            complex: self.complex.or(below.complex),
            bold_complex: self.bold_complex.or(below.bold_complex),
            italic_complex: self.italic_complex.or(below.italic_complex),
            raised: self.raised.or(below.raised),
        }
    }

    pub fn is_bold(&self) -> bool {
        if self.complex == Some(true) { self.bold_complex } else { self.bold }.unwrap_or(false)
    }

    pub fn is_italic(&self) -> bool {
        if self.complex == Some(true) { self.italic_complex } else { self.italic }.unwrap_or(false)
    }
}

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    looks: BTreeMap<String, Look>,
    /// What every paragraph is without a style.
    defaults: Look,
    /// The style of paragraphs that name none.
    normal: Option<String>,
}

impl Styles {
    pub fn of(root: Option<&Element>) -> Self {
        let Some(root) = root else { return Self::default() };
        let mut styles = Self::default();
        if let Some(defaults) = root.child("w:docDefaults") {
            let run = defaults.child("w:rPrDefault").map(Look::of).unwrap_or_default();
            styles.defaults = defaults.child("w:pPrDefault").map(Look::of).unwrap_or_default().over(&run);
        }
        let by_id: BTreeMap<&str, &Element> = root
            .elements()
            .filter(|element| element.name == "w:style")
            .filter_map(|element| Some((element.attribute("styleId")?, element)))
            .collect();
        for (id, element) in &by_id {
            let is_default = matches!(element.attribute("default"), Some("1" | "true" | "on"));
            if is_default && element.attribute("type") == Some("paragraph") {
                styles.normal = Some((*id).to_owned());
            }
            let mut look = Look::default();
            let mut next = Some(*element);
            for _ in 0..DEEPEST {
                let Some(style) = next else { break };
                look = look.over(&with_name(style));
                next = style.child("w:basedOn").and_then(Element::val).and_then(|id| by_id.get(id).copied());
            }
            styles.looks.insert((*id).to_owned(), look);
        }
        styles
    }

    /// What a paragraph of this style looks like.
    pub fn paragraph(&self, style: Option<&str>) -> Look {
        let look = style.and_then(|id| self.looks.get(id)).or_else(|| self.looks.get(self.normal.as_deref()?));
        look.cloned().unwrap_or_default().over(&self.defaults)
    }

    /// What a run of this style looks like, by itself.
    pub fn run(&self, style: Option<&str>) -> Look {
        style.and_then(|id| self.looks.get(id)).cloned().unwrap_or_default()
    }
}

/// A style's own look; headings are known by the names that Word keeps in every language.
fn with_name(style: &Element) -> Look {
    let mut look = Look::of(style);
    let name = style.child("w:name").and_then(Element::val).unwrap_or_default().to_lowercase();
    let heading = match name.as_str() {
        "title" => Some(1),
        "subtitle" => Some(2),
        name => name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok()).filter(|level| *level <= 6),
    };
    look.heading = heading.or(look.heading);
    look
}

#[cfg(test)]
mod tests {
    use super::{super::xml::parse, *};

    #[test]
    fn a_style_stands_on_others_and_headings_have_their_names() {
        let xml = "<w:styles xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>\
            <w:docDefaults><w:pPrDefault><w:pPr><w:spacing w:after='160'/></w:pPr></w:pPrDefault></w:docDefaults>\
            <w:style w:type='paragraph' w:default='1' w:styleId='a'><w:name w:val='Normal'/></w:style>\
            <w:style w:type='paragraph' w:styleId='b'><w:name w:val='Tight'/><w:basedOn w:val='a'/>\
              <w:pPr><w:spacing w:after='0'/></w:pPr><w:rPr><w:b/></w:rPr></w:style>\
            <w:style w:type='paragraph' w:styleId='c'><w:basedOn w:val='b'/><w:rPr><w:b w:val='0'/></w:rPr></w:style>\
            <w:style w:type='paragraph' w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>\
            <w:style w:type='paragraph' w:styleId='x'><w:basedOn w:val='y'/></w:style>\
            <w:style w:type='paragraph' w:styleId='y'><w:basedOn w:val='x'/></w:style></w:styles>";
        let styles = Styles::of(Some(&parse(xml.as_bytes()).unwrap()));
        assert_eq!(styles.paragraph(None).after, Some(160));
        let tight = styles.paragraph(Some("b"));
        assert_eq!((tight.after, tight.is_bold()), (Some(0), true));
        let below = styles.paragraph(Some("c"));
        assert_eq!((below.after, below.is_bold()), (Some(0), false));
        assert_eq!(styles.paragraph(Some("berschrift1")).heading, Some(1));
        assert_eq!(styles.paragraph(Some("x")).heading, None);
    }
}
