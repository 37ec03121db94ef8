//! SIGKILL at random instants and at named points of the protocol, until a run ends by itself.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    count::{Figures, HEAD, Run, count, rows},
    power::Power,
    seed::Seed,
    sink::{Point, Sink},
    workspace::{Daemon, PATIENCE, Workspace},
};

pub const SESSIONS: usize = 8;

/// When a daemon is killed.
#[derive(Clone, Copy, Debug)]
pub enum Kill {
    /// So long after its start: while it reads, freezes, connects or sends.
    After(Duration),
    /// After so many more final dots, and a little later.
    Dots(usize, Duration),
    /// The nth time the server is at this point.
    At(Point, u64),
}

/// What happens to what is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    Retry,
    Hold,
}

fn settings(sink: &Sink, policy: Policy) -> String {
    let in_doubt = if policy == Policy::Retry { "retry" } else { "hold" };
    format!(
        "[[relay]]\nurl = \"smtp://127.0.0.1:{}\"\nsessions = {SESSIONS}\n[schedule]\nrelease = \"now\"\n\
         [watch]\nsettle = \"0s\"\n[retry]\nintervals = \"1s\"\n[delivery]\nin_doubt = \"{in_doubt}\"\n",
        sink.addr.port()
    )
}

/// One workspace and what was done to its daemons.
pub struct Siege {
    workspace: Workspace,
    sink: Sink,
    policy: Policy,
    /// Times that a daemon was killed at work.
    pub kills: usize,
    /// With each daemon the machine loses its power.
    power: Option<Power>,
}

impl Siege {
    fn new(offices: usize, paragraphs: usize, policy: Policy, seed: &Seed, longest_wait: u64) -> Self {
        let sink = Sink::start(seed, Duration::from_millis(longest_wait));
        let workspace = Workspace::new(offices, paragraphs, &settings(&sink, policy));
        Self { workspace, sink, policy, kills: 0, power: None }
    }

    /// One whose machine loses its power with each daemon.
    pub fn of_power_cuts(offices: usize, policy: Policy, seed: &Seed, longest_wait: u64) -> Self {
        let siege = Self::new(offices, 0, policy, seed, longest_wait);
        let power = Some(Power::new(siege.workspace.dir()));
        Self { power, ..siege }
    }

    fn start(&self) -> Daemon {
        let mut command = self.workspace.on(&["run", "--until-idle"]);
        if let Some(power) = &self.power {
            power.watch(&mut command);
        }
        self.workspace.start_as(&mut command)
    }

    /// Starts a daemon and kills it when it is time. False: it ended by itself before.
    pub fn strike(&mut self, kill: Kill) -> bool {
        let (daemon, begun, dots) = (self.start(), Instant::now(), self.sink.dots());
        match kill {
            Kill::After(time) => drop(daemon.until("an instant", || begun.elapsed() >= time)),
            Kill::Dots(more, pause) => {
                if daemon.until("more final dots", || self.sink.dots() >= dots + more).is_none() {
                    thread::sleep(pause);
                }
            }
            Kill::At(point, nth) => {
                self.sink.set_trap(point, nth, &daemon);
                daemon.until("the trap", || false);
                self.sink.disarm();
            }
        }
        let by_itself = daemon.ended().is_some_and(|status| status.code().is_some());
        daemon.kill();
        self.kills += usize::from(!by_itself);
        if let Some(power) = &mut self.power {
            if self.kills % 2 == 1 {
                // somebody looks between the kill and the cut: what the ledger then knows must not be lost
                let mut look = self.workspace.on(&["list"]);
                power.watch(&mut look);
                let looked = look.output().expect("the program");
                assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
            }
            power.cut();
        }
        self.check_between();
        !by_itself
    }

    /// What holds after every kill, whatever was in hand.
    fn check_between(&self) {
        let journal = self.sink.journal();
        let rows = rows(&self.workspace);
        let frozen = self.workspace.sql("SELECT coalesce(sum(frozen), 0) AS frozen FROM circular_log");
        assert_eq!(frozen[0]["frozen"], rows.len(), "frozen is the sum over the states");
        assert!(rows.is_empty() || rows.len() == self.workspace.list.len(), "all are frozen, or none: {}", rows.len());
        let figures = count(&self.workspace.list, &journal, &rows, Run::Killed);
        assert_eq!((figures.lost, figures.false_accepts, figures.strangers), (0, 0, 0), "{figures:?}");
        let in_transaction = rows.iter().filter(|row| row.state == "in_transaction").count();
        assert!(in_transaction <= self.most(), "{in_transaction} in a transaction with {SESSIONS} sessions");
        self.verify();
    }

    /// How many one kill can leave in doubt. After a power cut nobody knows what was written last: the two that
    /// stood ready behind an unanswered letter may have left, too.
    fn most(&self) -> usize {
        if self.power.is_some() { 3 * SESSIONS } else { SESSIONS }
    }

