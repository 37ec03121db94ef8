//! The machine loses its power: what was written to the send journal and not synced is gone, whatever the relay was told.
//!
//! The preloaded library (`shim.c`) keeps what the last sync left, and makes syncs slow, so that much is lost. The ledger
//! stays as it is: it knows nothing that the journal has not synced before.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use super::{
    disk::shim,
    kills::{Kill, Policy, Siege, scale},
    seed::Seed,
};

const SLOW_SYNC: Duration = Duration::from_millis(15);

/// The power of one machine.
pub struct Power {
    dir: PathBuf,
    cuts: usize,
}

impl Power {
    pub fn new(dir: PathBuf) -> Self {
        let power = Self { dir, cuts: 0 };
        power.boot();
        power
    }

    fn boot(&self) {
        fs::write(self.dir.join("boot"), format!("run {} of the machine\n", self.cuts)).expect("written");
    }

    fn kept(&self) -> PathBuf {
        self.dir.join("kept")
    }

    /// Has the command show what a power cut would leave.
    pub fn watch(&self, command: &mut Command) {
        command.env("LD_PRELOAD", shim()).env("POWER_KEPT", self.kept()).env("POWER_BOOT", self.dir.join("boot"));
        command.env("POWER_SLOW", SLOW_SYNC.as_micros().to_string());
    }

    /// Leaves of the send journal what was synced, and starts the machine anew.
    pub fn cut(&mut self) {
        if let Ok(kept) = fs::read(self.kept()) {
            fs::write(self.dir.join("var/ledger.journal"), kept).expect("written");
        }
        self.cuts += 1;
        self.boot();
    }
}

fn power_cuts(policy: Policy, branch: u64) {
    let seed = Seed::of_this_run();
    let mut dice = seed.branch(branch);
    let (offices, cuts) = (300 * scale(), 8 * scale());
    let mut siege = Siege::of_power_cuts(offices, policy, &dice, 4);
    for _ in 0..cuts {
        let dots = 1 + dice.below((offices / cuts) as u64) as usize;
        siege.strike(Kill::Dots(dots, Duration::from_millis(dice.below(30))));
    }
    assert!(siege.kills * 4 >= cuts * 3, "only {} of {cuts} daemons were killed at work", siege.kills);
    siege.judge(&format!("power cuts, {policy:?}"), &seed);
}

#[test]
fn when_the_power_goes_it_loses_nobody_and_announces_every_second_copy() {
    power_cuts(Policy::Retry, 11);
}

#[test]
fn when_the_power_goes_with_hold_it_sends_no_second_copy_at_all() {
    power_cuts(Policy::Hold, 12);
}
