//! What is told to whom, in the ledger alone: once each, with an end, whatever is repeated, killed or configured anew.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::{
    addressees::Address,
    alerts::{CALM, Say},
    ledger::{Event, Origin},
};

struct House {
    ledger: Ledger,
    settings: AlertSettings,
    now: DateTime<Utc>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let ledger = Ledger::open_or_create(&folder.path().join("l.db"), Origin::Init, now).await.expect("a ledger");
        let to = vec![Address::parse("ops@itu.example").expect("an address")];
        let settings = AlertSettings { to, ..AlertSettings::default() };
        Self { ledger, settings, now, _folder: folder }
    }

    async fn relay(&self, kind: &'static str) {
        let event =
            Event::new(kind, "circulard").because("connect: refused").detail(serde_json::json!({"relay": "main"}));
        self.ledger.note(&event, self.now).await.expect("noted");
        self.ledger.follow_events(&self.settings, self.now).await.expect("followed");
    }

    fn wait(&mut self, time: TimeDelta) {
        self.now += time;
    }

    async fn due(&self) -> Vec<DueNotice> {
        self.ledger.due_notices(self.settings.most_per_hour, self.now).await.expect("read")
    }

    async fn says(&self) -> Vec<(i64, Say)> {
        let all = self.ledger.to_tell("ops@itu.example", self.now).await.expect("read");
        all.into_iter().map(|(alert, told)| (alert, told.say)).collect()
    }

    /// Begins the one message that is due. What it says.
    async fn begin(&self) -> (NoticeId, Vec<Say>) {
        let due = self.due().await;
        let [one] = &due[..] else { panic!("{due:?}") };
        let says = self.says().await;
        let said = says.iter().map(|(_, say)| *say).collect();
        let begin = NoticeBegin {
            id: one.id,
            relay: "main",
            subject: "s",
            message_id: "<m>",
            octets: b"o\r\n",
            sha256: [1; 32],
            says,
        };
        self.ledger.begin_notice(&begin, self.now).await.expect("begun");
        (one.id, said)
    }

    async fn end(&self, id: NoticeId, state: State) {
        let next_attempt_at = (!state.is_final() && state != State::Held).then_some(self.now + TimeDelta::minutes(5));
        let end = NoticeEnd { state, stage: "final_dot", reply: None, remark: None, next_attempt_at };
        self.ledger.end_notice(id, &end, self.now).await.expect("ended");
    }

    async fn tell(&self) -> Vec<Say> {
        let (id, says) = self.begin().await;
        self.end(id, State::Accepted).await;
        says
    }
}

const MOMENT: TimeDelta = TimeDelta::seconds(3);

#[tokio::test]
async fn an_alert_is_told_once_and_its_end_once() {
    let mut house = House::new().await;
    house.relay("relay_down").await;
    assert!(house.due().await.is_empty(), "more may come");
    house.relay("relay_down").await;
    house.wait(MOMENT);
    assert_eq!(house.tell().await, [Say::Opened]);
    house.relay("relay_down").await;
    house.wait(MOMENT);
    assert!(house.due().await.is_empty());
    house.relay("relay_up").await;
    house.relay("relay_up").await;
    house.wait(MOMENT);
    assert_eq!(house.tell().await, [Say::Resolved]);
    house.wait(CALM * 3);
    assert!(house.due().await.is_empty());
    house.relay("relay_down").await;
    house.wait(MOMENT);
    assert_eq!(house.tell().await, [Say::Opened], "much later it is another");
}

#[tokio::test]
async fn what_is_over_before_it_could_be_told_is_told_as_a_whole() {
    let mut house = House::new().await;
    house.relay("relay_down").await;
    house.wait(MOMENT);
    let [one] = &house.due().await[..] else { panic!("one") };
    let end = NoticeEnd {
        state: State::Deferred,
        stage: "connect",
        reply: None,
        remark: None,
        next_attempt_at: Some(house.now + TimeDelta::minutes(5)),
    };
    house.ledger.put_off_notice(one.id, "main", &end, &[], house.now).await.expect("put off");
    house.wait(MOMENT);
    assert!(house.due().await.is_empty(), "it waits for its next attempt");
    house.relay("relay_up").await;
    house.wait(MOMENT);
    assert_eq!(house.tell().await, [Say::Both], "the relay is back, and with it the message");
}

