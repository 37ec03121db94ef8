//! The table of routes: method, path, and the least role that may use it. The router is made of it, and so are the tests
//! that try every route as everybody.

use axum::{
    Router, middleware,
    routing::{MethodRouter, get, post},
};

use super::{
    EVENTS, Web,
    access::{Least, Role, guard},
    api::API,
    assets, headers, live, pages,
};

/// The methods that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Looks, and changes nothing.
    Get,
    /// Changes something.
    Post,
}

/// One route.
pub struct Route {
    /// Its method.
    pub verb: Verb,
    /// Its path, with names in braces.
    pub path: &'static str,
    /// Who may use it.
    pub least: Least,
    serves: fn() -> MethodRouter<Web>,
}

pub(super) const fn see(path: &'static str, least: Least, serves: fn() -> MethodRouter<Web>) -> Route {
    Route { verb: Verb::Get, path, least, serves }
}

pub(super) const fn act(path: &'static str, least: Least, serves: fn() -> MethodRouter<Web>) -> Route {
    Route { verb: Verb::Post, path, least, serves }
}

pub(super) const ANYONE: Least = Least::Anyone;
pub(super) const VIEWER: Least = Least::Role(Role::Viewer);
pub(super) const EDITOR: Least = Least::Role(Role::Editor);
pub(super) const RELEASER: Least = Least::Role(Role::Releaser);

/// All routes: pages, and the API.
pub fn all() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().chain(API.iter().map(|api| &api.route))
}

/// The routes of the pages.
pub const ROUTES: &[Route] = &[
    see("/open", ANYONE, || get(pages::door::open)),
    see("/login", ANYONE, || get(pages::door::login_page)),
    act("/login", ANYONE, || post(pages::door::login)),
    act("/logout", VIEWER, || post(pages::door::logout)),
    see("/assets/{name}", ANYONE, || get(assets::asset)),
    see(EVENTS, VIEWER, || get(live::events)),
    see("/", VIEWER, || get(pages::circulars::list)),
    see("/circulars/{id}", VIEWER, || get(pages::circular::show)),
    see("/circulars/{id}/approve", RELEASER, || get(pages::act::ask_approve)),
    act("/circulars/{id}/approve", RELEASER, || post(pages::act::approve)),
    see("/circulars/{id}/hold", RELEASER, || get(pages::act::ask_hold)),
    act("/circulars/{id}/hold", RELEASER, || post(pages::act::hold)),
    see("/circulars/{id}/release", RELEASER, || get(pages::act::ask_release)),
    act("/circulars/{id}/release", RELEASER, || post(pages::act::release)),
    see("/circulars/{id}/cancel", RELEASER, || get(pages::act::ask_cancel)),
    act("/circulars/{id}/cancel", RELEASER, || post(pages::act::cancel)),
    see("/circulars/{id}/resend", RELEASER, || get(pages::act::ask_resend)),
    act("/circulars/{id}/resend", RELEASER, || post(pages::act::resend)),
    see("/circulars/{id}/settle", RELEASER, || get(pages::act::ask_settle)),
    act("/circulars/{id}/settle", RELEASER, || post(pages::act::settle)),
    see("/circulars/{id}/test", RELEASER, || get(pages::test::ask)),
    act("/circulars/{id}/test", RELEASER, || post(pages::test::send)),
    see("/deliveries/{id}", VIEWER, || get(pages::delivery::show)),
    see("/deliveries/{id}/message", VIEWER, || get(pages::delivery::message)),
    see("/deliveries/{id}/message.html", VIEWER, || get(pages::delivery::html)),
    see("/deliveries/{id}/message.eml", VIEWER, || get(pages::delivery::eml)),
    see("/addressees", VIEWER, || get(pages::addressee::show)),
    see("/find", VIEWER, || get(pages::addressee::find)),
    see("/log", VIEWER, || get(pages::log::search)),
    see("/log.csv", VIEWER, || get(pages::export::csv)),
    see("/log.json", VIEWER, || get(pages::export::json)),
    see("/log.xlsx", VIEWER, || get(pages::export::xlsx)),
    see("/groups", VIEWER, || get(pages::groups::list)),
    see("/groups/{name}", VIEWER, || get(pages::groups::members)),
    see("/groups/{name}/accept", RELEASER, || get(pages::accept::show)),
    act("/groups/{name}/accept", RELEASER, || post(pages::accept::accept)),
    see("/schedule", VIEWER, || get(pages::schedule::show)),
    see("/alerts", VIEWER, || get(pages::alerts::list)),
    see("/parked", EDITOR, || get(pages::parked::list)),
];

/// The router over the table. Whatever is not in it is unknown, and to strangers not even that.
pub fn router(web: &Web) -> Router {
    let mut router = Router::new();
    for route in all() {
        let state = (web.clone(), route.least);
        let serves = (route.serves)().layer(middleware::from_fn_with_state(state, guard));
        router = router.route(route.path, serves);
    }
    let state = (web.clone(), VIEWER);
    let unknown = axum::routing::any(pages::unknown);
    router
        .fallback_service(unknown.layer(middleware::from_fn_with_state(state, guard)).with_state(web.clone()))
        .layer(middleware::from_fn_with_state(web.clone(), headers::add))
        .with_state(web.clone())
}
