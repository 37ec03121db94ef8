//! Failures as problem documents (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::web::{access::COME_BACK, told::Told};

/// RFC 9457 §3.1. The type is `about:blank` (§4.2.1): what kind of failure it is, the status says.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
}

/// Octets of JSON.
const KIND: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What a program is told instead of what it asked for.
pub fn problem(told: &Told, path: &str) -> Response {
    let title = told.status.canonical_reason().unwrap_or("Refused");
    let content =
        Problem { r#type: "about:blank", title, status: told.status.as_u16(), detail: &told.words, instance: path };
    let octets = serde_json::to_vec(&content).unwrap_or_default();
    let mut response =
        (told.status, [(header::CONTENT_TYPE, KIND), (header::CACHE_CONTROL, NO_STORE)], octets).into_response();
    if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&told.status) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(COME_BACK));
    }
    response
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Nobody we know: how to be somebody.
pub fn stranger(path: &str) -> Response {
    let told =
        Told::new(StatusCode::UNAUTHORIZED, "send `Authorization: Bearer TOKEN`; `circulard web token` makes one");
    let mut response = problem(&told, path);
    // RFC 6750 §3.1: whoever brings no token is told of no error
    let scheme = HeaderValue::from_static("Bearer realm=\"circulard\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}

/// Somebody whose token is not in order.
pub fn stranger_told(told: &Told, path: &str) -> Response {
    let mut response = problem(told, path);
    let scheme = HeaderValue::from_static("Bearer realm=\"circulard\", error=\"invalid_token\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    response
}

/// A failure that no route of ours put into words: an unknown method, a path that is no text.
pub fn problem_of(response: Response, path: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error()
        || response.headers().get(header::CONTENT_TYPE) == Some(&KIND)
    {
        return response;
    }
    let words = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "this path has other methods; the header Allow and /api/v1/openapi.json name them"
        }
        StatusCode::BAD_REQUEST => "the path or the query cannot be read; it must be UTF-8, percent-encoded",
        _ => "this cannot be answered; /api/v1/openapi.json says what can be asked",
    };
    let mut answer = problem(&Told::new(status, words), path);
    for name in [header::ALLOW, header::WWW_AUTHENTICATE, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}
