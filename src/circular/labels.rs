//! Labels of the printed head, "Subject:", "Objet :", "主题：", and whether a line bears one.
//!
//! A word that also begins sentences ("To", "Aux") is a label only with a colon, alone, or before a capital; "Subject to
//! approval" is text.

use super::{
    dates::only_date,
    fold::{after_word, digit, fold, is_blank},
    numbering::is_of_post,
    words::{Colon, Field, WORDS},
};

/// A label and what stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label<'a> {
    pub field: Field,
    /// Whether a colon follows: then nothing but a label is meant.
    pub colon: bool,
    /// The value on the same line, empty where the label stands alone.
    pub rest: &'a str,
}

/// The label that a line bears, the longest that fits.
pub(super) fn label(text: &str) -> Option<Label<'_>> {
    // "Copie adressée à :" is more than a label with a value behind it
    of_copies(text)
        .or_else(|| in_two_languages(text))
        .or_else(|| twice(text))
        .or_else(|| printed(text))
        .or_else(|| letter_spaced(text))
        .or_else(|| of_the_writer(text))
}

/// "A copy of this circular is sent for information to:", "Copie adressée à :": a word for copies among those that only say
/// that they go out, up to one that names whom.
fn of_copies(text: &str) -> Option<Label<'_>> {
    const MOST_WORDS: usize = 12;
    let (before, rest) = text.split_once([':', '：'])?;
    let words: Vec<String> = before.split(is_blank).filter(|word| !word.is_empty()).map(fold).collect();
    let noun = |word: &String| WORDS.has("copy_nouns", word);
    let known = |word: &String| noun(word) || WORDS.has("copy_words", word) || WORDS.has("copy_ends", word);
    let ends = words.last().is_some_and(|last| WORDS.has("copy_ends", last));
    let fits = (3..=MOST_WORDS).contains(&words.len()) && ends && words.iter().any(noun) && words.iter().all(known);
    fits.then_some(Label { field: Field::Copy, colon: true, rest: rest.trim_matches(is_blank) })
}

/// What stands before the first colon, if that is near enough to end a label, and what behind it.
pub(super) fn at_colon(text: &str) -> Option<(&str, &str)> {
    const BROADEST: usize = 48;
    let (before, rest) = text.split_once([':', '：'])?;
    (super::fold::breadth(before) <= BROADEST).then_some((before.trim_matches(is_blank), rest.trim_matches(is_blank)))
}

/// The field of a whole text that is a label.
fn field_of(text: &str) -> Option<Field> {
    let folded = fold(text.trim_matches(|c| is_blank(c) || c == '.'));
    let same = |label: &&(Field, String, Colon)| label.1.trim_end_matches('.') == folded;
    WORDS.labels_of(text).find(same).map(|(field, ..)| *field)
}

/// "Subject / Objet:", "Date | التاريخ:": one label in several languages.
fn in_two_languages(text: &str) -> Option<Label<'_>> {
    let (before, rest) = at_colon(text).filter(|(before, _)| before.contains(['/', '|']))?;
    let mut fields = before.split(['/', '|']).map(|part| match field_of(part.trim_matches(is_blank)) {
        Some(Field::Cited) => Some(Field::Reference),
        field => field,
    });
    let first = fields.next().flatten()?;
    fields.all(|field| field == Some(first)).then_some(Label { field: first, colon: true, rest })
}

/// "OUR REF. 本署檔號：", "Subject 主題：": a label straight behind the same label in another language.
fn twice<'t>(text: &'t str) -> Option<Label<'t>> {
    let own = |field| if field == Field::Cited { Field::Reference } else { field };
    let second = |text: &'t str, (field, words, _): &(Field, String, Colon)| {
        let rest = after_word(text, words)?;
        let second = rest.strip_prefix('.').unwrap_or(rest).trim_matches(is_blank);
        let label = printed(second).or_else(|| of_the_writer(second)).or_else(|| letter_spaced(second))?;
        let other = text.starts_with(super::fold::is_han)
            != rest.trim_start_matches(['.', ' ']).starts_with(super::fold::is_han);
        (other && label.colon && own(label.field) == own(*field)).then_some(label)
    };
    at_colon(text)?;
    // "本局檔號 OUR REF.："
    let text = WORDS.list("label_own").iter().find_map(|own| after_word(text, own)).unwrap_or(text);
    WORDS.labels_of(text).find_map(|known| second(text, known))
}

