//! Addressee lines: what one printed To or Copy names, cleaned, and sentences split into single addressees.
//!
//! Splits only where no reading loses a qualifier. "Administrations, Sector Members and Academia of the Africa region"
//! may narrow one group or three: it is refused, since a letter to the wrong group cannot be called back.

use super::{
    fold::{after, after_word, breadth, digit, fold, is_blank, is_han},
    lines::{bullet, plain},
    words::WORDS,
};

/// A sentence that can be split in more than one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unclear;

/// "See distribution list (attached)": nobody is named here.
pub(super) fn says_elsewhere(text: &str) -> bool {
    const MORE: usize = 24;
    WORDS.list("to_elsewhere").iter().any(|phrase| after_word(text, phrase).is_some_and(|rest| breadth(rest) <= MORE))
}

/// A folded line at each "and": "administrations" and "sector members".
pub(super) fn in_two(folded: &str) -> impl Iterator<Item = (&str, &str)> {
    folded.match_indices(' ').filter_map(|(at, _)| {
        let rest = WORDS.list("to_last_joins").iter().find_map(|join| after_word(&folded[at..], join))?;
        Some((&folded[..at], rest.trim_start_matches(' ')))
    })
}

/// One bullet's addressee, without bullet, "To the" and final punctuation.
pub(super) fn clean(text: &str) -> String {
    let text = bullet(text).unwrap_or(text);
    let text = plain(text);
    let mut rest = text.as_str();
    if let Some(lead) = WORDS.list("to_leads").iter().find_map(|lead| after_word(rest, lead)) {
        rest = if lead.trim_matches(is_blank).is_empty() { rest } else { lead };
    } else if let Some(named) = rest.strip_prefix("à ") {
        // "à Mesdames et Messieurs les Préfets"
        rest = named;
    }
    rest = trimmed(rest);
    // "To: the Administrations", but "The Hague Academy".
    let article = WORDS.list("to_articles").iter().find_map(|article| {
        let lower = rest.starts_with(|c: char| c.is_lowercase());
        let after = if article.ends_with('\'') { after(rest, article) } else { after_word(rest, article) };
        after.filter(|after| lower && !after.trim_matches(is_blank).is_empty())
    });
    rest = article.map_or(rest, |after| after.trim_start_matches(is_blank));
    for join in WORDS.list("to_last_joins") {
        rest = without_last_word(rest, join);
    }
    trimmed(rest).to_owned()
}

fn trimmed(text: &str) -> &str {
    let end = |c| is_blank(c) || matches!(c, '.' | ',' | ';' | ':' | '،' | '؛' | '。' | '，' | '；' | '：' | '、');
    text.trim_end_matches(end).trim_start_matches(|c| is_blank(c) || matches!(c, ':' | '：' | '/'))
}

/// "Regulators; and" names regulators.
fn without_last_word<'a>(text: &'a str, word: &str) -> &'a str {
    let Some((before, last)) = text.rsplit_once(is_blank) else { return text };
    if fold(last) == word { trimmed(before) } else { text }
}

/// The addressees of a sentence, `A, B and C`, `aux … et aux …`, `A; B`, each with the octet of the sentence at which it
/// begins; an error where a comma could mean two things.
pub(super) fn split(sentence: &str) -> Result<Vec<(String, usize)>, Unclear> {
    let mut addressees = Vec::new();
    for part in at_joins(sentence) {
        for item in at_commas(part)? {
            let item = without_first_join(item);
            let text = clean(item);
            let begins = item.find(text.as_str()).unwrap_or(item.len() - item.trim_start_matches(is_blank).len());
            let offset = item.as_ptr().addr() - sentence.as_ptr().addr() + begins;
            addressees.extend((!text.is_empty()).then_some((text, offset)));
        }
    }
    Ok(addressees)
}

/// What brackets behind an addressee say of its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// "(for action)"
    Action,
    /// "(for information)"
    Information,
}

/// An addressee without such brackets: "Hydrological Advisers (for information)".
pub(super) fn part_of(text: &str) -> (&str, Option<Part>) {
    let inner = text.strip_suffix([')', '）']).and_then(|lead| {
        let open = lead.rfind(['(', '（'])?;
        Some((lead[..open].trim_end_matches(is_blank), lead[open..].trim_start_matches(['(', '（'])))
    });
    let Some((name, said)) = inner.filter(|(name, _)| !name.is_empty()) else { return (text, None) };
    let said = fold(said);
    let parts = [("for_action", Part::Action), ("for_information", Part::Information)];
    match parts.into_iter().find(|(list, _)| WORDS.has(list, &said)) {
        Some((_, part)) => (name, Some(part)),
        None => (text, None),
    }
}

