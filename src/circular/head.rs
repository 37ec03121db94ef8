//! The optional head: `key: value` lines between two `---` lines at the very top.
//!
//! Not YAML: a value runs to the end of its line, lists are parted by commas, nothing is quoted, since `#`, `:` and `*`
//! stand in subjects. Refuses unknown keys (with the nearest known one), keys written twice, empty values, a head that is
//! not closed.

use super::{
    Found, Head, Language, PrintedDate, Problem, clock_time,
    dates::{Reading, only_date},
    lines::Line,
    problem::nearest,
};

/// Every key of the head.
pub(super) const KEYS: [&str; 14] = [
    "send",
    "repeat",
    "reference",
    "subject",
    "date",
    "language",
    "to",
    "copy",
    "from",
    "reply-to",
    "attachments",
    "exclude",
    "wait-for",
    "kind",
];

/// The head, how many lines it takes, and its problems.
pub(super) fn read(lines: &[Line]) -> (Head, usize, Vec<Problem>) {
    let mut head = Head::default();
    let Some(open) = lines.iter().position(|line| !line.is_blank()).filter(|at| lines[*at].trimmed() == "---") else {
        return (head, 0, Vec::new());
    };
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    let close = lines[open + 1..].iter().position(|line| line.trimmed() == "---").map(|at| open + 1 + at);
    let end = close.unwrap_or_else(|| last_pair(lines, open));
    for line in &lines[open + 1..end] {
        if !line.is_blank() {
            read_line(*line, &mut head, &mut seen, &mut problems);
        }
    }
    if close.is_none() {
        let message = "the head is not closed: write a line --- after its last key";
        problems.push(Problem::error(lines[open].number, message));
        return (head, end, problems);
    }
    (head, end + 1, problems)
}

/// Where a head that is not closed most likely ends: before the first line that is no `key: value`.
fn last_pair(lines: &[Line], open: usize) -> usize {
    let is_pair = |line: &Line| pair(line.trimmed()).is_some_and(|(key, _)| KEYS.contains(&key.as_str()));
    lines[open + 1..].iter().position(|line| !is_pair(line)).map_or(lines.len(), |at| open + 1 + at)
}

/// Key and value; keys in any case, `reply_to` as `reply-to`.
fn pair(text: &str) -> Option<(String, &str)> {
    let (key, value) = text.split_once([':', '：'])?;
    Some((key.trim().to_lowercase().replace('_', "-"), value.trim_matches(super::fold::is_blank)))
}

fn read_line(line: Line, head: &mut Head, seen: &mut Vec<String>, problems: &mut Vec<Problem>) {
    let number = line.number;
    let Some((key, value)) = pair(line.trimmed()) else {
        let message = format!("\"{}\" is not a line of the head: write key: value", short(line.trimmed()));
        return problems.push(Problem::error(number, message));
    };
    if !KEYS.contains(&key.as_str()) {
        return problems.push(Problem::error(number, unknown(&key)));
    }
    if seen.contains(&key) {
        return problems.push(Problem::error(number, format!("{key} stands twice in the head: keep one")));
    }
    if value.is_empty() {
        let message = format!("{key} has no value: write one, or delete the line");
        problems.push(Problem::error(number, message));
    } else if let Err(message) = assign(head, &key, value, number) {
        problems.push(Problem::error(number, message));
    }
    seen.push(key);
}

fn unknown(key: &str) -> String {
    match nearest(key, KEYS) {
        Some(known) => format!("the head has no key \"{}\"; did you mean \"{known}\"?", short(key)),
        None => format!("the head has no key \"{}\"; it has {}", short(key), KEYS.join(", ")),
    }
}

fn short(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

fn assign(head: &mut Head, key: &str, value: &str, line: u32) -> Result<(), String> {
    let text = || Some(Found { value: value.to_owned(), line });
    let list = || Some(Found { value: list(value), line });
    match key {
        "send" => head.send = Some(Found { value: clock_time::send(value)?, line }),
        "repeat" => head.repeat = text(),
        "reference" => head.reference = text(),
        "subject" => head.subject = text(),
        "date" => head.date = Some(Found { value: date(value)?, line }),
        "language" => head.language = Some(Found { value: language(value)?, line }),
        "to" => head.to = list(),
        "copy" if value.eq_ignore_ascii_case("none") => head.copy = Some(Found { value: Vec::new(), line }),
        "copy" => head.copy = list(),
        "from" => head.from = text(),
        "reply-to" => head.reply_to = list(),
        "attachments" => head.attachments = list(),
        "exclude" => head.exclude = list(),
        "wait-for" => {
            let languages = self::list(value).iter().map(|name| language(name)).collect::<Result<_, _>>()?;
            head.wait_for = Some(Found { value: languages, line });
        }
        _ => kind(value)?,
    }
    Ok(())
}

fn list(value: &str) -> Vec<String> {
    let items = value.split([',', '，', '、', '،']).map(str::trim).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

fn date(value: &str) -> Result<PrintedDate, String> {
    match only_date(value) {
        Some(Reading::Sure(date)) => Ok(date),
        Some(Reading::Ambiguous(one, other)) => {
            Err(format!("date: \"{value}\" is {one} or {other}: write the month as a word, or {one}"))
        }
        None => Err(format!("date: \"{value}\" is not a date: write 3 December 2021, December 2021 or 2021-12-03")),
    }
}

fn language(value: &str) -> Result<Language, String> {
    Language::from_name(value).ok_or_else(|| {
        format!("\"{value}\" is not a language: write en, fr, es, ru, ar, zh or another two-letter code")
    })
}

fn kind(value: &str) -> Result<(), String> {
    match value.to_lowercase().as_str() {
        "official" => Ok(()),
        "subscription" => Err("kind: only official circulars are sent, subscriptions are not".to_owned()),
        _ => Err(format!("kind: \"{value}\" is not a kind of circular: write official, or delete the line")),
    }
}
