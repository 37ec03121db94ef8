//! What the printed head says without a label: datelines, numbers as headings, dative addressees, a title as subject.

use super::{
    super::{
        Found, Problem, Reference,
        addressee_lines::{begins_addressee, is_chinese_address, is_dative},
        dateline::{self, Dateline},
        dates::Reading,
        fold::{after_word, before, digit, fold, is_blank, is_han},
        formulas::is_confidential,
        head_lines::{Cell, joined},
        labels::{Label, label},
        numbering, supplement,
        words::{Field, WORDS},
    },
    Open::{self, ToList},
    Reader,
};

/// A dateline and its line.
type Dated = (Dateline, u32);

impl Reader<'_, '_> {
    /// A dateline, a number as heading, a supplement's heading, dative addressees, a title that is the subject.
    pub(super) fn unlabelled(&mut self) -> bool {
        let cell = &self.cells[self.at];
        let (text, line) = (cell.text.clone(), cell.number);
        if is_confidential(&text) {
            let message = format!("the letter is marked \"{text}\": check that it is meant for every addressee");
            self.found.problems.push(Problem::note(line, message));
            return false;
        }
        if self.letter_to() {
            return true;
        }
        if let Some((dateline, reference)) = dated_number(&text).filter(|_| self.heading.is_none()) {
            self.heading = Some(Found { value: reference, line });
            self.dateline(dateline, line);
            return self.taken();
        }
        if self.dates_the_heading(&text) {
            return self.taken();
        }
        if self.found.date.is_none()
            && let Some(dateline) = dateline::dateline(&text).or_else(|| self.day_of_heading(&text))
        {
            self.dateline(dateline, line);
            return self.taken();
        }
        // The date once more, with its place.
        if self.found.place.is_none()
            && let Some(again) = dateline::dateline(&text).filter(|again| again.place.is_some())
            && self.found.date.as_ref().is_some_and(|date| again.reading == Reading::Sure(date.value))
        {
            self.dateline(again, line);
            return self.taken();
        }
        let at_the_end = dateline::at_the_end(&text);
        if let Some((reference, dateline)) = at_the_end.filter(|(number, _)| numbering::is_reference(number)) {
            self.heading = self.heading.take().or(unmarked(reference).map(|value| Found { value, line }));
            if !dates_the_parent(&text, reference) {
                self.dateline(dateline, line);
            }
            return self.taken();
        }
        if let Some((reference, dateline, more)) = self.heading_of_lines(&text).filter(|_| self.heading.is_none()) {
            self.heading = Some(Found { value: reference, line });
            self.at += more;
            dateline.into_iter().for_each(|(dateline, line)| self.dateline(dateline, line));
            return self.taken();
        }
        if self.kind_above_title(&text) {
            return true;
        }
        if let Some(number) = self.kind_beside_date(&text).filter(|_| self.heading.is_none()) {
            self.heading = Some(number);
            return self.taken();
        }
        // "Service letter No.: 12/SG"
        let labelled = numbering::behind_marked_label(&text).filter(|_| numbering::begins_with_kind(&text));
        if let Some(value) = labelled.filter(|_| self.heading.is_none()).and_then(Reference::new) {
            self.heading = Some(Found { value, line });
            return self.taken();
        }
        if numbering::is_reference(&text) && self.heading.is_none() {
            self.heading = unmarked(&text).map(|value| Found { value, line });
            self.taken();
            self.title_of_number(line);
            return true;
        }
        if self.heading.is_none() && self.found.reference.is_none() && self.titled_number(&text, line) {
            return true;
        }
        let number = numbering::behind_marked_label(&text).or_else(|| numbering::behind_mark(&text));
        if let Some(value) = number.filter(|_| self.cited.is_none()).and_then(Reference::new) {
            self.cited = Some(Found { value, line });
            return self.taken();
        }
        if let Some(taken) = self.office_number(&text, line) {
            return taken;
        }
        if let Some(supplement) = supplement::heading(&text).filter(|_| self.supplement_line.is_none()) {
            // "Дополнение 2" / "к информационному письму № 301/26": the letter's own number is another
            let below = self.cells.get(self.at + 1).filter(|below| supplement::names_parent(&below.text));
            let parent = below.is_some();
            self.supplement_line = Some((supplement, if parent { String::new() } else { text }));
            self.at += usize::from(parent);
            return self.taken();
        }
        self.opened(&text)
    }

