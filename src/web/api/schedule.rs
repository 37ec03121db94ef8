//! The schedule: what goes out next.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;

use super::{Page, asked::Asked, json, parameters};
use crate::{
    desk::{Scheduled, timetable},
    web::{Web, told::Told},
};

/// A run with the number of its circular.
#[derive(Serialize)]
struct Run {
    circular: Option<i64>,
    #[serde(flatten)]
    scheduled: Scheduled,
}

/// `GET /api/v1/schedule`
pub async fn list(State(web): State<Web>, RawQuery(query): RawQuery) -> Result<Response, Told> {
    let asked = Asked::read(parameters::SCHEDULE, query.as_deref())?;
    let runs = timetable(&web.desk, asked.runs()?).await?;
    let items = runs.into_iter().map(|scheduled| Run { circular: scheduled.circular, scheduled }).collect();
    json(&Page { items, next: None })
}
