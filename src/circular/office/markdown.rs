//! Text in bold, italic and links as a line of Markdown that prints as it was typed.
//!
//! What would be Markdown in the text is escaped; merge fields, which word processors like to cut into pieces of different
//! type, are put together again and left as they are.

use super::document::{Span, Style};

/// How much of the type is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Bold, italic, links.
    Kept,
    /// None: in the printed head, whose fields are not printed in Markdown.
    Plain,
}

/// The lines of a paragraph.
pub(super) fn lines(spans: &[Span], keep: Type) -> Vec<String> {
    let spans = with_whole_fields(spans);
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    for span in &spans {
        for (number, text) in span.text.split('\n').enumerate() {
            if number > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut().filter(|_| !text.is_empty()) {
                line.push(Span { text: text.to_owned(), style: span.style.clone() });
            }
        }
    }
    lines.into_iter().map(|line| self::line(&line, keep)).collect()
}

fn line(spans: &[Span], keep: Type) -> String {
    if keep == Type::Plain {
        let text: String = spans.iter().map(|span| span.text.as_str()).collect();
        return at_line_start(escaped(text.trim_matches(is_edge)));
    }
    let mut spans = joined(spans);
    if let Some(first) = spans.first_mut() {
        first.text = first.text.trim_start_matches(is_edge).to_owned();
    }
    if let Some(last) = spans.last_mut() {
        last.text = last.text.trim_end_matches(is_edge).to_owned();
    }
    let mut out = String::new();
    let mut rest = spans.as_slice();
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|span| span.style.bold == first.style.bold).count();
        let (group, after) = rest.split_at(same);
        let next = after.first().and_then(|span| span.text.chars().next());
        if first.style.bold {
            let inner = slanted(group, Some('*'), Some('*'));
            let before = out.chars().next_back();
            wrap(&mut out, "**", &inner, before, next);
        } else {
            // what follows is bold: its mark comes first
            let next = next.map(|c| if c.is_whitespace() { c } else { '*' });
            let inner = slanted(group, out.chars().next_back(), next);
            out.push_str(&inner);
        }
        rest = after;
    }
    at_line_start(out)
}

/// Spans of one weight, with their italics and links.
fn slanted(spans: &[Span], before: Option<char>, after: Option<char>) -> String {
    let mut out = String::new();
    for (number, span) in spans.iter().enumerate() {
        let inner = match &span.style.link {
            Some(target) => linked(&span.text, target),
            None => escaped(&span.text),
        };
        let previous = out.chars().next_back().or(before);
        let next = spans.get(number + 1).map_or(after, |next| next.text.chars().next());
        // a mark beside another would be read with it
        if span.style.italic && previous != Some('*') && next != Some('*') {
            wrap(&mut out, "*", &inner, previous, next);
        } else {
            out.push_str(&inner);
        }
    }
    out
}

/// Sets marks around a text; blanks, and punctuation that stands against a word, stay outside, where CommonMark wants them.
fn wrap(out: &mut String, mark: &str, inner: &str, before: Option<char>, after: Option<char>) {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let core = inner.trim_matches(is_edge);
    let start = inner.len() - inner.trim_start_matches(is_edge).len();
    let end = start + core.len();
    let outside = |c: char| is_punctuation(c) || is_edge(c);
    let (mut from, mut to) = (start, end);
    if start == 0 && word(before) {
        from = end - core.trim_start_matches(outside).len();
    }
    if end == inner.len() && word(after) {
        let kept = core.trim_end_matches(outside);
        to = start + kept.len();
        // the sign that escapes what stays outside goes with it
        if kept.ends_with('\\') {
            to -= 1;
        }
    }
    // links and escapes are not cut through
    let cut = from > start || to < end;
    if core.is_empty() || from >= to || (cut && core.contains(['[', '\\', '{'])) {
        return out.push_str(inner);
    }
    out.push_str(&inner[..from]);
    out.push_str(mark);
    out.push_str(&inner[from..to]);
    out.push_str(mark);
    out.push_str(&inner[to..]);
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace()
}

