//! The source lines of the HTML part: short, so that a letter in plain ASCII travels as it is (RFC 2045 §2.7) and whoever
//! opens its source can read it.
//!
//! Lines are broken at spaces of the text and between attributes, where HTML takes a line end for a space; never inside an
//! attribute's value, and not inside `<pre>`.

use super::{slot, wrap::LINE_END};

/// RFC 2045 §6.7 allows 76 columns, CR counted, where a text has to be encoded; what fits that is not.
const COLUMNS: usize = 75;
/// What a value is taken to be long.
const VALUE: usize = 24;

/// Folds the lines of an HTML page, drops blank ones, and ends them as on the wire.
pub(super) fn lines(html: &str) -> String {
    let mut folder = Folder { out: String::with_capacity(html.len() + html.len() / 40), in_tag: false, quote: None };
    let mut kept = false;
    for line in html.lines() {
        let is_kept = kept || line.contains("<pre");
        // Whichever stands last, the opening or the closing tag, holds for the next line.
        kept = match (line.rfind("<pre"), line.rfind("</pre>")) {
            (None, None) => kept,
            (opened, closed) => opened > closed,
        };
        if is_kept {
            folder.push(line);
        } else if !line.trim().is_empty() {
            folder.fold(line.trim());
        }
    }
    folder.out
}

struct Folder {
    out: String,
    in_tag: bool,
    quote: Option<char>,
}

impl Folder {
    fn push(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push_str(LINE_END);
    }

    fn fold(&mut self, line: &str) {
        let (mut start, mut column) = (0, 0);
        // Where the line may end, and how wide it is up to there.
        let mut space: Option<(usize, usize)> = None;
        for (at, character) in line.char_indices() {
            self.follow(character);
            if character == ' ' && self.quote.is_none() {
                space = Some((at, column));
            }
            column += if slot::has_slot(character.encode_utf8(&mut [0; 4])) { VALUE } else { character.len_utf8() };
            if column > COLUMNS
                && let Some((end, width)) = space.take()
            {
                self.push(&line[start..end]);
                start = end + 1;
                column -= width + 1;
            }
        }
        self.push(&line[start..]);
    }

    /// Quotes count inside tags only; in text they are escaped.
    fn follow(&mut self, character: char) {
        match (self.in_tag, self.quote, character) {
            (false, _, '<') => self.in_tag = true,
            (true, None, '>') => self.in_tag = false,
            (true, None, '"' | '\'') => self.quote = Some(character),
            (true, Some(quote), _) if quote == character => self.quote = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_never_inside_a_value() {
        let words = "word ".repeat(40);
        let style = "a b;".repeat(30);
        let page = format!("<p class=\"x\" style=\"{style}\" dir=\"ltr\">{words}</p>\n\n  <p>y</p>\n");
        let folded = lines(&page);
        assert!(folded.contains(&format!("style=\"{style}\"{LINE_END}dir")), "{folded}");
        assert!(folded.lines().all(|line| line.len() <= COLUMNS || line.contains(&style)), "{folded}");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(flat(&folded), flat(&page));
    }

    #[test]
    fn what_is_kept_line_by_line_stays_so() {
        let long = "x ".repeat(60);
        let page = format!("<pre>a  b\n\n{long}\n  c</pre>\n\n<p>d</p>\n");
        assert_eq!(lines(&page).replace(LINE_END, "\n"), format!("<pre>a  b\n\n{long}\n  c</pre>\n<p>d</p>\n"));
        assert_eq!(lines("<pre>a</pre>\n\n<p>b</p>").replace(LINE_END, "\n"), "<pre>a</pre>\n<p>b</p>\n");
    }
}
