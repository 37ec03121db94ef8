//! One cell of addresses as people fill it: several addresses parted by `;` `,` `/`, a line break, "or" or "and";
//! `Name <a@b.example>`; `mailto:`; full-width signs of an input method, which are repaired with a note.
//!
//! Refuses what is left over: a piece that is no address is never skipped, since it may stand for somebody.

use super::address::{Address, NotAnAddress, is_invisible};

/// The addresses of one cell, in order, each mailbox once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Empty where the cell says that there is none.
    pub(super) found: Vec<Address>,
    /// What was repaired or left out, one sentence each.
    pub(super) notes: Vec<String>,
}

/// What people write for "no address".
const NONE: [&str; 14] =
    ["-", "--", "–", "—", "/", ".", "?", "n/a", "n.a.", "na", "none", "nil", "no email", "no e-mail"];

/// Strips blanks, no-break blanks and characters that take no room from both ends.
pub(super) fn trimmed(text: &str) -> &str {
    // Controls other than white space stay, to be refused: they come from no keyboard.
    text.trim_matches(|c: char| c.is_whitespace() || (is_invisible(c) && !c.is_control()))
}

/// Reads a cell of addresses; every piece that is not one is an error of its own.
pub(super) fn addresses(cell: &str) -> Result<Addresses, Vec<NotAnAddress>> {
    let mut read = Addresses::default();
    let cell = trimmed(cell);
    // By far the most frequent cell: one plain address.
    if let Ok(address) = Address::parse(cell)
        && !cell.contains('/')
    {
        read.found.push(address);
        return Ok(read);
    }
    if cell.is_empty() || NONE.contains(&cell.to_lowercase().as_str()) {
        return Ok(read);
    }
    let mut flaws = Vec::new();
    let repaired = repair(cell);
    if repaired.signs {
        read.notes.push("full-width signs in the address were replaced by @ and .".to_owned());
    }
    for piece in pieces(&repaired.text) {
        match Address::parse(bare(&piece)) {
            Ok(address) if read.found.iter().any(|known| known.mailbox() == address.mailbox()) => {
                read.notes.push(format!("{address} stands twice in one cell; it counts once"));
            }
            Ok(address) => read.found.push(address),
            Err(flaw) => flaws.push(flaw),
        }
    }
    if flaws.is_empty() { Ok(read) } else { Err(flaws) }
}

struct Repaired {
    text: String,
    signs: bool,
}

fn repair(cell: &str) -> Repaired {
    let mut signs = false;
    let text = cell
        .chars()
        .map(|c| match c {
            '＠' | '﹫' => (true, '@'),
            '．' | '。' | '｡' => (true, '.'),
            '；' | '﹔' => (false, ';'),
            '，' | '、' | '،' => (false, ','),
            '／' => (false, '/'),
            '＜' => (false, '<'),
            '＞' => (false, '>'),
            _ => (false, c),
        })
        .map(|(repaired, c)| {
            signs |= repaired;
            c
        })
        .collect();
    Repaired { text, signs }
}

/// Cuts at separators outside quotation marks and angle brackets.
fn pieces(cell: &str) -> Vec<String> {
    let mut parts: Vec<(String, char)> = Vec::new();
    let (mut piece, mut quoted, mut bracketed) = (String::new(), false, false);
    for c in cell.chars() {
        match c {
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            _ => {}
        }
        let slash = c == '/' && !piece.ends_with(':') && !piece.ends_with(":/");
        if !quoted && !bracketed && (slash || matches!(c, ';' | ',' | '\n' | '\r')) {
            parts.push((std::mem::take(&mut piece), c));
        } else {
            piece.push(c);
        }
    }
    parts.push((piece, ';'));
    let joined = rejoin(parts).into_iter().flat_map(|piece| words_parted(&piece));
    joined.map(|piece| trimmed(&piece).to_owned()).filter(|piece| !piece.is_empty()).collect()
}

/// Puts back what a comma has cut wrongly: `Smith, Ann <ann@b.example>`, and `ann@b,example`, a slip that
/// [`Address::parse`] names better than this cut would.
fn rejoin(parts: Vec<(String, char)>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for (part, end) in parts {
        let ends_in_address = |last: &String| last.contains('@') && !last.ends_with('>');
        let continues =
            !part.is_empty() && part.len() <= 10 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        match out.last_mut() {
            Some(last) if open && !last.contains('@') && part.contains('<') => *last = format!("{last},{part}"),
            Some(last) if open && continues && ends_in_address(last) => *last = format!("{last},{part}"),
            _ => out.push(part),
        }
        open = end == ',';
    }
    out
}

/// `a@b.example or c@d.example`, `a@b.example and c@d.example`: only between two addresses, for a name may hold "and".
fn words_parted(piece: &str) -> Vec<String> {
    if piece.matches('@').count() < 2 {
        return vec![piece.to_owned()];
    }
    let mut out = vec![String::new()];
    for word in piece.split_whitespace() {
        let parting = ["or", "and"].contains(&word.to_lowercase().as_str());
        match out.last_mut() {
            Some(last) if parting && last.contains('@') => out.push(String::new()),
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => {}
        }
    }
    out
}

/// Takes display name, angle brackets, a Markdown link and `mailto:` off.
fn bare(piece: &str) -> &str {
    let mut inner = piece;
    if let Some((_, target)) = inner.split_once("](")
        && inner.starts_with('[')
        && let Some(target) = target.strip_suffix(')')
    {
        inner = target;
    }
    if let Some((_, tail)) = inner.rsplit_once('<')
        && let Some(address) = tail.strip_suffix('>')
        && address.contains('@')
    {
        inner = address;
    }
    match inner.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            trimmed(inner[7..].split('?').next().unwrap_or_default())
        }
        _ => trimmed(inner),
    }
}
