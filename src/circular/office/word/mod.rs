//! Word documents (ECMA-376, Office Open XML): the text of `.docx` as a person sees it on paper.
//!
//! Insertions are kept and deletions left out where changes are tracked; a text box is read once; the header of the first
//! page is the letterhead. What a letter cannot carry is told, what would change its meaning is refused.

mod body;
mod fields;
mod inline;
mod lists;
mod package;
mod seen;
mod styles;
mod symbols;
mod xml;

use body::Reader;
pub(super) use lists::number as list_number;
use package::{Package, Relationships};
pub(super) use seen::Seen;
use xml::Element;

use super::{
    super::{Problem, labels::label, words::Field},
    document::{Block, Document, paragraphs},
};

/// Reads the octets of a `.docx` file; an error says why it is none.
pub(super) fn read(octets: &[u8]) -> Result<Document, String> {
    let mut package = Package::open(octets)?;
    let main = package.main_part()?;
    let relationships = package.relationships(&main)?;
    let root = package.part(&main)?.ok_or("the Word file is damaged: it has no text")?;
    let body = root.child("w:body").ok_or("the Word file is damaged: its text has no body")?;

    let mut named = |kind: &str| match relationships.of_kind(kind).next() {
        Some(name) => package.part(name),
        None => Ok(None),
    };
    let (styles, numbering) = (named("styles")?, named("numbering")?);
    let (footnotes, endnotes) = (named("footnotes")?, named("endnotes")?);
    let mut reader = Reader::new(styles.as_ref(), numbering.as_ref());
    let mut blocks = reader.blocks(body, &relationships);
    blocks.extend(reader.notes(footnotes.as_ref(), endnotes.as_ref()));

    reader.end_fields();

    let mut document = Document { blocks, ..Document::default() };
    let furniture = furniture(&mut package, body, &relationships)?;
    for (place, part, relationships) in &furniture {
        let printed = reader.header(part, relationships);
        reader.end_fields();
        match place {
            Furniture::FirstHeader => document.letterhead = printed,
            Furniture::Other => document.problems.extend(left_out(&printed)),
        }
    }
    document.problems.extend(reader.seen.problems());
    Ok(document)
}

/// Where a header or footer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Furniture {
    /// Above the letter's first page.
    FirstHeader,
    /// Below it, or on the pages that follow.
    Other,
}

/// The headers and footers of the first section.
fn furniture(
    package: &mut Package,
    body: &Element,
    relationships: &Relationships,
) -> Result<Vec<(Furniture, Element, Relationships)>, String> {
    let in_paragraph = |element: &Element| element.child("w:pPr").and_then(|p| p.child("w:sectPr")).cloned();
    let section = body.elements().find_map(in_paragraph).or_else(|| body.child("w:sectPr").cloned());
    let Some(section) = section else { return Ok(Vec::new()) };
    let first = if section.switch("w:titlePg") == Some(true) { "first" } else { "default" };
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for reference in section.elements().filter(|e| matches!(e.name.as_str(), "w:headerReference" | "w:footerReference"))
    {
        let kind = reference.attribute("type").unwrap_or("default");
        let unused = (kind == "first" && first != "first") || kind == "even";
        let Some(name) = reference.attribute("r:id").and_then(|id| relationships.target(id)) else { continue };
        if unused || seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let is_first_header = reference.name == "w:headerReference" && kind == first;
        let place = if is_first_header { Furniture::FirstHeader } else { Furniture::Other };
        if let Some(part) = package.part(name)? {
            found.push((place, part, package.relationships(name)?));
        }
    }
    Ok(found)
}

/// What a header or footer that is not sent says; a list of addressees in it is an error, since they would be left out.
fn left_out(blocks: &[Block]) -> Vec<Problem> {
    let lines: Vec<String> = paragraphs(blocks)
        .filter(|paragraph| !paragraph.is_blank())
        .flat_map(|paragraph| paragraph.plain().split('\n').map(|line| line.trim().to_owned()).collect::<Vec<_>>())
        .collect();
    let names = |line: &&String| {
        label(line)
            .is_some_and(|label| label.colon && matches!(label.field, Field::To | Field::Copy | Field::Distribution))
    };
    if let Some(line) = lines.iter().find(names) {
        let message = format!(
            "\"{line}\" stands in a header or footer, which is not read: write the addressees into the text of the letter"
        );
        return vec![Problem::error(0, message)];
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let text: String = lines.join(" / ").chars().take(160).collect();
    vec![Problem::note(0, format!("\"{text}\" stands in a header or footer of the pages: left out"))]
}
