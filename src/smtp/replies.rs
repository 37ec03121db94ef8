//! Frames replies out of what a server sends (RFC 5321 §4.2), however it comes: in pieces, several at once, with LF
//! for CRLF, with octets that are no text, without any text.
//!
//! Refused: lines that are no reply, a code that changes within a reply, a reply that does not end within 1 MB. Of a
//! longer one than 64 kB the beginning is kept: its code counts, its text is only for people.

use crate::delivery::{Reply, ReplyCode};

/// Octets kept of one line; RFC 5321 §4.5.3.1.5 allows 512.
const LINE_KEPT: usize = 1000;
/// Octets kept of one reply.
const REPLY_KEPT: usize = 64 * 1024;
/// Octets after which a reply is taken for endless.
const REPLY_MOST: usize = 1024 * 1024;

/// One reply, with its lines for those that need them (EHLO).
#[derive(Debug)]
pub(super) struct Spoken {
    /// Code, status and text.
    pub reply: Reply,
    /// The lines without the code.
    pub lines: Vec<String>,
}

/// Takes octets in, gives replies out. Bounded whatever comes in.
#[derive(Default)]
pub(super) struct ReplyReader {
    unread: Vec<u8>,
    at: usize,
    line: Vec<u8>,
    code: Option<ReplyCode>,
    lines: Vec<String>,
    kept: usize,
    octets: usize,
}

impl ReplyReader {
    /// Adds what was received.
    pub fn feed(&mut self, octets: &[u8]) {
        if self.at == self.unread.len() {
            self.unread.clear();
            self.at = 0;
        }
        self.unread.extend_from_slice(octets);
    }

    /// Something was received that no reply has taken.
    pub fn has_unread(&self) -> bool {
        self.at < self.unread.len() || !self.line.is_empty() || self.code.is_some()
    }

    /// The next whole reply; `None` until more is fed; an error says why this is not SMTP.
    pub fn next(&mut self) -> Result<Option<Spoken>, String> {
        loop {
            let rest = &self.unread[self.at..];
            let end = rest.iter().position(|octet| *octet == b'\n');
            let part = &rest[..end.unwrap_or(rest.len())];
            let room = LINE_KEPT.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            self.octets += part.len();
            self.at += part.len();
            if self.octets > REPLY_MOST {
                return Err(format!("a reply of more than {REPLY_MOST} octets"));
            }
            if end.is_none() {
                return Ok(None);
            }
            self.at += 1;
            if self.end_line()? {
                return Ok(self.take());
            }
        }
    }

    /// Reads the line that has ended; true when it is the reply's last.
    fn end_line(&mut self) -> Result<bool, String> {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let (code, is_last, text) = read_line(line)?;
        if *self.code.get_or_insert(code) != code {
            return Err(format!("a reply whose code changes in the middle: {}", printable(line)));
        }
        if self.kept <= REPLY_KEPT {
            self.kept += text.len() + 1;
            self.lines.push(text);
        }
        self.line.clear();
        Ok(is_last)
    }

