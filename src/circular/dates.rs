//! Dates as letters print them, in six languages.
//!
//! Refuses to choose: `3/12/2021` is ambiguous and says so; `9-18 April 2018` is a span, never the letter's date; a year
//! that is not Gregorian (Hijri) is passed over, since letters that print it print the Gregorian date beside it.

use chrono::NaiveDate;

use super::{
    PrintedDate,
    tokens::{Kind, Token},
    words::WORDS,
};

mod chinese;
mod in_words;
mod without_year;

pub(super) use without_year::dates_from;

/// Years that a letter can speak of; others are Hijri years, file numbers or slips.
const YEARS: std::ops::RangeInclusive<u32> = 1800..=2199;

/// What a date says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A day or a month.
    Sure(PrintedDate),
    /// Numbers that are two days, by the day-first and the month-first habit.
    Ambiguous(NaiveDate, NaiveDate),
}

/// A date, where it stands and in which tokens.
#[derive(Debug, Clone)]
pub(super) struct DateAt {
    pub reading: Reading,
    /// The first token of the date and the one after its last.
    pub tokens: std::ops::Range<usize>,
    /// The end of a span such as `9-18 April 2018`.
    pub in_span: bool,
}

impl DateAt {
    /// The day, be it the end of a span.
    pub fn last_day(&self) -> Option<NaiveDate> {
        match self.reading {
            Reading::Sure(PrintedDate::Day(day)) => Some(day),
            _ => None,
        }
    }

    /// The day, if it is one and not the end of a span.
    pub fn day(&self) -> Option<NaiveDate> {
        self.last_day().filter(|_| !self.in_span)
    }
}

/// Every date among the tokens, from the left, none overlapping.
pub(super) fn dates(tokens: &[Token]) -> Vec<DateAt> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some((reading, length)) = date_at(tokens, at) else {
            at += 1;
            continue;
        };
        found.push(DateAt { reading, tokens: at..at + length, in_span: in_span(tokens, at) });
        at += length;
    }
    found
}

/// The one date that a whole text is, weekday, article and final point aside.
pub(super) fn only_date(text: &str) -> Option<Reading> {
    let tokens = super::tokens::tokens(text);
    let found = dates(&tokens);
    let [date] = found.as_slice() else { return None };
    let bare = |token: &Token| match &token.kind {
        Kind::Word(word) => WORDS.has("before_date", word) || WORDS.has("weekdays", word),
        Kind::Mark(mark) => matches!(mark, ',' | '.'),
        Kind::Number(..) => false,
    };
    let around = tokens[..date.tokens.start].iter().chain(&tokens[date.tokens.end..]);
    (!date.in_span && around.into_iter().all(bare)).then_some(date.reading)
}

/// The one day that a text says, in words or numbers of six languages: `31 December 2026`.
pub fn written_day(text: &str) -> Option<NaiveDate> {
    match only_date(text)? {
        Reading::Sure(PrintedDate::Day(day)) => Some(day),
        _ => None,
    }
}

fn date_at(tokens: &[Token], at: usize) -> Option<(Reading, usize)> {
    let mut cursor = Cursor { tokens, at };
    let reading = chinese::date(&mut cursor)
        .or_else(|| Cursor { tokens, at }.then(&mut cursor, numeric))
        .or_else(|| Cursor { tokens, at }.then(&mut cursor, day_month_year))
        .or_else(|| Cursor { tokens, at }.then(&mut cursor, month_first))?;
    cursor.skip_words("after_year");
    Some((reading, cursor.at - at))
}

/// Reads on through the tokens; a failed reading is dropped with its cursor.
#[derive(Clone)]
struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn then(mut self, kept: &mut Self, read: fn(&mut Self) -> Option<Reading>) -> Option<Reading> {
        let reading = read(&mut self)?;
        *kept = self;
        Some(reading)
    }

    fn number(&mut self, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
        let Some((value, written)) = self.tokens.get(self.at)?.number() else {
            return self.number_in_words().filter(|value| digits.contains(&value.to_string().len()));
        };
        self.at += 1;
        digits.contains(&written).then_some(value)
    }

    fn year(&mut self) -> Option<u32> {
        let year = self.number(4..=4).filter(|year| YEARS.contains(year))?;
        self.once_more(year);
        Some(year)
    }

    /// "dieciocho (18) días", "dos mil veintiséis (2026)": a number in words and once more in figures.
    fn once_more(&mut self, number: u32) {
        let mut on = self.clone();
        let figures = on.mark(&['(']).and_then(|_| on.number(1..=4)).filter(|figures| *figures == number);
        on.skip_words("ordinals");
        if figures.is_some() && on.mark(&[')']).is_some() {
            *self = on;
        }
    }

    fn mark(&mut self, marks: &[char]) -> Option<char> {
        let mark = self.tokens.get(self.at)?.mark().filter(|mark| marks.contains(mark))?;
        self.at += 1;
        Some(mark)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        (self.tokens.get(self.at)?.word()? == word).then(|| self.at += 1)
    }

    fn skip_words(&mut self, list: &str) {
        while self.tokens.get(self.at).and_then(Token::word).is_some_and(|word| WORDS.has(list, word)) {
            self.at += 1;
        }
    }

    /// A month's name, or two names of one month, "كانون الأول/ديسمبر".
    fn month(&mut self) -> Option<u32> {
        let month = self.month_name()?;
        let mut other = self.clone();
        if other.mark(&['/', '(']).is_some() && other.month_name() == Some(month) {
            let _ = other.mark(&[')']);
            *self = other;
        }
        let _ = self.mark(&['.']);
        Some(month)
    }

    /// `3 December`, `1er mai`, `24 de junio`, `«24» июня`, `05-Mar` with the dash between.
    fn day_and_month(&mut self) -> Option<(u32, Option<char>, u32)> {
        let quoted = self.mark(&['"', '\'']);
        let number = self.number(1..=2)?;
        if let Some(quote) = quoted {
            self.mark(&[quote])?;
        }
        self.once_more(number);
        let _ = self.mark(&['.']);
        // "05-Mar-2026"
        let dash = self.mark(&['-', '/']);
        self.skip_words("ordinals");
        let _ = self.mark(&['.', ',']);
        self.skip_words("between_day_and_month");
        Some((number, dash, self.month()?))
    }

    fn month_name(&mut self) -> Option<u32> {
        let (words, month) = WORDS.month_at(self.tokens.get(self.at..)?)?;
        self.at += words;
        Some(month)
    }
}

