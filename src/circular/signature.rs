//! From the body down: closing, mark in place of the signature, signatories, and what follows them.
//!
//! A joint letter has several signatories. The title may stand above the name (Chinese, Arabic). Annex lists, notes and a
//! Copy list end the block; routing lines of the file copy ("cc: Mr …, Chrono") and file paths are not sent on.

use super::{
    AddresseeLine, Found, Problem, Signatory, dateline,
    fold::{after_word, breadth, digit, is_blank, is_han},
    formulas::{is_closing, is_salutation, signature_mark},
    labels::label,
    lines::{Line, bullet, is_rule, plain},
    words::{Field, WORDS},
};
pub(super) use block::is_title;

mod block;
mod copies;

/// The lower part of a letter.
#[derive(Debug, Default)]
pub(super) struct Foot<'a> {
    /// The lines of the body, without closing and signature.
    pub body: Vec<Line<'a>>,
    pub closing: Option<Found<String>>,
    pub mark: Option<Found<String>>,
    pub signatories: Vec<Signatory>,
    /// Addressees that stand below the signature, read only where the head has none.
    pub to: Vec<AddresseeLine>,
    pub copy: Vec<AddresseeLine>,
    pub distribution: Vec<AddresseeLine>,
    /// Date and place below the signature, as Chinese letters and notes verbales have.
    pub date: Option<Found<super::PrintedDate>>,
    pub place: Option<Found<String>>,
    pub after: Vec<Line<'a>>,
    pub problems: Vec<Problem>,
}

/// Whether addressees are looked for below the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// The head has no To, or says that it stands elsewhere.
    To,
    /// The head names them: a To below is that of a reply form.
    Nothing,
}

/// Reads the lines from the first of the body on.
pub(super) fn read<'a>(lines: &[Line<'a>], sought: Sought) -> Foot<'a> {
    let closing = closing(lines).or_else(|| closing_above_name(lines));
    let mark = lines.iter().position(|line| signature_mark(line.text).is_some());
    let Some(start) = closing.map(|(at, _)| at).or(mark).or_else(|| bare_signature(lines)) else {
        let mut foot = Foot { body: lines.to_vec(), ..Foot::default() };
        foot.copies_of_body();
        foot.dateline_of_body();
        foot.refuse_second_letter(lines);
        return foot;
    };
    let mut foot = Foot { body: lines[..start].to_vec(), ..Foot::default() };
    let mut at = start;
    if let Some((_, length)) = closing {
        let texts: Vec<String> = lines[at..at + length].iter().map(|line| plain(line.text)).collect();
        foot.closing = Some(Found { value: texts.join(" "), line: lines[at].number });
        at += length;
    }
    // A rule above the name is the line to sign on.
    let named = lines[at..].iter().position(|line| !line.is_blank() && !is_rule(line.text)).unwrap_or(0);
    let begin = at + named;
    let end = begin + lines[begin..].iter().position(|line| ends_block(line.text)).unwrap_or(lines.len() - begin);
    let end = above_number(lines, begin, end);
    foot.copies_of_body();
    foot.block(&lines[begin..end]);
    foot.below(&lines[end..], sought);
    foot.refuse_hidden_copies(&lines[begin..end]);
    foot.refuse_second_letter(&lines[end..]);
    foot
}

/// The closing formula: where it begins and how many lines it takes. A sentence may wrap, "Yours faithfully," does not.
fn closing(lines: &[Line]) -> Option<(usize, usize)> {
    const WRAPS: usize = 5;
    for at in 0..lines.len() {
        if at > 0 && !lines[at - 1].is_blank() && !is_closing(lines[at].text) {
            continue;
        }
        let mut text = String::new();
        for (below, line) in lines[at..].iter().take(WRAPS).take_while(|line| !line.is_blank()).enumerate() {
            if below > 0 {
                text.push(' ');
            }
            text.push_str(&plain(line.text));
            if is_closing(&text) {
                let goes_on = |next: &&Line| {
                    let lower = plain(next.text).chars().next().is_some_and(char::is_lowercase);
                    !next.is_blank() && lower && !text.ends_with([',', '.', '!'])
                };
                let wrapped = lines[at + below + 1..].iter().take_while(goes_on).take(2).count();
                let length = below + 1 + wrapped;
                let more = lines[at + length..].iter().take_while(|line| !line.is_blank() && is_closing(line.text));
                let length = length + more.count();
                // "Hago propicia la oportunidad para …" is the last sentence where "Atentamente," follows.
                let next = (at + length..lines.len()).find(|next| !lines[*next].is_blank());
                let last = next.filter(|next| is_closing(lines[*next].text)).and_then(|next| {
                    closing(&lines[next..]).filter(|(at, _)| *at == 0).map(|(_, length)| (next, length))
                });
                return Some(last.unwrap_or((at, length)));
            }
        }
    }
    None
}

