//! What watches the daemon.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::{Programs, is_problem};
use crate::{
    desk::Post,
    ledger::JournalLag,
    web::{
        Earnest, Lent, RelayVitals, VitalSigns, Vitals, Web,
        access::Role,
        router,
        tests::{HOST, House},
    },
};

/// Samples of the text format, as a scraper reads them; every one is of a family that was begun.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let (mut found, mut family) = (BTreeMap::new(), String::new());
    for line in text.lines() {
        if let Some(begun) = line.strip_prefix("# TYPE ") {
            let (name, kind) = begun.split_once(' ').expect("a type");
            assert!(["counter", "gauge"].contains(&kind) && (kind == "counter") == name.ends_with("_total"), "{line}");
            family = name.to_owned();
        } else if !line.starts_with("# HELP ") {
            let (sample, value) = line.rsplit_once(' ').expect("a sample");
            assert_eq!(sample.split('{').next(), Some(family.as_str()), "{line}");
            assert_eq!(found.insert(sample.to_owned(), value.parse().expect("a number")), None, "twice: {line}");
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_say_what_the_ledger_and_the_daemon_say() {
    let programs = Programs::new().await;
    let house = &programs.house;
    house
        .write(
            "INSERT INTO instance (host, pid, started_at, seen_at) VALUES ('h', 1, 1, 2), ('h', 2, 3000, 4500); \
             INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state) VALUES \
             (1, 1, 1, 'main', 0, 1, 'deferred'), (1, 2, 2, 'main', 0, 1, 'refused'), (2, 1, 2, 'ma\"in', 0, 9000, 'accepted'); \
             UPDATE delivery SET state = 'accepted' WHERE id = 2",
        )
        .await;
    let relays = vec![
        RelayVitals { name: "main".to_owned(), rests: true, pace: Some(0.5), sessions: 8, open: 5 },
        RelayVitals { name: "spare".to_owned(), ..RelayVitals::default() },
    ];
    let lag = JournalLag { records: 12, octets: 3456 };
    let vitals = VitalSigns { stopping: false, waiting: 7, at_work: 3, lag, relays };
    let (desk, settings) = (house.web.desk.clone(), house.web.settings.clone());
    let look = Vitals::new(move || vitals.clone());
    let web = Web::new(
        desk,
        settings,
        Lent { earnest: Earnest::Rehearsal, vitals: look, post: Post::default() },
        HOST.parse().expect("an address"),
    )
    .expect("a web");
    let house = House { router: router(&web), web, ..programs.house };
    let programs = Programs { house, tokens: programs.tokens };
    let answer = programs.get(Role::Viewer, "/metrics").await;
    let found = samples(&answer.text);
    for (sample, value) in [
        ("circulard_deliveries{state=\"queued\"}", 2.0),
        ("circulard_deliveries{state=\"accepted\"}", 1.0),
        ("circulard_deliveries{state=\"in_doubt\"}", 0.0),
        ("circulard_circulars{state=\"sending\"}", 1.0),
        ("circulard_attempts_total{relay=\"main\",state=\"refused\"}", 1.0),
        ("circulard_attempts_total{relay=\"ma\\\"in\",state=\"accepted\"}", 1.0),
        ("circulard_relay_up{relay=\"main\"}", 0.0),
        ("circulard_relay_up{relay=\"spare\"}", 1.0),
        ("circulard_relay_pace{relay=\"main\"}", 0.5),
        ("circulard_relay_sessions_allowed{relay=\"main\"}", 8.0),
        ("circulard_relay_sessions_open{relay=\"main\"}", 5.0),
        ("circulard_relay_sessions_open{relay=\"spare\"}", 0.0),
        ("circulard_journal_lag_records", 12.0),
        ("circulard_journal_lag_bytes", 3456.0),
        ("circulard_deliveries_at_hand", 7.0),
        ("circulard_deliveries_at_work", 3.0),
        ("circulard_due_deliveries", 2.0),
        ("circulard_oldest_due_seconds", 0.0),
        ("circulard_last_attempt_timestamp_seconds", 9.0),
        ("circulard_start_timestamp_seconds", 3.0),
        ("circulard_heartbeat_timestamp_seconds", 4.5),
        ("circulard_rehearsal", 1.0),
        ("circulard_stopping", 0.0),
        ("circulard_orders_waiting", 0.0),
        ("circulard_events_total{kind=\"frozen\"}", 1.0),
    ] {
        assert_eq!(found.get(sample), Some(&value), "{sample}\n{}", answer.text);
    }
    let written: Vec<&str> =
        answer.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    for (file, text) in [
        ("circulard.rules.yml", include_str!("../../../../deploy/prometheus/circulard.rules.yml")),
        ("circulard.json", include_str!("../../../../deploy/grafana/circulard.json")),
    ] {
        let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
        let names: Vec<&str> = words.filter(|word| word.starts_with("circulard_")).collect();
        assert!(names.len() > 8, "{file} watches nothing");
        assert_eq!(names.iter().find(|name| !written.contains(name)), None, "{file} watches what is not written");
    }
    assert!(!found.contains_key("circulard_relay_pace{relay=\"spare\"}"), "it goes as fast as it goes");
    assert!(!answer.text.contains("deferred\"} 1"), "what an earlier start did is not counted:\n{}", answer.text);
    for word in ["@", "BDT"] {
        assert!(!answer.text.contains(word), "{word}:\n{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_go_on_where_they_were_and_count_nothing_twice() {
    let programs = Programs::new().await;
    let attempt = "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state) VALUES \
                   (1, (SELECT count(*) + 1 FROM attempt), 1, 'main', 0, 1, 'deferred')";
    let counted = async || {
        programs.house.web.metrics.count_anew().await;
        let text = programs.get(Role::Viewer, "/metrics").await.text;
        samples(&text).get("circulard_attempts_total{relay=\"main\",state=\"deferred\"}").copied().unwrap_or_default()
    };
    let mut seen = Vec::new();
    for _ in 0..3 {
        programs.house.write(attempt).await;
        seen.push(counted().await);
        seen.push(counted().await);
    }
    assert_eq!(seen, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_while_it_works() {
    let programs = Programs::new().await;
    let house = &programs.house;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(house.ask("GET", path, &[], "").await.status, StatusCode::OK, "{path}");
    }
    house.write("INSERT INTO instance (host, pid, started_at, seen_at) VALUES ('h', 1, 1, 1796029200000)").await;
    assert_eq!(house.ask("GET", "/readyz", &[], "").await.status, StatusCode::OK);
    house.pass(TimeDelta::minutes(6));
    let silent = house.ask("GET", "/readyz", &[], "").await;
    assert_eq!(silent.status, StatusCode::SERVICE_UNAVAILABLE, "nobody has beaten");
    assert!(is_problem(&silent, "/readyz")["detail"].to_string().contains("no sign of life"));
    assert_eq!(house.ask("GET", "/healthz", &[], "").await.status, StatusCode::OK, "to start it anew would not help");
    let stopping = Vitals::new(|| VitalSigns { stopping: true, ..VitalSigns::default() });
    let (desk, settings) = (house.web.desk.clone(), house.web.settings.clone());
    let web = Web::new(
        desk,
        settings,
        Lent { earnest: Earnest::Real, vitals: stopping, post: Post::default() },
        HOST.parse().expect("an address"),
    )
    .expect("a web");
    let house = House { router: router(&web), web, ..programs.house };
    let ending = house.ask("GET", "/readyz", &[], "").await;
    assert_eq!(ending.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ending.text.contains("it is stopping"), "{}", ending.text);
}
