//! Reads Rust well enough to find paths: words and signs without comments, literals and test parts.

use std::collections::BTreeSet;

/// One word or sign of Rust, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// Words and signs without comments and literals.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let start = at;
        at = end_of_token(&chars, start);
        let text: String = chars[start..at].iter().collect();
        let blank = text.starts_with(char::is_whitespace);
        let comment = text.starts_with("//") || text.starts_with("/*");
        let literal = text.ends_with(['"', '\'', '#']) && text.len() > 1 || text.starts_with('\'');
        if !blank && !comment && !literal {
            found.push(Token { text: text.clone(), line });
        }
        line += text.matches('\n').count();
    }
    found
}

fn end_of_token(chars: &[char], at: usize) -> usize {
    let rest = &chars[at..];
    let starts = |text: &str| text.chars().zip(rest).filter(|(a, b)| a == *b).count() == text.len();
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    let run = |fits: &dyn Fn(&char) -> bool| at + rest.iter().take_while(|c| fits(c)).count();
    if starts("//") {
        return run(&|c| *c != '\n');
    }
    if starts("/*") {
        return end_of_block_comment(chars, at);
    }
    let prefix = rest.iter().take_while(|c| matches!(c, 'b' | 'c' | 'r')).count();
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let quoted = rest.get(prefix + hashes) == Some(&'"');
    let raw = rest[..prefix].contains(&'r');
    if quoted && prefix <= 2 && raw {
        return end_of_raw(chars, at + prefix + hashes + 1, hashes);
    }
    if quoted && prefix <= 1 && hashes == 0 {
        return end_of_quoted(chars, at + prefix + 1, '"');
    }
    match rest[0] {
        // A lifetime is a quote and a word without a closing quote.
        '\'' if rest.len() > 2 && (rest[1] == '\\' || rest[2] == '\'') => end_of_quoted(chars, at + 1, '\''),
        '\'' => at + 1 + rest[1..].iter().take_while(|c| word(c)).count(),
        ':' if starts("::") => at + 2,
        c if c.is_whitespace() => run(&|c| c.is_whitespace()),
        c if word(&c) => run(&word),
        _ => at + 1,
    }
}

fn end_of_quoted(chars: &[char], mut at: usize, quote: char) -> usize {
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn end_of_raw(chars: &[char], mut at: usize, hashes: usize) -> usize {
    while at < chars.len() {
        if chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    at
}

fn end_of_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Takes out every item under `#[cfg(test)]`, and says which lines it stood on.
pub fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, BTreeSet<usize>) {
    let (mut kept, mut lines, mut at) = (Vec::new(), BTreeSet::new(), 0);
    while at < tokens.len() {
        let text = |offset: usize| tokens.get(at + offset).map(|token| token.text.as_str());
        let is_test = [0, 1, 2, 3, 4].map(text) == [Some("#"), Some("["), Some("cfg"), Some("("), Some("test")];
        if is_test {
            let end = end_of_item(&tokens, at);
            lines.extend(tokens[at].line..=tokens[end - 1].line);
            at = end;
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    (kept, lines)
}

/// Behind the `;` or the closing brace of the item whose attribute begins at `at`.
fn end_of_item(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_i32;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(token.text.as_str(), ";" | "}") {
            return index + 1;
        }
    }
    tokens.len()
}

/// Every path that begins with one of `roots`, groups written out: `crate::{a::b, c}` is `crate::a::b` and `crate::c`.
pub fn paths(tokens: &[Token], roots: &[&str]) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let follows = at > 0 && tokens[at - 1].text == "::";
        let leads = tokens.get(at + 1).is_some_and(|next| next.text == "::");
        if roots.contains(&tokens[at].text.as_str()) && leads && !follows {
            branch(tokens, at, &[], &mut found);
        }
    }
    found
}

/// Reads one branch of a tree of paths; returns where it ends.
fn branch(tokens: &[Token], mut at: usize, before: &[String], found: &mut Vec<(Vec<String>, usize)>) -> usize {
    let mut path = before.to_vec();
    let line = tokens[at].line;
    while let Some(token) = tokens.get(at) {
        if token.text == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.text != "}") {
                at = if tokens[at].text == "," { at + 1 } else { branch(tokens, at, &path, found).max(at + 1) };
            }
            return at + 1;
        }
        path.push(token.text.clone());
        at += 1;
        if tokens.get(at).is_none_or(|next| next.text != "::") {
            break;
        }
        at += 1;
    }
    if tokens.get(at).is_some_and(|token| token.text == "as") {
        at += 2;
    }
    found.push((path, line));
    at
}
