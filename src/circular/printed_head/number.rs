//! A reference with its label: the value, what goes on with it below, and what stands beside it and is none of it.

use super::{
    super::{
        Found, Reference, dateline,
        fold::{self, after_word, digit},
        labels::Label,
        numbering, supplement,
        words::{Field, WORDS},
    },
    Open, Reader,
    unlabelled::has_gap,
};

impl Reader<'_, '_> {
    pub(super) fn reference(&mut self, label: Label) {
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
        // "电信标准化局第5/3号集体函" / "之补遗1"
        let below_it = self.cells.get(self.at).filter(|cell| supplement::goes_on_as_supplement(&cell.text));
        let joined = below_it.map(|cell| format!("{value}{}", cell.text));
        let value = match joined.or(below.map(|cell| format!("{value} {}", cell.text))) {
            Some(joined) if numbering::is_reference(&joined) => {
                self.at += 1;
                joined
            }
            _ => value,
        };
        let value = self.without_second_code(without_request(&value).to_owned(), line);
        let Some(reference) = Reference::new(value.trim_end_matches([',', ';'])) else { return };
        // "Asunto: …" / "Ref.: Oficio N.º 12", below a number as heading: another letter
        let cites = self.found.subject.is_some() && self.heading.is_some();
        let place = if field == Field::Cited || of_file || cites { &mut self.cited } else { &mut self.found.reference };
        if place.is_none() {
            *place = Some(Found { value: reference, line });
        } else {
            self.found.remarks.push(Found { value, line });
        }
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
}

/// "CL 12 (please quote in your reply)": words in brackets behind the number are none of it.
fn without_request(value: &str) -> &str {
    let inner = value.strip_suffix(')').and_then(|lead| lead.rsplit_once('('));
    let request = inner.filter(|(number, words)| {
        let spoken = words.split(fold::is_blank).count() > 1 && !words.contains(|c| digit(c).is_some());
        spoken && number.contains(|c| digit(c).is_some())
    });
    request.map_or(value, |(number, _)| number.trim_end_matches(fold::is_blank))
}
