//! The dateline: place and date on a line of their own, or at the end of the reference's line.
//!
//! Refuses lines that only hold a date somewhere ("CH-1211 Geneva 20", "Meeting of 3 December 2021") and spans.

use super::{
    PrintedDate,
    dates::{DateAt, Reading, dates},
    fold::{after_word, digit, fold, is_blank, is_han},
    tokens::{Kind, Token, tokens},
    words::WORDS,
};

mod feast;
mod place;

pub(super) use place::{is_marked_place, is_place_alone, without_place_mark};
use place::{is_named, is_office, is_place};

/// A place, if the line names one, and what its date says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dateline {
    pub place: Option<String>,
    pub reading: Reading,
}

/// What parts a place from its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parting {
    Comma,
    /// "le", "a", "في"
    Word,
    Nothing,
}

/// Places of more words stand before a comma.
const WORDS_WITHOUT_COMMA: usize = 2;

/// Characters of a Chinese place.
const HAN_MOST: usize = 6;

/// Reads a whole line as a dateline.
pub(super) fn dateline(text: &str) -> Option<Dateline> {
    // "(3 March 2026)" below a number
    let bracketed = text.trim_matches(is_blank).strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let text = bracketed.unwrap_or(text);
    // "3 / 3 / 2026 م"
    let tight = (text.matches(" / ").count() == 2).then(|| text.replace(" / ", "/"));
    let text = tight.as_deref().unwrap_or(text);
    let tokens = tokens(text);
    let date = dates(&tokens).into_iter().rfind(|date| !date.in_span)?;
    let (place, parting) = before(text, &tokens, &date)?;
    let (place, led) = without_lead(without_place_mark(place));
    // "Ash Wednesday, 3 March": with its weekday
    let of_feast = feast::is_feast(&text[..tokens[date.tokens.start].start]);
    let place = if of_feast { "" } else { feast::cut_off(place).unwrap_or(place) };
    // "Dada en Santo Ejemplo, Distrito Nacional, capital de la República"
    let place = if led && !is_place(place) { place.split(',').next().unwrap_or_default() } else { place };
    let after = text[tokens[date.tokens.end - 1].end..].trim_matches(|c| is_blank(c) || matches!(c, '.' | '。'));
    let after = without_clock(after);
    let after = if feast::is_feast(after.trim_start_matches([',', '，', '،', ' '])) { "" } else { after };
    // "Zurich, 3 March 2026  SG/abc": who has written it
    let initials =
        after.contains('/') && after.chars().count() <= 10 && after.chars().all(|c| c.is_alphabetic() || c == '/');
    let after = if initials && !text.contains(is_han) { "" } else { after };
    if !place.is_empty() {
        let is_month = matches!(date.reading, Reading::Sure(PrintedDate::Month(..)));
        let few = place.split(is_blank).count() <= WORDS_WITHOUT_COMMA;
        let parted = match parting {
            Parting::Comma => true,
            // "Abou Dabi le 3 mars 2026", "أبو ظبي في 3 مارس 2026"
            Parting::Word => !is_month && few && is_named(place) && !is_office(place),
            Parting::Nothing => !is_month && !place.contains(' '),
        };
        let parted = parted || led;
        let ends = after.is_empty() || holds_other_calendar(after);
        return (parted && ends && is_place(place))
            .then(|| Dateline { place: Some(place.to_owned()), reading: date.reading });
    }
    let following = after.strip_prefix([',', '，', '،', '、']).map(|place| place.trim_matches(is_blank));
    // "2026年8月21日于日内瓦", "2026年8月21日 北京"
    let in_chinese = || {
        let (place, led) = without_lead(after);
        let gap = text.ends_with(after) && text[..text.len() - after.len()].ends_with(is_blank);
        ((led || gap) && place.chars().count() <= HAN_MOST && !place.is_empty() && place.chars().all(is_han))
            .then_some(place)
    };
    match following.or_else(in_chinese) {
        Some(place) if is_place(place) => Some(Dateline { place: Some(place.to_owned()), reading: date.reading }),
        None if after.is_empty() || holds_other_calendar(after) => {
            Some(Dateline { place: None, reading: date.reading })
        }
        _ => None,
    }
}

