//! Understands one circular: all files of one stem, their addressees, and everything that stands against sending it.

use super::{
    Desk, DeskError, annexes,
    annexes::Annex,
    copies::is_copy,
    listed,
    parent::{Parent, find_alike, find_parent},
    parity::check_versions,
    reach::Groups,
    reached::{check_reach, hash_addressees},
    sha256,
    surroundings::Surroundings,
};
use crate::{
    addressees::{Address, GroupName},
    circular::{Found, Language, Letter, Problem, Send, Severity, read},
    compose::{Layout, Marked, Rendered, render},
    folders::{Refusal, read_regular},
    ledger::{OfficeCopies, Reach},
    schedule::{Cron, resolve_local},
};

/// One addressee line and the groups it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedLine {
    /// As printed, without bullet.
    pub text: String,
    /// Line of the file.
    pub line: u32,
    /// Empty: it is not understood.
    pub groups: Vec<GroupName>,
}

/// One file of the circular.
#[derive(Debug, Clone)]
pub struct Version {
    /// File name.
    pub file: String,
    /// SHA-256 of its octets.
    pub sha256: [u8; 32],
    /// As read.
    pub letter: Letter,
    /// The To lines with their groups.
    pub to: Vec<ResolvedLine>,
    /// The Copy lines with their groups.
    pub copy: Vec<ResolvedLine>,
    /// For composing; `None` where the letter cannot be composed.
    pub rendered: Option<Rendered>,
    /// All that was found in it, the letter's own problems included.
    pub problems: Vec<Problem>,
}

/// One circular: its versions, whom it reaches, who writes it.
#[derive(Debug, Clone)]
pub struct Understood {
    /// File name without language and ending.
    pub stem: String,
    /// The original first.
    pub versions: Vec<Version>,
    /// Whom it reaches.
    pub reach: Reach,
    /// The sender's position in the house's list.
    pub sender: usize,
    /// Reply-To of the head; empty: the sender's.
    pub reply_to: Vec<Address>,
    /// Files that go with it.
    pub annexes: Vec<Annex>,
    /// Its cron expression.
    pub repeat: Option<Cron>,
    /// The circular that it supplements, once that has gone out.
    pub parent: Option<Parent>,
    /// Hash over whom it reaches, where approvals are asked for.
    pub addressees: Option<[u8; 32]>,
}

impl Version {
    /// From here on every line is a place in the file: of a Word document the paragraph, of a page the line of its source.
    fn locate(&mut self) {
        let places = self.letter.places.clone();
        self.letter.locate();
        for line in self.to.iter_mut().chain(&mut self.copy) {
            line.line = places.of(line.line);
        }
        for problem in &mut self.problems {
            problem.line = places.of(problem.line);
        }
    }
}

impl Understood {
    /// The version that addressees get who have none in a language of theirs.
    pub fn original(&self) -> Option<&Version> {
        self.versions.first()
    }

    /// The first problem that parks it, with its file.
    pub fn first_error(&self) -> Option<(&str, &Problem)> {
        self.errors().next()
    }

    /// All problems that park it, with their files.
    pub fn errors(&self) -> impl Iterator<Item = (&str, &Problem)> {
        self.versions.iter().flat_map(|version| {
            let errors = version.problems.iter().filter(|problem| problem.severity == Severity::Error);
            errors.map(|problem| (version.file.as_str(), problem))
        })
    }

    /// It is marked so, in one of its versions.
    pub fn is_confidential(&self) -> bool {
        self.versions.iter().any(|version| version.letter.confidential().is_some())
    }

    /// How many people must approve it: as many as the house asks for, and one more for a letter that is marked confidential.
    pub fn approvals_needed(&self, desk: &Desk) -> u32 {
        desk.rules.approvals + u32::from(self.is_confidential())
    }

    /// Hash over its texts and annexes.
    pub fn digest(&self) -> [u8; 32] {
        let mut all: Vec<Vec<u8>> = self
            .versions
            .iter()
            .map(|version| [version.letter.language.code().as_bytes(), b"\0", &version.sha256[..]].concat())
            .collect();
        all.sort();
        all.extend(self.annexes.iter().map(|annex| [annex.name.as_bytes(), b"\0", &annex.sha256[..]].concat()));
        sha256(&all.concat())
    }

    pub(super) fn problem_of_original(&mut self, problem: Problem) {
        if let Some(original) = self.versions.first_mut() {
            original.problems.push(problem);
        }
    }
}

/// Reads and understands the files of one stem.
pub async fn understand(desk: &Desk, stem: &str, files: &[(String, Vec<u8>)]) -> Result<Understood, DeskError> {
    understand_with(desk, stem, files, &[]).await
}

/// The same, where files of that stem cannot be read: the circular does not go without them.
pub async fn understand_with(
    desk: &Desk,
    stem: &str,
    files: &[(String, Vec<u8>)],
    refused: &[Refusal],
) -> Result<Understood, DeskError> {
    understand_among(desk, stem, files, refused, &Surroundings::of(desk).await?).await
}