fn day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

fn sure(date: Option<NaiveDate>) -> Option<Reading> {
    date.map(|date| Reading::Sure(PrintedDate::Day(date)))
}

fn month_of(year: u32, month: u32) -> Option<Reading> {
    (1..=12).contains(&month).then_some(Reading::Sure(PrintedDate::Month(i32::try_from(year).ok()?, month)))
}

/// `2021-12-03`, `2019/12/15`, `3.12.2021`, `25/12/2021`; one separator throughout, nothing joined on either side.
fn numeric(cursor: &mut Cursor) -> Option<Reading> {
    const SEPARATORS: [char; 3] = ['-', '/', '.'];
    let start = cursor.at;
    let first = cursor.number(1..=4)?;
    let separator = cursor.mark(&SEPARATORS)?;
    let second = cursor.number(1..=2)?;
    cursor.mark(&[separator])?;
    let third = cursor.number(1..=4)?;
    if cursor.tokens[start..cursor.at].windows(2).any(|pair| pair[0].end != pair[1].start) {
        return None;
    }
    if joined(cursor.tokens, start, cursor.at) {
        return None;
    }
    let digits = |at: usize| cursor.tokens[at].number().map(|(_, digits)| digits);
    if digits(start) == Some(4) {
        return if YEARS.contains(&first) { sure(day(first, second, third)) } else { None };
    }
    if digits(cursor.at - 1) != Some(4) || !YEARS.contains(&third) {
        return None;
    }
    match (day(third, second, first), day(third, first, second)) {
        // Points part day, month and year, in this order, wherever they are used.
        (Some(date), _) if separator == '.' => sure(Some(date)),
        (Some(one), Some(other)) if one != other => Some(Reading::Ambiguous(one, other)),
        (one, other) => sure(one.or(other)),
    }
}

/// Part of a longer symbol such as `AN 5/7.3-91/58` or `CL/12-11-2021/4`.
fn joined(tokens: &[Token], start: usize, end: usize) -> bool {
    let touches = |left: &Token, right: &Token| left.end == right.start;
    let before = start.checked_sub(1).and_then(|at| tokens.get(at));
    let after = tokens.get(end);
    before.is_some_and(|token| touches(token, &tokens[start]) && matches!(token.mark(), Some('/' | '-' | '.')))
        || after.is_some_and(|token| {
            let goes_on = tokens.get(end + 1).is_some_and(|next| touches(token, next));
            touches(&tokens[end - 1], token) && matches!(token.mark(), Some('/' | '-' | '.')) && goes_on
        })
}

/// `3 December 2021`, `le 1er mai 2012`, `24 de junio de 2011`, `24 марта 2011 года`, `2 يونيو 2008`
fn day_month_year(cursor: &mut Cursor) -> Option<Reading> {
    let (number, dash, month) = cursor.day_and_month()?;
    let _ = cursor.mark(dash.as_ref().map_or(&[','], std::slice::from_ref));
    cursor.skip_words("between_day_and_month");
    cursor.skip_words("dated");
    sure(day(cursor.year()?, month, number))
}

/// `December 3, 2021`, `December 2021`, `diciembre de 2021`
fn month_first(cursor: &mut Cursor) -> Option<Reading> {
    let start = cursor.at;
    let month = cursor.month()?;
    let mut us = cursor.clone();
    if let Some(number) = us.number(1..=2) {
        us.skip_words("ordinals");
        let _ = us.mark(&[',']);
        // "marzo 3 de 2026"
        us.skip_words("between_day_and_month");
        let date = day(us.year()?, month, number)?;
        *cursor = us;
        return sure(Some(date));
    }
    let _ = cursor.mark(&[',']);
    cursor.skip_words("between_day_and_month");
    cursor.skip_words("dated");
    let year = cursor.year()?;
    // "1620 мая 2011", where a conversion has lost the dash of a span.
    let after_number = start.checked_sub(1).is_some_and(|at| cursor.tokens[at].number().is_some());
    if after_number { None } else { month_of(year, month) }
}

