//! How an element looks: whether it is printed at all, in which type, and what Word says of it in its own properties.

use super::{
    super::{document::Marker, raised::Raised},
    tree::Element,
};

/// The type in which text stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Type {
    pub bold: bool,
    pub italic: bool,
    pub link: Option<String>,
    pub struck: bool,
    pub raised: Option<Raised>,
    /// Line ends are kept.
    pub preformatted: bool,
}

impl Type {
    /// The type inside an element.
    pub fn inside(&self, element: &Element) -> Self {
        let mut inner = self.clone();
        match element.name.as_str() {
            "b" | "strong" => inner.bold = true,
            "i" | "em" | "cite" | "dfn" | "var" => inner.italic = true,
            "s" | "strike" => inner.struck = true,
            "sup" => inner.raised = Some(Raised::Superscript),
            "sub" => inner.raised = Some(Raised::Subscript),
            "pre" | "listing" | "xmp" => inner.preformatted = true,
            _ => {}
        }
        if let Some(weight) = element.style("font-weight") {
            inner.bold = matches!(weight.as_str(), "bold" | "bolder") || weight.parse::<u32>().is_ok_and(|w| w >= 600);
        }
        if let Some(slant) = element.style("font-style") {
            inner.italic = matches!(slant.as_str(), "italic" | "oblique");
        }
        if let Some(space) = element.style("white-space") {
            inner.preformatted = matches!(space.as_str(), "pre" | "pre-wrap" | "pre-line" | "break-spaces");
        }
        let lines = element.style("text-decoration").or(element.style("text-decoration-line"));
        inner.struck |= lines.is_some_and(|lines| lines.contains("line-through"));
        inner
    }
}

/// What is done with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// It is read.
    Text,
    /// It belongs to the page's program.
    Program,
    /// A picture, a film, a drawing.
    Picture,
    Formula,
    /// To be filled in by a reader.
    Form,
    /// Links to other pages of a site.
    Navigation,
    /// There, and not shown.
    Hidden,
    /// A comment in the margin.
    Comment,
    /// A tracked deletion.
    Deleted,
    /// A tracked insertion.
    Inserted,
    /// Where Word keeps its footnotes.
    Footnotes,
    /// The bullet or number that Word writes before an item.
    Marker,
    /// A tabulator, which Word writes as blanks.
    Tab,
}

pub(super) fn part(element: &Element) -> Part {
    match element.name.as_str() {
        "script" | "style" | "head" | "title" | "meta" | "link" | "noscript" | "template" | "xml" | "rt" | "rp"
        | "col" | "colgroup" | "w:worddocument" => return Part::Program,
        "img" | "svg" | "picture" | "object" | "embed" | "iframe" | "canvas" | "audio" | "video" | "map"
        | "v:imagedata" => {
            return Part::Picture;
        }
        "math" => return Part::Formula,
        "select" | "textarea" | "button" | "datalist" => return Part::Form,
        "input" => return if element.attribute("type") == Some("hidden") { Part::Program } else { Part::Form },
        "nav" => return Part::Navigation,
        _ => {}
    }
    let is = |property: &str, value: &str| element.style(property).is_some_and(|found| found == value);
    if is("mso-element", "comment-list") || element.has_class("MsoCommentReference") || is("mso-element", "comment") {
        Part::Comment
    } else if element.attribute("hidden").is_some()
        || is("display", "none")
        || is("visibility", "hidden")
        || is("mso-hide", "all")
    {
        Part::Hidden
    } else if element.name == "del" {
        Part::Deleted
    } else if element.name == "ins" {
        Part::Inserted
    } else if is("mso-element", "footnote-list") || is("mso-element", "endnote-list") {
        Part::Footnotes
    } else if is("mso-list", "ignore") {
        Part::Marker
    } else if element.style("mso-tab-count").is_some() {
        Part::Tab
    } else {
        Part::Text
    }
}

