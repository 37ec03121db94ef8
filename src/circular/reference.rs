//! The reference of a circular: kept as printed, compared by a key.
//!
//! The key is what spellings of one reference share: case, accents, kinds of dash, spacing, `No.` and a generic word that
//! says no more than "circular" do not count. A word that is all that tells two numbers apart stays: "Circular 12" is not
//! "Letter 12". A supplement is never its parent.

use std::{fmt, str::FromStr};

use super::{fold::fold, supplement, words::WORDS};

/// A reference as printed, without its label: "Circular BDT/DNS/DGS/112".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

/// What two spellings of one reference share: "bdt/dns/dgs/112".
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReferenceKey(String);

/// What a supplement does to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupplementKind {
    /// Repairs an error.
    Corrigendum,
    /// Adds annexes, languages or dates.
    Addendum,
    /// Replaces the whole text.
    Revision,
    /// Withdraws or cancels the parent.
    Withdrawal,
}

/// A supplement to a circular, "Corrigendum 1 to Circular …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplement {
    /// What it does.
    pub kind: SupplementKind,
    /// Its number, where it has one.
    pub number: Option<u32>,
    /// The key of the circular that it belongs to, where the letter names it.
    pub parent: Option<ReferenceKey>,
}

/// Longer than any printed reference; a longer text is a sentence that was taken for one.
const LONGEST: usize = 120;

impl Reference {
    /// Takes a printed reference; refuses an empty, an overlong one, and control characters.
    pub fn new(printed: &str) -> Option<Self> {
        // A gap between columns is no part of it.
        let words = || printed.split(char::is_whitespace).filter(|word| !word.is_empty());
        let controls = printed.trim_matches(super::fold::is_blank).chars().any(|c| c.is_control() && c != '\t');
        let printed = words().collect::<Vec<_>>().join(" ");
        let fits = (1..=LONGEST).contains(&printed.chars().count()) && !controls;
        (fits && printed.chars().any(char::is_alphanumeric)).then_some(Self(printed))
    }

    /// As printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it shares with its other spellings.
    pub fn key(&self) -> ReferenceKey {
        ReferenceKey(key(&self.0))
    }

    /// What the reference itself says to be a supplement: "Corrigendum 1 to …", "…/Add.2", "… (Rev.4)".
    pub fn supplement(&self) -> Option<Supplement> {
        supplement::in_reference(&self.0).map(|(supplement, _)| supplement)
    }
}

/// The runs of letters and of digits of a reference, whatever parts them: `BDT/9`, "bdt 9", "BDT-9" and "bdt9" have the
/// same, `BDT/1/12` and `BDT/11/2` have not.
pub fn runs_of_reference(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut before = None;
    for c in fold(text).chars() {
        let kind = c.is_alphanumeric().then(|| c.is_numeric());
        match runs.last_mut().filter(|_| kind.is_some() && kind == before) {
            Some(run) => run.push(c),
            None => runs.extend(kind.map(|_| c.to_string())),
        }
        before = kind;
    }
    runs
}

impl ReferenceKey {
    /// The key as text, as it is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Display for ReferenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a person typed is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a reference; write it as the letter prints it, such as \"Circular BDT/DNS/DGS/112\"")]
pub struct NotAReference(pub String);

impl FromStr for ReferenceKey {
    type Err = NotAReference;

    /// Takes any spelling: `Ref.: circular bdt/dns/dgs/112`.
    fn from_str(typed: &str) -> Result<Self, NotAReference> {
        Reference::new(typed).map(|reference| reference.key()).ok_or_else(|| NotAReference(typed.to_owned()))
    }
}

impl fmt::Display for Supplement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            SupplementKind::Corrigendum => "corrigendum",
            SupplementKind::Addendum => "addendum",
            SupplementKind::Revision => "revision",
            SupplementKind::Withdrawal => "withdrawal",
        };
        match self.number {
            Some(number) => write!(f, "{kind} {number}"),
            None => f.write_str(kind),
        }
    }
}

fn key(printed: &str) -> String {
    match supplement::in_reference(printed) {
        Some((supplement, parent)) if !parent.is_empty() => format!("{} {supplement}", key(&parent)),
        _ => plain_key(printed),
    }
}

