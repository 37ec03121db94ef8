//! Schemas of what is explained, of alerts, and of test copies.

use serde_json::{Value, json};

use super::{
    by, count, many, maybe_number, maybe_text, maybe_time, number, of, one_of, page, record, record_and, text, time,
    truth,
};
use crate::{delivery::State, ledger::AlertStands};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    explained().into_iter().chain(alerts()).chain(test_copies()).collect()
}

fn explained() -> Vec<(&'static str, Value)> {
    let reason = [("text", text()), ("file", maybe_text()), ("line", maybe_number()), ("group", maybe_text())];
    let next = json!({ "type": "string", "description": "What happens next, or what a person can do." });
    let explained = [
        ("reference", maybe_text()),
        ("issue", json!({ "type": ["integer", "null"], "description": "null: the one to come." })),
        ("address", text()),
        ("verdict", one_of(&["in", "out"])),
        ("role", maybe_text()),
        ("groups", many(text())),
        ("because", many(of("Reason"))),
        ("language", maybe_text()),
        ("language_rule", maybe_text()),
        ("state", text()),
        ("frozen_at", maybe_time()),
        ("due_at", maybe_time()),
        ("accepted_at", maybe_time()),
        ("next_attempt_at", maybe_time()),
        ("next", next),
    ];
    vec![("Reason", record(reason)), ("Explained", record(explained)), ("ExplainedPage", record(page(of("Explained"))))]
}

fn alerts() -> Vec<(&'static str, Value)> {
    let notice = [
        ("notice", number()),
        ("recipient", text()),
        ("says", maybe_text()),
        ("state", one_of(&State::ALL.map(State::as_str))),
        ("attempts", count()),
        ("possible_duplicate", truth()),
        ("message_id", maybe_text()),
        ("relay", maybe_text()),
        ("code", maybe_number()),
        ("reply", maybe_text()),
        ("last_attempt_at", maybe_time()),
        ("next_attempt_at", maybe_time()),
    ];
    let alert = [
        ("alert", number()),
        ("kind", text()),
        ("state", one_of(&AlertStands::ALL.map(AlertStands::as_str))),
        ("key", text()),
        ("reference", maybe_text()),
        ("what", text()),
        ("times", count()),
        ("opened_at", time()),
        ("resolved_at", maybe_time()),
        ("rests_until", maybe_time()),
        ("messages", many(of("Notice"))),
    ];
    vec![("Notice", record(notice)), ("Alert", record(alert)), ("AlertPage", record(page(of("Alert"))))]
}

fn test_copies() -> Vec<(&'static str, Value)> {
    let address = |about: &str| json!({ "type": "string", "format": "email", "description": about });
    let order = record_and(
        [("to", address("Who gets the test copy."))],
        [("as", address("The addressee whose copy it is like; the first one where none is said.")), ("by", by())],
    );
    let outcome = json!({ "type": ["string", "null"], "description":
        "accepted, refused, deferred, in_doubt or not_sent; null: there is no answer yet." });
    let copy = [
        ("file", text()),
        ("language", text()),
        ("to", text()),
        ("as", maybe_text()),
        ("annexes", many(text())),
        ("parked", truth()),
        ("rehearsal", truth()),
        ("message_id", text()),
        ("relay", maybe_text()),
        ("outcome", outcome),
        ("stage", maybe_text()),
        ("code", maybe_number()),
        ("reply", maybe_text()),
        ("remark", maybe_text()),
    ];
    vec![("TestOrder", order), ("TestCopy", record(copy))]
}
