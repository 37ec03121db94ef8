//! Corrigenda, addenda, revisions and withdrawals: what a letter is to its parent.
//!
//! Read from the reference ("Corrigendum 1 to TSB Circular 239", "…/Add.2", "CL 2020/06(REV2)-PR"), from a heading of
//! its own, and, for withdrawals, from the subject. A year or place in brackets, "(Rev. Dubai, 2018)", is none.

use super::{
    Reference, Supplement, SupplementKind,
    fold::{after, after_word, digit, fold, is_blank, is_han},
    words::WORDS,
};

/// The kinds and the keys of their words.
const KINDS: [(SupplementKind, &str); 4] = [
    (SupplementKind::Corrigendum, "corrigendum"),
    (SupplementKind::Addendum, "addendum"),
    (SupplementKind::Revision, "revision"),
    (SupplementKind::Withdrawal, "withdrawal"),
];

/// The supplement that a printed reference says it is, and the rest that names its parent.
pub(super) fn in_reference(printed: &str) -> Option<(Supplement, String)> {
    let (kind, number, parent) = leading(printed).or_else(|| trailing(printed))?;
    let key = Reference::new(&parent).map(|reference| reference.key());
    Some((Supplement { kind, number, parent: key }, parent))
}

/// A heading that is nothing but "Corrigendum 1" or "Addendum".
pub(super) fn heading(printed: &str) -> Option<Supplement> {
    let (kind, number, parent) = leading(printed)?;
    parent.is_empty().then_some(Supplement { kind, number, parent: None })
}

/// A heading that breaks off before its parent: "Corrigendum 2 to".
pub(super) fn names_parent_below(printed: &str) -> bool {
    let last = printed.trim_matches(is_blank).rsplit(is_blank).next().unwrap_or_default();
    heading(printed).is_some()
        && WORDS.list("supplement_of").iter().any(|link| link.rsplit(' ').next() == Some(&fold(last)))
}

/// "к Циркуляру 80", below "Исправление 1": a line that begins with what a parent stands behind.
pub(super) fn goes_on_with_parent(printed: &str, below: &str) -> bool {
    let linked = || WORDS.list("supplement_of").iter().any(|link| after_word(below, link).is_some());
    // "الإضافة 1" / "للرسالة المعممة 144"
    let arabic = || {
        let parent = below.trim_start_matches(is_blank).strip_prefix("لل").map(|rest| format!("ال{rest}"));
        parent.is_some_and(|parent| super::numbering::begins_with_kind(&parent))
    };
    let numbered = heading(printed).is_some_and(|heading| heading.number.is_some());
    if numbered && arabic() {
        return true;
    }
    heading(printed).is_some_and(|heading| heading.number.is_some())
        && below.starts_with(char::is_lowercase)
        && linked()
}

/// "之补遗1", "的勘误2": a line below a parent's number, that says which supplement to it the letter is.
pub(super) fn goes_on_as_supplement(below: &str) -> bool {
    let rest = below.trim_matches(is_blank).strip_prefix(['之', '的']);
    rest.is_some_and(|rest| heading(rest).is_some_and(|heading| heading.number.is_some()))
}

/// "к информационному письму № 301/26", below "Дополнение 2": the parent's number, of whatever kind it is.
pub(super) fn names_parent(below: &str) -> bool {
    let rest = WORDS.openings("supplement_of", below).iter().find_map(|link| after_word(below, link));
    let kind = |rest: &&str| rest.trim_start_matches(is_blank).split(is_blank).count() <= 12;
    below.starts_with(char::is_lowercase)
        && rest.filter(kind).is_some_and(|rest| rest.chars().any(|c| digit(c).is_some()))
}

/// What only the subject announces: a withdrawal, "(this letter cancels and supersedes the letter of 22 July 2013)", or that the
/// letter supplements another, "Révision 1 de la note A/26-41 – calendrier". The parent is not named for it: a letter that
/// has a number of its own names its addressees, too.
pub(super) fn in_subject(subject: &str) -> Option<Supplement> {
    let folded = fold(subject);
    let phrase = WORDS.list("withdrawal_phrases").iter().any(|phrase| holds_phrase(&folded, phrase));
    if phrase {
        return Some(Supplement { kind: SupplementKind::Withdrawal, number: None, parent: None });
    }
    let (kind, number) =
        begins_supplement(subject).or_else(|| ends_supplement(subject)).or_else(|| in_last_brackets(subject))?;
    Some(Supplement { kind, number, parent: None })
}

