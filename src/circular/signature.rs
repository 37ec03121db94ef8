//! From the body down: closing, mark in place of the signature, signatories, and what follows them.
//!
//! A joint letter has several signatories. The title may stand above the name (Chinese, Arabic). Annex lists, notes and a
//! Copy list end the block; routing lines of the file copy ("cc: Mr …, Chrono") and file paths are not sent on.

use super::{
    AddresseeLine, Found, Problem, Signatory,
    columns::foot,
    dateline,
    fold::{after_word, breadth, digit, fold, is_blank, is_han},
    formulas::{is_salutation, signature_mark, without_seal},
    labels::label,
    lines::{Line, bullet, is_rule, plain},
    words::{Field, WORDS},
};
pub(super) use kinds::is_title;
use kinds::{Kind, is_drafter, is_furniture, kind};
use parts::bodies;

mod apart;
mod block;
mod closing;
mod copies;
mod copy_sentences;
mod kinds;
mod parts;
mod place;
mod rows;

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
    let parted = foot::parted(lines);
    let sorted = apart::sorted(&parted);
    let mut foot = read_sorted(&sorted.lines, sought);
    foot.below(&sorted.colophon, sought);
    foot.after.extend(sorted.boxed);
    foot
}

/// Reads lines that stand one below the other.
fn read_sorted<'a>(lines: &[Line<'a>], sought: Sought) -> Foot<'a> {
    let closing = closing::closing(lines);
    let mark = lines.iter().position(|line| signature_mark(line.text).is_some());
    // "Le Directeur" may stand above the mark and the name
    let bare = || place::bare_signature(lines).filter(|at| mark.is_none_or(|mark| *at < mark)).or(mark);
    let Some(start) = closing.map(|(at, _)| at).or_else(bare) else {
        let mut foot = Foot { body: lines.to_vec(), ..Foot::default() };
        foot.copies_of_body(sought);
        foot.copies_of_sentences();
        foot.dateline_of_body();
        foot.refuse_second_letter(lines);
        return foot;
    };
    let mut foot = Foot { body: lines[..start].to_vec(), ..Foot::default() };
    let mut at = start;
    if let Some((_, length)) = closing {
        let own = lines[at..at + length].iter().filter(|line| !line.is_blank());
        let texts: Vec<String> = own.map(|line| plain(line.text)).collect();
        foot.closing = Some(Found { value: texts.join(" "), line: lines[at].number });
        at += length;
    }
    // A rule above the name is the line to sign on.
    let named = lines[at..].iter().position(|line| !line.is_blank() && !is_rule(line.text)).unwrap_or(0);
    let mut begin = at + named;
    if let Some(below) = below_annexes(&lines[begin..]) {
        foot.below(&lines[begin..begin + below], Sought::Nothing);
        begin += below;
    }
    let ends = (begin..lines.len()).find(|at| ends_block(lines[*at].text) || begins_list(&lines[*at..]));
    let end = above_number(lines, begin, ends.unwrap_or(lines.len()));
    foot.copies_of_body(sought);
    foot.copies_of_sentences();
    if closing.is_none() {
        foot.dateline_above();
    }
    foot.block(&lines[begin..end]);
    foot.unsigned_note();
    foot.below(&lines[end..], sought);
    foot.refuse_hidden_copies(&lines[begin..end]);
    foot.refuse_second_letter(&lines[end..]);
    foot
}

/// An annex list may stand between the closing and those who sign: how many lines it takes.
fn below_annexes(lines: &[Line]) -> Option<usize> {
    let first = lines.first()?;
    let printed = plain(first.text);
    let copies = label(&printed).is_some_and(|label| label.field != Field::Annexes);
    let listed = !copies && (has_label(&printed) || heads_list(lines));
    let below = place::bare_signature(lines).filter(|at| listed && *at > 0)?;
    lines[below - 1].is_blank().then_some(below)
}

/// What can only begin a list: its heading above bullets, or "C." before the first of several copies.
fn begins_list(lines: &[Line]) -> bool {
    heads_list(lines) || copies::listed_by_letter(lines).is_some()
}

/// "Documents to be returned:" / "- Form A"
fn heads_list(lines: &[Line]) -> bool {
    let printed = plain(lines[0].text);
    let next = lines[1..].iter().find(|line| !line.is_blank());
    let item = next.is_some_and(|next| bullet(next.text).is_some() && !is_bishop(next.text));
    item && printed.ends_with([':', '：']) && !parts::is_introduction(&printed)
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
    WORDS.openings("annex_singular", printed).iter().any(|word| after_word(printed, word).is_some_and(number))
}

