//! Every route as everybody, and every way to come in by a trick.

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::fixture::{HOST, House, users};
use crate::web::{
    Route, Verb,
    access::{Least, Opened, Role, new_token},
    routes::all,
};

fn method(route: &Route) -> &'static str {
    match route.verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
    }
}

fn path(route: &Route) -> String {
    route.path.replace("{id}", "1").replace("{name}", "offices").replace("{address}", "a@ke.example")
}

/// Routes for everybody, and what they answer to somebody without papers.
const FOR_ANYONE: [(&str, &str, StatusCode); 7] = [
    ("GET", "/open", StatusCode::FORBIDDEN),
    ("GET", "/login", StatusCode::OK),
    ("POST", "/login", StatusCode::UNAUTHORIZED),
    ("GET", "/assets/{name}", StatusCode::NOT_FOUND),
    ("GET", "/api/v1/openapi.json", StatusCode::OK),
    ("GET", "/healthz", StatusCode::OK),
    ("GET", "/readyz", StatusCode::OK),
];

const REFUSALS: [StatusCode; 2] = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];

fn is_right(route: &Route, role: Option<Role>, status: StatusCode) -> bool {
    match (route.least, role) {
        (Least::Anyone, None) => FOR_ANYONE.contains(&(method(route), route.path, status)),
        (Least::Anyone, Some(_)) => true,
        (Least::Role(_), None) => status == StatusCode::UNAUTHORIZED,
        (Least::Role(least), Some(role)) if role < least => status == StatusCode::FORBIDDEN,
        (Least::Role(_), Some(_)) => !REFUSALS.contains(&status) && !status.is_server_error(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_for_its_role_and_strangers_see_nothing() {
    let house = House::new(&users()).await;
    let stranger = [("stranger", None)];
    let known = Role::ALL.map(|role| (role.as_str(), Some(role)));
    for (name, role) in stranger.into_iter().chain(known) {
        // nobody is asked to be slower
        house.pass(TimeDelta::minutes(1));
        for route in all() {
            let session = role.map(|role| house.session(name, role, Opened::ByPassword));
            let headers = session.as_ref().map(|session| ("cookie", session.cookie.as_str()));
            let headers: Vec<(&str, &str)> = headers.into_iter().collect();
            let body = session.as_ref().map(|session| format!("csrf={}", session.csrf)).unwrap_or_default();
            let body = if method(route) == "POST" { body } else { String::new() };
            let answer = house.ask(method(route), &path(route), &headers, &body).await;
            let status = answer.status;
            assert!(is_right(route, role, status), "{name}: {} {}: {status}", method(route), route.path);
            assert!(role.is_some() || !answer.text.contains("BDT"), "{} tells strangers", route.path);
        }
    }
    let unknown = house.ask("GET", "/nothing", &[], "").await;
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED, "strangers do not learn what there is");
    assert_eq!(house.number("SELECT count(*) FROM orders").await, 0, "an act without a reason is no act");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_have_their_role_and_their_last_day() {
    let (mut settings, mut tokens) = (String::new(), Vec::new());
    for role in Role::ALL {
        let (token, sha256) = new_token().expect("a token");
        settings += &format!(
            "[[token]]\nname = \"t-{role}\"\nrole = \"{role}\"\nsha256 = \"{sha256}\"\nexpires = \"2026-12-01\"\n"
        );
        tokens.push((role, format!("Bearer {token}")));
    }
    let house = House::new(&settings).await;
    for (role, token) in &tokens {
        for route in all() {
            let status = house.ask(method(route), &path(route), &[("authorization", token)], "").await.status;
            assert!(is_right(route, Some(*role), status), "{role}: {} {}: {status}", method(route), route.path);
        }
    }
    for wrong in ["Bearer ", "Bearer x", "Basic QWRhOng=", &tokens[3].1[..20], &tokens[3].1.to_uppercase()] {
        let status = house.ask("GET", "/", &[("authorization", wrong)], "").await.status;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    assert_eq!(house.ask("GET", "/", &[("authorization", &tokens[0].1)], "").await.status, StatusCode::OK);
    house.pass(TimeDelta::days(2));
    assert_eq!(house.ask("GET", "/", &[("authorization", &tokens[0].1)], "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_needs_its_own_form_and_its_own_site() {
    let house = House::new(&users()).await;
    let admin = house.session("admin", Role::Admin, Opened::ByPassword);
    let other = house.session("admin", Role::Admin, Opened::ByPassword);
    let form = format!("csrf={}&reason=because", admin.csrf);
    let cookie = ("cookie", admin.cookie.as_str());
    for (what, headers, body) in [
        ("no token", vec![cookie], "reason=because".to_owned()),
        ("an empty token", vec![cookie], "csrf=&reason=because".to_owned()),
        ("another session's token", vec![cookie], format!("csrf={}&reason=because", other.csrf)),
        ("another site", vec![cookie, ("origin", "https://evil.example")], form.clone()),
        ("another port", vec![cookie, ("origin", "http://127.0.0.1:8113")], form.clone()),
        ("no origin at all", vec![cookie, ("origin", "null")], form.clone()),
        ("a browser's word", vec![cookie, ("sec-fetch-site", "cross-site")], form.clone()),
        ("a neighbour", vec![cookie, ("sec-fetch-site", "same-site")], form.clone()),
    ] {
        for route in all().filter(|route| route.verb == Verb::Post && route.least != Least::Anyone) {
            let status = house.ask("POST", &path(route), &headers, &body).await.status;
            assert_eq!(status, StatusCode::FORBIDDEN, "{what}: {}", route.path);
        }
    }
    let large = format!("{form}&more={}", "x".repeat(100_000));
    assert_eq!(house.ask("POST", "/circulars/1/hold", &[cookie], &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(house.number("SELECT count(*) FROM orders").await, 0);
    let ours = [cookie, ("origin", "http://127.0.0.1:8112"), ("sec-fetch-site", "same-origin")];
    assert_eq!(house.ask("POST", "/circulars/1/hold", &ours, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.number("SELECT count(*) FROM orders").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_ours_is_not_answered() {
    let house = House::new(&users()).await;
    let admin = house.session("admin", Role::Admin, Opened::ByPassword);
    for host in ["evil.example", "evil.example:8112", "127.0.0.1:9", ""] {
        for route in all() {
            let headers = [("host", host), ("cookie", admin.cookie.as_str())];
            let answer = house.ask(method(route), &path(route), &headers, "").await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}: {}", route.path);
            assert!(!answer.text.contains("BDT"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_believed_and_nobody_else() {
    let proxy = "trusted_header = \"x-remote-user\"\ntrusted_proxies = [\"192.0.2.1\"]\n";
    let house = House::new(&format!("{proxy}{}", users())).await;
    let from = |peer: [u8; 4], name: &'static str| {
        let house = &house;
        async move { house.ask_from(peer, "GET", "/", &[("x-remote-user", name)], "").await.status }
    };
    assert_eq!(from([192, 0, 2, 1], "Viewer").await, StatusCode::OK);
    assert_eq!(from([192, 0, 2, 2], "admin").await, StatusCode::UNAUTHORIZED, "another machine's word");
    assert_eq!(from([127, 0, 0, 1], "admin").await, StatusCode::UNAUTHORIZED);
    assert_eq!(from([192, 0, 2, 1], "nobody").await, StatusCode::FORBIDDEN, "a name without a role");
    assert_eq!(from([192, 0, 2, 1], "").await, StatusCode::UNAUTHORIZED);
    let twice = [("x-remote-user", "viewer"), ("x-remote-user", "admin")];
    assert_eq!(house.ask_from([192, 0, 2, 1], "GET", "/", &twice, "").await.status, StatusCode::BAD_REQUEST);
    let viewer = [("x-remote-user", "viewer")];
    let hold = house.ask_from([192, 0, 2, 1], "POST", "/circulars/1/hold", &viewer, "").await.status;
    assert_eq!(hold, StatusCode::FORBIDDEN);
    let releaser = [("x-remote-user", "releaser")];
    let form = house.ask_from([192, 0, 2, 1], "GET", "/circulars/1/hold", &releaser, "").await.text;
    let token = form.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let without = house.ask_from([192, 0, 2, 1], "POST", "/circulars/1/hold", &releaser, "reason=x").await.status;
    assert_eq!(without, StatusCode::FORBIDDEN);
    let body = format!("csrf={token}&reason=x&by=somebody+else");
    let held = house.ask_from([192, 0, 2, 1], "POST", "/circulars/1/hold", &releaser, &body).await.status;
    assert_eq!(held, StatusCode::SEE_OTHER);
    assert_eq!(house.number("SELECT count(*) FROM orders WHERE by = 'releaser' AND reason = 'x'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_that_keep_scripts_out() {
    let house = House::new(&users()).await;
    let admin = house.session("admin", Role::Admin, Opened::ByPassword);
    for path in ["/", "/login", "/nothing", "/assets/x", "/circulars/1", "/circulars/99", "/open"] {
        let answer = house.see(path, &admin).await;
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
    }
    let style = house.see("/", &admin).await.text;
    let style = style.split("href=\"").find(|rest| rest.starts_with("/assets/style-")).expect("a style sheet");
    let style = house.ask("GET", style.split('"').next().expect("a path"), &[], "").await;
    assert_eq!(style.status, StatusCode::OK);
    assert!(style.headers["cache-control"].to_str().expect("text").contains("immutable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knocks_too_often_waits() {
    let house = House::new(&users()).await;
    let mut last = StatusCode::OK;
    for _ in 0..400 {
        last = house.ask("GET", "/login", &[("host", HOST)], "").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(house.ask_from([192, 0, 2, 9], "GET", "/login", &[], "").await.status, StatusCode::OK);
    house.pass(TimeDelta::seconds(60));
    assert_eq!(house.ask("GET", "/login", &[], "").await.status, StatusCode::OK);
}
