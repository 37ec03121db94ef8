//! A ledger that is old and full: circulars of a million, half a million and five thousand addressees, the largest half sent;
//! five groups, 193 countries, six languages, two relays, one in a hundred not accepted at once.

use std::path::Path;

use chrono::{DateTime, Utc};
use circulard::{
    delivery::State,
    ledger::{Ledger, Origin},
};
use sqlx::{Connection, SqliteConnection};

use crate::Outcome;

/// As a freeze writes it.
const HEAD: &str = r#"{"sender":"s","return_path":"bounces@house.example","composer":1,"message":{"from_name":null,"from_address":"bureau@house.example","reply_to":[],"domain":"house.example","list_id":"bureau.house.example","date":"2026-12-07T09:00:00Z"}}"#;

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap_or_default()
}

/// Small circulars first, the largest last and half sent.
fn sizes(deliveries: i64) -> Vec<i64> {
    let (large, half, small) = (deliveries / 10, deliveries / 20, 5_000.min(deliveries / 10).max(1));
    let mut sizes = Vec::new();
    let mut left = deliveries - large - 9 * half;
    while left > 0 {
        sizes.push(small.min(left));
        left -= small;
    }
    sizes.extend([half; 9]);
    sizes.push(large);
    sizes
}

pub async fn generate(path: &Path, deliveries: i64) -> Outcome<()> {
    Ledger::open_or_create(path, Origin::Init, at(0)).await?.close().await;
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await?;
    for pragma in ["synchronous = OFF", "cache_size = -2000000", "journal_mode = WAL"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).fetch_all(&mut db).await?;
    }
    let sizes = sizes(deliveries);
    let mut first = 1;
    for (index, size) in sizes.iter().enumerate() {
        let number = index as i64 + 1;
        let sending = index + 1 == sizes.len();
        // two years of circulars, the newest begun an hour ago
        let frozen = at(0).timestamp_millis() + 63_000_000_000 * number / sizes.len() as i64;
        let mut tx = db.begin().await?;
        for sql in statements(number, first, *size, frozen, sending) {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        first += size;
    }
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut db).await?;
    db.close().await?;
    Ok(())
}

/// Keeps the circular that is half out from going on: its texts were never frozen.
pub async fn hold(path: &Path) -> Outcome<()> {
    let mut db = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await?;
    let sql =
        "UPDATE circular SET state = 'held', reason = 'generated' WHERE state = 'sending' AND stem GLOB 'c[0-9]*'";
    sqlx::query(sql).execute(&mut db).await?;
    Ok(db.close().await?)
}

