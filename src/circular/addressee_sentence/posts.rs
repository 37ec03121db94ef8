//! A post or a person and what stands behind its comma: "Director of Schools", "Bankers Association of Exemplia".

use super::super::{
    fold::{after_word, fold, is_blank, is_han},
    signature::is_title,
    words::WORDS,
};

/// What is said of lines that may be one addressee's.
pub(in super::super) const ONE_OR_MORE: &str =
    "a post and a body in two lines may be one addressee or two: write one addressee per line, \"Director, Ministry\"";

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

/// "Secretary-General of ITU, Director of the Standardization Bureau, Director of the Development Bureau": behind one bullet
/// three posts or more, each of which says of what.
pub(in super::super) fn several(text: &str) -> Option<Vec<&str>> {
    const FEWEST: usize = 3;
    let posts: Vec<&str> = text.split([',', '،', '、', '，']).map(|part| part.trim_matches(is_blank)).collect();
    let of_what = |post: &&str| post.contains(is_han) || post.split(is_blank).count() >= FEWEST;
    (posts.len() >= FEWEST && posts.iter().all(|post| is_title(post) && of_what(post))).then_some(posts)
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
    let text = WORDS.list("to_articles").iter().find_map(|article| after_word(text, article)).unwrap_or(text);
    let text = text.trim_start_matches(is_blank);
    text.split(is_blank).count() <= MOST_WORDS && is_title(text) && !is_body(text)
}

/// "The Permanent Secretary" above "Ministry of Health", "Gerentes Generales" above "Bancos": two lines of an address, or
/// two of those written to.
pub(in super::super) fn may_be_one(lines: &[&str]) -> bool {
    let one = |pair: &[&str]| {
        let post = pair[0].trim_matches(is_blank).trim_end_matches([',', ';']);
        // "Director of Schools" says of what
        let of =
            |word: &str| word.starts_with(char::is_lowercase) && (word.chars().count() <= 3 || word.contains('\''));
        let bare = !post.split(is_blank).any(of);
        bare && is_post(post) && is_body(pair[1])
    };
    let many = |pair: &[&str]| {
        let all =
            WORDS.list("to_everyone").iter().any(|all| after_word(pair[1], all).is_some_and(|rest| !rest.is_empty()));
        is_post_of_many(pair[0]) && (all || pair[1].split(is_blank).any(|word| in_singular(word, &["bodies", "units"])))
    };
    lines.windows(2).any(one) || (lines.len() == 2 && many(lines))
}

/// "Managing Directors", "Gerentes Generales", and no word of where.
fn is_post_of_many(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let words: Vec<&str> = text.split(is_blank).filter(|word| !WORDS.has("to_articles", &fold(word))).collect();
    let small = words.iter().any(|word| word.starts_with(char::is_lowercase));
    words.len() <= MOST_WORDS && !small && words.iter().any(|word| in_singular(word, &["titles"]))
}

/// "Directors" of "Director", "Bancos" of "Banco".
fn in_singular(word: &str, lists: &[&str]) -> bool {
    let word = fold(word.trim_matches([',', ';', '.']));
    let known = |stem: Option<&str>| stem.is_some_and(|stem| lists.iter().any(|list| WORDS.has(list, stem)));
    known(word.strip_suffix('s')) || known(word.strip_suffix("es")) || known(word.strip_suffix("x"))
}

fn is_body(text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    let named = |word: &str| ["bodies", "units"].iter().any(|list| WORDS.has(list, &fold(word)));
    text.split(is_blank).any(named) && !is_post_of_body(text)
}

/// "Director of the Bureau", "Division Superintendents": what names a post is none.
fn is_post_of_body(text: &str) -> bool {
    let mut words = text.split(is_blank).map(fold);
    let first = words.next().is_some_and(|first| WORDS.has("titles", &first));
    // "Regional Office": an adjective that posts have, too
    let body = words.next().is_some_and(|second| ["bodies", "units"].iter().any(|list| WORDS.has(list, &second)));
    (first && !body) || text.split(is_blank).any(|word| in_singular(word, &["titles"]))
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

    #[test]
    fn three_posts_behind_one_bullet_are_three() {
        for text in [
            "Secretary-General of ITU, Director of the Standardization Bureau, Director of the Development Bureau",
            "Secrétaire général de l'UIT, Directeur du Bureau de la normalisation, Directeur du Bureau de développement",
            "Secretario General de la UIT, Director de la Oficina de Normalización, Director de la Oficina de Desarrollo",
            "国际电联秘书长、电信标准化局主任、电信发展局主任",
        ] {
            assert_eq!(super::several(text).map_or(0, |posts| posts.len()), 3, "{text}");
        }
        for text in ["Ministry of Health, Division of Works, Registry of Ships", "Director of Works, Engineer of Roads"]
        {
            assert_eq!(super::several(text), None, "{text}");
        }
    }

    #[test]
    fn a_post_above_a_body_may_be_one_addressee_and_a_list_is_none() {
        for lines in [
            &["The Permanent Secretary", "Ministry of Health", "Sampletown"][..],
            &["The Managing Directors", "All Commercial Banks"],
            &["Gerentes Generales", "Bancos del Sistema"],
            &["Secretary General", "Regional Office for Africa"],
            &["Directeur général", "Agence de l'eau"],
        ] {
            assert!(super::may_be_one(lines), "{lines:?}");
        }
        for lines in [
            &["Ministers", "Central Banks", "Operators"][..],
            &["Director of the Bureau", "Academia"],
            &["The Registrar", "Deans"],
            &["Administrations", "Sector Members"],
            &["Министрам здравоохранения", "Банкам"],
        ] {
            assert!(!super::may_be_one(lines), "{lines:?}");
        }
    }
}
