//! Numbers that only their place and their look make a reference: in a corner, behind an abbreviation, behind a label that no
//! list has. Each is the letter's own only where it prints no other.

use super::{
    super::{
        fold::{breadth, digit, fold, is_blank, is_han},
        words::WORDS,
    },
    BROADEST, is_part, kind_of_letter,
};

/// "Chanc. 214/26", "ب ع 7/ 3391", "0873-2026/SG": a few words, one of them a number with a stroke or of several parts,
/// as stands in a corner. No number of post or telephone, no address, no date.
pub(in super::super) fn is_like_a_number(text: &str) -> bool {
    const WORDS_MOST: usize = 4;
    const BREADTH_MOST: usize = 40;
    // "7/ 3391" is one number
    let tight = text.trim_matches(is_blank).replace("/ ", "/").replace(" /", "/");
    let text = tight.as_str();
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let named = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase()));
    let plain = |c: char| c.is_alphanumeric() || is_blank(c) || "/-.–()[]〔〕_°№º".contains(c);
    (1..=WORDS_MOST).contains(&words.len())
        && breadth(text) <= BREADTH_MOST
        && text.chars().all(plain)
        && !text.ends_with(['.', '-', '/'])
        && !is_chinese_title(text)
        && words.iter().all(|word| named(word) || !word.starts_with(char::is_alphabetic) || is_mark(word))
        && (words.iter().any(|word| is_symbol_of_parts(word)) || is_series_and_number(&words) || is_code(&words))
        && !is_of_post(text)
        && super::super::dates::dates(&super::super::tokens::tokens(text)).is_empty()
}

/// "2026/27學年姊妹學校交流津貼": words in which a year stands.
fn is_chinese_title(text: &str) -> bool {
    const FEWEST: usize = 6;
    let han = text.chars().filter(|c| is_han(*c)).count();
    han >= FEWEST && !text.ends_with(|c| digit(c).is_some() || matches!(c, '号' | '號'))
}

pub(super) fn is_mark(word: &str) -> bool {
    WORDS.has("number_marks", &fold(word.trim_end_matches('.')))
}

/// "SR 26-3", "OCC 2026-14": capitals, and a number of two parts.
fn is_series_and_number(words: &[&str]) -> bool {
    const LETTERS_MOST: usize = 6;
    let [series, number] = words else { return false };
    let capitals = (2..=LETTERS_MOST).contains(&series.chars().count()) && series.chars().all(char::is_uppercase);
    let parts: Vec<&str> = number.split(['-', '/', '.']).collect();
    let numeric = |part: &&str| (1..=5).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    capitals && parts.len() == 2 && parts.iter().all(numeric)
}

/// "NOT-26041": capitals, more than a post code has, and a number on their dash.
fn is_code(words: &[&str]) -> bool {
    const DIGITS: std::ops::RangeInclusive<usize> = 3..=6;
    let [word] = words else { return false };
    if is_of_service(word) {
        return true;
    }
    let Some((letters, number)) = word.split_once(['-', '–']) else { return false };
    let capitals = (3..=6).contains(&letters.chars().count()) && letters.chars().all(char::is_uppercase);
    capitals && DIGITS.contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit())
}

/// "27NL0045": the year, a service of one capital to three, and four digits or five.
fn is_of_service(word: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    let rest = word.trim_start_matches(is_digit);
    let number = rest.trim_start_matches(char::is_uppercase);
    let service = rest.chars().count() - number.chars().count();
    word.len() - rest.len() == 2
        && (1..=3).contains(&service)
        && (4..=5).contains(&number.len())
        && number.chars().all(is_digit)
}

/// "214/26", "MRE-DGPC-2026-0873", "12-2026": three digits or a letter at least, and no telephone number.
fn is_symbol_of_parts(word: &str) -> bool {
    const DIGITS: usize = 3;
    let digits = word.chars().filter(|c| digit(*c).is_some()).count();
    let letters = word.chars().any(char::is_alphabetic);
    let parts: Vec<&str> = word.split(['-', '.', '–', '_']).filter(|part| !part.is_empty()).collect();
    let of_year = |part: &str| part.len() == 4 && part.starts_with("20") && part.chars().all(|c| c.is_ascii_digit());
    let year = parts.len() == 2 && parts.iter().any(|part| of_year(part));
    // "2026-2027" is a year of schools or accounts
    let span = word.split(['-', '/', '–']).all(of_year);
    digits > 0
        && !span
        && ((word.contains('/') && (letters || (digits >= DIGITS && word.matches('/').count() == 1)))
            || (letters && parts.len() >= 3 && digits >= 2)
            || (letters && word.contains('(') && word.contains(')') && !word.starts_with('('))
            || year)
}

