//! What only the running daemon knows of itself: its relays, and what its sessions have in hand. Whoever watches it asks
//! here; the ledger does not know.

use std::{fmt, sync::Arc};

use crate::ledger::JournalLag;

/// One relay, just now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RelayVitals {
    /// As in the configuration.
    pub name: String,
    /// It rests after a failure of its own.
    pub rests: bool,
    /// Messages a second that it is fed at most; `None`: as fast as it goes.
    pub pace: Option<f64>,
    /// Sessions that it may have.
    pub sessions: u16,
    /// Sessions that are open, or being opened.
    pub open: u16,
}

/// The daemon, just now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VitalSigns {
    /// It ends: nothing new begins.
    pub stopping: bool,
    /// Deliveries at hand that no session has.
    pub waiting: usize,
    /// Deliveries that a session has, or whose outcome the ledger has not yet.
    pub at_work: usize,
    /// What the send journal has and the ledger does not have yet.
    pub lag: JournalLag,
    /// All that are configured.
    pub relays: Vec<RelayVitals>,
}

/// Asks the daemon.
#[derive(Clone)]
pub struct Vitals(Arc<dyn Fn() -> VitalSigns + Send + Sync>);

impl Vitals {
    /// Asks by a closure that does not wait.
    pub fn new(look: impl Fn() -> VitalSigns + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }

    /// As it stands now.
    pub fn look(&self) -> VitalSigns {
        (self.0)()
    }
}

impl Default for Vitals {
    /// Of a daemon without relays.
    fn default() -> Self {
        Self::new(VitalSigns::default)
    }
}

impl fmt::Debug for Vitals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.look())
    }
}
