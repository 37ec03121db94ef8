//! Workbooks, with the traps that lie in them. Each is made here, part by part.

use std::{
    fmt::Write as _,
    io::{Cursor, Write},
};

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::reading::{addresses, list, told};

const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Cell formats: 0 general, 1 a date (14), 2 a number with two places.
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="2"/></cellXfs></styleSheet>"#;

/// A workbook in the making.
#[derive(Clone)]
struct Book {
    sheets: Vec<(String, &'static str, String)>,
    others: Vec<(&'static str, Vec<u8>)>,
}

impl Book {
    /// One sheet of texts.
    fn of(rows: &[&[&str]]) -> Self {
        Self { sheets: Vec::new(), others: Vec::new() }.sheet("Members", "visible", &texts(rows), "")
    }

    fn sheet(mut self, name: &str, state: &'static str, rows: &str, after: &str) -> Self {
        let xml = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>{after}</worksheet>"#
        );
        self.sheets.push((name.to_owned(), state, xml));
        self
    }

    fn raw(rows: &str, after: &str) -> Self {
        Self { sheets: Vec::new(), others: Vec::new() }.sheet("Members", "visible", rows, after)
    }

    fn part(mut self, name: &'static str, octets: impl Into<Vec<u8>>) -> Self {
        self.others.push((name, octets.into()));
        self
    }

    fn octets(&self) -> Vec<u8> {
        let mut sheets = String::new();
        let mut relations = String::new();
        for (index, (name, state, _)) in self.sheets.iter().enumerate() {
            let id = index + 1;
            write!(sheets, r#"<sheet name="{name}" sheetId="{id}" state="{state}" r:id="rId{id}"/>"#).unwrap();
            write!(relations, r#"<Relationship Id="rId{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{id}.xml"/>"#).unwrap();
        }
        let workbook = format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>"#
        );
        let relations = format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
        );
        let mut parts = vec![
            ("_rels/.rels".to_owned(), RELATIONS.as_bytes().to_vec()),
            ("xl/workbook.xml".to_owned(), workbook.into_bytes()),
            ("xl/_rels/workbook.xml.rels".to_owned(), relations.into_bytes()),
            ("xl/styles.xml".to_owned(), STYLES.as_bytes().to_vec()),
        ];
        let named = |(index, (_, _, xml)): (usize, &(String, &str, String))| {
            (format!("xl/worksheets/sheet{}.xml", index + 1), xml.clone().into_bytes())
        };
        parts.extend(self.sheets.iter().enumerate().map(named));
        parts.extend(self.others.iter().map(|(name, octets)| ((*name).to_owned(), octets.clone())));
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, octets) in parts {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&octets).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

fn column(index: usize) -> char {
    char::from(b'A' + u8::try_from(index).unwrap())
}

/// Rows of texts, from row 1; empty cells are left out, as spreadsheets do.
fn texts(rows: &[&[&str]]) -> String {
    let mut xml = String::new();
    for (row, cells) in (1..).zip(rows) {
        write!(xml, r#"<row r="{row}">"#).unwrap();
        for (index, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let text = cell.replace('&', "&amp;").replace('<', "&lt;");
            write!(xml, r#"<c r="{}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#, column(index)).unwrap();
        }
        xml.push_str("</row>");
    }
    xml
}

#[test]
fn a_sheet_is_a_list_with_the_numbers_of_its_rows() {
    let book = Book::of(&[
        &["List of members"],
        &[],
        &["E-mail", "Name", "Country", "Study group"],
        &["a@b.example; c@d.example", "Müller & Co <x>", "", "3"],
        &["", "", ""],
        &["e@f.example"],
        &["", "Total: 3"],
    ]);
    let (members, notes) = list(book.octets()).unwrap();
    let shown: Vec<String> = members.iter().map(|m| format!("{} {}", m.line, m.address)).collect();
    assert_eq!(shown, ["4 a@b.example", "4 c@d.example", "6 e@f.example"]);
    assert_eq!(members[0].name.as_deref(), Some("Müller & Co <x>"));
    assert_eq!((members[0].fields["study_group"].as_str(), members[2].fields["study_group"].as_str()), ("3", ""));
    assert_eq!(
        notes,
        [
            "x:1: this row stands above the header and is not read: \"List of members\"",
            "x:7: \"Total: 3\" was taken for a total and passed over"
        ]
    );
}

#[test]
fn shared_texts_numbers_dates_and_formulas_count_by_what_they_show() {
    let strings = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="4" uniqueCount="4"><si><t>email</t></si><si><t>valid until</t></si><si><t>room</t></si><si><r><t>a@b</t></r><r><t>.example</t></r></si></sst>"#;
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="inlineStr"><is><t>name</t></is></c></row>
        <row r="2"><c r="A2" t="s"><v>3</v></c><c r="B2" s="1"><v>46387</v></c><c r="C2"><v>8001</v></c><c r="D2" t="str"><f>A2&amp;"x"</f><v>Office</v></c></row>
        <row r="3"><c r="A3" t="inlineStr"><is><t>c@d.example</t></is></c><c r="B3" t="inlineStr"><is><t>31.12.2026</t></is></c><c r="C3" s="2"><v>12.5</v></c><c r="D3" t="b"><v>1</v></c></row>"#;
    let (members, notes) = list(Book::raw(rows, "").part("xl/sharedStrings.xml", strings).octets()).unwrap();
    assert_eq!(notes, [] as [&str; 0]);
    let shown = |index: usize| {
        let member = &members[index];
        let until = member.valid_until.unwrap().to_string();
        (member.address.to_string(), until, member.fields["room"].clone(), member.name.clone().unwrap())
    };
    let text = |a: &str, b: &str, c: &str, d: &str| (a.to_owned(), b.to_owned(), c.to_owned(), d.to_owned());
    assert_eq!(shown(0), text("a@b.example", "2026-12-31", "8001", "Office"));
    assert_eq!(shown(1), text("c@d.example", "2026-12-31", "12.5", "TRUE"));
    // The same number without a date's format may be a day of either calendar.
    let number = rows.replace(r#"<c r="B2" s="1">"#, r#"<c r="B2">"#);
    let refused = told(Book::raw(&number, "").part("xl/sharedStrings.xml", strings).octets());
    assert_eq!(
        refused,
        ["x:2: column valid_until: \"46387\" is a spreadsheet's day number; format the column as a date, 2026-12-31"]
    );
}

#[test]
fn cells_with_errors_and_formulas_without_a_value_are_refused_with_their_row() {
    let header = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>email</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>"#;
    let row = |b: &str| {
        format!(r#"{header}<row r="2"><c r="A2" t="inlineStr"><is><t>a@b.example</t></is></c><c r="B2"{b}</c></row>"#)
    };
    let error = told(Book::raw(&row(r##" t="e"><v>#REF!</v>"##), "").octets());
    assert_eq!(error, ["x:2: the cell B2 shows #REF!; correct it in the workbook"]);
    let formula = told(Book::raw(&row("><f>A2</f>"), "").octets());
    assert_eq!(
        formula,
        ["x:2: a formula in this row has no value; open the workbook in a spreadsheet program and save it"]
    );
}

#[test]
fn merged_cells_count_down_a_column_that_says_whose_and_nowhere_else() {
    let rows = texts(&[
        &["email", "organization", "country", "name"],
        &["a@b.example", "Ministry", "Kenya", "Ann"],
        &["c@d.example"],
        &["e@f.example", "", "", "Eve"],
        &["g@h.example"],
    ]);
    let merges = r#"<mergeCells count="3"><mergeCell ref="B2:B4"/><mergeCell ref="C2:C5"/><mergeCell ref="D2:D3"/></mergeCells>"#;
    let (members, notes) = list(Book::raw(&rows, merges).octets()).unwrap();
    let of = |member: &crate::addressees::Member| {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        format!("{}/{}/{}", text(&member.organization), text(&member.country), text(&member.name))
    };
    assert_eq!(
        members.iter().map(of).collect::<Vec<_>>(),
        ["Ministry/Kenya/Ann", "Ministry/Kenya/", "Ministry/Kenya/Eve", "/Kenya/"]
    );
    assert_eq!(
        notes,
        [
            "x:2: merged cells in column name count for their first row alone",
            "x:2: \"Ministry\" counts for all rows to 4: the cells are merged",
            "x:2: \"Kenya\" counts for all rows to 5: the cells are merged",
        ]
    );
    let address = r#"<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>"#;
    let rows = texts(&[&["email", "name"], &["a@b.example", "Ann"], &["", "Bob"]]);
    assert_eq!(
        told(Book::raw(&rows, address).octets()),
        ["x:3: no address in the row of \"Bob\"; add one, or delete the row"]
    );
}

#[test]
fn the_first_sheet_that_shows_and_has_a_header_is_the_list() {
    let members = texts(&[&["email"], &["a@b.example"]]);
    let older = texts(&[&["email"], &["z@b.example"]]);
    let book = Book::raw(&texts(&[&["Read me first"]]), "")
        .sheet("Old", "hidden", &older, "")
        .sheet("List", "visible", &members, "")
        .sheet("2024", "visible", &older, "")
        .sheet("Empty", "visible", "", "");
    assert_eq!(addresses(book.octets()), ["2 a@b.example"]);
    assert_eq!(
        told(book.octets()),
        [
            "x: the sheet \"Members\" is not read; \"List\" is the list",
            "x: the hidden sheet \"Old\" is not read; \"List\" is the list",
            "x: the sheet \"2024\" is not read; \"List\" is the list",
        ]
    );
    let none = Book::of(&[&["emial", "name"], &["a@b.example", "A"]]);
    assert!(told(none.octets())[0].starts_with("x:1: no column is called email"));
    let hidden = Book { sheets: Vec::new(), others: Vec::new() }.sheet("Old", "hidden", &older, "");
    assert_eq!(told(hidden.octets()), ["x: no addressees: the workbook has no sheet that shows"]);
}

#[test]
fn hidden_rows_and_columns_are_read_and_told() {
    let rows = texts(&[&["email", "name"], &["a@b.example", "A"], &["c@d.example", "C"]])
        .replace(r#"<row r="3">"#, r#"<row r="3" hidden="1">"#);
    let octets = Book::raw(&rows, "").octets();
    assert_eq!(addresses(&octets), ["2 a@b.example", "3 c@d.example"]);
    assert_eq!(told(&octets), ["x:3: rows that are hidden are read all the same: 3"]);
    let mut book = Book::raw(&rows, "");
    book.sheets[0].2 =
        book.sheets[0].2.replace("<sheetData>", r#"<cols><col min="2" max="2" hidden="1"/></cols><sheetData>"#);
    assert_eq!(told(book.octets())[1], "x: columns that are hidden are read all the same: B");
}

#[test]
fn a_cell_without_an_end_is_refused() {
    let octets = Book::of(&[&["email"], &[&"a".repeat(2 << 20)]]).octets();
    assert!(told(&octets)[0].starts_with("x: the workbook unpacks to more than a list holds"), "{:?}", told(&octets));
}

#[test]
fn counts_and_cells_far_away_reserve_no_memory() {
    let counted = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="9999999999999"><si><t>x</t></si></sst>"#;
    assert_eq!(
        told(Book::of(&[&["email"], &["a@b.example"]]).part("xl/sharedStrings.xml", counted).octets()),
        ["x: the workbook counts more texts than it has; save it again as .xlsx"]
    );
    let far = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>email</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert_eq!(
        told(Book::raw(far, "").octets()),
        ["x:1048576: a cell in column XFD, and 256 columns are the limit; delete what is not part of the list"]
    );
    let mut book = Book::of(&[&["email"], &["a@b.example"]]);
    book.sheets[0].2 =
        book.sheets[0].2.replace("<sheetData>", r#"<dimension ref="A1:XFD1048576"></dimension><sheetData>"#);
    assert_eq!(addresses(book.octets()), ["2 a@b.example"]);
}

#[test]
fn other_archives_and_damaged_workbooks_say_what_to_do() {
    let octets = Book::of(&[&["email"], &["a@b.example"]]).octets();
    assert!(told(&octets[..octets.len() / 2])[0].contains("the file is damaged or no workbook"));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("photo.jpg", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"\xff\xd8").unwrap();
    let archive = zip.finish().unwrap().into_inner();
    assert!(told(archive)[0].contains("the workbook cannot be read"));
    let backwards =
        r#"<row r="5"><c r="A5" t="inlineStr"><is><t>email</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#;
    assert_eq!(
        told(Book::raw(backwards, "").octets()),
        ["x:2: the rows stand out of order; save the workbook again as .xlsx"]
    );
}

proptest! {
    #[test]
    fn no_workbook_panics(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..12), part in 0..3_usize) {
        let mut book = Book::of(&[&["email", "name"], &["a@b.example", "A"], &["c@d.example", "C"]])
            .part("xl/sharedStrings.xml", r#"<sst uniqueCount="1"><si><t>x</t></si></sst>"#);
        let changed = |text: &[u8]| {
            let mut octets = text.to_vec();
            for (at, octet) in &changes {
                let length = octets.len();
                octets[usize::from(*at) % length] = *octet;
            }
            octets
        };
        match part {
            0 => book.sheets[0].2 = String::from_utf8_lossy(&changed(book.sheets[0].2.as_bytes())).into_owned(),
            1 => book.others[0].1 = changed(&book.others[0].1),
            _ => {}
        }
        let octets = book.octets();
        let _ = told(if part == 2 { changed(&octets) } else { octets });
    }
}