fn plain_key(printed: &str) -> String {
    let folded = tightened(&fold(printed));
    let folded = chinese_order(without_label(&folded));
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut rest = words.as_slice();
    let mut generic: Option<&str> = None;
    while let Some((canonical, length)) = generic_word(rest) {
        generic = generic.or(Some(canonical));
        rest = &rest[length..];
    }
    let mut rest = rest.to_vec();
    // "TSB Circular 239" and "Circular TSB 239" are one circular in two languages.
    if rest.len() > 2 {
        let inner = (1..rest.len() - 1)
            .find(|at| generic_word(&rest[*at..]).is_some_and(|(word, n)| word == CIRCULAR && n == 1));
        if let Some(at) = inner {
            rest.remove(at);
        }
    }
    let is_number = |word: &str| !word.chars().any(char::is_alphabetic);
    let is_symbol = |word: &str| word.contains(['/', '-', '.']) && !is_number(word);
    let kept = match generic {
        Some(word) if rest.iter().all(|word| is_number(word)) => Some(word),
        Some(LETTER) if !rest.iter().any(|word| is_symbol(word)) => Some(LETTER),
        _ => None,
    };
    if let Some(word) = kept {
        let at = rest.iter().position(|word| is_number(word)).unwrap_or(rest.len());
        rest.insert(at, word);
    }
    without_leading_zeros(&rest.join(" ").replace('-', " "))
}

/// "CL 2020/06" is "CL 2020/6".
fn without_leading_zeros(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut rest = key.chars().peekable();
    while let Some(c) = rest.next() {
        let in_number = out.ends_with(|c: char| c.is_ascii_digit());
        let goes_on = rest.peek().is_some_and(char::is_ascii_digit);
        if c != '0' || in_number || !goes_on {
            out.push(c);
        }
    }
    out
}

const CIRCULAR: &str = "circular";
const LETTER: &str = "circular letter";

/// A generic word at the start, the same in all languages, and how many words it takes.
fn generic_word(words: &[&str]) -> Option<(&'static str, usize)> {
    let fits = |phrase: &str| {
        let parts: Vec<&str> = phrase.split([' ', '-']).collect();
        let found: Vec<&str> = words.iter().take(parts.len()).copied().collect();
        if found == parts {
            return Some(parts.len());
        }
        (words.first() == Some(&phrase)).then_some(1)
    };
    let of = |key: &str, canonical| WORDS.list(key).iter().find_map(|phrase| fits(phrase)).map(|n| (canonical, n));
    of("word_circular_letter", LETTER).or_else(|| of("word_circular", CIRCULAR))
}

/// Spacing around slashes and dashes, and marks such as "No." before a number, do not count.
fn tightened(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    for c in folded.chars().filter(|c| !matches!(c, '*' | '"' | '\'' | ',' | ';' | ':')) {
        let tight = |c: char| matches!(c, '/' | '-');
        if tight(c) && out.ends_with(' ') {
            out.pop();
        }
        if c != ' ' || !out.ends_with([' ', '/', '-']) {
            out.push(c);
        }
    }
    let words: Vec<&str> = out.split(' ').collect();
    let numbered = |word: Option<&&str>| word.is_some_and(|w| w.chars().any(|c| c.is_ascii_digit()));
    let mut kept: Vec<&str> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let bare = word.trim_end_matches('.');
        if WORDS.has("number_marks", bare) && numbered(words.get(at + 1)) {
            continue;
        }
        // "No.2590", "no2590", "№143"
        let glued = WORDS.list("number_marks").iter().find_map(|mark| word.strip_prefix(mark.as_str()));
        let glued = glued
            .map(|rest| rest.trim_start_matches('.'))
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        kept.push(glued.unwrap_or(word).trim_end_matches('.'));
    }
    kept.join(" ").trim().to_owned()
}

/// "电信标准化局第3/2号通函" in the order of the others: generic word, issuer, number.
fn chinese_order(folded: &str) -> String {
    let generic = WORDS.list("word_circular").iter().find_map(|word| {
        let rest = folded.strip_suffix(word.as_str())?.strip_suffix('号')?;
        Some(format!("{word} {}", rest.replace('第', " ").trim()))
    });
    generic.unwrap_or_else(|| folded.to_owned())
}

