//! The lines of a letter with their numbers, and what a line looks like: blank, a bullet, a heading, cells of a table.

use super::fold::{digit, is_blank, is_han};

/// One line of the file, or one cell of a table's line in the printed head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// From 1, the optional head included.
    pub number: u32,
    /// As it stands, without its line end.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    pub fn is_blank(&self) -> bool {
        self.text.chars().all(is_blank)
    }

    /// The text without blanks at both ends.
    pub fn trimmed(&self) -> &'a str {
        self.text.trim_matches(is_blank)
    }
}

/// Joins a wrapped line to the text above it: with a blank, but none where Chinese runs on.
pub(super) fn join(above: &mut String, below: &str) {
    let wide = |c: char| is_han(c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}');
    let (last, first) = (above.chars().next_back(), below.chars().next());
    let runs_on = last.zip(first).is_some_and(|(last, first)| {
        let body = |c: char| c.is_alphanumeric() || wide(c) || matches!(c, '“' | '”' | '《' | '》');
        (wide(last) && body(first)) || (wide(first) && body(last))
    });
    if !above.is_empty() && !runs_on {
        above.push(' ');
    }
    above.push_str(below);
}

/// The lines of a text, numbered.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    (1..).zip(text.split('\n')).map(|(number, text)| Line { number, text }).collect()
}

/// What follows a bullet or a list number, or `None` where the line has neither.
pub(super) fn bullet(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(is_blank);
    let first = text.chars().next()?;
    if matches!(first, '•' | '·' | '▪' | '◦' | '●' | '‣' | '■' | '\u{f0b7}' | '—' | '–' | '－') {
        return Some(text[first.len_utf8()..].trim_matches(is_blank));
    }
    if matches!(first, '-' | '*' | '+' | '‐' | '‑' | '‒' | '−') {
        let rest = &text[first.len_utf8()..];
        return rest.starts_with(is_blank).then(|| rest.trim_matches(is_blank));
    }
    numbered(text)
}

/// What follows `1.`, `2)`, `a)`, `(3)` or `1-`.
fn numbered(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(').unwrap_or(text);
    let digits = inner.find(|c| digit(c).is_none()).unwrap_or(inner.len());
    let letter = inner.chars().next().filter(|c| c.is_alphabetic());
    let mark = match (digits, letter) {
        (1..=9, _) => digits,
        (0, Some(letter)) => letter.len_utf8(),
        _ => return None,
    };
    let rest = &inner[mark..];
    let rest = rest.strip_prefix([')', '）']).or_else(|| rest.strip_prefix(['.', '、', '-']).filter(|_| digits > 0))?;
    rest.starts_with(is_blank).then(|| rest.trim_matches(is_blank))
}

/// Whether a line is a heading or stands wholly in bold type.
pub(super) fn is_title(text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    let bold = |mark: &str| text.len() > 2 * mark.len() && text.starts_with(mark) && text.ends_with(mark);
    (text.starts_with('#') && text.trim_start_matches('#').starts_with(is_blank)) || bold("**") || bold("__")
}

/// A rule such as `---`, `***`, `____`, `┌    ┐`, or the line under a table's header.
pub(super) fn is_rule(text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    let drawn = |c| matches!(c, '-' | '_' | '*' | '=' | '|' | ':' | ' ' | '—' | '＿' | '\u{2500}'..='\u{257f}');
    text.chars().count() >= 3 && text.chars().all(drawn)
}

/// The line break of HTML, which tables in Markdown need.
pub(super) const BREAKS: [&str; 4] = ["<br>", "<br/>", "<br />", "<BR>"];

/// The number between two pages, `- 2 -`.
pub(super) fn is_page_number(text: &str) -> bool {
    let dash = |c| matches!(c, '-' | '–' | '—');
    let inner = text.trim_matches(is_blank).strip_prefix(dash).and_then(|rest| rest.strip_suffix(dash));
    inner
        .map(|inner| inner.trim_matches(is_blank))
        .is_some_and(|inner| (1..=3).contains(&inner.chars().count()) && inner.chars().all(|c| digit(c).is_some()))
}

/// The printed text of a head line: without heading marks, bold type, quotation bars, link targets and escapes.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim_matches(is_blank);
    let heading = text.trim_start_matches('#');
    let text = if heading.len() < text.len() && heading.starts_with(is_blank) { heading } else { text };
    let text = text.trim_matches(is_blank).trim_start_matches("> ");
    let text = if text == ">" { "" } else { text };
    let text = text.strip_suffix('\\').unwrap_or(text);
    let text = BREAKS.iter().find_map(|mark| text.strip_suffix(mark)).unwrap_or(text);
    let text = without_links(&text.replace("**", "").replace("__", ""));
    let text = text.trim_matches(is_blank);
    let slanted = |mark| text.strip_prefix(mark).and_then(|inner: &str| inner.strip_suffix(mark));
    let inner = slanted('*').or_else(|| slanted('_')).filter(|inner| !inner.starts_with(is_blank)).unwrap_or(text);
    let label = slanted_label(inner, '*').or_else(|| slanted_label(inner, '_'));
    unescaped(&label.unwrap_or_else(|| inner.to_owned()))
}

