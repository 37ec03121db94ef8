//! The ledger: the only room that speaks SQL.
//!
//! One SQLite file holds circulars, groups, issues, deliveries, attempts, orders and events. All writes go through one
//! connection, each as `BEGIN IMMEDIATE`; readers have a pool of their own that cannot write. A commit is durable when it
//! returns (WAL with `synchronous=FULL`), which the crash protocol rests on and which is checked at every start.
//! Refused: a linked SQLite older than 3.51.3, a file with other settings, a second daemon.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, TimeZone, Utc};
use sqlx::{
    ConnectOptions, Connection, Row, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Mutex;

use crate::addressees::fold_value;

/// The condition of the index `delivery_open`, in its words: SQLite uses the index for a query that says the same. `$d` is the
/// row's name with a dot, or nothing.
macro_rules! is_open {
    ($d:literal) => {
        concat!(
            $d,
            "state <> 'accepted' AND ",
            $d,
            "state <> 'refused' AND ",
            $d,
            "state <> 'expired' AND ",
            $d,
            "state <> 'withdrawn'"
        )
    };
}

/// That of the index `delivery_other`: neither waiting for its first attempt nor accepted. Whoever asks for such a state says
/// this too, or SQLite looks at every row.
macro_rules! is_other {
    ($d:literal) => {
        concat!($d, "state <> 'queued' AND ", $d, "state <> 'accepted'")
    };
}

mod alert_list;
mod alerts;
mod annexes;
mod approvals;
mod circulars;
mod completion;
mod copies;
mod due;
mod events;
mod failure;
mod follow;
mod gauges;
mod group_changes;
mod group_history;
mod group_rows;
mod groups;
mod hurry;
mod instance;
mod issues;
mod journal;
mod lag;
mod log;
mod log_attempts;
mod log_driver;
mod log_page;
mod log_ranges;
mod log_values;
mod making;
mod notices;
mod once;
mod orders;
mod outlook;
mod overview;
mod ownership;
mod parents;
mod publish;
mod queue;
mod reach;
mod reach_hash;
mod resting;
mod sightings;
mod snapshot;
mod sql;
mod staging;
mod standing;
mod stretch;
mod supplementary;
mod tally;
#[cfg(test)]
mod tests;
mod totals;
mod turns;
mod verify;
mod web_links;

pub use alert_list::{AlertEntry, AlertStands, NoticeEntry};
pub use alerts::AlertTurn;
pub use annexes::FrozenAnnex;
pub use approvals::Approval;
pub use circulars::{CircularId, CircularRecord, CircularState, LetterRecord, Sighting};
pub use copies::OfficeCopy;
pub use due::Due;
pub use events::{Broken, Event};
pub use gauges::{Appended, DueNow};
pub use group_changes::{Moved, Side};
pub use group_history::{Chosen, HeldRow};
pub use groups::{Fed, GroupRecord, StagedGroup};
pub use instance::{Instance, Lock, LockError};
pub use issues::{FrozenPart, IssueDraft, IssueHead, IssueId, IssueRecord, NewIssue, Published, Staging};
pub use lag::{JournalLag, Lag};
pub use log::{LOG_COLUMNS, LogEntry, LogFilter};
pub use log_attempts::{PastAttempt, Sent};
pub use log_page::{Cursor, LogPage, NotACursor};
pub use log_values::LogField;
pub use notices::{DueNotice, NoticeBegin, NoticeEnd, NoticeId};
pub use once::{Begun, Once, OnceKey};
pub use orders::{AcceptGroup, Act, BadRowsAre, GroupOrder, Known, NewOrder, Order, OrderId, ResendOnly};
pub use outlook::{Alike, Compared, IssueNames, LeftOut};
pub use overview::{GroupMember, PastOrder};
pub use queue::{DeliveryId, InDoubt, Waiting};
pub use reach::{Held, MemberRow, NamedReach, OfficeCopies, Reach, ReachCount};
pub use snapshot::{Addressees, ApprovalRecord, EventRecord, IssueProof, LedgerFacts, ProvenDelivery, Snapshot};
pub use sql::Answer;
pub use standing::{Gap, Standing};
pub use supplementary::NOBODY_NEW;
pub use totals::Breakdown;
pub use turns::{Begin, Charge, Finish, Taking, Turn, Turns, TurnsServer};
pub use verify::Depth;

/// The oldest SQLite whose WAL handling this program relies on.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// How long a write waits for another process that holds the ledger (a command, a backup).
const BUSY: Duration = Duration::from_secs(60);

/// Readers at once: the faces' queries beside the queue's.
const READERS: u32 = 4;

/// The ledger is broken or cannot be used. Exit code 74.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// SQLite's own words.
    #[error("ledger: {}", failure::in_words(.0))]
    Sql(#[from] sqlx::Error),
    /// The file is of a later version.
    #[error("ledger: {0}; a later circulard wrote this file: use that version")]
    Migrate(MigrateError),
    /// The file system's words.
    #[error("ledger {0}: {1}")]
    Io(PathBuf, std::io::Error),
    /// What stands in the file is not what the program writes.
    #[error("ledger: {what} holds \"{found}\", which this version does not know")]
    Unreadable {
        /// Table and column.
        what: &'static str,
        /// The value.
        found: String,
    },
    /// A setting that durability rests on is not in force.
    #[error("ledger {0}: {1}")]
    Unsafe(PathBuf, String),
    /// The writer stopped after an earlier error.
    #[error("ledger: writing has stopped after an earlier error")]
    Stopped,
}

impl From<MigrateError> for LedgerError {
    fn from(error: MigrateError) -> Self {
        match error {
            // a full disk says nothing about versions
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Sql(error),
            other => Self::Migrate(other),
        }
    }
}

/// What made the ledger; letters that lie there when `run` makes it are late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `circulard init`
    Init,
    /// `circulard run`, which found none
    Run,
    /// `circulard demo`
    Demo,
    /// a rehearsal
    Rehearsal,
    /// `check` and `preview`: a ledger for one command, deleted afterwards
    Check,
}