/// Blanks that are dropped at the ends of a line, or stand outside of marks.
fn is_edge(c: char) -> bool {
    c.is_whitespace()
}

/// `[text](target)`; an address that is its own text stays bare, since every bare address becomes a link.
fn linked(text: &str, target: &str) -> String {
    let bare = text.trim();
    let same = |shown: &str, target: &str| shown.trim_end_matches('/') == target.trim_end_matches('/');
    let mail = target.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).map(|_| &target[7..]);
    let is_own = same(bare, target) || mail.is_some_and(|mail| mail.eq_ignore_ascii_case(bare));
    if bare.is_empty() || is_own || target.is_empty() {
        return escaped(text);
    }
    let start = text.len() - text.trim_start().len();
    let end = start + bare.len();
    let mut shown = escaped(bare).replace("\\]", "]");
    shown = shown.replace('[', "\\[").replace(']', "\\]");
    format!("{}[{shown}]({}){}", &text[..start], encoded(target), &text[end..])
}

/// A target that neither a blank nor a bracket ends.
fn encoded(target: &str) -> String {
    let mut out = String::with_capacity(target.len());
    let mut rest = target;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = field_length(rest) {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        match c {
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            c if c.is_whitespace() => out.push_str("%20"),
            c => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Escapes what Markdown would read inside a line.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = field_length(rest) {
            out.push_str(&rest[..length]);
            (rest, before) = (&rest[length..], Some('}'));
            continue;
        }
        let after = rest[c.len_utf8()..].chars().next();
        let inside_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let special = match c {
            '*' | '`' | '<' => true,
            '_' => !(inside_word(before) && inside_word(after)),
            '\\' => after.is_none_or(|after| after.is_ascii_punctuation()),
            ']' => matches!(after, Some('(' | '[' | ':')),
            '&' => after.is_some_and(|after| after == '#' || after.is_ascii_alphabetic()),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        (rest, before) = (&rest[c.len_utf8()..], Some(c));
    }
    out
}

/// Escapes what Markdown would read at the beginning of a line; bullets and numbers that were typed stay what they are.
pub(super) fn at_line_start(text: String) -> String {
    let hashes = text.trim_start_matches('#');
    let heading = hashes.len() < text.len() && (hashes.is_empty() || hashes.starts_with([' ', '\t']));
    let fence = text.starts_with("~~~");
    let empty_item = matches!(text.as_str(), "-" | "+");
    if heading || fence || empty_item || text.starts_with(['>', '|', '=']) { format!("\\{text}") } else { text }
}

/// How many octets the merge field takes that `text` begins with.
fn field_length(text: &str) -> Option<usize> {
    /// No field is longer; a text of nothing but braces is not searched to its end from each of them.
    const LONGEST: usize = 400;
    let inner = text.strip_prefix("{{")?.as_bytes();
    inner[..inner.len().min(LONGEST)].windows(2).position(|pair| pair == b"}}").map(|end| end + 4)
}

/// Neighbours of one style are one.
fn joined(spans: &[Span]) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut().filter(|last| last.style == span.style || span.text.trim().is_empty()) {
            Some(last) if last.style.link == span.style.link => last.text.push_str(&span.text),
            _ => joined.push(span.clone()),
        }
    }
    joined
}

/// Where fields begin and end.
fn fields(text: &str) -> Vec<(usize, usize)> {
    let mut fields = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        match field_length(&text[open..]) {
            Some(length) => {
                fields.push((open, open + length));
                from = open + length;
            }
            None => from = open + 2,
        }
    }
    fields
}

