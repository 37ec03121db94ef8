//! What is wrong, what was, and what became of every message about it. An alert may quote a letter that is not out.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};

use super::{
    Page,
    asked::{Asked, place},
    json, parameters,
};
use crate::{
    ledger::AlertStands,
    web::{Web, told::Told},
};

/// `GET /api/v1/alerts`
pub async fn list(State(web): State<Web>, RawQuery(query): RawQuery) -> Result<Response, Told> {
    let asked = Asked::read(parameters::ALERTS, query.as_deref())?;
    let (limit, zone) = (asked.limit()?, web.desk.rules.zone);
    let stands = stands(&asked)?;
    let mut items = web.desk.ledger.alerts_page(stands, asked.after()?, limit + 1, zone).await?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let last = items.last().filter(|_| more).map(|last| last.alert);
    json(&Page { items, next: place('a', last) })
}

fn stands(asked: &Asked) -> Result<Option<AlertStands>, Told> {
    let Some(word) = asked.text("state")? else { return Ok(None) };
    let found = AlertStands::ALL.into_iter().find(|stands| stands.as_str() == word);
    found.map(Some).ok_or_else(|| Told::unclear(format!("state: \"{word}\" is neither open nor resolved")))
}
