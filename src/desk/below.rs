//! Letters in sub-folders: they are not read, and whoever put one there would wait for ever.
//!
//! The folder of a letter's annexes is none of them, whatever lies in it.

use std::path::{Path, PathBuf};

use crate::{
    circular::{FileName, Form},
    folders::{Scan, scan},
};

/// Sub-folders of the letters' own that hold letters, each with what is to be told of it.
pub fn letters_below(letters: &Scan) -> Vec<(PathBuf, String)> {
    let stems: Vec<String> = letters.files.iter().filter_map(|seen| stem_of(&seen.name)).collect();
    let is_annexes =
        |folder: &Path| folder.file_name().is_some_and(|name| stems.iter().any(|stem| name == stem.as_str()));
    let strange = letters.folders.iter().filter(|folder| !is_annexes(folder));
    strange.filter_map(|folder| Some((folder.clone(), told(&first_letter(folder, 0)?)))).collect()
}

fn told(letter: &Path) -> String {
    let name = letter.file_name().unwrap_or_default().to_string_lossy();
    format!(
        "holds letters that are not read, such as {}: letters lie in templates/ itself; move them up (a folder belongs to the \
         letter whose name it bears, for its attachments)",
        name.escape_debug()
    )
}

/// Years, and months in them, are the folders that people make.
fn first_letter(folder: &Path, depth: u32) -> Option<PathBuf> {
    const DEEPEST: u32 = 3;
    // what cannot be read holds nothing that anybody could have expected to be sent
    let found = scan(folder).ok()?;
    let letter = found.files.iter().find(|seen| stem_of(&seen.name).is_some()).map(|seen| seen.path.clone());
    letter.or_else(|| {
        let inner = found.folders.iter().take_while(|_| depth < DEEPEST);
        inner.into_iter().find_map(|folder| first_letter(folder, depth + 1))
    })
}

/// A PDF is an annex, and never was a letter.
fn stem_of(name: &str) -> Option<String> {
    match FileName::parse(name) {
        FileName::Letter { stem, form, .. } if form != Form::Foreign => Some(stem),
        _ => None,
    }
}
