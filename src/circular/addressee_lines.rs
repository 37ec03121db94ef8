//! Addressee lines: what one printed To or Copy names, without what is no part of its name.
//!
//! Neither the lead ("To the"), the courtesy behind it ("المحترمين"), the channel it goes through ("s/c de …") nor the note
//! on what it is to do ("/ للتفضل بالاطلاع", "(for information)") names anybody. A text of which nothing would be left stays.

use super::{
    fold::{after, after_word, before, breadth, fold, is_blank},
    lines::{bullet, plain},
    words::WORDS,
};

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
    } else if let Some(named) = to_persons(rest) {
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
    trimmed(without_courtesy(without_channel(rest))).to_owned()
}

/// "les directeurs s/c de Mesdames les rectrices": whom a letter goes through does not get it as an addressee.
fn without_channel(text: &str) -> &str {
    let begins = |(at, c): (usize, char)| (is_blank(c) && begins_channel(&text[at..])).then_some(at);
    text.char_indices().find_map(begins).map_or(text, |at| trimmed(&text[..at]))
}

/// Whether a line says whom the letter goes through: "s/c de Monsieur le Préfet", "Through the Ministry".
pub(super) fn begins_channel(text: &str) -> bool {
    let text = text.trim_start_matches(|c| is_blank(c) || matches!(c, '(' | '（'));
    WORDS.list("to_channels").iter().any(|words| after_word(text, words).is_some_and(|rest| !rest.is_empty()))
}

/// "رؤساء الاتحادات المحترمين": what honours those named, and "(по списку)", which says that they are many.
fn without_courtesy(text: &str) -> &str {
    let mut text = text;
    loop {
        let mut begins = text.char_indices().filter(|(at, c)| *at > 0 && (is_blank(*c) || matches!(c, '(' | '（')));
        let courtesy = begins.find_map(|(at, _)| is_courtesy_behind(&text[at..]).then_some(at));
        let Some(at) = courtesy.filter(|at| !trimmed(&text[..*at]).is_empty()) else { return text };
        text = trimmed(&text[..at]);
    }
}

fn is_courtesy_behind(text: &str) -> bool {
    let mark = |c| is_blank(c) || matches!(c, '(' | ')' | '（' | '）' | '.' | ',' | '،' | '/' | '-');
    let bare = fold(text.trim_matches(mark));
    let in_brackets = text.trim_start_matches(is_blank).starts_with(['(', '（']);
    WORDS.has("to_courtesies_behind", &bare) || (in_brackets && WORDS.has("to_elsewhere", &bare))
}

/// "机关各处室，各政策性银行：": the lines of a Chinese letter between its title and its text that name offices and end with a
/// colon are its address; "现将有关事项通知如下：" is a sentence.
pub(super) fn is_chinese_address(text: &str) -> bool {
    const BROADEST: usize = 600;
    let Some(named) = text.trim_end_matches(is_blank).strip_suffix([':', '：']) else { return false };
    let named = named.trim_end_matches(|c| is_blank(c) || matches!(c, ')' | '）'));
    let ends = WORDS.list("to_address_ends").iter().any(|office| before(named, office).is_some());
    ends && breadth(text) <= BROADEST && !named.contains(['。', '：', '；', '！', '？']) && !text.starts_with(is_blank)
}

/// "المحترمين" on a line of its own honours those above it.
pub(super) fn is_courtesy_alone(text: &str) -> bool {
    WORDS.has("to_courtesies_behind", &fold(text.trim_matches(|c| is_blank(c) || matches!(c, '.' | ',' | '،'))))
}

/// "(по списку)" alone: a note on the addressee of the line above.
pub(super) fn is_note_alone(text: &str) -> bool {
    text.starts_with(['(', '（']) && is_courtesy_behind(text)
}

/// "à Mesdames et Messieurs les Préfets", "A Messieurs les Gouverneurs"
fn to_persons(text: &str) -> Option<&str> {
    let person = |named: &&str| WORDS.list("to_persons").iter().any(|word| after_word(named, word).is_some());
    text.strip_prefix("à ")
        .or_else(|| text.strip_prefix(['À', 'A']).and_then(|rest| rest.strip_prefix(' ')).filter(person))
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
    let Some((name, said)) = inner.filter(|(name, _)| !name.is_empty()) else { return part_behind_mark(text) };
    let said = fold(said);
    let parts = [("for_action", Part::Action), ("for_information", Part::Information)];
    match parts.into_iter().find(|(list, _)| WORDS.has(list, &said)) {
        Some((_, part)) => (name, Some(part)),
        None => (text, None),
    }
}

/// "مكتب الوزير / للتفضل بالاطلاع", "Director, Works – for necessary action", "وكيل الوزارة للعلم": what it is to do, behind
/// a mark; in Arabic behind a blank, too.
fn part_behind_mark(text: &str) -> (&str, Option<Part>) {
    let marks = text.char_indices().filter(|(at, c)| *at > 0 && (is_mark(*c) || is_blank(*c)));
    for (at, mark) in marks {
        let name = text[..at].trim_end_matches(|c| is_blank(c) || is_mark(c));
        let rest = &text[at + mark.len_utf8()..];
        let said = rest.trim_start_matches(|c| is_blank(c) || is_mark(c));
        let begins = |list: &str| WORDS.list(list).iter().any(|words| after_word(said, words).is_some());
        let spaced = text[..at].ends_with(is_blank) || rest.starts_with(is_blank) || is_blank(mark) || mark == '－';
        let marked = is_mark(mark) || said.starts_with('ل');
        if !spaced || !marked || name.is_empty() {
            continue;
        }
        if begins("for_information") || begins("copy_notes") {
            return (without_courtesy(name), Some(Part::Information));
        }
        if begins("for_action") {
            return (without_courtesy(name), Some(Part::Action));
        }
    }
    (text, None)
}

