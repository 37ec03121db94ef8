//! A subject without a label: a title above the salutation or the text, below the salutation, or above the addressees.
//!
//! Known by its place and its look: a paragraph of its own, in bold type, in capitals, set apart from the list above it, and
//! no sentence. Where only its place speaks for it the letter is parked, since it may be one more addressee.

use super::{
    super::{
        Found, Problem,
        addressee_lines::{begins_addressee, is_chinese_address},
        dateline,
        fold::{after_word, breadth, digit, fold, is_blank, is_han},
        formulas::{is_confidential, is_courtesy, is_salutation},
        head_lines::{Cell, End, names_subject},
        labels::label,
        lines::{bullet, is_page_number, is_rule, is_title, join},
        numbering,
        words::{Field, WORDS},
    },
    Reader, Salutation,
    subject::is_unknown_label,
};

/// More lines are no title.
const MOST_LINES: usize = 3;

/// The title, the cells that it takes, and how it is known.
#[derive(Debug)]
pub(super) struct Title {
    found: Found<String>,
    cells: std::ops::Range<usize>,
    known: Known,
}

/// What speaks for a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Its type, or that it is set apart.
    ByLook,
    /// Only that it stands where a title would.
    ByPlace,
}

/// The cells as if the title did not stand there.
pub(super) fn taken_out<'a>(cells: &[Cell<'a>], title: &Title) -> Vec<Cell<'a>> {
    let mut cells = cells.to_vec();
    for cell in &mut cells[title.cells.clone()] {
        cell.text.clear();
        cell.raw = "";
    }
    cells
}

/// The last paragraph of the head, if it is a title, and no subject has a label.
pub(super) fn above_text(cells: &[Cell], end: End) -> Option<Title> {
    let head = &cells[..end.index];
    let below = cells[end.index..].iter().filter(|cell| !cell.is_blank()).take(2);
    // a title in bold type or capitals below the salutation is the subject
    let mut after = cells[end.index..].iter().filter(|cell| !cell.is_blank() && !is_salutation(&cell.text));
    let typed_below = after.next().is_some_and(|cell| is_title(cell.raw) || is_capital(&cell.text));
    if head.iter().chain(below).any(names_subject) || typed_below {
        return None;
    }
    let last = head.iter().rposition(|cell| !cell.is_blank() && !is_rule(cell.raw))?;
    let first = head[..last].iter().rposition(Cell::is_blank)? + 1;
    let value = title_of(&head[first..=last])?;
    let (above, known) = (&head[..first], look(head, first, last));
    let named = above.iter().any(|cell| {
        label(&cell.text).is_some_and(|label| matches!(label.field, Field::To | Field::Copy | Field::Distribution))
            || begins_addressee(&cell.text)
            || is_courtesy(&cell.text)
    });
    let bulleted = above.iter().rev().find(|cell| !cell.is_blank()).is_some_and(|cell| bullet(cell.raw).is_some());
    let begins = opens(&value) || !begins_addressee(&value);
    let spoken = value.split(is_blank).count() >= 3 || value.chars().filter(|c| is_han(*c)).count() >= 6;
    let fits = begins && spoken && (named || bulleted || opens(&value));
    let known = if bulleted || opens(&value) { Known::ByLook } else { known };
    fits.then(|| Title { found: Found { value, line: head[first].number }, cells: first..last + 1, known })
}

/// "О проведении …", "关于…的通知"
fn opens(text: &str) -> bool {
    let begins = |word: &String| after_word(text, word).is_some_and(|rest| !rest.is_empty());
    let closes = |word: &String| fold(text).ends_with(word.as_str());
    WORDS.list("subject_openers").iter().any(begins) || WORDS.list("subject_closers").iter().any(closes)
}

/// What a paragraph that stands last in the head looks like beside the list above it.
fn look(head: &[Cell], first: usize, last: usize) -> Known {
    const APART: usize = 2;
    let above = &head[..first];
    let is_list = |field: Field| matches!(field, Field::To | Field::Copy | Field::Distribution | Field::Attention);
    let heads =
        |cell: &Cell| label(&cell.text).is_some_and(|label| is_list(label.field)) || begins_addressee(&cell.text);
    let Some(end) = above.iter().rposition(|cell| !cell.is_blank()) else { return Known::ByPlace };
    let list = &above[above.iter().rposition(heads).unwrap_or(0)..=end];
    let longest_gap = list.split(|cell| !cell.is_blank()).map(<[Cell]>::len).max().unwrap_or(0);
    let blanks = first - 1 - end;
    let set_apart = blanks >= APART && blanks > longest_gap;
    let paragraph = list.iter().rposition(Cell::is_blank).map_or(0, |blank| blank + 1);
    let own = head[first..=last].iter().map(|cell| indent(cell.raw));
    let moved = own.into_iter().all(|own| {
        list[paragraph..].iter().all(|cell| {
            let behind_label = label(&cell.text).filter(|label| !label.rest.is_empty());
            let text = behind_label.and_then(|label| cell.raw.rfind(label.rest)).unwrap_or(indent(cell.raw));
            own.abs_diff(text) >= APART && own.abs_diff(indent(cell.raw)) >= APART
        })
    });
    let before = &above[end];
    let ended = dateline::dateline(&before.text).is_some()
        || numbering::is_reference(&before.text)
        || is_initials(&before.text)
        || label(&before.text).is_some_and(|label| !is_list(label.field));
    let typed = head[first..=last].iter().all(|cell| is_title(cell.raw) || is_capital(&cell.text));
    let ruled = head.get(last + 1).is_some_and(|cell| is_rule(cell.raw));
    if moved || set_apart || ended || typed || ruled { Known::ByLook } else { Known::ByPlace }
}

