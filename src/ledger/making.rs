//! One at a time opens a ledger: whoever comes while it is being made finds it whole, or finds none.
//!
//! The lock is on the folder, so that it leaves no file behind, and for the moment of opening only. The file itself is not
//! locked: SQLite's own locks are on it, and closing another descriptor of it would end them.

use std::{
    fs::{File, TryLockError},
    io::{Error, ErrorKind},
    path::Path,
    time::{Duration, Instant},
};

use super::{BUSY, LedgerError, ownership};

/// How soon it is looked again whether the other is done.
const SOON: Duration = Duration::from_millis(10);

/// Waits until nobody else opens a ledger in this folder. Where the folder cannot be locked (it is another's, or lies on a
/// file system without locks), the ledger is opened as it is.
pub(super) async fn alone(ledger: &Path) -> Result<Option<File>, LedgerError> {
    let Ok(folder) = File::open(ownership::folder_of(ledger)) else { return Ok(None) };
    let until = Instant::now() + BUSY;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(Some(folder)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() < until => tokio::time::sleep(SOON).await,
            Err(TryLockError::WouldBlock) => {
                let words = format!(
                    "another circulard has been opening it for {} s; end that one (`lsof {}` names it), then do it again",
                    BUSY.as_secs(),
                    ownership::folder_of(ledger).display()
                );
                return Err(LedgerError::Io(ledger.to_owned(), Error::new(ErrorKind::TimedOut, words)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::super::{Ledger, Origin};

    #[test]
    fn of_eight_who_open_a_ledger_at_once_one_makes_it_and_all_find_it_whole() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("var/ledger.db");
            let start = std::sync::Barrier::new(8);
            let open = |makes: usize| {
                start.wait();
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let opened = match makes % 4 {
                        3 => Ledger::open(&path).await.expect("opened"),
                        _ => {
                            Some(Ledger::open_or_create(&path, Origin::Init, Utc::now()).await.expect("made or opened"))
                        }
                    };
                    let key = opened.as_ref().map(|ledger| *ledger.message_key());
                    if let Some(ledger) = opened {
                        ledger.circulars().await.expect("read");
                        ledger.close().await;
                    }
                    key
                })
            };
            let keys: Vec<Option<[u8; 32]>> = std::thread::scope(|scope| {
                let all: Vec<_> = (0..8).map(|makes| scope.spawn(move || open(makes))).collect();
                all.into_iter().map(|one| one.join().expect("no panic")).collect()
            });
            let found: Vec<[u8; 32]> = keys.iter().flatten().copied().collect();
            assert!(found.len() >= 6, "six make it or find it: {keys:?}");
            assert!(found.iter().all(|key| *key == found[0]), "one made it: {keys:?}");
        }
    }

    #[tokio::test]
    async fn a_ledger_whose_maker_never_ended_is_none_until_somebody_makes_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        std::fs::write(&path, "").expect("begun");
        assert!(Ledger::open(&path).await.expect("looked at").is_none());
        Ledger::open_or_create(&path, Origin::Init, Utc::now()).await.expect("made").close().await;
        assert!(Ledger::open(&path).await.expect("looked at").is_some());
    }
}
