//! A lane: one session at a time with one relay, one transaction after another.
//!
//! The order of a transaction is the crash protocol: compose; MAIL, RCPT, DATA; make `in_transaction` durable while the
//! message goes its way but for its last line; the final dot. Where the relay pipelines, the commands of the next transaction
//! go in one write behind the dot, and that it stands ready is made durable while the relay has the messages before it: then
//! the last one's outcome and this one's beginning are written, and the next message leaves whole. Each message waits for its own
//! 354, each dot for its own beginning. No ledger transaction is open while a socket is waited for.

use std::{collections::VecDeque, sync::Arc};

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

mod ahead;
mod beginning;
mod compose;
mod relay;
mod wait;

use super::{
    Dispatch, Gate, Relay,
    gate::Seat,
    outcome::{self, Ended, Paused},
};
use crate::{
    compose::Composed,
    delivery::{Failure, Outcome, Stage, State, Trouble},
    ledger::{CircularId, Finish, LedgerError, Taking, Turn},
    smtp::{Content, Dsn, Envelope, Notify, Session},
    workers::shelf::Job,
};

pub(super) struct Lane {
    dispatch: Arc<Dispatch>,
    relay: Arc<Relay>,
    name: Arc<str>,
    gate: Arc<Gate>,
    session: Option<Session>,
    /// The session's, or that of one which is over.
    seat: Option<Seat>,
    /// Since when nothing was sent on the session.
    idle_since: Instant,
    /// Transactions on the session so far: a session that was used may have been closed by the relay meanwhile.
    used: u32,
    /// The outcome that the next turn makes durable.
    outcome: Option<Finish>,
    /// What comes behind the message at hand and was not said yet, in its order.
    ahead: VecDeque<Letter>,
    /// The right to send one message, not yet used, and since when: an old one is asked for anew, or what was hoarded while
    /// nothing was there to be sent would go beyond the limit.
    token: Option<DateTime<Utc>>,
}

/// A message and what the ledger knows it by.
pub(super) struct Letter {
    pub job: Job,
    pub composed: Composed,
    /// When its commands were said.
    pub started_at: DateTime<Utc>,
    /// It stands ready behind another: what will say that this is durable.
    pub ready: Option<Taking>,
}