/// "Исп. Петров, тел. 555-01-01", "Contact Ms Example, +41 22 555": whom to ask, without a colon.
fn asks(printed: &str) -> bool {
    let begins = WORDS.openings("label_contact", printed).iter().any(|word| after_word(printed, word).is_some());
    begins && printed.chars().any(|c| digit(c).is_some())
}

/// "(495) 000-00-01", "2026/02441", "8 (000) 000-00-00, доб. 1720": a line of digits and marks.
fn is_number_alone(printed: &str) -> bool {
    let mut words = printed.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    printed.starts_with(|c: char| !c.is_alphabetic())
        && printed.chars().any(|c| digit(c).is_some())
        && words.all(|word| WORDS.has("extensions", &fold(word)))
}

/// "31-20 Пример 200 00 00", "Example +41 22 730 00 00": a number to call, and no term of office, "2026-2030".
fn has_telephone(printed: &str) -> bool {
    const FEWEST: usize = 6;
    let apart = |c: char| digit(c).is_none() && !matches!(c, ' ' | '-' | '(' | ')' | '\u{a0}' | '–');
    let years = |groups: &[usize]| groups == [4, 4];
    let called = printed.split(apart).any(|run| {
        let groups = run.split(|c| digit(c).is_none()).map(|group| group.chars().count()).filter(|count| *count > 0);
        let groups: Vec<usize> = groups.collect();
        groups.iter().sum::<usize>() >= FEWEST && !years(&groups)
    });
    called && dateline::dateline(printed).is_none()
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

/// Whether a line begins an annex list, a Copy list or another labelled part.
fn has_label(printed: &str) -> bool {
    let labelled = label(printed).is_some_and(|label| label.field != Field::From);
    labelled
        || WORDS
            .openings("label_annexes", printed)
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
    let annex = WORDS.openings("label_annexes", &printed).iter().any(|word| after_word(&printed, word).is_some());
    // "Председатель                    Примеров П.П." is broad by its gap
    let cells = rows::cells(text);
    let broadest = cells.iter().map(|cell| breadth(&cell.text)).max().unwrap_or(0);
    let stops = printed.ends_with(['.', '。']) && cells.len() < 2;
    let words = printed.split(is_blank).count();
    let sentence = broadest > BROADEST || (stops && (broadest > 50 || (words > 4 && kind(&printed) == Kind::Other)));
    labelled
        || annex
        || sentence
        || asks(&printed)
        || is_drafter(&printed)
        || (is_furniture(&printed) && dateline::dateline(&printed).is_none())
        || is_note(&printed)
        || is_number_alone(&printed)
        || (cells.len() < 2 && has_telephone(&printed))
        || (bullet(text).is_some() && !is_bishop(text))
        || is_rule(text)
        || text.trim_start().starts_with(['#', '>'])
        // "* New online tool: …" is a note, "*Director*" a title, "**A. Example**, Director" both.
        || (text.trim_start().starts_with('*') && !text.trim_end().ends_with(['*', '\\']) && !names_in_bold(text, &printed))
}

/// "**A. Example**, Director"
fn names_in_bold(text: &str, printed: &str) -> bool {
    let named = || parts::Entry::of(printed, 0).iter().any(|entry| entry.kind == Kind::Name);
    text.trim_start().starts_with("**") && named()
}

/// "+ Jean Exemple": the cross of a bishop, and no bullet.
fn is_bishop(text: &str) -> bool {
    text.trim_start().strip_prefix(kinds::CROSSES).is_some_and(|name| kind(name) == Kind::Name)
}

/// "P.-S. : …", "Encl. as stated": what stands below the names.
fn is_note(printed: &str) -> bool {
    let bare = printed.trim_matches(|c: char| is_blank(c) || matches!(c, '.' | '。' | '(' | ')'));
    is_note_in_brackets(printed)
        || WORDS.has("annex_notes", &fold(bare))
        || WORDS.openings("postscripts", printed).iter().any(|word| after_word(printed, word).is_some())
}

/// "P.S. Tables must be paid for by 16 April.": what the letter adds below the names, in a paragraph of its own.
pub(super) fn postscript<'l, 'a>(after: &'l [Line<'a>]) -> &'l [Line<'a>] {
    let own = after.iter().position(is_annex_heading).unwrap_or(after.len());
    let added = |line: &Line| {
        let printed = plain(line.text);
        WORDS.openings("postscripts", &printed).iter().any(|word| after_word(&printed, word).is_some())
    };
    let Some(first) = after[..own].iter().position(added) else { return &[] };
    let end = after[first..own].iter().position(Line::is_blank).map_or(own, |blank| first + blank);
    // of the line above it is no part
    let begin = first.saturating_sub(usize::from(first > 0 && after[first - 1].is_blank()));
    &after[begin..end]
}

