//! Schemas of what the API says and hears (JSON Schema 2020-12). A test holds real answers against them, both ways: no field
//! is missing, and none is unknown.

use serde_json::{Map, Value, json};

mod certificate;
mod check;
mod told;

use super::{parameters::SOMETHING, signed::LONGEST};
use crate::{delivery::State, ledger::CircularState};

/// Each by its name.
pub fn schemas() -> Value {
    let mut all = Map::new();
    let mut add = |name: &str, schema: Value| all.insert(name.to_owned(), schema);
    add("Problem", problem());
    add("Standing", record([("status", json!({ "type": "string", "enum": ["alive", "ready"] }))]));
    add("Totals", record(State::ALL.map(|state| (state.as_str(), count()))));
    add("Found", found());
    for (name, schema) in circulars().into_iter().chain(deliveries()).chain(groups()).chain(orders()) {
        add(name, schema);
    }
    for (name, schema) in certificate::schemas().into_iter().chain(check::schemas()).chain(told::schemas()) {
        add(name, schema);
    }
    Value::Object(all)
}

/// An object with exactly these fields.
fn record<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Map<String, Value> = fields.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

/// The same with fields that are there only where there is something to say.
fn record_and<'a>(
    fields: impl IntoIterator<Item = (&'a str, Value)>,
    optional: impl IntoIterator<Item = (&'a str, Value)>,
) -> Value {
    let mut schema = record(fields);
    for (name, optional) in optional {
        schema["properties"][name] = optional;
    }
    schema
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn maybe_text() -> Value {
    json!({ "type": ["string", "null"] })
}

fn number() -> Value {
    json!({ "type": "integer" })
}

fn maybe_number() -> Value {
    json!({ "type": ["integer", "null"] })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe_time() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn truth() -> Value {
    json!({ "type": "boolean" })
}

fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

fn by_word(of: Value) -> Value {
    json!({ "type": "object", "additionalProperties": of })
}

fn maybe(schema: &str) -> Value {
    json!({ "anyOf": [of(schema), { "type": "null" }] })
}

fn many(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn of(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn page(items: Value) -> Vec<(&'static str, Value)> {
    let next = json!({ "type": ["string", "null"], "description": "Give it back as `after`; null: nothing follows." });
    vec![("items", many(items)), ("next", next)]
}

fn problem() -> Value {
    record([
        ("type", text()),
        ("title", text()),
        ("status", json!({ "type": "integer", "minimum": 400, "maximum": 599 })),
        ("detail", text()),
        ("instance", text()),
    ])
}

fn severity() -> Value {
    one_of(&["error", "warning", "note"])
}

fn found() -> Value {
    record([("line", count()), ("severity", severity()), ("message", text())])
}

fn circular_row() -> Vec<(&'static str, Value)> {
    vec![
        ("id", number()),
        ("reference", maybe_text()),
        ("subject", maybe_text()),
        ("state", one_of(&CircularState::ALL.map(CircularState::as_str))),
        ("reason", maybe_text()),
        ("file", text()),
        ("issues", count()),
        ("frozen", count()),
        ("totals", of("Totals")),
        ("due_at", maybe_time()),
        ("completed_at", maybe_time()),
        ("repeat", maybe_text()),
    ]
}

fn circulars() -> Vec<(&'static str, Value)> {
    let by_word = || by_word(of("Totals"));
    let letter = [("file", text()), ("language", text()), ("sha256", text()), ("problems", many(of("Found")))];
    let mut shown = circular_row();
    shown.extend([
        ("groups", by_word()),
        ("countries", by_word()),
        ("languages", by_word()),
        ("letters", many(of("Letter"))),
        ("lists", many(text())),
        ("supplement", maybe_text()),
        ("parent", maybe("Kin")),
        ("supplements", many(of("Kin"))),
        ("confidential", truth()),
        ("approvals_needed", count()),
        ("approvals_missing", count()),
        ("approvals", many(of("Approval"))),
    ]);
    let kin = [("reference", text()), ("supplement", maybe_text()), ("state", maybe_text())];
    let approval =
        [("by", text()), ("at", time()), ("counts", truth()), ("voided_at", maybe_time()), ("voided_by", maybe_text())];
    let run = [
        ("circular", maybe_number()),
        ("at", time()),
        ("what", one_of(&["circular", "repeat", "release window"])),
        ("reference", maybe_text()),
        ("state", maybe_text()),
        ("note", maybe_text()),
    ];
    let against = [("file", text()), ("line", count()), ("severity", severity()), ("message", text())];
    let parked = [
        ("id", number()),
        ("reference", maybe_text()),
        ("subject", maybe_text()),
        ("reason", maybe_text()),
        ("file", text()),
        ("problems", many(record(against))),
    ];
    let moving =
        [("id", number()), ("state", text()), ("done", count()), ("frozen", count()), ("totals", of("Totals"))];
    vec![
        ("Circular", record(circular_row())),
        ("CircularPage", record(page(of("Circular")))),
        ("Letter", record(letter)),
        ("Kin", record(kin)),
        ("Approval", record(approval)),
        ("CircularShown", record(shown)),
        ("Run", record(run)),
        ("RunPage", record(page(of("Run")))),
        ("Parked", record(parked)),
        ("ParkedPage", record(page(of("Parked")))),
        ("Moving", record(moving)),
    ]
}

fn delivery() -> Vec<(&'static str, Value)> {
    vec![
        ("reference", text()),
        ("issue", number()),
        ("delivery", number()),
        ("copy_of", many(text())),
        ("role", one_of(&["to", "copy"])),
        ("groups", many(text())),
        ("address", text()),
        ("name", maybe_text()),
        ("organization", maybe_text()),
        ("country", maybe_text()),
        ("language", text()),
        ("state", one_of(&State::ALL.map(State::as_str))),
        ("report", one_of(&["none", "delayed", "relayed", "delivered", "bounced"])),
        ("attempts", count()),
        ("possible_duplicate", truth()),
        ("relay", maybe_text()),
        ("stage", maybe_text()),
        ("code", maybe_number()),
        ("status", maybe_text()),
        ("reply", maybe_text()),
        ("message_id", maybe_text()),
        ("in_reply_to", maybe_text()),
        ("sha256", maybe_text()),
        ("queued_at", time()),
        ("last_attempt_at", maybe_time()),
        ("accepted_at", maybe_time()),
        ("next_attempt_at", maybe_time()),
    ]
}

fn deliveries() -> Vec<(&'static str, Value)> {
    let attempt = [
        ("number", number()),
        ("relay", text()),
        ("state", text()),
        ("blame", maybe_text()),
        ("stage", maybe_text()),
        ("code", maybe_number()),
        ("status", maybe_text()),
        ("reply", maybe_text()),
        ("started_at", time()),
        ("ended_at", time()),
        ("epoch", number()),
    ];
    let mut shown = delivery();
    shown.push(("history", many(of("Attempt"))));
    let mut addressee = page(of("Delivery"));
    addressee.push(("address", text()));
    vec![
        ("Delivery", record(delivery())),
        ("DeliveryPage", record(page(of("Delivery")))),
        ("Attempt", record(attempt)),
        ("DeliveryShown", record(shown)),
        ("AddresseePage", record(addressee)),
    ]
}

fn groups() -> Vec<(&'static str, Value)> {
    let pending = [
        ("version", number()),
        ("sha256", text()),
        ("removal", truth()),
        ("rows", count()),
        ("mailboxes", count()),
        ("leave", count()),
        ("join", count()),
        ("bad_rows", count()),
        ("doubts", many(text())),
        ("read_at", time()),
    ];
    let group = [
        ("group", text()),
        ("file", text()),
        ("state", text()),
        ("rows", count()),
        ("mailboxes", count()),
        ("accepted_at", maybe_time()),
        ("accepted_by", maybe_text()),
        ("problems", many(of("Found"))),
        ("pending", maybe("Pending")),
    ];
    let member = [
        ("address", text()),
        ("name", maybe_text()),
        ("organization", maybe_text()),
        ("country", maybe_text()),
        ("language", many(text())),
        ("line", number()),
        ("file", text()),
    ];
    let mut members = page(of("Member"));
    members.push(("group", text()));
    vec![
        ("Pending", record(pending)),
        ("Group", record(group)),
        ("GroupPage", record(page(of("Group")))),
        ("Member", record(member)),
        ("MemberPage", record(members)),
    ]
}

fn words(about: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": SOMETHING, "description": about })
}

fn by() -> Value {
    words("Who asked for it. A token acts in its own name, and names this person in the record.")
}

/// Bodies of acts, and what comes of them.
fn orders() -> Vec<(&'static str, Value)> {
    let order = |more: Vec<(&'static str, Value)>, optional: Vec<(&'static str, Value)>| {
        let reason = words("Why; it stands in the record.");
        record_and([("reason", reason)].into_iter().chain(more), [("by", by())].into_iter().chain(optional))
    };
    let version = json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX, "description": "The version that was looked at: `pending.version` of the list." });
    let bad_rows =
        json!({ "type": "boolean", "default": false, "description": "Rows that cannot be read are left out." });
    let at_its_time = json!({ "type": "boolean", "default": false, "description": "It was held before it went out: it waits for its time again, instead of going out now." });
    let result =
        json!({ "type": ["string", "null"], "description": "What came of it; null: the daemon has not answered." });
    vec![
        ("PlainOrder", order(vec![], vec![])),
        (
            "ResendOrder",
            json!({ "oneOf": [
                order(vec![("only", one_of(&["refused", "expired"]))], vec![]),
                order(vec![("new", json!({ "type": "boolean", "const": true, "description": "To those who joined since." }))], vec![]),
            ] }),
        ),
        ("ReleaseOrder", order(vec![], vec![("at_its_time", at_its_time)])),
        (
            "SettleOrder",
            order(
                vec![
                    ("address", json!({ "type": "string", "format": "email" })),
                    ("known", one_of(&["accepted", "lost"])),
                ],
                vec![],
            ),
        ),
        ("AcceptOrder", order(vec![("version", version)], vec![("without_bad_rows", bad_rows)])),
        ("Ordered", record([("order", number()), ("result", result)])),
    ]
}
