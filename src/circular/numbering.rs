//! References without a label: a heading that is nothing but a number of a known kind.
//!
//! "Circular-letter CR/25", "TSB Circular 239", "CL/3727", "电信标准化局第3/2号通函". Refuses whatever holds other words: a
//! wrong reference is worse than a missing one.

use super::{
    fold::{after_word, breadth, digit, fold, is_blank, is_han},
    supplement,
    words::WORDS,
};

mod corner;

pub(super) use corner::{behind_mark, behind_marked_label, is_like_a_number, is_of_post, is_words, without_author};

/// Series that organisations number their letters in, with a number straight after: ITU, UNESCO, WHO, WIPO, Codex.
const SERIES: [&str; 14] =
    ["cace", "car", "ca", "ccrr", "cr", "lcce", "cm", "c.l", "cl", "dm", "md", "lc", "c. pct", "pct"];

/// No printed number is broader.
const BROADEST: usize = 90;

/// Whether a whole line is a reference.
pub(super) fn is_reference(text: &str) -> bool {
    let text = text.trim_matches(is_blank);
    let plain =
        breadth(text) <= BROADEST && text.chars().any(|c| digit(c).is_some() || "一二三四五六七八九".contains(c));
    if !plain || text.ends_with(['.', ',', ';', ':', '。', '：']) {
        return false;
    }
    if let Some((_, parent)) = supplement::in_reference(text) {
        // "Addendum 1 to Corrigendum 1 to Circular BDT/9"
        return !parent.is_empty() && parent.len() < text.len() && is_reference(&parent);
    }
    is_number(text)
}

/// Whether a line is nothing but "Circular Letter", "Administrative Circular" and the like.
pub(super) fn is_kind_of_letter(text: &str) -> bool {
    kind_of_letter(text).is_some_and(str::is_empty)
}

/// What follows the name of a kind of letter, "Circular letter to all banks".
pub(super) fn behind_kind(text: &str) -> Option<&str> {
    kind_of_letter(text)
}

/// Whether a text begins with the name of a kind of letter and goes on: "Циркуляра 12".
pub(super) fn begins_with_kind(text: &str) -> bool {
    kind_of_letter(text).is_some()
}

/// Whether a number is called that of a circular: "Circular Letter No. 12/26".
pub(super) fn is_circular(text: &str) -> bool {
    let lists = ["word_circular_letter", "word_circular"];
    lists.iter().any(|list| WORDS.openings(list, text).iter().any(|word| after_word(text, word).is_some()))
}

fn is_number(text: &str) -> bool {
    let text = without_issuer(text);
    // "MODIFICA CIRCULAR N° 2.148"
    if WORDS.openings("changes_another", text).iter().any(|word| after_word(text, word).is_some()) {
        return false;
    }
    has_kind_of_letter(text)
        || has_qualified_kind(text)
        || names_office_and_number(text)
        || is_series(text)
        || is_lettered_series(text)
        || is_chinese(text)
        || is_marked(text)
        || is_symbol(text)
}

/// "Circular 12 issued by the Bureau" is the number of Circular 12.
fn without_issuer(text: &str) -> &str {
    let blanks = text.char_indices().filter(|(_, c)| is_blank(*c));
    let issued = |at: &usize| WORDS.list("issued_by").iter().any(|words| after_word(&text[*at..], words).is_some());
    blanks.map(|(at, _)| at).find(issued).map_or(text, |at| &text[..at])
}

/// `[TSB] Circular [Letter] [No.] 239 [БСЭ]`
fn has_kind_of_letter(text: &str) -> bool {
    let mut rest = text;
    for _ in 0..3 {
        if let Some(after) = kind_of_letter(rest) {
            let words: Vec<&str> = after.split(is_blank).filter(|word| !word.is_empty()).collect();
            let words = without_office(&words);
            let of_year =
                |at: usize| WORDS.has("dated", &fold(words[at])) && words.get(at + 1).is_some_and(|next| is_year(next));
            return (1..=5).contains(&words.len())
                && (0..words.len()).all(|at| is_part(words[at]) || (at > 0 && of_year(at)))
                && words.iter().any(|word| word.chars().any(|c| digit(c).is_some()));
        }
        let Some((issuer, after)) = rest.split_once(is_blank).filter(|(word, _)| is_issuer(word)) else { return false };
        let _ = issuer;
        rest = after.trim_start_matches(is_blank);
    }
    false
}

