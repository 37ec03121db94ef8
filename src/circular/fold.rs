//! Folding: two spellings that a reader takes for the same word become the same text.
//!
//! Case, accents, vowel signs, the script of a Chinese character, kinds of dash, quotation mark, space and digit, and
//! invisible marks do not count (Unicode NFKD without its combining marks). Printed text is never replaced by its folded form.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::han::simplified;

/// The folded form of a text; runs of white space become one space, none at the ends.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, &mut |f| {
            if f != ' ' || !(folded.is_empty() || folded.ends_with(' ')) {
                folded.push(f);
            }
        });
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// The rest of `text` after `opening`, which is already folded; `None` where the text does not begin so.
pub(super) fn after<'a>(text: &'a str, opening: &str) -> Option<&'a str> {
    let text = text.trim_start_matches(is_blank);
    let mut wanted = opening.chars().peekable();
    let mut spaced = false;
    for (at, c) in text.char_indices() {
        if wanted.peek().is_none() && !is_combining_mark(c) {
            return Some(&text[at..]);
        }
        let mut same = true;
        fold_char(c, &mut |f| {
            if f == ' ' && spaced {
                return;
            }
            spaced = f == ' ';
            same &= wanted.next() == Some(f);
        });
        if !same {
            return None;
        }
    }
    wanted.peek().is_none().then_some("")
}

/// As [`after`], where the opening ends at the end of a word.
pub(super) fn after_word<'a>(text: &'a str, opening: &str) -> Option<&'a str> {
    let rest = after(text, opening)?;
    let ends_in_word = opening.chars().next_back().is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    let goes_on = rest.chars().next().is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    (!ends_in_word || !goes_on).then_some(rest)
}

/// `text` without its Chinese `ending`, which is already folded; `None` where it does not end so.
pub(super) fn before<'a>(text: &'a str, ending: &str) -> Option<&'a str> {
    let mut characters = text.char_indices().rev();
    let mut at = text.len();
    for wanted in ending.chars().rev() {
        let (start, _) = characters.next().filter(|(_, c)| simplified(*c) == wanted)?;
        at = start;
    }
    Some(&text[..at])
}

/// Chinese characters folded and nothing else: what is found in it stands at the same place in `text`.
pub(super) fn han_folded(text: &str) -> String {
    text.chars().map(simplified).collect()
}

/// White space, and marks that are not seen.
pub(super) fn is_blank(c: char) -> bool {
    // a tatweel is printed ("1448هـ"), though it tells no two words apart
    c.is_whitespace() || (is_invisible(c) && c != '\u{640}')
}

/// A Chinese character: words are not parted by spaces.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// The value of a decimal digit of the scripts that letters use: ASCII, Arabic-Indic, Persian, full-width.
pub(super) fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(c as u32 - '0' as u32),
        '\u{660}'..='\u{669}' => Some(c as u32 - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(c as u32 - 0x6f0),
        '\u{ff10}'..='\u{ff19}' => Some(c as u32 - 0xff10),
        _ => None,
    }
}

/// How wide a text looks: a Chinese character says as much as two or three letters.
pub(super) fn breadth(text: &str) -> usize {
    text.chars().map(|c| if is_han(c) { 3 } else { 1 }).sum()
}

/// A text goes on in its next line: Chinese with nothing between, other words with a blank.
pub(super) fn push_line(text: &mut String, next: &str) {
    let han = text.chars().next_back().is_some_and(is_han) || next.chars().next().is_some_and(is_han);
    if !han {
        text.push(' ');
    }
    text.push_str(next);
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn fold_char(c: char, out: &mut impl FnMut(char)) {
    match c {
        'a'..='z' | '0'..='9' => out(c),
        'A'..='Z' => out(c.to_ascii_lowercase()),
        '`' => out('\''),
        '\0'..='\u{7f}' if c.is_whitespace() => out(' '),
        // what Unicode decomposes no further: most letters of the six languages, without a look into its tables
        '\0'..='\u{7f}' | 'а'..='и' | 'к'..='я' | 'ا'..='غ' | 'ف'..='ي' => out(c),
        '\u{4e00}'..='\u{9fff}' => out(simplified(c)),
        'А'..='И' | 'К'..='Я' => c.to_lowercase().for_each(out),
        _ if is_invisible(c) => {}
        _ if c.is_whitespace() => out(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => out('-'),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}' => out('\''),
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => out('"'),
        '،' => out(','),
        '؛' => out(';'),
        '°' => out('o'),
        _ => {
            if let Some(value) = digit(c) {
                return out(char::from_digit(value, 10).unwrap_or(c));
            }
            for decomposed in std::iter::once(c).nfkd().filter(|d| !is_combining_mark(*d)) {
                decomposed.to_lowercase().filter(|d| !is_combining_mark(*d)).for_each(&mut *out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_a_reader_takes_for_the_same_fold_to_the_same() {
        let table = [
            ("Réf.", "REF."),
            ("Re\u{301}f.", "Réf."),
            ("ITU\u{2011}D", "itu-d"),
            ("Objet\u{a0}:", "objet :"),
            ("主题：", "主题:"),
            ("الأول", "الاول"),
            ("№", "no"),
            ("N°", "no"),
            ("١٢", "12"),
            ("發文字號", "发文字号"),
        ];
        for (one, other) in table {
            assert_eq!(fold(one), fold(other), "{one}");
        }
    }

    #[test]
    fn chinese_is_folded_in_its_place() {
        assert_eq!(before("助理總裁", "总裁"), Some("助理"));
        assert_eq!(before("總裁", "总裁"), Some(""));
        assert_eq!(before("裁", "总裁"), None);
        assert!(('\u{4e00}'..='\u{9fff}').all(|c| simplified(c).len_utf8() == c.len_utf8()));
    }

    #[test]
    fn what_is_taken_as_it_stands_is_what_unicode_makes_of_it() {
        let mut unlike = Vec::new();
        for c in '\0'..='\u{9fff}' {
            let by_tables: String = std::iter::once(c).nfkd().flat_map(char::to_lowercase).collect();
            let mut folded = String::new();
            fold_char(c, &mut |f| folded.push(f));
            let told = simplified(c) != c
                || c.is_whitespace()
                || is_invisible(c)
                || digit(c).is_some()
                || is_combining_mark(c);
            let changed = by_tables.chars().filter(|d| !is_combining_mark(*d)).collect::<String>();
            if !told && folded != changed {
                unlike.push(c);
            }
        }
        let ours = "`´«»°،؛ʼ‐‑‒–—―‘’“”„‟−";
        assert!(unlike.iter().all(|c| ours.contains(*c)), "{unlike:?}");
    }

    #[test]
    fn the_rest_after_an_opening_is_the_printed_text() {
        assert_eq!(after("RE\u{301}F.: Éa", "ref"), Some(".: Éa"));
        assert_eq!(after_word("Toronto", "to"), None);
        assert_eq!(after_word("To  the Áb", "to the"), Some(" Áb"));
        assert_eq!(after_word("致各国", "致"), Some("各国"));
        assert_eq!(after("To", "to the"), None);
    }
}
