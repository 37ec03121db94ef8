//! From the body down: closing, mark in place of the signature, signatories, and what follows them.
//!
//! A joint letter has several signatories. The title may stand above the name (Chinese, Arabic). Annex lists, notes and a
//! Copy list end the block; routing lines of the file copy ("cc: Mr …, Chrono") and file paths are not sent on.

use super::{
    AddresseeLine, Found, Problem, Signatory,
    addressee_lines::{clean, split},
    dates::only_date,
    fold::{after_word, breadth, digit, fold, is_blank},
    formulas::{is_closing, signature_mark},
    labels::label,
    lines::{Line, bullet, is_rule, plain},
    words::{Field, WORDS},
};

/// The lower part of a letter.
#[derive(Debug, Default)]
pub(super) struct Foot<'a> {
    /// The lines of the body, without closing and signature.
    pub body: Vec<Line<'a>>,
    pub closing: Option<Found<String>>,
    pub mark: Option<Found<String>>,
    pub signatories: Vec<Signatory>,
    pub copy: Vec<AddresseeLine>,
    /// A date below the signature, as Chinese letters have.
    pub date: Option<Found<super::PrintedDate>>,
    pub after: Vec<Line<'a>>,
    pub problems: Vec<Problem>,
}

/// Reads the lines from the first of the body on.
pub(super) fn read<'a>(lines: &[Line<'a>]) -> Foot<'a> {
    let closing = lines.iter().position(|line| is_closing(line.text));
    let mark = lines.iter().position(|line| signature_mark(line.text).is_some());
    let Some(start) = closing.or(mark).or_else(|| bare_signature(lines)) else {
        let mut foot = Foot { body: lines.to_vec(), ..Foot::default() };
        foot.copies_of_body();
        return foot;
    };
    let mut foot = Foot { body: lines[..start].to_vec(), ..Foot::default() };
    let mut at = start;
    if closing.is_some() {
        let more = lines[at..].iter().take_while(|line| !line.is_blank() && is_closing(line.text));
        let texts: Vec<String> = more.map(|line| plain(line.text)).collect();
        foot.closing = Some(Found { value: texts.join(" "), line: lines[at].number });
        at += texts.len();
    }
    // A rule above the name is the line to sign on.
    let named = lines[at..].iter().position(|line| !line.is_blank() && !is_rule(line.text)).unwrap_or(0);
    let begin = at + named;
    let end = begin + lines[begin..].iter().position(|line| ends_block(line.text)).unwrap_or(lines.len() - begin);
    foot.copies_of_body();
    foot.block(&lines[begin..end]);
    foot.below(&lines[end..]);
    foot.refuse_hidden_copies(&lines[begin..end]);
    foot
}

/// The last lines of a letter without closing, if they are a name and a title: "A. Example" / "Director".
fn bare_signature(lines: &[Line]) -> Option<usize> {
    let end = lines.iter().position(|line| has_label(&plain(line.text))).unwrap_or(lines.len());
    let last = lines[..end].iter().rposition(|line| !line.is_blank())?;
    let begin = lines[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1);
    let (first, rest) = lines[begin..=last].split_first()?;
    let short = |line: &Line| {
        breadth(line.text) <= 60 && !ends_block(line.text) && !line.trimmed().ends_with(['.', '。', '?', ':'])
    };
    let name = plain(first.text);
    let named = name.chars().next().is_some_and(|c| !c.is_lowercase() && c.is_alphabetic())
        && !is_title(&name)
        && !name.chars().any(|c| digit(c).is_some())
        && name.split(is_blank).count() <= 6;
    let titled = rest.first().is_some_and(|line| is_title(&plain(line.text)));
    (begin > 0 && named && titled && short(first) && rest.iter().all(short)).then_some(begin)
}

/// Whether a line begins an annex list, a Copy list or another labelled part.
fn has_label(printed: &str) -> bool {
    let labelled = label(printed).is_some_and(|label| label.field != Field::From);
    labelled
        || WORDS
            .list("label_annexes")
            .iter()
            .any(|word| after_word(printed, word).is_some_and(|rest| rest.trim().is_empty()))
}

