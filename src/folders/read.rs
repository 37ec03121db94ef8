//! Reads one file that somebody dropped: a regular file of bounded size, or a refusal that says how to mend it.
//!
//! Whoever may write into a folder must not make the daemon read another file of this machine (links), hang (FIFOs), or
//! fill its memory. The kind is checked on the open descriptor, so that nothing can be exchanged between check and use.

use std::{
    fmt,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read, Seek},
    os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// A file that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub path: PathBuf,
    /// Why not.
    pub why: Why,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A link may point anywhere.
    #[error("is a symbolic link; put the file itself here")]
    SymbolicLink,
    /// Another name of the same file could change it, or show what must not be shown.
    #[error("has {0} names (hard links); copy the file instead of linking it")]
    HardLinks(u64),
    /// Where a file is expected.
    #[error("is a folder; a file is expected here")]
    Folder,
    /// FIFO, socket, device.
    #[error("is {0}, not a file; remove it")]
    Special(&'static str),
    /// More octets than anyone writes.
    #[error("has {found} octets; at most {limit} are read: check that it is the right file")]
    TooLarge {
        /// In octets.
        found: u64,
        /// In octets.
        limit: u64,
    },
    /// A name that no message could show.
    #[error("has a name with {0}; rename it")]
    Name(&'static str),
    /// Somebody is still writing.
    #[error("changed while it was being read; it is read again when it is quiet")]
    Changed,
    /// The operating system's words.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// Linux, `open(2)`: the last part of the path must not be a symbolic link. The number differs between machines.
#[cfg(all(target_os = "linux", any(target_arch = "aarch64", target_arch = "arm", target_arch = "powerpc64")))]
const O_NOFOLLOW: i32 = 0x8000;
/// Linux, `open(2)`: the last part of the path must not be a symbolic link. The number differs between machines.
#[cfg(all(target_os = "linux", not(any(target_arch = "aarch64", target_arch = "arm", target_arch = "powerpc64"))))]
const O_NOFOLLOW: i32 = 0x20000;
/// Linux, `open(2)`: a FIFO without a writer must not block us.
#[cfg(target_os = "linux")]
const FLAGS: i32 = O_NOFOLLOW | 0x800;
/// Elsewhere the comparison of the descriptor with what was seen before has to do.
#[cfg(not(target_os = "linux"))]
const FLAGS: i32 = 0;

/// Linux's answer to `O_NOFOLLOW`: it became a link after we looked.
const ELOOP: i32 = 40;

/// The octets of a regular file, at most `limit` of them.
pub fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, Refusal> {
    read(path, limit).map_err(|why| Refusal { path: path.to_owned(), why })
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Why> {
    let (file, opened) = open(path, limit)?;
    let octets = drain(&file, limit)?;
    unchanged(&file, &opened)?;
    Ok(octets)
}

fn open(path: &Path, limit: u64) -> Result<(File, Metadata), Why> {
    if let Some(why) = path.file_name().and_then(bad_name) {
        return Err(why);
    }
    let seen = fs::symlink_metadata(path)?;
    check(&seen, limit)?;
    let file = OpenOptions::new().read(true).custom_flags(FLAGS).open(path)?;
    let opened = file.metadata()?;
    check(&opened, limit)?;
    if (opened.dev(), opened.ino()) != (seen.dev(), seen.ino()) {
        return Err(Why::Changed);
    }
    Ok((file, opened))
}

fn unchanged(file: &File, opened: &Metadata) -> Result<(), Why> {
    let after = file.metadata()?;
    let same =
        (after.size(), after.mtime(), after.mtime_nsec()) == (opened.size(), opened.mtime(), opened.mtime_nsec());
    if same { Ok(()) } else { Err(Why::Changed) }
}

/// A regular file that is read in pieces, as often as need be: for lists too long to be held at once.
#[derive(Debug)]
pub struct RegularFile {
    path: PathBuf,
    file: File,
    opened: Metadata,
}

impl RegularFile {
    /// Opens it, under the conditions of [`read_regular`].
    pub fn open(path: &Path, limit: u64) -> Result<Self, Refusal> {
        match open(path, limit) {
            Ok((file, opened)) => Ok(Self { path: path.to_owned(), file, opened }),
            Err(why) => Err(Refusal { path: path.to_owned(), why }),
        }
    }

    /// All of it, from the first octet. What has grown beyond the limit since it was opened is [`Why::Changed`]
    /// afterwards.
    pub fn from_start(&self) -> Result<impl Read + Seek + '_, Refusal> {
        let mut file = &self.file;
        let refuse = |error: io::Error| Refusal { path: self.path.clone(), why: error.into() };
        file.seek(io::SeekFrom::Start(0)).map_err(refuse)?;
        Ok(io::BufReader::new(file))
    }

    /// Whether what was read is what was opened.
    pub fn check_unchanged(&self) -> Result<(), Refusal> {
        unchanged(&self.file, &self.opened).map_err(|why| Refusal { path: self.path.clone(), why })
    }
}

fn drain(file: &File, limit: u64) -> Result<Vec<u8>, Why> {
    let mut octets = Vec::new();
    // One more than allowed shows a file that grew after its size was read.
    file.take(limit.saturating_add(1)).read_to_end(&mut octets)?;
    let found = octets.len() as u64;
    if found > limit { Err(Why::TooLarge { found, limit }) } else { Ok(octets) }
}

/// What stands against reading a thing of this kind.
pub(super) fn check(found: &Metadata, limit: u64) -> Result<(), Why> {
    let kind = found.file_type();
    if kind.is_symlink() {
        Err(Why::SymbolicLink)
    } else if kind.is_dir() {
        Err(Why::Folder)
    } else if kind.is_fifo() {
        Err(Why::Special("a pipe"))
    } else if kind.is_socket() {
        Err(Why::Special("a socket"))
    } else if !kind.is_file() {
        Err(Why::Special("a device"))
    } else if found.nlink() > 1 {
        Err(Why::HardLinks(found.nlink()))
    } else if found.len() > limit {
        Err(Why::TooLarge { found: found.len(), limit })
    } else {
        Ok(())
    }
}

/// What stands against a name: every message and every log line names the file.
pub(super) fn bad_name(name: &std::ffi::OsStr) -> Option<Why> {
    match name.to_str() {
        None => Some(Why::Name("octets that are not UTF-8")),
        Some(name) if name.contains(['\n', '\r']) => Some(Why::Name("a line break")),
        Some(name) if name.chars().any(char::is_control) => Some(Why::Name("control characters")),
        Some(_) => None,
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        if error.raw_os_error() == Some(ELOOP) { Why::SymbolicLink } else { Why::Unreadable(error.to_string()) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.to_string_lossy().escape_debug(), self.why)
    }
}

impl std::error::Error for Refusal {}
