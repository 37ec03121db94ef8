//! Who was in a group on a given day: lists that change from day to day, under a clock of the test's own.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, NaiveDate, Utc};
use circulard::{
    clock::Clock,
    desk::{
        Became, Desk, LastBook, ReleaseSettings, Rules, StaffSettings, give_group_order, groups_stand, members_on,
        read_lists, select_group,
    },
    folders::Workspace,
    ledger::{AcceptGroup, BadRowsAre, Ledger, Origin, Reach, Side},
    schedule::ScheduleSettings,
};

/// A workspace with nothing but lists, in a house at Zurich, and the hand that moves its clock.
struct House {
    desk: Desk,
    time: Arc<Mutex<DateTime<Utc>>>,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["templates", "recipients", "var"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        fs::write(folder.path().join("circulard.toml"), "").expect("settings");
        let time = Arc::new(Mutex::new("2026-11-28T12:00:00Z".parse().expect("a time")));
        let hand = Arc::clone(&time);
        let clock = Clock::from_fn(move || *hand.lock().expect("the time"));
        let workspace = Workspace::open(folder.path()).expect("a workspace");
        let ledger = Ledger::open_or_create(&workspace.ledger(), Origin::Init, clock.now()).await.expect("a ledger");
        let schedule =
            ScheduleSettings { time_zone: "Europe/Zurich".parse().expect("a zone"), ..ScheduleSettings::default() };
        let rules = Rules::new(&schedule, &ReleaseSettings::default(), &[], StaffSettings::default());
        let desk = Desk { workspace, lists: ledger.clone(), ledger, clock, rules, book: LastBook::default() };
        Self { desk, time, _folder: folder }
    }

    /// At a time, the list becomes this.
    async fn reads(&self, at: &str, list: &str) -> Became {
        *self.time.lock().expect("the time") = at.parse().expect("a time");
        fs::write(self.desk.workspace.recipients().join("offices.csv"), list).expect("a list");
        let outcomes = read_lists(&self.desk, "circulard", |_| true).await.expect("lists");
        outcomes.first().expect("an outcome").became
    }

    async fn accepts(&self, bad_rows: BadRowsAre) -> String {
        let stands = groups_stand(&self.desk).await.expect("groups");
        let order = AcceptGroup::of(&stands[0].last, bad_rows);
        format!("{:?}", give_group_order(&self.desk, &order, "Ann", "seen").await.expect("an answer"))
    }

    async fn on(&self, day: &str) -> (Vec<String>, usize) {
        let day: NaiveDate = day.parse().expect("a day");
        let selection = select_group(&self.desk, "offices").await.expect("a ledger").expect("a group");
        let found = members_on(&self.desk, &selection, Some(day), None).await.expect("members");
        let local = |address: String| address.split('@').next().unwrap_or_default().to_owned();
        (found.members.into_iter().map(|member| local(member.address)).collect(), found.changed.len())
    }
}

