//! A lane: one session at a time with one relay, one transaction after another.
//!
//! The order of a transaction is the crash protocol: compose; make `in_transaction` durable, together with the outcome
//! before; MAIL, RCPT, DATA; the message and its final dot; the outcome, durable with the next beginning. No ledger
//! transaction is open while a socket is waited for.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    Dispatch, Gate, Relay, Shelf,
    feeder::FEW,
    gate::Turned,
    outcome::{self, Ended},
    shelf::Job,
};
use crate::{
    compose::Composed,
    delivery::{Cause, Failure, Outcome, Stage, State, Trouble, judge, relay_wait_hint},
    desk::compose_for,
    ledger::{Begin, Begun, Event, Finish, LedgerError, Turn},
    secrets::{NoSecret, read_secret},
    smtp::{Content, Envelope, Session},
};

/// An idle session is closed after this long: well within a server's patience (RFC 5321 §4.5.3.2.7: five minutes).
const IDLE: Duration = Duration::from_secs(10);

pub(super) struct Lane {
    dispatch: Arc<Dispatch>,
    shelf: Shelf,
    relay: Arc<Relay>,
    gate: Arc<Gate>,
    session: Option<Session>,
    /// Transactions on the session so far: a session that was used may have been closed by the relay meanwhile.
    used: u32,
    /// The outcome that the next turn makes durable.
    outcome: Option<Finish>,
}

/// A message and what the ledger knows it by.
struct Letter {
    job: Job,
    composed: Composed,
}

impl Lane {
    pub(super) fn new(dispatch: Arc<Dispatch>, shelf: Shelf, relay: Arc<Relay>, gate: Arc<Gate>) -> Self {
        Self { dispatch, shelf, relay, gate, session: None, used: 0, outcome: None }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result<(), LedgerError> {
        while !stop.is_cancelled() {
            if self.gate.resting().is_some() {
                self.record(None).await?;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.gate.enter(&self.dispatch.clock) => {}
                }
            }
            let Some(job) = self.next_job(stop).await? else { continue };
            let busy = self.dispatch.pulse.busy();
            self.attempt(job).await?;
            drop(busy);
        }
        self.record(None).await?;
        self.hang_up().await;
        Ok(())
    }

    /// The next delivery this relay may be given. With none at hand the last outcome is made durable first.
    async fn next_job(&mut self, stop: &CancellationToken) -> Result<Option<Job>, LedgerError> {
        if let Some(job) = self.take() {
            return Ok(Some(job));
        }
        self.record(None).await?;
        let filled = self.shelf.clone();
        let waiting = filled.filled();
        // between the first look and the wait something may have come
        if let Some(job) = self.take() {
            return Ok(Some(job));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = waiting => {}
            () = tokio::time::sleep(IDLE) => self.hang_up().await,
        }
        Ok(self.take())
    }

    fn take(&self) -> Option<Job> {
        self.shelf.take(FEW, |job| match (job.due.state, &job.due.relay) {
            (State::InDoubt, Some(relay)) => self.may_have(relay) && self.gate.may_retry_doubt(),
            _ => true,
        })
    }

    /// A delivery in doubt stays with its relay, unless the configuration knows that relay no more.
    fn may_have(&self, relay: &str) -> bool {
        relay == self.relay.settings.name || !self.dispatch.gates.contains_key(relay)
    }

    async fn attempt(&mut self, job: Job) -> Result<(), LedgerError> {
        let Some(letter) = self.compose(job).await? else { return Ok(()) };
        if let Err(failure) = self.connect().await? {
            self.shelf.put_back(letter.job);
            return self.relay_failed(&Outcome::Failed(failure)).await;
        }
        let begin = Begin {
            delivery: letter.job.due.id,
            relay: self.relay.settings.name.clone(),
            message_id: letter.composed.message_id.clone(),
            sha256: letter.composed.sha256,
            at: self.dispatch.clock.now(),
        };
        let started_at = begin.at;
        if self.record(Some(begin)).await? == Begun::No {
            self.shelf.done(letter.job.due.id);
            return Ok(());
        }
        let outcome = self.transact(&letter).await;
        self.conclude(&letter.job, outcome, started_at).await
    }

    /// Composes, or holds what cannot be composed as it was frozen.
    async fn compose(&mut self, job: Job) -> Result<Option<Letter>, LedgerError> {
        match compose_job(&self.dispatch, &job) {
            Ok(composed) if job.due.sha256.is_none_or(|before| before == composed.sha256) => {
                Ok(Some(Letter { job, composed }))
            }
            Ok(_) => {
                self.hold(&job, "the message would differ from the one tried before; it is not sent").await?;
                Ok(None)
            }
            Err(why) => {
                self.hold(&job, &why).await?;
                Ok(None)
            }
        }
    }

    async fn hold(&mut self, job: &Job, why: &str) -> Result<(), LedgerError> {
        tracing::error!(delivery = job.due.id.0, reference = job.issue.record.reference, why, "held");
        self.dispatch.ledger.hold_delivery(job.due.id, why, self.dispatch.clock.now()).await?;
        self.dispatch.tally.moved(job.issue.record.id, job.due.state, State::Held);
        self.shelf.done(job.due.id);
        Ok(())
    }