/// "主　题：", "A S U N T O :": the letters of a label are set apart.
fn letter_spaced(text: &str) -> Option<Label<'_>> {
    let (before, rest) = at_colon(text)?;
    let letters: Vec<&str> = before.split(is_blank).filter(|part| !part.is_empty()).collect();
    let spaced = letters.len() > 1 && letters.iter().all(|part| part.chars().count() == 1);
    let field = field_of(&letters.concat()).filter(|_| spaced)?;
    Some(Label { field, colon: true, rest })
}

/// Where the value begins behind a label whose letters are set apart, "抄    送：监事会": no gap within it parts columns.
pub(super) fn behind_letter_spaced(text: &str) -> Option<usize> {
    let indent = text.len() - text.trim_start_matches(is_blank).len();
    letter_spaced(&text[indent..])?;
    text.find([':', '：']).map(|at| at + 1)
}

/// "本局檔號：", "Our file:": the label of a number or date behind the word for the one who writes.
fn of_the_writer(text: &str) -> Option<Label<'_>> {
    let own = WORDS.list("label_own").iter().find_map(|own| after_word(text, own))?;
    printed(own).filter(|label| label.colon && matches!(label.field, Field::Reference | Field::Cited | Field::Date))
}

/// The label as it is printed in one language.
fn printed(text: &str) -> Option<Label<'_>> {
    WORDS.labels_of(text).find_map(|(field, words, colon)| {
        let rest = after_word(text, words)?;
        let rest = rest.strip_prefix('.').unwrap_or(rest).trim_matches(is_blank);
        let rest = match field {
            Field::Reference => without_number_mark(rest),
            Field::Copy => without_note(rest),
            _ => rest,
        };
        let value = rest.strip_prefix([':', '：']).or_else(|| behind_a_gap(text, words));
        let value = value.or_else(|| behind_a_stroke(*field, rest, words));
        let rest = value.unwrap_or(rest).trim_matches(is_blank);
        // "Ref. núm. ACD 8-1-27": so does a mark without a colon
        let rest = if *field == Field::Reference { behind_number_mark(rest) } else { rest };
        let label = Label { field: *field, colon: value.is_some(), rest };
        let stands = match colon {
            Colon::May => label.colon || stands_without_colon(label, words) || is_french_to(text, *field),
            Colon::Must if *field == Field::Reference && text.trim_matches(is_blank) == "№" => true,
            // "行政通函        2026年7月20日": what stands beside is the date
            Colon::Must if only_date(rest).is_some() || is_of_post(rest) => false,
            Colon::Must => label.colon && (rest.is_empty() || rest.chars().any(|c| digit(c).is_some())),
        };
        stands.then_some(label)
    })
}

/// "الموضوع / …": in Arabic a stroke stands for the colon. "Subject – …": so does a dash, below no other label.
fn behind_a_stroke<'a>(field: Field, rest: &'a str, words: &str) -> Option<&'a str> {
    let arabic = words.chars().any(|c| matches!(c, '\u{620}'..='\u{64a}'));
    if arabic {
        // "م/4/1173" is a number
        let title = || rest.split(is_blank).nth(1).is_some() && !rest.starts_with(|c| digit(c).is_some());
        return if words.ends_with('/') {
            Some(rest).filter(|_| title())
        } else {
            rest.strip_prefix('/').map(|rest| rest.trim_start_matches('/'))
        };
    }
    let dash = |c: &char| matches!(c, '-' | '–' | '—');
    let long = field == Field::Subject && words.chars().count() >= 5;
    // "TO – Member Federations"
    let long = long || (matches!(field, Field::To | Field::Copy) && words.chars().count() >= 2);
    let after = rest.strip_prefix(|c| dash(&c)).filter(|after| long && after.starts_with(is_blank))?;
    after.chars().find(|c| c.is_alphanumeric()).filter(|c| !c.is_lowercase()).map(|_| after)
}

/// "Ref. No.: 12": the mark belongs to the label.
fn without_number_mark(rest: &str) -> &str {
    let marked = WORDS.list("number_marks").iter().find_map(|mark| after_word(rest, mark));
    let marked = marked.map(|after| after.strip_prefix('.').unwrap_or(after).trim_start_matches(is_blank));
    marked.filter(|after| after.starts_with([':', '：'])).unwrap_or(rest)
}

