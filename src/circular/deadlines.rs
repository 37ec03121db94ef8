//! Deadlines: the days by which a letter wants something, in six languages.
//!
//! A day counts where a phrase stands straight before it ("by", "au plus tard le"; a clock, a weekday or an article may
//! stand between), straight after it ("之前", "at the latest"), where its sentence names a deadline, and in a list or
//! table headed so. Refuses months, years, spans, and any date that is only mentioned.

use chrono::NaiveDate;

use super::{
    Found, Problem,
    dates::{DateAt, dates_from},
    fold::{after_word, breadth, fold},
    impossible::impossible_days,
    lines::{Line, bullet, is_rule, plain},
    tokens::{Kind, Token, tokens},
    words::WORDS,
};

/// Every deadline, in the order of the text, each day once; days that no calendar has are warnings. A day that is printed
/// without its year is the next such day from `from` on, the letter's own.
pub(super) fn deadlines(lines: &[Line], from: NaiveDate) -> (Vec<Found<NaiveDate>>, Vec<Problem>) {
    let mut found = Days { days: Vec::new(), from, problems: Vec::new() };
    let mut headed = false;
    let mut table: Option<Vec<bool>> = None;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if line.trimmed().starts_with('|') {
            let cells: Vec<&str> = line.trimmed().trim_matches('|').split('|').collect();
            let columns =
                table.get_or_insert_with(|| cells.iter().map(|cell| headed || names_deadline(cell)).collect());
            // "| Deadline for papers | 3 March |": the row is headed by its own cell.
            let mut of_row = false;
            for (column, cell) in cells.iter().enumerate() {
                if (of_row || columns.get(column) == Some(&true)) && !is_rule(cell) {
                    every_day(cell, line.number, &mut found);
                }
                of_row |= names_deadline(cell);
            }
            at += 1;
            continue;
        }
        table = None;
        if line.is_blank() {
            at += 1;
            continue;
        }
        if is_heading(line.text) || heads_list(&lines[at..], found.from) {
            headed = true;
            every_day(line.text, line.number, &mut found);
            at += 1;
            continue;
        }
        let entry = || begins_with_day(line.text, found.from) || ends_with_day(line.text, found.from);
        headed &= bullet(line.text).is_some() || entry();
        let end = (at + 1..lines.len()).find(|next| ends_paragraph(lines[*next].text)).unwrap_or(lines.len());
        if headed {
            for line in &lines[at..end] {
                if begins_with_day(line.text, found.from) {
                    first_day(line.text, line.number, &mut found);
                } else {
                    every_day(line.text, line.number, &mut found);
                }
            }
        } else {
            paragraph(&lines[at..end], &mut found);
            headed = announces(&lines[at..end]);
        }
        at = end;
    }
    (found.days, found.problems)
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

/// "Deadlines for the submission of papers", "Act      Deadline": a line that names deadlines and no day, above a list of days.
fn heads_list(lines: &[Line], from: NaiveDate) -> bool {
    const BROADEST: usize = 100;
    let [line, below @ ..] = lines else { return false };
    let Some(next) = below.iter().find(|line| !line.is_blank()) else { return false };
    let lists = begins_with_day(next.text, from) || ends_with_day(next.text, from);
    let title = breadth(line.trimmed()) <= BROADEST && !line.trimmed().ends_with(['.', '。', ';', ',']);
    title && lists && names_deadline(line.text) && days_of(line.text, from).is_empty()
}