/// "*Enclosures:* agenda", "_Copy_: members": a label in slanted type before its value.
fn slanted_label(text: &str, mark: char) -> Option<String> {
    let (label, rest) = text.strip_prefix(mark)?.split_once(mark)?;
    let ends = label.ends_with([':', '：']) || rest.starts_with([':', '：']);
    (ends && !label.starts_with(is_blank)).then(|| format!("{label}{rest}"))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let escapes = c == '\\' && characters.peek().is_some_and(char::is_ascii_punctuation);
        plain.push(if escapes { characters.next().unwrap_or(c) } else { c });
    }
    plain
}

/// `[text](target)` becomes `text`.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let open = rest[..middle].rfind('[');
        let close = rest[middle..].find(')').map(|at| middle + at);
        let (Some(open), Some(close)) = (open, close) else { break };
        plain.push_str(&rest[..open]);
        plain.push_str(&rest[open + 1..middle]);
        rest = &rest[close + 1..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bullets_and_numbers_are_seen_and_hyphenated_words_are_not() {
        let table = [
            ("- Regulators", Some("Regulators")),
            ("  * A", Some("A")),
            ("•A", Some("A")),
            ("– Администрациям", Some("Администрациям")),
            ("1. A", Some("A")),
            ("(2) B", Some("B")),
            ("a) B", Some("B")),
            ("－ 监管机构", Some("监管机构")),
            ("‑ Регуляторам", Some("Регуляторам")),
            ("-5 degrees", None),
            ("**Subject:** x", None),
            ("A. B. University", None),
            ("ITU-D", None),
            ("", None),
        ];
        for (text, rest) in table {
            assert_eq!(bullet(text), rest, "{text}");
        }
    }

    #[test]
    fn wrapped_lines_are_joined_as_their_language_does() {
        let table = [
            ("Survey on", "numbering", "Survey on numbering"),
            ("职业级教练员", "培训班的通知", "职业级教练员培训班的通知"),
            ("批准ITU-R", "建议书草案", "批准ITU-R建议书草案"),
            ("第5研究组（地面业务）", "– 建议", "第5研究组（地面业务） – 建议"),
            ("关于“科普", "”事业", "关于“科普”事业"),
        ];
        for (above, below, joined) in table {
            let mut text = above.to_owned();
            join(&mut text, below);
            assert_eq!(text, joined);
        }
    }

    #[test]
    fn the_number_between_two_pages_is_no_bullet_to_read() {
        for (text, number) in
            [("- 2 -", true), ("– 12 –", true), ("- 2", false), ("- 2 groups -", false), ("--", false)]
        {
            assert_eq!(is_page_number(text), number, "{text}");
        }
    }

    #[test]
    fn a_head_line_is_printed_without_its_markup() {
        let table = [
            ("**Ref.:** Circular 1", "Ref.: Circular 1"),
            ("## Circular CR/25", "Circular CR/25"),
            ("*Subject*", "Subject"),
            ("Updates on [COP \\(now\\)](#) work", "Updates on COP (now) work"),
            ("Regulators<br>", "Regulators"),
            ("5 * 3", "5 * 3"),
            ("a](", "a]("),
        ];
        for (text, printed) in table {
            assert_eq!(plain(text), printed, "{text}");
        }
    }
}
