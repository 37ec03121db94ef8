//! The address of a relay: `smtps://user@relay.example`, `smtp://127.0.0.1:2525`.
//!
//! Refused: a password in it, a path or query, any scheme but the two (RFC 8314 §7.3 registers them as ports only).

use std::{fmt, net::IpAddr, str::FromStr};

/// How the connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// TLS from the first octet, port 465 (RFC 8314 §3.3).
    Smtps,
    /// Plain, then STARTTLS, port 587 (RFC 6409).
    Smtp,
}

/// Where a relay is and as whom to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayUrl {
    /// `smtps` or `smtp`
    pub scheme: Scheme,
    /// The login name; percent-encoding undone, so an `@` in it may stand as it is or as `%40`.
    pub user: Option<String>,
    /// A domain name in A-labels, or an IP address without brackets.
    pub host: String,
    /// The explicit port, else 465 or 587.
    pub port: u16,
}

/// Why a text is not the address of a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Neither `smtps://` nor `smtp://`.
    #[error("a relay's url begins with smtps:// (TLS, port 465) or smtp:// (STARTTLS, port 587)")]
    Scheme,
    /// `user:password@`.
    #[error("passwords live in password_file (or in a systemd credential), not in the url: write smtps://user@host")]
    Password,
    /// The login name is empty or does not decode.
    #[error("the user before \"@\" is empty or not readable; write \"%\" as %25 and \":\" as %3A")]
    User,
    /// The host is missing or has impossible characters.
    #[error("the host is missing or is not a name or an IP address (IPv6 in brackets: smtp://[::1]:25)")]
    Host,
    /// The port is not 1-65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// Something follows host and port.
    #[error("nothing may follow the host and port")]
    Rest,
}

impl FromStr for RelayUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let (scheme, rest) = text.split_once("://").ok_or(BadUrl::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "smtps" => Scheme::Smtps,
            "smtp" => Scheme::Smtp,
            _ => return Err(BadUrl::Scheme),
        };
        // The last "@": login names are often addresses themselves.
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, _)) if user.contains(':') => return Err(BadUrl::Password),
            Some((user, place)) => (Some(decode(user).filter(|user| !user.is_empty()).ok_or(BadUrl::User)?), place),
            None => (None, rest),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        if place.contains(['/', '?', '#']) {
            return Err(BadUrl::Rest);
        }
        let (host, port) = split_place(place)?;
        let port = match port {
            Some(digits) => digits.parse().ok().filter(|port| *port != 0).ok_or(BadUrl::Port)?,
            None if scheme == Scheme::Smtps => 465,
            None => 587,
        };
        Ok(Self { scheme, user, host, port })
    }
}

/// Host and explicit port; an IPv6 address stands in brackets.
fn split_place(place: &str) -> Result<(String, Option<&str>), BadUrl> {
    if let Some(rest) = place.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or(BadUrl::Host)?;
        let address: std::net::Ipv6Addr = address.parse().map_err(|_| BadUrl::Host)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((address.to_string(), Some(port))),
            None if rest.is_empty() => Ok((address.to_string(), None)),
            None => Err(BadUrl::Rest),
        };
    }
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (place, None),
    };
    let host = idna::domain_to_ascii_strict(host).map_err(|_| BadUrl::Host)?;
    if host.is_empty() { Err(BadUrl::Host) } else { Ok((host, port)) }
}

/// Undoes percent-encoding; control characters and broken escapes are refused.
fn decode(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            other => other,
        });
    }
    String::from_utf8(octets).ok().filter(|text| !text.chars().any(char::is_control))
}

impl RelayUrl {
    /// The host is this machine, by its literal address or by the reserved name (RFC 6761 §6.3); a name that merely
    /// resolves to loopback is not.
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host.eq_ignore_ascii_case("localhost"),
        }
    }
}

impl fmt::Display for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            Scheme::Smtps => "smtps://",
            Scheme::Smtp => "smtp://",
        })?;
        if let Some(user) = &self.user {
            write!(f, "{}@", user.replace('%', "%25").replace(':', "%3A"))?;
        }
        if self.host.contains(':') { write!(f, "[{}]", self.host) } else { f.write_str(&self.host) }?;
        write!(f, ":{}", self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_url_gives_scheme_user_host_and_port() {
        let table = [
            ("smtps://user@relay.example", Scheme::Smtps, Some("user"), "relay.example", 465),
            ("smtp://relay.example/", Scheme::Smtp, None, "relay.example", 587),
            ("smtp://127.0.0.1:2525", Scheme::Smtp, None, "127.0.0.1", 2525),
            ("SMTPS://relay.example:2465", Scheme::Smtps, None, "relay.example", 2465),
            ("smtp://[::1]:25", Scheme::Smtp, None, "::1", 25),
            ("smtps://bdt@itu.example@relay.example", Scheme::Smtps, Some("bdt@itu.example"), "relay.example", 465),
            ("smtps://bdt%40itu.example@relay.example", Scheme::Smtps, Some("bdt@itu.example"), "relay.example", 465),
            ("smtps://münchen.example", Scheme::Smtps, None, "xn--mnchen-3ya.example", 465),
        ];
        for (text, scheme, user, host, port) in table {
            let url: RelayUrl = text.parse().expect(text);
            assert_eq!((url.scheme, url.user.as_deref(), &*url.host, url.port), (scheme, user, host, port), "{text}");
            assert_eq!(url.to_string().parse(), Ok(url), "{text} does not survive being printed");
        }
    }

    #[test]
    fn what_is_no_relay_url_is_refused_with_the_reason() {
        let table = [
            ("relay.example", BadUrl::Scheme),
            ("http://relay.example", BadUrl::Scheme),
            ("smtps://user:secret@relay.example", BadUrl::Password),
            ("smtps://user:@relay.example", BadUrl::Password),
            ("smtps://@relay.example", BadUrl::User),
            ("smtps://a%zz@relay.example", BadUrl::User),
            ("smtps://a%0Ab@relay.example", BadUrl::User),
            ("smtps://", BadUrl::Host),
            ("smtps://relay example", BadUrl::Host),
            ("smtp://[::1", BadUrl::Host),
            ("smtp://relay.example:0", BadUrl::Port),
            ("smtp://relay.example:70000", BadUrl::Port),
            ("smtp://relay.example/path", BadUrl::Rest),
            ("smtp://relay.example?tls=no", BadUrl::Rest),
        ];
        for (text, reason) in table {
            assert_eq!(text.parse::<RelayUrl>(), Err(reason), "{text}");
        }
    }

    #[test]
    fn only_loopback_literals_and_localhost_are_this_machine() {
        for (host, loopback) in [
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("[::1]", true),
            ("localhost", true),
            ("10.0.0.1", false),
            ("localhost.example", false),
        ] {
            let url: RelayUrl = format!("smtp://{host}").parse().expect(host);
            assert_eq!(url.is_loopback(), loopback, "{host}");
        }
    }
}
