//! The wire: one SMTP session, driven stage by stage.
//!
//! [`Session::open`] goes from the name look-up to AUTH, [`Session::envelope`] from MAIL to the 354,
//! [`Session::message`] from the first octet to the answer to the final dot. Each stage owns its time (RFC 5321
//! §4.5.3.2) and its failure; a code that a stage does not expect is never taken for success.
//!
//! The dialogue is lettre's `AsyncSmtpConnection` over a thin stream of ours (`stream.rs`), which frames and caps
//! replies, refuses what a server says out of turn, and knows whether the final dot may have left. What is before it,
//! from the connection to the EHLO inside TLS, is `greeting.rs`.
//!
//! Refused: octets with bare CR, LF or NUL, passwords outside TLS, a relay whose certificate is not its own, the reuse
//! of a session on which anything was cut short.

mod auth;
mod deadlines;
mod envelope;
mod greeting;
mod message;
mod octets;
mod offers;
mod replies;
mod session;
mod settings;
mod socket;
mod stream;
mod tap;
mod tls;
mod url;

pub use deadlines::Deadlines;
pub use envelope::{Content, Dsn, Envelope, Notify};
pub use octets::{Unclean, check_octets};
pub use offers::Offers;
pub use session::Session;
pub use settings::{BadEhloName, BadRelay, Pipelining, Protection, RelaySettings, check_ehlo_name};
pub use tls::{BadRoots, TlsRoots};
pub use url::{BadUrl, RelayUrl, Scheme};

/// What a final dot waits for: that its beginning is durable. Closed, it never will be.
pub type Leave = tokio::sync::oneshot::Receiver<()>;
