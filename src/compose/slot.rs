//! Slots: the places in a rendered letter where an addressee's own data go.
//!
//! A letter is rendered once; while that happens each merge field stands in the text as a single private-use character,
//! which neither Markdown nor a layout gives a meaning to. Afterwards the text is cut at these characters into
//! [`Piece`]s. Refused: a letter that itself contains a character of this range.

use serde::{Deserialize, Serialize};

/// First character that stands for a slot; the slot's number is added to it. Supplementary Private Use Area-A.
const FIRST: u32 = 0xF_0000;
/// Slots that one letter may have. A long letter has some dozens; the rest of the range holds the marks below.
const MOST: usize = 0x1000;
/// Stands for the salutation, which an addressee may have of its own.
pub(super) const SALUTATION: char = '\u{F1000}';
/// Opens what only those see who get the letter as a copy.
pub(super) const COPIES_BEGIN: char = '\u{F1001}';
/// Closes it.
pub(super) const COPIES_END: char = '\u{F1002}';
/// A space that is neither dropped nor a place to break a line.
pub(super) const KEPT_SPACE: &str = "\u{F1003}";
/// First character that stands for a block of the text part which is laid out on its own.
const FIRST_BLOCK: u32 = 0xF_2000;
/// Last character of the range that a letter may not contain.
const LAST: u32 = 0xF_FFFD;

/// How a value is written where its slot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In running text.
    Prose,
    /// Inside the path or query of a link: percent-encoded (RFC 3986 §2.1).
    LinkPart,
    /// The whole target of a link: must itself be an http, https or mailto address.
    Link,
}

/// What is done to a value before it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// `| default("…")`: where the addressee has none.
    Default(String),
    /// `| upper`
    Upper,
    /// `| lower`
    Lower,
}

/// One merge field where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The column: `name` of `{{ addressee.name }}`.
    pub field: String,
    /// Applied from left to right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// Where it stands.
    pub place: Place,
    /// The line of the letter's file.
    pub line: u32,
}

impl Slot {
    /// Whether a letter may go to an addressee who has nothing in this field.
    pub fn is_optional(&self) -> bool {
        self.filters.iter().any(|filter| matches!(filter, Filter::Default(_)))
    }
}

/// A stretch of a rendered part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The same for everyone.
    Fixed(String),
    /// The value of the slot with this number.
    Slot(usize),
    /// The addressee's own salutation, else the printed one.
    Salutation,
    /// Only in letters that go out as a copy, for information.
    ForCopies(Vec<Piece>),
}

/// All slots of one letter, in the order in which they were met.
#[derive(Debug, Default)]
pub(super) struct Slots(Vec<Slot>);

impl Slots {
    /// Adds a slot and gives the character that stands for it; `None` where a letter has too many.
    pub(super) fn add(&mut self, slot: Slot) -> Option<char> {
        let number = self.0.len();
        if number >= MOST {
            return None;
        }
        self.0.push(slot);
        char::from_u32(FIRST + u32::try_from(number).ok()?)
    }

    /// The same field once more, for another place.
    pub(super) fn again(&mut self, mark: char, place: Place) -> Option<char> {
        let slot = self.0.get(number_of(mark)?)?.clone();
        self.add(Slot { place, ..slot })
    }

    pub(super) fn into_inner(self) -> Vec<Slot> {
        self.0
    }
}

/// The slot's number, if the character stands for one.
pub(super) fn number_of(character: char) -> Option<usize> {
    let offset = usize::try_from(u32::from(character).checked_sub(FIRST)?).ok()?;
    (offset < MOST).then_some(offset)
}

/// Whether a text holds a value that differs between addressees.
pub(super) fn has_slot(text: &str) -> bool {
    text.chars().any(|c| c == SALUTATION || number_of(c).is_some())
}

/// The character that stands for a block of the text part.
pub(super) fn block_mark(number: usize) -> Option<char> {
    char::from_u32(FIRST_BLOCK.checked_add(u32::try_from(number).ok()?)?).filter(|mark| is_reserved(*mark))
}

/// The block's number, if the character stands for one.
pub(super) fn block_of(character: char) -> Option<usize> {
    is_reserved(character).then(|| usize::try_from(u32::from(character).checked_sub(FIRST_BLOCK)?).ok()).flatten()
}

/// Whether the character belongs to the range that a letter may not use.
pub(super) fn is_reserved(character: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(character))
}

/// What neither a letter nor a value may hold: control characters, characters without an agreed shape, and the mark that
/// a conversion leaves of a character it has lost. Line feeds and tabs are for the caller.
pub(super) fn is_unsendable(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{FFFD}' => true,
        other => other.is_control() || is_reserved(other),
    }
}

/// Cuts a rendered text at its marks.
pub(super) fn cut(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let piece = match character {
            SALUTATION => Piece::Salutation,
            COPIES_BEGIN => Piece::ForCopies(cut(&rest.by_ref().take_while(|c| *c != COPIES_END).collect::<String>())),
            _ => match number_of(character) {
                Some(number) => Piece::Slot(number),
                None => {
                    fixed.push(character);
                    continue;
                }
            },
        };
        if !fixed.is_empty() {
            pieces.push(Piece::Fixed(std::mem::take(&mut fixed)));
        }
        pieces.push(piece);
    }
    if !fixed.is_empty() {
        pieces.push(Piece::Fixed(fixed));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(field: &str) -> Slot {
        Slot { field: field.into(), filters: Vec::new(), place: Place::Prose, line: 1 }
    }

    #[test]
    fn a_text_is_cut_at_its_marks_and_nowhere_else() {
        let mut slots = Slots::default();
        let name = slots.add(slot("name")).unwrap();
        let text = format!("Dear {name}, {COPIES_BEGIN}copy{COPIES_END}{SALUTATION}");
        assert_eq!(
            cut(&text),
            [
                Piece::Fixed("Dear ".into()),
                Piece::Slot(0),
                Piece::Fixed(", ".into()),
                Piece::ForCopies(vec![Piece::Fixed("copy".into())]),
                Piece::Salutation
            ]
        );
        assert_eq!(cut(""), []);
    }

    #[test]
    fn a_field_used_twice_has_two_slots_with_a_place_each() {
        let mut slots = Slots::default();
        let first = slots.add(slot("code")).unwrap();
        let second = slots.again(first, Place::LinkPart).unwrap();
        assert_ne!(first, second);
        let slots = slots.into_inner();
        assert_eq!((slots[0].place, slots[1].place), (Place::Prose, Place::LinkPart));
        assert_eq!(slots[0].field, slots[1].field);
    }
}
