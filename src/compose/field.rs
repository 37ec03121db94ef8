//! Merge fields: `{{ addressee.name }}`, read into slots.
//!
//! A letter can say little, on purpose: a field, and what stands in its place where an addressee has none. There are no
//! conditions, loops or expressions in a letter; whatever else stands between `{{` and `}}` is refused with what can be
//! written instead. Values are put in after rendering, so a value that looks like a field or like Markdown stays text.

use super::slot::{self, Filter, Place, Slot, Slots};
use crate::circular::Problem;

const CAN_BE_WRITTEN: &str = "what can be written is {{ addressee.COLUMN }}, {{ addressee.COLUMN | default(\"…\") }}, \
                              {{ addressee.COLUMN | upper }} and {{ addressee.COLUMN | lower }}";

/// Replaces every field of `text` by the mark of its slot. `line` is the line of the file on which `text` begins.
/// Lines keep their number, so that what is found later can still be told by line.
pub(super) fn take_fields(text: &str, line: u32, slots: &mut Slots, problems: &mut Vec<Problem>) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, content) in (line..).zip(text.split('\n')) {
        if number > line {
            out.push('\n');
        }
        check_characters(content, number, problems);
        take_line(content, number, slots, &mut out, problems);
    }
    out
}

/// For parts of a letter that are the same for everyone: reports a field that stands there.
pub(super) fn refuse_fields(what: &str, text: &str, line: u32, problems: &mut Vec<Problem>) {
    check_characters(text, line, problems);
    if text.contains("{{") {
        let message =
            format!("a field cannot stand in the {what}; fields go into subject, salutation, body, closing and notes");
        problems.push(Problem::error(line, message));
    }
}

fn check_characters(content: &str, line: u32, problems: &mut Vec<Problem>) {
    if let Some(found) = content.chars().find(|c| slot::is_unsendable(*c)) {
        let message = format!(
            "the character U+{:04X} cannot be sent: it is invisible, has no agreed shape or stands for one that was lost; \
             write what is meant",
            u32::from(found)
        );
        problems.push(Problem::error(line, message));
    }
}

fn take_line(content: &str, line: u32, slots: &mut Slots, out: &mut String, problems: &mut Vec<Problem>) {
    let mut rest = content;
    while let Some(start) = rest.find("{{") {
        let (before, after) = rest.split_at(start);
        check_leftovers(before, line, problems);
        out.push_str(before);
        let Some(end) = after.find("}}") else {
            let message = format!("\"{after}\" opens a field that is not closed on its line; {CAN_BE_WRITTEN}");
            problems.push(Problem::error(line, message));
            return;
        };
        match read_field(&after[2..end], line) {
            Ok(slot) => match slots.add(slot) {
                Some(mark) => out.push(mark),
                None => problems.push(Problem::error(line, "the letter has more than 4,096 fields")),
            },
            Err(message) => problems.push(Problem::error(line, message)),
        }
        rest = &after[end + 2..];
    }
    check_leftovers(rest, line, problems);
    out.push_str(rest);
}

/// What is left of other systems' fields would reach a minister as it stands.
fn check_leftovers(text: &str, line: u32, problems: &mut Vec<Problem>) {
    for mark in ["}}", "{%", "%}"] {
        if text.contains(mark) {
            problems.push(Problem::error(line, format!("\"{mark}\" is not for letters; {CAN_BE_WRITTEN}")));
        }
    }
    // %NAME%: every second stretch between per cent signs could be one.
    let is_name = |word: &&str| word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let stretches: Vec<&str> = text.split('%').collect();
    if stretches.len() > 2
        && let Some(name) = stretches[1..stretches.len() - 1].iter().find(|word| is_name(word))
    {
        let message = format!("\"%{name}%\" looks like another program's field; {CAN_BE_WRITTEN}");
        problems.push(Problem::error(line, message));
    }
}

