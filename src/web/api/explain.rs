//! Why an address got a circular or did not, issue by issue; and, before it is out, whether it would get it.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

use super::{Page, asked::address, circulars, json};
use crate::{
    desk::{ExplainedRow, explain as explained, resting},
    web::{
        Web,
        access::{Role, Visitor},
        told::Told,
    },
};

/// `GET /api/v1/circulars/{id}/explain/{address}`
pub async fn explain(
    State(web): State<Web>,
    visitor: Visitor,
    Path((id, asked)): Path<(String, String)>,
) -> Result<Response, Told> {
    let address = address(&asked)?;
    let record = circulars::find(&web, &id).await?;
    // what is not out yet quotes the letter as it lies
    let reads_letters = visitor.role >= Role::Editor;
    if record.issues == 0 && !reads_letters {
        let words = format!(
            "it is not out yet, and that needs the role {}; {} is {}",
            Role::Editor,
            visitor.name,
            visitor.role
        );
        return Err(Told::new(StatusCode::FORBIDDEN, words));
    }
    let all = explained(&web.desk, &record, &address).await?;
    let shown = all.iter().filter(|one| one.issue.is_some() || reads_letters);
    let resting = resting(&web.desk).await?;
    let items = shown.map(|one| ExplainedRow::of(&web.desk, &record, one, &resting)).collect();
    json(&Page { items, next: None })
}
