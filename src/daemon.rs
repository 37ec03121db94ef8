//! The daemon: starts the workers on one tracker, waits for a reason to end, and ends in order.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

mod dashboard;
mod log_line;
mod notices;
mod running;

pub use log_line::PlainFields;
use running::Running;

use anyhow::Context;
use chrono::{DateTime, Utc};

use crate::{
    cli::{progress::Progress, summary},
    clock::Clock,
    config::{ConfigError, Settings},
    delivery::{Slots, Span, Throttles},
    desk::{Desk, LastBook, Post, Rules, prepare_relay},
    folders::Workspace,
    ledger::{DeliveryId, Instance, Ledger, LedgerError, Lock, LockError, Origin, Standing},
    rehearsal::{CaptureServer, Manners},
    report::format_time,
    schedule::is_late,
    smtp::{Deadlines, RelaySettings, TlsRoots},
    workers::{
        dispatch::{Dispatch, Gate, Gates, LetterBlames, Relay},
        intake::Intake,
        issue,
        orders::Orders,
    },
};

/// Ends of the daemon that are its own fault or the world's.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The ledger cannot be written. Exit code 74.
    #[error("{0}; sending has stopped, nothing is sent that cannot be recorded")]
    Ledger(String),
    /// The second signal. What was on the wire is in doubt.
    #[error("stopped at once; the next start tells what was on the wire")]
    AtOnce,
}

/// Nobody was there, if nothing was heard for so long.
const SHORTEST_ABSENCE: Span = Span::minutes(5);

/// When the daemon ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Not before it is told to.
    Stopped,
    /// When nothing is due now or on the wire.
    Idle,
}

/// How it ended.
#[derive(Debug)]
pub struct Ending {
    /// Deliveries of this run that ended badly or stand in doubt.
    pub ended_badly: i64,
    /// What went out and what waits, for people.
    pub summary: String,
}

/// What a daemon is started with.
pub struct Daemon {
    /// The folder.
    pub workspace: Workspace,
    /// The configuration.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// When it ends.
    pub until: Until,
    /// Manners of the capture server, if it rehearses.
    pub manners: Manners,
    /// Where progress is drawn.
    pub progress: Option<Progress>,
    /// The folder of systemd's credentials.
    pub credentials: Option<PathBuf>,
    /// How long relays are waited for.
    pub deadlines: Deadlines,
}

/// Commands hold the lock for moments: they take over what a killed daemon left, or act where none runs. A daemon that
/// starts just then waits.
const MOMENT: Duration = Duration::from_secs(5);
/// A command clears the mark of a killed daemon at once, but not in the same instant.
const INSTANT: Duration = Duration::from_millis(200);

async fn take_lock(ledger: &Path) -> anyhow::Result<Lock> {
    let began = tokio::time::Instant::now();
    loop {
        let patience = if Lock::was_kept(ledger) { INSTANT } else { MOMENT };
        match Lock::take(ledger) {
            Err(LockError::Held(_)) if began.elapsed() < patience => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            taken => {
                let mut lock = taken?;
                lock.keep().with_context(|| ledger.with_extension("lock").display().to_string())?;
                return Ok(lock);
            }
        }
    }
}

impl Daemon {
    /// Whether nothing leaves this machine.
    pub fn rehearses(&self) -> bool {
        self.settings.relay.is_empty()
    }

    /// The way out for a single message.
    fn post(&self) -> Post {
        Post {
            relays: self.settings.relay.clone(),
            ehlo_name: self.settings.delivery.ehlo_name.clone(),
            credentials: self.credentials.clone(),
        }
    }