/// "SG/mku-est": who has written a letter, below its date.
fn is_initials(text: &str) -> bool {
    const MOST: usize = 14;
    let small = text.split_once('/').is_some_and(|(_, behind)| behind.starts_with(char::is_lowercase));
    small && text.chars().count() <= MOST && text.chars().all(|c| c.is_alphabetic() || matches!(c, '/' | '-'))
}

/// How far a line is set in.
fn indent(raw: &str) -> usize {
    raw.len() - raw.trim_start_matches(is_blank).len()
}

/// "NOTICE OF THE SIXTY-SIXTH MEETING"
fn is_capital(text: &str) -> bool {
    const FEWEST: usize = 3;
    let capitals = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
    capitals && text.split(is_blank).count() >= FEWEST
}

/// The text of a paragraph that can be a title: no field, no sentence, no formula.
fn title_of(cells: &[Cell]) -> Option<String> {
    const BROADEST: usize = 300;
    let mut value = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let listed = bullet(cell.raw).is_some() && (at == 0 || !cell.raw.trim_start().starts_with(['–', '—']));
        if listed || !is_title_text(&cell.text) {
            return None;
        }
        join(&mut value, &cell.text);
    }
    let typed = cells.iter().all(|cell| is_title(cell.raw));
    let sentence = value.ends_with([',', ':', ';', '，', '：', '،', '。']) || (value.ends_with('.') && !typed);
    let plain = !value.contains(['@', '|', '\t']) && !value.contains("://") && !value.starts_with(char::is_lowercase);
    let fits = (1..=MOST_LINES).contains(&cells.len()) && !sentence && plain && breadth(&value) <= BROADEST;
    fits.then_some(value)
}

fn is_title_text(text: &str) -> bool {
    let closer = fold(text.trim_matches(|c: char| is_blank(c) || matches!(c, '.' | '-' | ':' | ',')));
    label(text).is_none()
        && !is_salutation(text)
        && !is_courtesy(text)
        && !is_confidential(text)
        && !WORDS.has("sent_by", &fold(text))
        && !WORDS.has("to_closers", &closer)
        && !is_page_number(text)
        && !numbering::is_kind_of_letter(text)
        && !numbering::is_reference(text)
        && !numbering::is_like_a_number(text)
        // "Know your customer" is a title, "P.O. Box 12" is none
        && !(numbering::is_of_post(text) && text.contains(|c| digit(c).is_some()))
        && !(is_unknown_label(text) && says_little(text) && !is_capital(text))
        && dateline::dateline(text).is_none()
        && text.chars().any(char::is_alphabetic)
}

/// "Handling: reply by fax" is a field; "Mobility: call for applications of the year" is a title.
fn says_little(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    text.split_once([':', '：']).is_some_and(|(_, value)| value.trim().split(is_blank).count() <= MOST_WORDS)
}

impl Reader<'_, '_> {
    /// A title without a label is the subject: above the text, below the salutation, or above the addressees.
    pub(super) fn title_as_subject(&mut self, salutation: Salutation) {
        let title = self.title.take();
        if self.found.subject.is_some() {
            return;
        }
        if let Some(title) = title {
            let Title { found, known, .. } = title;
            if known == Known::ByPlace {
                let message = format!(
                    "\"{}\" may be the subject or one more addressee: print \"Subject:\" before it, or add it to the list",
                    found.value
                );
                self.found.problems.push(Problem::error(found.line, message));
            }
            return self.take_title(found);
        }
        if let Some(title) = self.title_above_chinese_list().or_else(|| self.title_among_remarks()) {
            return self.take_title(title);
        }
        if salutation == Salutation::Follows
            && let Some((title, at)) = self.title_below()
        {
            self.at = at;
            self.take_title(title);
        }
    }

