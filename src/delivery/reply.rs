//! What a server answers: RFC 5321 §4.2 reply codes, RFC 3463 enhanced status codes.

use std::fmt;

/// A three-digit reply code, 200 to 599 (RFC 5321 §4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// `None` outside 200-599: no such reply exists.
    pub fn new(code: u16) -> Option<Self> {
        (200..=599).contains(&code).then_some(Self(code))
    }

    /// 550
    pub fn get(self) -> u16 {
        self.0
    }

    /// 2yz or 3yz
    pub fn is_positive(self) -> bool {
        self.0 < 400
    }

    /// 4yz
    pub fn is_transient(self) -> bool {
        (400..500).contains(&self.0)
    }

    /// 5yz
    pub fn is_permanent(self) -> bool {
        self.0 >= 500
    }
}

/// `5.1.1`: class, subject, detail (RFC 3463 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnhancedStatus {
    /// 2, 4 or 5
    pub class: u8,
    /// 0-999: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 security or policy
    pub subject: u16,
    /// 0-999
    pub detail: u16,
}

/// One reply of the server: code, enhanced status where it gave one, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The three digits.
    pub code: ReplyCode,
    /// Only if its class equals the code's first digit (RFC 2034 §4); otherwise it is ignored.
    pub status: Option<EnhancedStatus>,
    /// All lines without codes, joined by a blank, control characters replaced, the enhanced status left in.
    pub text: String,
}

impl Reply {
    /// Reads the enhanced status at the head of `text`; `lines` are the reply's lines without the code.
    pub fn new(code: ReplyCode, lines: &[&str]) -> Self {
        let status = lines
            .first()
            .and_then(|line| EnhancedStatus::at_head_of(line))
            .filter(|status| u16::from(status.class) == code.get() / 100);
        let text = lines.join(" ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        Self { code, status, text: text.trim().to_owned() }
    }
}

impl EnhancedStatus {
    /// Reads `5.1.1` as the first word of a reply's text.
    pub fn at_head_of(text: &str) -> Option<Self> {
        text.split_whitespace().next()?.parse().ok()
    }
}

impl std::str::FromStr for EnhancedStatus {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let mut parts = word.split('.');
        let mut number = |digits: usize| -> Result<u16, ()> {
            let part = parts.next().ok_or(())?;
            if part.is_empty() || part.len() > digits || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(());
            }
            part.parse().map_err(|_| ())
        };
        let (class, subject, detail) = (number(1)?, number(3)?, number(3)?);
        if parts.next().is_some() || !matches!(class, 2 | 4 | 5) {
            return Err(());
        }
        Ok(Self { class: class as u8, subject, detail })
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_status_of_another_class_than_the_code_is_ignored() {
        let code = ReplyCode::new(550).expect("a code");
        assert_eq!(Reply::new(code, &["5.1.1 no such user"]).status.map(|s| s.to_string()), Some("5.1.1".into()));
        assert_eq!(Reply::new(code, &["2.1.1 no such user"]).status, None);
        assert_eq!(Reply::new(code, &["no such user"]).status, None);
        assert_eq!(Reply::new(code, &["5.1.1234 no"]).status, None);
        assert_eq!(Reply::new(code, &[]).text, "");
    }

    #[test]
    fn control_characters_of_a_reply_never_reach_a_terminal() {
        let code = ReplyCode::new(250).expect("a code");
        assert_eq!(Reply::new(code, &["ok \x1b[31mred", "second"]).text, "ok  [31mred second");
    }
}
