//! The daemon: starts the workers on one tracker, waits for a reason to end, and ends in order.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    cli::{progress::Progress, summary},
    clock::Clock,
    config::Settings,
    desk::{Desk, DeskError, Rules},
    folders::Workspace,
    ledger::{DeliveryId, Instance, Ledger, LedgerError, Lock, Origin},
    rehearsal::{CaptureServer, Manners},
    report::format_time,
    secrets::SecretSource,
    smtp::{Deadlines, RelaySettings, TlsRoots},
    workers::{
        Pulse,
        dispatch::{Dispatch, Gate, Refusals, Relay, Tally},
        intake::{FIRST_LOOK, FirstLook, Intake},
        issue, orders,
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
}

/// A relay in back-off for longer than this does not keep `--until-idle`.
const SHORT_REST: chrono::TimeDelta = chrono::TimeDelta::seconds(10);
/// How often the daemon looks whether it is idle, and draws.
const TICK: Duration = Duration::from_millis(100);

impl Daemon {
    /// Whether nothing leaves this machine.
    pub fn rehearses(&self) -> bool {
        self.settings.relay.is_empty()
    }

    /// Runs until told to stop, or until idle.
    pub async fn run(self) -> anyhow::Result<Ending> {
        let rehearses = self.rehearses();
        let (path, origin) = match rehearses {
            true => (self.workspace.rehearsal_ledger(), Origin::Rehearsal),
            false => (self.workspace.ledger(), Origin::Run),
        };
        self.workspace.make_var().map_err(|error| LedgerError::Io(self.workspace.var(), error))?;
        let lock = Lock::take(&path)?;
        let ledger = Ledger::open_or_create(&path, origin, self.clock.now()).await?;
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
            rules: Rules::new(&self.settings.schedule, &self.settings.release, &self.settings.sender),
        };
        let running = self.start(&desk, instance, rehearses).await?;
        let ended = running.wait(&self, &desk).await;
        running.end().await;
        if let Some(progress) = &self.progress {
            progress.clear();
        }
        let ended = match (ended, running.first_error()) {
            (_, Some(error)) => Err(Broken::Ledger(error).into()),
            (ended, None) => ended,
        };
        ended?;
        // the feeder stopped before the lanes did
        running.refusals.put_back(&ledger, self.clock.now()).await?;
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
        let (turns, server) = desk.ledger.turns(instance);
        running.spawn("ledger", async move { server.serve().await.map_err(DeskError::from) });
        let gates: BTreeMap<String, Arc<Gate>> =
            relays.iter().map(|relay| (relay.settings.name.clone(), Arc::default())).collect();
        running.set_gates(gates.clone());
        let dispatch = Dispatch {
            ledger: desk.ledger.clone(),
            turns,
            clock: self.clock.clone(),
            relays,
            retry: self.settings.retry.clone(),
            settings: self.settings.delivery.clone(),
            deadlines: Deadlines::default(),
            pulse: running.pulse.clone(),
            tally: running.tally.clone(),
            gates,
            refusals: running.refusals.clone(),
        };
        let errors = running.errors.clone();
        dispatch.start(&running.tracker, &running.stop, move |error: LedgerError| {
            // nobody listens any more once the first has been told
            let _ = errors.try_send(error.to_string());
        });
        let known = !desk.ledger.made_by_run().await? || desk.ledger.has_event(FIRST_LOOK).await?;
        let first_look = if known { FirstLook::Known } else { FirstLook::New };
        let intake = Intake::new(desk.clone(), running.pulse.clone(), self.settings.watch.clone(), first_look);
        running.spawn("intake", intake.run(running.stop.clone()));
        running.spawn("issue", issue::run(desk.clone(), running.pulse.clone(), running.stop.clone()));
        let (ledger, clock, pulse, stop) =
            (desk.ledger.clone(), self.clock.clone(), running.pulse.clone(), running.stop.clone());
        running.spawn("orders", async move { orders::run(ledger, clock, pulse, stop).await.map_err(DeskError::from) });
        Ok(running)
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
                let roots = match &settings.tls_roots {
                    Some(file) => {
                        let path = self.workspace.dir().join(file);
                        let pem = std::fs::read(&path).with_context(|| path.display().to_string())?;
                        TlsRoots::with_pem(&pem).with_context(|| path.display().to_string())?
                    }
                    None if settings.protection() == crate::smtp::Protection::Plain => TlsRoots::none()?,
                    None => TlsRoots::of_this_machine()?,
                };
                let file = settings.password_file.clone().map(SecretSource::File);
                Ok(Arc::new(Relay {
                    secret: file.or_else(|| settings.credential.clone().map(SecretSource::Credential)),
                    settings: settings.clone(),
                    roots,
                    workspace: self.workspace.dir().to_owned(),
                    credentials: self.credentials.clone(),
                }))
            })
            .collect()
    }
}

