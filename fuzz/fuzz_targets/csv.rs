//! Any octets are a list of addressees or a refusal: no panic, and every member taken has a mailbox.
#![no_main]

use std::{io::Cursor, ops::ControlFlow};

use circulard::addressees::{Limits, read_group};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let mut members = 0usize;
    let _ = read_group(Cursor::new(octets), &Limits::default(), |member| {
        assert!(!member.address.as_str().is_empty());
        members += 1;
        if members > 10_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
});