fn read_field(inside: &str, line: u32) -> Result<Slot, String> {
    let found = inside.trim();
    let mut parts = split_unquoted(found).into_iter();
    let name = parts.next().unwrap_or_default();
    let Some(field) = name.strip_prefix("addressee.").filter(|field| is_name(field)) else {
        return Err(match is_name(name) {
            true => format!("\"{{{{ {found} }}}}\" is not a field; write {{{{ addressee.{name} }}}}"),
            false => format!("\"{{{{ {found} }}}}\" is not a field; {CAN_BE_WRITTEN}"),
        });
    };
    let filters = parts
        .map(|part| {
            read_filter(part).ok_or_else(|| {
                format!("\"{part}\" in \"{{{{ {found} }}}}\" is not known after a field; {CAN_BE_WRITTEN}")
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Slot { field: field.to_owned(), filters, place: Place::Prose, line })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// Splits at `|` outside quotes.
fn split_unquoted(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, character) in text.char_indices() {
        match character {
            '"' | '\'' | '“' | '”' => quoted = !quoted,
            '|' if !quoted => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn read_filter(part: &str) -> Option<Filter> {
    match part {
        "upper" => return Some(Filter::Upper),
        "lower" => return Some(Filter::Lower),
        _ => {}
    }
    let argument = part.strip_prefix("default")?.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
    // Word processors turn straight quotes into curly ones; both are quotes here.
    let pairs = [('"', '"'), ('\'', '\''), ('“', '”'), ('”', '”')];
    let text = pairs.iter().find_map(|(open, close)| argument.strip_prefix(*open)?.strip_suffix(*close))?;
    Some(Filter::Default(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(text: &str) -> (String, Vec<Slot>, Vec<Problem>) {
        let (mut slots, mut problems) = (Slots::default(), Vec::new());
        let out = take_fields(text, 10, &mut slots, &mut problems);
        (out, slots.into_inner(), problems)
    }

    #[test]
    fn a_field_becomes_a_slot_with_its_line_and_what_is_done_to_it() {
        let (out, slots, problems) = take(
            "Dear\n{{addressee.title | default(\"Sir | Madam\")}} {{ addressee.name|upper }} {{ addressee.pays_d’envoi }}"
                .replace("pays_d’envoi", "país")
                .as_str(),
        );
        assert_eq!(problems, []);
        assert_eq!(out.split('\n').count(), 2);
        assert_eq!(slots[0].filters, [Filter::Default("Sir | Madam".into())]);
        assert!(slots[0].is_optional() && !slots[1].is_optional());
        assert_eq!((slots[1].field.as_str(), slots[1].line), ("name", 11));
        assert_eq!(slots[1].filters, [Filter::Upper]);
        assert_eq!(slots[2].field, "país");
    }

    #[test]
    fn quotes_that_a_word_processor_made_curly_are_quotes() {
        for argument in ["default(“x”)", "default('x')", "default( \"x\" )", "default(”x”)"] {
            assert_eq!(read_filter(argument), Some(Filter::Default("x".into())), "{argument}");
        }
    }

    #[test]
    fn whatever_else_stands_in_braces_is_refused_with_its_line_and_a_remedy() {
        for (text, remedy) in [
            ("a\n{{ name }}", "write {{ addressee.name }}"),
            ("a\n{{ 7*7 }}", "addressee.COLUMN"),
            ("a\n{{ addressee.name | tojson }}", "\"tojson\""),
            ("a\n{{ addressee.name | default(x) }}", "default"),
            ("a\n{{ addressee.__class__.x }}", "addressee.COLUMN"),
            ("a\n{{ addressee.name", "not closed"),
            ("a\n{% include \"/etc/passwd\" %}", "{%"),
            ("a\nname }}", "}}"),
            ("a\nDear %FIRST_NAME%,", "%FIRST_NAME%"),
            ("a\nb\u{0}c", "U+0000"),
            ("a\nb\u{F0001}c", "U+F0001"),
        ] {
            let (_, _, problems) = take(text);
            assert!(!problems.is_empty(), "{text}");
            assert_eq!(problems[0].line, 11, "{text}");
            assert!(problems[0].message.contains(remedy), "{text}: {}", problems[0].message);
        }
    }

    #[test]
    fn per_cent_signs_and_single_braces_are_text() {
        let (out, _, problems) = take("50 % to 60 %, 10% VAT, 5%, {a} and }{");
        assert_eq!((out.as_str(), problems), ("50 % to 60 %, 10% VAT, 5%, {a} and }{", Vec::new()));
    }

    #[test]
    fn a_field_in_a_part_that_is_the_same_for_everyone_is_refused() {
        let mut problems = Vec::new();
        refuse_fields("place", "{{ addressee.city }}", 3, &mut problems);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("in the place"));
    }
}
