//! Tables that fit the terminal they are printed on.
//!
//! Columns that must stay readable (references, addresses, states) keep their width as long as there is room; the others
//! wrap over at most three lines and end in `…`. Control characters and the marks that turn text around are replaced.

use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width,
};
use unicode_width::UnicodeWidthStr;

/// Whether the terminal understands colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Text only.
    Plain,
    /// ANSI colours.
    Colour,
}

/// What a cell says about the state of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// Done, and well.
    Good,
    /// Still open.
    Open,
    /// Ended badly.
    Bad,
    /// Beside the point.
    Faint,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

/// One column: its header, and how it behaves when there is too little room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    header: String,
    fit: Fit,
    alignment: CellAlignment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Whole,
    Wrapped,
}

/// Rows under headers.
#[derive(Debug, Clone, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// Two blanks between columns.
const GAP: u16 = 2;
/// Under this nothing in a wrapped column can be read.
const NARROWEST: u16 = 8;
/// One row must not push the others off the screen.
const LINES_PER_ROW: usize = 3;

impl Cell {
    /// A cell with a tone.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: one_line(&text.into()), tone }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Neutral)
    }
}

impl Column {
    /// Kept whole as long as there is room.
    pub fn whole(header: impl Into<String>) -> Self {
        Self { header: header.into(), fit: Fit::Whole, alignment: CellAlignment::Left }
    }

    /// Wrapped, and cut after three lines.
    pub fn wrapped(header: impl Into<String>) -> Self {
        Self { header: header.into(), fit: Fit::Wrapped, alignment: CellAlignment::Left }
    }

    /// Whole, and aligned to the right.
    pub fn number(header: impl Into<String>) -> Self {
        Self { header: header.into(), fit: Fit::Whole, alignment: CellAlignment::Right }
    }
}

impl Table {
    /// No rows yet.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// One row; what it lacks is empty, what it has too much is not shown.
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let mut row: Vec<Cell> = cells.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), Cell::default());
        self.rows.push(row);
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table for a terminal of `width` columns, lines ended by LF, no blanks at their ends.
    pub fn render(&self, width: u16, paint: Paint) -> String {
        let mut table = comfy_table::Table::new();
        let rule = LineStyle::none().fill('─');
        table
            .load_style(TableStyle::new().header_separator(rule))
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width)
            .force_no_tty();
        if paint == Paint::Colour {
            table.enforce_styling();
        }
        table.set_header(self.columns.iter().map(|column| {
            comfy_table::Cell::new(&column.header).set_alignment(column.alignment).add_attribute(Attribute::Bold)
        }));
        for row in &self.rows {
            let cells = row.iter().zip(&self.columns).map(|(cell, column)| painted(cell, column.alignment));
            let mut row = comfy_table::Row::from(cells);
            row.max_height(LINES_PER_ROW);
            table.add_row(row);
        }
        self.constrain(&mut table, width);
        let mut text = table.trim_fmt();
        text.push('\n');
        text
    }

    fn constrain(&self, table: &mut comfy_table::Table, width: u16) {
        let last = self.columns.len().saturating_sub(1);
        let whole_fits = self.width_kept_whole() <= width;
        let wrapped = if whole_fits { self.wrapped_widths(width) } else { None };
        let mut wrapped = wrapped.unwrap_or_default().into_iter();
        for (index, column) in self.columns.iter().enumerate() {
            let Some(drawn) = table.column_mut(index) else { continue };
            drawn.set_padding((0, if index == last { 0 } else { GAP }));
            if column.fit == Fit::Whole && whole_fits {
                // A constraint counts the padding in.
                let padding = if index == last { 0 } else { GAP };
                drawn.set_constraint(ColumnConstraint::Absolute(Width::Fixed(self.widest(index) + padding)));
            } else if let Some(room) = wrapped.next() {
                let padding = if index == last { 0 } else { GAP };
                drawn.set_constraint(ColumnConstraint::Absolute(Width::Fixed(room + padding)));
            }
        }
    }

    /// The widths of the wrapped columns, so that no word is broken: each has room for its longest word, and what is left
    /// goes where the most text is. `None`: there is not so much room, or nothing to share out.
    fn wrapped_widths(&self, width: u16) -> Option<Vec<u16>> {
        let wrapped: Vec<usize> =
            (0..self.columns.len()).filter(|index| self.columns[*index].fit == Fit::Wrapped).collect();
        if wrapped.len() < 2 {
            // one has all that is left
            return None;
        }
        let whole = (0..self.columns.len()).filter(|index| !wrapped.contains(index)).map(|index| self.widest(index));
        let gaps = GAP.saturating_mul(u16::try_from(self.columns.len().saturating_sub(1)).ok()?);
        let mut left = width.checked_sub(whole.fold(gaps, u16::saturating_add))?;
        let mut widths: Vec<u16> = wrapped.iter().map(|index| self.longest_word(*index)).collect();
        left = left.checked_sub(widths.iter().copied().fold(0, u16::saturating_add))?;
        let mut wants: Vec<u16> =
            wrapped.iter().zip(&widths).map(|(index, word)| self.widest(*index).saturating_sub(*word)).collect();
        let wanted = wants.iter().copied().fold(0, u16::saturating_add);
        let room = left;
        for (width, want) in widths.iter_mut().zip(&mut wants) {
            let share = if wanted <= room { *want } else { share(*want, room, wanted) };
            *width += share;
            *want -= share;
            left -= share;
        }
        // what rounding has left
        for (width, want) in widths.iter_mut().zip(&wants).rev() {
            let rest = left.min(*want);
            *width += rest;
            left -= rest;
        }
        Some(widths)
    }

    fn longest_word(&self, index: usize) -> u16 {
        let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.text.as_str());
        let texts = self.columns.get(index).map(|column| column.header.as_str()).into_iter().chain(cells);
        let longest = texts.flat_map(str::split_whitespace).map(UnicodeWidthStr::width).max();
        u16::try_from(longest.unwrap_or(0)).unwrap_or(u16::MAX).max(1)
    }

    /// The least room that the table needs if its whole columns stay whole.
    fn width_kept_whole(&self) -> u16 {
        let widths = self.columns.iter().enumerate().map(|(index, column)| match column.fit {
            Fit::Whole => self.widest(index),
            Fit::Wrapped => self.widest(index).min(NARROWEST),
        });
        let gaps = GAP.saturating_mul(u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX));
        widths.fold(gaps, u16::saturating_add)
    }

    fn widest(&self, index: usize) -> u16 {
        let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.text.width());
        let header = self.columns.get(index).map_or(0, |column| column.header.width());
        u16::try_from(cells.fold(header, usize::max)).unwrap_or(u16::MAX).max(1)
    }
}

