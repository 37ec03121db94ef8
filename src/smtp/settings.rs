//! What `[[relay]]` says: where the relay is, as whom, how many sessions, and how the connection is protected.
//!
//! Refused: a password in the url, a password without a user, a password over a connection without TLS to another
//! machine, an EHLO name that is a bare host (RFC 5321 §4.1.4).

use std::{net::IpAddr, path::PathBuf};

use serde::Deserialize;

use super::url::{BadUrl, RelayUrl, Scheme};
use crate::delivery::{NotARate, Rate};

/// One `[[relay]]` table, checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Table")]
pub struct RelaySettings {
    /// What the ledger calls it.
    pub name: String,
    /// Scheme, user, host and port.
    pub url: RelayUrl,
    /// The file that holds the password, relative to the workspace.
    pub password_file: Option<PathBuf>,
    /// The name of a systemd credential that holds the password.
    pub credential: Option<String>,
    /// 1 is asked first; a relay of a higher number is used while all of lower numbers rest.
    pub priority: u8,
    /// Its part of what goes out, beside the relays of its priority that have a weight; without one it takes what it can.
    pub weight: Option<u16>,
    /// Sessions at a time.
    pub sessions: u16,
    /// Transactions after which a session ends.
    pub messages_per_session: u32,
    /// Messages in a time, each of which must hold: `5/second, 1000/day`.
    pub rate: Vec<Rate>,
    /// Roots to trust beside the machine's own: a PEM file, relative to the workspace.
    pub tls_roots: Option<PathBuf>,
    /// The name for EHLO with this relay instead of the house's.
    pub ehlo_name: Option<String>,
    /// What goes in one write, where the relay offers PIPELINING.
    pub pipelining: Pipelining,
    protection: Protection,
}

/// What goes in one write (RFC 2920), where the relay offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pipelining {
    /// A message and the next transaction's commands: one round trip a message.
    #[default]
    Messages,
    /// The commands of one transaction.
    Commands,
    /// One command.
    Off,
}

/// What keeps others from reading along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first octet.
    ImplicitTls,
    /// STARTTLS, required.
    StartTls,
    /// None: the relay is this machine, or `insecure` was understood.
    Plain,
}

/// The table as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default = "main")]
    name: String,
    url: String,
    password_file: Option<PathBuf>,
    credential: Option<String>,
    #[serde(default = "first")]
    priority: u8,
    weight: Option<u16>,
    #[serde(default = "four")]
    sessions: u16,
    #[serde(default = "hundred")]
    messages_per_session: u32,
    rate: Option<String>,
    insecure: Option<String>,
    tls_roots: Option<PathBuf>,
    ehlo_name: Option<String>,
    #[serde(default)]
    pipelining: Pipelining,
}

fn main() -> String {
    "main".to_owned()
}

fn first() -> u8 {
    1
}

fn four() -> u16 {
    4
}

fn hundred() -> u32 {
    100
}

/// Why a `[[relay]]` table is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRelay {
    /// The url.
    #[error("relay \"{0}\": url: {1}")]
    Url(String, BadUrl),
    /// No name.
    #[error("a relay's name is empty")]
    Name,
    /// A number that must be at least one.
    #[error("relay \"{0}\": {1} is 0; it must be at least 1")]
    Zero(String, &'static str),
    /// Password and credential.
    #[error("relay \"{0}\": password_file and credential are both given; keep one of them")]
    TwoPasswords(String),
    /// A user, and no password.
    #[error("relay \"{0}\": the url names a user, and there is neither password_file nor credential")]
    NoPassword(String),
    /// A password, and no user.
    #[error("relay \"{0}\": a password is given, and the url names no user: write smtps://user@host")]
    NoUser(String),
    /// The rate.
    #[error("relay \"{0}\": rate: {1}")]
    Rate(String, NotARate),
    /// Wrong words.
    #[error("relay \"{0}\": insecure is \"{1}\"; to send without TLS across a network write \"i understand\"")]
    Insecure(String, String),
    /// `insecure` where it changes nothing.
    #[error("relay \"{0}\": insecure has no meaning here; it is for smtp:// to another machine, without tls_roots")]
    InsecureUnused(String),
    /// A password in the clear.
    #[error("relay \"{0}\": url: a password never crosses a network without TLS; use smtps://, or leave the user out")]
    PasswordInClear(String),
    /// The EHLO name.
    #[error("relay \"{0}\": ehlo_name: {1}")]
    EhloName(String, BadEhloName),
}

