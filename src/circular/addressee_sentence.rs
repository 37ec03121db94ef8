//! Sentences of addressees, split into single ones.
//!
//! Splits only where no reading loses a qualifier. "Administrations, Sector Members and Academia of the Africa region"
//! may narrow one group or three: it is refused, since a letter to the wrong group cannot be called back. Where the
//! letter gives each addressee a line of its own, the commas within a line are those of its name.

use super::{
    addressee_lines::{begins_addressee, begins_channel, capitalized, clean, is_dative, is_note_alone},
    fold::{after, after_word, before, breadth, digit, fold, is_blank, is_han},
    words::WORDS,
};

/// A sentence that can be split in more than one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Unclear {
    /// Those that it names by the nearest reading, to show; none where no reading is nearer than another.
    pub nearest: Vec<(String, usize)>,
}

/// The addressees of a sentence, `A, B and C`, `aux … et aux …`, `A; B`, each with the octet of the sentence at which it
/// begins; an error where a comma could mean two things. Where semicolons part them, commas stand within a name.
pub(super) fn split(sentence: &str) -> Result<Vec<(String, usize)>, Unclear> {
    if outside(sentence).any(|(_, c)| is_semicolon(c)) {
        return Ok(split_line(sentence));
    }
    if let Some(parted) = marks::at_marks(sentence) {
        return parted
            .map(|items| cleaned(sentence, items))
            .map_err(|items| Unclear { nearest: cleaned(sentence, items) });
    }
    let parties = arabic::at_parties(sentence);
    if parties.len() > 1 {
        let items = cleaned(sentence, parties);
        return if narrows_last(&items) { Err(Unclear { nearest: items }) } else { Ok(items) };
    }
    let parts = at_joins(sentence);
    let (mut items, mut clear) = (Vec::new(), true);
    for (at, part) in parts.iter().enumerate() {
        let place = if at + 1 == parts.len() { Place::Last } else { Place::Within };
        let Parted { items: parted, sure } = at_commas(part, place)?;
        clear &= sure;
        items.extend(posts::with_posts(sentence, parted));
    }
    let items = cleaned(sentence, items);
    // what is one addressee with its post or its body is narrowed by nothing else
    if clear || items.len() == 1 { Ok(items) } else { Err(Unclear { nearest: items }) }
}

/// The addressees of a line among others: several only where semicolons or repeated prepositions part them, or where one
/// is the house's own file, "Director General, Mr. Example, Chrono".
pub(super) fn split_line(line: &str) -> Vec<(String, usize)> {
    let parts = if line.contains(is_comma) && line.split(is_comma).any(of_file) {
        at_commas(line, Place::Last).ok().filter(|parted| parted.sure).map_or_else(|| vec![line], |parted| parted.items)
    } else {
        at_joins(line)
    };
    cleaned(line, parts)
}

/// "Chrono", "в дело"
fn of_file(text: &str) -> bool {
    WORDS.has("routing", &fold(text.trim_matches(|c| is_blank(c) || c == '.')))
}

/// "…, and associates taking part in the work": what narrows the last may narrow all.
fn narrows_last(items: &[(String, usize)]) -> bool {
    let narrowed = |(item, _): &(String, usize)| WORDS.list("to_narrowing").iter().any(|word| holds_word(item, word));
    items.split_last().is_some_and(|(last, others)| narrowed(last) && !others.iter().all(narrowed))
}

fn cleaned(sentence: &str, items: Vec<&str>) -> Vec<(String, usize)> {
    let mut addressees = Vec::new();
    for item in items.into_iter().map(without_first_join) {
        let text = clean(item);
        let begins = item.find(text.as_str()).unwrap_or(item.len() - item.trim_start_matches(is_blank).len());
        let offset = item.as_ptr().addr() - sentence.as_ptr().addr() + begins;
        addressees.extend((!text.is_empty()).then_some((text, offset)));
    }
    addressees
}

fn is_semicolon(c: char) -> bool {
    matches!(c, ';' | '；' | '؛')
}

/// The characters that stand in no brackets; all, where brackets do not close.
fn outside(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let opens = |c: char| matches!(c, '(' | '（' | '[' | '「' | '«' | '“');
    let closes = |c: char| matches!(c, ')' | '）' | ']' | '」' | '»' | '”');
    let balanced = text.chars().filter(|c| opens(*c)).count() == text.chars().filter(|c| closes(*c)).count();
    let mut depth = 0usize;
    text.char_indices().filter(move |(_, c)| {
        depth += usize::from(balanced && opens(*c));
        let free = depth == 0;
        depth -= usize::from(balanced && closes(*c) && depth > 0);
        free
    })
}

