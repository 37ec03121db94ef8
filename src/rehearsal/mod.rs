//! Rehearsal: the embedded capture server that stands in for the world.
//!
//! It speaks SMTP on a loopback port of its own (RFC 5321 with PIPELINING, SIZE, 8BITMIME, SMTPUTF8 and enhanced
//! status codes), so that a rehearsal takes the same path as the real thing, and keeps every message as an `.eml`
//! file with exactly the octets that came. Nothing leaves this machine. Its [`Manners`] say whom it puts off or
//! refuses, so that a demonstration shows more than success.
//!
//! Refused: a second recipient in a transaction, messages above 50 MB, lines that no client of ours sends, more than
//! 64 sessions at a time.

mod keep;
mod manners;
mod session;

#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

pub use manners::{Manners, Verdict};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use keep::Shelf;
use manners::Doorkeeper;

/// Sessions at a time; more than any relay table asks for in earnest.
const SESSIONS_MOST: usize = 64;

/// After an accept that failed.
const PAUSE: Duration = Duration::from_millis(100);

/// A running capture server. It ends with the token it was started with, not with this value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureServer {
    /// Where it listens.
    pub addr: SocketAddr,
}

/// What its sessions share.
struct House {
    shelf: Arc<Shelf>,
    door: Doorkeeper,
    cancel: CancellationToken,
    tracker: TaskTracker,
}

impl CaptureServer {
    /// Makes `folder` if it is missing and listens on `127.0.0.1`, any port. All tasks run on `tracker`; after
    /// `cancel` no session begins and each ends at its next command, a message on its way is still kept.
    pub async fn start(
        folder: PathBuf,
        manners: Manners,
        cancel: CancellationToken,
        tracker: &TaskTracker,
    ) -> io::Result<Self> {
        let opened = tracker.spawn_blocking(move || Shelf::open(folder)).await;
        let shelf = opened.map_err(io::Error::other)??;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let house = House { shelf: Arc::new(shelf), door: Doorkeeper::new(manners), cancel, tracker: tracker.clone() };
        tracker.spawn(receive(listener, Arc::new(house)));
        Ok(Self { addr })
    }
}

/// Accepts until cancelled.
async fn receive(listener: TcpListener, house: Arc<House>) {
    let places = Arc::new(Semaphore::new(SESSIONS_MOST));
    loop {
        let accepted = tokio::select! {
            () = house.cancel.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((tcp, _)) = accepted else {
            // No descriptor is left, most likely: asking again at once would only burn the processor.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let place = places.clone().try_acquire_owned().ok();
        let visited = house.clone();
        house.tracker.spawn(async move {
            // A session that breaks concerns its client only, which sees it break.
            let _ = match place {
                Some(_place) => session::serve(tcp, &visited).await,
                None => session::turn_away(tcp).await,
            };
        });
    }
}
