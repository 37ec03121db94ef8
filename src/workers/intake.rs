//! Intake: what staff drop is read once it has come to rest, and the ledger is told where it stands. What stands against a
//! letter is told beside it too, in a note.

use std::{collections::BTreeSet, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

mod notes;

use notes::{Notes, refused_of};

use super::Pulse;
use crate::{
    circular::{FileName, Severity, largest_file},
    desk::{Became, Desk, DeskError, Objections, letters_below, objections, read_lists, sight, understand_with},
    folders::{Refusal, Scan, Seen, Settling, Watch, WatchSettings, Why, read_regular, scan},
    ledger::{CircularRecord, CircularState},
    report::format_time,
};

/// The worker.
pub struct Intake {
    desk: Desk,
    pulse: Pulse,
    settings: WatchSettings,
    letters: Settling,
    lists: Settling,
    /// Stems to be read at the next look, whatever the folder says.
    again: BTreeSet<String>,
    /// Refusals said before: each is said once.
    said: BTreeSet<String>,
    notes: Notes,
    /// Letters' names that are no plain files, as the last scan found them.
    refused: Vec<Refusal>,
    /// The lists have been read once.
    lists_read: bool,
    /// Why letters found at the first look are late: they lay there before the ledger, or before it was recovered.
    lay_there: Option<&'static str>,
    /// Looks in a row at folders that could not be read.
    failed_looks: u32,
    /// After so many of them the run ends; `None`: never.
    patience: Option<u32>,
}

/// A folder that could not be read is looked at again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

impl Intake {
    /// A worker that has looked at nothing yet; `lay_there`: why what it finds at its first look is late.
    pub fn new(desk: Desk, pulse: Pulse, settings: WatchSettings, lay_there: Option<&'static str>) -> Self {
        let settle = settings.settle.as_delta();
        Self {
            desk,
            pulse,
            letters: Settling::new(settle),
            lists: Settling::new(settle),
            settings,
            again: BTreeSet::new(),
            said: BTreeSet::new(),
            notes: Notes::default(),
            refused: Vec::new(),
            lists_read: false,
            lay_there,
            failed_looks: 0,
            patience: None,
        }
    }

    /// For a run that ends by itself: folders that cannot be read are an error before long.
    pub fn with_little_patience(mut self) -> Self {
        /// Some seconds, in which a passing shortage passes.
        const LOOKS: u32 = 10;
        self.patience = Some(LOOKS);
        self
    }

    /// Reads the folders until `stop`.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), DeskError> {
        let folders = [self.desk.workspace.templates(), self.desk.workspace.recipients()];
        let (mut watch, mut hints) = match Watch::start(&folders, self.settings.mode) {
            Ok((watch, hints)) => (Some(watch), hints),
            Err(error) => {
                tracing::warn!(%error, "the folders cannot be watched: they are read every {}", self.settings.rescan);
                (None, mpsc::channel(1).1)
            }
        };
        while !stop.is_cancelled() {
            if let Some(watch) = &mut watch {
                watch.rearm();
            }
            let busy = self.pulse.busy();
            let nap = match self.look().await {
                Ok(nap) => {
                    self.failed_looks = 0;
                    nap
                }
                Err(error) if error.is_passing() && self.bears(&error) => LOOK_AGAIN,
                Err(error) => return Err(error),
            };
            drop(busy);
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.pulse.intake() => {}
                Some(()) = hints.recv() => {}
                () = tokio::time::sleep(nap) => {}
            }
        }
        Ok(())
    }

    /// A folder that cannot be read just now (a share that is not mounted) is looked at again; a run that waits for the folders
    /// to settle does not wait for ever.
    fn bears(&mut self, error: &DeskError) -> bool {
        self.say_once(&error.to_string());
        self.failed_looks += 1;
        self.patience.is_none_or(|most| self.failed_looks < most)
    }

    /// One look at both folders. Says how long until the next.
    async fn look(&mut self) -> Result<Duration, DeskError> {
        let now = self.desk.now();
        let lists = self.scan(&self.desk.workspace.recipients())?;
        let mut letters = self.scan(&self.desk.workspace.templates())?;
        for (folder, why) in letters_below(&letters) {
            self.say_once(&format!("{}: it {why}", self.desk.workspace.shown(&folder)));
        }
        letters.files.extend(annexes_of(&self.desk, &letters.files));
        let refused = std::mem::replace(&mut self.refused, letters.refused.clone());
        self.again.extend(self.notes.deleted(&letters.notes));
        let list_changes = self.lists.observe(&lists.files, now);
        // what is missing from the first look on has not vanished under our eyes
        let first = !std::mem::replace(&mut self.lists_read, true);
        if first {
            self.tell_waiting().await?;
        }
        let moved = first || !list_changes.settled.is_empty() || !list_changes.vanished.is_empty();
        if moved {
            self.read_lists().await?;
        }
        if self.pulse.take_lists_changed() || moved {
            // what was parked for want of a group may go now, and the other way round
            self.again.extend(letters.files.iter().filter_map(|seen| stem_of(&seen.name)));
        }
        let changes = self.letters.observe(&letters.files, now);
        let mut stems: BTreeSet<String> = changes.settled.iter().filter_map(|seen| stem_of(&seen.name)).collect();
        stems.append(&mut self.again);
        stems.extend(self.pulse.take_reread());
        stems.extend(changes.vanished.iter().filter_map(|name| stem_of(name)));
        // a link in a letter's place, or one that went
        let came_or_went = letters.refused.iter().chain(&refused);
        let came_or_went =
            came_or_went.filter(|refusal| !(letters.refused.contains(refusal) && refused.contains(refusal)));
        stems.extend(came_or_went.filter_map(|refusal| stem_of(refusal.path.file_name()?.to_str()?)));
        // a letter under a new name is not parked because of its old one
        if (changes.look_again_in.is_none() || !changes.vanished.is_empty()) && self.forget(&letters).await? {
            stems.extend(self.notes.kept());
        }
        if self.letters.missing().next().is_some() {
            self.again.append(&mut stems);
        }
        let unsettled = changes.look_again_in.into_iter().chain(list_changes.look_again_in).min();
        for stem in stems {
            let is_its = |seen: &&Seen| stem_of(&seen.name).as_deref() == Some(stem.as_str());
            // what is still being written is reported when it has come to rest, and its circular is read then
            if letters.files.iter().filter(is_its).all(|seen| self.letters.is_at_rest(&seen.name)) {
                self.read_circular(&stem, &letters.files).await?;
            }
        }
        if changes.look_again_in.is_none() && self.lay_there.take().is_some() {
            self.desk.ledger.note_first_look(now).await?;
        }
        self.pulse.set_settled(unsettled.is_none());
        self.pulse.ring_issue();
        let wait = unsettled.and_then(|wait| wait.to_std().ok()).unwrap_or(self.settings.rescan.as_std());
        Ok(wait.clamp(Duration::from_millis(50), self.settings.rescan.as_std()))
    }

    fn scan(&mut self, folder: &std::path::Path) -> Result<Scan, DeskError> {
        let found = scan(folder)?;
        for refusal in &found.refused {
            self.say_once(&format!("{}: {}", self.desk.workspace.shown(&refusal.path), refusal.why));
        }
        Ok(found)
    }

    fn say_once(&mut self, what: &str) {
        if self.said.insert(what.to_owned()) {
            tracing::warn!("{what}");
        }
    }

    /// What has waited since an earlier run is told again at every start.
    async fn tell_waiting(&self) -> Result<(), DeskError> {
        for record in self.desk.lists.groups_last_read().await? {
            if record.state == "pending" {
                let why = record.doubts.join("; ");
                tracing::warn!(group = record.name, why, "list waits for `circulard groups accept`");
            }
        }
        Ok(())
    }

    async fn read_lists(&mut self) -> Result<(), DeskError> {
        for outcome in read_lists(&self.desk, "circulard", |name| self.lists.is_at_rest(name)).await? {
            let loud = outcome.problems.iter().filter(|problem| problem.severity != Severity::Note);
            match outcome.became {
                Became::InForce(mailboxes) => tracing::info!(file = outcome.file, mailboxes, "list accepted"),
                Became::Unchanged => tracing::info!(file = outcome.file, "list as it is in force"),
                Became::Pending => {
                    for problem in loud {
                        tracing::warn!("list waits: {}", problem.located(&outcome.file));
                    }
                }
                Became::Refused => {
                    for problem in loud {
                        self.say_once(&format!("list refused: {}", problem.located(&outcome.file)));
                    }
                }
            }
        }
        Ok(())
    }

    /// Understands all files of a stem, if every one of them has come to rest, and tells the ledger.
    async fn read_circular(&mut self, stem: &str, present: &[Seen]) -> Result<(), DeskError> {
        let mut files = Vec::new();
        let mut refused = refused_of(&self.refused, stem, stem_of);
        let is_letter = |seen: &&Seen| !seen.name.contains('/') && stem_of(&seen.name).as_deref() == Some(stem);
        for seen in present.iter().filter(is_letter) {
            match read_regular(&seen.path, largest_file(&seen.name)) {
                Ok(octets) if octets.len() as u64 == seen.size => files.push((seen.name.clone(), octets)),
                Ok(_) => {
                    // somebody is writing again: the next scan sees it move
                    self.letters.again(&seen.name);
                    return Ok(());
                }
                Err(refusal) => {
                    self.say_once(&format!("{}: {}", self.desk.workspace.shown(&refusal.path), refusal.why));
                    self.letters.again(&seen.name);
                    if refusal.why == Why::Changed {
                        return Ok(());
                    }
                    refused.push(refusal);
                }
            }
        }
        if files.is_empty() && refused.is_empty() {
            self.notes.keep(&self.desk, stem, &Objections::none());
            return Ok(());
        }
        let understood = understand_with(&self.desk, stem, &files, &refused).await?;
        let sighting = sight(&self.desk, &understood, self.lay_there);
        if let Some(record) = self.desk.ledger.see(&sighting, self.desk.now()).await? {
            self.tell(&record);
        }
        let objections = objections(&self.desk, &understood, &sighting).await?;
        self.notes.keep(&self.desk, stem, &objections);
        Ok(())
    }

    fn tell(&self, record: &CircularRecord) {
        let reference = record.reference.as_deref().unwrap_or("-");
        let reason = record.reason.as_deref().unwrap_or_default();
        match (record.state, record.due_at) {
            (CircularState::Parked, _) => tracing::warn!(stem = record.stem, reference, reason, "parked"),
            (CircularState::Late | CircularState::AwaitingApproval, _) => {
                tracing::warn!(stem = record.stem, reference, reason, "{}", record.state.as_str());
            }
            (_, Some(due)) => {
                let due = format_time(due, self.desk.rules.zone);
                tracing::info!(stem = record.stem, reference, due, "ready");
            }
            _ => tracing::info!(stem = record.stem, reference, "{}", record.state.as_str()),
        }
    }

    /// Forgets the letters that are gone; says whether there were any.
    async fn forget(&mut self, present: &Scan) -> Result<bool, DeskError> {
        let refused = present.refused.iter().filter_map(|refusal| stem_of(refusal.path.file_name()?.to_str()?));
        let stems: BTreeSet<String> =
            present.files.iter().filter_map(|seen| stem_of(&seen.name)).chain(refused).collect();
        let stems: BTreeSet<String> = stems.into_iter().chain(self.letters.missing().filter_map(stem_of)).collect();
        let listed: Vec<String> = stems.iter().cloned().collect();
        let forgotten = self.desk.ledger.forget_all_but(&listed, self.desk.now()).await?;
        for stem in &forgotten {
            tracing::info!(stem, "the letter is gone; it is not sent");
        }
        self.notes.sweep(&self.desk, &present.notes, &stems).await?;
        Ok(!forgotten.is_empty())
    }
}

/// The files in the letters' own folders: an annex belongs to its letter, `STEM/NAME`, and must have come to rest too.
fn annexes_of(desk: &Desk, letters: &[Seen]) -> Vec<Seen> {
    let stems: BTreeSet<String> = letters.iter().filter_map(|seen| stem_of(&seen.name)).collect();
    let mut found = Vec::new();
    for stem in stems {
        let folder = desk.workspace.annexes(&stem);
        if folder.is_symlink() || !folder.is_dir() {
            continue;
        }
        // what cannot be read there is told with the letter that names it
        for seen in scan(&folder).map(|scan| scan.files).unwrap_or_default() {
            found.push(Seen { name: format!("{stem}/{}", seen.name), ..seen });
        }
    }
    found
}

fn stem_of(name: &str) -> Option<String> {
    if let Some((stem, _)) = name.split_once('/') {
        return Some(stem.to_owned());
    }
    match FileName::parse(name) {
        FileName::Letter { stem, .. } => Some(stem),
        FileName::NotALetter { .. } => None,
    }
}
