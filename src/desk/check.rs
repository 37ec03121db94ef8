//! Check: how each letter is understood, field by field with its lines, and all that stands against sending it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    Desk, DeskError, Prospect, Version,
    objections::{Used, used_reference},
    surroundings::Surroundings,
    understand::understand_among,
};
use crate::{
    circular::{FileName, Found, PrintedDate, Problem, ReferenceKey, Severity, largest_file},
    folders::read_regular,
    ledger::{CircularState, ReachCount},
};

mod lines;

/// One letter, as `check --format json` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct CheckEntry {
    /// As given, or below the workspace.
    pub file: String,
    /// `en`
    pub language: Option<String>,
    /// As printed, without label.
    pub reference: Option<String>,
    /// `corrigendum 1`
    pub supplement: Option<String>,
    /// "Geneva"
    pub place: Option<String>,
    /// ISO, or `YYYY-MM`.
    pub date: Option<String>,
    /// Addressee lines.
    pub to: Vec<CheckLine>,
    /// Copy lines.
    pub copy: Vec<CheckLine>,
    /// As printed.
    pub subject: Option<String>,
    /// As printed.
    pub salutation: Option<String>,
    /// As printed.
    pub closing: Option<String>,
    /// Who signs.
    pub signatories: Vec<CheckSignatory>,
    /// The number that the letter states.
    pub annexes: Option<u32>,
    /// Every deadline.
    pub deadlines: Vec<NaiveDate>,
    /// `ready`, `parked`, `sent` or `not_a_letter`
    pub status: &'static str,
    /// Errors first.
    pub problems: Vec<Problem>,
    /// The line of each field that was found.
    pub lines: BTreeMap<&'static str, u32>,
    /// How many mailboxes it would reach today; `null` where it is parked.
    pub reaches: Option<i64>,
    /// What would happen; `null` where it is parked or was sent, and for a circular's further languages.
    pub prospect: Option<Prospect>,
    /// The files that go out with it, for people: "2 files, 34 kB: …".
    #[serde(skip)]
    pub attached: Option<String>,
    /// When it would go out, for people.
    #[serde(skip)]
    pub due: Option<chrono::DateTime<chrono::Utc>>,
    /// The version that parks it, where nothing stands against itself, for people.
    #[serde(skip)]
    pub parked_with: Option<String>,
    /// Where each deadline stands, for people.
    #[serde(skip)]
    pub deadline_lines: Vec<u32>,
    /// Breakdown of `reaches`, for people.
    #[serde(skip)]
    pub reach: Option<ReachCount>,
}

/// One addressee line.
#[derive(Debug, Clone, Serialize)]
pub struct CheckLine {
    /// As printed, without bullet.
    pub text: String,
    /// Line of the file.
    pub line: u32,
    /// Names of its groups; empty: not understood.
    pub groups: Vec<String>,
}

/// One signatory.
#[derive(Debug, Clone, Serialize)]
pub struct CheckSignatory {
    /// As printed.
    pub name: String,
    /// As printed.
    pub title: Option<String>,
    /// Where it stands, for people.
    #[serde(skip)]
    pub line: u32,
}

/// Checks files: all letters of the workspace, or those given, wherever they lie. Files of one stem in one folder are one
/// circular: the versions beside a file that is given are read with it, and shown where something stands against them.
pub async fn check_files(desk: &Desk, given: &[PathBuf]) -> Result<Vec<CheckEntry>, DeskError> {
    let surroundings = Surroundings::of(desk).await?;
    let mut entries = Vec::new();
    let paths = if given.is_empty() { letters_of(desk, &mut entries)? } else { given.to_vec() };
    let mut circulars: BTreeMap<(PathBuf, String), Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match FileName::parse(&name) {
            FileName::Letter { stem, .. } => {
                let folder = path.parent().map(PathBuf::from).unwrap_or_default();
                circulars.entry((folder, stem)).or_default().push((path, name));
            }
            // a sample is named on purpose: it is checked like a letter and stays none
            FileName::NotALetter { why } if is_sample(&name) => {
                entries
                    .extend(check_circular(desk, &name, vec![(path, name.clone())], Some(why), &surroundings).await?);
            }
            FileName::NotALetter { .. } if name.chars().any(char::is_control) => {
                entries.push(unreadable(
                    desk.workspace.shown(&path),
                    "has a name with a line break or another control \
                     character; rename it"
                        .to_owned(),
                ));
            }
            FileName::NotALetter { why } => entries.push(not_a_letter(desk.workspace.shown(&path), why)),
        }
    }
    for ((folder, stem), mut files) in circulars {
        let asked = files.len();
        if !given.is_empty() {
            files.extend(versions_beside(&folder, &stem, &files));
        }
        let beside: Vec<String> = files[asked..].iter().map(|(path, _)| desk.workspace.shown(path)).collect();
        let checked = check_circular(desk, &stem, files, None, &surroundings).await?;
        entries.extend(without_sound(checked, &beside));
    }
    entries.sort_by(|a, b| a.file.cmp(&b.file));
    check_one_another(&mut entries);
    Ok(entries)
}

