//! The log: of one circular, of all, of one addressee; and one delivery with every attempt.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use serde::Serialize;

use super::{
    Page,
    asked::{Asked, mailbox, number, place},
    circulars, json, parameters,
};
use crate::{
    compose::Role,
    desk::find_circular,
    ledger::{CircularId, Cursor, LogEntry, LogFilter},
    web::{Web, told::Told},
};

/// The filters of `log`.
fn filter(web: &Web, asked: &Asked, circular: Option<CircularId>) -> Result<LogFilter, Told> {
    Ok(LogFilter {
        circular,
        states: asked.words("state")?,
        group: asked.text("group")?,
        mailbox: asked.mailbox("to")?,
        country: asked.text("country")?,
        since: asked.time("since", web)?,
        until: asked.time("until", web)?,
        language: asked.text("language")?,
        role: role(asked)?,
        relay: asked.text("relay")?,
        after: cursor(asked)?,
        ..LogFilter::default()
    })
}

/// The place in the log that a page begins behind.
fn cursor(asked: &Asked) -> Result<Option<Cursor>, Told> {
    Ok(place('d', asked.after()?).and_then(|word| word.parse().ok()))
}

fn role(asked: &Asked) -> Result<Option<Role>, Told> {
    match asked.text("role")?.as_deref() {
        None => Ok(None),
        Some("to") => Ok(Some(Role::To)),
        Some("copy") => Ok(Some(Role::Copy)),
        Some(other) => Err(Told::unclear(format!("role: \"{other}\" is neither to nor copy"))),
    }
}

async fn page(web: &Web, filter: &LogFilter, asked: &Asked) -> Result<Page<LogEntry>, Told> {
    let found = web.desk.ledger.log_page(filter, asked.limit()?, web.desk.rules.zone).await?;
    Ok(Page { items: found.entries, next: found.next.map(|next| next.to_string()) })
}

/// `GET /api/v1/circulars/{id}/deliveries`
pub async fn of_circular(
    State(web): State<Web>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Told> {
    let asked = Asked::read(parameters::LOG, query.as_deref())?;
    let record = circulars::find(&web, &id).await?;
    json(&page(&web, &filter(&web, &asked, Some(record.id))?, &asked).await?)
}

/// `GET /api/v1/deliveries`
pub async fn all(State(web): State<Web>, RawQuery(query): RawQuery) -> Result<Response, Told> {
    let asked = Asked::read(parameters::WHOLE_LOG, query.as_deref())?;
    let mut filter = filter(&web, &asked, None)?;
    if let Some(reference) = asked.text("reference")? {
        let record = find_circular(&web.desk, &reference).await?;
        filter.circular = Some(record.map_err(Told::unknown)?.id);
    }
    json(&page(&web, &filter, &asked).await?)
}

/// All that one office ever received.
#[derive(Serialize)]
struct Addressee {
    address: String,
    #[serde(flatten)]
    page: Page<LogEntry>,
}

/// `GET /api/v1/addressees/{address}`
pub async fn of_addressee(
    State(web): State<Web>,
    Path(address): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Told> {
    let asked = Asked::read(parameters::ADDRESSEE, query.as_deref())?;
    let filter = LogFilter { mailbox: Some(mailbox(&address)?), after: cursor(&asked)?, ..LogFilter::default() };
    let page = page(&web, &filter, &asked).await?;
    let address = page.items.last().map_or_else(|| address.trim().to_owned(), |last| last.address.clone());
    json(&Addressee { address, page })
}

/// `GET /api/v1/deliveries/{id}`
pub async fn show(State(web): State<Web>, Path(id): Path<String>) -> Result<Response, Told> {
    let (ledger, zone, id) = (&web.desk.ledger, web.desk.rules.zone, number(&id)?);
    let found = ledger.log_entry(id, zone).await?;
    let (_, entry) =
        found.ok_or_else(|| Told::unknown(format!("there is no delivery {id}; /api/v1/deliveries lists all")))?;
    let mut entries = [entry];
    ledger.add_history(&mut entries, zone).await?;
    json(&entries[0])
}