impl Origin {
    fn as_str(self) -> &'static str {
        match self {
            Origin::Init => "init",
            Origin::Run => "run",
            Origin::Demo => "demo",
            Origin::Rehearsal => "rehearsal",
            Origin::Check => "check",
        }
    }
}

/// An open ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    path: Arc<PathBuf>,
    readers: SqlitePool,
    writer: Arc<Mutex<SqliteConnection>>,
    message_key: [u8; 32],
}

impl Ledger {
    /// Opens the ledger at `path`; `None` where there is none, or where whoever began to make it never ended.
    pub async fn open(path: &Path) -> Result<Option<Self>, LedgerError> {
        match ownership::is_there(path) {
            Ok(true) => {
                let _alone = making::alone(path).await?;
                Self::connect(path, None).await
            }
            Ok(false) => Ok(None),
            Err(error) => Err(LedgerError::Io(path.to_owned(), error)),
        }
    }

    /// Opens the ledger at `path`, or makes it.
    pub async fn open_or_create(path: &Path, origin: Origin, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| LedgerError::Io(folder.to_owned(), error))?;
        }
        let alone = making::alone(path).await?;
        match ownership::create_new(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::Io(path.to_owned(), ownership::explained(path, error)));
            }
            _ => {}
        }
        let made = Self::connect(path, Some((origin, now))).await?;
        drop(alone);
        // its maker has just written down what it is
        made.ok_or_else(|| LedgerError::Unsafe(path.to_owned(), "has lost what it is; try again".to_owned()))
    }

    /// `None`: whoever began to make it never ended.
    async fn connect(path: &Path, create: Option<(Origin, DateTime<Utc>)>) -> Result<Option<Self>, LedgerError> {
        // what goes with the command need not outlive the machine
        let (synchronous, level) = match create {
            Some((Origin::Check, _)) => (SqliteSynchronous::Off, 0),
            _ => (SqliteSynchronous::Full, 2),
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create.is_some())
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .pragma("mmap_size", "0")
            .collation("folded", |a, b| fold_value(a).cmp(&fold_value(b)))
            .statement_cache_capacity(200);
        // the writer works on what it has just written: pages stay in its cache, and a checkpoint comes after some 32 MB
        let writes = options.clone().pragma("cache_size", "-16384").pragma("wal_autocheckpoint", "8000");
        let mut writer = writes.connect().await.map_err(|error| not_opened(path, error))?;
        restrict_to_owner(path)?;
        check_settings(&mut writer, path, level).await?;
        migrations().run(&mut writer).await?;
        if let Some((origin, now)) = create {
            identify(&mut writer, origin, now).await?;
        }
        let row = sqlx::query("SELECT message_key FROM ledger").fetch_optional(&mut writer).await?;
        let Some(row) = row else { return Ok(None) };
        let key: Vec<u8> = row.try_get(0)?;
        let message_key = key.try_into().map_err(|_| LedgerError::Unreadable {
            what: "ledger.message_key",
            found: "a key that is not 32 octets".into(),
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_lazy_with(options.create_if_missing(false).pragma("query_only", "ON"));
        let (path, writer) = (Arc::new(path.to_owned()), Arc::new(Mutex::new(writer)));
        Ok(Some(Self { path, readers, writer, message_key }))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key of this ledger's Message-IDs.
    pub fn message_key(&self) -> &[u8; 32] {
        &self.message_key
    }

    /// Who made it, in the words of [`Origin`].
    pub async fn made_by_run(&self) -> Result<bool, LedgerError> {
        let origin: String = sqlx::query("SELECT created_by FROM ledger").fetch_one(&self.readers).await?.try_get(0)?;
        Ok(origin == Origin::Run.as_str())
    }

    /// Closes all connections, so that the WAL is folded into the file.
    pub async fn close(self) {
        self.readers.close().await;
        if let Some(writer) = Arc::into_inner(self.writer)
            && let Err(error) = writer.into_inner().close().await
        {
            tracing::warn!(%error, "ledger did not close cleanly");
        }
    }
}

/// SQLite does not say that a file is another's.
fn not_opened(path: &Path, error: sqlx::Error) -> LedgerError {
    if !ownership::is_anothers(path) {
        return error.into();
    }
    let refused = std::io::Error::new(std::io::ErrorKind::PermissionDenied, error.to_string());
    LedgerError::Io(path.to_owned(), ownership::explained(path, refused))
}

fn migrations() -> Migrator {
    const FILES: [(i64, &str, &str); 1] = [(1, "ledger", include_str!("migrations/0001_ledger.sql"))];
    let all = FILES.into_iter().map(|(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sqlx::SqlSafeStr::into_sql_str(sql), false)
    });
    Migrator::with_migrations(all.collect())
}

/// The ledger holds addresses: nobody but its owner reads it.
fn restrict_to_owner(path: &Path) -> Result<(), LedgerError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| LedgerError::Io(path.to_owned(), error))
}

