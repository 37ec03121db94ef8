//! The encoding of a web page: its mark, else what it declares, else UTF-8.
//!
//! Refused: a page whose octets are not in the encoding that it declares, or not UTF-8 where it declares none.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The HTML standard looks for the declaration in the first 1,024 octets; Word writes much above it.
const LOOKED_AT: usize = 16 * 1024;

/// The text with `\n` line ends.
pub(super) fn decode(octets: &[u8]) -> Result<String, String> {
    let (encoding, declared) = match (Encoding::for_bom(octets), declared(octets)) {
        (Some((encoding, _)), _) => (encoding, true),
        (None, Some(label)) => match Encoding::for_label(label.as_bytes()) {
            // a declaration that can be read octet by octet is no UTF-16 (HTML standard, 13.2.3.2)
            Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => (UTF_8, true),
            Some(encoding) => (encoding, true),
            None => {
                return Err(format!(
                    "the page declares the encoding \"{label}\", which there is not: save it as UTF-8"
                ));
            }
        },
        (None, None) => (UTF_8, false),
    };
    let (text, _, damaged) = encoding.decode(octets);
    match (damaged, declared) {
        (false, _) => Ok(text.replace("\r\n", "\n").replace('\r', "\n")),
        (true, true) => Err(format!("the page declares {}, and is not in it: save it as UTF-8", encoding.name())),
        (true, false) => {
            let (_, problems) = super::super::super::decode::decode(octets);
            let why =
                problems.into_iter().next().map(|problem| format!(" (line {}: {})", problem.line, problem.message));
            Err(format!("the page declares no encoding and is not UTF-8{}", why.unwrap_or_default()))
        }
    }
}

/// `charset=` in a `<meta>`, or `encoding=` in an XML declaration.
fn declared(octets: &[u8]) -> Option<String> {
    let start = &octets[..octets.len().min(LOOKED_AT)];
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let xml = start.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    if let Some(label) = xml.and_then(|xml| value(xml, "encoding")) {
        return Some(label);
    }
    start.match_indices("<meta").find_map(|(at, _)| value(start[at..].split('>').next().unwrap_or_default(), "charset"))
}

/// What stands after `name=`, with or without quotes.
fn value(text: &str, name: &str) -> Option<String> {
    let rest = text.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| matches!(c, '"' | '\'' | ';' | '/') || c.is_whitespace()).unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_the_declaration_and_utf_8_are_asked_in_this_order() {
        let table: [(&[u8], &str); 6] = [
            ("<p>é".as_bytes(), "<p>é"),
            (b"<meta charset=windows-1252><p>\xe9\r\n", "<meta charset=windows-1252><p>é\n"),
            (
                b"<META http-equiv=Content-Type content=\"text/html; charset=windows-1251\">\xcf",
                "<META http-equiv=Content-Type content=\"text/html; charset=windows-1251\">П",
            ),
            (b"<?xml version='1.0' encoding='iso-8859-1'?>\xe9", "<?xml version='1.0' encoding='iso-8859-1'?>é"),
            (b"\xff\xfe<\0p\0>\0", "<p>"),
            (b"\xef\xbb\xbf<meta charset=latin1>\xc3\xa9", "<meta charset=latin1>é"),
        ];
        for (octets, text) in table {
            assert_eq!(decode(octets).as_deref(), Ok(text));
        }
    }

    #[test]
    fn octets_that_are_not_what_is_declared_are_refused() {
        for (octets, found) in [
            (&b"<p>caf\xe9 noir"[..], "looks like Windows-1252"),
            (b"<meta charset='utf-8'>caf\xe9", "declares UTF-8"),
            (b"<meta charset='utf-9'>", "utf-9"),
        ] {
            let message = decode(octets).expect_err("refused");
            assert!(message.contains(found), "{message}");
        }
    }
}
