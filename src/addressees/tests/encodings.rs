//! What octets people's programs write, and how each is read.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254};

use super::reading::{names, told};

const LIST: &str = "email;name\r\na@b.example;Nuñez García\r\nc@d.example;Ørsted\r\ne@f.example;Côte d’Ivoire\r\n";
const NAMES: [&str; 3] = ["Nuñez García", "Ørsted", "Côte d’Ivoire"];

fn in_page(page: &'static Encoding, text: &str) -> Vec<u8> {
    let (octets, _, lossy) = page.encode(text);
    assert!(!lossy, "{text}");
    octets.into_owned()
}

/// UTF-8 taken for Windows-1252 and saved as UTF-8.
fn twice(text: &str) -> String {
    WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
}

fn utf16(text: &str, octets: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(octets).collect()
}

#[test]
fn utf16_is_read_in_both_orders_with_and_without_its_mark() {
    let tabs = LIST.replace(';', "\t");
    let marked = format!("\u{feff}{tabs}");
    for octets in [
        utf16(&marked, u16::to_le_bytes),
        utf16(&marked, u16::to_be_bytes),
        utf16(&tabs, u16::to_le_bytes),
        utf16(&tabs, u16::to_be_bytes),
    ] {
        assert_eq!(names(&octets), NAMES);
        assert_eq!(told(&octets), ["x: the file is UTF-16 (\"Unicode text\") and was read as such"]);
    }
    let chinese = utf16("\u{feff}电子邮件\t姓名\r\na@b.example\t王 晓东\r\n", u16::to_le_bytes);
    assert_eq!(names(chinese), ["王 晓东"]);
}

#[test]
fn utf16_that_is_cut_off_or_broken_is_refused_with_its_row() {
    let whole = utf16(&format!("\u{feff}{LIST}"), u16::to_le_bytes);
    let cut = told(&whole[..whole.len() - 5]);
    assert!(cut[0].contains("x:4:") && cut[0].contains("a letter was lost"), "{cut:?}");
    let mut lone = utf16("\u{feff}email;name\r\na@b.example;A", u16::to_le_bytes);
    lone.extend([0x00, 0xd8, b'\n', 0]);
    assert!(told(&lone)[0].starts_with("x:2: column name: damaged text"), "{:?}", told(&lone));
}

#[test]
fn utf32_and_zeros_are_no_list() {
    let utf32: Vec<u8> = "\u{feff}email\n".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    assert_eq!(told(utf32), ["x: the file is UTF-32; save it as \"CSV UTF-8\" and drop it again"]);
    assert_eq!(told([0; 100]), ["x: the file is no text: it is full of zeros; save it as \"CSV UTF-8\""]);
}

#[test]
fn windows_1252_is_read_where_nothing_in_the_list_speaks_against_it() {
    let octets = in_page(WINDOWS_1252, LIST);
    assert_eq!(names(&octets), NAMES);
    assert_eq!(
        told(&octets),
        [
            "x:2: the file is not UTF-8 and was read as Windows-1252, in which \"Nuñez\" stands here; if that is wrong, save \
          the file as \"CSV UTF-8\" and drop it again"
        ]
    );
    let header = in_page(WINDOWS_1252, "adresse électronique;Pays\na@b.example;Suisse\n");
    assert!(told(&header)[0].starts_with("x:1: the file is not UTF-8 and was read as Windows-1252"));
}

#[test]
fn one_word_of_another_page_makes_the_whole_list_doubtful() {
    for (page, other) in
        [(WINDOWS_1250, "Wałęsa"), (WINDOWS_1250, "Jiří Dvořák"), (WINDOWS_1254, "Işık"), (MACINTOSH, "Montréal")]
    {
        let octets = in_page(page, &format!("email;name\na@b.example;Müller\nc@d.example;{other}\n"));
        let told = told(octets);
        assert!(told[0].starts_with("x:2: not UTF-8 but probably windows-1252"), "{other}: {told:?}");
        assert!(told[1].starts_with("x:3: not UTF-8 but probably"), "{other}: {told:?}");
    }
}

#[test]
fn a_list_encoded_twice_throughout_is_mended() {
    let text = "email;name\na@b.example;Müller\nc@d.example;Côte d’Ivoire\ne@f.example;Мария 王\n";
    for octets in [twice(text), twice(&format!("\u{feff}{text}")), format!("\u{feff}{}", twice(text))] {
        assert_eq!(names(&octets), ["Müller", "Côte d’Ivoire", "Мария 王"]);
        assert_eq!(
            told(&octets),
            [
                "x:2: the file is UTF-8 that was encoded twice, all of it, and was mended: \"Ã¼\" is \"ü\"; save it as \"CSV \
              UTF-8\" to be rid of this"
            ]
        );
    }
    // Across the pieces in which a file is read.
    let long = format!("email;name\n{}", (0..9_000).map(|n| format!("a{n}@b.example;Müller\n")).collect::<String>());
    let read = names(twice(&long));
    assert_eq!((read.len(), read.iter().all(|name| name == "Müller")), (9_000, true));
}

#[test]
fn a_list_encoded_twice_in_part_is_refused_with_its_rows() {
    let octets = format!("email;name\na@b.example;Müller\nc@d.example;{}\n", twice("Ørsted"));
    assert_eq!(
        told(octets),
        [
            "x:3: column name: damaged text, \"Ã˜rsted\" should read \"Ørsted\": the file was once opened in a wrong encoding; \
          open it as UTF-8"
        ]
    );
}

#[test]
fn two_encodings_in_one_list_are_refused_with_their_rows() {
    let mut octets = "email;name\na@b.example;Müller\n".as_bytes().to_vec();
    octets.extend(in_page(WINDOWS_1252, "c@d.example;Ørsted\n"));
    octets.extend("e@f.example;Nuñez\n".as_bytes());
    let refused = told(&octets);
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        refused[0].starts_with("x:3: not UTF-8 but probably windows-1252, in which it reads \"Ørsted\""),
        "{refused:?}"
    );
    // Inside one line too.
    let mut octets = b"email;name;country\na@b.example;".to_vec();
    octets.extend("Müller;".as_bytes());
    octets.extend(in_page(WINDOWS_1252, "Österreich\n"));
    assert!(told(&octets)[0].starts_with("x:2: not UTF-8"), "{:?}", told(&octets));
}

#[test]
fn capitals_before_quotation_marks_are_what_they_look_like() {
    assert_eq!(names("email;name\na@b.example;CAFÉ”\n"), ["CAFÉ”"]);
    assert_eq!(
        names(in_page(WINDOWS_1252, "email;name\na@b.example;le “CAFÉ”\nc@d.example;Nuñez\n")),
        ["le “CAFÉ”", "Nuñez"]
    );
}

#[test]
fn what_is_no_text_says_what_to_do() {
    let ole = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[7; 600]].concat();
    assert_eq!(told(&ole), ["x: the workbook is of the old kind (.xls); save it as .xlsx or as \"CSV UTF-8\""]);
    let locked = [&ole[..], &utf16("EncryptedPackage", u16::to_le_bytes)].concat();
    assert_eq!(told(locked), ["x: the workbook is under a password; take the password off and save it again"]);
    assert!(told(b"PK\x03\x04 and no more")[0].contains("the file is damaged or no workbook"));
}
