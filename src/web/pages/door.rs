//! The door: in by the one-time link or by name and password, and out again.

use axum::{
    Form,
    extract::{FromRequest, Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    super::{
        Web,
        access::{Role, Visitor, hash_of, peer_of},
        told::Told,
    },
    sign_in,
};
use crate::web::access::Opened;

/// What a link holds.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    key: String,
}

/// `/open?key=…`: lets in whoever has the one-time link.
pub async fn open(State(web): State<Web>, Query(link): Query<Link>) -> Result<Response, Told> {
    if !web.settings.is_personal() || !web.desk.ledger.use_web_link(&hash_of(&link.key), web.now()).await? {
        let words = "this link has been used, or is too old; `circulard web link` makes a new one";
        return Err(Told::new(StatusCode::FORBIDDEN, words));
    }
    tracing::info!("dashboard: somebody came in by the one-time link");
    let cookie = web.sessions.begin("", Role::Admin, Opened::ByLink, web.now())?;
    Ok(with_cookie(&web, Redirect::to("/"), &cookie))
}

/// `GET /login`
pub async fn login_page(State(web): State<Web>, Query(asked): Query<Asked>) -> Response {
    sign_in(&web, StatusCode::OK, None, &own_page(&asked.next))
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
}

/// Name and password.
#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /login`
pub async fn login(State(web): State<Web>, request: Request) -> Result<Response, Told> {
    let from = peer_of(&web, &request);
    let form = Form::<Credentials>::from_request(request, &()).await;
    let Form(Credentials { name, password, next }) = form.map_err(|_| Told::unclear("the form came in damaged"))?;
    let next = own_page(&next);
    if web.rates.password(from, &name, web.now()).is_err() {
        let words = "too many tries; wait half a minute";
        return Ok(sign_in(&web, StatusCode::TOO_MANY_REQUESTS, Some(words), &next));
    }
    let user = web.settings.user.iter().find(|user| user.name.to_lowercase() == name.trim().to_lowercase());
    let hash = user.and_then(|user| user.password_hash.clone());
    let right = web.passwords.check(password, hash).await;
    let Some(user) = user.filter(|_| right) else {
        tracing::warn!(%from, "dashboard: wrong name or password");
        return Ok(sign_in(&web, StatusCode::UNAUTHORIZED, Some("name or password is not right"), &next));
    };
    web.rates.right_password(from, &name);
    let cookie = web.sessions.begin(&user.name, user.role, Opened::ByPassword, web.now())?;
    Ok(with_cookie(&web, Redirect::to(&next), &cookie))
}

/// `POST /logout`
pub async fn logout(State(web): State<Web>, visitor: Visitor) -> Response {
    if let Some(cookie) = &visitor.cookie {
        web.sessions.end(cookie);
    }
    with_cookie(&web, Redirect::to("/login"), "")
}

/// A path of this dashboard: nobody is sent elsewhere after signing in.
fn own_page(next: &str) -> String {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if own { next.to_owned() } else { "/".to_owned() }
}

/// RFC 6265: readable by no script, sent by no other site, gone when the browser is closed.
fn with_cookie(web: &Web, redirect: Redirect, cookie: &str) -> Response {
    let secure = if web.hosts.is_secure() { "; Secure" } else { "" };
    let age = if cookie.is_empty() { "; Max-Age=0" } else { "" };
    let name = web.hosts.cookie_name();
    let mut response = redirect.into_response();
    if let Ok(value) =
        HeaderValue::from_str(&format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Strict{secure}{age}"))
    {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::own_page;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        for (next, goes) in [
            ("/log?state=refused", "/log?state=refused"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/\t/evil.example", "/"),
        ] {
            assert_eq!(own_page(next), goes);
        }
    }
}
