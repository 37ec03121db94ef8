//! The dateline of a letter that prints it below its text: notes verbales, letters of Spanish and Latin offices, deeds.
//!
//! A line of its own with a place and a date is one wherever it stands below the head; a date alone only near the end. What
//! stands in an annex is none.

use super::{
    Found, PrintedDate,
    dateline::{Dateline, dateline},
    dates::Reading,
    fold::{after_word, breadth},
    lines::{Line, bullet, plain},
    signature::is_annex_heading,
    words::WORDS,
};

/// Place and date as a line below the head prints them.
#[derive(Debug, Default)]
pub(super) struct Below {
    pub place: Option<Found<String>>,
    pub date: Option<Found<PrintedDate>>,
}

/// The dateline among the lines below the head; where the head prints a date, only the place beside the same date.
pub(super) fn read(lines: &[Line], printed: Option<PrintedDate>) -> Below {
    let own = lines.iter().position(is_annex_heading).unwrap_or(lines.len());
    let lines = &lines[..own];
    let datelines = || {
        lines.iter().enumerate().rev().filter_map(|(at, line)| {
            let dateline = alone(line).or_else(|| over_two_lines(line, lines.get(at + 1)?))?;
            let Dateline { place, reading: Reading::Sure(date) } = dateline else { return None };
            Some((at, line.number, place, date))
        })
    };
    let with_place = datelines().find(|(.., place, date)| place.is_some() && printed.is_none_or(|own| own == *date));
    let near_end = || datelines().find(|(at, ..)| printed.is_none() && is_near_end(&lines[*at..]));
    let Some((_, line, place, date)) = with_place.or_else(near_end) else { return Below::default() };
    let place = place.map(|value| Found { value, line });
    Below { place, date: printed.is_none().then_some(Found { value: date, line }) }
}

/// A line that is nothing but a dateline.
fn alone(line: &Line) -> Option<Dateline> {
    const BROADEST: usize = 110;
    let text = plain(line.text);
    let plain_line = breadth(&text) <= BROADEST && bullet(line.text).is_none() && !text.contains('|');
    plain_line.then(|| dateline(&text)).flatten()
}

/// "Dada en San Ejemplo, a los tres días del mes de marzo del" / "año dos mil veintiséis."
fn over_two_lines(line: &Line, below: &Line) -> Option<Dateline> {
    const BROADEST: usize = 130;
    let (text, rest) = (plain(line.text), plain(below.text));
    let led = WORDS.list("place_leads").iter().any(|lead| after_word(&text, lead).is_some());
    let fits = led && breadth(&text) <= BROADEST && breadth(&rest) <= BROADEST && !rest.is_empty();
    fits.then(|| dateline(&format!("{text} {rest}"))).flatten().filter(|dateline| dateline.place.is_some())
}

/// No more than a signature and a list of copies stands below.
fn is_near_end(lines: &[Line]) -> bool {
    const MOST: usize = 12;
    const SHORT: usize = 100;
    let filled = || lines.iter().filter(|line| !line.is_blank());
    filled().count() <= MOST && filled().all(|line| breadth(line.trimmed()) <= SHORT)
}

#[cfg(test)]
mod tests {
    use super::{super::lines::lines, *};

    fn show(text: &str, printed: Option<PrintedDate>) -> (Option<String>, Option<String>) {
        let below = read(&lines(text), printed);
        let day = |date: Found<PrintedDate>| match date.value {
            PrintedDate::Day(day) => day.to_string(),
            PrintedDate::Month(..) => "month".to_owned(),
        };
        (below.place.map(|place| place.value), below.date.map(day))
    }

    #[test]
    fn place_and_date_are_read_below_the_text() {
        let some = |text: &str| Some(text.to_owned());
        let table = [
            ("Saluda a las Misiones.\n\nSan Ejemplo, 24 de septiembre de 2026\n\nA las\nMisiones\n", "San Ejemplo"),
            ("Text.\n\nFait à Yaoundé, le 24 septembre 2026\n\nLe Ministre,\nA. Exemple\n", "Yaoundé"),
            ("Text.\n\n        Done at Geneva, this twenty-fourth day of September 2026\n", "Geneva"),
            ("正文。\n\n    2026年9月24日于日内瓦\n", "日内瓦"),
        ];
        for (text, place) in table {
            assert_eq!(show(text, None), (some(place), some("2026-09-24")), "{text}");
        }
        assert_eq!(show("正文。\n\n主任\n2026年9月24日\n", None), (None, some("2026-09-24")));
        assert_eq!(show("Text.\n\nAnnex 1\n\nGeneva, 24 September 2026\n", None), (None, None));
        assert_eq!(show("We meet on 24 September 2026.\n", None), (None, None));
        let own = PrintedDate::Day(chrono::NaiveDate::from_ymd_opt(2026, 2, 17).unwrap());
        assert_eq!(show("Texto.\n\nMadrid, 17 de febrero de 2026\n", Some(own)), (some("Madrid"), None));
        assert_eq!(show("Texto.\n\nMadrid, 18 de febrero de 2026\n", Some(own)), (None, None));
    }
}
