//! `[web]`: where the dashboard listens, and who may use it.
//!
//! Refused: an address that other machines reach, while nobody is named who may come in; a role or a hash that is none.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use chrono::NaiveDate;
use serde::Deserialize;

use super::access::Role;

/// `[web]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSettings {
    /// Address and port; `None` ("") : no dashboard.
    #[serde(deserialize_with = "maybe")]
    pub listen: Option<SocketAddr>,
    /// The address that people type, where it is another one: behind a proxy.
    #[serde(deserialize_with = "maybe")]
    pub public_url: Option<PublicUrl>,
    /// The header in which a proxy names the user it has let in.
    pub trusted_header: String,
    /// The proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `[[web.user]]`
    pub user: Vec<UserSettings>,
    /// `[[web.token]]`
    pub token: Vec<TokenSettings>,
}

/// `[[web.user]]`
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSettings {
    /// The name to sign in with, and in the records.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// As `circulard web password` prints it; none: only the proxy lets them in.
    #[serde(default)]
    pub password_hash: Option<String>,
}

/// `[[web.token]]`
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// The program that has it; the name in the records.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the token, hexadecimal, as `circulard web token` prints it.
    pub sha256: String,
    /// The last day on which it is good.
    pub expires: String,
}

/// `https://circulars.itu.example`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// `https` or `http`
    pub scheme: &'static str,
    /// Host, and port where one is written.
    pub host: String,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 8112))),
            public_url: None,
            trusted_header: String::new(),
            trusted_proxies: Vec::new(),
            user: Vec::new(),
            token: Vec::new(),
        }
    }
}

impl WebSettings {
    /// Nobody is named: the one who started the daemon comes in by its link.
    pub fn is_personal(&self) -> bool {
        self.user.is_empty() && self.trusted_header.is_empty()
    }

    /// What does not go together, and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        if let Some(listen) = self.listen.filter(|listen| !listen.ip().is_loopback() && self.is_personal()) {
            return Err(format!(
                "web.listen: other machines reach {listen}, and nobody is named who may come in; add a [[web.user]] \
                 (`circulard web password` makes its password_hash), or trusted_header and trusted_proxies, or \
                 listen on 127.0.0.1:{}",
                listen.port()
            ));
        }
        if self.trusted_header.is_empty() != self.trusted_proxies.is_empty() {
            return Err("web: trusted_header and trusted_proxies go together: which header names the user, and which \
                        machines are believed when they send it"
                .to_owned());
        }
        if axum::http::HeaderName::from_str(&self.trusted_header).is_err() && !self.trusted_header.is_empty() {
            return Err(format!("web.trusted_header: \"{}\" is not the name of a header", self.trusted_header));
        }
        self.user.iter().try_for_each(UserSettings::check)?;
        self.token.iter().try_for_each(TokenSettings::check)?;
        let names = self.user.iter().map(|user| &user.name).chain(self.token.iter().map(|token| &token.name));
        let mut seen = std::collections::BTreeSet::new();
        match names.map(|name| name.to_lowercase()).find(|name| !seen.insert(name.clone())) {
            Some(name) => Err(format!("web: two users or tokens are called \"{name}\"; give each a name of its own")),
            None => Ok(()),
        }
    }
}

impl UserSettings {
    fn check(&self) -> Result<(), String> {
        check_name("user", &self.name)?;
        match &self.password_hash {
            Some(hash) if !super::access::is_password_hash(hash) => Err(format!(
                "web.user \"{}\": password_hash is not one that can be checked; `circulard web password` makes it",
                self.name
            )),
            _ => Ok(()),
        }
    }
}

impl TokenSettings {
    fn check(&self) -> Result<(), String> {
        check_name("token", &self.name)?;
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            return Err(format!(
                "web.token \"{}\": sha256 is not 64 hexadecimal digits; `circulard web token` makes it",
                self.name
            ));
        }
        match self.last_day() {
            Some(_) => Ok(()),
            None => Err(format!(
                "web.token \"{}\": expires is \"{}\"; write its last day, as 2027-12-31",
                self.name, self.expires
            )),
        }
    }

    /// The last day on which it is good.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.expires.parse().ok()
    }
}

fn check_name(what: &str, name: &str) -> Result<(), String> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) || name.len() > 100 {
        return Err(format!("web.{what}: \"{}\" is not a name", name.escape_debug()));
    }
    Ok(())
}

/// Hashes stay out of what is printed.
impl fmt::Debug for UserSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserSettings({:?}, {})", self.name, self.role)
    }
}

impl fmt::Debug for TokenSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSettings({:?}, {}, {})", self.name, self.role, self.expires)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not of the form https://host or https://host:port, without a path");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let scheme = match scheme {
            "https" => "https",
            "http" => "http",
            _ => return Err(wrong()),
        };
        let host = rest.trim_end_matches('/').to_ascii_lowercase();
        let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
        if is_host { Ok(Self { scheme, host }) } else { Err(wrong()) }
    }
}

/// "" is none.
fn maybe<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let told = |error| serde::de::Error::custom(format!("\"{text}\": {error}"));
    text.parse().map(Some).map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<WebSettings, String> {
        let settings: WebSettings = toml::from_str(toml).map_err(|error| error.message().to_owned())?;
        settings.check().map(|()| settings)
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_how_to_mend_it() {
        let hash = super::super::access::hash_password("correct horse").expect("a hash");
        let user = format!("[[user]]\nname = \"Ada\"\nrole = \"viewer\"\npassword_hash = '{hash}'\n");
        for (toml, says) in [
            ("listen = \"0.0.0.0:8112\"".to_owned(), "add a [[web.user]]"),
            ("listen = \"[::]:8112\"".to_owned(), "add a [[web.user]]"),
            ("listen = \"8112\"".to_owned(), "\"8112\""),
            ("public_url = \"circulars.itu.example\"".to_owned(), "https://host"),
            ("public_url = \"https://itu.example/circulars\"".to_owned(), "without a path"),
            ("trusted_header = \"x-user\"".to_owned(), "go together"),
            ("trusted_proxies = [\"127.0.0.1\"]".to_owned(), "go together"),
            (format!("{user}{user}"), "two users"),
            ("[[user]]\nname = \"Ada\"\nrole = \"owner\"".to_owned(), "viewer, editor, releaser, admin"),
            ("[[user]]\nname = \"Ada\"\nrole = \"admin\"\npassword_hash = \"secret\"".to_owned(), "web password"),
            ("[[user]]\nname = \" \"\nrole = \"admin\"".to_owned(), "not a name"),
            (
                "[[token]]\nname = \"t\"\nrole = \"viewer\"\nsha256 = \"12\"\nexpires = \"2027-01-01\"".to_owned(),
                "web token",
            ),
            (
                format!(
                    "[[token]]\nname = \"t\"\nrole = \"viewer\"\nsha256 = \"{}\"\nexpires = \"soon\"",
                    "a".repeat(64)
                ),
                "its last day",
            ),
        ] {
            let error = read(&toml).expect_err(&toml);
            assert!(error.contains(says), "{toml}: {error}");
        }
        assert_eq!(read("listen = \"\"").expect("off").listen, None);
        assert!(read(&format!("listen = \"0.0.0.0:8112\"\n{user}")).is_ok());
        assert!(!format!("{:?}", read(&user).expect("reads")).contains("argon2"));
    }
}
