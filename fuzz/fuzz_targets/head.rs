//! Any optional head above a sound letter: no panic, and what the head says stands or is a problem.
#![no_main]

use chrono::NaiveDate;
use circulard::circular::read;
use libfuzzer_sys::fuzz_target;

const LETTER: &str = "\n---\nRef.: Circular 1\n\nGeneva, 3 May 2026\n\nTo: Regulators\n\nSubject: A\n\nDear Sir,\n\nText.\n\nYours faithfully,\n\nA. Example\nDirector\n";

fuzz_target!(|head: &str| {
    let Some(today) = NaiveDate::from_ymd_opt(2026, 6, 1) else { return };
    let text = format!("---\n{head}{LETTER}");
    let letter = read("letter.md", text.as_bytes(), today);
    if let Some(to) = &letter.head.to {
        assert_eq!(letter.to.iter().map(|line| &line.text).collect::<Vec<_>>(), to.value.iter().collect::<Vec<_>>());
    }
    if let Some(copy) = &letter.head.copy {
        assert_eq!(letter.copy.len(), copy.value.len());
    }
});
