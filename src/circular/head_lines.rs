//! The cells of the printed head, and where the head ends.
//!
//! Most cells are lines. A table's row is parted at its bars, and a line that a conversion has joined from cells, "Ref: /
//! CL 12 / Geneva, 3 December 2021", at its slashes, if one of its parts is a label or a dateline.

mod beside;
mod letterhead;

use beside::{run_together, side_by_side};

use super::{
    Problem,
    addressee_lines::{begins_addressee, is_chinese_address},
    columns::columns,
    dateline,
    fold::{after_word, breadth, digit, fold, is_blank},
    formulas::{is_courtesy, is_salutation, is_vocative},
    labels::{Label, label},
    lines::{BREAKS, Line, bullet, is_rule, plain},
    note_verbale, numbering,
    printed_head::Salutation,
    words::{Field, WORDS},
};

/// A line, or one cell of a line.
#[derive(Debug, Clone)]
pub(super) struct Cell<'a> {
    /// The line's index.
    pub index: usize,
    /// The line's number in the file.
    pub number: u32,
    /// As it stands.
    pub raw: &'a str,
    /// As it is printed, without markup.
    pub text: String,
    /// Where on the page it begins; nothing in a table, or where a tab stands before it.
    pub start: Option<usize>,
}

/// Where the head ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// The index of the first cell after it.
    pub index: usize,
    pub salutation: Salutation,
}

impl Cell<'_> {
    pub fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Text that may stand in a list of addressees without bullets.
    pub fn is_list_text(&self) -> bool {
        const BROADEST: usize = 240;
        !self.is_blank()
            && breadth(&self.text) <= BROADEST
            && bullet(self.raw).is_none()
            && label(&self.text).is_none()
            && !is_salutation(&self.text)
            && !is_rule(self.raw)
            // "На № ______ от ______" is a form that nobody has filled in
            && !self.raw.contains("___")
            && !numbering::is_kind_of_letter(&self.text)
            && !WORDS.has("sent_by", &fold(&self.text))
            // "10.02.2026 № 01-11/334"
            && self.text.split_once('№').is_none_or(|(date, _)| dateline::dateline(date).is_none())
            && dateline::dateline(&self.text).is_none()
            // "ЦИРКУЛЯРНОЕ ПИСЬМО", "Circulaire n° 14 du 3 février 2026"
            && !numbering::is_kind_of_letter(&self.text)
            && !(numbering::begins_with_kind(&self.text) && self.text.contains(|c| digit(c).is_some()))
            && !numbering::is_reference(&self.text)
    }

    /// Whether this line wraps the bullet that begins at `start`: where addressees have bullets, one without goes on.
    pub fn continues(&self, start: usize, cells: &[Cell]) -> bool {
        let adjoins = cells.get(start).is_some_and(|first| first.number < self.number);
        adjoins && self.is_list_text()
    }
}

/// The cells of a letter's lines, and lines that stand in no column.
pub(super) fn cells<'a>(lines: &[Line<'a>]) -> (Vec<Cell<'a>>, Vec<Problem>) {
    let mut cells = Vec::with_capacity(lines.len());
    let mut problems = Vec::new();
    let mut corner = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let (pieces, taken) = match columns(&lines[at..]) {
            Some(columns) => {
                problems.extend(columns.problem);
                (columns.pieces, columns.lines)
            }
            None => (vec![(0, lines[at].text)], 1),
        };
        for (below, text) in pieces {
            let text = text.strip_prefix("> ").unwrap_or(text);
            let (index, number) = (at + below, lines[at + below].number);
            let line = lines[at + below].text;
            let cell = |raw: &'a str| {
                let (text, note) = without_brace(raw);
                (Cell { index, number, raw, text: plain(text), start: start_of(raw, line) }, note)
            };
            let mut parts = parts(text).unwrap_or_else(|| vec![text]);
            if ends_list(text) {
                cells.append(&mut corner);
            }
            // "Regulators          Ref.: 12" within a list: the field waits until the paragraph ends, or the list would
            if parts.len() == 2 && beside::goes_on_below(parts[0]) {
                corner.extend(parts.pop().map(|field| cell(field).0));
            }
            for (cell, note) in parts.into_iter().flat_map(broken).map(cell) {
                problems.extend(note.and_then(|note| braced(&cells, number, note)));
                cells.push(cell);
            }
        }
        at += taken;
    }
    cells.append(&mut corner);
    (cells, problems)
}

/// How many characters stand before a piece of a line.
fn start_of(piece: &str, line: &str) -> Option<usize> {
    let lead = line.get(..piece.as_ptr().addr().checked_sub(line.as_ptr().addr())?)?;
    (!lead.contains(['\t', '|'])).then(|| lead.chars().count())
}

