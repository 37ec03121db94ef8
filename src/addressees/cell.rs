//! One cell of addresses as people fill it: several addresses parted by `;` `,` `/`, a line break, "or" or "and";
//! `Name <a@b.example>`; `mailto:`; full-width signs of an input method, which are repaired with a note.
//!
//! Refuses what is left over: a piece that is no address is never skipped, since it may stand for somebody.

use super::{
    address::{Address, Flaw, NotAnAddress, is_invisible, shown},
    told::{Kind, Repair},
};

/// The addresses of one cell, in order, each mailbox once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// Empty where the cell says that there is none.
    pub(super) found: Vec<Address>,
    /// What was repaired or left out.
    pub(super) repairs: Vec<Repair>,
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
pub(super) fn addresses(whole: &str) -> Result<Addresses, Vec<NotAnAddress>> {
    let mut read = Addresses::default();
    let cell = trimmed(whole);
    // By far the most frequent cell: one plain address.
    match Address::parse(cell) {
        Ok(address) if !cell.contains('/') => read.found.push(address),
        _ if cell.is_empty() || NONE.contains(&cell.to_lowercase().as_str()) => return Ok(read),
        _ => several(cell, &mut read)?,
    }
    if cell.len() < whole.len() {
        read.repairs.push(taken_off(whole, cell));
    }
    Ok(read)
}

fn several(cell: &str, read: &mut Addresses) -> Result<(), Vec<NotAnAddress>> {
    let mut flaws = Vec::new();
    let narrow = narrowed(cell);
    let (pieces, parted_at) = pieces(&narrow);
    for piece in &pieces {
        let bare = bare(piece);
        let address = match Address::parse(bare) {
            Ok(address) => address,
            Err(flaw) => match Address::parse(bare.strip_suffix('.').unwrap_or(bare)) {
                Ok(address) if flaw.flaw == Flaw::EndsWithDot => {
                    read.repairs
                        .push(Repair::new(Kind::FullStop, format!("the full stop after {address} was taken off")));
                    address
                }
                _ => {
                    flaws.push(flaw);
                    continue;
                }
            },
        };
        if bare.len() < piece.len() {
            let what = format!("\"{}\" was read as {address}", shown(piece));
            read.repairs.push(Repair::new(Kind::Wrapped, what));
        }
        if read.found.iter().any(|known| known.mailbox() == address.mailbox()) {
            let what = format!("{address} stands twice in one cell; it counts once");
            read.repairs.push(Repair::new(Kind::TwiceInACell, what));
        } else {
            read.found.push(address);
        }
    }
    if !flaws.is_empty() {
        return Err(flaws);
    }
    if narrow.contains('@') && narrow != spaced(cell) {
        let what =
            format!("full-width characters were replaced: \"{}\" was read as \"{}\"", shown(cell), shown(&narrow));
        read.repairs.push(Repair::new(Kind::FullWidth, what));
    }
    if let Some(at) = parted_at.filter(|_| pieces.len() > 1) {
        let what = format!("{} addresses in one cell were parted at {at}", pieces.len());
        read.repairs.push(Repair::new(Kind::Parted, what));
    }
    Ok(())
}

/// What stood around a cell: blanks that anybody types, or characters that nobody sees.
fn taken_off(whole: &str, cell: &str) -> Repair {
    match whole.replacen(cell, "", 1).chars().find(|c| !matches!(c, ' ' | '\t' | '\n')) {
        None => Repair::new(Kind::Blanks, format!("blanks around \"{}\" were taken off", shown(cell))),
        Some(c) => {
            let what = format!(
                "the character U+{:04X} beside \"{}\", which cannot be seen, was taken off",
                u32::from(c),
                shown(cell)
            );
            Repair::new(Kind::Unseen, what)
        }
    }
}

/// Separators of input methods, which part like their narrow forms.
fn spaced(cell: &str) -> String {
    cell.chars().map(|c| separator(c).unwrap_or(c)).collect()
}

fn separator(c: char) -> Option<char> {
    match c {
        '；' | '﹔' | '؛' => Some(';'),
        '，' | '、' | '،' => Some(','),
        '／' => Some('/'),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}

/// The full-width forms of an input method in the narrow ones that were meant (Unicode, block FF00: each stands 0xFEE0
/// above its ASCII character).
fn narrowed(cell: &str) -> String {
    let narrow = |c: char| match c {
        '﹫' => '@',
        '。' | '｡' => '.',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    cell.chars().map(|c| separator(c).unwrap_or_else(|| narrow(c))).collect()
}

/// Cuts at separators outside quotation marks and angle brackets; says at which, where it was another than the usual
/// `;`.
fn pieces(cell: &str) -> (Vec<String>, Option<&'static str>) {
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
    let mut at = parts.iter().find_map(|(_, separator)| called(*separator));
    parts.push((piece, ';'));
    let rejoined = rejoin(parts);
    let before = rejoined.len();
    let words: Vec<String> = rejoined.into_iter().flat_map(|piece| words_parted(&piece)).collect();
    if words.len() > before {
        at = at.or(Some("\"or\" or \"and\""));
    }
    (words.iter().map(|piece| trimmed(piece).to_owned()).filter(|piece| !piece.is_empty()).collect(), at)
}

fn called(separator: char) -> Option<&'static str> {
    match separator {
        ',' => Some("commas"),
        '/' => Some("slashes"),
        '\n' | '\r' => Some("line breaks"),
        _ => None,
    }
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
