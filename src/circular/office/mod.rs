//! Letters as Word and the web keep them: `.docx` and `.html` become the lines that the letter's reader takes.
//!
//! Both are read into one [`Document`] of paragraphs, list items and tables, which is written as Markdown; every line
//! knows the paragraph or the line of the source that it came from. What a letter cannot carry (pictures, notes in the
//! margin, text that is struck through) is told; what cannot be read is refused, by its name and with a remedy. Pure: the
//! file's octets in, text out.

mod document;
mod furniture;
mod lines;
mod locate;
mod markdown;
mod places;
mod raised;
mod regions;
mod tables;
mod web;
mod word;

#[cfg(test)]
mod tests;

use document::{Document, is_blank, size};
pub use places::Places;

use super::{Form, Problem, decode};

/// The text of a file, and where its lines come from.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub text: String,
    pub places: Places,
    pub problems: Vec<Problem>,
}

/// Pictures make a Word file large, not its text; with a letterhead and a few photographs it has some mebibytes.
const LARGEST_WORD_FILE: usize = 16 * 1024 * 1024;
/// Word saves a page of styles with every web page, and declares most of them.
const LARGEST_WEB_PAGE: usize = 4 * 1024 * 1024;

/// A letter has some hundred; with a table of two thousand rows of ten it is no letter any more, and each line is looked at
/// for what it may be.
const MOST_LINES: usize = 20_000;

/// How large a file of a form may be, in octets.
pub(super) fn largest(form: Form) -> usize {
    match form {
        Form::Markdown | Form::Text => decode::LARGEST_LETTER,
        Form::Web => LARGEST_WEB_PAGE,
        Form::Word | Form::Foreign => LARGEST_WORD_FILE,
    }
}

/// Reads the octets of a file called `name` as lines of text.
pub(super) fn source(name: &str, form: Form, octets: &[u8]) -> Source {
    if octets.len() > largest(form) {
        let message = format!(
            "the file has {} KiB; a letter of this kind has at most {} KiB",
            octets.len().div_ceil(1024),
            largest(form) / 1024
        );
        return refused(message);
    }
    let read = match form {
        Form::Markdown | Form::Text => {
            let (text, problems) = decode::decode(octets);
            return Source { text, places: Places::default(), problems };
        }
        Form::Foreign => Err(foreign(name)),
        Form::Word => word::read(octets),
        Form::Web => web::read(octets),
    };
    match read {
        Ok(document) => written(document),
        Err(message) => refused(message),
    }
}

fn too_long(octets: usize) -> Source {
    let (found, most) = (octets.div_ceil(1024), decode::LARGEST_LETTER / 1024);
    refused(format!("the file holds {found} KiB of text; a letter has at most {most} KiB"))
}

fn refused(message: String) -> Source {
    Source { problems: vec![Problem::error(0, message)], ..Source::default() }
}

/// Files that word processors write besides, and what is to be done with them.
fn foreign(name: &str) -> String {
    let extension = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let what = match extension.as_str() {
        "pdf" => "a PDF has lost what is a paragraph and what a label",
        "doc" | "dot" => "this is the Word format of before 2007",
        "docm" | "dotm" => "a Word file with macros is not opened",
        "mht" | "mhtml" => "a page with its pictures in one file is not opened",
        _ => "this format is not read",
    };
    format!(
        "a letter cannot be read from .{extension}: {what}; save it as .docx in its program and put that here; a file \
         that goes out with a letter belongs into the letter's own folder, and its name into the head's attachments"
    )
}

fn written(document: Document) -> Source {
    let (lines, octets) = size(&document.blocks);
    if octets > decode::LARGEST_LETTER {
        return too_long(octets);
    }
    if lines > MOST_LINES {
        return refused(format!("the file has {lines} lines and cells of tables; a letter has at most {MOST_LINES}"));
    }
    let mut problems = document.problems;
    let blocks = tables::laid_out(document.blocks, &mut problems);
    let letterhead = tables::laid_out(document.letterhead, &mut problems);
    if is_blank(&blocks) {
        problems.push(Problem::error(0, "the file is empty: it holds no text"));
        problems.retain(|problem| problem.severity == super::Severity::Error);
        return Source { problems, ..Source::default() };
    }
    let mut all = furniture::above(letterhead, &blocks, &mut problems);
    all.extend(blocks);
    let (text, mut places) = lines::write(&all).into_text();
    problems.extend(decode::control_characters(&text).into_iter().map(|problem| {
        let line = places.of(problem.line);
        Problem { line, ..problem }
    }));
    if text.len() > decode::LARGEST_LETTER {
        return too_long(text.len());
    }
    let problems = lines::located(problems, &mut places);
    Source { text, places, problems }
}
