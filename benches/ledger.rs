//! How fast the ledger answers when it is old and full, and what that costs while a circular goes out.
//!
//! `cargo bench --bench ledger -- --deliveries 10000000 --dir /tmp/bench --keep`
//!
//! Deliveries are generated through the real schema. Then every filter of the log, every pair and every three of them are
//! asked for their first page of a hundred and for one in the middle, `who` for all that one office ever received, `show`
//! and `list` for their totals. Then turns are taken through the send journal and followed by the ledger, alone and
//! beside a reader who never pauses: look at the ratio, the machine's noise is in both. At last the program itself runs on
//! that ledger: every page and list is asked for 20 times, and circulars go out to `smtp-sink`, at 200 a second and as fast
//! as they can, alone and beside a reader who asks for a page a second.

#[path = "ledger/generate.rs"]
mod generate;
#[path = "ledger/house.rs"]
mod house;
#[path = "ledger/pace.rs"]
mod pace;
#[path = "ledger/pages.rs"]
mod pages;
#[path = "ledger/questions.rs"]
mod questions;
#[path = "dispatch/sink.rs"]
mod sink;
#[path = "ledger/turn.rs"]
mod turn;

use std::{
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use chrono::Utc;
use circulard::{
    delivery::State,
    ledger::{Breakdown, CircularId, Finish, Ledger, Lock, LogFilter, Turn},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Page of a face.
const PAGE: u32 = 100;
/// Sessions that take turns.
const SESSIONS: usize = 16;

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
        generate::generate(&path, wanted.deliveries).await?;
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
    let generated = ledger.circulars().await?.into_iter().find(|circular| circular.stem.starts_with('c'));
    let newest = generated.ok_or("no circular")?.id;
    questions::ask(&ledger, newest, wanted.deliveries).await?;
    beside_sending(&ledger, newest, wanted.turns).await?;
    let middle = LogFilter { after: Some(format!("d{:x}", wanted.deliveries / 2).parse()?), ..LogFilter::default() };
    let some = ledger.log_page(&middle, 1, chrono_tz::UTC).await?.entries.remove(0);
    ledger.close().await;
    generate::hold(&path).await?;
    at_home(&path, &pages::paths(newest.0, some.delivery, &some.address))?;
    if wanted.dir.is_some() && !wanted.keep {
        std::fs::remove_dir_all(&dir)?;
    }
    Ok(())
}

/// The program itself on that ledger.
fn at_home(ledger: &std::path::Path, paths: &[String]) -> Outcome<()> {
    let (sink, mut house) = (sink::Sink::start(&[])?, house::House::new(ledger)?);
    pace::lists(&house)?;
    house.open(&pace::settings(&sink, ""))?;
    pages::ask(&house, paths)?;
    pace::measure(&mut house, &sink, paths)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
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
        let _ = reader.await;
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
                asked.ask(Turn { finish, begin: Some(begin), ..Turn::default() })?.durable().await?;
            }
            asked.ask(Turn { finish: before, ..Turn::default() })?.durable().await
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
