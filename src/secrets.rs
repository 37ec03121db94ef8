//! Passwords: from a file that only we may read, or from systemd; from nowhere else.
//!
//! Refused: environment and command line (other processes see them), the configuration itself (it is shown and copied),
//! files that others may read. No message of this room contains anything of what it read.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use secrecy::SecretString;

/// Where a relay's password lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// `password_file`: relative to the workspace.
    File(PathBuf),
    /// `credential`: a name that systemd's `LoadCredential=` gave.
    Credential(String),
}

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum NoSecret {
    /// The operating system's words.
    #[error("{path}: the password file cannot be read: {why}", path = .0.display(), why = .1)]
    Unreadable(PathBuf, #[source] io::Error),
    /// Link, folder, pipe, device.
    #[error("{path}: the password file is not a regular file; put the password into a file of its own", path = .0.display())]
    NotAFile(PathBuf),
    /// The group or everyone may use it.
    #[error("{path}: others may read the password file (mode {mode:04o}); run: chmod 600 {path}", path = .path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Nothing in it.
    #[error("{path}: the password file is empty; put the password into it, on one line", path = .0.display())]
    Empty(PathBuf),
    /// No password looks like this.
    #[error("{path}: the password file is more than one line of UTF-8 text; leave only the password in it", path = .0.display())]
    NotOneLine(PathBuf),
    /// Not a plain name.
    #[error("\"{0}\" is not the name of a credential; write the name that stands before the colon in LoadCredential=")]
    Name(String),
    /// Not started by systemd, or by a unit without credentials.
    #[error(
        "the credential \"{0}\" cannot be read: systemd gave none ($CREDENTIALS_DIRECTORY is not set); add \
         LoadCredential={0}:/path/to/file to the unit, or use password_file"
    )]
    NoCredentials(String),
}

/// A password is a line; this is room for any token.
const LONGEST: u64 = 16 * 1024;
/// Nobody but the owner.
const OTHERS: u32 = 0o077;

/// Reads the password. `credentials` is the folder that `$CREDENTIALS_DIRECTORY` names, where systemd gave one.
pub fn read_secret(
    source: &SecretSource,
    workspace: &Path,
    credentials: Option<&Path>,
) -> Result<SecretString, NoSecret> {
    match source {
        SecretSource::File(path) => {
            let path = workspace.join(path);
            let file = open(&path, |found| {
                let mode = found.permissions().mode() & 0o7777;
                if mode & OTHERS == 0 { Ok(()) } else { Err(NoSecret::Open { path: path.clone(), mode }) }
            })?;
            one_line(file, &path)
        }
        SecretSource::Credential(name) => {
            if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
                return Err(NoSecret::Name(name.clone()));
            }
            let path = credentials.ok_or_else(|| NoSecret::NoCredentials(name.clone()))?.join(name);
            // systemd guards the folder itself; the mode shows an access list there, not what others may do.
            one_line(open(&path, |_| Ok(()))?, &path)
        }
    }
}

