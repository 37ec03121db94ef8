//! Which line of a paragraph is the name, and which is the post: the post may stand above, below or on the same line.

use super::{
    super::{
        fold::{after_word, fold, han_folded, is_blank, is_han},
        formulas::without_seal,
        words::WORDS,
    },
    kinds::{Kind, before_han_word, has_initials, is_approval, is_body, is_name, is_prefix, is_title, kind},
};

/// A line of the block, or a half of it where post and name share it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub text: String,
    pub line: u32,
    pub kind: Kind,
}

/// What a paragraph of the block says.
#[derive(Debug)]
pub(super) enum Part {
    Person(Entry, Vec<Entry>),
    /// Posts of the one above or below.
    Posts(Vec<Entry>),
    /// The body for which is signed, or which itself signs.
    Issuer(Entry),
}

impl Entry {
    fn new(text: &str, line: u32) -> Self {
        let text = without_seal(text.trim_matches(is_blank));
        Self { text: text.to_owned(), line, kind: kind(text) }
    }

    pub fn post(text: &str, line: u32) -> Self {
        Self { kind: Kind::Post, ..Self::new(text, line) }
    }

    /// A printed line: "主任 安娜", "Director: A. Example" and "A. Example, Director" are two, three bodies are three.
    pub fn of(text: &str, line: u32) -> Vec<Self> {
        let text = without_seal(text.trim_matches(is_blank));
        if let Some(bodies) = bodies(text) {
            return bodies.iter().map(|body| Self::new(body, line)).collect();
        }
        let halves = match han_post_and_name(text).or_else(|| post_and_name(text)) {
            Some((first, second)) => vec![Self::new(&first, line), Self::new(&second, line)],
            None => vec![Self::new(text, line)],
        };
        // "p.p. A. Example"
        halves.into_iter().filter(|half| !is_approval(&half.text)).collect()
    }

    /// A name with a courtesy before it or with initials.
    fn is_certain(&self) -> bool {
        self.kind == Kind::Name && (has_initials(&self.text) || super::kinds::has_prefix(&self.text))
    }

    fn is_one_word(&self) -> bool {
        self.text.split(is_blank).count() == 1 && !self.text.chars().any(is_han)
    }
}

/// The parts of a paragraph.
pub(super) fn parts_of(mut group: Vec<Entry>) -> Vec<Part> {
    if group.iter().all(|entry| entry.kind == Kind::Post) {
        return vec![Part::Posts(group)];
    }
    if group.iter().all(|entry| entry.kind == Kind::Body) {
        return group.into_iter().map(Part::Issuer).collect();
    }
    // "الدكتور" / "سعد نموذج"
    while let Some(at) = group[..group.len() - 1].iter().position(|entry| is_prefix(&entry.text)) {
        let name = group.remove(at + 1);
        group[at].text = format!("{} {}", group[at].text, name.text);
        group[at].kind = Kind::Name;
    }
    let mut parts = Vec::new();
    // The body for which is signed, above its name.
    let issuers = group.iter().take_while(|entry| entry.kind == Kind::Body).count();
    let signed = group[issuers..].iter().any(|entry| entry.kind == Kind::Name);
    if signed {
        parts.extend(group.drain(..issuers).map(Part::Issuer));
    }
    while !group.is_empty() {
        let rest = group.split_off(next_person(&group));
        parts.push(part(group));
        group = rest;
    }
    parts
}

/// "A. Example" / "Director" / "B. Example" / "Secretary": where the second begins.
fn next_person(group: &[Entry]) -> usize {
    let is = |at: usize, kind: Kind| group.get(at).is_some_and(|entry| entry.kind == kind);
    if is(0, Kind::Post) {
        // "Director" / "A. Example" / "Secretary" / "B. Example"
        let name = group.iter().position(|entry| entry.kind == Kind::Name);
        let more = name.filter(|name| is(name + 1, Kind::Post) && is(group.len() - 1, Kind::Name));
        return more.filter(|name| name + 1 < group.len() - 1).map_or(group.len(), |name| name + 1);
    }
    let begins = |at: &usize| is(at - 1, Kind::Post) || is(at - 1, Kind::Body);
    let whole = |at: usize| !group[at - 1].text.ends_with([',', '،', '，']);
    let next = |at: &usize| {
        let another = is(at + 1, Kind::Post) || group[*at].is_certain();
        is(*at, Kind::Name) && begins(at) && another && whole(*at)
    };
    (2..group.len()).find(next).unwrap_or(group.len())
}

