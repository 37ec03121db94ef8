//! Composes the message of one delivery from what was frozen.

use std::collections::BTreeMap;

use crate::{
    compose::{ComposeError, Composed, DeliveryKey, Prepared, Recipient, Role},
    ledger::{Due, IssueRecord},
};

/// The same delivery gives the same octets, whenever it is asked.
pub fn compose_for(
    prepared: &Prepared,
    issue: &IssueRecord,
    key: &[u8; 32],
    due: &Due,
) -> Result<Composed, ComposeError> {
    let circular = issue.circular.0.to_string();
    let key = DeliveryKey {
        key,
        circular: &circular,
        issue: issue.number,
        delivery: due.id.0,
        references: due.thread.as_deref(),
    };
    prepared.compose(&key, &recipient(&due.address, due.name.as_deref(), due.role, &due.fields))
}

/// An addressee's fields as the recipient of a message.
pub(super) fn recipient<'a>(
    address: &'a str,
    name: Option<&'a str>,
    role: Role,
    fields: &'a BTreeMap<String, String>,
) -> Recipient<'a> {
    Recipient { address, name, salutation: fields.get("salutation").map(String::as_str), role, fields }
}
