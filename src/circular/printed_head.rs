//! The printed head: letterhead, reference, dateline, To, Copy, subject, down to the salutation.
//!
//! Labels in six languages, value on the same line, on the next that is not blank, or in bullets. Ends at the salutation,
//! or, where there is none, at the first full paragraph: a body line that begins "To" or "Subject to" is text. A list that
//! can be split in two ways, and numbers that are two dates, are errors or warnings, never a choice.

use super::PrintedDate;
use super::{
    AddresseeLine, Found, Problem, Reference, Supplement,
    addressee_lines::{clean, split},
    dateline::{self, Dateline},
    dates::Reading,
    fold::{after_word, breadth, digit, fold, is_blank},
    formulas::{is_confidential, is_salutation},
    head_lines::{Cell, end_of_head},
    labels::{Label, label},
    lines::{bullet, is_rule},
    numbering,
    printed_head::Open::{CopyList, ToList},
    supplement,
    words::{Field, WORDS},
};

/// What the printed head says.
#[derive(Debug, Default)]
pub(super) struct PrintedHead {
    pub letterhead: Vec<Found<String>>,
    pub remarks: Vec<Found<String>>,
    pub reference: Option<Found<Reference>>,
    pub supplement: Option<Supplement>,
    pub place: Option<Found<String>>,
    pub date: Option<Found<PrintedDate>>,
    pub to: Vec<AddresseeLine>,
    pub copy: Vec<AddresseeLine>,
    pub subject: Option<Found<String>>,
    pub salutation: Option<Found<String>>,
    /// Whether any To stands in the letter, be it unreadable.
    pub has_to: bool,
    /// The index of the first line of the body.
    pub body: usize,
    pub problems: Vec<Problem>,
}

/// The list that the next bullets belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    ToList,
    CopyList,
}

/// A reader that walks down the head.
struct Reader<'c, 'a> {
    cells: &'c [Cell<'a>],
    at: usize,
    open: Open,
    /// A number that stands as a heading, kept until it is known whether a labelled one follows.
    heading: Option<Found<Reference>>,
    cited: Option<Found<Reference>>,
    supplement_line: Option<(Supplement, String)>,
    found: PrintedHead,
}

/// Reads the printed head of a letter's cells.
pub(super) fn read(cells: &[Cell]) -> PrintedHead {
    let end = end_of_head(cells);
    let mut reader = Reader {
        cells,
        at: 0,
        open: Open::Nothing,
        heading: None,
        cited: None,
        supplement_line: None,
        found: PrintedHead::default(),
    };
    while reader.at < end.index && reader.step(end.salutation) {}
    reader.finish(end.salutation)
}

impl Reader<'_, '_> {
    /// Reads one cell; `false` where the body begins.
    fn step(&mut self, salutation_follows: Salutation) -> bool {
        let cell = &self.cells[self.at];
        if cell.is_blank() || is_rule(cell.raw) {
            self.at += 1;
            return true;
        }
        if let Some(item) = bullet(cell.raw) {
            if self.bullet(item) {
                return true;
            }
        } else if let Some(label) = label(&cell.text).filter(|label| self.allows(label)) {
            self.label(label);
            return true;
        } else if self.unlabelled() {
            return true;
        }
        let begun = self.found.subject.is_some() && salutation_follows == Salutation::Missing;
        if !begun {
            self.remark();
        }
        !begun
    }

    /// After the subject a To without its colon is text.
    fn allows(&self, label: &Label) -> bool {
        label.colon || label.rest.is_empty() || self.found.subject.is_none()
    }

    fn bullet(&mut self, item: &str) -> bool {
        let cell = &self.cells[self.at];
        let is_numbered = cell.raw.trim_start_matches(is_blank).starts_with(|c: char| c.is_alphanumeric() || c == '(');
        let list = match self.open {
            Open::Nothing if self.found.subject.is_some() || is_numbered || breadth(item) > 200 => return false,
            // "- To the …" bullets and dative lists need no label.
            Open::Nothing => ToList,
            open => open,
        };
        let (start, line) = (self.at, cell.number);
        self.at += 1;
        let mut text = item.to_owned();
        while let Some(next) = self.cells.get(self.at).filter(|next| next.continues(start, self.cells)) {
            text = format!("{text} {}", next.text);
            self.at += 1;
        }
        self.open = list;
        self.add(list, &[clean(&text)], line);
        true
    }

