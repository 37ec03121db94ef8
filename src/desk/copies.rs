//! Files beside a letter that another program made of it.

use crate::circular::{FileName, Form};

/// Beside a letter that is read, a file of a format that is not (`x.pdf` beside `x.docx`) is a copy of it. In a language
/// that no other file has it is a version that would be missing.
pub(super) fn is_copy(file: &str, all: &[(String, Vec<u8>)]) -> bool {
    let letter = |file: &str| match FileName::parse(file) {
        FileName::Letter { language, form, .. } => Some((language, form)),
        FileName::NotALetter { .. } => None,
    };
    let Some((language, Form::Foreign)) = letter(file) else { return false };
    let read = all.iter().filter_map(|(file, _)| letter(file)).filter(|(_, form)| *form != Form::Foreign);
    read.map(|(other, _)| other).any(|other| language.is_none() || other == language)
}
