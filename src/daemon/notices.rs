//! The house's own messages in a running daemon: through the relays that letters go through, or into the rehearsal's
//! server, marked.

use std::sync::Arc;

use super::{Daemon, running::Running};
use crate::{
    desk::{AlertPost, Desk, Earnest, Post, Reached},
    workers::{alerts, dispatch::Dispatch},
};

/// Starts the worker. Alerts are kept whether or not anybody is written to.
pub(super) fn start(daemon: &Daemon, desk: &Desk, running: &Running, dispatch: &Dispatch) {
    let told = dispatch.clone();
    let post = AlertPost {
        desk: desk.clone(),
        settings: daemon.settings.alerts.clone(),
        post: Post {
            relays: dispatch.relays.iter().map(|relay| relay.settings.clone()).collect(),
            ehlo_name: daemon.settings.delivery.ehlo_name.clone(),
            credentials: daemon.credentials.clone(),
        },
        retry: daemon.settings.retry.clone(),
        earnest: if daemon.rehearses() { Earnest::Rehearsal } else { Earnest::Real },
        reached: Reached(Arc::new(move |relay| told.let_in(relay))),
    };
    running.spawn("alerts", Box::pin(alerts::run(post, running.pulse.clone(), running.stop.clone())));
}
