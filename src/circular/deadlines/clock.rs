//! The clock, the weekday and the place of the clock beside a day: what may stand between it and its phrase.

use super::{
    super::{
        tokens::{Kind, Token},
        words::WORDS,
    },
    phrases::{ends_with, starts_with},
};

/// Drops tokens of clocks, weekdays and articles from the end, one at a time, and asks after each.
pub(super) fn without_clock(before: &[Token], mut ask: impl FnMut(&[Token]) -> bool) -> bool {
    // "not later than 2400 hours (Geneva time) on Friday, the": the longest that letters print.
    const MOST: usize = 14;
    let mut rest = before;
    for _ in 0..MOST {
        if ask(rest) {
            return true;
        }
        let Some((last, others)) = rest.split_last() else { return false };
        if let Some(lead) = before_brackets(rest).or_else(|| before_place(rest)) {
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

/// Whether a phrase stands straight behind a day: a clock, a weekday or brackets may stand between.
pub(super) fn behind_clock(after: &[Token], list: &str, goes_on: &str) -> bool {
    const MOST: usize = 14;
    let begins = |rest: &[Token], list: &str| WORDS.phrases(list).iter().any(|phrase| starts_with(rest, phrase));
    let mut at = 0;
    while at <= after.len().min(MOST) {
        let rest = &after[at..];
        if begins(rest, goes_on) {
            return false;
        }
        if begins(rest, list) {
            return true;
        }
        if let Some(more) = brackets(rest.iter(), ['(', '（'], [')', '）']) {
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

/// Whether tokens are a clock and nothing else: "(1700 hrs Bangkok time)", ", 17:00;".
pub(super) fn is_clock(tokens: &[Token]) -> bool {
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        if let Some(taken) = brackets(rest.iter(), ['(', '（'], [')', '）']) {
            rest = &rest[taken..];
            continue;
        }
        let passes = match &first.kind {
            Kind::Number(_, digits) => *digits <= 4,
            Kind::Mark(mark) => matches!(mark, ',' | ';' | '.' | ':' | '；' | '。'),
            Kind::Word(word) => WORDS.has("clock_words", word),
        };
        if !passes {
            return false;
        }
        rest = &rest[1..];
    }
    true
}

/// "5 p.m. (Manila time)": what stands before a few words in brackets.
fn before_brackets(tokens: &[Token]) -> Option<&[Token]> {
    let taken = brackets(tokens.iter().rev(), [')', '）'], ['(', '（'])?;
    Some(&tokens[..tokens.len() - taken])
}

/// How many tokens a few words or a zone in brackets take, "(Manila time)", "(UTC+7)", "(1600 hours UTC)", from the first on.
pub(super) fn brackets<'t>(
    tokens: impl Iterator<Item = &'t Token>,
    open: [char; 2],
    close: [char; 2],
) -> Option<usize> {
    const MOST: usize = 10;
    let is = |token: &Token, marks: [char; 2]| token.mark().is_some_and(|mark| marks.contains(&mark));
    for (at, token) in tokens.take(MOST).enumerate() {
        let inner = match &token.kind {
            _ if at == 0 => is(token, open),
            Kind::Mark(_) if is(token, close) => return (at > 1).then_some(at + 1),
            Kind::Mark(mark) => matches!(mark, '+' | '-' | ':' | '.' | ',' | '\''),
            Kind::Number(_, digits) => *digits <= 4,
            Kind::Word(_) => true,
        };
        if !inner {
            return None;
        }
    }
    None
}

/// "17:00, hora de Lima", "в 18:00 по алматинскому времени", "5 p.m. Manila time": what stands before the place of the clock.
fn before_place(tokens: &[Token]) -> Option<&[Token]> {
    const MOST: usize = 3;
    let words = tokens.iter().rev().take_while(|token| token.word().is_some()).count();
    let named = |taken: &usize| {
        let lead = &tokens[..tokens.len() - taken];
        WORDS.phrases("deadline_clock_of").iter().find_map(|phrase| ends_with(lead, phrase))
    };
    let behind = || {
        let lead = WORDS.phrases("deadline_clock_behind").iter().find_map(|phrase| ends_with(tokens, phrase))?;
        let place = (1..=2).take_while(|taken| *taken < words);
        let clock = |lead: &&[Token]| {
            let last = lead.last();
            last.is_some_and(|last| {
                last.number().is_some()
                    || last.mark() == Some('.')
                    || last.word().is_some_and(|word| WORDS.has("clock_words", word))
            })
        };
        place.filter_map(|taken| lead.get(..lead.len().checked_sub(taken)?)).find(clock)
    };
    (1..=MOST.min(words)).find_map(|taken| named(&taken)).or_else(behind)
}