/// "; and Regulators" names regulators.
fn without_first_join(item: &str) -> &str {
    if let Some(rest) = after_joined_and(item) {
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
    at_joins(line).iter().filter(|part| !part.trim_matches(is_blank).is_empty()).count() > 1
}

/// At semicolons, at bullets that a conversion has put on one line, and at repeated prepositions: "and to the", "et aux", "y a los".
fn at_joins(sentence: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in sentence.char_indices() {
        if at < start {
            continue;
        }
        if matches!(c, ';' | '；' | '؛' | '•' | '▪' | '●') {
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

/// Whether a line names addressees by how it begins: "To the …", or a dative, "Операторам связи".
pub(super) fn begins_addressee(text: &str) -> bool {
    let opener =
        |opening: &String| after_word(text, opening).is_some_and(|rest| !rest.trim_matches(is_blank).is_empty());
    WORDS.list("to_openers").iter().any(opener) || is_dative(text)
}

/// A capital, and the endings of a case that says "to": a noun, or an adjective and a noun.
pub(super) fn is_dative(text: &str) -> bool {
    const SHORTEST: usize = 5;
    let ends = |word: Option<&str>, list: &str| {
        let word = word.map(fold).unwrap_or_default();
        word.chars().count() >= SHORTEST && WORDS.list(list).iter().any(|ending| word.ends_with(ending.as_str()))
    };
    let mut words =
        text.trim_start_matches(is_blank).split(is_blank).map(|word| word.trim_end_matches([',', ';', ':']));
    let first = words.next().filter(|word| word.starts_with(char::is_uppercase));
    ends(first, "to_endings") || (ends(first, "to_endings_adjective") && ends(words.next(), "to_endings"))
}

/// Where an addressee begins after "and" and a blank at `at`, if it begins as a line of the head would.
fn next_opener(sentence: &str, at: usize) -> Option<usize> {
    let rest = WORDS.list("to_last_joins").iter().find_map(|join| after_word(&sentence[at..], join))?;
    begins_addressee(rest).then(|| sentence.len() - rest.len())
}

fn at_commas(part: &str) -> Result<Vec<&str>, Unclear> {
    let mut items: Vec<&str> = Vec::new();
    let mut start = 0;
    let each = part.contains(is_han) && part.trim_start_matches(is_blank).starts_with(EACH);
    let strong = part.contains(is_han) && part.contains(['，', ',']);
    for (at, comma) in part.match_indices([',', '،', '，', '、']) {
        let rest = &part[at + comma.len()..];
        // "各市、县人民政府，省政府直属各单位": within an addressee stands the lesser comma.
        let short = part[..at].rsplit('、').next().is_some_and(|word| word.chars().count() <= 3);
        let within = comma == "、" && (strong || (each && short)) && !rest.starts_with(EACH);
        if !within && begins_anew(rest) {
            items.push(&part[start..at]);
            start = at + comma.len();
        }
    }
    items.push(&part[start..]);
    if items.len() == 1 {
        return Ok(items);
    }
    let last = items.pop().unwrap_or_default();
    items.extend(last_two(last)?);
    if items.iter().any(|item| item.contains(is_han)) {
        return chinese(items);
    }
    let narrowed = |item: &&str| WORDS.list("to_qualifiers").iter().any(|word| holds_word(item, word));
    let (others, last) = items.split_at(items.len() - 1);
    if last.iter().any(&narrowed) && !others.iter().all(narrowed) {
        return Err(Unclear);
    }
    Ok(items)
}

/// "Each": with it begins every addressee of a list that begins so.
const EACH: char = '各';

/// In Chinese what narrows stands before its noun: in the first item it may narrow all, in another only that one.
fn chinese(items: Vec<&str>) -> Result<Vec<&str>, Unclear> {
    let narrowed = |item: &&str| WORDS.list("to_qualifiers").iter().any(|word| holds_word(item, word));
    let spreads = items.first().is_some_and(narrowed) && !items.iter().all(narrowed);
    if spreads { Err(Unclear) } else { Ok(items) }
}

/// Whether a line parts addressees by commas and breaks off within one: "Administrations, Sector Members of the".
pub(super) fn runs_on(line: &str) -> bool {
    let line = line.trim_end_matches(is_blank);
    let parts = line.match_indices([',', '،', '，', '、']).any(|(at, comma)| begins_anew(&line[at + comma.len()..]));
    parts && !line.ends_with([',', ';', '،', '؛', '，', '；', '、', '.', ':'])
}

/// Whether what follows a comma names another addressee.
fn begins_anew(rest: &str) -> bool {
    let goes_on = |list: &str| WORDS.list(list).iter().any(|word| after_word(rest, word).is_some());
    let rest_starts = rest.trim_start_matches(is_blank).chars().next();
    let number = rest_starts.is_some_and(|c| digit(c).is_some());
    rest_starts.is_some() && !number && !goes_on("to_continuations") && !goes_on("to_pairs")
}

/// The last item of a list with commas: "B and C", "and C", "et C", "والC".
fn last_two(last: &str) -> Result<Vec<&str>, Unclear> {
    let trimmed = last.trim_start_matches(is_blank);
    for join in WORDS.list("to_last_joins") {
        if let Some(rest) = after_word(trimmed, join).filter(|rest| !rest.is_empty()) {
            return Ok(vec![rest]);
        }
    }
    if let Some(rest) = after_joined_and(trimmed) {
        return Ok(vec![rest]);
    }
    let mut cuts = Vec::new();
    for (at, c) in last.char_indices() {
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
        _ => Err(Unclear),
    }
}

/// In Arabic "and" is written onto the next word; a word that begins with a waw of its own keeps it.
fn after_joined_and(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(is_blank).strip_prefix('و')?;
    let noun = WORDS.list("to_joined_nouns").iter().any(|noun| after_word(rest, noun).is_some());
    (noun || rest.starts_with("ال")).then_some(rest)
}

fn holds_word(text: &str, word: &str) -> bool {
    let folded = fold(text);
    folded.match_indices(word).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || is_han(c));
        edge(folded[..at].chars().next_back()) && edge(folded[at + word.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addressee_is_cleaned_of_bullet_lead_and_final_mark() {
        let table = [
            ("- Administrations of ITU Member States;", "Administrations of ITU Member States"),
            ("- To the Permanent Missions.", "Permanent Missions"),
            ("* Regulators; and", "Regulators"),
            ("– aux Membres du Secteur,", "Membres du Secteur"),
            ("- A los Miembros", "Miembros"),
            ("1. Academia", "Academia"),
            ("**Academia**", "Academia"),
            ("A. B. University", "A. B. University"),
            ("To", "To"),
            ("The Hague Academy", "The Hague Academy"),
            ("各成员国主管部门：", "各成员国主管部门"),
        ];
        for (text, cleaned) in table {
            assert_eq!(clean(text), cleaned, "{text}");
        }
    }

    #[test]
    fn a_sentence_is_split_where_another_addressee_begins() {
        let table: [(&str, &[&str]); 20] = [
            ("A, B and C", &["A", "B", "C"]),
            (
                "Administrations of ITU Member States, Regulators, and Academia",
                &["Administrations of ITU Member States", "Regulators", "Academia"],
            ),
            (
                "the Administrations of Member States and to the Sector Members of Study Group 3",
                &["Administrations of Member States", "Sector Members of Study Group 3"],
            ),
            (
                "administrations des Etats Membres et aux Associés de la Commission d'études 7",
                &["administrations des Etats Membres", "Associés de la Commission d'études 7"],
            ),
            (
                "Administraciones, a los Miembros del Sector y a las Instituciones",
                &["Administraciones", "Miembros del Sector", "Instituciones"],
            ),
            ("Chairman and Vice-Chairmen of Study Group 3", &["Chairman and Vice-Chairmen of Study Group 3"]),
            ("Chairmen of ITU-T Study Groups 2, 3 and 5", &["Chairmen of ITU-T Study Groups 2, 3 and 5"]),
            ("Member States and Sector Members of the ITU", &["Member States and Sector Members of the ITU"]),
            ("A; B; C", &["A", "B", "C"]),
            ("A; B; and Regulators of Study Group 1", &["A", "B", "Regulators of Study Group 1"]),
            ("• Member States • Regulators", &["Member States", "Regulators"]),
            ("Администрациям Государств и Членам Сектора", &["Администрациям Государств", "Членам Сектора"]),
            ("各成员国主管部门、ITU-T部门成员和学术成员", &["各成员国主管部门", "ITU-T部门成员", "学术成员"]),
            ("各市、县人民政府，省政府直属各单位", &["各市、县人民政府", "省政府直属各单位"]),
            ("各市、县人民政府", &["各市、县人民政府"]),
            ("各航空公司、各机场公司", &["各航空公司", "各机场公司"]),
            ("各省、自治区、直辖市人民政府、国务院各部委", &["各省、自治区、直辖市人民政府", "国务院各部委"]),
            ("主管部门、部门成员和参加第5研究组工作的准成员", &["主管部门", "部门成员", "参加第5研究组工作的准成员"]),
            ("إدارات الدول الأعضاء، والهيئات الأكاديمية", &["إدارات الدول الأعضاء", "الهيئات الأكاديمية"]),
            ("organizations, including observers", &["organizations, including observers"]),
        ];
        for (sentence, expected) in table {
            let found = split(sentence).unwrap();
            assert_eq!(found.iter().map(|(text, _)| text).collect::<Vec<_>>(), expected, "{sentence}");
            assert!(found.iter().all(|(text, at)| sentence[*at..].starts_with(text)), "{sentence}: {found:?}");
        }
    }

    #[test]
    fn a_qualifier_at_the_end_of_a_list_is_refused_since_it_may_narrow_one_or_all() {
        for sentence in [
            "Administrations, Sector Members and Academia of the Africa region",
            "Regulators, Associates participating in the work of Study Group 3",
            "Regulators, Member States and Sector Members and Academia",
            "参加第5研究组工作的部门成员、准成员和学术成员",
        ] {
            assert_eq!(split(sentence), Err(Unclear), "{sentence}");
        }
    }
}
