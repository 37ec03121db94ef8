//! How long turns wait for company before they are synced: until somebody will soon wait for one of them.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The bell that ends the waiting.
#[derive(Debug, Default)]
pub(super) struct Hurry {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Hurry {
    fn rung(&self) -> MutexGuard<'_, bool> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever lingers, or is the next to linger, does so no longer.
    pub fn ring(&self) {
        if !std::mem::replace(&mut *self.rung(), true) {
            self.bell.notify_one();
        }
    }

    /// Returns when it is rung, or was since the last time, at the latest after `most`.
    pub fn linger(&self, most: Duration) {
        let until = Instant::now() + most;
        let mut rung = self.rung();
        while !*rung {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            rung = self.bell.wait_timeout(rung, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *rung = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_ends_the_waiting_also_if_it_rang_before() {
        let hurry = Hurry::default();
        let long = Duration::from_secs(600);
        hurry.ring();
        hurry.ring();
        hurry.linger(long);
        std::thread::scope(|scope| {
            scope.spawn(|| hurry.linger(long));
            hurry.ring();
        });
        // it rang once for each
        assert!(!*hurry.rung());
        hurry.linger(Duration::from_millis(1));
    }
}
