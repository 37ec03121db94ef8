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
    let frozen = ledger.annexes(issue.id).await?;
    let encode = |annex: &FrozenAnnex| EncodedAnnex::new(&annex.name, &annex.content_type, &annex.octets);
    let annexes: Result<Vec<EncodedAnnex>, ComposeError> = frozen.iter().map(encode).collect();
    let mut parts = HashMap::new();
    for (language, json) in ledger.parts(issue.id).await? {
        let rendered: Rendered = serde_json::from_str(&json)
            .map_err(|error| LedgerError::Unreadable { what: "part.rendered", found: error.to_string() })?;
        let prepare = |annexes: &Vec<EncodedAnnex>| Prepared::new(rendered, &issue.head.message, annexes);
        parts.insert(language, annexes.as_ref().map_err(ComposeError::clone).and_then(prepare));
    }
    Ok(parts)
}
