//! The API: JSON over the queries and acts of the command line, under the names that its `--format json` uses.
//!
//! A list comes a page at a time: `items`, and in `next` the place where the next page begins, which is given back as
//! `after`. What is asked wrongly is refused, never left out: an unknown parameter, a state that is none. Every failure is a
//! problem document (RFC 9457). An act takes an `Idempotency-Key`, so that a program whose connection broke may ask again.
//! The OpenAPI document is made of the table of routes ([`routes`]) and of the schemas ([`schemas`]), and a test holds every
//! answer against it.

mod acts;
mod alerts;
mod asked;
mod body;
mod certificate;
mod circulars;
mod deliveries;
mod explain;
mod exposition;
mod groups;
mod health;
mod letters;
mod metrics;
mod openapi;
mod parameters;
mod parked;
mod problem;
mod routes;
mod schedule;
mod schemas;
mod signed;
mod test_copy;

#[cfg(test)]
mod tests;

pub use asked::known_query;
pub use metrics::Metrics;
pub use problem::{problem, problem_of, stranger, stranger_told};
pub use routes::{API, ApiRoute};

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::told::Told;

/// Where totals are told live.
pub const API_EVENTS: &str = "/api/v1/events";

/// Whether programs, not people, ask for a path.
pub fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/") || path == "/api" || ["/healthz", "/readyz", "/metrics"].contains(&path)
}

/// One page of a list.
#[derive(Debug, Serialize)]
struct Page<T> {
    items: Vec<T>,
    /// Where the next page begins; `None`: nothing follows.
    next: Option<String>,
}

/// An answer in JSON.
fn json(content: &impl Serialize) -> Result<Response, Told> {
    Ok(as_json(serde_json::to_vec(content).map_err(std::io::Error::from)?))
}

/// Octets of JSON as an answer.
fn as_json(octets: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, octets).into_response()
}