/// The same, for one of many letters.
pub(super) async fn understand_among(
    desk: &Desk,
    stem: &str,
    files: &[(String, Vec<u8>)],
    refused: &[Refusal],
    surroundings: &Surroundings,
) -> Result<Understood, DeskError> {
    let Surroundings { groups, layout, .. } = surroundings;
    let (copies, files): (Vec<_>, Vec<_>) = files.iter().partition(|(file, _)| is_copy(file, files));
    let mut versions: Vec<Version> =
        files.into_iter().map(|(file, octets)| read_version(desk, file, octets, groups, layout)).collect();
    versions.sort_by_key(|version| rank(version, stem));
    let mut understood = Understood {
        stem: stem.to_owned(),
        versions,
        reach: Reach::default(),
        sender: 0,
        reply_to: Vec::new(),
        annexes: Vec::new(),
        repeat: None,
        parent: None,
        addressees: None,
    };
    for (file, _) in copies {
        let message = format!("{file} lies beside it and is not read: it is taken for a copy of the letter");
        understood.problem_of_original(Problem::note(0, message));
    }
    check_versions(&mut understood);
    resolve(&mut understood, groups);
    find_parent(desk, &mut understood, groups).await?;
    find_alike(desk, &mut understood).await?;
    read_head(desk, &mut understood);
    // they state nothing that could be compared with the others
    understood.versions.extend(refused.iter().map(|refusal| unread_version(desk, refusal)));
    check_reach(desk, &mut understood, surroundings).await?;
    if understood.first_error().is_none() && understood.approvals_needed(desk) > 0 {
        understood.addressees = Some(hash_addressees(desk, &understood.reach, surroundings).await?);
    }
    for version in &mut understood.versions {
        version.locate();
        version.problems.sort_by_key(|problem| (std::cmp::Reverse(problem.severity), problem.line));
        version.problems.dedup();
    }
    Ok(understood)
}

/// A file of which nothing is known but its name and why it is not read.
fn unread_version(desk: &Desk, refusal: &Refusal) -> Version {
    let file = refusal.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let letter = read(&file, &[], desk.today());
    let problems = vec![Problem::error(0, format!("it {}", refusal.why))];
    Version { file, sha256: sha256(&[]), letter, to: Vec::new(), copy: Vec::new(), rendered: None, problems }
}

/// The file without a language in its name is the original; else the order in which the house writes.
fn rank(version: &Version, stem: &str) -> (bool, usize, String) {
    const ORDER: [Language; 6] = [Language::EN, Language::FR, Language::ES, Language::RU, Language::AR, Language::ZH];
    let named = version.file.strip_prefix(stem).is_some_and(|rest| rest.matches('.').count() > 1);
    let place = ORDER.iter().position(|language| *language == version.letter.language).unwrap_or(ORDER.len());
    (named, place, version.file.clone())
}

/// Layouts of the workspace where there are any, else the built-in ones.
pub(super) fn read_layout(desk: &Desk) -> Result<Layout, Vec<Problem>> {
    const LIMIT: u64 = 1 << 20;
    let mut problems = Vec::new();
    let mut part = |name: &str| {
        let path = desk.workspace.layout().join(name);
        if !path.exists() {
            return None;
        }
        let text = read_regular(&path, LIMIT).map_err(|refusal| refusal.to_string());
        let text = text.and_then(|octets| String::from_utf8(octets).map_err(|_| format!("{name} is not UTF-8")));
        text.map_err(|message| problems.push(Problem::error(0, message))).ok()
    };
    let (html, text) = (part("letter.html"), part("letter.txt"));
    if !problems.is_empty() {
        return Err(problems);
    }
    match (html, text) {
        (None, None) => Ok(Layout::builtin()),
        (html, text) => Layout::parse(
            html.as_deref().unwrap_or(crate::compose::BUILTIN_HTML),
            text.as_deref().unwrap_or(crate::compose::BUILTIN_TEXT),
        ),
    }
}

fn read_version(
    desk: &Desk,
    file: &str,
    octets: &[u8],
    groups: &Groups,
    layout: &Result<Layout, Vec<Problem>>,
) -> Version {
    let letter = read(file, octets, desk.today());
    let mut problems = letter.problems.clone();
    let to = groups.resolve_lines(&letter.to, &mut problems);
    let copy = groups.resolve_lines(&letter.copy, &mut problems);
    // a letter without its parts cannot be composed, and the reader has said so
    let whole = letter.reference.is_some() && letter.subject.is_some() && !letter.body.value.trim().is_empty();
    let rendered = match layout {
        Ok(_) if !whole => Err(Vec::new()),
        Ok(layout) => render(&letter, layout, Marked::No),
        Err(problems) => {
            let located = |problem: &Problem| Problem::error(0, problem.located("templates/_layout"));
            Err(problems.iter().map(located).collect())
        }
    };
    let rendered = match rendered {
        Ok(rendered) => {
            problems.extend(rendered.warnings.iter().cloned());
            Some(rendered)
        }
        Err(found) => {
            // what the reader has said already is not said again in other words
            let said = |problem: &Problem| {
                problems.iter().any(|known| known.severity == Severity::Error && known.line == problem.line)
            };
            let new: Vec<Problem> = found.into_iter().filter(|problem| !said(problem)).collect();
            problems.extend(new);
            None
        }
    };
    Version { file: file.to_owned(), sha256: sha256(octets), letter, to, copy, rendered, problems }
}

