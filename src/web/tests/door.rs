//! The one-time link, passwords, and the way out.

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::fixture::House;
use crate::web::access::{LINK_LIFE, hash_password, mint_link};

fn cookie(answer: &super::fixture::Answer) -> String {
    let set = answer.headers["set-cookie"].to_str().expect("text");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    set.split(';').next().expect("a pair").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_opens_once_and_not_for_long() {
    let house = House::new("").await;
    let stranger = house.ask("GET", "/", &[], "").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    assert!(stranger.text.contains("circulard web link"), "{}", stranger.text);
    let link = mint_link(&house.web.desk.ledger, house.web.now()).await.expect("a link");
    let opened = house.ask("GET", &link, &[], "").await;
    assert_eq!((opened.status, opened.headers["location"].to_str().expect("text")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(house.ask("GET", &link, &[], "").await.status, StatusCode::FORBIDDEN, "once");
    let cookie = cookie(&opened);
    assert_eq!(house.ask("GET", "/", &[("cookie", &cookie)], "").await.status, StatusCode::OK);
    let key = link.split('=').nth(1).expect("a key");
    assert_eq!(house.number(&format!("SELECT count(*) FROM web_link WHERE sha256 = '{key}'")).await, 0);
    let old = mint_link(&house.web.desk.ledger, house.web.now()).await.expect("a link");
    house.pass(LINK_LIFE + TimeDelta::seconds(1));
    assert_eq!(house.ask("GET", &old, &[], "").await.status, StatusCode::FORBIDDEN, "too late");
    assert_eq!(house.ask("GET", "/open?key=", &[], "").await.status, StatusCode::FORBIDDEN);
    house.pass(TimeDelta::hours(9));
    assert_eq!(house.ask("GET", "/", &[("cookie", &cookie)], "").await.status, StatusCode::UNAUTHORIZED, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn name_and_password_open_and_the_way_out_closes() {
    let hash = hash_password("correct horse battery").expect("a hash");
    let house = House::new(&format!("[[user]]\nname = \"Ada\"\nrole = \"viewer\"\npassword_hash = '{hash}'\n")).await;
    let link = mint_link(&house.web.desk.ledger, house.web.now()).await.expect("a link");
    assert_eq!(house.ask("GET", &link, &[], "").await.status, StatusCode::FORBIDDEN, "users are named: no links");
    for (name, password) in [("Ada", "wrong"), ("Bo", "correct horse battery"), ("", ""), ("Ada", "")] {
        let answer = house.ask("POST", "/login", &[], &format!("name={name}&password={password}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert!(!answer.headers.contains_key("set-cookie") && answer.text.contains("not right"));
    }
    let right = "name=ada&password=correct+horse+battery&next=%2Fcirculars%2F1";
    let foreign = house.ask("POST", "/login", &[("origin", "https://evil.example")], right).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let answer = house.ask("POST", "/login", &[], right).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.headers["location"], "/circulars/1");
    let cookie = cookie(&answer);
    let page = house.ask("GET", "/", &[("cookie", &cookie)], "").await;
    assert!(page.text.contains("<bdi>Ada</bdi>, viewer"), "{}", page.text);
    let csrf =
        page.text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let out = house.ask("POST", "/logout", &[("cookie", &cookie)], &format!("csrf={csrf}")).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(house.ask("GET", "/", &[("cookie", &cookie)], "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let hash = hash_password("correct horse battery").expect("a hash");
    let house = House::new(&format!("[[user]]\nname = \"Ada\"\nrole = \"viewer\"\npassword_hash = '{hash}'\n")).await;
    let guess = |password: &'static str| house.ask("POST", "/login", &[], password);
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(guess("name=Ada&password=guess").await.status);
    }
    assert!(statuses[..10].iter().all(|status| *status == StatusCode::UNAUTHORIZED), "{statuses:?}");
    assert!(statuses[10..].iter().all(|status| *status == StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");
    assert_eq!(guess("name=Ada&password=correct+horse+battery").await.status, StatusCode::TOO_MANY_REQUESTS);
    house.pass(TimeDelta::seconds(31));
    assert_eq!(guess("name=Ada&password=correct+horse+battery").await.status, StatusCode::SEE_OTHER);
}
