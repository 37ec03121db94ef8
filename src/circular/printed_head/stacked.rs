//! Labels that stand together and their values below them, as a conversion leaves a table of two columns.
//!
//! As many values as labels are paired in order, if each value is of its label's kind; a list at the end may be longer.
//! Where the numbers differ nobody can say which value is whose: with a To or Copy among the labels that is an error.

use super::{
    super::{
        Found, Problem, Reference, dateline,
        fold::digit,
        formulas::is_salutation,
        labels::{bare, label},
        lines::{bullet, is_rule},
        words::Field,
    },
    Open::{CopyList, DistributionList, ToList},
    Reader,
    lists::Running,
};

/// A label or a value and its line.
struct Piece {
    text: String,
    line: u32,
}

impl Reader<'_, '_> {
    /// Reads labels and their values from here on, if at least two labels stand alone here; `false` where they do not.
    pub(super) fn stacked(&mut self) -> bool {
        let mut at = self.at;
        let mut labels = Vec::new();
        while let Some(next) = self.next_filled(at).filter(|next| *next < self.end) {
            let cell = &self.cells[next];
            if !is_rule(cell.raw) {
                let Some(field) = bare(&cell.text).filter(|_| bullet(cell.raw).is_none()) else { break };
                labels.push((field, cell.number));
            }
            at = next + 1;
        }
        let Some(values_at) = self.next_filled(at).filter(|_| labels.len() >= 2) else { return false };
        let (values, end) = self.values(values_at);
        if values.len() < 2 {
            return false;
        }
        let last_is_list = matches!(labels.last(), Some((Field::To | Field::Copy, _)));
        let even = values.len() == labels.len() || (last_is_list && values.len() > labels.len());
        if even && labels.iter().zip(&values).all(|((field, _), value)| fits(*field, &value.text)) {
            let mut values = values.into_iter();
            for (field, _) in &labels {
                values.next().into_iter().for_each(|value| self.assign(*field, value));
            }
            let list = labels.last().map_or(Field::To, |(field, _)| *field);
            values.for_each(|value| self.assign(list, value));
        } else {
            self.refuse_stack(&labels, values);
        }
        self.open = super::Open::Nothing;
        self.at = end;
        true
    }

    /// The lines below the labels that can be values, and where they end.
    fn values(&self, from: usize) -> (Vec<Piece>, usize) {
        let mut values = Vec::new();
        let mut at = from;
        while let Some(cell) = self.cells.get(at).filter(|_| at < self.end) {
            let ends = label(&cell.text).is_some() || is_salutation(&cell.text) || bullet(cell.raw).is_some();
            if ends || (cell.is_blank() && !values.is_empty()) {
                break;
            }
            if !cell.is_blank() && !is_rule(cell.raw) {
                values.push(Piece { text: cell.text.clone(), line: cell.number });
            }
            at += 1;
        }
        (values, at)
    }

    fn assign(&mut self, field: Field, value: Piece) {
        let Piece { text, line } = value;
        match field {
            Field::To => self.sentence(ToList, &Running::new(&text, line)),
            Field::Copy => self.sentence(CopyList, &Running::new(&text, line)),
            Field::Distribution => self.sentence(DistributionList, &Running::new(&text, line)),
            Field::Reference | Field::Cited => {
                let place = if field == Field::Cited { &mut self.cited } else { &mut self.found.reference };
                if let (None, Some(value)) = (&place, Reference::new(&text)) {
                    *place = Some(Found { value, line });
                }
            }
            Field::Subject => {
                self.found.subject.get_or_insert(Found { value: text, line });
            }
            Field::Date => dateline::dateline(&text).into_iter().for_each(|dateline| self.dateline(dateline, line)),
            Field::Place => {
                self.found.place.get_or_insert(Found { value: text, line });
            }
            Field::Attention | Field::From | Field::Action | Field::Contact | Field::Annexes => {
                self.found.remarks.push(Found { value: text, line });
            }
        }
    }

    fn refuse_stack(&mut self, labels: &[(Field, u32)], values: Vec<Piece>) {
        let list = labels.iter().find(|(field, _)| matches!(field, Field::To | Field::Copy | Field::Distribution));
        if let Some((_, line)) = list {
            let message = format!(
                "{} labels stand together above {} values, so that it is not plain which is whose: write each value \
                 beside its label",
                labels.len(),
                values.len()
            );
            self.found.problems.push(Problem::error(*line, message));
            self.found.has_to = true;
        }
        self.found.remarks.extend(values.into_iter().map(|value| Found { value: value.text, line: value.line }));
    }
}

/// Whether a value can be a label's: a date is a date, a number has digits, and a list is neither.
fn fits(field: Field, value: &str) -> bool {
    let is_date = || dateline::dateline(value).is_some();
    let numbered = || value.chars().any(|c| digit(c).is_some());
    match field {
        Field::Date => is_date(),
        Field::Reference => numbered() && !is_date(),
        Field::To | Field::Copy | Field::Distribution | Field::Subject => {
            !is_date() && value.chars().any(char::is_alphabetic)
        }
        _ => true,
    }
}