    /// "示例大学2026年寒假安排" straight above "各学院、各部门：".
    fn title_above_chinese_list(&mut self) -> Option<Found<String>> {
        const FEWEST: usize = 8;
        let first = self.found.to.first()?.line;
        let list = self.cells.iter().position(|cell| cell.number == first && !cell.is_blank())?;
        let address = self.cells[list..].iter().take_while(|cell| !cell.is_blank()).last()?;
        let ends = self.cells[list].text.ends_with([':', '：']) || address.text.ends_with([':', '：']);
        let above = self.cells[..list].iter().rev().find(|cell| !cell.is_blank()).filter(|_| ends)?;
        let own = |found: &Found<String>| found.line == above.number;
        let long = above.text.chars().filter(|c| is_han(*c)).count() >= FEWEST && is_title_text(&above.text);
        let of_body = WORDS.list("units").iter().any(|unit| fold(&above.text).ends_with(unit.as_str()));
        let lines = [&mut self.found.remarks, &mut self.found.letterhead];
        let kept = lines.into_iter().find(|kept| kept.iter().any(own)).filter(|_| long && !of_body)?;
        let at = kept.iter().position(own)?;
        Some(kept.remove(at))
    }

    /// The last lines of the head that are no field, in bold type or capitals.
    fn title_among_remarks(&mut self) -> Option<Found<String>> {
        let cell = |line: u32| self.cells.iter().find(|cell| cell.number == line);
        let typed = |found: &Found<String>| {
            cell(found.line).is_some_and(|cell| {
                let typed = is_title(cell.raw) || is_capital(&cell.text) || self.is_set_in(cell);
                typed && is_title_text(&cell.text)
            })
        };
        let remarks = &self.found.remarks;
        let last = remarks.iter().rposition(|remark| {
            typed(remark) && cell(remark.line).is_some_and(|cell| is_title(cell.raw) || !begins_with_unit(&cell.text))
        })?;
        // the last line of a title in capitals may be a word
        let mut last = last;
        let capital = |text: &str| text.contains(char::is_uppercase) && !text.contains(char::is_lowercase);
        while remarks.get(last + 1).is_some_and(|next| {
            let below = next.line == remarks[last].line + 1 && capital(&next.value) && capital(&remarks[last].value);
            below && is_title_text(&next.value)
        }) {
            last += 1;
        }
        let mut first = last;
        while first > 0 && remarks[first - 1].line + 1 == remarks[first].line && typed(&remarks[first - 1]) {
            first -= 1;
        }
        let line = remarks[first].line;
        let mut value = String::new();
        for remark in self.found.remarks.drain(first..=last) {
            join(&mut value, &remark.value);
        }
        Some(Found { value, line })
    }

    /// "          2026/27學年交流津貼": in Chinese letters a title stands in the middle of the page, below the addressees.
    fn is_set_in(&self, cell: &Cell) -> bool {
        const MIDDLE: usize = 8;
        const FEWEST: usize = 6;
        let below = self.found.to.last().is_some_and(|to| to.line < cell.number);
        let spoken = cell.text.chars().filter(|c| is_han(*c)).count() >= FEWEST;
        let addresses = begins_addressee(&cell.text) || is_chinese_address(&cell.text);
        below && spoken && indent(cell.raw) >= MIDDLE && !addresses && !cell.text.ends_with(['）', ')', '。', '：'])
    }

    /// A paragraph of its own straight below the salutation, above a longer one; and the cell after it.
    fn title_below(&self) -> Option<(Found<String>, usize)> {
        const FEWEST_WORDS: usize = 3;
        const FEWEST_HAN: usize = 6;
        let first = self.next_filled(self.at)?;
        let end = first + self.cells[first..].iter().take_while(|cell| !cell.is_blank() && !is_rule(cell.raw)).count();
        let cells = &self.cells[first..end];
        let value = title_of(cells)?;
        let next = (end..self.cells.len()).find(|at| !self.cells[*at].is_blank() && !is_rule(self.cells[*at].raw))?;
        let parted = self.cells[end].is_blank() || is_rule(self.cells[end].raw);
        let text = &self.cells[next].text;
        let prose = breadth(text) >= breadth(&value).min(60) || text.ends_with(['.', '。', ':', '：', '؟', '?']);
        let typed = cells.iter().all(|cell| is_title(cell.raw));
        let words = value.split(is_blank).count() >= FEWEST_WORDS;
        let han = value.chars().filter(|c| is_han(*c)).count() >= FEWEST_HAN;
        let numbered = value.starts_with(|c: char| digit(c).is_some());
        let fits =
            parted && (typed || ((words || han) && prose && !numbered)) && !value.ends_with(['!', '?', '！', '…']);
        fits.then_some((Found { value, line: self.cells[first].number }, end))
    }
}

/// "OFFICE OF THE REGISTRAR" names who writes.
fn begins_with_unit(text: &str) -> bool {
    text.split(is_blank).take(2).any(|word| WORDS.has("units", &fold(word.trim_matches([',', '.']))))
}