/// Why a text cannot stand after EHLO.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is neither a full domain name (mail.example.org) nor an address literal ([192.0.2.1], [IPv6:2001:db8::1])"
)]
pub struct BadEhloName(pub String);

impl TryFrom<Table> for RelaySettings {
    type Error = BadRelay;

    fn try_from(table: Table) -> Result<Self, BadRelay> {
        let name = table.name;
        if name.trim().is_empty() {
            return Err(BadRelay::Name);
        }
        let url: RelayUrl = table.url.parse().map_err(|bad| BadRelay::Url(name.clone(), bad))?;
        let has_password = match (&table.password_file, &table.credential) {
            (Some(_), Some(_)) => return Err(BadRelay::TwoPasswords(name)),
            (None, None) => false,
            _ => true,
        };
        match (&url.user, has_password) {
            (Some(_), false) => return Err(BadRelay::NoPassword(name)),
            (None, true) => return Err(BadRelay::NoUser(name)),
            _ => {}
        }
        for (key, is_zero) in [
            ("sessions", table.sessions == 0),
            ("messages_per_session", table.messages_per_session == 0),
            ("weight", table.weight == Some(0)),
        ] {
            if is_zero {
                return Err(BadRelay::Zero(name, key));
            }
        }
        if let Some(Err(bad)) = table.ehlo_name.as_deref().map(check_ehlo_name) {
            return Err(BadRelay::EhloName(name, bad));
        }
        let rates = table.rate.iter().flat_map(|rates| rates.split(','));
        let rate = rates.map(|rate| rate.trim().parse()).collect::<Result<_, _>>();
        let rate = rate.map_err(|bad| BadRelay::Rate(name.clone(), bad))?;
        let protection = protection(&name, &url, table.tls_roots.is_some(), table.insecure)?;
        Ok(Self {
            name,
            url,
            password_file: table.password_file,
            credential: table.credential,
            priority: table.priority,
            sessions: table.sessions,
            messages_per_session: table.messages_per_session,
            rate,
            tls_roots: table.tls_roots,
            ehlo_name: table.ehlo_name,
            pipelining: table.pipelining,
            weight: table.weight,
            protection,
        })
    }
}

/// Who gives roots for a relay on this machine wants its TLS; otherwise loopback needs none.
fn protection(name: &str, url: &RelayUrl, has_roots: bool, insecure: Option<String>) -> Result<Protection, BadRelay> {
    if let Some(words) = insecure.as_deref().filter(|words| *words != "i understand") {
        return Err(BadRelay::Insecure(name.to_owned(), words.to_owned()));
    }
    let without_permission = match url.scheme {
        Scheme::Smtps => Protection::ImplicitTls,
        Scheme::Smtp if url.is_loopback() && !has_roots => Protection::Plain,
        Scheme::Smtp => Protection::StartTls,
    };
    match (without_permission, insecure) {
        (protection, None) => Ok(protection),
        (Protection::StartTls, Some(_)) if url.is_loopback() || has_roots => {
            Err(BadRelay::InsecureUnused(name.to_owned()))
        }
        (Protection::StartTls, Some(_)) if url.user.is_some() => Err(BadRelay::PasswordInClear(name.to_owned())),
        (Protection::StartTls, Some(_)) => Ok(Protection::Plain),
        _ => Err(BadRelay::InsecureUnused(name.to_owned())),
    }
}

impl RelaySettings {
    /// A relay on this machine without TLS and login, such as the rehearsal's.
    pub fn loopback(name: &str, address: std::net::SocketAddr) -> Self {
        let url = RelayUrl { scheme: Scheme::Smtp, user: None, host: address.ip().to_string(), port: address.port() };
        let protection = if url.is_loopback() { Protection::Plain } else { Protection::StartTls };
        Self {
            name: name.to_owned(),
            url,
            password_file: None,
            credential: None,
            priority: first(),
            sessions: four(),
            messages_per_session: hundred(),
            rate: Vec::new(),
            tls_roots: None,
            ehlo_name: None,
            pipelining: Pipelining::default(),
            weight: None,
            protection,
        }
    }

