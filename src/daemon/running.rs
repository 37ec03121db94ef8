//! A running daemon: its workers on one tracker, what they share, and how they end.

use std::{collections::BTreeMap, sync::PoisonError, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Broken, Daemon, Until};
use crate::{
    desk::Desk,
    ledger::{DeliveryId, Instance, Lag, LedgerError},
    report::format_time,
    smtp::RelaySettings,
    web::{RelayVitals, VitalSigns, Vitals},
    workers::{
        Pulse, Shelf,
        dispatch::{Gates, Tally, Worker},
    },
};

/// A relay in back-off for longer than this does not keep `--until-idle`.
const SHORT_REST: chrono::TimeDelta = chrono::TimeDelta::seconds(10);
/// How often the ledger gets a sign of life.
const BEAT: Duration = Duration::from_secs(60);
/// How often the daemon looks whether it is idle, and draws.
const TICK: Duration = Duration::from_millis(100);

/// The workers of a running daemon.
pub(super) struct Running {
    tracker: TaskTracker,
    pub stop: CancellationToken,
    /// The capture server ends after its clients.
    pub last: CancellationToken,
    pub last_tracker: TaskTracker,
    pub pulse: Pulse,
    pub tally: Tally,
    pub shelf: Shelf,
    errors: mpsc::Sender<String>,
    told: std::sync::Mutex<mpsc::Receiver<String>>,
    /// Known once dispatch has started.
    watched: std::sync::Mutex<(Gates, Lag)>,
}

impl Running {
    pub fn new() -> Self {
        let (errors, told) = mpsc::channel(16);
        Self {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            last: CancellationToken::new(),
            last_tracker: TaskTracker::new(),
            pulse: Pulse::default(),
            tally: Tally::default(),
            shelf: Shelf::default(),
            errors,
            told: std::sync::Mutex::new(told),
            watched: std::sync::Mutex::default(),
        }
    }

