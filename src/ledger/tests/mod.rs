//! A small ledger of which everything is known, for what is asked of large ones.

mod log;
mod proof;
mod rows;
mod turns;

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Duration, Utc};

use super::{Begin, Charge, DeliveryId, Finish, Instance, IssueId, Ledger, Origin, Turn, follow};
use crate::delivery::{Reply, ReplyCode, Stage, State};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + Duration::seconds(seconds)
}

async fn write(ledger: &Ledger, sql: &str) {
    let mut writer = ledger.writer.lock().await;
    sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut *writer).await.expect(sql);
}

/// Three circulars: 1 completed, 2 half sent, 3 still being staged. The rows of 1 and 2 lie between each other's.
async fn ledger(folder: &Path) -> Ledger {
    let ledger = Ledger::open_or_create(&folder.join("ledger.db"), Origin::Init, at(0)).await.expect("a ledger");
    for (number, state, issue, frozen) in
        [(1, "completed", "frozen", 0), (2, "sending", "staging", 5_000), (3, "ready", "staging", 9_000)]
    {
        let frozen = at(frozen).timestamp_millis();
        write(
            &ledger,
            &format!(
                "INSERT INTO circular (id, stem, reference, reference_key, state, digest, seen_at, changed_at) \
             VALUES ({number}, 'c{number}', 'X/{number}', 'x/{number}', '{state}', x'00', 0, 0)"
            ),
        )
        .await;
        let head = r#"{"sender":"s","return_path":"a@b.example","composer":0,"message":{"from_name":null,"from_address":"a@b.example","reply_to":[],"domain":"b.example","list_id":"b.example","date":"2026-12-07T09:00:00Z"}}"#;
        write(&ledger, &format!(
            "INSERT INTO issue (id, circular, number, state, reference, subject, head, original, frozen_at, digest, versions, total) \
             VALUES ({number}, {number}, 1, '{issue}', 'X/{number}', 'S', '{head}', 'en', {frozen}, x'00', '', 300)"
        )).await;
    }
    write(&ledger,
        "INSERT INTO delivery (id, issue, mailbox, address, role, groups, name, country, language, language_rule, fields, state, queued_at) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) \
         SELECT i, 1 + i % 3, 'office' || (i % 50) || '-' || (i / 150) || '@m' || (i % 7) || '.example', \
         'Office' || (i % 50) || '-' || (i / 150) || '@m' || (i % 7) || '.example', iif(i % 13 = 0, 'copy', 'to'), \
         CASE i % 4 WHEN 0 THEN '[\"a\"]' WHEN 1 THEN '[\"b\"]' WHEN 2 THEN '[\"a\",\"b\"]' ELSE '[\"c\"]' END, 'N' || i, \
         CASE WHEN i % 22 = 7 THEN 'LÄND 7' ELSE nullif('Land ' || (i % 11), 'Land 0') END, CASE i % 5 WHEN 0 THEN 'fr' WHEN 1 THEN 'ar' ELSE 'en' END, 'preferred', '{}', 'queued', \
         (SELECT frozen_at FROM issue WHERE issue.id = 1 + i % 3) FROM n").await;
    for issue in [1, 2] {
        let tally = ledger.count_staged(IssueId(issue)).await.expect("counted");
        let mut writer = ledger.writer.lock().await;
        assert_eq!(tally.record(&mut writer).await.expect("recorded"), 300);
    }
    write(&ledger, "UPDATE issue SET state = 'frozen' WHERE id = 2").await;
    send(&ledger).await;
    write(&ledger, "UPDATE delivery SET state = 'withdrawn' WHERE issue = 2 AND id > 800").await;
    write(&ledger, "UPDATE delivery SET state = 'held' WHERE issue = 2 AND id BETWEEN 700 AND 705").await;
    write(&ledger, "UPDATE issue SET completed_at = frozen_at + 4000000 WHERE id = 1").await;
    ledger
}

/// All of circular 1 and the first half of 2, one in ten refused, some through the other relay.
async fn send(ledger: &Ledger) {
    let mut turns = Vec::new();
    for id in (1..=900_i64).filter(|id| id % 3 == 0 || id % 3 == 1 && *id < 450) {
        let begun = at(if id % 3 == 0 { id } else { 5_000 + id });
        let state = if id % 10 == 3 { State::Refused } else { State::Accepted };
        let (begin, finish) = turn(id, if id % 97 == 0 { "spare" } else { "main" }, begun, state);
        turns.push(Turn { begin: Some(begin), ..Turn::default() });
        turns.push(Turn { finish: Some(finish), ..Turn::default() });
    }
    follow::apply(ledger, &turns, turns.len() as u64, Instance { epoch: 1 }).await.expect("followed");
}

fn turn(id: i64, relay: &str, begun: DateTime<Utc>, state: State) -> (Begin, Finish) {
    let relay: Arc<str> = Arc::from(relay);
    let code = if state == State::Accepted { 250 } else { 550 };
    let begin = Begin {
        delivery: DeliveryId(id),
        number: 1,
        relay: Arc::clone(&relay),
        message_id: format!("<{id}@x.example>"),
        sha256: [1; 32],
        at: begun,
    };
    let finish = Finish {
        delivery: DeliveryId(id),
        number: 1,
        relay,
        started_at: begun,
        ended_at: begun + Duration::milliseconds(20),
        state,
        blame: None,
        stage: Stage::FinalDot,
        reply: ReplyCode::new(code).map(|code| Reply::new(code, &["told"])),
        remark: None,
        charge: Charge::Addressee,
        next_attempt_at: None,
        sha256: [1; 32],
    };
    (begin, finish)
}
