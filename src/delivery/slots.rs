//! How fast one destination domain is written to, whoever relays: each delivery to a limited domain has its slot.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::{NotARate, Rate, Throttles};

/// `[delivery.domains]`: rates by domain; `*` is for all that are not named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct DomainRates(BTreeMap<String, Vec<Rate>>);

/// The name for all other domains.
const OTHERS: &str = "*";
/// Domains kept in mind; beyond, those that are owed nothing are forgotten.
const MANY: usize = 10_000;

/// Why `[delivery.domains]` is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadDomainRate {
    /// The rate.
    #[error("domain \"{0}\": {1}")]
    Rate(String, NotARate),
    /// The name.
    #[error("\"{0}\" is no domain; write what stands behind the @ of an address, or * for all others")]
    Domain(String),
}

impl TryFrom<BTreeMap<String, String>> for DomainRates {
    type Error = BadDomainRate;

    fn try_from(table: BTreeMap<String, String>) -> Result<Self, BadDomainRate> {
        let mut rates = BTreeMap::new();
        for (domain, text) in table {
            if domain != OTHERS && (domain.is_empty() || domain.contains(['@', '*', ' ', '/'])) {
                return Err(BadDomainRate::Domain(domain));
            }
            let parsed: Result<Vec<Rate>, NotARate> = text.split(',').map(|rate| rate.trim().parse()).collect();
            let parsed = parsed.map_err(|error| BadDomainRate::Rate(domain.clone(), error))?;
            rates.insert(domain.to_lowercase(), parsed);
        }
        Ok(Self(rates))
    }
}

impl DomainRates {
    fn of(&self, domain: &str) -> Option<&Vec<Rate>> {
        self.0.get(domain).or_else(|| self.0.get(OTHERS))
    }
}

/// The slots of all limited domains, as a value: times are arguments.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    rates: DomainRates,
    domains: HashMap<String, Throttles>,
}

impl Slots {
    /// Nothing was sent before.
    pub fn new(rates: DomainRates) -> Self {
        Self { rates, domains: HashMap::new() }
    }

    /// Whether any domain is limited.
    pub fn is_limited(&self) -> bool {
        !self.rates.0.is_empty()
    }

    /// How far back what was sent still counts.
    pub fn memory(&self) -> TimeDelta {
        self.rates.0.values().map(|rates| Throttles::new(rates).memory()).max().unwrap_or_default()
    }

    /// The earliest time at which one more message may go to this address; it is then taken. `now`, where nothing limits.
    pub fn reserve(&mut self, address: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        let domain = domain_of(address);
        let Some(rates) = self.rates.of(&domain) else { return now };
        if self.domains.len() > MANY {
            self.domains.retain(|_, throttles| !throttles.is_full(now));
        }
        self.domains.entry(domain).or_insert_with(|| Throttles::new(rates)).reserve(now)
    }

    /// Counts what was sent to an address before, oldest first.
    pub fn restore(&mut self, address: &str, sent_at: DateTime<Utc>, now: DateTime<Utc>) {
        let domain = domain_of(address);
        if let Some(rates) = self.rates.of(&domain) {
            self.domains.entry(domain).or_insert_with(|| Throttles::new(rates)).remember(sent_at, now);
        }
    }
}

fn domain_of(address: &str) -> String {
    address.rsplit('@').next().unwrap_or_default().to_lowercase()
}