/// "Circulaire 12 du Bureau international": without the office behind the number.
fn without_office<'a>(words: &'a [&'a str]) -> &'a [&'a str] {
    const WORDS_MOST: usize = 5;
    let numbered = |word: &&str| word.chars().any(|c| digit(c).is_some());
    let Some(last) = words.iter().rposition(numbered) else { return words };
    let (number, office) = words.split_at(last + 1);
    let link =
        office.first().is_some_and(|link| link.starts_with(char::is_lowercase) && WORDS.has("dated", &fold(link)));
    let named = office.iter().all(|word| word.chars().all(char::is_alphabetic))
        && office.last().is_some_and(|word| word.chars().count() > 3)
        && office.iter().any(|word| word.starts_with(char::is_uppercase));
    if link && named && office.len() <= WORDS_MOST { number } else { words }
}

fn kind_of_letter(text: &str) -> Option<&str> {
    let lists = ["word_circular_letter", "word_other_letter", "word_circular"];
    let words = lists.iter().flat_map(|list| WORDS.openings(list, text));
    words
        .filter_map(|word| after_word(text, word))
        .min_by_key(|rest| rest.len())
        .map(|rest| rest.trim_start_matches(['-', '‑']))
}

/// "TSB", "ITU-T", "БСЭ", "COPNORT/SE": capitals.
fn is_issuer(word: &str) -> bool {
    const PARTS: usize = 3;
    let short = word.split(['/', '-']).all(|part| part.chars().count() <= 8) && word.split(['/', '-']).count() <= PARTS;
    short && word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase)
}

/// "Circular No. 3 of 2026"
fn is_year(word: &str) -> bool {
    word.chars().count() == 4 && word.chars().all(|c| digit(c).is_some())
}

/// A number, a symbol, a mark such as "No.", an issuer in capitals.
fn is_part(word: &str) -> bool {
    let bare = word.trim_matches(['(', ')', '.', ',']);
    let symbol = word.chars().any(|c| digit(c).is_some()) && word.chars().all(|c| !is_han(c));
    symbol || is_issuer(bare) || WORDS.has("number_marks", &fold(bare)) || matches!(word, "-" | "–" | "/")
}

/// `CR/25`, `CL-17/41`, `C.L.19.4786`, `C. PCT 6797`, `CL 2020/06-PR`, `MD-897`
fn is_series(text: &str) -> bool {
    let capitals = text.chars().next().is_some_and(char::is_uppercase);
    let Some(rest) = SERIES.iter().find_map(|series| after_word(text, series)).filter(|_| capitals) else {
        return false;
    };
    let rest = rest.trim_start_matches(|c| is_blank(c) || matches!(c, '/' | '-' | '.' | '‑' | '–'));
    rest.starts_with(|c| digit(c).is_some()) && rest.split(is_blank).all(is_part) && rest.split(is_blank).count() <= 3
}

/// `C. M 1597`, `C. LIS 45`: the letter of a circular, a service in capitals and a number.
fn is_lettered_series(text: &str) -> bool {
    const LETTERS_MOST: usize = 5;
    let Some((service, number)) = text.strip_prefix("C. ").and_then(|rest| rest.split_once(is_blank)) else {
        return false;
    };
    let capitals = (1..=LETTERS_MOST).contains(&service.chars().count()) && service.chars().all(char::is_uppercase);
    let number = number.trim_matches(is_blank);
    capitals && (1..=LETTERS_MOST).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit())
}

/// `鲁政发〔4518〕29号`, `电信标准化局第3/2号通函`, `台財稅字第11500012345號`, `2026年第19号`
fn is_chinese(text: &str) -> bool {
    const LONGEST: usize = 28;
    let folded = fold(text);
    let short = text.chars().count() <= LONGEST && !text.contains(['，', '。', '：', '；']);
    let ends = folded.strip_suffix('号').is_some_and(|number| number.ends_with(|c| digit(c).is_some()));
    if short && ends && text.chars().any(is_han) && folded.chars().any(|c| matches!(c, '第' | '字' | '发' | '函')) {
        return true;
    }
    let year = text.contains(['〔', '［', '[', '„']) && text.ends_with('号');
    let numbered = text.split_once('号').is_some_and(|(number, _)| number.ends_with(|c| digit(c).is_some()));
    if numbered && WORDS.list("word_circular").iter().any(|word| fold(text).ends_with(word.as_str())) {
        return !text.contains(is_blank);
    }
    let ends_with = |list: &str| WORDS.list(list).iter().any(|word| folded.ends_with(&format!("号{word}")));
    // "电信标准化局第5/3号集体函", and no "关于第12号通知"
    let other = || short && numbered && !folded.starts_with("关于") && ends_with("word_other_letter");
    let letter = text.contains('第') && (ends_with("word_circular") || other());
    text.chars().next().is_some_and(is_han) && (year || letter)
}

