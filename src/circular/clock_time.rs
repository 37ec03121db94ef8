//! When a letter is to go out, as people write it: `now`, ISO, or a date of six languages with a clock beside it.
//!
//! Refuses a date without a clock, a clock without a date, a zone (times are in the house's own), and what is ambiguous.

use chrono::{NaiveDate, NaiveTime};

use super::{
    PrintedDate, Send,
    dates::{Reading, dates},
    tokens::{Kind, Token, tokens},
    words::WORDS,
};

/// Reads the value of `send`; the error says how to mend it.
pub(super) fn send(value: &str) -> Result<Send, String> {
    if value.trim().eq_ignore_ascii_case("now") {
        return Ok(Send::Now);
    }
    let tokens = tokens(value);
    let found = dates(&tokens);
    let [date] = found.as_slice() else {
        return Err(unread(value));
    };
    let day = match date.reading {
        Reading::Sure(PrintedDate::Day(day)) if !date.in_span => day,
        Reading::Ambiguous(one, other) => {
            return Err(format!("send: \"{value}\" is {one} or {other}: write it as {one} 09:00"));
        }
        Reading::Sure(_) => return Err(unread(value)),
    };
    let around = [&tokens[..date.tokens.start], &tokens[date.tokens.end..]];
    let mut clocks = around.iter().filter(|part| part.iter().any(|token| token.number().is_some()));
    match (clocks.next(), clocks.next()) {
        (Some(part), None) => clock(part).map(|time| Send::At(day.and_time(time))).ok_or_else(|| unread(value)),
        (None, None) if around.iter().all(|part| part.iter().all(is_filler)) => Err(no_clock(value, day)),
        _ => Err(unread(value)),
    }
}

fn unread(value: &str) -> String {
    format!("send: \"{value}\" is not a time: write now, 2026-12-07 09:00 or 7 December 2026, 09:00, without a zone")
}

fn no_clock(value: &str, day: NaiveDate) -> String {
    format!("send: \"{value}\" has no clock: add one, as in {day} 09:00")
}

/// A whole part as a clock: `09:00`, `T09:00:30`, `at 9:00 am`, `à 9 h 30`, `в 9 часов`, `9时30分`, `上午9点`.
fn clock(part: &[Token]) -> Option<NaiveTime> {
    let rest = &part[part.iter().position(|token| !is_filler(token))?..];
    let hour = rest.first()?.number().filter(|(_, digits)| *digits <= 2)?.0;
    let mut rest = &rest[1..];
    let mut fields = [0, 0];
    let mut has_unit = false;
    for field in &mut fields {
        let Some(joint) = rest.first().filter(|token| joins(token)) else { break };
        has_unit = true;
        let Some((value, digits)) = rest.get(1).and_then(Token::number) else {
            let unit = joint.word().is_some();
            rest = if unit { &rest[1..] } else { rest };
            break;
        };
        *field = if digits <= 2 { value } else { return None };
        rest = &rest[2..];
    }
    let hour = half_of_day(hour, part, &mut rest, has_unit)?;
    let ends = |token: &Token| is_filler(token) || token.word().is_some_and(|word| UNITS.contains(&word));
    rest.iter().all(ends).then(|| NaiveTime::from_hms_opt(hour, fields[0], fields[1]))?
}

/// Words that stand after a number of the clock.
const UNITS: [&str; 16] = [
    "h",
    "heures",
    "heure",
    "hrs",
    "hours",
    "horas",
    "hora",
    "час",
    "часа",
    "часов",
    "ч",
    "时",
    "點",
    "点",
    "分",
    "秒",
];

fn joins(token: &Token) -> bool {
    match &token.kind {
        Kind::Mark(mark) => matches!(mark, ':' | '.'),
        Kind::Word(word) => UNITS.contains(&word.as_str()),
        Kind::Number(..) => false,
    }
}

