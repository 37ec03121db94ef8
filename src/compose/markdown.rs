//! Markdown to prose: CommonMark with tables (comrak), and a refusal for each thing that a letter must not contain.
//!
//! Refused with its line: raw HTML, images, links to anything but http, https and mailto. A link without a target
//! (`[text](#)`, what converters leave of a lost link) is printed as its text.

use comrak::nodes::{AstNode, ListType, NodeList, NodeTable, NodeValue, TableAlignment};

use unicode_width::UnicodeWidthChar;

use super::{
    link::{self, Run},
    prose::{self, Align, Block, Inline, List, Spacing, Table},
    slot::Slots,
};
use crate::circular::{Form, Problem};

/// Reads Markdown whose fields have been taken out. `line` is the line of the file on which it begins.
pub(super) fn read(text: &str, form: Form, line: u32, slots: &mut Slots, problems: &mut Vec<Problem>) -> Vec<Block> {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    // Chinese and Japanese write no spaces, by which CommonMark otherwise recognises emphasis.
    options.extension.cjk_friendly_emphasis = true;
    // In typed text a row of dashes is a rule, never the underline of a heading.
    options.parse.ignore_setext = form == Form::Text;
    let text = match form {
        Form::Text => without_code_indents(text),
        Form::Markdown | Form::Word | Form::Web | Form::Foreign => text.to_owned(),
    };
    let arena = comrak::Arena::new();
    let root = comrak::parse_document(&arena, &text, &options);
    Reader { form, first_line: line, slots, problems }.blocks(root)
}

/// Reads a line that is not Markdown: only its web and mail addresses become links.
pub(super) fn read_line(text: &str) -> Vec<Inline> {
    let (mut slots, mut problems, mut out) = (Slots::default(), Vec::new(), Vec::new());
    let mut reader = Reader { form: Form::Text, first_line: 0, slots: &mut slots, problems: &mut problems };
    reader.running_text(text, &mut out);
    out
}

/// Typed text is often indented; outside lists four spaces would otherwise begin a code block.
fn without_code_indents(text: &str) -> String {
    let mut in_list = false;
    let mut out = String::with_capacity(text.len());
    for (number, content) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let trimmed = content.trim_start_matches([' ', '\t']);
        let indented = content.len() != trimmed.len();
        if !trimmed.is_empty() && (!indented || is_list_item(trimmed)) {
            in_list = is_list_item(trimmed);
        }
        out.push_str(if indented && !in_list { trimmed } else { content });
    }
    out
}

fn is_list_item(trimmed: &str) -> bool {
    let after = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker: &[char] = if after.len() < trimmed.len() { &['.', ')'] } else { &['-', '*', '+'] };
    after.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Joins the lines of a paragraph: by a space, but Chinese and Japanese write none.
fn joined(text: &str) -> String {
    let is_wide = |c: Option<char>| c.is_some_and(|c| c.width() == Some(2));
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 && !(is_wide(out.chars().next_back()) && is_wide(line.chars().next())) {
            out.push(' ');
        }
        out.push_str(line);
    }
    out
}

