//! The subject with its label, and the lines below that go on with it.

use super::{
    super::{
        Found, dateline,
        fold::{after_word, breadth, digit, is_blank},
        formulas::{is_confidential, is_salutation},
        head_lines::{Cell, is_prose},
        labels::{Label, label},
        lines::{bullet, is_rule, join},
        words::WORDS,
    },
    Open, Reader,
};

impl Reader<'_, '_> {
    pub(super) fn subject(&mut self, label: Label) {
        self.open = Open::Nothing;
        let Some((value, line)) = self.value(label) else { return };
        let value = self.wrapped(value);
        if self.found.subject.is_none() {
            self.found.subject = Some(Found { value, line });
        }
    }

    /// A value and the lines below that go on with it.
    pub(super) fn wrapped(&mut self, mut value: String) -> String {
        while let Some(at) = self.subtitle_apart().or(Some(self.at)).filter(|at| self.goes_on(&value, *at)) {
            join(&mut value, &self.cells[at].text);
            self.at = at + 1;
        }
        single_spaced(&value)
    }

    fn goes_on(&self, value: &str, at: usize) -> bool {
        let Some(cell) = self.cells.get(at) else { return false };
        let subtitle = self.is_subtitle(cell);
        let ended = value.ends_with(['.', '。']) && !self.names_another(cell);
        !ended
            && !cell.is_blank()
            && (bullet(cell.raw).is_none() || subtitle)
            && (!is_prose(&cell.text) || (subtitle && !cell.text.ends_with(['.', '。'])))
            && label(&cell.text).is_none()
            && !is_salutation(&cell.text)
            && !is_confidential(&cell.text)
            && (self.found.date.is_some() || dateline::dateline(&cell.text).is_none())
            && !is_unknown_label(&cell.text)
            && !is_rule(cell.raw)
    }

    /// "             – Proposed adoption of two draft Recommendations", below the subject and a blank line, as far to the right.
    fn subtitle_apart(&self) -> Option<usize> {
        const SET_IN: usize = 6;
        let at = self.next_filled(self.at).filter(|at| *at > self.at && *at < self.end)?;
        let cell = &self.cells[at];
        let indent = cell.raw.chars().take_while(|c| is_blank(*c)).map(|c| if c == '\t' { SET_IN } else { 1 });
        let whole = !cell.text.ends_with([',', ';', '.', ':', '，', '；', '。', '：']);
        (indent.sum::<usize>() >= SET_IN && whole && self.is_subtitle(cell)).then_some(at)
    }

    /// "MODIFICA CIRCULAR N° 2.148", straight below a subject that ends with a point.
    fn names_another(&self, cell: &Cell) -> bool {
        WORDS.list("changes_another").iter().any(|word| after_word(&cell.text, word).is_some())
            && cell.text.contains(|c| digit(c).is_some())
    }

    /// "– Proposed adoption of two draft Recommendations", straight below a subject whose To stands above.
    fn is_subtitle(&self, cell: &Cell) -> bool {
        self.found.has_to && cell.raw.trim_start().starts_with(['–', '—']) && self.found.subject.is_none()
    }
}

/// "Handling: reply by fax": a field that no list of labels has.
pub(super) fn is_unknown_label(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let Some((label, value)) = text.split_once([':', '：']) else { return false };
    let short = label.split(is_blank).count() <= MOST_WORDS && breadth(label) <= 30;
    let capital = label.starts_with(|c: char| c.is_uppercase());
    short && capital && value.starts_with(is_blank) && !value.trim().is_empty()
}

/// "plan –  new dates": a gap within a subject is one blank.
fn single_spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\u{a0}');
        if !blank(c) || !out.ends_with(blank) {
            out.push(if c == '\t' { ' ' } else { c });
        }
    }
    out
}