    /// A worker whose error, or panic, ends the daemon.
    pub fn spawn(&self, name: &'static str, worker: Worker) {
        let (stop, errors) = (self.stop.clone(), self.errors.clone());
        let working = self.tracker.spawn(worker);
        self.tracker.spawn(async move {
            let error = match working.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error.to_string(),
                Err(panic) => format!("{name}: {panic}"),
            };
            tracing::error!(worker = name, error, "stopped");
            // nobody listens any more once the first has been told
            let _ = errors.try_send(error);
            stop.cancel();
        });
    }

    pub fn watch(&self, gates: Gates, lag: Lag) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = (gates, lag);
    }

    fn watched(&self) -> (Gates, Lag) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the dashboard may ask of the running daemon.
    pub fn vitals(&self, relays: &[RelaySettings]) -> Vitals {
        let (stop, shelf, (gates, lag)) = (self.stop.clone(), self.shelf.clone(), self.watched());
        let sessions: BTreeMap<String, u16> = relays.iter().map(|relay| (relay.name.clone(), relay.sessions)).collect();
        Vitals::new(move || VitalSigns {
            stopping: stop.is_cancelled(),
            waiting: shelf.waiting(),
            at_work: shelf.at_work(),
            lag: lag.look(),
            relays: (gates.iter())
                .map(|(name, gate)| RelayVitals {
                    name: name.to_owned(),
                    rests: gate.resting().is_some(),
                    pace: gate.pace_now(),
                    sessions: sessions.get(name).copied().unwrap_or(1),
                    open: gate.sessions(),
                })
                .collect(),
        })
    }

    pub fn first_error(&self) -> Option<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).try_recv().ok()
    }

    /// Waits for a signal, an error, or idleness, then for the workers.
    pub async fn wait(&self, daemon: &Daemon, desk: &Desk, instance: Instance) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        // the terminal was closed
        let mut hangup = signal(SignalKind::hangup())?;
        let mut tick = tokio::time::interval(TICK);
        let mut beat = tokio::time::interval(BEAT);
        let mut awake = desk.now();
        let mut ended = Ok(());
        notify_systemd(&[sd_notify::NotifyState::Ready]);
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hangup.recv() => break,
                () = self.stop.cancelled() => break,
                _ = beat.tick() => ended = self.beat(daemon, desk, instance, &mut awake).await,
                _ = tick.tick() => {
                    notify_systemd(&[sd_notify::NotifyState::Watchdog]);
                    if daemon.was_away(awake) {
                        ended = self.beat(daemon, desk, instance, &mut awake).await;
                    }
                    awake = desk.now();
                    if let Some(progress) = &daemon.progress {
                        progress.draw(&self.tally.look());
                    }
                    if daemon.until == Until::Idle {
                        match self.is_idle(desk).await {
                            Ok(false) => {}
                            Ok(true) => break,
                            Err(error) => ended = Err(error.into()),
                        }
                    }
                }
            }
            if ended.is_err() {
                break;
            }
        }
        notify_systemd(&[sd_notify::NotifyState::Stopping]);
        if daemon.until == Until::Stopped {
            tracing::info!("stopping: what is on the wire is finished first");
        }
        self.stop.cancel();
        self.tracker.close();
        loop {
            tokio::select! {
                () = self.tracker.wait() => return ended,
                _ = terminate.recv() => return Err(Broken::AtOnce.into()),
                _ = interrupt.recv() => return Err(Broken::AtOnce.into()),
                // a relay that takes its ten minutes for the final dot is no reason to be killed
                _ = tick.tick() => notify_systemd(&[sd_notify::NotifyState::Watchdog]),
            }
        }
    }

    /// A sign of life. Where the last one is too long ago the machine slept, or was resumed from a snapshot: nothing begins
    /// before the ledger has been told what waits. `awake` is when we looked last.
    async fn beat(
        &self,
        daemon: &Daemon,
        desk: &Desk,
        instance: Instance,
        awake: &mut DateTime<Utc>,
    ) -> anyhow::Result<()> {
        if daemon.was_away(std::mem::replace(awake, desk.now())) {
            self.shelf.halt();
            daemon.hold_for_absence(&desk.ledger).await?;
            self.shelf.resume_all();
        }
        Ok(desk.ledger.beat(instance, desk.now()).await?)
    }

    /// Nothing is in hand, and the ledger has nothing that could be sent now.
    async fn is_idle(&self, desk: &Desk) -> Result<bool, LedgerError> {
        let is_quiet = || self.pulse.is_quiet() && self.shelf.at_work() == 0;
        if !is_quiet() {
            return Ok(false);
        }
        let now = desk.now();
        let ledger = &desk.ledger;
        if !ledger.due_circulars(now).await?.is_empty() || !ledger.open_orders().await?.is_empty() {
            self.pulse.ring_issue();
            return Ok(false);
        }
        let (gates, _) = self.watched();
        for issue in ledger.open_issues().await? {
            let due = ledger.due(issue.id, DeliveryId(0), now, 200).await?;
            if due.iter().any(|due| gates.could_go(due, now, SHORT_REST)) {
                self.pulse.ring_dispatch();
                return Ok(false);
            }
        }
        for (_, reference) in ledger.complete(now).await? {
            tracing::info!(reference, "completed");
        }
        // what happened last is told before the run ends
        if ledger.has_unread_events().await? {
            return Ok(false);
        }
        // while we looked, something may have come in
        Ok(is_quiet())
    }

    /// Ends what outlives the workers. Times are told in this zone.
    pub async fn end(&self, zone: chrono_tz::Tz) {
        self.stop.cancel();
        self.last.cancel();
        self.last_tracker.close();
        self.last_tracker.wait().await;
        for (name, gate) in self.watched().0.iter() {
            if let Some((until, reason)) = gate.resting() {
                let until = format_time(until, zone);
                tracing::warn!(relay = name, reason, until, "the relay rests");
            }
        }
    }
}

/// Where systemd did not start us there is nobody to tell.
fn notify_systemd(states: &[sd_notify::NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}