/// One person of a paragraph, or posts whose lines are not all known as such.
fn part(mut group: Vec<Entry>) -> Part {
    let last = group.len() - 1;
    let name = |from: usize| group[from..].iter().position(|entry| entry.kind == Kind::Name).map(|at| from + at);
    let certain = group.iter().position(Entry::is_certain);
    let at = if group[0].kind == Kind::Post {
        // "Le Directeur général" / "de l'aviation civile"
        let wraps = group[last].kind == Kind::Other && group[last].text.starts_with(char::is_lowercase);
        match group[last].kind {
            Kind::Name | Kind::Other if !wraps => certain.unwrap_or(last),
            _ => match certain.or_else(|| name(1)) {
                Some(at) => at,
                None => return Part::Posts(group),
            },
        }
    } else {
        let unknown = group[0].kind != Kind::Name || group[0].is_one_word();
        let better = certain.or_else(|| name(1).filter(|at| unknown && !group[*at].is_one_word()));
        better.filter(|at| *at == last || group[0].kind != Kind::Name).unwrap_or(0)
    };
    let person = group.remove(at);
    Part::Person(person, group)
}

/// "财政部 海关总署 税务总局": bodies that sign side by side, each with its own noun.
pub(super) fn bodies(text: &str) -> Option<Vec<String>> {
    let whole = |part: &&str| part.chars().all(is_han) && part.chars().count() >= 3 && is_body(part);
    let parts: Vec<&str> = text.split(is_blank).filter(|part| !part.is_empty()).collect();
    let generic = |part: &&str| WORDS.has("bodies_within", part);
    let apart = parts.len() > 1 && parts.iter().all(whole) && !parts.iter().any(generic);
    apart.then(|| parts.into_iter().map(str::to_owned).collect())
}

/// "主任 安娜", "主任安娜·例子", "安娜·例子主任": post and name on one line, with or without a blank.
fn han_post_and_name(text: &str) -> Option<(String, String)> {
    if !text.chars().next_back().is_some_and(is_han) {
        return None;
    }
    let two = |first: &str, second: &str| Some((first.to_owned(), second.to_owned()));
    let person = |text: &str| is_name(text) && !is_title(text) && !is_body(text);
    if let Some((first, second)) = text.split_once(is_blank) {
        let second = second.trim_matches(is_blank);
        let parted = (is_title(first) && person(second)) || (person(first) && is_title(second));
        // "王 样例" is one name
        return parted.then(|| two(first, second)).flatten();
    }
    let posts = || WORDS.list("titles").iter().filter(|title| title.chars().all(is_han));
    let folded = han_folded(text);
    let ends: Vec<usize> =
        posts().flat_map(|post| folded.match_indices(post.as_str()).map(|(at, post)| at + post.len())).collect();
    let first = ends.into_iter().max().and_then(|end| {
        let (post, name) = text.split_at(end);
        (person(name) && (name.contains('·') || (2..=3).contains(&name.chars().count()))).then_some((post, name))
    });
    // "安娜·例子主任"
    let last = || {
        let name = before_han_word(text, "titles").filter(|name| name.contains('·') && person(name))?;
        Some((name, &text[name.len()..]))
    };
    first.or_else(last).and_then(|(first, second)| two(first, second))
}

/// "Director: A. Example", "Le Directeur, J. Exemple", "A. Example, Director", "Директор И.И. Образцов".
fn post_and_name(text: &str) -> Option<(String, String)> {
    // "A. Example | Director"
    let parted = [" | ", " / ", " – ", " — ", " - "].iter().find_map(|mark| text.split_once(mark));
    let signs = |one: &str, other: &str| kind(one) == Kind::Name && kind(other) == Kind::Post;
    if let Some((one, other)) = parted.filter(|(one, other)| signs(one, other) || signs(other, one)) {
        return Some((one.to_owned(), other.to_owned()));
    }
    // "Директор И.И. Образцов", with one blank between
    let blanks = text.char_indices().filter(|(_, c)| is_blank(*c));
    let mut halves = blanks.map(|(at, _)| (&text[..at], text[at..].trim_start_matches(is_blank)));
    let initials = halves.find(|(_, name)| has_initials(name));
    if let Some((post, name)) = initials.filter(|(post, name)| kind(post) == Kind::Post && kind(name) == Kind::Name) {
        return Some((post.to_owned(), name.to_owned()));
    }
    let at = text.find([',', ':', '：', '،'])?;
    let mark = text[at..].chars().next()?;
    let (first, second) = (text[..at].trim_matches(is_blank), text[at + mark.len_utf8()..].trim_matches(is_blank));
    let (one, other) = (Entry::new(first, 0), Entry::new(second, 0));
    let colon = matches!(mark, ':' | '：');
    if one.kind == Kind::Post && other.kind == Kind::Name && (colon || other.is_certain()) {
        return Some((first.to_owned(), second.to_owned()));
    }
    if one.kind != Kind::Name || colon {
        return None;
    }
    // "A. Example, PhD, Director"
    let commas = text
        .match_indices([',', '،'])
        .map(|(at, comma)| (&text[..at], text[at + comma.len()..].trim_matches(is_blank)));
    let honours = |name: &str| {
        let mut behind = name.split([',', '،']).skip(1);
        behind.all(|honour| WORDS.has("name_suffixes", &fold(honour.trim_end_matches('.'))))
    };
    let (name, post) = { commas }.find(|(name, post)| honours(name) && kind(post) == Kind::Post)?;
    Some((name.to_owned(), post.to_owned()))
}