    /// Runs until told to stop, or until idle.
    pub async fn run(self) -> anyhow::Result<Ending> {
        let rehearses = self.rehearses();
        let (path, origin) = match rehearses {
            true => (self.workspace.rehearsal_ledger(), Origin::Rehearsal),
            false => (self.workspace.ledger(), Origin::Run),
        };
        self.workspace.make_var().map_err(|error| LedgerError::Io(self.workspace.var(), error))?;
        let lock = take_lock(&path).await?;
        let ledger = Ledger::open_or_create(&path, origin, self.clock.now()).await?;
        if let Standing::Held(gap) = ledger.catch_up(&lock).await? {
            return Err(Broken::Ledger(gap.to_string()).into());
        }
        self.hold_for_absence(&ledger).await?;
        let instance = ledger.start_instance(&lock, self.clock.now()).await?;
        ledger.discard_staging().await?;
        for address in ledger.recover(instance, self.settings.delivery.in_doubt, self.clock.now()).await? {
            tracing::warn!(to = crate::report::mask(&address), "found in a transaction: in doubt");
        }
        let desk = Desk {
            workspace: self.workspace.clone(),
            lists: ledger.clone(),
            ledger: ledger.clone(),
            clock: self.clock.clone(),
            rules: Rules::new(
                &self.settings.schedule,
                &self.settings.release,
                &self.settings.sender,
                self.settings.staff,
            ),
            book: LastBook::default(),
        };
        let running = self.start(&desk, instance, rehearses).await?;
        let ended = running.wait(&self, &desk, instance).await;
        running.end(self.settings.schedule.time_zone.0).await;
        if let Some(progress) = &self.progress {
            progress.clear();
        }
        let ended = match (ended, running.first_error()) {
            (_, Some(error)) => Err(Broken::Ledger(error).into()),
            (ended, None) => ended,
        };
        ended?;
        // the last outcomes came in while the workers ended
        ledger.complete(self.clock.now()).await?;
        ledger.stop_instance(instance, self.clock.now()).await?;
        let ending =
            Ending { ended_badly: ledger.ended_badly(instance).await?, summary: summary(&desk, instance.epoch).await? };
        drop((desk, running));
        ledger.close().await;
        Ok(ending)
    }

    async fn start(&self, desk: &Desk, instance: Instance, rehearses: bool) -> anyhow::Result<Running> {
        let running = Running::new();
        let relays = match rehearses {
            true => vec![self.rehearsal_relay(&running).await?],
            false => self.relays()?,
        };
        let (turns, server) = desk.ledger.turns(instance).await?;
        let shelf = running.shelf.clone();
        let followed = move |deliveries: &[DeliveryId]| shelf.done(deliveries);
        running.spawn("ledger", Box::pin(async move { Ok(server.serve(followed).await?) }));
        let (gates, slots) = self.limits(desk, &relays).await?;
        for relay in desk.ledger.relays_said_down().await? {
            if let Some(gate) = gates.get(&relay) {
                gate.was_said_down();
            }
        }
        running.watch(gates.clone(), turns.lag());
        let orders = Orders {
            desk: desk.clone(),
            pulse: running.pulse.clone(),
            shelf: running.shelf.clone(),
            turns: turns.clone(),
        };
        let dispatch = Dispatch {
            ledger: desk.ledger.clone(),
            turns,
            clock: self.clock.clone(),
            zone: self.settings.schedule.time_zone.0,
            shares: Arc::new(Dispatch::shares(&relays)),
            relays,
            retry: self.settings.retry.clone(),
            settings: self.settings.delivery.clone(),
            deadlines: self.deadlines,
            pulse: running.pulse.clone(),
            tally: running.tally.clone(),
            gates,
            slots,
            letters: LetterBlames::default(),
            shelf: running.shelf.clone(),
        };
        notices::start(self, desk, &running, &dispatch);
        dispatch.start(&running.stop, |name, worker| running.spawn(name, worker));
        let lay_there = desk.ledger.lay_there().await?;
        let intake = Intake::new(desk.clone(), running.pulse.clone(), self.settings.watch.clone(), lay_there);
        let intake = if self.until == Until::Idle { intake.with_little_patience() } else { intake };
        running.spawn("intake", Box::pin(intake.run(running.stop.clone())));
        running.spawn("issue", Box::pin(issue::run(desk.clone(), running.pulse.clone(), running.stop.clone())));
        let until = running.stop.clone();
        running.spawn("orders", Box::pin(orders.run(until)));
        dashboard::start(self, desk, &running).await;
        Ok(running)
    }