/// "núm. ACD 8-1-27", "n° 12/SG": what stands behind a mark written out, where it is a number; "N 12" is one as it stands.
fn behind_number_mark(rest: &str) -> &str {
    let spelt = |mark: &&String| mark.chars().count() > 1 || matches!(mark.as_str(), "№");
    let marks = WORDS.openings("number_marks", rest).iter().filter(spelt);
    let behind = marks.filter_map(|mark| after_word(rest, mark)).next();
    // "NO-2026-118-APN" is a number
    let behind = behind.filter(|after| after.starts_with(|c| is_blank(c) || c == '.' || digit(c).is_some()));
    let behind = behind.map(|after| after.trim_start_matches('.').trim_start_matches(is_blank));
    behind.filter(|after| after.chars().any(|c| digit(c).is_some())).unwrap_or(rest)
}

/// "cc (with enclosures):": a note on the copies, in brackets and small letters, belongs to the label.
fn without_note(rest: &str) -> &str {
    let inner = rest.strip_prefix(['(', '（']).filter(|inner| inner.starts_with(char::is_lowercase));
    let after =
        inner.and_then(|inner| inner.split_once([')', '）'])).map(|(_, after)| after.trim_start_matches(is_blank));
    after.filter(|after| after.is_empty() || after.starts_with([':', '：'])).unwrap_or(rest)
}

/// "Subject    Numbering survey": labels and values in columns need no colon.
fn behind_a_gap<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let rest = after_word(text, words)?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let wide = rest.starts_with("   ") || rest.starts_with('\t');
    (wide && (words.chars().count() > 2 || matches!(words, "to" | "cc" | "re"))).then_some(rest)
}

/// A line that is a label and nothing else.
pub(super) fn bare(text: &str) -> Option<Field> {
    label(text).filter(|label| label.rest.is_empty()).map(|label| label.field)
}

/// "À" alone, or "à" between the one who writes and those written to; "A" alone marks a language.
fn is_french_to(text: &str, field: Field) -> bool {
    field == Field::To && matches!(text.trim_matches(is_blank), "À" | "à")
}