fn list(offices: &[&str]) -> String {
    let rows = offices.iter().map(|office| format!("{office}@p.example,\n"));
    format!("email,valid_from\n{}", rows.collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_says_who_was_in_a_group_on_any_day_since_it_holds_the_list() {
    let house = House::new().await;
    // 28 November, 13:00 in Zurich
    assert_eq!(house.reads("2026-11-28T12:00:00Z", &list(&["a", "b", "c"])).await, Became::InForce(3));
    // 30 November, half past midnight in Zurich: still the 29th in UTC
    assert_eq!(house.reads("2026-11-29T23:30:00Z", &list(&["a", "b", "d"])).await, Became::InForce(3));
    // one with a first day in the future
    let newest = list(&["a", "b", "d"]) + "e@p.example,2026-12-24\n";
    assert_eq!(house.reads("2026-12-02T09:00:00Z", &newest).await, Became::InForce(4));
    let table: BTreeMap<&str, (&str, usize)> = BTreeMap::from([
        ("2026-11-27", ("", 0)),
        ("2026-11-28", ("abc", 1)),
        ("2026-11-29", ("abc", 0)),
        ("2026-11-30", ("abd", 1)),
        ("2026-12-01", ("abd", 0)),
        ("2026-12-02", ("abd", 0)),
        ("2026-12-23", ("abd", 0)),
        ("2026-12-24", ("abde", 0)),
    ]);
    for (day, (offices, changed)) in table {
        let (found, changes) = house.on(day).await;
        assert_eq!((found.concat().as_str(), changes), (offices, changed), "{day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_waits_was_never_in_force_until_the_day_it_was_accepted() {
    let house = House::new().await;
    assert_eq!(house.reads("2026-11-28T12:00:00Z", &list(&["a", "b", "c"])).await, Became::InForce(3));
    assert_eq!(house.reads("2026-11-29T12:00:00Z", &list(&["a"])).await, Became::Pending);
    let stands = groups_stand(&house.desk).await.expect("groups");
    let leave = house.desk.lists.moved(&stands[0].last, Side::Leaves, -1).await.expect("who leaves");
    assert_eq!(leave.iter().map(|moved| moved.address.as_str()).collect::<Vec<_>>(), ["b@p.example", "c@p.example"]);
    *house.time.lock().expect("the time") = "2026-12-01T12:00:00Z".parse().expect("a time");
    assert_eq!(house.accepts(BadRowsAre::Refused).await, "Done(\"accepted: 1 mailbox in force, 2 left, 0 joined\")");
    *house.time.lock().expect("the time") = "2026-12-05T12:00:00Z".parse().expect("a time");
    for (day, offices) in [("2026-11-30", "abc"), ("2026-12-01", "a"), ("2026-12-04", "a")] {
        assert_eq!(house.on(day).await.0.concat(), offices, "{day}");
    }
    let [newest, first] = &house.desk.lists.group_versions("offices").await.expect("versions")[..] else {
        panic!("two versions");
    };
    assert_eq!((newest.accepted_by.as_deref(), newest.accepted_reason.as_deref()), (Some("Ann"), Some("seen")));
    assert_eq!(first.ended_at, newest.accepted_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_for_a_version_that_no_longer_waits_is_refused_and_changes_nothing() {
    let house = House::new().await;
    house.reads("2026-11-28T12:00:00Z", &list(&["a", "b", "c"])).await;
    house.reads("2026-11-28T13:00:00Z", &list(&["a"])).await;
    let shown = AcceptGroup::of(&groups_stand(&house.desk).await.expect("groups")[0].last, BadRowsAre::Refused);
    house.reads("2026-11-28T14:00:00Z", &list(&["b"])).await;
    let answer = give_group_order(&house.desk, &shown, "Ann", "").await.expect("an answer");
    assert!(format!("{answer:?}").contains("has changed since it was shown"), "{answer:?}");
    let tampered = AcceptGroup { sha256: "00".repeat(32), ..shown };
    let answer = give_group_order(&house.desk, &tampered, "Ann", "").await.expect("an answer");
    assert!(format!("{answer:?}").starts_with("Refused"), "{answer:?}");
    assert_eq!(house.on("2026-11-28").await.0.concat(), "abc");
    assert_eq!(house.desk.ledger.verify_events().await.expect("a chain").map_err(|broken| broken.why), Ok(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_saved_anew_with_the_same_rows_changes_nothing_for_a_letter_that_two_lists_feed() {
    let house = House::new().await;
    let rows =
        |offices: &[&str]| -> String { offices.iter().map(|office| format!("{office}@p.example,both\n")).collect() };
    fs::write(house.desk.workspace.recipients().join("more.csv"), format!("email,group\n{}", rows(&["m", "x"])))
        .expect("a list");
    let hash = || async {
        let both = select_group(&house.desk, "both").await.expect("a ledger").expect("a group");
        house.desk.lists.hash_of_rows(&Reach { to: vec![both], ..Reach::default() }).await.expect("a hash")
    };
    house.reads("2026-11-28T12:00:00Z", &format!("email,group\n{}", rows(&["a", "n"]))).await;
    let before = hash().await;
    let titled = format!("As of November,\nemail,group\n{}", rows(&["a", "n"]));
    assert_eq!(house.reads("2026-11-28T13:00:00Z", &titled).await, Became::InForce(2));
    assert_eq!(hash().await, before, "a new version with the same rows");
    house.reads("2026-11-28T14:00:00Z", &format!("email,group\n{}", rows(&["a", "o"]))).await;
    assert_ne!(hash().await, before, "another row");
    // one mailbox in both lists: whose row counts is part of the hash
    house.reads("2026-11-28T15:00:00Z", "email,group,name\na@p.example,both,A\nx@p.example,both,X\n").await;
    let first_more = hash().await;
    fs::write(house.desk.workspace.recipients().join("more.csv"), format!("email,group\n\n{}", rows(&["m", "x"])))
        .expect("a list");
    house.reads("2026-11-28T16:00:00Z", "email,group,name\na@p.example,both,A\nx@p.example,both,X\n").await;
    assert_ne!(hash().await, first_more, "the other list's row counts now");
}
