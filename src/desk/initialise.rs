//! Init: a workspace to start from, with sample lists, layouts, a sample letter, and a ledger.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use crate::{
    folders::{NotAWorkspace, Workspace},
    ledger::{Ledger, LedgerError, Origin},
};

/// The sample letter: the form of a real circular, in our own words.
pub const SAMPLE_LETTER: &str = include_str!("../../templates/_sample.txt");

/// What a new workspace holds.
const FILES: [(&str, &str); 9] = [
    ("templates/_sample.txt", SAMPLE_LETTER),
    ("templates/_layout/letter.html", crate::compose::BUILTIN_HTML),
    ("templates/_layout/letter.txt", crate::compose::BUILTIN_TEXT),
    ("recipients/groups.toml", include_str!("../../recipients/groups.toml")),
    ("recipients/administrations.csv", include_str!("../../recipients/administrations.csv")),
    ("recipients/regulators.csv", include_str!("../../recipients/regulators.csv")),
    ("recipients/sector-members.csv", include_str!("../../recipients/sector-members.csv")),
    ("recipients/academia.csv", include_str!("../../recipients/academia.csv")),
    ("recipients/missions.csv", include_str!("../../recipients/missions.csv")),
];

/// Where the user's own settings go; all keys are in `config print`.
const SETTINGS: &str = "\
# circulard.toml: what this house does differently. `circulard config print` shows every key with its default.
# Without a [[relay]] nothing leaves this machine: `circulard run` rehearses.
";

/// Why no workspace was made.
#[derive(Debug, thiserror::Error)]
pub enum InitialiseError {
    /// Something is there already.
    #[error("{0}: the folder is not empty; name a new or an empty one")]
    NotEmpty(PathBuf),
    /// The file system.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
    /// What was made is no workspace.
    #[error(transparent)]
    Workspace(#[from] NotAWorkspace),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Makes a workspace in `dir`, which is created, or is empty.
pub async fn initialise(dir: &Path, origin: Origin, now: DateTime<Utc>) -> Result<Workspace, InitialiseError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| InitialiseError::Io(path, error)
    };
    fs::create_dir_all(dir).map_err(failed(dir))?;
    if fs::read_dir(dir).map_err(failed(dir))?.next().is_some() {
        return Err(InitialiseError::NotEmpty(dir.to_owned()));
    }
    for (name, content) in FILES.into_iter().chain([("circulard.toml", SETTINGS)]) {
        let path = dir.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed(folder))?;
        }
        fs::write(&path, content).map_err(failed(&path))?;
    }
    let workspace = Workspace::open(dir)?;
    let var = workspace.var();
    workspace.make_var().map_err(failed(&var))?;
    Ledger::open_or_create(&workspace.ledger(), origin, now).await?.close().await;
    Ok(workspace)
}
