//! Letters that cannot go out, with all that stands against them.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;

use super::{
    Page,
    asked::{Asked, place},
    json, parameters,
};
use crate::{
    circular::Problem,
    ledger::CircularState,
    web::{Web, told::Told},
};

/// A letter that is parked.
#[derive(Serialize)]
struct Parked {
    id: i64,
    reference: Option<String>,
    subject: Option<String>,
    reason: Option<String>,
    file: String,
    problems: Vec<Located>,
}

/// What stands against it, and where.
#[derive(Serialize)]
struct Located {
    file: String,
    #[serde(flatten)]
    problem: Problem,
}

/// `GET /api/v1/parked`
pub async fn list(State(web): State<Web>, RawQuery(query): RawQuery) -> Result<Response, Told> {
    let asked = Asked::read(parameters::PARKED, query.as_deref())?;
    let (ledger, limit) = (&web.desk.ledger, asked.limit()?);
    let records = ledger.circulars_page(&[CircularState::Parked], asked.after()?, limit + 1).await?;
    let more = records.len() > limit as usize;
    let mut items = Vec::new();
    for record in records.into_iter().take(limit as usize) {
        let mut problems = Vec::new();
        for letter in ledger.letters(record.id).await? {
            let file = format!("templates/{}", letter.file);
            problems.extend(letter.problems.into_iter().map(|problem| Located { file: file.clone(), problem }));
        }
        problems.sort_by_key(|located| std::cmp::Reverse(located.problem.severity));
        items.push(Parked {
            id: record.id.0,
            reference: record.reference,
            subject: record.subject,
            reason: record.reason,
            file: record.stem,
            problems,
        });
    }
    let last = items.last().filter(|_| more).map(|last| last.id);
    json(&Page { items, next: place('c', last) })
}
