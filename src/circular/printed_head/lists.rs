//! To and Copy in the printed head: bullets, plain lines, sentences.

use super::{
    super::{
        AddresseeLine, Problem,
        addressee_lines::{
            Part, begins_addressee, begins_channel, clean, is_note_alone, part_alone, part_of, says_elsewhere,
        },
        addressee_sentence::{goes_on, joins, runs_on, split, split_line},
        fold::{after, after_word, breadth, fold, is_blank, is_han},
        formulas::{is_confidential, is_courtesy},
        head_lines::{Cell, is_prose},
        labels::Label,
        lines::{bullet, is_title},
        routing,
        words::{Field, WORDS},
    },
    Open::{self, CopyList, DistributionList, ToList},
    Reader,
};

/// Where the lines of a list begin on the page; nothing where a tab stands before them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Column {
    value: Option<usize>,
    /// "Aux autorités" bears its label in its own words: so would one more, apart from it.
    in_words: bool,
    /// Lines beside it name others, each in its own words.
    among: bool,
}

impl Column {
    fn of_label(cell: &Cell, label: &Label) -> Self {
        let value = label.rest;
        let place = (!value.is_empty()).then(|| cell.raw.rfind(value)).flatten();
        let place = place.filter(|_| !cell.raw.contains('\t')).map(|at| cell.raw[..at].chars().count());
        Self { value: place, in_words: is_in_words(label), among: false }
    }

    /// Whether a line below a blank one begins where those of the list do; a centred title does not.
    fn holds(self, cell: &Cell) -> bool {
        if self.in_words && !begins_addressee(&cell.text) {
            return false;
        }
        let (Some(value), Some(at)) = (self.value, indent(cell)) else { return true };
        at.abs_diff(value) <= 1
    }
}

/// "Aux autorités", "To the Governors": a To that is one sentence with its label.
fn is_in_words(label: &Label) -> bool {
    label.field == Field::To && !label.colon && !label.rest.is_empty()
}

/// How many blanks stand before a line's text.
fn indent(cell: &Cell) -> Option<usize> {
    let blanks = cell.raw.len() - cell.raw.trim_start_matches(is_blank).len();
    (!cell.raw[..blanks].contains('\t')).then(|| cell.raw[..blanks].chars().count())
}

/// Lines of one sentence, and where in it each begins.
pub(super) struct Running {
    text: String,
    starts: Vec<(usize, u32)>,
}

impl Running {
    pub(super) fn new(text: &str, line: u32) -> Self {
        Self { text: text.to_owned(), starts: vec![(0, line)] }
    }

    fn push(&mut self, text: &str, line: u32) {
        self.text.push(' ');
        self.starts.push((self.text.len(), line));
        self.text.push_str(text);
    }

    /// The line in which an octet of the sentence stands.
    fn line_at(&self, octet: usize) -> u32 {
        self.starts.iter().rfind(|(start, _)| *start <= octet).map_or(0, |(_, line)| *line)
    }
}

impl Reader<'_, '_> {
    pub(super) fn bullet(&mut self, item: &str) -> bool {
        let cell = &self.cells[self.at];
        let is_numbered = cell.raw.trim_start_matches(is_blank).starts_with(|c: char| c.is_alphanumeric() || c == '(');
        let list = match self.open {
            Open::Nothing if self.found.subject.is_some() || is_numbered || breadth(item) > 200 => return false,
            // "– 04.2" is a file code.
            Open::Nothing if !item.starts_with(|c: char| c.is_alphabetic()) => return false,
            Open::Nothing if self.is_below_text() && !begins_addressee(item) => return false,
            // "- To the …" bullets and dative lists need no label.
            Open::Nothing => ToList,
            open => open,
        };
        let (start, line) = (self.at, cell.number);
        self.at += 1;
        let mut text = item.to_owned();
        while let Some(next) = self.cells.get(self.at).filter(|next| next.continues(start, self.cells)) {
            let lower = next.text.starts_with(|c: char| c.is_lowercase() || c == '(');
            if !lower && !next.raw.starts_with("  ") && !self.is_plain_item(next) {
                break;
            }
            text.push(' ');
            text.push_str(&next.text);
            self.at += 1;
        }
        self.open = list;
        let items: Vec<String> = text.split(['•', '▪', '●']).map(clean).collect();
        self.add(list, &items, line);
        true
    }