/// `G/EX/N/12`, `BDT/DNS/DGS/112`: capitals and numbers between at least two slashes, as documents are numbered.
fn is_symbol(text: &str) -> bool {
    parted_by(text, &['/'])
}

/// `DGT-CIR-004-2026`: as the files of an office are numbered; a letter's number only where it prints no other.
pub(super) fn is_file_code(text: &str) -> bool {
    parted_by(text.trim_matches(is_blank), &['/', '-', '.'])
}

/// "DD(2026)118", "C. N 4471": a number and capitals, as stand beside a date; no post code with its town.
pub(super) fn is_in_capitals(text: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let capitals = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
    let ends = text.chars().next_back().is_some_and(|c| digit(c).is_some());
    let box_of_post = text.split(is_blank).any(|word| fold(word) == "box");
    capitals && ends && !box_of_post && text.split(is_blank).count() <= MOST_WORDS && !text.contains(['@', '+', ':'])
}

/// `AN 7/5-26/44`, `ISO/TC 46/SC 9 N 1188`: capitals and numbers in a few words, one of them a symbol with a slash.
pub(super) fn is_office_number(text: &str) -> bool {
    const WORDS_MOST: usize = 5;
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let slash = |word: &&str| word.contains('/') && word.chars().any(|c| digit(c).is_some());
    text.starts_with(|c: char| c.is_uppercase())
        && (1..=WORDS_MOST).contains(&words.len())
        && words.iter().all(|word| is_part(word))
        && words.iter().any(slash)
        && text.ends_with(|c| digit(c).is_some())
        && breadth(text) <= BROADEST
}

/// "CIRCULAR EXTERNA No. 012 DE 2026", "Circulaire ministérielle n° 14": words may qualify the kind where a mark follows.
fn has_qualified_kind(text: &str) -> bool {
    const QUALIFIERS: usize = 4;
    let Some(rest) = kind_of_letter(text) else { return false };
    let words: Vec<&str> = rest.split(is_blank).filter(|word| !word.is_empty()).collect();
    let Some(at) = words.iter().position(|word| corner::is_mark(word)) else {
        return false;
    };
    let of_year =
        |at: usize| WORDS.has("dated", &fold(words[at])) && words.get(at + 1).is_some_and(|next| is_year(next));
    let numbers = at + 1..words.len();
    // "Note aux licenciés et aux clubs n° 2027-05": whom it goes to
    let whom = at > 0 && at <= 2 * QUALIFIERS && WORDS.has("label_to", &fold(words[0]));
    (at <= QUALIFIERS || whom)
        && words[..at].iter().all(|word| word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '.' | '"' | '/')))
        && (1..=4).contains(&numbers.len())
        && numbers.clone().all(|at| is_part(words[at]) || of_year(at))
        && words[at + 1].chars().any(|c| digit(c).is_some())
}

/// "International Bureau circular 45", "Circulaire du Bureau international 57": the office stands before or behind the kind.
fn names_office_and_number(text: &str) -> bool {
    const WORDS_MOST: usize = 8;
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    let Some((number, words)) = words.split_last().filter(|(_, words)| words.len() < WORDS_MOST) else { return false };
    let numeric = is_part(number) && number.chars().any(|c| digit(c).is_some()) && !is_year(number);
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    let link = |word: &str| WORDS.has("supplement_of", &fold(word)) || WORDS.has("to_articles", &fold(word));
    let named = |words: &[&str]| {
        let spoken = words.iter().filter(|word| !link(word)).count();
        let capitals = words.iter().filter(|word| capital(word)).count();
        capitals > 0 && spoken <= capitals + 1 && words.iter().all(|word| word.chars().all(char::is_alphabetic))
    };
    let before = (1..words.len()).any(|at| {
        let kind = words[at..].join(" ");
        capital(&words[0]) && named(&words[..at]) && kind_of_letter(&kind).is_some_and(str::is_empty)
    });
    let behind = || {
        let all = words.join(" ");
        let rest = kind_of_letter(&all).unwrap_or_default().trim_matches(is_blank);
        let rest: Vec<&str> = rest.split(is_blank).filter(|word| !word.is_empty()).collect();
        rest.first().is_some_and(|first| link(first) || capital(first)) && named(&rest)
    };
    numeric && (before || behind())
}

