//! Accepting a changed list: what would change, by name, and exactly the version that was shown comes into force.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    super::{Web, access::Visitor, told::Told},
    act::{by, remember},
    groups::may_be_accepted,
    page,
};
use crate::{
    desk::{GroupStands, Ordered, give_group_order, groups_stand, is_as_read},
    ledger::{AcceptGroup, BadRowsAre, Side},
};

/// So many of those who leave or join are named.
const NAMED: i64 = 50;

/// The form.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Answers {
    by: String,
    reason: String,
    /// The version that was shown.
    version: i64,
    /// Any word: bad rows are left out.
    without_bad_rows: String,
}

#[derive(Serialize)]
struct Content {
    name: String,
    version: i64,
    before: i64,
    after: i64,
    doubts: Vec<String>,
    leave: i64,
    join: i64,
    leaving: Vec<String>,
    joining: Vec<String>,
    bad_rows: Vec<String>,
    answers: Answers,
    problem: Option<String>,
}

async fn waiting(web: &Web, name: &str) -> Result<GroupStands, Told> {
    let stands = groups_stand(&web.desk).await?.into_iter().find(|stands| stands.last.name == name);
    let nothing = || Told::unknown("no list of that name waits to be accepted");
    stands.filter(|stands| may_be_accepted(&stands.last)).ok_or_else(nothing)
}

async fn ask(
    web: &Web,
    visitor: &Visitor,
    name: &str,
    answers: Answers,
    problem: Option<(StatusCode, String)>,
) -> Result<Response, Told> {
    let stands = waiting(web, name).await?;
    let (last, file) = (&stands.last, format!("recipients/{}", stands.last.file));
    let (leave, join) = stands.moves.unwrap_or_default();
    let mut named = [Vec::new(), Vec::new()];
    for (names, side) in named.iter_mut().zip([Side::Leaves, Side::Joins]) {
        let moved = web.desk.lists.moved(last, side, NAMED).await?;
        names.extend(moved.into_iter().map(|moved| moved.address));
    }
    let [leaving, joining] = named;
    let bad =
        last.bad.rows.iter().map(|row| format!("{file}:{}: {} ({})", row.line, row.whom, row.problems.join("; ")));
    let (status, problem) = problem.map_or((StatusCode::OK, None), |(status, words)| (status, Some(words)));
    let content = Content {
        name: name.to_owned(),
        version: last.version,
        before: stands.held.as_ref().map_or(0, |held| held.mailboxes),
        after: last.mailboxes,
        doubts: last.doubts.clone(),
        bad_rows: bad.collect(),
        leave,
        join,
        leaving,
        joining,
        answers,
        problem,
    };
    let mut response = page(web, Some(visitor), "accept.html", (&format!("Accept {name}"), "groups"), content)?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /groups/{name}/accept`
pub async fn show(State(web): State<Web>, visitor: Visitor, Path(name): Path<String>) -> Result<Response, Told> {
    ask(&web, &visitor, &name, Answers::default(), None).await
}

/// `POST /groups/{name}/accept`
pub async fn accept(
    State(web): State<Web>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(answers): Form<Answers>,
) -> Result<Response, Told> {
    let stands = waiting(&web, &name).await?;
    let asked = match answers.reason.trim() {
        "" => Err((StatusCode::UNPROCESSABLE_ENTITY, "write a reason: it stands in the record".to_owned())),
        _ if answers.version != stands.last.version || !is_as_read(&web.desk, &stands.last) => {
            Err((StatusCode::CONFLICT, "the list has changed since it was shown; look again".to_owned()))
        }
        _ => by(&visitor, &answers.by).map_err(|words| (StatusCode::UNPROCESSABLE_ENTITY, words)),
    };
    let by = match asked {
        Ok(by) => by,
        Err(problem) => return ask(&web, &visitor, &name, answers, Some(problem)).await,
    };
    remember(&web, &visitor, &by);
    let bad_rows = if answers.without_bad_rows.is_empty() { BadRowsAre::Refused } else { BadRowsAre::LeftOut };
    let order = AcceptGroup::of(&stands.last, bad_rows);
    let given = give_group_order(&web.desk, &order, &by, answers.reason.trim()).await;
    match given.map_err(|error| Told::new(StatusCode::SERVICE_UNAVAILABLE, format!("nothing was done: {error}")))? {
        Ordered::Refused(why) => ask(&web, &visitor, &name, answers, Some((StatusCode::CONFLICT, why))).await,
        Ordered::Done(_) | Ordered::Waiting => Ok(Redirect::to("/groups").into_response()),
    }
}