fn is_mark(c: char) -> bool {
    matches!(c, '/' | '–' | '—' | '-' | '－' | ':' | '：' | '.' | ',' | '،')
}

/// "(pour attribution)", "(for information)" on a line of its own: the part of those above it.
pub(super) fn part_alone(text: &str) -> Option<Part> {
    let inner = text.strip_prefix(['(', '（'])?.strip_suffix([')', '）'])?;
    let parts = [("for_action", Part::Action), ("for_information", Part::Information)];
    parts.into_iter().find(|(list, _)| WORDS.has(list, &fold(inner))).map(|(_, part)| part)
}

/// Whether a line names addressees by how it begins: "To the …", or a dative, "Операторам связи".
pub(super) fn begins_addressee(text: &str) -> bool {
    let opener =
        |opening: &String| after_word(text, opening).is_some_and(|rest| !rest.trim_matches(is_blank).is_empty());
    // "Всем членам"
    let all = WORDS.list("to_everyone_dative").iter().find_map(|all| after_word(text, all));
    let all = all.filter(|_| text.starts_with(char::is_uppercase)).map(|rest| rest.trim_start_matches(is_blank));
    WORDS.list("to_openers").iter().any(opener)
        || is_dative(text)
        || all.is_some_and(|all| is_dative(&capitalized(all)))
}

/// A word with a capital for its first letter.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A capital, and the endings of a case that says "to": a noun, or an adjective and a noun.
pub(super) fn is_dative(text: &str) -> bool {
    const SHORTEST: usize = 5;
    let ends = |word: Option<&str>, list: &str| {
        let word = word.map(fold).unwrap_or_default();
        word.chars().count() >= SHORTEST && WORDS.list(list).iter().any(|ending| word.ends_with(ending.as_str()))
    };
    let text = text.trim_start_matches(is_blank);
    let mut words = text.split(is_blank).map(|word| word.trim_end_matches([',', ';', ':']));
    let first = words.next().filter(|word| word.starts_with(char::is_uppercase));
    ends(first, "to_endings") || (ends(first, "to_endings_adjective") && ends(words.next(), "to_endings"))
}

/// "Instituciones de Seguros", "ALL COMMERCIAL BANKS", "Directors General of Customs": those who are addressed, by the noun
/// that stands before the first small word.
pub(super) fn is_party(text: &str) -> bool {
    let rest = WORDS.list("to_everyone").iter().find_map(|all| after_word(text, all)).unwrap_or(text);
    let heads = rest.split(is_blank).filter(|word| !word.is_empty()).map(fold);
    let heads: Vec<String> = heads.take_while(|word| word.chars().count() > 3 && !word.contains('\'')).collect();
    let has = |list: &str| heads.iter().any(|word| WORDS.has(list, word));
    names_persons(text) || (has("to_parties") && !has("units") && !has("bodies"))
}

/// "Mesdames et Messieurs les Directeurs généraux", "Señores Socios"
pub(super) fn names_persons(text: &str) -> bool {
    let named = |rest: &str| rest.contains(char::is_alphabetic);
    WORDS.list("to_persons").iter().any(|word| after_word(text, word).is_some_and(named))
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
            ("السادة / رؤساء الاتحادات              المحترمين", "رؤساء الاتحادات"),
            ("السادة مديري المدارس المحترمين،", "مديري المدارس"),
            ("所有認可機構行政總裁台鑒：", "所有認可機構行政總裁台鑒"),
            ("所有認可機構行政總裁 台鑒：", "所有認可機構行政總裁"),
            ("Руководителям учреждений (по списку)", "Руководителям учреждений"),
            ("les maires s/c de Monsieur le Préfet", "maires"),
            ("Directores de centros por conducto de las Delegaciones", "Directores de centros"),
        ];
        for (text, cleaned) in table {
            assert_eq!(clean(text), cleaned, "{text}");
        }
    }

    #[test]
    fn a_chinese_address_ends_with_an_office_and_a_colon() {
        for text in ["机关各处室、各分局，各政策性银行：", "本市各学校：", "各省教育厅（教委）:"]
        {
            assert!(is_chinese_address(text), "{text}");
        }
        for text in ["现将有关事项通知如下：", "机关各处室", "会议于5月举行。请各单位：", "To the Members:"]
        {
            assert!(!is_chinese_address(text), "{text}");
        }
    }

    #[test]
    fn what_an_addressee_is_to_do_is_none_of_its_name() {
        let table = [
            ("مكتب الوزير / للتفضل بالاطلاع مع التقدير", "مكتب الوزير", Some(Part::Information)),
            ("Directorate of Works – for necessary action", "Directorate of Works", Some(Part::Action)),
            ("Budget Office - for information and record", "Budget Office", Some(Part::Information)),
            ("Recteurs (pour information)", "Recteurs", Some(Part::Information)),
            ("وكيل الوزارة للعلم", "وكيل الوزارة", Some(Part::Information)),
            ("Dra. A. Modelo, Directora. Para su conocimiento", "Dra. A. Modelo, Directora", Some(Part::Information)),
            ("In-charge, IT Unit, with the request to publish", "In-charge, IT Unit", Some(Part::Information)),
            ("各組主管－備考", "各組主管", Some(Part::Information)),
            ("Office for Information", "Office for Information", None),
            ("Dr. A. Example, Chair", "Dr. A. Example, Chair", None),
            ("ISO/TC 59", "ISO/TC 59", None),
            ("Sub-Committee", "Sub-Committee", None),
            ("Observers (Geneva)", "Observers (Geneva)", None),
        ];
        for (text, name, part) in table {
            assert_eq!(part_of(text), (name, part), "{text}");
        }
    }
}
