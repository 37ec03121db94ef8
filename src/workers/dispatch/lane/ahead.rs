//! What a lane has composed behind the message at hand, so that it stands ready on the disk by the time it is its turn.
//!
//! With two, a sync may take as long as the relay takes for two messages before anybody waits for it. What stands ready when
//! the power fails may have left, so it is never more, and where the relay takes its time it goes back to the shelf.

use std::{pin::pin, time::Duration};

use super::{Lane, Letter};
use crate::{delivery::State, ledger::LedgerError};

/// Letters behind the one at hand, at most.
const AHEAD: usize = 2;
/// Where fewer wait on the shelf for each of the relay's sessions, a lane takes one at a time: none goes without while another
/// has two.
const PLENTY: usize = 4;
/// A relay that has not answered after so long keeps nothing that was not said to it: another may have that sooner.
const LONG: Duration = Duration::from_secs(1);

impl Lane {
    /// Composes what comes next, and where there is plenty what comes behind that.
    pub(super) async fn look_ahead(&mut self) -> Result<(), LedgerError> {
        while self.ahead.len() < AHEAD && (self.ahead.is_empty() || self.has_plenty()) {
            let Some(letter) = self.following().await? else { break };
            self.ahead.push_back(letter);
        }
        Ok(())
    }

    /// Whoever must not go too fast, has a part among others, or asks once more, does one thing after the other.
    fn has_plenty(&self) -> bool {
        let settings = &self.relay.settings;
        let asks_once_more = self.ahead.iter().any(|letter| letter.job.due.state != State::Queued);
        !asks_once_more
            && settings.weight.is_none()
            && self.gate.is_unlimited()
            && self.dispatch.shelf.waiting() >= PLENTY * usize::from(settings.sessions)
    }

    /// The next letter, if its commands may go behind the message at hand: since it was composed an order may have stopped
    /// it, or the relay failed another session.
    pub(super) fn take_ahead(&mut self) -> Option<Letter> {
        let session = self.session.as_ref().filter(|_| !self.gate.rests())?;
        let shelf = &self.dispatch.shelf;
        self.ahead.pop_front_if(|next| session.may_run_on(&next.envelope()) && shelf.may_begin(&next.job))
    }

    /// The next letter, if it may go behind those at hand. The token first: without one nobody's part is taken.
    async fn following(&mut self) -> Result<Option<Letter>, LedgerError> {
        let ahead = self.ahead.len();
        if self.gate.rests() || !self.session.as_ref().is_some_and(|session| session.runs_on(ahead)) {
            return Ok(None);
        }
        let now = self.dispatch.clock.now();
        if self.token.is_none() && !self.has_token(now) {
            return Ok(None);
        }
        self.token = Some(now);
        let Some(job) = self.take() else { return Ok(None) };
        let Some(letter) = self.compose(job).await? else { return Ok(None) };
        if self.session.as_ref().is_some_and(|session| session.may_run_on(&letter.envelope())) {
            self.token = None;
            return Ok(Some(letter));
        }
        self.dispatch.shelf.put_back(letter.job);
        Ok(None)
    }

    /// What comes of `work`, the relay's; if it takes long, what is ahead goes back to the shelf meanwhile, and an outcome that
    /// is known is written down.
    pub(super) async fn patiently<T>(&mut self, work: impl Future<Output = T>) -> Result<T, LedgerError> {
        let mut work = pin!(work);
        if let Ok(done) = tokio::time::timeout(LONG, work.as_mut()).await {
            return Ok(done);
        }
        self.put_back_ahead()?;
        self.hand_over()?;
        Ok(work.await)
    }

    /// Back on the shelf; nothing of them was said.
    pub(super) fn put_back_ahead(&mut self) -> Result<(), LedgerError> {
        while let Some(letter) = self.ahead.pop_back() {
            self.token = Some(self.dispatch.clock.now());
            self.put_back(letter)?;
        }
        Ok(())
    }

    /// Back on the shelf; its message was not sent.
    pub(super) fn put_back(&mut self, letter: Letter) -> Result<(), LedgerError> {
        self.unready(&letter)?;
        self.dispatch.shelf.put_back(letter.job);
        Ok(())
    }
}
