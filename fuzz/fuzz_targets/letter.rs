//! Any octets are a letter or a problem: no panic, and every addressee and line number comes from the text.
#![no_main]

use chrono::NaiveDate;
use circulard::circular::{Severity, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Some(today) = NaiveDate::from_ymd_opt(2026, 6, 1) else { return };
    let letter = read("letter.txt", octets, today);
    let lines = u32::try_from(octets.iter().filter(|o| matches!(o, b'\n' | b'\r')).count()).unwrap_or(u32::MAX) + 1;
    let sent = letter.problems.iter().all(|problem| problem.severity != Severity::Error);
    for addressee in letter.to.iter().chain(&letter.copy) {
        assert!((1..=lines).contains(&addressee.line), "line {} of {lines}", addressee.line);
        assert!(!sent || !addressee.text.trim().is_empty());
    }
    // A supplement goes to the addressees of its parent.
    let addressed = !letter.to.is_empty() || letter.parent().is_some();
    assert!(!sent || (letter.reference.is_some() && addressed && letter.subject.is_some()));
    if let Some(reference) = &letter.reference {
        assert!(!reference.value.key().as_str().contains('\n'));
    }
});
