//! The value of one cell: text, a date, languages, a time zone.
//!
//! Refuses what could not be printed or could break a header (RFC 5322 §2.2): controls, line breaks, bidirectional
//! controls, damaged text, more than 1 KiB; and dates that two countries would read differently.

use std::borrow::Cow;

use chrono::NaiveDate;
use chrono_tz::{TZ_VARIANTS, Tz};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::{address::shown, cell::trimmed, encoding, label::nearest};
use crate::circular::{Language, written_day};

/// The longest cell in octets; the longest official name of an office is a quarter of it.
const CELL_MAX: usize = 1024;

/// A cell within its length.
pub(super) fn sized(cell: &str) -> Result<&str, String> {
    let cell = trimmed(cell);
    match cell.len() {
        0..=CELL_MAX => Ok(cell),
        length => Err(format!("{length} octets, and a cell holds {CELL_MAX} at most: \"{}\"", shown(cell))),
    }
}

/// A cell of text, trimmed, in NFC.
pub(super) fn text(cell: &str) -> Result<Cow<'_, str>, String> {
    let cell = sized(cell)?;
    match cell.chars().find(|c| is_unprintable(*c)) {
        None => {}
        Some('\n') => {
            return Err(format!(
                "a line break inside \"{}\"; put the text on one line, or close the quotation mark that this row opens",
                shown(cell)
            ));
        }
        Some('\u{fffd}') => return Err(format!("damaged text, \"{}\": a letter was lost; type it anew", shown(cell))),
        Some(c) => {
            return Err(format!(
                "the character U+{:04X} inside \"{}\" cannot be printed; type the text anew",
                u32::from(c),
                shown(cell)
            ));
        }
    }
    if cell.is_ascii() {
        return Ok(Cow::Borrowed(cell));
    }
    if let Some(mended) = encoding::mended(cell) {
        return Err(format!(
            "damaged text, \"{}\" should read \"{}\": the file was once opened in a wrong encoding; open it as UTF-8",
            shown(cell),
            shown(&mended)
        ));
    }
    Ok(match is_nfc(cell) {
        true => Cow::Borrowed(cell),
        false => Cow::Owned(cell.nfc().collect()),
    })
}

/// Controls, line and paragraph separators, bidirectional controls, tags, and the sign for a lost letter. Joiners stay:
/// Persian and Indian names need them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c), 0x061c | 0x200e | 0x200f | 0x2028..=0x202e | 0x2066..=0x2069 | 0xfff9..=0xfffd
            | 0xe0000..=0xe0fff)
}

/// Whether a conversion has replaced letters by question marks.
pub(super) fn has_lost_letters(text: &str) -> bool {
    text.contains("???")
}

/// `fr;en`, `E/F`, `French, English`: in the cell's order, each once.
pub(super) fn languages(cell: &str) -> Result<Vec<Language>, String> {
    let mut found = Vec::new();
    for piece in cell.split([';', ',', '/', '|', '+', '&', '\n', '،', '、', '；', '，']).map(trimmed) {
        if piece.is_empty() || piece == "-" {
            continue;
        }
        match Language::from_name(piece) {
            Some(language) if found.contains(&language) => {}
            Some(language) => found.push(language),
            None => {
                return Err(format!("\"{}\" is not a language; write two letters, such as fr or fr;en", shown(piece)));
            }
        }
    }
    Ok(found)
}

/// ISO `2026-12-31`, `31.12.2026`, `31 December 2026` in six languages, and `31/12/2026` where only one reading is
/// possible. Midnight, which spreadsheets add, may follow.
pub(super) fn date(cell: &str) -> Result<NaiveDate, String> {
    let no_date = || format!("\"{}\" is not a date; write 2026-12-31", shown(cell));
    if cell.len() == 5 && cell.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("\"{cell}\" is a spreadsheet's day number; format the column as a date, 2026-12-31"));
    }
    let day = without_midnight(cell);
    if day.chars().any(char::is_alphabetic) {
        return written_day(&day.replace('-', " ")).ok_or_else(no_date);
    }
    let parts: Vec<&str> = day.split(['-', '.', '/']).collect();
    let &[first, second, third] = parts.as_slice() else { return Err(no_date()) };
    let all_digits = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let (Ok(a), Ok(b), Ok(c), true) = (first.parse::<u32>(), second.parse::<u32>(), third.parse::<u32>(), all_digits)
    else {
        return Err(no_date());
    };
    let ymd = |year: u32, month, day| {
        NaiveDate::from_ymd_opt(i32::try_from(year).unwrap_or(-1), month, day).ok_or_else(no_date)
    };
    match (first.len(), third.len()) {
        (4, 1..=2) => ymd(a, b, c),
        (1..=2, 4) if day.contains('.') || a > 12 || a == b => ymd(c, b, a),
        (1..=2, 4) if b > 12 => ymd(c, a, b),
        (1..=2, 4) => Err(format!("\"{day}\" can be read in two ways; write {c}-{b:02}-{a:02} or {c}-{a:02}-{b:02}")),
        _ => Err(no_date()),
    }
}

fn without_midnight(cell: &str) -> &str {
    let (day, time) = cell.split_once([' ', 'T']).unwrap_or((cell, ""));
    let midnight = !time.is_empty() && time.chars().all(|c| matches!(c, '0' | ':' | '.'));
    if midnight && day.starts_with(|c: char| c.is_ascii_digit()) { day } else { cell }
}

/// A name of the tz database, in any case.
pub(super) fn time_zone(cell: &str) -> Result<Tz, String> {
    let name = cell.replace(' ', "_");
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&name)) {
        return Ok(*zone);
    }
    let near = nearest(&name, TZ_VARIANTS.iter().map(|zone| zone.name()));
    let remedy =
        near.map_or("write Europe/Zurich, UTC and the like".to_owned(), |near| format!("did you mean {near}?"));
    Err(format!("\"{}\" is not a time zone; {remedy}", shown(cell)))
}
