//! Whether this ledger may send: what it lacks of its journal is replayed; a ledger that was restored or copied is held.

use std::os::unix::fs::MetadataExt;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use sqlx::{Row, SqliteConnection};

use super::{
    Ledger, LedgerError, Lock, events,
    events::Event,
    follow,
    instance::Instance,
    journal::{self, Journal, Opened, Place, Record},
    turns::Turn,
};

/// What a look at ledger and journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The ledger has caught up with its journal; so many records were replayed.
    CaughtUp(usize),
    /// The two do not belong together: nothing is sent until a person has looked.
    Held(Gap),
}

/// Why a ledger is held, and what it lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// In words.
    pub why: String,
    /// Attempts that the journal knows and the ledger does not.
    pub unknown_attempts: usize,
    /// How many of them were accepted.
    pub unknown_accepted: usize,
    /// What a person runs who has looked.
    pub command: &'static str,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; nothing is sent until a person has looked: run `{}`", self.why, self.command)
    }
}

impl Ledger {
    /// Compares ledger and journal, and replays what a crash left. Under the lock, before anything is sent or ordered.
    pub async fn catch_up(&self, _lock: &Lock) -> Result<Standing, LedgerError> {
        let applied = self.applied().await?;
        let Some(opened) = journal::read(&journal::path_of(self.path()))? else {
            return Ok(self.without_journal().await?.map_or(Standing::CaughtUp(0), Standing::Held));
        };
        if let Some(why) = self.objection(&opened, applied).await? {
            return Ok(Standing::Held(self.gap(why, &opened, applied).await?));
        }
        if opened.goes_beyond(applied) {
            // the ledger may not know for good what the journal may yet lose
            journal::secure(&journal::path_of(self.path()), &opened)?;
        }
        let replayed = self.replay(&opened, applied).await?;
        Ok(Standing::CaughtUp(replayed))
    }

    /// What a ledger lacks that lies there without a journal: nothing, if it has never sent.
    pub async fn without_journal(&self) -> Result<Option<Gap>, LedgerError> {
        let why = "the send journal is missing beside a ledger that has sent".to_owned();
        let has_sent = self.applied().await? > 0;
        Ok(has_sent.then_some(Gap { why, unknown_attempts: 0, unknown_accepted: 0, command: self.recover_command() }))
    }

