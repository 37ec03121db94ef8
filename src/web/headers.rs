//! What every answer carries, so that a browser runs nothing that is not ours, and keeps nothing.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::Web;

/// Nothing from elsewhere, nothing inline, no frame around us.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-src 'self'; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// A letter's own HTML, shown in a frame of ours: its styles and nothing else; it is of no origin and cannot run.
const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; \
                             base-uri 'none'; frame-ancestors 'self'; sandbox";

/// Marks an answer as a letter's own HTML.
#[derive(Debug, Clone, Copy)]
pub struct IsLetter;

/// Adds them to every answer.
pub async fn add(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let letter = response.extensions().get::<IsLetter>().is_some();
    let headers = response.headers_mut();
    let (policy, frame) = if letter { (LETTER_POLICY, "SAMEORIGIN") } else { (POLICY, "DENY") };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, frame),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // with "no-referrer" browsers would call the origin of our own forms "null"
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if web.hosts.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    keep_nothing(headers);
    response
}

/// Pages hold addresses: no cache keeps them, unless the answer says otherwise.
fn keep_nothing(headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
