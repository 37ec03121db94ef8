//! What stands against sending a letter, and what staff should know.
//!
//! Errors park: no reference, no To, no subject, no body, damaged text, statements of a template language, fields that are
//! not closed. Warnings do not: no date, place, salutation or closing, links without a target, days that have passed.

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;

use super::{Letter, PrintedDate, Problem, lines::Line};

/// A letter may be a few weeks old when it goes out: it was signed, translated, printed.
const OLD_AFTER_DAYS: i64 = 30;

/// Said of a letter that has nothing between its head and its closing.
pub(super) const NO_BODY: &str = "the letter has no body: write its text below the subject and the salutation";

/// Problems of the whole letter: what is missing, what has passed.
pub(super) fn of_letter(letter: &Letter, has_to: ToLabel, today: NaiveDate) -> Vec<Problem> {
    let mut problems = Vec::new();
    if letter.reference.is_none() {
        problems
            .push(Problem::error(0, "the letter has no reference: print \"Ref.: …\", or write reference: in the head"));
    }
    // a supplement goes to the addressees of its parent
    if letter.to.is_empty() && (letter.parent().is_none() || has_to == ToLabel::Printed) {
        problems.push(Problem::error(
            0,
            match has_to {
                ToLabel::Printed => "nobody stands below To: write one addressee per line, each after a hyphen",
                ToLabel::Missing => {
                    "the letter has no To: print \"To\" and one addressee per line, or write to: in the head"
                }
            },
        ));
    }
    if letter.subject.is_none() {
        problems
            .push(Problem::error(0, "the letter has no subject: print \"Subject: …\", or write subject: in the head"));
    }
    if letter.body.value.trim().is_empty() {
        problems.push(Problem::error(0, NO_BODY));
    }
    problems.extend(beside_others(letter));
    problems.extend(missing(letter));
    problems.extend(passed(letter, today));
    problems
}

/// "Minister's office             Dr. A. Example", "на № ____ от ____": no name has such a gap inside; what stands behind it is of
/// another column or form.
fn beside_others(letter: &Letter) -> impl Iterator<Item = Problem> + '_ {
    let is_gap = |word: &str| !word.is_empty() && word.chars().all(|c| c == '_');
    let parted = letter.to.iter().chain(&letter.copy).filter(move |line| {
        let text = line.text.as_str();
        text.contains(['\t', '|']) || text.contains("    ") || text.split(' ').any(is_gap)
    });
    parted.map(|line| {
        let message = format!(
            "\"{}\" stands beside something else: write one addressee per line, apart from all other text",
            line.text
        );
        Problem::error(line.line, message)
    })
}

/// Whether a To is printed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToLabel {
    /// A label stands there.
    Printed,
    /// None does.
    Missing,
}

fn missing(letter: &Letter) -> Vec<Problem> {
    let lacks = [
        (letter.date.is_none(), "the letter has no date"),
        (letter.place.is_none(), "the letter has no place"),
        (letter.salutation.is_none(), "the letter has no salutation"),
        (letter.closing.is_none(), "the letter has no closing formula"),
    ];
    lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, message)| Problem::warning(0, message)).collect()
}

fn passed(letter: &Letter, today: NaiveDate) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(date) = &letter.date {
        let (last, printed) = match date.value {
            PrintedDate::Day(day) => (Some(day), day.to_string()),
            PrintedDate::Month(year, month) => (last_day(year, month), format!("{year}-{month:02}")),
        };
        if last.is_some_and(|last| (today - last).num_days() > OLD_AFTER_DAYS) {
            let message = format!(
                "the printed date, {printed}, is more than {OLD_AFTER_DAYS} days ago: check that the letter is still to go out"
            );
            problems.push(Problem::warning(date.line, message));
        }
    }
    for deadline in letter.deadlines.iter().filter(|deadline| deadline.value < today) {
        let message = format!("the deadline {} has passed: check that the letter is still to go out", deadline.value);
        problems.push(Problem::warning(deadline.line, message));
    }
    problems
}

fn last_day(year: i32, month: u32) -> Option<NaiveDate> {
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    NaiveDate::from_ymd_opt(year, month, 1)?.pred_opt()
}

/// Problems of single lines: damage, template statements, fields that are not closed, links without a target.
pub(super) fn of_lines(lines: &[Line]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for line in lines {
        if let Some(message) = damage(line.text).or_else(|| merging(line.text)) {
            problems.push(Problem::error(line.number, message));
        }
        let links = empty_links(line.text);
        if !links.is_empty() {
            problems.push(Problem::warning(line.number, without_target(&links)));
        }
    }
    problems
}

fn without_target(links: &[String]) -> String {
    const NAMED: usize = 5;
    let names: Vec<String> = links.iter().take(NAMED).map(|name| format!("\"{name}\"")).collect();
    let more = match links.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let kind = if links.len() == 1 { "a link" } else { "links" };
    format!("{kind} without a target: {}{more}: printed as plain text", names.join(", "))
}