/// "( Septiembre 30 )", "(3 mars)": a day in brackets below the number of a year.
pub(super) fn in_brackets(text: &str, year: &str) -> Option<Dateline> {
    let inner = text.trim_matches(is_blank).strip_prefix('(')?.strip_suffix(')')?;
    let whole = inner.chars().filter(|c| digit(*c).is_some()).count() <= 2;
    dateline(&format!("{} {year}", inner.trim_matches(is_blank))).filter(|dateline| whole && dateline.place.is_none())
}

/// Parts a reference from the dateline at its end: `DM-930/BDT Geneva, 18 December 2009`, `143-Т от 24 марта 2011 г.`
pub(super) fn at_the_end(text: &str) -> Option<(&str, Dateline)> {
    let tokens = tokens(text);
    let date = dates(&tokens).into_iter().rfind(|date| !date.in_span)?;
    let after = &text[tokens[date.tokens.end - 1].end..];
    if !after.chars().all(|c| is_blank(c) || matches!(c, '.' | ')')) {
        return None;
    }
    let head = text[..tokens[date.tokens.start].start].trim_end_matches(is_blank);
    let linked = WORDS.list("dated").iter().find_map(|word| {
        let at = last_words(head, word.split(' ').count());
        (fold(&head[at..]) == *word).then_some(&head[..at])
    });
    if let Some(reference) = linked {
        let reference = reference.trim_end_matches(|c| is_blank(c) || matches!(c, ',' | '('));
        return has_number(reference).then_some((reference, Dateline { place: None, reading: date.reading }));
    }
    let (place_end, parting) = before(text, &tokens, &date)?;
    let at = last_number_end(place_end);
    let (reference, place) = place_end.split_at(at);
    let place = place.trim_matches(|c| is_blank(c) || matches!(c, ',' | '/' | '|' | '-' | '–' | '—'));
    let reference = reference.trim_end_matches(|c| is_blank(c) || matches!(c, ',' | '/' | '|'));
    let fits = place.is_empty() || (parting == Parting::Comma && is_place(place));
    let place = (!place.is_empty()).then(|| place.to_owned());
    (fits && has_number(reference)).then_some((reference, Dateline { place, reading: date.reading }))
}

/// Where the last words of a text begin.
fn last_words(text: &str, count: usize) -> usize {
    let mut at = text.len();
    for _ in 0..count {
        let before = text[..at].trim_end_matches(is_blank);
        at = before.char_indices().rfind(|(_, c)| is_blank(*c)).map_or(0, |(blank, c)| blank + c.len_utf8());
    }
    at
}

fn has_number(text: &str) -> bool {
    text.chars().any(|c| digit(c).is_some())
}

/// The end of the last word that holds a digit.
fn last_number_end(text: &str) -> usize {
    let Some(last) = text.rfind(|c| digit(c).is_some()) else { return 0 };
    text[last..].find(is_blank).map_or(text.len(), |at| last + at)
}

/// The text before a date without article, weekday and another calendar's date, and what parts it.
fn before<'a>(text: &'a str, tokens: &[Token], date: &DateAt) -> Option<(&'a str, Parting)> {
    let lead = &tokens[..date.tokens.start];
    let hijri = lead.iter().any(is_hijri_year);
    let mut at = lead.len();
    let mut parting = Parting::Nothing;
    while let Some(token) = at.checked_sub(1).map(|last| &lead[last]) {
        let passes = match &token.kind {
            Kind::Word(word) => {
                word == "ه"
                    || WORDS.has("before_date", word)
                    || WORDS.has("weekdays", word)
                    || (hijri && WORDS.has("hijri_months", word))
            }
            Kind::Mark(mark) => {
                matches!(mark, ',' | '、')
                    || (at == lead.len() && *mark == ':')
                    // "Dt. 3 March 2026"
                    || (*mark == '.' && at > 1 && lead[at - 2].word().is_some_and(|word| WORDS.has("before_date", word)))
                    || (hijri && matches!(mark, '/' | '-' | '(' | ')'))
            }
            Kind::Number(..) => hijri,
        };
        if !passes {
            break;
        }
        match &token.kind {
            Kind::Mark(',' | '、') => parting = Parting::Comma,
            Kind::Word(word) if parting == Parting::Nothing && WORDS.has("before_date", word) => {
                parting = Parting::Word
            }
            _ => {}
        }
        at -= 1;
    }
    let end = tokens.get(at).map_or(text.len(), |token| token.start);
    Some((text[..end].trim_matches(is_blank), parting))
}

