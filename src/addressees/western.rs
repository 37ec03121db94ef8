//! Whether octets can be Windows-1252, the page of Western Europe, and nothing else.
//!
//! Every octet string can be read in it, so reading proves nothing: `Wa³êsa` is a Polish name from another page,
//! `MontrŽal` a French one from an old Macintosh. A list is taken for Windows-1252 only where each of its words is one
//! that a language of Western Europe could write; one that is not makes the whole list doubtful, since all its rows
//! came from one hand.

use encoding_rs::WINDOWS_1252;

/// Accented letters that stand together in the words of a language. Icelandic is left out: its letters are those that
/// Turkish, in its own page, has in the same places.
const FAMILIES: [&str; 3] = ["àâæçéèêëîïôùûüÿœ", "äöüßåøæéè", "áàâãçéèêíïñóòôõúü"];
/// Octets that stand for nothing in it.
const UNUSED: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
/// What may stand at the edge of a word, besides letters.
const EDGES: &str = "‘’“”„‚«»‹›–—…•€£©®™°§´·";
/// What may stand between letters: `d’Ivoire`, `Col·lectiu`.
const INSIDE: &str = "‘’´·\u{ad}–—";

/// The first word that no language of Western Europe writes; `None`: all could be.
pub(super) fn stranger(octets: &[u8]) -> Option<String> {
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(octets);
    let apart = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() || c == '\u{a0}';
    let mut words = text.split(apart).filter(|word| !word.is_ascii());
    if octets.iter().any(|octet| UNUSED.contains(octet)) {
        return Some(words.next().unwrap_or_default().to_owned());
    }
    words.find(|word| !is_western(word)).map(str::to_owned)
}

fn is_western(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let at = |index: usize| letters.get(index).copied();
    let near = |index: usize| (index.checked_sub(1).and_then(at), at(index + 1));
    let fits = letters.iter().enumerate().filter(|(_, c)| !c.is_ascii()).all(|(index, c)| {
        let (before, after) = near(index);
        if is_accented(*c) {
            letter_fits(*c, before, after)
        } else {
            mark_fits(*c, before, after, letters.len() - index)
        }
    });
    let accented: String = word.chars().filter(|c| is_accented(*c)).flat_map(char::to_lowercase).collect();
    fits && FAMILIES.iter().any(|family| accented.chars().all(|c| family.contains(c)))
}

fn is_accented(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic() && !matches!(c, 'ª' | 'º')
}

fn letter_fits(c: char, before: Option<char>, after: Option<char>) -> bool {
    // No capital stands inside a word of small letters, as it would where an old Macintosh wrote é or ü.
    let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
    let capital_inside = c.is_uppercase() && (small(before) || before.is_some_and(char::is_alphabetic) && small(after));
    let crowded = before.is_some_and(is_accented) && after.is_some_and(is_accented);
    let nasal = match c {
        // Romanian and Hungarian have other letters in these places.
        'ã' => after.is_none_or(|after| "oe".contains(after) || !after.is_alphabetic()),
        'õ' => after == Some('e'),
        _ => true,
    };
    !capital_inside && !crowded && nasal
}

/// `left` counts the characters from this one to the end of the word.
fn mark_fits(c: char, before: Option<char>, after: Option<char>, left: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let small = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase());
    match c {
        'ª' | 'º' => !letter(after),
        '¡' | '¿' => before.is_none(),
        // `Nu–ez` and `Garc’a` are what an old Macintosh made of ñ and í.
        '–' | '—' => !(small(before) && small(after)),
        '’' if letter(before) && left == 2 => !after.is_some_and(|c| "aeiou".contains(c)),
        c if letter(before) && letter(after) => INSIDE.contains(c),
        c => EDGES.contains(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strange(text: &str) -> Option<String> {
        let (octets, _, lossy) = WINDOWS_1252.encode(text);
        assert!(!lossy, "{text}");
        stranger(&octets)
    }

    #[test]
    fn names_of_western_europe_are_at_home() {
        for text in [
            "Nuñez García",
            "Côte d’Ivoire;São Tomé e Príncipe",
            "Größe, Füße, ÖSTERREICH",
            "Ørsted, Åse",
            "CORAÇÕES corações",
            "Œuvre d'art",
            "Guimarães",
            "l’été — “citation”",
            "Mª Ángeles, 1º",
            "¿Qué?",
            "10 €",
            "créée",
            "Königs-Wusterhausen",
            "Zoë Müller",
            "§ 3",
            "Nord–Süd",
        ] {
            assert_eq!(strange(text), None, "{text}");
        }
    }

    #[test]
    fn names_from_other_pages_are_strangers() {
        let strangers = |page: &'static encoding_rs::Encoding, text: &str| stranger(&page.encode(text).0).is_some();
        for text in ["Wałęsa", "Dvořák", "Jiří", "Čapek Růžena", "Băsescu", "Kovács Erdős", "Łódź"] {
            assert!(strangers(encoding_rs::WINDOWS_1250, text), "{text}");
        }
        for text in ["Işık", "Erdoğan", "İzmir"] {
            assert!(strangers(encoding_rs::WINDOWS_1254, text), "{text}");
        }
        for text in ["Montréal", "Nuñez", "García", "Müller", "Genève", "São Paulo", "François"] {
            assert!(strangers(encoding_rs::MACINTOSH, text), "{text}");
        }
        for text in ["Мария", "Ковалёва"] {
            assert!(strangers(encoding_rs::WINDOWS_1251, text), "{text}");
        }
        assert!(strangers(encoding_rs::WINDOWS_1256, "وزارة الاتصالات"));
        assert!(strangers(encoding_rs::GBK, "工业和信息化部"));
        assert!(strangers(encoding_rs::SHIFT_JIS, "総務省"));
    }
}
