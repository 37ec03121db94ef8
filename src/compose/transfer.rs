//! Transfer encodings of a part (RFC 2045 §6), worked out once for what is the same for everyone.
//!
//! A part is cut into stretches of whole lines: those that are the same in every message are kept as they are and once
//! more in quoted-printable, whose lines do not depend on each other; those with an addressee's data are written and
//! encoded for each message. A part in plain ASCII with short lines travels as it is (7bit); letters in other scripts
//! than Latin are shorter in base64, which is encoded as a whole.

use super::wrap::LINE_END;

/// RFC 2045 §6.7: columns of an encoded line, with its soft line break.
const COLUMNS: usize = 76;

/// Some whole lines of a part.
#[derive(Debug)]
pub(super) enum Stretch<P> {
    /// The same for everyone: as it is, and in quoted-printable.
    Fixed { plain: String, quoted: String },
    /// Written for each addressee.
    Open(P),
}

impl<P> Stretch<P> {
    pub(super) fn fixed(plain: String) -> Self {
        let mut quoted = String::with_capacity(plain.len() + plain.len() / 8);
        push_quoted(&plain, &mut quoted);
        Self::Fixed { plain, quoted }
    }
}

/// A part of a letter, ready to be encoded for each message.
#[derive(Debug)]
pub(super) struct Part<P> {
    stretches: Vec<Stretch<P>>,
    fixed: Fits,
    /// Octets of the fixed stretches, plain and quoted.
    length: usize,
}

/// The least that a text needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fits {
    SevenBit,
    Quoted,
    Base64,
}

/// A body as it goes out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// RFC 2045 §2.7.
    SevenBit(String),
    /// RFC 2045 §6.7.
    Quoted(String),
    /// Not encoded yet; base64 is (RFC 2045 §6.8).
    Whole(String),
}

impl Body {
    /// At most so many octets go out, header fields not counted.
    pub(super) fn length(&self) -> usize {
        match self {
            Body::SevenBit(text) | Body::Quoted(text) => text.len(),
            Body::Whole(text) => text.len().div_ceil(57) * 78,
        }
    }
}

impl<P> Part<P> {
    pub(super) fn new(stretches: Vec<Stretch<P>>) -> Self {
        let (mut plain_length, mut quoted_length, mut fits) = (0, 0, Fits::SevenBit);
        for stretch in &stretches {
            if let Stretch::Fixed { plain, quoted } = stretch {
                plain_length += plain.len();
                quoted_length += quoted.len();
                if !is_seven_bit(plain) {
                    fits = Fits::Quoted;
                }
            }
        }
        // 57 octets give a line of 76 characters and CRLF.
        let is_shorter = plain_length.div_ceil(57) * 78 < quoted_length;
        if fits == Fits::Quoted && is_shorter {
            fits = Fits::Base64;
        }
        Self { stretches, fixed: fits, length: plain_length.max(quoted_length) }
    }

    /// The body of one message; `write` writes an open stretch, whole lines with their ends.
    pub(super) fn body(&self, write: impl Fn(&P, &mut String)) -> Body {
        if self.fixed == Fits::Base64 {
            return Body::Whole(self.plain(&write));
        }
        let mut open = String::new();
        let ends: Vec<usize> = self
            .stretches
            .iter()
            .map(|stretch| {
                if let Stretch::Open(content) = stretch {
                    write(content, &mut open);
                }
                open.len()
            })
            .collect();
        let is_seven_bit = self.fixed == Fits::SevenBit && is_seven_bit(&open);
        let mut out = String::with_capacity(self.length + 3 * open.len());
        let mut start = 0;
        for (stretch, end) in self.stretches.iter().zip(ends) {
            match stretch {
                Stretch::Fixed { plain, .. } if is_seven_bit => out.push_str(plain),
                Stretch::Fixed { quoted, .. } => out.push_str(quoted),
                Stretch::Open(_) if is_seven_bit => out.push_str(&open[start..end]),
                Stretch::Open(_) => push_quoted(&open[start..end], &mut out),
            }
            start = end;
        }
        if is_seven_bit { Body::SevenBit(out) } else { Body::Quoted(out) }
    }

    fn plain(&self, write: &impl Fn(&P, &mut String)) -> String {
        let mut out = String::with_capacity(self.length + self.length / 4);
        for stretch in &self.stretches {
            match stretch {
                Stretch::Fixed { plain, .. } => out.push_str(plain),
                Stretch::Open(content) => write(content, &mut out),
            }
        }
        out
    }
}

/// Whether a text can go as it is: ASCII without controls, short lines, no blank before a line's end, which some gateways
/// take away.
fn is_seven_bit(text: &str) -> bool {
    text.bytes().fold(true, |fine, b| fine & ((b.wrapping_sub(0x20) < 0x5F) | matches!(b, b'\r' | b'\n' | b'\t')))
        && text.split(LINE_END).all(|line| line.len() <= COLUMNS && !line.ends_with([' ', '\t']))
}