    fn take(&mut self) -> Option<Spoken> {
        (self.octets, self.kept) = (0, 0);
        let lines = std::mem::take(&mut self.lines);
        let code = self.code.take()?;
        let reply = Reply::new(code, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        Some(Spoken { reply, lines })
    }
}

/// `250 text`, `250-text`, `250`: "clients SHOULD be prepared to process the code alone" (RFC 5321 §4.2).
fn read_line(line: &[u8]) -> Result<(ReplyCode, bool, String), String> {
    let code = line
        .get(..3)
        .filter(|digits| digits.iter().all(u8::is_ascii_digit))
        .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .and_then(ReplyCode::new);
    match (code, line.get(3)) {
        (Some(code), None) => Ok((code, true, String::new())),
        (Some(code), Some(b' ')) => Ok((code, true, printable(&line[4..]))),
        (Some(code), Some(b'-')) => Ok((code, false, printable(&line[4..]))),
        _ => Err(format!("\"{}\" is no reply", printable(&line[..line.len().min(80)]))),
    }
}

/// Text that neither breaks a parser nor moves a terminal's cursor.
fn printable(octets: &[u8]) -> String {
    let readable = |c: char| match c {
        char::REPLACEMENT_CHARACTER => '?',
        c if c.is_control() => ' ',
        c => c,
    };
    String::from_utf8_lossy(octets).chars().map(readable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(octets: &[u8]) -> Result<Vec<String>, String> {
        let mut reader = ReplyReader::default();
        reader.feed(octets);
        let mut replies = Vec::new();
        while let Some(spoken) = reader.next()? {
            replies.push(spoken.reply.to_string());
        }
        Ok(replies)
    }

    #[test]
    fn replies_are_read_however_they_come() {
        let table: [(&[u8], &[&str]); 10] = [
            (b"250 ok\r\n", &["250 ok"]),
            (b"250\r\n", &["250 "]),
            (b"250 \r\n", &["250 "]),
            (b"250 ok\n", &["250 ok"]),
            (b"250-one\r\n250-\r\n250 two\r\n", &["250 one  two"]),
            (b"250 one\r\n550 5.1.1 two\r\n", &["250 one", "550 5.1.1 two"]),
            (b"250 caf\xe9\r\n", &["250 caf?"]),
            (b"250 \x1b[31m\x00\r\n", &["250 [31m"]),
            (b"571 refused\r\n", &["571 refused"]),
            (b"250 unfinished", &[]),
        ];
        for (octets, replies) in table {
            assert_eq!(read(octets).expect("replies"), replies, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for octets in
            [&b"hello\r\n"[..], b"\r\n", b"25\r\n", b"250_ok\r\n", b"150 ok\r\n", b"600 ok\r\n", b"250-a\r\n251 b\r\n"]
        {
            assert!(read(octets).is_err(), "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn a_reply_that_comes_octet_by_octet_is_one_reply() {
        let mut reader = ReplyReader::default();
        for octet in b"250-first\r\n250 second\r" {
            reader.feed(&[*octet]);
            assert!(reader.next().expect("a reply's part").is_none());
            assert!(reader.has_unread());
        }
        reader.feed(b"\n");
        assert_eq!(reader.next().expect("a reply").map(|s| s.lines), Some(vec!["first".into(), "second".into()]));
        assert!(!reader.has_unread());
    }

    #[test]
    fn a_long_reply_keeps_its_code_and_loses_its_end() {
        let mut long = b"250 ".to_vec();
        long.resize(100_000, b'x');
        long.extend_from_slice(b"\r\n");
        let text = read(&long).expect("a reply").remove(0);
        assert!(text.starts_with("250 xxx") && text.len() <= LINE_KEPT, "{}", text.len());

        let many = "250-keyword\r\n".repeat(10_000) + "250 end\r\n";
        let mut reader = ReplyReader::default();
        reader.feed(many.as_bytes());
        let kept = reader.next().expect("a reply").map(|spoken| spoken.reply.text.len()).expect("whole");
        assert!(kept <= REPLY_KEPT + LINE_KEPT, "{kept}");
    }

    #[test]
    fn an_endless_reply_ends_in_an_error_and_holds_little_memory() {
        for chunk in [vec![b'2'; 8192], b"250-more\r\n".repeat(800)] {
            let mut reader = ReplyReader::default();
            let error = (0..1000).find_map(|_| {
                reader.feed(&chunk);
                reader.next().err()
            });
            assert!(error.is_some_and(|error| error.contains("1048576")));
            assert!(reader.unread.capacity() < 64 * 1024 && reader.line.capacity() < 4096);
            assert!(reader.kept <= REPLY_KEPT + LINE_KEPT);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_octets_make_the_reader_panic(chunks: Vec<Vec<u8>>) {
            let mut reader = ReplyReader::default();
            for chunk in chunks {
                reader.feed(&chunk);
                while let Ok(Some(spoken)) = reader.next() {
                    proptest::prop_assert!(!spoken.reply.text.chars().any(char::is_control));
                }
            }
        }
    }
}