    /// "(dated 3 February 2026)", "от 3 февраля 2026 г.", straight below "Addendum 1 to Circular Letter 12": the date is that of
    /// Circular Letter 12, where the letter has one of its own.
    pub(super) fn dates_the_heading(&self, text: &str) -> bool {
        let line = self.cells[self.at].number;
        let straight = |above: usize| self.cells[above].number + 1 == line && !self.cells[above].is_blank();
        let heading = self.heading.as_ref().filter(|_| self.at.checked_sub(1).is_some_and(straight));
        let names = |printed: &str| supplement::in_reference(printed).is_some_and(|(_, parent)| !parent.is_empty());
        if !heading.is_some_and(|heading| names(heading.value.as_str())) {
            return false;
        }
        let inner = text.trim_matches(|c| is_blank(c) || matches!(c, '(' | ')'));
        let dated = WORDS.list("dated").iter().find_map(|word| after_word(inner, word));
        let is_date = |cell: &Cell| dateline::dateline(&cell.text).is_some() && label(&cell.text).is_none();
        let own = self.found.date.is_some() || self.cells[self.at + 1..self.end].iter().any(is_date);
        own && dated.is_some_and(|date| dateline::dateline(date).is_some_and(|dateline| dateline.place.is_none()))
    }

    /// "( Septiembre 30 )", below "CARTA CIRCULAR 58 DE 2026".
    fn day_of_heading(&self, text: &str) -> Option<Dateline> {
        let number = self.heading.as_ref().or(self.found.reference.as_ref())?.value.as_str();
        let year = number.split(is_blank).rfind(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()))?;
        dateline::in_brackets(text, year)
    }

    /// A number as offices file their letters, alone or beside the dateline: the letter's own if it prints no other.
    fn office_number(&mut self, text: &str, line: u32) -> Option<bool> {
        let text = numbering::without_author(text);
        let beside = dateline::at_the_end(text).filter(|_| has_gap(text));
        let (number, dateline) = match beside {
            Some((number, dateline)) => (number.to_owned(), Some(dateline)),
            None => (text.to_owned(), None),
        };
        let beside_date = dateline.is_some() && numbering::is_in_capitals(&number);
        let fits = numbering::is_file_code(&number)
            || numbering::is_office_number(&number)
            || numbering::is_like_a_number(&number)
            || beside_date;
        let free = self.cited.is_none() || dateline.is_some();
        (fits && free).then(|| {
            self.cited = self.cited.take().or(unmarked(&number).map(|value| Found { value, line }));
            dateline.into_iter().for_each(|dateline| self.dateline(dateline, line));
            self.taken()
        })
    }

    /// "Circular Letter" or "Corrigendum 2 to" straight above the number that it belongs to.
    /// A dateline may stand at the end of the number's line.
    fn heading_of_lines(&self, text: &str) -> Option<(Reference, Option<Dated>, usize)> {
        const LINES: usize = 6;
        let mut joined = text.to_owned();
        let of_kind = |(_, parent): (_, String)| numbering::is_kind_of_letter(&parent);
        let begins = numbering::is_kind_of_letter(text)
            || of_office(text)
            || supplement::names_parent_below(text)
            || supplement::in_reference(text).is_some_and(of_kind);
        // "Addendum 1" / "to Administrative Circular CACE/1200"
        let supplements = supplement::heading(text).is_some();
        let mut dateline = None;
        for more in 1..LINES {
            let cell = self.cells.get(self.at + more).filter(|cell| !cell.is_blank())?;
            let (next, beside) = without_dateline(&cell.text);
            dateline = dateline.or(beside.map(|beside| (beside, cell.number)));
            // "к Административному циркуляру", beside it "20 мая 2026 года", below both "CA/301"
            let of_supplement = supplements || (begins && !numbering::is_kind_of_letter(text));
            if next.is_empty() && of_supplement {
                continue;
            }
            // "Lettre circulaire" / "7/LCCE/88", "MEMORANDUM CIRCULAR" / "No. 05-08-2026"
            let marked = WORDS.list("number_marks").iter().any(|mark| after_word(next, mark).is_some());
            let numbered = marked
                || (next.starts_with(|c| digit(c).is_some()) && next.contains('/'))
                || numbering::is_file_code(next);
            let dated = dated_number(next).is_some();
            let fits = begins && !dated && (numbering::is_reference(next) || numbered);
            // "普通照会" / "（示）领字第118号": a number of its own
            let own = next.ends_with(['号', '號']) && next.contains(is_han);
            if fits && own && !supplements {
                return Reference::new(next).map(|reference| (reference, dateline, more));
            }
            joined = format!("{joined} {next}");
            // "Addendum 2 to" / "Circular Letter" / "CR/587"
            let names = || supplement::in_reference(&joined).is_some_and(|(_, parent)| !parent.is_empty());
            let goes_on = supplements
                && (more > 1
                    || next.starts_with(char::is_lowercase)
                    || numbering::is_kind_of_letter(next)
                    || supplement::names_parent_below(&joined)
                    || names());
            let known = numbering::is_reference(&joined) || (marked && is_of_office(&joined));
            if (fits || goes_on) && known {
                return Reference::new(&joined).map(|reference| (reference, dateline, more));
            }
            if !goes_on {
                return None;
            }
        }
        None
    }

    /// "Circulaire administrative          Le 30 juin 2026" above "CACE/1218".
    fn kind_beside_date(&mut self, text: &str) -> Option<Found<Reference>> {
        let gap = text.rfind("   ").or_else(|| text.rfind('\t'))?;
        let (kind, date) = (text[..gap].trim(), text[gap..].trim());
        let dateline = dateline::dateline(date).filter(|_| numbering::is_kind_of_letter(kind))?;
        let (value, _, more) = self.heading_of_lines(kind)?;
        let line = self.cells[self.at].number;
        self.dateline(dateline, line);
        self.at += more;
        Some(Found { value, line })
    }

    /// Dative addressees, and a title that is the subject: known by how they begin.
    fn opened(&mut self, text: &str) -> bool {
        // Chinese letters print the title first, and end the list of addressees with a colon.
        let dative = is_dative(text) && !text.ends_with('.');
        let below = self.cells[self.at..].iter().take_while(|cell| cell.is_list_text()).count();
        let paragraph = joined(&self.cells[self.at..self.at + below]);
        let colon = paragraph.ends_with([':', '：']);
        let address = self.found.subject.is_some() && is_chinese_address(&paragraph);
        let list_ends = self.found.subject.is_none() || colon || dative || self.stands_last(below);
        let known = begins_addressee(text) || self.begins_datives(text) || address;
        if (known || self.stands_above_subject(below)) && list_ends && self.found.to.is_empty() {
            self.addressees(ToList, Label { field: Field::To, colon: true, rest: text });
            return true;
        }
        let closes = || WORDS.list("subject_closers").iter().any(|closing| fold(text).ends_with(closing.as_str()));
        let unquoted = text.trim_start_matches(['«', '"', '“', '„']);
        let opens = || {
            WORDS
                .list("subject_openers")
                .iter()
                .any(|word| after_word(unquoted, word).is_some_and(|rest| !rest.is_empty()))
        };
        if (opens() || closes()) && self.found.subject.is_none() {
            if let Some(above) = self.title_above(text) {
                self.at = above;
                let first = self.cells[above].text.clone();
                self.subject(Label { field: Field::Subject, colon: true, rest: &first });
                return true;
            }
            self.subject(Label { field: Field::Subject, colon: true, rest: text });
            return true;
        }
        false
    }

    /// "教育部办公厅关于做好" straight above "有关工作的通知", "示例省人民政府办公厅" below the number and straight above "关于…的通知":
    /// where the title begins, taken back from the lines passed over.
    fn title_above(&mut self, text: &str) -> Option<usize> {
        let above = self.at.checked_sub(1)?;
        let cell = &self.cells[above];
        let adjoins = cell.number + 1 == self.cells[self.at].number;
        let office = || {
            let alone = above.checked_sub(1).is_none_or(|before| self.cells[before].is_blank());
            let begun = self.heading.is_some() || self.found.reference.is_some() || self.cited.is_some();
            let unit = WORDS.list("units").iter().any(|unit| before(&cell.text, unit).is_some());
            alone && begun && unit && cell.text.chars().all(is_han)
        };
        let begins = if fold(text).contains("关于") {
            fold(text).starts_with("关于") && office()
        } else {
            fold(&cell.text).contains("关于")
        };
        let lines = [&mut self.found.remarks, &mut self.found.letterhead];
        let kept = lines.into_iter().find(|kept| kept.last().is_some_and(|last| last.line == cell.number))?;
        (begins && adjoins).then(|| kept.pop()).flatten().map(|_| above)
    }

    pub(super) fn taken(&mut self) -> bool {
        self.open = Open::Nothing;
        self.at += 1;
        true
    }
}

