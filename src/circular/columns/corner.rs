//! Number and date in the right corner of a paragraph, with other text on the left of some of their lines.
//!
//! Read row by row, "Addendum 2 to" would go on with the left column. So each column is read by itself, the one that begins
//! first before the other, where all on the right are small fields, and some field goes over two lines or stands beside
//! lines that go on.

use super::{
    super::{
        dateline,
        labels::label,
        lines::{Line, plain},
        numbering, supplement,
        words::Field,
    },
    Columns, Placed, is_row,
};

/// A corner is at least so far to the right.
const FAR: usize = 28;

/// Lines in a column begin as far from each other at most.
const STRAYS: usize = 1;

/// The columns of the paragraph that begins with the first of the lines.
pub(super) fn columns<'a>(lines: &[Line<'a>]) -> Option<Columns<'a>> {
    let count = lines.iter().take_while(|line| !line.is_blank() && !is_row(line)).count();
    let paragraph = &lines[..count];
    let (_, column) = Placed::new(paragraph.first()?.text).beginnings().filter(|(_, place)| *place >= FAR).last()?;
    let mut lefts = Vec::new();
    let mut rights = Vec::new();
    for (index, line) in paragraph.iter().enumerate() {
        let placed = Placed::new(line.text);
        let begins = placed.beginnings().find(|(_, place)| place.abs_diff(column) <= STRAYS);
        let (left, right) = match begins {
            Some((octet, _)) => (line.text[..octet].trim_end(), &line.text[octet..]),
            None if placed.seen.last().is_some_and(|(_, place)| *place < column) => (line.text, ""),
            None => return None,
        };
        lefts.extend((!left.trim().is_empty()).then_some((index, left)));
        rights.extend((!right.is_empty()).then_some((index, right)));
    }
    let texts: Vec<String> = rights.iter().map(|(_, right)| plain(right)).collect();
    let both = lefts.iter().any(|(index, _)| rights.iter().any(|(beside, _)| beside == index));
    if !both || !is_corner(&texts) {
        return None;
    }
    let (first, second) = if lefts.first()?.0 <= rights.first()?.0 { (lefts, rights) } else { (rights, lefts) };
    let pieces = first.into_iter().chain([(0, "")]).chain(second).collect();
    Some(Columns { pieces, lines: count, problem: None })
}

/// Small fields, one of which takes two lines: "Addendum 2 to" / "Letter 26.PL0144E" / "Brussels, 7 September 2026".
fn is_corner(texts: &[String]) -> bool {
    let mut parted = false;
    let mut at = 0;
    while let Some(text) = texts.get(at) {
        let joined = texts.get(at + 1).map(|below| format!("{text} {below}"));
        if !is_date(text)
            && !numbering::is_reference(text)
            && is_beginning(text)
            && joined.is_some_and(|joined| numbering::is_reference(&joined))
        {
            (parted, at) = (true, at + 2);
        } else if is_field(text) {
            at += 1;
        } else {
            return false;
        }
    }
    parted
}

fn is_date(text: &str) -> bool {
    dateline::dateline(text).is_some()
}

/// A line that a number stands below: "Circular Letter", "Corrigendum 1 to".
fn is_beginning(text: &str) -> bool {
    numbering::is_kind_of_letter(text)
        || supplement::names_parent_below(text)
        || supplement::heading(text).is_some()
        || supplement::in_reference(text).is_some_and(|(_, parent)| numbering::is_kind_of_letter(&parent))
}

fn is_field(text: &str) -> bool {
    use Field::{Annexes, Cited, Contact, Date, From, Place, Reference};
    let small = |field| matches!(field, Reference | Cited | Contact | Date | Place | From | Annexes);
    let labelled = label(text).is_some_and(|label| small(label.field) && label.colon && !label.rest.is_empty());
    labelled || is_date(text) || numbering::is_reference(text) || dateline::is_marked_place(text)
}

#[cfg(test)]
mod tests {
    use super::{super::super::lines::lines, *};

    fn read(text: &str) -> Option<String> {
        let found = columns(&lines(text))?;
        Some(found.pieces.iter().map(|(_, piece)| piece.trim()).collect::<Vec<_>>().join("|"))
    }

    #[test]
    fn a_number_over_two_lines_in_the_corner_is_read_by_itself() {
        let table = [
            (
                "                                        Addendum 2 to\nDirectors General                       Letter 26/12\nof Members\n                                        Brussels, 7 March 2026\n",
                "Addendum 2 to|Letter 26/12|Brussels, 7 March 2026||Directors General|of Members",
            ),
            (
                "SAMPLE UNION                            Circular Letter\nRadio Bureau                            CR/587\n                                        3 March 2026\n",
                "SAMPLE UNION|Radio Bureau||Circular Letter|CR/587|3 March 2026",
            ),
        ];
        for (text, pieces) in table {
            assert_eq!(read(text).as_deref(), Some(pieces), "{text}");
        }
        for text in [
            "SAMPLE UNION                            CR/587\nRadio Bureau                            3 March 2026\n",
            "Members                                 Circular Letter\nPartners                                Academia\n",
            "To: Members                             Circular Letter\nof all regions of the world and its seas, CR/587\n",
            "                                        Circular Letter\n                                        CR/587\n",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