    fn verify(&self) {
        let verified = self.workspace.output(&["verify"]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    }

    /// A run that nobody kills, and the figures after it.
    fn finish(&self) -> Figures {
        let begun = Instant::now();
        let code = loop {
            let code = self.start().end().code();
            let left =
                "SELECT count(*) FROM delivery_log WHERE state IN ('queued', 'deferred', 'in_doubt', 'in_transaction')";
            if self.workspace.number(left) == 0 || begun.elapsed() > PATIENCE {
                break code;
            }
        };
        assert!(matches!(code, Some(0 | 1)), "exit {code:?}\n{}", self.workspace.said());
        self.verify();
        count(&self.workspace.list, &self.sink.journal(), &rows(&self.workspace), Run::Finished)
    }

    /// Finishes, prints and judges.
    pub fn judge(&self, what: &str, seed: &Seed) {
        let figures = self.finish();
        let (offices, kills) = (self.workspace.list.len(), self.kills);
        println!("{:<22} seed {:<6} {:>6} offices {:>4} kills  {HEAD}", what, seed.0, offices, kills);
        println!("{:<59}{figures}", "");
        let said = || self.workspace.said();
        assert_eq!(figures.wrong(), [], "seed {}: {figures:?}\n{}", seed.0, said());
        assert!(figures.doubts <= self.most() * kills, "seed {}: {figures:?}", seed.0);
        assert_eq!(figures.accepted + figures.held, offices, "seed {}: {figures:?}", seed.0);
        match self.policy {
            Policy::Hold => assert_eq!(figures.duplicates, 0, "seed {}: {figures:?}", seed.0),
            Policy::Retry => assert!(figures.duplicates <= figures.doubts, "seed {}: {figures:?}", seed.0),
        }
    }
}

/// How many times as large as usual.
pub fn scale() -> usize {
    std::env::var("CRASH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn random_instants(policy: Policy, branch: u64) {
    let seed = Seed::of_this_run();
    let mut dice = seed.branch(branch);
    let (offices, kills) = (300 * scale(), 8 * scale());
    let mut siege = Siege::new(offices, 0, policy, &dice, 50);
    for number in 0..kills {
        let later = Duration::from_millis(dice.below(30));
        let kill = match number % 2 {
            0 => Kill::After(Duration::from_millis(dice.below(250))),
            _ => Kill::Dots(1 + dice.below((offices / kills) as u64) as usize, later),
        };
        siege.strike(kill);
    }
    assert!(siege.kills * 4 >= kills * 3, "only {} of {kills} daemons were killed at work", siege.kills);
    siege.judge(&format!("random, {policy:?}"), &seed);
}

#[test]
fn killed_at_random_instants_it_loses_nobody_and_announces_every_second_copy() {
    random_instants(Policy::Retry, 1);
}

#[test]
fn killed_at_random_instants_with_hold_it_sends_no_second_copy_at_all() {
    random_instants(Policy::Hold, 2);
}

fn named_point(point: Point, policy: Policy) {
    let seed = Seed::of_this_run();
    let mut dice = seed.branch(100 + point as u64);
    // a long letter, so that its first octets are not all of it
    let (offices, paragraphs) = if point == Point::Body { (16, 4_000) } else { (40 * scale(), 0) };
    let mut siege = Siege::new(offices, paragraphs, policy, &dice, 4);
    for _ in 0..3 {
        let most = if point == Point::Connect { SESSIONS as u64 } else { offices as u64 / 4 };
        siege.strike(Kill::At(point, 1 + dice.below(most)));
    }
    assert!(siege.kills >= 2, "{point:?} was reached {} times", siege.kills);
    siege.judge(&format!("{point:?}, {policy:?}"), &seed);
}

#[test]
fn killed_before_the_message_has_begun_it_loses_nobody() {
    for point in [Point::Connect, Point::Mail, Point::Rcpt, Point::Data] {
        named_point(point, Policy::Retry);
    }
}

#[test]
fn killed_between_the_first_octet_and_the_250_it_loses_nobody() {
    for point in [Point::Body, Point::Dot, Point::Written] {
        named_point(point, Policy::Retry);
        named_point(point, Policy::Hold);
    }
}

#[test]
fn killed_with_a_final_dot_unanswered_it_knows_the_delivery_by_name() {
    let seed = Seed::of_this_run().branch(7);
    let mut siege = Siege::new(12, 0, Policy::Hold, &seed, 0);
    assert!(siege.strike(Kill::At(Point::Dot, 3)));
    let journal = siege.sink.journal();
    siege.finish();
    let rows = rows(&siege.workspace);
    let held: Vec<&str> = rows.iter().filter(|row| row.state == "held").map(|row| row.address.as_str()).collect();
    assert!(!held.is_empty() && held.len() <= SESSIONS, "{held:?}");
    for taken in journal.iter().filter(|taken| taken.dot && !taken.said_250) {
        assert!(held.contains(&taken.rcpt.as_str()), "{} is not among {held:?}", taken.rcpt);
    }
    let events = siege.workspace.number("SELECT count(*) FROM event_log WHERE kind = 'in_doubt'");
    assert_eq!(events, held.len() as i64, "each is an event by name");
}

#[test]
fn started_while_another_works_it_leaves_the_ledger_to_it() {
    let seed = Seed::of_this_run().branch(8);
    let siege = Siege::new(30, 0, Policy::Retry, &seed, 50);
    let first: Daemon = siege.workspace.start(&["--until-idle"]);
    assert!(first.until("a final dot", || siege.sink.dots() > 0).is_none());
    assert_eq!(siege.workspace.start(&["--until-idle"]).end().code(), Some(75));
    assert_eq!(first.end().code(), Some(0));
    siege.judge("a second daemon", &seed);
}
