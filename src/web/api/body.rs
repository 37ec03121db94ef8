//! The body of an act: JSON, not large, soon there, with the fields that the act has and no others.

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, StatusCode, header},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::web::{access::ACCESS_FORM_LIMIT, told::Told};

/// The time a body may take on its way.
const TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// The octets of a body of JSON.
pub async fn octets(headers: &HeaderMap, body: Body) -> Result<Bytes, Told> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let words = format!("the body is \"{kind}\"; send JSON, with `Content-Type: application/json`");
        return Err(Told::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    }
    match tokio::time::timeout(TIME, to_bytes(body, ACCESS_FORM_LIMIT)).await {
        Ok(Ok(octets)) => Ok(octets),
        Ok(Err(_)) => {
            let words = format!("the body is longer than {ACCESS_FORM_LIMIT} octets, or broke off");
            Err(Told::new(StatusCode::PAYLOAD_TOO_LARGE, words))
        }
        Err(_) => Err(Told::new(StatusCode::REQUEST_TIMEOUT, "the body took too long on its way")),
    }
}

/// Reads it: 400 where it is no JSON, 422 where it is not what the act asks for.
pub fn read<T: DeserializeOwned>(octets: &[u8]) -> Result<T, Told> {
    let value: serde_json::Value =
        serde_json::from_slice(octets).map_err(|error| Told::unclear(format!("the body is no JSON: {error}")))?;
    if !value.is_object() {
        return Err(Told::new(StatusCode::UNPROCESSABLE_ENTITY, "the body is not an object"));
    }
    serde_json::from_value(value).map_err(|error| Told::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}

/// A whole number, however it is written: to JSON Schema, 7.0 is one (2020-12 Validation §6.1.1).
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let exact = |float: &f64| float.fract() == 0.0 && float.abs() < 2_f64.powi(53);
    // a float without a fraction, below 2^53, is exactly an integer
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and smaller than 2^53")]
    let from_float = |float: f64| float as i64;
    let found = number.as_i64().or_else(|| number.as_f64().filter(exact).map(from_float));
    found.ok_or_else(|| serde::de::Error::custom(format!("{number} is not a whole number")))
}
