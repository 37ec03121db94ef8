//! The printed head: letterhead, reference, dateline, To, Copy, subject, down to the salutation.
//!
//! Labels in six languages, value on the same line, on the next that is not blank, or in bullets. Ends at the salutation,
//! or, where there is none, at the first full paragraph: a body line that begins "To" or "Subject to" is text. A list that
//! can be split in two ways, and numbers that are two dates, are errors or warnings, never a choice.

use chrono::NaiveDate;

use super::{
    AddresseeLine, Found, PrintedDate, Problem, Reference, Supplement,
    dateline::{self, Dateline},
    dates::Reading,
    fold::{after_word, breadth, digit, fold},
    formulas::{is_confidential, is_salutation},
    head_lines::{Cell, end_of_head, is_prose},
    impossible::names_impossible_day,
    labels::{Label, label},
    lines::{bullet, is_page_number, is_rule, join, plain},
    numbering, supplement,
    words::{Field, WORDS},
};
use Open::{CopyList, DistributionList, ToList};
use title::Title;
use unlabelled::{dated_number, has_gap};

mod lists;
mod note;
mod settle;
mod stacked;
mod title;
mod titled;
mod unlabelled;

/// What the printed head says.
#[derive(Debug, Default)]
pub(super) struct PrintedHead {
    pub letterhead: Vec<Found<String>>,
    pub remarks: Vec<Found<String>>,
    pub reference: Option<Found<Reference>>,
    pub supplement: Option<Supplement>,
    pub place: Option<Found<String>>,
    pub date: Option<Found<PrintedDate>>,
    /// A date in numbers that are two: the day first, or the month.
    pub ambiguous: Option<Found<(NaiveDate, NaiveDate)>>,
    pub to: Vec<AddresseeLine>,
    pub copy: Vec<AddresseeLine>,
    /// Those of a list that is called neither To nor Copy.
    distribution: Vec<AddresseeLine>,
    pub subject: Option<Found<String>>,
    pub salutation: Option<Found<String>>,
    /// Whether any To stands in the letter, be it unreadable.
    pub has_to: bool,
    /// The lines below the first of the body that are fields all the same: a note verbale's subject.
    pub set_apart: Vec<u32>,
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
    /// Copies where the letter has a To, and the addressees where it has none.
    DistributionList,
}

/// A reader that walks down the head.
struct Reader<'c, 'a> {
    cells: &'c [Cell<'a>],
    at: usize,
    /// The first cell after the head.
    end: usize,
    open: Open,
    /// A number that stands as a heading, kept until it is known whether a labelled one follows.
    heading: Option<Found<Reference>>,
    cited: Option<Found<Reference>>,
    /// "Referencia: Reporte de incidentes": what the letter is about, where nothing else says it.
    about: Option<Found<String>>,
    /// A title without a label above the salutation or the text, which no list may take.
    title: Option<Title>,
    supplement_line: Option<(Supplement, String)>,
    found: PrintedHead,
}