#[tokio::test]
async fn a_relay_that_goes_up_and_down_is_told_of_every_ten_minutes_at_most() {
    let mut house = House::new().await;
    let mut messages = 0;
    for _ in 0..60 {
        for kind in ["relay_down", "relay_up"] {
            house.relay(kind).await;
            house.wait(MOMENT * 5);
            if !house.due().await.is_empty() {
                messages += house.tell().await.len();
            }
        }
    }
    assert!((2..=5).contains(&messages), "{messages} in half an hour");
    let all = house.ledger.alerts(None, chrono_tz::UTC).await.expect("read");
    assert_eq!((all.len(), all[0].times), (1, 60));
}

#[tokio::test]
async fn killed_between_begin_and_end_it_is_in_doubt_and_goes_once_more_as_it_was() {
    let mut house = House::new().await;
    house.relay("relay_down").await;
    house.wait(MOMENT);
    let (id, _) = house.begin().await;
    assert!(house.due().await.is_empty(), "it is on its way");
    house.ledger.take_up_notices(&house.settings, house.now).await.expect("taken up");
    let due = house.due().await;
    assert_eq!(due.iter().map(|due| due.again.as_deref()).collect::<Vec<_>>(), [Some(&b"o\r\n"[..])]);
    assert!(house.says().await.is_empty(), "it may have been told");
    house.ledger.begin_again(id, "main", house.now).await.expect("begun");
    house.end(id, State::Held).await;
    house.ledger.take_up_notices(&house.settings, house.now).await.expect("taken up");
    assert!(house.due().await.is_empty(), "twice is enough");
    let all = house.ledger.alerts(None, chrono_tz::UTC).await.expect("read");
    let message = &all[0].messages[0];
    assert_eq!((message.state.as_str(), message.attempts, message.possible_duplicate), ("held", 2, true));
}

#[tokio::test]
async fn a_message_that_did_not_leave_says_later_what_is_then_so() {
    let mut house = House::new().await;
    house.relay("relay_down").await;
    house.wait(MOMENT);
    let (id, says) = house.begin().await;
    assert_eq!(says, [Say::Opened]);
    house.end(id, State::Deferred).await;
    house.relay("relay_up").await;
    house.wait(TimeDelta::minutes(6));
    assert_eq!(house.tell().await, [Say::Both]);
}

#[tokio::test]
async fn a_refused_message_counts_as_told_and_opens_nothing() {
    let mut house = House::new().await;
    house.relay("relay_down").await;
    house.wait(MOMENT);
    let (id, _) = house.begin().await;
    house.end(id, State::Refused).await;
    house.wait(TimeDelta::hours(2));
    assert!(house.due().await.is_empty());
    assert!(!house.ledger.has_unread_events().await.expect("read"), "a notice makes no event");
}

#[tokio::test]
async fn the_limit_holds_and_a_reader_who_is_no_longer_named_is_left_in_peace() {
    let mut house = House::new().await;
    house.settings.most_per_hour = 1;
    house.relay("relay_down").await;
    house.wait(MOMENT);
    house.tell().await;
    house.relay("relay_up").await;
    house.wait(MOMENT);
    assert!(house.due().await.is_empty());
    house.wait(TimeDelta::hours(1));
    assert_eq!(house.due().await.len(), 1);
    house.settings.to.clear();
    house.ledger.take_up_notices(&house.settings, house.now).await.expect("taken up");
    assert!(house.due().await.is_empty());
}

#[tokio::test]
async fn whoever_is_named_later_is_told_of_what_is_open_then() {
    let mut house = House::new().await;
    let to = std::mem::take(&mut house.settings.to);
    house.relay("relay_down").await;
    house.wait(MOMENT);
    assert!(house.due().await.is_empty());
    house.settings.to = to;
    house.ledger.take_up_notices(&house.settings, house.now).await.expect("taken up");
    assert_eq!(house.tell().await, [Say::Opened]);
}
