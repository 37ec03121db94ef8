//! What would happen to a circular that is not out yet: whoever lets it go sees whom it reaches, and what is not as before.

use serde::Serialize;

use super::super::{Web, told::Told};
use crate::{
    desk::{Prospect, check_files},
    ledger::{CircularRecord, CircularState},
};

/// Names that are shown of those who are new or gone.
const NAMED: usize = 10;

/// What would happen, for people.
#[derive(Debug, Serialize)]
pub struct Outlook {
    messages: i64,
    copies: i64,
    countries: usize,
    languages: Vec<String>,
    from: String,
    files: Vec<String>,
    not_reached: Vec<String>,
    before: Option<Before>,
}

/// The last circular to the same groups.
#[derive(Debug, Serialize)]
struct Before {
    reference: String,
    addressees: i64,
    new: i64,
    gone: i64,
    gone_names: Vec<String>,
}

/// Reads the letter as it lies there now; `None` where it is out, parked or cancelled.
pub async fn outlook(web: &Web, record: &CircularRecord) -> Result<Option<Outlook>, Told> {
    if record.issues > 0 || matches!(record.state, CircularState::Parked | CircularState::Cancelled) {
        return Ok(None);
    }
    let folder = web.desk.workspace.templates();
    let letters = web.desk.ledger.letters(record.id).await?;
    let files: Vec<_> = letters.iter().map(|letter| folder.join(&letter.file)).collect();
    if files.is_empty() {
        return Ok(None);
    }
    let found = check_files(&web.desk, &files).await?.into_iter().find_map(|entry| entry.prospect);
    Ok(found.map(of))
}

fn of(prospect: Prospect) -> Outlook {
    let languages = prospect.languages.iter().map(|(language, count)| format!("{count} {language}"));
    let files = prospect.attachments.iter().map(|file| format!("{} ({} octets)", file.name, file.octets));
    Outlook {
        messages: prospect.messages,
        copies: prospect.copies,
        countries: prospect.countries.len(),
        languages: languages.collect(),
        from: prospect.from,
        files: files.collect(),
        not_reached: prospect.not_reached,
        before: prospect.before.map(|before| Before {
            reference: before.reference,
            addressees: before.addressees,
            new: before.new,
            gone: before.gone,
            gone_names: before.gone_names.into_iter().take(NAMED).collect(),
        }),
    }
}
