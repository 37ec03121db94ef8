//! The API's part of the table of routes, each with what the OpenAPI document says of it.

use axum::routing::{get, post};

use super::{
    API_EVENTS, acts, alerts, certificate, circulars, deliveries, explain, groups, health, letters, metrics, openapi,
    parameters::{ADDRESSEE, ALERTS, CIRCULARS, LOG, MEMBERS, PARKED, Parameter, SCHEDULE, WHOLE_LOG},
    parked, schedule, test_copy,
};
use crate::web::{
    access::Least,
    live,
    routes::{ANYONE, EDITOR, RELEASER, Route, VIEWER, act, see},
};

/// What comes back where all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// JSON of a schema.
    Json(&'static str),
    /// What came of an order.
    Order,
    /// Server-sent events.
    Events,
    /// Prometheus' text.
    Text,
    /// The document itself.
    Document,
}

/// A route of the API.
pub struct ApiRoute {
    /// Method, path, role.
    pub route: Route,
    /// Its name in programs.
    pub name: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// What may be asked.
    pub parameters: &'static [Parameter],
    /// The schema of its body.
    pub body: Option<&'static str>,
    /// What comes back.
    pub answer: Answer,
}

const fn ask(
    route: Route,
    (name, summary): (&'static str, &'static str),
    parameters: &'static [Parameter],
    answer: Answer,
) -> ApiRoute {
    ApiRoute { route, name, summary, parameters, body: None, answer }
}

const fn order(route: Route, (name, summary): (&'static str, &'static str), body: &'static str) -> ApiRoute {
    ApiRoute { route, name, summary, parameters: &[], body: Some(body), answer: Answer::Order }
}