struct Reader<'a> {
    form: Form,
    first_line: u32,
    slots: &'a mut Slots,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn blocks<'n>(&mut self, parent: &'n AstNode<'n>) -> Vec<Block> {
        parent.children().filter_map(|node| self.block(node)).collect()
    }

    fn block<'n>(&mut self, node: &'n AstNode<'n>) -> Option<Block> {
        let ast = node.data.borrow();
        Some(match &ast.value {
            NodeValue::Paragraph => Block::Paragraph(self.inlines(node)),
            NodeValue::Heading(heading) => Block::Heading(heading.level, self.inlines(node)),
            NodeValue::BlockQuote => Block::Quote(self.blocks(node)),
            NodeValue::List(list) => Block::List(self.list(list, node)),
            NodeValue::Table(table) => Block::Table(self.table(table, node)),
            NodeValue::ThematicBreak => Block::Rule,
            NodeValue::CodeBlock(code) if self.form == Form::Text && !code.fenced => {
                Block::Paragraph(self.typed_lines(&code.literal))
            }
            NodeValue::CodeBlock(code) => Block::Verbatim(code.literal.trim_end().to_owned()),
            NodeValue::HtmlBlock(html) => {
                self.refuse_html(&html.literal, ast.sourcepos.start.line);
                return None;
            }
            _ => Block::Paragraph(self.inlines(node)),
        })
    }

    fn list<'n>(&mut self, list: &NodeList, node: &'n AstNode<'n>) -> List {
        List {
            first: (list.list_type == ListType::Ordered).then_some(list.start),
            spacing: if list.tight { Spacing::Tight } else { Spacing::Loose },
            items: node.children().map(|item| self.blocks(item)).collect(),
        }
    }

    fn table<'n>(&mut self, table: &NodeTable, node: &'n AstNode<'n>) -> Table {
        let columns = table
            .alignments
            .iter()
            .map(|alignment| match alignment {
                TableAlignment::Center => Align::Center,
                TableAlignment::Right => Align::End,
                TableAlignment::Left | TableAlignment::None => Align::Start,
            })
            .collect();
        let rows = node.children().map(|row| row.children().map(|cell| self.inlines(cell)).collect()).collect();
        Table { columns, rows }
    }

    fn typed_lines(&mut self, literal: &str) -> Vec<Inline> {
        let mut out = Vec::new();
        for (number, content) in literal.trim_end().lines().enumerate() {
            if number > 0 {
                out.push(Inline::Break);
            }
            self.running_text(content.trim(), &mut out);
        }
        out
    }

    fn inlines<'n>(&mut self, parent: &'n AstNode<'n>) -> Vec<Inline> {
        let mut raw = Vec::new();
        parent.children().for_each(|node| self.inline(node, &mut raw));
        let mut out = Vec::with_capacity(raw.len());
        let mut pending = String::new();
        for inline in raw {
            match inline {
                Inline::Text(text) => pending.push_str(&text),
                other => {
                    self.running_text(&std::mem::take(&mut pending), &mut out);
                    out.push(other);
                }
            }
        }
        self.running_text(&pending, &mut out);
        out
    }

    /// Text in which web and mail addresses become links.
    fn running_text(&mut self, text: &str, out: &mut Vec<Inline>) {
        for run in link::runs(&joined(text)) {
            let (written, shown) = match run {
                Run::Text(text) => {
                    out.push(Inline::Text(text.to_owned()));
                    continue;
                }
                Run::Web(address) => (address.to_owned(), address),
                Run::Mail(address) => (format!("mailto:{address}"), address),
            };
            let is_web = !written.starts_with("mailto:");
            match link::target(&written, self.slots) {
                Ok(href) => {
                    // What a web address shows is what it leads to, values included.
                    let shown = if is_web { href.clone() } else { shown.to_owned() };
                    out.push(Inline::Link { href, content: vec![Inline::Text(shown)] });
                }
                Err(_) => out.push(Inline::Text(shown.to_owned())),
            }
        }
    }

    fn inline<'n>(&mut self, node: &'n AstNode<'n>, out: &mut Vec<Inline>) {
        let ast = node.data.borrow();
        let line = ast.sourcepos.start.line;
        match &ast.value {
            NodeValue::Text(text) => out.push(Inline::Text(text.to_string())),
            NodeValue::SoftBreak if self.form == Form::Text => out.push(Inline::Break),
            NodeValue::SoftBreak => out.push(Inline::Text("\n".to_owned())),
            NodeValue::LineBreak => out.push(Inline::Break),
            NodeValue::Code(code) => out.push(Inline::Code(code.literal.clone())),
            NodeValue::Strong => out.push(Inline::Strong(self.inlines(node))),
            NodeValue::Emph => out.push(Inline::Emphasis(self.inlines(node))),
            NodeValue::Link(target) => self.link(&target.url, line, node, out),
            NodeValue::Image(_) => self.refuse(
                line,
                "an image cannot be sent in the letter; name the file under \"attachments\" in the head, or link to it",
            ),
            NodeValue::HtmlInline(html) => self.refuse_html(html, line),
            _ => node.children().for_each(|child| self.inline(child, out)),
        }
    }

    fn link<'n>(&mut self, url: &str, line: usize, node: &'n AstNode<'n>, out: &mut Vec<Inline>) {
        // No link stands inside a link, so its text is taken as it is.
        let mut content = Vec::new();
        node.children().for_each(|child| self.inline(child, &mut content));
        if url.trim().is_empty() || url.trim() == "#" {
            out.append(&mut content);
            return;
        }
        match link::target(url, self.slots) {
            Ok(href) => {
                // What `<https://…>` shows is what it leads to, values included.
                if prose::plain(&content) == url && !url.starts_with("mailto:") {
                    content = vec![Inline::Text(href.clone())];
                }
                out.push(Inline::Link { href, content });
            }
            Err(message) => self.refuse(line, message),
        }
    }

    fn refuse_html(&mut self, html: &str, line: usize) {
        let found: String = html.trim().chars().take(40).collect();
        self.refuse(
            line,
            format!("HTML is not sent; write Markdown, or \"\\<\" where the sign itself is meant: found \"{found}\""),
        );
    }

    fn refuse(&mut self, line: usize, message: impl Into<String>) {
        let offset = u32::try_from(line.saturating_sub(1)).unwrap_or_default();
        self.problems.push(Problem::error(self.first_line.saturating_add(offset), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::prose::plain;

    fn read_all(text: &str, form: Form) -> (Vec<Block>, Vec<Problem>) {
        let (mut slots, mut problems) = (Slots::default(), Vec::new());
        let blocks = read(text, form, 5, &mut slots, &mut problems);
        (blocks, problems)
    }

    #[test]
    fn what_must_not_be_sent_is_refused_with_its_line() {
        for (text, found) in [
            ("a\n\n<img src=x onerror=alert(1)>", "HTML is not sent"),
            ("a\n\nb <b>c</b>", "HTML is not sent"),
            ("a\n\n<!-- note -->", "HTML is not sent"),
            ("a\n\n![logo](https://x.example/a.png)", "image"),
            ("a\n\n[x](javascript:alert(1))", "cannot be a link"),
            ("a\n\n[x](annex.pdf)", "cannot be a link"),
            ("a\n\n| a |\n|---|\n| [x](data:x) |", "cannot be a link"),
        ] {
            let (_, problems) = read_all(text, Form::Markdown);
            assert!(!problems.is_empty(), "{text}");
            assert!(problems[0].line >= 7, "{text}: {problems:?}");
            assert!(problems[0].message.contains(found), "{text}: {problems:?}");
        }
    }

    #[test]
    fn a_link_without_a_target_is_its_text_and_a_bare_address_is_a_link() {
        let (blocks, problems) =
            read_all("[G20 **Rome**](#) at cop_b@itu.example and <https://x.example/?a=1>.", Form::Markdown);
        assert_eq!(problems, []);
        let [Block::Paragraph(inlines)] = blocks.as_slice() else { panic!("{blocks:?}") };
        assert_eq!(plain(inlines), "G20 Rome at cop_b@itu.example and https://x.example/?a=1.");
        let links: Vec<_> = inlines
            .iter()
            .filter_map(|i| if let Inline::Link { href, .. } = i { Some(href.as_str()) } else { None })
            .collect();
        assert_eq!(links, ["mailto:cop_b@itu.example", "https://x.example/?a=1"]);
    }

    #[test]
    fn typed_text_keeps_its_lines_and_has_no_code_by_indent() {
        let (blocks, _) = read_all("One\ntwo\n---\n\n    Indented, see https://x.example/\n    again", Form::Text);
        assert!(matches!(&blocks[0], Block::Paragraph(i) if i.contains(&Inline::Break)), "{blocks:?}");
        assert_eq!(blocks[1], Block::Rule);
        let Block::Paragraph(indented) = &blocks[2] else { panic!("{blocks:?}") };
        assert!(indented.iter().any(|i| matches!(i, Inline::Link { .. })));
        let (blocks, _) = read_all("1. one\n    - below\n\n2. two", Form::Text);
        let [Block::List(list)] = blocks.as_slice() else { panic!("{blocks:?}") };
        assert_eq!(list.items.len(), 2);
        assert!(matches!(list.items[0].last(), Some(Block::List(_))));
    }

    #[test]
    fn a_tab_is_kept_for_the_eye() {
        let (blocks, _) = read_all("2\tKindly return the form.", Form::Text);
        assert_eq!(crate::compose::html::blocks(&blocks), "<p>2&emsp;Kindly return the form.</p>\n");
    }

    #[test]
    fn lines_are_joined_as_their_script_is_written() {
        for (text, shown) in [("one\ntwo", "one two"), ("会议\n文件", "会议文件"), ("会议\nITU", "会议 ITU")]
        {
            let (blocks, _) = read_all(text, Form::Markdown);
            assert!(matches!(&blocks[0], Block::Paragraph(i) if plain(i) == shown), "{blocks:?}");
        }
    }

    #[test]
    fn chinese_emphasis_needs_no_spaces() {
        let (blocks, _) = read_all("请于**2022年1月15日（星期六）**前提交。", Form::Markdown);
        assert!(
            matches!(&blocks[0], Block::Paragraph(i) if i.iter().any(|i| matches!(i, Inline::Strong(_)))),
            "{blocks:?}"
        );
    }
}
