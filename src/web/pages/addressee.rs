//! One addressee: everything that was ever sent there; and the field that finds a circular or an addressee.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    super::{Web, access::Visitor, told::Told},
    log::Line,
    page,
};
use crate::{
    addressees::Address,
    desk::find_circular,
    ledger::{LogFilter, NotACursor},
};

/// Deliveries on a page: a hundred circulars a year are some years.
const PAGE: u32 = 500;

/// Whom.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    address: String,
    #[serde(default)]
    after: Option<String>,
}

#[derive(Serialize)]
struct Content {
    address: String,
    name: Option<String>,
    organization: Option<String>,
    country: Option<String>,
    groups: Vec<String>,
    lines: Vec<Line>,
    after: Option<String>,
    first: bool,
}

/// `GET /addressees?address=…`
pub async fn show(State(web): State<Web>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, Told> {
    let address = Address::parse(asked.address.trim()).map_err(|error| Told::unclear(error.to_string()))?;
    let after = asked.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|error: NotACursor| Told::unclear(error.to_string()))?;
    let filter = LogFilter { mailbox: Some(address.mailbox()), after, ..LogFilter::default() };
    let found = web.desk.ledger.log_page(&filter, PAGE, web.desk.rules.zone).await?;
    let last = found.entries.last().cloned();
    let mut groups: Vec<String> = found.entries.iter().flat_map(|entry| entry.groups.clone()).collect();
    groups.sort();
    groups.dedup();
    let content = Content {
        address: last.as_ref().map_or_else(|| address.as_str().to_owned(), |last| last.address.clone()),
        name: last.as_ref().and_then(|last| last.name.clone()),
        organization: last.as_ref().and_then(|last| last.organization.clone()),
        country: last.and_then(|last| last.country),
        groups,
        lines: found.entries.into_iter().rev().map(Line::of).collect(),
        after: found.next.map(|next| next.to_string()),
        first: after.is_none(),
    };
    let title = content.address.clone();
    page(&web, Some(&visitor), "addressee.html", (&title, "log"), content)
}

/// What is looked for.
#[derive(Deserialize)]
pub struct Looked {
    #[serde(default)]
    q: String,
}

/// `GET /find?q=…`: a circular by any spelling of its reference, or an address.
pub async fn find(State(web): State<Web>, Query(looked): Query<Looked>) -> Result<Response, Told> {
    let text = looked.q.trim();
    if text.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    if text.contains('@') {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("address", text).finish();
        return Ok(Redirect::to(&format!("/addressees?{query}")).into_response());
    }
    match find_circular(&web.desk, text).await? {
        Ok(record) => Ok(Redirect::to(&format!("/circulars/{}", record.id.0)).into_response()),
        Err(words) => {
            Err(Told::unknown(words.replace("`circulard list` shows all", "the list of circulars shows all")))
        }
    }
}
