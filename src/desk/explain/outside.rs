//! Why an address does not get a circular: what takes it out, where else it is, where it waits, or whom it is mistaken for.

use chrono::NaiveDate;

use super::{Asked, DeskError};
use crate::{
    addressees::{Address, Selection},
    desk::why::{Reason, belongs, place, probably_meant},
    ledger::{Held, HeldRow, Reach},
};

impl Asked<'_> {
    /// What the letter's head takes out.
    pub(super) fn excluded(&self, reach: &Reach, rows: &[HeldRow], day: NaiveDate) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if reach.exclude_mailboxes.contains(&self.address.mailbox()) {
            reasons.push(Reason::plain("`exclude` in the letter's head names this address"));
        }
        for selection in &reach.exclude {
            if let Some(row) = belongs(selection, rows, day).ok().and_then(|found| found.first().copied()) {
                let group = selection.group.as_str();
                let words = format!("{} is in {group}, which `exclude` in the letter's head takes out", place(row));
                reasons.push(Reason::of_row(row, group, words));
            }
        }
        reasons
    }

    /// It is in none of the letter's groups: where else it is, where it waits, or whom it is mistaken for.
    pub(super) async fn in_none(&self, reach: &Reach, rows: &[HeldRow]) -> Result<Vec<Reason>, DeskError> {
        let mut reasons = Vec::new();
        let named: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
        let is_source = |row: &HeldRow| {
            named.iter().any(|selection| selection.terms.iter().any(|term| term.source.as_str() == row.group))
        };
        for row in rows.iter().filter(|row| !is_source(row)) {
            let words = format!("{} is in {}, which the letter does not name", place(row), row.group);
            reasons.push(Reason::of_row(row, &row.group, words));
        }
        if let Some(parent) = reach.parent {
            reasons.push(self.not_of_parent(parent).await?);
        }
        let groups: Vec<&str> = named.iter().map(|selection| selection.group.as_str()).collect();
        if !groups.is_empty() || reach.parent.is_none() {
            reasons.push(Reason::plain(match groups[..] {
                [] => "the letter names no group that is known; `circulard check` says why".to_owned(),
                [one] => format!("it is not in {one}, the letter's group"),
                _ => format!("it is in none of the letter's groups: {}", groups.join(", ")),
            }));
        }
        reasons.extend(self.waiting().await?);
        if rows.is_empty() {
            reasons.push(self.in_no_list().await?);
        }
        Ok(reasons)
    }

    /// Lists that have changed and are not in force.
    async fn waiting(&self) -> Result<Vec<Reason>, DeskError> {
        let mut reasons = Vec::new();
        let waits = ["pending", "refused"];
        for last in self.desk.lists.groups_last_read().await?.iter().filter(|last| waits.contains(&last.state.as_str()))
        {
            let held = Held::Versions(vec![last.version]);
            let why = if last.state == "pending" { "waits for `circulard groups accept`" } else { "is refused" };
            for row in self.desk.lists.rows_of(&self.address.mailbox(), &held).await? {
                let words = format!("{} has it in {}; that version {why}", place(&row), row.group);
                reasons.push(Reason::of_row(&row, &row.group, words));
            }
            let text = self.address.as_str().to_lowercase();
            for bad in last.bad.rows.iter().filter(|bad| bad.whom.to_lowercase().contains(&text)) {
                let (file, problems) = (format!("recipients/{}", last.file), bad.problems.join("; "));
                let words = format!("{file}:{} has it, and that row cannot be read: {problems}", bad.line);
                let line = Some(i64::from(bad.line));
                reasons.push(Reason { text: words, file: Some(file), line, group: Some(last.name.clone()) });
            }
        }
        Ok(reasons)
    }

    async fn in_no_list(&self) -> Result<Reason, DeskError> {
        let mailbox = self.address.mailbox();
        let neighbours = self.desk.lists.neighbours(&mailbox, &Held::Now).await?;
        let Some(meant) = probably_meant(mailbox.as_str(), &neighbours) else {
            return Ok(Reason::plain("no list in force has this address"));
        };
        let meant = Address::parse(meant).map(|address| address.mailbox());
        let rows = match &meant {
            Ok(meant) => self.desk.lists.rows_of(meant, &Held::Now).await?,
            Err(_) => Vec::new(),
        };
        Ok(match rows.first() {
            Some(row) => {
                let words = format!(
                    "no list in force has this address; did you mean {}? {} is in {}",
                    row.address,
                    place(row),
                    row.group
                );
                Reason::of_row(row, &row.group, words)
            }
            None => Reason::plain("no list in force has this address"),
        })
    }
}
