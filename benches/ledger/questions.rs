//! Every filter of the log, every pair of them and every three: the first page of a hundred, and one from the middle.

use std::time::{Duration, Instant};

use chrono::Utc;
use circulard::{
    addressees::Address,
    compose::Role,
    delivery::State,
    ledger::{Breakdown, CircularId, Ledger, LogFilter},
};

use crate::{Outcome, PAGE, generate::at, millis};

/// How often each question is asked; the slowest counts.
const TIMES: usize = 5;
/// What a page may take.
const PROMISED: Duration = Duration::from_millis(100);

/// A filter as it is written, and what it sets.
type Set = (String, Box<dyn Fn(&mut LogFilter)>);

fn set(name: &str, set: impl Fn(&mut LogFilter) + 'static) -> Set {
    (name.to_owned(), Box::new(set))
}

/// By field; each with values that many, few and none have.
fn fields(newest: CircularId, begun: chrono::DateTime<Utc>) -> Vec<Vec<Set>> {
    let state = |name: &str, states: &'static [State]| set(name, move |filter| filter.states = states.to_vec());
    let group =
        |name: &'static str| set(&format!("--group {name}"), move |filter| filter.group = Some(name.to_owned()));
    let country =
        |name: &'static str| set(&format!("--country '{name}'"), move |filter| filter.country = Some(name.to_owned()));
    let language =
        |name: &'static str| set(&format!("--language {name}"), move |filter| filter.language = Some(name.to_owned()));
    let relay =
        |name: &'static str| set(&format!("--relay {name}"), move |filter| filter.relay = Some(name.to_owned()));
    let domain =
        |name: &'static str| set(&format!("--to @{name}"), move |filter| filter.domain = Some(name.to_owned()));
    let role = |name: &str, role: Role| set(name, move |filter| filter.role = Some(role));
    let since = |name: &str, at| set(name, move |filter: &mut LogFilter| filter.since = Some(at));
    let until = |name: &str, at| set(name, move |filter: &mut LogFilter| filter.until = Some(at));
    vec![
        vec![set("newest", move |filter| filter.circular = Some(newest))],
        vec![
            state("--state accepted", &[State::Accepted]),
            state("--state queued", &[State::Queued]),
            state("--state in_transaction", &[State::InTransaction]),
            state("--state refused", &[State::Refused]),
            state("--state held", &[State::Held]),
            state("--state withdrawn (none)", &[State::Withdrawn]),
            state("--state accepted,refused", &[State::Accepted, State::Refused]),
        ],
        vec![group("administrations"), group("missions"), group("nobody")],
        vec![country("country 7"), country("Country 9"), country("Nowhere")],
        vec![language("ar"), language("zh")],
        vec![role("--role copy", Role::Copy), role("--role to", Role::To)],
        vec![relay("main"), relay("backup"), relay("none")],
        vec![
            since("--since newest's start", begun),
            since("--since the last minutes", begun + chrono::Duration::seconds(20)),
            since("--since tomorrow (none)", chrono::Utc::now() + chrono::Duration::days(1)),
        ],
        vec![until("--until the second circular", at(100_000)), until("--until newest's start", begun)],
        vec![domain("ministry77.example"), domain("nowhere.example")],
    ]
}

/// How long a first page takes, at first and at worst, and one from the middle.
struct Taken {
    name: String,
    first: Duration,
    worst: Duration,
    middle: Duration,
    rows: usize,
}

impl Taken {
    fn print(&self) {
        let Self { name, first, worst, middle, rows } = self;
        println!("{name:64} {:8.1} {:8.1} {:8.1} {rows:6}", millis(*first), millis(*worst), millis(*middle));
    }
}

fn heading(what: &str) {
    println!("\n{what:64} {:>8} {:>8} {:>8} {:>6}", "first ms", "worst ms", "middle", "rows");
}

