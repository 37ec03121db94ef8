//! Workbooks (Office Open XML, ECMA-376): rows in, one file out, written as they come, so that a million need no memory.
//!
//! Text stands in cells of text, whatever it begins with: a spreadsheet runs nothing of it. A sheet has 1,048,576 rows at
//! most; what is more stands on the next one. No part needs ZIP64, which not every spreadsheet program reads: a sheet ends
//! long before it has 4 GiB.

use std::{
    fmt::Write as _,
    io::{self, Seek, Write},
};

use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::flat;

/// Rows of a sheet, the header included.
const ROWS: usize = 1_048_576;
/// Octets of a sheet, well below the 4 GiB that a part of a plain ZIP file has.
const SHEET: u64 = 3 << 30;
/// Characters of a cell.
const CELL: usize = 32_767;

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>"#;
const SHEET_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#;
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
/// Two fonts, the second bold; two formats, the second of the header.
const STYLES: &str = r#"<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>"#;
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A workbook that is being written.
pub struct Workbook<W: Write + Seek> {
    zip: ZipWriter<W>,
    columns: Vec<String>,
    sheets: usize,
    rows: usize,
    octets: u64,
    most: Most,
}

/// What a sheet holds.
#[derive(Debug, Clone, Copy)]
struct Most {
    rows: usize,
    octets: u64,
}

impl<W: Write + Seek> Workbook<W> {
    /// Begins it with a header.
    pub fn begin(out: W, columns: &[&str]) -> io::Result<Self> {
        Self::with_sheets_of(Most { rows: ROWS, octets: SHEET }, out, columns)
    }

    fn with_sheets_of(most: Most, out: W, columns: &[&str]) -> io::Result<Self> {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        let mut workbook = Self { zip: ZipWriter::new(out), columns, sheets: 0, rows: 0, octets: 0, most };
        workbook.begin_sheet()?;
        Ok(workbook)
    }

