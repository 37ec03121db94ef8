//! Access: who a request comes from, and whether they may do what it asks.
//!
//! A request is let in by a session (after a one-time link, or name and password), by the word of a trusted proxy, or by
//! an API token. What it then may do stands in the table of routes. Everything that changes something needs, besides, the
//! token of its form and an origin that is this dashboard.

mod guard;
mod host;
mod link;
mod password;
mod rate;
mod role;
mod sessions;

pub use guard::{ACCESS_FORM_LIMIT, Least, Means, Visitor, guard};
pub use link::{LINK_LIFE, mint_link};
pub use password::{hash_password, is_password_hash, new_token};
pub use role::Role;

pub(super) use guard::peer_of;
pub(super) use host::Hosts;
pub(super) use link::hash_of;
pub(super) use password::Passwords;
pub(super) use rate::{COME_BACK, Rates};
pub(super) use sessions::{Opened, Sessions};

/// Octets that nobody can guess, from the operating system.
fn random<const N: usize>() -> Result<[u8; N], std::io::Error> {
    let mut octets = [0; N];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut octets)
        .map_err(|_| std::io::Error::other("the operating system gives no random octets"))?;
    Ok(octets)
}

/// Hexadecimal digits of some octets.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// SHA-256, hexadecimal.
pub(super) fn sha256_hex(octets: &[u8]) -> String {
    hex(ring::digest::digest(&ring::digest::SHA256, octets).as_ref())
}

/// Whether two secrets are the same, in a time that does not say how far they are.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    a.len() == b.len() && a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
