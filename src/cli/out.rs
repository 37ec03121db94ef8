//! Where commands print: standard output, in the format asked for; everything else goes to standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::report::{CsvRows, Format, JsonArray, Paint, Table, flat, json_array, one_line};

/// Widest table where the output is no terminal: lines stay readable in a file.
const FILE_WIDTH: u16 = 160;

/// Whether sentences are broken into lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentences {
    /// One line each, for files and programs.
    Whole,
    /// At blanks, for a terminal.
    Broken,
}

/// How standard output is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// Colours or not.
    pub paint: Paint,
    /// Columns of the terminal.
    pub width: u16,
    /// Whether sentences are broken at that width.
    pub sentences: Sentences,
}

impl Out {
    /// Standard output as it is: colours on a terminal unless NO_COLOR is set.
    pub fn standard() -> Self {
        let terminal = io::stdout().is_terminal();
        let paint = if terminal && std::env::var_os("NO_COLOR").is_none() { Paint::Colour } else { Paint::Plain };
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = match terminal_size::terminal_size() {
            Some((width, _)) if terminal => width.0,
            _ => columns.unwrap_or(FILE_WIDTH),
        };
        let sentences = if terminal || columns.is_some() { Sentences::Broken } else { Sentences::Whole };
        Self { paint, width: width.max(40), sentences }
    }

    /// Prints text. A reader that has gone (`| head`) is no error.
    pub fn text(&self, text: &str) -> io::Result<()> {
        quiet(io::stdout().lock().write_all(text.as_bytes()))
    }

    /// Prints a sentence in lines that no terminal cuts, the first at the margin.
    pub fn lines(&self, text: &str) -> io::Result<()> {
        self.text(&self.broken(text))
    }

    /// A sentence as lines, each ended by LF.
    pub fn broken(&self, text: &str) -> String {
        match self.sentences {
            Sentences::Broken => wrapped(text, usize::from(self.width), "", "  "),
            Sentences::Whole => format!("{}\n", one_line(text)),
        }
    }

    /// Prints octets as they are.
    pub fn octets(&self, octets: &[u8]) -> io::Result<()> {
        quiet(io::stdout().lock().write_all(octets))
    }

    /// Prints a list: a table for people, or `rows` for programs, in CSV under `columns`.
    pub fn list<T: Serialize>(
        &self,
        format: Format,
        rows: &[T],
        columns: &[&str],
        table: impl FnOnce() -> Table,
    ) -> io::Result<()> {
        let out = io::BufWriter::new(io::stdout().lock());
        quiet(match format {
            Format::Table => self.table(&table()),
            Format::Json => json_array(out, rows),
            Format::Csv => csv(out, rows, columns),
        })
    }

    /// Begins a list for programs, to be written row by row.
    pub fn begin_list(&self, format: Format, columns: &[&'static str]) -> io::Result<ListOut> {
        let out: Lines = io::BufWriter::new(Box::new(io::stdout()));
        let rows = match format {
            Format::Csv => CsvRows::begin(out, columns).map(|csv| Rows::Csv(Box::new(csv), columns.to_vec())),
            _ => JsonArray::begin(out).map(Rows::Json),
        };
        Ok(ListOut { rows: rows?, gone: false })
    }

    /// Prints a table.
    pub fn table(&self, table: &Table) -> io::Result<()> {
        self.text(&table.render(self.width, self.paint))
    }
}

type Lines = io::BufWriter<Box<dyn Write + Send>>;

enum Rows {
    Json(JsonArray<Lines>),
    Csv(Box<CsvRows<Lines>>, Vec<&'static str>),
}

/// A list being written.
pub struct ListOut {
    rows: Rows,
    gone: bool,
}

impl ListOut {
    /// Writes one row.
    pub fn push<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        let written = match &mut self.rows {
            Rows::Json(json) => json.push(row),
            Rows::Csv(csv, columns) => {
                let value = serde_json::to_value(row)?;
                csv.push(columns.iter().map(|column| flat(&value[*column])))
            }
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            other => other,
        }
    }

    /// Whether nobody reads any more (`| head`).
    pub fn reader_has_gone(&self) -> bool {
        self.gone
    }

    /// Ends the list.
    pub fn finish(self) -> io::Result<()> {
        quiet(match self.rows {
            Rows::Json(json) => json.finish(),
            Rows::Csv(csv, _) => csv.finish(),
        })
    }
}

/// Text in lines of at most `width` columns, broken at blanks; what is longer without a blank stays whole.
pub(super) fn wrapped(text: &str, width: usize, first: &str, later: &str) -> String {
    let (mut lines, mut line, mut is_empty) = (String::new(), first.to_owned(), true);
    for word in one_line(text).split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && line.width() + 1 + word.width() > width {
            lines.push_str(&line);
            lines.push('\n');
            later.clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

fn quiet(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn csv<T: Serialize>(out: impl Write, rows: &[T], columns: &[&str]) -> io::Result<()> {
    let mut csv = CsvRows::begin(out, columns)?;
    for row in rows {
        let value = serde_json::to_value(row)?;
        csv.push(columns.iter().map(|column| flat(&value[*column])))?;
    }
    csv.finish()
}
