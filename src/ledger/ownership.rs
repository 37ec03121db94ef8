//! Whose files these are: what is made beside the ledger belongs to the owner of its folder, whoever made it, so that a
//! command of root leaves nothing that the service cannot open. A refusal says whose the file is and how to mend it.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::Path,
};

/// Makes a file that was not there, readable by its owner alone, and gives it to the owner of its folder.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let (made, folder) = (file.metadata()?, fs::metadata(folder_of(path))?);
    if made.uid() != folder.uid() {
        // only root may give away; anybody else was let in by the folder's owner, and keeps what he made
        match fchown(&file, Some(folder.uid()), Some(folder.gid())) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            _ => {}
        }
    }
    Ok(file)
}

/// Opens a file for writing that is there. A link is refused: what it leads to is nobody's business here.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    let seen = fs::symlink_metadata(path)?;
    let not_plain = || io::Error::other("it is no plain file; move it away");
    if !seen.is_file() {
        return Err(not_plain());
    }
    let file = OpenOptions::new().write(true).open(path)?;
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) == (seen.dev(), seen.ino()) { Ok(file) } else { Err(not_plain()) }
}

/// Whether there is such a file. What cannot be looked at is not taken for absent.
pub(super) fn is_there(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(explained(path, error)),
    }
}

/// A refusal of the file system, with whose the file is and how to mend it; any other error as it is.
pub(super) fn explained(path: &Path, error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::PermissionDenied {
        return error;
    }
    match mend(path) {
        Some(how) => io::Error::new(error.kind(), format!("{error}; {how}")),
        None => error,
    }
}

/// Whether the file is another user's, and we are not root.
pub(super) fn is_anothers(path: &Path) -> bool {
    let me = fs::metadata("/proc/self").map_or(0, |me| me.uid());
    me != 0 && fs::metadata(path).is_ok_and(|file| file.uid() != me)
}

/// Where it lies.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn mend(path: &Path) -> Option<String> {
    if let (Ok(file), Ok(folder)) = (fs::metadata(path), fs::metadata(folder_of(path)))
        && file.uid() != folder.uid()
    {
        let (file, folder) = (user(file.uid()), user(folder.uid()));
        let shown = path.display();
        return Some(format!("it belongs to {file}, its folder to {folder}; mend it with: chown {folder} {shown}"));
    }
    // the innermost that can be looked at is the one that refuses
    let (refuses, found): (&Path, Metadata) =
        path.ancestors().find_map(|path| fs::metadata(path).ok().map(|found| (path, found)))?;
    let (shown, owner) = (refuses.display(), user(found.uid()));
    let me = fs::metadata("/proc/self").ok()?.uid();
    Some(if found.uid() == me {
        let mode = found.permissions().mode() & 0o7777;
        format!("{shown} is yours, but of mode {mode:03o}; mend it with: chmod u+rwX {shown}")
    } else {
        format!("{shown} belongs to {owner}; ask as that user: sudo -u {owner} circulard …")
    })
}

/// A user's name, or the number where nobody has it.
fn user(uid: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_belongs_to_the_owner_of_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        // only root can give the folder away; for anybody else it is his own, and so is the file
        let _ = std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534));
        let path = folder.path().join("x.lock");
        create_new(&path).expect("made");
        let (made, around) = (fs::metadata(&path).expect("there"), fs::metadata(folder.path()).expect("there"));
        assert_eq!((made.uid(), made.gid()), (around.uid(), around.gid()));
        assert_eq!(made.permissions().mode() & 0o777, 0o600);
        assert_eq!(create_new(&path).expect_err("twice").kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_link_is_not_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let (aim, link) = (folder.path().join("aim"), folder.path().join("x.lock"));
        fs::write(&aim, "kept").expect("written");
        std::os::unix::fs::symlink(&aim, &link).expect("linked");
        assert!(open_plain(&link).expect_err("a link").to_string().contains("no plain file"));
        assert_eq!(create_new(&link).expect_err("a link").kind(), io::ErrorKind::AlreadyExists);
        open_plain(&aim).expect("a plain file");
    }

    #[test]
    fn a_refusal_says_whose_it_is() {
        assert_eq!(user(0), "root");
        assert_eq!(user(4_000_000_000), "4000000000");
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let folder = tempfile::tempdir().expect("a folder");
        let said = explained(&folder.path().join("var/ledger.db"), refused()).to_string();
        assert!(said.contains(&format!("{} is yours", folder.path().display())), "{said}");
        let absent = explained(Path::new("/x"), io::Error::from(io::ErrorKind::NotFound)).to_string();
        assert!(!absent.contains("belongs"), "{absent}");
    }
}
