//! A lane: one session at a time with one relay, one transaction after another.
//!
//! The order of a transaction is the crash protocol: compose; MAIL, RCPT, DATA; make `in_transaction` durable, together with
//! the outcome before; the message and its final dot. Where the relay pipelines, the commands of the next transaction go
//! in one write behind the dot: each message waits for its own 354 and its own beginning. No ledger transaction is open
//! while a socket is waited for.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

mod relay;

use super::{
    Dispatch, Gate, Relay,
    outcome::{self, Ended},
};
use crate::{
    compose::Composed,
    delivery::{Failure, Outcome, Stage, State, Trouble},
    desk::compose_for,
    ledger::{Begin, Finish, LedgerError, Taking, Turn},
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
    /// When its commands were said.
    pub started_at: DateTime<Utc>,
}

impl Letter {
    fn envelope(&self) -> Envelope<'_> {
        let composed = &self.composed;
        Envelope {
            reverse_path: &self.job.issue.record.head.return_path,
            forward_path: &self.job.due.address,
            size: composed.octets.len(),
            content: if composed.needs_smtputf8 { Content::Internationalised } else { Content::SevenBit },
            // reports come back with the delivery's own name on them, where the relay can
            dsn: Some(Dsn { envelope_id: composed.message_id.trim_matches(['<', '>']), notify: Notify::Trouble }),
        }
    }
}

impl Lane {
    pub(super) fn new(dispatch: Arc<Dispatch>, relay: Arc<Relay>, gate: Arc<Gate>) -> Self {
        let name = Arc::from(relay.settings.name.as_str());
        Self { dispatch, relay, name, gate, session: None, used: 0, outcome: None, token: false }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result<(), LedgerError> {
        while !stop.is_cancelled() {
            if self.gate.resting().is_some() {
                self.hang_up().await;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.gate.open(&self.dispatch.clock) => {}
                }
            }
            if !self.token {
                self.wait_for_token(stop).await;
            } else if let Some(job) = self.next_job(stop).await {
                self.attempt(job, stop).await?;
            }
        }
        self.hang_up().await;
        Ok(())
    }

