//! What puts a mailbox among the addressees beside the letter's groups: the addressees of a supplement's parent, and the copies
//! that offices ask for.

use chrono::NaiveDate;

use super::{Asked, DeskError, Explained, Verdict};
use crate::{
    addressees::Address,
    desk::{
        Understood, listed,
        why::{Reason, place},
    },
    ledger::{CircularId, Held, HeldRow, MemberRow, OfficeCopies, Reach},
};

impl Asked<'_> {
    /// In or out as things stand now: the parent's addressees come first, then groups, then the copies that offices ask for.
    pub(super) async fn judged_now(
        &self,
        reach: &Reach,
        rows: &[HeldRow],
        day: NaiveDate,
        letter: Option<&Understood>,
    ) -> Result<Explained, DeskError> {
        let by_parent = match reach.parent {
            Some(parent) if self.excluded(reach, rows, day).is_empty() => self.of_parent(parent).await?,
            _ => None,
        };
        if let (Some(reason), Some(parent)) = (by_parent, reach.parent) {
            let mut inside = self.blank(Verdict::In);
            inside.because.push(reason);
            let before = self.entries_of(parent).await?.into_iter().find(|entry| entry.state != "withdrawn");
            (inside.role, inside.groups) = before.map(|entry| (Some(entry.role), entry.groups)).unwrap_or_default();
            return Ok(inside);
        }
        let mut judged = self.judged(reach, rows, day, letter).await?;
        if judged.verdict == Verdict::In {
            return Ok(judged);
        }
        judged.because.extend(self.copy_left_out(reach, day).await?);
        let Some((row, copy)) = self.desk.lists.office_copy(reach, &self.address.mailbox(), day).await? else {
            return Ok(judged);
        };
        let mut inside = self.blank(Verdict::In);
        inside.role = Some("copy".to_owned());
        inside.because = self.for_offices(&copy.offices, &Held::Now).await?;
        inside.groups = vec![row.group];
        Ok(inside)
    }

    /// An office asks for a copy for it, and the letter sends none of those.
    pub(super) async fn copy_left_out(&self, reach: &Reach, day: NaiveDate) -> Result<Option<Reason>, DeskError> {
        if reach.office_copies == OfficeCopies::Sent {
            return Ok(None);
        }
        let asked_for = Reach { office_copies: OfficeCopies::Sent, ..reach.clone() };
        let found = self.desk.lists.office_copy(&asked_for, &self.address.mailbox(), day).await?;
        Ok(found.map(|(_, copy)| {
            Reason::plain(format!(
                "{} asks for a copy for it (copy_to), and `copy: none` in the letter's head leaves such copies out",
                listed(&copy.offices)
            ))
        }))
    }

    /// The row that a letter to come would be composed from for this address.
    pub(super) async fn composed_from(&self, reach: &Reach, day: NaiveDate) -> Result<Option<MemberRow>, DeskError> {
        let mailbox = self.address.mailbox();
        if let Some(parent) = reach.parent
            && let Some((member, _)) = self.desk.ledger.addressee_of(parent, &[], Some(&mailbox)).await?
        {
            return Ok(Some(member));
        }
        if let Some(member) = self.desk.lists.member(reach, Some(&mailbox), day).await? {
            return Ok(Some(member));
        }
        Ok(self.desk.lists.office_copy(reach, &mailbox, day).await?.map(|(member, _)| member))
    }

    /// It got the parent of this supplement; `None`: it did not, or its copy was withdrawn.
    pub(super) async fn of_parent(&self, parent: CircularId) -> Result<Option<Reason>, DeskError> {
        let entries = self.entries_of(parent).await?;
        let got = entries.iter().rfind(|entry| entry.state != "withdrawn");
        Ok(got.map(|entry| {
            Reason::plain(format!(
                "it was frozen for {}, issue {}, and this supplement goes to the addressees of its parent",
                entry.reference, entry.issue
            ))
        }))
    }

    /// Why it is not among the parent's addressees.
    pub(super) async fn not_of_parent(&self, parent: CircularId) -> Result<Reason, DeskError> {
        let entries = self.entries_of(parent).await?;
        Ok(Reason::plain(match entries.last() {
            Some(entry) if entries.iter().all(|entry| entry.state == "withdrawn") => {
                format!("its copy of {}, the parent of this supplement, was withdrawn before it left", entry.reference)
            }
            // an exclusion keeps it out, and is told beside
            Some(entry) => format!("it got {}, the parent of this supplement", entry.reference),
            None => {
                let issue = self.desk.ledger.issues(parent).await?.pop();
                let name = issue.map_or_else(|| "its parent".to_owned(), |issue| issue.reference);
                format!("this supplement goes to the addressees of {name}, and it is none of them")
            }
        }))
    }

    /// The offices whose `copy_to` names it, each with its row.
    pub(super) async fn for_offices(&self, offices: &[String], held: &Held) -> Result<Vec<Reason>, DeskError> {
        let mut reasons = Vec::new();
        for office in offices {
            let words = format!("as the copy that {office} asks for (copy_to)");
            let rows = match Address::parse(office) {
                Ok(office) => self.desk.lists.rows_of(&office.mailbox(), held).await?,
                Err(_) => Vec::new(),
            };
            let names = |row: &&HeldRow| row.copy_to.iter().any(|named| named.mailbox() == self.address.mailbox());
            reasons.push(match rows.iter().find(names) {
                Some(row) => Reason::of_row(row, &row.group, format!("{}: {words}", place(row))),
                None => Reason::plain(words),
            });
        }
        Ok(reasons)
    }
}
