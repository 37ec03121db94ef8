//! Deadlines: the days by which a letter wants something, in six languages.
//!
//! A day counts where a phrase stands straight before it ("by", "au plus tard le"; a clock, a weekday or an article may
//! stand between), straight after it ("之前", "at the latest"), where its sentence names a deadline, and in a list or
//! table headed so. Refuses months, years, spans, and any date that is only mentioned.

use chrono::NaiveDate;

use super::{
    Found, Problem,
    dates::{DateAt, dates_from},
    fold::{after_word, breadth, digit, fold},
    impossible::impossible_days,
    lines::{Line, bullet, is_rule, plain},
    tokens::{Token, tokens},
    words::WORDS,
};
use periods::{Text, is_replaced};
use phrases::is_gap;

mod clock;
mod periods;
mod phrases;

/// Every deadline, in the order of the text, each day once; days that no calendar has are warnings. A day that is printed
/// without its year is the next such day from `from` on, the letter's own.
pub(super) fn deadlines(lines: &[Line], from: NaiveDate) -> (Vec<Found<NaiveDate>>, Vec<Problem>) {
    let mut found = Days { days: Vec::new(), from, problems: Vec::new() };
    let mut headed = Headed::Nothing;
    let mut table: Option<Vec<bool>> = None;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if line.trimmed().starts_with('|') {
            let cells: Vec<&str> = line.trimmed().trim_matches('|').split('|').collect();
            let all = headed == Headed::Deadlines;
            let columns = table.get_or_insert_with(|| cells.iter().map(|cell| all || names_deadline(cell)).collect());
            // "| Deadline for papers | 3 March |": the row is headed by its own cell.
            let mut of_row = false;
            for (column, cell) in cells.iter().enumerate() {
                if is_rule(cell) {
                    continue;
                }
                let of_act = || cells[..column].iter().any(|lead| names_act(lead)) && ends_period(cell, found.from);
                if of_row || columns.get(column) == Some(&true) || of_act() {
                    item(cell, line.number, &mut found);
                } else {
                    // "| Applications | by 12 April 2027 |": by its own phrase
                    paragraph(&[Line { text: cell, ..line }], &mut found);
                }
                of_row |= names_deadline(cell) || (headed == Headed::Dates && names_act(cell));
            }
            at += 1;
            continue;
        }
        table = None;
        if line.is_blank() {
            at += 1;
            continue;
        }
        if let Some(heading) = heading(&lines[at..], found.from) {
            headed = heading;
            item(line.text, line.number, &mut found);
            at += 1;
            continue;
        }
        if bullet(line.text).is_none() && !is_entry(line.text, found.from) {
            headed = Headed::Nothing;
        }
        let end = (at + 1..lines.len()).find(|next| ends_paragraph(lines[*next].text)).unwrap_or(lines.len());
        let own = &lines[at..end];
        match headed {
            Headed::Deadlines => own.iter().for_each(|line| item(line.text, line.number, &mut found)),
            Headed::Dates => acts(own, &mut found),
            Headed::Nothing => {
                paragraph(own, &mut found);
                headed = announces(own, &lines[end..], found.from);
            }
        }
        at = end;
    }
    (found.days, found.problems)
}

/// What the line above a list says of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Headed {
    Nothing,
    /// "Key deadlines": each is one.
    Deadlines,
    /// "Important dates": those by which an addressee has to do something are.
    Dates,
}

/// What has been read so far.
struct Days {
    days: Vec<Found<NaiveDate>>,
    /// A day without a year is the first from this on.
    from: NaiveDate,
    problems: Vec<Problem>,
}

fn ends_paragraph(text: &str) -> bool {
    text.trim().is_empty() || bullet(text).is_some() || text.trim_start().starts_with(['|', '#'])
}

/// "Key deadlines:"
fn is_heading(text: &str) -> bool {
    let printed = plain(text);
    WORDS.list("deadline_headings").iter().any(|heading| {
        after_word(&printed, heading)
            .is_some_and(|rest| breadth(rest) < 40 && rest.trim_start_matches([' ', '\u{a0}']).starts_with([':', '：']))
            || fold(&printed) == *heading
    })
}

/// A line that heads a list of days.
fn heading(lines: &[Line], from: NaiveDate) -> Option<Headed> {
    if is_heading(lines[0].text) {
        return Some(Headed::Deadlines);
    }
    lists_below(lines, from).then(|| names_dates(lines[0].text)).flatten()
}

