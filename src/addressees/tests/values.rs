//! Cells of dates, languages, zones and text.

use chrono::NaiveDate;

use crate::{
    addressees::value::{date, languages, text, time_zone},
    circular::Language,
};

#[test]
fn dates_are_read_only_where_they_can_be_read_in_one_way() {
    let day = |y, m, d| Ok(NaiveDate::from_ymd_opt(y, m, d).unwrap());
    for (cell, wanted) in [
        ("2026-12-31", day(2026, 12, 31)),
        ("2026/12/31", day(2026, 12, 31)),
        ("31.12.2026", day(2026, 12, 31)),
        ("1.2.2026", day(2026, 2, 1)),
        ("31/12/2026", day(2026, 12, 31)),
        ("12/31/2026", day(2026, 12, 31)),
        ("5/5/2026", day(2026, 5, 5)),
        ("2026-12-31 00:00:00", day(2026, 12, 31)),
        ("2026-12-31T00:00:00", day(2026, 12, 31)),
        ("31 December 2026", day(2026, 12, 31)),
        ("31-Dec-2026", day(2026, 12, 31)),
        ("December 31, 2026", day(2026, 12, 31)),
        ("31 décembre 2026", day(2026, 12, 31)),
        ("31 de diciembre de 2026", day(2026, 12, 31)),
        ("31 декабря 2026 г.", day(2026, 12, 31)),
        ("2026年12月31日", day(2026, 12, 31)),
    ] {
        assert_eq!(date(cell), wanted, "{cell}");
    }
    assert_eq!(date("3/4/2026").unwrap_err(), "\"3/4/2026\" can be read in two ways; write 2026-04-03 or 2026-03-04");
    assert!(date("45657").unwrap_err().contains("spreadsheet's day number"));
    for cell in [
        "31.12.26",
        "2026",
        "2026-02-30",
        "32.1.2026",
        "31/13/2026",
        "soon",
        "December 2026",
        "2026-12-31 09:00",
        "+1-1-2026",
        "é1.2.2026",
        "--",
    ] {
        assert!(date(cell).unwrap_err().contains("is not a date"), "{cell}");
    }
}

#[test]
fn languages_keep_their_order_and_count_once() {
    for (cell, wanted) in [
        ("fr;en", vec![Language::FR, Language::EN]),
        ("E/F", vec![Language::EN, Language::FR]),
        ("French, English", vec![Language::FR, Language::EN]),
        ("français", vec![Language::FR]),
        ("es;ES", vec![Language::ES]),
        ("", vec![]),
        ("العربية، 中文", vec![Language::AR, Language::ZH]),
    ] {
        assert_eq!(languages(cell), Ok(wanted), "{cell}");
    }
    assert!(languages("fr;deutsch").unwrap_err().starts_with("\"deutsch\" is not a language"));
}

#[test]
fn zones_are_those_of_the_tz_database() {
    assert_eq!(time_zone("europe/zurich"), Ok(chrono_tz::Europe::Zurich));
    assert_eq!(time_zone("America/New York"), Ok(chrono_tz::America::New_York));
    assert_eq!(
        time_zone("Europe/Zürich").unwrap_err(),
        "\"Europe/Zürich\" is not a time zone; did you mean Europe/Zurich?"
    );
    assert!(time_zone("CET+1h").is_err());
}

#[test]
fn text_that_cannot_be_printed_in_a_header_is_refused() {
    for (cell, wanted) in [
        ("Name\nBcc: x@y.example", "a line break inside"),
        ("Name\u{0}", "U+0000"),
        ("a\u{202e}b", "U+202E"),
        ("a\u{2028}b", "U+2028"),
        ("a\tb", "U+0009"),
        ("a\u{7f}b", "U+007F"),
        ("a\u{85}b", "U+0085"),
        ("Nu\u{fffd}ez", "a letter was lost"),
        ("MÃ¼nchen", "should read \"München\""),
        ("CÃ´te d'Ivoire", "should read \"Côte d'Ivoire\""),
        ("donâ€™t", "should read \"don’t\""),
    ] {
        assert!(text(cell).unwrap_err().contains(wanted), "{cell:?}: {:?}", text(cell));
    }
    assert!(text(&"x".repeat(5000)).unwrap_err().starts_with("5000 octets, and a cell holds 1024 at most"));
}

#[test]
fn text_of_every_script_passes_and_is_composed() {
    for cell in ["Nuñez Ørsted", "Ãngela", "КОВАЛЁВА", "نگار رضایی", "می‌خواهم", "王 晓东", "Þórdís", "ÅÄÖ É", "João"]
    {
        assert_eq!(text(cell).as_deref(), Ok(cell));
    }
    assert_eq!(text(" \u{200b}Zoe\u{308}\u{a0}").as_deref(), Ok("Zoë"));
}
