//! The mailboxes of a list met so far, by which each counts once.

use std::{
    collections::{
        HashMap, HashSet,
        hash_map::{DefaultHasher, Entry},
    },
    hash::{Hash, Hasher},
};

use super::{address::Mailbox, member::Member, told::Told};
use crate::circular::Problem;

/// The mailboxes met so far and their lines. Two keyed 64-bit hashes stand for a mailbox: among a million of them the
/// chance that two share both is 10⁻²⁷, and their names would take five times the memory.
#[derive(Default)]
pub(super) struct Seen {
    lines: HashMap<(u64, u64), u32>,
    memberships: HashSet<(u64, u64)>,
}

impl Seen {
    pub(super) fn count(&self) -> u64 {
        self.lines.len() as u64
    }

    pub(super) fn first_time(&mut self, mut member: Member, notes: &mut Told) -> Option<Member> {
        let mailbox = member.address.mailbox();
        member.groups.retain(|group| self.memberships.insert(hashes(&mailbox, group.as_str())));
        match self.lines.entry(hashes(&mailbox, "")) {
            Entry::Vacant(vacant) => {
                vacant.insert(member.line);
                Some(member)
            }
            Entry::Occupied(first) => {
                let message = match first.get() {
                    line if *line == member.line => return None,
                    line => format!("{} has the mailbox of line {line}, and that row counts", member.address),
                };
                notes.push(Problem::note(member.line, message));
                (!member.groups.is_empty()).then_some(member)
            }
        }
    }
}

fn hashes(mailbox: &Mailbox, group: &str) -> (u64, u64) {
    let hash = |key: u8| {
        let mut hasher = DefaultHasher::new();
        (key, mailbox, group).hash(&mut hasher);
        hasher.finish()
    };
    (hash(1), hash(2))
}
