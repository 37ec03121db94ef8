//! What was frozen of an issue, ready to be composed for each of its addressees.

use std::collections::HashMap;

use crate::{
    circular::Language,
    compose::{ComposeError, EncodedAnnex, Prepared, Rendered},
    ledger::{FrozenAnnex, IssueRecord, Ledger, LedgerError},
};

/// Every language of an issue, or why it cannot be composed.
pub type Parts = HashMap<Language, Result<Prepared, ComposeError>>;

/// Reads what was frozen, and encodes what all messages share.
pub async fn read_parts(ledger: &Ledger, issue: &IssueRecord) -> Result<Parts, LedgerError> {
    let annexes = encoded(&ledger.annexes(issue.id).await?);
    let mut parts = HashMap::new();
    for (language, json) in ledger.parts(issue.id).await? {
        let rendered = rendered(&json)?;
        let prepare = |annexes: &Vec<EncodedAnnex>| Prepared::new(rendered, &issue.head.message, annexes);
        parts.insert(language, annexes.as_ref().map_err(ComposeError::clone).and_then(prepare));
    }
    Ok(parts)
}

/// One language of an issue, as it was frozen.
pub(super) fn rendered(json: &str) -> Result<Rendered, LedgerError> {
    let unreadable =
        |error: serde_json::Error| LedgerError::Unreadable { what: "part.rendered", found: error.to_string() };
    serde_json::from_str(json).map_err(unreadable)
}

/// What goes with every message of an issue, as it stands in them.
pub(super) fn encoded(annexes: &[FrozenAnnex]) -> Result<Vec<EncodedAnnex>, ComposeError> {
    let encode = |annex: &FrozenAnnex| EncodedAnnex::new(&annex.name, &annex.content_type, &annex.octets);
    annexes.iter().map(encode).collect()
}
