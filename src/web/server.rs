//! The server: connections, each with a time limit for its heads, and not too many at once.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Lent, Peer, Web, WebSettings, access, router};
use crate::{desk::Desk, ledger::LedgerError};

/// Connections at once; more wait until one ends.
const CONNECTIONS: usize = 256;
/// The time that the head of a request may take: a connection that says nothing does not keep its place.
const HEAD_TIME: Duration = Duration::from_secs(20);
/// What is being answered when the daemon ends has this long.
const FAREWELL: Duration = Duration::from_secs(2);

/// The dashboard, listening and not yet serving.
pub struct Dashboard {
    listener: TcpListener,
    web: Web,
}

impl Dashboard {
    /// Takes the port. The error is the operating system's: the port is taken, the address is not ours.
    pub async fn open(desk: Desk, settings: WebSettings, lent: Lent, listen: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let web = Web::new(desk, settings, lent, listener.local_addr()?)?;
        Ok(Self { listener, web })
    }

    /// The address for people: `http://127.0.0.1:8112`.
    pub fn url(&self) -> std::io::Result<String> {
        match &self.web.settings.public_url {
            Some(url) => Ok(format!("{}://{}", url.scheme, url.host)),
            None => Ok(format!("http://{}", self.listener.local_addr()?)),
        }
    }

    /// The one-time link of whoever started the daemon; `None` where users are named.
    pub async fn link(&self) -> Result<Option<String>, LedgerError> {
        if !self.web.settings.is_personal() {
            return Ok(None);
        }
        let url = self.url().unwrap_or_default();
        let path = access::mint_link(&self.web.desk.ledger, self.web.now()).await?;
        Ok(Some(format!("{url}{path}")))
    }

    /// Serves until `stop`. Whatever goes wrong on a connection ends that connection.
    pub async fn serve(self, stop: CancellationToken) {
        let (router, tracker) = (router(&self.web), TaskTracker::new());
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let watching = tracker.spawn(self.web.live.clone().watch(stop.clone()));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = accept(&self.listener, &room) => accepted,
            };
            let Some((stream, from, place)) = accepted else { continue };
            let (router, stop) = (router.clone(), stop.clone());
            tracker.spawn(async move {
                connection(stream, from, router, stop).await;
                drop(place);
            });
        }
        drop(self.listener);
        let _ = watching.await;
        tracker.close();
        // whoever reads slowly does not keep the daemon
        let _ = tokio::time::timeout(FAREWELL * 2, tracker.wait()).await;
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, from)) => Some((stream, from, place)),
        Err(error) => {
            // no descriptors left: those there are will be closed
            tracing::warn!(%error, "dashboard: no connection could be taken");
            tokio::time::sleep(Duration::from_millis(200)).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, from: SocketAddr, router: Router, stop: CancellationToken) {
    let peer = from.ip().to_canonical();
    let service = TowerToHyperService::new(router.layer(axum::Extension(Peer(peer))));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(64 * 1024);
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            tokio::time::timeout(FAREWELL, serving).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "dashboard: a connection broke");
    }
}
