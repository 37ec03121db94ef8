//! Where in a transaction something happened, and what.

use std::fmt;

use super::Reply;

/// The stages of a session and a transaction, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Name look-up and TCP connection.
    Connect,
    /// The server's 220, and the TLS handshake of implicit TLS before it.
    Greeting,
    /// EHLO.
    Ehlo,
    /// STARTTLS and its handshake.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, up to its 354.
    Data,
    /// The message's octets, before the final dot.
    Body,
    /// The final dot and the wait for its answer.
    FinalDot,
}

/// What went wrong at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The server answered, and not what the stage needs.
    Reply(Reply),
    /// No answer within the stage's time.
    TimedOut,
    /// The connection broke or could not be made; the operating system's words.
    Broken(String),
    /// The server spoke something that is not SMTP, or out of turn.
    Protocol(String),
    /// The handshake failed, or the certificate is not the relay's.
    Tls(String),
    /// The relay does not offer what this message needs: not a word was said.
    Unfit(Unfit),
}

/// What a message needs and a relay does not offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Room (RFC 1870 §6.1).
    Size {
        /// What the message has.
        octets: u64,
        /// What the relay takes.
        limit: u64,
    },
    /// SMTPUTF8 for the addressee's own address (RFC 6531 §3.5).
    Address,
    /// SMTPUTF8 for the sender's address or the message's headers.
    Sender,
    /// 8BITMIME (RFC 6152 §3).
    EightBit,
}

/// A failure and its stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it happened.
    pub stage: Stage,
    /// What happened.
    pub trouble: Trouble,
}

/// How one transaction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Exactly 250 to the final dot.
    Accepted(Reply),
    /// Anything else.
    Failed(Failure),
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Stage; 10] = [
        Stage::Connect,
        Stage::Greeting,
        Stage::Ehlo,
        Stage::StartTls,
        Stage::Auth,
        Stage::Mail,
        Stage::Rcpt,
        Stage::Data,
        Stage::Body,
        Stage::FinalDot,
    ];

    /// The word in the ledger and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Greeting => "greeting",
            Stage::Ehlo => "ehlo",
            Stage::StartTls => "starttls",
            Stage::Auth => "auth",
            Stage::Mail => "mail",
            Stage::Rcpt => "rcpt",
            Stage::Data => "data",
            Stage::Body => "body",
            Stage::FinalDot => "final_dot",
        }
    }
}

impl Outcome {
    /// Where it ended, the server's reply, and what happened where there was none.
    pub fn told(&self) -> (Stage, Option<&Reply>, Option<String>) {
        match self {
            Outcome::Accepted(reply) => (Stage::FinalDot, Some(reply), None),
            Outcome::Failed(Failure { stage, trouble: Trouble::Reply(reply) }) => (*stage, Some(reply), None),
            Outcome::Failed(Failure { stage, trouble }) => (*stage, None, Some(trouble.to_string())),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Reply(reply) => write!(f, "{reply}"),
            Trouble::TimedOut => f.write_str("no answer within the time allowed"),
            Trouble::Broken(what) => write!(f, "connection lost: {what}"),
            Trouble::Protocol(what) => write!(f, "not SMTP: {what}"),
            Trouble::Tls(what) => write!(f, "TLS: {what}"),
            Trouble::Unfit(unfit) => write!(f, "not sent: {unfit}"),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Size { octets, limit } => {
                write!(f, "the message has {octets} octets, and the relay takes {limit}")
            }
            Unfit::Address => f.write_str(
                "the address is not in ASCII, and the relay does not offer SMTPUTF8; ask the office for a plain one",
            ),
            Unfit::Sender => f.write_str("the sender is not in ASCII, and the relay does not offer SMTPUTF8"),
            Unfit::EightBit => f.write_str("it needs 8BITMIME, which the relay does not offer"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage, self.trouble)
    }
}
