//! The crash protocol's durable writes, shared by all sessions.
//!
//! A session takes a [`Turn`]: the outcome of its last transaction, the beginning of its next, and what stands ready behind
//! that. The turn is written to the send journal at once. One task gathers those of all sessions into one sync, so that the
//! cost is a sync per batch while the promise is per letter; another lets the ledger follow, many turns to a commit.
//!
//! A final dot leaves when its beginning is written, and when a turn is durable that names its letter: as begun, or as ready
//! behind others. So a session that goes from letter to letter waits for the disk only where that takes longer than the relay:
//! the sync for a letter takes place while the relay has the two before it. It is put off until a session has only one left
//! that may go, so that it carries what all sessions have written meanwhile.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use super::{
    DeliveryId, Instance, Ledger, LedgerError, follow,
    hurry::Hurry,
    journal::{Journal, Written},
    lag::{JournalLag, Lag},
};
use crate::delivery::{Reply, Stage, State};

/// Turns that one write takes at most: bounds how long a session waits.
const GATHER: usize = 512;
/// Turns that nobody will soon wait for are synced after so long all the same: an outcome is known for good by then.
const LINGER: Duration = Duration::from_millis(2);
/// Batches that may wait for the ledger: beyond, sending waits for it. A batch is often of two or three turns, and a commit
/// takes as long as a hundred syncs.
const BEHIND: usize = 2_000;
/// Turns that one commit of the ledger takes, and how long the first of them waits for company.
const COMMIT: usize = 2_000;
const COMPANY: Duration = Duration::from_millis(100);

/// The beginning of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Which attempt of it, from 1.
    pub number: i64,
    /// Through which relay.
    pub relay: Arc<str>,
    /// Message-ID, as in the header.
    pub message_id: String,
    /// SHA-256 of the octets about to be sent.
    pub sha256: [u8; 32],
    /// Now.
    pub at: DateTime<Utc>,
}

/// The end of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Which attempt of it, from 1.
    pub number: i64,
    /// Through which relay.
    pub relay: Arc<str>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When the outcome was known.
    pub ended_at: DateTime<Utc>,
    /// What the delivery becomes.
    pub state: State,
    /// Who is to blame, where it went badly: `relay`, `circular`, `addressee`.
    pub blame: Option<&'static str>,
    /// Where it ended.
    pub stage: Stage,
    /// The server's reply, where there was one.
    pub reply: Option<Reply>,
    /// What happened instead of a reply.
    pub remark: Option<String>,
    /// Whether the retry table counts it.
    pub charge: Charge,
    /// When it may be tried again; `None` is at once, or never in a final state.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// SHA-256 of the octets sent.
    pub sha256: [u8; 32],
}

/// Whether an attempt counts towards the retry table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// It was about this addressee.
    Addressee,
    /// Relay or circular is to blame.
    Nobody,
}

/// What one session asks to be made durable at once.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// The outcome of its last transaction.
    pub finish: Option<Finish>,
    /// What stood ready for an attempt of that number and does so no more: nothing of it was sent.
    pub unready: Option<(DeliveryId, i64)>,
    /// The beginning of its next.
    pub begin: Option<Begin>,
    /// What begins behind that one, once its outcome is written; the ledger does not hear of it before.
    pub ready: Option<Begin>,
}

enum Asked {
    Turn(Box<Turn>, Written, oneshot::Sender<()>),
    /// Answered once the ledger has followed everything asked before.
    Settle(oneshot::Sender<()>),
}

/// Writes turns to the journal.
#[derive(Debug, Clone)]
pub struct Turns {
    journal: Arc<Mutex<Journal>>,
    asked: mpsc::UnboundedSender<Asked>,
    hurry: Arc<Hurry>,
    lag: Lag,
}

/// A turn on its way.
#[derive(Debug)]
pub struct Taking(oneshot::Receiver<()>);

/// The writing end of [`Turns`].
pub struct TurnsServer {
    asked: mpsc::UnboundedReceiver<Asked>,
    journal: Arc<Mutex<Journal>>,
    hurry: Arc<Hurry>,
    ledger: Ledger,
    instance: Instance,
    lag: Lag,
}

/// What the journal has made durable, for the ledger to follow.
struct Durable {
    turns: Vec<Turn>,
    last: u64,
    /// Everything up to here.
    all: JournalLag,
    settle: Vec<oneshot::Sender<()>>,
}

impl Turns {
    /// Writes a turn, and asks for it to be made durable without waiting; a session has a few open at most, so nothing
    /// piles up. Once this returns the turn outlives the program.
    pub fn ask(&self, turn: Turn) -> Result<Taking, LedgerError> {
        let (done, wait) = oneshot::channel();
        // they are asked for in the order in which they are written
        let mut journal = lock(&self.journal);
        let written = journal.turn(&turn)?;
        self.asked.send(Asked::Turn(Box::new(turn), written, done)).map_err(|_| LedgerError::Stopped)?;
        Ok(Taking(wait))
    }

    /// Somebody will soon wait for what was asked.
    pub fn hurry(&self) {
        self.hurry.ring();
    }

    /// Tells what the journal has and the ledger does not have yet; keeps nobody from ending.
    pub fn lag(&self) -> Lag {
        self.lag.clone()
    }

    /// Returns once the ledger has followed every turn asked for before.
    pub async fn settle(&self) -> Result<(), LedgerError> {
        let (done, wait) = oneshot::channel();
        self.asked.send(Asked::Settle(done)).map_err(|_| LedgerError::Stopped)?;
        self.hurry.ring();
        wait.await.map_err(|_| LedgerError::Stopped)
    }
}

fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Taking {
    /// Whether it is durable by now, or never will be.
    pub fn is_settled(&self) -> bool {
        self.0.is_terminated() || !self.0.is_empty()
    }

    /// Returns once the turn is durable.
    pub async fn durable(self) -> Result<(), LedgerError> {
        self.0.await.map_err(|_| LedgerError::Stopped)
    }

    /// What is sent once the turn is durable, and closed if it never will be.
    pub fn into_receiver(self) -> oneshot::Receiver<()> {
        self.0
    }
}

impl Ledger {
    /// The pair of ends; the server is to be run on the daemon's tracker. The ledger must have caught up with the journal.
    pub async fn turns(&self, instance: Instance) -> Result<(Turns, TurnsServer), LedgerError> {
        let journal = Arc::new(Mutex::new(self.open_journal(instance).await?));
        let (sender, asked) = mpsc::unbounded_channel();
        let (hurry, lag) = (Arc::new(Hurry::default()), Lag::default());
        let server = TurnsServer {
            asked,
            journal: journal.clone(),
            hurry: hurry.clone(),
            ledger: self.clone(),
            instance,
            lag: lag.clone(),
        };
        Ok((Turns { journal, asked: sender, hurry, lag }, server))
    }
}

impl TurnsServer {
    /// Serves until all [`Turns`] are gone, or until the first error: then nothing more is written, and whoever waits is
    /// told. `followed` hears of every delivery whose outcome the ledger has.
    pub async fn serve(self, followed: impl Fn(&[DeliveryId]) + Send) -> Result<(), LedgerError> {
        let Self { mut asked, journal, hurry, ledger, instance, lag } = self;
        let (durable, following) = mpsc::channel(BEHIND);
        let applied = Arc::new(AtomicU64::new(ledger.applied().await?));
        let mut writing = tokio::task::spawn_blocking({
            let (applied, lag) = (Arc::clone(&applied), lag.clone());
            move || sync(&mut asked, &hurry, &journal, &durable, (&applied, &lag))
        });
        let mut follow = std::pin::pin!(follow_turns(following, &ledger, instance, (&applied, &lag), followed));
        let ended = |written: Result<_, _>| written.unwrap_or(Err(LedgerError::Stopped));
        tokio::select! {
            written = &mut writing => ended(written).and(follow.await),
            followed = &mut follow => match followed {
                Ok(()) => ended(writing.await),
                // the writer may be waiting for turns that nobody asks for any more: it is not waited for
                Err(error) => Err(error),
            },
        }
    }
}

/// One sync for all turns at hand. A failed one is never tried again: what reached the disk is unknown, and the next start
/// finds out.
fn sync(
    asked: &mut mpsc::UnboundedReceiver<Asked>,
    hurry: &Hurry,
    journal: &Mutex<Journal>,
    durable: &mpsc::Sender<Durable>,
    (applied, lag): (&AtomicU64, &Lag),
) -> Result<(), LedgerError> {
    let mut all = JournalLag::default();
    let mut gathered = Vec::with_capacity(GATHER);
    let (mut last, mut syncs) = (0, 0_u64);
    while asked.blocking_recv_many(&mut gathered, GATHER) > 0 {
        // what nobody waits for yet waits for company: a sync less for each
        hurry.linger(LINGER);
        while gathered.len() < GATHER
            && let Ok(more) = asked.try_recv()
        {
            gathered.push(more);
        }
        let (mut turns, mut settle, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for asked in gathered.drain(..) {
            match asked {
                Asked::Turn(turn, written, done) => {
                    last = written.last;
                    all.octets += written.octets;
                    all.records += u64::from(turn.finish.is_some()) + u64::from(turn.begin.is_some());
                    turns.push(*turn);
                    waiting.push(done);
                }
                Asked::Settle(done) => settle.push(done),
            }
        }
        if !turns.is_empty() {
            let file = lock(journal).file()?;
            file.sync_data().map_err(|error| lock(journal).fail(error))?;
            syncs += 1;
        }
        lag.written(all);
        for done in waiting {
            // a session that was cut off meanwhile is found by the next start
            let _ = done.send(());
        }
        if durable.blocking_send(Durable { turns, last, all, settle }).is_err() {
            return Err(LedgerError::Stopped);
        }
        let followed = applied.load(Ordering::Acquire);
        let mut journal = lock(journal);
        if journal.is_long(followed) {
            journal.rotate(followed)?;
        }
    }
    tracing::debug!(syncs, last, "send journal closed");
    Ok(())
}

/// Lets the ledger follow in batches; hurries where somebody waits for it.
async fn follow_turns(
    mut following: mpsc::Receiver<Durable>,
    ledger: &Ledger,
    instance: Instance,
    (applied, lag): (&AtomicU64, &Lag),
    followed: impl Fn(&[DeliveryId]),
) -> Result<(), LedgerError> {
    while let Some(first) = following.recv().await {
        let Durable { mut turns, mut last, mut all, mut settle } = first;
        let until = tokio::time::Instant::now() + COMPANY;
        while turns.len() < COMMIT && settle.is_empty() {
            match tokio::time::timeout_at(until, following.recv()).await {
                Ok(Some(more)) => {
                    turns.extend(more.turns);
                    last = last.max(more.last);
                    all = more.all;
                    settle.extend(more.settle);
                }
                Ok(None) | Err(_) => break,
            }
        }
        if !turns.is_empty() {
            let finished: Vec<DeliveryId> =
                turns.iter().filter_map(|turn| turn.finish.as_ref()).map(|finish| finish.delivery).collect();
            follow::apply(ledger, &turns, last, instance).await?;
            applied.store(last, Ordering::Release);
            lag.followed(all);
            followed(&finished);
        }
        for done in settle {
            let _ = done.send(());
        }
    }
    Ok(())
}
