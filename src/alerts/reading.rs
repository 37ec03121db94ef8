//! From an event to what it does: it opens an alert, ends one, or asks for a report.
//!
//! Of a relay only events tell. Whether a letter is still parked, a list still frozen, a circular still paused or a copy
//! still in doubt the ledger knows at any time; that is asked of it, so that no way of mending can be missed.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Kind;
use crate::delivery::Cause;

/// An event as it stands in the chain.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Its number in the chain.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The event's own kind.
    pub kind: String,
    /// The circular it concerns.
    pub reference: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// What else was kept.
    pub detail: Value,
}

impl Happened {
    /// Until when the relay rests, in milliseconds; `None`: it tells of none.
    pub fn rests_until(&self) -> Option<i64> {
        let until: DateTime<Utc> = self.detail["until"].as_str().filter(|_| self.kind == "relay_down")?.parse().ok()?;
        Some(until.timestamp_millis())
    }
}

/// What an event does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Something is wrong, and why.
    Open(Kind, String, String),
    /// It is no longer.
    End(Kind, String),
    /// An issue of a circular is complete: its row number in the ledger.
    Report(i64),
}

/// What one event does. Kinds that are not named here do nothing.
pub fn effects(event: &Happened) -> Vec<Effect> {
    let detail = |key: &str| event.detail[key].as_str().unwrap_or_default().to_owned();
    let open = |kind: Kind, key: String| vec![Effect::Open(kind, key, event.reason.clone())];
    let reference = || event.reference.clone().unwrap_or_default();
    match event.kind.as_str() {
        "relay_down" if detail("cause") == Cause::NotAuthorised.as_str() => {
            open(Kind::AuthenticationRefused, detail("relay"))
        }
        "relay_down" => open(Kind::RelayDown, detail("relay")),
        "relay_up" => {
            [Kind::RelayDown, Kind::AuthenticationRefused].map(|kind| Effect::End(kind, detail("relay"))).into()
        }
        "paused" => open(Kind::Paused, reference()),
        "late" => open(Kind::Late, event.reference.clone().unwrap_or_else(|| detail("stem"))),
        "in_doubt" => open(Kind::InDoubt, reference()),
        "parked" => open(Kind::Parked, detail("stem")),
        "group_refused" | "group_pending" => open(Kind::GroupFrozen, detail("group")),
        "completed" => event.detail["issue_row"].as_i64().map(Effect::Report).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn happened(kind: &str, detail: Value) -> Happened {
        let at = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let reference = Some("Circular X/1".to_owned());
        Happened { id: 7, at, kind: kind.to_owned(), reference, reason: "why".to_owned(), detail }
    }

    #[test]
    fn each_event_does_what_the_table_says() {
        let open = |kind, key: &str| vec![Effect::Open(kind, key.to_owned(), "why".to_owned())];
        let end = |kind, key: &str| Effect::End(kind, key.to_owned());
        let refused = "the relay does not take mail from us";
        for (kind, detail, does) in [
            ("relay_down", json!({"relay": "main", "cause": "relay unreachable"}), open(Kind::RelayDown, "main")),
            ("relay_down", json!({"relay": "main", "cause": refused}), open(Kind::AuthenticationRefused, "main")),
            (
                "relay_up",
                json!({"relay": "main"}),
                vec![end(Kind::RelayDown, "main"), end(Kind::AuthenticationRefused, "main")],
            ),
            ("paused", json!({}), open(Kind::Paused, "Circular X/1")),
            ("late", json!({}), open(Kind::Late, "Circular X/1")),
            ("in_doubt", json!({"delivery": 3}), open(Kind::InDoubt, "Circular X/1")),
            ("parked", json!({"stem": "x"}), open(Kind::Parked, "x")),
            ("group_refused", json!({"group": "academia"}), open(Kind::GroupFrozen, "academia")),
            ("group_pending", json!({"group": "academia"}), open(Kind::GroupFrozen, "academia")),
            ("group_accepted", json!({"group": "academia"}), vec![]),
            ("completed", json!({"issue": 2, "issue_row": 7}), vec![Effect::Report(7)]),
            ("relay_slowed", json!({"relay": "main"}), vec![]),
            ("relay_fewer_sessions", json!({"relay": "main", "sessions": 2}), vec![]),
            ("frozen", json!({}), vec![]),
            ("test_ended", json!({}), vec![]),
            ("held", json!({}), vec![]),
        ] {
            assert_eq!(effects(&happened(kind, detail)), does, "{kind}");
        }
    }
}
