//! One addressee in another case: a distribution list says "المنتسبون إلى القطاع" of those whom To calls "المنتسبين إلى القطاع",
//! and "Банки" of "Банкам". Such a list counts whom the letter goes to, and adds nobody.

use super::{
    AddresseeLine,
    addressee_lines::in_two,
    fold::{after_word, fold, is_blank},
    words::WORDS,
};

/// Whether a line of a distribution list says no more than To: the same in another case, or two or more of its
/// addressees joined by "and".
pub(super) fn repeats(to: &[AddresseeLine], text: &str) -> bool {
    let known: Vec<String> = to.iter().map(|line| fold(&line.text)).collect();
    is_known(&known, &fold(text))
}

fn is_known(known: &[String], text: &str) -> bool {
    let one = |text: &str| known.iter().any(|known| same(known, text) || narrows(known, text));
    if one(text) {
        return true;
    }
    let attached = text.match_indices(" و").map(|(at, join)| (&text[..at], &text[at + join.len()..]));
    let commas = text.match_indices([',', '،']).map(|(at, comma)| (&text[..at], &text[at + comma.len()..]));
    let trimmed =
        |(one, other): (&str, &str)| (one.trim_matches(is_blank).len(), other.trim_matches(is_blank).to_owned());
    let halves: Vec<(usize, String)> = in_two(text).chain(attached).chain(commas).map(trimmed).collect();
    halves.iter().any(|(end, rest)| one(&text[..*end]) && is_known(known, rest))
}

/// "Sector Members participating in Study Group 5" are among the Sector Members whom To names.
fn narrows(known: &str, text: &str) -> bool {
    let (words, behind) = (known.split(' ').count(), text.split(' ').count());
    let end = text.match_indices(' ').nth(words - 1).map(|(at, _)| at).filter(|_| behind > words);
    let Some((wider, rest)) = end.map(|end| (&text[..end], text[end..].trim_start())) else { return false };
    let list = |list: &str| WORDS.list(list).iter().any(|word| after_word(rest, word).is_some());
    same(known, wider) && (list("to_narrowing") || list("to_participating"))
}

/// Whether two folded texts are one but for the endings of words; only where words bend so, in Arabic and Cyrillic.
fn same(one: &str, other: &str) -> bool {
    let bends = |c: char| matches!(c, '-' | '\u{620}'..='\u{64a}' | '\u{430}'..='\u{44f}');
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let (left, right) = (words(one), words(other));
    let alike = |(one, other): (&String, &String)| one == other || (one.chars().all(bends) && bent(one, other));
    one == other || (left.len() == right.len() && left.iter().zip(&right).all(alike))
}

/// "банкам" and "банки": one stem of three letters or more, and endings of three at most.
fn bent(one: &str, other: &str) -> bool {
    const STEM: usize = 3;
    const ENDING: usize = 3;
    let stem = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    let ending = |text: &str| text.chars().count() - stem;
    stem >= STEM && ending(one) <= ENDING && ending(other) <= ENDING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_repeats_to_in_another_case_and_another_office_is_none() {
        let table: [(&[&str], &str, bool); 15] = [
            (&["المنتسبين إلى القطاع المشاركين"], "المنتسبون إلى القطاع المشاركون", true),
            (&["إدارات الدول", "أعضاء القطاع"], "إدارات الدول وأعضاء القطاع", true),
            (&["إدارات الدول", "أعضاء القطاع"], "إدارات الدول وأعضاء المجلس", false),
            (&["Банкам", "Небанковским организациям"], "Банки", true),
            (&["Sector Members"], "Sector Members participating in the work of Study Group 5", true),
            (&["Членам Сектора"], "Члены Сектора, участвующие в работе комиссии", true),
            (&["Sector Members of Study Group 3"], "Sector Members", false),
            (&["Банкам", "Небанковским организациям"], "Банки и небанковские организации", true),
            (&["Министру финансов"], "Министерство финансов", false),
            (&["Администрациям Государств-Членов"], "Администрации Государств-Членов", true),
            (&["Members", "Associates", "Academia"], "Members, Associates and Academia", true),
            (&["Directors"], "Director", false),
            (&["Members"], "Members of the Council", false),
            (&["Членам Сектора"], "Члены Сектора", true),
            (&["Членам Сектора"], "Члены Совета", false),
        ];
        for (to, text, expected) in table {
            let to: Vec<AddresseeLine> =
                to.iter().map(|text| AddresseeLine { text: (*text).to_owned(), line: 1 }).collect();
            assert_eq!(repeats(&to, text), expected, "{text}");
        }
    }
}
