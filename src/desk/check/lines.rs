//! The line of each field of a letter that was found, for who looks for it in the file.

use std::collections::BTreeMap;

use super::Version;
use crate::circular::Found;

/// By the name of the field; of several the first.
pub(super) fn of_fields(version: &Version) -> BTreeMap<&'static str, u32> {
    let letter = &version.letter;
    let text = |found: &Option<Found<String>>| found.as_ref().map(|found| found.line);
    let all = [
        ("reference", letter.reference.as_ref().map(|found| found.line)),
        ("place", text(&letter.place)),
        ("date", letter.date.as_ref().map(|found| found.line)),
        ("to", version.to.first().map(|line| line.line)),
        ("copy", version.copy.first().map(|line| line.line)),
        ("subject", text(&letter.subject)),
        ("salutation", text(&letter.salutation)),
        ("body", (!letter.body.value.trim().is_empty()).then_some(letter.body.line)),
        ("closing", text(&letter.closing)),
        ("signatories", letter.signatories.first().map(|signatory| signatory.line)),
        ("annexes", letter.annexes.as_ref().map(|found| found.line)),
        ("attachments", letter.head.attachments.as_ref().map(|found| found.line)),
        ("deadlines", letter.deadlines.first().map(|found| found.line)),
    ];
    all.into_iter().filter_map(|(field, line)| Some((field, line?))).collect()
}
