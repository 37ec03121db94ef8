//! Pages that go on, what is taken away, and the message as it was sent.

use std::collections::BTreeSet;

use super::fixture::{House, LETTER, Session, users};
use crate::web::access::{Opened, Role};

/// More than fit on any page.
fn many() -> String {
    let rows = (0..450).map(|n| format!("o{n:03}@n{n}.example,Office {n},Ministry,Land {}\n", n % 7));
    std::iter::once("email,name,organization,country\n".to_owned()).chain(rows).collect()
}

/// The addresses of a listing, over all its pages.
async fn over_all_pages(house: &House, session: &Session, path: &str, link: &str) -> (BTreeSet<String>, usize) {
    let (mut found, mut next, mut pages) = (BTreeSet::new(), Some(path.to_owned()), 0);
    while let Some(path) = next {
        let page = house.see(&path, session).await;
        assert_eq!(page.status, 200, "{path}");
        pages += 1;
        let before = found.len();
        let rows = page.text.split("<th scope=\"row\">").skip(1);
        let addresses = rows.filter_map(|row| row.split("<bdi>").nth(1)?.split("</bdi>").next());
        found.extend(addresses.map(str::to_owned));
        assert!(found.len() > before, "{path} shows nothing new");
        let link_on = page.text.split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
        next = link_on.map(|next| next.replace("&amp;", "&"));
        assert!(next.as_ref().is_none_or(|next| next.starts_with(link)), "{next:?}");
    }
    (found, pages)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_until_everybody_was_shown() {
    let house = House::with(&users(), LETTER, &many()).await;
    let viewer = house.session("viewer", Role::Viewer, Opened::ByPassword);
    let (log, pages) = over_all_pages(&house, &viewer, "/log", "/log?").await;
    assert_eq!((log.len(), pages), (450, 5));
    let (land, pages) = over_all_pages(&house, &viewer, "/log?country=land+3&state=queued", "/log?").await;
    assert_eq!((land.len(), pages), (64, 1));
    let (group, pages) = over_all_pages(&house, &viewer, "/groups/offices", "/groups/offices?").await;
    assert_eq!((group.len(), pages), (450, 3));
    assert_eq!(group, log);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_away_is_the_whole_search() {
    let house = House::with(&users(), LETTER, &many()).await;
    let viewer = house.session("viewer", Role::Viewer, Opened::ByPassword);
    let csv = house.see("/log.csv?country=Land+1", &viewer).await;
    assert!(csv.headers["content-disposition"].to_str().expect("text").contains("attachment"));
    let mut rows = csv::Reader::from_reader(csv.text.as_bytes());
    assert_eq!(rows.headers().expect("a header").get(6), Some("address"));
    assert_eq!(rows.records().filter(|row| row.is_ok()).count(), 65);
    let json: serde_json::Value =
        serde_json::from_str(&house.see("/log.json?attempts=1", &viewer).await.text).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(450));
    assert_eq!(json[0]["history"], serde_json::json!([]));
    let none = house.see("/log.json?to=nobody@x.example", &viewer).await.text;
    assert_eq!(none, "[]\n");
    let empty = house.see("/log.csv?to=nobody@x.example", &viewer).await.text;
    assert_eq!(empty.lines().count(), 1, "{empty}");
    for unclear in ["/log.csv?state=lost", "/log.json?since=soon", "/log.xlsx?to=nobody", "/log.csv?reference=BDT/99"] {
        assert_eq!(house.see(unclear, &viewer).await.status, 400, "{unclear}");
    }
    let all = std::sync::Arc::clone(&house.web.exports).acquire_many_owned(2).await.expect("places");
    assert_eq!(house.see("/log.csv", &viewer).await.status, 503, "others are being written");
    drop(all);
    assert_eq!(house.see("/log.csv", &viewer).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_says_whether_it_is_the_one_that_was_sent() {
    let house = House::new(&users()).await;
    let viewer = house.session("viewer", Role::Viewer, Opened::ByPassword);
    let page = house.see("/deliveries/1/message", &viewer).await.text;
    assert!(page.contains("Nothing was sent yet"), "{page}");
    let octets = house.see("/deliveries/1/message.eml", &viewer).await.text;
    assert!(
        octets.contains("Please take note of this.") && octets.contains("To: ") && octets.ends_with("\r\n"),
        "{octets}"
    );
    let hash = crate::web::access::sha256_hex(octets.as_bytes());
    house.write(&format!("UPDATE delivery SET sha256 = x'{hash}' WHERE id = 1")).await;
    let page = house.see("/deliveries/1/message", &viewer).await.text;
    assert!(page.contains("it is the one that was sent") && page.contains(&hash), "{page}");
    house.write(&format!("UPDATE delivery SET sha256 = x'{}' WHERE id = 1", "ab".repeat(32))).await;
    let page = house.see("/deliveries/1/message", &viewer).await.text;
    assert!(page.contains("What was sent was other octets") && page.contains(&hash), "{page}");
    let frame = house.see("/deliveries/1/message.html", &viewer).await;
    assert_eq!(frame.headers["x-frame-options"], "SAMEORIGIN");
    assert!(frame.headers["content-security-policy"].to_str().expect("text").ends_with("sandbox"));
    for path in
        ["/deliveries/99", "/deliveries/99/message", "/deliveries/99/message.eml", "/deliveries/99/message.html"]
    {
        assert_eq!(house.see(path, &viewer).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_stands_first_in_plain_words_with_the_relays_own() {
    let house = House::new(&users()).await;
    house
        .write(
            "UPDATE delivery SET state = 'refused', stage = 'rcpt', code = 550, status = '5.1.1', relay = 'main', \
             reply = '5.1.1 No such user', attempts = 1 WHERE address = 'b@fr.example'",
        )
        .await;
    house.write("UPDATE delivery SET state = 'accepted' WHERE address <> 'b@fr.example'").await;
    let viewer = house.session("viewer", Role::Viewer, Opened::ByPassword);
    let page = house.see("/circulars/1", &viewer).await.text;
    let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} is not in {page}"));
    assert!(at("2 countries: 2 accepted") < at("What did not get through"));
    assert!(at("Refused: there is no such mailbox.") < at("550 5.1.1 No such user"));
    assert!(at("550 5.1.1 No such user") < at("Nothing happens by itself."));
    assert!(at("Nothing happens by itself.") < at("By country"));
    assert!(!page.contains("/hold") && !page.contains("/resend"), "a viewer has no buttons");
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_about_letters_that_are_not_out_are_not_for_viewers() {
    let house = House::new(&users()).await;
    for (kind, what, resolved) in
        [("parked", "quotes the letter", "NULL"), ("relay_down", "connect", "NULL"), ("paused", "it was", "1")]
    {
        let insert = format!(
            "INSERT INTO alert (kind, key, what, event, opened_at, ready_at, resolved_at) \
             VALUES ('{kind}', 'x', '{what}', 1, 0, 0, {resolved})"
        );
        house.write(&insert).await;
    }
    for (role, sees) in [(Role::Viewer, false), (Role::Editor, true)] {
        let session = house.session(role.as_str(), role, Opened::ByPassword);
        let page = house.see("/alerts", &session).await.text;
        assert!(page.contains("<b>Relay down</b>") && page.contains("connect"), "{page}");
        assert_eq!(page.contains("quotes the letter"), sees, "{role}");
        let (open, over) = page.split_once("What was").expect("both sections");
        assert!(open.contains("Relay down") && over.contains("it was") && !open.contains("it was"), "{page}");
        let first = house.see("/", &session).await.text;
        assert!(first.contains("One alert is open"), "{first}");
    }
}