/// "Done at Geneva": the place behind what leads to it, and whether there was such a lead.
fn without_lead(place: &str) -> (&str, bool) {
    let rest = WORDS.list("place_leads").iter().find_map(|lead| after_word(place, lead));
    let rest = rest.map(|rest| rest.trim_matches(is_blank)).filter(|rest| !rest.starts_with(char::is_lowercase));
    // "In Geneva" is no lead where nothing follows it
    rest.map_or((place, false), |rest| (rest, !rest.is_empty()))
}

/// "3 March 2026, 10:15": the hour of a message is no part of its date.
fn without_clock(after: &str) -> &str {
    let hour = after.trim_start_matches(|c| is_blank(c) || c == ',');
    let digits = hour.chars().take_while(|c| c.is_ascii_digit()).count();
    let clock = (1..=2).contains(&digits) && hour[digits..].starts_with(':');
    let plain = |c: char| {
        c.is_ascii_digit() || is_blank(c) || matches!(c, ':' | '+' | '-' | '.' | 'A' | 'P' | 'M' | 'a' | 'p' | 'm')
    };
    if clock && hour.chars().all(plain) { "" } else { after }
}

fn is_hijri_year(token: &Token) -> bool {
    token.number().is_some_and(|(value, digits)| digits == 4 && (1300..1600).contains(&value))
}

