//! What stands below the names: copies, notes of the house, text to send on.

use super::{
    super::{
        AddresseeLine, Problem,
        addressee_lines::{clean, split},
        fold::{breadth, fold},
        labels::label,
        lines::{Line, bullet, is_rule, plain},
        routing::{self, is_path},
        words::{Field, WORDS},
    },
    Foot, is_annex_heading, row,
};

impl<'a> Foot<'a> {
    /// A Copy list may stand straight below the salutation or straight above the closing.
    pub(super) fn copies_of_body(&mut self) {
        let Some(first) = self.body.iter().position(|line| !line.is_blank()) else { return };
        let end = first + paragraph_length(&self.body[first..]);
        if is_copy_list(&self.body[first..end]) {
            let taken: Vec<Line> = self.body.drain(first..end).collect();
            self.below(&taken);
        }
        let own = self.body.iter().position(|line| is_annex_heading(&plain(line.text))).unwrap_or(self.body.len());
        let Some(last) = self.body[..own].iter().rposition(|line| !line.is_blank()) else { return };
        let begin = self.body[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1);
        if is_copy_list(&self.body[begin..=last]) {
            let taken: Vec<Line> = self.body.drain(begin..=last).collect();
            self.below(&taken);
        }
    }

    /// A copy that stands where no list is read, beside a title or in brackets, is an office left out: it is refused.
    pub(super) fn refuse_hidden_copies(&mut self, block: &[Line]) {
        for line in block.iter().chain(&self.after).filter(|line| hides_copy(&plain(line.text))) {
            let message = format!(
                "\"{}\" may name copies, and is not read as a list: write \"Copy:\" and one addressee per line",
                plain(line.text)
            );
            self.problems.push(Problem::error(line.number, message));
        }
    }

    /// What stands below the block: copies, paths of the file copy, text to send on.
    pub(super) fn below(&mut self, lines: &[Line<'a>]) {
        let mut at = 0;
        while at < lines.len() {
            let printed = row(lines[at].text);
            if is_annex_heading(&printed) {
                self.after.extend(&lines[at..]);
                return;
            }
            let copy = label(&printed).filter(|label| matches!(label.field, Field::Copy | Field::Distribution));
            if let Some(label) = copy {
                at += self.copies(&lines[at..], label.rest);
                continue;
            }
            if is_path(&printed) {
                self.problems.push(Problem::note(lines[at].number, format!("\"{printed}\" is a file path: left out")));
            } else if !self.dateline(&printed, lines[at].number) {
                self.after.push(lines[at]);
            }
            at += 1;
        }
    }

    /// A Copy list below the signature; returns how many lines it takes.
    fn copies(&mut self, lines: &[Line<'a>], rest: &str) -> usize {
        let mut items = vec![(rest.to_owned(), lines[0].number)];
        let mut taken = 1;
        for line in &lines[1..] {
            let printed = if is_rule(line.text) { String::new() } else { row(line.text) };
            let item = bullet(line.text);
            let first = rest.is_empty() && items.len() == 1;
            let wraps = !printed.is_empty() && label(&printed).is_none() && (first || !lines[taken - 1].is_blank());
            // Where addressees have bullets, a line without one goes on.
            let of_bullet = item.is_none() && bullet(lines[taken - 1].text).is_some() && wraps;
            if let Some((text, _)) = items.last_mut().filter(|_| of_bullet && !printed.is_empty()) {
                text.push(' ');
                text.push_str(&printed);
                taken += 1;
            } else if printed.is_empty() || item.is_some() || wraps {
                items.extend((!printed.is_empty()).then(|| (item.unwrap_or(&printed).to_owned(), line.number)));
                taken += 1;
            } else {
                break;
            }
        }
        for (text, line) in items {
            match split(&text) {
                Ok(texts) => {
                    let (texts, notes) = routing::parted(texts);
                    let note = |note| format!("\"{note}\" among the copies is a note of the house: left out");
                    self.problems.extend(notes.into_iter().map(|text| Problem::note(line, note(text))));
                    self.copy.extend(texts.into_iter().map(|text| AddresseeLine { text, line }));
                }
                Err(_) => {
                    let message = format!(
                        "\"{text}\" can be read in more than one way: write one addressee per line, each with its own qualifier"
                    );
                    self.problems.push(Problem::error(line, message));
                    self.copy.push(AddresseeLine { text: clean(&text), line });
                }
            }
        }
        taken
    }
}

fn paragraph_length(lines: &[Line]) -> usize {
    lines.iter().position(Line::is_blank).unwrap_or(lines.len())
}

/// Whether a paragraph is "cc: Permanent Missions" and the like; "Copy: of the form is attached" is a sentence.
fn is_copy_list(paragraph: &[Line]) -> bool {
    const BROADEST: usize = 120;
    let Some(first) = paragraph.first().map(|line| row(line.text)) else { return false };
    let copy = label(&first).filter(|label| label.colon && label.field == Field::Copy);
    let named = copy.is_some_and(|label| !label.rest.chars().next().is_some_and(char::is_lowercase));
    named && paragraph.iter().all(|line| breadth(line.text) <= BROADEST)
}

/// Whether a word for copies stands in a line, with a colon after it.
fn hides_copy(printed: &str) -> bool {
    let folded = fold(printed);
    WORDS.list("label_copy").iter().any(|word| {
        folded.match_indices(word.as_str()).any(|(at, _)| {
            let edge = !folded[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            edge && folded[at + word.len()..].trim_start_matches([' ', '.']).starts_with(':')
        })
    })
}
