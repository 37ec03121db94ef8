//! Circulars: all, newest first, and one with its groups, countries, languages and letters.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use serde::Serialize;

use super::{
    Page,
    asked::{Asked, number, place},
    json, parameters,
};
use crate::{
    desk::{CircularRow, CircularShown, circular_shown, find_circular},
    ledger::{CircularId, CircularRecord, CircularState},
    report::Totals,
    web::{
        Web,
        access::{Role, Visitor},
        told::Told,
    },
};

/// A circular with its number.
#[derive(Serialize)]
struct Numbered<T> {
    id: i64,
    #[serde(flatten)]
    circular: T,
}

/// What stands against a letter quotes it: only those see it who may read what is not out yet.
fn may_see(visitor: &Visitor, state: CircularState) -> bool {
    state != CircularState::Parked || visitor.role >= Role::Editor
}

async fn totals(web: &Web, record: &CircularRecord) -> Result<Totals, Told> {
    match record.issues {
        0 => Ok(Totals::default()),
        _ => Ok(web.counted.totals(&web.desk.ledger, record).await?),
    }
}

async fn row(web: &Web, visitor: &Visitor, record: &CircularRecord) -> Result<Numbered<CircularRow>, Told> {
    let mut row = CircularRow::of(&web.desk, record, totals(web, record).await?);
    row.reason = row.reason.filter(|reason| !reason.is_empty() && may_see(visitor, record.state));
    Ok(Numbered { id: record.id.0, circular: row })
}

/// `GET /api/v1/circulars`
pub async fn list(State(web): State<Web>, visitor: Visitor, RawQuery(query): RawQuery) -> Result<Response, Told> {
    let asked = Asked::read(parameters::CIRCULARS, query.as_deref())?;
    let (limit, after, states) = (asked.limit()?, asked.after()?, asked.words::<CircularState>("state")?);
    let records = match asked.text("reference")? {
        Some(reference) => {
            let found = find_circular(&web.desk, &reference).await?.ok();
            let is_asked = |record: &CircularRecord| {
                (states.is_empty() || states.contains(&record.state)) && after.is_none_or(|after| record.id.0 < after)
            };
            found.into_iter().filter(is_asked).collect()
        }
        None => web.desk.ledger.circulars_page(&states, after, limit + 1).await?,
    };
    let mut items = Vec::new();
    for record in records.iter().take(limit as usize) {
        items.push(row(&web, &visitor, record).await?);
    }
    let last = records.get(limit as usize).and(items.last()).map(|last| last.id);
    json(&Page { items, next: place('c', last) })
}

/// The circular of a number in a path.
pub async fn find(web: &Web, id: &str) -> Result<CircularRecord, Told> {
    let id = number(id)?;
    let found = web.desk.ledger.circular(CircularId(id)).await?;
    found.ok_or_else(|| Told::unknown(format!("there is no circular {id}; /api/v1/circulars lists all")))
}

/// `GET /api/v1/circulars/{id}`
pub async fn show(State(web): State<Web>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Told> {
    let record = find(&web, &id).await?;
    let mut shown: CircularShown = circular_shown(&web.desk, &record, totals(&web, &record).await?).await?;
    if !may_see(&visitor, record.state) {
        shown.row.reason = None;
        shown.letters.iter_mut().for_each(|letter| letter.problems.clear());
    }
    json(&Numbered { id: record.id.0, circular: shown })
}
