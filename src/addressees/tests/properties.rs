//! Whatever is dropped, nothing panics, and what is taken is safe on the wire.

use std::{io::Cursor, ops::ControlFlow};

use proptest::prelude::*;

use crate::addressees::{Address, GroupBook, GroupName, Limits, cell, read_group};

const BOOK: &str = "[a]\nlabels.en = [\"Regulators and others\", \"各监管机构\"]\n[b]\nlabels.en = [\"Others\"]\n";

proptest! {
    #[test]
    fn an_address_that_is_taken_is_safe_and_reads_back_as_itself(text in "\\PC{0,20}@\\PC{0,20}\\.\\PC{0,9}|[a-zé.@]{0,30}|.{0,40}") {
        if let Ok(address) = Address::parse(&text) {
            let wire = address.as_str();
            prop_assert!(!wire.contains(|c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>'));
            prop_assert!(address.domain().is_ascii() && address.domain().contains('.') && wire.len() <= 254);
            prop_assert_eq!(Address::parse(wire), Ok(address.clone()));
            let folded = Address::parse(address.mailbox().as_str()).map(|folded| folded.mailbox());
            prop_assert_eq!(folded, Ok(address.mailbox()));
        }
    }

    #[test]
    fn no_cell_panics(text in "[a@.,;/<>\"\\[\\]() \n＠orand]{0,60}|.{0,60}") {
        let _ = cell::addresses(&text);
    }

    #[test]
    fn no_file_panics(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_group(Cursor::new(&octets), &Limits::default(), |_| ControlFlow::Continue(()));
        let with_header = [b"email;name;valid_from;language;group\n".as_slice(), &octets].concat();
        let _ = read_group(Cursor::new(&with_header), &Limits::default(), |_| ControlFlow::Continue(()));
    }

    #[test]
    fn no_row_is_lost_in_silence(rows in proptest::collection::vec("[a-z]{1,8}@[a-z]{1,8}\\.example", 1..30)) {
        let mut met = 0_u64;
        let file = format!("email\r\n{}\r\n", rows.join("\r\n"));
        let summary = read_group(Cursor::new(&file), &Limits::default(), |_| {
            met += 1;
            ControlFlow::Continue(())
        });
        let summary = summary.map_err(|problems| TestCaseError::fail(format!("{problems:?}")))?;
        prop_assert_eq!(summary.rows, rows.len() as u64);
        prop_assert_eq!(met, summary.members);
        prop_assert_eq!(summary.members + summary.notes.len() as u64, summary.rows);
    }

    #[test]
    fn no_line_and_no_book_panics(text in ".{0,80}|(Regulators|and|others|Others|各监管机构|,| ){0,12}") {
        let existing: Vec<GroupName> = GroupName::new("press").into_iter().collect();
        if let Ok(book) = GroupBook::parse(BOOK) {
            let _ = book.explain_unmatched(&text, &existing);
        }
        let _ = GroupBook::parse(&text);
        let _ = GroupBook::parse(&format!("[a]\nlabels.en = [\"{text}\"]\nof = \"{text}\""));
    }
}
