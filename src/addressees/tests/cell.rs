//! Cells of addresses, as people fill them.

use crate::addressees::cell::addresses;

fn read(cell: &str) -> Vec<String> {
    match addresses(cell) {
        Ok(read) => read.found.iter().map(ToString::to_string).collect(),
        Err(flaws) => flaws.iter().map(|flaw| format!("! {flaw}")).collect(),
    }
}

#[test]
fn several_addresses_are_parted_however_people_part_them() {
    let both = vec!["a@x.example".to_owned(), "b@y.example".to_owned()];
    for cell in [
        "a@x.example; b@x.example".replace("b@x", "b@y").as_str(),
        "a@x.example;b@y.example;",
        "a@x.example, b@y.example",
        "a@x.example / b@y.example",
        "a@x.example/b@y.example",
        "a@x.example\nb@y.example",
        "a@x.example or b@y.example",
        "a@x.example and b@y.example",
        "a@x.example AND b@y.example",
        "Ann <a@x.example>; Bob <b@y.example>",
        "\"al-Amin, Noor\" <a@x.example>, b@y.example",
        "al-Amin, Noor <a@x.example>; b@y.example",
        "<a@x.example>,<b@y.example>",
        "mailto:a@x.example; MAILTO:b@y.example?subject=Hello",
        "[a@x.example](mailto:a@x.example); b@y.example",
        "a＠x．example；b﹫y。example",
        "\u{a0}\u{200b}a@x.example\t;\u{feff} b@y.example \u{200b}",
        "Research and Development <a@x.example>; b@y.example",
    ] {
        assert_eq!(read(cell), both, "{cell:?}");
    }
}

#[test]
fn a_cell_that_says_there_is_none_has_none() {
    for cell in ["", "  ", "n/a", "N/A", "-", "–", "none", "None", "\u{200b}"] {
        assert_eq!(addresses(cell).map(|read| read.found), Ok(Vec::new()), "{cell:?}");
    }
}

#[test]
fn a_piece_that_is_no_address_is_refused_and_never_skipped() {
    for (cell, wanted) in [
        ("a@x.example; see mission", "! \"see mission\" is not an address: no @ sign"),
        ("a@x,example", "! \"a@x,example\" is not an address: a comma where the domain needs a dot"),
        ("a@x.example,com", "! \"a@x.example,com\" is not an address: a comma where the domain needs a dot"),
        ("http://x.example/contact", "! \"http://x.example\" is not an address: it is a web address"),
        (
            "[email protected]",
            "! \"[email protected]\" is not an address: a web site has hidden it; ask the office for its address",
        ),
        ("a(at)x.example", "! \"a(at)x.example\" is not an address: write @ instead of (at)"),
        ("Bob; a@x.example", "! \"Bob\" is not an address: no @ sign"),
        ("a@x.example..", "! \"a@x.example..\" is not an address: it ends with a dot; delete the dot"),
        (
            "a@x.example\u{200b}.",
            "! \"a@x.example\\u{200b}.\" is not an address: the character U+200B inside, which cannot be seen; type the address anew",
        ),
    ] {
        let found = read(cell).into_iter().find(|said| said.starts_with('!'));
        assert_eq!(found.as_deref(), Some(wanted), "{cell}");
    }
}

#[test]
fn every_repair_is_told() {
    for (cell, wanted) in [
        (" a@x.example", vec!["blanks around \"a@x.example\" were taken off"]),
        ("a@x.example\u{a0}", vec!["the character U+00A0 beside \"a@x.example\", which cannot be seen, was taken off"]),
        (
            "\u{feff}a@x.example",
            vec!["the character U+FEFF beside \"a@x.example\", which cannot be seen, was taken off"],
        ),
        (
            "\u{200b}a@x.example ",
            vec!["the character U+200B beside \"a@x.example\", which cannot be seen, was taken off"],
        ),
        ("a＠x.example", vec!["full-width characters were replaced: \"a＠x.example\" was read as \"a@x.example\""]),
        (
            "ａｂ９＠ｘ．example",
            vec!["full-width characters were replaced: \"ａｂ９＠ｘ．example\" was read as \"ab9@x.example\""],
        ),
        ("mailto:a@x.example", vec!["\"mailto:a@x.example\" was read as a@x.example"]),
        ("Ann <a@x.example>", vec!["\"Ann <a@x.example>\" was read as a@x.example"]),
        ("a@x.example.", vec!["the full stop after a@x.example was taken off"]),
        ("a@x.example, b@y.example", vec!["2 addresses in one cell were parted at commas"]),
        ("a@x.example / b@y.example", vec!["2 addresses in one cell were parted at slashes"]),
        ("a@x.example\nb@y.example", vec!["2 addresses in one cell were parted at line breaks"]),
        ("a@x.example or b@y.example", vec!["2 addresses in one cell were parted at \"or\" or \"and\""]),
        (
            "Noor@uni.example, noor@UNI.example",
            vec![
                "noor@uni.example stands twice in one cell; it counts once",
                "2 addresses in one cell were parted at commas",
            ],
        ),
        ("a@x.example", vec![]),
        ("a@x.example; b@y.example", vec![]),
        ("a@x.example;", vec![]),
        ("a@x.example；b@y.example", vec![]),
    ] {
        let told: Vec<String> = addresses(cell).unwrap().repairs.into_iter().map(|repair| repair.what).collect();
        assert_eq!(told, wanted, "{cell:?}");
    }
}
