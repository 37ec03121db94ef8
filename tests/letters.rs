//! A corpus of our own letters in six languages: every field of every letter, exactly, and how often each field is
//! found (precision, recall). `NAME.expected.json` stands beside each letter; the letters that begin `damaged-` must
//! park. `LETTERS=FOLDER cargo test --test letters -- --nocapture` measures any other folder of letters the same way.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

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
        "salutation": text(&letter.salutation),
        "closing": text(&letter.closing),
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

/// How one field was read in all letters.
#[derive(Default)]
struct Score {
    right: usize,
    found: usize,
    expected: usize,
    /// Letters in which the field was exactly as printed, of how many.
    exact: usize,
    letters: usize,
}

impl Score {
    fn add(&mut self, found: &Value, expected: &Value) {
        let (printed, wanted) = (items(found), items(expected));
        self.right += printed.iter().filter(|item| wanted.contains(item)).count();
        self.found += printed.len();
        self.expected += wanted.len();
        self.exact += usize::from(found == expected);
        self.letters += 1;
    }
}

/// What the whole folder came to.
#[derive(Default)]
struct Report {
    scores: BTreeMap<String, Score>,
    wrong: Vec<String>,
    /// An addressee that the letter does not print, in a letter that would go out: the error there is no way back from.
    added: Vec<String>,
    letters: BTreeMap<String, usize>,
    parked: usize,
}

impl Report {
    fn measure(&mut self, path: &Path) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let expected =
            fs::read_to_string(path.with_extension("expected.json")).expect("expected values beside the letter");
        let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).expect("expected values in JSON");
        let letter =
            read(name, &fs::read(path).expect("a letter"), NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
        let found = understood(&letter);
        let errors = letter.problems.iter().filter(|problem| problem.severity == Severity::Error).collect::<Vec<_>>();
        for (field, expected) in &expected {
            self.scores.entry(field.clone()).or_default().add(&found[field], expected);
            if found[field] != *expected {
                self.wrong.push(format!("{name}: {field}: {} instead of {expected}", found[field]));
            }
            let group = field == "to" || field == "copy";
            for item in
                items(&found[field]).iter().filter(|item| group && errors.is_empty() && !items(expected).contains(item))
            {
                self.added.push(format!("{name}: {field}: {item} is not among {expected}"));
            }
        }
        if errors.is_empty() == name.starts_with("damaged-") {
            self.wrong.push(format!("{name}: parks: {}: {errors:?}", !errors.is_empty()));
        }
        let language = expected.get("language").and_then(Value::as_str).unwrap_or("damaged");
        *self.letters.entry(language.to_owned()).or_default() += 1;
        self.parked += usize::from(!errors.is_empty());
    }

    fn print(&self) {
        let letters: usize = self.letters.values().sum();
        println!("{letters} letters {:?}, {} of them park", self.letters, self.parked);
        println!("{:>12} {:>9} {:>7} {:>15}", "field", "precision", "recall", "letters right");
        let (mut exact, mut fields) = (0, 0);
        for (field, score) in &self.scores {
            let share = |of: usize| (score.right * 100).checked_div(of).unwrap_or(100);
            let (found, expected) = (share(score.found), share(score.expected));
            println!("{field:>12} {found:>7} % {expected:>5} % {:>8} of {}", score.exact, score.letters);
            (exact, fields) = (exact + score.exact, fields + score.letters);
        }
        println!("{exact} of {fields} fields exactly as printed; {} addressees added by mistake", self.added.len());
        self.wrong.iter().for_each(|wrong| println!("{wrong}"));
    }
}

/// The letter as other hands and converters lay it out.
fn layouts(text: &str) -> Vec<(&'static str, String)> {
    let each = |change: &dyn Fn(&str) -> String| text.lines().map(change).collect::<Vec<_>>().join("\n");
    let bulleted = |line: &str| line.starts_with(['-', '–', '•']);
    let bare = |line: &str| line.is_empty() || line.starts_with(['|', '-', '#', '>']);
    vec![
        ("twice the blank lines", text.replace("\n\n", "\n\n\n")),
        ("blanks at the ends of lines", each(&|line| format!("{line}  "))),
        ("carriage returns", text.replace('\n', "\r\n")),
        ("indented", each(&|line| if bare(line) { line.to_owned() } else { format!("  {line}") })),
        ("no-break blank before colons", text.replace(':', "\u{a0}:")),
        ("full-width colons", text.replace(": ", "：")),
        ("quoted", each(&|line| if line.starts_with('|') { line.to_owned() } else { format!("> {line}") })),
        ("no blank lines", text.replace("\n\n", "\n")),
        ("bullets as dots", text.replace("\n- ", "\n• ").replace("\n– ", "\n• ")),
        ("one blank for two", text.replace("  ", " ")),
        ("bullets wrapped at forty", each(&|line| if bulleted(line) { wrapped(line, 40) } else { line.to_owned() })),
    ]
}

