//! How long each stage may take, in all: a server that sends an octet now and then does not extend it.
//!
//! RFC 5321 §4.5.3.2 gives the least that a client should wait; waiting less makes duplicates.

use std::time::Duration;

/// One limit per stage of a session and a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name look-up and TCP connection, all addresses together. A relay is near; the system's two minutes help nobody.
    pub connect: Duration,
    /// The 220, and the handshake of implicit TLS before it (§4.5.3.2.1).
    pub greeting: Duration,
    /// EHLO. The RFC is silent; MAIL's time.
    pub ehlo: Duration,
    /// STARTTLS and its handshake, each.
    pub starttls: Duration,
    /// AUTH with all its challenges (RFC 4954 §4 asks for at least 3 minutes).
    pub auth: Duration,
    /// MAIL (§4.5.3.2.2), and RSET before it.
    pub mail: Duration,
    /// RCPT (§4.5.3.2.3).
    pub rcpt: Duration,
    /// DATA, up to its 354 (§4.5.3.2.4).
    pub data: Duration,
    /// Each block of 64 kB of the message (§4.5.3.2.5).
    pub block: Duration,
    /// The answer to the final dot (§4.5.3.2.6).
    pub final_dot: Duration,
    /// QUIT. Nothing depends on its answer.
    pub quit: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            ehlo: minutes(5),
            starttls: minutes(2),
            auth: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            final_dot: minutes(10),
            quit: Duration::from_secs(2),
        }
    }
}

impl Deadlines {
    /// The same limit for every stage.
    pub fn all(limit: Duration) -> Self {
        Self {
            connect: limit,
            greeting: limit,
            ehlo: limit,
            starttls: limit,
            auth: limit,
            mail: limit,
            rcpt: limit,
            data: limit,
            block: limit,
            final_dot: limit,
            quit: limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_default_is_shorter_than_rfc_5321_asks_for() {
        let deadlines = Deadlines::default();
        let least = [
            (deadlines.greeting, 300),
            (deadlines.mail, 300),
            (deadlines.rcpt, 300),
            (deadlines.data, 120),
            (deadlines.block, 180),
            (deadlines.final_dot, 600),
        ];
        for (limit, seconds) in least {
            assert!(limit >= Duration::from_secs(seconds), "{limit:?} < {seconds} s");
        }
    }
}
