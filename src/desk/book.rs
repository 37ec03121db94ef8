//! `groups.toml`, read once for as long as it says the same: each list and each letter asks for it.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Desk, sha256};
use crate::{addressees::GroupBook, circular::Problem, folders::read_regular};

/// A book of groups is some pages.
const LIMIT: u64 = 4 << 20;

/// The book that was read last.
#[derive(Debug, Clone, Default)]
pub struct LastBook(Arc<Mutex<Option<Read>>>);

#[derive(Debug)]
struct Read {
    sha256: [u8; 32],
    book: Result<Arc<GroupBook>, Vec<Problem>>,
}

/// Reads `groups.toml`. Where it is damaged no letter can be resolved: the problems say why.
pub(super) fn read_group_book(desk: &Desk) -> Result<Arc<GroupBook>, Vec<Problem>> {
    let path = desk.workspace.groups();
    if !path.exists() {
        return Ok(Arc::default());
    }
    let octets = read_regular(&path, LIMIT).map_err(|refusal| vec![Problem::error(0, refusal.to_string())])?;
    let hash = sha256(&octets);
    let mut last = desk.book.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(read) = last.as_ref().filter(|read| read.sha256 == hash) {
        return read.book.clone();
    }
    let book = parse(octets).map(Arc::new);
    *last = Some(Read { sha256: hash, book: book.clone() });
    book
}

fn parse(octets: Vec<u8>) -> Result<GroupBook, Vec<Problem>> {
    let text = String::from_utf8(octets)
        .map_err(|_| vec![Problem::error(0, "recipients/groups.toml is not UTF-8; save it as UTF-8".to_owned())])?;
    GroupBook::parse(text.strip_prefix('\u{feff}').unwrap_or(&text)).map_err(|problems| {
        let located = |problem: &Problem| Problem::error(0, problem.located("recipients/groups.toml"));
        problems.iter().map(located).collect()
    })
}

/// The hash of the book as it lies; of nothing where there is none.
pub(super) fn book_hash(desk: &Desk) -> [u8; 32] {
    sha256(&read_regular(&desk.workspace.groups(), LIMIT).unwrap_or_default())
}