/// The bullet or number that Word wrote before an item, as a marker.
pub(super) fn marker(text: &str) -> Marker {
    let text = text.trim();
    match text.strip_suffix('.').map(str::parse::<u32>) {
        Some(Ok(number)) => Marker::Number(number),
        _ if text.chars().any(char::is_alphanumeric) && text.ends_with(['.', ')', '）', '、']) => {
            Marker::Printed(text.to_owned())
        }
        // "1.2" and "IV" are numbers; "o" and "§" stand for bullets of a symbol font
        _ if text.chars().any(|c| c.is_ascii_digit()) => Marker::Printed(text.to_owned()),
        _ => Marker::Bullet,
    }
}

/// Word's level of a list, `mso-list:l0 level2 lfo1`; the outermost is 0.
pub(super) fn word_level(element: &Element) -> Option<u8> {
    let list = element.style("mso-list")?;
    let level = list.split_whitespace().find_map(|word| word.strip_prefix("level")?.parse::<u8>().ok());
    level.map(|level| level.saturating_sub(1).min(8))
}

/// Whether nothing is left between an element and the one below: a line rather than a paragraph.
pub(super) fn is_tight(element: &Element) -> bool {
    let zero = |value: String| {
        let last = value.split_whitespace().last().map(str::to_owned).unwrap_or_default();
        last.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%')
            .parse::<f32>()
            .is_ok_and(|size| size == 0.0)
    };
    let below = element.style("margin-bottom").map(zero);
    let around = element.style("margin").map(|margin| {
        let sides: Vec<&str> = margin.split_whitespace().collect();
        // above, right, below, left
        zero(sides.get(2).or(sides.first()).copied().unwrap_or_default().to_owned())
    });
    match element.name.as_str() {
        "p" => below.or(around).unwrap_or(element.has_class("MsoNoSpacing")),
        name => !matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre"),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tree::{Node, parse},
        *,
    };

    fn first(html: &str) -> Element {
        let root = parse(html).unwrap();
        root.nodes.into_iter().find_map(|node| if let Node::Element(e) = node { Some(e) } else { None }).unwrap()
    }

    #[test]
    fn style_overrules_the_element_and_word_says_what_is_no_text() {
        let inside = |html: &str| Type::default().inside(&first(html));
        assert!(!inside("<b style='font-weight:normal'>x</b>").bold);
        assert!(inside("<span style='FONT-WEIGHT: 700'>x</span>").bold);
        for (html, found) in [
            ("<span style='mso-list:Ignore'>x</span>", Part::Marker),
            ("<p style='display:none'>x</p>", Part::Hidden),
            ("<div style='mso-element:comment-list'>x</div>", Part::Comment),
            ("<div style='mso-element:footnote-list'>x</div>", Part::Footnotes),
            ("<o:p>x</o:p>", Part::Text),
        ] {
            assert_eq!(part(&first(html)), found, "{html}");
        }
        assert_eq!(word_level(&first("<p style='mso-list:l0 level2 lfo1'>")), Some(1));
    }

    #[test]
    fn what_word_writes_before_an_item_is_a_marker() {
        for (text, found) in [
            ("·", Marker::Bullet),
            ("o", Marker::Bullet),
            ("3.", Marker::Number(3)),
            ("b)", Marker::Printed("b)".to_owned())),
            ("1.2", Marker::Printed("1.2".to_owned())),
        ] {
            assert_eq!(marker(text), found);
        }
    }

    #[test]
    fn paragraphs_without_a_margin_below_are_lines() {
        for (html, tight) in [
            ("<p>", false),
            ("<p style='margin:0cm'>", true),
            ("<p style='margin:0cm;margin-bottom:8.0pt'>", false),
            ("<p style='margin-top:0;margin-right:0;margin-bottom:.0001pt'>", false),
            ("<p style='margin: 6pt 0 0 0'>", true),
            ("<div>", true),
            ("<h2>", false),
        ] {
            assert_eq!(is_tight(&first(html)), tight, "{html}");
        }
    }
}