    fn add(&mut self, list: Open, texts: &[String], line: u32) {
        let lines = texts.iter().filter(|text| !text.is_empty()).map(|text| AddresseeLine { text: text.clone(), line });
        match list {
            CopyList => self.found.copy.extend(lines),
            _ => self.found.to.extend(lines),
        }
        self.found.has_to |= list == ToList;
    }

    fn label(&mut self, label: Label) {
        let number = self.cells[self.at].number;
        match label.field {
            Field::To => self.addressees(ToList, label),
            Field::Copy | Field::Distribution => self.addressees(CopyList, label),
            Field::Reference | Field::Cited => self.reference(label),
            Field::Subject => self.subject(label),
            Field::Date => self.date_label(label, number),
            Field::From | Field::Action | Field::Contact | Field::Annexes => {
                self.open = Open::Nothing;
                self.remark();
            }
        }
    }

    /// The value of a label: the same line, or the next that is not blank and no label; with its line.
    fn value(&mut self, label: Label) -> Option<(String, u32)> {
        let line = self.cells[self.at].number;
        let rest = label.rest.to_owned();
        self.at += 1;
        if !rest.is_empty() {
            return Some((rest, line));
        }
        let next = self.next_filled(self.at)?;
        let cell = &self.cells[next];
        let taken = super::labels::label(&cell.text).is_some() || is_salutation(&cell.text);
        if taken {
            return None;
        }
        self.at = next + 1;
        Some((cell.text.clone(), cell.number))
    }

    fn next_filled(&self, from: usize) -> Option<usize> {
        (from..self.cells.len()).find(|at| !self.cells[*at].is_blank())
    }

    fn reference(&mut self, label: Label) {
        self.open = Open::Nothing;
        let field = label.field;
        let Some((value, line)) = self.value(label) else { return };
        let value = match dateline::at_the_end(&value) {
            Some((reference, dateline)) if field == Field::Reference => {
                self.dateline(dateline, line);
                reference.to_owned()
            }
            _ => value,
        };
        let Some(reference) = Reference::new(value.trim_end_matches([',', ';'])) else { return };
        let place = if field == Field::Cited { &mut self.cited } else { &mut self.found.reference };
        if place.is_none() {
            *place = Some(Found { value: reference, line });
        } else {
            self.found.remarks.push(Found { value, line });
        }
    }

    fn subject(&mut self, label: Label) {
        const BROADEST: usize = 200;
        self.open = Open::Nothing;
        let Some((mut value, line)) = self.value(label) else { return };
        while let Some(cell) = self.cells.get(self.at) {
            let goes_on = !cell.is_blank()
                && bullet(cell.raw).is_none()
                && breadth(&cell.text) <= BROADEST
                && super::labels::label(&cell.text).is_none()
                && !is_salutation(&cell.text)
                && dateline::dateline(&cell.text).is_none()
                && !is_rule(cell.raw);
            if !goes_on || value.ends_with(['.', '。']) {
                break;
            }
            value = format!("{value} {}", cell.text);
            self.at += 1;
        }
        if self.found.subject.is_none() {
            self.found.subject = Some(Found { value, line });
        }
    }

    fn date_label(&mut self, label: Label, line: u32) {
        self.open = Open::Nothing;
        // "от 24 марта 2011 года № 143-Т": the number follows its date.
        if let Some((date, number)) = label.rest.split_once('№')
            && let (Some(dateline), Some(reference)) = (dateline::dateline(date), Reference::new(number)) {
                self.dateline(dateline, line);
                self.found.reference.get_or_insert(Found { value: reference, line });
                self.at += 1;
                return;
            }
        let Some((value, line)) = self.value(label) else { return };
        match dateline::dateline(&value) {
            Some(dateline) => self.dateline(dateline, line),
            None => self.found.remarks.push(Found { value, line }),
        }
    }

    fn dateline(&mut self, dateline: Dateline, line: u32) {
        if let Some(place) = dateline.place {
            self.found.place.get_or_insert(Found { value: place, line });
        }
        match dateline.reading {
            Reading::Sure(date) => {
                self.found.date.get_or_insert(Found { value: date, line });
            }
            Reading::Ambiguous(one, other) => {
                let message =
                    format!("the date can be {one} or {other}: print the month as a word, or give date: in the head");
                self.found.problems.push(Problem::warning(line, message));
            }
        }
    }

