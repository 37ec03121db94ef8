//! Lines of plain text: wrapped by display width, so that Chinese lines are as long as English ones.
//!
//! 72 columns, as RFC 5322 §2.1.1 leaves room for quoting below its 78. A word longer than that stands on a line of its
//! own, unbroken: it is a web address. Text in wide characters breaks between them, but not before a closing mark or
//! after an opening one.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::slot::KEPT_SPACE;

/// Columns of a line.
pub(super) const COLUMNS: usize = 72;
/// What ends a line on the wire and in the parts of a message.
pub(super) const LINE_END: &str = "\r\n";

/// Marks that must not begin a line.
const CLOSING: &str = "、。，．：；！？）］｝〉》」』】〕〗”’…—～·ー々ァィゥェォッャュョぁぃぅぇぉっゃゅょ";
/// Marks that must not end a line.
const OPENING: &str = "（［｛〈《「『【〔〖“‘";

/// Display width in columns.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Writes `content`, of which each line feed begins a new line, with `first` before its first line and `rest` before
/// all others.
pub(super) fn wrap(content: &str, first: &str, rest: &str, out: &mut String) {
    for (number, line) in content.split('\n').enumerate() {
        let lead = if number == 0 { first } else { rest };
        out.push_str(lead);
        let mut column = width(lead);
        let mut start_of_line = true;
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let mut gap = usize::from(!start_of_line);
            for unit in Units(word) {
                let length = width(unit);
                if !start_of_line && column + gap + length > COLUMNS {
                    out.push_str(LINE_END);
                    out.push_str(rest);
                    column = width(rest);
                } else if gap == 1 {
                    out.push(' ');
                    column += 1;
                }
                push_unit(unit, out);
                column += length;
                gap = 0;
                start_of_line = false;
            }
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push_str(LINE_END);
    }
}

fn push_unit(unit: &str, out: &mut String) {
    if unit.is_ascii() || !unit.contains(KEPT_SPACE) {
        out.push_str(unit);
    } else {
        out.push_str(&unit.replace(KEPT_SPACE, " "));
    }
}

/// A word cut where a line may end inside it.
struct Units<'a>(&'a str);

impl<'a> Iterator for Units<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let word = self.0;
        if word.is_empty() {
            return None;
        }
        let end = if word.is_ascii() { word.len() } else { first_break(word) };
        let (unit, rest) = word.split_at(end);
        self.0 = rest;
        Some(unit)
    }
}

fn first_break(word: &str) -> usize {
    let mut characters = word.char_indices();
    let Some((_, mut before)) = characters.next() else { return 0 };
    for (at, character) in characters {
        if may_break(before, character) {
            return at;
        }
        before = character;
    }
    word.len()
}

fn may_break(before: char, after: char) -> bool {
    const JOINER: char = '\u{200D}';
    // Skin tones colour the character before them.
    let joined = before == JOINER || after.width() == Some(0) || ('\u{1F3FB}'..='\u{1F3FF}').contains(&after);
    let wide = before.width() == Some(2) || after.width() == Some(2);
    wide && !joined && !CLOSING.contains(after) && !OPENING.contains(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(content: &str, first: &str, rest: &str) -> Vec<String> {
        let mut out = String::new();
        wrap(content, first, rest, &mut out);
        assert!(out.ends_with(LINE_END));
        out.trim_end().split(LINE_END).map(str::to_owned).collect()
    }

    #[test]
    fn lines_are_as_long_as_they_look_in_every_script() {
        for text in ["word ".repeat(60), "слово ".repeat(60), "国际电信联盟，".repeat(30), "كلمة ".repeat(60)]
        {
            let lines = lines(&text, "", "");
            assert!(lines.len() > 1);
            for line in &lines {
                assert!(width(line) <= COLUMNS && !line.starts_with('，') && !line.ends_with(' '), "{line}");
            }
            assert!(width(&lines[0]) > 58, "{}", lines[0]);
        }
    }

    #[test]
    fn a_prefix_stands_before_every_line_and_a_break_is_kept() {
        let found = lines(&format!("one\ntwo {}", "x ".repeat(40)), "1. ", "   ");
        assert_eq!(found[0], "1. one");
        assert!(found[1].starts_with("   two") && found[2].starts_with("   x"));
    }

    #[test]
    fn an_address_longer_than_a_line_is_not_broken() {
        let address = format!("https://x.example/{}", "a".repeat(100));
        assert_eq!(lines(&format!("see {address} now"), "", ""), ["see", address.as_str(), "now"]);
    }

    #[test]
    fn a_family_stays_together() {
        let family = "👩‍👩‍👧‍👦";
        for line in lines(&family.repeat(60), "", "") {
            assert!(!line.starts_with('\u{200D}') && !line.ends_with('\u{200D}'));
        }
    }
}