/// The workers of a running daemon.
struct Running {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// The capture server ends after its clients.
    last: CancellationToken,
    last_tracker: TaskTracker,
    pulse: Pulse,
    tally: Tally,
    refusals: Refusals,
    errors: mpsc::Sender<String>,
    told: std::sync::Mutex<mpsc::Receiver<String>>,
    gates: std::sync::Mutex<BTreeMap<String, Arc<Gate>>>,
}

impl Running {
    fn new() -> Self {
        let (errors, told) = mpsc::channel(16);
        Self {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            last: CancellationToken::new(),
            last_tracker: TaskTracker::new(),
            pulse: Pulse::default(),
            tally: Tally::default(),
            refusals: Refusals::default(),
            errors,
            told: std::sync::Mutex::new(told),
            gates: std::sync::Mutex::default(),
        }
    }

    /// A worker whose error ends the daemon.
    fn spawn(&self, name: &'static str, worker: impl Future<Output = Result<(), DeskError>> + Send + 'static) {
        let (stop, errors) = (self.stop.clone(), self.errors.clone());
        self.tracker.spawn(async move {
            if let Err(error) = worker.await {
                tracing::error!(worker = name, %error, "stopped");
                let _ = errors.try_send(error.to_string());
                stop.cancel();
            }
        });
    }

    fn set_gates(&self, gates: BTreeMap<String, Arc<Gate>>) {
        *self.gates.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = gates;
    }

    fn gates(&self) -> BTreeMap<String, Arc<Gate>> {
        self.gates.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn first_error(&self) -> Option<String> {
        self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).try_recv().ok()
    }

    /// Waits for a signal, an error, or idleness.
    async fn wait(&self, daemon: &Daemon, desk: &Desk) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut tick = tokio::time::interval(TICK);
        notify_systemd(&[sd_notify::NotifyState::Ready]);
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                () = self.stop.cancelled() => break,
                _ = tick.tick() => {
                    notify_systemd(&[sd_notify::NotifyState::Watchdog]);
                    if let Some(progress) = &daemon.progress {
                        progress.draw(&self.tally.look());
                    }
                    if daemon.until == Until::Idle && self.is_idle(desk).await? {
                        break;
                    }
                }
            }
        }
        notify_systemd(&[sd_notify::NotifyState::Stopping]);
        if daemon.until == Until::Stopped {
            tracing::info!("stopping: what is on the wire is finished first");
        }
        self.stop.cancel();
        self.tracker.close();
        tokio::select! {
            () = self.tracker.wait() => Ok(()),
            _ = terminate.recv() => Err(Broken::AtOnce.into()),
            _ = interrupt.recv() => Err(Broken::AtOnce.into()),
        }
    }

    /// Nothing is in hand, and the ledger has nothing that could be sent now.
    async fn is_idle(&self, desk: &Desk) -> Result<bool, LedgerError> {
        if !self.pulse.is_quiet() {
            return Ok(false);
        }
        let now = desk.now();
        let ledger = &desk.ledger;
        if !ledger.due_circulars(now).await?.is_empty() || !ledger.open_orders().await?.is_empty() {
            self.pulse.ring_issue();
            return Ok(false);
        }
        for issue in ledger.open_issues().await? {
            let due = ledger.due(issue.id, DeliveryId(0), now, 200).await?;
            if due.iter().any(|due| self.could_go(due, now)) {
                self.pulse.ring_dispatch();
                return Ok(false);
            }
        }
        for (_, reference) in ledger.complete(now).await? {
            tracing::info!(reference, "completed");
        }
        // while we looked, something may have come in
        Ok(self.pulse.is_quiet())
    }

    /// Whether some relay would take it before long.
    fn could_go(&self, due: &crate::ledger::Due, now: chrono::DateTime<chrono::Utc>) -> bool {
        let gates = self.gates();
        let soon = |gate: &Gate| gate.resting().is_none_or(|(until, _)| until - now < SHORT_REST);
        match (due.state, &due.relay) {
            (crate::delivery::State::InDoubt, Some(relay)) if gates.contains_key(relay) => {
                gates.get(relay).is_some_and(|gate| gate.may_retry_doubt() && soon(gate))
            }
            _ => gates.values().any(|gate| soon(gate)),
        }
    }

    /// Ends what outlives the workers.
    async fn end(&self) {
        self.stop.cancel();
        self.last.cancel();
        self.last_tracker.close();
        self.last_tracker.wait().await;
        for (name, gate) in self.gates() {
            if let Some((until, reason)) = gate.resting() {
                let until = format_time(until, chrono_tz::UTC);
                tracing::warn!(relay = name, reason, until, "the relay rests");
            }
        }
    }
}

/// Where systemd did not start us there is nobody to tell.
fn notify_systemd(states: &[sd_notify::NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
