//! Reads a list as a test wants it: what was told, and who is in it.

use std::{io::Cursor, ops::ControlFlow};

use crate::addressees::{GroupBook, Limits, Member, Summary, read_good_rows};

/// Members as `LINE ADDRESS`, then what was told; or the problems.
pub(super) fn list(octets: impl AsRef<[u8]>) -> Result<(Vec<Member>, Vec<String>), Vec<String>> {
    let (summary, members) = good_rows(octets)?;
    match summary.bad.is_empty() {
        true => Ok((members, summary.notes.iter().map(|note| note.located("x")).collect())),
        false => Err(summary.bad.problems(100).iter().map(|problem| problem.located("x")).collect()),
    }
}

pub(super) fn good_rows(octets: impl AsRef<[u8]>) -> Result<(Summary, Vec<Member>), Vec<String>> {
    let mut members = Vec::new();
    let read = read_good_rows(Cursor::new(octets.as_ref()), &Limits::default(), &GroupBook::default(), |member| {
        members.push(member);
        ControlFlow::Continue(())
    });
    read.map(|summary| (summary, members)).map_err(|problems| problems.iter().map(|p| p.located("x")).collect())
}

pub(super) fn told(octets: impl AsRef<[u8]>) -> Vec<String> {
    list(octets).map_or_else(|problems| problems, |(_, notes)| notes)
}

pub(super) fn names(octets: impl AsRef<[u8]>) -> Vec<String> {
    let named = |member: Member| member.name.unwrap_or_default();
    list(octets).map_or_else(|problems| problems, |(members, _)| members.into_iter().map(named).collect())
}

pub(super) fn addresses(octets: impl AsRef<[u8]>) -> Vec<String> {
    let shown = |member: Member| format!("{} {}", member.line, member.address);
    list(octets).map_or_else(|problems| problems, |(members, _)| members.into_iter().map(shown).collect())
}
