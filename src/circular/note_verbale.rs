//! Notes verbales: "The Secretariat presents its compliments to the Permanent Missions and has the honour …".
//!
//! The addressee stands in the sentence, between the compliments and what goes on after them; nobody signs, and place and
//! date stand at the foot. Refuses nothing: where the sentence goes on in other words than the known ones, the addressee is
//! read up to its full stop, and no group bears such a name.

use super::{
    addressee_lines::clean,
    fold::{after_word, is_blank, is_han},
    words::WORDS,
};

/// Whether a paragraph opens a note verbale.
pub(super) fn opens(paragraph: &str) -> bool {
    addressee(paragraph).is_some()
}

/// The addressee of the compliments, as printed.
pub(super) fn addressee(paragraph: &str) -> Option<String> {
    let (_, rest) = find(paragraph, "note_opens")?;
    let stop = rest.find(['。', '\n']).into_iter().chain(rest.find(". ")).min().unwrap_or(rest.len());
    let end = find(&rest[..stop], "note_ends").map(|(end, _)| end);
    // In Chinese the compliments stand behind those they are paid to.
    let behind = paragraph[..paragraph.len() - rest.len()].ends_with(is_han);
    let end = end.or((!behind).then_some(stop))?;
    let text = clean(&rest[..end]);
    (!text.is_empty()).then_some(text)
}

/// Where the first phrase of a list begins in a text, and what follows it; the longest where several begin there.
fn find<'a>(text: &'a str, list: &str) -> Option<(usize, &'a str)> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let begins = !before.is_alphanumeric() || is_han(before);
        if begins
            && !is_blank(c)
            && let Some(rest) = WORDS.list(list).iter().find_map(|phrase| after_word(&text[at..], phrase))
        {
            return Some((at, rest));
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addressee_stands_between_the_compliments_and_what_goes_on() {
        let table = [
            (
                "The Secretariat presents its compliments to the Permanent Missions in Geneva and has the honour to write.",
                "Permanent Missions in Geneva",
            ),
            (
                "The Organization presents its compliments to Member States, Associate Members and other States and has the honour to",
                "Member States, Associate Members and other States",
            ),
            ("The Secretary-General presents his compliments to the Member States.", "Member States"),
            (
                "Le Secrétariat présente ses compliments aux Missions permanentes et a l'honneur de les informer",
                "Missions permanentes",
            ),
            (
                "La Secretaría saluda atentamente a las Misiones Permanentes y tiene el honor de referirse",
                "Misiones Permanentes",
            ),
            (
                "Секретариат свидетельствует своё уважение Постоянным представительствам и имеет честь сообщить",
                "Постоянным представительствам",
            ),
            ("تهدي الأمانة تحياتها إلى البعثات الدائمة وتتشرف بإفادتها", "البعثات الدائمة"),
            (
                "El Ministerio saluda muy atentamente a las Misiones Diplomáticas acreditadas en el país y tiene a honra",
                "Misiones Diplomáticas acreditadas en el país",
            ),
            (
                "La Secretaría saluda atentamente a los Estados Miembros y Estados Asociados y, en relación con",
                "Estados Miembros y Estados Asociados",
            ),
            (
                "Le Ministère présente ses compliments aux Ambassades et Consulats accrédités et, faisant suite à",
                "Ambassades et Consulats accrédités",
            ),
            (
                "The Ministry presents its compliments to all Embassies and Consulates, and has the honour",
                "all Embassies and Consulates",
            ),
            (
                "Министерство свидетельствует своё уважение посольствам и консульствам и направляет",
                "посольствам и консульствам",
            ),
            ("تهدي الوزارة أطيب تحياتها إلى السفارات المعتمدة وترجو", "السفارات المعتمدة"),
            ("示例国外交部向各国驻示例国大使馆致意，并谨通知如下：", "各国驻示例国大使馆"),
            ("秘书处谨向各常驻代表团致意，并荣幸地通知如下。", "各常驻代表团"),
        ];
        for (sentence, expected) in table {
            assert_eq!(addressee(sentence).as_deref(), Some(expected), "{sentence}");
        }
    }

    #[test]
    fn other_sentences_open_no_note() {
        for text in [
            "秘书处向各常驻代表团通报情况。",
            "The Director thanks the Permanent Missions.",
            "Le saluda atentamente,",
            "",
        ] {
            assert_eq!(addressee(text), None, "{text}");
        }
    }
}
