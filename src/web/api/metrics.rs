//! `/metrics`: what machines watch. It names no addressee and no circular; still it asks for a token, since behind a proxy
//! on the same machine everybody comes from loopback.
//!
//! What is appended is counted from where the last count ended, totals that stand for good are remembered; and the more a
//! count costs, the less often it is made, so that whoever watches does not slow what is watched.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use tokio::{sync::Mutex, time::Instant};

use super::exposition::{Exposition, KIND, Type};
use crate::{
    delivery::State as DeliveryState,
    ledger::{Appended, CircularState, LedgerError},
    report::Totals,
    web::{Earnest, Web, told::Told},
};

/// Counting takes no more than this part of the time.
const SHARE: u32 = 10;

/// What was counted.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// The last attempt and the last event that were counted; `None` before the first count.
    counted_to: Option<(i64, i64)>,
    attempts: BTreeMap<(String, String), u64>,
    events: BTreeMap<String, u64>,
    ledger: LedgerGauges,
    /// When it is worth counting again.
    again_at: Option<Instant>,
}

/// What the ledger says, when it was asked last.
#[derive(Debug, Default, Clone)]
struct LedgerGauges {
    deliveries: BTreeMap<&'static str, u64>,
    circulars: BTreeMap<&'static str, u64>,
    due: u64,
    oldest_due: Option<DateTime<Utc>>,
    last_attempt: Option<DateTime<Utc>>,
    started: Option<DateTime<Utc>>,
    seen: Option<DateTime<Utc>>,
    orders: u64,
}

#[cfg(test)]
impl Metrics {
    /// The next look counts, however short ago the last one did.
    pub async fn count_anew(&self) {
        self.0.lock().await.again_at = None;
    }
}

/// `GET /metrics`
pub async fn metrics(State(web): State<Web>) -> Result<Response, Told> {
    let mut counts = web.metrics.0.lock().await;
    let began = Instant::now();
    if counts.again_at.is_none_or(|at| at <= began) {
        counts.count(&web).await?;
        counts.again_at = Some(Instant::now() + (began.elapsed() * SHARE).max(Duration::from_millis(200)));
    }
    let text = counts.written(&web);
    drop(counts);
    Ok(([(header::CONTENT_TYPE, KIND), (header::CACHE_CONTROL, "no-store")], text).into_response())
}

impl Counts {
    async fn count(&mut self, web: &Web) -> Result<(), LedgerError> {
        let ledger = &web.desk.ledger;
        let (attempt, event) = match self.counted_to {
            Some(known) => known,
            None => ledger.before_this_start().await?,
        };
        let (attempts, events) = (ledger.attempts_counted(attempt).await?, ledger.events_counted(event).await?);
        self.counted_to = Some((attempts.last, events.last));
        self.add(attempts, events);
        self.ledger = gauges(web).await?;
        Ok(())
    }

    fn add(&mut self, attempts: Appended, events: Appended) {
        for (relay, state, count) in attempts.counts {
            *self.attempts.entry((relay, state)).or_default() += count;
        }
        for (kind, _, count) in events.counts {
            *self.events.entry(kind).or_default() += count;
        }
    }

    fn written(&self, web: &Web) -> String {
        let mut out = Exposition::default();
        daemon(&mut out, web);
        self.ledger.write(&mut out, web.now());
        let mut family = out.family(
            "circulard_attempts_total",
            Type::Counter,
            "Attempts since the daemon started, by what came of them.",
        );
        for ((relay, state), count) in &self.attempts {
            family.sample(&[("relay", relay), ("state", state)], float(*count));
        }
        let mut family = out.family("circulard_events_total", Type::Counter, "Events since the daemon started.");
        for (kind, count) in &self.events {
            family.sample(&[("kind", kind)], float(*count));
        }
        out.finish()
    }
}

async fn gauges(web: &Web) -> Result<LedgerGauges, LedgerError> {
    let (ledger, now) = (&web.desk.ledger, web.now());
    let mut circulars: BTreeMap<_, u64> = CircularState::ALL.map(|state| (state.as_str(), 0)).into();
    let mut deliveries: BTreeMap<_, u64> = DeliveryState::ALL.map(|state| (state.as_str(), 0)).into();
    for record in ledger.circulars().await? {
        *circulars.entry(record.state.as_str()).or_default() += 1;
        if record.issues > 0 {
            let totals: Totals = web.counted.totals(ledger, &record).await?;
            for (state, count) in totals.iter() {
                *deliveries.entry(state.as_str()).or_default() += count;
            }
        }
    }
    let (due, life) = (ledger.due_now(now).await?, ledger.last_life().await?);
    Ok(LedgerGauges {
        deliveries,
        circulars,
        due: due.count,
        oldest_due: due.oldest,
        last_attempt: ledger.last_attempt_at().await?,
        started: life.map(|(started, _)| started),
        seen: life.map(|(_, seen)| seen),
        orders: ledger.orders_waiting().await?,
    })
}