/// The kind is checked before opening, so that a pipe cannot stop us, and again on what was opened.
fn open(path: &Path, check: impl Fn(&Metadata) -> Result<(), NoSecret>) -> Result<File, NoSecret> {
    let unreadable = |error| NoSecret::Unreadable(path.to_owned(), error);
    let seen = fs::symlink_metadata(path).map_err(unreadable)?;
    if !seen.is_file() {
        return Err(NoSecret::NotAFile(path.to_owned()));
    }
    check(&seen)?;
    let file = File::open(path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    if (opened.dev(), opened.ino()) != (seen.dev(), seen.ino()) {
        return Err(NoSecret::NotAFile(path.to_owned()));
    }
    check(&opened)?;
    Ok(file)
}

fn one_line(file: File, path: &Path) -> Result<SecretString, NoSecret> {
    // Room for all of it at once: growing would leave copies behind in freed memory.
    let mut octets = Vec::with_capacity(LONGEST as usize + 1);
    file.take(LONGEST + 1).read_to_end(&mut octets).map_err(|error| NoSecret::Unreadable(path.to_owned(), error))?;
    let not_one_line = || NoSecret::NotOneLine(path.to_owned());
    if octets.len() as u64 > LONGEST {
        return Err(not_one_line());
    }
    // The error of the conversion holds the octets: it must not travel.
    let text = std::str::from_utf8(&octets).map_err(|_| not_one_line())?;
    let password = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if password.is_empty() {
        return Err(NoSecret::Empty(path.to_owned()));
    }
    if password.chars().any(char::is_control) {
        return Err(not_one_line());
    }
    Ok(SecretString::from(password))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{OpenOptionsExt, symlink};

    use secrecy::ExposeSecret;
    use tempfile::{TempDir, tempdir};

    use super::*;

    fn with_file(content: &[u8], mode: u32) -> TempDir {
        use io::Write;
        let dir = tempdir().expect("a folder");
        let path = dir.path().join("relay.password");
        let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path).expect("opened");
        file.write_all(content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        dir
    }

    fn read(dir: &TempDir) -> Result<String, NoSecret> {
        let source = SecretSource::File("relay.password".into());
        read_secret(&source, dir.path(), None).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn one_line_is_the_password_and_only_its_line_end_is_cut_off() {
        for (content, password) in
            [(&b"s3cret"[..], "s3cret"), (b"s3cret\n", "s3cret"), (b"s3cret\r\n", "s3cret"), (b" 00123 \n", " 00123 ")]
        {
            assert_eq!(read(&with_file(content, 0o600)).expect("a password"), password);
        }
        assert_eq!(read(&with_file(b"x", 0o400)).expect("a password"), "x");
    }

    #[test]
    fn what_is_no_password_is_refused_without_showing_it() {
        for content in [&b"s3cret\nsecond"[..], b"s3cret\n\n", b"s3cret\0", b"s3cret\xff", &[b's'; 20_000]] {
            let problem = read(&with_file(content, 0o600)).expect_err("refused");
            assert!(matches!(problem, NoSecret::NotOneLine(_)), "{problem}");
            assert!(!format!("{problem} {problem:?}").contains("s3cret"), "{problem:?}");
        }
        for content in [&b""[..], b"\n", b"\r\n"] {
            assert!(matches!(read(&with_file(content, 0o600)), Err(NoSecret::Empty(_))));
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_remedy() {
        for mode in [0o644, 0o640, 0o660, 0o604, 0o610] {
            let message = read(&with_file(b"s3cret", mode)).expect_err("refused").to_string();
            assert!(message.contains(&format!("(mode {mode:04o}); run: chmod 600 ")), "{message}");
            assert!(!message.contains("s3cret"));
        }
    }

    #[test]
    fn links_folders_and_absent_files_are_refused() {
        let dir = with_file(b"s3cret", 0o600);
        symlink(dir.path().join("relay.password"), dir.path().join("link")).expect("a link");
        for (name, refused) in [("link", true), (".", true), ("absent", false)] {
            let problem = read_secret(&SecretSource::File(name.into()), dir.path(), None).expect_err(name);
            assert_eq!(matches!(problem, NoSecret::NotAFile(_)), refused, "{name}: {problem}");
        }
    }

    #[test]
    fn a_credential_comes_from_the_folder_that_systemd_names_and_from_nowhere_else() {
        let dir = with_file(b"s3cret\n", 0o440);
        let credential = |name: &str, folder| read_secret(&SecretSource::Credential(name.into()), dir.path(), folder);
        let secret = credential("relay.password", Some(dir.path())).expect("a password");
        assert_eq!(secret.expose_secret(), "s3cret");
        assert!(!format!("{secret:?}").contains("s3cret"));
        for name in ["", "../relay.password", "a/b", ".relay"] {
            assert!(matches!(credential(name, Some(dir.path())), Err(NoSecret::Name(_))), "{name}");
        }
        let message = credential("relay.password", None).expect_err("none").to_string();
        assert!(message.contains("LoadCredential=relay.password:/path/to/file"), "{message}");
    }
}