/// Applies am, pm, 上午 and 下午; a lone number with none of them and no unit is no clock.
fn half_of_day(hour: u32, part: &[Token], rest: &mut &[Token], has_unit: bool) -> Option<u32> {
    let letters: Vec<&str> = rest.iter().filter_map(Token::word).collect();
    let afternoon = part.windows(2).any(|pair| pair[0].word() == Some("下") && pair[1].word() == Some("午"));
    let half = match letters.as_slice() {
        ["am"] | ["a", "m"] => Some(0),
        ["pm"] | ["p", "m"] => Some(12),
        _ if afternoon => return (1..=11).contains(&hour).then_some(hour + 12),
        _ => None,
    };
    match half {
        Some(half) => {
            *rest = &[];
            (1..=12).contains(&hour).then_some(hour % 12 + half)
        }
        None => has_unit.then_some(hour),
    }
}

fn is_filler(token: &Token) -> bool {
    match &token.kind {
        Kind::Mark(mark) => matches!(mark, ',' | '.' | '-'),
        Kind::Word(word) => {
            ["clock_leads", "weekdays", "before_date"].iter().any(|list| WORDS.has(list, word)) || word == "t"
        }
        Kind::Number(..) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it_in_six_languages() {
        let table = [
            ("2026-12-07 09:00", "2026-12-07 09:00:00"),
            ("2026-12-07T09:00", "2026-12-07 09:00:00"),
            ("2026-12-07T09:00:30", "2026-12-07 09:00:30"),
            ("7 December 2026, 09:00", "2026-12-07 09:00:00"),
            ("Monday, 7 December 2026 at 9:00", "2026-12-07 09:00:00"),
            ("7 December 2026 at 9.30 p.m.", "2026-12-07 21:30:00"),
            ("7 December 2026 12 am", "2026-12-07 00:00:00"),
            ("December 7, 2026 09:00", "2026-12-07 09:00:00"),
            ("09:00 on 7 December 2026", "2026-12-07 09:00:00"),
            ("7 décembre 2026 à 9 h 30", "2026-12-07 09:30:00"),
            ("le 7 décembre 2026 à 9h", "2026-12-07 09:00:00"),
            ("7 de diciembre de 2026 a las 9:00 horas", "2026-12-07 09:00:00"),
            ("7 декабря 2026 года, 9.00", "2026-12-07 09:00:00"),
            ("7 декабря 2026 г. в 9 часов", "2026-12-07 09:00:00"),
            ("7 ديسمبر 2026، الساعة 9:00", "2026-12-07 09:00:00"),
            ("2026年12月7日 09:00", "2026-12-07 09:00:00"),
            ("2026年12月7日上午9时30分", "2026-12-07 09:30:00"),
            ("2026年12月7日下午3点", "2026-12-07 15:00:00"),
        ];
        for (value, expected) in table {
            match send(value) {
                Ok(Send::At(time)) => assert_eq!(time.to_string(), expected, "{value}"),
                other => panic!("{value}: {other:?}"),
            }
        }
        assert_eq!(send("Now"), Ok(Send::Now));
    }

    #[test]
    fn what_is_no_sure_time_is_refused_with_the_remedy() {
        let table = [
            ("7 December 2026", "has no clock: add one, as in 2026-12-07 09:00"),
            ("3/12/2026 09:00", "is 2026-12-03 or 2026-03-12"),
            ("09:00", "is not a time"),
            ("tomorrow", "is not a time"),
            ("7 December 2026 9", "is not a time"),
            ("7 December 2026 25:00", "is not a time"),
            ("7 December 2026 09:00 CET", "without a zone"),
            ("2026-12-07T09:00Z", "without a zone"),
            ("2026-12-07 09:00+01:00", "without a zone"),
            ("7-9 December 2026 09:00", "is not a time"),
            ("December 2026 09:00", "is not a time"),
        ];
        for (value, message) in table {
            let refused = send(value).unwrap_err();
            assert!(refused.contains(message), "{value}: {refused}");
        }
    }
}
