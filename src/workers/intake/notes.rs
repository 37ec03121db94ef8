//! The problem notes beside parked letters, kept in step with what stands against them.
//!
//! A note that cannot be written is one line of the log and stops nothing.

use std::collections::BTreeSet;

use crate::{
    desk::{Desk, DeskError, NoteKept, Objections, drop_note, keep_note},
    folders::{NoteFailed, Refusal},
};

/// What the notes of this daemon are known to be.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Stems whose note lies there.
    kept: BTreeSet<String>,
    /// Failures that were told; forgotten once a note can be written again.
    said: BTreeSet<String>,
}

impl Notes {
    /// Writes, replaces or removes the note about a stem.
    pub fn keep(&mut self, desk: &Desk, stem: &str, objections: &Objections) {
        let kept = keep_note(desk, stem, objections);
        self.take(stem, kept);
    }

    /// The stems of the letters that something stands against.
    pub fn kept(&self) -> impl Iterator<Item = String> {
        self.kept.iter().cloned()
    }

    /// Notes that somebody has deleted while their letters are parked: the letters are to be read again.
    pub fn deleted(&mut self, there: &[String]) -> BTreeSet<String> {
        let (kept, gone) = std::mem::take(&mut self.kept).into_iter().partition(|stem| there.contains(stem));
        self.kept = kept;
        gone
    }

    /// Removes the notes about letters that are gone or were cancelled; `present` are the stems still there.
    pub async fn sweep(&mut self, desk: &Desk, there: &[String], present: &BTreeSet<String>) -> Result<(), DeskError> {
        if there.is_empty() {
            return Ok(());
        }
        let cancelled = desk.ledger.cancelled_stems(there).await?;
        for stem in there.iter().filter(|stem| !present.contains(*stem) || cancelled.contains(stem)) {
            let dropped = drop_note(desk, stem);
            self.take(stem, dropped);
        }
        Ok(())
    }

    fn take(&mut self, stem: &str, kept: Result<NoteKept, NoteFailed>) {
        match kept {
            Ok(kept @ (NoteKept::Written | NoteKept::Same)) => {
                self.kept.insert(stem.to_owned());
                if kept == NoteKept::Written {
                    self.said.clear();
                    tracing::info!(stem, "problem note written");
                }
            }
            Ok(kept @ (NoteKept::Removed | NoteKept::None)) => {
                self.kept.remove(stem);
                if kept == NoteKept::Removed {
                    tracing::info!(stem, "problem note removed");
                }
            }
            Err(error) => {
                self.kept.remove(stem);
                // a folder that cannot be written is told once, not once a letter
                let cause = match &error {
                    NoteFailed::Unwritable(_, cause) => cause.to_string(),
                    NoteFailed::NotOurs(path) => path.display().to_string(),
                };
                if self.said.insert(cause) {
                    tracing::warn!(stem, "{}", error.to_string().escape_debug());
                }
            }
        }
    }
}

/// The refusals of a stem's own files.
pub(super) fn refused_of(refused: &[Refusal], stem: &str, stem_of: impl Fn(&str) -> Option<String>) -> Vec<Refusal> {
    let is_its = |refusal: &&Refusal| {
        let name = refusal.path.file_name().and_then(|name| name.to_str());
        name.and_then(&stem_of).as_deref() == Some(stem)
    };
    refused.iter().filter(is_its).cloned().collect()
}