/// "Fe de erratas a la comunicación A/1102/2026 – …": of a letter with its number, and of no rule, agenda or standard.
fn begins_supplement(subject: &str) -> Option<(SupplementKind, Option<u32>)> {
    const WORDS_MOST: usize = 6;
    let subject = subject.trim_start_matches(|c| is_blank(c) || matches!(c, '"' | '«' | '“'));
    let subject = WORDS.list("about").iter().find_map(|about| after_word(subject, about)).unwrap_or(subject);
    let (kind, number, parent) = leading(subject.trim_start_matches(is_blank))?;
    let named: Vec<&str> = parent.split(is_blank).filter(|word| !word.is_empty()).take(WORDS_MOST).collect();
    let symbol = |word: &&str| word.chars().any(|c| digit(c).is_some());
    let year = |word: &&str| word.len() == 4 && word.starts_with("20") && word.bytes().all(|b| b.is_ascii_digit());
    let numbered = named.iter().find(|word| symbol(word)).is_some_and(|word| !year(word));
    let letter = super::numbering::begins_with_kind(&parent) || named.first().is_some_and(symbol_of_letter);
    (numbered && letter).then_some((kind, number))
}

/// "CL-26/14", "DM/26/1004": the number alone says that a letter is meant.
fn symbol_of_letter(word: &&str) -> bool {
    super::numbering::is_reference(word.trim_matches(['(', ')', ',', ':']))
}

/// "关于示协函〔2026〕43号通函的更正": in Chinese the parent stands first.
fn ends_supplement(subject: &str) -> Option<(SupplementKind, Option<u32>)> {
    let subject = WORDS.list("about").iter().find_map(|about| after_word(subject, about)).unwrap_or(subject);
    let (kind, number, parent) = trailing(subject)?;
    (subject.contains(is_han) && super::numbering::is_reference(&parent)).then_some((kind, number))
}

/// "关于日程调整的补充通知（补遗1）", "Change of dates (Corrigendum 2)": spelt out, numbered, and behind no number of a document.
fn in_last_brackets(subject: &str) -> Option<(SupplementKind, Option<u32>)> {
    const SHORTEST: usize = 5;
    let inner = subject.trim_matches(is_blank).strip_suffix([')', '）'])?;
    let at = inner.rfind(['(', '（'])?;
    let (lead, inner) = (inner[..at].trim_end_matches(is_blank), inner[at..].trim_start_matches(['(', '（']));
    let (kind, number, parent) = leading(inner)?;
    let letters = inner.chars().take_while(|c| c.is_alphabetic()).count();
    let spelt = letters >= SHORTEST || inner.starts_with(is_han);
    let last = lead.rsplit(is_blank).next().unwrap_or_default();
    let of_document = !last.contains(is_han) && last.chars().any(|c| digit(c).is_some());
    let kind = Some(kind).filter(|kind| matches!(kind, SupplementKind::Addendum | SupplementKind::Corrigendum))?;
    (parent.is_empty() && number.is_some() && spelt && !of_document && !lead.is_empty()).then_some((kind, number))
}

fn holds_phrase(folded: &str, phrase: &str) -> bool {
    folded.match_indices(phrase).any(|(at, _)| {
        let before = folded[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() && !is_han(c))
    })
}

type Parts = (SupplementKind, Option<u32>, String);

