//! `check` and `preview` accept nothing: where a list has changed since it was accepted, they read the lists as they lie
//! into a ledger of their own, which goes with the command.

use std::path::Path;

use tempfile::TempDir;

use super::{Desk, DeskError, list_files::list_files, lists};
use crate::{
    folders::RegularFile,
    ledger::{Ledger, Origin},
};

/// Makes the desk's lists those that lie in the folder. The guard must live as long as the desk; what it says is shown.
pub async fn open_for_reading(desk: &mut Desk) -> Result<(Option<TempDir>, Vec<super::ListOutcome>), DeskError> {
    if lists_are_in_force(desk).await? {
        return Ok((None, Vec::new()));
    }
    let folder = tempfile::tempdir().map_err(|error| DeskError::Io(std::env::temp_dir(), error))?;
    let lists = Ledger::open_or_create(&folder.path().join("lists.db"), Origin::Check, desk.now()).await?;
    // where a list is refused, the version before it stays in force here as it does for the daemon
    lists.take_groups_from(&desk.lists).await?;
    desk.lists = lists;
    let outcomes = lists::read_lists(desk, "check", |_| true).await?;
    Ok((Some(folder), outcomes))
}

async fn lists_are_in_force(desk: &Desk) -> Result<bool, DeskError> {
    let found = list_files(desk)?;
    if !found.refused.is_empty() || !found.twins.is_empty() {
        return Ok(false);
    }
    if !desk.workspace.recipients().exists() {
        return Ok(true);
    }
    let read = desk.lists.groups_last_read().await?;
    for (name, seen) in &found.lists {
        let same = read.iter().any(|record| {
            record.state == "accepted"
                && record.name == name.as_str()
                && record.file == seen.name
                && hash_of(desk, &seen.path).is_some_and(|hash| record.sha256 == hash)
        });
        if !same {
            return Ok(false);
        }
    }
    Ok(found.lists.len() == desk.lists.groups_in_force().await?.len())
}

fn hash_of(desk: &Desk, path: &Path) -> Option<[u8; 32]> {
    let list = RegularFile::open(path, crate::addressees::Limits::default().bytes).ok()?;
    lists::list_hash(desk, &list).ok()
}
