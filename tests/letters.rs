//! A corpus of our own letters in six languages: every field of every letter, exactly, and how often each field is
//! found (precision, recall). `NAME.expected.json` stands beside each letter; the letters that begin `damaged-` must park.

use std::{collections::BTreeMap, fs, path::Path};

use chrono::NaiveDate;
use circulard::circular::{AddresseeLine, Found, Letter, PrintedDate, Severity, read};
use serde_json::{Value, json};

fn understood(letter: &Letter) -> Value {
    let texts = |lines: &[AddresseeLine]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    let text = |found: &Option<Found<String>>| found.as_ref().map(|found| found.value.clone());
    let date = letter.date.as_ref().map(|found| match found.value {
        PrintedDate::Day(day) => day.to_string(),
        PrintedDate::Month(year, month) => format!("{year}-{month:02}"),
    });
    json!({
        "reference": letter.reference.as_ref().map(|found| found.value.to_string()),
        "date": date,
        "place": text(&letter.place),
        "to": texts(&letter.to),
        "copy": texts(&letter.copy),
        "subject": text(&letter.subject),
        "language": letter.language,
        "signatories": letter.signatories.iter().map(|s| json!({"name": s.name, "title": s.title})).collect::<Vec<_>>(),
        "annexes": letter.annexes.as_ref().map(|found| found.value),
        "deadlines": letter.deadlines.iter().map(|found| found.value.to_string()).collect::<Vec<_>>(),
        "supplement": letter.supplement.as_ref().map(ToString::to_string),
    })
}

/// The values of a field: none, one, or the items of a list.
fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

#[derive(Default)]
struct Score {
    right: usize,
    found: usize,
    expected: usize,
}

#[test]
fn every_field_of_every_letter_is_read_as_printed() {
    let folders =
        ["tests/letters", "tests/letters_office"].map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut letters = 0;
    let mut names: Vec<_> =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let forms = ["md", "txt", "docx", "html", "htm"];
    for path in names.iter().filter(|path| path.extension().is_some_and(|e| forms.iter().any(|form| e == *form))) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = fs::read_to_string(path.with_extension("expected.json")).unwrap();
        let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
        let letter = read(name, &fs::read(path).unwrap(), NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        let found = understood(&letter);
        for (field, expected) in &expected {
            let score = scores.entry(field.clone()).or_default();
            let (printed, wanted) = (items(&found[field]), items(expected));
            score.right += printed.iter().filter(|item| wanted.contains(item)).count();
            score.found += printed.len();
            score.expected += wanted.len();
            if found[field] != *expected {
                wrong.push(format!("{name}: {field}: {} instead of {expected}", found[field]));
            }
        }
        let parks = letter.problems.iter().any(|problem| problem.severity == Severity::Error);
        if parks != name.starts_with("damaged-") {
            wrong.push(format!("{name}: parks: {parks}: {:?}", letter.problems));
        }
        letters += 1;
    }
    println!("{letters} letters; field, precision, recall");
    for (field, score) in &scores {
        let share = |of: usize| (score.right * 100).checked_div(of).unwrap_or(100);
        println!("{field:>12} {:>4} % {:>4} %", share(score.found), share(score.expected));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(letters >= 18, "{letters}");
}