/// `Corrigendum 1 to …`, `Rev. 2 of …`, `勘误1`
fn leading(printed: &str) -> Option<Parts> {
    let (counted, printed) = ordinal(printed).map_or((None, printed), |(number, rest)| (Some(number), rest));
    let (kind, rest) = KINDS.into_iter().find_map(|(kind, key)| {
        let word = |opening: &String| after_kind(printed, opening);
        WORDS.openings(key, printed).iter().find_map(word).map(|rest| (kind, rest))
    })?;
    let rest = rest.trim_start_matches(['.', '-']).trim_start_matches(is_blank);
    let rest = number_mark(rest);
    let (number, rest) = number(rest);
    let number = number.or(counted);
    let rest = rest.trim_matches(|c| is_blank(c) || matches!(c, ',' | ':' | ')' | '，' | '：' | '。'));
    let link = WORDS.list("supplement_of").iter().find_map(|link| after_word(rest, link));
    match link {
        Some(parent) => Some((kind, number, parent.trim_matches(is_blank).to_owned())),
        None if rest.is_empty() && (number.is_some() || kind != SupplementKind::Revision) => {
            Some((kind, number, String::new()))
        }
        // "تصويب 1 للتعميم 12": the Arabic preposition is written onto the word.
        None if rest.starts_with("لل") => {
            let parent = format!("ال{}", rest.trim_start_matches('ل'));
            (number.is_some() || super::numbering::begins_with_kind(&parent)).then_some((kind, number, parent))
        }
        None if number.is_some() && rest.starts_with('ل') => {
            Some((kind, number, rest.trim_start_matches('ل').to_owned()))
        }
        // "Пересмотр 1 Циркуляра 12": the case says "of"
        None if number.is_some() && super::numbering::begins_with_kind(rest) => Some((kind, number, rest.to_owned())),
        None => None,
    }
}

/// "First addendum", "2nd Corrigendum", "1er additif": the count before the kind.
fn ordinal(printed: &str) -> Option<(u32, &str)> {
    let (word, rest) = printed.trim_start_matches(is_blank).split_once(is_blank)?;
    let folded = fold(word);
    let (value, ending) = number(&folded);
    let counted = value.filter(|_| WORDS.has("ordinals", ending.trim_matches('.')));
    Some((counted.or_else(|| WORDS.number_words.get(&folded).copied())?, rest))
}

/// The rest after a kind's word; "Addition" is not "Add", "Corr.1" and "勘误1" are kinds.
fn after_kind<'a>(printed: &'a str, opening: &str) -> Option<&'a str> {
    let rest = after(printed, opening)?;
    let goes_on = rest.chars().next().is_some_and(|c| c.is_alphabetic() && !is_han(c));
    (!goes_on).then_some(rest)
}

fn number_mark(text: &str) -> &str {
    let marks = WORDS.list("number_marks");
    let rest = marks.iter().find_map(|mark| after(text, mark)).map(|rest| rest.trim_start_matches('.'));
    rest.map(|rest| rest.trim_start_matches(is_blank))
        .filter(|rest| rest.starts_with(|c| digit(c).is_some()))
        .unwrap_or(text)
}

fn number(text: &str) -> (Option<u32>, &str) {
    let end = text.find(|c| digit(c).is_none()).unwrap_or(text.len());
    let value = text[..end].chars().filter_map(digit).try_fold(0u32, |sum, d| sum.checked_mul(10)?.checked_add(d));
    if end == 0 { (None, text) } else { (value, &text[end..]) }
}

