//! To and Copy in the printed head: bullets, plain lines, sentences.

use super::{
    super::{
        AddresseeLine, Problem,
        addressee_lines::{clean, split},
        fold::{breadth, digit, fold, is_blank},
        labels::Label,
        words::WORDS,
    },
    Open::{self, CopyList, ToList},
    Reader,
};

impl Reader<'_, '_> {
    pub(super) fn bullet(&mut self, item: &str) -> bool {
        let cell = &self.cells[self.at];
        let is_numbered = cell.raw.trim_start_matches(is_blank).starts_with(|c: char| c.is_alphanumeric() || c == '(');
        let list = match self.open {
            Open::Nothing if self.found.subject.is_some() || is_numbered || breadth(item) > 200 => return false,
            // "- To the …" bullets and dative lists need no label.
            Open::Nothing => ToList,
            open => open,
        };
        let (start, line) = (self.at, cell.number);
        self.at += 1;
        let mut text = item.to_owned();
        while let Some(next) = self.cells.get(self.at).filter(|next| next.continues(start, self.cells)) {
            text = format!("{text} {}", next.text);
            self.at += 1;
        }
        self.open = list;
        self.add(list, &[clean(&text)], line);
        true
    }

    fn add(&mut self, list: Open, texts: &[String], line: u32) {
        let lines = texts.iter().filter(|text| !text.is_empty()).map(|text| AddresseeLine { text: text.clone(), line });
        match list {
            CopyList => self.found.copy.extend(lines),
            _ => self.found.to.extend(lines),
        }
        self.found.has_to |= list == ToList;
    }

    /// To or Copy: a sentence on the label's line and those under it, or a list below.
    pub(super) fn addressees(&mut self, list: Open, label: Label) {
        let cell = &self.cells[self.at];
        let line = cell.number;
        self.open = list;
        self.found.has_to |= list == ToList;
        self.at += 1;
        if label.rest.is_empty() {
            return self.plain_list(list);
        }
        let mut sentence = if label.colon { label.rest.to_owned() } else { cell.text.clone() };
        while let Some(next) = self.cells.get(self.at).filter(|next| next.is_list_text()) {
            sentence =
                format!("{sentence}{}{}", if sentence_goes_on(&sentence, &next.text) { " " } else { "; " }, next.text);
            self.at += 1;
        }
        self.sentence(list, &sentence, line);
    }

    fn sentence(&mut self, list: Open, sentence: &str, line: u32) {
        match split(sentence) {
            Ok(texts) => self.add(list, &texts, line),
            Err(_) => {
                let message = format!(
                    "\"{sentence}\" can be read in more than one way: write one addressee per line, each with its own qualifier"
                );
                self.found.problems.push(Problem::error(line, message));
                self.add(list, &[clean(sentence)], line);
            }
        }
    }

    /// Lines without bullets under a label that stands alone: each its own addressee, sentences that run on are joined.
    fn plain_list(&mut self, list: Open) {
        let mut pending: Option<(String, u32)> = None;
        let mut blank = false;
        while let Some(cell) = self.cells.get(self.at) {
            if cell.is_blank() {
                blank = true;
                self.at += 1;
                continue;
            }
            if !cell.is_list_text() {
                break;
            }
            pending = match pending {
                Some((text, line)) if !blank && sentence_goes_on(&text, &cell.text) => {
                    Some((format!("{text} {}", cell.text), line))
                }
                done => {
                    self.flush(list, done);
                    Some((cell.text.clone(), cell.number))
                }
            };
            blank = false;
            self.at += 1;
        }
        self.flush(list, pending);
    }

    fn flush(&mut self, list: Open, pending: Option<(String, u32)>) {
        if let Some((text, line)) = pending {
            self.sentence(list, &text, line);
        }
    }
}

/// Whether a line goes on with the sentence of the one before it.
fn sentence_goes_on(before: &str, next: &str) -> bool {
    let ends = before.trim_end_matches(is_blank);
    let last = ends.rsplit(is_blank).next().unwrap_or_default();
    // No line ends with an article or a preposition.
    let small = last.chars().count() <= 3 && last.chars().all(char::is_lowercase);
    let joins =
        ["to_last_joins", "supplement_of", "between_day_and_month"].iter().any(|list| WORDS.has(list, &fold(last)));
    let lower = next.chars().next().is_some_and(|c| c.is_lowercase() || digit(c).is_some());
    joins || small || lower
}
