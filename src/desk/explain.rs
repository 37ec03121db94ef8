//! Explain: by which rows, groups and rules an address gets a circular or does not, in which language, and when.
//!
//! What was frozen is told from the ledger and from the versions of the lists that were in force then; what has not been frozen
//! from the letter as it lies and the groups in force now.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{
    Desk, DeskError, Understood,
    book::read_group_book,
    freeze::read_stem,
    preview::choose,
    understand,
    why::{Reason, belongs, place},
};
use crate::{
    addressees::{Address, GroupBook, GroupName, Selection},
    ledger::{CircularId, CircularRecord, Held, HeldRow, IssueRecord, LogEntry, LogFilter, NamedReach, Reach},
};

mod beyond;
mod outside;
mod row;

pub use row::{ExplainedRow, what_is_next};

/// Whether an address gets a circular.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was frozen, or it would be.
    In,
    /// It was not, or it would not be.
    Out,
}

/// One issue of a circular, or the one to come, and one address.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// As printed.
    pub reference: Option<String>,
    /// The frozen issue; `null`: not yet frozen.
    pub issue: Option<i64>,
    /// As the list spells it, else as asked.
    pub address: String,
    /// Whether it gets it.
    pub verdict: Verdict,
    /// `to` or `copy`
    pub role: Option<String>,
    /// Its groups among those of the letter.
    pub groups: Vec<String>,
    /// It is in the letter's groups now, and was not when this was frozen.
    pub came_later: bool,
    /// By which rows and rules.
    pub because: Vec<Reason>,
    /// In which language.
    pub language: Option<String>,
    /// Which rule chose it, in words.
    pub language_rule: Option<String>,
    /// Of the delivery, or of the circular where nothing is frozen.
    pub state: String,
    /// When it was frozen.
    pub frozen_at: Option<DateTime<Utc>>,
    /// When it is to go out.
    pub due_at: Option<DateTime<Utc>>,
    /// The delivery, as the log has it.
    pub delivery: Option<Box<LogEntry>>,
}

/// What there is to know of one address while it is explained.
struct Asked<'a> {
    desk: &'a Desk,
    record: &'a CircularRecord,
    address: &'a Address,
    book: Arc<GroupBook>,
    /// The letter as it lies now; `None`: its files are gone.
    letter: Option<Understood>,
}

/// Explains every issue of a circular, the newest first, and the one to come where there is one.
pub async fn explain(desk: &Desk, record: &CircularRecord, address: &Address) -> Result<Vec<Explained>, DeskError> {
    let files = read_stem(desk, &record.stem).unwrap_or_default();
    let letter = if files.is_empty() { None } else { Some(understand(desk, &record.stem, &files).await?) };
    let book = read_group_book(desk).unwrap_or_default();
    let asked = Asked { desk, record, address, book, letter };
    let mut all = Vec::new();
    if record.issues == 0 || record.repeat.is_some() {
        all.push(asked.to_come().await?);
    }
    for issue in desk.ledger.issues(record.id).await?.iter().rev() {
        all.push(asked.frozen(issue).await?);
    }
    Ok(all)
}

