//! A post or a person and what stands behind its comma: "Director of Schools", "Bankers Association of Exemplia".

use super::super::{
    fold::{after_word, fold, is_blank},
    signature::is_title,
    words::WORDS,
};

/// "Most Rev. D. Example, Bishop of Sampleton": a person and its office are one addressee; so are a post and its body,
/// "Chief Executive Officer, Bankers Association", where nothing else is named, or every post has its own.
pub(super) fn with_posts<'a>(sentence: &'a str, items: Vec<&'a str>) -> Vec<&'a str> {
    let begin = |item: &str| item.as_ptr().addr() - sentence.as_ptr().addr();
    let each = has_bodies(&items);
    let mut joined: Vec<&str> = Vec::new();
    for (at, item) in items.iter().copied().enumerate() {
        let office = is_title(item.trim_matches(is_blank));
        match joined.last_mut() {
            Some(person) if (office && is_person(person)) || (each && at % 2 == 1) => {
                *person = &sentence[begin(person)..begin(item) + item.len()];
            }
            _ => joined.push(item),
        }
    }
    joined
}

/// "Permanent Secretary, Ministry of Health, Commissioner, Prisons Service": every second one is the body of the post before it.
fn has_bodies(items: &[&str]) -> bool {
    let pairs = items.chunks_exact(2);
    pairs.len() > 0 && pairs.remainder().is_empty() && pairs.clone().all(|pair| is_post(pair[0]) && is_body(pair[1]))
}

/// A post that says nothing of where: "Chief Executive Officer", "Исполнительному директору".
fn is_post(text: &str) -> bool {
    const MOST_WORDS: usize = 4;
    let text = text.trim_matches(is_blank);
    text.split(is_blank).count() <= MOST_WORDS && is_title(text) && !is_body(text)
}

fn is_body(text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    let named = |word: &str| ["bodies", "units"].iter().any(|list| WORDS.has(list, &fold(word)));
    text.split(is_blank).any(named) && !is_post_of_body(text)
}

/// "Director of the Bureau", "Secretary, Bureau": what begins with a post is none.
fn is_post_of_body(text: &str) -> bool {
    text.split(is_blank).next().is_some_and(|first| WORDS.has("titles", &fold(first)))
}

/// "Dr. A. Example", "Excma. Sra. Modelo"
fn is_person(text: &str) -> bool {
    ["persons", "honorifics"]
        .iter()
        .any(|list| WORDS.list(list).iter().any(|title| after_word(text, title).is_some_and(|rest| !rest.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::super::split;

    #[test]
    fn a_post_and_its_body_are_one_addressee() {
        let table: [(&str, &[&str]); 9] = [
            (
                "Chief Executive Officer, Bankers Association of Exemplia",
                &["Chief Executive Officer, Bankers Association of Exemplia"],
            ),
            ("Director General, Ministry of Health", &["Director General, Ministry of Health"]),
            ("Directeur exécutif, Association des banques", &["Directeur exécutif, Association des banques"]),
            ("Director Ejecutivo, Asociación de Bancos", &["Director Ejecutivo, Asociación de Bancos"]),
            ("Исполнительный директор, Ассоциация банков", &["Исполнительный директор, Ассоциация банков"]),
            ("المدير التنفيذي، اتحاد البنوك", &["المدير التنفيذي، اتحاد البنوك"]),
            (
                "Permanent Secretary, Ministry of Health, Commissioner, Prisons Service",
                &["Permanent Secretary, Ministry of Health", "Commissioner, Prisons Service"],
            ),
            ("Director General, Observers", &["Director General", "Observers"]),
            ("Governors, Central Banks, Regulators", &["Governors", "Central Banks", "Regulators"]),
        ];
        for (sentence, expected) in table {
            let found = split(sentence).unwrap();
            assert_eq!(found.iter().map(|(text, _)| text).collect::<Vec<_>>(), expected, "{sentence}");
        }
    }
}