/// All of them.
pub const API: &[ApiRoute] = &[
    ask(
        see("/api/v1/circulars", VIEWER, || get(circulars::list)),
        ("listCirculars", "Circulars, newest first"),
        CIRCULARS,
        Answer::Json("CircularPage"),
    ),
    ask(
        see("/api/v1/circulars/{id}", VIEWER, || get(circulars::show)),
        ("showCircular", "One circular with groups, countries, languages and letters"),
        &[],
        Answer::Json("CircularShown"),
    ),
    ask(
        see("/api/v1/circulars/{id}/deliveries", VIEWER, || get(deliveries::of_circular)),
        ("logOfCircular", "The log of one circular"),
        LOG,
        Answer::Json("DeliveryPage"),
    ),
    ask(
        see("/api/v1/circulars/{id}/explain/{address}", VIEWER, || get(explain::explain)),
        ("explain", "Why an addressee got it or did not; before it is out, for editors: whether it would"),
        &[],
        Answer::Json("ExplainedPage"),
    ),
    ask(
        see("/api/v1/circulars/{id}/certificate", VIEWER, || get(certificate::certificate)),
        ("certificate", "The proof of dispatch: every addressee, totals, and a hash over all of it"),
        &[],
        Answer::Json("Certificate"),
    ),
    ask(
        see("/api/v1/circulars/{id}/check", EDITOR, || get(letters::check)),
        ("check", "How its letter is understood as it lies, what stands against it, and what would happen"),
        &[],
        Answer::Json("CheckPage"),
    ),
    order(
        act("/api/v1/circulars/{id}/approve", RELEASER, || post(acts::approve)),
        ("approve", "Agree to the letter as it lies there now"),
        "PlainOrder",
    ),
    order(
        act("/api/v1/circulars/{id}/hold", RELEASER, || post(acts::hold)),
        ("hold", "Stop it until it is released"),
        "PlainOrder",
    ),
    order(
        act("/api/v1/circulars/{id}/release", RELEASER, || post(acts::release)),
        ("release", "Let it go: before its window, when late, paused or held"),
        "ReleaseOrder",
    ),
    order(
        act("/api/v1/circulars/{id}/cancel", RELEASER, || post(acts::cancel)),
        ("cancel", "Stop it for good; what has not been sent is withdrawn"),
        "PlainOrder",
    ),
    order(
        act("/api/v1/circulars/{id}/resend", RELEASER, || post(acts::resend)),
        ("resend", "Queue refused or expired deliveries again"),
        "ResendOrder",
    ),
    order(
        act("/api/v1/circulars/{id}/settle", RELEASER, || post(acts::settle)),
        ("settle", "Say what became of a delivery in doubt"),
        "SettleOrder",
    ),
    ApiRoute {
        answer: Answer::Json("TestCopy"),
        ..order(
            act("/api/v1/circulars/{id}/test", RELEASER, || post(test_copy::test)),
            (
                "test",
                "Send one marked test copy of its letter, as it lies, to somebody who is to look at it; it never counts",
            ),
            "TestOrder",
        )
    },
    ask(
        see("/api/v1/deliveries", VIEWER, || get(deliveries::all)),
        ("log", "The log of all circulars"),
        WHOLE_LOG,
        Answer::Json("DeliveryPage"),
    ),
    ask(
        see("/api/v1/deliveries/{id}", VIEWER, || get(deliveries::show)),
        ("showDelivery", "One delivery with every attempt"),
        &[],
        Answer::Json("DeliveryShown"),
    ),
    ask(
        see("/api/v1/addressees/{address}", VIEWER, || get(deliveries::of_addressee)),
        ("who", "All that one addressee ever received"),
        ADDRESSEE,
        Answer::Json("AddresseePage"),
    ),
    ask(
        see("/api/v1/groups", VIEWER, || get(groups::list)),
        ("listGroups", "Lists as held, and what stands against a changed one"),
        &[],
        Answer::Json("GroupPage"),
    ),
    ask(
        see("/api/v1/groups/{name}", VIEWER, || get(groups::members)),
        ("listMembers", "Who is in a group"),
        MEMBERS,
        Answer::Json("MemberPage"),
    ),
    order(
        act("/api/v1/groups/{name}/accept", RELEASER, || post(acts::accept)),
        ("acceptGroup", "Let a changed list come into force, exactly the version that was looked at"),
        "AcceptOrder",
    ),
    ask(
        see("/api/v1/schedule", VIEWER, || get(schedule::list)),
        ("schedule", "The next runs, with offset"),
        SCHEDULE,
        Answer::Json("RunPage"),
    ),
    ask(
        see("/api/v1/parked", EDITOR, || get(parked::list)),
        ("listParked", "Letters that cannot go out, with all that stands against them"),
        PARKED,
        Answer::Json("ParkedPage"),
    ),
    ask(
        see("/api/v1/alerts", EDITOR, || get(alerts::list)),
        ("listAlerts", "What is wrong, what was, and what became of every message about it, newest first"),
        ALERTS,
        Answer::Json("AlertPage"),
    ),
    ask(
        see(API_EVENTS, VIEWER, || get(live::events_until_still)),
        (
            "events",
            "Totals of circulars on their way, as they change: each event is an array of Moving. It ends when nothing is being sent",
        ),
        &[],
        Answer::Events,
    ),
    ask(
        see("/api/v1/openapi.json", ANYONE, || get(openapi::serve)),
        ("openapi", "This document"),
        &[],
        Answer::Document,
    ),
    ask(
        see("/healthz", ANYONE, || get(health::alive)),
        ("alive", "The process answers"),
        &[],
        Answer::Json("Standing"),
    ),
    ask(
        see("/readyz", ANYONE, || get(health::ready)),
        ("ready", "The ledger answers, and letters can go out"),
        &[],
        Answer::Json("Standing"),
    ),
    ask(see("/metrics", VIEWER, || get(metrics::metrics)), ("metrics", "What Prometheus reads"), &[], Answer::Text),
];

impl ApiRoute {
    /// Whether it asks who comes.
    pub fn is_guarded(&self) -> bool {
        self.route.least != Least::Anyone
    }
}