    /// To or Copy: a sentence on the label's line and those under it, or a list below.
    fn addressees(&mut self, list: Open, label: Label) {
        let cell = &self.cells[self.at];
        let line = cell.number;
        self.open = list;
        self.found.has_to |= list == ToList;
        self.at += 1;
        if label.rest.is_empty() {
            return self.plain_list(list);
        }
        let mut sentence = if label.colon { label.rest.to_owned() } else { cell.text.clone() };
        while let Some(next) = self.cells.get(self.at).filter(|next| next.is_list_text()) {
            sentence =
                format!("{sentence}{}{}", if sentence_goes_on(&sentence, &next.text) { " " } else { "; " }, next.text);
            self.at += 1;
        }
        self.sentence(list, &sentence, line);
    }

    fn sentence(&mut self, list: Open, sentence: &str, line: u32) {
        match split(sentence) {
            Ok(texts) => self.add(list, &texts, line),
            Err(_) => {
                let message = format!(
                    "\"{sentence}\" can be read in more than one way: write one addressee per line, each with its own qualifier"
                );
                self.found.problems.push(Problem::error(line, message));
                self.add(list, &[clean(sentence)], line);
            }
        }
    }

    /// Lines without bullets under a label that stands alone: each its own addressee, sentences that run on are joined.
    fn plain_list(&mut self, list: Open) {
        let mut pending: Option<(String, u32)> = None;
        let mut blank = false;
        while let Some(cell) = self.cells.get(self.at) {
            if cell.is_blank() {
                blank = true;
                self.at += 1;
                continue;
            }
            if !cell.is_list_text() {
                break;
            }
            pending = match pending {
                Some((text, line)) if !blank && sentence_goes_on(&text, &cell.text) => {
                    Some((format!("{text} {}", cell.text), line))
                }
                done => {
                    self.flush(list, done);
                    Some((cell.text.clone(), cell.number))
                }
            };
            blank = false;
            self.at += 1;
        }
        self.flush(list, pending);
    }

    fn flush(&mut self, list: Open, pending: Option<(String, u32)>) {
        if let Some((text, line)) = pending {
            self.sentence(list, &text, line);
        }
    }

    /// A dateline, a number as heading, a supplement's heading, dative addressees, a title that is the subject.
    fn unlabelled(&mut self) -> bool {
        let cell = &self.cells[self.at];
        let (text, line) = (cell.text.clone(), cell.number);
        if is_confidential(&text) {
            let message = format!("the letter is marked \"{text}\": check that it is meant for every addressee");
            self.found.problems.push(Problem::note(line, message));
            return false;
        }
        if self.found.date.is_none()
            && let Some(dateline) = dateline::dateline(&text) {
                self.dateline(dateline, line);
                return self.taken();
            }
        if let Some((reference, dateline)) =
            dateline::at_the_end(&text).filter(|(number, _)| numbering::is_reference(number))
        {
            self.heading = self.heading.take().or(Reference::new(reference).map(|value| Found { value, line }));
            self.dateline(dateline, line);
            return self.taken();
        }
        if numbering::is_reference(&text) && self.heading.is_none() {
            self.heading = Reference::new(&text).map(|value| Found { value, line });
            return self.taken();
        }
        if let Some(supplement) = supplement::heading(&text).filter(|_| self.supplement_line.is_none()) {
            self.supplement_line = Some((supplement, text));
            return self.taken();
        }
        let opener = |list: &str| {
            WORDS.list(list).iter().any(|opening| after_word(&text, opening).is_some_and(|rest| !rest.is_empty()))
        };
        if opener("to_openers") && self.found.subject.is_none() && self.found.to.is_empty() {
            self.addressees(ToList, Label { field: Field::To, colon: true, rest: &text });
            return true;
        }
        if opener("subject_openers") && self.found.subject.is_none() {
            self.subject(Label { field: Field::Subject, colon: true, rest: &text });
            return true;
        }
        false
    }

    fn taken(&mut self) -> bool {
        self.open = Open::Nothing;
        self.at += 1;
        true
    }

    /// A line that is no field: letterhead above the first field, a remark below.
    fn remark(&mut self) {
        let cell = &self.cells[self.at];
        let found = Found { value: cell.text.clone(), line: cell.number };
        let begun = self.found.reference.is_some() || self.heading.is_some() || self.cited.is_some();
        let begun = begun || self.found.date.is_some() || self.found.has_to || self.found.subject.is_some();
        if begun {
            self.found.remarks.push(found)
        } else {
            self.found.letterhead.push(found)
        }
        self.open = Open::Nothing;
        self.at += 1;
    }

