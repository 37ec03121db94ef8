//! An addressee line means a group only if it says no more than a label: words added to a label never mean the group.
#![no_main]

use circulard::addressees::{GroupBook, Matched};
use libfuzzer_sys::fuzz_target;

const BOOK: &str = include_str!("../../recipients/groups.toml");

fuzz_target!(|text: &str| {
    let Ok(book) = GroupBook::parse(BOOK) else { return };
    let _ = book.explain_unmatched(text, &[]);
    let line = format!("Regulators zzz{text}");
    assert!(!matches!(book.match_line(&line, &[]), Matched::Groups(groups) if groups.len() == 1), "{line}");
});
