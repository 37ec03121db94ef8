//! The log: searched with the filters of the command line, a page at a time, and taken away as CSV, JSON or a workbook.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;

use super::{
    super::{Web, access::Visitor, told::Told},
    page, wording,
};
use crate::{
    addressees::{Address, Mailbox},
    compose::Role,
    delivery::State as DeliveryState,
    desk::{find_circular, point_in_time},
    ledger::{CircularId, Cursor, LogEntry, LogFilter},
};

/// Entries on a page.
const PAGE: u32 = 100;

/// A search, as it stands in the address.
pub type Pairs = Vec<(String, String)>;

/// A search, as the form shows it.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Search {
    reference: String,
    circular: Option<i64>,
    states: Vec<String>,
    group: String,
    to: String,
    country: String,
    language: String,
    role: String,
    relay: String,
    since: String,
    until: String,
    /// Where the page begins.
    #[serde(skip)]
    pub after: Option<Cursor>,
    /// With every attempt.
    #[serde(skip)]
    pub attempts: bool,
}

#[derive(Serialize)]
struct Content {
    search: Search,
    problem: Option<String>,
    entries: Vec<Line>,
    /// The same search as it stands in an address, for the exports.
    query: String,
    next: Option<String>,
    first: bool,
    states: [&'static str; DeliveryState::ALL.len()],
    one_circular: bool,
}

/// One entry of the log.
#[derive(Serialize)]
pub struct Line {
    /// The row.
    pub entry: LogEntry,
    /// When it last changed, without the zone, which stands once on every page.
    pub when: String,
    /// In plain words.
    pub became: String,
}

impl Line {
    /// Words for one entry.
    pub fn of(entry: LogEntry) -> Self {
        let when = entry.accepted_at.or(entry.last_attempt_at).unwrap_or(entry.queued_at);
        Self { when: when.format("%Y-%m-%d %H:%M:%S").to_string(), became: wording::became(&entry), entry }
    }
}

impl Search {
    /// Reads it out of an address; what it does not know, it leaves.
    pub fn read(pairs: &Pairs) -> Self {
        let mut search = Self::default();
        for (key, value) in pairs.iter().filter(|(_, value)| !value.trim().is_empty()) {
            let value = value.trim();
            match key.as_str() {
                "reference" => search.reference = value.to_owned(),
                "circular" => search.circular = value.parse().ok(),
                "state" => search.states.extend(value.split(',').map(|word| word.trim().to_owned())),
                "group" => search.group = value.to_owned(),
                "to" => search.to = value.to_owned(),
                "country" => search.country = value.to_owned(),
                "language" => search.language = value.to_ascii_lowercase(),
                "role" => search.role = value.to_owned(),
                "relay" => search.relay = value.to_owned(),
                "since" => search.since = value.to_owned(),
                "until" => search.until = value.to_owned(),
                "after" => search.after = value.parse().ok(),
                "attempts" => search.attempts = true,
                _ => {}
            }
        }
        search
    }

    /// As it stands in an address, without the page.
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in [
            ("reference", &self.reference),
            ("group", &self.group),
            ("to", &self.to),
            ("country", &self.country),
            ("language", &self.language),
            ("role", &self.role),
            ("relay", &self.relay),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            if !value.is_empty() {
                query.append_pair(key, value);
            }
        }
        if let Some(circular) = self.circular {
            query.append_pair("circular", &circular.to_string());
        }
        query.extend_pairs(self.states.iter().map(|state| ("state", state)));
        query.finish()
    }

    /// What the ledger is asked; `Err`: what cannot be understood.
    pub async fn filter(&mut self, web: &Web) -> Result<Result<LogFilter, String>, Told> {
        let desk = &web.desk;
        let mut circular = None;
        if !self.reference.is_empty() {
            match find_circular(desk, &self.reference).await? {
                Ok(record) => circular = Some(record.id),
                Err(words) => return Ok(Err(words)),
            }
        } else if let Some(id) = self.circular {
            circular = Some(CircularId(id));
            let record = desk.ledger.circular(CircularId(id)).await?;
            self.reference = record.and_then(|record| record.reference).unwrap_or_default();
        }
        Ok(self.read_filter(web, circular))
    }

    fn read_filter(&self, web: &Web, circular: Option<CircularId>) -> Result<LogFilter, String> {
        let text = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
        let time = |value: &String| text(value).map(|text| point_in_time(web.desk.rules.zone, &text)).transpose();
        let states = self.states.iter().map(|word| word.parse::<DeliveryState>().map_err(|error| error.to_string()));
        let (mailbox, domain) = whom(&self.to)?;
        Ok(LogFilter {
            circular,
            states: states.collect::<Result<_, _>>()?,
            group: text(&self.group),
            mailbox,
            domain,
            country: text(&self.country),
            language: text(&self.language),
            role: role(&self.role)?,
            relay: text(&self.relay),
            since: time(&self.since)?,
            until: time(&self.until)?,
            after: self.after,
            ..LogFilter::default()
        })
    }
}

fn role(word: &str) -> Result<Option<Role>, String> {
    match word {
        "" => Ok(None),
        "to" => Ok(Some(Role::To)),
        "copy" => Ok(Some(Role::Copy)),
        other => Err(format!("\"{other}\" is not a role of an addressee; `to` and `copy` are")),
    }
}

/// One mailbox, or all of a domain where only that is given, as `@ministry.example`.
fn whom(to: &str) -> Result<(Option<Mailbox>, Option<String>), String> {
    let mailbox = |text: &str| Address::parse(text).map(|it| it.mailbox()).map_err(|error| error.to_string());
    if to.is_empty() {
        return Ok((None, None));
    }
    if to.starts_with('@') {
        let anyone = mailbox(&format!("anyone{to}"))?;
        return Ok((None, anyone.as_str().rsplit('@').next().map(str::to_owned)));
    }
    Ok((Some(mailbox(to)?), None))
}

/// `GET /log`
pub async fn search(State(web): State<Web>, visitor: Visitor, Query(pairs): Query<Pairs>) -> Result<Response, Told> {
    let mut search = Search::read(&pairs);
    let filter = search.filter(&web).await?;
    let (mut entries, mut next, mut problem, mut one_circular) = (Vec::new(), None, None, false);
    match filter {
        Ok(filter) => {
            one_circular = filter.circular.is_some();
            let found = web.desk.ledger.log_page(&filter, PAGE, web.desk.rules.zone).await?;
            next = found.next.map(|after| format!("{}&after={after}", search.query()));
            entries = found.entries.into_iter().map(Line::of).collect();
        }
        Err(words) => problem = Some(words),
    }
    let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let content = Content {
        query: search.query(),
        first: search.after.is_none(),
        states: DeliveryState::ALL.map(DeliveryState::as_str),
        search,
        problem,
        entries,
        next,
        one_circular,
    };
    let mut response = page(&web, Some(&visitor), "log.html", ("Log", "log"), content)?;
    *response.status_mut() = status;
    Ok(response)
}