/// Without a leading "ref.".
fn without_label(folded: &str) -> &str {
    let labels = ["label_reference", "label_cited"].into_iter().flat_map(|list| WORDS.list(list));
    labels
        .into_iter()
        .filter_map(|label| folded.strip_prefix(label.as_str())?.trim_start_matches('.').strip_prefix(' '))
        .next()
        .unwrap_or(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(printed: &str) -> String {
        printed.parse::<ReferenceKey>().unwrap().to_string()
    }

    #[test]
    fn runs_of_a_reference_do_not_know_what_parts_them() {
        for typed in ["bdt 9", "BDT-9", "bdt9", " Bdt / 9", "BDT.9", "bdt\u{2013}9", "bdt_9"] {
            assert_eq!(runs_of_reference(typed), runs_of_reference("BDT/9"), "{typed}");
        }
        for (one, other) in [("BDT/1/12", "BDT/11/2"), ("BDT/9", "BDT/90"), ("BDT/9", "BDT/DNS/9")] {
            assert_ne!(runs_of_reference(one), runs_of_reference(other), "{one}");
        }
    }

    #[test]
    fn spellings_of_one_reference_have_one_key() {
        let table: [(&str, &[&str]); 10] = [
            (
                "bdt/dns/dgs/112",
                &[
                    "BDT/DNS/DGS/112",
                    "Circular BDT/DNS/DGS/112",
                    "circular bdt / dns / dgs / 112",
                    "Ref.: Circular BDT/DNS/DGS/112",
                    "Circulaire BDT/DNS/DGS/112",
                    "Циркуляр BDT/DNS/DGS/112",
                    "تعميم BDT/DNS/DGS/112",
                    "Circular letter BDT/DNS/DGS/112",
                ],
            ),
            ("tsb 239", &["TSB Circular 239", "Circular TSB 239", "TSB Circular No. 239", "TSB  circular 239"]),
            (
                "circular letter 34",
                &["Circular Letter No. 34", "Circular-letter 34", "Carta Circular N.º 34", "Lettre circulaire n° 34"],
            ),
            ("cl 17/41", &["CL-17/41", "CL\u{2011}17/41", "CL 17/41", "cl-17 / 41"]),
            ("cr/25", &["Circular-letter CR/25", "CR/25"]),
            ("cl 2020/6 pr", &["CL 2020/06-PR", "CL 2020/6-PR", "CL 2020/006-PR"]),
            ("143 т", &["№ 143-Т", "№143–Т"]),
            ("circular 45", &["第45号通函", "Circular 45"]),
            ("tsb 3/2", &["TSB第3/2号通函"]),
            ("md 897", &["MD-897", "MD - 897", "Circular MD-897"]),
        ];
        for (key, spellings) in table {
            for spelling in spellings {
                assert_eq!(key_of(spelling), key, "{spelling}");
            }
        }
    }

    #[test]
    fn different_circulars_have_different_keys() {
        let table = [
            ("Circular 12", "Letter 12"),
            ("Circular 12", "Circular letter 12"),
            ("TSB Circular 7/1", "TSB Collective letter 7/1"),
            ("CR/25", "CA/25"),
            ("CL-17/41", "DM-17/41"),
            ("TSB Circular 239", "BR Circular 239"),
            ("TSB Circular 239", "Corrigendum 1 to TSB Circular 239"),
            ("Corrigendum 1 to TSB Circular 239", "Corrigendum 2 to TSB Circular 239"),
            ("Corrigendum 1 to TSB Circular 239", "Addendum 1 to TSB Circular 239"),
        ];
        for (one, other) in table {
            assert_ne!(key_of(one), key_of(other), "{one}");
        }
    }

    #[test]
    fn a_supplement_has_one_key_however_it_is_written() {
        assert_eq!(key_of("Corrigendum 1 to TSB Circular 239"), "tsb 239 corrigendum 1");
        assert_eq!(key_of("TSB Circular 239/Corr.1"), "tsb 239 corrigendum 1");
        assert_eq!(key_of("CL 2020/06(REV2)-PR"), "cl 2020/6 pr revision 2");
    }

    #[test]
    fn a_reference_is_printed_text_of_one_line() {
        assert_eq!(Reference::new(" Circular 12 ").map(|r| r.to_string()), Some("Circular 12".to_owned()));
        assert_eq!(Reference::new(""), None);
        assert_eq!(Reference::new(" - "), None);
        assert_eq!(Reference::new("a\nb"), None);
        assert_eq!(Reference::new(&"a".repeat(121)), None);
        assert!("".parse::<ReferenceKey>().is_err());
    }
}
