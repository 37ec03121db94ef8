//! Where rehearsed messages lie: `NNNNNN-ADDRESS.eml`, numbered through restarts, whole or not at all (written under
//! a hidden name, then renamed).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, fchown},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Characters kept of an address; file names end at 255 octets.
const ADDRESS_KEPT: usize = 120;

/// The folder and the next number.
pub(super) struct Shelf {
    folder: PathBuf,
    next: AtomicU64,
}

impl Shelf {
    /// Makes the folder and goes on after its highest number.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
        let is_new = !folder.try_exists().map_err(named)?;
        fs::create_dir_all(&folder).map_err(named)?;
        if let Some(around) = folder.parent().filter(|_| is_new) {
            give(&File::open(&folder).map_err(named)?, around).map_err(named)?;
        }
        let mut highest = 0;
        for entry in fs::read_dir(&folder).map_err(named)? {
            let name = entry.map_err(named)?.file_name();
            let name = name.to_string_lossy();
            let digits = name.trim_start_matches('.').split(['-', '.']).next().unwrap_or_default();
            highest = highest.max(digits.parse().unwrap_or(0));
        }
        Ok(Self { folder, next: AtomicU64::new(highest + 1) })
    }

    /// Writes one message and tells its name.
    pub fn keep(&self, address: &str, octets: &[u8]) -> io::Result<String> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let name = format!("{number:06}-{}.eml", harmless(address));
            let (hidden, shown) = (self.folder.join(format!(".{number:06}.tmp")), self.folder.join(&name));
            // Another process may number the same folder: its hidden file is the lock on the number.
            let mut file = match OpenOptions::new().write(true).create_new(true).open(&hidden) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                opened => opened?,
            };
            give(&file, &self.folder)?;
            if shown.exists() {
                fs::remove_file(&hidden)?;
                continue;
            }
            if let Err(error) = file.write_all(octets).and_then(|()| fs::rename(&hidden, &shown)) {
                let _ = fs::remove_file(&hidden);
                return Err(error);
            }
            return Ok(name);
        }
    }
}

/// What root makes here belongs to the owner of the folder around it, who writes here later.
fn give(made: &File, around: &Path) -> io::Result<()> {
    let (mine, owner) = (made.metadata()?, fs::metadata(around)?);
    if mine.uid() == owner.uid() {
        return Ok(());
    }
    match fchown(made, Some(owner.uid()), Some(owner.gid())) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(error),
        _ => Ok(()),
    }
}

/// An address as part of a file name.
fn harmless(address: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || "@.-_+".contains(c) { c } else { '_' };
    address.chars().take(ADDRESS_KEPT).map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_after_a_restart_and_no_message_replaces_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(folder.path().join("rehearsal")).expect("a shelf");
        assert_eq!(shelf.keep("a@b.example", b"one").expect("kept"), "000001-a@b.example.eml");
        let other = Shelf::open(folder.path().join("rehearsal")).expect("a shelf");
        assert_eq!(other.keep("a@b.example", b"two").expect("kept"), "000002-a@b.example.eml");
        assert_eq!(shelf.keep("a@b.example", b"three").expect("kept"), "000003-a@b.example.eml");
        let read = |name: &str| fs::read(folder.path().join("rehearsal").join(name)).expect("a file");
        assert_eq!(read("000001-a@b.example.eml"), b"one");
        assert_eq!(read("000002-a@b.example.eml"), b"two");
        assert!(fs::read_dir(folder.path().join("rehearsal")).expect("files").count() == 3);
    }

    #[test]
    fn no_address_leaves_the_folder() {
        for (address, name) in
            [("../../etc/x@y", ".._.._etc_x@y"), ("zoë@é.example", "zo_@_.example"), ("a\0\n@b", "a__@b")]
        {
            assert_eq!(harmless(address), name);
        }
        assert_eq!(harmless(&"x".repeat(300)).len(), ADDRESS_KEPT);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = Shelf::open(file.path().join("below")).err().expect("no folder");
        assert!(error.to_string().contains("below"), "{error}");
    }
}
