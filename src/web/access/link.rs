//! The one-time link: whoever started the daemon comes in by it. The ledger keeps its hash, for minutes; using it deletes
//! it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{hex, random, sha256_hex};
use crate::ledger::{Ledger, LedgerError};

/// So long it can be used.
pub const LINK_LIFE: TimeDelta = TimeDelta::minutes(15);

/// Makes a link, and gives its path: `/open?key=…`.
pub async fn mint_link(ledger: &Ledger, now: DateTime<Utc>) -> Result<String, LedgerError> {
    let key = random::<32>().map_err(|error| LedgerError::Io("random source".into(), error))?;
    let key = hex(&key);
    ledger.add_web_link(&hash_of(&key), now + LINK_LIFE, now).await?;
    Ok(format!("/open?key={key}"))
}

/// What the ledger knows a link by.
pub fn hash_of(key: &str) -> String {
    sha256_hex(key.as_bytes())
}
