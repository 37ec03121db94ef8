//! Annexes that are counted: by a number in digits or words, or by the titles that stand in a row.

use super::{
    super::{
        fold::{after_word, before, digit, fold, is_blank, is_han},
        words::WORDS,
    },
    Kind, MOST,
    lists::bare_marks,
};

/// The number that a text begins with, in digits or in words, and what follows it.
fn count(value: &str) -> Option<(u32, &str)> {
    in_digits(value).or_else(|| in_words(value))
}

/// "2. Form" is the mark of an item, "2.1 Programme" a number of another kind.
fn in_digits(value: &str) -> Option<(u32, &str)> {
    let end = value.find(|c| digit(c).is_none()).unwrap_or(value.len());
    let (digits, rest) = value.split_at(end);
    let count = digits.chars().filter_map(digit).fold(0u32, |sum, d| sum.saturating_mul(10).saturating_add(d));
    let goes_on = rest.strip_prefix(['.', '-', '/']).is_some_and(|rest| !rest.is_empty());
    ((1..=MOST).contains(&count) && digits.chars().count() <= 2 && !goes_on).then_some((count, rest))
}

/// "two", "три (3)"
fn in_words(value: &str) -> Option<(u32, &str)> {
    WORDS.list("annex_numbers").iter().find_map(|entry| {
        let (word, count) = entry.split_once('|')?;
        Some((count.parse().ok()?, after_word(value, word)?))
    })
}

/// A value that is nothing but a number, or a number with a measure word: "2", "3份", "two", "共2件", "2 documents".
pub(super) fn number(value: &str) -> Option<u32> {
    let value = value.strip_prefix('共').unwrap_or(value).trim_start_matches(is_blank);
    let bracketed = value.strip_prefix(['(', '（']).and_then(|inner| inner.strip_suffix([')', '）']));
    let value = bracketed.unwrap_or(value).trim_matches(is_blank);
    let (count, rest) = count(value)?;
    let rest = rest.trim_matches(|c| is_blank(c) || matches!(c, '.' | ')' | '。'));
    // "12 pages" does not count annexes; "2 (available in English only)", "2, на 14 л." do.
    let unit = rest.split([',', '(', '（', '，']).next().unwrap_or_default().trim_matches(|c| is_blank(c) || c == '.');
    let measured = unit.is_empty() || WORDS.has("annex_units", &fold(unit));
    measured.then_some(count)
}

/// "1 formulaire, 1 grille d'évaluation", "two forms and a map": each part says how many of its kind there are.
pub(super) fn kinds(value: &str) -> Option<u32> {
    let parts = by_joins(value.trim_end_matches(['.', '。']));
    let counted: Option<Vec<u32>> = parts.iter().map(|part| of_kind(part)).collect();
    counted.map(|counted| counted.iter().sum()).filter(|sum| (1..=MOST).contains(sum))
}

/// "2 grilles d'évaluation", "نموذج واحد", "استمارة عدد (1)"; sheets of paper are no kind of annex.
fn of_kind(part: &str) -> Option<u32> {
    let part = part.trim_matches(is_blank);
    if let Some((count, rest)) = count(part) {
        let noun = rest.trim_start_matches(is_blank);
        let named = rest.len() > noun.len() && noun.starts_with(|c: char| c.is_alphabetic() && !c.is_uppercase());
        let first = noun.split(|c: char| is_blank(c) || matches!(c, ',' | '.' | '(')).next().unwrap_or_default();
        return (named && !WORDS.has("annex_sheets", &fold(first))).then_some(count);
    }
    // the number stands behind its noun
    let bare = part.trim_end_matches([')', '）', '.']);
    let (noun, last) = bare.rsplit_once(|c| is_blank(c) || matches!(c, '(' | '（'))?;
    let behind = WORDS.openings("annex_numbers_behind", last).iter().any(|word| *word == fold(last));
    let counting = noun.split(is_blank).map(fold).any(|word| WORDS.has("annex_counts", &word));
    let (count, rest) = count(last).filter(|_| counting || behind)?;
    rest.is_empty().then_some(count)
}

/// The parts of a row: by commas, semicolons, and by "and" between the last two.
fn by_joins(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in value.split([',', '،', ';', '؛', '、', '，']) {
        let mut rest = part;
        let joins = rest.match_indices(' ').find_map(|(at, _)| {
            let word = rest[at + 1..].split(' ').next().unwrap_or_default();
            WORDS.has("to_last_joins", &fold(word)).then_some((at, at + 1 + word.len()))
        });
        if let Some((end, begin)) = joins {
            parts.push(&rest[..end]);
            rest = &rest[begin..];
        }
        parts.push(rest);
    }
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    parts
}

