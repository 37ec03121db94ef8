//! Folders: the only room that reads the workspace's files.
//!
//! It reads regular files of bounded size and nothing else, never follows a link, and takes events only as hints: what
//! lies in a folder is what a scan finds, and a file is read once it has settled. All it writes is the problem notes.

mod note;
mod read;
mod scan;
mod settling;
mod watch;
mod workspace;

#[cfg(test)]
mod tests;

pub use note::{NOTE_ENDING, NOTE_MARK, NoteFailed, note_path, read_note, remove_note, write_note};
pub use read::{Refusal, RegularFile, Why, read_regular};
pub use scan::{Scan, ScanFailed, Seen, is_left_alone, scan};
pub use settling::{Changes, Settling};
pub use watch::{Watch, WatchMode, WatchSettings};
pub use workspace::{NotAWorkspace, Workspace};