/// The other files of a circular that lie in its folder, those that cannot be read included.
fn versions_beside(folder: &Path, stem: &str, known: &[(PathBuf, String)]) -> Vec<(PathBuf, String)> {
    let dir = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // a folder that is not there has no versions; that the file given is not there is told of the file
    let scanned = crate::folders::scan(dir).unwrap_or_default();
    let refused = scanned.refused.iter().filter_map(|refusal| refusal.path.file_name()?.to_str().map(str::to_owned));
    let names = scanned.files.iter().map(|seen| seen.name.clone()).chain(refused);
    let is_version = |name: &String| {
        let same = matches!(FileName::parse(name), FileName::Letter { stem: of, .. } if of == stem);
        same && known.iter().all(|(_, known)| known != name)
    };
    names.filter(is_version).map(|name| (folder.join(&name), name)).collect()
}

/// Leaves out the versions that nobody asked for and nothing stands against; what is told once of a circular stays.
fn without_sound(mut entries: Vec<CheckEntry>, beside: &[String]) -> Vec<CheckEntry> {
    let prospect = entries.iter_mut().find_map(|entry| entry.prospect.take());
    entries.retain(|entry| entry.has_error() || !beside.contains(&entry.file));
    if let Some(first) = entries.first_mut() {
        first.prospect = prospect;
    }
    entries
}

/// Whether a name is that of a letter but for its first character.
fn is_sample(name: &str) -> bool {
    let rest = name.trim_start_matches('_');
    rest.len() < name.len() && matches!(FileName::parse(rest), FileName::Letter { .. })
}

fn letters_of(desk: &Desk, entries: &mut Vec<CheckEntry>) -> Result<Vec<PathBuf>, DeskError> {
    let scanned = crate::folders::scan(&desk.workspace.templates())?;
    entries.extend(super::letters_below(&scanned).into_iter().map(|(folder, why)| {
        blank(desk.workspace.shown(&folder), "not_a_letter", Problem::warning(0, format!("it {why}")))
    }));
    let refused = scanned.refused.into_iter().map(|refusal| refusal.path);
    Ok(scanned.files.into_iter().map(|seen| seen.path).chain(refused).collect())
}