pub(super) fn holds_other_calendar(text: &str) -> bool {
    tokens(text).iter().any(is_hijri_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        dateline(text).map(|found| show(&found))
    }

    fn show(found: &Dateline) -> String {
        let date = match found.reading {
            Reading::Sure(PrintedDate::Day(day)) => day.to_string(),
            Reading::Sure(PrintedDate::Month(year, month)) => format!("{year}-{month:02}"),
            Reading::Ambiguous(..) => "?".to_owned(),
        };
        format!("{}|{date}", found.place.as_deref().unwrap_or_default())
    }

    #[test]
    fn place_and_date_are_read_in_six_languages() {
        let table = [
            ("Geneva, 3 December 2021", "Geneva|2021-12-03"),
            ("Washington, D.C., December 3, 2021", "Washington, D.C.|2021-12-03"),
            ("Genève, le 14 février 1997", "Genève|1997-02-14"),
            ("Le 20 février 2012", "|2012-02-20"),
            ("Ginebra, 24 de junio de 2011", "Ginebra|2011-06-24"),
            ("Женева, 24 марта 2011 года", "Женева|2011-03-24"),
            ("جنيف، 2 يونيو 2008", "جنيف|2008-06-02"),
            ("جنيف 2 ،يونيو 2008", "جنيف|2008-06-02"),
            ("الرياض، 1441/4/18هـ الموافق 2019/12/15م", "الرياض|2019-12-15"),
            ("٢٩ رجب ١٤٤٨هـ الموافق ٧ يناير ٢٠٢٧م", "|2027-01-07"),
            ("جدة، 12 ربيع الأول 1448 هـ الموافق 25 أغسطس 2026 م", "جدة|2026-08-25"),
            ("Riyadh, 5 Dhu al-Hijjah 1447 AH, 22 May 2026", "Riyadh|2026-05-22"),
            ("2015年3月11日,日内瓦", "日内瓦|2015-03-11"),
            ("日内瓦，2021年12月3日", "日内瓦|2021-12-03"),
            ("Rome, December 2021", "Rome|2021-12"),
            ("Geneva, Friday, 3 December 2021", "Geneva|2021-12-03"),
            ("Berne, 3/12/2021", "Berne|?"),
            ("Done at Geneva, this third day of December 2021", "Geneva|2021-12-03"),
            ("Fait à Yaoundé, le 3 décembre 2021", "Yaoundé|2021-12-03"),
            ("Fait à Yaoundé le 3 décembre 2021", "Yaoundé|2021-12-03"),
            ("Dado en San José, a los tres días del mes de diciembre de 2021", "San José|2021-12-03"),
            ("Ciudad de México, a 3 de diciembre de 2021", "Ciudad de México|2021-12-03"),
            ("San José a 3 de diciembre de 2021", "San José|2021-12-03"),
            ("г. Москва, «3» декабря 2021 г.", "Москва|2021-12-03"),
            ("أبو ظبي في 3 ديسمبر 2021", "أبو ظبي|2021-12-03"),
            ("الرباط في: 3 ديسمبر 2021", "الرباط|2021-12-03"),
            ("الرباط في 3 / 12 / 2021 م", "الرباط|?"),
            ("2021年12月3日于日内瓦", "日内瓦|2021-12-03"),
            ("2021年12月3日　北京", "北京|2021-12-03"),
            ("中華民國110年12月3日", "|2021-12-03"),
            ("Tuesday, 3 December 2021 10:15 AM", "|2021-12-03"),
            ("CH-3003 Berne, 3 décembre 2021", "Berne|2021-12-03"),
            ("75007 Paris, le 3 déc. 2021", "Paris|2021-12-03"),
            ("Santiago, 03 DIC 2021", "Santiago|2021-12-03"),
            ("Zurich, 3 December 2021 SG/abc", "Zurich|2021-12-03"),
            ("New Delhi, dated the 3rd December, 2021", "New Delhi|2021-12-03"),
            ("Quito, D.M., 03 de diciembre de 2021", "Quito, D.M.|2021-12-03"),
            ("(3 December 2021)", "|2021-12-03"),
            (
                "Dada en San José, Distrito Nacional, capital de la República, a los tres (3) días del mes de diciembre del año dos mil veintiuno (2021).",
                "San José|2021-12-03",
            ),
            ("Tue, 3 Dec 2021 10:12:00 +0100", "|2021-12-03"),
            ("The Feast of St Barnabas, 3 December 2021", "|2021-12-03"),
            ("Sampleford, the Feast of St Nicholas, 3 December 2021", "Sampleford|2021-12-03"),
            ("Given at Sampleford on the Feast of St Nicholas, 3 December 2021", "Sampleford|2021-12-03"),
            ("3 December 2021, Memorial of St Francis Xavier", "|2021-12-03"),
            ("Rome, 3 December 2021, Memorial of St Francis Xavier", "Rome|2021-12-03"),
            ("Ash Wednesday, 3 March 2021", "|2021-03-03"),
            ("Paris, en la fête de saint François-Xavier, le 3 décembre 2021", "Paris|2021-12-03"),
            ("Solennité de l'Immaculée Conception, 8 décembre 2021", "|2021-12-08"),
            ("Madrid, 3 de diciembre de 2021, memoria de San Francisco Javier", "Madrid|2021-12-03"),
            ("Fiesta de San Andrés, 30 de noviembre de 2021", "|2021-11-30"),
            ("St. John's, 3 December 2021", "St. John's|2021-12-03"),
            ("Saint-Denis, le 3 décembre 2021", "Saint-Denis|2021-12-03"),
            ("Santiago de Compostela, 3 de diciembre de 2021", "Santiago de Compostela|2021-12-03"),
        ];
        for (text, expected) in table {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_lines_with_dates_are_no_datelines() {
        let table = [
            "CH-1211 Geneva 20",
            "Meeting of 3 December 2021",
            "Nairobi, 9-18 April 2018",
            "Further to TSB Circular 211 of 3 December 2021",
            "Resolution 179 (Rev. Dubai, 2018)",
            "The Council decided on 3 December 2021 to meet again",
            "Committee on 3 December 2021",
            "We meet on 3 December 2021.",
            "Meeting of the Board on 3 December 2021",
        ];
        for text in table {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_dateline_at_the_end_of_a_reference_is_parted_from_it() {
        let table = [
            ("DM-930/BDT/CEO/WTDC-26 Geneva, 18 December 2009", "DM-930/BDT/CEO/WTDC-26", "Geneva|2009-12-18"),
            ("Circular 12 New York, 3 December 2021", "Circular 12", "New York|2021-12-03"),
            ("CL 12 of 3 December 2021", "CL 12", "|2021-12-03"),
            ("143-Т от 24 марта 2011 года", "143-Т", "|2011-03-24"),
            ("Circulaire 12 / Genève, le 3 décembre 2021", "Circulaire 12", "Genève|2021-12-03"),
        ];
        for (text, reference, expected) in table {
            let (found, dateline) = at_the_end(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found, show(&dateline).as_str()), (reference, expected), "{text}");
        }
        assert_eq!(at_the_end("Circular BDT/DNS/DGS/112"), None);
    }
}
