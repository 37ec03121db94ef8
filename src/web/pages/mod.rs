//! Pages: rows of the ledger in, HTML out. The templates escape everything they are given.

use axum::{
    http::{StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use minijinja::{Value, context, value::Serde};
use serde::Serialize;

use super::{
    Earnest, Web,
    access::{Means, Role, Visitor},
    api::is_for_programs,
    assets::ASSETS,
    told::Told,
};

pub mod accept;
pub mod act;
pub mod addressee;
pub mod alerts;
pub mod circular;
pub mod circulars;
pub mod delivery;
pub mod door;
pub mod export;
pub mod groups;
pub mod log;
mod numbers;
mod outlook;
pub mod parked;
pub mod schedule;
mod templates;
pub mod test;
mod wording;

use templates::ENVIRONMENT;

/// What the frame around every page shows.
#[derive(Debug, Serialize)]
struct Frame<'a> {
    title: &'a str,
    here: &'a str,
    rehearsal: bool,
    zone: &'static str,
    assets: &'a super::assets::Assets,
    visitor: Option<Shown<'a>>,
}

/// The visitor, as pages show them.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    name: &'a str,
    role: &'static str,
    csrf: &'a str,
    may_edit: bool,
    may_release: bool,
    may_leave: bool,
    /// The name in the records is typed with each act.
    gives_name: bool,
}

/// Renders a page. `here` is the entry of the menu that it belongs to.
fn page(
    web: &Web,
    visitor: Option<&Visitor>,
    template: &str,
    (title, here): (&str, &str),
    content: impl Serialize,
) -> Result<Response, Told> {
    let frame = Frame {
        title,
        here,
        rehearsal: web.earnest == Earnest::Rehearsal,
        zone: web.desk.rules.zone.name(),
        assets: &ASSETS,
        visitor: visitor.map(|visitor| Shown {
            name: &visitor.name,
            role: visitor.role.as_str(),
            csrf: &visitor.csrf,
            may_edit: visitor.role >= Role::Editor,
            may_release: visitor.role >= Role::Releaser,
            may_leave: visitor.cookie.is_some(),
            gives_name: visitor.means == Means::Link,
        }),
    };
    let names = context! { frame => Value::from(Serde(&frame)), page => Value::from(Serde(content)) };
    let html = ENVIRONMENT.get_template(template)?.render(names)?;
    Ok(Html(html).into_response())
}

/// What somebody is told instead of a page.
pub fn told(web: &Web, visitor: Option<&Visitor>, told: &Told) -> Response {
    let plain = || (told.status, told.words.clone()).into_response();
    if visitor.is_some_and(|visitor| visitor.means == Means::Token) {
        return plain();
    }
    let reason = told.status.canonical_reason().unwrap_or("Refused");
    #[derive(Serialize)]
    struct Content<'a> {
        status: u16,
        reason: &'a str,
        words: &'a str,
    }
    let content = Content { status: told.status.as_u16(), reason, words: &told.words };
    match page(web, visitor, "told.html", (reason, ""), content) {
        Ok(mut response) => {
            *response.status_mut() = told.status;
            response
        }
        Err(_) => plain(),
    }
}

/// The page to sign in with, or what to do where there are no users.
pub fn sign_in(web: &Web, status: StatusCode, problem: Option<&str>, next: &str) -> Response {
    #[derive(Serialize)]
    struct SignIn<'a> {
        personal: bool,
        passwords: bool,
        problem: Option<&'a str>,
        next: &'a str,
    }
    let content = SignIn {
        personal: web.settings.is_personal(),
        passwords: web.settings.user.iter().any(|user| user.password_hash.is_some()),
        problem,
        next,
    };
    match page(web, None, "sign_in.html", ("Sign in", ""), content) {
        Ok(mut response) => {
            *response.status_mut() = status;
            if status == StatusCode::UNAUTHORIZED {
                let scheme = header::HeaderValue::from_static("Bearer realm=\"circulard\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            }
            response
        }
        Err(told) => told.into_response(),
    }
}

/// Whatever is not in the table.
pub async fn unknown(uri: Uri) -> Told {
    match is_for_programs(uri.path()) {
        true => Told::unknown("there is nothing here; /api/v1/openapi.json says what there is"),
        false => Told::unknown("there is no such page"),
    }
}
