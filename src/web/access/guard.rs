//! The guard before every route: rate, host, origin, who it is, what they may do, and the token of the form.

use std::net::IpAddr;

use axum::{
    Form,
    body::{Body, to_bytes},
    extract::{FromRequest, FromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use serde::Deserialize;

use super::{Role, same, sessions::Opened, sha256_hex};
use crate::web::{EVENTS, Peer, Web, api, pages, told::Told};

/// What a form may hold: a name, a reason, an address.
pub const ACCESS_FORM_LIMIT: usize = 64 * 1024;
/// The time a form may take on its way.
const FORM_TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// The least that a route asks of whoever comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Least {
    /// Nothing: what everybody may see.
    Anyone,
    /// A role, or one above it.
    Role(Role),
}

/// How a visitor was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By the one-time link.
    Link,
    /// By name and password.
    Password,
    /// By a trusted proxy's word.
    Proxy,
    /// By an API token.
    Token,
}

/// Somebody who has been let in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who, for the records.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How they were let in.
    pub means: Means,
    /// What their forms carry.
    pub csrf: String,
    /// The cookie of their session, where there is one.
    pub cookie: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Told;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Told> {
        let visitor = parts.extensions.get::<Visitor>().cloned();
        visitor.ok_or_else(|| Told::new(StatusCode::UNAUTHORIZED, "please sign in first"))
    }
}

/// Lets a request through to its route, or answers it.
pub async fn guard(State((web, least)): State<(Web, Least)>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if let Err(told) = before_anything(&web, &request) {
        // a program that brings nothing is told so, however often it asks: that costs no more than to turn it away
        let too_often = told.status == StatusCode::TOO_MANY_REQUESTS;
        if too_often && least != Least::Anyone && api::is_for_programs(&path) && brings_nothing(&web, &request) {
            return api::stranger(&path);
        }
        return answer(&web, None, &told, &path);
    }
    let visitor = match identify(&web, &request) {
        Ok(visitor) => visitor,
        // whoever watches with a token that has expired still hears that it lives
        Err(_) if least == Least::Anyone && api::is_for_programs(&path) => None,
        Err(told) => return answer(&web, None, &told, &path),
    };
    match (least, &visitor) {
        (Least::Anyone, _) => {}
        (Least::Role(_), None) if api::is_for_programs(&path) => return api::stranger(&path),
        (Least::Role(_), None) => return pages::sign_in(&web, StatusCode::UNAUTHORIZED, None, &next_page(&request)),
        (Least::Role(least), Some(visitor)) if visitor.role < least => {
            let words = format!("this needs the role {least}; {} is {}", visitor.name, visitor.role);
            return answer(&web, Some(visitor), &Told::new(StatusCode::FORBIDDEN, words), &path);
        }
        _ => {}
    }
    if changes_something(request.method())
        && let Some(visitor) = visitor.as_ref().filter(|visitor| visitor.means != Means::Token)
    {
        request = match with_its_token(request, visitor).await {
            Ok(request) => request,
            Err(told) => return answer(&web, Some(visitor), &told, &path),
        };
    }
    if let Some(visitor) = &visitor {
        // a page left open asks for totals by itself: nobody need be there
        if let Some(cookie) = visitor.cookie.as_ref().filter(|_| ![EVENTS, api::API_EVENTS].contains(&path.as_str())) {
            web.sessions.touch(cookie, web.now());
        }
        request.extensions_mut().insert(visitor.clone());
    }
    let response = next.run(request).await;
    match response.extensions().get::<Told>() {
        Some(told) => answer(&web, visitor.as_ref(), &told.clone(), &path),
        None if api::is_for_programs(&path) => api::problem_of(response, &path),
        None => response,
    }
}

/// What somebody is told instead of what they asked for: a page, or, where programs ask, a problem document.
fn answer(web: &Web, visitor: Option<&Visitor>, told: &Told, path: &str) -> Response {
    if !api::is_for_programs(path) {
        return pages::told(web, visitor, told);
    }
    match told.status {
        StatusCode::UNAUTHORIZED => api::stranger_told(told, path),
        _ => api::problem(told, path),
    }
}

