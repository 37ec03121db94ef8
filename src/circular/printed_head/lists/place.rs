//! Addressees without a label, known by the place where they stand.

use super::{
    super::{
        super::{
            addressee_lines::{begins_addressee, is_dative, is_party, names_persons},
            fold::{after_word, digit, fold, is_blank},
            formulas::{is_courtesy, is_salutation},
            head_lines::{Cell, joined},
            labels::{Label, label},
            numbering,
            words::{Field, WORDS},
        },
        Open::{self, ToList},
        Reader,
    },
    Column, Running, is_closer, names_nobody,
    plain::indent,
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

    /// A paragraph of names between number or date and "Subject:" or "Copy:", where the addressees of a letter without
    /// labels stand; between the dateline and "CIRCULAR No. 4" only one that begins as addressees do, "BANCOS".
    pub(in super::super) fn stands_above_subject(&self, lines: usize) -> bool {
        const MOST: usize = 6;
        const RIGHT: usize = 32;
        let dated = self.found.date.is_some() || self.found.reference.is_some() || self.heading.is_some();
        let apart = self.at.checked_sub(1).is_some_and(|above| self.cells[above].is_blank());
        let paragraph = &self.cells[self.at..self.at + lines];
        let Some(first) = paragraph.first().filter(|_| (1..=MOST).contains(&lines) && dated && apart) else {
            return false;
        };
        let below = &self.cells[self.at + lines..];
        let Some(next) = below.iter().find(|cell| !cell.is_blank() && !is_closer(&cell.text)) else { return false };
        let of_next = label(&next.text).filter(|label| label.colon).map(|label| match label.field {
            // "Ref.: Renovación de la Junta Directiva"
            Field::Reference | Field::Cited if numbering::is_words(label.rest) => Field::Subject,
            field => field,
        });
        let begins = !first.text.starts_with(char::is_lowercase);
        let ends = below.first().is_some_and(Cell::is_blank) || of_next == Some(Field::Copy);
        let number = numbering::is_reference(&next.text) || numbering::is_kind_of_letter(&next.text);
        let party = is_party(&first.text);
        let goes_on = |cell: &Cell| cell.text.starts_with(char::is_lowercase);
        // a line in capitals is a title
        let named = |cell: &Cell| {
            !is_marked(&cell.text) && !is_capital(&cell.text) && (words(&cell.text) >= 3 || goes_on(cell))
        };
        let body = names_body(&first.text);
        let plain = paragraph.iter().all(named) && !body && matches!(of_next, Some(Field::Subject));
        // in the right half of the page, whatever stands below
        let right = |cell: &Cell| indent(cell).is_some_and(|at| at >= RIGHT);
        let own = party && paragraph.iter().all(right);
        // "سعادة مديري المستشفيات" straight above the greeting
        let greeted = names_persons(&first.text) && self.stands_last(lines);
        let known = party && (matches!(of_next, Some(Field::Subject | Field::Copy)) || number || own || greeted);
        begins
            && ends
            && (plain || (known && !paragraph.iter().any(|cell| is_marked(&cell.text))))
            && !self.has_to_below()
    }

    /// "LETTER TO ALL BANKS, INSURERS" / "AND BROKERS", "Lettre circulaire aux préfets": the paragraph names those written to.
    pub(in super::super) fn letter_to(&mut self) -> bool {
        let cell = &self.cells[self.at];
        // "CIRCULAR A" of "CIRCULAR A LAS INSTITUCIONES" could be a number
        let named = |cell: &&Cell| cell.is_list_text() && !is_marked(&cell.text);
        let lines = 1 + self.cells[self.at + 1..].iter().take_while(named).count();
        let Some(rest) = numbering::behind_kind(&cell.text).map(|rest| rest.trim_start_matches(is_blank)) else {
            return false;
        };
        let to = begins_addressee(rest) || label(rest).is_some_and(|label| label.field == Field::To && !label.colon);
        let paragraph = joined(&self.cells[self.at..self.at + lines]);
        let about = WORDS.list("about").iter().any(|word| paragraph.to_lowercase().contains(&format!(" {word} ")));
        let free = self.found.to.is_empty() && self.found.subject.is_none() && self.open == Open::Nothing;
        if !to || about || !free || is_marked(&paragraph) || self.has_to_below() {
            return false;
        }
        let mut sentence = Running::new(rest, cell.number);
        for cell in &self.cells[self.at + 1..self.at + lines] {
            sentence.push(&cell.text, cell.number);
        }
        self.found.has_to = true;
        self.at += lines;
        self.sentence(ToList, &sentence);
        true
    }

    /// "For action: Chief Executives" above "For information: …", in a head without another To: who is to act is written to.
    pub(in super::super) fn names_for_action(&self, label: &Label) -> bool {
        let cell = &self.cells[self.at];
        let said = cell.text.split([':', '：']).next().map(fold).unwrap_or_default();
        let informed = |cell: &Cell| {
            let said = cell.text.split([':', '：']).next().map(fold).unwrap_or_default();
            cell.text.contains([':', '：']) && WORDS.has("for_information", &said)
        };
        let below = &self.cells[self.at + 1..self.end.min(self.cells.len())];
        WORDS.has("for_action", &said)
            && label.colon
            && !label.rest.ends_with('.')
            && !label.rest.chars().any(|c| digit(c).is_some())
            && self.found.to.is_empty()
            && below.iter().any(informed)
            && !self.has_to_below()
    }

    /// Whether a To stands further down the head.
    fn has_to_below(&self) -> bool {
        let to = |cell: &Cell| label(&cell.text).is_some_and(|label| label.field == Field::To);
        self.cells[self.at..self.end.min(self.cells.len())].iter().any(to)
    }

    /// Whether some lines from here on are the last of the head, straight above the salutation.
    pub(in super::super) fn stands_last(&self, lines: usize) -> bool {
        let above = (self.at + lines..self.end).all(|at| self.cells[at].is_blank());
        above && self.cells.get(self.end).is_some_and(|cell| is_salutation(&cell.text))
    }

    /// "Благочинным церковных округов" above "Настоятелям приходов": an adjective in the place of a noun.
    pub(in super::super) fn begins_datives(&self, text: &str) -> bool {
        let adjective = text.split(is_blank).next().filter(|word| word.starts_with(char::is_uppercase)).map(fold);
        let ends =
            |word: &String| WORDS.list("to_endings_adjective").iter().any(|ending| word.ends_with(ending.as_str()));
        adjective.as_ref().is_some_and(ends) && self.cells.get(self.at + 1).is_some_and(|next| is_dative(&next.text))
    }
}

/// A line with digits, addresses, brackets or a mark at its end is no plain name.
fn is_marked(text: &str) -> bool {
    let marked = text.chars().any(|c| digit(c).is_some() || matches!(c, '@' | ':' | '/' | '(' | '"' | '«'));
    marked || text.ends_with(['.', ',', ';', '!'])
}

fn is_capital(text: &str) -> bool {
    text.contains(char::is_uppercase) && !text.contains(char::is_lowercase)
}

fn words(text: &str) -> usize {
    text.split(is_blank).count()
}

/// "Research Ethics Committee" may as well be who writes.
fn names_body(text: &str) -> bool {
    text.split(is_blank).map(fold).any(|word| WORDS.has("units", &word) || WORDS.has("bodies", &word))
}
