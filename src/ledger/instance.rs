//! One daemon per ledger: an OS lock held for life, and an `instance` row whose epoch marks every attempt.

use std::{
    fs::{File, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{CircularId, Ledger, LedgerError, events, events::Event, journal, ownership, time};

/// The OS lock beside the ledger. Whoever holds it may send; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Lock(File);

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Exit code 75.
    #[error("another circulard works on {0}; stop it first, or let it do the work")]
    Held(PathBuf),
    /// Exit code 74.
    #[error("lock {0}: {1}")]
    Io(PathBuf, std::io::Error),
}

impl Lock {
    /// Takes the lock of the ledger at `ledger`, without waiting.
    pub fn take(ledger: &Path) -> Result<Self, LockError> {
        let path = ledger.with_extension("lock");
        let failed = |error| LockError::Io(path.clone(), error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = match ownership::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => ownership::open_plain(&path),
            made => made,
        };
        let file = file.map_err(|error| failed(ownership::explained(&path, error)))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(ledger.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).map_err(failed)?;
        Ok(Self(file))
    }

    /// Takes the lock where somebody has worked with the ledger; `None` where nobody ever did. For those who only read: they
    /// leave nothing behind.
    pub fn find(ledger: &Path) -> Result<Option<Self>, LockError> {
        let there = |path: PathBuf| ownership::is_there(&path).map_err(|error| LockError::Io(path, error));
        if there(ledger.with_extension("lock"))? || there(journal::path_of(ledger))? {
            return Self::take(ledger).map(Some);
        }
        Ok(None)
    }

    /// Writes down that it is held for life, and by which process: for people who look, and for whoever else would start.
    pub fn keep(&mut self) -> std::io::Result<()> {
        writeln!(self.0, "{}", std::process::id())
    }

    /// Whether its last holder kept it for life. A command holds it for moments, and then it is worth waiting.
    pub fn was_kept(ledger: &Path) -> bool {
        std::fs::metadata(ledger.with_extension("lock")).is_ok_and(|lock| lock.len() > 0)
    }
}

/// A running daemon: its epoch.
#[derive(Debug, Clone, Copy)]
pub struct Instance {
    /// Counts starts of the daemon on this ledger, from 1.
    pub epoch: i64,
}

impl Ledger {
    /// Opens a new epoch. Only the holder of the [`Lock`] may.
    pub async fn start_instance(&self, _lock: &Lock, now: DateTime<Utc>) -> Result<Instance, LedgerError> {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let epoch: i64 = sqlx::query(
            "INSERT INTO instance (host, pid, started_at, seen_at) VALUES (?1, ?2, ?3, ?3) RETURNING epoch",
        )
        .bind(host.trim())
        .bind(i64::from(std::process::id()))
        .bind(now.timestamp_millis())
        .fetch_one(&mut *tx)
        .await?
        .try_get(0)?;
        let event = Event::new("started", "circulard").detail(serde_json::json!({ "epoch": epoch }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(Instance { epoch })
    }

    /// A sign of life, so that the next start knows how long nobody was there.
    pub async fn beat(&self, instance: Instance, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("UPDATE instance SET seen_at = ? WHERE epoch = ?")
            .bind(now.timestamp_millis())
            .bind(instance.epoch)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }

    /// The last sign of life of a daemon that did not end in order; `None` where the last one did. An orderly end is not
    /// what a snapshot or a power cut leaves.
    pub async fn last_seen(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let row = sqlx::query(
            "SELECT seen_at FROM instance WHERE epoch = (SELECT max(epoch) FROM instance) AND stopped_at IS NULL",
        )
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok(time(row.try_get(0)?))).transpose()
    }

    /// What was going out when nobody was there for too long waits for a person: the machine may have been restored, and the
    /// rest may have gone out already. Returns the references.
    pub async fn hold_for_absence(&self, reason: &str, now: DateTime<Utc>) -> Result<Vec<String>, LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let rows = sqlx::query(
            "UPDATE circular SET state = 'late', reason = ?1, changed_at = ?2 WHERE state = 'sending' RETURNING reference",
        )
        .bind(reason)
        .bind(now.timestamp_millis())
        .fetch_all(&mut *tx)
        .await?;
        let mut held = Vec::new();
        for row in rows {
            let reference: String = row.try_get(0)?;
            events::append(&mut tx, &Event::new("late", "circulard").about(&reference).because(reason), now).await?;
            held.push(reference);
        }
        tx.commit().await?;
        Ok(held)
    }

    /// A circular that was due too long ago waits for a person.
    pub async fn hold_late(&self, circular: CircularId, reason: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let row = sqlx::query(
            "UPDATE circular SET state = 'late', reason = ?2, changed_at = ?3 WHERE id = ?1 AND state IN ('ready', 'completed') RETURNING reference",
        )
        .bind(circular.0)
        .bind(reason)
        .bind(now.timestamp_millis())
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(row) = row {
            let event = Event::new("late", "circulard").about(row.try_get::<String, _>(0)?).because(reason);
            events::append(&mut tx, &event, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// How many deliveries that this epoch worked on ended badly, or stand in doubt.
    pub async fn ended_badly(&self, instance: Instance) -> Result<i64, LedgerError> {
        let row = sqlx::query(concat!(
            "SELECT count(*) FROM delivery WHERE epoch = ? AND (state IN ('refused', 'expired', 'in_doubt') \
             OR (state = 'held' AND doubts > 0)) AND ",
            is_other!("")
        ))
        .bind(instance.epoch)
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// Notes an orderly end.
    pub async fn stop_instance(&self, instance: Instance, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE instance SET stopped_at = ? WHERE epoch = ?")
            .bind(now.timestamp_millis())
            .bind(instance.epoch)
            .execute(&mut *tx)
            .await?;
        let event = Event::new("stopped", "circulard").detail(serde_json::json!({ "epoch": instance.epoch }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(())
    }
}