/// Neither a token, nor a cookie, nor a proxy's word.
fn brings_nothing(web: &Web, request: &Request) -> bool {
    let headers = request.headers();
    let proxy = web.settings.trusted_header.as_str();
    let papers = [header::AUTHORIZATION, header::COOKIE].iter().any(|name| headers.contains_key(name));
    !papers && (proxy.is_empty() || !headers.contains_key(proxy))
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// Rate, host and origin.
fn before_anything(web: &Web, request: &Request) -> Result<(), Told> {
    let headers = request.headers();
    if web.rates.request(peer_of(web, request), web.now()).is_err() {
        return Err(Told::new(StatusCode::TOO_MANY_REQUESTS, "too many requests from one machine; wait a few seconds"));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !web.hosts.is_ours(host) {
        let words = "this dashboard does not go by that name; use the address that `circulard run` printed, or set \
                     [web] public_url";
        return Err(Told::new(StatusCode::MISDIRECTED_REQUEST, words));
    }
    if !changes_something(request.method()) {
        return Ok(());
    }
    let foreign = || Err(Told::new(StatusCode::FORBIDDEN, "this was asked by another site; nothing was done"));
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
    {
        return foreign();
    }
    match headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default()) {
        Some(origin) if !web.hosts.is_same_origin(origin, host) => foreign(),
        _ => Ok(()),
    }
}

/// The machine a request comes from: the proxy's word for it, where the proxy is believed.
pub fn peer_of(web: &Web, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    if !web.settings.trusted_proxies.contains(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}

/// Who it is; `None`: nobody we know. `Err`: somebody whose papers are not in order.
fn identify(web: &Web, request: &Request) -> Result<Option<Visitor>, Told> {
    let headers = request.headers();
    if let Some(token) = headers.get(header::AUTHORIZATION) {
        let token = token.to_str().unwrap_or_default();
        return by_token(web, token).map(Some);
    }
    if let Some(visitor) = by_proxy(web, request)? {
        return Ok(Some(visitor));
    }
    Ok(by_cookie(web, headers))
}

/// Whom the proxy has let in. The header counts from a trusted machine alone; from all others it is ignored.
fn by_proxy(web: &Web, request: &Request) -> Result<Option<Visitor>, Told> {
    let settings = &web.settings;
    let trusted = request.extensions().get::<Peer>().is_some_and(|peer| settings.trusted_proxies.contains(&peer.0));
    if !trusted || settings.trusted_header.is_empty() {
        return Ok(None);
    }
    let mut names = request.headers().get_all(settings.trusted_header.as_str()).iter();
    let (name, more) = (names.next(), names.next());
    if more.is_some() {
        return Err(Told::new(StatusCode::BAD_REQUEST, "the proxy names two users"));
    }
    let Some(name) = name.and_then(|name| name.to_str().ok()).filter(|name| !name.is_empty()) else { return Ok(None) };
    match settings.user.iter().find(|user| user.name.eq_ignore_ascii_case(name)) {
        Some(user) => {
            let csrf = web.csrf(&format!("proxy {}", user.name));
            let (name, role) = (user.name.clone(), user.role);
            Ok(Some(Visitor { name, role, means: Means::Proxy, csrf, cookie: None }))
        }
        None => {
            let words = format!("{name} has no role here; an administrator adds a [[web.user]] of that name");
            Err(Told::new(StatusCode::FORBIDDEN, words))
        }
    }
}

fn by_token(web: &Web, authorization: &str) -> Result<Visitor, Told> {
    let refused = |words: &str| Err(Told::new(StatusCode::UNAUTHORIZED, words));
    // RFC 9110 §11.1: a scheme is one in any case
    let bearer = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = bearer else {
        return refused("only `Authorization: Bearer TOKEN` is understood");
    };
    let hash = sha256_hex(token.trim().as_bytes());
    let found = web.settings.token.iter().find(|known| same(&known.sha256.to_ascii_lowercase(), &hash));
    let Some(known) = found else { return refused("no token like this is known") };
    let today = web.now().with_timezone(&web.desk.rules.zone).date_naive();
    if known.last_day().is_none_or(|last| last < today) {
        return refused("this token has expired");
    }
    let (name, role) = (known.name.clone(), known.role);
    Ok(Visitor { name, role, means: Means::Token, csrf: String::new(), cookie: None })
}

fn by_cookie(web: &Web, headers: &HeaderMap) -> Option<Visitor> {
    let name = web.hosts.cookie_name();
    let mut pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookie = pairs
        .find_map(|all| all.split(';').find_map(|pair| pair.trim().strip_prefix(name.as_str())?.strip_prefix('=')))?;
    let session = web.sessions.of(cookie, web.now())?;
    let means = match session.opened {
        Opened::ByLink => Means::Link,
        Opened::ByPassword => Means::Password,
    };
    let csrf = web.csrf(&format!("session {cookie}"));
    Some(Visitor { name: session.name, role: session.role, means, csrf, cookie: Some(cookie.to_owned()) })
}

#[derive(Deserialize)]
struct FormToken {
    #[serde(default)]
    csrf: String,
}

/// Reads the form, and checks that it is one of ours.
async fn with_its_token(request: Request, visitor: &Visitor) -> Result<Request, Told> {
    let header = request.headers().get("x-csrf-token").and_then(|token| token.to_str().ok()).map(str::to_owned);
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(FORM_TIME, to_bytes(body, ACCESS_FORM_LIMIT)).await;
    let octets = match read {
        Ok(Ok(octets)) => octets,
        Ok(Err(_)) => return Err(Told::new(StatusCode::PAYLOAD_TOO_LARGE, "that is more than a form holds")),
        Err(_) => return Err(Told::new(StatusCode::REQUEST_TIMEOUT, "the form took too long on its way")),
    };
    let again = Request::from_parts(parts.clone(), Body::from(octets.clone()));
    let found = match header {
        Some(token) => token,
        None => Form::<FormToken>::from_request(again, &()).await.map(|form| form.0.csrf).unwrap_or_default(),
    };
    if !same(&found, &visitor.csrf) {
        let words = "the form is of another session; go back, load the page anew, and try again. Nothing was done";
        return Err(Told::new(StatusCode::FORBIDDEN, words));
    }
    Ok(Request::from_parts(parts, Body::from(octets)))
}

/// Where to go after signing in: the page asked for, if it is one to look at.
fn next_page(request: &Request) -> String {
    let asked = request.uri().path_and_query().map_or("/", |asked| asked.as_str());
    if request.method() == Method::GET { asked.to_owned() } else { "/".to_owned() }
}