/// "27NL0045 - P. Modelska": the number without who has written the letter, initials and a name.
pub(in super::super) fn without_author(text: &str) -> &str {
    let dashes = [" - ", " – ", " — "];
    let Some((number, author)) = dashes.iter().find_map(|dash| text.split_once(dash)) else { return text };
    let words: Vec<&str> = author.split(is_blank).filter(|word| !word.is_empty()).collect();
    let Some((name, initials)) = words.split_last() else { return text };
    let short = |word: &&str| word.ends_with('.') && word.split(['.', '-']).all(|part| part.chars().count() <= 2);
    let named = name.starts_with(char::is_uppercase) && name.chars().all(|c| c.is_alphabetic() || c == '-');
    let person = !initials.is_empty() && initials.iter().all(short) && named && name.chars().count() > 2;
    if person && is_like_a_number(number) { number } else { text }
}

/// Whether a word says that the numbers are those of a telephone, a post box, a street.
pub(in super::super) fn is_of_post(text: &str) -> bool {
    let folded = fold(text);
    let words = || folded.split(|c: char| is_blank(c) || matches!(c, ':' | '/' | '(' | ')'));
    WORDS.list("post_marks").iter().any(|mark| {
        let whole = words().any(|word| word.trim_end_matches('.') == mark.trim_end_matches('.'));
        let phrase = mark.contains(|c| is_blank(c) || is_han(c)) && folded.contains(mark.as_str());
        whole || phrase
    })
}

/// "NV No. MRE-DGPC-2026-0873", "Exp. N° 2026-0012": what stands behind an abbreviation and the mark of a number.
pub(in super::super) fn behind_mark(text: &str) -> Option<&str> {
    const WORDS_BEFORE: usize = 2;
    const WORDS_AFTER: usize = 3;
    let mut at = 0;
    for word in text.split(is_blank).take(WORDS_BEFORE + 1) {
        if at > 0 && is_mark(word) {
            let (before, number) = (&text[..at], text[at + word.len()..].trim_matches(is_blank));
            let abbreviation = |word: &str| word.ends_with('.') || !word.contains(char::is_lowercase);
            let short = before.split(is_blank).all(|word| word.chars().count() <= 8 && abbreviation(word));
            // "File No. 12/4/2026" without its colon
            let label = fold(text[..at + word.len()].trim_end_matches('.'));
            let short = short || WORDS.has("label_reference_colon", &label);
            // "ISO/TC 999 N 1287" is one number
            let whole = before.contains(|c| digit(c).is_some());
            let named = before.starts_with(char::is_uppercase) && short && !whole && !is_of_post(before);
            let numbered = number.chars().any(|c| digit(c).is_some())
                && number.split(is_blank).count() <= WORDS_AFTER
                && number.split(is_blank).all(is_part)
                && !number.starts_with('+');
            return (named && numbered).then_some(number);
        }
        at += word.len();
        // the blank behind it, which may be of several octets
        at += text[at..].chars().next()?.len_utf8();
    }
    None
}

/// "PROT. N.: 12", "Chancery No.: 12", "卷宗號：12": a label that no list has, of a few words and the mark of a number.
pub(in super::super) fn behind_marked_label(text: &str) -> Option<&str> {
    const WORDS_MOST: usize = 4;
    let (label, value) = super::super::labels::at_colon(text)?;
    let words: Vec<&str> = label.split(is_blank).filter(|word| !word.is_empty()).collect();
    // "№ ссылки: 4207(DOP)1091"
    let first = words.len() > 1 && is_mark(words[0]) && is_like_a_number(value);
    let marked = words.last().is_some_and(|word| is_mark(word)) || fold(label).ends_with('号') || first;
    let short = words.len() <= WORDS_MOST && !is_of_post(label) && super::super::labels::label(text).is_none();
    let numbered = breadth(value) <= BROADEST
        && value.split(is_blank).count() <= WORDS_MOST
        && value.chars().any(|c| digit(c).is_some())
        && !value.starts_with('+')
        && super::super::dates::dates(&super::super::tokens::tokens(value)).is_empty();
    (marked && short && numbered).then_some(value)
}

