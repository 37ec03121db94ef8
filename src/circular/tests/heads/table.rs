//! The table of heads in `heads.txt`: a head, and behind `@@` reference, date, place, subject, salutation and supplement as a
//! clerk would note them. A head without a text of its own, which ends at `%%`, gets one.

use super::{super::*, BODY, head_of};

const TABLE: &str = include_str!("heads.txt");

#[test]
fn heads_of_many_offices_are_read_as_a_clerk_would() {
    let mut wrong = Vec::new();
    for entry in TABLE.trim_end().split("\n=====\n") {
        let (head, expected) = entry.rsplit_once("\n@@ ").unwrap_or_else(|| panic!("no values: {entry}"));
        let text = if head.contains("%%") { head.replace("%%", "") } else { format!("{head}\n{BODY}") };
        let letter = read("letter.md", text.as_bytes(), day(2026, 1, 1));
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let salutation = or_none(letter.salutation.map(|found| found.value));
        let supplement = or_none(letter.supplement.map(|supplement| supplement.to_string()));
        let found = format!("{} | {salutation} | {supplement}", head_of(&text));
        if found != expected {
            wrong.push(format!("{head}\n   found: {found}\nexpected: {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} in all", wrong.join("\n\n"), wrong.len());
}

/// Number and date at the right of a list are read, and nobody of the list is left out for it.
#[test]
fn a_corner_beside_a_list_of_addressees_takes_nobody_out_of_it() {
    let table: [(&str, &[&str]); 5] = [
        (
            "To the Administrations              Ref.: 12/26\nTo the Sector Members               3 March 2026\n",
            &["Administrations", "Sector Members"],
        ),
        (
            "- Administrations                   Ref.: 12/26\n- Regulators                        3 March 2026\n- Academia\n",
            &["Administrations", "Regulators", "Academia"],
        ),
        (
            "To:   Administrations\n      Regulators                    Ref.: 12/26\n      Academia                      Date: 3 March 2026\n      Industry\n",
            &["Administrations", "Regulators", "Academia", "Industry"],
        ),
        (
            "To:\n  Administrations                    Ref.: 12/26\n  Ministries of Health of the        3 March 2026\n  African Region\n  Academia\n",
            &["Administrations", "Ministries of Health of the African Region", "Academia"],
        ),
        (
            "Кому:\n  Администрациям                    № 12/26\n  Министерствам                     3 марта 2026 г.\n  Академиям\n",
            &["Администрациям", "Министерствам", "Академиям"],
        ),
    ];
    for (head, named) in table {
        let text = format!("SAMPLE UNION\n\n{head}\nSubject: Fees\n\nDear Sirs,\n{BODY}");
        let letter = read("letter.txt", text.as_bytes(), day(2026, 1, 1));
        assert_eq!(texts(&letter.to), named, "{head}");
        assert_eq!(head_of(&text), "12/26 | 2026-03-03 | - | Fees", "{head}");
    }
}