/// "A, B", "1 à 3", "I and II", "A–C": the marks of annexes, from the first on.
pub(super) fn in_a_row(value: &str) -> Option<u32> {
    const SPANS: [&str; 3] = ["-", "–", "—"];
    let is = |text: &str, n: u32| bare_marks(n).iter().any(|mark| fold(mark) == fold(text.trim_matches(is_blank)));
    let value = value.trim_end_matches(['.', '。']);
    let span = |word: &str| SPANS.contains(&word) || WORDS.has("range_joins", &fold(word));
    let spaced = SPANS.iter().fold(value.to_owned(), |text, dash| text.replace(dash, &format!(" {dash} ")));
    if let [first, join, last] = spaced.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>()[..]
        && is(first, 1)
        && span(join)
        && !WORDS.has("to_last_joins", &fold(join))
    {
        return (2..=MOST).find(|n| is(last, *n));
    }
    let parts = by_joins(value);
    let rows = parts.len() > 1 && (1..).zip(&parts).all(|(n, part)| is(part, n));
    rows.then(|| u32::try_from(parts.len()).unwrap_or(MOST))
}

/// "Annex: Registration form" is one annex; titles parted by semicolons or by "+" are as many as they are, and so are
/// those of which each says its sheets, "форма на 2 л., регламент на 6 л.".
pub(super) fn titled(value: &str, kind: Kind) -> Option<u32> {
    let parted: Vec<&str> = value.split([';', '；', '؛']).flat_map(|part| part.split(" + ")).collect();
    let titles = parted.iter().filter(|title| title.chars().any(char::is_alphabetic)).count();
    let sheets = value.split(',').filter(|part| part.trim_end_matches(['.', ' ']).ends_with(" л")).count();
    let titles = if titles == 1 && sheets == value.split(',').count() { sheets } else { titles };
    let titles = if titles == 1 { by_commas(value, kind).unwrap_or(titles) } else { titles };
    let one = titles == 1 && (kind == Kind::One || is_one_title(value));
    (titles > 1 || one).then(|| u32::try_from(titles).unwrap_or(MOST))
}

/// "Adj.: agenda provisional", "المرفقات: مشروع جدول الأعمال": one title is one annex, whatever the label says, unless
/// something joins two, or it counts sheets.
fn is_one_title(value: &str) -> bool {
    const MOST_WORDS: usize = 12;
    let words: Vec<&str> = value.split(is_blank).filter(|word| !word.is_empty()).collect();
    let joins = |word: &&str| WORDS.has("to_last_joins", &fold(word)) || matches!(*word, "&" | "+" | "-" | "–" | "—");
    let arabic = |word: &&str| word.starts_with('و');
    let digits = value.chars().any(|c| digit(c).is_some());
    let begins = value.starts_with(char::is_alphabetic) && !value.contains(is_han);
    let parted = value.contains([',', '،', '/', ':']);
    let joined = words.iter().any(joins) || words.iter().skip(1).any(arabic);
    begins && !digits && !parted && !joined && (1..=MOST_WORDS).contains(&words.len())
}

/// "لائحة البطولة، استمارة المشاركة", "計畫徵件須知、申請表": short titles, parted by commas behind a label of several. In
/// Chinese, whose one label stands for both, each is a document by its last word.
fn by_commas(value: &str, kind: Kind) -> Option<usize> {
    const MOST_WORDS: usize = 8;
    let value = value.trim_end_matches(['.', '。']);
    if value.contains(is_han) {
        // "簡章1份、報名表1份"
        let bare = |part: &'_ str| {
            part.split(|c| digit(c).is_some()).next().unwrap_or_default().trim_end_matches(is_blank).to_owned()
        };
        let title = |part: &&str| {
            let part = bare(part);
            let part = part.as_str();
            part.ends_with('》') || WORDS.list("annex_documents").iter().any(|word| before(part, word).is_some())
        };
        let parts: Vec<&str> = value.split(['、', '，', '及', '和']).map(|part| part.trim_matches(is_blank)).collect();
        return (parts.len() > 1 && parts.iter().all(title)).then_some(parts.len());
    }
    let title = |part: &str| {
        let first = part.split(is_blank).next().unwrap_or_default();
        // "de la", "with": no title begins so, but "guía", "form" do
        let bound =
            ["stop_words", "to_prepositions", "to_continuations"].iter().any(|list| WORDS.has(list, &fold(first)));
        let short = first.chars().count() <= 3 || bound;
        let small = short && first.chars().all(char::is_lowercase);
        let words = part.split(is_blank).filter(|word| !word.is_empty()).count();
        (1..=MOST_WORDS).contains(&words) && part.starts_with(char::is_alphabetic) && !small
    };
    let parts: Vec<&str> = value.split([',', '،']).map(|part| part.trim_matches(is_blank)).collect();
    let whole =
        kind == Kind::Any && parts.len() > 1 && !value.contains(['(', ';']) && parts.iter().all(|part| title(part));
    let joined =
        parts.last().is_some_and(|last| last.split(is_blank).any(|word| WORDS.has("to_last_joins", &fold(word))));
    whole.then_some(parts.len() + usize::from(joined))
}
