//! Parameters of the API: what each is called, what it holds, and how that is said in a schema. What is read and what is
//! documented come from the same table.

use serde_json::{Value, json};

use crate::{
    delivery::State,
    ledger::{AlertStands, CircularState},
};

/// Most items on a page.
pub const MOST: u32 = 500;
/// Items on a page that says nothing of it.
pub const USUAL: u32 = 100;
/// The same for runs of the schedule.
pub const MOST_RUNS: u32 = 100;
/// The same for runs of the schedule.
pub const USUAL_RUNS: u32 = 5;

/// Words hold something to be seen: neither a space nor a control.
pub const SOMETHING: &str = "[^\\s\\u0000-\\u001f\\u007f-\\u009f]";

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How many items.
    Limit,
    /// Where a page begins: a letter, and a row number in hexadecimal digits.
    Place(char),
    /// States of a delivery, by commas.
    States,
    /// States of a circular, by commas.
    CircularStates,
    /// A date, or a point in time.
    Time,
    /// One address.
    Address,
    /// Words.
    Text,
    /// `to` or `copy`.
    Role,
    /// `open` or `resolved`.
    AlertStands,
    /// How many runs.
    Runs,
}

/// One parameter of the query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it is for.
    pub about: &'static str,
}

const fn parameter(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, about }
}

const LIMIT: Parameter = parameter("limit", Kind::Limit, "At most so many items.");

/// Of `/circulars`.
pub const CIRCULARS: &[Parameter] = &[
    LIMIT,
    parameter("after", Kind::Place('c'), "`next` of the page before."),
    parameter("state", Kind::CircularStates, "In one of these states, by commas."),
    parameter("reference", Kind::Text, "The one of this reference, however it is spelled."),
];

/// Of the log of one circular.
pub const LOG: &[Parameter] = &[
    LIMIT,
    parameter("after", Kind::Place('d'), "`next` of the page before."),
    parameter("state", Kind::States, "In one of these states, by commas."),
    parameter("group", Kind::Text, "In this group."),
    parameter("to", Kind::Address, "To this address."),
    parameter("country", Kind::Text, "In this country; case, accents and kinds of apostrophe do not matter."),
    parameter("language", Kind::Text, "In this language, by code."),
    parameter("role", Kind::Role, "Addressees, or those who get it for information."),
    parameter("relay", Kind::Text, "Last attempted through this relay."),
    parameter("since", Kind::Time, "Last changed at or after."),
    parameter("until", Kind::Time, "Last changed before."),
];

/// Of the whole log.
pub const WHOLE_LOG: &[Parameter] = &[
    LOG[0],
    LOG[1],
    LOG[2],
    LOG[3],
    LOG[4],
    LOG[5],
    LOG[6],
    LOG[7],
    LOG[8],
    LOG[9],
    LOG[10],
    parameter("reference", Kind::Text, "Of the circular of this reference, however it is spelled."),
];

/// Of one addressee.
pub const ADDRESSEE: &[Parameter] = &[LIMIT, parameter("after", Kind::Place('d'), "`next` of the page before.")];

/// Of one group.
pub const MEMBERS: &[Parameter] = &[LIMIT, parameter("after", Kind::Place('m'), "`next` of the page before.")];

/// Of letters that cannot go.
pub const PARKED: &[Parameter] = &[LIMIT, parameter("after", Kind::Place('c'), "`next` of the page before.")];

/// Of alerts.
pub const ALERTS: &[Parameter] = &[
    LIMIT,
    parameter("after", Kind::Place('a'), "`next` of the page before."),
    parameter("state", Kind::AlertStands, "Those that are open, or those that were, and the reports."),
];

/// Of the schedule.
pub const SCHEDULE: &[Parameter] =
    &[parameter("limit", Kind::Runs, "Runs of each repeated circular and of the release window.")];

impl Kind {
    /// JSON Schema.
    pub fn schema(self) -> Value {
        match self {
            Kind::Limit => json!({ "type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL }),
            Kind::Place(letter) => json!({ "type": "string", "pattern": format!("^{letter}[0-9a-f]{{1,15}}$") }),
            Kind::States => words(&State::ALL.map(State::as_str)),
            Kind::CircularStates => words(&CircularState::ALL.map(CircularState::as_str)),
            Kind::Time => json!({ "anyOf": [
                { "type": "string", "format": "date-time" }, { "type": "string", "format": "date" }
            ] }),
            Kind::Address => json!({ "type": "string", "format": "email" }),
            Kind::Text => json!({ "type": "string", "minLength": 1, "maxLength": 200, "pattern": SOMETHING }),
            Kind::Role => json!({ "type": "string", "enum": ["to", "copy"] }),
            Kind::AlertStands => json!({ "type": "string", "enum": AlertStands::ALL.map(AlertStands::as_str) }),
            Kind::Runs => json!({ "type": "integer", "minimum": 1, "maximum": MOST_RUNS, "default": USUAL_RUNS }),
        }
    }
}

fn words(words: &[&str]) -> Value {
    json!({ "type": "array", "minItems": 1, "items": { "type": "string", "enum": words } })
}

impl Parameter {
    /// A value that it may have.
    fn example(&self) -> Value {
        match self.kind {
            Kind::Limit => json!(USUAL),
            Kind::Place(letter) => json!(format!("{letter}1f")),
            Kind::States => json!([State::Refused.as_str(), State::Expired.as_str()]),
            Kind::CircularStates => json!([CircularState::Parked.as_str()]),
            Kind::Time => json!("2026-12-07"),
            Kind::Address => json!("registry@ministry.example"),
            Kind::Text => json!(match self.name {
                "reference" => "Circular 112",
                "country" => "Kenya",
                "language" => "fr",
                "relay" => "main",
                _ => "administrations",
            }),
            Kind::Role => json!("copy"),
            Kind::AlertStands => json!(AlertStands::Open.as_str()),
            Kind::Runs => json!(USUAL_RUNS),
        }
    }

    /// OpenAPI 3.1, Parameter Object.
    pub fn documented(&self) -> Value {
        let mut documented = json!({
            "name": self.name, "in": "query", "required": false, "description": self.about, "schema": self.kind.schema(),
            "example": self.example()
        });
        if matches!(self.kind, Kind::States | Kind::CircularStates) {
            documented["style"] = json!("form");
            documented["explode"] = json!(false);
        }
        documented
    }
}
