//! Schemas of the proof of dispatch.

use serde_json::Value;

use super::{
    by_word, count, delivery, many, maybe_text, maybe_time, number, of, record, record_and, text, time, truth,
};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let seal = [
        ("facts_sha256", text()),
        ("deliveries", count()),
        ("made_at", time()),
        ("made_by", text()),
        ("ledger_events", count()),
        ("chain_head", text()),
    ];
    let whole = [("certificate", of("Facts")), ("deliveries", many(of("CertifiedDelivery"))), ("seal", of("Seal"))];
    let mut all = vec![
        ("Certificate", record(whole)),
        ("CertifiedDelivery", record(certified_delivery())),
        ("Seal", record(seal)),
    ];
    all.extend(facts());
    all
}

/// A line of the log, without what stands above the list or is of the moment.
fn certified_delivery() -> Vec<(&'static str, Value)> {
    let of_the_log = delivery().into_iter().filter(|(name, _)| !["reference", "report", "queued_at"].contains(name));
    of_the_log.chain([("doubts", count()), ("queue_id", maybe_text())]).collect()
}

fn facts() -> Vec<(&'static str, Value)> {
    let totals = || by_word(of("Totals"));
    let supplement = record([("what", text()), ("to", text())]);
    let facts = [
        ("form", count()),
        ("ledger", text()),
        ("rehearsal", truth()),
        ("interim", truth()),
        ("reference", text()),
        ("subject", text()),
        ("state", text()),
        ("reason", maybe_text()),
        ("time_zone", text()),
        ("issues", many(of("CertifiedIssue"))),
        ("approvals", many(of("CertifiedApproval"))),
        ("events", many(of("PastEvent"))),
        ("totals", of("Totals")),
        ("groups", totals()),
        ("countries", totals()),
        ("languages", totals()),
        ("possible_duplicates", count()),
    ];
    let issue = [
        ("number", number()),
        ("reference", text()),
        ("subject", text()),
        ("from", text()),
        ("return_path", text()),
        ("frozen_at", time()),
        ("first_attempt_at", maybe_time()),
        ("last_accepted_at", maybe_time()),
        ("completed_at", maybe_time()),
        ("frozen", count()),
        ("versions", many(of("HashedFile"))),
        ("annexes", many(of("HashedFile"))),
    ];
    let file = [("name", text()), ("kind", text()), ("sha256", text())];
    let approval =
        [("by", text()), ("at", time()), ("content", text()), ("addressees", maybe_text()), ("went_out", truth())];
    let voided = record([("at", time()), ("because", text())]);
    let event =
        [("event", number()), ("at", time()), ("kind", text()), ("by", text()), ("reason", text()), ("hash", text())];
    vec![
        ("Facts", record_and(facts, [("supplement", supplement)])),
        ("CertifiedIssue", record_and(issue, [("repeats", number())])),
        ("HashedFile", record_and(file, [("octets", count())])),
        ("CertifiedApproval", record_and(approval, [("voided", voided)])),
        ("PastEvent", record(event)),
    ]
}
