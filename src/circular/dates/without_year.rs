//! Days that are printed without their year, "by 15 December": the next such day from a day on.

use chrono::{Datelike, NaiveDate};

use super::{super::tokens::Token, Cursor, DateAt, Reading, date_at, in_span, sure};

/// Every date among the tokens, and every day that is printed without its year: of each the first that is not before `from`.
pub(in super::super) fn dates_from(tokens: &[Token], from: NaiveDate) -> Vec<DateAt> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let read = date_at(tokens, at).or_else(|| without_year(tokens, at, from));
        let Some((reading, length)) = read else {
            at += 1;
            continue;
        };
        found.push(DateAt { reading, tokens: at..at + length, in_span: in_span(tokens, at) });
        at += length;
    }
    found
}

/// `15 December`, `December 15`, `le 1er mai`, `12月15日`
fn without_year(tokens: &[Token], at: usize, from: NaiveDate) -> Option<(Reading, usize)> {
    /// 29 February is that of the next leap year, at most eight years off.
    const YEARS_OFF: i32 = 8;
    let month_and_day = |read: fn(&mut Cursor) -> Option<(u32, u32)>| {
        let mut cursor = Cursor { tokens, at };
        let found = read(&mut cursor)?;
        Some((found, cursor.at - at))
    };
    let chinese = |cursor: &mut Cursor| {
        let month = cursor.number(1..=2)?;
        cursor.word("月")?;
        let number = cursor.number(1..=2)?;
        cursor.word("日").or_else(|| cursor.word("号"))?;
        Some((month, number))
    };
    let day_first = |cursor: &mut Cursor| {
        let (number, _, month) = cursor.day_and_month()?;
        Some((month, number))
    };
    let month_first = |cursor: &mut Cursor| {
        let found = (cursor.month()?, cursor.number(1..=2)?);
        cursor.skip_words("ordinals");
        Some(found)
    };
    let ((month, number), length) =
        month_and_day(chinese).or_else(|| month_and_day(day_first)).or_else(|| month_and_day(month_first))?;
    let years = from.year()..=from.year() + YEARS_OFF;
    let days = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, number));
    Some((sure(days.into_iter().find(|day| *day >= from))?, length))
}