    fn finish(mut self, salutation: Salutation) -> PrintedHead {
        self.settle_reference();
        if salutation == Salutation::Follows {
            self.salutation();
            self.subject_below();
        }
        self.title_as_subject();
        if self.found.supplement.is_none() {
            self.found.supplement =
                self.found.subject.as_ref().and_then(|subject| supplement::in_subject(&subject.value));
        }
        self.found.body = self.cells.get(self.at).map_or(usize::MAX, |cell| cell.index);
        self.found
    }

    /// A labelled number wins; but a heading that is a circular's number wins over a file code.
    fn settle_reference(&mut self) {
        let labelled = self.found.reference.take();
        let heading = self.heading.take();
        let chosen = match (labelled, heading) {
            (Some(labelled), Some(heading)) if !numbering::is_reference(labelled.value.as_str()) => {
                let message = format!(
                    "\"{heading}\" is taken as the reference, not \"{labelled}\"",
                    heading = heading.value,
                    labelled = labelled.value
                );
                self.found.problems.push(Problem::note(heading.line, message));
                Some(heading)
            }
            (labelled, heading) => labelled.or(heading).or(self.cited.take()),
        };
        let Some(mut chosen) = chosen else { return };
        let own = chosen.value.supplement();
        if let (None, Some((supplement, text))) = (&own, self.supplement_line.take()) {
            let parent = Some(chosen.value.key());
            if let Some(joined) = Reference::new(&format!("{}, {text}", chosen.value)) {
                chosen.value = joined;
            }
            self.found.supplement = Some(Supplement { parent, ..supplement });
        } else {
            self.found.supplement = own;
        }
        self.found.reference = Some(chosen);
    }

    /// One or two lines: "Уважаемая госпожа," / "уважаемый господин,".
    fn salutation(&mut self) {
        let mut lines = Vec::new();
        let line = self.cells.get(self.at).map_or(0, |cell| cell.number);
        while let Some(cell) = self.cells.get(self.at).filter(|cell| !cell.is_blank() && is_salutation(&cell.text)) {
            lines.push(cell.text.clone());
            self.at += 1;
        }
        self.found.salutation = (!lines.is_empty()).then(|| Found { value: lines.join(" "), line });
    }

    /// "Subject:" may stand below the salutation.
    fn subject_below(&mut self) {
        let Some(next) = self.next_filled(self.at).filter(|_| self.found.subject.is_none()) else { return };
        let cell = &self.cells[next];
        let Some(label) = label(&cell.text).filter(|label| label.field == Field::Subject) else { return };
        self.at = next;
        self.subject(label);
    }

    /// A title without a label straight above or below the salutation is the subject.
    fn title_as_subject(&mut self) {
        if self.found.subject.is_some() {
            return;
        }
        let above = self.found.remarks.last().filter(|remark| {
            let cell = self.cells.iter().find(|cell| cell.number == remark.line);
            cell.is_some_and(|cell| super::lines::is_title(cell.raw))
        });
        if let Some(remark) = above.cloned() {
            self.found.remarks.pop();
            self.take_title(remark);
        } else if let Some(next) =
            self.next_filled(self.at).filter(|next| super::lines::is_title(self.cells[*next].raw))
        {
            let cell = &self.cells[next];
            self.at = next + 1;
            self.take_title(Found { value: cell.text.clone(), line: cell.number });
        }
    }

    fn take_title(&mut self, title: Found<String>) {
        let message = format!("the title \"{}\" is taken as the subject", title.value);
        self.found.problems.push(Problem::note(title.line, message));
        self.found.subject = Some(title);
    }
}

/// Whether a line goes on with the sentence of the one before it.
fn sentence_goes_on(before: &str, next: &str) -> bool {
    let ends = before.trim_end_matches(is_blank);
    let last = ends.rsplit(is_blank).next().unwrap_or_default();
    let joins =
        ["to_last_joins", "supplement_of", "between_day_and_month"].iter().any(|list| WORDS.has(list, &fold(last)));
    let lower = next.chars().next().is_some_and(|c| c.is_lowercase() || digit(c).is_some());
    joins || lower
}

/// Whether the head ends with a salutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Salutation {
    /// It stands at the end of the head.
    Follows,
    /// There is none.
    Missing,
}
