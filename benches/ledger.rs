//! How fast the ledger answers when it is old and full, and what that costs while a circular goes out.
//!
//! `cargo bench --bench ledger -- --deliveries 10000000 --dir /tmp/bench --keep`
//!
//! Deliveries are generated through the real schema: circulars of a million, half a million and five thousand addressees,
//! the largest half sent; five groups, 193 countries, six languages, two relays, one in a hundred not accepted at once. Then
//! every filter of the log is asked for its first page of a hundred and for one in the middle, `who` for all that one
//! office ever received, `show` and `list` for their totals. At last turns are taken through the send journal and followed
//! by the ledger, alone and beside a reader who never pauses: look at the ratio, the machine's noise is in both.

#[path = "ledger/turn.rs"]
mod turn;

use std::{
    error::Error,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use circulard::{
    addressees::Address,
    compose::Role,
    delivery::State,
    ledger::{Breakdown, CircularId, Finish, Ledger, Lock, LogFilter, Origin, Turn},
};
use sqlx::{Connection, SqliteConnection};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Page of a face.
const PAGE: u32 = 100;
/// How often each question is asked; the slowest counts.
const TIMES: usize = 5;
/// Sessions that take turns.
const SESSIONS: usize = 16;

/// As a freeze writes it.
const HEAD: &str = r#"{"sender":"s","return_path":"bounces@house.example","composer":1,"message":{"from_name":null,"from_address":"bureau@house.example","reply_to":[],"domain":"house.example","list_id":"bureau.house.example","date":"2026-12-07T09:00:00Z"}}"#;

struct Wanted {
    deliveries: i64,
    dir: Option<PathBuf>,
    keep: bool,
    turns: i64,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let Some(wanted) = wanted() else { return Ok(()) };
    let temporary = tempfile::tempdir()?;
    let dir = wanted.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    std::fs::create_dir_all(&dir)?;
    let path = dir.join("ledger.db");
    let begun = Instant::now();
    if !path.exists() {
        generate(&path, wanted.deliveries).await?;
    }
    let size = std::fs::metadata(&path)?.len();
    println!(
        "{} deliveries, {:.1} GB, {:.0} octets each, generated in {:.0} s",
        wanted.deliveries,
        size as f64 / 1e9,
        size as f64 / wanted.deliveries as f64,
        begun.elapsed().as_secs_f64()
    );
    let ledger = Ledger::open(&path).await?.ok_or("no ledger")?;
    let newest = ledger.circulars().await?.first().ok_or("no circular")?.id;
    questions(&ledger, newest, wanted.deliveries).await?;
    beside_sending(&ledger, newest, wanted.turns).await?;
    ledger.close().await;
    if wanted.dir.is_some() && !wanted.keep {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

fn wanted() -> Option<Wanted> {
    let mut wanted = Wanted { deliveries: 200_000, dir: None, keep: false, turns: 20_000 };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--deliveries" => wanted.deliveries = words.next()?.parse().ok()?,
            "--turns" => wanted.turns = words.next()?.parse().ok()?,
            "--dir" => wanted.dir = words.next().map(PathBuf::from),
            "--keep" => wanted.keep = true,
            // `cargo test --benches` only asks whether it starts
            "--test" => return None,
            _ => {}
        }
    }
    Some(wanted)
}

fn at(seconds: i64) -> DateTime<Utc> {
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

async fn generate(path: &Path, deliveries: i64) -> Outcome<()> {
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
        format!(
            "INSERT INTO stretch SELECT relay, id / 1024, min(last_attempt_at), max(last_attempt_at) FROM delivery \
             WHERE id BETWEEN {first} AND {last} AND relay IS NOT NULL GROUP BY 1, 2 ON CONFLICT DO UPDATE SET \
             first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)"
        ),
    ]
}

async fn questions(ledger: &Ledger, newest: CircularId, deliveries: i64) -> Outcome<()> {
    let all = LogFilter::default;
    let newest = Some(newest);
    let begun = ledger.issues(newest.ok_or("no circular")?).await?[0].frozen_at;
    let middle = format!("d{:x}", deliveries / 2).parse()?;
    let behind = LogFilter { after: Some(middle), ..all() };
    let office = ledger.log_page(&behind, 1, chrono_tz::UTC).await?.entries.remove(0).address;
    let state = |state| LogFilter { states: vec![state], ..all() };
    let group = |group: &str| LogFilter { group: Some(group.to_owned()), ..all() };
    let country = |country: &str| LogFilter { country: Some(country.to_owned()), ..all() };
    let language = |code: &str| LogFilter { language: Some(code.to_owned()), ..all() };
    let filters: Vec<(&str, LogFilter)> = vec![
        ("log", all()),
        ("--state accepted", state(State::Accepted)),
        ("--state queued", state(State::Queued)),
        ("--state in_transaction", state(State::InTransaction)),
        ("--state refused", state(State::Refused)),
        ("--state held", state(State::Held)),
        ("--state withdrawn (none)", state(State::Withdrawn)),
        ("--state accepted,refused", LogFilter { states: vec![State::Accepted, State::Refused], ..all() }),
        ("--group administrations", group("administrations")),
        ("--group missions", group("missions")),
        ("--group nobody (none)", group("nobody")),
        ("--country 'country 7'", country("country 7")),
        ("--country Nowhere (none)", country("Nowhere")),
        ("--language ar", language("ar")),
        ("--language zh (none)", language("zh")),
        ("--role copy", LogFilter { role: Some(Role::Copy), ..all() }),
        ("--relay main", LogFilter { relay: Some("main".into()), ..all() }),
        ("--relay backup", LogFilter { relay: Some("backup".into()), ..all() }),
        ("--relay none (none)", LogFilter { relay: Some("none".into()), ..all() }),
        ("--since newest's start", LogFilter { since: Some(begun), ..all() }),
        ("--since the last minutes", LogFilter { since: Some(begun + chrono::Duration::seconds(20)), ..all() }),
        ("--until the second circular", LogFilter { until: Some(at(100_000)), ..all() }),
        ("--since tomorrow (none)", LogFilter { since: Some(begun + chrono::Duration::days(1)), ..all() }),
        ("--to @domain", LogFilter { domain: Some("ministry77.example".into()), ..all() }),
        ("--to @nowhere (none)", LogFilter { domain: Some("nowhere.example".into()), ..all() }),
        ("newest --state refused", LogFilter { circular: newest, ..state(State::Refused) }),
        ("newest --state queued", LogFilter { circular: newest, ..state(State::Queued) }),
        ("newest --state accepted", LogFilter { circular: newest, ..state(State::Accepted) }),
        ("newest --group missions", LogFilter { circular: newest, ..group("missions") }),
        (
            "newest --country --state queued",
            LogFilter { circular: newest, country: Some("Country 9".into()), ..state(State::Queued) },
        ),
        ("--country --state refused", LogFilter { country: Some("Country 9".into()), ..state(State::Refused) }),
        ("--group --state refused", LogFilter { group: Some("academia".into()), ..state(State::Refused) }),
        (
            "--language --role --state held",
            LogFilter { language: Some("fr".into()), role: Some(Role::Copy), ..state(State::Held) },
        ),
        ("--country --relay backup", LogFilter { relay: Some("backup".into()), ..country("Country 9") }),
    ];
    println!("{:34} {:>8} {:>8} {:>8} {:>6}", "question", "first ms", "worst ms", "middle", "rows");
    for (name, filter) in filters {
        let mut slowest = Duration::ZERO;
        let mut first = Duration::ZERO;
        let mut rows = 0;
        for round in 0..TIMES {
            let begun = Instant::now();
            rows = ledger.log_page(&filter, PAGE, chrono_tz::UTC).await?.entries.len();
            slowest = slowest.max(begun.elapsed());
            first = if round == 0 { slowest } else { first };
        }
        let begun = Instant::now();
        ledger.log_page(&LogFilter { after: Some(middle), ..filter }, PAGE, chrono_tz::UTC).await?;
        println!("{name:34} {:8.1} {:8.1} {:8.1} {rows:6}", millis(first), millis(slowest), millis(begun.elapsed()));
    }
    let mailbox = Address::parse(&office)?.mailbox();
    let begun = Instant::now();
    let rows = ledger.log(&LogFilter { mailbox: Some(mailbox), ..all() }, chrono_tz::UTC).await?.len();
    println!("{:34} {:8.1} {:>8} {:>8} {rows:6}", "who", millis(begun.elapsed()), "", "");
    let newest = newest.ok_or("no circular")?;
    let begun = Instant::now();
    let totals = ledger.totals(newest).await?;
    for by in [Breakdown::Group, Breakdown::Country, Breakdown::Language] {
        ledger.totals_by(newest, by).await?;
    }
    println!(
        "{:34} {:8.1} {:>8} {:>8} {:6}",
        "show newest, with breakdowns",
        millis(begun.elapsed()),
        "",
        "",
        totals.frozen()
    );
    let begun = Instant::now();
    let circulars = ledger.circulars().await?;
    for circular in circulars.iter().take(PAGE as usize) {
        ledger.totals(circular.id).await?;
    }
    println!(
        "{:34} {:8.1} {:>8} {:>8} {:6}",
        "list, the newest hundred",
        millis(begun.elapsed()),
        "",
        "",
        circulars.len()
    );
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Turns a second through journal and ledger, alone and beside a reader, in turns.
async fn beside_sending(ledger: &Ledger, newest: CircularId, turns: i64) -> Outcome<()> {
    let lock = Lock::take(ledger.path())?;
    let instance = ledger.start_instance(&lock, Utc::now()).await?;
    let issue = ledger.issues(newest).await?.remove(0);
    let mut next = (issue.rows.0 + issue.rows.1) / 2 + 1;
    let turns = turns.min((issue.rows.1 - next) / 6);
    let (asked, server) = ledger.turns(instance).await?;
    let serving = tokio::spawn(server.serve(|_| {}));
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        alone.push(take(&asked, next, turns).await?);
        next += turns;
        let reader = tokio::spawn(read_on(ledger.clone(), newest));
        beside.push(take(&asked, next, turns).await?);
        next += turns;
        reader.abort();
    }
    drop(asked);
    serving.await??;
    for side in [&mut alone, &mut beside] {
        side.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    println!(
        "turns a second: {:.0} alone, {:.0} beside a reader who never pauses ({:.2}); {:.1} µs of processor a turn",
        alone[1].0,
        beside[1].0,
        beside[1].0 / alone[1].0,
        alone[1].1
    );
    Ok(())
}

async fn read_on(ledger: Ledger, newest: CircularId) {
    let filters = [
        LogFilter { circular: Some(newest), states: vec![State::Accepted], ..LogFilter::default() },
        LogFilter { country: Some("Country 7".into()), ..LogFilter::default() },
        LogFilter { states: vec![State::Refused], ..LogFilter::default() },
    ];
    loop {
        for filter in &filters {
            let _ = ledger.log_page(filter, PAGE, chrono_tz::UTC).await;
            let _ = ledger.totals_by(newest, Breakdown::Country).await;
        }
    }
}

/// Turns a second, and microseconds of processor for each.
async fn take(asked: &circulard::ledger::Turns, first: i64, turns: i64) -> Outcome<(f64, f64)> {
    let (begun, worked) = (Instant::now(), processor()?);
    let each = turns / SESSIONS as i64;
    let sessions = (0..SESSIONS as i64).map(|session| {
        let asked = asked.clone();
        // sessions take from one queue: their deliveries lie side by side
        tokio::spawn(async move {
            let mut before: Option<Finish> = None;
            for step in 0..each {
                let begin = turn::begin(first + step * SESSIONS as i64 + session);
                let finish = before.replace(turn::accepted(&begin));
                asked.ask(Turn { finish, begin: Some(begin) })?.durable().await?;
            }
            asked.ask(Turn { finish: before, begin: None })?.durable().await
        })
    });
    for session in sessions.collect::<Vec<_>>() {
        session.await??;
    }
    asked.settle().await?;
    let micros = (processor()? - worked) * 1e6 / turns as f64;
    Ok((turns as f64 / begun.elapsed().as_secs_f64(), micros))
}

/// Seconds of processor so far, from /proc/self/stat in hundredths.
fn processor() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}
