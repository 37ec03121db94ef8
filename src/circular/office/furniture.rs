//! The header of the first page: on paper it stands above the letter, so that it is its letterhead.
//!
//! Many houses print the reference there. A field that the text itself bears is the text's: what the header says besides
//! is left out, and told.

use super::{
    super::{Problem, dateline::dateline, fold::fold, labels::label, numbering::is_reference, words::Field},
    document::{Block, Gap, Paragraph, Span, paragraphs},
    regions::Regions,
};

/// The paragraphs of the header that belong to the letter.
pub(super) fn above(header: Vec<Block>, blocks: &[Block], problems: &mut Vec<Problem>) -> Vec<Block> {
    let head = &blocks[..Regions::of(blocks).text];
    let texts: Vec<String> = paragraphs(head).map(|paragraph| fold(&paragraph.plain())).collect();
    let printed: Vec<Field> = paragraphs(head).filter_map(|paragraph| kind(paragraph.plain().trim())).collect();
    let mut kept = Vec::new();
    let mut left = Vec::new();
    for line in paragraphs(&header).flat_map(lines).filter(|line| !line.is_blank()) {
        let plain = line.plain();
        if texts.contains(&fold(&plain)) {
            continue;
        }
        match kind(plain.trim()) {
            Some(field) if printed.contains(&field) => left.push(plain.trim().to_owned()),
            _ => kept.push(line),
        }
    }
    if !left.is_empty() {
        let message = format!("the page header says \"{}\", which the text says itself: left out", left.join(" / "));
        problems.push(Problem::warning(0, message));
    }
    if kept.is_empty() {
        return Vec::new();
    }
    let texts: Vec<String> = kept.iter().map(|paragraph| paragraph.plain().trim().to_owned()).collect();
    problems.push(Problem::note(0, format!("the page header \"{}\" is taken as the letterhead", texts.join(" / "))));
    let mut blocks: Vec<Block> = kept.into_iter().map(Block::Paragraph).collect();
    blocks.push(Block::Paragraph(Paragraph::default()));
    blocks
}

/// Each line of a paragraph as one of its own.
fn lines(paragraph: &Paragraph) -> Vec<Paragraph> {
    let line = |text: &str| Paragraph {
        place: paragraph.place,
        spans: vec![Span { text: text.to_owned(), ..Span::default() }],
        gap: Gap::None,
        ..Paragraph::default()
    };
    paragraph.plain().split('\n').map(line).collect()
}

/// Which field of the head a line is.
fn kind(text: &str) -> Option<Field> {
    match label(text) {
        Some(label) => Some(label.field),
        None if is_reference(text) => Some(Field::Reference),
        None => dateline(text).map(|_| Field::Date),
    }
}
