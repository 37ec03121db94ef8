//! Columns of the printed head: tables, and "To:" and "Copy:" side by side, read one column after the other.
//!
//! Read row by row, the second line of a To list would stand below Copy. So a table is parted where a column begins with
//! a label, and plain text where a list's label stands behind a gap, as long as every line below keeps to that gap.
//! Refuses, with an error, lines of which nobody can say to which column they belong.

pub(super) mod foot;

use super::{
    Problem,
    addressee_lines::{begins_addressee, is_party},
    fold::{is_blank, is_han},
    formulas::is_salutation,
    labels::{behind_letter_spaced, label},
    lines::{Line, bullet, is_rule, plain},
    numbering, supplement,
    words::Field,
};

mod corner;

/// How far a line may begin before its column.
const STRAYS: usize = 4;

/// A label this far to the right stands in a column; nearer ones are only indented.
const FAR: usize = 16;

/// A tab goes on to the next multiple of eight, as everywhere.
const TAB: usize = 8;

/// Pieces of lines in the order in which they are read: the line's index and what of it; blank between columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Columns<'a> {
    pub pieces: Vec<(usize, &'a str)>,
    /// How many lines the columns take.
    pub lines: usize,
    pub problem: Option<Problem>,
}

/// The columns that begin with the first of the lines, or `None` where it is a line like any other.
pub(super) fn columns<'a>(lines: &[Line<'a>]) -> Option<Columns<'a>> {
    let first = lines.first()?;
    if is_row(first) { Some(table(lines)) } else { beside(lines).or_else(|| corner::columns(lines)) }
}

fn is_row(line: &Line) -> bool {
    line.trimmed().starts_with('|')
}

/// Cells by column; a column that begins with a label begins a group, one that does not belongs to the one before it.
fn table<'a>(lines: &[Line<'a>]) -> Columns<'a> {
    let count = lines.iter().position(|line| !is_row(line)).unwrap_or(lines.len());
    let mut rows: Vec<(usize, Vec<&str>)> = Vec::new();
    for (index, line) in lines[..count].iter().enumerate() {
        if !is_rule(line.text) {
            let inner = line.trimmed().strip_prefix('|').unwrap_or_default();
            let cells = inner.strip_suffix('|').unwrap_or(inner).split('|').map(str::trim);
            // A colon may have a column of its own.
            let cells = cells.map(|cell| if matches!(cell, ":" | "：") { "" } else { cell });
            rows.push((index, cells.collect()));
        }
    }
    let width = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let leads = |column: usize| {
        let first = rows.iter().filter_map(|(_, cells)| cells.get(column)).find(|cell| !cell.is_empty());
        first.is_some_and(|cell| label(&plain(cell)).is_some())
    };
    let starts: Vec<usize> = (0..width).filter(|column| *column == 0 || leads(*column)).collect();
    let mut pieces = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).copied().unwrap_or(width);
        if at > 0 {
            pieces.push((0, ""));
        }
        for (index, cells) in &rows {
            let of_group = cells.iter().take(end).skip(*start).filter(|cell| !cell.is_empty());
            pieces.extend(of_group.map(|cell| (*index, *cell)));
        }
    }
    Columns { pieces, lines: count, problem: None }
}

/// A line's text with the place on the page of each character.
struct Placed<'a> {
    text: &'a str,
    /// Octet and place of every character that is seen.
    seen: Vec<(usize, usize)>,
}

impl<'a> Placed<'a> {
    fn new(text: &'a str) -> Self {
        let mut place = 0;
        let mut seen = Vec::new();
        for (at, c) in text.char_indices() {
            match c {
                '\t' => place += TAB - place % TAB,
                c => {
                    if !is_blank(c) {
                        seen.push((at, place));
                    }
                    place +=
                        if is_han(c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff60}') { 2 } else { 1 };
                }
            }
        }
        Self { text, seen }
    }

    /// Where text begins after a gap: octet and place. The beginning of the line is one, if it is indented.
    fn beginnings(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let gap = |at: usize| {
            let (octet, place) = self.seen[at];
            let wide = match at.checked_sub(1).map(|before| self.seen[before]) {
                Some((_, before)) => place > before + 3 || self.text[..octet].ends_with('\t'),
                None => place > 0,
            };
            wide.then_some((octet, place))
        };
        (0..self.seen.len()).filter_map(gap)
    }

    /// Whether the line has text in a column, and none before it.
    fn begins_at(&self, column: usize) -> bool {
        self.seen.first().is_some_and(|(_, place)| place + STRAYS > column)
    }

    fn begins_far(&self) -> bool {
        self.seen.first().is_some_and(|(_, place)| *place >= FAR)
    }