/// "The deadlines are as follows:" above a list or a table.
fn announces(paragraph: &[Line]) -> bool {
    let Some(last) = paragraph.last().map(|line| line.trimmed()).filter(|text| text.ends_with([':', '：'])) else {
        return false;
    };
    let text = paragraph.iter().map(Line::trimmed).collect::<Vec<_>>().join(" ");
    let sentence = text.rsplit('。').next().and_then(|text| text.rsplit(". ").next()).unwrap_or_default();
    bullet(last).is_none() && names_deadline(sentence)
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

fn every_day(text: &str, line: u32, found: &mut Days) {
    let tokens = tokens(text);
    for day in dates_from(&tokens, found.from).iter().filter_map(DateAt::day) {
        found.add(day, line);
    }
    found.impossible(&tokens, text, |_| line);
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

/// "Submission of abstracts: 1 March 2026", "Visas ........ 3 March": the act before its day, behind a mark or a gap.
fn ends_with_day(text: &str, from: NaiveDate) -> bool {
    const BROADEST: usize = 120;
    let text = text.trim_end().trim_end_matches([';', ',', '.', ')']);
    let tokens = tokens(bullet(text).unwrap_or(text));
    let inner = bullet(text).unwrap_or(text);
    dates_from(&tokens, from).last().is_some_and(|date| {
        let Some(before) = date.tokens.start.checked_sub(1).map(|at| &tokens[at]) else { return false };
        let marked = matches!(before.mark(), Some(':' | '-' | '.' | '('));
        let gap = is_gap(inner, before, &tokens[date.tokens.start]);
        date.day().is_some() && date.tokens.end == tokens.len() && breadth(text) <= BROADEST && (marked || gap)
    })
}

/// Whether two tokens of a line stand in two columns.
fn is_gap(text: &str, before: &Token, after: &Token) -> bool {
    let between = text.get(before.end..after.start).unwrap_or_default();
    !between.contains('\n') && (between.contains("   ") || between.contains('\t'))
}

fn first_day(text: &str, line: u32, found: &mut Days) {
    if let Some(day) = dates_from(&tokens(text), found.from).iter().find_map(DateAt::day) {
        found.add(day, line);
    }
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
    for (at, date) in all.iter().enumerate() {
        let moved = at.checked_sub(1).is_some_and(|before| is_moved(&tokens, &all[before], date));
        let day = if moved { date.last_day() } else { date.day() };
        let Some(day) = day else { continue };
        if (moved || is_deadline(&tokens, date, &text)) && !is_replaced(&tokens, date) {
            found.add(day, line_at(tokens[date.tokens.start].start));
        }
    }
    found.impossible(&tokens, &text, line_at);
}

fn is_deadline(tokens: &[Token], date: &DateAt, text: &str) -> bool {
    let (before, after) = (&tokens[..date.tokens.start], &tokens[date.tokens.end..]);
    if WORDS.phrases("deadline_meetings").iter().any(|phrase| ends_with(before, phrase).is_some()) {
        return false;
    }
    // "Deadline for registration      15 January 2022"
    let gap = before.last().zip(tokens.get(date.tokens.start)).is_some_and(|(one, other)| is_gap(text, one, other));
    let beside = || gap && sentence(before).is_some_and(holds_noun);
    follows_phrase(before) || phrase_follows(after) || follows_noun(before) || beside()
}

/// "Instead of 'by 4 September' read 'by 14 September'": a day that another takes the place of.
fn is_replaced(tokens: &[Token], date: &DateAt) -> bool {
    const NEAR: usize = 4;
    let begins = |tokens: &[Token], list: &str| WORDS.phrases(list).iter().any(|phrase| starts_with(tokens, phrase));
    let after = &tokens[date.tokens.end..];
    let changed = (0..after.len().min(NEAR))
        .take_while(|at| *at == 0 || !matches!(after[at - 1].mark(), Some('.' | ',' | ';')))
        .any(|at| begins(&after[at..], "deadline_changed"));
    let before = sentence(&tokens[..date.tokens.start]).unwrap_or_default();
    let old = (0..before.len()).rev().find(|at| begins(&before[*at..], "deadline_replaced"));
    let new = (0..before.len()).rev().find(|at| begins(&before[*at..], "deadline_reads"));
    changed || old.is_some_and(|old| new.is_none_or(|new| new < old))
}

fn starts_with(tokens: &[Token], phrase: &[Kind]) -> bool {
    tokens.len() >= phrase.len() && tokens.iter().zip(phrase).all(|(token, kind)| token.kind == *kind)
}

/// "The deadline has been extended from 1 December 2026 to 8 December 2026": not a span, but one day instead of another.
fn is_moved(tokens: &[Token], first: &DateAt, second: &DateAt) -> bool {
    const WIDEST: usize = 3;
    let between = second.tokens.start.saturating_sub(first.tokens.end);
    let before = &tokens[..first.tokens.start];
    let Some(lead) = sentence(before).filter(|lead| holds_noun(lead)) else { return false };
    // "extended the deadline for papers from": the verb may stand apart from its "from".
    let moves = WORDS.phrases("deadline_moves").iter().filter_map(|phrase| phrase.split_last()).any(|(from, verb)| {
        let head = ends_with(lead, std::slice::from_ref(from));
        head.is_some_and(|head| (0..=head.len()).any(|end| ends_with(&head[..end], verb).is_some()))
    });
    (1..=WIDEST).contains(&between) && moves
}

fn holds_noun(sentence: &[Token]) -> bool {
    let nouns = WORDS.phrases("deadline_nouns");
    (0..=sentence.len()).any(|end| nouns.iter().any(|noun| ends_with(&sentence[..end], noun).is_some()))
}

/// Drops tokens of clocks, weekdays and articles from the end, one at a time, and asks after each.
fn without_clock(before: &[Token], mut ask: impl FnMut(&[Token]) -> bool) -> bool {
    // "not later than 2400 hours (Geneva time) on Friday, the": the longest that letters print.
    const MOST: usize = 14;
    let mut rest = before;
    for _ in 0..MOST {
        if ask(rest) {
            return true;
        }
        let Some((last, others)) = rest.split_last() else { return false };
        if let Some(lead) = before_brackets(rest) {
            rest = lead;
            continue;
        }
        let passes = match &last.kind {
            Kind::Number(_, digits) => *digits <= 5,
            Kind::Mark(mark) => matches!(mark, ':' | '.' | ',' | '(' | ')' | '-' | '\''),
            Kind::Word(word) => {
                ["clock_words", "clock_leads", "weekdays", "before_date"].iter().any(|list| WORDS.has(list, word))
            }
        };
        if !passes {
            return false;
        }
        rest = others;
    }
    false
}

/// "5 p.m. (Manila time)": what stands before a few words in brackets.
fn before_brackets(tokens: &[Token]) -> Option<&[Token]> {
    const MOST: usize = 6;
    let (_, inner) = tokens.split_last().filter(|(last, _)| matches!(last.mark(), Some(')' | '）')))?;
    let open = inner.iter().rev().take(MOST).position(|token| token.word().is_none())?;
    let at = inner.len() - 1 - open;
    (open > 0 && matches!(inner[at].mark(), Some('(' | '（'))).then(|| &inner[..at])
}

/// The same behind a clock: how many tokens the brackets take.
fn brackets(tokens: &[Token]) -> Option<usize> {
    const MOST: usize = 8;
    tokens.first().filter(|first| matches!(first.mark(), Some('(' | '（')))?;
    let close = tokens[1..].iter().take(MOST).position(|token| token.word().is_none())?;
    (close > 0 && matches!(tokens[close + 1].mark(), Some(')' | '）'))).then_some(close + 2)
}

fn follows_phrase(before: &[Token]) -> bool {
    without_clock(before, |rest| {
        if WORDS.phrases("deadline_before").iter().any(|phrase| ends_with(rest, phrase).is_some()) {
            return true;
        }
        // "from 10 January until 15 January": the end of a span.
        let end = WORDS.phrases("deadline_ends").iter().find_map(|phrase| ends_with(rest, phrase));
        end.is_some_and(|lead| !lead.last().is_some_and(is_part_of_date))
    })
}

fn is_part_of_date(token: &Token) -> bool {
    let month = |word: &str| WORDS.months.iter().any(|(name, _)| name.len() == 1 && name[0] == word);
    token.number().is_some()
        || token.word().is_some_and(|word| month(word) || word == "日" || WORDS.has("after_year", word))
}

/// What stands before a phrase at the end of the tokens.
fn ends_with<'t>(tokens: &'t [Token], phrase: &[Kind]) -> Option<&'t [Token]> {
    let start = tokens.len().checked_sub(phrase.len())?;
    let same = tokens[start..].iter().zip(phrase).all(|(token, kind)| token.kind == *kind);
    same.then(|| &tokens[..start])
}

