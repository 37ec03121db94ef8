//! Lists as rows: the same fields, whoever asks (the command line, the API).

use serde::Serialize;

use super::{Desk, GroupStands};
use crate::{
    circular::Problem,
    ledger::{GroupMember, MemberRow},
    report::rfc3339,
};

/// One list.
#[derive(Debug, Serialize)]
pub struct GroupRow {
    /// Its name.
    pub group: String,
    /// `recipients/NAME.csv`
    pub file: String,
    /// How it stands, in words.
    pub state: &'static str,
    /// Of the version in force.
    pub rows: i64,
    /// Of the version in force.
    pub mailboxes: i64,
    /// RFC 3339.
    pub accepted_at: Option<String>,
    /// Who accepted it.
    pub accepted_by: Option<String>,
    /// What was found in the version read last.
    pub problems: Vec<Problem>,
    /// The version that waits for a person.
    pub pending: Option<PendingRow>,
}

/// One addressee of a group.
#[derive(Debug, Clone, Serialize)]
pub struct MemberShown {
    /// As the list spells it.
    pub address: String,
    /// From the list.
    pub name: Option<String>,
    /// From the list.
    pub organization: Option<String>,
    /// From the list.
    pub country: Option<String>,
    /// In its order.
    pub language: Vec<String>,
    /// Its row.
    pub line: i64,
    /// `recipients/NAME.csv`
    pub file: String,
}

impl From<&MemberRow> for MemberShown {
    fn from(member: &MemberRow) -> Self {
        let field = |name: &str| member.fields.get(name).cloned();
        Self {
            address: member.address.clone(),
            name: field("name"),
            organization: field("organization"),
            country: field("country"),
            language: member.languages.clone(),
            line: member.line,
            file: format!("recipients/{}", member.file),
        }
    }
}

impl From<GroupMember> for MemberShown {
    fn from(member: GroupMember) -> Self {
        Self {
            address: member.address,
            name: member.name,
            organization: member.organization,
            country: member.country,
            language: member.languages,
            line: member.line,
            file: format!("recipients/{}", member.file),
        }
    }
}

/// What would come into force.
#[derive(Debug, Serialize)]
pub struct PendingRow {
    /// What an acceptance is bound to.
    pub version: i64,
    /// Of the file, hexadecimal.
    pub sha256: String,
    /// The file is gone: accepted, the group ends.
    pub removal: bool,
    /// Of the file.
    pub rows: i64,
    /// Different ones.
    pub mailboxes: i64,
    /// Mailboxes that would leave.
    pub leave: i64,
    /// Mailboxes that would join.
    pub join: i64,
    /// Rows that cannot be read.
    pub bad_rows: u64,
    /// Why it waits.
    pub doubts: Vec<String>,
    /// RFC 3339.
    pub read_at: String,
}

impl GroupRow {
    /// The row of a list.
    pub fn of(desk: &Desk, stands: &GroupStands) -> Self {
        let held = stands.held.as_ref();
        Self {
            group: stands.last.name.clone(),
            file: format!("recipients/{}", stands.last.file),
            state: stands.in_words(),
            rows: held.map_or(0, |held| held.rows),
            mailboxes: held.map_or(0, |held| held.mailboxes),
            accepted_at: held.and_then(|held| held.accepted_at).map(|at| rfc3339(at, desk.rules.zone)),
            accepted_by: held.and_then(|held| held.accepted_by.clone()),
            problems: stands.last.problems.clone(),
            pending: pending(desk, stands),
        }
    }
}

fn pending(desk: &Desk, stands: &GroupStands) -> Option<PendingRow> {
    let (waiting, (leave, join)) = (stands.waiting()?, stands.moves?);
    Some(PendingRow {
        version: waiting.version,
        sha256: waiting.sha256.iter().map(|octet| format!("{octet:02x}")).collect(),
        removal: waiting.removal,
        rows: waiting.rows,
        mailboxes: waiting.mailboxes,
        leave,
        join,
        bad_rows: waiting.bad.count(),
        doubts: waiting.doubts.clone(),
        read_at: rfc3339(waiting.read_at, desk.rules.zone),
    })
}
