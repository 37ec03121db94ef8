//! The schedule: what goes out next, with zone and offset.

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{
    super::{Web, access::Visitor, told::Told},
    page,
};
use crate::desk::timetable;

/// Runs of each repeated circular and of the release window.
const RUNS: usize = 5;

#[derive(Serialize)]
struct Content {
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    when: String,
    what: &'static str,
    circular: Option<i64>,
    reference: Option<String>,
    state: Option<&'static str>,
    note: Option<String>,
}

/// `GET /schedule`
pub async fn show(State(web): State<Web>, visitor: Visitor) -> Result<Response, Told> {
    let runs = timetable(&web.desk, RUNS).await?.into_iter().map(|run| Run {
        when: run.shown,
        what: run.what,
        circular: run.circular,
        reference: run.reference,
        state: run.state,
        note: run.note,
    });
    page(&web, Some(&visitor), "schedule.html", ("Schedule", "schedule"), Content { runs: runs.collect() })
}
