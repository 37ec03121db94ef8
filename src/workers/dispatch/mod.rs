//! Dispatch: frozen deliveries go to the relays.
//!
//! One feeder keeps a shelf of deliveries that may be attempted; each relay has a gate (open, or resting after a failure)
//! and some lanes, each with one session at a time. A lane takes a delivery from the shelf, composes it, makes
//! `in_transaction` durable together with the outcome of the one before, and only then sends it.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use chrono_tz::Tz;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

mod feeder;
mod gate;
mod gates;
mod lane;
mod outcome;
mod refusals;
mod tally;

pub use gate::Gate;
pub use gates::Gates;
pub use refusals::LetterBlames;
pub use tally::Tally;

use super::{
    Pulse,
    shelf::{OpenIssue, Shelf},
};
use crate::{
    clock::Clock,
    delivery::{DomainRates, RetrySettings, Shares, Slots},
    desk::DeskError,
    ledger::{InDoubt, Ledger, Turns},
    secrets::SecretSource,
    smtp::{BadEhloName, Deadlines, RelaySettings, TlsRoots, check_ehlo_name},
};

/// `[delivery]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliverySettings {
    /// What happens when nobody knows whether a copy arrived.
    #[serde(deserialize_with = "in_doubt")]
    pub in_doubt: InDoubt,
    /// The name said in EHLO; empty: the address literal.
    #[serde(deserialize_with = "ehlo_name")]
    pub ehlo_name: String,
    /// How fast single destination domains are written to.
    pub domains: DomainRates,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self { in_doubt: InDoubt::Retry, ehlo_name: String::new(), domains: DomainRates::default() }
    }
}

fn in_doubt<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<InDoubt, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "retry" => Ok(InDoubt::Retry),
        "hold" => Ok(InDoubt::Hold),
        other => Err(serde::de::Error::custom(format!("\"{other}\" is neither \"retry\" nor \"hold\""))),
    }
}

fn ehlo_name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if !name.is_empty() {
        check_ehlo_name(&name).map_err(|bad: BadEhloName| serde::de::Error::custom(bad.to_string()))?;
    }
    Ok(name)
}

/// One relay, ready to be used.
#[derive(Debug)]
pub struct Relay {
    /// `[[relay]]`
    pub settings: RelaySettings,
    /// Whom we trust to be it.
    pub roots: TlsRoots,
    /// Where its password is; read anew for each session, so that a changed one is used at once.
    pub secret: Option<SecretSource>,
    /// The folder that a password file is relative to.
    pub workspace: PathBuf,
    /// The folder of systemd's credentials.
    pub credentials: Option<PathBuf>,
}

/// What dispatch needs.
#[derive(Debug, Clone)]
pub struct Dispatch {
    /// The ledger.
    pub ledger: Ledger,
    /// The way to durable turns.
    pub turns: Turns,
    /// The time.
    pub clock: Clock,
    /// The house's zone: times are told in it.
    pub zone: Tz,
    /// At least one.
    pub relays: Vec<Arc<Relay>>,
    /// `[retry]`
    pub retry: RetrySettings,
    /// `[delivery]`
    pub settings: DeliverySettings,
    /// Per stage.
    pub deadlines: Deadlines,
    /// The bells.
    pub pulse: Pulse,
    /// What people watch.
    pub tally: Tally,
    /// The relays' health, by name.
    pub gates: Gates,
    /// Letters that relays refuse.
    pub letters: LetterBlames,
    /// What may be attempted.
    pub shelf: Shelf,
    /// Who of several relays takes the next, by priority.
    pub shares: Arc<BTreeMap<u8, Mutex<Shares>>>,
    /// When the next message may go to each limited domain.
    pub slots: Slots,
}

impl Dispatch {
    /// Starts feeder and lanes, each with `spawn`. They end when `stop` is cancelled, each after the transaction it is in.
    pub fn start(self, stop: &CancellationToken, spawn: impl Fn(&'static str, Worker)) {
        let dispatch = Arc::new(self);
        let (feeding, until) = (Arc::clone(&dispatch), stop.clone());
        spawn("feeder", Box::pin(async move { Ok(feeder::run(&feeding, &until).await?) }));
        for relay in &dispatch.relays {
            let Some(gate) = dispatch.gates.get(&relay.settings.name) else { continue };
            for _ in 0..relay.settings.sessions {
                let lane = lane::Lane::new(Arc::clone(&dispatch), Arc::clone(relay), Arc::clone(gate));
                let until = stop.clone();
                spawn("lane", Box::pin(async move { Ok(lane.run(&until).await?) }));
            }
        }
    }
}

impl Dispatch {
    /// Relays that have a weight, by priority.
    pub fn shares(relays: &[Arc<Relay>]) -> BTreeMap<u8, Mutex<Shares>> {
        let mut weights: BTreeMap<u8, Vec<(&str, u16)>> = BTreeMap::new();
        for relay in relays {
            if let Some(weight) = relay.settings.weight {
                weights.entry(relay.settings.priority).or_default().push((&relay.settings.name, weight));
            }
        }
        weights.into_iter().map(|(priority, relays)| (priority, Mutex::new(Shares::new(relays)))).collect()
    }

    fn with_shares<T>(&self, relay: &Relay, act: impl FnOnce(&mut Shares) -> T) -> Option<T> {
        let shares = self.shares.get(&relay.settings.priority).filter(|_| relay.settings.weight.is_some())?;
        Some(act(&mut shares.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Whether a relay has not had more than its part yet.
    fn has_part(&self, relay: &Relay) -> bool {
        let now = self.clock.now();
        let is_away = |name: &str| self.gates.get(name).is_none_or(|gate| gate.is_away(now));
        self.with_shares(relay, |shares| shares.may_take(&relay.settings.name, now, is_away)).unwrap_or(true)
    }

    /// A relay has taken a delivery: those who wait for it may go on.
    fn took_part(&self, relay: &Relay) {
        if self.with_shares(relay, |shares| shares.took(&relay.settings.name)).is_some() {
            self.shelf.ring();
        }
    }

    /// A relay is out of tokens: those who wait for it may go on.
    fn is_out_of_tokens(&self, relay: &Relay) {
        if relay.settings.weight.is_some() {
            self.shelf.ring();
        }
    }

    /// A relay has let in somebody else's session: it need not be waited for.
    pub fn let_in(&self, relay: &str) {
        if let Some(gate) = self.gates.get(relay) {
            if gate.reached() == gate::Turned::Up {
                tracing::info!(relay, "relay is up");
            }
            self.shelf.ring();
        }
    }
}

/// A worker's whole life.
pub type Worker = std::pin::Pin<Box<dyn Future<Output = Result<(), DeskError>> + Send>>;
