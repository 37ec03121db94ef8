//! Links: which targets may be sent, how they are written, and which addresses in running text become links.
//!
//! Sent are http, https and mailto (RFC 3986, RFC 6068). Refused: every other scheme, relative targets, and a field where
//! the site of a link stands, since a list of addressees must not decide where a letter leads. A target that is a single
//! field is allowed (one form per addressee); its value is checked when it is merged.

use super::slot::{self, Place, Slots};

/// Turns the target as written into the one that is sent.
pub(super) fn target(written: &str, slots: &mut Slots) -> Result<String, String> {
    let written = written.trim();
    let mut characters = written.chars();
    if let (Some(mark), None) = (characters.next(), characters.next())
        && slot::number_of(mark).is_some()
    {
        return slots.again(mark, Place::Link).map(String::from).ok_or_else(too_many);
    }
    let (site, rest) = split_site(written).ok_or_else(|| {
        format!("\"{}\" cannot be a link in a letter; write https://…, http://… or mailto:name@site", shown(written))
    })?;
    if slot::has_slot(site) {
        return Err(format!("\"{}\": a field cannot be the site of a link", shown(written)));
    }
    let mut out = site_as_sent(site).ok_or_else(|| format!("\"{site}\" names no site that a link can lead to"))?;
    for character in rest.chars() {
        match slot::number_of(character) {
            Some(_) => out.push(slots.again(character, Place::LinkPart).ok_or_else(too_many)?),
            None => push_encoded(character, &mut out),
        }
    }
    Ok(out)
}

/// Checks and writes a target that is an addressee's own value.
pub(super) fn own_target(value: &str) -> Option<String> {
    let (site, rest) = split_site(value.trim())?;
    let mut out = site_as_sent(site)?;
    rest.chars().for_each(|character| push_encoded(character, &mut out));
    Some(out)
}

/// Percent-encodes a value for the path, query or address part of a link: all but RFC 3986 §2.3 unreserved and `@`.
pub(super) fn push_part(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_byte(byte, out);
        }
    }
}

/// Scheme with site ("https://itu.int", "mailto:"), and the rest.
fn split_site(written: &str) -> Option<(&str, &str)> {
    let colon = written.find(':')?;
    let scheme = written[..colon].to_ascii_lowercase();
    let after = &written[colon + 1..];
    match scheme.as_str() {
        "mailto" if after.contains('@') || slot::has_slot(after) => Some(written.split_at(colon + 1)),
        "http" | "https" => {
            let site = after.strip_prefix("//")?;
            let end = site.find(['/', '?', '#']).unwrap_or(site.len());
            (end > 0).then(|| written.split_at(colon + 3 + end))
        }
        _ => None,
    }
}

/// The site in ASCII: an internationalised domain as A-labels (RFC 5890), so that every client finds it.
fn site_as_sent(site: &str) -> Option<String> {
    let Some((scheme, host)) = site.split_once("//") else {
        return Some(site.to_ascii_lowercase());
    };
    let scheme = scheme.to_ascii_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    };
    let name = if name.is_ascii() { name.to_owned() } else { idna::domain_to_ascii(name).ok()? };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~@[]:%".contains(&b);
    if name.is_empty() || !name.bytes().all(allowed) {
        return None;
    }
    Some(match port {
        Some(port) => format!("{scheme}//{name}:{port}"),
        None => format!("{scheme}//{name}"),
    })
}

fn push_encoded(character: char, out: &mut String) {
    // RFC 3986 reserved and unreserved characters and "%" stay; spaces, quotes, brackets of HTML and all else do not.
    if character.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(character) {
        out.push(character);
    } else {
        let mut buffer = [0; 4];
        character.encode_utf8(&mut buffer).bytes().for_each(|byte| push_byte(byte, out));
    }
}