/// Whether the date at `at` ends a span: `9-18 April 2018`, `from 30 April to 3 May 2018`.
fn in_span(tokens: &[Token], at: usize) -> bool {
    let Some(join) = at.checked_sub(1).map(|at| &tokens[at]) else { return false };
    let joins = match &join.kind {
        Kind::Mark(mark) => *mark == '-',
        Kind::Word(word) => WORDS.has("range_joins", word),
        Kind::Number(..) => false,
    };
    let Some(before) = at.checked_sub(2).map(|at| &tokens[at]) else { return false };
    let is_day_or_month = match &before.kind {
        Kind::Number(value, digits) => (*value <= 31 && *digits <= 2) || (YEARS.contains(value) && *digits == 4),
        Kind::Word(word) => word == "日" || WORDS.months.iter().any(|(name, _)| name.len() == 1 && name[0] == *word),
        Kind::Mark(_) => false,
    };
    joins && is_day_or_month
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        match only_date(text)? {
            Reading::Sure(PrintedDate::Day(day)) => Some(day.to_string()),
            Reading::Sure(PrintedDate::Month(year, month)) => Some(format!("{year}-{month:02}")),
            Reading::Ambiguous(one, other) => Some(format!("{one} or {other}")),
        }
    }

    #[test]
    fn printed_dates_of_six_languages_are_read() {
        let table = [
            ("3 December 2021", "2021-12-03"),
            ("Friday, 3rd December 2021.", "2021-12-03"),
            ("the 3rd of December, 2021", "2021-12-03"),
            ("February 10, 2017", "2017-02-10"),
            ("le 14 février 1997", "1997-02-14"),
            ("Le 20 février 2012", "2012-02-20"),
            ("1er mai 2012", "2012-05-01"),
            ("Juillet 1998", "1998-07"),
            ("24 de junio de 2011", "2011-06-24"),
            ("marzo 3 de 2026", "2026-03-03"),
            ("1.º de setiembre de 2011", "2011-09-01"),
            ("24 марта 2011 года", "2011-03-24"),
            ("14 декабря 2009 г.", "2009-12-14"),
            ("декабрь 2021 года", "2021-12"),
            ("2 يونيو 2008", "2008-06-02"),
            ("٢ يونيو ٢٠٠٨", "2008-06-02"),
            ("3 كانون الأول/ديسمبر 2021", "2021-12-03"),
            ("2015年3月11日", "2015-03-11"),
            ("2015年 3月 11日", "2015-03-11"),
            ("二〇一四年三月十一日", "2014-03-11"),
            ("2021年12月", "2021-12"),
            ("中華民國115年8月21日", "2026-08-21"),
            ("民国一一五年八月二十一日", "2026-08-21"),
            ("«24» сентября 2026 года", "2026-09-24"),
            ("\"24\" сентября 2026 г.", "2026-09-24"),
            ("this sixth day of October, two thousand and twenty-six", "2026-10-06"),
            ("the twenty-first day of May 2026", "2026-05-21"),
            ("le six octobre deux mille vingt-six", "2026-10-06"),
            ("le premier mai deux mille vingt-six", "2026-05-01"),
            ("le vingt et un mai 2026", "2026-05-21"),
            ("veinticuatro de septiembre de dos mil veintiséis", "2026-09-24"),
            ("a los 24 días del mes de septiembre de 2026", "2026-09-24"),
            ("treinta y uno de agosto de dos mil veintiséis", "2026-08-31"),
            ("двадцать четвертое сентября две тысячи двадцать шестого года", "2026-09-24"),
            ("الثالث من مارس 2026", "2026-03-03"),
            ("a los dieciocho (18) días del mes de marzo del año dos mil veintiséis (2026)", "2026-03-18"),
            ("this eighteenth (18th) day of March 2026", "2026-03-18"),
            ("le dix-huit (18) mars deux mille vingt-six (2026)", "2026-03-18"),
            ("2021-12-03", "2021-12-03"),
            ("03.12.2021", "2021-12-03"),
            ("25/12/2021", "2021-12-25"),
            ("12/25/2021", "2021-12-25"),
            ("3/12/2021", "2021-12-03 or 2021-03-12"),
        ];
        for (text, expected) in table {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn spans_file_numbers_and_other_calendars_are_no_dates() {
        let table = [
            "9-18 April 2018",
            "16–20 мая 2011 года",
            "1620 мая 2011 года",
            "from 16 to 20 May 2011",
            "5875/84/21",
            "1441/4/18",
            "AN 5/7.3-91/58",
            "31 February 2021",
            "December",
            "2021",
            "",
        ];
        for text in table {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
