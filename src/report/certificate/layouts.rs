//! The certificate's words stand in two layouts, the page and the sheet of the PDF: what one says, the other says too.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("html.rs");
const SHEET: &str = include_str!("certificate.typ");
/// Says who counts as accepted on a person's word, for the page.
const WORDS: &str = include_str!("../numbers.rs");

/// What the page says: its strings without elements, values and styles.
fn said_by_page() -> BTreeSet<String> {
    // the sheet has its own margins and styles
    let (before, head) = PAGE.split_once("fn head(").expect("the head is in the page");
    let behind = head.split_once("\nfn title(").expect("the title follows").1;
    let mut said = BTreeSet::new();
    for text in strings(&format!("{before}{behind}")) {
        let mut plain = String::new();
        let mut inside = 0_usize;
        for c in text.chars() {
            match c {
                '<' | '{' => inside += 1,
                '>' | '}' => (inside, plain) = (inside.saturating_sub(1), plain + "\n"),
                c if inside == 0 => plain.push(c),
                _ => {}
            }
        }
        said.extend(plain.lines().filter_map(phrase));
    }
    said
}

/// What the sheet says: strings of its code, and its text without expressions.
fn said_by_sheet() -> BTreeSet<String> {
    let is_said = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("Noto Sans");
    let code: Vec<&str> = SHEET.lines().filter(is_said).collect();
    let mut said: BTreeSet<String> = strings(&code.join("\n")).iter().filter_map(|text| phrase(text)).collect();
    for line in code {
        // text stands in brackets, or behind the sign of a heading; expressions in it begin with #
        let text = line.strip_prefix("= ").map(|heading| format!("[{heading}]"));
        let line = text.as_deref().unwrap_or(line);
        for piece in line.split(['[', ']']).skip(1) {
            let text = piece.split_once('#').map_or(piece, |(text, _)| text);
            let behind = piece.split('#').skip(1).filter_map(|expression| Some(expression.split_once(' ')?.1));
            said.extend(std::iter::once(text).chain(behind).filter_map(sentence));
        }
    }
    said
}

/// A sentence of text, of three words or more: shorter pieces may be code.
fn sentence(text: &str) -> Option<String> {
    let plain = phrase(text)?;
    (plain.split(' ').count() > 2 && !plain.contains(['"', '{', '=', '(', '_'])).then_some(plain)
}

/// String literals, as they are read.
fn strings(source: &str) -> Vec<String> {
    let (mut found, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match (&mut open, c) {
            (Some(text), '\\') => match chars.next() {
                Some('n') => text.push('\n'),
                // a string goes on where the next line begins
                Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                // the octets of §, the only sign written by octets
                Some('x') => text.extend(chars.by_ref().take(2).collect::<String>().ends_with("a7").then_some('§')),
                other => text.extend(other.filter(|c| *c != '"')),
            },
            (Some(_), '"') => found.extend(open.take()),
            (Some(text), c) => text.push(c),
            (None, '"') => open = Some(String::new()),
            (None, '\'') if chars.peek() == Some(&'"') => drop(chars.next()),
            (None, _) => {}
        }
    }
    found
}

/// Words that people read: bare of the signs around them; `None` for names of the code, colours and lengths.
fn phrase(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let says_something = plain.len() > 3 && plain.contains(|c: char| c.is_alphabetic());
    let is_code = text.contains('{');
    let is_name = !plain.contains(' ') && (plain.contains(['_', '.', '-']) || text == text.to_lowercase());
    (says_something && !is_name && !is_code).then_some(plain)
}

/// A source as one text to look phrases up in.
fn haystack(source: &str) -> String {
    let joined = source.replace("\\n\\\n", " ").replace("\\\n", " ").replace("\\xc2\\xa7", "§").replace("\\n", " ");
    joined.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[test]
fn whatever_the_page_says_the_sheet_says_too() {
    let sheet = haystack(SHEET);
    let missing: Vec<String> = said_by_page().into_iter().filter(|phrase| !sheet.contains(phrase.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new(), "in html.rs, and not in certificate.typ");
}

#[test]
fn whatever_the_sheet_says_the_page_says_too() {
    let page = haystack(&format!("{PAGE}{WORDS}"));
    let missing: Vec<String> = said_by_sheet().into_iter().filter(|phrase| !page.contains(phrase.as_str())).collect();
    assert_eq!(missing, Vec::<String>::new(), "in certificate.typ, and not in html.rs");
}

#[test]
fn both_say_enough_to_be_compared() {
    let (page, sheet) = (said_by_page(), said_by_sheet());
    for heading in
        ["what happened to it", "to look at first", "every addressee", "in the order in which they were frozen"]
    {
        assert!(page.contains(heading), "{heading}: {page:#?}");
        assert!(sheet.contains(heading) || haystack(SHEET).contains(&format!("= {heading}")), "{heading}: {sheet:#?}");
    }
    assert!(page.len() > 40 && sheet.len() > 40, "{} and {}", page.len(), sheet.len());
}
