//! The language of a body: by its script, else by its small words.
//!
//! Letterheads stand in six languages and subjects are short, so that only the body decides. Refuses to name a language
//! that none of the small words speaks for.

use super::{Language, fold::is_han, tokens::tokens, words::WORDS};

/// The language of a text, or `None` where nothing tells it.
pub(super) fn language(text: &str) -> Option<Language> {
    let share = |inside: fn(char) -> bool, weight: usize| text.chars().filter(|c| inside(*c)).count() * weight;
    let scripts = [
        (
            Language::AR,
            share(|c| matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fefc}'), 1),
        ),
        (Language::RU, share(|c| matches!(c, '\u{400}'..='\u{4ff}'), 1)),
        // One Chinese character stands for a word, so that names in Latin letters do not outweigh them.
        (Language::ZH, share(is_han, 4)),
    ];
    let latin = share(|c| c.is_alphabetic() && (c as u32) < 0x250, 1);
    if let Some((language, count)) = scripts.into_iter().max_by_key(|(_, count)| *count)
        && count > 0
        && count * 2 > latin
    {
        return Some(language);
    }
    small_words(text)
}

fn small_words(text: &str) -> Option<Language> {
    let tokens = tokens(text);
    let count = |words: &[String]| {
        tokens.iter().filter_map(|token| token.word()).filter(|word| words.iter().any(|known| known == word)).count()
    };
    let mut counts: Vec<(usize, &str)> = WORDS
        .stop_words
        .iter()
        .filter(|(code, _)| matches!(*code, "en" | "fr" | "es"))
        .map(|(code, words)| (count(words), *code))
        .collect();
    counts.sort_unstable();
    match counts.as_slice() {
        [.., (second, _), (first, code)] if first > second => code.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_small_words_tell_the_language() {
        let table = [
            ("We invite you to send the form to the Secretariat.", Some(Language::EN)),
            ("Nous vous prions de renvoyer le formulaire au secrétariat de l'UIT.", Some(Language::FR)),
            ("Le ruego que envíe el formulario a la Secretaría de la UIT.", Some(Language::ES)),
            ("Просим Вас направить форму в Секретариат МСЭ (ITU-T SG3).", Some(Language::RU)),
            ("نرجو منكم إرسال الاستمارة إلى الأمانة (ITU).", Some(Language::AR)),
            ("请将表格寄给秘书处 (cop@itu.example)。", Some(Language::ZH)),
            ("12345", None),
            ("", None),
        ];
        for (text, language) in table {
            assert_eq!(super::language(text), language, "{text}");
        }
    }
}
