//! One delivery: what became of it, every attempt, and the message itself as it was sent.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde::Serialize;

use super::{
    super::{Web, access::Visitor, headers::IsLetter, told::Told},
    circular::Failure,
    page,
};
use crate::{
    desk::{AsSent, NotShown, Proof, as_sent},
    ledger::{DeliveryId, PastAttempt},
};

/// Source that is shown on the page; all of it is in the file.
const SHOWN: usize = 200_000;

#[derive(Serialize)]
struct Content {
    circular: i64,
    failure: Failure,
    attempts: Vec<Tried>,
}

#[derive(Serialize)]
struct Tried {
    attempt: PastAttempt,
    began: String,
    took: String,
}

async fn found(web: &Web, id: i64) -> Result<Content, Told> {
    let (ledger, zone) = (&web.desk.ledger, web.desk.rules.zone);
    let found = ledger.log_entry(id, zone).await?;
    let (circular, entry) = found.ok_or_else(|| Told::unknown("there is no such delivery"))?;
    let mut entries = [entry];
    ledger.add_history(&mut entries, zone).await?;
    let [mut entry] = entries;
    let tried = |attempt: PastAttempt| Tried {
        began: attempt.started_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        took: took(attempt.ended_at - attempt.started_at),
        attempt,
    };
    let attempts = entry.history.take().unwrap_or_default().into_iter().map(tried).collect();
    Ok(Content { circular: circular.0, failure: Failure::of(entry), attempts })
}

/// `3 ms`, `1.4 s`
fn took(time: chrono::TimeDelta) -> String {
    match time.num_milliseconds() {
        short @ ..1000 => format!("{short} ms"),
        _ => format!("{:.1} s", time.as_seconds_f64()),
    }
}

/// `GET /deliveries/{id}`
pub async fn show(State(web): State<Web>, visitor: Visitor, Path(id): Path<i64>) -> Result<Response, Told> {
    let content = found(&web, id).await?;
    let title = format!("{}: {}", content.failure.entry.address, content.failure.entry.reference);
    page(&web, Some(&visitor), "delivery.html", (&title, "circulars"), content)
}

#[derive(Serialize)]
struct Message {
    circular: i64,
    failure: Failure,
    sha256: String,
    /// `same`, `differs` or `not_sent`
    proof: &'static str,
    recorded: Option<String>,
    text: String,
    source: String,
    cut: bool,
    size: u64,
    annexes: Vec<ShownAnnex>,
}

#[derive(Serialize)]
struct ShownAnnex {
    name: String,
    kind: String,
    size: u64,
    sha256: String,
}

async fn composed(web: &Web, id: i64) -> Result<AsSent, Told> {
    match as_sent(&web.desk, DeliveryId(id)).await {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(Told::unknown("there is no such message")),
        Err(NotShown::Ledger(error)) => Err(error.into()),
        Err(NotShown::Compose(error)) => Err(Told::new(StatusCode::CONFLICT, error.to_string())),
    }
}

/// `GET /deliveries/{id}/message`
pub async fn message(State(web): State<Web>, visitor: Visitor, Path(id): Path<i64>) -> Result<Response, Told> {
    let Content { circular, failure, .. } = found(&web, id).await?;
    let message = composed(&web, id).await?;
    let source = String::from_utf8_lossy(&message.octets).replace("\r\n", "\n");
    let end = source.char_indices().nth(SHOWN).map(|(at, _)| at);
    let (proof, recorded) = match message.proof {
        Proof::Same => ("same", None),
        Proof::Differs(recorded) => ("differs", Some(super::super::access::hex(&recorded))),
        Proof::NotSent => ("not_sent", None),
    };
    let annexes = message.annexes.iter().map(|annex| ShownAnnex {
        name: annex.name.clone(),
        kind: annex.content_type.clone(),
        size: annex.octets.len() as u64,
        sha256: super::super::access::hex(&annex.sha256),
    });
    let content = Message {
        circular,
        sha256: super::super::access::hex(&message.sha256),
        proof,
        recorded,
        text: message.text.clone(),
        cut: end.is_some(),
        source: end.map_or(source.as_str(), |end| &source[..end]).to_owned(),
        size: message.octets.len() as u64,
        annexes: annexes.collect(),
        failure,
    };
    let title = format!("Message to {}", content.failure.entry.address);
    page(&web, Some(&visitor), "message.html", (&title, "circulars"), content)
}

/// `GET /deliveries/{id}/message.html`: the letter's own HTML, for a frame that cannot run anything.
pub async fn html(State(web): State<Web>, Path(id): Path<i64>) -> Result<Response, Told> {
    let mut response = Html(composed(&web, id).await?.html).into_response();
    response.extensions_mut().insert(IsLetter);
    Ok(response)
}

/// `GET /deliveries/{id}/message.eml`: the octets themselves.
pub async fn eml(State(web): State<Web>, Path(id): Path<i64>) -> Result<Response, Told> {
    let octets = composed(&web, id).await?.octets;
    let disposition = format!("attachment; filename=\"delivery-{id}.eml\"");
    // not message/rfc822: a browser is not to open it by itself
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, octets).into_response())
}
