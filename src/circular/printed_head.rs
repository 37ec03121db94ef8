//! The printed head: letterhead, reference, dateline, To, Copy, subject, down to the salutation.
//!
//! Labels in six languages, value on the same line, on the next that is not blank, or in bullets. Ends at the salutation,
//! or, where there is none, at the first full paragraph: a body line that begins "To" or "Subject to" is text. A list that
//! can be split in two ways, and numbers that are two dates, are errors or warnings, never a choice.

use chrono::NaiveDate;

use super::{
    AddresseeLine, Found, PrintedDate, Problem, Reference, Supplement,
    fold::fold,
    formulas::is_salutation,
    head_lines::{Cell, end_of_head},
    labels::{Label, label},
    lines::{bullet, is_page_number, is_rule, plain},
    numbering,
    words::{Field, WORDS},
};
use Open::{CopyList, DistributionList, ToList};
use title::Title;

mod dated;
mod lists;
mod note;
mod number;
mod settle;
mod stacked;
mod subject;
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
            Field::Action if self.names_for_action(&label) => self.addressees(ToList, label),
            Field::Copy => self.addressees(CopyList, label),
            Field::Distribution => self.addressees(DistributionList, label),
            Field::Reference | Field::Cited => self.reference(label),
            Field::Subject => self.subject(label),
            Field::Date if self.dates_the_heading(&self.cells[self.at].text) => {
                self.taken();
            }
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

/// Whether the head ends with a salutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Salutation {
    /// It stands at the end of the head.
    Follows,
    /// There is none.
    Missing,
}