/// Whether a labelled value is words and no number: "Ref.: Régimen informativo sobre ciberincidentes".
pub(in super::super) fn is_words(value: &str) -> bool {
    const FEWEST: usize = 3;
    const SAYING: usize = 4;
    let words: Vec<&str> = value.split(is_blank).filter(|word| !word.is_empty()).collect();
    let numbered = |word: &&&str| word.chars().any(|c| digit(c).is_some());
    let spoken = words.iter().filter(|word| !numbered(word) && word.chars().any(char::is_lowercase)).count();
    let symbol = words.iter().filter(numbered).any(|word| is_symbol_of_parts(word));
    // "48 Reunión del Comité", "17e session": the number counts the word behind it
    let said = |word: &&str| word.chars().count() >= 4 && word.chars().all(|c| c.is_alphabetic() || c == '-');
    let counts = words.first().is_some_and(|word| numbered(&word))
        && words.get(1).is_some_and(|word| said(word) && WORDS.months.iter().all(|(name, _)| name[0] != fold(word)));
    let second = words.iter().take(2).any(|word| numbered(&word)) && !counts;
    let opens_with_number = second || kind_of_letter(value).is_some();
    let han = value.chars().filter(|c| is_han(*c)).count() >= 8 && !value.chars().any(|c| digit(c).is_some());
    let plain = words.len() >= FEWEST && !words.iter().any(|word| numbered(&word));
    han || plain || (counts && spoken >= 2 && !symbol) || (spoken >= SAYING && !symbol && !opens_with_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_corner_are_told_from_addresses_and_telephones() {
        for text in [
            "Chanc. 214/26",
            "ب ع 7/ 3391",
            "B1/15C",
            "AUE/P/0012/26",
            "SecCE/2026/118",
            "0873-2026/SG",
            "12-2026",
            "MRE-DGPC-2026-0873",
            "2026/118",
            "Prot. N. 45/26/L",
            "SR 26-3",
            "HOC(26)12",
            "OCC 2026-14",
            "NOT-26041",
        ] {
            assert!(is_like_a_number(text), "{text}");
        }
        for text in [
            "CH-1211 Geneva 20",
            "London SE1 7SR",
            "1200 Cathedral Place",
            "555-01-01",
            "(495) 000-00-01",
            "Tel. 12/3456",
            "B.P. 12/345",
            "3/12/2021",
            "1441/4/18",
            "1/2",
            "Place des Nations 1",
            "Member States",
            "C.P. 04000",
            "9-11 June 2026",
            "www.example/12",
            "MOVILIDAD ESTUDIANTIL 2026-2027",
            "SESSION 2026/2027",
            "2026/27學年姊妹學校交流津貼",
            "CH-1211",
            "COVID-19",
        ] {
            assert!(!is_like_a_number(text), "{text}");
        }
    }

    #[test]
    fn numbers_behind_marks_and_unknown_labels_are_read() {
        assert_eq!(behind_mark("NV No. MRE-DGPC-2026-0873"), Some("MRE-DGPC-2026-0873"));
        assert_eq!(behind_mark("Exp. N° 2026-0012"), Some("2026-0012"));
        for text in [
            "Tel. No. 12345",
            "P.O. Box No. 12",
            "Fax No 555 01",
            "Regulators",
            "The No. 1 priority of all",
            "Session No. 4",
        ] {
            assert_eq!(behind_mark(text), None, "{text}");
        }
        assert_eq!(behind_marked_label("Chancery No.: 214/26"), Some("214/26"));
        assert_eq!(behind_marked_label("卷宗號：B1/15C"), Some("B1/15C"));
        assert_eq!(behind_marked_label("№ записи: 4207(DOP.SCI)1091"), Some("4207(DOP.SCI)1091"));
        assert_eq!(behind_marked_label("No. of pages: 12"), None);
        assert_eq!(behind_mark("ISO/TC 999 N 1287"), None);
        for text in ["Tel. No.: 12345", "Your No.: 12", "Account No.: 12", "Subject: No. 12", "Note: see page 12"] {
            assert_eq!(behind_marked_label(text), None, "{text}");
        }
    }

    #[test]
    fn words_behind_ref_are_told_from_numbers() {
        for text in [
            "Régimen Informativo sobre Ciberincidentes. Presentación del primer informe anual.",
            "Registration of delegates",
            "Llamado a postulaciones 2027 para becas de posgrado",
            "关于更新指引的通知",
            "48 Reunión del CCP.II – documentos y arreglos",
            "48 Reunión – documentos",
            "17e session de la Commission d'experts",
        ] {
            assert!(is_words(text), "{text}");
        }
        for text in [
            "Circular 12",
            "Chanc. 214/26",
            "12 of 3 March 2026",
            "CL 12 of 2026",
            "DG/SPU/12",
            "Corrigendum 1 to TSB Circular 239",
            "MRE",
        ] {
            assert!(!is_words(text), "{text}");
        }
    }
}