    /// A usable session, opened if need be. The last outcome never waits for a connection.
    async fn connect(&mut self) -> Result<Result<(), Failure>, LedgerError> {
        if self.session.as_ref().is_some_and(Session::is_usable) {
            return Ok(Ok(()));
        }
        self.record(None).await?;
        self.hang_up().await;
        match self.open().await {
            Ok(session) => {
                self.session = Some(session);
                self.used = 0;
                if self.gate.let_in() == Turned::Up {
                    tracing::info!(relay = self.relay.settings.name, "relay is up");
                    let event = Event::new("relay_up", "circulard")
                        .detail(serde_json::json!({ "relay": self.relay.settings.name }));
                    self.dispatch.ledger.note(&event, self.dispatch.clock.now()).await?;
                }
                Ok(Ok(()))
            }
            Err(failure) => Ok(Err(failure)),
        }
    }

    async fn open(&self) -> Result<Session, Failure> {
        let settings = &self.relay.settings;
        let password = match &self.relay.secret {
            None => None,
            Some(source) => {
                let read = read_secret(source, &self.relay.workspace, self.relay.credentials.as_deref());
                let trouble = |error: NoSecret| Trouble::Protocol(error.to_string());
                Some(read.map_err(|error| Failure { stage: Stage::Auth, trouble: trouble(error) })?)
            }
        };
        let house = &self.dispatch.settings.ehlo_name;
        let ehlo = settings.ehlo_name.as_deref().unwrap_or(house);
        Session::open(settings, password.as_ref(), &self.relay.roots, ehlo, &self.dispatch.deadlines).await
    }

    /// One transaction. A session that was used before and is gone at MAIL is replaced once: nothing had begun.
    async fn transact(&mut self, letter: &Letter) -> Outcome {
        let first = self.say(letter).await;
        let gone = matches!(&first, Outcome::Failed(Failure { stage: Stage::Mail, trouble: Trouble::Broken(_) }));
        if !gone || self.used <= 1 {
            return first;
        }
        self.session = None;
        match self.open().await {
            Ok(session) => {
                self.session = Some(session);
                self.used = 0;
                self.say(letter).await
            }
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn say(&mut self, letter: &Letter) -> Outcome {
        let Some(session) = &mut self.session else {
            let trouble = Trouble::Broken("there is no session".to_owned());
            return Outcome::Failed(Failure { stage: Stage::Mail, trouble });
        };
        self.used += 1;
        let composed = &letter.composed;
        let envelope = Envelope {
            reverse_path: &letter.job.issue.record.head.return_path,
            forward_path: &letter.job.due.address,
            size: composed.octets.len(),
            content: if composed.needs_smtputf8 { Content::Internationalised } else { Content::SevenBit },
            dsn: None,
        };
        match session.envelope(&envelope).await {
            Ok(()) => session.message(&composed.octets).await,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Judges the outcome and keeps it for the next turn.
    async fn conclude(
        &mut self,
        job: &Job,
        outcome: Outcome,
        started_at: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), LedgerError> {
        let pause = self.gate.note(&outcome);
        let Ended { finish, pause_circular, rest } =
            outcome::settle(&self.dispatch, job, &self.relay.settings.name, &outcome, pause, started_at);
        outcome::log_line(job, &finish);
        self.dispatch.tally.moved(job.issue.record.id, job.due.state, finish.state);
        self.outcome = Some(finish);
        if let Some(reason) = pause_circular {
            self.record(None).await?;
            self.dispatch.ledger.pause(job.issue.record.circular, &reason, self.dispatch.clock.now()).await?;
            tracing::error!(reference = job.issue.record.reference, reason, "paused");
            self.dispatch.pulse.ring_dispatch();
        }
        if rest {
            self.record(None).await?;
            self.relay_failed(&outcome).await?;
        }
        if self.session.as_ref().is_some_and(|session| !session.is_usable()) {
            self.hang_up().await;
        }
        Ok(())
    }

    async fn relay_failed(&mut self, outcome: &Outcome) -> Result<(), LedgerError> {
        let verdict = judge(outcome);
        let reason = outcome::reason(outcome);
        let now = self.dispatch.clock.now();
        let turned = self.gate.shut(verdict.cause, &reason, relay_wait_hint(outcome), outcome::chance(now), now);
        if let Turned::Down(reason, until) = turned {
            let relay = &self.relay.settings.name;
            let cause: Cause = verdict.cause;
            tracing::error!(relay, %cause, reason, until = %until.format("%FT%TZ"), "relay rests");
            let event = Event::new("relay_down", "circulard")
                .because(reason)
                .detail(serde_json::json!({ "relay": relay, "cause": cause.as_str(), "until": until }));
            self.dispatch.ledger.note(&event, now).await?;
        }
        self.hang_up().await;
        Ok(())
    }

    /// Makes the last outcome durable, and the next beginning with it.
    async fn record(&mut self, begin: Option<Begin>) -> Result<Begun, LedgerError> {
        let finish = self.outcome.take();
        if finish.is_none() && begin.is_none() {
            return Ok(Begun::No);
        }
        let ended = finish.as_ref().map(|finish| finish.delivery);
        let begun = self.dispatch.turns.take(Turn { finish, begin }).await?;
        if let Some(delivery) = ended {
            self.shelf.done(delivery);
        }
        Ok(begun)
    }

    async fn hang_up(&mut self) {
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
    }
}

/// The octets of a job, or why there are none.
fn compose_job(dispatch: &Dispatch, job: &Job) -> Result<Composed, String> {
    let (due, record) = (&job.due, &job.issue.record);
    let Some(part) = job.issue.parts.get(&due.language) else {
        return Err(format!("the issue has no part in \"{}\"", due.language));
    };
    let prepared = part.as_ref().map_err(ToString::to_string)?;
    compose_for(prepared, record, dispatch.ledger.message_key(), due.id, &due.address, due.role, &due.fields)
        .map_err(|error| error.to_string())
}
