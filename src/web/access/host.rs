//! Which names this dashboard goes by: a request for another one is somebody's trick with names (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use super::super::settings::WebSettings;

/// The names that requests may give.
#[derive(Debug, Clone)]
pub struct Hosts {
    listen: SocketAddr,
    public: Option<(String, String)>,
}

impl Hosts {
    /// The public name, and the address it listens on.
    pub fn new(settings: &WebSettings, listen: SocketAddr) -> Self {
        let public = settings.public_url.as_ref().map(|url| (url.scheme.to_owned(), url.host.clone()));
        Self { listen, public }
    }

    /// Whether a `Host` header names this dashboard. An address cannot be rebound, a name can.
    pub fn is_ours(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        if self.public.as_ref().is_some_and(|(_, public)| *public == host) {
            return true;
        }
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            _ => (host.as_str(), Some(80)),
        };
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let is_address = name.parse::<IpAddr>().is_ok();
        port == Some(self.listen.port()) && (is_address || name == "localhost")
    }

    /// Whether an `Origin` header is the page that a request with this `Host` would come from.
    pub fn is_same_origin(&self, origin: &str, host: &str) -> bool {
        let Some((scheme, from)) = origin.split_once("://") else { return false };
        match &self.public {
            // a proxy may hand on another Host than the one that the browser knows
            Some((ours, public)) if public.eq_ignore_ascii_case(from) => scheme == ours,
            Some((_, public)) if public.eq_ignore_ascii_case(host) => false,
            _ => scheme == "http" && from.eq_ignore_ascii_case(host),
        }
    }

    /// Whether browsers reach it over TLS alone.
    pub fn is_secure(&self) -> bool {
        self.public.as_ref().is_some_and(|(scheme, _)| scheme == "https")
    }

    /// Cookies do not know ports: each dashboard of a machine has a cookie of its own.
    pub fn cookie_name(&self) -> String {
        if self.is_secure() { "__Host-circulard".to_owned() } else { format!("circulard_{}", self.listen.port()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_answered() {
        let mut settings = WebSettings::default();
        let listen = SocketAddr::from(([127, 0, 0, 1], 8112));
        let hosts = Hosts::new(&settings, listen);
        for ours in ["127.0.0.1:8112", "localhost:8112", "LOCALHOST:8112", "[::1]:8112"] {
            assert!(hosts.is_ours(ours), "{ours}");
            assert!(hosts.is_same_origin(&format!("http://{ours}"), ours));
        }
        for other in ["", "evil.example", "evil.example:8112", "127.0.0.1", "127.0.0.1:80", "localhost", "localhost:x"]
        {
            assert!(!hosts.is_ours(other), "{other}");
        }
        for other in ["null", "", "https://127.0.0.1:8112", "http://127.0.0.1:8113", "http://evil.example"] {
            assert!(!hosts.is_same_origin(other, "127.0.0.1:8112"), "{other}");
        }
        settings.public_url = Some("https://circulars.itu.example".parse().expect("a URL"));
        let hosts = Hosts::new(&settings, listen);
        assert!(hosts.is_ours("circulars.itu.example") && hosts.is_ours("127.0.0.1:8112"));
        assert!(hosts.is_same_origin("https://circulars.itu.example", "circulars.itu.example"));
        assert!(!hosts.is_same_origin("http://circulars.itu.example", "circulars.itu.example"));
        assert_eq!(hosts.cookie_name(), "__Host-circulard");
    }
}
