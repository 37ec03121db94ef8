//! From octets to text: UTF-8 with or without a byte-order mark, any line ending.
//!
//! Refuses every other encoding, by its likely name and with a sample, since a wrong guess sends damaged names to
//! governments; control characters; files that are empty or larger than any letter.

use encoding_rs::{Encoding, GBK, KOI8_R, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252, WINDOWS_1256};

use super::Problem;

/// No printed letter comes near a mebibyte of text; a larger file is something else.
pub const LARGEST_LETTER: usize = 1024 * 1024;

/// The text with `\n` line ends, and what is wrong with the octets. A text that had to be guessed helps to show the
/// other problems, but is never sent: an error stands against it.
pub(super) fn decode(octets: &[u8]) -> (String, Vec<Problem>) {
    if octets.len() > LARGEST_LETTER {
        let size = octets.len().div_ceil(1024);
        let message = format!("the file has {size} KiB; a letter has at most {} KiB", LARGEST_LETTER / 1024);
        return (String::new(), vec![Problem::error(0, message)]);
    }
    let (text, mut problems) = match Encoding::for_bom(octets) {
        Some((encoding, _)) if encoding == UTF_16LE || encoding == UTF_16BE => {
            let problem = Problem::error(1, format!("the file is {}: save it as UTF-8", encoding.name()));
            (encoding.decode(octets).0.into_owned(), vec![problem])
        }
        _ => utf8(octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets)),
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if problems.is_empty() && text.trim_matches(super::fold::is_blank).is_empty() {
        problems.push(Problem::error(0, "the file is empty"));
    }
    if problems.is_empty() {
        problems.extend(control_characters(&text));
    }
    (text, problems)
}

fn utf8(octets: &[u8]) -> (String, Vec<Problem>) {
    let fault = match std::str::from_utf8(octets) {
        Ok(text) => return (text.to_owned(), Vec::new()),
        Err(fault) => fault.valid_up_to(),
    };
    let line = 1 + lines_before(&octets[..fault]);
    if octets.iter().filter(|octet| **octet == 0).count() * 4 > octets.len() {
        let message = "the file is not UTF-8; it looks like UTF-16: save it as UTF-8";
        return (String::from_utf8_lossy(octets).into_owned(), vec![Problem::error(line, message)]);
    }
    let likely = likely_encoding(octets);
    let message = format!(
        "\"{}\" is not UTF-8; it looks like {}: save the file as UTF-8",
        sample(octets, fault),
        people_call_it(likely)
    );
    (likely.decode(octets).0.into_owned(), vec![Problem::error(line, message)])
}

fn people_call_it(encoding: &'static Encoding) -> String {
    match encoding.name().strip_prefix("windows-") {
        Some(page) => format!("Windows-{page}"),
        None => encoding.name().to_owned(),
    }
}

