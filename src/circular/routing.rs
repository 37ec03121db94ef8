//! Notes of the house on copies: "Chrono", "Mr. Example", file paths. They are nobody's copy.
//!
//! On a line with such a note, an office of one person ("Director General") is the house's own too. Every other item stays
//! an addressee: a copy left out is an office that does not get the letter.

use super::{
    fold::{after_word, digit, fold, is_blank},
    signature::is_title,
    words::WORDS,
};

/// The addressees among the items of a Copy line, and the notes of the house.
pub(super) fn parted(items: Vec<String>) -> (Vec<String>, Vec<String>) {
    let note = |text: &str| WORDS.has("routing", &fold(text.trim_matches(|c| is_blank(c) || c == '.')));
    // "Chrono / Archives"
    let of_file = |text: &str| note(text) || text.split(['/', '–', '-']).all(note);
    let of_house = items.iter().any(|text| of_file(text));
    // "Ms A. Example, Chair of the Board" is an office.
    let is_note = |text: &str| (is_person(text) && !names_office(text)) || (of_house && is_bare_office(text));
    let (notes, kept) = items.into_iter().partition(|text| of_file(text) || is_path(text) || is_note(text));
    (kept, notes)
}

/// "Director General", but not "Secretary-General of the Union".
fn is_bare_office(text: &str) -> bool {
    is_title(text) && text.split(is_blank).count() <= 2
}

/// "Mr. Example", "Mme Exemple"
fn is_person(text: &str) -> bool {
    WORDS.list("persons").iter().any(|title| after_word(text, title).is_some())
}

/// "Ms A. Example, Chair of the Board", "M. le Directeur général", "السيد/ وكيل الوزارة"
fn names_office(text: &str) -> bool {
    let behind = WORDS.list("persons").iter().find_map(|title| after_word(text, title)).unwrap_or_default();
    let behind = behind.trim_start_matches(|c| is_blank(c) || c == '.');
    let articled = WORDS.list("to_articles").iter().any(|article| after_word(behind, article).is_some());
    text.contains(',') || articled || is_title(behind)
}

/// `N:\Orgpctl\CL.4190.docx`, `ITU-T\BUREAU\CIRC\068E.DOC`
pub(super) fn is_path(text: &str) -> bool {
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes().get(2) == Some(&b'\\');
    let folders = text.matches('\\').count() >= 2 && !text.contains(' ') && !text.starts_with('\\');
    drive || (folders && text.chars().any(|c| digit(c).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_the_house_are_left_out_and_addressees_stay() {
        let table: [(&[&str], &[&str]); 12] = [
            (&["M. le Directeur général", "Mme Exemple"], &["M. le Directeur général"]),
            (&["السيد/ وكيل الوزارة", "الأرشيف"], &["السيد/ وكيل الوزارة"]),
            (&["Ms A. Example, Chair of the Board", "Academia"], &["Ms A. Example, Chair of the Board", "Academia"]),
            (&["Directions régionales", "Chrono / Archives"], &["Directions régionales"]),
            (&["Registry / Library"], &["Registry / Library"]),
            (&["Permanent Missions", "Chrono"], &["Permanent Missions"]),
            (&["Director General", "Mr. Example", "Chrono"], &[]),
            (&["Secretary-General of the Union", "Chrono"], &["Secretary-General of the Union"]),
            (&["Director General", "Observers"], &["Director General", "Observers"]),
            (&["Directions régionales", "Archives"], &["Directions régionales"]),
            (&["National archives", "M. Exemple"], &["National archives"]),
            (&["N:\\ORG\\CL.4190.docx"], &[]),
        ];
        for (items, kept) in table {
            let items = items.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(parted(items).0, kept, "{kept:?}");
        }
    }
}
