//! A note verbale's addressee and subject, which stand in its text.

use super::{
    super::{
        AddresseeLine, addressee_sentence::split_line, fold::breadth, head_lines::joined, labels::label, note_verbale,
        words::Field,
    },
    Reader,
};

impl Reader<'_, '_> {
    /// Reads both from the paragraph that the head ends at and those below it, where no label has named them.
    pub(super) fn note_verbale(&mut self) {
        let Some(first) = self.next_filled(self.at).filter(|_| self.found.to.is_empty()) else { return };
        let end = (first..self.cells.len()).find(|at| self.cells[*at].is_blank()).unwrap_or(self.cells.len());
        let Some(text) = note_verbale::addressee(&joined(&self.cells[first..end])) else { return };
        self.found.has_to = true;
        // "a los Ministerios y a las Representaciones"
        for (text, _) in split_line(&text) {
            let line = self.line_of(&text, first, end);
            self.found.to.push(AddresseeLine { text, line });
        }
        if self.found.subject.is_none() {
            self.subject_of_note(end);
        }
    }

    /// The line in which a text of a paragraph begins.
    fn line_of(&self, text: &str, first: usize, end: usize) -> u32 {
        let cells = &self.cells[first..end];
        let at = joined(cells).find(text).unwrap_or_default();
        let mut begins = 0;
        let mut line = cells.first().map_or(0, |cell| cell.number);
        for cell in cells {
            if begins <= at {
                line = cell.number;
            }
            begins += cell.text.len() + 1;
        }
        line
    }

    /// "Subject: …" in a paragraph of its own below the compliments.
    fn subject_of_note(&mut self, from: usize) {
        const BROADEST: usize = 300;
        let is_subject = |at: &usize| {
            let cell = &self.cells[*at];
            let alone = self.cells[at - 1].is_blank() && breadth(&cell.text) <= BROADEST;
            alone && label(&cell.text).is_some_and(|label| label.field == Field::Subject && label.colon)
        };
        let Some(at) = (from..self.cells.len()).find(is_subject) else { return };
        let body = std::mem::replace(&mut self.at, at);
        if let Some(label) = label(&self.cells[at].text) {
            self.subject(label);
        }
        self.found.set_apart = self.cells[at..self.at].iter().map(|cell| cell.number).collect();
        self.at = body;
    }
}
