//! Alerts: what is wrong, what was, and what became of every message about it.

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{
    super::{
        Web,
        access::{Role, Visitor},
        told::Told,
    },
    page,
};
use crate::{
    alerts::Kind,
    ledger::{AlertEntry, NoticeEntry},
};

/// Alerts on the page: those that are open, and the last that were.
const PAGE: u32 = 200;

#[derive(Serialize)]
struct Content {
    open: Vec<Listed>,
    over: Vec<Listed>,
    more: bool,
}

/// One alert or report, in words.
#[derive(Serialize)]
struct Listed {
    /// What it is of, in words: "relay down".
    kind: String,
    /// Which relay, list, letter or circular.
    about: String,
    /// The circular that it is about, as it is asked for.
    reference: Option<String>,
    what: String,
    times: i64,
    since: String,
    until: Option<String>,
    /// Until when the relay that it is about rests.
    rests_until: Option<String>,
    messages: Vec<Sent>,
}

/// One message about it.
#[derive(Serialize)]
struct Sent {
    notice: NoticeEntry,
    at: Option<String>,
    next: Option<String>,
}

/// `GET /alerts`
pub async fn list(State(web): State<Web>, visitor: Visitor) -> Result<Response, Told> {
    let found = web.desk.ledger.alerts(Some(PAGE + 1), web.desk.rules.zone).await?;
    let more = found.len() > PAGE as usize;
    // what stands against a letter that is not out quotes it
    let shown = found
        .into_iter()
        .take(PAGE as usize)
        .filter(|alert| visitor.role >= Role::Editor || alert.kind != Kind::Parked.as_str());
    let (open, over): (Vec<AlertEntry>, Vec<AlertEntry>) = shown.partition(|alert| alert.state == "open");
    let listed = |alerts: Vec<AlertEntry>| alerts.into_iter().map(listed).collect();
    let content = Content { open: listed(open), over: listed(over), more };
    page(&web, Some(&visitor), "alerts.html", ("Alerts", "alerts"), content)
}

fn listed(alert: AlertEntry) -> Listed {
    let messages = alert.messages.into_iter().map(|notice| Sent {
        at: notice.last_attempt_at.as_deref().map(clock),
        next: notice.next_attempt_at.as_deref().filter(|_| notice.state == "deferred").map(clock),
        notice,
    });
    Listed {
        until: alert.resolved_at.as_deref().filter(|_| alert.kind != "completed").map(clock),
        rests_until: alert.rests_until.as_deref().filter(|_| alert.resolved_at.is_none()).map(clock),
        kind: alert.kind.replace('_', " "),
        about: alert.key,
        reference: alert.reference,
        what: alert.what,
        times: alert.times,
        since: clock(&alert.opened_at),
        messages: messages.collect(),
    }
}

/// The zone stands once on every page.
fn clock(rfc3339: &str) -> String {
    rfc3339.get(..19).unwrap_or(rfc3339).replace('T', " ")
}