fn push_byte(byte: u8, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

fn shown(written: &str) -> String {
    written.chars().map(|c| if slot::is_reserved(c) { '…' } else { c }).take(80).collect()
}

fn too_many() -> String {
    "the letter has more than 4,096 fields".to_owned()
}

/// What a stretch of running text is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Run<'a> {
    /// Only text.
    Text(&'a str),
    /// A web address.
    Web(&'a str),
    /// A mail address.
    Mail(&'a str),
}

/// Finds web and mail addresses in running text.
pub(super) fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some((start, end, is_web)) = next_address(rest) {
        if start > 0 {
            runs.push(Run::Text(&rest[..start]));
        }
        let found = &rest[start..end];
        runs.push(if is_web { Run::Web(found) } else { Run::Mail(found) });
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        runs.push(Run::Text(rest));
    }
    runs
}

fn next_address(text: &str) -> Option<(usize, usize, bool)> {
    let mut from = 0;
    while let Some(at) = text[from..].find([':', '@']).map(|at| at + from) {
        let found = if text[at..].starts_with(':') { web_around(text, at) } else { mail_around(text, at) };
        if let Some((start, end)) = found {
            return Some((start, end, text[at..].starts_with(':')));
        }
        from = at + 1;
    }
    None
}

fn web_around(text: &str, colon: usize) -> Option<(usize, usize)> {
    let before = &text[..colon];
    let scheme = ["https", "http"].into_iter().find(|scheme| {
        before.len() >= scheme.len()
            && before.is_char_boundary(before.len() - scheme.len())
            && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
    })?;
    let start = colon - scheme.len();
    if before[..start].ends_with(|c: char| c.is_ascii_alphanumeric()) || !text[colon..].starts_with("://") {
        return None;
    }
    let body = &text[colon + 3..];
    // Wide characters end an address: Chinese and Japanese put no space between an address and the text after it.
    let is_part = |c: char| {
        slot::number_of(c).is_some()
            || (c.is_ascii_graphic() && !"<>\"`{}|\\^".contains(c))
            || (!c.is_ascii() && c.is_alphanumeric() && unicode_width::UnicodeWidthChar::width(c) == Some(1))
    };
    let length = body.find(|c| !is_part(c)).unwrap_or(body.len());
    let kept = without_closing_punctuation(&body[..length]);
    kept.contains(|c: char| c.is_alphanumeric()).then(|| (start, colon + 3 + kept.len()))
}

/// Drops what belongs to the sentence: final points and commas, and a bracket that was opened before the address.
fn without_closing_punctuation(address: &str) -> &str {
    let mut kept = address;
    loop {
        let shorter = kept.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if shorter.matches('(').count() < shorter.matches(')').count() => inner,
            _ => shorter,
        };
        if shorter.len() == kept.len() {
            return kept;
        }
        kept = shorter;
    }
}

fn mail_around(text: &str, at: usize) -> Option<(usize, usize)> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let start = text[..at].char_indices().rev().take_while(|(_, c)| is_local(*c)).last().map(|(index, _)| index)?;
    // A quote or bracket that opens before the address is not part of it.
    let local = text[start..at].trim_start_matches(['\'', '`', '*', '.', '/', '=', '{', '|']);
    let after = &text[at + 1..];
    let length = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(after.len());
    let domain = after[..length].trim_end_matches(['.', '-']);
    let is_domain = domain.contains('.') && domain.split('.').all(|l| !l.is_empty());
    (is_domain && !local.is_empty()).then(|| (at - local.len(), at + 1 + domain.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_are_targets() {
        let mut slots = Slots::default();
        for (written, sent) in [
            ("https://itu.example/a b?q=é", "https://itu.example/a%20b?q=%C3%A9"),
            ("HTTP://itu.example", "http://itu.example"),
            ("https://bücher.example:8080/x", "https://xn--bcher-kva.example:8080/x"),
            ("mailto:cop@itu.example?subject=A", "mailto:cop@itu.example?subject=A"),
            ("https://x.example/\"onmouseover=\"x", "https://x.example/%22onmouseover=%22x"),
        ] {
            assert_eq!(target(written, &mut slots).as_deref(), Ok(sent));
            assert_eq!(own_target(written).as_deref(), Some(sent));
        }
        for written in [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "data:text/html,x",
            "/etc/passwd",
            "annex.pdf",
            "#top",
            "//x.example",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "www.itu.example",
            "mailto:",
            "ftp://x.example",
            "https://a\"b/",
        ] {
            assert!(target(written, &mut slots).is_err(), "{written}");
            assert_eq!(own_target(written), None, "{written}");
        }
    }

    #[test]
    fn addresses_in_running_text_end_where_the_sentence_goes_on() {
        for (text, found) in [
            ("at cop@itu.example.", Run::Mail("cop@itu.example")),
            ("(see https://itu.example/a_(b)).", Run::Web("https://itu.example/a_(b)")),
            ("see https://itu.example/x, then", Run::Web("https://itu.example/x")),
            ("请访问https://www.itu.example。谢谢", Run::Web("https://www.itu.example")),
            ("请访问https://www.itu.example了解", Run::Web("https://www.itu.example")),
            ("联系cop@itu.example。", Run::Mail("cop@itu.example")),
            ("'a.b+c@itu.example'", Run::Mail("a.b+c@itu.example")),
            ("https://fr.example/wiki/Émile.", Run::Web("https://fr.example/wiki/Émile")),
            ("زوروا https://itu.example/ar، شكرا", Run::Web("https://itu.example/ar")),
        ] {
            assert!(runs(text).contains(&found), "{text}: {:?}", runs(text));
        }
        for text in ["no address", "a@b", "10:30", "xhttps://a", "@itu", "https://", "Ref.: BDT", "é@", "e.g. @ 3.5"] {
            assert_eq!(runs(text), [Run::Text(text)]);
        }
    }

    #[test]
    fn a_value_inside_a_link_cannot_leave_its_place() {
        let mut out = String::new();
        push_part("a/../b?x=1&y=\"><script>é@", &mut out);
        assert_eq!(out, "a%2F..%2Fb%3Fx%3D1%26y%3D%22%3E%3Cscript%3E%C3%A9@");
    }
}
