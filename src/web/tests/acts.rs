//! The operator's hand through the pages: asked, confirmed, ordered, recorded.

use axum::http::StatusCode;

use super::fixture::{House, users};
use crate::{
    ledger::CircularState,
    web::access::{Opened, Role},
};

async fn state(house: &House) -> CircularState {
    house.web.desk.ledger.circular(house.record.id).await.expect("asked").expect("there").state
}

#[tokio::test(flavor = "multi_thread")]
async fn each_act_is_recorded_with_name_and_reason() {
    let house = House::new(&users()).await;
    let hand = house.session("releaser", Role::Releaser, Opened::ByPassword);
    let shown = house.see("/circulars/1", &hand).await.text;
    assert!(shown.contains("/circulars/1/hold") && shown.contains("/circulars/1/cancel"), "{shown}");
    let asked = house.see("/circulars/1/hold", &hand).await;
    assert!(asked.text.contains("Circular BDT/9") && asked.text.contains("Reason"), "{}", asked.text);
    assert_eq!(state(&house).await, CircularState::Sending, "asking changes nothing");
    let empty = house.send("/circulars/1/hold", &hand, "reason=+").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("write a reason"));
    let held = house.send("/circulars/1/hold", &hand, "reason=figures+to+be+checked").await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text);
    assert_eq!(state(&house).await, CircularState::Held);
    let told = house.see("/circulars/1?told=1", &hand).await.text;
    assert!(told.contains("role=\"status\"") && told.contains("figures to be checked"), "{told}");
    let again = house.send("/circulars/1/hold", &hand, "reason=again").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("it is held"), "{}", again.text);
    assert_eq!(house.send("/circulars/1/release", &hand, "reason=checked").await.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&house).await, CircularState::Sending);
    house.write("UPDATE delivery SET state = 'refused' WHERE address = 'b@fr.example'").await;
    house.write("UPDATE delivery SET state = 'in_doubt', doubts = 1 WHERE address = 'a@ke.example'").await;
    assert_eq!(house.send("/circulars/1/resend", &hand, "reason=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.send("/circulars/1/resend", &hand, "reason=x&only=expired").await.status, StatusCode::CONFLICT);
    assert_eq!(house.send("/circulars/1/resend", &hand, "reason=x&only=refused").await.status, StatusCode::SEE_OTHER);
    let settle = "reason=they+called&address=a%40ke.example&known=accepted";
    assert_eq!(house.send("/circulars/1/settle", &hand, settle).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.number("SELECT count(*) FROM delivery WHERE state = 'accepted'").await, 1);
    assert_eq!(house.send("/circulars/1/cancel", &hand, "reason=wrong+date").await.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&house).await, CircularState::Cancelled);
    let query = "SELECT count(*) FROM event WHERE by = 'releaser' AND kind IN ('held', 'released', 'resent', 'settled', 'cancelled')";
    assert_eq!(house.number(query).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_held_before_its_time_may_wait_for_it_again() {
    let house = House::new(&users()).await;
    let hand = house.session("releaser", Role::Releaser, Opened::ByPassword);
    house.write("DELETE FROM attempt").await;
    house.write("DELETE FROM issue").await;
    for (due, choice) in [("4102444800000", true), ("1", false)] {
        house.write(&format!("UPDATE circular SET state = 'held', completed_at = NULL, due_at = {due}")).await;
        let asked = house.see("/circulars/1/release", &hand).await.text;
        assert_eq!(asked.contains("as if it had not been held"), choice, "{asked}");
        let told = house.send("/circulars/1/release", &hand, "reason=checked&when=in_time").await;
        assert_eq!(told.status, if choice { StatusCode::SEE_OTHER } else { StatusCode::CONFLICT }, "{}", told.text);
        assert_eq!(state(&house).await, if choice { CircularState::Ready } else { CircularState::Held });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_link_the_name_is_given_with_the_act_and_kept_for_the_next() {
    let house = House::new("").await;
    let hand = house.session("", Role::Admin, Opened::ByLink);
    let nameless = house.send("/circulars/1/hold", &hand, "reason=x").await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.text.contains("write your name"), "{}", nameless.text);
    assert_eq!(house.send("/circulars/1/hold", &hand, "reason=x&by=Ada+Okafor").await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.number("SELECT count(*) FROM orders WHERE by = 'Ada Okafor'").await, 1);
    let next = house.see("/circulars/1/release", &hand).await.text;
    assert!(next.contains("value=\"Ada Okafor\""), "{next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_is_for_the_text_as_it_lies_there() {
    let house = House::new(&users()).await;
    let hand = house.session("releaser", Role::Releaser, Opened::ByPassword);
    let refused = house.send("/circulars/1/approve", &hand, "reason=read").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("nothing to approve"), "{}", refused.text);
}