    /// A person has looked: what the journal knows of this ledger's deliveries is taken over, and the two belong together
    /// from here on. Neither can know all that has gone out: every letter waits for a person.
    pub async fn recover_standing(
        &self,
        lock: &Lock,
        by: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<usize, LedgerError> {
        let path = journal::path_of(self.path());
        let (mut applied, mut replayed) = (self.applied().await?, 0);
        if let Some(opened) = journal::read(&path)? {
            if opened.place.ledger == self.identity().await? {
                journal::secure(&path, &opened)?;
                replayed = self.replay(&opened, applied).await?;
            }
            applied = applied.max(opened.last());
        }
        let _ = lock;
        drop(Journal::create(&path, self.place().await?, applied)?);
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE ledger SET applied = ?").bind(applied.cast_signed()).execute(&mut *tx).await?;
        hold_all(&mut tx, now).await?;
        let event = Event::new(RECOVERED, by).because(reason).detail(serde_json::json!({ "replayed": replayed }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(replayed)
    }

    /// The journal, ready to be written; made where there is none.
    pub(super) async fn open_journal(&self, instance: Instance) -> Result<Journal, LedgerError> {
        let path = journal::path_of(self.path());
        let mut journal = match journal::read(&path)? {
            Some(opened) => Journal::resume(&path, &opened)?,
            None => Journal::create(&path, self.place().await?, self.applied().await?)?,
        };
        let boot = boot();
        if boot == journal::NO_BOOT {
            tracing::warn!("{BOOT_ID} cannot be read: after a kill three copies a session may be in doubt, not one");
        }
        journal.start(instance.epoch, &boot)?;
        Ok(journal)
    }

    pub(super) async fn applied(&self) -> Result<u64, LedgerError> {
        let applied: i64 = sqlx::query("SELECT applied FROM ledger").fetch_one(&self.readers).await?.try_get(0)?;
        Ok(applied.unsigned_abs())
    }

    async fn identity(&self) -> Result<[u8; 32], LedgerError> {
        let id: String = sqlx::query("SELECT id FROM ledger").fetch_one(&self.readers).await?.try_get(0)?;
        Ok(hash(id.as_bytes()))
    }

    fn recover_command(&self) -> &'static str {
        // a rehearsal's ledger is another one
        if self.path().ends_with("rehearsal.db") { "circulard --rehearsal recover" } else { "circulard recover" }
    }

    async fn place(&self) -> Result<Place, LedgerError> {
        let failed = |error| LedgerError::Io(self.path().to_owned(), error);
        let inode = std::fs::metadata(self.path()).map_err(failed)?.ino();
        Ok(Place { ledger: self.identity().await?, machine: machine(), inode })
    }

    async fn last_epoch(&self) -> Result<i64, LedgerError> {
        Ok(sqlx::query("SELECT coalesce(max(epoch), 0) FROM instance").fetch_one(&self.readers).await?.try_get(0)?)
    }

    pub(super) async fn objection(&self, opened: &Opened, applied: u64) -> Result<Option<String>, LedgerError> {
        let newest = opened.records.iter().filter_map(|(_, record)| match record {
            Record::Start(epoch, _) => Some(*epoch),
            _ => None,
        });
        let (epoch, here) = (self.last_epoch().await?, self.place().await?);
        Ok(if opened.place.ledger != here.ledger {
            Some("the send journal belongs to another ledger".to_owned())
        } else if opened.place.machine != here.machine {
            Some("ledger and journal come from another machine: a copy of them may still be sending there".to_owned())
        } else if newest.max().is_some_and(|newest| newest > epoch) || applied < opened.base {
            Some("the ledger is older than its send journal: it was restored from a backup".to_owned())
        } else if applied > opened.last() {
            Some("the send journal is older than the ledger: it was restored from a backup".to_owned())
        } else if !self.unknown(opened, applied).await?.is_empty() {
            Some("the send journal knows deliveries that the ledger does not".to_owned())
        } else if opened.place.inode != here.inode {
            let why =
                "the ledger is a copy: the workspace that it was copied from may have sent since, or still be sending";
            Some(why.to_owned())
        } else {
            None
        })
    }

    async fn gap(&self, why: String, opened: &Opened, applied: u64) -> Result<Gap, LedgerError> {
        let unknown = self.unknown(opened, applied).await?;
        let accepted = opened.records.iter().filter(|(number, record)| match record {
            Record::Finish(finish) => {
                *number > applied
                    && finish.state == crate::delivery::State::Accepted
                    && unknown.contains(&finish.delivery.0)
            }
            _ => false,
        });
        Ok(Gap {
            why,
            unknown_attempts: unknown.len(),
            unknown_accepted: accepted.count(),
            command: self.recover_command(),
        })
    }

    /// Deliveries of records after `applied` that the ledger has no row for.
    async fn unknown(&self, opened: &Opened, applied: u64) -> Result<Vec<i64>, LedgerError> {
        let named: Vec<i64> = opened
            .records
            .iter()
            .filter(|(number, _)| *number > applied)
            .filter_map(|(_, record)| match record {
                Record::Begin(begin) => Some(begin.delivery.0),
                Record::Finish(finish) => Some(finish.delivery.0),
                Record::Ready(_) | Record::Unready(..) | Record::Start(..) => None,
            })
            .collect();
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query("SELECT DISTINCT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM delivery)")
            .bind(serde_json::json!(named).to_string())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Applies the records after `applied`, in their order.
    async fn replay(&self, opened: &Opened, applied: u64) -> Result<usize, LedgerError> {
        let instance = Instance { epoch: self.last_epoch().await? };
        let unknown = self.unknown(opened, applied).await?;
        let known = |delivery: super::DeliveryId| !unknown.contains(&delivery.0);
        let turns: Vec<(u64, Turn)> = opened
            .records
            .iter()
            .filter(|(number, _)| *number > applied)
            .filter_map(|(number, record)| match record {
                Record::Begin(begin) if known(begin.delivery) => {
                    Some((*number, Turn { begin: Some(begin.clone()), ..Turn::default() }))
                }
                Record::Finish(finish) if known(finish.delivery) => {
                    Some((*number, Turn { finish: Some(finish.clone()), ..Turn::default() }))
                }
                _ => None,
            })
            .collect();
        for batch in turns.chunks(2_000) {
            let last = batch.last().map_or(applied, |(number, _)| *number);
            let turns: Vec<Turn> = batch.iter().map(|(_, turn)| turn.clone()).collect();
            follow::apply(self, &turns, last, instance).await?;
        }
        let lost = self.may_have_left(opened).await?;
        if !lost.is_empty() {
            let last = turns.last().map_or(applied, |(number, _)| *number);
            follow::apply(self, &lost, last, instance).await?;
        }
        Ok(turns.len() + lost.len())
    }

    /// Beginnings of what stood ready when the machine lost its power, where the ledger does not know how it went on.
    async fn may_have_left(&self, opened: &Opened) -> Result<Vec<Turn>, LedgerError> {
        let ready = opened.may_have_left(&boot());
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let named: Vec<_> = ready.iter().map(|begin| (begin.delivery.0, begin.number)).collect();
        let rows = sqlx::query(
            "SELECT d.id FROM json_each(?) JOIN delivery d ON d.id = value ->> 0 AND d.attempts = (value ->> 1) - 1 \
             WHERE d.state IN ('queued', 'deferred', 'in_doubt')",
        )
        .bind(serde_json::json!(named).to_string())
        .fetch_all(&self.readers)
        .await?;
        let open: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let open = ready.into_iter().filter(|begin| open.contains(&begin.delivery.0));
        Ok(open.map(|begin| Turn { begin: Some(begin.clone()), ..Turn::default() }).collect())
    }
}

/// Noted once a person has let a restored or copied ledger go on.
const RECOVERED: &str = "recovered";
/// Noted once the letters that lay there before a new ledger, or before a recovery, have been seen.
const FIRST_LOOK: &str = "first_look";

/// Why a letter that lay there before its ledger is not sent by itself.
const LAY_THERE: &str = "the ledger is new, and the letter lay there before it: a lost or copied workspace sends nothing by \
     itself; `release` sends it";

/// The same of a letter that was parked meanwhile.
pub(super) const STILL_LAY_THERE: &str = "the letter lay there before the ledger, or when it was recovered, and may have gone out already; \
     `release` sends it";

/// Why a letter waits that lay there when the ledger was recovered.
const RECOVERED_SINCE: &str = "the ledger was restored or copied and has been recovered since: this may have gone out already; compare \
     with the relay's log, then `release` or `cancel` it";

impl Ledger {
    /// Why letters that are found now lay there before this ledger knew what went out; `None` where they did not.
    pub async fn lay_there(&self) -> Result<Option<&'static str>, LedgerError> {
        let row = sqlx::query(
            "SELECT coalesce(max(id) FILTER (WHERE kind = ?1), 0), coalesce(max(id) FILTER (WHERE kind = ?2), 0) FROM event",
        )
        .bind(RECOVERED)
        .bind(FIRST_LOOK)
        .fetch_one(&self.readers)
        .await?;
        let (recovered, looked): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(if recovered > looked {
            Some(RECOVERED_SINCE)
        } else if looked == 0 && self.made_by_run().await? {
            Some(LAY_THERE)
        } else {
            None
        })
    }

    /// The letters that lay there have been seen: what comes from now on is new.
    pub async fn note_first_look(&self, now: DateTime<Utc>) -> Result<(), LedgerError> {
        self.note(&Event::new(FIRST_LOOK, "circulard"), now).await
    }
}

/// Whatever would go out by itself waits for a person. An issue of which the journal knew every outcome is left to end.
async fn hold_all(tx: &mut SqliteConnection, now: DateTime<Utc>) -> Result<(), LedgerError> {
    // whatever its file says later, and once it is parked no more
    sqlx::query(
        "UPDATE circular SET lay_there = 1 WHERE state IN ('ready', 'awaiting_approval', 'late', 'parked') \
         AND NOT EXISTS (SELECT 1 FROM issue i WHERE i.circular = circular.id AND i.state = 'frozen')",
    )
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query(
        concat!("UPDATE circular SET state = 'late', reason = ?1, changed_at = ?2 \
         WHERE state IN ('ready', 'awaiting_approval', 'late') OR (repeat IS NOT NULL \
         AND state IN ('sending', 'completed')) OR (state = 'sending' AND EXISTS (SELECT 1 FROM delivery d \
         JOIN issue i ON i.id = d.issue WHERE i.circular = circular.id AND i.state = 'frozen' AND i.completed_at IS NULL \
         AND ", is_open!("d."), ")) RETURNING reference"),
    )
    .bind(RECOVERED_SINCE)
    .bind(now.timestamp_millis())
    .fetch_all(&mut *tx)
    .await?;
    for row in rows {
        let mut event = Event::new("late", "circulard").because(RECOVERED_SINCE);
        if let Some(reference) = row.try_get::<Option<String>, _>(0)? {
            event = event.about(reference);
        }
        events::append(tx, &event, now).await?;
    }
    Ok(())
}

fn hash(octets: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, octets).as_ref());
    out
}

/// What tells this machine from others: its machine-id, or its name where it has none.
fn machine() -> [u8; 32] {
    let id = ["/etc/machine-id", "/var/lib/dbus/machine-id", "/proc/sys/kernel/hostname"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok().filter(|id| !id.trim().is_empty()));
    hash(id.unwrap_or_default().trim().as_bytes())
}

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Which run of the machine this is; [`journal::NO_BOOT`] where it does not say.
fn boot() -> [u8; 32] {
    std::fs::read_to_string(BOOT_ID).map_or(journal::NO_BOOT, |id| hash(id.trim().as_bytes()))
}

#[cfg(test)]
mod tests;