    /// One row: numbers as numbers, all else as text.
    pub fn push(&mut self, cells: &[&Value]) -> io::Result<()> {
        if self.rows >= self.most.rows || self.octets >= self.most.octets {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        let mut row = "<row>".to_owned();
        for cell in cells {
            match cell {
                Value::Null => row.push_str("<c/>"),
                Value::Number(number) => {
                    let _ = write!(row, "<c><v>{number}</v></c>");
                }
                other => text_cell(&mut row, &flat(other), ""),
            }
        }
        row.push_str("</row>");
        self.rows += 1;
        self.octets += row.len() as u64;
        self.zip.write_all(row.as_bytes())
    }

    /// Ends it, and gives back where it was written.
    pub fn finish(mut self) -> io::Result<W> {
        self.end_sheet()?;
        let (mut types, mut sheets, mut relations) = (TYPES.to_owned(), String::new(), String::new());
        for n in 1..=self.sheets {
            let _ = write!(types, "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"{SHEET_TYPE}\"/>");
            let name = if n == 1 { "Log".to_owned() } else { format!("Log {n}") };
            let _ = write!(sheets, "<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>");
            let _ = write!(
                relations,
                "<Relationship Id=\"rId{n}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            );
        }
        let styles = format!("<Relationship Id=\"rId0\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>");
        let whole = format!("<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/>");
        for (name, content) in [
            ("[Content_Types].xml", format!("{types}</Types>")),
            ("_rels/.rels", format!("{RELATIONS}{whole}</Relationships>")),
            (
                "xl/workbook.xml",
                format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{sheets}</sheets></workbook>"),
            ),
            ("xl/_rels/workbook.xml.rels", format!("{RELATIONS}{styles}{relations}</Relationships>")),
            ("xl/styles.xml", format!("<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>")),
        ] {
            self.begin_part(name)?;
            self.zip.write_all(content.as_bytes())?;
        }
        Ok(self.zip.finish()?)
    }

    fn begin_part(&mut self, name: &str) -> io::Result<()> {
        self.zip.start_file(name, SimpleFileOptions::default())?;
        self.zip.write_all(HEAD.as_bytes())
    }

    fn begin_sheet(&mut self) -> io::Result<()> {
        self.sheets += 1;
        (self.rows, self.octets) = (1, 0);
        self.begin_part(&format!("xl/worksheets/sheet{}.xml", self.sheets))?;
        let mut sheet = format!(
            "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <cols><col min=\"1\" max=\"{}\" width=\"22\" customWidth=\"1\"/></cols><sheetData><row>",
            self.columns.len().max(1)
        );
        for column in &self.columns {
            text_cell(&mut sheet, column, " s=\"1\"");
        }
        self.zip.write_all((sheet + "</row>").as_bytes())
    }

    fn end_sheet(&mut self) -> io::Result<()> {
        self.zip.write_all(b"</sheetData></worksheet>")
    }
}

/// Text as XML 1.0 allows it (§2.2): other control characters are written as ECMA-376 §22.9.2.19 writes them.
fn text_cell(row: &mut String, text: &str, attributes: &str) {
    let _ = write!(row, "<c t=\"inlineStr\"{attributes}><is><t xml:space=\"preserve\">");
    for c in text.chars().take(CELL) {
        match c {
            '&' => row.push_str("&amp;"),
            '<' => row.push_str("&lt;"),
            '>' => row.push_str("&gt;"),
            '\n' | '\t' => row.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(row, "_x{:04X}_", u32::from(c));
            }
            c => row.push(c),
        }
    }
    row.push_str("</t></is></c>");
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use serde_json::json;

    use super::*;

    fn part(file: &[u8], name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(file)).expect("a package");
        let mut text = String::new();
        zip.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn strangers_words_are_text_and_numbers_are_numbers() {
        let mut workbook = Workbook::begin(Cursor::new(Vec::new()), &["reply", "code"]).expect("begins");
        let reply = json!("=HYPERLINK(\"x\") <b> & \u{1b}[31m");
        workbook.push(&[&reply, &json!(550)]).expect("a row");
        workbook.push(&[&Value::Null, &json!(["a", "b"])]).expect("a row");
        let file = workbook.finish().expect("ends").into_inner();
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        assert!(
            sheet.contains("<t xml:space=\"preserve\">=HYPERLINK(\"x\") &lt;b&gt; &amp; _x001B_[31m</t>"),
            "{sheet}"
        );
        assert!(sheet.contains("<c><v>550</v></c>") && sheet.contains(">a; b<") && !sheet.contains("<f>"), "{sheet}");
        assert!(part(&file, "[Content_Types].xml").contains("/xl/worksheets/sheet1.xml"));
        assert!(part(&file, "xl/workbook.xml").contains("name=\"Log\""));
    }

    #[test]
    fn what_does_not_fit_on_a_sheet_stands_on_the_next() {
        let mut workbook =
            Workbook::with_sheets_of(Most { rows: 3, octets: SHEET }, Cursor::new(Vec::new()), &["n"]).expect("begins");
        for n in 0..5 {
            workbook.push(&[&json!(n)]).expect("a row");
        }
        let file = workbook.finish().expect("ends").into_inner();
        for (sheet, rows) in [(1, 3), (2, 3), (3, 2)] {
            let text = part(&file, &format!("xl/worksheets/sheet{sheet}.xml"));
            assert_eq!(text.matches("<row>").count(), rows, "{text}");
        }
        assert!(part(&file, "xl/workbook.xml").contains("name=\"Log 3\""));
    }

    #[test]
    fn a_sheet_ends_before_it_is_too_large_for_a_plain_zip_file() {
        let most = Most { rows: ROWS, octets: 60 };
        let mut workbook = Workbook::with_sheets_of(most, Cursor::new(Vec::new()), &["n"]).expect("begins");
        for n in 0..5 {
            workbook.push(&[&json!(n)]).expect("a row");
        }
        let file = workbook.finish().expect("ends").into_inner();
        assert!(part(&file, "xl/workbook.xml").contains("name=\"Log 2\""));
    }

    #[test]
    fn a_workbook_that_spreadsheets_cannot_open_for_its_zip64_entries_is_not_written() {
        let mut workbook = Workbook::begin(Cursor::new(Vec::new()), &["n"]).expect("begins");
        workbook.push(&[&json!(1)]).expect("a row");
        let file = workbook.finish().expect("ends").into_inner();
        // APPNOTE.TXT §4.3.7, §4.3.12: the version needed, and the sizes, which ZIP64 keeps elsewhere
        let (mut entries, mut at) = (0, 0);
        while let Some(found) = file[at..].windows(4).position(|four| four == b"PK\x01\x02") {
            at += found;
            let number = |from: usize| u32::from_le_bytes(file[from..from + 4].try_into().expect("four octets"));
            assert!(file[at + 6] < 45, "version {} needed", file[at + 6]);
            assert!(number(at + 20) != u32::MAX && number(at + 24) != u32::MAX, "sizes kept elsewhere");
            (entries, at) = (entries + 1, at + 4);
        }
        assert_eq!(entries, 6);
        assert!(!file.windows(4).any(|four| four == b"PK\x06\x06"), "no ZIP64 end");
    }
}
