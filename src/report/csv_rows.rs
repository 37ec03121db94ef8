//! CSV as RFC 4180 writes it, and safe to open in a spreadsheet.
//!
//! A cell that a spreadsheet would take for a formula gets a leading `'`: names and replies are strangers' words, and
//! `=HYPERLINK(…)` in one of them must stay text.

use std::io::{self, Write};

/// Writes rows one by one, so that a million need no memory.
pub struct CsvRows<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> CsvRows<W> {
    /// Writes the header.
    pub fn begin<S: AsRef<str>>(out: W, header: impl IntoIterator<Item = S>) -> io::Result<Self> {
        let out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        let mut rows = Self { out };
        rows.push(header)?;
        Ok(rows)
    }

    /// Goes on where another writer stopped: no header.
    pub fn resume(out: W) -> Self {
        Self { out: csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(out) }
    }

    /// Writes one row.
    pub fn push<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> io::Result<()> {
        for cell in cells {
            let cell = cell.as_ref();
            if looks_like_a_formula(cell) {
                self.out.write_field(format!("'{cell}"))?;
            } else {
                self.out.write_field(cell)?;
            }
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    /// Hands what is written so far to the writer underneath.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Hands everything to the writer underneath.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A whole list at once.
pub fn csv_rows<W, R, S>(out: W, header: &[&str], rows: impl IntoIterator<Item = R>) -> io::Result<()>
where
    W: Write,
    R: IntoIterator<Item = S>,
    S: AsRef<str>,
{
    let mut writer = CsvRows::begin(out, header)?;
    for row in rows {
        writer.push(row)?;
    }
    writer.finish()
}

/// Formula signs, their full-width forms, and the white space that programs skip before one.
fn looks_like_a_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[&[&str]]) -> String {
        let mut out = Vec::new();
        csv_rows(&mut out, &["name", "reply"], rows.iter().map(|row| row.iter())).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn what_a_spreadsheet_would_run_opens_as_text() {
        for cell in ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"] {
            let read = written(&[&[cell, "ok"]]);
            let mut reader = csv::Reader::from_reader(read.as_bytes());
            let row = reader.records().next().expect("a row").expect("readable");
            assert_eq!(row.get(0), Some(format!("'{cell}").as_str()));
        }
        assert_eq!(written(&[&["a=b", "1-2"]]), "name,reply\r\na=b,1-2\r\n");
    }

    #[test]
    fn a_writer_that_goes_on_writes_no_header_again() {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut rows = CsvRows::begin(&mut first, ["a", "b"]).expect("begins");
        rows.push(["1", "2"]).expect("a row");
        rows.finish().expect("ends");
        let mut rows = CsvRows::resume(&mut second);
        rows.push(["=3", "4"]).expect("a row");
        rows.finish().expect("ends");
        assert_eq!(String::from_utf8([first, second].concat()).expect("text"), "a,b\r\n1,2\r\n'=3,4\r\n");
    }

    #[test]
    fn commas_quotes_and_line_ends_are_quoted() {
        assert_eq!(written(&[&["a,b", "say \"hi\"\nthen"]]), "name,reply\r\n\"a,b\",\"say \"\"hi\"\"\nthen\"\r\n");
        assert_eq!(written(&[&["", ""]]), "name,reply\r\n,\r\n");
        assert_eq!(written(&[]), "name,reply\r\n");
    }
}
