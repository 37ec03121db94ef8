//! Dates as Chinese writes them: year, month, day, in the common era or in that of the Republic.

use super::{Cursor, Reading, day, month_of, sure};

impl Cursor<'_> {
    /// 民國115年 is 2026: the years of the Republic of China are counted from 1912.
    fn year_of_the_republic(&mut self) -> Option<u32> {
        const BEFORE_THE_FIRST: u32 = 1911;
        let mut on = self.clone();
        if on.word("中").is_some() {
            on.word("华")?;
        }
        on.word("民")?;
        on.word("国")?;
        let year = on.number(1..=3)? + BEFORE_THE_FIRST;
        *self = on;
        Some(year)
    }
}

/// `2015年3月11日`, `2015年3月`, `中華民國115年3月11日`
pub(super) fn date(cursor: &mut Cursor) -> Option<Reading> {
    let start = cursor.at;
    let read = |cursor: &mut Cursor| {
        let year = cursor.year_of_the_republic().or_else(|| cursor.year())?;
        cursor.word("年")?;
        let month = cursor.number(1..=2)?;
        cursor.word("月")?;
        let mut on = cursor.clone();
        if let Some(number) = on.number(1..=2) {
            on.word("日").or_else(|| on.word("号"))?;
            *cursor = on;
            return sure(day(year, month, number));
        }
        month_of(year, month)
    };
    let reading = read(cursor);
    if reading.is_none() {
        cursor.at = start;
    }
    reading
}
