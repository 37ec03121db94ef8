//! The operator's hand: each act is asked for on a page of its own, with name and reason, and ordered as the command line
//! orders it.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Web,
        access::{Means, Visitor},
        told::Told,
    },
    circular::find,
    circulars::{Listed, listed},
    outlook::{Outlook, outlook},
    page,
};
use crate::{
    addressees::Address,
    desk::{Ordered, count_new, give_order},
    ledger::{Act, CircularRecord, CircularState, Known, ResendOnly},
    report::same_person,
};

/// A name or a reason longer than this is a mistake.
const LONGEST: usize = 1_000;

/// An act that can be asked for.
#[derive(Debug, Clone, Serialize)]
pub struct Deed {
    /// The last part of its path.
    pub path: &'static str,
    /// What stands on its button.
    pub verb: &'static str,
    /// What it does, in a sentence.
    pub does: String,
    /// It cannot be undone.
    pub grave: bool,
}

/// The form of an act.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Answers {
    by: String,
    reason: String,
    /// `resend`: refused, expired or new.
    only: String,
    /// `release`: "in_time" where it is to wait for its time again.
    when: String,
    /// `settle`: whose delivery.
    address: String,
    /// `settle`: accepted or lost.
    known: String,
}

#[derive(Serialize)]
struct Content {
    listed: Listed,
    outlook: Option<Outlook>,
    deed: Deed,
    answers: Answers,
    problem: Option<String>,
    /// `release`: it was held, and its time is still to come.
    may_wait: bool,
    refused: u64,
    expired: u64,
    /// `resend`: mailboxes that have joined its groups since, or why it cannot go to others.
    new: i64,
    not_new: Option<String>,
}

fn deed(path: &'static str, record: &CircularRecord) -> Deed {
    let (verb, does, grave) = match path {
        "approve" => {
            ("Approve", "You agree to the letter as it lies there now. If it is changed, the approval ends.", false)
        }
        "hold" => (
            "Hold",
            "Nothing more of it goes out until somebody releases it. What is on the wire just now is finished.",
            false,
        ),
        "release" if record.issues == 0 => (
            "Release",
            "It is frozen and goes out now, without waiting for its time. A letter cannot be called back.",
            true,
        ),
        "release" => {
            ("Release", "Sending goes on; held copies are queued again, but for those that may have arrived.", true)
        }
        "cancel" => {
            ("Cancel for good", "What has not been sent is withdrawn, and this reference is never sent again.", true)
        }
        "test" => ("Send a test copy", "", false),
        "resend" => (
            "Send again",
            "Deliveries that ended badly are queued again, with the same octets as before. Those who have joined \
              its groups since get what was frozen, as an issue of their own.",
            true,
        ),
        _ => ("Settle", "You know what nobody could: whether the copy in doubt arrived.", true),
    };
    Deed { path, verb, does: does.to_owned(), grave }
}

/// What can be done to a circular just now.
pub fn deeds(record: &CircularRecord) -> Vec<Deed> {
    use CircularState as S;
    let mut paths: Vec<&'static str> = match record.state {
        S::Parked => vec![],
        S::AwaitingApproval => vec!["approve", "hold", "cancel"],
        S::Ready | S::Sending => vec!["release", "hold", "cancel"],
        S::Late | S::Paused | S::Held => vec!["release", "cancel"],
        S::Completed | S::Cancelled => vec![],
    };
    if record.state == S::Sending {
        paths.retain(|path| *path != "release");
    }
    if record.issues == 0 && record.state != S::Cancelled {
        paths.insert(0, "test");
    }
    if record.issues > 0 && !matches!(record.state, S::Cancelled | S::Parked) {
        paths.push("resend");
    }
    paths.into_iter().map(|path| deed(path, record)).collect()
}

