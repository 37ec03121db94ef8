//! What a short line below a letter is: a person, a post, a body, or the furniture of the page.
//!
//! Words of posts, of bodies and of courtesies before names stand in the files of words; the rest is how a line looks:
//! names are few words, each with a capital, with initials or particles between.

use super::super::{
    fold::{after_word, before, digit, fold, is_blank, is_han},
    words::WORDS,
};

/// What a line below the letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// "Director", "Le secrétaire général de l'académie"
    Post,
    /// "Dr A. Example", "протоиерей Сергий Образцов"
    Name,
    /// "Standardization Bureau", "BANCO CENTRAL DE EJEMPLIA"
    Body,
    Other,
}

/// The cross before the name of a bishop.
pub(super) const CROSSES: [char; 6] = ['+', '†', '✠', '☩', '✝', '✚'];

pub(super) fn kind(text: &str) -> Kind {
    let text = text.trim_end_matches([',', '،', '，', ':', '：']).trim_start_matches(CROSSES).trim_start_matches(' ');
    match text {
        _ if has_prefix(text) => Kind::Name,
        _ if is_title(text) => Kind::Post,
        _ if has_initials(text) && is_name(text) => Kind::Name,
        _ if is_body(text) => Kind::Body,
        _ if is_name(text) => Kind::Name,
        _ => Kind::Other,
    }
}

/// "Dr A. Example", "протоиерей Сергий Образцов"
pub(super) fn has_prefix(text: &str) -> bool {
    after_prefix(text).is_some_and(|rest| !rest.is_empty() && !is_title(rest))
}

/// "الدكتور", alone above the name
pub(super) fn is_prefix(text: &str) -> bool {
    WORDS.has("name_prefixes", &fold(text.trim_end_matches(['.', '/', ':'])))
}

/// What follows "Rev. Msgr.", "протоиерей", "أ.د.", "Dra.".
fn after_prefix(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(CROSSES).trim_start_matches(['(', '（', ' ']);
    let rest = WORDS.openings("name_prefixes", text).iter().find_map(|prefix| after_word(text, prefix))?;
    let pointed = rest.strip_prefix(['.', '/']).unwrap_or(rest);
    let parted = pointed.len() < rest.len() || rest.starts_with(is_blank);
    let rest = pointed.trim_matches(is_blank);
    // "M. A. Example": a letter may be an initial as well; "Rev. 2" is no person
    let named = !rest.chars().any(|c| digit(c).is_some()) && !rest.starts_with(char::is_lowercase);
    let more = after_prefix(rest);
    (parted && (named || more.is_some())).then(|| more.unwrap_or(rest))
}

/// Whether a line names a post rather than a person.
pub(in super::super) fn is_title(text: &str) -> bool {
    // "Coordinating Director", "Исполнительный секретарь": few words, of which the last is a post.
    const FEW: usize = 3;
    let articled = WORDS.openings("to_articles", text).iter().find_map(|article| after_word(text, article));
    let text = articled.map_or(text, |rest| rest.trim_start_matches(is_blank));
    // "Le sous-ministre adjoint": no name goes on in lower case after its article.
    if articled.is_some() && text.starts_with(char::is_lowercase) && text.split(is_blank).count() <= 6 {
        return true;
    }
    let words: Vec<&str> = text.split(is_blank).collect();
    let last = words.last().map(|word| fold(word)).unwrap_or_default();
    let ends = (2..=FEW).contains(&words.len()) && words[0].chars().count() > 2 && WORDS.has("titles", &last);
    ends || holds_post(&words) || begins_post(text) || is_han_post(text)
}

/// "First Deputy Governor for Stability": a post among words that no name has.
fn holds_post(words: &[&str]) -> bool {
    let small = |word: &&str| word.starts_with(char::is_lowercase) && !is_particle(word);
    // "UNDER SECRETARY TO THE GOVERNMENT"
    let capitals = words.len() >= 4 && !words.iter().any(|word| word.contains(char::is_lowercase));
    words.len() >= 3
        && (words.iter().any(small) || capitals)
        && words.iter().any(|word| WORDS.has("titles", &fold(word.trim_end_matches([',', '.']))))
}

/// "Directora General", "المحافظ": the article of Arabic is written together with its word.
fn begins_post(text: &str) -> bool {
    let begins = |text: &str| {
        let whole = |title: &String, rest: &str| !title.chars().all(is_han) || rest.is_empty();
        WORDS
            .openings("titles", text)
            .iter()
            .any(|title| after_word(text, title).is_some_and(|rest| whole(title, rest)))
    };
    begins(text) || text.strip_prefix("ال").is_some_and(begins)
}

/// "电信标准化局主任", "助理總裁（銀行操守）"
fn is_han_post(text: &str) -> bool {
    let text = text.split(['（', '(']).next().unwrap_or_default().trim_end_matches(is_blank);
    before_han_word(text, "titles").is_some()
}

/// What stands before a Chinese word of a list at the end of a text.
pub(super) fn before_han_word<'a>(text: &'a str, list: &str) -> Option<&'a str> {
    let ends = text.chars().next_back().is_some_and(is_han);
    let mut words = WORDS.list(list).iter().filter(|word| ends && word.chars().all(is_han));
    words.find_map(|word| before(text, word))
}