/// Whether a line can no longer belong to names and titles.
fn ends_block(text: &str) -> bool {
    const BROADEST: usize = 100;
    let printed = row(text);
    if printed.is_empty() || signature_mark(text).is_some() {
        return false;
    }
    let labelled = label(&printed).is_some_and(|label| label.field != Field::From);
    let annex = WORDS.list("label_annexes").iter().any(|word| after_word(&printed, word).is_some());
    let sentence = breadth(&printed) > BROADEST || (breadth(&printed) > 50 && printed.ends_with(['.', '。']));
    labelled
        || annex
        || sentence
        || bullet(text).is_some()
        || is_rule(text)
        || text.trim_start().starts_with(['#', '>'])
        // "* New online tool: …" is a note, "*Director*" a title.
        || (text.trim_start().starts_with('*') && !text.trim_end().ends_with('*'))
}

impl<'a> Foot<'a> {
    fn block(&mut self, lines: &[Line<'a>]) {
        let mut groups: Vec<Vec<(String, u32)>> = vec![Vec::new()];
        for line in lines {
            let printed = plain(line.text);
            if printed.is_empty() {
                groups.push(Vec::new());
            } else if let Some(columns) =
                columns(line.text).filter(|columns| columns.iter().all(|text| signature_mark(text).is_some()))
            {
                self.marks(columns, line.number);
            } else if let Some((mark, name)) = signature_mark(line.text) {
                self.mark.get_or_insert(Found { value: mark, line: line.number });
                groups.push(name.map(|name| (name, line.number)).into_iter().collect());
            } else if let Some(date) = foot_date(&printed) {
                self.date.get_or_insert(Found { value: date, line: line.number });
            } else if let Some(columns) = columns(line.text) {
                for (column, text) in columns.into_iter().enumerate() {
                    self.column(column, text, line.number);
                }
            } else if let Some(group) = groups.last_mut() {
                match office_and_name(&printed) {
                    Some((office, name)) => group.extend([(office, line.number), (name, line.number)]),
                    None => group.push((printed, line.number)),
                }
            }
        }
        groups.retain(|group| !group.is_empty());
        let office = match groups.as_slice() {
            [first, second, ..] if self.signatories.is_empty() => {
                first.iter().all(|(text, _)| is_title(text)) && !is_title(&second[0].0)
            }
            _ => false,
        };
        // "For the Director," above the name of the one who signs.
        let above = if office { groups.remove(0) } else { Vec::new() };
        groups.into_iter().for_each(|group| self.group(group));
        if let Some(first) = self.signatories.first_mut().filter(|_| office) {
            let below = first.title.take();
            above.iter().map(|(text, _)| text).chain(&below).for_each(|text| add_title(first, text));
        }
    }

    /// Marks side by side in a joint letter, with or without their names.
    fn marks(&mut self, columns: Vec<String>, line: u32) {
        for (column, text) in columns.iter().enumerate() {
            let Some((mark, name)) = signature_mark(text) else { continue };
            self.mark.get_or_insert(Found { value: mark, line });
            if let Some(name) = name {
                self.column(column, name, line);
            }
        }
    }

    /// Names side by side in a joint letter, then their titles.
    fn column(&mut self, column: usize, text: String, line: u32) {
        match self.signatories.get_mut(column) {
            Some(signatory) => add_title(signatory, &text),
            None => self.signatories.push(Signatory { name: text, title: None, line }),
        }
    }

    /// A name with its titles, or titles of the name above.
    fn group(&mut self, group: Vec<(String, u32)>) {
        let first_is_title = is_title(&group[0].0);
        if let Some(last) = self.signatories.last_mut().filter(|last| first_is_title && last.title.is_none()) {
            group.iter().for_each(|(text, _)| add_title(last, text));
            return;
        }
        let name = match group.iter().rposition(|(text, _)| !is_title(text)) {
            Some(last) if first_is_title && last + 1 == group.len() => last,
            _ => 0,
        };
        let mut signatory = Signatory { name: without_comma(&group[name].0), title: None, line: group[name].1 };
        for (at, (text, _)) in group.iter().enumerate() {
            if at != name {
                add_title(&mut signatory, text);
            }
        }
        self.signatories.push(signatory);
    }

    /// A Copy list may stand straight below the salutation or straight above the closing.
    fn copies_of_body(&mut self) {
        let Some(first) = self.body.iter().position(|line| !line.is_blank()) else { return };
        let end = first + paragraph_length(&self.body[first..]);
        if is_copy_list(&self.body[first..end]) {
            let taken: Vec<Line> = self.body.drain(first..end).collect();
            self.below(&taken);
        }
        let Some(last) = self.body.iter().rposition(|line| !line.is_blank()) else { return };
        let begin = self.body[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1);
        if is_copy_list(&self.body[begin..=last]) {
            let taken: Vec<Line> = self.body.drain(begin..=last).collect();
            self.below(&taken);
        }
    }

    /// A copy that stands where no list is read, beside a title or in brackets, is an office left out: it is refused.
    fn refuse_hidden_copies(&mut self, block: &[Line]) {
        for line in block.iter().chain(&self.after).filter(|line| hides_copy(&plain(line.text))) {
            let message = format!(
                "\"{}\" may name copies, and is not read as a list: write \"Copy:\" and one addressee per line",
                plain(line.text)
            );
            self.problems.push(Problem::error(line.number, message));
        }
    }

    /// What stands below the block: copies, paths of the file copy, text to send on.
    fn below(&mut self, lines: &[Line<'a>]) {
        let mut at = 0;
        while at < lines.len() {
            let printed = row(lines[at].text);
            let copy = label(&printed).filter(|label| matches!(label.field, Field::Copy | Field::Distribution));
            if let Some(label) = copy {
                at += self.copies(&lines[at..], label.rest);
                continue;
            }
            if is_path(&printed) {
                self.problems.push(Problem::note(lines[at].number, format!("\"{printed}\" is a file path: left out")));
            } else if let (None, Some(date)) = (&self.date, foot_date(&printed)) {
                self.date = Some(Found { value: date, line: lines[at].number });
            } else {
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
            if printed.is_empty() || item.is_some() || wraps {
                items.extend((!printed.is_empty()).then(|| (item.unwrap_or(&printed).to_owned(), line.number)));
                taken += 1;
            } else {
                break;
            }
        }
        let routing = |text: &str| {
            let folded = fold(text);
            folded.split([' ', ',', ';']).any(|word| WORDS.has("routing", word)) || is_path(text)
        };
        for (text, line) in items {
            if routing(&text) {
                let message = "this copy below the signature is a routing note of the house: left out";
                self.problems.push(Problem::note(line, message));
                continue;
            }
            match split(&text) {
                Ok(texts) => self.copy.extend(texts.into_iter().map(|text| AddresseeLine { text, line })),
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

/// A line as it is printed; the cells of a table's row one after the other.
fn row(text: &str) -> String {
    let trimmed = text.trim_matches(is_blank);
    if !trimmed.starts_with('|') || is_rule(trimmed) {
        return plain(text);
    }
    let cells: Vec<String> = trimmed.split('|').map(plain).filter(|cell| !cell.is_empty()).collect();
    cells.join(" ")
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

fn foot_date(printed: &str) -> Option<super::PrintedDate> {
    match only_date(printed)? {
        super::dates::Reading::Sure(date) => Some(date),
        super::dates::Reading::Ambiguous(..) => None,
    }
}

fn without_comma(text: &str) -> String {
    text.trim_end_matches([',', '،', '，']).to_owned()
}

fn add_title(signatory: &mut Signatory, text: &str) {
    let text = without_comma(text);
    signatory.title = Some(match signatory.title.take() {
        Some(title) => format!("{title}, {text}"),
        None => text,
    });
}

/// Whether a line names an office rather than a person.
fn is_title(text: &str) -> bool {
    WORDS.list("titles").iter().any(|title| after_word(text, title).is_some())
        || WORDS
            .list("titles")
            .iter()
            .any(|title| title.chars().all(super::fold::is_han) && text.ends_with(title.as_str()))
}

/// "主任 安娜": in Chinese the office stands before the name, with a blank between.
fn office_and_name(text: &str) -> Option<(String, String)> {
    let (office, name) = text.split_once(is_blank)?;
    let name = name.trim_matches(is_blank);
    let han = |text: &str| text.chars().next_back().is_some_and(super::fold::is_han);
    (han(office) && han(name) && is_title(office) && !is_title(name)).then(|| (office.to_owned(), name.to_owned()))
}

/// Two or three names side by side, parted by tabs, wide spaces or a table's bars.
fn columns(text: &str) -> Option<Vec<String>> {
    let text = text.trim_matches(is_blank);
    let parts: Vec<String> = if text.starts_with('|') {
        text.split('|').map(plain).filter(|part| !part.is_empty()).collect()
    } else {
        text.replace('\t', "    ").split("    ").map(plain).filter(|part| !part.is_empty()).collect()
    };
    (2..=3).contains(&parts.len()).then_some(parts)
}

/// `N:\Orgpctl\CL.4190.docx`, `ITU-T\BUREAU\CIRC\068E.DOC`
fn is_path(text: &str) -> bool {
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes().get(2) == Some(&b'\\');
    let folders = text.matches('\\').count() >= 2 && !text.contains(' ') && !text.starts_with('\\');
    drive || (folders && text.chars().any(|c| digit(c).is_some()))
}
