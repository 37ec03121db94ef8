//! Who gets the letter: To and Copy as houses of six languages print them, with a label and without.
//!
//! The letters stand in `addressees.txt`: `=== what it is`, the head (or all of it behind `@@`), then `--- to` and `--- copy`
//! with one addressee per line; `--- parks` where it may go to nobody before a person has looked.

use super::{heads::BODY, *};

const LETTERS: &str = include_str!("addressees.txt");

/// A letter of the table and what it says.
struct Case {
    name: &'static str,
    text: String,
    lists: Option<[Vec<&'static str>; 2]>,
    parks: Option<()>,
}

fn cases() -> Vec<Case> {
    let parts = LETTERS.split("=== ").skip(1);
    let case = |part: &'static str| {
        let (name, rest) = part.split_once('\n').unwrap_or((part, ""));
        let mut sections = rest.split("\n--- ");
        let head = sections.next().unwrap_or_default().trim_end();
        let text = match head.split_once("@@") {
            Some((head, below)) => format!("{head}{below}\n"),
            None => format!("{head}\n{BODY}"),
        };
        let sections: Vec<&str> = sections.collect();
        let list = |key: &str| {
            let found = sections.iter().find_map(|section| section.strip_prefix(key));
            found.unwrap_or_default().lines().filter(|line| !line.is_empty()).collect()
        };
        let parks = sections.iter().any(|section| section.starts_with("parks")).then_some(());
        let lists = (parks.is_none() || sections.len() > 1).then(|| [list("to"), list("copy")]);
        Case { name, text, lists, parks }
    };
    parts.map(case).collect()
}

fn check(change: &dyn Fn(&str) -> String) {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let letter = read("x.txt", change(&case.text).as_bytes(), day(2026, 1, 1));
        let parks = letter.problems.iter().any(|problem| problem.severity == Severity::Error).then_some(());
        let found = [texts(&letter.to), texts(&letter.copy)];
        if parks != case.parks || case.lists.as_ref().is_some_and(|lists| *lists != found) {
            wrong.push(format!("{}: {found:?} {:?}", case.name, letter.problems));
        }
    }
    assert!(cases.len() > 60, "{}", cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn those_written_to_are_read_as_printed() {
    check(&str::to_owned);
}

#[test]
fn those_written_to_are_read_in_other_layouts() {
    check(&|text| text.replace('\n', "\r\n"));
    check(&|text| text.replace("\n\n", "\n\n\n"));
    check(&|text| text.lines().map(|line| format!("{line}  ")).collect::<Vec<_>>().join("\n"));
}
