//! Forms of words that do not change whom an addressee line means.
//!
//! "Administrations of ITU Member State(s)", "Chairmen", "Chairpersons" and "Chairs", and the Russian dative, "Членам
//! Сектора" for "Члены Сектора". The noun that names those who are written to keeps its number: one "Sector Member" is
//! not the "Sector Members", and a person is asked.

/// Words after which a noun only describes the one before it.
const DESCRIBING: [&str; 22] = [
    "of",
    "in",
    "for",
    "from",
    "with",
    "to",
    "at",
    "on",
    "participating",
    "attending",
    "de",
    "des",
    "du",
    "dans",
    "en",
    "del",
    "aux",
    "au",
    "pour",
    "por",
    "para",
    "participant",
];

/// No plural of these languages is shorter, and "ITUs" or "gas" are none.
const SHORTEST_PLURAL: usize = 5;

/// What the folded words of a label share with their other forms.
pub(super) fn normal<'a>(words: &[&'a str]) -> Vec<std::borrow::Cow<'a, str>> {
    // "Organismes d'observation", but "ITU -D Sector Members".
    let elided = |at: usize| {
        words[at] == "d" && words.get(at + 1).is_some_and(|next| next.starts_with(['a', 'e', 'h', 'i', 'o', 'u']))
    };
    let describes = (0..words.len()).find(|at| DESCRIBING.contains(&words[*at]) || elided(*at)).unwrap_or(words.len());
    let names = |at: usize| {
        let ends = words.get(at + 1).is_none_or(|next| !next.starts_with(char::is_alphabetic) || *next == "and");
        at < describes && (ends || at + 1 == describes)
    };
    words.iter().enumerate().map(|(at, word)| if names(at) { chair(word) } else { singular(chair(word)) }).collect()
}

fn singular(word: std::borrow::Cow<'_, str>) -> std::borrow::Cow<'_, str> {
    let plural = word.len() >= SHORTEST_PLURAL && word.is_ascii() && !word.ends_with("ss");
    match word.strip_suffix("ies").map(|stem| format!("{stem}y")).or(word.strip_suffix('s').map(str::to_owned)) {
        Some(one) if plural => one.into(),
        _ => word,
    }
}

/// "Chairmen", "Chairpersons" and "Chairs" hold one office, and so do their deputies.
pub(super) fn chair(word: &str) -> std::borrow::Cow<'_, str> {
    const FORMS: [(&str, &str); 6] = [
        ("chairmen", "chairs"),
        ("chairpersons", "chairs"),
        ("chairwomen", "chairs"),
        ("chairman", "chair"),
        ("chairperson", "chair"),
        ("chairwoman", "chair"),
    ];
    let form = FORMS.iter().find_map(|(form, chair)| word.strip_suffix(form).map(|before| format!("{before}{chair}")));
    form.map_or(word.into(), Into::into)
}

/// The nominatives that the datives at the beginning of a Russian line may come from; none where it begins otherwise.
pub(super) fn nominatives(text: &str) -> Vec<String> {
    const MOST_WORDS: usize = 3;
    const ENDINGS: [(&str, &[&str]); 5] =
        [("иям", &["ии", "ия"]), ("ям", &["и", "я"]), ("ам", &["ы", "и", "а"]), ("ым", &["ые"]), ("им", &["ие"])];
    let mut lines = vec![String::new()];
    let mut dative = true;
    for (at, word) in text.split(' ').enumerate() {
        let found = ENDINGS.iter().find_map(|(ending, forms)| Some((word.strip_suffix(ending)?, *forms)));
        dative &= at < MOST_WORDS && found.is_some();
        lines = match found.filter(|_| dative) {
            Some((stem, forms)) => {
                lines.iter().flat_map(|line| forms.iter().map(move |form| format!("{line}{stem}{form} "))).collect()
            }
            None if at == 0 => return Vec::new(),
            None => lines.iter().map(|line| format!("{line}{word} ")).collect(),
        };
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_noun_that_is_written_to_keeps_its_number() {
        let table = [
            ("administrations of itu member states", "administrations of itu member state"),
            ("sector members", "sector members"),
            ("sector member", "sector member"),
            ("chairmen and vicechairpersons of study groups 2", "chairs and vicechairs of study group 2"),
            ("study groups 1 3", "study groups 1 3"),
            ("etats membres de l uit", "etat membres de l uit"),
            ("organismes d observation", "organismes d observation"),
            ("itu d sector members", "itu d sector members"),
        ];
        for (words, expected) in table {
            let words: Vec<&str> = words.split(' ').collect();
            assert_eq!(normal(&words).join(" "), expected);
        }
    }

    #[test]
    fn a_dative_comes_from_a_nominative() {
        assert_eq!(nominatives("Членам Сектора").len(), 3);
        assert!(nominatives("Регуляторным органам").contains(&"Регуляторные органы ".to_owned()));
        assert!(nominatives("Администрациям Государств – Членов").iter().any(|l| l.starts_with("Администрации Гос")));
        assert_eq!(nominatives("Члены Сектора"), Vec::<String>::new());
    }
}