/// U+FFFD, and UTF-8 that was read as Windows-1252 and saved again: `Ã©` for é, `â€™` for ’.
fn damage(text: &str) -> Option<String> {
    if text.contains('\u{fffd}') {
        return Some(
            "a letter was lost in an earlier conversion (U+FFFD): restore the text from its source".to_owned(),
        );
    }
    let run = text.split(|c: char| c.is_ascii()).find(|run| is_doubly_encoded(run))?;
    let sample: String = run.chars().take(12).collect();
    let meant = repaired(run).unwrap_or_default();
    let meant: String = meant.chars().take(12).collect();
    Some(format!("\"{sample}\" was encoded twice (it means \"{meant}\"): restore the text from its source"))
}

fn is_doubly_encoded(run: &str) -> bool {
    run.chars().count() >= 2 && repaired(run).is_some_and(|meant| meant.chars().all(is_likely))
}

/// The characters that the run's octets are in UTF-8, if they are.
fn repaired(run: &str) -> Option<String> {
    let (octets, _, unmappable) = WINDOWS_1252.encode(run);
    if unmappable { None } else { String::from_utf8(octets.into_owned()).ok() }
}

/// Characters of printed letters; `É` before a no-break space also makes valid UTF-8, but of a letter nobody prints.
fn is_likely(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{17f}' | '\u{401}'..='\u{451}' | '\u{621}'..='\u{64a}' | '\u{2010}'..='\u{2044}' | '\u{4e00}'..='\u{9fff}')
}

fn merging(text: &str) -> Option<String> {
    if let Some(opening) = ["{%", "{#"].into_iter().find(|opening| text.contains(opening)) {
        return Some(format!(
            "\"{opening}\" begins a statement: only fields such as {{{{ addressee.name }}}} can be merged"
        ));
    }
    let mut rest = text;
    loop {
        match (rest.find("{{"), rest.find("}}")) {
            (None, None) => return None,
            (Some(open), Some(close)) if open < close => {
                if rest[open + 2..close].contains("{{") {
                    return Some(unclosed(&rest[open..]));
                }
                rest = &rest[close + 2..];
            }
            (Some(open), _) if !rest[..open].contains("}}") => return Some(unclosed(&rest[open..])),
            _ => return Some("\"}}\" ends a field that was not begun: write {{ addressee.name }}".to_owned()),
        }
    }
}

fn unclosed(field: &str) -> String {
    let field: String = field.chars().take(30).collect();
    format!("\"{field}\" is not closed: write {{{{ addressee.name }}}} on one line")
}

/// The texts of `[text](#)` and `[text]()`.
fn empty_links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices("](") {
        let target = text[at + 2..].trim_start().strip_prefix('#').unwrap_or(&text[at + 2..]);
        if target.trim_start().starts_with(')') {
            let name = text[start..at].rfind('[').map_or("", |open| &text[start + open + 1..at]);
            links.push(name.replace('\\', ""));
        }
        start = at;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::{super::lines::lines, *};

    fn messages(text: &str) -> Vec<String> {
        of_lines(&lines(text)).iter().map(|problem| format!("{}:{}", problem.severity, problem.located("f"))).collect()
    }

    #[test]
    fn damaged_text_is_an_error_with_its_line() {
        for text in ["x\nLa sÃ©ance", "x\nITUâ€™s", "x\nÐ¼Ð¸Ñ€", "x\nLa s\u{fffd}ance", "x\nRÃ‰F"] {
            let found = messages(text);
            assert!(found.len() == 1 && found[0].starts_with("error:f:2:"), "{text}: {found:?}");
        }
        for text in ["SOCIÉTÉ\u{a0}: oui", "« À »", "“É” É» Ñ»", "naïve café", "Государств – Членов", "《通函》", "NÃO"]
        {
            assert_eq!(messages(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn statements_and_open_fields_are_errors_and_fields_are_not() {
        for text in ["{% if x %}", "{# note #}", "Dear {{ addressee.name,", "name }} x", "{{ a {{ b }}", "{{ a }} {{ b"]
        {
            let found = messages(text);
            assert!(found.len() == 1 && found[0].starts_with("error:"), "{text}: {found:?}");
        }
        assert_eq!(messages("Dear {{ addressee.name }} of {{ addressee.country }}, {a} 5 % # x"), Vec::<String>::new());
    }

    #[test]
    fn links_without_a_target_are_one_warning_per_line() {
        assert_eq!(
            messages("see [G20 \\(now\\)](#), [COP]() and [site](https://itu.example)"),
            ["warning:f:1: links without a target: \"G20 (now)\", \"COP\": printed as plain text"]
        );
    }
}
