//! Letters that relays refuse for different addressees: the letter is to blame, and is paused. And single copies that are
//! refused in a way that is not charged to their addressee: they must not go round for ever.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    delivery::{LetterBlame, Others, Outcome, Pause, is_refused_for_our_standing},
    ledger::{CircularId, DeliveryId},
};

/// Shared by all lanes.
#[derive(Debug, Clone, Default)]
pub struct LetterBlames(Arc<Mutex<HashMap<CircularId, LetterBlame>>>);

/// What came of counting an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Why the circular is paused, if it is.
    pub pause: Option<Pause>,
    /// How often the copy was refused in such a way.
    pub times: u32,
    /// Who is still to be asked.
    pub others: Others,
}

impl LetterBlames {
    /// Counts an outcome against its letter. `open` copies of it have no end yet; `accepted` is what the relay has accepted.
    pub fn note(
        &self,
        circular: CircularId,
        delivery: DeliveryId,
        outcome: &Outcome,
        open: u64,
        accepted: u64,
    ) -> Counted {
        let mut letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let letter = letters.entry(circular).or_default();
        let delivery = delivery.0.unsigned_abs();
        let known = letter.copies() as u64 + u64::from(letter.times(delivery) == 0);
        let others = if open > known { Others::Left } else { Others::None };
        let pause = match letter.note(delivery, outcome, others) {
            None if is_refused_for_our_standing(outcome) => letter.note_standing(delivery, accepted, others),
            pause => pause,
        };
        let counted = Counted { pause, times: letter.times(delivery), others };
        if pause.is_some() {
            // a person looks now; once it is released it starts with a clean slate
            letters.remove(&circular);
        }
        counted
    }
}