    /// What keeps others from reading along.
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// Others on the network can read the letters: faces say so in red.
    pub fn is_exposed(&self) -> bool {
        self.protection == Protection::Plain && !self.url.is_loopback()
    }
}

/// A full domain name or an address literal (RFC 5321 §4.1.4); never a bare host, which says nothing to the server.
pub fn check_ehlo_name(name: &str) -> Result<(), BadEhloName> {
    let good = match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(literal) => match literal.strip_prefix("IPv6:") {
            Some(six) => six.parse::<std::net::Ipv6Addr>().is_ok(),
            None => literal.parse::<std::net::Ipv4Addr>().is_ok(),
        },
        None => {
            let label = |label: &str| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            };
            name.len() <= 253 && name.contains('.') && name.split('.').all(label) && name.parse::<IpAddr>().is_err()
        }
    };
    if good { Ok(()) } else { Err(BadEhloName(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<RelaySettings, String> {
        toml::from_str(toml).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_relay_has_defaults_for_all_but_its_url() {
        let relay = read("url = \"smtp://127.0.0.1:2525\"").expect("a relay");
        assert_eq!((relay.name.as_str(), relay.sessions, relay.messages_per_session), ("main", 4, 100));
        assert_eq!(relay.protection(), Protection::Plain);
        assert!(!relay.is_exposed());
    }

    #[test]
    fn tls_is_required_unless_the_relay_is_this_machine_or_the_danger_was_understood() {
        let table = [
            ("url = \"smtps://relay.example\"", Protection::ImplicitTls),
            ("url = \"smtps://127.0.0.1\"", Protection::ImplicitTls),
            ("url = \"smtp://relay.example\"", Protection::StartTls),
            ("url = \"smtp://localhost\"", Protection::Plain),
            ("url = \"smtp://localhost\"\ntls_roots = \"roots.pem\"", Protection::StartTls),
            ("url = \"smtp://relay.example\"\ninsecure = \"i understand\"", Protection::Plain),
        ];
        for (toml, protection) in table {
            assert_eq!(read(toml).expect(toml).protection(), protection, "{toml}");
        }
    }

    #[test]
    fn what_is_no_relay_is_refused_and_says_how_to_mend_it() {
        let table = [
            ("url = \"smtps://u:secret@relay.example\"", "passwords live in password_file"),
            ("url = \"smtps://u@relay.example\"", "neither password_file nor credential"),
            ("url = \"smtps://relay.example\"\npassword_file = \"p\"", "names no user"),
            ("url = \"smtps://u@relay.example\"\npassword_file = \"p\"\ncredential = \"c\"", "keep one of them"),
            ("url = \"smtp://relay.example\"\ninsecure = \"yes\"", "write \"i understand\""),
            ("url = \"smtps://relay.example\"\ninsecure = \"i understand\"", "has no meaning here"),
            (
                "url = \"smtp://u@relay.example\"\npassword_file = \"p\"\ninsecure = \"i understand\"",
                "never crosses a network without TLS",
            ),
            ("url = \"smtps://relay.example\"\nsessions = 0", "sessions is 0"),
            ("url = \"smtps://relay.example\"\nrate = \"5/second, many\"", "rate: \"many\" is not a rate"),
            ("url = \"smtps://relay.example\"\nehlo_name = \"mailhost\"", "neither a full domain name"),
            ("url = \"smtps://relay.example\"\npasword_file = \"p\"", "unknown field `pasword_file`"),
            ("name = \"x\"", "missing field `url`"),
        ];
        for (toml, says) in table {
            let message = read(toml).expect_err(toml);
            assert!(message.contains(says), "{toml}: {message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn an_ehlo_name_is_a_full_name_or_a_literal() {
        for good in ["mail.example.org", "[127.0.0.1]", "[IPv6:::1]", "xn--mnchen-3ya.example"] {
            assert_eq!(check_ehlo_name(good), Ok(()), "{good}");
        }
        for bad in [
            "localhost",
            "vm",
            "",
            "127.0.0.1",
            "[mail.example]",
            "a b.example",
            "a.example\r\nMAIL",
            "-a.example",
            "a..b",
        ] {
            assert!(check_ehlo_name(bad).is_err(), "{bad}");
        }
    }
}
