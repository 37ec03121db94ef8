//! A web page as a tree of elements: tokens as the HTML standard cuts them, end tags supplied where it lets them be left
//! out.
//!
//! Refuses pages that nest deeper than any letter.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, HtmlString, Spanned, StartTag, Token, Tokenizer};

/// Newsletters lay tables into tables some ten deep, six elements each; trees are walked by recursion.
const DEEPEST: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Element {
    /// In small letters.
    pub name: String,
    attributes: BTreeMap<String, String>,
    pub nodes: Vec<Node>,
}

#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    /// Text, and the line on which it begins.
    Text(String, u32),
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The value of a property in its `style`, in small letters.
    pub fn style(&self, property: &str) -> Option<String> {
        let mut declarations = self.attribute("style")?.split(';').filter_map(|one| one.split_once(':'));
        let value = declarations.rfind(|(name, _)| name.trim().eq_ignore_ascii_case(property))?.1;
        Some(value.trim().to_lowercase())
    }

    pub fn has_class(&self, name: &str) -> bool {
        self.attribute("class")
            .is_some_and(|classes| classes.split_whitespace().any(|class| class.eq_ignore_ascii_case(name)))
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(..) => None,
        })
    }

    /// All text below.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.gather(&mut out);
        out
    }

    fn gather(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.gather(out),
                Node::Text(text, _) => out.push_str(text),
            }
        }
    }
}

/// Elements without content (HTML standard, 13.1.2).
const VOID: [&str; 15] = [
    "area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// Elements whose beginning ends an open paragraph (HTML standard, 13.2.6.4.7).
const BLOCKS: [&str; 37] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dd",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

pub(super) fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
}

/// What the beginning of an element ends: elements of these names, looked for up to one of those.
fn ends(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "li" => (&["li"], &["ul", "ol", "menu", "dir", "table"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl", "table"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (&["tr", "caption", "colgroup"], &["table"]),
        "thead" | "tbody" | "tfoot" => (&["thead", "tbody", "tfoot", "caption", "colgroup"], &["table"]),
        "option" | "optgroup" => (&["option"], &["select", "table"]),
        _ => (&[], &[]),
    }
}

/// The tree below `<html>`, or below whatever the page begins with.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // the text of scripts and styles is no markup
    emitter.naively_switch_states(true);
    let mut builder = Builder { open: vec![Element::default()], lines: Lines { text, at: 0, line: 1 } };
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => builder.begin(tag)?,
            Token::EndTag(tag) => builder.end(&lossy(&tag.name)),
            Token::String(string) => builder.text(&string),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    builder.close_to(1);
    Ok(builder.open.pop().unwrap_or_default())
}

/// Counts lines while positions grow.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn at(&mut self, position: usize) -> u32 {
        let position = position.min(self.text.len());
        if position > self.at {
            let between = &self.text.as_bytes()[self.at..position];
            let ends = between.iter().filter(|octet| **octet == b'\n').count();
            self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            self.at = position;
        }
        self.line
    }
}

struct Builder<'t> {
    open: Vec<Element>,
    lines: Lines<'t>,
}

fn lossy(string: &HtmlString) -> String {
    String::from_utf8_lossy(string).into_owned()
}

impl Builder<'_> {
    fn begin(&mut self, tag: StartTag<usize>) -> Result<(), String> {
        let name = lossy(&tag.name);
        if is_block(&name) {
            // a paragraph in a cell around this table goes on below it
            self.close(&["p"], &["table", "td", "th", "caption", "button", "object"]);
        }
        let (ended, up_to) = ends(&name);
        self.close(ended, up_to);
        if self.open.len() > DEEPEST {
            return Err(format!("the page's elements nest deeper than {DEEPEST}: it is no letter"));
        }
        let attributes = tag.attributes.iter().map(|(name, value)| (lossy(name), lossy(value))).collect();
        let element = Element { name, attributes, nodes: Vec::new() };
        // the island of data that Word leaves is XML, where elements may end themselves
        let ends_itself = VOID.contains(&element.name.as_str()) || (tag.self_closing && element.name.contains(':'));
        if ends_itself {
            self.add(Node::Element(element))
        } else {
            self.open.push(element)
        }
        Ok(())
    }

    /// Ends the innermost element of one of these names, if it stands inside those.
    fn close(&mut self, names: &[&str], up_to: &[&str]) {
        if names.is_empty() {
            return;
        }
        for at in (1..self.open.len()).rev() {
            let name = self.open[at].name.as_str();
            if names.contains(&name) {
                return self.close_to(at);
            }
            if up_to.contains(&name) {
                return;
            }
        }
    }

    fn end(&mut self, name: &str) {
        if matches!(name, "br" | "p") && !self.open.iter().any(|open| open.name == name) {
            return;
        }
        // an end tag inside a cell ends nothing outside of it
        let up_to: &[&str] = match name {
            "table" => &[],
            "tr" | "thead" | "tbody" | "tfoot" | "td" | "th" | "caption" => &["table"],
            _ => &["td", "th", "caption", "table"],
        };
        self.close(&[name], up_to);
    }

    fn close_to(&mut self, at: usize) {
        while self.open.len() > at.max(1) {
            if let Some(element) = self.open.pop() {
                self.add(Node::Element(element));
            }
        }
    }

    fn add(&mut self, node: Node) {
        if let Some(element) = self.open.last_mut() {
            element.nodes.push(node);
        }
    }

    fn text(&mut self, string: &Spanned<HtmlString, usize>) {
        let line = self.lines.at(string.span.start);
        let text = String::from_utf8_lossy(&string.value).into_owned();
        self.add(Node::Text(text, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(element: &Element) -> String {
        element
            .nodes
            .iter()
            .map(|node| match node {
                Node::Text(text, line) => format!("{}@{line}", text.trim()),
                Node::Element(element) => format!("{}({})", element.name, shape(element)),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn end_tags_that_were_left_out_are_supplied() {
        for (html, tree) in [
            ("<p>a<p>b\n<div>c</div>", "p(a@1) p(b@1) div(c@2)"),
            ("<ul><li>a<ul><li>b</ul><li>c</ul>", "ul(li(a@1 ul(li(b@1))) li(c@1))"),
            ("<table><tr><td>a<td>b<tr><td>c</table>d", "table(tr(td(a@1) td(b@1)) tr(td(c@1))) d@1"),
            ("<td><p>a</div>b</p>", "td(p(a@1 b@1))"),
            ("<p>a</b></i>b<br>c</p></p>", "p(a@1 b@1 br() c@1)"),
            ("<script>'<p>'</script><p>a", "script('<p>'@1) p(a@1)"),
            ("<!--[if mso]><p>x</p><![endif]--><![if !y]>a<![endif]>&eacute;", "a@1 é@1"),
        ] {
            let shown = shape(&parse(html).unwrap());
            assert_eq!(shown, tree, "{html}");
        }
        assert!(parse(&"<div>".repeat(1000)).is_err());
    }
}
