//! Letterhead that is as long as a sentence: addresses, telephones, columns beside each other.

use super::{
    super::{
        dateline,
        fold::{digit, is_blank},
        labels::label,
        numbering,
        words::Field,
    },
    Cell, is_full_paragraph,
};

/// Text on both sides of a gap, "Regional Office            525 Sample Street, N.W.": no sentence. What stands before the text
/// of a numbered paragraph is no column.
pub(super) fn is_apart(text: &str) -> bool {
    const NUMBER: usize = 5;
    let text = text.trim_matches(is_blank);
    let gap = text.find("    ").or_else(|| text.find('\t'));
    gap.is_some_and(|at| text[..at].chars().count() > NUMBER)
}

/// "525 Sample Street, N.W.", "Washington, U.S.A.": the point is that of an abbreviation.
pub(super) fn ends_abbreviated(text: &str) -> bool {
    let last = text.rsplit(is_blank).next().unwrap_or_default();
    let inner = last.trim_matches(['.', ')']);
    let capital = |part: &str| part.chars().count() == 1 && part.starts_with(char::is_uppercase);
    inner.contains('.') && inner.split('.').all(capital)
}

/// An address with its telephones above all fields, and a field below it: the head has only begun.
pub(super) fn is_above_fields(cells: &[Cell], at: usize, end: usize) -> bool {
    const FARTHEST: usize = 40;
    let is_field = |cell: &Cell| {
        let labelled = label(&cell.text).is_some_and(|label| label.field != Field::Contact);
        labelled || dateline::dateline(&cell.text).is_some() || numbering::is_reference(&cell.text)
    };
    let begun = cells[..at].iter().any(is_field);
    let below = cells[end..].iter().take(FARTHEST).filter(|cell| !cell.is_blank());
    let mut below = below.take_while(|cell| !is_full_paragraph(std::slice::from_ref(cell)));
    !begun && cells[at..end].iter().any(|cell| tells_where(&cell.text)) && below.any(is_field)
}

/// Whether a line says how to reach somebody and no more: an address of the web, a telephone, a post box.
fn tells_where(text: &str) -> bool {
    let words = || text.split(is_blank).filter(|word| !word.is_empty());
    let electronic = words().any(|word| word.contains('@') || word.starts_with("www.") || word.contains("://"));
    let international = words().any(|word| {
        let number = word.trim_start_matches('(').strip_prefix('+');
        number.is_some_and(|number| number.starts_with(|c| digit(c).is_some()))
    });
    // an address has names and numbers, a sentence small words
    let small = words().filter(|word| word.chars().all(char::is_lowercase)).count();
    let few = small * 4 <= words().count();
    few && (electronic || international || numbering::is_of_post(text))
}
