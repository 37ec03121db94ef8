//! Prose to HTML, for the letter's body. Everything is escaped here; the layout puts the result in as it is.
//!
//! Few and old elements, so that every mail client shows the same letter: no classes, no images, no script. Styles stand
//! at the element only where a letter would suffer without them (tables, quotes).

use super::{
    prose::{Align, Block, Inline, List, Spacing, Table},
    slot,
};

/// A grey that is 3:1 on white and on near-black alike (WCAG 2.2, 1.4.11).
const CELL: &str = "border:1px solid #888;padding:4px 8px";

/// Renders blocks. A value gets an isolate of its own (`<bdi>`), since names and letters may run in opposite directions.
pub(super) fn blocks(blocks: &[Block]) -> String {
    let mut out = String::new();
    blocks.iter().for_each(|block| push_block(block, &mut out));
    out
}

/// Renders running text.
pub(super) fn inlines(inlines: &[Inline]) -> String {
    let mut out = String::new();
    push_inlines(inlines, &mut out);
    out
}

/// Escapes text and gives each value its isolate.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    push_text(text, &mut out);
    out
}

/// Escapes for element content and for attributes in double quotes.
pub(super) fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '\t']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            // In letters a tab stands after the number of a paragraph and after the label of a line.
            b'\t' => "&emsp;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

fn push_text(text: &str, out: &mut String) {
    let mut fixed = 0;
    for (at, character) in text.char_indices() {
        if character == slot::SALUTATION || slot::number_of(character).is_some() {
            escape(&text[fixed..at], out);
            out.push_str("<bdi>");
            out.push(character);
            out.push_str("</bdi>");
            fixed = at + character.len_utf8();
        }
    }
    escape(&text[fixed..], out);
}

fn push_block(block: &Block, out: &mut String) {
    match block {
        Block::Paragraph(content) => wrap("p", "", content, out),
        // The subject is the letter's first heading, so the body's begin at the second level.
        Block::Heading(level, content) => {
            let (tag, style) = match level {
                1 => ("h2", " style=\"font-size:18px;margin:1.4em 0 .6em\""),
                2 => ("h3", " style=\"font-size:16px;margin:1.4em 0 .6em\""),
                _ => ("h4", " style=\"font-size:16px;font-style:italic;font-weight:normal;margin:1.4em 0 .6em\""),
            };
            wrap(tag, style, content, out);
        }
        Block::List(list) => push_list(list, out),
        Block::Quote(inner) => {
            out.push_str("<blockquote style=\"margin:1em 0;padding:0 1em;border-inline-start:3px solid #888\">\n");
            inner.iter().for_each(|block| push_block(block, out));
            out.push_str("</blockquote>\n");
        }
        Block::Verbatim(content) => {
            out.push_str("<pre style=\"white-space:pre-wrap;font-size:14px\">");
            push_text(content, out);
            out.push_str("</pre>\n");
        }
        Block::Table(table) => push_table(table, out),
        Block::Rule => out.push_str("<hr style=\"border:0;border-top:1px solid #888;margin:1.5em 0\">\n"),
    }
}

fn wrap(tag: &str, attributes: &str, content: &[Inline], out: &mut String) {
    out.push_str(&format!("<{tag}{attributes}>"));
    push_inlines(content, out);
    out.push_str(&format!("</{tag}>\n"));
}

fn push_list(list: &List, out: &mut String) {
    let tag = if list.first.is_some() { "ol" } else { "ul" };
    match list.first {
        Some(first) if first != 1 => out.push_str(&format!("<ol start=\"{first}\">\n")),
        _ => out.push_str(&format!("<{tag}>\n")),
    }
    for item in &list.items {
        out.push_str("<li>");
        for block in item {
            match block {
                Block::Paragraph(content) if list.spacing == Spacing::Tight => push_inlines(content, out),
                other => push_block(other, out),
            }
        }
        out.push_str("</li>\n");
    }
    out.push_str(&format!("</{tag}>\n"));
}

fn push_table(table: &Table, out: &mut String) {
    out.push_str("<table style=\"border-collapse:collapse;margin:1em 0\">\n");
    for (number, row) in table.rows.iter().enumerate() {
        out.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            // `start` and `end` follow the direction of the letter; an old client that does not know them does so too.
            let align = match table.columns.get(column) {
                Some(Align::Center) => ";text-align:center",
                Some(Align::End) => ";text-align:end",
                _ if number == 0 => ";text-align:start",
                _ => "",
            };
            let (tag, scope) = if number == 0 { ("th", " scope=\"col\"") } else { ("td", "") };
            wrap(tag, &format!("{scope} style=\"{CELL}{align}\""), cell, out);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

fn push_inlines(inlines: &[Inline], out: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(content) => push_text(content, out),
            Inline::Strong(inner) => push_in("strong", inner, out),
            Inline::Emphasis(inner) => push_in("em", inner, out),
            Inline::Code(content) => {
                out.push_str("<code>");
                push_text(content, out);
                out.push_str("</code>");
            }
            Inline::Link { href, content } => {
                out.push_str("<a href=\"");
                escape(href, out);
                out.push_str("\">");
                push_inlines(content, out);
                out.push_str("</a>");
            }
            Inline::Break => out.push_str("<br>\n"),
        }
    }
}

fn push_in(tag: &str, inner: &[Inline], out: &mut String) {
    out.push_str(&format!("<{tag}>"));
    push_inlines(inner, out);
    out.push_str(&format!("</{tag}>"));
}