fn wrapped(line: &str, width: usize) -> String {
    let (mut lines, mut last) = (String::new(), 0);
    for word in line.split(' ') {
        if last > 0 && last + word.chars().count() > width {
            lines.push('\n');
            last = 0;
        } else if last > 0 {
            lines.push(' ');
        }
        lines.push_str(word);
        last += word.chars().count() + 1;
    }
    lines
}

/// What became of the layouts of some letters.
#[derive(Default)]
struct LaidOut {
    added: Vec<String>,
    read: usize,
    sent: usize,
    whole: usize,
}

impl LaidOut {
    fn read(&mut self, path: &Path) {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let text = fs::read_to_string(path).expect("a letter");
        let expected = fs::read_to_string(path.with_extension("expected.json")).expect("expected values");
        let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).expect("JSON");
        for (layout, text) in layouts(&text) {
            let letter = read(name, text.as_bytes(), NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"));
            self.read += 1;
            if letter.problems.iter().any(|problem| problem.severity == Severity::Error) {
                continue;
            }
            self.sent += 1;
            let found = understood(&letter);
            let printed = |field: &&str| expected.get(*field).is_none_or(|e| found[*field] == *e);
            self.whole += usize::from(["to", "copy"].iter().all(printed));
            for field in ["to", "copy"] {
                let Some(expected) = expected.get(field) else { continue };
                for item in items(&found[field]).iter().filter(|item| !items(expected).contains(item)) {
                    self.added.push(format!("{name}, {layout}: {field}: {item}"));
                }
            }
        }
    }
}

#[test]
fn another_layout_of_a_letter_never_adds_an_addressee() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/letters");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md" || extension == "txt"));
    paths.retain(|path| !path.file_name().unwrap().to_string_lossy().starts_with("damaged-"));
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    let of_hand = |hand: usize| {
        let mut laid_out = LaidOut::default();
        paths.iter().skip(hand).step_by(hands).for_each(|path| laid_out.read(path));
        laid_out
    };
    let all: Vec<LaidOut> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..hands).map(|hand| scope.spawn(move || of_hand(hand))).collect();
        running.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    let sum = |count: fn(&LaidOut) -> usize| all.iter().map(count).sum::<usize>();
    let (laid, sent, whole) = (sum(|one| one.read), sum(|one| one.sent), sum(|one| one.whole));
    println!("{laid} layouts, {sent} would go out, {whole} of them with every addressee as printed");
    let added: Vec<String> = all.into_iter().flat_map(|one| one.added).collect();
    assert!(added.is_empty(), "{}\n{} in all", added.join("\n"), added.len());
}

/// In any form that staff drop.
fn is_letter(path: &Path) -> bool {
    let forms = ["md", "txt", "docx", "html", "htm"];
    path.extension().is_some_and(|extension| forms.iter().any(|form| extension == *form))
}

#[test]
fn every_field_of_every_letter_is_read_as_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = ["tests/letters", "tests/letters_office"].map(|name| root.join(name)).to_vec();
    let folders = env::var_os("LETTERS").map_or(ours, |folder| vec![PathBuf::from(folder)]);
    let mut names: Vec<_> =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut report = Report::default();
    for path in names.iter().filter(|path| is_letter(path)) {
        report.measure(path);
    }
    report.print();
    assert!(report.added.is_empty(), "addressees added by mistake:\n{}", report.added.join("\n"));
    assert!(report.wrong.is_empty(), "{} fields are not as printed, see above", report.wrong.len());
    if env::var_os("LETTERS").is_none() {
        for language in ["ar", "en", "es", "fr", "ru", "zh"] {
            let held = report.letters.get(language).copied().unwrap_or_default();
            assert!(held >= 11, "{held} letters in {language}; the corpus holds at least eleven in each language");
        }
    }
}
