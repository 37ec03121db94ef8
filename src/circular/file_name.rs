//! What a file in `templates/` is, by its name: a letter with its stem, language and form, or none, and why.
//!
//! What word processors write besides .docx is a letter too, one that cannot be read: whoever dropped it must be told.

use super::{Form, Language};

/// A file's name, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// `STEM[.LANG].docx`, `.html`, `.md` or `.txt`; of the same form of name, one that cannot be read.
    Letter {
        /// Files of one stem are one circular.
        stem: String,
        /// From `.LANG`, where it is an ISO 639-1 code.
        language: Option<Language>,
        /// From the extension.
        form: Form,
    },
    /// Anything else.
    NotALetter {
        /// For the person who wonders: "its name begins with _".
        why: String,
    },
}

impl FileName {
    /// Reads a file's name, without its folder.
    pub fn parse(name: &str) -> Self {
        if let Some(why) = leftover(name) {
            return Self::NotALetter { why: why.to_owned() };
        }
        let Some((rest, form)) = form(name) else {
            return Self::NotALetter { why: "letters end in .docx, .html, .md or .txt".to_owned() };
        };
        let (stem, language) = stem_and_language(rest);
        Self::Letter { stem: stem.to_owned(), language, form }
    }
}

/// Form and language that a name gives, also of a file that is no letter of the workspace, such as `_sample.txt`.
pub(super) fn form_and_language(name: &str) -> (Form, Option<Language>) {
    match form(name) {
        Some((rest, form)) => (form, stem_and_language(rest).1),
        None => (Form::Markdown, None),
    }
}

/// The octets of a file of that name that are read at all: twice what its letter may have, so that the reader can say how
/// many there are.
pub fn largest_file(name: &str) -> u64 {
    2 * super::office::largest(form_and_language(name).0) as u64
}

fn leftover(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if name.is_empty() {
        Some("it has no name")
    } else if name.starts_with('_') {
        Some("its name begins with _")
    } else if name.starts_with('.') {
        Some("its name begins with a point")
    } else if name.starts_with("~$") || ends(&["~", ".tmp", ".swp", ".swo", ".bak", ".part", ".crdownload"]) {
        Some("an editor or a download left it behind")
    } else if name.starts_with('#') && name.ends_with('#') {
        Some("an editor left it behind")
    } else if ends(&[".problems.txt"]) || lower == "problems.txt" {
        Some("it is a note of problems")
    } else if name.chars().any(char::is_control) {
        Some("its name holds a control character")
    } else {
        None
    }
}

fn form(name: &str) -> Option<(&str, Form)> {
    let (rest, extension) = name.rsplit_once('.')?;
    let form = match extension.to_ascii_lowercase().as_str() {
        "md" => Form::Markdown,
        "txt" => Form::Text,
        "docx" => Form::Word,
        "html" | "htm" => Form::Web,
        "doc" | "docm" | "dot" | "dotm" | "dotx" | "odt" | "rtf" | "pdf" | "pages" | "wpd" | "wps" | "mht"
        | "mhtml" => Form::Foreign,
        _ => return None,
    };
    (!rest.trim().is_empty()).then_some((rest, form))
}

fn stem_and_language(rest: &str) -> (&str, Option<Language>) {
    let with_language = rest.rsplit_once('.').filter(|(stem, _)| !stem.trim().is_empty()).and_then(|(stem, suffix)| {
        let code = Some(suffix).filter(|suffix| suffix.len() == 2)?;
        code.parse().ok().map(|language| (stem, Some(language)))
    });
    with_language.unwrap_or((rest, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_a_stem_a_form_and_perhaps_a_language() {
        let table = [
            ("bdt-112.md", "bdt-112", None, Form::Markdown),
            ("bdt-112.txt", "bdt-112", None, Form::Text),
            ("bdt-112.fr.md", "bdt-112", Some("fr"), Form::Markdown),
            ("bdt-112.ZH.TXT", "bdt-112", Some("zh"), Form::Text),
            ("bdt-112.pt.md", "bdt-112", Some("pt"), Form::Markdown),
            ("bdt-112.v2.md", "bdt-112.v2", None, Form::Markdown),
            ("bdt-112.xx.md", "bdt-112.xx", None, Form::Markdown),
            ("fr.md", "fr", None, Form::Markdown),
            ("Circular No. 12.es.md", "Circular No. 12", Some("es"), Form::Markdown),
            ("письмо.ru.txt", "письмо", Some("ru"), Form::Text),
            ("bdt-112.fr.docx", "bdt-112", Some("fr"), Form::Word),
            ("BDT-112.DOCX", "BDT-112", None, Form::Word),
            ("bdt-112.html", "bdt-112", None, Form::Web),
            ("bdt-112.ar.htm", "bdt-112", Some("ar"), Form::Web),
            ("bdt-112.doc", "bdt-112", None, Form::Foreign),
            ("bdt-112.es.pdf", "bdt-112", Some("es"), Form::Foreign),
        ];
        for (name, stem, language, form) in table {
            let language = language.map(|code| code.parse().unwrap());
            assert_eq!(FileName::parse(name), FileName::Letter { stem: stem.to_owned(), language, form }, "{name}");
        }
    }

    #[test]
    fn leftovers_notes_and_other_files_are_no_letters() {
        let names = [
            "_sample.txt",
            ".hidden.md",
            "a.md~",
            "a.md.tmp",
            ".a.md.swp",
            "a.swp",
            "~$a.md",
            "a.bak",
            "#a.md#",
            "a.problems.txt",
            "a.md.problems.txt",
            "~$a.docx",
            "_sample.docx",
            "a.xlsx",
            "README",
            "",
            ".md",
            "a\n.md",
            " .md",
        ];
        for name in names {
            assert!(matches!(FileName::parse(name), FileName::NotALetter { .. }), "{name}");
        }
    }
}
