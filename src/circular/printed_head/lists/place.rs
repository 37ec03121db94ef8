//! Addressees without a label, known by the place where they stand.

use super::{
    super::{
        super::{
            addressee_lines::is_dative,
            fold::{after_word, digit, fold, is_blank},
            formulas::is_courtesy,
            head_lines::Cell,
            labels::{Label, label},
            words::{Field, WORDS},
        },
        Open::{self, ToList},
        Reader,
    },
    Column, names_nobody,
};

impl Reader<'_, '_> {
    /// "A" alone above "Mesdames et Messieurs les Préfets"; elsewhere it marks a language.
    pub(in super::super) fn lone_to(&mut self) -> bool {
        let next = self.cells.get(self.at + 1).filter(|_| self.at + 1 < self.end);
        let persons = next.is_some_and(|next| {
            WORDS
                .list("to_persons")
                .iter()
                .any(|word| after_word(&next.text, word).is_some_and(|rest| !rest.is_empty()))
        });
        let lone = self.cells[self.at].text == "A" && persons && self.found.to.is_empty();
        if lone {
            self.addressees(ToList, Label { field: Field::To, colon: true, rest: "" });
        }
        lone
    }

    /// "Señores:" straight above those it is written to, which the head's end has told from a salutation.
    pub(in super::super) fn courtesy(&mut self) -> bool {
        let cell = &self.cells[self.at];
        if !is_courtesy(&cell.text) || !self.found.to.is_empty() {
            return false;
        }
        self.addressees(ToList, Label { field: Field::To, colon: true, rest: "" });
        true
    }

    /// Lines straight above "Presente" or "P R E S E N T E S" are an address: those it is written to.
    pub(in super::super) fn above_presente(&mut self) -> bool {
        const MOST: usize = 12;
        let adjoining = self.cells[self.at..].iter().take(MOST).take_while(|cell| cell.is_list_text());
        let closes = adjoining.skip(1).any(|cell| names_nobody(&cell.text));
        let open = self.found.to.is_empty() && self.open == Open::Nothing;
        if closes && open {
            self.open = ToList;
            self.found.has_to = true;
            self.plain_list(ToList, None, Column::default());
        }
        closes && open
    }

    /// A paragraph of names between number or date and "Subject:", where the addressees of a letter without labels stand.
    pub(in super::super) fn stands_above_subject(&self, lines: usize) -> bool {
        const MOST: usize = 6;
        let dated = self.found.date.is_some() || self.found.reference.is_some();
        let apart = self.at.checked_sub(1).is_some_and(|above| self.cells[above].is_blank());
        let paragraph = &self.cells[self.at..self.at + lines];
        let ends = self.cells.get(self.at + lines).is_some_and(Cell::is_blank);
        let next = self.next_filled(self.at + lines).map(|at| &self.cells[at].text);
        let subject =
            next.and_then(|next| label(next)).is_some_and(|label| label.colon && label.field == Field::Subject);
        let named = |cell: &Cell| {
            let text = cell.text.as_str();
            let marked = text.chars().any(|c| digit(c).is_some() || matches!(c, '@' | ':' | '/' | '(' | '"' | '«'));
            // a line in capitals is a title
            let marked = marked || (text.contains(char::is_uppercase) && !text.contains(char::is_lowercase));
            !marked && !text.ends_with(['.', ',', ';', '!']) && text.split(is_blank).count() >= 3
        };
        let begins = paragraph.first().is_some_and(|cell| !cell.text.starts_with(char::is_lowercase));
        let named = (1..=MOST).contains(&lines) && begins && paragraph.iter().all(named);
        dated && apart && ends && subject && named
    }

    /// "Благочинным церковных округов" above "Настоятелям приходов": an adjective in the place of a noun.
    pub(in super::super) fn begins_datives(&self, text: &str) -> bool {
        let adjective = text.split(is_blank).next().filter(|word| word.starts_with(char::is_uppercase)).map(fold);
        let ends =
            |word: &String| WORDS.list("to_endings_adjective").iter().any(|ending| word.ends_with(ending.as_str()));
        adjective.as_ref().is_some_and(ends) && self.cells.get(self.at + 1).is_some_and(|next| is_dative(&next.text))
    }
}
