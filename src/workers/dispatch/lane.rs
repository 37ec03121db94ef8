//! A lane: one session at a time with one relay, one transaction after another.
//!
//! The order of a transaction is the crash protocol: compose; make `in_transaction` durable, together with the outcome
//! before; MAIL, RCPT, DATA; the message and its final dot; the outcome, durable with the next beginning. No ledger
//! transaction is open while a socket is waited for.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::{
    Dispatch, Gate, Relay,
    gate::{Permit, Rest, Turned},
    outcome::{self, Ended},
};
use crate::{
    compose::Composed,
    delivery::{Failure, Outcome, Stage, State, Trouble, judge},
    desk::compose_for,
    ledger::{Begin, Event, Finish, LedgerError, Turn},
    secrets::{NoSecret, read_secret},
    smtp::{Content, Dsn, Envelope, Notify, Session},
    workers::shelf::Job,
};

/// An idle session is closed after this long: well within a server's patience (RFC 5321 §4.5.3.2.7: five minutes).
const IDLE: Duration = Duration::from_secs(10);

pub(super) struct Lane {
    dispatch: Arc<Dispatch>,
    relay: Arc<Relay>,
    name: Arc<str>,
    gate: Arc<Gate>,
    session: Option<Session>,
    /// Transactions on the session so far: a session that was used may have been closed by the relay meanwhile.
    used: u32,
    /// The outcome that the next turn makes durable.
    outcome: Option<Finish>,
    /// The right to send one message, not yet used.
    token: bool,
}

/// A message and what the ledger knows it by.
pub(super) struct Letter {
    pub job: Job,
    pub composed: Composed,
}

impl Lane {
    pub(super) fn new(dispatch: Arc<Dispatch>, relay: Arc<Relay>, gate: Arc<Gate>) -> Self {
        let name = Arc::from(relay.settings.name.as_str());
        Self { dispatch, relay, name, gate, session: None, used: 0, outcome: None, token: false }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result<(), LedgerError> {
        while !stop.is_cancelled() {
            if self.gate.resting().is_some() {
                self.record().await?;
                self.hang_up().await;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.gate.open(&self.dispatch.clock) => {}
                }
            }
            if !self.token {
                self.wait_for_token(stop).await?;
            } else if let Some(job) = self.next_job(stop).await? {
                self.attempt(job, stop).await?;
            }
        }
        self.record().await?;
        self.hang_up().await;
        Ok(())
    }

