//! Arabic sentences of addressees, where "and" is written onto the next word.
//!
//! "Heads of schools and centres" may be one group or two: only a noun of those who are addressed themselves ("members",
//! "heads"), behind a name that is whole, begins another. Every other "and" stays within its item.

use super::super::{
    fold::{after_word, digit, fold, is_blank},
    words::WORDS,
};

/// What follows "and" on its word; a word that begins with a waw of its own keeps it.
pub(super) fn after_joined_and(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(is_blank).strip_prefix('و')?;
    let noun = WORDS.list("to_joined_nouns").iter().any(|noun| after_word(rest, noun).is_some());
    (noun || rest.starts_with("ال")).then_some(rest)
}

/// "إدارات الدول الأعضاء وأعضاء القطاع والمنتسبين إلى القطاع": at each party that "and" begins; one item elsewhere.
pub(super) fn at_parties(sentence: &str) -> Vec<&str> {
    let parted = |c: char| matches!(c, ',' | '،' | ';' | '؛' | '•');
    let lead = |text: &str| ["وإلى ", "و إلى "].iter().any(|join| text.contains(join));
    if sentence.contains(parted) || lead(sentence) {
        return vec![sentence];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in sentence.char_indices().filter(|(_, c)| is_blank(*c)) {
        let Some(rest) = sentence[at + c.len_utf8()..].strip_prefix('و') else { continue };
        let party = WORDS.list("to_joined_parties").iter().any(|noun| after_word(rest, noun).is_some());
        // "والهيئات الأكاديمية" behind two parties or more is another
        let more =
            !parts.is_empty() && WORDS.list("to_joined_more").iter().any(|noun| after_word(rest, noun).is_some());
        if (party || more) && is_whole(&sentence[start..at]) {
            parts.push(&sentence[start..at]);
            start = sentence.len() - rest.len();
        }
    }
    parts.push(&sentence[start..]);
    parts
}

/// Whether those that a text names are all known, in whichever case: "المنتسبون" are "المنتسبين".
pub(in super::super) fn repeats(text: &str, known: &[String]) -> bool {
    let bare = |text: &str| {
        let words = fold(text.strip_prefix("إلى ").unwrap_or(text));
        words
            .split(' ')
            .map(|word| word.strip_suffix("ون").map_or(word.to_owned(), |stem| format!("{stem}ين")))
            .collect()
    };
    let known: Vec<Vec<String>> = known.iter().map(|known| bare(known)).collect();
    text.starts_with(|c| matches!(c, '\u{620}'..='\u{64a}'))
        && at_parties(text).into_iter().all(|party| known.contains(&bare(party)))
}

/// "رؤساء الهيئات" is whole, "رؤساء" and "رؤساء لجان" share what follows "and".
fn is_whole(item: &str) -> bool {
    let words: Vec<&str> = item.split(is_blank).filter(|word| !word.is_empty()).collect();
    let named =
        |word: &&str| word.starts_with("ال") || word.starts_with("لل") || word.chars().any(|c| digit(c).is_some());
    words.len() > 1 && words.last().is_some_and(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_repeats_those_written_to_in_another_case_names_nobody_new() {
        let known = ["إدارات الدول الأعضاء", "أعضاء القطاع", "المنتسبين المشاركين في الأعمال"].map(str::to_owned);
        for text in ["إدارات الدول الأعضاء وأعضاء القطاع", "المنتسبون المشاركون في الأعمال", "أعضاء القطاع"]
        {
            assert!(repeats(text, &known), "{text}");
        }
        for text in ["المنتسبون", "أعضاء القطاع والجامعات", "Members", "أعضاء القطاع ورؤساء اللجان"]
        {
            assert!(!repeats(text, &known), "{text}");
        }
    }

    #[test]
    fn another_party_begins_behind_a_whole_name_only() {
        let table: [(&str, &[&str]); 9] = [
            (
                "إدارات الدول الأعضاء في الاتحاد وأعضاء قطاع الاتصالات والمنتسبين إلى القطاع",
                &["إدارات الدول الأعضاء في الاتحاد", "أعضاء قطاع الاتصالات", "المنتسبين إلى القطاع"],
            ),
            (
                "إدارات الدول الأعضاء وأعضاء القطاع والهيئات الأكاديمية المنضمة",
                &["إدارات الدول الأعضاء", "أعضاء القطاع", "الهيئات الأكاديمية المنضمة"],
            ),
            ("رؤساء الهيئات وأعضاء المجالس", &["رؤساء الهيئات", "أعضاء المجالس"]),
            ("رؤساء وأعضاء المجالس", &["رؤساء وأعضاء المجالس"]),
            ("رؤساء لجان وأعضاء المجالس", &["رؤساء لجان وأعضاء المجالس"]),
            ("مديري المدارس ومراكز التدريب", &["مديري المدارس ومراكز التدريب"]),
            ("مديري المدارس والمعاهد", &["مديري المدارس والمعاهد"]),
            ("إدارات الدول الأعضاء والهيئات الأكاديمية", &["إدارات الدول الأعضاء والهيئات الأكاديمية"]),
            ("الأعضاء، وأعضاء القطاع", &["الأعضاء، وأعضاء القطاع"]),
        ];
        for (sentence, parts) in table {
            assert_eq!(at_parties(sentence), parts, "{sentence}");
        }
    }
}
