//! The operator's hand through the API: the orders of the command line, each recorded with name and reason, and given once
//! per `Idempotency-Key`.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri},
    response::Response,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{asked, body, circulars, json};
use crate::{
    desk::{Ordered, groups_stand, is_as_read, wait_for_order},
    ledger::{AcceptGroup, Act, BadRowsAre, Known, NewOrder, Once, OnceKey, OrderId, ResendOnly},
    web::{
        Web,
        access::{Means, Visitor, sha256_hex},
        told::Told,
    },
};

/// A name, a reason or a key longer than this is a mistake.
pub const LONGEST: usize = 1_000;
/// An `Idempotency-Key` has at most so many characters.
pub const LONGEST_KEY: usize = 200;
/// What says that an answer is of an order given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// `approve`, `hold`, `release`, `cancel`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    reason: String,
    by: Option<String>,
}

/// `resend`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    reason: String,
    by: Option<String>,
    only: Option<ResendOnly>,
    new: Option<bool>,
}

/// `settle`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    reason: String,
    by: Option<String>,
    address: String,
    known: Known,
}

/// `accept`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    reason: String,
    by: Option<String>,
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

fn unfit(words: impl Into<String>) -> Told {
    Told::new(StatusCode::UNPROCESSABLE_ENTITY, words)
}

/// Words of people, fit for a record of one line.
fn in_one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

/// Who orders it, and why. A token or a session orders in its own name, so that nobody approves twice; whoever asked it to is
/// named in the reason. By the link, whoever writes their name.
fn signed(visitor: &Visitor, reason: &str, by: Option<&String>) -> Result<(String, String), Told> {
    let (reason, by) = (in_one_line(reason), by.map(|by| in_one_line(by)).filter(|by| !by.is_empty()));
    if reason.is_empty() {
        return Err(unfit("reason: say why; it stands in the record"));
    }
    if reason.chars().count() > LONGEST || by.as_ref().is_some_and(|by| by.chars().count() > LONGEST) {
        return Err(unfit(format!("reason and by have at most {LONGEST} characters")));
    }
    match (visitor.means, by) {
        (Means::Link, Some(by)) => Ok((by, reason)),
        (Means::Link, None) => Err(unfit("by: say who you are; it stands in the record")),
        (_, Some(by)) if by != visitor.name => Ok((visitor.name.clone(), format!("{reason} (asked by {by})"))),
        (_, _) => Ok((visitor.name.clone(), reason)),
    }
}

/// The key, bare or in quotes.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Told> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let (Some(key), more) = (keys.next(), keys.next()) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().trim();
    let bare = key.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(key);
    if more.is_some() || bare.is_empty() || bare.len() > LONGEST_KEY {
        let words = format!("Idempotency-Key: give one, of 1 to {LONGEST_KEY} visible ASCII characters");
        return Err(Told::unclear(words));
    }
    Ok(Some(bare.to_owned()))
}

impl Request {
    fn of<T: Serialize>(
        visitor: Visitor,
        uri: &Uri,
        headers: &HeaderMap,
        body: &T,
        (reason, by): (&str, Option<&String>),
    ) -> Result<Self, Told> {
        let (by, reason) = signed(&visitor, reason, by)?;
        let asked = serde_json::to_string(body).map_err(std::io::Error::from)?;
        let request = sha256_hex(format!("{}\n{asked}", uri.path()).as_bytes());
        let who = format!("{:?} {}", visitor.means, visitor.name);
        let once = key_of(headers)?.map(|key| OnceKey { who, key, request });
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
            None => Once::New(ledger.order_new(order, &self.by, &self.reason, now).await?),
        };
        if let (Means::Link, Some(cookie)) = (self.visitor.means, &self.visitor.cookie) {
            web.sessions.call(cookie, &self.by);
        }
        answered(web, given).await
    }
}

async fn answered(web: &Web, given: Once) -> Result<Response, Told> {
    match given {
        Once::New(id) => outcome(web, id).await,
        Once::Again(id) => {
            let mut response = outcome(web, id).await?;
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Once::Other => Err(unfit("this Idempotency-Key was used for something else; take a new one")),
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

async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Told> {
    body::read(&body::octets(headers, body).await?)
}

macro_rules! acts {
    ($($path:literal: $name:ident, $body:ty, $act:expr;)*) => {
        $(
            #[doc = concat!("`POST /api/v1/circulars/{id}/", $path, "`")]
            pub async fn $name(
                State(web): State<Web>,
                visitor: Visitor,
                Path(id): Path<String>,
                uri: Uri,
                headers: HeaderMap,
                body: Body,
            ) -> Result<Response, Told> {
                let said: $body = read(&headers, body).await?;
                let act: fn(&$body) -> Result<Act, Told> = $act;
                let request = Request::of(visitor, &uri, &headers, &said, (&said.reason, said.by.as_ref()))?;
                let act = act(&said)?;
                if let Some(before) = request.before(&web).await? {
                    return Ok(before);
                }
                let record = circulars::find(&web, &id).await?;
                request.give(&web, &NewOrder::Circular(record.id, act)).await
            }
        )*
    };
}

acts! {
    "approve": approve, Plain, |_| Ok(Act::Approve);
    "hold": hold, Plain, |_| Ok(Act::Hold);
    "release": release, Plain, |_| Ok(Act::Release);
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
pub async fn accept(
    State(web): State<Web>,
    visitor: Visitor,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Told> {
    let said: Accept = read(&headers, body).await?;
    let request = Request::of(visitor, &uri, &headers, &said, (&said.reason, said.by.as_ref()))?;
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
