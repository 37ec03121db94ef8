//! A line as words, numbers and marks, for the readers of dates and deadlines.
//!
//! Each Chinese character is a word of its own; Chinese numerals before 年, 月 and 日 are numbers.

use super::fold::{digit, fold, is_blank, is_han};

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number and how many digits it is written with.
    Number(u32, usize),
    /// A word, folded.
    Word(String),
    /// A punctuation mark, folded.
    Mark(char),
}

/// A token and the octets of the text that it covers.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn number(&self) -> Option<(u32, usize)> {
        match self.kind {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub fn mark(&self) -> Option<char> {
        match self.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        }
    }
}

/// The tokens of a text, in order; white space only parts them.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let start = text.len() - rest.len();
        if is_blank(c) {
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let counts = numerals(rest);
        let length = if digit(c).is_some() {
            run(rest, |c| digit(c).is_some())
        } else if let Some(length) = counts {
            length
        } else if is_han(c) || !c.is_alphanumeric() {
            c.len_utf8()
        } else {
            run(rest, |c| word_goes_on(c) && digit(c).is_none())
        };
        tokens.push(Token { kind: kind(&rest[..length], counts), start, end: start + length });
        rest = &rest[length..];
    }
    tokens
}

fn word_goes_on(c: char) -> bool {
    (c.is_alphanumeric() && !is_han(c)) || unicode_normalization::char::is_combining_mark(c)
}

fn run(text: &str, inside: impl Fn(char) -> bool) -> usize {
    text.find(|c| !inside(c)).unwrap_or(text.len())
}

fn kind(text: &str, counts: Option<usize>) -> Kind {
    let first = text.chars().next().unwrap_or(' ');
    if digit(first).is_some() {
        let value = text.chars().filter_map(digit).fold(0u32, |sum, d| sum.saturating_mul(10).saturating_add(d));
        return Kind::Number(value, text.chars().count());
    }
    if let Some(value) = counts.and_then(|_| chinese_number(text)) {
        // "二十五" are two digits of three characters.
        let digits = if text.contains('十') { 2 } else { text.chars().count() };
        return Kind::Number(value, digits);
    }
    if first.is_alphanumeric() {
        return Kind::Word(fold(text));
    }
    Kind::Mark(fold(text).chars().next().unwrap_or(first))
}

/// The length of Chinese numerals at the start of a text that count years, months or days.
fn numerals(text: &str) -> Option<usize> {
    let length = run(text, |c| numeral_value(c).is_some());
    (length > 0 && text[length..].starts_with(['年', '月', '日'])).then_some(length)
}

fn numeral_value(c: char) -> Option<u32> {
    "〇一二三四五六七八九十".chars().position(|n| n == c || (c == '零' && n == '〇')).map(|at| at as u32)
}

fn chinese_number(text: &str) -> Option<u32> {
    let values: Vec<u32> = text.chars().map(numeral_value).collect::<Option<_>>()?;
    if let Some(ten) = values.iter().position(|v| *v == 10) {
        let tens = if ten == 0 { 1 } else { values[ten - 1] };
        return Some(tens * 10 + values.get(ten + 1).copied().unwrap_or(0));
    }
    Some(values.iter().fold(0u32, |sum, v| sum.saturating_mul(10).saturating_add(*v)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_marks_are_parted_in_every_script() {
        let kinds = |text: &str| tokens(text).into_iter().map(|t| t.kind).collect::<Vec<_>>();
        let word = |w: &str| Kind::Word(fold(w));
        assert_eq!(kinds("1er mai"), [Kind::Number(1, 1), word("er"), word("mai")]);
        assert_eq!(kinds("二〇一四年三月十一日")[0], Kind::Number(2014, 4));
        assert_eq!(kinds("二〇一四年三月十一日")[4], Kind::Number(11, 2));
        assert_eq!(kinds("二十五日")[0], Kind::Number(25, 2));
        assert_eq!(kinds("٢ يونيو"), [Kind::Number(2, 1), word("يونيو")]);
        assert_eq!(kinds("一般"), [word("一"), word("般")]);
    }
}
