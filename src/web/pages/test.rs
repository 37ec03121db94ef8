//! A test copy: the letter as one addressee would get it, marked, to anyone who is to look at it. It is no delivery.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    super::{Web, access::Visitor, told::Told},
    act::{by, remember},
    circular::find,
    circulars::{Listed, listed},
    page,
};
use crate::{
    addressees::Address,
    delivery::Outcome,
    desk::{PostError, TestAsked, TestError, compose_test_copy, read_with_versions, send_test_copy, understand},
    ledger::CircularRecord,
};

/// The form.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Answers {
    by: String,
    /// Who gets it.
    to: String,
    /// As whom it is composed; empty: the first addressee.
    stand_in: String,
}

#[derive(Serialize)]
struct Content {
    listed: Listed,
    answers: Answers,
    problem: Option<String>,
    said: Option<Said>,
}

/// What became of it.
#[derive(Serialize)]
struct Said {
    words: String,
    accepted: bool,
    rehearsal: bool,
    /// What stands against sending the letter itself.
    parked: bool,
}

/// Why none was sent.
enum Not {
    /// What was asked, or the letter as it lies.
    Sent(String),
    /// Ours.
    Able(Told),
}

impl<E: Into<Told>> From<E> for Not {
    fn from(error: E) -> Self {
        Self::Able(error.into())
    }
}

async fn show(
    web: &Web,
    visitor: &Visitor,
    record: &CircularRecord,
    answers: Answers,
    sent: Result<Option<Said>, String>,
) -> Result<Response, Told> {
    let status = if sent.is_ok() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (said, problem) = sent.map_or_else(|words| (None, Some(words)), |said| (said, None));
    let content = Content { listed: listed(web, visitor, record).await?, answers, problem, said };
    let title = format!("Test copy: {}", content.listed.name);
    let mut response = page(web, Some(visitor), "test.html", (&title, "circulars"), content)?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /circulars/{id}/test`: asks.
pub async fn ask(State(web): State<Web>, visitor: Visitor, Path(id): Path<i64>) -> Result<Response, Told> {
    let record = find(&web, id).await?;
    show(&web, &visitor, &record, Answers::default(), Ok(None)).await
}

/// `POST /circulars/{id}/test`: sends, and says what the relay said.
pub async fn send(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Form(answers): Form<Answers>,
) -> Result<Response, Told> {
    let record = find(&web, id).await?;
    let sent = match sent(&web, &visitor, &record, &answers).await {
        Ok(said) => Ok(Some(said)),
        Err(Not::Sent(words)) => Err(words),
        Err(Not::Able(told)) => return Err(told),
    };
    show(&web, &visitor, &record, answers, sent).await
}

async fn sent(web: &Web, visitor: &Visitor, record: &CircularRecord, answers: &Answers) -> Result<Said, Not> {
    let address = |text: &str| Address::parse(text.trim()).map_err(|error| Not::Sent(error.to_string()));
    let by = by(visitor, &answers.by).map_err(Not::Sent)?;
    let stand_in = Some(answers.stand_in.trim()).filter(|text| !text.is_empty());
    let asked = TestAsked { to: address(&answers.to)?, stand_in: stand_in.map(address).transpose()?, by };
    remember(web, visitor, &asked.by);
    let desk = &web.desk;
    let letters = desk.ledger.letters(record.id).await?;
    let Some(letter) = letters.first() else {
        return Err(Not::Sent("the letter's file is gone from templates/".to_owned()));
    };
    let (stem, files) = read_with_versions(&desk.workspace.templates().join(&letter.file)).map_err(Not::Sent)?;
    let understood = understand(desk, &stem, &files).await?;
    let copy = compose_test_copy(desk, &understood, &asked).await.map_err(refused)?;
    let posted = send_test_copy(desk, &copy, &web.post).await.map_err(refused)?;
    Ok(Said {
        accepted: matches!(posted.outcome, Outcome::Accepted(_)),
        words: copy.became(&posted),
        rehearsal: web.post.rehearses(),
        parked: copy.against.park(),
    })
}

/// What the letter lacks, and a relay that cannot be used, are told to the person; what is ours stands in the log.
fn refused(error: TestError) -> Not {
    match error {
        TestError::Desk(error) => error.into(),
        TestError::Ledger(error) | TestError::Post(PostError::Ledger(error)) => error.into(),
        other => Not::Sent(other.to_string()),
    }
}