/// Whole lines in quoted-printable (RFC 2045 §6.7); their ends stay.
fn push_quoted(text: &str, out: &mut String) {
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix(LINE_END).unwrap_or(line);
        match is_plain_line(content) {
            true => out.push_str(content),
            false => push_quoted_line(content.as_bytes(), out),
        }
        out.push_str(&line[content.len()..]);
    }
}

/// Whether quoted-printable leaves a line as it is.
fn is_plain_line(line: &str) -> bool {
    let is_kept = |octet: u8| ((octet.wrapping_sub(0x20) < 0x5F) | (octet == b'\t')) & (octet != b'=');
    line.len() <= COLUMNS
        && line.bytes().fold(true, |kept, octet| kept & is_kept(octet))
        && !line.ends_with([' ', '\t'])
}

fn push_quoted_line(line: &[u8], out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut column = 0;
    for (at, octet) in line.iter().enumerate() {
        let is_last = at + 1 == line.len();
        let is_kept = match octet {
            b'=' => false,
            b' ' | b'\t' => !is_last,
            other => other.is_ascii_graphic(),
        };
        let width = if is_kept { 1 } else { 3 };
        // A soft line break needs a column of its own, except at the line's end.
        if column + width > COLUMNS - usize::from(!is_last) {
            out.push_str("=\r\n");
            column = 0;
        }
        if is_kept {
            out.push(char::from(*octet));
        } else {
            out.push('=');
            out.push(char::from(HEX[usize::from(octet >> 4)]));
            out.push(char::from(HEX[usize::from(octet & 15)]));
        }
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> String {
        let mut out = String::new();
        push_quoted(text, &mut out);
        out
    }

    /// RFC 2045 §6.7, the other way.
    fn read_quoted(text: &str) -> String {
        let text = text.replace("=\r\n", "");
        let mut octets = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            if *first == b'=' {
                octets.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
                rest = &rest[2..];
            } else {
                octets.push(*first);
            }
        }
        String::from_utf8(octets).unwrap()
    }

    #[test]
    fn what_is_quoted_is_read_back_and_its_lines_are_short() {
        for text in [
            "plain\r\n".to_owned(),
            "a = b \r\n\tc\t\r\n\r\n".to_owned(),
            format!("{}\r\n", "x".repeat(76)),
            format!("{}=\r\n", "x".repeat(74)),
            format!("{}\r\n", "é".repeat(200)),
            format!("{} \r\n{}\r\n", "word ".repeat(40), "国际电信联盟".repeat(30)),
        ] {
            let out = quoted(&text);
            assert_eq!(read_quoted(&out), text);
            for line in out.split(LINE_END) {
                assert!(line.len() <= COLUMNS && line.is_ascii() && !line.ends_with([' ', '\t']), "{line:?}");
            }
        }
        assert_eq!(quoted(&format!("{}\r\n", "x".repeat(76))), format!("{}\r\n", "x".repeat(76)));
    }

    fn part(fixed: &str) -> Part<&'static str> {
        Part::new(vec![Stretch::fixed(fixed.to_owned()), Stretch::Open("name"), Stretch::fixed("end=\r\n".to_owned())])
    }

    #[test]
    fn a_part_travels_as_it_is_until_an_addressees_value_needs_more() {
        let part = part("Dear\r\n");
        let body = |value: &'static str| part.body(|_, out| out.push_str(value));
        assert_eq!(body("Ministry\r\n"), Body::SevenBit("Dear\r\nMinistry\r\nend=\r\n".into()));
        assert_eq!(body("Ministère\r\n"), Body::Quoted("Dear\r\nMinist=C3=A8re\r\nend=3D\r\n".into()));
        assert!(matches!(body("Ministry \r\n"), Body::Quoted(_)));
        let long = format!("{}\r\n", "x".repeat(77));
        assert!(matches!(part.body(|_, out| out.push_str(&long)), Body::Quoted(_)));
    }

    #[test]
    fn the_shorter_encoding_is_taken_by_what_is_fixed() {
        let latin = part("Veuillez agréer\r\n").body(|_, out| out.push_str("x\r\n"));
        assert_eq!(latin, Body::Quoted("Veuillez agr=C3=A9er\r\nx\r\nend=3D\r\n".into()));
        let chinese = part("顺致敬意！电信发展局国际电信联盟\r\n").body(|_, out| out.push_str("x\r\n"));
        assert_eq!(chinese, Body::Whole("顺致敬意！电信发展局国际电信联盟\r\nx\r\nend=\r\n".into()));
    }
}