impl Asked<'_> {
    fn blank(&self, verdict: Verdict) -> Explained {
        Explained {
            reference: self.record.reference.clone(),
            issue: None,
            address: self.address.as_str().to_owned(),
            verdict,
            role: None,
            groups: Vec::new(),
            came_later: false,
            because: Vec::new(),
            language: None,
            language_rule: None,
            state: self.record.state.as_str().to_owned(),
            frozen_at: None,
            due_at: None,
            delivery: None,
        }
    }

    /// Not yet frozen: the letter as it lies, the groups in force, the day on which it is due.
    async fn to_come(&self) -> Result<Explained, DeskError> {
        let Some(letter) = &self.letter else {
            let mut out = self.blank(Verdict::Out);
            out.because.push(Reason::plain("the letter is gone from templates/; it is not sent"));
            return Ok(out);
        };
        let due = self.record.due_at.filter(|due| *due > self.desk.now());
        let day = due.map_or(self.desk.today(), |due| due.with_timezone(&self.desk.rules.zone).date_naive());
        let mailbox = self.address.mailbox();
        let rows = self.desk.lists.rows_of(&mailbox, &Held::Now).await?;
        let mut explained = self.judged_now(&letter.reach, &rows, day, Some(letter)).await?;
        explained.due_at = self.record.due_at;
        if explained.verdict == Verdict::In
            && let Some(member) = self.composed_from(&letter.reach, day).await?
        {
            explained.address.clone_from(&member.address);
            let there = letter.versions.iter().map(|version| version.letter.language);
            let language = choose(&member.languages, there).map(|language| language.code().to_owned());
            let preferred = language.as_ref().is_some_and(|language| member.languages.contains(language));
            explained.language_rule = Some(rule(preferred, &member.languages));
            explained.language = language;
        }
        Ok(explained)
    }

    async fn frozen(&self, issue: &IssueRecord) -> Result<Explained, DeskError> {
        let ledger = &self.desk.ledger;
        let mailbox = self.address.mailbox();
        let entries = self.entries_of(self.record.id).await?;
        let others: Vec<i64> =
            entries.iter().map(|entry| entry.issue).filter(|number| *number != issue.number).collect();
        let entry = entries.into_iter().find(|entry| entry.issue == issue.number);
        let versions = Held::Versions(ledger.versions_of_issue(issue.id).await?);
        let rows = self.desk.lists.rows_of(&mailbox, &versions).await?;
        let day = issue.frozen_at.with_timezone(&self.desk.rules.zone).date_naive();
        // the letter has not changed since: then its printed lines are those of the issue
        let letter = self.letter.as_ref().filter(|letter| letter.digest().as_slice() == issue.digest);
        let reach = self.reach_of(&issue.reach);
        let mut explained = match (entry, others.first()) {
            (Some(entry), _) => self.sent(entry, &reach, &rows, (&versions, day), letter).await?,
            (None, Some(other)) => {
                let mut out = self.blank(Verdict::Out);
                out.because.push(Reason::plain(match issue.source {
                    Some(_) => format!("this issue went to those who had joined since; it was in issue {other}"),
                    None => format!("it was not in this issue, it was in issue {other}"),
                }));
                "not frozen".clone_into(&mut out.state);
                out
            }
            (None, None) => {
                let mut out = self.judged(&reach, &rows, day, letter).await?;
                if out.verdict == Verdict::In {
                    out = self.blank(Verdict::Out);
                    let words = "the lists of that day have it, and it was not frozen: groups.toml has changed since";
                    out.because.push(Reason::plain(words));
                }
                out.because.extend(self.copy_left_out(&reach, day).await?);
                let later = self.came_later(&reach).await?;
                out.came_later = !later.is_empty();
                out.because.extend(later);
                "not frozen".clone_into(&mut out.state);
                out
            }
        };
        explained.reference = Some(issue.reference.clone());
        explained.issue = Some(issue.number);
        explained.frozen_at = Some(issue.frozen_at);
        Ok(explained)
    }

    fn selections(&self, groups: &[String]) -> Vec<Selection> {
        let names = groups.iter().filter_map(|group| GroupName::new(group));
        names.filter_map(|name| self.book.select(&name).ok()).collect()
    }

    /// Whom an issue reached, as it is on record, by the groups as they are defined now.
    fn reach_of(&self, named: &NamedReach) -> Reach {
        let mailboxes = named.exclude_mailboxes.iter().filter_map(|address| Address::parse(address).ok());
        Reach {
            to: self.selections(&named.to),
            copy: self.selections(&named.copy),
            exclude: self.selections(&named.exclude),
            exclude_mailboxes: mailboxes.map(|address| address.mailbox()).collect(),
            office_copies: named.office_copies,
            parent: named.parent.map(CircularId),
        }
    }

    /// What the address got of a circular, issue by issue.
    async fn entries_of(&self, circular: CircularId) -> Result<Vec<LogEntry>, DeskError> {
        let mailbox = Some(self.address.mailbox());
        let filter = LogFilter { circular: Some(circular), mailbox, ..LogFilter::default() };
        Ok(self.desk.ledger.log(&filter, self.desk.rules.zone).await?)
    }

    /// A delivery as the ledger has it, with what put it there: its parent, rows of that day, offices.
    async fn sent(
        &self,
        entry: LogEntry,
        reach: &Reach,
        rows: &[HeldRow],
        (versions, day): (&Held, NaiveDate),
        letter: Option<&Understood>,
    ) -> Result<Explained, DeskError> {
        let mut explained = self.blank(Verdict::In);
        let chosen = self.desk.ledger.chosen_for(entry.delivery).await?;
        let of_parent = match reach.parent {
            Some(parent) => self.of_parent(parent).await?,
            None => None,
        };
        let by_parent = of_parent.is_some();
        explained.because.extend(of_parent);
        if chosen.left_groups {
            let words = "it was in none of the parent's groups any more; it has the letter, and so got this too";
            explained.because.push(Reason::plain(words));
        }
        for selection in self.selections(&entry.groups).iter().filter(|_| !by_parent) {
            let found = match belongs(selection, rows, day) {
                Ok(found) => found,
                // its office is in that group
                Err(_) if !entry.copy_of.is_empty() => continue,
                // groups.toml may have changed since: then the rows of that day are told as they are
                Err(_) => rows.iter().collect(),
            };
            let said = letter.and_then(|letter| printed(letter, selection));
            explained.because.extend(found.iter().map(|row| put_there(row, selection, said.as_deref())));
        }
        explained.because.extend(self.for_offices(&entry.copy_of, versions).await?);
        explained.language_rule = Some(rule(chosen.rule == "preferred", &chosen.languages));
        explained.language = Some(entry.language.clone());
        explained.address.clone_from(&entry.address);
        explained.role = Some(entry.role.clone());
        explained.groups.clone_from(&entry.groups);
        explained.state.clone_from(&entry.state);
        explained.delivery = Some(Box::new(entry));
        Ok(explained)
    }

    /// In or out by the rows, with every reason.
    async fn judged(
        &self,
        reach: &Reach,
        rows: &[HeldRow],
        day: NaiveDate,
        letter: Option<&Understood>,
    ) -> Result<Explained, DeskError> {
        let (mut inside, mut outside) = (self.blank(Verdict::In), self.blank(Verdict::Out));
        for (role, selections) in [("to", &reach.to), ("copy", &reach.copy)] {
            for selection in selections {
                match belongs(selection, rows, day) {
                    Ok(found) => {
                        let said = letter.and_then(|letter| printed(letter, selection));
                        inside.because.extend(found.iter().map(|row| put_there(row, selection, said.as_deref())));
                        inside.groups.push(selection.group.to_string());
                        inside.role.get_or_insert_with(|| role.to_owned());
                    }
                    Err(against) => outside.because.extend(against),
                }
            }
        }
        let excluded = self.excluded(reach, rows, day);
        if excluded.is_empty() && !inside.groups.is_empty() {
            return Ok(inside);
        }
        outside.because.extend(excluded);
        if inside.groups.is_empty() {
            outside.because.extend(self.in_none(reach, rows).await?);
        }
        Ok(outside)
    }

    /// Rows that came into the letter's groups after it was frozen.
    async fn came_later(&self, reach: &Reach) -> Result<Vec<Reason>, DeskError> {
        let rows = self.desk.lists.rows_of(&self.address.mailbox(), &Held::Now).await?;
        let now = self.judged_now(reach, &rows, self.desk.today(), None).await?;
        let later =
            |reason: Reason| Reason { text: format!("{} now: it came after this was frozen", reason.text), ..reason };
        Ok(if now.verdict == Verdict::In { now.because.into_iter().map(later).collect() } else { Vec::new() })
    }
}

fn put_there(row: &HeldRow, selection: &Selection, printed: Option<&str>) -> Reason {
    let group = selection.group.as_str();
    let through = if row.group == group { String::new() } else { format!(" through {}", row.group) };
    let said = printed.map(|printed| format!("; {printed}")).unwrap_or_default();
    Reason::of_row(row, group, format!("{} is in {group}{through}{said}", place(row)))
}

/// Where the letter names a group: `templates/x.txt:9 says "Academia"`.
fn printed(letter: &Understood, selection: &Selection) -> Option<String> {
    let original = letter.original()?;
    let line = original.to.iter().chain(&original.copy).find(|line| line.groups.contains(&selection.group))?;
    Some(format!("templates/{}:{} says \"{}\"", original.file, line.line, line.text))
}

fn rule(preferred: bool, languages: &[String]) -> String {
    match (preferred, languages) {
        (true, languages) => {
            format!("the first of the addressee's languages ({}) that the letter exists in", languages.join(", "))
        }
        (false, []) => "the list names no language of the addressee: the letter's original".to_owned(),
        (false, languages) => {
            format!("the letter exists in none of the addressee's languages ({}): its original", languages.join(", "))
        }
    }
}