    /// One gate a relay, and the slots of limited domains: limits count what the ledger has on record.
    async fn limits<'a>(&self, desk: &Desk, relays: &'a [Arc<Relay>]) -> anyhow::Result<(Gates, Slots)> {
        let now = self.clock.now();
        let mut slots = Slots::new(self.settings.delivery.domains.clone());
        let mut throttles: BTreeMap<&str, Throttles> =
            relays.iter().map(|relay| (relay.settings.name.as_str(), Throttles::new(&relay.settings.rate))).collect();
        let memory = throttles.values().map(Throttles::memory).max().unwrap_or_default().max(slots.memory());
        if !memory.is_zero() {
            for sent in desk.ledger.attempts_since(now - memory).await? {
                slots.restore(&sent.address, sent.at, now);
                if let Some(throttles) = throttles.get_mut(sent.relay.as_str()) {
                    throttles.remember(sent.at, now);
                }
            }
        }
        let gate = |relay: &'a Arc<Relay>| {
            let throttles = throttles.remove(relay.settings.name.as_str()).unwrap_or_default();
            (&relay.settings, Gate::with_throttles(throttles))
        };
        Ok((Gates::new(relays.iter().map(gate)), slots))
    }

    /// Whether nobody was there for longer than `late_after`. A sign of life comes once a minute: a shorter silence is none.
    fn was_away(&self, seen: DateTime<Utc>) -> bool {
        is_late(seen, self.clock.now(), self.settings.schedule.late_after.max(SHORTEST_ABSENCE))
    }

    /// Nobody was there for a while: what was going out then waits for a person.
    async fn hold_for_absence(&self, ledger: &Ledger) -> anyhow::Result<()> {
        let Some(seen) = ledger.last_seen().await?.filter(|seen| self.was_away(*seen)) else { return Ok(()) };
        let since = format_time(seen, self.settings.schedule.time_zone.0);
        let reason = format!("no daemon was there from {since} on; look whether it may go on, then `release` it");
        for reference in ledger.hold_for_absence(&reason, self.clock.now()).await? {
            tracing::warn!(reference, reason, "late");
        }
        Ok(())
    }

    async fn rehearsal_relay(&self, running: &Running) -> anyhow::Result<Arc<Relay>> {
        let folder = self.workspace.rehearsal();
        let server = CaptureServer::start(folder.clone(), self.manners, running.last.clone(), &running.last_tracker)
            .await
            .with_context(|| folder.display().to_string())?;
        tracing::warn!(messages = %folder.display(), "REHEARSAL: no relay is configured, nothing leaves this machine");
        Ok(Arc::new(Relay {
            settings: RelaySettings::loopback("rehearsal", server.addr),
            roots: TlsRoots::none()?,
            secret: None,
            workspace: self.workspace.dir().to_owned(),
            credentials: None,
        }))
    }

    fn relays(&self) -> anyhow::Result<Vec<Arc<Relay>>> {
        self.settings
            .relay
            .iter()
            .map(|settings| {
                if settings.is_exposed() {
                    tracing::warn!(
                        relay = settings.name,
                        "WITHOUT TLS: everybody on the way to this relay can read the letters"
                    );
                }
                let (roots, secret) = prepare_relay(settings, &self.workspace, self.credentials.as_deref())
                    .map_err(|error| ConfigError::Together(format!("relay \"{}\": {error}", settings.name)))?;
                Ok(Arc::new(Relay {
                    secret,
                    settings: settings.clone(),
                    roots,
                    workspace: self.workspace.dir().to_owned(),
                    credentials: self.credentials.clone(),
                }))
            })
            .collect()
    }
}
