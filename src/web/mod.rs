//! The dashboard: pages for people, rendered here, complete without JavaScript and livelier with it; and the same for
//! programs, as JSON and metrics. It decides nothing:
//! what it changes, it orders, as the command line does.
//!
//! Nothing is loaded from elsewhere. What strangers wrote (letters, lists, replies) is escaped in every page, and a strict
//! Content-Security-Policy stands behind that. It has a ledger connection of its own, so that whoever reads keeps nobody
//! from sending.

use std::{
    net::{IpAddr, SocketAddr},
    ops::Deref,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use crate::desk::{Desk, Post};

pub mod access;
mod api;
mod assets;
mod counted;
mod headers;
mod live;
mod pages;
mod routes;
mod server;
mod settings;
mod told;
mod vitals;

#[cfg(test)]
mod tests;

pub use routes::{Route, Verb, router};
pub use server::Dashboard;
pub use settings::{PublicUrl, TokenSettings, UserSettings, WebSettings};
pub use vitals::{RelayVitals, VitalSigns, Vitals};

use access::{Hosts, Passwords, Rates, Sessions};

pub use crate::desk::Earnest;

/// Where totals are told live.
const EVENTS: &str = "/events";
/// Exports at once: each reads the ledger from one end to the other.
const EXPORTS: usize = 2;

/// What the daemon lends the dashboard.
#[derive(Debug)]
pub struct Lent {
    /// Whether what is sent leaves this machine.
    pub earnest: Earnest,
    /// How it is.
    pub vitals: Vitals,
    /// The way out for a test copy.
    pub post: Post,
}

/// The machine at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// What every route needs.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

/// The parts of [`Web`].
pub struct Inner {
    desk: Desk,
    settings: WebSettings,
    earnest: Earnest,
    hosts: Hosts,
    sessions: Sessions,
    rates: Rates,
    passwords: Passwords,
    /// Exports at once.
    exports: Arc<Semaphore>,
    live: live::Live,
    counted: counted::Counted,
    metrics: api::Metrics,
    vitals: Vitals,
    post: Post,
    key: ring::hmac::Key,
}

impl Web {
    /// Assembles it for the address that it listens on.
    pub fn new(
        desk: Desk,
        settings: WebSettings,
        Lent { earnest, vitals, post }: Lent,
        listen: SocketAddr,
    ) -> std::io::Result<Self> {
        let key = ring::hmac::Key::generate(ring::hmac::HMAC_SHA256, &ring::rand::SystemRandom::new())
            .map_err(|_| std::io::Error::other("the operating system gives no random octets"))?;
        let hosts = Hosts::new(&settings, listen);
        let counted = counted::Counted::default();
        let live = live::Live::new(desk.ledger.clone(), counted.clone());
        let (sessions, rates, passwords, metrics) = Default::default();
        let exports = Arc::new(Semaphore::new(EXPORTS));
        Ok(Self(Arc::new(Inner {
            desk,
            settings,
            earnest,
            hosts,
            sessions,
            rates,
            passwords,
            exports,
            live,
            counted,
            metrics,
            vitals,
            post,
            key,
        })))
    }

    fn now(&self) -> DateTime<Utc> {
        self.desk.now()
    }

    /// What the forms of one visitor carry: nobody else can make it.
    fn csrf(&self, whose: &str) -> String {
        access::hex(ring::hmac::sign(&self.key, whose.as_bytes()).as_ref())
    }
}

impl Deref for Web {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