/// The reach is the original's; every version must print the same groups.
fn resolve(understood: &mut Understood, groups: &Groups) {
    let Some(original) = understood.versions.first() else { return };
    let (to, copy) = (original.to.clone(), original.copy.clone());
    let exclude = original.letter.head.exclude.clone();
    let no_copies = original.letter.head.copy.as_ref().is_some_and(|copy| copy.value.is_empty());
    let named = |lines: &[ResolvedLine]| {
        let mut all: Vec<GroupName> = lines.iter().flat_map(|line| line.groups.iter().cloned()).collect();
        all.sort();
        all.dedup();
        all
    };
    let (to_groups, copy_groups) = (named(&to), named(&copy));
    let file = original.file.clone();
    for version in understood.versions.iter_mut().skip(1) {
        let understood_all = version.to.iter().chain(&version.copy).all(|line| !line.groups.is_empty());
        if understood_all && (named(&version.to), named(&version.copy)) != (to_groups.clone(), copy_groups.clone()) {
            let line = version.to.first().map_or(0, |line| line.line);
            let message =
                format!("its addressees are not those of {file}; the versions of one circular go to the same groups");
            version.problems.push(Problem::error(line, message));
        }
    }
    let mut problems = Vec::new();
    let mut reach = Reach { to: groups.select(&to, &mut problems), ..Reach::default() };
    if no_copies {
        reach.office_copies = OfficeCopies::LeftOut;
    }
    reach.copy = groups.select(&copy, &mut problems);
    reach.copy.retain(|selection| !reach.to.iter().any(|to| to.group == selection.group));
    groups.exclude(exclude.as_ref(), &mut reach, &mut problems);
    understood.reach = reach;
    problems.into_iter().for_each(|problem| understood.problem_of_original(problem));
}

/// What the original's head asks for.
fn read_head(desk: &Desk, understood: &mut Understood) {
    let Some(original) = understood.versions.first() else { return };
    let head = original.letter.head.clone();
    let mut problems = Vec::new();
    if let Some(from) = &head.from {
        match desk.rules.senders.iter().position(|sender| sender.name.eq_ignore_ascii_case(&from.value)) {
            Some(position) => understood.sender = position,
            None => {
                let known: Vec<&str> = desk.rules.senders.iter().map(|sender| sender.name.as_str()).collect();
                let message = format!("no [[sender]] is called \"{}\"; known are {}", from.value, listed(&known));
                problems.push(Problem::error(from.line, message));
            }
        }
    }
    if let Some(reply_to) = &head.reply_to {
        match super::senders::addresses(&reply_to.value.join(",")) {
            Ok(addresses) => understood.reply_to = addresses,
            Err(error) => problems.push(Problem::error(reply_to.line, format!("reply-to: {error}"))),
        }
    }
    if let Some(Found { value: Send::At(asked), line }) = head.send
        && let Some(note) = resolve_local(asked, desk.rules.zone).note
    {
        problems
            .push(Problem::warning(line, format!("send: {note} is taken; write another time if that is not meant")));
    }
    if let Some(repeat) = &head.repeat {
        match Cron::parse(&repeat.value) {
            Ok(cron) => understood.repeat = Some(cron),
            Err(error) => problems.push(Problem::error(repeat.line, format!("repeat: {error}"))),
        }
        if head.send.is_some() {
            problems.push(Problem::error(repeat.line, "send and repeat are both given; keep one of them"));
        }
    }
    if let Some(wait_for) = &head.wait_for {
        let there =
            |language: &Language| understood.versions.iter().any(|version| version.letter.language == *language);
        for language in wait_for.value.iter().filter(|language| !there(language)) {
            let message = format!(
                "it waits for its version in \"{language}\"; put {}.{language}.md beside it, or change wait-for",
                understood.stem
            );
            problems.push(Problem::error(wait_for.line, message));
        }
    }
    match annexes::read_annexes(desk, &understood.stem, head.attachments.as_ref()) {
        Ok(annexes) => {
            understood.annexes = annexes;
            annexes::compare_with_stated(understood);
        }
        Err(found) => problems.extend(found),
    }
    problems.into_iter().for_each(|problem| understood.problem_of_original(problem));
}
