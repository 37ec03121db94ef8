//! Word documents and web pages, written by hand, and the lines that they become.

use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Form, Source, source};

mod damage;
mod pages;
mod word;

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
    xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" \
    xmlns:v=\"urn:schemas-microsoft-com:vml\"";
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A package of these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A document with this body; `others` are the names and contents of its other parts, `links` its relationships.
fn docx_with(body: &str, others: &[(&str, &str)], links: &str) -> Vec<u8> {
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
        <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.\
        wordprocessingml.document.main+xml\"/></Types>";
    let main = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"r1\" Type=\"{KIND}/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
    );
    let named: String = others
        .iter()
        .map(|(name, _)| {
            let kind = name.trim_end_matches(".xml").trim_end_matches(char::is_numeric);
            format!("<Relationship Id=\"{name}\" Type=\"{KIND}/{kind}\" Target=\"{name}\"/>")
        })
        .collect();
    let relationships = format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{named}{links}</Relationships>"
    );
    let document = format!("<w:document {W}><w:body>{body}</w:body></w:document>");
    let mut parts: Vec<(String, String)> = vec![
        ("[Content_Types].xml".to_owned(), types.to_owned()),
        ("_rels/.rels".to_owned(), main),
        ("word/_rels/document.xml.rels".to_owned(), relationships),
        ("word/document.xml".to_owned(), document),
    ];
    parts.extend(others.iter().map(|(name, content)| (format!("word/{name}"), (*content).to_owned())));
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    package(&parts)
}

fn docx(body: &str) -> Vec<u8> {
    docx_with(body, &[], "")
}

fn p(text: &str) -> String {
    format!("<w:p><w:pPr><w:spacing w:after=\"160\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

/// Puts a letter's text around paragraphs, so that they stand in its body.
fn in_body(paragraphs: &str) -> String {
    format!("{}{paragraphs}", p("Dear Sir/Madam,"))
}

fn read(octets: &[u8]) -> Source {
    source("x.docx", Form::Word, octets)
}

/// The lines below the salutation.
fn body_of(source: &Source) -> String {
    assert!(source.text.starts_with("Dear Sir/Madam,\n"), "{source:?}");
    source.text["Dear Sir/Madam,\n".len()..].trim_start_matches('\n').to_owned()
}

fn word_body(xml: &str) -> String {
    body_of(&read(&docx(&in_body(xml))))
}

fn web(html: &str) -> Source {
    source("x.html", Form::Web, html.as_bytes())
}

fn web_body(html: &str) -> String {
    body_of(&web(&format!("<p>Dear Sir/Madam,</p>{html}")))
}

fn messages(source: &Source) -> Vec<String> {
    let located = |problem: &super::Problem| {
        let line = source.places.of(problem.line);
        format!("{}:{line}: {}", problem.severity, problem.message)
    };
    source.problems.iter().map(located).collect()
}

fn tells(source: &Source, words: &str) -> bool {
    messages(source).iter().any(|message| message.contains(words))
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| {
            let lines: String = cell.split('\n').map(p).collect();
            format!("<w:tc>{lines}</w:tc>")
        })
        .collect();
    format!("<w:tr>{cells}</w:tr>")
}

fn table(rows: &[&[&str]]) -> String {
    format!("<w:tbl>{}</w:tbl>", rows.iter().map(|cells| row(cells)).collect::<String>())
}