/// "（此件公开发布）": no name in brackets is so long.
fn is_note_in_brackets(printed: &str) -> bool {
    const LONGEST_NAME: usize = 5;
    let inner = printed.strip_prefix(['（', '(']).and_then(|inner| inner.strip_suffix(['）', ')']));
    inner.is_some_and(|inner| {
        inner.chars().filter(|c| is_han(*c)).count() > LONGEST_NAME && !inner.contains(['·', '•', '‧'])
    })
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

    /// "ДИПЛОМАТИЧЕСКИМ ПРЕДСТАВИТЕЛЬСТВАМ" at the foot of a note verbale: those it goes to do not sign it.
    fn unsigned_note(&mut self) {
        let note = self.closing.as_ref().is_some_and(|closing| {
            let folded = fold(&closing.value);
            WORDS.list("note_closings").iter().any(|phrase| folded.contains(phrase.as_str()))
        });
        let signs = |signatory: &Signatory| {
            let posted = signatory.title.as_deref().is_some_and(is_title);
            posted
                || kind(&signatory.name) != Kind::Name
                || kinds::has_initials(&signatory.name)
                || kinds::has_prefix(&signatory.name)
        };
        if note && self.mark.is_none() {
            self.signatories.retain(signs);
        }
    }

    /// The last line of a letter that nobody signs, below the names of the bodies that it comes from, if they are printed.
    fn dateline_of_body(&mut self) {
        const BROADEST: usize = 60;
        const MOST: usize = 6;
        self.notes_in_brackets();
        let Some(last) = self.body.iter().rposition(|line| !line.is_blank()).filter(|last| *last > 0) else { return };
        let begin = self.body[..last].iter().rposition(Line::is_blank).map_or(0, |blank| blank + 1);
        let fits = |text: &str| breadth(text) <= BROADEST && !text.ends_with(['.', '。', ':', '：']);
        // In documents a Chinese issuer is a paragraph of its own.
        let above = last_paragraph(&self.body[..begin]).filter(|(first, _)| *first > 0 && begin == last);
        let (from, to) =
            if begin == last { above.map_or((last, last), |(at, to)| (at, to + 1)) } else { (begin, last) };
        let own = &self.body[from..to];
        let bodies: Vec<(String, u32)> = own.iter().filter_map(issuers).flatten().collect();
        let all = own.len() <= MOST && own.iter().all(|line| issuers(line).is_some());
        let issued = match own {
            _ if all => bodies,
            [one] if begin < last && fits(&plain(one.text)) => vec![(plain(one.text), one.number)],
            _ => Vec::new(),
        };
        let line = self.body[last];
        if begin > 0 && (begin == last || !issued.is_empty()) && self.dateline(&plain(line.text), line.number) {
            self.body.truncate(if issued.is_empty() { begin } else { from });
            let signatory = |(name, line)| Signatory { name, title: None, line };
            self.signatories.extend(issued.into_iter().map(signatory));
        }
    }

    /// "（此件公开发布）" below the date: a note on the letter.
    fn notes_in_brackets(&mut self) {
        let bracketed = |line: &Line| is_note_in_brackets(&plain(line.text));
        let Some(last) = self.body.iter().rposition(|line| !line.is_blank()) else { return };
        let above = self.body[..last].iter().rposition(|line| !line.is_blank());
        let dated = above.is_some_and(|at| dateline::dateline(&plain(self.body[at].text)).is_some());
        if dated && bracketed(&self.body[last]) {
            let note: Vec<Line> = self.body.drain(last..).collect();
            self.after.splice(0..0, note);
        }
    }

    /// "Madrid, 17 de febrero de 2026" straight above those who sign.
    fn dateline_above(&mut self) {
        let Some((first, last)) = last_paragraph(&self.body).filter(|(first, last)| first == last && *first > 0) else {
            return;
        };
        let line = self.body[first];
        if self.dateline(&plain(line.text), line.number) {
            self.body.truncate(last);
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

/// The bodies on a line that is nothing else: "财政部    海关总署    税务总局".
fn issuers(line: &Line) -> Option<Vec<(String, u32)>> {
    const BROADEST: usize = 90;
    let wide = line.text.replace("\u{3000}\u{3000}", "    ");
    let cells = rows::cells(&wide).into_iter();
    let names: Vec<String> = cells
        .flat_map(|cell| bodies(&cell.text).unwrap_or_else(|| vec![without_seal(&cell.text).to_owned()]))
        .collect();
    let han = |name: &String| name.chars().all(is_han) && (4..=BROADEST).contains(&breadth(name));
    let all = !names.is_empty() && names.iter().all(han) && bullet(line.text).is_none();
    all.then(|| names.into_iter().map(|name| (name, line.number)).collect())
}

fn bare_to(line: &Line) -> bool {
    super::labels::bare(&plain(line.text)) == Some(Field::To)
}
