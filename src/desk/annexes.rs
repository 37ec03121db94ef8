//! Annexes: the files under `templates/STEM/` that a letter's head names. Nothing else there is sent.

use super::{Desk, sha256};
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
    fn a_name_that_leads_elsewhere_is_refused() {
        for name in ["../secret", "/etc/passwd", "a/b.pdf", "..", ".hidden", "a\u{202e}fdp.exe", "a\nb"] {
            assert!(bad_name(name).is_some(), "{name:?}");
        }
        assert_eq!(bad_name("Réponse – formulaire.pdf"), None);
    }
}
