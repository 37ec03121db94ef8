//! Problem notes: `STEM.problems.txt`, beside the letter that it speaks of, where the people live who dropped it.
//!
//! A note appears whole or not at all: it is written under a hidden name and renamed. Whatever else bears the name of a note
//! (somebody's own file, a link, a folder) is left as it is; a note of ours is known by how its first line begins.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{Refusal, Why, read_regular};

/// How the first line of a note begins, in every language.
pub const NOTE_MARK: &str = "[circulard]";
/// How a note's name ends.
pub const NOTE_ENDING: &str = ".problems.txt";
/// The name it is written under; a scan passes over it.
const HIDDEN: &str = ".circulard-note.part";
/// A letter has some dozen problems at most; this is room for thousands.
const LARGEST: u64 = 1 << 20;

/// A note that is not written or removed.
#[derive(Debug, thiserror::Error)]
pub enum NoteFailed {
    /// Something else has the name of the note.
    #[error("{path}: not written by circulard, so it is left as it is; rename it", path = .0.display())]
    NotOurs(PathBuf),
    /// The operating system's words.
    #[error("{path}: the note cannot be kept there: {1}; give circulard the right to write into that folder", path = .0.display())]
    Unwritable(PathBuf, #[source] io::Error),
}

/// Where the note about a stem lies.
pub fn note_path(folder: &Path, stem: &str) -> PathBuf {
    folder.join(format!("{stem}{NOTE_ENDING}"))
}

/// The note at `path`; `None`: there is none. Anything that is not a note of ours is refused.
pub fn read_note(path: &Path) -> Result<Option<String>, NoteFailed> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(NoteFailed::Unwritable(path.to_owned(), error)),
        Ok(_) => {}
    }
    let not_ours = || NoteFailed::NotOurs(path.to_owned());
    match read_regular(path, LARGEST) {
        Ok(octets) => {
            let text = String::from_utf8(octets).ok().filter(|text| text.starts_with(NOTE_MARK));
            text.map(Some).ok_or_else(not_ours)
        }
        Err(Refusal { why: Why::Unreadable(words), .. }) => {
            Err(NoteFailed::Unwritable(path.to_owned(), io::Error::other(words)))
        }
        Err(_) => Err(not_ours()),
    }
}

/// Writes the note in the place of the one before; its text begins with [`NOTE_MARK`].
pub fn write_note(path: &Path, text: &str) -> Result<(), NoteFailed> {
    read_note(path)?;
    let hidden = path.with_file_name(HIDDEN);
    let unwritable = |error| NoteFailed::Unwritable(path.to_owned(), error);
    // what a killed daemon left behind; a link of that name is removed, not followed
    match fs::remove_file(&hidden) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error)),
        _ => {}
    }
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&hidden)?;
        file.write_all(text.as_bytes())?;
        // a note that a power cut leaves empty would bear no mark, and would never be replaced
        file.sync_all()?;
        fs::rename(&hidden, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&hidden);
        unwritable(error)
    })
}

/// Removes the note, where there is one of ours.
pub fn remove_note(path: &Path) -> Result<bool, NoteFailed> {
    if read_note(path)?.is_none() {
        return Ok(false);
    }
    fs::remove_file(path).map_err(|error| NoteFailed::Unwritable(path.to_owned(), error))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;
    use crate::folders::scan;

    #[test]
    fn a_note_is_written_read_replaced_and_removed_and_nothing_stays_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = note_path(folder.path(), "bdt-9");
        assert!(read_note(&path).expect("looks").is_none());
        write_note(&path, "[circulard] one\n").expect("written");
        let inode = fs::metadata(&path).expect("there").ino();
        write_note(&path, "[circulard] two\n").expect("replaced");
        assert_ne!(fs::metadata(&path).expect("there").ino(), inode, "replaced whole, not written into");
        assert_eq!(read_note(&path).expect("looks").as_deref(), Some("[circulard] two\n"));
        let found = scan(folder.path()).expect("scanned");
        assert_eq!((found.files.len(), found.refused.len()), (0, 0), "a note is no letter: {found:?}");
        assert_eq!(found.notes, ["bdt-9"]);
        assert!(remove_note(&path).expect("removed"));
        assert!(!remove_note(&path).expect("nothing to remove"));
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 0);
    }

    #[test]
    fn what_is_not_ours_is_neither_replaced_nor_removed_nor_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let outside = folder.path().join("outside");
        fs::write(&outside, "[circulard] looks like one\n").expect("a file");
        let place = |stem: &str| note_path(folder.path(), stem);
        fs::write(place("own"), "My own list of problems\n").expect("a file");
        fs::write(place("octets"), b"[circulard] \xff").expect("a file");
        fs::create_dir(place("folder")).expect("a folder");
        symlink(&outside, place("link")).expect("a link");
        symlink("/nowhere/at/all", place("loose")).expect("a link");
        fs::hard_link(&outside, place("hard")).expect("a link");
        for stem in ["own", "octets", "folder", "link", "loose", "hard"] {
            let path = place(stem);
            assert!(matches!(write_note(&path, "[circulard] x\n"), Err(NoteFailed::NotOurs(_))), "{stem}");
            assert!(matches!(remove_note(&path), Err(NoteFailed::NotOurs(_))), "{stem}");
            assert!(path.symlink_metadata().is_ok(), "{stem} is still there");
        }
        assert_eq!(fs::read_to_string(&outside).expect("read"), "[circulard] looks like one\n");
    }

    #[test]
    fn a_link_under_the_hidden_name_is_not_written_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let outside = folder.path().join("outside");
        fs::write(&outside, "mine").expect("a file");
        symlink(&outside, folder.path().join(HIDDEN)).expect("a link");
        write_note(&note_path(folder.path(), "x"), "[circulard] x\n").expect("written");
        assert_eq!(fs::read_to_string(&outside).expect("read"), "mine");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told_with_its_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).expect("read-only");
        let written = write_note(&note_path(folder.path(), "x"), "[circulard] x\n");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("writable");
        match written {
            Err(error) => assert!(error.to_string().contains("give circulard the right to write"), "{error}"),
            // the superuser writes wherever it likes
            Ok(()) => assert!(fs::remove_file(note_path(folder.path(), "x")).is_ok()),
        }
        let gone = write_note(&note_path(Path::new("/nowhere/at/all"), "x"), "[circulard] x\n");
        assert!(matches!(gone, Err(NoteFailed::Unwritable(..))), "{gone:?}");
    }
}
