//! The kinds of alerts, in the words of configuration and ledger.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A relay cannot be reached or takes nothing. Key: its name.
    RelayDown,
    /// A relay does not take mail from us: log-in or permission. Key: its name.
    AuthenticationRefused,
    /// A circular was stopped because the relay refuses it. Key: its reference.
    Paused,
    /// A list was refused, or waits for a person: the version before it stays. Key: the group.
    GroupFrozen,
    /// Copies of which nobody knows whether they arrived. Key: the circular's reference.
    InDoubt,
    /// A letter cannot be sent as it lies. Key: its file's stem.
    Parked,
    /// A circular was due while nobody was there, and waits for a person. Key: its reference.
    Late,
    /// The report to the owner. Not an alert: it has no end.
    Completed,
}

/// Not one of the kinds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no kind of alert; there are {known}", known = Kind::ALERTS.map(Kind::as_str).join(", "))]
pub struct NotAKind(String);

impl Kind {
    /// All that operators are told of.
    pub const ALERTS: [Kind; 7] = [
        Kind::RelayDown,
        Kind::AuthenticationRefused,
        Kind::Paused,
        Kind::GroupFrozen,
        Kind::InDoubt,
        Kind::Parked,
        Kind::Late,
    ];

    /// The word in configuration, ledger and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::RelayDown => "relay_down",
            Kind::AuthenticationRefused => "authentication_refused",
            Kind::Paused => "paused",
            Kind::GroupFrozen => "group_frozen",
            Kind::InDoubt => "in_doubt",
            Kind::Parked => "parked",
            Kind::Late => "late",
            Kind::Completed => "completed",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = NotAKind;

    fn from_str(word: &str) -> Result<Self, NotAKind> {
        Kind::ALERTS
            .into_iter()
            .chain([Kind::Completed])
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| NotAKind(word.to_owned()))
    }
}