async fn ask(
    web: &Web,
    visitor: &Visitor,
    (id, path): (i64, &'static str),
    answers: Answers,
    problem: Option<(StatusCode, String)>,
) -> Result<Response, Told> {
    let record = find(web, id).await?;
    let totals = web.desk.ledger.totals(record.id).await?;
    let (status, problem) = problem.map_or((StatusCode::OK, None), |(status, words)| (status, Some(words)));
    let new = if path == "resend" { count_new(&web.desk, &record).await? } else { Ok(0) };
    let mut deed = deed(path, &record);
    let may_wait = path == "release" && may_wait(&record, web.desk.now());
    if may_wait {
        deed.does = "It was held before its time. Sent now, it is frozen and cannot be called back.".to_owned();
    }
    let content = Content {
        listed: listed(web, visitor, &record).await?,
        outlook: if path == "cancel" { None } else { outlook(web, &record).await? },
        deed,
        answers,
        problem,
        may_wait,
        refused: totals.count(crate::delivery::State::Refused),
        expired: totals.count(crate::delivery::State::Expired),
        new: new.as_ref().copied().unwrap_or_default(),
        not_new: new.err(),
    };
    let title = format!("{}: {}", content.deed.verb, content.listed.name);
    let mut response = page(web, Some(visitor), "act.html", (&title, "circulars"), content)?;
    *response.status_mut() = status;
    Ok(response)
}

fn may_wait(record: &CircularRecord, now: DateTime<Utc>) -> bool {
    let is_early = record.due_at.is_some_and(|due| due > now);
    record.state == CircularState::Held && record.issues == 0 && !record.lay_there && is_early
}

/// Reads the act out of the form; the words say what is missing.
fn read(path: &'static str, answers: &Answers) -> Result<Act, String> {
    Ok(match path {
        "approve" => Act::Approve,
        "hold" => Act::Hold,
        "release" if answers.when == "in_time" => Act::ReleaseAtItsTime,
        "release" => Act::Release,
        "cancel" => Act::Cancel,
        "resend" => match answers.only.as_str() {
            "refused" => Act::Resend { only: ResendOnly::Refused },
            "expired" => Act::Resend { only: ResendOnly::Expired },
            "new" => Act::ResendNew,
            _ => return Err("choose to whom it is sent again".to_owned()),
        },
        _ => {
            let address = Address::parse(answers.address.trim()).map_err(|error| error.to_string())?;
            let known = match answers.known.as_str() {
                "accepted" => Known::Accepted,
                "lost" => Known::Lost,
                _ => return Err("say whether it arrived".to_owned()),
            };
            Act::Settle { mailbox: address.mailbox().as_str().to_owned(), known }
        }
    })
}

/// Who orders it: the one who signed in, or, by the link, whoever writes their name.
pub(super) fn by(visitor: &Visitor, given: &str) -> Result<String, String> {
    let name = if visitor.means == Means::Link { given.trim() } else { visitor.name.as_str() };
    match name {
        name if same_person(name).is_empty() => Err("write your name: it stands in the record".to_owned()),
        name if name.len() > LONGEST || name.chars().any(char::is_control) => Err("that is not a name".to_owned()),
        name => Ok(name.to_owned()),
    }
}

/// The name stands in the next form of whoever came in by the link.
pub(super) fn remember(web: &Web, visitor: &Visitor, by: &str) {
    if let (Means::Link, Some(cookie)) = (visitor.means, &visitor.cookie) {
        web.sessions.call(cookie, by);
    }
}

async fn order(web: Web, visitor: Visitor, id: i64, path: &'static str, answers: Answers) -> Result<Response, Told> {
    let record = find(&web, id).await?;
    let reason = answers.reason.trim().to_owned();
    let asked = match reason.as_str() {
        "" => Err("write a reason: it stands in the record".to_owned()),
        reason if reason.len() > LONGEST => Err(format!("the reason is longer than {LONGEST} characters")),
        _ => by(&visitor, &answers.by).and_then(|by| Ok((by, read(path, &answers)?))),
    };
    let (by, act) = match asked {
        Ok(asked) => asked,
        Err(words) => {
            let problem = Some((StatusCode::UNPROCESSABLE_ENTITY, words));
            return ask(&web, &visitor, (id, path), answers, problem).await;
        }
    };
    remember(&web, &visitor, &by);
    let given = give_order(&web.desk, &record, &act, &by, &reason).await;
    match given.map_err(|error| Told::new(StatusCode::SERVICE_UNAVAILABLE, format!("nothing was done: {error}")))? {
        Ordered::Refused(why) => ask(&web, &visitor, (id, path), answers, Some((StatusCode::CONFLICT, why))).await,
        Ordered::Done(_) | Ordered::Waiting => Ok(Redirect::to(&format!("/circulars/{id}?told=1")).into_response()),
    }
}

macro_rules! acts {
    ($($path:literal: $ask:ident, $give:ident;)*) => {
        $(
            #[doc = concat!("`GET /circulars/{id}/", $path, "`: asks.")]
            pub async fn $ask(
                State(web): State<Web>,
                visitor: Visitor,
                Path(id): Path<i64>,
                Query(answers): Query<Answers>,
            ) -> Result<Response, Told> {
                ask(&web, &visitor, (id, $path), answers, None).await
            }

            #[doc = concat!("`POST /circulars/{id}/", $path, "`: orders.")]
            pub async fn $give(
                State(web): State<Web>,
                visitor: Visitor,
                Path(id): Path<i64>,
                Form(answers): Form<Answers>,
            ) -> Result<Response, Told> {
                order(web, visitor, id, $path, answers).await
            }
        )*
    };
}

acts! {
    "approve": ask_approve, approve;
    "hold": ask_hold, hold;
    "release": ask_release, release;
    "cancel": ask_cancel, cancel;
    "resend": ask_resend, resend;
    "settle": ask_settle, settle;
}