pub async fn ask(ledger: &Ledger, newest: CircularId, deliveries: i64) -> Outcome<()> {
    let begun = ledger.issues(newest).await?[0].frozen_at;
    let fields = fields(newest, begun);
    let middle = format!("d{:x}", deliveries / 2).parse()?;
    let ask = async |sets: &[&Set], times: usize| -> Outcome<Taken> {
        let mut filter = LogFilter::default();
        sets.iter().for_each(|(_, set)| set(&mut filter));
        let name = if sets.is_empty() {
            "log".to_owned()
        } else {
            sets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
        };
        let (mut first, mut worst, mut rows) = (Duration::ZERO, Duration::ZERO, 0);
        for round in 0..times {
            let begun = Instant::now();
            rows = ledger.log_page(&filter, PAGE, chrono_tz::UTC).await?.entries.len();
            worst = worst.max(begun.elapsed());
            first = if round == 0 { worst } else { first };
        }
        let begun = Instant::now();
        ledger.log_page(&LogFilter { after: Some(middle), ..filter }, PAGE, chrono_tz::UTC).await?;
        Ok(Taken { name, first, worst, middle: begun.elapsed(), rows })
    };
    heading("question");
    ask(&[], TIMES).await?.print();
    for one in fields.iter().flatten() {
        ask(&[one], TIMES).await?.print();
    }
    let (mut pairs, mut triples) = (Vec::new(), Vec::new());
    for (at, some) in fields.iter().enumerate() {
        for (next, others) in fields.iter().enumerate().skip(at + 1) {
            for (one, other) in some.iter().flat_map(|one| others.iter().map(move |other| (one, other))) {
                pairs.push(ask(&[one, other], 2).await?);
                // of three, the first value of the third field that many have
                for third in fields.iter().skip(next + 1).filter_map(|sets| sets.first()) {
                    triples.push(ask(&[one, other, third], 1).await?);
                }
            }
        }
    }
    slowest("pairs", pairs);
    slowest("threes", triples);
    others(ledger, newest, deliveries).await
}

/// The slowest of many, and how many are slower than promised.
fn slowest(what: &str, mut all: Vec<Taken>) {
    const NAMED: usize = 12;
    let slow = all.iter().filter(|taken| taken.worst.max(taken.middle) >= PROMISED).count();
    all.sort_by_key(|taken| std::cmp::Reverse(taken.worst.max(taken.middle)));
    heading(&format!("{what}: {} of {} take {} ms or more; the slowest", slow, all.len(), PROMISED.as_millis()));
    all.iter().take(NAMED).for_each(Taken::print);
}

async fn others(ledger: &Ledger, newest: CircularId, deliveries: i64) -> Outcome<()> {
    let say = |what: &str, begun: Instant, rows: u64| {
        println!("{what:64} {:8.1} {:>8} {:>8} {rows:6}", millis(begun.elapsed()), "", "");
    };
    let behind = LogFilter { after: Some(format!("d{:x}", deliveries / 2).parse()?), ..LogFilter::default() };
    let office = ledger.log_page(&behind, 1, chrono_tz::UTC).await?.entries.remove(0).address;
    let mailbox = Address::parse(&office)?.mailbox();
    heading("what else is asked");
    let begun = Instant::now();
    let rows = ledger.log(&LogFilter { mailbox: Some(mailbox), ..LogFilter::default() }, chrono_tz::UTC).await?.len();
    say("who", begun, rows as u64);
    let begun = Instant::now();
    let totals = ledger.totals(newest).await?;
    for by in [Breakdown::Group, Breakdown::Country, Breakdown::Language] {
        ledger.totals_by(newest, by).await?;
    }
    say("show newest, with breakdowns", begun, totals.frozen());
    let begun = Instant::now();
    let circulars = ledger.circulars().await?;
    for circular in circulars.iter().take(PAGE as usize) {
        ledger.totals(circular.id).await?;
    }
    say("list, the newest hundred", begun, circulars.len() as u64);
    println!();
    Ok(())
}
