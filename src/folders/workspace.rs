//! The workspace: one folder, and where everything in it lies.

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// A folder with `templates/`, `recipients/` and `var/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    dir: PathBuf,
}

/// Why a folder is no workspace.
#[derive(Debug, thiserror::Error)]
pub enum NotAWorkspace {
    /// Nothing there, or not reachable.
    #[error("{path}: there is no such folder ({why}); make a workspace with: circulard init {path}", path = .path.display())]
    Absent {
        /// As given.
        path: PathBuf,
        /// The operating system's words.
        why: io::Error,
    },
    /// A folder of something else: nothing in it is read, let alone sent.
    #[error("{path}: has no templates/ folder, so it is no workspace; make one with: circulard init DIR", path = .0.display())]
    NoTemplates(PathBuf),
}

impl Workspace {
    /// Opens a folder that has at least `templates/`.
    pub fn open(dir: &Path) -> Result<Self, NotAWorkspace> {
        let absent = |why| NotAWorkspace::Absent { path: dir.to_owned(), why };
        // Absolute, so that the paths hold wherever the process goes.
        let workspace = Self { dir: fs::canonicalize(dir).map_err(absent)? };
        if workspace.templates().is_dir() { Ok(workspace) } else { Err(NotAWorkspace::NoTemplates(dir.to_owned())) }
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// `circulard.toml`; need not exist.
    pub fn settings(&self) -> PathBuf {
        self.dir.join("circulard.toml")
    }

    /// Where staff drop letters.
    pub fn templates(&self) -> PathBuf {
        self.dir.join("templates")
    }

    /// The layouts.
    pub fn layout(&self) -> PathBuf {
        self.templates().join("_layout")
    }

    /// The annexes of the letter with this stem.
    pub fn annexes(&self, stem: &str) -> PathBuf {
        self.templates().join(stem)
    }

    /// Where the groups lie.
    pub fn recipients(&self) -> PathBuf {
        self.dir.join("recipients")
    }

    /// `groups.toml`; need not exist.
    pub fn groups(&self) -> PathBuf {
        self.recipients().join("groups.toml")
    }

    /// What the daemon keeps.
    pub fn var(&self) -> PathBuf {
        self.dir.join("var")
    }

    /// The ledger.
    pub fn ledger(&self) -> PathBuf {
        self.var().join("ledger.db")
    }

    /// The ledger of rehearsals.
    pub fn rehearsal_ledger(&self) -> PathBuf {
        self.var().join("rehearsal.db")
    }

    /// The messages of rehearsals, as `.eml`.
    pub fn rehearsal(&self) -> PathBuf {
        self.var().join("rehearsal")
    }

    /// Makes `var/` where it is missing, for this user only: the ledger holds every address.
    pub fn make_var(&self) -> io::Result<PathBuf> {
        let var = self.var();
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&var)?;
        Ok(var)
    }

    /// `templates/x.md`: as messages name a file of this workspace; any other path in full. A file's name is a stranger's
    /// word: it must not forge a line of the log, nor turn what stands after it.
    pub fn shown(&self, path: &Path) -> String {
        let plain = path.strip_prefix(&self.dir).unwrap_or(path).to_string_lossy();
        let mut shown = String::with_capacity(plain.len());
        for c in plain.chars() {
            match c {
                '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    shown.extend(c.escape_unicode());
                }
                c if c.is_control() => shown.extend(c.escape_default()),
                c => shown.push(c),
            }
        }
        shown
    }
}
