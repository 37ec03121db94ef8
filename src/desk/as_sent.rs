//! The message of one delivery, composed anew from what was frozen, and proved by the hash that its attempt left behind.

use super::{
    Desk, compose_for,
    compose_for::recipient,
    parts::{encoded, rendered},
    sha256,
};
use crate::{
    compose::{ComposeError, Prepared},
    ledger::{DeliveryId, FrozenAnnex, LedgerError},
};

/// What went out, or would go out.
#[derive(Debug, Clone)]
pub struct AsSent {
    /// The whole message, as it goes over the wire before dot-stuffing.
    pub octets: Vec<u8>,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Files that went with it.
    pub annexes: Vec<FrozenAnnex>,
    /// Whether these are the octets that were sent.
    pub proof: Proof,
}

/// What the hash on record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// These octets were sent.
    Same,
    /// Other octets were sent: an older version composed them.
    Differs([u8; 32]),
    /// Nothing was sent yet.
    NotSent,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was frozen cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
}

/// Composes the message of a delivery anew; `None`: there is no such delivery.
pub async fn as_sent(desk: &Desk, delivery: DeliveryId) -> Result<Option<AsSent>, NotShown> {
    let Some((circular, due)) = desk.ledger.frozen_delivery(delivery).await? else { return Ok(None) };
    let issues = desk.ledger.issues(circular).await?;
    let Some(issue) = issues.into_iter().find(|issue| issue.id == due.issue) else { return Ok(None) };
    let part = desk.ledger.parts(issue.id).await?.into_iter().find(|(language, _)| *language == due.language);
    let Some((_, json)) = part else { return Ok(None) };
    let rendered = rendered(&json)?;
    let annexes = desk.ledger.annexes(issue.id).await?;
    let (text, html) = {
        let reader = recipient(&due.address, due.name.as_deref(), due.role, &due.fields);
        (rendered.preview_text(&reader)?, rendered.preview_html(&reader)?)
    };
    let prepared = Prepared::new(rendered, &issue.head.message, &encoded(&annexes)?)?;
    let key = desk.ledger.message_key();
    let composed = compose_for(&prepared, &issue, key, &due)?;
    let found = sha256(&composed.octets);
    let proof = match due.sha256 {
        None => Proof::NotSent,
        Some(recorded) if recorded == found => Proof::Same,
        Some(recorded) => Proof::Differs(recorded),
    };
    Ok(Some(AsSent { octets: composed.octets, sha256: found, text, html, annexes, proof }))
}
