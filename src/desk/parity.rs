//! Parity: the versions of one circular say the same. Reference, date, deadlines, number of links and stated number of annexes
//! must agree, and no two versions are in one language; else the circular is parked, with both files, lines and values.

use std::collections::BTreeMap;

use super::{Understood, Version, annexes::counted, check::iso, listed};
use crate::circular::{Language, Problem};

/// One fact that a version states: where, its value for comparing, and in words.
struct Fact {
    line: u32,
    value: String,
    words: String,
}

/// Compares every version with the original.
pub(super) fn check_versions(understood: &mut Understood) {
    let mut seen: BTreeMap<Language, String> = BTreeMap::new();
    for version in &mut understood.versions {
        if let Some(other) = seen.insert(version.letter.language, version.file.clone()) {
            let message = format!(
                "{other} is in the same language ({}); keep one of the two, or name the language in the head",
                version.letter.language
            );
            version.problems.push(Problem::error(0, message));
        }
    }
    let Some((original, others)) = understood.versions.split_first_mut() else { return };
    for version in others {
        let mut problems: Vec<Problem> = reference(original, version).into_iter().collect();
        problems.extend(differs("date", date(version), date(original), original));
        problems.extend(differs("deadlines", deadlines(version), deadlines(original), original));
        problems.extend(differs("number of annexes", annexes(version), annexes(original), original));
        if let (Some(own), Some(of_original)) = (links(version), links(original)) {
            problems.extend(differs("number of links", own, of_original, original));
        }
        version.problems.extend(problems);
    }
}

fn reference(original: &Version, version: &Version) -> Option<Problem> {
    let (found, known) = (version.letter.reference.as_ref()?, original.letter.reference.as_ref()?);
    (found.value.key() != known.value.key()).then(|| {
        let message = format!(
            "its reference \"{}\" is not that of {}:{} (\"{}\"); versions of one circular share it",
            found.value,
            original.file,
            original.letter.places.of(known.line),
            known.value
        );
        Problem::error(found.line, message)
    })
}

/// `its date 4 December … is not that of bdt-9.en.md:3 …`
fn differs(what: &str, own: Fact, known: Fact, original: &Version) -> Option<Problem> {
    (own.value != known.value).then(|| {
        // of a Word document the paragraph, as all places that people are told
        let place = match original.letter.places.of(known.line) {
            0 => original.file.clone(),
            line => format!("{}:{line}", original.file),
        };
        let message = format!(
            "the {what} here ({}) and in {place} ({}) do not agree; the versions of one circular say the same: correct one of \
             them",
            own.words, known.words
        );
        Problem::error(own.line, message)
    })
}

fn date(version: &Version) -> Fact {
    match &version.letter.date {
        Some(found) => Fact { line: found.line, value: iso(found.value), words: iso(found.value) },
        None => Fact { line: 0, value: String::new(), words: "none".to_owned() },
    }
}

/// The same days, in whatever order and however often the text names them.
fn deadlines(version: &Version) -> Fact {
    let mut days: Vec<String> = version.letter.deadlines.iter().map(|found| found.value.to_string()).collect();
    days.sort();
    days.dedup();
    let line = version.letter.deadlines.first().map_or(0, |found| found.line);
    let words = if days.is_empty() { "none".to_owned() } else { listed(&days) };
    Fact { line, value: days.join(" "), words }
}

fn annexes(version: &Version) -> Fact {
    match &version.letter.annexes {
        Some(found) => Fact { line: found.line, value: found.value.to_string(), words: found.value.to_string() },
        None => Fact { line: 0, value: String::new(), words: "none stated".to_owned() },
    }
}

fn links(version: &Version) -> Option<Fact> {
    let count = version.rendered.as_ref()?.links();
    let words = counted(count, "link", "links");
    Some(Fact { line: version.letter.body.line, value: count.to_string(), words })
}
