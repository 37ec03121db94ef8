//! What a run with crashes must be counted by: the recording server's journal against the ledger against the list.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{sink::Taken, workspace::Workspace};

/// One delivery as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub address: String,
    pub state: String,
    pub possible_duplicate: bool,
    pub sha256: String,
    /// Attempts whose outcome nobody knows.
    pub doubts: usize,
}

/// Whether the daemon said that it was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    Killed,
    Finished,
}

/// The figures; all but the last four must be 0 whatever happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Listed and not frozen; claimed as success, or left open by a finished run, and never at the server.
    pub lost: usize,
    /// Accepted in the ledger, and no 250 was written for it.
    pub false_accepts: usize,
    /// An envelope to an address that is not listed or not frozen; a message without its own token or with another's.
    pub strangers: usize,
    /// Final dots beyond the first of a delivery that no doubt announced.
    pub unannounced: usize,
    /// Copies of one delivery that differ from each other or from the ledger's hash.
    pub changed: usize,
    /// Final dots beyond the first of a delivery.
    pub duplicates: usize,
    /// Attempts whose outcome nobody knows.
    pub doubts: usize,
    /// Deliveries that wait for a person, by name.
    pub held: usize,
    pub accepted: usize,
}

/// Reads the ledger through the program.
pub fn rows(workspace: &Workspace) -> Vec<Row> {
    let query = "SELECT address, state, possible_duplicate, coalesce(sha256, '') AS sha256, (SELECT count(*) FROM attempt_log a \
                 WHERE a.delivery = d.delivery AND a.state IN ('in_doubt', 'held')) AS doubts FROM delivery_log d";
    let read = |row: serde_json::Value| Row {
        address: row["address"].as_str().expect("address").to_owned(),
        state: row["state"].as_str().expect("state").to_owned(),
        possible_duplicate: row["possible_duplicate"] == 1,
        sha256: row["sha256"].as_str().expect("sha256").to_owned(),
        doubts: row["doubts"].as_u64().and_then(|n| n.try_into().ok()).expect("doubts"),
    };
    workspace.sql(query).into_iter().map(read).collect()
}

/// Counts. A letter set out in vain (no dot) is neither a copy nor a duplicate.
pub fn count(list: &BTreeMap<String, String>, journal: &[Taken], rows: &[Row], run: Run) -> Figures {
    let mut figures = Figures::default();
    let by_address: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.address.as_str(), row)).collect();
    let mut copies: BTreeMap<&str, Vec<&Taken>> = BTreeMap::new();
    for taken in journal {
        let known = by_address.contains_key(taken.rcpt.as_str());
        let own = list.get(&taken.rcpt);
        let right = !taken.dot || own.is_some_and(|token| taken.tokens == [token.as_str()]);
        figures.strangers += usize::from(!known || own.is_none() || !right);
        if taken.dot {
            copies.entry(&taken.rcpt).or_default().push(taken);
        }
    }
    if run == Run::Finished {
        figures.lost += list.keys().filter(|address| !by_address.contains_key(address.as_str())).count();
    }
    for row in rows {
        let copies = copies.get(row.address.as_str()).map_or(&[][..], Vec::as_slice);
        let accepted = row.state == "accepted";
        let ended = accepted || row.state == "held" && row.doubts > 0;
        figures.accepted += usize::from(accepted);
        figures.held += usize::from(row.state == "held");
        figures.doubts += row.doubts;
        figures.lost += usize::from(accepted && copies.is_empty() || run == Run::Finished && !ended);
        figures.false_accepts += usize::from(accepted && !copies.iter().any(|taken| taken.said_250));
        let again = copies.len().saturating_sub(1);
        figures.duplicates += again;
        let announced = if row.possible_duplicate { again.min(row.doubts) } else { 0 };
        figures.unannounced += again - announced;
        let hashes: BTreeSet<&str> = copies.iter().map(|taken| taken.sha256.as_str()).collect();
        figures.changed += hashes.iter().filter(|hash| **hash != row.sha256).count();
    }
    figures
}

impl Figures {
    /// What may never happen, with its name.
    pub fn wrong(&self) -> Vec<(&'static str, usize)> {
        let all = [
            ("lost", self.lost),
            ("false accepts", self.false_accepts),
            ("strangers", self.strangers),
            ("unannounced duplicates", self.unannounced),
            ("byte differences", self.changed),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8} {:>5} {:>5} {:>6} {:>6} {:>10} {:>6} {:>8} {:>6} {:>5}",
            self.accepted,
            self.held,
            self.lost,
            self.false_accepts,
            self.strangers,
            self.unannounced,
            self.changed,
            self.duplicates,
            self.doubts,
            self.wrong().len()
        )
    }
}

/// The line above the figures.
pub const HEAD: &str = "accepted  held  lost false strangers unannounced bytes duplicates doubts wrong";
