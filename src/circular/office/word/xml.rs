//! A part of a Word document as a tree of elements, named by their namespace in the usual short way.
//!
//! Refuses document type definitions and entities of one's own, which no word processor writes and which can make a short
//! file endless; parts that nest too deep; octets that are no XML.

use std::borrow::Cow;

use quick_xml::{
    NsReader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
    name::{Namespace, QName, ResolveResult},
};

/// A text box in a table in a text box has some fifty; trees are walked by recursion.
const DEEPEST: usize = 200;
/// The longest letter of Word has some thousands; each takes a hundred octets of memory and more.
const MOST_ELEMENTS: usize = 500_000;
/// Word writes some dozen.
const MOST_ATTRIBUTES: usize = 200;

/// Namespaces by their usual prefix; the second of a pair is that of the strict form (ECMA-376 part 1, annex A).
const NAMESPACES: [(&str, &str); 8] = [
    ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "w"),
    ("http://purl.oclc.org/ooxml/wordprocessingml/main", "w"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "r"),
    ("http://purl.oclc.org/ooxml/officeDocument/relationships", "r"),
    ("http://schemas.openxmlformats.org/officeDocument/2006/math", "m"),
    ("http://purl.oclc.org/ooxml/officeDocument/math", "m"),
    ("http://schemas.openxmlformats.org/markup-compatibility/2006", "mc"),
    ("http://schemas.openxmlformats.org/drawingml/2006/picture", "pic"),
];

/// An element: `w:p`; of a namespace that is not listed, its local name alone.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Element {
    pub name: String,
    /// By local name; those of relationships as `r:id`.
    attributes: Vec<(String, String)>,
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(in super::super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `w:val`, which most properties have.
    pub fn val(&self) -> Option<&str> {
        self.attribute("val")
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// A property that is on or off (ECMA-376 part 1, 17.17.4); `None` where it is not given.
    pub fn switch(&self, name: &str) -> Option<bool> {
        let property = self.child(name)?;
        Some(!matches!(property.val(), Some("0" | "false" | "off" | "none")))
    }

    /// Its own text.
    pub fn text(&self) -> String {
        let text = |node: &Node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(_) => String::new(),
        };
        self.nodes.iter().map(text).collect()
    }

    /// Whether an element of that name stands anywhere below.
    pub fn holds(&self, name: &str) -> bool {
        self.elements().any(|element| element.name == name || element.holds(name))
    }
}

/// The root element of a part.
pub(super) fn parse(octets: &[u8]) -> Result<Element, String> {
    let text = decoded(octets)?;
    let mut reader = NsReader::from_str(&text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = vec![Element::default()];
    let mut elements = 0;
    loop {
        if elements > MOST_ELEMENTS {
            return Err(format!("it has more than {MOST_ELEMENTS} elements"));
        }
        let event = reader.read_event().map_err(|error| format!("{error} at octet {}", reader.error_position()))?;
        match event {
            Event::Start(start) => {
                elements += 1;
                let element = element(&reader, &start)?;
                if open.len() > DEEPEST {
                    return Err(format!("its elements nest deeper than {DEEPEST}"));
                }
                open.push(element);
            }
            Event::Empty(start) => {
                elements += 1;
                let element = element(&reader, &start)?;
                add(&mut open, Node::Element(element));
            }
            Event::End(_) => {
                let Some(element) = open.pop().filter(|_| !open.is_empty()) else {
                    return Err("an element ends that did not begin".to_owned());
                };
                add(&mut open, Node::Element(element));
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content()),
            Event::CData(text) => add_text(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                match (character, resolve_predefined_entity(&reference.xml10_content())) {
                    (Some(character), _) => add_text(&mut open, character.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => add_text(&mut open, text),
                    (None, None) => {
                        return Err(format!("it has an entity of its own, &{};", reference.xml10_content()));
                    }
                }
            }
            Event::DocType(_) => return Err("it has a document type definition".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let root = open.pop().filter(|_| open.is_empty()).ok_or("it ends in the middle")?;
    root.nodes
        .into_iter()
        .find_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
        .ok_or_else(|| "it is empty".to_owned())
}

/// UTF-8, or UTF-16 with its mark (ECMA-376 part 2, 8.1.4: no other encoding).
fn decoded(octets: &[u8]) -> Result<Cow<'_, str>, String> {
    match encoding_rs::Encoding::for_bom(octets) {
        Some((encoding, _)) => {
            let (text, _, damaged) = encoding.decode(octets);
            if damaged { Err(format!("it is not {}", encoding.name())) } else { Ok(text) }
        }
        None => std::str::from_utf8(octets).map(Cow::Borrowed).map_err(|_| "it is not UTF-8".to_owned()),
    }
}

fn add(open: &mut [Element], node: Node) {
    if let Some(element) = open.last_mut() {
        element.nodes.push(node);
    }
}

fn add_text(open: &mut [Element], text: &str) {
    let Some(element) = open.last_mut() else { return };
    match element.nodes.last_mut() {
        Some(Node::Text(last)) => last.push_str(text),
        _ => element.nodes.push(Node::Text(text.to_owned())),
    }
}

fn prefix(namespace: ResolveResult<'_>) -> Option<&'static str> {
    let ResolveResult::Bound(Namespace(found)) = namespace else { return None };
    NAMESPACES.iter().find(|(known, _)| *known == found).map(|(_, prefix)| *prefix)
}

fn named(namespace: ResolveResult<'_>, name: QName<'_>) -> String {
    let local = name.local_name();
    match prefix(namespace) {
        Some(prefix) => format!("{prefix}:{}", local.as_ref()),
        None => local.as_ref().to_owned(),
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Result<Element, String> {
    let name = named(reader.resolver().resolve_element(start.name()).0, start.name());
    let mut attributes = Vec::new();
    // their number is bounded, since telling whether two have one name would take its square
    for attribute in start.attributes().with_checks(false) {
        if attributes.len() >= MOST_ATTRIBUTES {
            return Err(format!("an element has more than {MOST_ATTRIBUTES} attributes"));
        }
        let attribute = attribute.map_err(|error| error.to_string())?;
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let name = match prefix(namespace) {
            Some("r") => format!("r:{}", local.as_ref()),
            _ => local.as_ref().to_owned(),
        };
        let value =
            attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
        attributes.push((name, value.into_owned()));
    }
    Ok(Element { name, attributes, nodes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_whatever_their_prefix_and_text_is_whole() {
        let xml = "<x:p xmlns:x='http://schemas.openxmlformats.org/wordprocessingml/2006/main' x:val='a &amp; b'>\
                   A &lt;b&gt; &#233;<![CDATA[<c>]]></x:p>";
        let element = parse(xml.as_bytes()).unwrap();
        assert_eq!((element.name.as_str(), element.val()), ("w:p", Some("a & b")));
        assert_eq!(element.text(), "A <b> é<c>");
    }

    #[test]
    fn what_is_no_plain_xml_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
        for (xml, found) in [
            ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "document type"),
            ("<x>&a;</x>", "entity"),
            ("<x><y></x>", ""),
            ("<x>", "middle"),
            ("", "empty"),
            ("</x>", ""),
            (deep.as_str(), "deeper"),
        ] {
            let message = parse(xml.as_bytes()).expect_err(xml);
            assert!(message.contains(found), "{xml}: {message}");
        }
        assert!(parse(b"<x>\xff</x>").is_err());
    }
}
