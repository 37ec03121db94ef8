//! Days that no calendar has: "30 February 2026", "31 апреля", "2026年2月30日", and months misspelt, "31 септабря 2026".
//!
//! Such a day is neither a date nor a deadline, and would be passed over in silence; here it is named, with what is wrong.
//! Refuses to correct it: whether the day or the month is the slip, the letter does not say.

use chrono::NaiveDate;

use super::{
    Problem,
    fold::digit,
    lines::Line,
    tokens::{Kind, Token, tokens},
    words::WORDS,
};

/// Years of which letters speak.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2199;

/// A leap year, for days without a year.
const LEAP: u32 = 2024;

/// Whether a text names such a day.
pub(super) fn names_impossible_day(text: &str) -> bool {
    !impossible_days(&tokens(text), text).is_empty()
}

/// The same of single lines, each with its number.
pub(super) fn of_lines<'a>(lines: impl Iterator<Item = &'a Line<'a>>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for line in lines.filter(|line| line.text.contains(|c| digit(c).is_some())) {
        let slips = impossible_days(&tokens(line.text), line.text);
        problems.extend(slips.into_iter().map(|(_, message)| Problem::warning(line.number, message)));
    }
    problems
}

/// The octet of the text at which each impossible day begins, and the message for the person who wrote it.
pub(super) fn impossible_days(tokens: &[Token], text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let slip = tokens[at].number().is_some().then(|| day_then_month(tokens, at).or_else(|| numbers(tokens, at)));
        let slip = slip.flatten().or_else(|| month_then_day(tokens, at));
        let Some((end, slip)) = slip else {
            at += 1;
            continue;
        };
        let printed = text[tokens[at].start..tokens[end - 1].end].replace('\n', " ");
        found.push((tokens[at].start, slip.message(&printed)));
        at = end;
    }
    found
}

/// What is wrong with a day.
enum Slip {
    /// The month has so many days.
    Day(u32),
    /// The word is no month, but nearly this one.
    Month(String),
}

impl Slip {
    fn message(&self, printed: &str) -> String {
        let wrong = match self {
            Self::Day(days) => format!("that month has {days} days"),
            Self::Month(month) => format!("did you mean \"{month}\"?"),
        };
        format!("\"{printed}\" is no day, and counts neither as a date nor as a deadline: correct it ({wrong})")
    }
}

/// How many days the month has, if the day is one that another month might have.
fn beyond(year: Option<u32>, month: u32, day: u32) -> Option<Slip> {
    let year = i32::try_from(year.unwrap_or(LEAP)).ok()?;
    let days = (28..=31).rev().find(|last| NaiveDate::from_ymd_opt(year, month, *last).is_some())?;
    (day > days && day <= 39).then_some(Slip::Day(days))
}

fn skip(tokens: &[Token], mut at: usize, lists: &[&str], marks: &[char]) -> usize {
    while tokens.get(at).is_some_and(|token| match &token.kind {
        Kind::Word(word) => lists.iter().any(|list| WORDS.has(list, word)),
        Kind::Mark(mark) => marks.contains(mark),
        Kind::Number(..) => false,
    }) {
        at += 1;
    }
    at
}

fn year_at(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let at = skip(tokens, at, &["between_day_and_month", "dated"], &[',', '.', '-', '/']);
    let (value, digits) = tokens.get(at)?.number()?;
    (digits == 4 && YEARS.contains(&value)).then_some((value, at + 1))
}

/// The month whose name begins at a token, and the token after it.
fn month_at(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let (words, month) = WORDS.month_at(tokens.get(at..)?)?;
    Some((month, at + words))
}

/// Not a day where a longer number or symbol goes on: "Rule 12/31 May", "1.31 May", "CL-31".
fn stands_alone(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    !before.is_some_and(|token| token.end == tokens[at].start && matches!(token.mark(), Some('/' | '-' | '.')))
}

/// "31 April 2026", "30 de febrero", "31 септабря 2026 года"
fn day_then_month(tokens: &[Token], at: usize) -> Option<(usize, Slip)> {
    let (day, digits) = tokens[at].number().filter(|(day, digits)| *digits <= 2 && (1..=39).contains(day))?;
    if !stands_alone(tokens, at) {
        return None;
    }
    let next = skip(tokens, at + 1, &["ordinals", "between_day_and_month"], &['.', ',']);
    if let Some((month, end)) = month_at(tokens, next) {
        let year = year_at(tokens, end);
        // "Room 35, May" is no slip of the pen without its year.
        let slip = beyond(year.map(|(year, _)| year), month, day).filter(|_| year.is_some() || day <= 31)?;
        return Some((year.map_or(end, |(_, end)| end), slip));
    }
    let word = tokens.get(next).and_then(Token::word).filter(|_| digits <= 2 && day <= 31)?;
    let (_, end) = year_at(tokens, next + 1)?;
    nearly(word).map(|month| (end, Slip::Month(month)))
}

/// "April 31, 2026": only with its year, since "May 35 people" is none.
fn month_then_day(tokens: &[Token], at: usize) -> Option<(usize, Slip)> {
    tokens[at].word()?;
    let (month, next) = month_at(tokens, at)?;
    let (day, _) = tokens.get(next)?.number().filter(|(_, digits)| *digits <= 2)?;
    let after = skip(tokens, next + 1, &["ordinals"], &[]);
    let comma = tokens.get(after).is_some_and(|token| token.mark() == Some(','));
    let (year, end) = year_at(tokens, after).filter(|_| comma)?;
    Some((end, beyond(Some(year), month, day)?))
}