/// Reads the printed head of a letter's cells.
pub(super) fn read(cells: &[Cell]) -> PrintedHead {
    let end = end_of_head(cells);
    let title = title::above_text(cells, end);
    let without_title = title.as_ref().map(|title| title::taken_out(cells, title));
    let cells = without_title.as_deref().unwrap_or(cells);
    let mut reader = Reader {
        cells,
        at: 0,
        end: end.index,
        open: Open::Nothing,
        heading: None,
        cited: None,
        about: None,
        title,
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
        if cell.is_blank() || is_rule(cell.raw) || is_page_number(&cell.text) {
            self.at += 1;
            return true;
        }
        if let Some(item) = bullet(cell.raw) {
            if self.bullet(item) {
                return true;
            }
        } else if let Some(label) = label(&cell.text).filter(|label| self.allows(label)) {
            if !self.stacked() {
                self.label(label);
            }
            return true;
        } else if self.lone_to() || self.courtesy() || self.above_presente() || self.unlabelled() {
            return true;
        } else if self.open != Open::Nothing && self.is_plain_item(cell) {
            self.plain_list(self.open, None, lists::Column::default());
            return true;
        }
        let begun = self.found.subject.is_some() && salutation_follows == Salutation::Missing;
        if !begun {
            // "By e-mail" says how the letter travels: the list of those written to goes on below
            let open = self.open;
            let travels = WORDS.has("sent_by", &fold(&cell.text));
            self.remark();
            self.open = if travels { open } else { self.open };
        }
        !begun
    }

    /// After the subject a To without its colon is text, unless it stands straight above the salutation.
    fn allows(&self, label: &Label) -> bool {
        let to = |at: usize| self.cells[at..].iter().take_while(|cell| !cell.is_blank()).count();
        let stands = label.field == Field::To && self.found.to.is_empty() && self.stands_last(to(self.at));
        label.colon || label.rest.is_empty() || self.found.subject.is_none() || stands
    }

    fn label(&mut self, label: Label) {
        let number = self.cells[self.at].number;
        match label.field {
            // "to Circular 12", below a heading that was not understood, is nobody.
            Field::To | Field::Copy | Field::Distribution if numbering::is_reference(label.rest) => self.remark(),
            Field::To => self.addressees(ToList, label),
            Field::Copy => self.addressees(CopyList, label),
            Field::Distribution => self.addressees(DistributionList, label),
            Field::Reference | Field::Cited => self.reference(label),
            Field::Subject => self.subject(label),
            Field::Date => self.date_label(label, number),
            Field::Place => self.place(label),
            // The list of those written to goes on below.
            Field::Attention => {
                let open = self.open;
                self.remark();
                self.open = open;
            }
            Field::From | Field::Action | Field::Contact | Field::Annexes => {
                self.open = Open::Nothing;
                self.remark();
            }
        }
    }

    /// The value of a label: the same line, or the next that is not blank and no label; with its line.
    fn value(&mut self, label: Label) -> Option<(String, u32)> {
        let line = self.cells[self.at].number;
        let rest = plain(label.rest);
        self.at += 1;
        if !rest.is_empty() {
            // "Ref.:Tel.:Fax:": labels run together, their values are elsewhere.
            let run_together = super::labels::label(&rest).is_some_and(|next| next.colon && next.field != label.field);
            return (!run_together || label.field == Field::Subject).then_some((rest, line));
        }
        let next = self.next_filled(self.at)?;
        let cell = &self.cells[next];
        // "保存年限：" is a field without a value
        let field = cell.text.ends_with([':', '：']) && label.field != Field::To && label.field != Field::Copy;
        let taken = field || super::labels::label(&cell.text).is_some() || is_salutation(&cell.text);
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
        let printed = &self.cells[self.at].text;
        let of_file = WORDS.list("label_file").iter().any(|file| after_word(printed, file).is_some());
        let Some((value, line)) = self.value(label) else { return };
        let words = numbering::is_words(&value) && !numbering::is_reference(&value);
        if words || (field == Field::Cited && !value.chars().any(|c| digit(c).is_some())) {
            // "Ref.: Registro de incidentes" is what the letter is about
            let value = if words { self.wrapped(value) } else { value };
            let found = Found { value, line };
            if words || self.about.is_none() {
                self.found.remarks.push(found.clone());
                self.about.get_or_insert(found);
            }
            return;
        }
        let value = match dateline::at_the_end(&value) {
            Some((reference, dateline)) if field == Field::Reference || has_gap(&value) => {
                self.dateline(dateline, line);
                reference.to_owned()
            }
            _ => value,
        };
        // "Ref.: Corrigendum 1 to" / "TSB Collective letter 4/13"
        let goes_on =
            |below: &str| supplement::names_parent_below(&value) || supplement::goes_on_with_parent(&value, below);
        let below = self.cells.get(self.at).filter(|cell| !cell.is_blank() && goes_on(&cell.text));
        let value = match below.map(|cell| format!("{value} {}", cell.text)) {
            Some(joined) if numbering::is_reference(&joined) => {
                self.at += 1;
                joined
            }
            _ => value,
        };
        let value = self.without_second_code(without_request(&value).to_owned(), line);
        let Some(reference) = Reference::new(value.trim_end_matches([',', ';'])) else { return };
        let place = if field == Field::Cited || of_file { &mut self.cited } else { &mut self.found.reference };
        if place.is_none() {
            *place = Some(Found { value: reference, line });
        } else {
            self.found.remarks.push(Found { value, line });
        }
    }

    /// "– Proposed adoption of two draft Recommendations", straight below a subject whose To stands above.
    fn is_subtitle(&self, cell: &Cell) -> bool {
        self.found.has_to && cell.raw.trim_start().starts_with(['–', '—']) && self.found.subject.is_none()
    }

    /// "TSB Circular 301 / COM 9/RH": the study group's code is no part of the number; a joint letter's second number is.
    fn without_second_code(&mut self, value: String, line: u32) -> String {
        match value.split_once(" / ") {
            Some((number, code)) if numbering::is_reference(number) && !numbering::is_reference(code) => {
                self.found.remarks.push(Found { value: code.to_owned(), line });
                number.to_owned()
            }
            _ => value,
        }
    }

    fn subject(&mut self, label: Label) {
        self.open = Open::Nothing;
        let Some((value, line)) = self.value(label) else { return };
        let value = self.wrapped(value);
        if self.found.subject.is_none() {
            self.found.subject = Some(Found { value, line });
        }
    }

    /// A value and the lines below that go on with it.
    fn wrapped(&mut self, mut value: String) -> String {
        while let Some(cell) = self.cells.get(self.at) {
            let goes_on = !cell.is_blank()
                && (bullet(cell.raw).is_none() || self.is_subtitle(cell))
                && (!is_prose(&cell.text) || (self.is_subtitle(cell) && !cell.text.ends_with(['.', '。'])))
                && super::labels::label(&cell.text).is_none()
                && !is_salutation(&cell.text)
                && !is_confidential(&cell.text)
                && (self.found.date.is_some() || dateline::dateline(&cell.text).is_none())
                && !is_unknown_label(&cell.text)
                && !is_rule(cell.raw);
            let ended = value.ends_with(['.', '。']) && !self.names_another(cell);
            if !goes_on || ended {
                break;
            }
            join(&mut value, &cell.text);
            self.at += 1;
        }
        value
    }

    /// "MODIFICA CIRCULAR N° 2.148", straight below a subject that ends with a point.
    fn names_another(&self, cell: &Cell) -> bool {
        WORDS.list("changes_another").iter().any(|word| after_word(&cell.text, word).is_some())
            && cell.text.contains(|c| digit(c).is_some())
    }

    fn place(&mut self, label: Label) {
        self.open = Open::Nothing;
        let Some((value, line)) = self.value(label) else { return };
        self.found.place.get_or_insert(Found { value, line });
    }

    fn date_label(&mut self, label: Label, line: u32) {
        self.open = Open::Nothing;
        // "от 24 марта 2011 года № 143-Т": the number follows its date.
        if let Some((dateline, reference)) = dated_number(label.rest) {
            self.dateline(dateline, line);
            self.found.reference.get_or_insert(Found { value: reference, line });
            self.at += 1;
            return;
        }
        let Some((value, line)) = self.value(label) else { return };
        let value = with_century(&value).unwrap_or(value);
        match dateline::dateline(&value) {
            Some(dateline) => self.dateline(dateline, line),
            None => {
                if dateline::holds_other_calendar(&value) {
                    let message = format!("\"{value}\" is a date of another calendar: give date: in the head");
                    self.found.problems.push(Problem::warning(line, message));
                } else if value.contains(|c: char| c.is_ascii_digit()) && !names_impossible_day(&value) {
                    let message =
                        format!("\"{value}\" is no date that can be read: correct it, or give date: in the head");
                    self.found.problems.push(Problem::warning(line, message));
                }
                self.found.remarks.push(Found { value, line });
            }
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
                self.found.ambiguous.get_or_insert(Found { value: (one, other), line });
            }
        }
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
}

