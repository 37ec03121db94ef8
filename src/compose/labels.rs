//! The words around a letter in its language: "To", "Subject", months. They stand in `labels.toml`, where anyone can
//! correct them without reading code.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use crate::circular::{Language, PrintedDate, Reference, Supplement, SupplementKind};

/// The words of one language.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Words {
    /// "To:"
    pub to: String,
    /// "Copy:"
    pub copy: String,
    /// "Ref.:"
    pub reference: String,
    /// "Subject:"
    pub subject: String,
    /// "Copy, for information"
    pub copy_mark: String,
    /// "Test copy. This letter has not been issued."
    pub test_mark: String,
    /// What stands before the subject of a test copy: `[TEST]`
    pub test_subject: String,
    /// Between a label and what it labels: a space, in Chinese nothing.
    #[serde(default = "space")]
    pub gap: String,
    dateline: String,
    day: String,
    #[serde(default)]
    first_day: Option<String>,
    month: String,
    months: Vec<String>,
    #[serde(default)]
    months_alone: Vec<String>,
    corrigendum: String,
    addendum: String,
    revision: String,
    withdrawal: String,
}

fn space() -> String {
    " ".to_owned()
}

static ALL: LazyLock<BTreeMap<Language, Words>> =
    LazyLock::new(|| toml::from_str(include_str!("labels.toml")).unwrap_or_default());
static NONE: LazyLock<Words> = LazyLock::new(Words::default);

/// The words of a language, English where there are none.
pub fn words(language: Language) -> &'static Words {
    ALL.get(&language).or_else(|| ALL.get(&Language::EN)).unwrap_or(&NONE)
}

/// The date as the language prints it; ISO where the language is not known.
pub fn printed_date(date: PrintedDate, language: Language) -> String {
    let Some(words) = ALL.get(&language) else {
        return match date {
            PrintedDate::Day(day) => day.to_string(),
            PrintedDate::Month(year, month) => format!("{year:04}-{month:02}"),
        };
    };
    match date {
        PrintedDate::Day(date) => {
            let day = match (&words.first_day, date.day()) {
                (Some(first), 1) => first.clone(),
                (_, day) => day.to_string(),
            };
            let month = nth(&words.months, date.month());
            words.day.replace("{day}", &day).replace("{month}", month).replace("{year}", &date.year().to_string())
        }
        PrintedDate::Month(year, month) => {
            let names = if words.months_alone.is_empty() { &words.months } else { &words.months_alone };
            words.month.replace("{month}", nth(names, month)).replace("{year}", &year.to_string())
        }
    }
}

/// "Geneva, 3 December 2021": place and date in the order of the language; either may be missing.
pub(super) fn dateline(place: Option<&str>, date: Option<&str>, language: Language) -> String {
    match (place, date) {
        (Some(place), Some(date)) => words(language).dateline.replace("{place}", place).replace("{date}", date),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    }
}

/// "Corrigendum 1 to Circular BDT/DNS/DGS/112"; as it is where the printed reference says so itself.
pub(super) fn supplemented(reference: &Reference, supplement: Option<&Supplement>, language: Language) -> String {
    let Some(supplement) = supplement.filter(|_| reference.supplement().is_none()) else {
        return reference.to_string();
    };
    let words = words(language);
    let form = match supplement.kind {
        SupplementKind::Corrigendum => &words.corrigendum,
        SupplementKind::Addendum => &words.addendum,
        SupplementKind::Revision => &words.revision,
        SupplementKind::Withdrawal => &words.withdrawal,
    };
    let number = supplement.number.map(|number| number.to_string()).unwrap_or_default();
    let said = form.replace("{number}", &number).replace("{reference}", reference.as_str());
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn nth(names: &[String], month: u32) -> &str {
    let index = usize::try_from(month).unwrap_or_default().checked_sub(1);
    index.and_then(|index| names.get(index)).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn each_official_language_has_all_its_words() {
        for language in Language::OFFICIAL {
            let words =
                ALL.get(&language).unwrap_or_else(|| panic!("{language} is missing or labels.toml is not TOML"));
            assert_eq!(words.months.len(), 12, "{language}");
            for word in [
                &words.to,
                &words.copy,
                &words.reference,
                &words.subject,
                &words.copy_mark,
                &words.test_mark,
                &words.test_subject,
            ] {
                assert!(!word.is_empty(), "{language}");
            }
        }
    }

    #[test]
    fn a_date_reads_as_the_language_writes_it() {
        let date = PrintedDate::Day(NaiveDate::from_ymd_opt(2021, 12, 3).unwrap());
        for (language, printed) in [
            (Language::EN, "Geneva, 3 December 2021"),
            (Language::FR, "Geneva, le 3 décembre 2021"),
            (Language::ES, "Geneva, 3 de diciembre de 2021"),
            (Language::RU, "Geneva, 3 декабря 2021 года"),
            (Language::AR, "Geneva، 3 ديسمبر 2021"),
            (Language::ZH, "2021年12月3日，Geneva"),
            ("pt".parse().unwrap(), "Geneva, 2021-12-03"),
        ] {
            let date = printed_date(date, language);
            assert_eq!(dateline(Some("Geneva"), Some(&date), language), printed);
        }
        assert_eq!(printed_date(PrintedDate::Month(2012, 5), Language::RU), "май 2012 года");
        let first = PrintedDate::Day(NaiveDate::from_ymd_opt(2012, 5, 1).unwrap());
        assert_eq!(printed_date(first, Language::FR), "1er mai 2012");
        assert_eq!(dateline(None, Some("May"), Language::EN), "May");
    }

    #[test]
    fn a_supplement_says_what_it_is_once() {
        let whole = Reference::new("Corrigendum 1 to Circular 7").unwrap();
        let bare = Reference::new("Circular 7").unwrap();
        let supplement = whole.supplement().unwrap();
        assert_eq!(supplemented(&bare, Some(&supplement), Language::EN), "Corrigendum 1 to Circular 7");
        assert_eq!(supplemented(&whole, Some(&supplement), Language::EN), "Corrigendum 1 to Circular 7");
        let withdrawal = Supplement { kind: SupplementKind::Withdrawal, number: None, ..supplement };
        assert_eq!(supplemented(&bare, Some(&withdrawal), Language::FR), "Retrait de Circular 7");
        assert_eq!(supplemented(&bare, None, Language::FR), "Circular 7");
    }
}
