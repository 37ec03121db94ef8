//! Lists without bullets: which lines below a label are addressees, which go on with the one above, and where they end.

use super::{
    super::{
        super::{
            Problem,
            addressee_lines::{Part, begins_addressee, part_alone},
            addressee_sentence::{
                goes_on,
                posts::{ONE_OR_MORE, may_be_one},
                split_line,
            },
            fold::{after, after_word, breadth, is_blank, is_han},
            formulas::is_confidential,
            head_lines::{Cell, is_prose},
            labels::Label,
            lines::is_title,
            words::{Field, WORDS},
        },
        Open::{self, CopyList, ToList},
        Reader,
    },
    Running, is_closer, names_nobody,
};

/// Where the lines of a list begin on the page; nothing where a tab stands before them.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Column {
    pub(super) value: Option<usize>,
    /// "Aux autorités" bears its label in its own words: so would one more, apart from it.
    pub(super) in_words: bool,
    /// Lines beside it name others, each in its own words.
    pub(super) among: bool,
}

impl Column {
    pub(super) fn of_label(cell: &Cell, label: &Label) -> Self {
        let value = label.rest;
        let place = (!value.is_empty()).then(|| cell.raw.rfind(value)).flatten();
        let place = place.filter(|_| !cell.raw.contains('\t')).map(|at| cell.raw[..at].chars().count());
        let place = place.zip(cell.start).map(|(place, start)| start + place);
        Self { value: place, in_words: is_in_words(label), among: false }
    }

    /// Whether a line below a blank one begins where those of the list do; a centred title does not.
    fn holds(self, cell: &Cell) -> bool {
        if self.in_words && !begins_addressee(&cell.text) {
            return false;
        }
        let (Some(value), Some(at)) = (self.value, indent(cell)) else { return true };
        at.abs_diff(value) <= 1
    }
}

/// "Aux autorités", "To the Governors": a To that is one sentence with its label.
pub(super) fn is_in_words(label: &Label) -> bool {
    label.field == Field::To && !label.colon && !label.rest.is_empty()
}

/// How many blanks stand before a line's text.
pub(super) fn indent(cell: &Cell) -> Option<usize> {
    let blanks = cell.raw.len() - cell.raw.trim_start_matches(is_blank).len();
    let own = (!cell.raw[..blanks].contains('\t')).then(|| cell.raw[..blanks].chars().count());
    own.zip(cell.start).map(|(own, start)| start + own)
}

impl Reader<'_, '_> {
    /// Lines without bullets below a label, and what stands on its own line: each its own addressee, sentences that run
    /// on are joined. Whatever stands in the list is taken, since a line passed over is an office left out; but a line
    /// apart that begins elsewhere on the page is the subject, not one more.
    pub(in super::super) fn plain_list(&mut self, list: Open, begun: Option<Running>, mut column: Column) {
        let mut items: Vec<Running> = begun.into_iter().collect();
        let mut blank = false;
        while let Some(cell) = self.cells.get(self.at) {
            if cell.is_blank() {
                blank = true;
                self.at += 1;
                continue;
            }
            if items.last().is_some_and(|running| ends_as_address(&running.text))
                || !cell.is_list_text()
                || stops(&cell.text)
                || (self.found.subject.is_none() && opens_subject(&cell.text))
                || (blank && !self.is_plain_item(cell))
            {
                break;
            }
            let apart = blank && !items.is_empty();
            if apart && (self.begins_body(cell) || !column.holds(cell) || self.is_title_below(cell)) {
                self.open = Open::Nothing;
                break;
            }
            match items.last_mut() {
                // "Presentes", and straight below it the letter
                Some(running) if is_closer(&running.text) && is_prose(&cell.text) => {
                    self.open = Open::Nothing;
                    break;
                }
                Some(running) if !blank && !is_closer(&running.text) && goes_on(&running.text, &cell.text) => {
                    running.push(&cell.text, cell.number);
                }
                _ => items.push(Running::new(&cell.text, cell.number)),
            }
            column.value = column.value.or(indent(cell));
            blank = false;
            self.at += 1;
        }
        // "各省、各市：" ends the list, as "Dear Sirs," would: what stands below is the letter.
        if items.last().is_some_and(|running| ends_as_address(&running.text)) {
            self.open = Open::Nothing;
        }
        self.flush(list, items, column);
    }