/// What the daemon says of itself.
fn daemon(out: &mut Exposition, web: &Web) {
    let signs = web.vitals.look();
    let of = |yes: bool| if yes { 1.0 } else { 0.0 };
    out.family("circulard_build_info", Type::Gauge, "The program's version.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    out.family("circulard_rehearsal", Type::Gauge, "1: nothing leaves this machine.")
        .sample(&[], of(web.earnest == Earnest::Rehearsal));
    out.family("circulard_stopping", Type::Gauge, "1: it ends, and begins nothing new.")
        .sample(&[], of(signs.stopping));
    out.family("circulard_deliveries_at_hand", Type::Gauge, "Deliveries read from the ledger that no session has.")
        .sample(&[], float(signs.waiting as u64));
    let at_work = "Deliveries that a session has, or whose outcome the ledger has not yet.";
    out.family("circulard_deliveries_at_work", Type::Gauge, at_work).sample(&[], float(signs.at_work as u64));
    let records = "Records of the send journal, durable, that the ledger has not followed yet.";
    out.family("circulard_journal_lag_records", Type::Gauge, records).sample(&[], float(signs.lag.records));
    out.family("circulard_journal_lag_bytes", Type::Gauge, "The length of those records.")
        .sample(&[], float(signs.lag.octets));
    let mut family = out.family("circulard_relay_up", Type::Gauge, "0: the relay rests after a failure of its own.");
    for relay in &signs.relays {
        family.sample(&[("relay", &relay.name)], of(!relay.rests));
    }
    let mut family = out.family("circulard_relay_sessions_allowed", Type::Gauge, "Sessions that the relay may have.");
    for relay in &signs.relays {
        family.sample(&[("relay", &relay.name)], f64::from(relay.sessions));
    }
    let mut family =
        out.family("circulard_relay_sessions_open", Type::Gauge, "Sessions that are open, or being opened.");
    for relay in &signs.relays {
        family.sample(&[("relay", &relay.name)], f64::from(relay.open));
    }
    let pace = "Messages a second that the relay is fed at most, where it asked for less.";
    let mut family = out.family("circulard_relay_pace", Type::Gauge, pace);
    for relay in &signs.relays {
        if let Some(pace) = relay.pace {
            family.sample(&[("relay", &relay.name)], pace);
        }
    }
}

impl LedgerGauges {
    fn write(&self, out: &mut Exposition, now: DateTime<Utc>) {
        let mut family = out.family("circulard_circulars", Type::Gauge, "Circulars by state.");
        for (state, count) in &self.circulars {
            family.sample(&[("state", state)], float(*count));
        }
        let mut family =
            out.family("circulard_deliveries", Type::Gauge, "Deliveries by state; their sum is the number frozen.");
        for (state, count) in &self.deliveries {
            family.sample(&[("state", state)], float(*count));
        }
        out.family("circulard_due_deliveries", Type::Gauge, "Deliveries that nothing but a relay keeps.")
            .sample(&[], float(self.due));
        let waited = self.oldest_due.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0));
        out.family("circulard_oldest_due_seconds", Type::Gauge, "How long the oldest of them could have been sent.")
            .sample(&[], waited);
        out.family("circulard_orders_waiting", Type::Gauge, "Orders of people that are not carried out yet.")
            .sample(&[], float(self.orders));
        for (name, help, at) in [
            ("circulard_last_attempt_timestamp_seconds", "When the last attempt on record ended.", self.last_attempt),
            ("circulard_start_timestamp_seconds", "When the daemon started.", self.started),
            ("circulard_heartbeat_timestamp_seconds", "The daemon's last sign of life, once a minute.", self.seen),
        ] {
            if let Some(at) = at {
                out.family(name, Type::Gauge, help).sample(&[], at.timestamp_millis() as f64 / 1000.0);
            }
        }
    }
}

/// Counts are far below 2⁵³.
fn float(count: u64) -> f64 {
    count as f64
}
