//! Composes the message of one delivery from what was frozen.

use std::collections::BTreeMap;

use crate::{
    compose::{ComposeError, Composed, DeliveryKey, Prepared, Recipient, Role},
    ledger::{DeliveryId, IssueRecord},
};

/// The same delivery gives the same octets, whenever it is asked.
pub fn compose_for(
    prepared: &Prepared,
    issue: &IssueRecord,
    key: &[u8; 32],
    delivery: DeliveryId,
    address: &str,
    role: Role,
    fields: &BTreeMap<String, String>,
) -> Result<Composed, ComposeError> {
    let circular = issue.circular.0.to_string();
    let key = DeliveryKey { key, circular: &circular, issue: issue.number, delivery: delivery.0, in_reply_to: None };
    prepared.compose(&key, &recipient(address, role, fields))
}

/// An addressee's fields as the recipient of a message.
pub(super) fn recipient<'a>(address: &'a str, role: Role, fields: &'a BTreeMap<String, String>) -> Recipient<'a> {
    Recipient {
        address,
        name: fields.get("name").map(String::as_str),
        salutation: fields.get("salutation").map(String::as_str),
        role,
        fields,
    }
}
