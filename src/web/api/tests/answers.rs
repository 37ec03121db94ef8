//! What is asked, and what comes back.

use axum::http::StatusCode;
use serde_json::Value;

use super::{Programs, is_problem, json, schema};
use crate::web::{
    access::{Opened, Role},
    api::{
        openapi::document,
        routes::{API, Answer},
    },
    routes::Verb,
};

fn filled(path: &str) -> String {
    path.replace("{id}", "1").replace("{name}", "offices").replace("{address}", "a%40ke.example")
}

/// Letters and lists that make every answer have items.
async fn lived_in() -> Programs {
    let programs = Programs::new().await;
    let house = &programs.house;
    house
        .write(
            "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state, stage, code, status, reply) \
             VALUES (1, 1, 1, 'main', 0, 1, 'refused', 'rcpt', 550, '5.1.1', 'no such user'); \
             UPDATE delivery SET state = 'refused', attempts = 1, relay = 'main', code = 550 WHERE id = 1; \
             INSERT INTO circular (stem, subject, state, reason, digest, seen_at, changed_at) VALUES \
             ('draft', 'A secret matter', 'parked', 'draft.txt: no reference', zeroblob(32), 0, 0), \
             ('later', 'Of later', 'ready', NULL, zeroblob(32), 0, 0); \
             UPDATE circular SET due_at = 4102444800000, reference = 'Circular BDT/10', reference_key = 'bdt/10' \
             WHERE stem = 'later'; \
             INSERT INTO letter (circular, language, file, sha256, problems) VALUES (2, 'en', 'draft.txt', zeroblob(32), \
             '[{\"line\":3,\"severity\":\"error\",\"message\":\"no reference\"}]'); \
             INSERT INTO approval (circular, digest, by, at, voided_at, voided_by) VALUES (1, zeroblob(32), 'Ada', 1, 2, 'text'); \
             INSERT INTO group_version (name, file, sha256, state, rows, mailboxes, doubts, read_at) VALUES \
             ('offices', 'offices.csv', zeroblob(32), 'pending', 1, 1, '[\"two of three would leave\"]', 1); \
             INSERT INTO alert (kind, key, what, event, opened_at, ready_at) VALUES ('relay_down', 'main', 'no route', 1, 1, 1), \
             ('late', 'x', 'late', 1, 2, 2); \
             UPDATE alert SET resolved_at = 3 WHERE kind = 'late'",
        )
        .await;
    programs
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_as_its_schema_says() {
    let programs = lived_in().await;
    for api in API.iter().filter(|api| api.route.verb == Verb::Get) {
        let path = filled(api.route.path);
        let answer = programs.get(Role::Admin, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        let kind = answer.headers["content-type"].to_str().expect("text").to_owned();
        match api.answer {
            Answer::Json(schema) => {
                assert_eq!(kind, "application/json", "{path}");
                let value = json(&answer);
                schema::check(schema, &value);
                assert!(value["items"].as_array().is_none_or(|items| !items.is_empty()), "{path} has nothing to show");
            }
            Answer::Document => assert_eq!(json(&answer), document()),
            Answer::Events => assert_eq!(kind, "text/event-stream"),
            Answer::Text => assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}"),
            Answer::Order => panic!("{path} changes something"),
        }
    }
    let groups = json(&programs.get(Role::Admin, "/api/v1/groups").await);
    assert_eq!(groups["items"][0]["pending"]["doubts"][0], "two of three would leave", "{groups}");
    let circular = json(&programs.get(Role::Admin, "/api/v1/circulars/1").await);
    assert_eq!(circular["approvals"][0]["by"], "Ada", "{circular}");
    let shown = json(&programs.get(Role::Admin, "/api/v1/deliveries/1").await);
    assert_eq!(shown["history"][0]["status"], "5.1.1", "{shown}");
}

#[test]
fn the_document_names_each_thing_once_and_nothing_that_is_not_there() {
    let document = document();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for part in text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().expect("a name");
        assert!(schemas.contains_key(name), "{name}");
    }
    let used = |name: &String| text.contains(&format!("schemas/{name}\""));
    assert_eq!(schemas.keys().find(|name| !used(name)), None, "a schema that nothing uses");
    let mut names: Vec<&str> = API.iter().map(|api| api.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), API.len(), "operations have names of their own");
    let paths = document["paths"].as_object().expect("paths");
    let operations: usize = paths.values().filter_map(Value::as_object).map(serde_json::Map::len).sum();
    assert_eq!(operations, API.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_and_end() {
    let programs = lived_in().await;
    let mut seen = Vec::new();
    let mut path = "/api/v1/circulars/1/deliveries?limit=2".to_owned();
    loop {
        let page = json(&programs.get(Role::Viewer, &path).await);
        seen.extend(page["items"].as_array().expect("items").iter().map(|item| item["address"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/circulars/1/deliveries?limit=2&after={next}");
    }
    assert_eq!(seen, ["\"a@ke.example\"", "\"b@fr.example\"", "\"c@fr.example\""]);
    for (path, count, more) in [
        ("/api/v1/circulars?limit=1", 1, true),
        ("/api/v1/circulars?limit=3", 3, false),
        ("/api/v1/circulars?limit=1&after=c2", 1, false),
        ("/api/v1/circulars?reference=circular+bdt%2F9", 1, false),
        ("/api/v1/circulars?reference=nothing", 0, false),
        ("/api/v1/circulars?state=ready,parked", 2, false),
        ("/api/v1/groups/offices?limit=2", 2, true),
        ("/api/v1/groups/offices?limit=2&after=m2", 1, false),
        ("/api/v1/deliveries?country=FRANCE", 2, false),
        ("/api/v1/deliveries?state=refused,expired", 1, false),
        ("/api/v1/deliveries?to=B%40fr.example", 1, false),
        ("/api/v1/deliveries?group=offices&reference=BDT/9&limit=2", 2, true),
        ("/api/v1/deliveries?since=2026-11-30T10:00:00%2B01:00&until=2026-12-01", 3, false),
        ("/api/v1/deliveries?until=2026-11-30", 0, false),
        ("/api/v1/deliveries?role=to&language=en", 3, false),
        ("/api/v1/deliveries?role=copy", 0, false),
        ("/api/v1/addressees/nobody%40ke.example", 0, false),
        ("/api/v1/alerts?limit=1", 1, true),
        ("/api/v1/alerts?limit=1&after=a2", 1, false),
        ("/api/v1/alerts?state=open", 1, false),
        ("/api/v1/circulars/1/explain/nobody%40ke.example", 1, false),
    ] {
        let page = json(&programs.get(Role::Editor, path).await);
        let found = (page["items"].as_array().map(Vec::len), page["next"].is_string());
        assert_eq!(found, (Some(count), more), "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_refused_in_words() {
    let programs = lived_in().await;
    for (path, status, says) in [
        ("/api/v1/circulars?stat=ready", 400, "did you mean \\\"state\\\"?"),
        ("/api/v1/circulars?state=lost", 400, "is not a state of a circular"),
        ("/api/v1/circulars?state=ready&state=parked", 400, "given twice"),
        ("/api/v1/circulars?state=", 400, "is empty"),
        ("/api/v1/circulars?limit=0", 400, "from 1 to 500"),
        ("/api/v1/circulars?limit=x", 400, "from 1 to 500"),
        ("/api/v1/circulars?after=d1", 400, "no place here"),
        ("/api/v1/circulars/0", 400, "not the number"),
        ("/api/v1/circulars/99999999999999999999", 400, "not the number"),
        ("/api/v1/circulars/9", 404, "/api/v1/circulars lists all"),
        ("/api/v1/circulars/9/deliveries", 404, "no circular 9"),
        ("/api/v1/deliveries/9", 404, "no delivery 9"),
        ("/api/v1/deliveries?to=nobody", 400, "nobody"),
        ("/api/v1/deliveries?since=soon", 400, "2026-12-07"),
        ("/api/v1/deliveries?role=cc", 400, "neither to nor copy"),
        ("/api/v1/deliveries?reference=BDT/8", 404, "no circular is called"),
        ("/api/v1/deliveries/%ff", 400, "UTF-8"),
        ("/api/v1/addressees/nobody", 400, "nobody"),
        ("/api/v1/groups/office", 404, "did you mean \\\"offices\\\"?"),
        ("/api/v1/groups?limit=1", 400, "no parameter"),
        ("/api/v1/alerts?state=closed", 400, "neither open nor resolved"),
        ("/api/v1/circulars/1/explain/nobody", 400, "nobody"),
        ("/api/v1/circulars/9/explain/a%40ke.example", 404, "no circular 9"),
        ("/api/v1/circulars/9/certificate", 404, "no circular 9"),
        ("/api/v1/circulars/3/certificate", 404, "nothing to certify"),
        ("/api/v1/circulars/2/check", 404, "gone from templates/"),
        ("/api/v1/nothing", 404, "/api/v1/openapi.json"),
        ("/api", 404, "/api/v1/openapi.json"),
    ] {
        let answer = programs.get(Role::Admin, path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.text.contains(says), "{path}: {}", answer.text);
        is_problem(&answer, path);
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        let token = [("authorization", programs.token(Role::Admin))];
        let answer = programs.house.ask(method, "/api/v1/circulars", &token, "").await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers["allow"], "GET,HEAD", "{method}");
        is_problem(&answer, "/api/v1/circulars");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_small_roles_are_told_in_the_same_form() {
    let programs = lived_in().await;
    for api in API.iter().filter(|api| api.is_guarded()) {
        let (path, method) = (filled(api.route.path), if api.route.verb == Verb::Get { "GET" } else { "POST" });
        let answer = programs.house.ask(method, &path, &[], "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"circulard\"", "{path}");
        is_problem(&answer, &path);
        let answer = programs.house.ask(method, &path, &[("host", "evil.example")], "").await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
        is_problem(&answer, &path);
    }
    let refused = programs.get(Role::Viewer, "/api/v1/parked").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    is_problem(&refused, "/api/v1/parked");
    // what is not out yet, a viewer does not read
    for path in ["/api/v1/circulars?state=parked", "/api/v1/circulars/2"] {
        let (editor, viewer) = (programs.get(Role::Editor, path).await, programs.get(Role::Viewer, path).await);
        assert!(editor.text.contains("no reference"), "{}", editor.text);
        assert!(!viewer.text.contains("no reference"), "{}", viewer.text);
    }
    for (path, viewer, editor) in [
        ("/api/v1/circulars/1/explain/a%40ke.example", 200, 200),
        ("/api/v1/circulars/2/explain/a%40ke.example", 403, 200),
        ("/api/v1/circulars/1/check", 403, 200),
        ("/api/v1/alerts", 403, 200),
    ] {
        assert_eq!(programs.get(Role::Viewer, path).await.status, viewer, "{path}");
        assert_eq!(programs.get(Role::Editor, path).await.status, editor, "{path}");
    }
    // pages stay pages
    let session = programs.house.session("Ada", Role::Viewer, Opened::ByPassword);
    let page = programs.house.see("/nothing", &session).await;
    assert!(page.headers["content-type"].to_str().expect("text").starts_with("text/html"), "{}", page.text);
}
