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

    /// Writes the outcome before, that the letter is in transaction, and that what is composed behind it stands ready: the
    /// `next` and those ahead. What its final dot waits for; `None`: an order has stopped the circular meanwhile.
    pub(super) fn begin(
        &mut self,
        letter: &mut Letter,
        mut next: Option<&mut Letter>,
    ) -> Result<Option<Taking>, LedgerError> {
        let dispatch = Arc::clone(&self.dispatch);
        let stood_ready = letter.ready.take();
        let mut ahead = std::mem::take(&mut self.ahead);
        let mut fresh = next.as_deref_mut().into_iter().chain(&mut ahead).filter(|letter| letter.ready.is_none());
        // where the letter waits for this turn, the others have turns of their own: a turn is waited for once
        let with_it = if stood_ready.is_some() { fresh.next() } else { None };
        let ready = with_it.as_deref().map(|with_it| self.beginning(with_it));
        let begin = Some(self.beginning(letter));
        let turn = || Turn { finish: self.outcome.take(), begin, ready, unready: None };
        let Some(taking) = dispatch.shelf.begin(&letter.job, || dispatch.turns.ask(turn())) else {
            letter.ready = stood_ready;
            self.ahead = ahead;
            self.unready(letter)?;
            return self.hand_over().map(|()| None);
        };
        let taking = taking?;
        for letter in fresh {
            let ready = Some(self.beginning(letter));
            letter.ready = Some(dispatch.turns.ask(Turn { ready, ..Turn::default() })?);
        }
        let leave = match (stood_ready, with_it) {
            (Some(stood_ready), Some(with_it)) => {
                with_it.ready = Some(taking);
                stood_ready
            }
            (Some(stood_ready), None) => stood_ready,
            (None, _) => taking,
        };
        self.ahead = ahead;
        // what is waited for while the relay has this letter at the latest
        let soon = [Some(&leave), next.as_deref().and_then(|next| next.ready.as_ref())];
        if soon.into_iter().flatten().any(|taking| !taking.is_settled()) {
            dispatch.turns.hurry();
        }
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