fn parted_by(text: &str, marks: &[char]) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '/' | '.' | '-');
    let parts: Vec<&str> = text.split(marks).collect();
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && parts.len() >= 3
        && parts.iter().all(|part| !part.is_empty())
        && text.chars().all(plain)
        && text.ends_with(|c: char| c.is_ascii_digit())
}

/// `№ 143-Т`, `N° 12/2021`
fn is_marked(text: &str) -> bool {
    let marked = text.strip_prefix('№').or_else(|| text.strip_prefix("N°")).or_else(|| text.strip_prefix("Nº"));
    marked.is_some_and(|rest| {
        let rest = rest.trim_start_matches(is_blank);
        rest.starts_with(|c| digit(c).is_some()) && rest.split(is_blank).count() <= 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_known_kinds_are_references() {
        let table = [
            "Circular-letter CR/25",
            "Circular Letter No.2590",
            "Administrative Circular CA/3",
            "TSB Circular 239",
            "CL/3727",
            "C. PCT 6797",
            "C.L.19.4786",
            "CL-17/41",
            "DM-05/1171",
            "MD-897",
            "CL 2020/06(REV2)-PR",
            "CL 1996/13 - MMP",
            "Circulaire administrative CACE/118",
            "Carta Circular 9/LCCE/72",
            "Циркуляр 709 БСЭ",
            "Коллективное письмо 6/3 БСЭ",
            "电信标准化局第3/2号通函",
            "鲁政发〔4518〕29号",
            "№ 143-Т",
            "Corrigendum 1 to TSB Circular 239",
            "TSB Collective letter 7/1",
            "Circular-LC 182",
            "تعميم 12",
            "Circular No. 3 of 2026",
            "G/EX/N/12/Add.1",
            "BDT/DNS/DGS/112",
            "Note verbale N5.14-2026",
            "Corrigendum 1 to Circular 12 issued by the Bureau",
            "Addendum 1 to Corrigendum 1 to Circular BDT/EUR/26",
            "CACE/1195号行政通函",
            "تصويب 1 للرسالة المعممة 210 الصادرة عن مكتب تقييس الاتصالات",
            "CIRCULAR EXTERNA No. 012 DE 2026",
            "Circulaire ministérielle n° 2026-014/MS",
            "Note de service n° 2026-034",
            "Oficio múltiple N.º 00012-2026-MINEDU",
            "تعميم رقم (12) لسنة 2026",
            "دورية عدد 12/2026",
            "2026年第19号",
            "台財稅字第11500012345號",
            "财关税〔2026〕19号",
            "財關稅（2026）第19號",
            "第5031号通函之补遗1",
            "第5031號通函之補遺1",
            "International Bureau circular 45",
            "Circulaire du Bureau international 57",
            "Circular de la Oficina Internacional 57",
            "Circular of the International Bureau 45",
            "Lettre circulaire 12 du Bureau international",
            "Circular letter 12 of the International Bureau",
        ];
        for text in table {
            assert!(is_reference(text), "{text}");
        }
    }

    #[test]
    fn headings_with_other_words_are_none() {
        let table = [
            "Circular economy in 2021",
            "Telecommunication",
            "Development Bureau (BDT)",
            "COM 7/ST",
            "CH-1211 Geneva 20",
            "Further to TSB Circular 211 of 3 December",
            "Cable network 5",
            "Circular",
            "Study Group 3",
            "Place des Nations 1",
            "Car parks 25",
            "Clause 3",
            "AND/OR",
            "DGT-CIR-004-2026",
            "Addendum 1 to Corrigendum 1 to the rules",
            "3/4/2026",
            "Circulaire relative aux frais n° un",
            "Letter to the Editor 2026",
            "Note to Members of 2026",
            "Circular saws of type 12",
            "第113届海上安全委员会",
        ];
        for text in table {
            assert!(!is_reference(text), "{text}");
        }
    }
}