fn stands_without_colon(label: Label, words: &str) -> bool {
    // "A", "De", "Re" and the like alone are language marks or words.
    let long = words.chars().count() > 2 || matches!(words, "to" | "cc");
    let is_han = words.chars().any(super::fold::is_han);
    if label.rest.is_empty() {
        return long || is_han;
    }
    let phrase = words.contains(' ') || words == "aux";
    let first = label.rest.chars().find(|c| c.is_alphanumeric());
    let named = first.is_some_and(|c| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase()));
    match label.field {
        Field::Reference => long && label.rest.chars().any(|c| digit(c).is_some()),
        Field::Date => only_date(label.rest.split('№').next().unwrap_or_default()).is_some(),
        Field::To => {
            (long || words == "致")
                && (phrase || named || fold(label.rest).starts_with("the "))
                && !matches!(words, "para" | "发送至")
        }
        // "Copy to the Missions", "Copie aux missions": a phrase that ends as a To does.
        Field::Copy => {
            let leads = words.rsplit(' ').next().is_some_and(|last| phrase && WORDS.has("label_to", last));
            let bare = words.replace('.', "") == "cc" && fold(label.rest).starts_with("the ");
            leads || bare || ((long || is_han) && named)
        }
        // "На № 12 от 3 марта 2026 г."
        Field::Contact => words.ends_with("no") && label.rest.starts_with(|c| digit(c).is_some() || c == '_'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_six_languages_are_seen_with_and_without_colon() {
        let table = [
            ("Ref.: Circular 1", Field::Reference, "Circular 1"),
            ("Ref", Field::Reference, ""),
            ("Réf. : Circulaire 1", Field::Reference, "Circulaire 1"),
            ("Subject    Numbering survey", Field::Subject, "Numbering survey"),
            ("Исх. № 12", Field::Reference, "12"),
            ("Ref. No.: HSE/12", Field::Reference, "HSE/12"),
            ("Circular No.: 14/2026", Field::Reference, "14/2026"),
            ("文号：3", Field::Reference, "3"),
            ("Reference: your letter", Field::Cited, "your letter"),
            ("To", Field::To, ""),
            ("TO ADMINISTRATIONS", Field::To, "ADMINISTRATIONS"),
            ("To the Administrations", Field::To, "the Administrations"),
            ("Aux administrations", Field::To, "administrations"),
            ("A las Administraciones", Field::To, "Administraciones"),
            ("A: Administraciones", Field::To, "Administraciones"),
            ("إلى: الإدارات", Field::To, "الإدارات"),
            ("致：各成员国", Field::To, "各成员国"),
            ("Subject:Consultation", Field::Subject, "Consultation"),
            ("Objet\u{202f}: Réunion", Field::Subject, "Réunion"),
            ("Предмет:", Field::Subject, ""),
            ("cc: Regulators", Field::Copy, "Regulators"),
            ("cc (with enclosures)", Field::Copy, ""),
            ("Copie (par courriel) : Régulateurs", Field::Copy, "Régulateurs"),
            ("抄送：各局", Field::Copy, "各局"),
            ("抄送各常驻代表团", Field::Copy, "各常驻代表团"),
            ("c.c. Regulators", Field::Copy, "Regulators"),
            ("TO – Member Federations", Field::To, "Member Federations"),
            ("CC – Associations", Field::Copy, "Associations"),
            ("Copie adressée à :", Field::Copy, ""),
            ("Une copie de la présente est transmise pour information à : Cabinet", Field::Copy, "Cabinet"),
            ("A copy of this circular is sent for information to:", Field::Copy, ""),
            ("Se envía copia de esta circular a:", Field::Copy, ""),
            ("Копия настоящего письма направлена:", Field::Copy, ""),
            ("ترسل نسخة من هذا التعميم إلى:", Field::Copy, ""),
            ("Copy Regulators", Field::Copy, "Regulators"),
            ("With a copy to the Regulators", Field::Copy, "the Regulators"),
            ("Copie aux régulateurs", Field::Copy, "régulateurs"),
            ("от 24 марта 2011 г.", Field::Date, "24 марта 2011 г."),
            ("Subject / Objet: Survey", Field::Subject, "Survey"),
            ("Date | التاريخ: 3 May 2026", Field::Date, "3 May 2026"),
            ("Ref./Réf.: 12", Field::Reference, "12"),
            ("To / À : Regulators", Field::To, "Regulators"),
            ("主　题：更新", Field::Subject, "更新"),
            ("主旨：更新", Field::Subject, "更新"),
            ("A S U N T O : Encuesta", Field::Subject, "Encuesta"),
            ("本局檔號：B1/15C", Field::Reference, "B1/15C"),
            ("發文日期：民國115年", Field::Date, "民國115年"),
            ("م/ منح دراسية", Field::Subject, "منح دراسية"),
            ("الموضوع / منح دراسية", Field::Subject, "منح دراسية"),
            ("العدد: ب ع 7/ 3391", Field::Reference, "ب ع 7/ 3391"),
            ("PROT. N.: Chanc. 214/26", Field::Reference, "Chanc. 214/26"),
            ("SUBJECT – Accreditation", Field::Subject, "Accreditation"),
            ("貴局檔號：B1/15C", Field::Contact, "B1/15C"),
            ("На № 12/3 от 03.03.2026", Field::Contact, "12/3 от 03.03.2026"),
        ];
        for (text, field, rest) in table {
            let found = label(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.field, found.rest), (field, rest), "{text}");
        }
    }

    #[test]
    fn sentences_that_begin_like_labels_are_text() {
        let table = [
            "To support this work, we ask you to write",
            "Subject to approval by the Council",
            "Copyright 2021",
            "Copy the form",
            "Copy of the letter: see the annex",
            "Copies of the form to: the office",
            "For information on visas",
            "A",
            "De acuerdo con la Resolución 179",
            "Au cours de la réunion",
            "Al respecto, le informo",
            "Refer to Circular 12",
            "Circular No. 14 of 2026",
            "File: the form of the annex",
            "Toronto, 3 December 2021",
            "Annexes 1 and 2 hold the forms",
            "Subject – matter of debate",
            "Our view: the rules are sound",
            "م/4/1173",
            "م/ق/٢٠٢٦/٨٨",
            "通函            2026年7月20日",
        ];
        for text in table {
            assert_eq!(label(text), None, "{text}");
        }
    }
}
