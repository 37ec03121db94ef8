//! The operator's hand through the API.

use axum::http::StatusCode;

use super::{Programs, is_problem, json, schema};
use crate::{
    ledger::CircularState,
    web::{
        access::{Opened, Role},
        tests::House,
    },
};

async fn state(house: &House) -> CircularState {
    house.web.desk.ledger.circular(house.record.id).await.expect("asked").expect("there").state
}

async fn orders(programs: &Programs) -> i64 {
    programs.house.number("SELECT count(*) FROM orders").await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_act_is_done_and_recorded() {
    let programs = Programs::new().await;
    let house = &programs.house;
    let held = programs.post("/api/v1/circulars/1/hold", "", r#"{"reason": "figures", "by": "Ada"}"#).await;
    assert_eq!(held.status, StatusCode::OK, "{}", held.text);
    schema::check("Ordered", &json(&held));
    assert_eq!(state(house).await, CircularState::Held);
    let again = programs.post("/api/v1/circulars/1/hold", "", r#"{"reason": "again"}"#).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(is_problem(&again, "/api/v1/circulars/1/hold")["detail"].to_string().contains("it is held"));
    assert_eq!(programs.post("/api/v1/circulars/1/release", "", r#"{"reason": "x"}"#).await.status, 200);
    house.write("UPDATE delivery SET state = 'refused' WHERE address = 'b@fr.example'").await;
    house.write("UPDATE delivery SET state = 'in_doubt', doubts = 1 WHERE address = 'a@ke.example'").await;
    let resend = programs.post("/api/v1/circulars/1/resend", "", r#"{"reason": "x", "only": "refused"}"#).await;
    assert_eq!(resend.status, StatusCode::OK, "{}", resend.text);
    let new = programs.post("/api/v1/circulars/1/resend", "", r#"{"reason": "x", "new": true}"#).await;
    assert_eq!(new.status, StatusCode::CONFLICT, "nobody has joined: {}", new.text);
    let settle = r#"{"reason": "they called", "address": "A@ke.example", "known": "accepted"}"#;
    let settle = programs.post("/api/v1/circulars/1/settle", "", settle).await;
    assert_eq!(settle.status, StatusCode::OK, "{}", settle.text);
    assert_eq!(house.number("SELECT count(*) FROM delivery WHERE state = 'accepted'").await, 1);
    assert_eq!(programs.post("/api/v1/circulars/1/cancel", "", r#"{"reason": "x"}"#).await.status, 200);
    assert_eq!(state(house).await, CircularState::Cancelled);
    let signed = "SELECT count(*) FROM event WHERE by = 't-releaser' AND reason = 'figures (asked by Ada)'";
    assert_eq!(house.number(signed).await, 1, "the token signs, and names who asked");
    assert_eq!(programs.post("/api/v1/circulars/1/approve", "", r#"{"reason": "x"}"#).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_twice_with_one_key_is_done_once() {
    let programs = Programs::new().await;
    let hold = "/api/v1/circulars/1/hold";
    let first = programs.post(hold, "k-1", r#"{"reason": "figures"}"#).await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    let again = programs.post(hold, "\"k-1\"", r#" {"reason" : "figures"} "#).await;
    assert_eq!((again.status, &again.text), (StatusCode::OK, &first.text));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(orders(&programs).await, 1);
    for (path, body) in [(hold, r#"{"reason": "other"}"#), ("/api/v1/circulars/1/release", r#"{"reason": "figures"}"#)]
    {
        let other = programs.post(path, "k-1", body).await;
        assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.text);
        assert!(other.text.contains("used for something else"), "{}", other.text);
        is_problem(&other, path);
    }
    // a refusal is an answer too
    let refused = programs.post(hold, "k-2", r#"{"reason": "figures"}"#).await;
    let same = programs.post(hold, "k-2", r#"{"reason": "figures"}"#).await;
    assert_eq!((refused.status, same.status), (StatusCode::CONFLICT, StatusCode::CONFLICT));
    assert_eq!(refused.text, same.text);
    assert_eq!(orders(&programs).await, 2);
    // what was mistyped has used no key
    assert_eq!(programs.post("/api/v1/circulars/1/release", "k-3", "{}").await.status, 422);
    assert_eq!(programs.post("/api/v1/circulars/1/release", "k-3", r#"{"reason": "x"}"#).await.status, 200);
    // another program's key is another key
    let headers = [
        ("authorization", programs.token(Role::Admin)),
        ("content-type", "application/json"),
        ("idempotency-key", "k-1"),
    ];
    let admin = programs.house.ask("POST", hold, &headers, r#"{"reason": "other"}"#).await;
    assert_eq!(admin.status, StatusCode::OK, "{}", admin.text);
    let all = "SELECT count(*) FROM idempotency i JOIN orders o ON o.id = i.order_id";
    assert_eq!(programs.house.number(all).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_fit_does_nothing() {
    let programs = Programs::new().await;
    let long = format!(r#"{{"reason": "{}"}}"#, "x".repeat(1001));
    let huge = format!(r#"{{"reason": "{}"}}"#, "x".repeat(100_000));
    for (act, body, status) in [
        ("hold", "", 400),
        ("hold", "{", 400),
        ("hold", "[]", 422),
        ("hold", r#"["x", null]"#, 422),
        ("hold", "{}", 422),
        ("hold", r#"{"reason": " "}"#, 422),
        ("hold", r#"{"reason": 1}"#, 422),
        ("hold", r#"{"reason": "x", "why": "x"}"#, 422),
        ("hold", long.as_str(), 422),
        ("hold", huge.as_str(), 413),
        ("resend", r#"{"reason": "x"}"#, 422),
        ("resend", r#"{"reason": "x", "only": "all"}"#, 422),
        ("resend", r#"{"reason": "x", "only": "refused", "new": true}"#, 422),
        ("resend", r#"{"reason": "x", "new": false}"#, 422),
        ("settle", r#"{"reason": "x", "address": "nobody", "known": "lost"}"#, 400),
        ("settle", r#"{"reason": "x", "address": "a@ke.example", "known": "maybe"}"#, 422),
    ] {
        let path = format!("/api/v1/circulars/1/{act}");
        let answer = programs.post(&path, "k", body).await;
        assert_eq!(answer.status, status, "{act} {body:.60}: {}", answer.text);
        is_problem(&answer, &path);
    }
    let form = [("authorization", programs.token(Role::Admin))];
    let answer = programs.house.ask("POST", "/api/v1/circulars/1/hold", &form, "reason=x").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for key in [" ", "\"\"", "é", "a b", "a\"b", "\"a", &"x".repeat(201)] {
        let answer = programs.post("/api/v1/circulars/1/hold", key, r#"{"reason": "x"}"#).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{key}");
    }
    assert_eq!(programs.post("/api/v1/circulars/9/hold", "", r#"{"reason": "x"}"#).await.status, 404);
    assert_eq!(orders(&programs).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_acts_with_the_token_of_its_pages_alone() {
    let programs = Programs::new().await;
    let house = &programs.house;
    let hand = house.session("", Role::Admin, Opened::ByLink);
    let json = ("content-type", "application/json");
    let (hold, body) = ("/api/v1/circulars/1/hold", r#"{"reason": "x", "by": "Ada Okafor"}"#);
    for headers in [vec![], vec![("x-csrf-token", "0")], vec![("x-csrf-token", ""), ("origin", "https://evil.example")]]
    {
        let all: Vec<_> = [json, ("cookie", hand.cookie.as_str())].into_iter().chain(headers).collect();
        let answer = house.ask("POST", hold, &all, body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
        is_problem(&answer, hold);
    }
    let all = [json, ("cookie", hand.cookie.as_str()), ("x-csrf-token", hand.csrf.as_str())];
    assert_eq!(house.ask("POST", hold, &all, r#"{"reason": "x"}"#).await.status, 422, "by the link, a name is needed");
    assert_eq!(house.ask("POST", hold, &all, body).await.status, StatusCode::OK);
    assert_eq!(house.number("SELECT count(*) FROM orders WHERE by = 'Ada Okafor'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_accepted_as_it_was_looked_at() {
    let programs = Programs::new().await;
    let (house, accept) = (&programs.house, "/api/v1/groups/offices/accept");
    let nothing = programs.post(accept, "", r#"{"reason": "x", "version": 1}"#).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
    assert!(nothing.text.contains("in force"), "{}", nothing.text);
    let file = house.web.desk.workspace.recipients().join("offices.csv");
    std::fs::write(&file, "email,name\nnew@ke.example,New\n").expect("written");
    crate::desk::read_lists(&house.web.desk, "Ada", |_| true).await.expect("read");
    let groups = json(&programs.get(Role::Viewer, "/api/v1/groups").await);
    let version = groups["items"][0]["pending"]["version"].as_i64().expect("it waits");
    let old = format!(r#"{{"reason": "x", "version": {}}}"#, version - 1);
    assert_eq!(programs.post(accept, "k", &old).await.status, StatusCode::CONFLICT);
    let now = format!(r#"{{"reason": "the ministries merged", "version": {version}}}"#);
    let done = programs.post(accept, "k", &now).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let same = programs.post(accept, "k", &now).await;
    assert_eq!((same.status, &same.text), (StatusCode::OK, &done.text), "although nothing waits any more");
    let members = json(&programs.get(Role::Viewer, "/api/v1/groups/offices").await);
    assert_eq!(members["items"][0]["address"], "new@ke.example");
    assert_eq!(programs.post("/api/v1/groups/nobody/accept", "", &now).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_copy_goes_once_and_counts_nowhere() {
    let programs = Programs::new().await;
    let (house, test) = (&programs.house, "/api/v1/circulars/1/test");
    let body = r#"{"to": "me@house.example", "as": "b@fr.example", "by": "Ada"}"#;
    let first = programs.post(test, "k", body).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    let copy = json(&first);
    schema::check("TestCopy", &copy);
    assert_eq!(
        (&copy["outcome"], &copy["as"], &copy["code"]),
        (&"accepted".into(), &"b@fr.example".into(), &250.into())
    );
    let again = programs.post(test, "k", body).await;
    assert_eq!((again.status, json(&again)), (StatusCode::OK, copy));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = programs.post(test, "k", r#"{"to": "you@house.example"}"#).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.text);
    let captured = std::fs::read_dir(house.web.desk.workspace.rehearsal()).expect("a folder");
    assert_eq!(
        captured.filter_map(Result::ok).filter(|file| file.path().extension().is_some_and(|e| e == "eml")).count(),
        1
    );
    let begun = "SELECT count(*) FROM event WHERE kind = 'test_begun' AND by = 't-releaser (asked by Ada)'";
    assert_eq!(house.number(begun).await, 1);
    assert_eq!(house.number("SELECT count(*) FROM delivery WHERE state <> 'queued'").await, 0, "it counts nowhere");
    for (body, status) in [
        (r#"{"to": "nobody"}"#, 400),
        (r#"{"to": "me@house.example", "why": 1}"#, 422),
        (r#"{"as": "b@fr.example"}"#, 422),
        (r#"{"to": "me@house.example", "as": "nobody@fr.example"}"#, 409),
    ] {
        let answer = programs.post(test, "l", body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        is_problem(&answer, test);
    }
    std::fs::remove_file(house.web.desk.workspace.templates().join("bdt-9.txt")).expect("removed");
    assert_eq!(programs.post(test, "m", body).await.status, StatusCode::NOT_FOUND);
    assert_eq!(programs.post(test, "k", body).await.status, StatusCode::OK, "what was answered stays answered");
    // a daemon that was killed meanwhile does not begin it again
    house.write("UPDATE idempotency SET answer = json_set(answer, '$.outcome', NULL)").await;
    assert_eq!(programs.post(test, "k", body).await.status, StatusCode::ACCEPTED);
    house.web.desk.ledger.end_unanswered("the daemon ended").await.expect("written");
    let doubt = programs.post(test, "k", body).await;
    assert_eq!((doubt.status, &json(&doubt)["outcome"]), (StatusCode::OK, &"in_doubt".into()), "{}", doubt.text);
}
