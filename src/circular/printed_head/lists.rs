//! To and Copy in the printed head: their labels, bullets and sentences.

mod place;
mod plain;

pub(super) use plain::Column;

use super::{
    super::{
        AddresseeLine, Problem,
        addressee_lines::{
            Part, begins_addressee, begins_channel, clean, is_courtesy_alone, is_note_alone, names_persons, part_of,
            says_elsewhere,
        },
        addressee_sentence::{joins, runs_on, split},
        fold::{after_word, breadth, fold, is_blank, push_line},
        formulas::{is_courtesy, is_salutation},
        labels::Label,
        lines::bullet,
        routing,
        words::WORDS,
    },
    Open::{self, CopyList, DistributionList, ToList},
    Reader,
};

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
        let end = self.text.len();
        push_line(&mut self.text, text);
        self.starts.push((end + (self.text.len() - end).saturating_sub(text.len()), line));
    }

    /// The sentence's beginning.
    fn up_to(&self, octet: usize) -> Self {
        Self { text: self.text[..octet].to_owned(), starts: self.starts.clone() }
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
        self.spelled_out(list, item);
        self.at += 1;
        let mut text = item.to_owned();
        while let Some(next) = self.cells.get(self.at).filter(|next| next.continues(start, self.cells)) {
            let lower = next.text.starts_with(|c: char| c.is_lowercase() || c == '(');
            if !lower && !next.raw.starts_with("  ") && !self.is_plain_item(next) {
                break;
            }
            push_line(&mut text, &next.text);
            self.at += 1;
        }
        self.open = list;
        let items: Vec<String> = text.split(['•', '▪', '●']).map(clean).collect();
        self.add(list, &items, line);
        true
    }

    /// "À l'attention des acteurs agréés" above "- Sociétés de gestion": one group and those whom it is made of, or one more.
    fn spelled_out(&mut self, list: Open, item: &str) {
        let above = self.cells[..self.at].iter().rfind(|cell| !cell.is_blank());
        let label = above.and_then(|cell| super::super::labels::label(&cell.text));
        let group = label.is_some_and(|label| plain::is_in_words(&label) && label.rest.starts_with(char::is_lowercase));
        if list != ToList || !group || self.found.to.len() != 1 || begins_addressee(item) {
            return;
        }
        let message = format!(
            "\"{}\" may be those listed below it or one more: write only those written to",
            self.found.to[0].text
        );
        self.found.problems.push(Problem::error(self.found.to[0].line, message));
        self.found.to.clear();
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
        // "(en communication à Messieurs les Sous-Préfets)"
        for text in texts.iter().filter(|text| text.starts_with(['(', '（']) && text.ends_with([')', '）'])) {
            let message = format!(
                "\"{text}\" stands in brackets among the addressees: write it as one of them, or behind \"Copy:\""
            );
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
        // "السيد / وكيل الوزارة" straight above "السادة / مديري المديريات"
        let above = self.at.checked_sub(1).map(|above| &self.cells[above]).filter(|above| !above.is_blank());
        let first = list == ToList && !label.rest.is_empty() && self.found.to.is_empty();
        if let Some(above) = above.filter(|above| first && names_persons(&above.text) && !is_salutation(&above.text)) {
            let message = format!(
                "\"{}\" stands straight above those written to and may be one of them: print \"To\" above it",
                above.text
            );
            self.found.problems.push(Problem::error(above.number, message));
        }
        // "Aux gouvernements" / "Aux associations des communes, des villes": one of several lines
        let next = self.cells.get(self.at + 1).filter(|next| next.text.starts_with(char::is_uppercase));
        let next = next.and_then(|next| super::super::labels::label(&next.text));
        let among = plain::is_in_words(&label)
            && (next.is_some_and(|next| plain::is_in_words(&next)) || (self.open == list && !self.found.to.is_empty()));
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
        // "To the Heads of Posts, with a copy to the Unions"
        if let Some((named, copies)) = with_copies(sentence).filter(|_| list == ToList) {
            let line = running.line_at(sentence.len() - copies.len());
            self.sentence(list, &running.up_to(named.len()));
            return self.sentence(CopyList, &Running::new(copies, line));
        }
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
}

/// What stands before and behind ", with a copy to".
fn with_copies(sentence: &str) -> Option<(&str, &str)> {
    let begins = |(at, c): (usize, char)| {
        let from = if is_blank(c) || matches!(c, ',' | '，' | '،') { at + c.len_utf8() } else { return None };
        let rest = WORDS.list("copy_joins").iter().find_map(|words| after_word(&sentence[from..], words))?;
        rest.contains(char::is_alphabetic).then_some((sentence[..at].trim_end_matches([',', ' ', '،']), rest))
    };
    sentence.char_indices().filter(|(at, _)| *at > 0).find_map(begins)
}

/// "Mesdames et Messieurs les :" and "A los señores" above a list, "Presente.-" below one, "s/c de …" within it.
fn names_nobody(text: &str) -> bool {
    let courtesy = is_courtesy(text) || is_courtesy(&clean(text)) || is_courtesy_alone(text);
    courtesy || is_closer(text) || begins_channel(text) || is_note_alone(text)
}

/// The last line of an address, "Presente.-".
fn is_closer(text: &str) -> bool {
    WORDS.has("to_closers", &fold(text.trim_matches(|c: char| is_blank(c) || matches!(c, '.' | '-' | '–' | ':' | ','))))
}