/// "2026年2月30日", "2月30日", "31.04.2026", "2026-02-30", "31/04/2026"
fn numbers(tokens: &[Token], at: usize) -> Option<(usize, Slip)> {
    let number = |at: usize| tokens.get(at).and_then(Token::number);
    let word = |at: usize| tokens.get(at).and_then(Token::word);
    let (first, digits) = number(at)?;
    if word(at + 1) == Some("年") && digits == 4 && word(at + 3) == Some("月") && word(at + 5) == Some("日") {
        return Some((at + 6, beyond(Some(first), number(at + 2)?.0, number(at + 4)?.0)?));
    }
    if word(at + 1) == Some("月") && word(at + 3) == Some("日") && (at == 0 || word(at - 1) != Some("年")) {
        return Some((at + 4, beyond(None, first, number(at + 2)?.0)?));
    }
    let separator = tokens.get(at + 1)?.mark().filter(|mark| matches!(mark, '-' | '/' | '.'))?;
    let (second, third) = (number(at + 2)?, number(at + 4)?);
    let joined = tokens.get(at..at + 5)?.windows(2).all(|pair| pair[0].end == pair[1].start);
    let goes_on = tokens.get(at + 5).is_some_and(|next| {
        next.start == tokens[at + 4].end && (next.word().is_some() || matches!(next.mark(), Some('/' | '-')))
    });
    if tokens[at + 3].mark() != Some(separator) || !joined || goes_on || !stands_alone(tokens, at) || second.1 > 2 {
        return None;
    }
    if digits == 4 && YEARS.contains(&first) && separator != '/' {
        return Some((at + 5, beyond(Some(first), second.0, third.0)?));
    }
    let year = Some(third.0).filter(|year| third.1 == 4 && YEARS.contains(year) && separator != '-' && digits <= 2)?;
    let american = || beyond(Some(year), first, second.0).filter(|_| separator == '/');
    beyond(Some(year), second.0, first).or_else(american).map(|slip| (at + 5, slip))
}

/// The month that a word nearly is: one letter amiss in a short name, two in a long one.
fn nearly(word: &str) -> Option<String> {
    const SHORTEST: usize = 4;
    const LONG: usize = 7;
    let length = word.chars().count();
    let amiss = if length < SHORTEST {
        return None;
    } else if length >= LONG {
        2
    } else {
        1
    };
    let names = WORDS.months.iter().filter(|(name, _)| name.len() == 1).map(|(name, _)| &name[0]);
    let near = |name: &&String| {
        let whole = name.chars().count() >= SHORTEST;
        whole && name.chars().next() == word.chars().next() && distance(name, word) <= amiss
    };
    names.filter(near).min_by_key(|name| distance(name, word)).cloned()
}

/// How many letters are put in, left out or changed.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, c) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, d) in other.iter().enumerate() {
            let changed = corner + usize::from(c != *d);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Vec<String> {
        let found = impossible_days(&tokens(text), text);
        found.into_iter().map(|(_, message)| message.split('"').nth(1).unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn days_that_no_calendar_has_are_named_in_six_languages() {
        let table = [
            ("Please reply by 30 February 2026.", "30 February 2026"),
            ("by 30 February", "30 February"),
            ("by 31st of April, 2026", "31st of April, 2026"),
            ("no later than April 31, 2026", "April 31, 2026"),
            ("avant le 31 juin 2026", "31 juin 2026"),
            ("antes del 31 de septiembre de 2026", "31 de septiembre de 2026"),
            ("не позднее 31 апреля 2026 года", "31 апреля 2026"),
            ("до 31 септабря 2026 года", "31 септабря 2026"),
            ("do 3 Setpember 2026", "3 Setpember 2026"),
            ("في موعد أقصاه 31 أبريل 2026", "31 أبريل 2026"),
            ("于2026年2月30日之前", "2026年2月30日"),
            ("于2月30日前", "2月30日"),
            ("by 31.04.2026", "31.04.2026"),
            ("by 31/04/2026", "31/04/2026"),
            ("by 04/31/2026", "04/31/2026"),
            ("by 2026-02-30", "2026-02-30"),
            ("29 February 2026", "29 February 2026"),
        ];
        for (text, day) in table {
            assert_eq!(printed(text), [day], "{text}");
        }
    }

    #[test]
    fn days_numbers_and_words_that_are_right_are_left_alone() {
        for text in [
            "29 February 2024",
            "29 February",
            "31 May 2026",
            "May 31, 2026",
            "Room 35, May",
            "31.12.2026",
            "12/31/2026",
            "1441/4/31",
            "AN 5/31.4-2026",
            "31.04.2026/CL",
            "Resolution 2/31 June 2026",
            "31 members 2026",
            "12 countries in 2026",
            "2026年3月31日",
            "5月31日",
            "9-18 April 2018",
            "ITU-T E.118 2026",
            "",
        ] {
            assert_eq!(printed(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_message_says_what_is_wrong() {
        let message = |text: &str| impossible_days(&tokens(text), text).remove(0).1;
        assert!(message("31 April 2026").ends_with("correct it (that month has 30 days)"));
        assert!(message("31 septembr 2026").ends_with("correct it (did you mean \"september\"?)"));
    }
}