/// `…/Corr.1`, `… Add.2`, `…(REV2)-PR`, `…, Corrigendum 1`, `…的勘误1`
fn trailing(printed: &str) -> Option<Parts> {
    for (at, joint) in printed.char_indices() {
        let parts =
            matches!(joint, '/' | '(' | '（' | ',' | '，' | ' ' | '的' | '之' | '函' | '号' | '號') || is_blank(joint);
        let tail = &printed[at + joint.len_utf8()..];
        if at == 0 || !parts || tail.is_empty() {
            continue;
        }
        let Some((kind, number, rest)) = KINDS.into_iter().find_map(|(kind, key)| {
            let rest = WORDS.openings(key, tail).iter().find_map(|opening| after_kind(tail, opening))?;
            let (number, rest) = number(rest.trim_start_matches(['.', '-']).trim_start_matches(is_blank));
            Some((kind, number, rest))
        }) else {
            continue;
        };
        let bracket = matches!(joint, '(' | '（');
        let rest = match rest.strip_prefix([')', '）']) {
            Some(rest) if bracket => rest,
            _ if bracket => continue,
            _ => rest,
        };
        let goes_on = rest.trim_start_matches(is_blank);
        let stays = rest.is_empty() || goes_on.starts_with(['-', '–', '/']);
        if stays && (bracket || kind != SupplementKind::Withdrawal) {
            // "第5031号通函补遗1": the last character of the parent is its own
            let at = if matches!(joint, '函' | '号' | '號') { at + joint.len_utf8() } else { at };
            let before = printed[..at].trim_end_matches(|c| is_blank(c) || matches!(c, ',' | '，' | '–' | '—'));
            // "C. N 4288 - Addendum 1"
            let before = before.strip_suffix(" -").unwrap_or(before).trim_end_matches(is_blank);
            return Some((kind, number, format!("{before}{rest}")));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supplements_are_read_from_references_of_six_languages() {
        let table = [
            ("Corrigendum 1 to TSB Circular 239", "corrigendum 1", "TSB Circular 239"),
            ("TSB Circular 239/Corr.1", "corrigendum 1", "TSB Circular 239"),
            ("TSB Circular 239, Corrigendum 1", "corrigendum 1", "TSB Circular 239"),
            ("Addendum 2 to Circular-letter CR/25", "addendum 2", "Circular-letter CR/25"),
            ("CL 2020/06(REV2)-PR", "revision 2", "CL 2020/06-PR"),
            ("CL 2020/06(REV)", "revision", "CL 2020/06"),
            ("Circular 12 (Rev. 4)", "revision 4", "Circular 12"),
            ("Revision 1 of Circular 12", "revision 1", "Circular 12"),
            ("Withdrawal of Circular 12", "withdrawal", "Circular 12"),
            ("Corrigendum 1 à la Circulaire TSB 239", "corrigendum 1", "Circulaire TSB 239"),
            ("Corrigéndum 1 a la Circular TSB 239", "corrigendum 1", "Circular TSB 239"),
            ("Исправление 1 к Циркуляру 709 БСЭ", "corrigendum 1", "Циркуляру 709 БСЭ"),
            ("Дополнительный документ 2 к Циркуляру 7", "addendum 2", "Циркуляру 7"),
            ("Циркуляр 7 (Пересм. 1)", "revision 1", "Циркуляр 7"),
            ("تصويب 1 للتعميم 12", "corrigendum 1", "التعميم 12"),
            ("第3号通函的勘误1", "corrigendum 1", "第3号通函"),
            ("第5031号通函之补遗1", "addendum 1", "第5031号通函"),
            ("第5031号通函补遗1", "addendum 1", "第5031号通函"),
            ("Corrigendum No. 1 to Circular 12", "corrigendum 1", "Circular 12"),
            ("First addendum to Circular 12", "addendum 1", "Circular 12"),
            ("2nd Corrigendum to Circular 12", "corrigendum 2", "Circular 12"),
            ("1er additif à la Lettre circulaire 12", "addendum 1", "Lettre circulaire 12"),
            ("Additif n° 2 à la lettre circulaire 12", "addendum 2", "lettre circulaire 12"),
            ("Adenda 1 a la Circular 12", "addendum 1", "Circular 12"),
            ("Fe de erratas N.º 1 de la Circular 12", "corrigendum 1", "Circular 12"),
            ("Поправка № 1 к Циркуляру 12", "corrigendum 1", "Циркуляру 12"),
            ("التصويب رقم 1 للتعميم 12", "corrigendum 1", "التعميم 12"),
        ];
        for (printed, supplement, parent) in table {
            let (found, rest) = in_reference(printed).unwrap_or_else(|| panic!("{printed}"));
            assert_eq!((found.to_string().as_str(), rest.as_str()), (supplement, parent), "{printed}");
        }
    }

    #[test]
    fn plain_references_and_places_in_brackets_are_no_supplements() {
        for printed in [
            "Circular BDT/DNS/DGS/112",
            "Resolution 179 (Rev. Dubai, 2018)",
            "Addis Ababa 12",
            "Correspondence 4",
            "DM-05/1171",
        ] {
            assert_eq!(in_reference(printed), None, "{printed}");
        }
    }

    #[test]
    fn a_heading_and_a_subject_can_say_it_too() {
        assert_eq!(heading("Corrigendum 1").map(|s| s.to_string()), Some("corrigendum 1".to_owned()));
        assert_eq!(heading("Addendum").map(|s| s.to_string()), Some("addendum".to_owned()));
        assert_eq!(heading("Revised programme of the meeting"), None);
        let subject = "Council 2013 (this letter cancels and supersedes the invitation letter dated 22 July 2013)";
        assert_eq!(in_subject(subject).map(|s| s.to_string()), Some("withdrawal".to_owned()));
        assert_eq!(in_subject("Updates on the COP Initiative"), None);
    }
}
