//! What lies in a folder now: the truth that events only hint at.
//!
//! Names that are nobody's letter or list (hidden, `_…`, editors' leftovers, our own problem notes) are passed over in
//! silence; links, pipes and devices are refused by name.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::{
    note::NOTE_ENDING,
    read::{Refusal, Why, bad_name, check},
};

/// One regular file, as a scan saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name in the folder, UTF-8 without control characters.
    pub name: String,
    /// In octets.
    pub size: u64,
    /// When its content last changed, by the file system's clock.
    pub modified: DateTime<Utc>,
    /// Which file it is; a rename over it makes it another.
    pub inode: u64,
}

/// A folder's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Sorted by name.
    pub files: Vec<Seen>,
    /// What is there and is not read, sorted by path.
    pub refused: Vec<Refusal>,
    /// Sub-folders, sorted; they are not entered.
    pub folders: Vec<PathBuf>,
    /// The stems of what bears the name of a problem note, sorted.
    pub notes: Vec<String>,
}

/// A folder that cannot be scanned.
#[derive(Debug, thiserror::Error)]
pub enum ScanFailed {
    /// More than anyone drops.
    #[error("{path}: there are more than {limit} entries; nothing in it is read until some are moved away", path = .0.display(), limit = MOST_ENTRIES)]
    TooMany(PathBuf),
    /// The operating system's words.
    #[error("{path}: the folder cannot be read: {1}", path = .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
}

/// A scan is bounded in time and memory, whatever was unpacked into the folder.
const MOST_ENTRIES: usize = 100_000;

/// The regular files that lie directly in `dir`; sub-folders (annexes, layouts) are not entered.
pub fn scan(dir: &Path) -> Result<Scan, ScanFailed> {
    let unreadable = |error| ScanFailed::Unreadable(dir.to_owned(), error);
    let mut found = Scan::default();
    for (count, entry) in fs::read_dir(dir).map_err(unreadable)?.enumerate() {
        if count >= MOST_ENTRIES {
            return Err(ScanFailed::TooMany(dir.to_owned()));
        }
        let entry = entry.map_err(unreadable)?;
        found
            .notes
            .extend(entry.file_name().to_str().and_then(|name| name.strip_suffix(NOTE_ENDING)).map(str::to_owned));
        match look(&entry) {
            Ok(Some(seen)) => found.files.push(seen),
            Ok(None) => {}
            Err(Why::Folder) => found.folders.push(entry.path()),
            Err(why) => found.refused.push(Refusal { path: entry.path(), why }),
        }
    }
    found.files.sort_by(|a, b| a.name.cmp(&b.name));
    found.refused.sort_by(|a, b| a.path.cmp(&b.path));
    found.folders.sort();
    found.notes.sort();
    Ok(found)
}

fn look(entry: &fs::DirEntry) -> Result<Option<Seen>, Why> {
    let name = entry.file_name();
    if let Some(why) = bad_name(&name) {
        return Err(why);
    }
    let name = name.to_string_lossy().into_owned();
    if is_left_alone(&name) {
        return Ok(None);
    }
    // Of the entry itself: a link is not followed.
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    check(&metadata, u64::MAX)?;
    let modified = metadata.modified()?.into();
    Ok(Some(Seen { path: entry.path(), name, size: metadata.len(), modified, inode: metadata.ino() }))
}

/// Names that are no letter and no list: hidden ones, `_…`, what editors and office programs leave behind, our notes.
pub fn is_left_alone(name: &str) -> bool {
    let lower = name.to_lowercase();
    name.starts_with(['.', '_'])
        || name.starts_with("~$")
        || (name.starts_with('#') && name.ends_with('#'))
        || name.ends_with('~')
        || [".tmp", ".swp", ".swo", ".swx", ".bak", ".part", ".crdownload", ".problems.txt"]
            .iter()
            .any(|ending| lower.ends_with(ending))
}