/// "Deadlines for the submission of papers", "Act      Deadline": a short line without a day, above a list of days.
fn lists_below(lines: &[Line], from: NaiveDate) -> bool {
    const BROADEST: usize = 100;
    let [line, below @ ..] = lines else { return false };
    let Some(next) = below.iter().find(|line| !line.is_blank()) else { return false };
    let title = breadth(line.trimmed()) <= BROADEST && !line.trimmed().ends_with(['.', '。', ';', ',']);
    title && is_entry(next.text, from) && days_of(line.text, from).is_empty()
}

/// "The deadlines are as follows:", "Please note the important dates:" above a list or a table.
fn announces(paragraph: &[Line], below: &[Line], from: NaiveDate) -> Headed {
    let Some(last) = paragraph.last().map(|line| line.trimmed()).filter(|text| text.ends_with([':', '：'])) else {
        return Headed::Nothing;
    };
    let text = paragraph.iter().map(Line::trimmed).collect::<Vec<_>>().join(" ");
    let sentence = text.rsplit('。').next().and_then(|text| text.rsplit(". ").next()).unwrap_or_default();
    // "2. The important dates are:" is a paragraph with its number, "– Deadlines:" an item
    let item = bullet(last).is_some() && !last.starts_with(|c| digit(c).is_some());
    // "There is an error in the table of deadlines. It should read as follows:"
    let listed = || below.iter().find(|line| !line.is_blank()).is_some_and(|next| begins_with_day(next.text, from));
    let above = || (names_deadline(&text) && listed()).then_some(Headed::Deadlines);
    names_dates(sentence).or_else(above).filter(|_| !item).unwrap_or(Headed::Nothing)
}

/// Whether a text names deadlines, or dates among which there may be some.
fn names_dates(text: &str) -> Option<Headed> {
    if names_deadline(text) {
        return Some(Headed::Deadlines);
    }
    phrases::holds(&tokens(text), "deadline_dates").then_some(Headed::Dates)
}

/// What addressees have to do is named, and no event.
fn names_act(text: &str) -> bool {
    let tokens = tokens(text);
    phrases::holds(&tokens, "deadline_acts") && !phrases::holds(&tokens, "deadline_events")
}

fn names_deadline(text: &str) -> bool {
    let folded = fold(text);
    WORDS.list("deadline_nouns").iter().any(|noun| folded.contains(noun.as_str()))
}

impl Days {
    fn add(&mut self, day: NaiveDate, line: u32) {
        if self.days.iter().all(|other| other.value != day) {
            self.days.push(Found { value: day, line });
        }
    }

    fn impossible(&mut self, tokens: &[Token], text: &str, line_at: impl Fn(usize) -> u32) {
        let slips = impossible_days(tokens, text);
        self.problems.extend(slips.into_iter().map(|(octet, message)| Problem::warning(line_at(octet), message)));
    }
}

/// A line of a list of deadlines: its days, of a period the last, and none that another takes the place of. Where it begins
/// with its day, those behind it are what the act is for.
fn item(text: &str, line: u32, found: &mut Days) {
    let most = if begins_with_day(text, found.from) { 1 } else { usize::MAX };
    let tokens = tokens(text);
    let dates = dates_from(&tokens, found.from);
    let own = Text { text, tokens: &tokens, dates: &dates };
    let ends_later = |at: usize| at + 1 < dates.len() && own.period(at + 1).is_some();
    let valid = |at: &usize| !ends_later(*at) && !is_replaced(&own, *at) && !own.is_mistaken(*at);
    let day = |at: usize| if own.is_last_of_period(at) { dates[at].last_day() } else { dates[at].day() };
    for day in (0..dates.len()).filter(valid).filter_map(day).take(most) {
        found.add(day, line);
    }
    found.impossible(&tokens, text, |_| line);
}

/// Lines of a list of dates: those that name what addressees do count as they stand, others by their phrases.
fn acts(lines: &[Line], found: &mut Days) {
    let by_line = lines.iter().all(|line| is_entry(line.text, found.from));
    for own in lines.chunks(if by_line { 1 } else { lines.len().max(1) }) {
        let text = own.iter().map(|line| line.text).collect::<Vec<_>>().join(" ");
        let named = names_act(&text) && is_entry(&text, found.from);
        if named || is_long_period(&text, found.from) {
            item(&text, own[0].number, found);
        } else {
            paragraph(own, found);
        }
    }
}

