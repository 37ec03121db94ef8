//! Parked letters: what stands against sending each, by file and line, and how to mend it.

use axum::{extract::State, response::Response};
use serde::Serialize;

use super::{
    super::{Web, access::Visitor, told::Told},
    page,
};
use crate::{
    circular::{Problem, Severity},
    ledger::CircularState,
};

/// Letters on the page.
const PAGE: u32 = 200;

#[derive(Serialize)]
struct Content {
    letters: Vec<Parked>,
}

#[derive(Serialize)]
struct Parked {
    id: i64,
    name: String,
    subject: Option<String>,
    reason: Option<String>,
    problems: Vec<Located>,
}

/// A problem with its place.
#[derive(Serialize)]
pub struct Located {
    severity: String,
    text: String,
}

/// `GET /parked`
pub async fn list(State(web): State<Web>, visitor: Visitor) -> Result<Response, Told> {
    let ledger = &web.desk.ledger;
    let mut letters = Vec::new();
    for record in ledger.circulars_page(&[CircularState::Parked], None, PAGE).await? {
        let mut problems: Vec<(Severity, Located)> = Vec::new();
        for letter in ledger.letters(record.id).await? {
            let file = format!("templates/{}", letter.file);
            problems.extend(letter.problems.iter().map(|problem| (problem.severity, located(&file, problem))));
        }
        problems.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
        letters.push(Parked {
            id: record.id.0,
            name: record.reference.unwrap_or_else(|| format!("({})", record.stem)),
            subject: record.subject,
            reason: record.reason,
            problems: problems.into_iter().map(|(_, located)| located).collect(),
        });
    }
    page(&web, Some(&visitor), "parked.html", ("Parked letters", "parked"), Content { letters })
}

/// `templates/x.txt:9: …`
pub fn located(file: &str, problem: &Problem) -> Located {
    Located { severity: problem.severity.to_string(), text: problem.located(file) }
}
