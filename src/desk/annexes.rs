//! Annexes: the files under `templates/STEM/` that a letter's head names. Nothing else there is sent.

use super::{Desk, Understood, sha256};
use crate::{
    circular::{Found, Problem},
    folders::read_regular,
};

/// One file that goes out with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annex {
    /// File name, as addressees see it.
    pub name: String,
    /// Its octets.
    pub octets: Vec<u8>,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

/// Relays take some 25-35 MB; base64 adds a third.
const MOST_OCTETS: usize = 18 << 20;
/// RFC 2183 leaves names open; what most file systems can store.
const LONGEST_NAME: usize = 100;

pub(super) fn read_annexes(
    desk: &Desk,
    stem: &str,
    named: Option<&Found<Vec<String>>>,
) -> Result<Vec<Annex>, Vec<Problem>> {
    let Some(Found { value: names, line }) = named else { return Ok(Vec::new()) };
    let folder = desk.workspace.annexes(stem);
    let elsewhere = || {
        vec![Problem::error(
            *line,
            format!("attachments: templates/{stem} is a symbolic link; put the folder itself there"),
        )]
    };
    if folder.is_symlink() {
        return Err(elsewhere());
    }
    let (mut annexes, mut problems) = (Vec::<Annex>::new(), Vec::new());
    for name in names {
        match read_annex(&folder.join(name), name) {
            Ok(_) if annexes.iter().any(|annex| annex.name == *name) => {
                problems.push(Problem::error(*line, format!("attachments: \"{name}\" is named twice")));
            }
            Ok(annex) => annexes.push(annex),
            Err(why) => problems.push(Problem::error(*line, format!("attachments: \"{name}\" {why}"))),
        }
    }
    // The folder may have become one while its files were read.
    if folder.is_symlink() {
        return Err(elsewhere());
    }
    let total: usize = annexes.iter().map(|annex| annex.octets.len()).sum();
    if total > MOST_OCTETS {
        let message = format!(
            "attachments: together they have {} MB; relays take about 25 MB with encoding, so send at most {} MB, or a link",
            total >> 20,
            MOST_OCTETS >> 20
        );
        problems.push(Problem::error(*line, message));
    }
    if problems.is_empty() { Ok(annexes) } else { Err(problems) }
}

/// Whether each version states as many annexes as go out with it.
pub(super) fn compare_with_stated(understood: &mut Understood) {
    let attached = understood.annexes.len();
    for version in &mut understood.versions {
        let Some(Found { value: stated, line }) = version.letter.annexes else { continue };
        let states = format!("the letter states {}", counted(stated as usize, "annex", "annexes"));
        if attached == 0 && stated > 0 {
            // it may print them below the signature, or link to them
            let message = format!(
                "{states}, and no file goes out with it; to attach files, name them in the head: attachments: …"
            );
            version.problems.push(Problem::note(line, message));
        } else if attached != stated as usize {
            let message = format!(
                "{states}, and the head attaches {}; correct the number, or attachments in the head",
                counted(attached, "file", "files")
            );
            version.problems.push(Problem::warning(line, message));
        }
    }
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// `2 files, 34 kB: policy-brief.pdf, reply-form.docx`
pub(super) fn summary(annexes: &[Annex]) -> Option<String> {
    let octets: usize = annexes.iter().map(|annex| annex.octets.len()).sum();
    let names: Vec<&str> = annexes.iter().map(|annex| annex.name.as_str()).collect();
    let files = counted(annexes.len(), "file", "files");
    (!annexes.is_empty()).then(|| format!("{files}, {} kB: {}", octets.div_ceil(1000), names.join(", ")))
}

fn read_annex(path: &std::path::Path, name: &str) -> Result<Annex, String> {
    if let Some(why) = bad_name(name) {
        return Err(format!("{why}; name a file of the letter's own folder"));
    }
    let octets = read_regular(path, MOST_OCTETS as u64).map_err(|refusal| {
        if path.exists() { refusal.why.to_string() } else { format!("is not there; put it at {}", shown(path)) }
    })?;
    if octets.is_empty() {
        return Err("is empty; put the real file there".to_owned());
    }
    Ok(Annex { name: name.to_owned(), sha256: sha256(&octets), octets })
}

/// `templates/STEM/NAME`
fn shown(path: &std::path::Path) -> String {
    let parts: Vec<String> = path.iter().rev().take(3).map(|part| part.to_string_lossy().into_owned()).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

fn bad_name(name: &str) -> Option<&'static str> {
    if name.contains(['/', '\\']) || name == ".." {
        Some("leads out of the folder")
    } else if name.starts_with('.') {
        Some("begins with a point")
    } else if name.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        Some("holds characters that cannot be shown")
    } else if name.chars().count() > LONGEST_NAME {
        Some("is longer than 100 characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_how_many_files_go_out_and_how_large_they_are() {
        let annex = |name: &str, size| Annex { name: name.into(), octets: vec![0; size], sha256: [0; 32] };
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[annex("a.pdf", 1)]).as_deref(), Some("1 file, 1 kB: a.pdf"));
        let two = [annex("a.pdf", 33_500), annex("b.docx", 501)];
        assert_eq!(summary(&two).as_deref(), Some("2 files, 35 kB: a.pdf, b.docx"));
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["../secret", "/etc/passwd", "a/b.pdf", "..", ".hidden", "a\u{202e}fdp.exe", "a\nb"] {
            assert!(bad_name(name).is_some(), "{name:?}");
        }
        assert_eq!(bad_name("Réponse – formulaire.pdf"), None);
    }
}
