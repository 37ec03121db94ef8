//! The operator's hand through the API: the orders of the command line, each recorded with name and reason, and given once
//! per `Idempotency-Key`.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    asked, body, circulars, json,
    signed::{Asked, mark_replayed, remember, signed, unfit, used_otherwise},
};
use crate::{
    desk::{Ordered, groups_stand, is_as_read, wait_for_order},
    ledger::{AcceptGroup, Act, BadRowsAre, Known, NewOrder, Once, OnceKey, OrderId, ResendOnly},
    web::{Web, access::Visitor, told::Told},
};

/// `approve`, `hold`, `cancel`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {
    reason: String,
    by: Option<String>,
}

/// `release`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    reason: String,
    by: Option<String>,
    #[serde(default)]
    at_its_time: bool,
}

/// `resend`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    reason: String,
    by: Option<String>,
    only: Option<ResendOnly>,
    new: Option<bool>,
}

/// `settle`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    reason: String,
    by: Option<String>,
    address: String,
    known: Known,
}

/// `accept`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    reason: String,
    by: Option<String>,
    #[serde(deserialize_with = "body::whole")]
    version: i64,
    #[serde(default)]
    without_bad_rows: bool,
}

/// What came of an order.
#[derive(Debug, Serialize)]
struct Answer {
    order: i64,
    /// `None`: the daemon has not answered yet.
    result: Option<String>,
}

/// A request to act.
pub struct Request {
    visitor: Visitor,
    once: Option<OnceKey>,
    by: String,
    reason: String,
}

impl Request {
    fn of(visitor: Visitor, once: Option<OnceKey>, reason: &str, by: Option<&String>) -> Result<Self, Told> {
        let (by, reason) = signed(&visitor, reason, by)?;
        Ok(Self { visitor, once, by, reason })
    }

    /// The order that this was before, if it was.
    async fn before(&self, web: &Web) -> Result<Option<Response>, Told> {
        let Some(once) = &self.once else { return Ok(None) };
        match web.desk.ledger.known_order(once, web.now()).await? {
            None => Ok(None),
            Some(known) => answered(web, known).await.map(Some),
        }
    }

    /// Gives the order, and says what came of it.
    async fn give(&self, web: &Web, order: &NewOrder) -> Result<Response, Told> {
        let (ledger, now) = (&web.desk.ledger, web.now());
        let given = match &self.once {
            Some(once) => ledger.order_once(order, &self.by, &self.reason, once, now).await?,
            None => Once::New(ledger.order(order, &self.by, &self.reason, now).await?),
        };
        remember(web, &self.visitor, &self.by);
        answered(web, given).await
    }
}

async fn answered(web: &Web, given: Once) -> Result<Response, Told> {
    match given {
        Once::New(id) => outcome(web, id).await,
        Once::Again(id) => {
            let mut response = outcome(web, id).await?;
            mark_replayed(&mut response);
            Ok(response)
        }
        Once::Other => Err(used_otherwise()),
    }
}

async fn outcome(web: &Web, id: OrderId) -> Result<Response, Told> {
    let stands = |error| format!("order {} stands, and is not carried out yet: {error}", id.0);
    let ordered = wait_for_order(&web.desk, id).await;
    match ordered.map_err(|error| Told::new(StatusCode::SERVICE_UNAVAILABLE, stands(error)))? {
        Ordered::Done(words) => json(&Answer { order: id.0, result: Some(words) }),
        Ordered::Refused(why) => Err(Told::new(StatusCode::CONFLICT, why)),
        Ordered::Waiting => {
            let mut response = json(&Answer { order: id.0, result: None })?;
            *response.status_mut() = StatusCode::ACCEPTED;
            Ok(response)
        }
    }
}

macro_rules! acts {
    ($($path:literal: $name:ident, $body:ty, $act:expr;)*) => {
        $(
            #[doc = concat!("`POST /api/v1/circulars/{id}/", $path, "`")]
            pub async fn $name(State(web): State<Web>, asked: Asked<$body>) -> Result<Response, Told> {
                let Asked { visitor, named, said, once } = asked;
                let act: fn(&$body) -> Result<Act, Told> = $act;
                let request = Request::of(visitor, once, &said.reason, said.by.as_ref())?;
                let act = act(&said)?;
                if let Some(before) = request.before(&web).await? {
                    return Ok(before);
                }
                let record = circulars::find(&web, &named).await?;
                request.give(&web, &NewOrder::Circular(record.id, act)).await
            }
        )*
    };
}

acts! {
    "approve": approve, Plain, |_| Ok(Act::Approve);
    "hold": hold, Plain, |_| Ok(Act::Hold);
    "release": release, Release, |said| Ok(if said.at_its_time { Act::ReleaseAtItsTime } else { Act::Release });
    "cancel": cancel, Plain, |_| Ok(Act::Cancel);
    "resend": resend, Resend, |said| match (said.only, said.new) {
        (Some(only), None) => Ok(Act::Resend { only }),
        (None, Some(true)) => Ok(Act::ResendNew),
        _ => Err(unfit("say which: \"only\": \"refused\" or \"expired\", or \"new\": true")),
    };
    "settle": settle, Settle, |said| {
        let mailbox = asked::mailbox(&said.address)?.as_str().to_owned();
        Ok(Act::Settle { mailbox, known: said.known })
    };
}

/// `POST /api/v1/groups/{name}/accept`: exactly the version that was looked at comes into force.
pub async fn accept(State(web): State<Web>, asked: Asked<Accept>) -> Result<Response, Told> {
    let Asked { visitor, named: name, said, once } = asked;
    if said.version < 1 {
        return Err(unfit("version: say the `pending.version` of the list that was looked at"));
    }
    let request = Request::of(visitor, once, &said.reason, said.by.as_ref())?;
    if let Some(before) = request.before(&web).await? {
        return Ok(before);
    }
    let stands = groups_stand(&web.desk).await?.into_iter().find(|stands| stands.last.name == name);
    let unknown = || Told::unknown(format!("there is no list \"{name}\"; /api/v1/groups shows all"));
    let stands = stands.ok_or_else(unknown)?;
    let conflict = |words: String| Told::new(StatusCode::CONFLICT, words);
    let Some(waiting) = stands.waiting() else {
        return Err(conflict(format!("{name}: there is nothing to accept; the list is {}", stands.in_words())));
    };
    if said.version != waiting.version || !is_as_read(&web.desk, waiting) {
        let words = format!("{name}: the list has changed; version {} waits now, look at it again", waiting.version);
        return Err(conflict(words));
    }
    let bad_rows = if said.without_bad_rows { BadRowsAre::LeftOut } else { BadRowsAre::Refused };
    request.give(&web, &NewOrder::Group(AcceptGroup::of(waiting, bad_rows))).await
}