    /// The text on both sides of a column, `None` where text runs across it.
    fn parted(&self, column: usize) -> Option<(&'a str, &'a str)> {
        if let Some((octet, _)) = self.beginnings().find(|(_, place)| place + STRAYS > column) {
            let ends = self.seen.iter().rfind(|(at, _)| *at < octet).is_none_or(|(_, place)| *place < column);
            return ends.then(|| (self.text[..octet].trim_end(), &self.text[octet..]));
        }
        match (self.seen.first(), self.seen.last()) {
            (Some((_, first)), _) if *first >= column => Some(("", self.text)),
            (_, Some((_, last))) if *last >= column => None,
            _ => Some((self.text, "")),
        }
    }
}

/// "To: Regulators      Copy: Academia", with their lists below.
fn beside<'a>(lines: &[Line<'a>]) -> Option<Columns<'a>> {
    let first = Placed::new(lines.first()?.text);
    let value = behind_letter_spaced(first.text).unwrap_or(0);
    let apart = |octet: usize, place: usize| {
        let indented = first.text[..octet].trim().is_empty();
        (place >= FAR || !indented) && (indented || octet >= value)
    };
    let heads = |octet: usize, place: usize| {
        let text = &first.text[octet..];
        // "МИНИСТЕРСТВО НАУКИ            Ректорам университетов"
        // "Réf.: Circulaire 118             – Aux administrations"
        // but not "Кому:            Постоянным представителям"
        let value = || label(&plain(&first.text[..octet])).is_some_and(|label| label.rest.is_empty());
        let to = |item: &str| label(item).is_some_and(|label| label.field == Field::To && !label.rest.is_empty());
        let names = |item: &str| begins_addressee(item) || to(item);
        let opens = || bullet(text).map_or_else(|| names(&plain(text)), names);
        is_list_label(text) || (place >= FAR && octet > 0 && opens() && !value())
    };
    // "PRÉFECTURE            Mesdames et Messieurs les Maires": where all lines keep to the columns
    let names = |octet: usize, place: usize| {
        let printed = plain(&first.text[..octet]);
        place >= 2 * FAR
            && !printed.is_empty()
            && label(&printed).is_none_or(|label| !label.rest.is_empty())
            && is_party(&plain(&first.text[octet..]))
    };
    let numbers = |octet: usize, place: usize| place >= 2 * FAR && heads_number(&plain(&first.text[octet..]));
    let of_list = first.beginnings().find(|(octet, place)| apart(*octet, *place) && heads(*octet, *place));
    let of_number = || first.beginnings().find(|(octet, place)| numbers(*octet, *place));
    let of_names = || first.beginnings().find(|(octet, place)| names(*octet, *place));
    let (of_number, of_names) = if of_list.is_some() { (None, None) } else { (of_number(), of_names()) };
    let numbered = of_number.is_some();
    let (_, column) = of_list.or(of_number).or(of_names)?;
    let (left, right) = first.parted(column)?;
    if numbered && !label(&plain(left)).is_none_or(|label| label.field != Field::Subject) {
        return None;
    }
    if (numbered || left.trim().is_empty()) && !goes_on_both_sides(&lines[1..], column) {
        return None;
    }
    let (mut lefts, mut rights) = (vec![(0, left)], vec![(0, right)]);
    let (mut taken, mut blank) = (1, false);
    let mut problem = None;
    for (index, line) in lines.iter().enumerate().skip(1) {
        if line.is_blank() {
            blank = true;
            continue;
        }
        if is_salutation(line.text) || is_row(line) {
            break;
        }
        match Placed::new(line.text).parted(column) {
            Some((_, "")) | None if blank => break,
            // "Copy:" alone, far from the left column and not quite at its own
            Some((left, "")) if is_list_label(left) && Placed::new(left).begins_far() => rights.push((index, left)),
            Some((left, right)) => {
                if blank {
                    lefts.push((index - 1, ""));
                    rights.extend((!right.is_empty()).then_some((index - 1, "")));
                }
                lefts.extend((!left.trim().is_empty()).then_some((index, left)));
                rights.extend((!right.is_empty()).then_some((index, right)));
            }
            // "E-mail:    office@house.example" reaches over into the column; nothing of it is an addressee.
            None if is_contact(line.text) => lefts.push((index, line.text)),
            None => {
                problem.get_or_insert_with(|| unclear(line));
                lefts.push((index, line.text));
            }
        }
        (taken, blank) = (index + 1, false);
    }
    // the number first, as it would stand above those written to
    let (mut pieces, below) = if numbered { (rights, lefts) } else { (lefts, rights) };
    if of_list.is_none() && problem.is_some() {
        return None;
    }
    pieces.push((0, ""));
    pieces.extend(below);
    Some(Columns { pieces, lines: taken, problem })
}