/// A formula in words that nobody has listed: a short line of its own that ends with a comma, above a name and an office.
fn closing_above_name(lines: &[Line]) -> Option<(usize, usize)> {
    const BROADEST: usize = 60;
    let name = bare_signature(lines)?;
    let (first, last) = last_paragraph(&lines[..name])?;
    let text = plain(lines[last].text);
    let formula = first == last && first > 0 && breadth(&text) <= BROADEST && text.ends_with([',', '،', '，']);
    (formula && !is_title(&text)).then_some((first, 1))
}

/// "ANNEX", "Annex 2" on a line of its own: what stands below is not the letter's own any more.
pub(super) fn is_annex_heading(line: &Line) -> bool {
    names_annex(&plain(line.text))
}

fn names_annex(printed: &str) -> bool {
    let number = |rest: &str| {
        let rest = rest.trim_matches(is_blank);
        rest.is_empty() || (rest.chars().count() <= 4 && rest.chars().all(char::is_alphanumeric))
    };
    WORDS.list("annex_singular").iter().any(|word| after_word(printed, word).is_some_and(number))
}

/// The last lines of a letter without closing, if they are a name and a title: "A. Example" / "Director".
fn bare_signature(lines: &[Line]) -> Option<usize> {
    let ends = |line: &Line| has_label(&plain(line.text));
    let end = lines.iter().position(ends).unwrap_or(lines.len());
    // "Приложение: на 3 л." may stand above the one who signs.
    let annexes = |line: &Line| label(&plain(line.text)).is_some_and(|label| label.field == Field::Annexes);
    let below = lines.iter().position(|line| ends(line) && !annexes(line)).unwrap_or(lines.len());
    signature_above(&lines[..end]).or_else(|| signature_above(&lines[..below]))
}

fn signature_above(lines: &[Line]) -> Option<usize> {
    let (mut begin, mut last) = last_paragraph(lines)?;
    // "Исп. Петров, тел. 555": whom to ask stands below the one who signs; so does an office's number of its file.
    while asks(&plain(lines[begin].text)) || is_number_alone(&plain(lines[last].text)) {
        (begin, last) = last_paragraph(&lines[..begin])?;
    }
    // "Заместитель Министра                А.В. Примеров", its office over one line or two
    let beside = block::columns(lines[last].text).is_some_and(|columns| block::is_office_and_name(&columns));
    let office = lines[begin..last].iter().all(|line| breadth(line.trimmed()) <= 60 && !line.trimmed().ends_with('.'));
    let titled = begin == last || (last - begin <= 2 && office && is_title(&plain(lines[begin].text)));
    if begin > 0 && beside && titled {
        return Some(begin);
    }
    if begin == last && begin > 0 {
        // "Deputy Chairman" and, below a gap to sign in, "A. Example".
        let (above, office) = last_paragraph(&lines[..begin])?;
        let office_line = plain(lines[office].text);
        if above == office && is_title(&office_line) && breadth(&office_line) <= 60 && !office_line.ends_with('.') {
            begin = above;
        }
    }
    let (first, rest) = lines[begin..=last].split_first()?;
    let rest: Vec<Line> = rest.iter().filter(|line| !line.is_blank()).copied().collect();
    let short = |line: &Line| {
        breadth(line.trimmed()) <= 60 && !ends_block(line.text) && !line.trimmed().ends_with(['.', '。', '?', ':'])
    };
    let (office, person) = (plain(first.text), plain(lines[last].text));
    // "The Director," / "A. Example"
    let office_first = is_title(&office) && begin < last && is_name(&person);
    let titled = rest.first().is_some_and(|line| is_title(&plain(line.text)));
    let signed = office_first || (is_name(&office) && titled);
    (begin > 0 && signed && short(first) && rest.iter().all(short)).then_some(begin)
}

/// "Исп. Петров, тел. 555-01-01", "Contact Ms Example, +41 22 555": whom to ask, without a colon.
fn asks(printed: &str) -> bool {
    let begins = WORDS.list("label_contact").iter().any(|word| after_word(printed, word).is_some());
    begins && printed.chars().any(|c| digit(c).is_some())
}