    /// A delivery is taken only with a token in hand; without limits there is always one.
    async fn wait_for_token(&mut self, stop: &CancellationToken) -> Result<(), LedgerError> {
        let (gate, clock) = (Arc::clone(&self.gate), self.dispatch.clock.clone());
        let mut token = std::pin::pin!(gate.token(&clock));
        let at_once = std::future::poll_fn(|context| std::task::Poll::Ready(token.as_mut().poll(context).is_ready()));
        if !at_once.await {
            self.record().await?;
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = token => {}
            }
        }
        self.token = true;
        Ok(())
    }

    /// The next delivery this relay may be given. With none at hand the last outcome is made durable first.
    async fn next_job(&mut self, stop: &CancellationToken) -> Result<Option<Job>, LedgerError> {
        if let Some(job) = self.take() {
            return Ok(Some(job));
        }
        self.record().await?;
        let dispatch = Arc::clone(&self.dispatch);
        let filled = dispatch.shelf.filled();
        // before the bell was looked at something may have come
        if let Some(job) = self.take() {
            return Ok(Some(job));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = filled => {}
            () = tokio::time::sleep(IDLE) => self.hang_up().await,
        }
        Ok(self.take())
    }

    fn take(&self) -> Option<Job> {
        let may_take_any = !self.dispatch.has_better(self.relay.settings.priority);
        self.dispatch.shelf.take(|job| match (job.due.state, &job.due.relay) {
            // fail-over is never for a delivery in doubt: its own relay is asked again
            (State::InDoubt, Some(relay)) => self.may_have(relay) && self.gate.may_retry_doubt(),
            _ => may_take_any,
        })
    }

    /// A delivery in doubt stays with its relay, unless the configuration knows that relay no more.
    fn may_have(&self, relay: &str) -> bool {
        relay == &*self.name || !self.dispatch.gates.contains_key(relay)
    }

    async fn attempt(&mut self, job: Job, stop: &CancellationToken) -> Result<(), LedgerError> {
        let Some(letter) = self.compose(job).await? else { return Ok(()) };
        let Some(letter) = self.connected(letter, stop).await? else { return Ok(()) };
        let Some(started_at) = self.begin(&letter).await? else {
            self.dispatch.shelf.done(&[letter.job.due.id]);
            return Ok(());
        };
        self.token = false;
        let outcome = self.transact(&letter).await;
        self.conclude(&letter, outcome, started_at).await
    }

    /// Makes `in_transaction` durable, with the outcome before it. `None`: an order has stopped the circular meanwhile.
    async fn begin(&mut self, letter: &Letter) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let due = &letter.job.due;
        let at = self.dispatch.clock.now();
        let begin = Begin {
            delivery: due.id,
            number: i64::from(due.attempts) + 1,
            relay: Arc::clone(&self.name),
            message_id: letter.composed.message_id.clone(),
            sha256: letter.composed.sha256,
            at,
        };
        let dispatch = Arc::clone(&self.dispatch);
        let taking = dispatch.shelf.begin(letter.job.issue.record.circular, || {
            dispatch.turns.ask(Turn { finish: self.outcome.take(), begin: Some(begin) })
        });
        match taking {
            Some(taking) => taking?.durable().await.map(|()| Some(at)),
            None => Ok(None),
        }
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
        self.dispatch.shelf.done(&[job.due.id]);
        Ok(())
    }

    /// A usable session, opened if need be; the last outcome never waits for a connection. Without one the letter goes back
    /// to the shelf.
    async fn connected(&mut self, letter: Letter, stop: &CancellationToken) -> Result<Option<Letter>, LedgerError> {
        if self.session.as_ref().is_some_and(Session::is_usable) {
            return Ok(Some(letter));
        }
        self.record().await?;
        self.hang_up().await;
        let Some(permit) = self.gate.permit(self.dispatch.clock.now()) else {
            self.dispatch.shelf.put_back(letter.job);
            return Ok(None);
        };
        let opened = tokio::select! {
            opened = self.open() => opened,
            // nothing has begun: a connection that is not there yet is no reason to wait
            () = stop.cancelled() => {
                self.dispatch.shelf.put_back(letter.job);
                return Ok(None);
            }
        };
        match opened {
            Ok(session) => {
                self.session = Some(session);
                self.used = 0;
                self.let_in(permit).await?;
                Ok(Some(letter))
            }
            Err(failure) => {
                self.dispatch.shelf.put_back(letter.job);
                self.relay_failed(&Outcome::Failed(failure)).await?;
                drop(permit);
                Ok(None)
            }
        }
    }

    async fn let_in(&mut self, permit: Permit) -> Result<(), LedgerError> {
        let turned = self.gate.let_in();
        drop(permit);
        if turned == Turned::Up {
            tracing::info!(relay = &*self.name, "relay is up");
            let event = Event::new("relay_up", "circulard").detail(serde_json::json!({ "relay": &*self.name }));
            self.dispatch.ledger.note(&event, self.dispatch.clock.now()).await?;
        }
        Ok(())
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
            // reports come back with the delivery's own name on them, where the relay can
            dsn: Some(Dsn { envelope_id: composed.message_id.trim_matches(['<', '>']), notify: Notify::Trouble }),
        };
        match session.envelope(&envelope).await {
            Ok(()) => session.message(&composed.octets).await,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Judges the outcome and keeps it for the next turn.
    async fn conclude(
        &mut self,
        letter: &Letter,
        outcome: Outcome,
        started_at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let job = &letter.job;
        let Ended { finish, pause, rest } = outcome::settle(self, letter, &outcome, started_at);
        outcome::log_line(job, &finish);
        self.dispatch.tally.moved(job.issue.record.id, job.due.state, finish.state);
        self.outcome = Some(finish);
        if let Some(pause) = pause {
            let circular = job.issue.record.circular;
            self.dispatch.shelf.stop(circular);
            self.record().await?;
            // what the pause puts back must be in the ledger first
            self.dispatch.turns.settle().await?;
            let now = self.dispatch.clock.now();
            let paused = self.dispatch.ledger.pause(circular, &pause.reason, &pause.put_back, now).await;
            self.dispatch.shelf.resume(circular);
            // the other sessions come to the same end a moment later: one alert is enough
            if let Some(reference) = paused? {
                tracing::error!(reference, reason = pause.reason, put_back = pause.put_back.len(), "paused");
            }
            self.dispatch.pulse.ring_dispatch();
        }
        if rest {
            self.record().await?;
            self.relay_failed(&outcome).await?;
        }
        if self.session.as_ref().is_some_and(|session| !session.is_usable()) {
            self.hang_up().await;
        }
        Ok(())
    }

    async fn relay_failed(&mut self, outcome: &Outcome) -> Result<(), LedgerError> {
        let cause = judge(outcome).cause;
        let reason = outcome::reason(outcome);
        let now = self.dispatch.clock.now();
        let rest = match outcome {
            // up to MAIL the relay speaks of us; later it may speak of one addressee only
            Outcome::Failed(failure) if failure.stage <= Stage::Mail && cause.needs_a_person() => Rest::ForAPerson,
            outcome => Rest::Passing(crate::delivery::relay_wait_hint(outcome)),
        };
        if let Turned::Down(reason, until) = self.gate.shut(rest, &reason, outcome::chance(now), now) {
            let reason = crate::report::mask_within(&reason);
            tracing::error!(relay = &*self.name, %cause, reason, until = %until.format("%FT%TZ"), "relay rests");
            let detail = serde_json::json!({ "relay": &*self.name, "cause": cause.as_str(), "until": until });
            let event = Event::new("relay_down", "circulard").because(reason).detail(detail);
            self.dispatch.ledger.note(&event, now).await?;
            // others may have what this relay was asked first for
            self.dispatch.shelf.ring();
        }
        self.hang_up().await;
        Ok(())
    }

    /// Makes the last outcome durable.
    async fn record(&mut self) -> Result<(), LedgerError> {
        match self.outcome.take() {
            Some(finish) => self.dispatch.turns.take(Turn { finish: Some(finish), begin: None }).await,
            None => Ok(()),
        }
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(super) fn relay(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn dispatch(&self) -> &Dispatch {
        &self.dispatch
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