/// A field that is cut into spans has the style of its first brace.
fn with_whole_fields(spans: &[Span]) -> Vec<Span> {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    let fields = fields(&text);
    if fields.is_empty() {
        return spans.to_vec();
    }
    let mut fields = fields.into_iter().peekable();
    let mut whole: Vec<Span> = Vec::new();
    let mut at = 0;
    let mut style_of_field = Style::default();
    for span in spans {
        for c in span.text.chars() {
            while fields.next_if(|(_, close)| *close <= at).is_some() {}
            let inside = fields.peek().filter(|(open, _)| *open <= at);
            if inside.is_some_and(|(open, _)| *open == at) {
                style_of_field = span.style.clone();
            }
            let style = if inside.is_some() { &style_of_field } else { &span.style };
            // a field stands on one line
            let c = if inside.is_some() && c == '\n' { ' ' } else { c };
            match whole.last_mut().filter(|last| last.style == *style) {
                Some(last) => last.text.push(c),
                None => whole.push(Span { text: c.to_string(), style: style.clone() }),
            }
            at += c.len_utf8();
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, marks: &str) -> Span {
        let (marks, link) = match marks.split_once('@') {
            Some((marks, target)) => (marks, Some(target.to_owned())),
            None => (marks, None),
        };
        let style = Style { bold: marks.contains('b'), italic: marks.contains('i'), link };
        Span { text: text.to_owned(), style }
    }

    #[test]
    fn what_would_be_markdown_prints_as_typed() {
        let table = [
            ("5 * 3 = 15", "5 \\* 3 = 15"),
            ("# 12", "\\# 12"),
            ("> 5 %", "\\> 5 %"),
            ("snake_case and _this_", "snake_case and \\_this\\_"),
            ("a <b> & &amp; `c`", "a \\<b> & \\&amp; \\`c\\`"),
            ("Q&A", "Q\\&A"),
            ("[Original signed]", "[Original signed]"),
            ("[a](b)", "[a\\](b)"),
            ("[a]: b", "[a\\]: b"),
            ("N:\\Orgpctl\\CL.doc", "N:\\Orgpctl\\CL.doc"),
            ("- Regulators", "- Regulators"),
            ("  Regulators\t", "Regulators"),
            ("=====", "\\====="),
            ("{{ addressee.copy_to }} * x", "{{ addressee.copy_to }} \\* x"),
        ];
        for (text, line) in table {
            assert_eq!(lines(&[span(text, "")], Type::Kept), [line], "{text}");
        }
    }

    #[test]
    fn bold_italic_and_links_are_marked_where_commonmark_reads_them() {
        let table: &[(&[Span], &str)] = &[
            (&[span("Ref.: ", "b"), span("Circular 1", "")], "**Ref.:** Circular 1"),
            (&[span("Ref.:", "b"), span("Circular 1", "")], "**Ref**.:Circular 1"),
            (&[span("a ", "b"), span("b", "bi"), span(" c", "b"), span(" d", "")], "**a *b* c** d"),
            // italics straight against bold cannot be told apart, and go
            (&[span("one", "i"), span("two", "b")], "one**two**"),
            (&[span("pages", "@https://cop.example/a (b)")], "[pages](https://cop.example/a%20%28b%29)"),
            (&[span("cop@itu.example", "@mailto:cop@itu.example")], "cop@itu.example"),
            (&[span("https://cop.example/", "@https://cop.example")], "https://cop.example/"),
            (
                &[span("the ", ""), span("pages ", "b@https://cop.example"), span("now", "")],
                "the **[pages](https://cop.example)** now",
            ),
        ];
        for (spans, line) in table {
            assert_eq!(lines(spans, Type::Kept), [*line], "{spans:?}");
        }
        assert_eq!(lines(&[span("To", "b"), span(" all", "")], Type::Plain), ["To all"]);
    }

    #[test]
    fn a_field_that_was_cut_into_runs_is_whole_again() {
        let spans = [span("Dear {{ addre", ""), span("ssee.na", "b"), span("me }", "i"), span("}, you", "")];
        assert_eq!(lines(&spans, Type::Kept), ["Dear {{ addressee.name }}, you"]);
        let spans = [span("{", ""), span("{ addressee.name }}", "b")];
        assert_eq!(lines(&spans, Type::Kept), ["{{ addressee.name }}"]);
    }

    #[test]
    fn a_line_break_begins_a_line() {
        assert_eq!(lines(&[span("one\ntwo", "b")], Type::Kept), ["**one**", "**two**"]);
    }
}