/// "DepEd MEMORANDUM": a short name before the kind of the letter.
fn of_office(text: &str) -> bool {
    behind_office(text).is_some_and(numbering::is_kind_of_letter)
}

fn is_of_office(text: &str) -> bool {
    behind_office(text).is_some_and(numbering::is_reference)
}

fn behind_office(text: &str) -> Option<&str> {
    const LONGEST: usize = 10;
    let (office, kind) = text.split_once(is_blank)?;
    let named = office.starts_with(char::is_uppercase) && office.chars().all(char::is_alphabetic);
    (named && office.chars().count() <= LONGEST).then_some(kind)
}

/// Columns on one line: "CL 26/2026            Monaco, 14 April 2026".
pub(super) fn has_gap(text: &str) -> bool {
    text.contains("   ") || text.contains('\t')
}

/// "к Административному циркуляру          20 мая 2026 года", "CR/587          3 March 2026": what stands before the dateline at the
/// end of a line with a gap; nothing, where the line is a dateline.
fn without_dateline(text: &str) -> (&str, Option<Dateline>) {
    if let Some(dateline) = dateline::dateline(text) {
        return ("", Some(dateline));
    }
    if let Some((number, dateline)) = dateline::at_the_end(text).filter(|_| has_gap(text)) {
        return (number, Some(dateline));
    }
    let gap = text.rfind("   ").or_else(|| text.rfind('\t'));
    let parted = gap.map(|gap| (text[..gap].trim_matches(is_blank), dateline::dateline(&text[gap..])));
    match parted {
        Some((lead, Some(dateline))) if !lead.is_empty() => (lead, Some(dateline)),
        _ => (text, None),
    }
}

/// "24 марта 2011 года № 143-Т": the number follows its date.
pub(super) fn dated_number(text: &str) -> Option<(Dateline, Reference)> {
    let (date, number) = text.split_once('№')?;
    Some((dateline::dateline(date)?, Reference::new(number)?))
}

/// "Corrigendum 1 to Circular 12 of 3 March 2026": the date is that of Circular 12.
fn dates_the_parent(text: &str, reference: &str) -> bool {
    let behind = text.trim_start_matches(is_blank).strip_prefix(reference).unwrap_or_default();
    let behind = behind.trim_start_matches(|c| is_blank(c) || matches!(c, ',' | '('));
    let linked = WORDS.list("dated").iter().any(|word| after_word(behind, word).is_some());
    linked && supplement::in_reference(reference).is_some_and(|(_, parent)| !parent.is_empty())
}

/// "№ 143-Т" is the number 143-Т, "No. A/118" the number A/118.
pub(super) fn unmarked(number: &str) -> Option<Reference> {
    let marked = number.strip_prefix('№').or_else(|| number.strip_prefix("No. "));
    Reference::new(marked.unwrap_or(number))
}
