//! The desk: what staff and operators do, one act per file.
//!
//! Each act takes a [`Desk`]: the workspace, its ledger, the time and the house's rules. Acts decide; faces show, workers
//! repeat.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::{
    clock::Clock,
    delivery::Span,
    folders::Workspace,
    ledger::{Ledger, LedgerError},
    schedule::{Release, ScheduleSettings},
};

mod alerts;
mod annexes;
mod as_sent;
mod below;
mod book;
mod certificate;
mod check;
mod circular_rows;
mod compose_for;
mod copies;
mod explain;
mod find;
#[cfg(feature = "pdf")]
mod fonts;
mod freeze;
mod group_rows;
mod groups;
mod initialise;
mod list_files;
mod lists;
mod note;
mod objections;
mod order;
mod parent;
mod parity;
mod parts;
mod post;
mod preview;
mod prospect;
mod reach;
mod reached;
mod recompose;
mod register;
mod related;
mod resend_new;
mod resting;
mod scratch;
mod senders;
mod sighting;
mod staff;
mod surroundings;
mod test_copy;
mod timetable;
mod understand;
mod why;
mod without_address;

pub use alerts::{AlertPost, Earnest, Reached};
pub use as_sent::{AsSent, NotShown, Proof, as_sent};
pub use below::letters_below;
pub use book::LastBook;
pub use certificate::{CertificateError, CertificateForm, Certified, certificate};
pub use check::{CheckEntry, CheckLine, check_files};
pub use circular_rows::{CircularRow, CircularShown, LetterRow, circular_shown};
pub use compose_for::compose_for;
pub use explain::{Explained, ExplainedRow, Verdict, explain, what_is_next};
pub use find::{find_circular, point_in_time};
pub use freeze::freeze;
pub use group_rows::{GroupRow, MemberShown, PendingRow};
pub use groups::{GroupStands, MembersOn, groups_stand, is_as_read, lists_held_back, members_on, select_group};
pub use initialise::{InitialiseError, SAMPLE_LETTER, initialise};
pub use lists::{Became, ListOutcome, read_lists};
pub use note::{NoteKept, drop_note, keep_note};
pub use objections::{Objections, objections};
pub use order::{OrderError, Ordered, give_group_order, give_order, wait_for_order};
pub use parent::Parent;
pub use parts::{Parts, read_parts};
pub use post::{Post, PostError, Posted, Unready, prepare_relay};
pub use preview::{Part, PreviewError, Previewed, preview, read_with_versions};
pub use prospect::{Approvals, Attachment, Before, Prospect, Voided};
pub use recompose::{Recomposed, recompose};
pub use register::{NumberStatus, RegisterEntry, register};
pub use related::{Kin, Related, ShownApproval, related};
pub use resend_new::{carry_out, count_new};
pub use resting::resting;
pub use scratch::open_for_reading;
pub use senders::{ReleaseSettings, SenderSettings};
pub use sighting::sight;
pub use staff::{StaffLanguage, StaffSettings};
pub use test_copy::{TestAsked, TestCopy, TestEnd, TestError, compose_test_copy, send_test_copy};
pub use timetable::{Scheduled, timetable};
pub use understand::{Understood, Version, understand, understand_with};
pub use why::Reason;
pub use without_address::without_address;

/// What every act needs.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The folder.
    pub workspace: Workspace,
    /// Circulars, issues, deliveries.
    pub ledger: Ledger,
    /// Where the groups are held: the ledger, or a copy made for one command.
    pub lists: Ledger,
    /// The time.
    pub clock: Clock,
    /// The house's rules.
    pub rules: Rules,
    /// The book of groups, as read last.
    pub book: LastBook,
}

/// The house's rules, from the configuration.
#[derive(Debug, Clone)]
pub struct Rules {
    /// All local times are in it.
    pub zone: Tz,
    /// When letters without a time go out.
    pub release: Release,
    /// Due longer ago than this is held for a person.
    pub late_after: Span,
    /// How many people must approve.
    pub approvals: u32,
    /// Who may write; never empty.
    pub senders: Vec<SenderSettings>,
    /// In which language staff are told.
    pub staff: StaffSettings,
}

impl Rules {
    /// Assembles them. Without a sender in the configuration there is the one for rehearsals.
    pub fn new(
        schedule: &ScheduleSettings,
        release: &ReleaseSettings,
        senders: &[SenderSettings],
        staff: StaffSettings,
    ) -> Self {
        let senders = if senders.is_empty() { vec![SenderSettings::for_rehearsal()] } else { senders.to_vec() };
        Self {
            zone: schedule.time_zone.0,
            release: schedule.release.clone(),
            late_after: schedule.late_after,
            approvals: release.approvals,
            senders,
            staff,
        }
    }
}

impl Desk {
    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The date in the house's zone.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&self.rules.zone).date_naive()
    }
}

/// An act failed because something of ours is broken; what is wrong with a letter or a list is a problem, not an error.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A folder of the workspace.
    #[error(transparent)]
    Scan(#[from] crate::folders::ScanFailed),
    /// The file system.
    #[error("{0}: {1}")]
    Io(std::path::PathBuf, std::io::Error),
}

impl DeskError {
    /// A folder that cannot be read just now (a share that is not mounted) is no reason to stop sending.
    pub fn is_passing(&self) -> bool {
        !matches!(self, DeskError::Ledger(_))
    }
}

/// SHA-256 of some octets.
pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, octets).as_ref());
    out
}

/// A hash as people and programs write it.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// "a", "a and b", "a, b and c".
pub(crate) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [all @ .., last] => {
            let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", all.join(", "), last.as_ref())
        }
    }
}

/// Distinct items in their order.
pub(crate) fn distinct<T: Ord + Clone>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}