fn lines_before(octets: &[u8]) -> u32 {
    let ends = octets.iter().enumerate().filter(|(at, octet)| match octet {
        b'\n' => true,
        b'\r' => octets.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    u32::try_from(ends.count()).unwrap_or(u32::MAX)
}

/// The word around the first wrong octet, with octets that are not ASCII escaped.
fn sample(octets: &[u8], fault: usize) -> String {
    const MOST: usize = 12;
    let inside = |octet: &u8| !octet.is_ascii_whitespace() && !octet.is_ascii_control();
    let before = octets[..fault].iter().rev().take(MOST).take_while(|octet| inside(octet)).count();
    let after = octets[fault..].iter().take(MOST).take_while(|octet| inside(octet)).count();
    octets[fault - before..fault + after.max(1)].escape_ascii().to_string()
}

/// The single-byte or Chinese encoding under which the text reads most like its language.
fn likely_encoding(octets: &[u8]) -> &'static Encoding {
    // The commonest letters of Russian, Arabic and Chinese texts; in a wrong encoding they come out as others.
    const CANDIDATES: [(&Encoding, &str); 4] = [
        (WINDOWS_1251, "оеаинтсрвлкм"),
        (KOI8_R, "оеаинтсрвлкм"),
        (WINDOWS_1256, "الينموترةبعد"),
        (GBK, "的一是在不了有和会国中年月日大为通信委员际电联"),
    ];
    if has_latin_words(octets) {
        return WINDOWS_1252;
    }
    let high = octets.iter().filter(|octet| !octet.is_ascii()).count();
    let mut best: (&'static Encoding, usize) = (WINDOWS_1252, 0);
    for (encoding, letters) in CANDIDATES {
        let (text, damaged) = encoding.decode_without_bom_handling(octets);
        let octets_each = if encoding == GBK { 2 } else { 1 };
        let usual = text.chars().filter(|c| letters.contains(*c)).count() * octets_each;
        let share = usual * 100 / high.max(1);
        let enough = if encoding == GBK { 8 } else { 40 };
        if !damaged && share >= enough && share > best.1 {
            best = (encoding, share);
        }
    }
    best.0
}

/// Whether letters that are not ASCII stand in words with those that are, "Genève", or alone, "à", as in Western Europe;
/// a word in another script is of its own letters throughout.
fn has_latin_words(octets: &[u8]) -> bool {
    /// Where the single-byte encodings have their letters; below stand signs.
    const FIRST_LETTER: u8 = 0xc0;
    let is_high = |octet: &&u8| **octet >= FIRST_LETTER;
    let parts = |octet: &u8| !octet.is_ascii_alphabetic() && *octet < FIRST_LETTER;
    let (mut mixed, mut own) = (0_usize, 0_usize);
    for word in octets.split(parts) {
        let high = word.iter().filter(is_high).count();
        mixed += usize::from(high > 0 && high < word.len());
        own += usize::from(high > 1 && high == word.len());
    }
    mixed > own || (own == 0 && octets.iter().any(|octet| is_high(&octet)))
}

pub(super) fn control_characters(text: &str) -> Vec<Problem> {
    let wrong = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    (1..)
        .zip(text.split('\n'))
        .filter_map(|(line, printed)| {
            let found = printed.chars().find(|c| wrong(*c))?;
            let message = format!("a control character (U+{:04X}) stands in the text: delete it", u32::from(found));
            Some(Problem::error(line, message))
        })
        .take(20)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(octets: &[u8]) -> String {
        decode(octets).1.first().map(|p| p.located("f")).unwrap_or_default()
    }

    #[test]
    fn a_mark_and_any_line_ending_are_accepted() {
        assert_eq!(decode(b"\xef\xbb\xbfa\r\nb\rc\n"), ("a\nb\nc\n".to_owned(), vec![]));
    }

    #[test]
    fn another_encoding_is_named_with_a_sample_and_its_line() {
        assert_eq!(
            first(b"a\ncaf\xe9 noir"),
            "f:2: \"caf\\xe9\" is not UTF-8; it looks like Windows-1252: save the file as UTF-8"
        );
        let russian = "Уважаемая госпожа, настоящим имею честь сообщить Вам о проведении совещания в Женеве";
        let arabic = "يسعدني أن أحيطكم علما بأن الاجتماع المقبل للجنة سيعقد في جنيف خلال العام المقبل";
        let chinese = "国际电信联盟各成员国主管部门的会议将在日内瓦举行，请不迟于三月一日答复";
        let table: [(&'static Encoding, &str, &str); 4] = [
            (WINDOWS_1251, russian, "Windows-1251"),
            (KOI8_R, russian, "KOI8-R"),
            (WINDOWS_1256, arabic, "Windows-1256"),
            (GBK, chinese, "GBK"),
        ];
        for (encoding, text, name) in table {
            let octets = encoding.encode(text).0;
            assert!(first(&octets).contains(&format!("looks like {name}:")), "{name}: {}", first(&octets));
        }
    }

    #[test]
    fn a_short_letter_with_few_accents_is_western_and_one_with_few_russian_words_is_not() {
        let western = [
            "Réf. : CL 1\nGenève, le 3 mai 2026\nAux : Régulateurs\nObjet : Session",
            "À : Régulateurs",
            "Le 3 mai : à noter",
            "Asunto: Reunión\nMuy señor mío:\nSe ruega responder en el año 2026.",
            "Betreff: Übersicht für die Behörden\nSehr geehrte Damen und Herren,\nmit freundlichen Grüßen",
            "Größe",
            "São Tomé",
        ];
        for text in western {
            let octets = WINDOWS_1252.encode(text).0;
            assert!(first(&octets).contains("looks like Windows-1252:"), "{text}: {}", first(&octets));
        }
        let russian = [
            "Тема: Совещание",
            "Ref.: CL 1\nGeneva, 3 May 2026\nTo: Regulators\nКопия: Регуляторам\nSubject: ITU-T, Study Group 3",
            "О совещании в г. Минске",
        ];
        for text in russian {
            for (encoding, name) in [(WINDOWS_1251, "Windows-1251"), (KOI8_R, "KOI8-R")] {
                let octets = encoding.encode(text).0;
                assert!(first(&octets).contains(&format!("looks like {name}:")), "{text}: {}", first(&octets));
            }
        }
    }

    #[test]
    fn utf_16_control_characters_and_empty_or_huge_files_are_refused() {
        assert_eq!(first(b"\xff\xfeR\0e\0f\0"), "f:1: the file is UTF-16LE: save it as UTF-8");
        assert_eq!(first(b"a\n\0"), "f:2: a control character (U+0000) stands in the text: delete it");
        assert_eq!(first(b"\n \r\n"), "f: the file is empty");
        assert_eq!(first(b""), "f: the file is empty");
        assert!(first(&vec![b'a'; LARGEST_LETTER + 1]).contains("at most 1024 KiB"));
    }
}