/// "Assignment by the departments: from 15 March to 23 April": no event takes so long.
fn is_long_period(text: &str, from: NaiveDate) -> bool {
    const LONGEST_EVENT: i64 = 14;
    let tokens = tokens(text);
    let dates = dates_from(&tokens, from);
    let own = Text { text, tokens: &tokens, dates: &dates };
    let days = |at: usize| Some((dates[at].last_day()? - dates[at - 1].last_day()?).num_days());
    (1..dates.len()).any(|at| own.is_last_of_period(at) && days(at).is_some_and(|days| days > LONGEST_EVENT))
}

/// "20 to 27 September", beside an act: the last day of a period.
fn ends_period(text: &str, from: NaiveDate) -> bool {
    let tokens = tokens(text);
    let dates = dates_from(&tokens, from);
    let own = Text { text, tokens: &tokens, dates: &dates };
    (0..dates.len()).any(|at| own.is_last_of_period(at))
}

/// Whether a line is a day and an act, in either order.
fn is_entry(text: &str, from: NaiveDate) -> bool {
    begins_with_day(text, from) || ends_with_day(text, from)
}

/// "1 October 2026   Submit contributions for the meeting of 1 December 2026": the day before the act.
fn begins_with_day(text: &str, from: NaiveDate) -> bool {
    let tokens = tokens(bullet(text).unwrap_or(text));
    let leads = |token: &Token| {
        token.word().is_some_and(|word| WORDS.has("weekdays", word) || WORDS.has("before_date", word))
            || token.mark() == Some(',')
    };
    let first = tokens.iter().position(|token| !leads(token));
    first.is_some_and(|first| {
        dates_from(&tokens, from).iter().any(|date| date.tokens.start == first && date.day().is_some())
    })
}

fn days_of(text: &str, from: NaiveDate) -> Vec<NaiveDate> {
    dates_from(&tokens(text), from).iter().filter_map(DateAt::day).collect()
}

/// "Submission of abstracts: 1 March 2026", "Visas ........ 3 March (noon)": the act before its day, behind a mark or a gap.
fn ends_with_day(text: &str, from: NaiveDate) -> bool {
    const BROADEST: usize = 160;
    let inner = bullet(text).unwrap_or(text).trim_end_matches([' ', ';', '.', ',']);
    // "31 July (instead of 10 July)"
    let lead = inner.strip_suffix(')').and_then(|inner| inner.rsplit_once('(')).map(|(lead, _)| lead.trim_end());
    let inner = lead.filter(|lead| !days_of(lead, from).is_empty()).unwrap_or(inner);
    let tokens = tokens(inner);
    dates_from(&tokens, from).last().is_some_and(|date| {
        let Some(before) = date.tokens.start.checked_sub(1).map(|at| &tokens[at]) else { return false };
        let marked = matches!(before.mark(), Some(':' | '-' | '.' | '(' | '：'));
        let gap = is_gap(inner, before, &tokens[date.tokens.start]);
        let behind = &tokens[date.tokens.end..];
        let bare = behind.iter().all(|token| matches!(token.mark(), Some(';' | ',' | '.' | ')' | '；' | '。')));
        let ends = bare || clock::is_clock(behind);
        date.day().is_some() && ends && breadth(text) <= BROADEST && (marked || gap)
    })
}

/// A paragraph is read as one text, since dates and phrases wrap.
fn paragraph(lines: &[Line], found: &mut Days) {
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in lines {
        starts.push((text.len(), line.number));
        text.push_str(line.text);
        text.push('\n');
    }
    let tokens: Vec<Token> =
        tokens(&text).into_iter().filter(|token| !matches!(token.mark(), Some('*' | '_' | '[' | ']'))).collect();
    let all = dates_from(&tokens, found.from);
    let line_at = |octet: usize| starts.iter().rfind(|(start, _)| *start <= octet).map_or(0, |(_, line)| *line);
    let own = Text { text: &text, tokens: &tokens, dates: &all };
    // a deadline that was given by mistake, until the day that corrects it
    let mut mistaken = false;
    for (at, date) in all.iter().enumerate() {
        if own.is_mistaken(at) {
            mistaken = own.was_deadline(at);
            continue;
        }
        let corrected = mistaken && own.corrects(at);
        mistaken &= !corrected;
        let valid = !is_replaced(&own, at) && !own.is_reported(at);
        let day = match () {
            () if corrected => date.last_day(),
            () if own.stands_instead(at) => date.day(),
            () => own.deadline(at).filter(|_| valid),
        };
        if let Some(day) = day {
            found.add(day, line_at(tokens[date.tokens.start].start));
        }
    }
    found.impossible(&tokens, &text, line_at);
}

#[cfg(test)]
mod tests;
