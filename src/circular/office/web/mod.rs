//! Web pages: letters as browsers show them, and as Word saves them "as web page".
//!
//! What a page holds for its program (scripts, styles, the head, conditional comments) is no text. What a letter cannot
//! carry is told, what would change its meaning is refused.

mod charset;
mod look;
mod page;
mod tree;

use page::Page;

use super::document::Document;

/// Reads the octets of a `.html` file; an error says why it is none.
pub(super) fn read(octets: &[u8]) -> Result<Document, String> {
    let start = octets.trim_ascii_start();
    let other = [
        (&b"PK\x03\x04"[..], "a ZIP archive, perhaps a Word document: name it .docx"),
        (b"%PDF", "a PDF: save the letter as .docx in the program that wrote it"),
        (b"\xd0\xcf\x11\xe0", "a Word document of before 2007: save it as .docx in Word"),
        (b"{\\rtf", "Rich Text: save it as .docx in Word"),
        (b"MIME-Version:", "a page with its pictures in one file: save it as .docx, or as a web page, filtered"),
        (b"From:", "an e-mail message: save its text as .docx or .txt"),
    ];
    if let Some((_, what)) = other.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(format!("the file is named .html and is {what}"));
    }
    let text = charset::decode(octets)?;
    if text.trim().is_empty() {
        return Err("the file is empty".to_owned());
    }
    if !text.contains('<') {
        return Err("the file is named .html and has no HTML in it: name it .txt".to_owned());
    }
    Ok(Page::read(&tree::parse(&text)?))
}
