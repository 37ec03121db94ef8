//! The dashboard of a running daemon. Letters do not depend on it: where it cannot be there, a warning says so.

use std::net::SocketAddr;

use super::{Daemon, Until, running::Running};
use crate::{
    config::LogFormat,
    desk::{Desk, Post},
    ledger::{Ledger, LedgerError},
    web::{Dashboard, Earnest, Lent},
};

/// Opens it where the configuration wants one. A run that ends by itself has none.
pub(super) async fn start(daemon: &Daemon, desk: &Desk, running: &Running) {
    let Some(listen) = daemon.settings.web.listen.filter(|_| daemon.until == Until::Stopped) else { return };
    match open(daemon, desk, running, listen).await {
        Ok(()) => {}
        Err(error) => tracing::warn!(
            %listen,
            error,
            "there is no dashboard this time, letters go out all the same; set [web] listen to a free address, or to \"\""
        ),
    }
}

async fn open(daemon: &Daemon, desk: &Desk, running: &Running, listen: SocketAddr) -> Result<(), String> {
    let told = |error: LedgerError| error.to_string();
    let Some(ledger) = Ledger::open(desk.ledger.path()).await.map_err(told)? else { return Ok(()) };
    // whoever reads has connections of their own, so that they keep nobody from sending
    let desk = Desk { lists: ledger.clone(), ledger: ledger.clone(), ..desk.clone() };
    let earnest = if daemon.rehearses() { Earnest::Rehearsal } else { Earnest::Real };
    let vitals = running.vitals(&daemon.settings.relay);
    let post = Post {
        relays: daemon.settings.relay.clone(),
        ehlo_name: daemon.settings.delivery.ehlo_name.clone(),
        credentials: daemon.credentials.clone(),
    };
    let dashboard = Dashboard::open(desk.clone(), daemon.settings.web.clone(), Lent { earnest, vitals, post }, listen)
        .await
        .map_err(|error| error.to_string())?;
    let url = dashboard.url().map_err(|error| error.to_string())?;
    let secure = daemon.settings.web.public_url.as_ref().is_some_and(|url| url.scheme == "https");
    if !listen.ip().is_loopback() && !secure {
        tracing::warn!(
            %listen,
            "WITHOUT TLS: everybody on the way to the dashboard can read passwords and addresses; put a proxy with TLS \
             before it, and its address into [web] public_url"
        );
    }
    desk.ledger.dashboard_opened(&url).await.map_err(told)?;
    let link = dashboard.link().await.map_err(told)?;
    match (daemon.settings.log.format, link) {
        (LogFormat::Text, Some(link)) => eprintln!("dashboard: {link} (good once, for a quarter of an hour)"),
        (LogFormat::Json, Some(link)) => tracing::info!(link, "dashboard"),
        (_, None) => tracing::info!(url, "dashboard"),
    }
    let stop = running.stop.clone();
    running.spawn(
        "web",
        Box::pin(async move {
            dashboard.serve(stop).await;
            ledger.close().await;
            Ok(())
        }),
    );
    Ok(())
}