/// "(495) 000-00-01", "2026/02441": a line of digits and marks.
fn is_number_alone(printed: &str) -> bool {
    printed.chars().any(|c| digit(c).is_some()) && !printed.chars().any(char::is_alphabetic)
}

/// "Иванов Иван Иванович" / "(495) 000-00-01", below those who sign: whom to ask is none of them.
fn above_number(lines: &[Line], begin: usize, end: usize) -> usize {
    let number = lines.get(end).is_some_and(|line| is_number_alone(&plain(line.text)));
    let paragraph = lines[begin..end].iter().rposition(Line::is_blank).map(|blank| begin + blank + 1);
    paragraph.filter(|first| number && *first < end).unwrap_or(end)
}

/// The first and the last line of the last paragraph.
fn last_paragraph(lines: &[Line]) -> Option<(usize, usize)> {
    let last = lines.iter().rposition(|line| !line.is_blank())?;
    Some((lines[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1), last))
}

/// A few words with a capital and no digits, that name no office.
fn is_name(name: &str) -> bool {
    name.chars().next().is_some_and(|c| !c.is_lowercase() && c.is_alphabetic())
        && !is_title(name)
        && !name.chars().any(|c| digit(c).is_some())
        && name.split(is_blank).count() <= 6
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
        || asks(&printed)
        || is_number_alone(&printed)
        || bullet(text).is_some()
        || is_rule(text)
        || text.trim_start().starts_with(['#', '>'])
        // "* New online tool: …" is a note, "*Director*" a title.
        || (text.trim_start().starts_with('*') && !text.trim_end().ends_with('*'))
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

impl Foot<'_> {
    /// A line that is nothing but place and date.
    fn dateline(&mut self, printed: &str, line: u32) -> bool {
        let dateline = dateline::dateline(printed).filter(|_| self.date.is_none());
        let Some((super::dates::Reading::Sure(date), place)) = dateline.map(|found| (found.reading, found.place))
        else {
            return false;
        };
        self.date = Some(Found { value: date, line });
        self.place = place.map(|value| Found { value, line });
        true
    }

    /// The last line of a letter that nobody signs, below the name of the body that it comes from, if that is printed.
    fn dateline_of_body(&mut self) {
        const BROADEST: usize = 60;
        let Some(last) = self.body.iter().rposition(|line| !line.is_blank()).filter(|last| *last > 0) else { return };
        let begin = self.body[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1);
        let fits = |text: &str| breadth(text) <= BROADEST && !text.ends_with(['.', '。', ':', '：']);
        let issuer = if begin == last {
            // In documents a Chinese issuer is a paragraph of its own.
            let alone = last_paragraph(&self.body[..begin]).filter(|(first, last)| *first > 0 && first == last);
            alone.map(|(at, _)| at).filter(|at| plain(self.body[*at].text).chars().all(is_han))
        } else {
            (begin + 1 == last).then_some(begin)
        };
        let issuer = issuer.filter(|at| fits(&plain(self.body[*at].text)));
        let line = self.body[last];
        if begin > 0 && (begin == last || issuer.is_some()) && self.dateline(&plain(line.text), line.number) {
            let own = issuer.unwrap_or(begin);
            if let Some(at) = issuer {
                let name = plain(self.body[at].text);
                self.signatories.push(Signatory { name, title: None, line: self.body[at].number });
            }
            self.body.truncate(own);
        }
    }

    /// A number, a To and a salutation or subject once more below the letter: two letters in one file.
    fn refuse_second_letter(&mut self, lines: &[Line]) {
        let own = lines.iter().position(is_annex_heading).unwrap_or(lines.len());
        let is = |line: &Line, fields: &[Field]| {
            label(&plain(line.text)).is_some_and(|label| fields.contains(&label.field) && label.colon)
        };
        let after = |from: usize, fits: &dyn Fn(&Line) -> bool| lines[from..own].iter().any(fits);
        let begins = (0..own).find(|at| {
            is(&lines[*at], &[Field::Reference])
                && after(*at, &|line| is(line, &[Field::To]) || bare_to(line))
                && after(*at, &|line| is(line, &[Field::Subject]) || is_salutation(line.text))
        });
        if let Some(at) = begins {
            let message = "a second letter begins here: put each letter into a file of its own";
            self.problems.push(Problem::error(lines[at].number, message));
        }
    }
}

fn bare_to(line: &Line) -> bool {
    super::labels::bare(&plain(line.text)) == Some(Field::To)
}
