//! The subject with its label, and the lines below that go on with it.

use super::{
    super::{
        Found, dateline,
        fold::{after_word, breadth, digit, is_blank, is_han},
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
            let below = &self.cells[at].text;
            if is_when_and_where(below) {
                value.push(' ');
            }
            join(&mut value, below);
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
        let at = self.next_filled(self.at).filter(|at| *at > self.at && *at < self.end)?;
        let cell = &self.cells[at];
        let whole = !cell.text.ends_with([',', ';', '.', ':', '，', '；', '。', '：']);
        (indent(cell.raw) >= SET_IN && whole && self.is_subtitle(cell)).then_some(at)
    }

    /// "MODIFICA CIRCULAR N° 2.148", straight below a subject that ends with a point.
    fn names_another(&self, cell: &Cell) -> bool {
        WORDS.list("changes_another").iter().any(|word| after_word(&cell.text, word).is_some())
            && cell.text.contains(|c| digit(c).is_some())
    }

    /// "– Proposed adoption of two draft Recommendations", straight below a subject whose To stands above. A hyphen is a dash
    /// only where the line is set in as far as the subject.
    fn is_subtitle(&self, cell: &Cell) -> bool {
        let dash = cell.raw.trim_start().starts_with(['–', '—']);
        let hyphen = cell.raw.trim_start().starts_with("- ") && indent(cell.raw) >= SET_IN;
        self.found.has_to && (dash || hyphen) && self.found.subject.is_none()
    }
}

/// A line of a subject below its first is set in at least so far.
const SET_IN: usize = 6;

/// How far a line is set in; a tab is far enough.
fn indent(raw: &str) -> usize {
    raw.chars().take_while(|c| is_blank(*c)).map(|c| if c == '\t' { SET_IN } else { 1 }).sum()
}

/// "Handling: reply by fax": a field that no list of labels has.
pub(super) fn is_unknown_label(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let Some((label, value)) = text.split_once([':', '：']) else { return false };
    let short = label.split(is_blank).count() <= MOST_WORDS && breadth(label) <= 30;
    let capital = label.starts_with(|c: char| c.is_uppercase());
    short && capital && value.starts_with(is_blank) && !value.trim().is_empty()
}

/// "2026年9月14日至17日，日内瓦", a line of its own below the name of a meeting: a blank parts the two.
fn is_when_and_where(text: &str) -> bool {
    const PLACE: usize = 8;
    let Some((when, place)) = text.rsplit_once(['，', ',']) else { return false };
    let day =
        |c: char| digit(c).is_some() || matches!(c, '年' | '月' | '日' | '至' | '-' | '–' | '—' | '到') || is_blank(c);
    let place = place.trim_matches(is_blank);
    when.starts_with(|c| digit(c).is_some())
        && when.contains('月')
        && when.chars().all(day)
        && (2..=PLACE).contains(&place.chars().count())
        && place.chars().all(is_han)
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
