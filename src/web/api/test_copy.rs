//! Test copies through the API: the letter as one addressee would get it, marked, to whoever is to look at it. It is begun
//! once per `Idempotency-Key`, and goes on when whoever asked for it has gone.

use std::time::Duration;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    as_json,
    asked::address,
    circulars, json, letters,
    signed::{Asked, mark_replayed, remember, signer, used_otherwise},
};
use crate::{
    desk::{
        PostError, TestAsked, TestCopy, TestEnd, TestError, compose_test_copy, read_with_versions, send_test_copy,
        understand,
    },
    ledger::{Begun, OnceKey},
    web::{Web, pieces::place, told::Told},
};

/// A relay that has not answered within this is answered for with 202.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which test copy.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    to: String,
    r#as: Option<String>,
    by: Option<String>,
}

/// A test copy and what became of it.
#[derive(Debug, Serialize)]
struct Shown {
    file: String,
    language: String,
    /// Whose copy it is like.
    r#as: Option<String>,
    annexes: Vec<String>,
    /// Whether something stands against the letter itself.
    parked: bool,
    rehearsal: bool,
    #[serde(flatten)]
    end: TestEnd,
}

/// `POST /api/v1/circulars/{id}/test`
pub async fn test(State(web): State<Web>, asked: Asked<Order>) -> Result<Response, Told> {
    let Asked { visitor, named, said, once } = asked;
    let (by, asked_by) = signer(&visitor, said.by.as_ref())?;
    let signed = asked_by.map(|asked| format!("{by} (asked by {asked})")).unwrap_or_else(|| by.clone());
    let asked =
        TestAsked { to: address(&said.to)?, stand_in: said.r#as.as_deref().map(address).transpose()?, by: signed };
    if let Some(once) = &once
        && let Some(before) = web.desk.ledger.known_answer(once, web.now()).await?
    {
        return replayed(before);
    }
    let record = circulars::find(&web, &named).await?;
    let files = letters::lying(&web, &record).await?;
    let place = place(&web).await?;
    let desk = web.desk.clone();
    let composing = web.apart(move || async move {
        let (stem, files) = read_with_versions(&files[0]).map_err(TestError::Uncomposable)?;
        let understood = understand(&desk, &stem, &files).await?;
        let copy = compose_test_copy(&desk, &understood, &asked).await;
        drop(place);
        copy
    });
    let copy = composing.await??;
    remember(&web, &visitor, &by);
    let begun = Shown::of(&web, &copy, copy.begun());
    // it ends what it has begun, whether or not anybody waits for it
    let sending = web.tasks.spawn(send(web.clone(), copy, once));
    match tokio::time::timeout(PATIENCE, sending).await {
        Ok(sent) => sent?,
        Err(_) => waiting(json(&begun)?),
    }
}

impl Shown {
    fn of(web: &Web, copy: &TestCopy, end: TestEnd) -> Self {
        Self {
            file: copy.file.clone(),
            language: copy.language.to_string(),
            r#as: copy.stand_in.as_ref().map(|(address, _)| address.clone()),
            annexes: copy.annexes.clone(),
            parked: copy.against.park(),
            rehearsal: web.post.rehearses(),
            end,
        }
    }
}

/// Begins it, unless it was begun before, and writes down under its key what came of it.
async fn send(web: Web, copy: TestCopy, once: Option<OnceKey>) -> Result<Response, Told> {
    let ledger = &web.desk.ledger;
    if let Some(once) = &once {
        let known = written(&Shown::of(&web, &copy, copy.begun()))?;
        match ledger.begin_once(once, &known, web.now()).await? {
            Begun::New => {}
            before => return replayed(before),
        }
    }
    let posted = match send_test_copy(&web.desk, &copy, &web.post).await {
        Ok(posted) => Ok(posted),
        Err(TestError::Post(error)) if !matches!(error, PostError::Ledger(_)) => Err(error.to_string()),
        Err(error) => return Err(error.into()),
    };
    let shown = Shown::of(&web, &copy, copy.ended(posted.as_ref().map_err(Clone::clone)));
    if let Some(once) = &once {
        ledger.end_once(once, &written(&shown)?).await?;
    }
    json(&shown)
}

fn written(shown: &Shown) -> Result<String, Told> {
    Ok(serde_json::to_string(shown).map_err(std::io::Error::from)?)
}

/// The answer of a test copy that was begun before.
fn replayed(before: Begun) -> Result<Response, Told> {
    let Begun::Again(answer) = before else { return Err(used_otherwise()) };
    let known: serde_json::Value = serde_json::from_str(&answer).map_err(std::io::Error::from)?;
    let mut response = as_json(answer.into_bytes());
    if known["outcome"].is_null() {
        response = waiting(response)?;
    }
    mark_replayed(&mut response);
    Ok(response)
}

/// There is no answer yet.
fn waiting(mut response: Response) -> Result<Response, Told> {
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

impl From<TestError> for Told {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Desk(error) => error.into(),
            TestError::Ledger(error) | TestError::Post(PostError::Ledger(error)) => error.into(),
            error => Told::new(StatusCode::CONFLICT, error.to_string()),
        }
    }
}