/// Whether a line goes on with the sentence of the one before it.
pub(super) fn goes_on(before: &str, next: &str) -> bool {
    if begins_channel(next) || of_file(next) {
        return false;
    }
    let ends = before.trim_end_matches(is_blank);
    let last = ends.rsplit(is_blank).next().unwrap_or_default();
    // No line ends with an article or a preposition.
    let small = last.chars().count() <= 3 && !last.is_empty() && last.chars().all(char::is_lowercase);
    let joins =
        ["to_last_joins", "supplement_of", "between_day_and_month"].iter().any(|list| WORDS.has(list, &fold(last)));
    let unfinished = WORDS.has("to_unfinished", &fold(last)) && !is_noun_first(ends);
    // "SWITCHES" / "AND PAYMENT PROVIDERS"
    let first = next.split(is_blank).next().unwrap_or_default();
    let joined = WORDS.has("to_last_joins", &fold(first)) && first != next;
    let small_next = next.chars().next().is_some_and(|c| c.is_lowercase() || digit(c).is_some());
    let lower = (small_next && !are_small(before, next)) || is_note_alone(next);
    // A filled line that parts addressees by commas, and does not end with one, is a sentence.
    let sentence = runs_on(before) || arabic::at_parties(before).len() > 1 || arabic::after_joined_and(next).is_some();
    // "Ректорам университетов" begins anew, however broad the line above
    // but not behind "Администрациям, Членам Сектора"
    let each = is_dative(before) && !ends.split(',').skip(1).any(|part| is_dative(part) || part.is_empty());
    let filled = breadth(before) >= FILLED && sentence && !(each && is_dative(next)) && !begin_alike(before, next);
    let open = before.matches(['(', '（']).count() > before.matches([')', '）']).count();
    let named = opens_quote(next) && !before.chars().any(is_opening_quote);
    joins
        || small
        || joined
        || unfinished
        || lower
        || filled
        || open
        || named
        || wraps_behind_comma(ends)
        || misses_case(before, next)
}

/// "Chief Executive Officers of All Banks, …" / "Chief Executive Officers of All Insurers": each line begins anew.
fn begin_alike(before: &str, next: &str) -> bool {
    const WORDS_ALIKE: usize = 2;
    let first = |text: &str| text.split(is_blank).take(WORDS_ALIKE).map(fold).collect::<Vec<_>>();
    let words = first(next);
    words.len() == WORDS_ALIKE && words == first(before) && words.concat().chars().any(char::is_alphabetic)
}

/// "Comité national": where the noun stands first, its adjective ends the name.
fn is_noun_first(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let first = text.split(is_blank).next().map(fold).unwrap_or_default();
    let noun = ["bodies", "units", "titles"].iter().any(|list| WORDS.has(list, &first));
    noun && text.split(is_blank).count() <= MOST_WORDS
}

/// "постоянным представительствам" / "главам страновых офисов", "bureaux de pays" / "missions permanentes": where all begin
/// with a small letter, none says that its line goes on.
fn are_small(before: &str, next: &str) -> bool {
    const NARROW: usize = 60;
    let small = |text: &str| text.starts_with(char::is_lowercase);
    let dative = |text: &str| is_dative(&capitalized(text));
    let first = next.split(is_blank).next().map(fold).unwrap_or_default();
    let party = breadth(before) < NARROW && WORDS.has("to_parties", &first);
    small(before) && small(next) && ((dative(before) && dative(next)) || party)
}

/// "Открытому акционерному обществу" / "«Банк развития»": a name in quotation marks stands behind what bears it.
fn opens_quote(text: &str) -> bool {
    text.starts_with(is_opening_quote)
}

fn is_opening_quote(c: char) -> bool {
    matches!(c, '«' | '“' | '„' | '"' | '”' | '「' | '『' | '《')
}

/// No list of one addressee per line has such broad lines with commas in them.
const FILLED: usize = 60;

/// "各省财政厅（局），新疆财政局，": a line that parts addressees and breaks off behind one more comma is a sentence.
fn wraps_behind_comma(line: &str) -> bool {
    let Some(inner) = line.strip_suffix(['，', ',', '、', '،']) else { return false };
    let parts = outside(inner).any(|(at, c)| is_comma(c) && begins_anew(&inner[at + c.len_utf8()..]));
    line.contains(is_han) || (parts && breadth(line) >= FILLED)
}

/// In a list of datives, "Директорам департаментов", a line that bears no case that says "to" ("Министерства") goes on.
fn misses_case(before: &str, next: &str) -> bool {
    let first = next.split(is_blank).next().map(fold).unwrap_or_default();
    let ending = |list: &str| WORDS.list(list).iter().any(|ending| first.ends_with(ending.as_str()));
    is_dative(before) && first.chars().any(char::is_alphabetic) && !ending("to_endings_any") && ending("to_endings_of")
}