/// "Presidents of associations      )   (for information)": the brace that a typewriter draws beside a list is none of
/// its lines, and what stands beside it is said of them all.
fn without_brace(raw: &str) -> (&str, Option<&str>) {
    let braces = raw.match_indices([')', '}', '\u{23ab}', '\u{23ac}', '\u{23ad}']);
    let lone = |at: usize| raw[..at].ends_with("  ") && raw[at..].chars().nth(1).is_none_or(is_blank);
    let mut alone = braces.filter(|(at, _)| lone(*at) && !raw[..*at].contains(['(', '{']));
    let Some((at, brace)) = alone.next() else { return (raw, None) };
    let note = raw[at + brace.len()..].trim_matches(is_blank);
    (raw[..at].trim_end_matches(is_blank), Some(note).filter(|note| !note.is_empty()))
}

/// A note beside the brace of a To list would make copies of some of its lines.
fn braced(cells: &[Cell], line: u32, note: &str) -> Option<Problem> {
    let list = cells.iter().rev().find_map(|cell| label(&cell.text)).map(|label| label.field);
    let message = format!("\"{note}\" stands beside several lines: write it behind each addressee, or print \"Copy:\"");
    (list != Some(Field::Copy)).then(|| Problem::error(line, message))
}

/// Where what stands in the right corner of a paragraph is read: before a blank line, a label, a salutation, the text.
fn ends_list(text: &str) -> bool {
    let text = plain(text);
    text.is_empty() || label(&text).is_some() || is_salutation(&text) || is_prose(&text)
}

/// At the line breaks of HTML: "Regulators<br>Academia" are two lines of a cell.
fn broken(text: &str) -> Vec<&str> {
    let mut pieces = vec![text];
    for mark in BREAKS {
        pieces = pieces.into_iter().flat_map(|piece| piece.split(mark)).collect();
    }
    if pieces.len() > 1 {
        pieces.retain(|piece| !piece.trim().is_empty());
    }
    pieces
}

fn parts(text: &str) -> Option<Vec<&str>> {
    let trimmed = text.trim();
    if let Some(columns) =
        side_by_side(trimmed).or_else(|| run_together(trimmed)).or_else(|| lists_on_one_line(trimmed))
    {
        return Some(columns);
    }
    if breadth(text) > 200 || !text.contains(" / ") {
        return None;
    }
    let parts: Vec<&str> = text.split(" / ").map(str::trim).filter(|part| !part.is_empty()).collect();
    let field =
        |part: &&str| dateline::dateline(part).is_some() || label(part).is_some_and(|label| label.rest.is_empty());
    (parts.len() > 1 && parts.iter().any(field)).then_some(parts)
}

/// "To: Regulators Copy: Academia": a second list begins where its label stands with a colon.
fn lists_on_one_line(text: &str) -> Option<Vec<&str>> {
    let is_list = |field| matches!(field, Field::To | Field::Copy);
    let first = label(text).filter(|label| label.colon && is_list(label.field))?;
    let start = text.len() - first.rest.len();
    let begins = |at: usize| {
        WORDS.labels.iter().any(|(field, word, _)| {
            let long = word.chars().count() > 1 && is_list(*field) && *field != first.field;
            let rest = long.then(|| after_word(&text[at..], word)).flatten();
            rest.is_some_and(|rest| rest.trim_start_matches(|c| is_blank(c) || c == '.').starts_with([':', '：']))
        })
    };
    let blanks = text.char_indices().filter(|(at, c)| *at >= start && is_blank(*c));
    let at =
        blanks.map(|(at, c)| at + c.len_utf8()).find(|at| text[*at..].starts_with(|c| !is_blank(c)) && begins(*at))?;
    Some(vec![text[..at].trim(), text[at..].trim()])
}

/// The first salutation above any full paragraph, or that paragraph.
pub(super) fn end_of_head(cells: &[Cell]) -> End {
    let mut at = 0;
    let mut subject = false;
    while at < cells.len() {
        if cells[at].is_blank() {
            at += 1;
            continue;
        }
        let end = (at..cells.len()).find(|next| cells[*next].is_blank()).unwrap_or(cells.len());
        let group = &cells[at..end];
        let salutes = |inside: &usize| is_salutation(&group[*inside].text) && !addresses(&cells[at + inside..]);
        if let Some(inside) = (0..group.len()).find(salutes) {
            return End { index: at + inside, salutation: Salutation::Follows };
        }
        if calls(cells, at, end) {
            return End { index: at, salutation: Salutation::Follows };
        }
        if let Some(inside) = prose_below_subject(group, subject) {
            return End { index: at + inside, salutation: Salutation::Missing };
        }
        subject |= group.iter().any(is_subject);
        let text = is_full_paragraph(group) && !letterhead::is_above_fields(cells, at, end);
        if text || note_verbale::opens(&joined(group)) {
            return End { index: at, salutation: Salutation::Missing };
        }
        at = end;
    }
    End { index: cells.len(), salutation: Salutation::Missing }
}