/// "Addendum 2 to", "Circular Letter": a number that goes on in the next line of its column.
fn heads_number(text: &str) -> bool {
    label(text).is_none() && (supplement::names_parent_below(text) || numbering::is_kind_of_letter(text))
}

fn unclear(line: &Line) -> Problem {
    let message =
        format!("\"{}\" runs across two columns of addressees: write To and Copy one below the other", line.trimmed());
    Problem::error(line.number, message)
}

/// A contact label and one value.
fn is_contact(text: &str) -> bool {
    let printed = plain(text);
    let value = label(&printed).filter(|label| label.colon && label.field == Field::Contact);
    value.is_some_and(|label| !label.rest.is_empty() && !label.rest.contains(is_blank))
}

/// "Copy:" or "To: Regulators"; without its colon only alone.
fn is_list_label(text: &str) -> bool {
    label(&plain(text)).is_some_and(|label| {
        matches!(label.field, Field::To | Field::Copy | Field::Distribution) && (label.colon || label.rest.is_empty())
    })
}

/// A label far to the right begins a column if the next lines have text on both sides of it.
fn goes_on_both_sides(below: &[Line], column: usize) -> bool {
    let both = |line: &Line| {
        Placed::new(line.text).parted(column).is_some_and(|(left, right)| !left.trim().is_empty() && !right.is_empty())
    };
    below.iter().take_while(|line| !line.is_blank()).any(both)
}

#[cfg(test)]
mod tests {
    use super::{super::lines::lines, *};

    fn read(text: &str) -> Vec<String> {
        let found = columns(&lines(text)).unwrap();
        assert_eq!(found.problem, None, "{text}");
        found.pieces.iter().map(|(_, piece)| piece.trim().to_owned()).collect()
    }

    #[test]
    fn lists_side_by_side_are_read_one_after_the_other() {
        let table = [
            (
                "Ref: 1          To:\n                - A\n                Copy:\n  Tel: 2            - C\n  Fax: 3            - D\n",
                "Ref: 1|Tel: 2|Fax: 3||To:|- A|Copy:|- C|- D",
            ),
            ("To: A                Copy: C\n    B                      D\n", "To: A|B||Copy: C|D"),
            ("  To: A              Copy: C\n      B                    D\n", "To: A|B||Copy: C|D"),
            ("To:                  Copy:\n- A                  - C\n- B\n", "To:|- A|- B||Copy:|- C"),
            ("To: A\tCopy: C\n", "To: A||Copy: C"),
            (
                "Tel.:\t+41 22 000 00 00\tTo:\nE-mail:\toffice-of-standards@itu.example\n\t\t\t\t- A\n",
                "Tel.:\t+41 22 000 00 00|E-mail:\toffice-of-standards@itu.example||To:|- A",
            ),
            (
                "                     To:\nRef.: CL 1           - A\nGeneva, 3 May 2026   - B\n",
                "|Ref.: CL 1|Geneva, 3 May 2026||To:|- A|- B",
            ),
            (
                "Réf.:   Circulaire 118           – Aux administrations\nTél.:   +41                      – Aux Membres\n",
                "Réf.:   Circulaire 118|Tél.:   +41||– Aux administrations|– Aux Membres",
            ),
            (
                "                                   Addendum 2 to\nHeads of Customs                   Letter 26\nof Members\n",
                "Addendum 2 to|Letter 26|||Heads of Customs|of Members",
            ),
            ("| To: | A | Copy: | C |\n| | B | | D |\n", "To:|A|B||Copy:|C|D"),
            ("| Ref | To |\n| --- | --- |\n| CL 1 | A |\n", "Ref|CL 1||To|A"),
            ("| Ref.: CL 1 | Geneva, 3 May 2026 |\n| To | A |\n", "Ref.: CL 1|Geneva, 3 May 2026|To|A"),
        ];
        for (text, pieces) in table {
            assert_eq!(read(text).join("|"), pieces, "{text}");
        }
    }

    #[test]
    fn a_line_across_two_columns_is_refused_and_other_lines_are_no_columns() {
        let across = "To: Administrations      Copy: Academia\nRegulators and Permanent Missions\n";
        assert!(columns(&lines(across)).unwrap().problem.is_some());
        for text in ["To: A", "      To: A\n", "A sentence   with a gap", "Ref.: CL 1      Tel.: 1", ""] {
            assert_eq!(columns(&lines(text)), None, "{text}");
        }
    }
}