fn is_comma(c: char) -> bool {
    matches!(c, ',' | '،' | '，' | '、')
}

/// "; and Regulators" names regulators.
fn without_first_join(item: &str) -> &str {
    if let Some(rest) = arabic::after_joined_and(item) {
        return rest;
    }
    let spoken = |join: &&String| !join.chars().any(is_han);
    let joins = WORDS.list("to_last_joins").iter().filter(spoken);
    let lower = item.trim_start_matches(is_blank).starts_with(char::is_lowercase);
    joins
        .filter(|_| lower)
        .find_map(|join| after_word(item, join).filter(|rest| rest.starts_with(is_blank)))
        .unwrap_or(item)
}

/// Whether another addressee begins within a line of a sentence.
pub(super) fn joins(line: &str) -> bool {
    let parts = at_joins(line).iter().filter(|part| !part.trim_matches(is_blank).is_empty()).count();
    parts > 1 || arabic::at_parties(line).len() > 1
}

/// At semicolons, at bullets that a conversion has put on one line, and at repeated prepositions: "and to the", "et aux", "y a los".
fn at_joins(sentence: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in outside(sentence) {
        if at < start {
            continue;
        }
        if is_semicolon(c) || matches!(c, '•' | '▪' | '●') {
            parts.push(&sentence[start..at]);
            start = at + c.len_utf8();
            continue;
        }
        // "Администрациям … и Членам Сектора": the next dative names another addressee.
        if let Some(begin) = next_opener(sentence, at).filter(|_| is_blank(c)) {
            parts.push(&sentence[start..at]);
            start = begin;
            continue;
        }
        let opens = is_blank(c) || matches!(c, ',' | '،');
        let join = WORDS.list("to_joins").iter().find_map(|join| {
            let from = if join.starts_with(',') { at } else { at + c.len_utf8() };
            after_word(&sentence[from..], join)
        });
        if let Some(rest) = join.filter(|_| opens) {
            parts.push(&sentence[start..at]);
            start = sentence.len() - rest.len();
        }
    }
    parts.push(&sentence[start..]);
    parts
}

/// Where an addressee begins after "and" and a blank at `at`, if it begins as a line of the head would.
fn next_opener(sentence: &str, at: usize) -> Option<usize> {
    let rest = WORDS.list("to_last_joins").iter().find_map(|join| after_word(&sentence[at..], join))?;
    begins_addressee(rest).then(|| sentence.len() - rest.len())
}

/// Where in its sentence a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Another follows: "A, B taking part in the work, and to the C".
    Within,
    Last,
}

/// The items between commas; not sure where what narrows the last may narrow all.
struct Parted<'a> {
    items: Vec<&'a str>,
    sure: bool,
}

fn at_commas(part: &str, place: Place) -> Result<Parted<'_>, Unclear> {
    let mut items: Vec<&str> = Vec::new();
    let mut start = 0;
    let han = part.contains(is_han);
    let each = han && part.trim_start_matches(is_blank).starts_with(EACH);
    let strong = han && outside(part).any(|(_, c)| matches!(c, '，' | ','));
    for (at, comma) in outside(part).filter(|(_, c)| is_comma(*c)) {
        let rest = &part[at + comma.len_utf8()..];
        // "各市、县人民政府，省政府直属各单位": within an addressee stands the lesser comma.
        let short = part[..at].rsplit('、').next().is_some_and(|word| word.chars().count() <= 3);
        let bodies = || {
            let each = part[..at].rsplit(['，', ',']).next().is_some_and(|lead| lead.contains(EACH));
            !each && ends_body(part[..at].rsplit(is_comma).next()) && ends_body(rest.split(is_comma).next())
        };
        let within = comma == '、' && !bodies() && (strong || (each && short && !rest.starts_with(EACH)));
        if !within && begins_anew(rest) {
            items.push(&part[start..at]);
            start = at + comma.len_utf8();
        }
    }
    items.push(&part[start..]);
    if items.len() == 1 {
        return Ok(Parted { items, sure: true });
    }
    let last = items.pop().unwrap_or_default();
    let last_items = last_two(last)?;
    // Without its "and" the list goes on in the next part, and what narrows its last item narrows no other.
    let goes_on = place == Place::Within && last_items.as_slice() == [last];
    items.extend(last_items);
    if items.iter().any(|item| item.contains(is_han)) {
        let sure = !spreads(&items);
        return Ok(Parted { items, sure });
    }
    let narrowed = |item: &&str| WORDS.list("to_qualifiers").iter().any(|word| holds_word(item, word));
    let (others, last) = items.split_at(items.len() - 1);
    let unsure = !goes_on && last.iter().any(|item| narrowed(item) && !of_file(item)) && !others.iter().all(narrowed);
    Ok(Parted { items, sure: !unsure })
}

