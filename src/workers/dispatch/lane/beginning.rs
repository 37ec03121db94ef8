//! What a lane writes before a final dot may leave.

use std::sync::Arc;

use super::{Lane, Letter};
use crate::ledger::{Begin, LedgerError, Taking, Turn};

impl Lane {
    /// Takes back that it stands ready, where it does.
    pub(super) fn unready(&mut self, letter: &Letter) -> Result<(), LedgerError> {
        let unready = letter.ready.as_ref().map(|_| (letter.job.due.id, letter.number()));
        match unready {
            Some(_) => {
                self.dispatch.turns.ask(Turn { finish: self.outcome.take(), unready, ..Turn::default() }).map(drop)
            }
            None => Ok(()),
        }
    }

    /// Writes the outcome before, that the letter is in transaction, and that the `next` stands ready behind it; what its
    /// final dot waits for. `None`: an order has stopped the circular meanwhile.
    pub(super) fn begin(
        &mut self,
        letter: &mut Letter,
        next: Option<&mut Letter>,
    ) -> Result<Option<Taking>, LedgerError> {
        let dispatch = Arc::clone(&self.dispatch);
        let stood_ready = letter.ready.take();
        // each waits for a turn of its own
        let ready = next.as_deref().map(|next| self.beginning(next));
        let (with_it, alone) = if stood_ready.is_some() { (ready, None) } else { (None, ready) };
        let begin = Some(self.beginning(letter));
        let turn = || Turn { finish: self.outcome.take(), begin, ready: with_it, unready: None };
        let Some(taking) = dispatch.shelf.begin(&letter.job, || dispatch.turns.ask(turn())) else {
            letter.ready = stood_ready;
            self.unready(letter)?;
            return self.hand_over().map(|()| None);
        };
        let taking = taking?;
        let Some(next) = next else { return Ok(Some(stood_ready.unwrap_or(taking))) };
        let (leave, readying) = match stood_ready {
            Some(stood_ready) => (stood_ready, taking),
            None => (taking, dispatch.turns.ask(Turn { ready: alone, ..Turn::default() })?),
        };
        next.ready = Some(readying);
        Ok(Some(leave))
    }

    fn beginning(&self, letter: &Letter) -> Begin {
        Begin {
            delivery: letter.job.due.id,
            number: letter.number(),
            relay: Arc::clone(&self.name),
            message_id: letter.composed.message_id.clone(),
            sha256: letter.composed.sha256,
            at: letter.started_at,
        }
    }
}