    /// A delivery is taken only with a token in hand; without limits there is always one.
    async fn wait_for_token(&mut self, stop: &CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.gate.token(&self.dispatch.clock) => self.token = true,
        }
    }

    /// The next delivery this relay may be given.
    async fn next_job(&mut self, stop: &CancellationToken) -> Option<Job> {
        if let Some(job) = self.take() {
            return Some(job);
        }
        let dispatch = Arc::clone(&self.dispatch);
        let filled = dispatch.shelf.filled();
        // before the bell was looked at something may have come
        if let Some(job) = self.take() {
            return Some(job);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = filled => {}
            () = tokio::time::sleep(IDLE) => self.hang_up().await,
        }
        self.take()
    }

    fn take(&self) -> Option<Job> {
        let may_take_any =
            !self.dispatch.has_better(self.relay.settings.priority) && self.dispatch.has_part(&self.relay);
        let job = self.dispatch.shelf.take(|job| match (job.due.state, &job.due.relay) {
            // fail-over is never for a delivery in doubt: its own relay is asked again
            (State::InDoubt, Some(relay)) => self.may_have(relay) && self.gate.may_retry_doubt(),
            _ => may_take_any,
        })?;
        self.dispatch.took_part(&self.relay);
        Some(job)
    }

    /// A delivery in doubt stays with its relay, unless the configuration knows that relay no more.
    fn may_have(&self, relay: &str) -> bool {
        relay == &*self.name || !self.dispatch.gates.contains_key(relay)
    }

    /// One delivery after the other, until one of them does not run on into the next.
    async fn attempt(&mut self, job: Job, stop: &CancellationToken) -> Result<(), LedgerError> {
        let Some(letter) = self.compose(job).await? else { return Ok(()) };
        let Some(letter) = self.connected(letter, stop).await? else { return Ok(()) };
        self.token = false;
        let mut open = self.enter(letter).await?;
        while let Some(letter) = open {
            if stop.is_cancelled() {
                self.let_be(letter);
                break;
            }
            open = self.carry(letter).await?;
        }
        self.hand_over()
    }

    /// MAIL, RCPT, DATA; the letter, if its message comes next. A session that was used before and is gone at MAIL is
    /// replaced once: nothing had begun.
    async fn enter(&mut self, letter: Letter) -> Result<Option<Letter>, LedgerError> {
        let mut said = self.say(&letter).await;
        let gone = matches!(&said, Err(Failure { stage: Stage::Mail, trouble: Trouble::Broken(_) }));
        if gone && self.used > 1 {
            self.session = None;
            said = match self.open().await {
                Ok(session) => {
                    self.session = Some(session);
                    self.used = 0;
                    self.say(&letter).await
                }
                Err(failure) => Err(failure),
            };
        }
        match said {
            Ok(()) => Ok(Some(letter)),
            Err(failure) => self.stay(&letter, failure).await.map(|()| None),
        }
    }

    async fn say(&mut self, letter: &Letter) -> Result<(), Failure> {
        self.used += 1;
        match &mut self.session {
            Some(session) => session.envelope(&letter.envelope()).await,
            None => Err(no_session(Stage::Mail)),
        }
    }

    /// A transaction that came to nothing before its message.
    async fn stay(&mut self, letter: &Letter, failure: Failure) -> Result<(), LedgerError> {
        match self.begin(letter)? {
            Some(taking) => {
                taking.durable().await?;
                self.conclude(letter, Outcome::Failed(failure)).await
            }
            None => {
                self.dispatch.shelf.done(&[letter.job.due.id]);
                Ok(())
            }
        }
    }

    /// The message whose 354 was read, and behind it the commands of the next one: that one, if its 354 was read.
    async fn carry(&mut self, letter: Letter) -> Result<Option<Letter>, LedgerError> {
        let Some(taking) = self.begin(&letter)? else {
            // stopped meanwhile: hanging up before the dot sends nothing to anyone
            self.session = None;
            self.dispatch.shelf.done(&[letter.job.due.id]);
            return Ok(None);
        };
        // composed while the disk is waited for
        let next = self.following().await?;
        taking.durable().await?;
        let envelope = next.as_ref().map(Letter::envelope);
        let (outcome, answer) = match &mut self.session {
            Some(session) => session.message_and(&letter.composed.octets, envelope.as_ref()).await,
            None => (Outcome::Failed(no_session(Stage::Body)), Some(Err(no_session(Stage::Mail)))),
        };
        self.used += u32::from(next.is_some());
        self.conclude(&letter, outcome).await?;
        let (Some(next), Some(answer)) = (next, answer) else { return Ok(None) };
        match answer {
            Ok(()) if self.session.as_ref().is_some_and(Session::awaits_message) => return Ok(Some(next)),
            // the relay rests, or the session ended with the message before: nothing was said of this one
            Ok(()) | Err(Failure { stage: Stage::Mail, trouble: Trouble::Broken(_) }) => {
                self.let_be(next);
            }
            Err(failure) => self.stay(&next, failure).await?,
        }
        Ok(None)
    }

    /// Its message is not sent: hanging up before the dot sends nothing to anyone.
    fn let_be(&mut self, letter: Letter) {
        self.session = None;
        self.token = true;
        self.dispatch.shelf.put_back(letter.job);
    }

    /// The next letter, if it may go behind the one at hand.
    async fn following(&mut self) -> Result<Option<Letter>, LedgerError> {
        if self.gate.resting().is_some() || !self.session.as_ref().is_some_and(Session::runs_on) {
            return Ok(None);
        }
        let Some(job) = self.take() else { return Ok(None) };
        if !self.gate.has_token(self.dispatch.clock.now()) {
            self.dispatch.shelf.put_back(job);
            return Ok(None);
        }
        let Some(letter) = self.compose(job).await? else {
            self.token = true;
            return Ok(None);
        };
        if self.session.as_ref().is_some_and(|session| session.may_run_on(&letter.envelope())) {
            return Ok(Some(letter));
        }
        self.token = true;
        self.dispatch.shelf.put_back(letter.job);
        Ok(None)
    }

    /// Asks for `in_transaction`, with the outcome before it. `None`: an order has stopped the circular meanwhile.
    fn begin(&mut self, letter: &Letter) -> Result<Option<Taking>, LedgerError> {
        let due = &letter.job.due;
        let begin = Begin {
            delivery: due.id,
            number: i64::from(due.attempts) + 1,
            relay: Arc::clone(&self.name),
            message_id: letter.composed.message_id.clone(),
            sha256: letter.composed.sha256,
            at: letter.started_at,
        };
        let dispatch = Arc::clone(&self.dispatch);
        let taking = dispatch
            .shelf
            .begin(&letter.job, || dispatch.turns.ask(Turn { finish: self.outcome.take(), begin: Some(begin) }));
        match taking {
            Some(taking) => taking.map(Some),
            None => self.hand_over().map(|()| None),
        }
    }

    /// Composes, or holds what cannot be composed as it was frozen.
    async fn compose(&mut self, job: Job) -> Result<Option<Letter>, LedgerError> {
        match compose_job(&self.dispatch, &job) {
            Ok(composed) if job.due.sha256.is_none_or(|before| before == composed.sha256) => {
                Ok(Some(Letter { job, composed, started_at: self.dispatch.clock.now() }))
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

    /// Judges the outcome and keeps it for the next turn.
    async fn conclude(&mut self, letter: &Letter, outcome: Outcome) -> Result<(), LedgerError> {
        let job = &letter.job;
        let Ended { finish, pause, rest } = outcome::settle(self, letter, &outcome);
        outcome::log_line(job, &finish);
        self.dispatch.tally.moved(job.issue.record.id, job.due.state, finish.state);
        self.outcome = Some(finish);
        self.pace(&outcome).await?;
        if let Some(pause) = pause {
            let circular = job.issue.record.circular;
            self.dispatch.shelf.stop(circular);
            self.hand_over()?;
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
            self.hand_over()?;
            self.relay_failed(&outcome).await?;
        }
        if self.session.as_ref().is_some_and(|session| !session.is_usable() && !session.awaits_message()) {
            self.hang_up().await;
        }
        Ok(())
    }

    /// Gives the last outcome to be made durable; nobody waits for it.
    fn hand_over(&mut self) -> Result<(), LedgerError> {
        match self.outcome.take() {
            Some(finish) => self.dispatch.turns.ask(Turn { finish: Some(finish), begin: None }).map(drop),
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
}

fn no_session(stage: Stage) -> Failure {
    Failure { stage, trouble: Trouble::Broken("there is no session".to_owned()) }
}

/// The octets of a job, or why there are none.
fn compose_job(dispatch: &Dispatch, job: &Job) -> Result<Composed, String> {
    let (due, record) = (&job.due, &job.issue.record);
    let Some(part) = job.issue.parts.get(&due.language) else {
        return Err(format!("the issue has no part in \"{}\"", due.language));
    };
    let prepared = part.as_ref().map_err(ToString::to_string)?;
    compose_for(prepared, record, dispatch.ledger.message_key(), due).map_err(|error| error.to_string())
}
