//! Wake-up hints from the file system. A hint says "look now"; what is there, the scan says.
//!
//! Hints get lost (network shares, full queues, folders deleted and made again), so the caller scans from time to time
//! anyway and has the watch armed again.

use std::{
    fmt, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher, event::AccessKind};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::delivery::Span;

/// `[watch]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchSettings {
    /// Size and time of change must have stood still so long.
    pub settle: Span,
    /// Where hints come from.
    pub mode: WatchMode,
    /// How often the folders are scanned without a hint.
    pub rescan: Span,
}

/// Where hints come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchMode {
    /// The operating system, or polling where it cannot.
    #[default]
    Auto,
    /// Polling: for network shares, whose changes the operating system does not see.
    Poll,
}

/// A watch on some folders; ends when dropped.
pub struct Watch {
    watcher: Box<dyn Watcher + Send>,
    folders: Vec<Watched>,
    mode: WatchMode,
}

struct Watched {
    path: PathBuf,
    /// Device and inode of the folder that the watch is on; `None`: there was none to watch.
    armed: Option<(u64, u64)>,
}

/// Often enough for a person who waits, seldom enough for a share.
const POLL_EVERY: Duration = Duration::from_secs(2);

impl Watch {
    /// Watches the folders that exist; the others as soon as [`Watch::rearm`] finds them. The receiver gets one hint for
    /// any number of changes until it is read.
    pub fn start(folders: &[PathBuf], mode: WatchMode) -> notify::Result<(Self, mpsc::Receiver<()>)> {
        let (hints, receiver) = mpsc::channel(1);
        let (watcher, mode) = watcher(mode, hints)?;
        let folders = folders.iter().map(|path| Watched { path: path.clone(), armed: None }).collect();
        let mut watch = Self { watcher, folders, mode };
        watch.rearm();
        Ok((watch, receiver))
    }

    /// Watches folders that were made, or made again, since the last time; says how many. Cheap: call it with every scan.
    pub fn rearm(&mut self) -> usize {
        let mut rearmed = 0;
        for folder in &mut self.folders {
            let there = identity(&folder.path);
            if there == folder.armed {
                continue;
            }
            // The old watch may be gone with its folder; either way there is none afterwards.
            let _ = self.watcher.unwatch(&folder.path);
            folder.armed = there.filter(|_| self.watcher.watch(&folder.path, RecursiveMode::NonRecursive).is_ok());
            rearmed += usize::from(folder.armed.is_some());
        }
        rearmed
    }

    /// What it came to: `Auto` falls back to `Poll` where the operating system refuses.
    pub fn mode(&self) -> WatchMode {
        self.mode
    }
}

fn watcher(mode: WatchMode, hints: mpsc::Sender<()>) -> notify::Result<(Box<dyn Watcher + Send>, WatchMode)> {
    if mode == WatchMode::Auto
        && let Ok(watcher) = RecommendedWatcher::new(hint_to(hints.clone()), Config::default())
    {
        return Ok((Box::new(watcher), WatchMode::Auto));
    }
    let config = Config::default().with_poll_interval(POLL_EVERY);
    Ok((Box::new(PollWatcher::new(hint_to(hints), config)?), WatchMode::Poll))
}

fn hint_to(hints: mpsc::Sender<()>) -> impl Fn(notify::Result<Event>) + Send + 'static {
    move |event| {
        // An error is a reason to look, too. A full channel already holds a hint; a closed one has nobody to wake.
        if event.map_or(true, |event| is_a_change(event.kind)) {
            let _ = hints.try_send(());
        }
    }
}

/// Our own reading is no change: it would wake us for ever.
fn is_a_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(notify::event::AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().filter(fs::Metadata::is_dir).map(|found| (found.dev(), found.ino()))
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self { settle: Span::seconds(2), mode: WatchMode::Auto, rescan: Span::seconds(30) }
    }
}

impl fmt::Display for WatchMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            WatchMode::Auto => "auto",
            WatchMode::Poll => "poll",
        })
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let armed = self.folders.iter().filter(|folder| folder.armed.is_some()).count();
        write!(f, "Watch({}, {armed} of {} folders)", self.mode, self.folders.len())
    }
}