/// That part of the room which falls to one that wants so much of all that is wanted.
fn share(want: u16, room: u16, wanted: u16) -> u16 {
    u16::try_from(u32::from(want) * u32::from(room) / u32::from(wanted.max(1))).unwrap_or(room)
}

fn painted(cell: &Cell, alignment: CellAlignment) -> comfy_table::Cell {
    let drawn = comfy_table::Cell::new(&cell.text).set_alignment(alignment);
    match cell.tone {
        Tone::Neutral => drawn,
        Tone::Good => drawn.fg(Color::Green),
        Tone::Open => drawn.fg(Color::Yellow),
        Tone::Bad => drawn.fg(Color::Red),
        Tone::Faint => drawn.add_attribute(Attribute::Dim),
    }
}

/// One line, without what would steer a terminal or turn its text around (Unicode's bidirectional controls).
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => ' ',
            c if c.is_control() => '\u{FFFD}',
            '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Table {
        let mut table = Table::new([
            Column::whole("address"),
            Column::whole("state"),
            Column::number("attempts"),
            Column::wrapped("reply"),
        ]);
        table.push([
            Cell::from("ministry@a.example"),
            Cell::toned("accepted", Tone::Good),
            Cell::from("1"),
            Cell::from("250 2.0.0 Ok: queued as 4711"),
        ]);
        table.push([
            Cell::from("regulator@b.example"),
            Cell::toned("refused", Tone::Bad),
            Cell::from("12"),
            Cell::from(
                "550 5.1.1 <regulator@b.example>: Recipient address rejected: User unknown in virtual mailbox table",
            ),
        ]);
        table
    }

    #[test]
    fn a_table_fits_its_terminal_and_keeps_addresses_whole() {
        let expected = "\
address              state     attempts  reply
─────────────────────────────────────────────────────────────────────────
ministry@a.example   accepted         1  250 2.0.0 Ok: queued as 4711
regulator@b.example  refused         12  550 5.1.1 <regulator@b.example>:
                                         Recipient address rejected: User
                                         unknown in virtual mailbox table
";
        assert_eq!(log().render(80, Paint::Plain), expected);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_no_row_higher_than_three_lines() {
        for width in [40, 60, 80, 132] {
            let text = log().render(width, Paint::Plain);
            for line in text.lines() {
                assert!(line.width() <= usize::from(width), "{width}: {line}");
            }
            assert!(text.lines().count() <= 2 + 2 * LINES_PER_ROW, "{width}:\n{text}");
        }
        assert!(log().render(60, Paint::Plain).contains('…'));
    }

    #[test]
    fn a_word_is_broken_only_where_there_is_no_room_for_it() {
        let mut table =
            Table::new([Column::whole("STATE"), Column::wrapped("SUBJECT"), Column::wrapped("WHERE IT STANDS")]);
        table.push([
            "parked",
            "A meeting of the regional offices",
            "templates/wmo-letter.en.txt:7: no group is named so",
        ]);
        for width in [52, 60, 80, 100] {
            let text = table.render(width, Paint::Plain);
            assert!(text.contains("templates/wmo-letter.en.txt:7"), "{width}:\n{text}");
            assert!(text.contains("regional") && text.contains("meeting"), "{width}:\n{text}");
            assert!(text.lines().all(|line| line.width() <= usize::from(width)), "{width}:\n{text}");
        }
    }

    #[test]
    fn wide_characters_count_as_two_columns() {
        let mut table = Table::new([Column::whole("organisation"), Column::whole("x")]);
        table.push(["国际电信联盟", "1"]);
        table.push(["وزارة", "2"]);
        let text = table.render(80, Paint::Plain);
        assert!(text.contains("国际电信联盟  1"), "{text}");
        assert!(text.contains("وزارة         2"), "{text}");
    }

    #[test]
    fn colours_appear_only_where_they_are_asked_for() {
        assert!(!log().render(80, Paint::Plain).contains('\x1b'));
        assert!(log().render(80, Paint::Colour).contains("\x1b["));
    }

    #[test]
    fn strangers_words_never_steer_the_terminal() {
        let mut table = Table::new([Column::wrapped("reply")]);
        table.push(["a\x1b[2Jb\tc\nd\u{202E}e\u{9b}f"]);
        assert!(table.render(80, Paint::Plain).contains("a\u{FFFD}[2Jb c d\u{FFFD}e\u{FFFD}f"));
    }

    #[test]
    fn an_empty_table_is_its_header() {
        let table = Table::new([Column::whole("a"), Column::whole("b")]);
        assert!(table.is_empty());
        assert!(table.render(80, Paint::Plain).starts_with("a  b\n"));
    }
}