/// "省应急管理厅": the whole name of one body, whichever comma stands beside it.
fn ends_body(part: Option<&str>) -> bool {
    const SHORTEST: usize = 4;
    let part = part.unwrap_or_default().trim_matches(|c| is_blank(c) || c == '。');
    let whole = part.chars().count() >= SHORTEST && part.chars().all(is_han) && !part.contains(EACH);
    whole
        && ["bodies", "units", "to_address_ends"]
            .iter()
            .any(|list| WORDS.list(list).iter().any(|body| before(part, body).is_some()))
}

/// "Each": with it begins every addressee of a list that begins so.
const EACH: char = '各';

/// In Chinese what narrows stands before its noun: in the first item it may narrow all, in another only that one.
fn spreads(items: &[&str]) -> bool {
    let narrowed = |item: &&str| WORDS.list("to_qualifiers").iter().any(|word| holds_word(item, word));
    items.first().is_some_and(narrowed) && !items.iter().all(narrowed)
}

/// Whether a line parts addressees by commas and breaks off within one: "Administrations, Sector Members of the".
pub(super) fn runs_on(line: &str) -> bool {
    let line = line.trim_end_matches(is_blank);
    let parts = outside(line).any(|(at, c)| is_comma(c) && begins_anew(&line[at + c.len_utf8()..]));
    parts && !line.ends_with([',', ';', '،', '؛', '，', '；', '、', '.', ':'])
}

/// Whether what follows a comma names another addressee.
fn begins_anew(rest: &str) -> bool {
    let goes_on = |list: &str| WORDS.list(list).iter().any(|word| after_word(rest, word).is_some());
    let rest_starts = rest.trim_start_matches(is_blank).chars().next();
    let number = rest_starts.is_some_and(|c| digit(c).is_some());
    rest_starts.is_some() && !number && !goes_on("to_continuations") && !goes_on("to_pairs") && !is_participle(rest)
}

/// ", расположенных за пределами", ", established in the Union": what is said of those named, no addressee of its own.
fn is_participle(rest: &str) -> bool {
    let mut words = rest.trim_start_matches(is_blank).split(is_blank);
    let Some(first) = words.next().filter(|word| word.starts_with(char::is_lowercase)).map(fold) else { return false };
    let next = words.next().unwrap_or_default();
    let ends = |list: &str| WORDS.list(list).iter().any(|ending| first.ends_with(ending.as_str()));
    let dative = WORDS.list("to_endings").iter().any(|ending| fold(next).ends_with(ending.as_str()));
    (ends("to_participles") && WORDS.has("to_prepositions", &fold(next))) || (ends("to_participles_alone") && !dative)
}

/// The last item of a list with commas: "B and C", "and C", "et C", "والC".
fn last_two(last: &str) -> Result<Vec<&str>, Unclear> {
    let trimmed = last.trim_start_matches(is_blank);
    for join in WORDS.list("to_last_joins") {
        if let Some(rest) = after_word(trimmed, join).filter(|rest| !rest.is_empty()) {
            return Ok(vec![rest]);
        }
    }
    if let Some(rest) = arabic::after_joined_and(trimmed) {
        return Ok(vec![rest]);
    }
    let mut cuts = Vec::new();
    for (at, c) in outside(last) {
        let join = WORDS.list("to_last_joins").iter().find_map(|join| {
            let from = if is_blank(c) { at + c.len_utf8() } else { at };
            let han = join.chars().any(is_han);
            if han == is_blank(c) || at == 0 {
                return None;
            }
            let rest = if han { after(&last[from..], join) } else { after_word(&last[from..], join) }?;
            // In Chinese what takes part stands before its noun: "和参加研究组工作的准成员".
            (begins_anew(rest) || (han && rest.contains('的'))).then_some(rest)
        });
        if let Some(rest) = join
            && cuts.last().is_none_or(|(_, begin)| at >= *begin)
        {
            cuts.push((at, last.len() - rest.len()));
        }
    }
    match cuts.as_slice() {
        [] => Ok(vec![last]),
        [(end, begin)] => Ok(vec![&last[..*end], &last[*begin..]]),
        _ => Err(Unclear::default()),
    }
}

fn holds_word(text: &str, word: &str) -> bool {
    let folded = fold(text);
    folded.match_indices(word).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || is_han(c));
        edge(folded[..at].chars().next_back()) && edge(folded[at + word.len()..].chars().next())
    })
}

pub(super) mod arabic;
mod marks;
pub(super) mod posts;
#[cfg(test)]
mod tests;