/// One circular with its issue, deliveries, attempts, tally and stretches.
fn statements(number: i64, first: i64, size: i64, frozen: i64, sending: bool) -> Vec<String> {
    let (state, completed, sent) = match sending {
        true => ("sending", "NULL".to_owned(), size / 2),
        false => ("completed", (frozen + 3_600_000).to_string(), size),
    };
    let last = first + size - 1;
    let counted: Vec<String> = State::ALL.map(|state| format!("sum(state = '{}')", state.as_str())).to_vec();
    vec![
        format!(
            "INSERT INTO circular (id, stem, reference, reference_key, subject, state, digest, seen_at, changed_at) VALUES \
             ({number}, 'c{number}', 'Circular BDT/{number}', 'bdt/{number}', 'Subject {number}', '{state}', x'00', {frozen}, {frozen})"
        ),
        format!(
            "INSERT INTO issue (id, circular, number, state, reference, subject, head, original, frozen_at, digest, versions, total, \
             first_delivery, last_delivery, completed_at) VALUES ({number}, {number}, 1, 'frozen', 'Circular BDT/{number}', \
             'Subject {number}', '{HEAD}', 'en', {frozen}, x'00', '', {size}, {first}, {last}, {completed})"
        ),
        // i: place in the list; o: which of two million offices it is
        format!(
            "INSERT INTO delivery (id, issue, mailbox, address, role, groups, name, organization, country, language, language_rule, \
             fields, state, attempts, charged, possible_duplicate, relay, stage, code, status, reply, message_id, sha256, epoch, \
             queued_at, last_attempt_at, accepted_at) \
             WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {size} - 1), \
             o AS (SELECT i, (i * 7919 + {number} * 104729) % 2000003 AS o FROM n), \
             s AS (SELECT i, o, o % 193 AS c, CASE WHEN i >= {sent} THEN 'queued' WHEN o % 400 = 1 THEN 'refused' WHEN o % 900 = 2 \
             THEN 'expired' WHEN o % 5000 = 3 THEN 'held' ELSE 'accepted' END AS state FROM o) \
             SELECT {first} + i, {number}, 'office' || o || '-' || i || '@ministry' || (o % 40009) || '.example', \
             'Office' || o || '-' || i || '@Ministry' || (o % 40009) || '.example', iif(i * 50 / {size} = 49, 'copy', 'to'), \
             CASE WHEN i * 100 / {size} < 40 THEN iif(o % 50 = 0, '[\"administrations\",\"regulators\"]', '[\"administrations\"]') \
             WHEN i * 100 / {size} < 60 THEN '[\"regulators\"]' WHEN i * 100 / {size} < 85 THEN '[\"sector-members\"]' \
             WHEN i * 100 / {size} < 95 THEN '[\"academia\"]' ELSE '[\"missions\"]' END, \
             'Person number ' || o, 'Ministry ' || (o % 40009) || ' of Telecommunications', 'Country ' || c, \
             CASE c % 6 WHEN 0 THEN 'en' WHEN 1 THEN 'fr' WHEN 2 THEN 'es' WHEN 3 THEN 'ar' WHEN 4 THEN 'en' ELSE 'ru' END, \
             'preferred', '{{\"title\":\"Director\",\"region\":\"Africa\"}}', state, i < {sent}, i < {sent}, o % 20000 = 5, \
             iif(i >= {sent}, NULL, iif(i * 1000 / {size} = 500, 'backup', 'main')), iif(i < {sent}, 'final_dot', NULL), \
             CASE state WHEN 'accepted' THEN 250 WHEN 'queued' THEN NULL ELSE 550 END, iif(i < {sent}, '2.0.0', NULL), \
             iif(state = 'accepted', '2.0.0 Ok: queued as ' || printf('%X', o * 7919), NULL), \
             iif(i < {sent}, '<{number}.' || i || '.abcdefgh@house.example>', NULL), iif(i < {sent}, zeroblob(32), NULL), 1, \
             {frozen}, iif(i < {sent}, {frozen} + i * 3, NULL), iif(state = 'accepted', {frozen} + i * 3 + 2, NULL) FROM s"
        ),
        format!(
            "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state, stage, code, status, reply, sha256) \
             SELECT id, 1, 1, relay, last_attempt_at, last_attempt_at + 2, state, stage, code, status, reply, sha256 FROM delivery \
             WHERE id BETWEEN {first} AND {last} AND attempts > 0"
        ),
        format!(
            "INSERT INTO tally SELECT {number}, country, groups, language, role, {} FROM delivery WHERE id BETWEEN {first} AND {last} \
             GROUP BY 2, 3, 4, 5",
            counted.join(", ")
        ),
        format!("INSERT INTO meeting SELECT DISTINCT issue, groups, language, role FROM tally WHERE issue = {number}"),
        format!(
            "WITH any AS (SELECT relay, id, last_attempt_at AS at FROM delivery WHERE id BETWEEN {first} AND {last} AND relay IS NOT \
             NULL UNION ALL SELECT '', id, last_attempt_at FROM delivery WHERE id BETWEEN {first} AND {last} AND relay IS NOT NULL) \
             INSERT INTO stretch SELECT relay, id / 128, min(at), max(at) FROM any GROUP BY 1, 2 ON CONFLICT DO UPDATE SET \
             first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)"
        ),
    ]
}