async fn check_circular(
    desk: &Desk,
    stem: &str,
    files: Vec<(PathBuf, String)>,
    not_sent: Option<String>,
    surroundings: &Surroundings,
) -> Result<Vec<CheckEntry>, DeskError> {
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    let mut shown = BTreeMap::new();
    let mut entries = Vec::new();
    for (path, name) in files {
        shown.insert(name.clone(), desk.workspace.shown(&path));
        match read_regular(&path, largest_file(&name)) {
            Ok(octets) => read.push((name, octets)),
            Err(refusal) => {
                entries.push(unreadable(desk.workspace.shown(&path), refusal.why.to_string()));
                refused.push(refusal);
            }
        }
    }
    if read.is_empty() {
        return Ok(entries);
    }
    let understood = understand_among(desk, stem, &read, &refused, surroundings).await?;
    let used = used_reference(desk, &understood).await?;
    let errors = understood.first_error().is_some();
    let reach = match errors {
        true => None,
        false => Some(super::reached::count_reached(desk, &understood.reach, surroundings).await?),
    };
    let sighting = super::sight(desk, &understood, None);
    let goes = !errors && matches!(used, Used::No) && sighting.state != CircularState::Parked;
    let mut prospect = match goes {
        true => Some(super::prospect::prospect(desk, &understood, &sighting, surroundings).await?),
        false => None,
    };
    let at_fault =
        understood.first_error().map(|(file, _)| shown.get(file).cloned().unwrap_or_else(|| file.to_owned()));
    for version in understood.versions.iter().filter(|version| read.iter().any(|(name, _)| *name == version.file)) {
        let file = shown.get(&version.file).cloned().unwrap_or_else(|| version.file.clone());
        let mut entry = entry(version, file);
        entry.reaches = reach.as_ref().map(|count| count.mailboxes);
        entry.reach.clone_from(&reach);
        entry.due = sighting.due_at;
        entry.attached = super::annexes::summary(&understood.annexes);
        // of the circular, so once: with its original, which is the first
        entry.prospect = prospect.take();
        entry.status = match &used {
            Used::Sent => "sent",
            Used::ByAnother(_) | Used::Cancelled(_) => "parked",
            Used::No if errors || sighting.state == CircularState::Parked => "parked",
            Used::No => "ready",
        };
        if let Used::ByAnother(message) | Used::Cancelled(message) = &used {
            let line = version.letter.reference.as_ref().map_or(0, |found| found.line);
            entry.problems.insert(0, Problem::error(line, message.clone()));
        }
        // only its time can park a letter in which nothing is wrong
        if entry.status == "parked" && at_fault.is_none() && !entry.has_error() {
            entry.problems.extend(sighting.reason.iter().map(|reason| Problem::error(0, reason.clone())));
        }
        if entry.status == "parked" && !entry.has_error() {
            entry.parked_with.clone_from(&at_fault);
        }
        if let Some(why) = &not_sent {
            entry.status = "not_a_letter";
            entry.problems.push(Problem::note(0, format!("it is not sent: {why}")));
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Letters of one look that print the same reference: the first of them has it.
fn check_one_another(entries: &mut [CheckEntry]) {
    let mut users: BTreeMap<String, (String, String)> = BTreeMap::new();
    for entry in entries {
        let key = entry.reference.as_deref().and_then(|reference| reference.parse::<ReferenceKey>().ok());
        let (Some(key), "ready") = (key, entry.status) else { continue };
        let (file, stem) = users.entry(key.to_string()).or_insert_with(|| (entry.file.clone(), stem_of(&entry.file)));
        if *stem != stem_of(&entry.file) {
            let message =
                format!("the reference also stands in {file}; one of the two letters needs another reference");
            entry.problems.insert(0, Problem::error(entry.lines.get("reference").copied().unwrap_or(0), message));
            entry.status = "parked";
            entry.prospect = None;
        }
    }
}

fn stem_of(file: &str) -> String {
    match FileName::parse(file.rsplit('/').next().unwrap_or(file)) {
        FileName::Letter { stem, .. } => stem,
        FileName::NotALetter { .. } => file.to_owned(),
    }
}

fn entry(version: &Version, file: String) -> CheckEntry {
    let letter = &version.letter;
    let text = |found: &Option<Found<String>>| found.as_ref().map(|found| found.value.clone());
    let lines = |lines: &[super::understand::ResolvedLine]| {
        lines
            .iter()
            .map(|line| CheckLine {
                text: line.text.clone(),
                line: line.line,
                groups: line.groups.iter().map(ToString::to_string).collect(),
            })
            .collect()
    };
    CheckEntry {
        file,
        language: Some(letter.language.to_string()),
        reference: letter.reference.as_ref().map(|found| found.value.to_string()),
        supplement: letter.supplement.as_ref().map(ToString::to_string),
        place: text(&letter.place),
        date: letter.date.as_ref().map(|found| iso(found.value)),
        to: lines(&version.to),
        copy: lines(&version.copy),
        subject: text(&letter.subject),
        salutation: text(&letter.salutation),
        closing: text(&letter.closing),
        signatories: letter
            .signatories
            .iter()
            .map(|signatory| CheckSignatory {
                name: signatory.name.clone(),
                title: signatory.title.clone(),
                line: signatory.line,
            })
            .collect(),
        annexes: letter.annexes.as_ref().map(|found| found.value),
        deadlines: letter.deadlines.iter().map(|found| found.value).collect(),
        status: "parked",
        problems: version.problems.clone(),
        lines: lines::of_fields(version),
        reaches: None,
        prospect: None,
        attached: None,
        deadline_lines: letter.deadlines.iter().map(|found| found.line).collect(),
        parked_with: None,
        due: None,
        reach: None,
    }
}

/// ISO, or `YYYY-MM` where the letter gives no day.
pub(crate) fn iso(date: PrintedDate) -> String {
    match date {
        PrintedDate::Day(day) => day.to_string(),
        PrintedDate::Month(year, month) => format!("{year:04}-{month:02}"),
    }
}

fn blank(file: String, status: &'static str, problem: Problem) -> CheckEntry {
    CheckEntry {
        file,
        language: None,
        reference: None,
        supplement: None,
        place: None,
        date: None,
        to: Vec::new(),
        copy: Vec::new(),
        subject: None,
        salutation: None,
        closing: None,
        signatories: Vec::new(),
        annexes: None,
        deadlines: Vec::new(),
        status,
        problems: vec![problem],
        lines: BTreeMap::new(),
        reaches: None,
        prospect: None,
        attached: None,
        deadline_lines: Vec::new(),
        parked_with: None,
        due: None,
        reach: None,
    }
}

fn not_a_letter(file: String, why: String) -> CheckEntry {
    blank(file, "not_a_letter", Problem::note(0, format!("it is not read as a letter: {why}")))
}

fn unreadable(file: String, why: String) -> CheckEntry {
    blank(file, "parked", Problem::error(0, format!("it {why}")))
}

impl CheckEntry {
    /// Whether anything in it stands against sending.
    pub fn is_parked(&self) -> bool {
        self.status == "parked" || self.has_error()
    }

    fn has_error(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }
}