/// "(Prof. E. Example)" is printed below the line to sign on.
pub(super) fn person(text: &str) -> String {
    let text = without_comma(text);
    let open = text.strip_prefix(['(', '（']);
    let inner = open.and_then(|rest| rest.strip_suffix([')', '）'])).filter(|inner| !inner.contains(['(', '（']));
    inner.map_or(text.clone(), str::to_owned)
}

pub(super) fn without_comma(text: &str) -> String {
    text.trim_end_matches([',', '،', '，', ':', '：']).trim_end_matches(is_blank).to_owned()
}

/// Another line of a post: joined by a comma, or by a blank where the line before is not whole.
pub(super) fn with_line(title: Option<String>, text: &str) -> String {
    match title {
        Some(title) if title.ends_with([',', '،', '，']) || wraps(&title, text) => format!("{title} {text}"),
        Some(title) => format!("{title}, {text}"),
        None => text.to_owned(),
    }
}

/// Whether a post goes on in the next line: in lower case, after a small word, in a case of its own, or after the name
/// of an office that lacks its noun ("Director of the Telecommunication" / "Standardization Bureau").
fn wraps(title: &str, next: &str) -> bool {
    let lower = next.chars().next().is_some_and(char::is_lowercase);
    let last = title.rsplit(is_blank).next().unwrap_or_default();
    let small = last.chars().count() <= 3 && last.chars().all(char::is_lowercase);
    let holds = |text: &str| {
        let words: Vec<String> = text.split(is_blank).map(|word| fold(word.trim_matches([',', '.']))).collect();
        WORDS.list("units").iter().any(|unit| words.contains(unit))
    };
    let named = [" of the ", " du ", " de la ", " del ", " de l'"].iter().find_map(|of| title.split_once(of));
    let lacks = |office: &str| {
        !holds(office) && !WORDS.has("instruments", &fold(office.rsplit(is_blank).next().unwrap_or_default()))
    };
    let open = named.is_some_and(|(_, office)| lacks(office)) && holds(next) && !is_title(next);
    // "Заместитель Председателя" / "Исполнительного комитета"
    let first = fold(next.split(is_blank).next().unwrap_or_default());
    let begins = |word: &String| first.chars().count() > 3 && first.starts_with(word.as_str());
    let begins = WORDS.list("beginnings_of").iter().any(begins);
    let of =
        WORDS.list("endings_of").iter().any(|ending| first.chars().count() > 4 && first.ends_with(ending.as_str()));
    lower || small || open || begins || (of && !is_title(next))
}

/// "pour le Secrétaire général,": in whose place one signs who has a post of his own; without a comma it is a part of that.
pub(super) fn is_in_place_of(text: &str) -> bool {
    const MOST_WORDS: usize = 7;
    let post = |rest: &str| rest.split(is_blank).count() <= MOST_WORDS && is_title(without_comma(rest.trim()).as_str());
    let whole = text.ends_with([',', '،', ':', '：']);
    whole && WORDS.openings("on_behalf", text).iter().any(|word| after_word(text, word).is_some_and(post))
}

/// "For the Director-General:", "On behalf of the Committee,": an introduction to the one who signs.
pub(super) fn is_introduction(text: &str) -> bool {
    let for_body = text.ends_with([',', ':', '：']) || !text.contains(char::is_lowercase);
    let introduces = text.ends_with([':', '：']) || (for_body && is_body(text));
    introduces && WORDS.openings("on_behalf", text).iter().any(|word| after_word(text, word).is_some())
}
