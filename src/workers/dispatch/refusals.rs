//! Letters that relays refuse for different addressees: the letter is to blame, and is paused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    delivery::{LetterBlame, Outcome, Pause},
    ledger::{CircularId, DeliveryId},
};

/// Shared by all lanes.
#[derive(Debug, Clone, Default)]
pub struct LetterBlames(Arc<Mutex<HashMap<CircularId, LetterBlame>>>);

impl LetterBlames {
    /// Counts an outcome against its letter.
    pub fn note(&self, circular: CircularId, delivery: DeliveryId, outcome: &Outcome) -> Option<Pause> {
        let mut letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = letters.entry(circular).or_default().note(delivery.0.unsigned_abs(), outcome);
        if pause.is_some() {
            // a person looks now; once it is released it starts with a clean slate
            letters.remove(&circular);
        }
        pause
    }
}