    /// A line that may go on with an open list, even below a blank line: no title, no mark, within the head.
    pub(in super::super) fn is_plain_item(&self, cell: &Cell) -> bool {
        self.at < self.end
            && cell.is_list_text()
            && !is_title(cell.raw)
            && !is_confidential(&cell.text)
            && !stops(&cell.text)
            && !opens_subject(&cell.text)
            && (self.found.subject.is_none() || !is_chinese_sentence(&cell.text))
    }

    /// Below a blank line and a subject that stands above the list: a sentence up to its full stop is the letter.
    fn begins_body(&self, cell: &Cell) -> bool {
        const SHORTEST: usize = 40;
        const FEWEST: usize = 5;
        self.found.subject.is_some()
            && cell.text.ends_with('.')
            && breadth(&cell.text) >= SHORTEST
            && cell.text.split(is_blank).count() >= FEWEST
            && !begins_addressee(&cell.text)
    }

    /// "Appel à candidatures : liste d'experts", apart below the list and straight above the salutation of a letter that
    /// has no subject yet: a title, no addressee.
    fn is_title_below(&self, cell: &Cell) -> bool {
        let last = self.cells[self.at + 1..self.end].iter().all(Cell::is_blank);
        // "主旨：檢送計畫": another field, by a label that no list has
        let label = cell.text.split_once(['：']).map_or(0, |(label, _)| label.chars().count());
        if (1..=4).contains(&label) && !cell.text.ends_with('：') {
            return true;
        }
        let parted = [": ", " – ", " - ", "："].iter().any(|mark| cell.text.contains(mark));
        let named = begins_addressee(&cell.text);
        self.found.subject.is_none() && last && parted && !named && self.end < self.cells.len()
    }

    /// One line is a sentence of addressees; of several each is one.
    fn flush(&mut self, list: Open, mut items: Vec<Running>, column: Column) {
        items.retain(|running| !names_nobody(&running.text));
        if let ([only], false) = (items.as_slice(), column.among) {
            return self.sentence(list, only);
        }
        let lines: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
        if may_be_one(&lines) {
            let message = format!("{ONE_OR_MORE}: \"{}\"", lines.join("\" / \""));
            self.found.problems.push(Problem::error(items[0].line_at(0), message));
        }
        let mut first = 0;
        for (at, item) in items.iter().enumerate() {
            let Some(part) = part_alone(&item.text) else { continue };
            self.several(if part == Part::Information { CopyList } else { list }, &items[first..at]);
            if part == Part::Information && first == 0 && at > 1 && list == ToList {
                let message = format!(
                    "\"{}\" may be said of the line above it or of all: write it behind each addressee",
                    item.text
                );
                self.found.problems.push(Problem::error(item.line_at(0), message));
            }
            first = at + 1;
        }
        self.several(list, &items[first..]);
    }

    fn several(&mut self, list: Open, items: &[Running]) {
        for running in items {
            let named = split_line(&running.text).into_iter();
            named.for_each(|(text, octet)| self.add(list, &[text], running.line_at(octet)));
        }
    }
}

/// Below its title a Chinese letter begins with a sentence, be it a short one.
fn is_chinese_sentence(text: &str) -> bool {
    const SHORTEST: usize = 40;
    text.ends_with('。') && breadth(text) >= SHORTEST && text.chars().any(is_han)
}

/// A Chinese list of addressees that stands as the letter's address.
fn ends_as_address(text: &str) -> bool {
    text.ends_with([':', '：']) && text.chars().any(is_han)
}

/// "О взносах", "关于…": a title, be it straight below the list.
fn opens_subject(text: &str) -> bool {
    WORDS.list("subject_openers").iter().any(|opening| after_word(text, opening).is_some_and(|rest| !rest.is_empty()))
}

/// "敬啟者", "م/ …": what follows a list of addressees straight below it, and is none of them.
fn stops(text: &str) -> bool {
    WORDS.list("to_stops").iter().any(|words| after(text, words).is_some())
}