/// "24.09.26" behind the label of a date is of this century.
fn with_century(value: &str) -> Option<String> {
    let mut parts = value.split(['.', '/', '-']);
    let short = |part: Option<&str>| {
        part.is_some_and(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let fits = short(parts.next()) && short(parts.next());
    let year = parts.next().filter(|year| fits && year.len() == 2 && short(Some(year)) && parts.next().is_none())?;
    Some(format!("{}20{year}", &value[..value.len() - year.len()]))
}

/// "CL 12 (please quote in your reply)": words in brackets behind the number are none of it.
fn without_request(value: &str) -> &str {
    let inner = value.strip_suffix(')').and_then(|lead| lead.rsplit_once('('));
    let request = inner.filter(|(number, words)| {
        let spoken = words.split(super::fold::is_blank).count() > 1 && !words.contains(|c| digit(c).is_some());
        spoken && number.contains(|c| digit(c).is_some())
    });
    request.map_or(value, |(number, _)| number.trim_end_matches(super::fold::is_blank))
}

/// "Handling: reply by fax": a field that no list of labels has.
fn is_unknown_label(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let Some((label, value)) = text.split_once([':', '：']) else { return false };
    let short = label.split(super::fold::is_blank).count() <= MOST_WORDS && breadth(label) <= 30;
    let capital = label.starts_with(|c: char| c.is_uppercase());
    short && capital && value.starts_with(super::fold::is_blank) && !value.trim().is_empty()
}

/// Whether the head ends with a salutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Salutation {
    /// It stands at the end of the head.
    Follows,
    /// There is none.
    Missing,
}
