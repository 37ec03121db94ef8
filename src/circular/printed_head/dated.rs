//! Place and date with their labels, and the dateline that holds both.

use super::{
    super::{
        Found, Problem,
        dateline::{self, Dateline},
        dates::Reading,
        impossible::names_impossible_day,
        labels::Label,
    },
    Open, Reader,
    unlabelled::dated_number,
};

impl Reader<'_, '_> {
    pub(super) fn place(&mut self, label: Label) {
        self.open = Open::Nothing;
        let Some((value, line)) = self.value(label) else { return };
        self.found.place.get_or_insert(Found { value, line });
    }

    pub(super) fn date_label(&mut self, label: Label, line: u32) {
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

    pub(super) fn dateline(&mut self, dateline: Dateline, line: u32) {
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