/// "15 January 2022 at the latest", "2026年6月26日17:00前": a clock or a weekday may stand between.
fn phrase_follows(after: &[Token]) -> bool {
    const MOST: usize = 8;
    let begins = |rest: &[Token], list: &str| WORDS.phrases(list).iter().any(|phrase| starts_with(rest, phrase));
    let mut at = 0;
    while at <= after.len().min(MOST) {
        let rest = &after[at..];
        if begins(rest, "deadline_after_goes_on") {
            return false;
        }
        if begins(rest, "deadline_after") {
            return true;
        }
        if let Some(more) = brackets(rest) {
            at += more;
            continue;
        }
        let between_numbers = |at: usize| after.get(at + 1).is_some_and(|next| next.number().is_some());
        let passes = match rest.first().map(|token| &token.kind) {
            Some(Kind::Number(_, digits)) => *digits <= 2,
            Some(Kind::Mark(':' | '.')) => between_numbers(at),
            Some(Kind::Mark(mark)) => matches!(mark, ',' | '(' | ')'),
            Some(Kind::Word(word)) => ["clock_words", "weekdays"].iter().any(|list| WORDS.has(list, word)),
            None => false,
        };
        if !passes {
            return false;
        }
        at += 1;
    }
    false
}

/// "The deadline for contributions is 15 January 2022", "Date limite : 15 janvier 2022".
fn follows_noun(before: &[Token]) -> bool {
    without_clock(before, |rest| {
        let nouns = WORDS.phrases("deadline_nouns");
        if nouns.iter().any(|noun| ends_with(rest, noun).is_some()) {
            return true;
        }
        let colon = rest.split_last().filter(|(last, _)| matches!(last.mark(), Some(':' | '-'))).map(|(_, lead)| lead);
        let verb = WORDS.phrases("deadline_verbs").iter().find_map(|verb| ends_with(rest, verb));
        let Some(lead) = colon.or(verb) else { return false };
        sentence(lead).is_some_and(holds_noun)
    })
}

/// The last tokens of a sentence, at most as many as a printed clause has.
fn sentence(tokens: &[Token]) -> Option<&[Token]> {
    const MOST: usize = 25;
    let stop = |token: &Token| matches!(token.mark(), Some('.' | ';' | '!' | '?' | '。'));
    let start = tokens.iter().rposition(stop).map_or(0, |at| at + 1).max(tokens.len().saturating_sub(MOST));
    tokens.get(start..)
}

#[cfg(test)]
mod tests;