    /// Below those written to, and a sentence of the letter, a list is the letter's own.
    fn is_below_text(&self) -> bool {
        const SHORTEST: usize = 40;
        let above = self.cells[..self.at].iter().rfind(|cell| !cell.is_blank() && bullet(cell.raw).is_none());
        let sentence = above.is_some_and(|cell| {
            let ends = cell.text.ends_with(['.', ':', '。', '：']);
            ends && (breadth(&cell.text) >= SHORTEST || cell.text.starts_with(char::is_lowercase))
        });
        !self.found.to.is_empty() && sentence
    }

    fn add(&mut self, list: Open, texts: &[String], line: u32) {
        let texts = texts.iter().filter(|text| !text.is_empty() && !begins_channel(text)).cloned().collect();
        let (texts, notes) = if list == ToList { (texts, Vec::new()) } else { routing::parted(texts) };
        for note in notes {
            let message = format!("\"{note}\" among the copies is a note of the house: left out");
            self.found.problems.push(Problem::note(line, message));
        }
        let shared = |text: &str| part_of(text).1 == Some(Part::Information);
        let (informed, texts): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| list == ToList && shared(text));
        if !informed.is_empty() {
            self.add(CopyList, &informed, line);
        }
        let texts: Vec<String> = texts.iter().map(|text| part_of(text).0.to_owned()).collect();
        for text in texts.iter().filter(|text| text.contains('|') || !text.chars().any(char::is_alphabetic)) {
            let message =
                format!("\"{text}\" stands among the addressees and names nobody: mend the list or the table");
            self.found.problems.push(Problem::error(line, message));
        }
        if list == ToList && !texts.is_empty() {
            // "受文者：如正副本行文單位", and further down those themselves
            self.found.to.retain(|named| !says_elsewhere(&named.text));
        }
        let lines = texts.into_iter().map(|text| AddresseeLine { text, line });
        match list {
            CopyList => self.found.copy.extend(lines),
            DistributionList => self.found.distribution.extend(lines),
            _ => self.found.to.extend(lines),
        }
        self.found.has_to |= list == ToList;
    }

    /// To or Copy: a sentence on the label's line and those under it, or a list below.
    pub(super) fn addressees(&mut self, list: Open, label: Label) {
        let cell = &self.cells[self.at];
        let line = cell.number;
        // "Aux gouvernements" / "Aux associations des communes, des villes": one of several lines
        let next = self.cells.get(self.at + 1).filter(|next| next.text.starts_with(char::is_uppercase));
        let next = next.and_then(|next| super::super::labels::label(&next.text));
        let among = is_in_words(&label)
            && (next.is_some_and(|next| is_in_words(&next)) || (self.open == list && !self.found.to.is_empty()));
        self.open = list;
        self.found.has_to |= list == ToList;
        self.at += 1;
        let value = if label.colon || list != ToList { label.rest } else { &cell.text };
        // "To: The Administrations" is "To the Administrations"; "To: The Hague Academy" is not.
        let named = WORDS.list("articles_in_names").iter().any(|name| after_word(value, name).is_some());
        let value = value.strip_prefix("The ").filter(|_| !named).unwrap_or(value);
        // "TO THE" / "MEMBER ASSOCIATIONS"
        let article = WORDS.has("to_articles", &fold(label.rest));
        let mut begun = (!label.rest.is_empty() && !article).then(|| Running::new(value, line));
        if let Some(sentence) = begun.as_mut().filter(|_| !label.colon) {
            self.run_on(sentence);
        }
        self.plain_list(list, begun, Column { among, ..Column::of_label(cell, &label) });
    }

    /// "A las Administraciones de los Estados / Miembros de la Unión, a los Miembros del / Sector": where an addressee
    /// begins within a line, the lines are one sentence, and their ends say nothing.
    fn run_on(&mut self, sentence: &mut Running) {
        let below = self.cells[self.at..].iter().take_while(|cell| cell.is_list_text()).count();
        let lines = &self.cells[self.at..self.at + below];
        // "To Administrations, Sector Members," breaks off behind a comma, too.
        let parted = runs_on(sentence.text.trim_end_matches(','));
        if parted || lines.iter().any(|cell| joins(&cell.text)) {
            for cell in lines {
                sentence.push(&cell.text, cell.number);
            }
            self.at += below;
        }
    }

    pub(super) fn sentence(&mut self, list: Open, running: &Running) {
        let sentence = running.text.as_str();
        match split(sentence) {
            Ok(items) => items.into_iter().for_each(|(text, octet)| self.add(list, &[text], running.line_at(octet))),
            Err(unclear) => {
                let line = running.line_at(0);
                let message = format!(
                    "\"{sentence}\" can be read in more than one way: write one addressee per line, each with its own qualifier"
                );
                self.found.problems.push(Problem::error(line, message));
                let nearest = unclear.nearest;
                if nearest.is_empty() {
                    self.add(list, &[clean(sentence)], line);
                }
                nearest.into_iter().for_each(|(text, octet)| self.add(list, &[text], running.line_at(octet)));
            }
        }
    }

    /// "A" alone above "Mesdames et Messieurs les Préfets"; elsewhere it marks a language.
    pub(super) fn lone_to(&mut self) -> bool {
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
    pub(super) fn courtesy(&mut self) -> bool {
        let cell = &self.cells[self.at];
        if !is_courtesy(&cell.text) || !self.found.to.is_empty() {
            return false;
        }
        self.addressees(ToList, Label { field: Field::To, colon: true, rest: "" });
        true
    }

    /// Lines straight above "Presente" or "P R E S E N T E S" are an address: those it is written to.
    pub(super) fn above_presente(&mut self) -> bool {
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

    /// Lines without bullets below a label, and what stands on its own line: each its own addressee, sentences that run
    /// on are joined. Whatever stands in the list is taken, since a line passed over is an office left out; but a line
    /// apart that begins elsewhere on the page is the subject, not one more.
    pub(super) fn plain_list(&mut self, list: Open, begun: Option<Running>, mut column: Column) {
        let mut items: Vec<Running> = begun.into_iter().collect();
        let mut blank = false;
        while let Some(cell) = self.cells.get(self.at) {
            if cell.is_blank() {
                blank = true;
                self.at += 1;
                continue;
            }
            if items.last().is_some_and(|running| ends_as_address(&running.text))
                || !cell.is_list_text()
                || stops(&cell.text)
                || (blank && !self.is_plain_item(cell))
            {
                break;
            }
            let apart = blank && !items.is_empty();
            if apart && (self.begins_body(cell) || !column.holds(cell) || self.is_title_below(cell)) {
                self.open = Open::Nothing;
                break;
            }
            match items.last_mut() {
                // "Presentes", and straight below it the letter
                Some(running) if is_closer(&running.text) && is_prose(&cell.text) => {
                    self.open = Open::Nothing;
                    break;
                }
                Some(running) if !blank && !is_closer(&running.text) && goes_on(&running.text, &cell.text) => {
                    running.push(&cell.text, cell.number);
                }
                _ => items.push(Running::new(&cell.text, cell.number)),
            }
            column.value = column.value.or(indent(cell));
            blank = false;
            self.at += 1;
        }
        // "各省、各市：" ends the list, as "Dear Sirs," would: what stands below is the letter.
        if items.last().is_some_and(|running| ends_as_address(&running.text)) {
            self.open = Open::Nothing;
        }
        self.flush(list, items, column);
    }

    /// A line that may go on with an open list, even below a blank line: no title, no mark, within the head.
    pub(super) fn is_plain_item(&self, cell: &Cell) -> bool {
        let begins = |list: &str| {
            WORDS.list(list).iter().any(|opening| after_word(&cell.text, opening).is_some_and(|rest| !rest.is_empty()))
        };
        self.at < self.end
            && cell.is_list_text()
            && !is_title(cell.raw)
            && !is_confidential(&cell.text)
            && !stops(&cell.text)
            && !begins("subject_openers")
            && (self.found.subject.is_none() || !is_chinese_sentence(&cell.text))
    }

    /// Below a blank line and a subject that stands above the list: a sentence up to its full stop is the letter.
    fn begins_body(&self, cell: &Cell) -> bool {
        const SHORTEST: usize = 40;
        const FEWEST: usize = 5;
        self.found.subject.is_some()
            && cell.text.ends_with('.')
            && breadth(&cell.text) >= SHORTEST
            && cell.text.split(is_blank).count() >= FEWEST
            && !begins_addressee(&cell.text)
    }

    /// "Appel à candidatures : liste d'experts", apart below the list and straight above the salutation of a letter that
    /// has no subject yet: a title, no addressee.
    fn is_title_below(&self, cell: &Cell) -> bool {
        let last = self.cells[self.at + 1..self.end].iter().all(Cell::is_blank);
        // "主旨：檢送計畫": another field, by a label that no list has
        let label = cell.text.split_once(['：']).map_or(0, |(label, _)| label.chars().count());
        if (1..=4).contains(&label) && !cell.text.ends_with('：') {
            return true;
        }
        let parted = [": ", " – ", " - ", "："].iter().any(|mark| cell.text.contains(mark));
        self.found.subject.is_none() && last && parted && self.end < self.cells.len()
    }

    /// One line is a sentence of addressees; of several each is one.
    fn flush(&mut self, list: Open, mut items: Vec<Running>, column: Column) {
        items.retain(|running| !names_nobody(&running.text));
        if let ([only], false) = (items.as_slice(), column.among) {
            return self.sentence(list, only);
        }
        let mut first = 0;
        for (at, item) in items.iter().enumerate() {
            let Some(part) = part_alone(&item.text) else { continue };
            self.several(if part == Part::Information { CopyList } else { list }, &items[first..at]);
            if part == Part::Information && first == 0 && at > 1 && list == ToList {
                let message = format!(
                    "\"{}\" may be said of the line above it or of all: write it behind each addressee",
                    item.text
                );
                self.found.problems.push(Problem::error(item.line_at(0), message));
            }
            first = at + 1;
        }
        self.several(list, &items[first..]);
    }

    fn several(&mut self, list: Open, items: &[Running]) {
        for running in items {
            let named = split_line(&running.text).into_iter();
            named.for_each(|(text, octet)| self.add(list, &[text], running.line_at(octet)));
        }
    }
}

/// Below its title a Chinese letter begins with a sentence, be it a short one.
fn is_chinese_sentence(text: &str) -> bool {
    const SHORTEST: usize = 40;
    text.ends_with('。') && breadth(text) >= SHORTEST && text.chars().any(is_han)
}

/// A Chinese list of addressees that stands as the letter's address.
fn ends_as_address(text: &str) -> bool {
    text.ends_with([':', '：']) && text.chars().any(is_han)
}

/// "Mesdames et Messieurs les :" and "A los señores" above a list, "Presente.-" below one, "s/c de …" within it.
fn names_nobody(text: &str) -> bool {
    is_courtesy(text) || is_courtesy(&clean(text)) || is_closer(text) || begins_channel(text) || is_note_alone(text)
}

/// "敬啟者", "م/ …": what follows a list of addressees straight below it, and is none of them.
fn stops(text: &str) -> bool {
    WORDS.list("to_stops").iter().any(|words| after(text, words).is_some())
}

/// The last line of an address, "Presente.-".
fn is_closer(text: &str) -> bool {
    WORDS.has("to_closers", &fold(text.trim_matches(|c: char| is_blank(c) || matches!(c, '.' | '-' | '–' | ':' | ','))))
}
