//! Annexes: files that go out with every message of an issue, encoded once.
//!
//! Each is a part of its own with its name (RFC 2183 §2.3), its kind, and its octets as base64 (RFC 2045 §6.8), whatever
//! they are: texts too, so that no relay touches their line ends. A name that is not ASCII is written as RFC 2231 §4 says,
//! and after that once more in ASCII for readers that know no other.

use std::sync::Arc;

use mail_builder::{
    headers::{content_type::ContentType, raw::Raw},
    mime::MimePart,
};
use unicode_normalization::UnicodeNormalization;

use super::{ComposeError, verify_octets};

/// Kinds by ending, as IANA registers them. All other endings are `application/octet-stream` (RFC 2046 §4.5.1).
const KINDS: [(&str, &str); 28] = [
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("rtf", "application/rtf"),
    ("epub", "application/epub+zip"),
    ("csv", "text/csv"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("ics", "text/calendar"),
    ("xml", "application/xml"),
    ("json", "application/json"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("zip", "application/zip"),
];
const UNKNOWN: &str = "application/octet-stream";

/// What kind of file it is, by its name's ending; a text in UTF-8 says so.
pub fn content_type(name: &str, octets: &[u8]) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let kind = KINDS.iter().find(|(known, _)| *known == ending).map_or(UNKNOWN, |(_, kind)| *kind);
    match kind.starts_with("text/") && std::str::from_utf8(octets).is_ok() {
        true => format!("{kind}; charset=utf-8"),
        false => kind.to_owned(),
    }
}

/// An annex as it stands in each message: header fields, an empty line, base64. It ends without a line end, which belongs
/// to the boundary behind it (RFC 2046 §5.1.1).
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedAnnex(Arc<[u8]>);

impl EncodedAnnex {
    /// Encodes a file. Refuses a name or a kind that cannot stand in a header field.
    pub fn new(name: &str, content_type: &str, octets: &[u8]) -> Result<Self, ComposeError> {
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(ComposeError::Head { what: "annex's name", value: name.to_owned() });
        }
        if content_type.is_empty() || !content_type.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
            return Err(ComposeError::Head { what: "annex's kind", value: content_type.to_owned() });
        }
        let mut disposition = ContentType::new("attachment").attribute("filename", name);
        if !name.is_ascii() {
            // Second: of two names, readers that know both forms take the first.
            disposition = disposition.attribute("filename", in_ascii(name));
        }
        let mut part = Vec::new();
        // The kind as a plain field: a text too is encoded as base64.
        MimePart::raw(octets)
            .header("Content-Type", Raw::new(content_type))
            .header("Content-Disposition", disposition)
            .write_part(&mut part);
        verify_octets(&part)?;
        Ok(Self(part.trim_ascii_end().into()))
    }

    /// The part, from its first header field on.
    pub(super) fn as_part(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for EncodedAnnex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncodedAnnex({} octets)", self.0.len())
    }
}

/// A name for readers that know only ASCII: letters without their marks, `_` for all else, and the same ending.
fn in_ascii(name: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || " .-_()".contains(c) { c } else { '_' };
    let bare: String = name.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).map(keep).collect();
    let (stem, ending) = bare.rsplit_once('.').unwrap_or((&bare, ""));
    let stem = if stem.contains(|c: char| c.is_ascii_alphanumeric()) { stem } else { "annex" };
    match ending.contains(|c: char| c.is_ascii_alphanumeric()) {
        true => format!("{stem}.{ending}"),
        false => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(name: &str, octets: &[u8]) -> String {
        let annex = EncodedAnnex::new(name, &content_type(name, octets), octets).unwrap();
        String::from_utf8(annex.as_part().to_vec()).unwrap()
    }

    #[test]
    fn the_ending_tells_the_kind_and_a_text_says_its_charset_only_where_it_is_known() {
        for (name, octets, kind) in [
            ("brief.pdf", &b"%PDF"[..], "application/pdf"),
            ("BRIEF.PDF", b"%PDF", "application/pdf"),
            ("form.docx", b"PK", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("list.csv", "é;1\n".as_bytes(), "text/csv; charset=utf-8"),
            ("list.csv", b"\xe9;1\n", "text/csv"),
            ("map.jpeg", b"\xff\xd8", "image/jpeg"),
            ("README", b"x", "application/octet-stream"),
            ("x.exe", b"MZ", "application/octet-stream"),
        ] {
            assert_eq!(content_type(name, octets), kind, "{name}");
        }
    }

    #[test]
    fn a_text_is_encoded_too_so_that_its_line_ends_stay() {
        let part = encoded("list.csv", b"a\nb\r\nc");
        assert_eq!(
            part,
            "Content-Type: text/csv; charset=utf-8\r\nContent-Disposition: attachment; filename=\"list.csv\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\nYQpiDQpj"
        );
    }

    #[test]
    fn a_name_is_written_in_full_and_once_more_in_ascii() {
        for (name, plain) in [
            ("Réponse – formulaire.pdf", "Reponse _ formulaire.pdf"),
            ("附件一.docx", "annex.docx"),
            ("ملحق ١.pdf", "annex.pdf"),
            ("Приложение 2.PDF", "__________ 2.PDF"),
            ("a\"b/ç.pdf", "a_b_c.pdf"),
            ("é.页", "e"),
        ] {
            assert_eq!(in_ascii(name), plain);
            let part = encoded(name, b"x");
            assert!(part.contains(&format!("filename=\"{plain}\"")) && part.contains("filename*"), "{part}");
        }
        assert!(encoded("say \"hi\".pdf", b"x").contains("filename=\"say \\\"hi\\\".pdf\""));
    }

    #[test]
    fn no_line_of_an_annex_is_longer_than_76_or_its_header_than_78() {
        let octets: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        for name in ["a.pdf".to_owned(), "国际".repeat(50), format!("{}.pdf", "é".repeat(96)), "x".repeat(100)] {
            let part = encoded(&name, &octets);
            let (head, body) = part.split_once("\r\n\r\n").unwrap();
            assert!(head.lines().all(|line| line.len() <= 78), "{head}");
            assert!(body.split("\r\n").all(|line| line.len() <= 76 && !line.is_empty()));
        }
    }

    #[test]
    fn a_name_that_would_end_its_header_field_is_refused() {
        for name in ["a\r\nBcc: x@y.example", "", " ", "a\0.pdf"] {
            assert!(EncodedAnnex::new(name, "application/pdf", b"x").is_err(), "{name:?}");
        }
        assert!(EncodedAnnex::new("a.pdf", "application/pdf\r\nX: y", b"x").is_err());
    }
}