/// Durability is read back, not assumed. `level` is what SQLite calls the `synchronous` that was asked for.
async fn check_settings(connection: &mut SqliteConnection, path: &Path, level: i64) -> Result<(), LedgerError> {
    let refuse = |what: String| Err(LedgerError::Unsafe(path.to_owned(), what));
    let version: String = sqlx::query("SELECT sqlite_version()").fetch_one(&mut *connection).await?.try_get(0)?;
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return refuse(format!("SQLite {version} is linked; 3.51.3 or newer is needed"));
    }
    let mode: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *connection).await?.try_get(0)?;
    let synchronous: i64 = sqlx::query("PRAGMA synchronous").fetch_one(&mut *connection).await?.try_get(0)?;
    let keys: i64 = sqlx::query("PRAGMA foreign_keys").fetch_one(&mut *connection).await?.try_get(0)?;
    match (mode.as_str(), synchronous, keys) {
        ("wal", found, 1) if found == level => Ok(()),
        _ => refuse(format!(
            "journal_mode is {mode}, synchronous {synchronous}, foreign_keys {keys}; wal, {level} and 1 are needed: \
             put the workspace on a local file system"
        )),
    }
}

async fn identify(connection: &mut SqliteConnection, origin: Origin, now: DateTime<Utc>) -> Result<(), LedgerError> {
    let (id, key) = (random::<16>()?, random::<32>()?);
    let id: String = id.iter().map(|octet| format!("{octet:02x}")).collect();
    sqlx::query("INSERT OR IGNORE INTO ledger (one, id, created_at, created_by, message_key) VALUES (1, ?, ?, ?, ?)")
        .bind(id)
        .bind(now.timestamp_millis())
        .bind(origin.as_str())
        .bind(&key[..])
        .execute(connection)
        .await?;
    Ok(())
}

fn random<const N: usize>() -> Result<[u8; N], LedgerError> {
    use ring::rand::SecureRandom;
    let mut octets = [0; N];
    ring::rand::SystemRandom::new()
        .fill(&mut octets)
        .map_err(|_| LedgerError::Io("random source".into(), std::io::Error::other("gives no octets")))?;
    Ok(octets)
}

/// Milliseconds of the ledger to a time; out of range only if somebody wrote into the file by hand.
fn time(milliseconds: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(milliseconds).single().unwrap_or_default()
}