impl Letter {
    /// Which attempt of its delivery this is, from 1.
    pub fn number(&self) -> i64 {
        i64::from(self.job.due.attempts) + 1
    }

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
        Self {
            dispatch,
            relay,
            name,
            gate,
            session: None,
            seat: None,
            idle_since: Instant::now(),
            used: 0,
            outcome: None,
            ahead: VecDeque::new(),
            token: None,
        }
    }

    pub(super) async fn run(mut self, stop: &CancellationToken) -> Result<(), LedgerError> {
        while !stop.is_cancelled() {
            if self.gate.rests() || self.session.is_none() {
                self.hang_up().await;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = self.gate.open(&self.dispatch.clock) => {}
                }
            }
            if !self.has_fresh_token() {
                self.wait_for_token(stop).await;
            } else if let Some(job) = self.next_job(stop).await {
                self.attempt(job, stop).await?;
                self.idle_since = Instant::now();
            }
        }
        self.hang_up().await;
        Ok(())
    }

    fn take(&self) -> Option<Job> {
        let now = self.dispatch.clock.now();
        if self.gate.resting().is_some_and(|(until, _)| until > now) {
            return None;
        }
        let may_take_any =
            !self.dispatch.gates.has_better(self.relay.settings.priority) && self.dispatch.has_part(&self.relay);
        let taken = self.dispatch.shelf.take(|job| match (job.due.state, &job.due.relay) {
            // fail-over is never for a delivery in doubt: its own relay is asked again
            (State::InDoubt, Some(relay)) => self.may_have(relay) && self.gate.may_retry_doubt(),
            _ => may_take_any,
        });
        let job = taken.or_else(|| self.probe(now))?;
        self.dispatch.took_part(&self.relay);
        Some(job)
    }

    /// After two doubts in a row it takes a 250 before a third is risked. Where nothing is left that could bring one, a
    /// delivery in doubt has to.
    fn probe(&self, now: DateTime<Utc>) -> Option<Job> {
        if self.gate.may_retry_doubt() || !self.gate.may_probe(now) {
            return None;
        }
        let in_doubt = |job: &Job| job.due.state == State::InDoubt;
        let is_own = |job: &Job| job.due.relay.as_deref().is_some_and(|relay| self.may_have(relay));
        let job = self.dispatch.shelf.take(|job| in_doubt(job) && is_own(job))?;
        self.gate.probes(now);
        Some(job)
    }

    /// A delivery in doubt stays with its relay, unless the configuration knows that relay no more.
    fn may_have(&self, relay: &str) -> bool {
        relay == &*self.name || self.dispatch.gates.get(relay).is_none()
    }

    /// One delivery after the other, until one of them does not run on into the next.
    async fn attempt(&mut self, job: Job, stop: &CancellationToken) -> Result<(), LedgerError> {
        let Some(letter) = self.compose(job).await? else { return Ok(()) };
        let Some(letter) = self.connected(letter, stop).await? else { return Ok(()) };
        let mut open = self.enter(letter, stop).await?;
        while let Some(letter) = open {
            if stop.is_cancelled() {
                self.let_be(letter)?;
                break;
            }
            open = self.carry(letter, stop).await?;
        }
        self.put_back_ahead()?;
        self.hand_over()
    }

    /// MAIL, RCPT, DATA; the letter, if its message comes next. A session that was used before and is gone at MAIL is
    /// replaced once: nothing had begun.
    async fn enter(&mut self, letter: Letter, stop: &CancellationToken) -> Result<Option<Letter>, LedgerError> {
        let mut said = self.say(&letter).await;
        let gone = matches!(&said, Err(Failure { stage: Stage::Mail, trouble: Trouble::Broken(_) }));
        let letter = if gone && self.used > 1 {
            self.session = None;
            let Some(letter) = self.connected(letter, stop).await? else { return Ok(None) };
            said = self.say(&letter).await;
            letter
        } else {
            letter
        };
        self.token = None;
        match said {
            Ok(()) => Ok(Some(letter)),
            Err(failure) => self.stay(letter, failure).await.map(|()| None),
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
    async fn stay(&mut self, mut letter: Letter, failure: Failure) -> Result<(), LedgerError> {
        match self.begin(&mut letter, None)? {
            Some(taking) => {
                taking.durable().await?;
                self.conclude(&letter, Outcome::Failed(failure)).await
            }
            None => {
                self.dispatch.shelf.put_back(letter.job);
                Ok(())
            }
        }
    }

    /// The message whose 354 was read, and behind it the commands of the next one: that one, if its 354 was read.
    async fn carry(&mut self, mut letter: Letter, stop: &CancellationToken) -> Result<Option<Letter>, LedgerError> {
        // nothing is taken behind a letter that an order has stopped
        if self.dispatch.shelf.may_begin(&letter.job) {
            self.look_ahead().await?;
        }
        let mut next = self.take_ahead();
        let Some(leave) = self.begin(&mut letter, next.as_mut())? else {
            // stopped meanwhile: hanging up before the dot sends nothing to anyone
            self.session = None;
            self.token = Some(self.dispatch.clock.now());
            self.dispatch.shelf.put_back(letter.job);
            if let Some(next) = next {
                self.put_back(next)?;
            }
            return Ok(None);
        };
        let envelope = next.as_ref().map(Letter::envelope);
        let outcome = match self.session.take() {
            Some(mut session) => {
                // what is durable already leaves in one write; otherwise the message goes ahead but for its final dot
                let leave = Some(leave.into_receiver());
                let sending = session.message_and(&letter.composed.octets, envelope.as_ref(), leave);
                let outcome = self.patiently(sending).await?;
                if session.was_withheld() {
                    return Err(LedgerError::Stopped);
                }
                self.session = Some(session);
                outcome
            }
            None => Outcome::Failed(no_session(Stage::Body)),
        };
        self.used += u32::from(next.is_some());
        self.conclude(&letter, outcome).await?;
        match next {
            Some(next) => self.hear_next(next, stop).await,
            None => Ok(None),
        }
    }

    /// What the commands behind the last message came to. Its outcome waits for company only while the relay answers.
    async fn hear_next(&mut self, next: Letter, stop: &CancellationToken) -> Result<Option<Letter>, LedgerError> {
        let Some(mut session) = self.session.take_if(|session| session.has_next()) else {
            // the relay rests, or the session ended with the message before: nothing was said of this one
            self.let_be(next)?;
            return Ok(None);
        };
        if !session.next_is_answered()
            && let Some(finish) = self.outcome.take()
        {
            self.dispatch.turns.ask(Turn { finish: Some(finish), ..Turn::default() }).map(drop)?;
        }
        let hearing = async {
            tokio::select! {
                answer = session.next_answer() => Some(answer),
                () = stop.cancelled() => None,
            }
        };
        let Some(answer) = self.patiently(hearing).await? else {
            self.let_be(next)?;
            return Ok(None);
        };
        self.session = Some(session);
        match answer {
            Ok(()) => Ok(Some(next)),
            // of a MAIL that is never answered the addressee is not to blame
            Err(Failure { stage: Stage::Mail, trouble: Trouble::Broken(_) | Trouble::TimedOut }) => {
                self.let_be(next)?;
                Ok(None)
            }
            Err(failure) => self.stay(next, failure).await.map(|()| None),
        }
    }

    /// Its message is not sent: hanging up before the dot sends nothing to anyone.
    fn let_be(&mut self, letter: Letter) -> Result<(), LedgerError> {
        self.session = None;
        self.token = Some(self.dispatch.clock.now());
        self.put_back(letter)
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
            self.pause(job.issue.record.circular, pause).await?;
        }
        if rest {
            self.hand_over()?;
            self.relay_failed(&outcome, None).await?;
        }
        if self.outcome.as_ref().is_some_and(|finish| finish.state == State::Refused) {
            // should it repeat it is put back: then it must stand in the ledger, or be on its way there
            self.hand_over()?;
        }
        if self.session.as_ref().is_some_and(|session| !session.is_usable() && !session.has_next()) {
            self.hand_over()?;
            self.hang_up().await;
        }
        Ok(())
    }

    /// Pauses a circular, and others that met the same refusal before.
    async fn pause(&mut self, circular: CircularId, mut pause: Paused) -> Result<(), LedgerError> {
        pause.put_back.entry(circular).or_default();
        let met: Vec<CircularId> = pause.put_back.keys().copied().collect();
        met.iter().for_each(|circular| self.dispatch.shelf.stop(*circular));
        self.hand_over()?;
        // what the pause puts back must be in the ledger first
        self.dispatch.turns.settle().await?;
        for (circular, put_back) in &pause.put_back {
            let now = self.dispatch.clock.now();
            let paused = self.dispatch.ledger.pause(*circular, &pause.reason, put_back, now).await;
            self.dispatch.shelf.resume(*circular);
            // the other sessions come to the same end a moment later: one alert is enough
            if let Some(reference) = paused? {
                let reason = crate::report::mask_within(&pause.reason);
                tracing::error!(reference, reason, put_back = put_back.len(), "paused");
            }
        }
        self.dispatch.pulse.ring_dispatch();
        Ok(())
    }

    /// Gives the last outcome to be made durable; nobody waits for it.
    fn hand_over(&mut self) -> Result<(), LedgerError> {
        match self.outcome.take() {
            Some(finish) => self.dispatch.turns.ask(Turn { finish: Some(finish), ..Turn::default() }).map(drop),
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