/// "Señores:" straight above a line that names somebody is no salutation if one follows, or the subject.
fn addresses(cells: &[Cell]) -> bool {
    const NEAR: usize = 12;
    let [courtesy, below, rest @ ..] = cells else { return false };
    let line = below.is_list_text() && !is_prose(&below.text) && !below.text.ends_with('.');
    let named = line || bullet(below.raw).is_some();
    let head = rest.iter().take(NEAR).take_while(|cell| label(&cell.text).is_some() || !is_prose(&cell.text));
    is_courtesy(&courtesy.text)
        && named
        && head.into_iter().any(|cell| names_subject(cell) || (is_salutation(&cell.text) && !is_courtesy(&cell.text)))
}

/// A paragraph straight above the text that calls somebody: with an exclamation mark, or, below To and subject, with a
/// comma or colon, where no addressee is left to come.
fn calls(cells: &[Cell], at: usize, end: usize) -> bool {
    const LINES: usize = 2;
    let group = &cells[at..end];
    let Some(last) = group.last().filter(|_| group.len() <= LINES) else { return false };
    let below = (end..cells.len()).find(|next| !cells[*next].is_blank()).unwrap_or(cells.len());
    let below_end = (below..cells.len()).find(|next| cells[*next].is_blank()).unwrap_or(cells.len());
    let bears = |field| cells[..at].iter().any(|cell| label(&cell.text).is_some_and(|label| label.field == field));
    let loud = last.text.ends_with(['!', '！']);
    let whole = group.len() == 1 && bears(Field::To) && bears(Field::Subject) && !begins_addressee(&last.text);
    let plain = group.iter().all(|cell| is_vocative(&cell.text) && bullet(cell.raw).is_none());
    plain && (loud || whole) && is_full_paragraph(&cells[below..below_end])
}

fn is_subject(cell: &Cell) -> bool {
    label(&cell.text).is_some_and(|label| label.field == Field::Subject)
}

/// A label of the subject, or "Referencia:" before words, which are the subject.
pub(super) fn names_subject(cell: &Cell) -> bool {
    let words = |label: Label| label.colon && numbering::is_words(label.rest);
    let number = |field| matches!(field, Field::Reference | Field::Cited);
    is_subject(cell) || label(&cell.text).is_some_and(|label| number(label.field) && words(label))
}

/// A letter without blank lines: below the subject a sentence begins the body.
fn prose_below_subject(group: &[Cell], subject: bool) -> Option<usize> {
    let begins = |cell: &Cell| label(&cell.text).is_none() && bullet(cell.raw).is_none() && is_prose(&cell.text);
    // "Ref.: Actualización de límites", and straight below it the text
    let named = group.iter().position(names_subject).filter(|at| group.get(at + 1).is_some_and(begins));
    if let Some(at) = named {
        return Some(at + 1);
    }
    let from = if subject { 0 } else { group.iter().position(is_subject)? + 1 };
    let heads = group.len() > 1 && from > 0;
    (from..group.len()).find(|at| heads && begins(&group[*at]))
}

/// A line that is or begins a sentence of the body: filled up to its full stop, or longer than a heading.
pub(super) fn is_prose(text: &str) -> bool {
    const LONG: usize = 110;
    const FILLED: usize = 60;
    breadth(text) >= LONG || (breadth(text) >= FILLED && text.ends_with(['.', '。', '؟', '?', '!']))
}

/// The text of some cells.
pub(super) fn joined(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Prose: a long line, or one that a sentence fills; never a labelled or listed field.
fn is_full_paragraph(group: &[Cell]) -> bool {
    const LONG: usize = 110;
    const FILLED: usize = 60;
    let field = |cell: &Cell| {
        bullet(cell.raw).is_some() || label(&cell.text).is_some() || cell.raw.trim_start().starts_with('|')
    };
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return false };
    if field(first) || begins_addressee(&first.text) || is_chinese_address(&joined(group)) {
        return false;
    }
    // "Paris, le 3 février" above "Destinataires : …": a broad field is no prose
    // nor are columns, "Oficina Regional            525 Calle Veintitrés, N.W."
    let own = group.iter().filter(|cell| !field(cell) && !letterhead::is_apart(&cell.text));
    let longest = own.map(|cell| breadth(&cell.text)).max();
    let stops = !field(last)
        && last.text.ends_with(['.', '。', '؟', '?', '!'])
        && !letterhead::is_apart(&last.text)
        && !letterhead::ends_abbreviated(&last.text);
    longest.is_some_and(|longest| longest >= LONG || (longest >= FILLED && stops))
}
