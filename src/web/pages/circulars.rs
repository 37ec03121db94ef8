//! The first page: circulars, newest first, with where each stands; those on their way are live.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Web,
        access::{Role, Visitor},
        told::Told,
    },
    numbers::Bar,
    page, wording,
};
use crate::ledger::{CircularRecord, CircularState};

/// Circulars on a page.
const PAGE: u32 = 25;

/// What is asked.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    before: Option<i64>,
}

#[derive(Serialize)]
struct Content {
    circulars: Vec<Listed>,
    /// The number before which the next page begins.
    older: Option<i64>,
    first: bool,
    folder: String,
    /// Alerts that are open.
    alerts: i64,
}

/// One circular in a list.
#[derive(Serialize)]
pub struct Listed {
    /// Row number.
    pub id: i64,
    /// As printed, or the file's name.
    pub name: String,
    /// As printed.
    pub subject: Option<String>,
    /// `awaiting_approval`
    pub state: &'static str,
    /// In a sentence.
    pub stands: &'static str,
    /// Why, or when.
    pub note: Option<String>,
    /// It changes while it is looked at.
    pub live: bool,
    /// Totals, once something is frozen.
    pub bar: Option<Bar>,
}

/// `GET /`
pub async fn list(State(web): State<Web>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, Told> {
    let records = web.desk.ledger.circulars_page(&[], asked.before, PAGE + 1).await?;
    let mut circulars = Vec::new();
    for record in records.iter().take(PAGE as usize) {
        circulars.push(listed(&web, &visitor, record).await?);
    }
    let older = records.get(PAGE as usize).and(circulars.last()).map(|last| last.id);
    let folder = web.desk.workspace.templates().display().to_string();
    let alerts = web.desk.ledger.alerts_open().await?;
    let content = Content { circulars, older, first: asked.before.is_none(), folder, alerts };
    page(&web, Some(&visitor), "circulars.html", ("Circulars", "circulars"), content)
}

/// A circular with its totals.
pub async fn listed(web: &Web, visitor: &Visitor, record: &CircularRecord) -> Result<Listed, Told> {
    let totals = match record.issues {
        0 => None,
        _ => Some(web.counted.totals(&web.desk.ledger, record).await?),
    };
    Ok(Listed {
        id: record.id.0,
        name: record.reference.clone().unwrap_or_else(|| format!("({})", record.stem)),
        subject: record.subject.clone(),
        state: record.state.as_str(),
        stands: wording::stands(record.state),
        note: note(web, visitor, record),
        live: matches!(record.state, CircularState::Sending | CircularState::Paused | CircularState::Held),
        bar: totals.as_ref().map(Bar::of),
    })
}

/// What stands against a letter quotes it: only those see it who may read what is not out yet.
fn note(web: &Web, visitor: &Visitor, record: &CircularRecord) -> Option<String> {
    let hidden = record.state == CircularState::Parked && visitor.role < Role::Editor;
    let reason = record.reason.clone().filter(|reason| !reason.is_empty() && !hidden);
    let due = match record.state {
        CircularState::Ready | CircularState::AwaitingApproval | CircularState::Late => record.due_at,
        _ => None,
    };
    let due = due.map(|at| wording::due(record.state, at, web.desk.rules.zone));
    match (reason, due) {
        (Some(reason), Some(due)) => Some(format!("{due}; {reason}")),
        (reason, due) => reason.or(due),
    }
}
