//! Who asks for an act, why, and whether it was asked for before.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use super::body;
use crate::{
    ledger::OnceKey,
    report::same_person,
    web::{
        Web,
        access::{Means, Visitor, sha256_hex},
        told::Told,
    },
};

/// A name, a reason or an address longer than this is a mistake.
pub const LONGEST: usize = 1_000;
/// An `Idempotency-Key` has at most so many characters.
pub const LONGEST_KEY: usize = 200;
/// What says that an answer is of an act asked for before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request for an act: who asks, about what its path names, saying what, and under which key.
pub struct Asked<T> {
    /// Who asks.
    pub visitor: Visitor,
    /// What the path names: a circular, a list.
    pub named: String,
    /// The body.
    pub said: T,
    /// Where it has one.
    pub once: Option<OnceKey>,
}

impl<T: DeserializeOwned + Serialize> FromRequest<Web> for Asked<T> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, web).await.map_err(IntoResponse::into_response)?;
        let Path(named) = Path::from_request_parts(&mut parts, web).await.map_err(IntoResponse::into_response)?;
        let said = async {
            let said: T = body::read(&body::octets(&parts.headers, body).await?)?;
            let once = once_key(&visitor, &parts.uri, &parts.headers, &said)?;
            Ok::<_, Told>((said, once))
        };
        let (said, once) = said.await.map_err(IntoResponse::into_response)?;
        Ok(Self { visitor, named, said, once })
    }
}

/// The body is not what the act asks for.
pub fn unfit(words: impl Into<String>) -> Told {
    Told::new(StatusCode::UNPROCESSABLE_ENTITY, words)
}

/// The same key for another act. The request is in order, and what is on record stands against it: a conflict, RFC 9110
/// §15.5.10.
pub fn used_otherwise() -> Told {
    Told::new(StatusCode::CONFLICT, "this Idempotency-Key was used for something else; take a new one")
}

/// Marks an answer as one of an act asked for before.
pub fn mark_replayed(response: &mut Response) {
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
}

/// Words of people, fit for a record of one line.
fn in_one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

/// In whose name it is done, and who asked for it, where that is somebody else. A token or a session acts in its own name, so
/// that nobody approves twice. By the link, whoever writes their name.
pub fn signer(visitor: &Visitor, by: Option<&String>) -> Result<(String, Option<String>), Told> {
    let by = by.map(|by| in_one_line(by)).filter(|by| !same_person(by).is_empty());
    if by.as_ref().is_some_and(|by| by.chars().count() > LONGEST) {
        return Err(unfit(format!("by has at most {LONGEST} characters")));
    }
    match (visitor.means, by) {
        (Means::Link, Some(by)) => Ok((by, None)),
        (Means::Link, None) => Err(unfit("by: say who you are; it stands in the record")),
        (_, by) => Ok((visitor.name.clone(), by.filter(|by| *by != visitor.name))),
    }
}

/// The same with a reason, which names who asked for it.
pub fn signed(visitor: &Visitor, reason: &str, by: Option<&String>) -> Result<(String, String), Told> {
    let reason = in_one_line(reason);
    if reason.is_empty() {
        return Err(unfit("reason: say why; it stands in the record"));
    }
    if reason.chars().count() > LONGEST {
        return Err(unfit(format!("reason has at most {LONGEST} characters")));
    }
    let (by, asked) = signer(visitor, by)?;
    let asked = asked.map(|asked| format!(" (asked by {asked})")).unwrap_or_default();
    Ok((by, format!("{reason}{asked}")))
}

/// Whoever came by the link has said their name: their forms know it from now on.
pub fn remember(web: &Web, visitor: &Visitor, by: &str) {
    if let (Means::Link, Some(cookie)) = (visitor.means, &visitor.cookie) {
        web.sessions.call(cookie, by);
    }
}

/// The key under which it is asked for, with what is asked.
fn once_key(visitor: &Visitor, uri: &Uri, headers: &HeaderMap, body: &impl Serialize) -> Result<Option<OnceKey>, Told> {
    let asked = serde_json::to_string(body).map_err(std::io::Error::from)?;
    let request = sha256_hex(format!("{}\n{asked}", uri.path()).as_bytes());
    let who = format!("{:?} {}", visitor.means, visitor.name);
    Ok(key_of(headers)?.map(|key| OnceKey { who, key, request }))
}

/// The key, bare or in quotes.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Told> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let (Some(key), more) = (keys.next(), keys.next()) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().trim();
    let bare = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    let visible = |key: &str| key.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'"');
    if more.is_some() || bare.is_empty() || bare.len() > LONGEST_KEY || !visible(bare) {
        let words =
            format!("Idempotency-Key: give one, of 1 to {LONGEST_KEY} visible ASCII characters that are no quotes");
        return Err(Told::unclear(words));
    }
    Ok(Some(bare.to_owned()))
}
