//! A number, be it with its date, and the letter's title on one line: "CIRCULAR No. 12: Registration of delegates".

use super::{
    super::{
        Found,
        dateline::{self, Dateline},
        fold::{after_word, digit, fold, is_blank, is_han},
        head_lines::names_subject,
        labels::Label,
        numbering,
        words::{Field, WORDS},
    },
    Open, Reader,
    unlabelled::unmarked,
};

/// What parts a number from its title.
const MARKS: [&str; 6] = [": ", "：", " – ", " — ", " - ", " «"];

impl Reader<'_, '_> {
    /// Takes the line, where it is both: "Письмо от 3 марта 2026 г. № 12 «О порядке …»", "Instruction n° 12 du 3 mars 2026
    /// relative à …".
    pub(super) fn titled_number(&mut self, text: &str, line: u32) -> bool {
        const FEWEST_WORDS: usize = 2;
        const FEWEST_HAN: usize = 4;
        let mark = MARKS.iter().filter_map(|mark| text.find(mark).map(|at| (at, at + mark.len()))).min();
        let Some((end, begin)) = mark.into_iter().chain(about(text)).min() else { return false };
        let number = dated(&text[..end]);
        let title = text[begin..].trim_matches(|c: char| is_blank(c) || matches!(c, '«' | '»'));
        let spoken =
            title.split(is_blank).count() >= FEWEST_WORDS || title.chars().filter(|c| is_han(*c)).count() >= FEWEST_HAN;
        let plain = spoken
            && !title.starts_with(|c| digit(c).is_some())
            && !dateline::is_place_alone(title)
            && dateline::dateline(title).is_none();
        let Some((number, dateline)) = number.filter(|_| plain) else { return false };
        let Some(value) = unmarked(number) else { return false };
        self.heading = Some(Found { value, line });
        dateline.into_iter().for_each(|dateline| self.dateline(dateline, line));
        self.open = Open::Nothing;
        self.at += 1;
        let value = self.wrapped(title.to_owned());
        self.about.get_or_insert(Found { value, line });
        true
    }
}

impl Reader<'_, '_> {
    /// "ИНФОРМАЦИОННОЕ ПИСЬМО" / "о представлении сведений", "CIRCULAIRE" / "relative à la campagne": the kind of the letter,
    /// and straight below it what it is about.
    pub(super) fn kind_above_title(&mut self, text: &str) -> bool {
        let Some(title) = self.says_about(self.at + 1).filter(|_| numbering::is_kind_of_letter(text)) else {
            return false;
        };
        self.remark();
        self.subject(Label { field: Field::Subject, colon: true, rest: &title });
        true
    }

    /// "INSTRUCTION N° 2026-I-12" / "relative à la remise d'états": what a number is about stands straight below its line.
    pub(super) fn title_of_number(&mut self, line: u32) {
        let labelled = self.cells[self.at..self.end].iter().any(names_subject);
        let adjoins = self.cells.get(self.at).is_some_and(|below| below.number == line + 1);
        if let Some(title) = self.says_about(self.at).filter(|_| adjoins && !labelled) {
            self.subject(Label { field: Field::Subject, colon: true, rest: &title });
        }
    }

    /// A line that begins with "relative à", "concerning", "о".
    fn says_about(&self, at: usize) -> Option<String> {
        const FEWEST_WORDS: usize = 3;
        let below = self.cells.get(at).filter(|_| at < self.end && self.found.subject.is_none())?;
        let begins = WORDS.openings("about", &below.text).iter().any(|about| after_word(&below.text, about).is_some());
        let spoken = below.text.split(is_blank).count() >= FEWEST_WORDS;
        let title = begins && spoken && !below.text.ends_with(['.', ':']) && dateline::dateline(&below.text).is_none();
        title.then(|| below.text.clone())
    }
}

/// Where a word such as "concerning" begins behind a number.
fn about(text: &str) -> Option<(usize, usize)> {
    let blanks = text.char_indices().filter(|(_, c)| is_blank(*c) || matches!(c, '号' | '函'));
    blanks.map(|(at, c)| at + c.len_utf8()).find_map(|at| {
        let word =
            WORDS.list("about").iter().any(|word| after_word(&text[at..], word).is_some_and(|rest| !rest.is_empty()));
        (word && text[..at].contains(|c| digit(c).is_some())).then_some((at, at))
    })
}

/// A number with its date: "Circular 12 of 3 March 2026", "Письмо Банка от 3 марта 2026 г. № 12", or a number alone.
fn dated(text: &str) -> Option<(&str, Option<Dateline>)> {
    let behind = text.split_once('№').and_then(|(dated, number)| {
        let blanks = dated.char_indices().filter(|(_, c)| is_blank(*c)).map(|(at, _)| at);
        let dateline = blanks.filter_map(|at| {
            let date = WORDS.list("dated").iter().find_map(|word| after_word(&dated[at..], word))?;
            dateline::dateline(date)
        });
        Some((number.trim_matches(is_blank), dateline.into_iter().next()?))
    });
    if let Some((number, dateline)) = behind.filter(|(number, _)| number.contains(|c| digit(c).is_some())) {
        return Some((number, Some(dateline)));
    }
    let (number, dateline) = match dateline::at_the_end(text) {
        Some((number, dateline)) => (number, Some(dateline)),
        None => (text, None),
    };
    let number = number.trim_matches(is_blank);
    (numbering::is_reference(number) && !fold(number).is_empty()).then_some((number, dateline))
}