/// "Confederation of Sample Associations", "示例大学", "وزارة الداخلية"
pub(super) fn is_body(text: &str) -> bool {
    let lists = ["units", "bodies"];
    if text.chars().any(is_han) {
        let long = text.chars().count() >= 3 && !text.contains('·');
        return long && lists.into_iter().any(|list| before_han_word(text, list).is_some());
    }
    let mut words = text.split(|c: char| is_blank(c) || matches!(c, ',' | '(' | ')' | '/'));
    let is = |word: &str| lists.into_iter().any(|list| WORDS.has(list, &fold(word)));
    words.any(|word| is(word) || word.strip_prefix("ال").is_some_and(is))
}

/// A few words with a capital each, or as many as a name has in a script without capitals; no digits, no post.
pub(super) fn is_name(text: &str) -> bool {
    const MOST_WORDS: usize = 7;
    let text = text.split(['(', '（']).next().filter(|text| !text.is_empty()).unwrap_or(text);
    let text = text.trim_matches(|c: char| is_blank(c) || matches!(c, '(' | ')' | '（' | '）'));
    if text.chars().any(|c| digit(c).is_some() || matches!(c, ':' | '；' | ';' | '?' | '!' | '。' | '@')) {
        return false;
    }
    if text.chars().any(is_han) {
        let text = before_han_word(text, "name_suffixes").unwrap_or(text);
        let han = text.chars().filter(|c| is_han(*c)).count();
        return (2..=4).contains(&han) || (text.contains(['·', '•', '‧']) && han <= 14);
    }
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let capital = |word: &&str| {
        let letters = word.trim_start_matches(['(', '"', '«']);
        // "d'Exemple", "Al-Sample"
        letters.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase())
            || is_particle(word)
            || (letters.contains(['\'', '’']) && letters.chars().any(char::is_uppercase))
    };
    let first = words.first().is_some_and(|word| word.chars().any(char::is_alphabetic));
    first && words.len() <= MOST_WORDS && words.iter().all(capital) && !words.iter().all(|word| is_particle(word))
}

fn is_particle(word: &str) -> bool {
    WORDS.has("name_particles", &fold(word))
}

/// "А.В. Примеров", "K. Sample"
pub(super) fn has_initials(name: &str) -> bool {
    let first: Vec<char> = name.chars().take(2).collect();
    matches!(first.as_slice(), [initial, '.'] if initial.is_uppercase())
}

/// An address, a telephone, a page on the web: the foot of the page, where nobody signs.
pub(super) fn is_furniture(printed: &str) -> bool {
    const DIGITS_OF_ADDRESS: usize = 4;
    let digits = printed.chars().filter(|c| digit(*c).is_some()).count();
    let folded = fold(printed);
    let contact = || {
        let mut words = folded.split(|c: char| !c.is_alphanumeric());
        words.any(|word| word.chars().count() > 2 && WORDS.has("label_contact", word))
    };
    let parted = [" · ", " | ", " • ", " – ", " - ", ", "].iter().any(|mark| printed.contains(mark));
    folded.contains("www.")
        || folded.contains("://")
        || (folded.contains('@') && !folded.contains(' '))
        || (digits > 0 && contact())
        || (digits >= DIGITS_OF_ADDRESS && (parted || printed.contains(": ")))
}

/// "Исп. Петров", "Elaboró: A. Muestra", "AB/cd": who wrote the letter for the one who signs.
pub(super) fn is_drafter(printed: &str) -> bool {
    let drafted = WORDS.openings("drafters", printed).iter().any(|word| {
        after_word(printed, word).is_some_and(|rest| {
            let rest = rest.trim_start_matches(is_blank);
            let named = rest.chars().next().is_none_or(|c| c.is_uppercase() || !c.is_alphabetic());
            named || rest.chars().any(|c| is_han(c) || ('\u{600}'..'\u{700}').contains(&c))
        })
    });
    let initials = printed
        .split(['/', ':'])
        .all(|part| (1..=4).contains(&part.chars().count()) && part.chars().all(|c| c.is_alphabetic() && !is_han(c)));
    drafted || (initials && printed.contains(['/', ':']))
}

/// "Vº Bº", above the post of the one who agrees.
pub(super) fn is_approval(printed: &str) -> bool {
    let bare = fold(printed.trim_matches(|c: char| is_blank(c) || matches!(c, ':' | '.' | ',')));
    WORDS.has("approvals", &bare) || WORDS.has("approvals", &bare.replace([' ', '.'], ""))
}

/// "Pour la rectrice et par délégation,", "For the Director-General:": for whom the next one signs.
pub(super) fn is_delegation(printed: &str) -> bool {
    let folded = fold(printed);
    let phrase = WORDS.list("delegations").iter().any(|phrase| folded.contains(phrase.as_str()));
    phrase && folded.split(' ').count() <= 12 && !printed.ends_with(['.', '。'])
}

/// "(Sent via the members' network)", "By e-mail": how the letter travels, and nobody who signs it.
pub(super) fn is_sent_by(printed: &str) -> bool {
    let inner = printed.trim_matches(|c: char| is_blank(c) || matches!(c, '(' | ')' | '（' | '）' | '[' | ']' | '.'));
    let bracketed = inner.len() < printed.trim_end_matches('.').len();
    let begins = || WORDS.openings("sent_by", inner).iter().any(|word| after_word(inner, word).is_some());
    WORDS.has("sent_by", &fold(inner)) || (bracketed && begins())
}
