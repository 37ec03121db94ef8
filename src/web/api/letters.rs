//! A circular's letter as it lies in the folder: how it is understood, all that stands against it, and what would happen.

use std::path::PathBuf;

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{Page, circulars, json};
use crate::{
    desk::check_files,
    ledger::CircularRecord,
    web::{Web, pieces::place, told::Told},
};

/// Files of a letter that lie there now, one a language.
pub async fn lying(web: &Web, record: &CircularRecord) -> Result<Vec<PathBuf>, Told> {
    let folder = web.desk.workspace.templates();
    let letters = web.desk.ledger.letters(record.id).await?;
    let files: Vec<PathBuf> = letters.into_iter().map(|letter| folder.join(letter.file)).collect();
    let lie: Vec<PathBuf> = files.into_iter().filter(|file| file.symlink_metadata().is_ok()).collect();
    if lie.is_empty() {
        return Err(Told::unknown(format!("the letter {} is gone from templates/", record.stem)));
    }
    Ok(lie)
}

/// `GET /api/v1/circulars/{id}/check`: with the lists in force, by which the daemon freezes; what a changed list waits for
/// stands with the groups.
pub async fn check(State(web): State<Web>, Path(id): Path<String>) -> Result<Response, Told> {
    let record = circulars::find(&web, &id).await?;
    let files = lying(&web, &record).await?;
    let place = place(&web).await?;
    let desk = web.desk.clone();
    let checking = web.apart(move || async move {
        let checked = check_files(&desk, &files).await;
        drop(place);
        checked
    });
    json(&Page { items: checking.await??, next: None })
}
