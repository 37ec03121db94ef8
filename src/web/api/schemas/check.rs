//! Schemas of how a letter is understood, and of what would happen.

use serde_json::{Value, json};

use super::{
    by_word, count, many, maybe, maybe_number, maybe_text, maybe_time, number, of, one_of, page, record, text, time,
    truth,
};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let line = [("text", text()), ("line", count()), ("groups", many(text()))];
    let signatory = [("name", text()), ("title", maybe_text())];
    let check = [
        ("file", text()),
        ("language", maybe_text()),
        ("reference", maybe_text()),
        ("supplement", maybe_text()),
        ("place", maybe_text()),
        (
            "date",
            json!({ "type": ["string", "null"], "description": "ISO, or YYYY-MM where the letter gives no day." }),
        ),
        ("to", many(of("AddresseeLine"))),
        ("copy", many(of("AddresseeLine"))),
        ("subject", maybe_text()),
        ("salutation", maybe_text()),
        ("closing", maybe_text()),
        ("signatories", many(of("Signatory"))),
        ("annexes", maybe_number()),
        ("deadlines", many(json!({ "type": "string", "format": "date" }))),
        ("status", one_of(&["ready", "parked", "sent", "not_a_letter"])),
        ("problems", many(of("Found"))),
        ("lines", by_word(count())),
        ("reaches", maybe_number()),
        ("prospect", maybe("Prospect")),
    ];
    let mut all = vec![
        ("AddresseeLine", record(line)),
        ("Signatory", record(signatory)),
        ("Check", record(check)),
        ("CheckPage", record(page(of("Check")))),
    ];
    all.extend(prospect());
    all
}

fn prospect() -> Vec<(&'static str, Value)> {
    let attachment = [("name", text()), ("octets", count())];
    let approvals = [
        ("needed", count()),
        ("given", count()),
        ("missing", count()),
        ("voided", many(record([("by", text()), ("because", text())]))),
    ];
    let before_and_now = json!({ "type": "array", "items": text(), "description": "Before, and now." });
    let before = [
        ("reference", text()),
        ("issue", number()),
        ("frozen_at", time()),
        ("addressees", count()),
        ("new", count()),
        ("new_names", many(text())),
        ("gone", count()),
        ("gone_names", many(text())),
        ("changes", by_word(before_and_now)),
    ];
    let prospect = [
        ("messages", count()),
        ("copies", count()),
        ("office_copies", count()),
        ("several", count()),
        ("languages", by_word(count())),
        ("fallback", count()),
        ("countries", by_word(count())),
        ("without_country", count()),
        ("regions", by_word(count())),
        ("not_reached", many(text())),
        ("left_out", by_word(count())),
        ("due_at", maybe_time()),
        ("due_by", one_of(&["window", "head", "now", "repeat"])),
        ("then", many(time())),
        ("late", truth()),
        ("from", text()),
        ("reply_to", many(text())),
        ("attachments", many(of("Attachment"))),
        ("approvals", of("Approvals")),
        ("before", maybe("Before")),
    ];
    vec![
        ("Attachment", record(attachment)),
        ("Approvals", record(approvals)),
        ("Before", record(before)),
        ("Prospect", record(prospect)),
    ]
}
