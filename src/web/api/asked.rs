//! What a query asks, read by its table of parameters: nothing is guessed, nothing is passed over.

use std::str::FromStr;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use chrono::{DateTime, NaiveDate, Utc};

use super::parameters::{Kind, MOST, MOST_RUNS, Parameter, USUAL, USUAL_RUNS};
use crate::{
    addressees::{Address, Mailbox},
    circular::nearest,
    desk::point_in_time,
    web::{Web, told::Told},
};

/// Nothing that is asked is passed over, on routes without parameters neither. What watches the daemon may say what it likes.
pub async fn known_query(
    State(known): State<&'static [Parameter]>,
    request: Request,
    next: Next,
) -> Result<Response, Told> {
    let uri = request.uri();
    if uri.path().starts_with("/api/") {
        Asked::read(known, uri.query())?;
    }
    Ok(next.run(request).await)
}

/// A query whose names are known, each given once.
#[derive(Debug, Clone)]
pub struct Asked(Vec<(&'static Parameter, String)>);

impl Asked {
    /// Reads the query of an address.
    pub fn read(known: &'static [Parameter], query: Option<&str>) -> Result<Self, Told> {
        let mut asked: Vec<(&'static Parameter, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let Some(parameter) = known.iter().find(|parameter| parameter.name == name) else {
                let near = nearest(&name, known.iter().map(|parameter| parameter.name));
                let remedy = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
                return Err(Told::unclear(format!("there is no parameter \"{name}\" here{remedy}")));
            };
            if asked.iter().any(|(before, _)| before.name == parameter.name) {
                return Err(Told::unclear(format!("\"{name}\" is given twice")));
            }
            if value.chars().all(|c| c.is_whitespace() || c.is_control()) {
                return Err(Told::unclear(format!("\"{name}\" is empty; leave it out, or say what is asked")));
            }
            asked.push((parameter, value.into_owned()));
        }
        Ok(Self(asked))
    }

    fn of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(parameter, _)| parameter.name == name).map(|(_, value)| value.as_str())
    }

    /// Words.
    pub fn text(&self, name: &str) -> Result<Option<String>, Told> {
        let Some(text) = self.of(name) else { return Ok(None) };
        if text.chars().count() > 200 {
            return Err(Told::unclear(format!("\"{name}\" is longer than 200 characters")));
        }
        Ok(Some(text.trim().to_owned()))
    }

    /// How many items a page has.
    pub fn limit(&self) -> Result<u32, Told> {
        self.count(USUAL, MOST)
    }

    /// How many runs of each kind.
    pub fn runs(&self) -> Result<usize, Told> {
        Ok(self.count(USUAL_RUNS, MOST_RUNS)? as usize)
    }

    fn count(&self, usual: u32, most: u32) -> Result<u32, Told> {
        let Some(text) = self.of("limit") else { return Ok(usual) };
        let found = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        found.ok_or_else(|| Told::unclear(format!("limit: \"{text}\" is not a whole number from 1 to {most}")))
    }

    /// Where the page begins.
    pub fn after(&self) -> Result<Option<i64>, Told> {
        let Some((parameter, text)) = self.0.iter().find(|(parameter, _)| parameter.name == "after") else {
            return Ok(None);
        };
        let Kind::Place(letter) = parameter.kind else { return Ok(None) };
        let digits = text.trim().strip_prefix(letter).filter(|digits| {
            (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        });
        let found = digits.and_then(|digits| i64::from_str_radix(digits, 16).ok());
        let wrong = || Told::unclear(format!("after: \"{text}\" is no place here; give `next` of the page before"));
        found.map(Some).ok_or_else(wrong)
    }

    /// Words by commas, each read.
    pub fn words<T>(&self, name: &str) -> Result<Vec<T>, Told>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let words = self.of(name).into_iter().flat_map(|words| words.split(','));
        words.map(|word| word.trim().parse().map_err(|error| Told::unclear(format!("{name}: {error}")))).collect()
    }

    /// A mailbox.
    pub fn mailbox(&self, name: &str) -> Result<Option<Mailbox>, Told> {
        self.of(name).map(mailbox).transpose()
    }

    /// A date (its first instant in the house's zone), or RFC 3339.
    pub fn time(&self, name: &str, web: &Web) -> Result<Option<DateTime<Utc>>, Told> {
        let Some(text) = self.of(name) else { return Ok(None) };
        let is_date = || text.parse::<NaiveDate>().is_ok();
        if DateTime::parse_from_rfc3339(text).is_ok() || is_date() {
            return point_in_time(web.desk.rules.zone, text).map(Some).map_err(Told::unclear);
        }
        let words = format!("{name}: \"{text}\" is not a time; write 2026-12-07 or 2026-12-07T09:00:00+01:00");
        Err(Told::unclear(words))
    }
}

/// Where a page ends, as the next one is asked for.
pub fn place(letter: char, row: Option<i64>) -> Option<String> {
    row.map(|row| format!("{letter}{row:x}"))
}

/// A row number in a path.
pub fn number(text: &str) -> Result<i64, Told> {
    let found = text.parse().ok().filter(|number: &i64| *number > 0 && text.bytes().all(|b| b.is_ascii_digit()));
    found.ok_or_else(|| Told::unclear(format!("\"{text}\" is not the number of anything; numbers stand in the lists")))
}

/// An address in a path, a query or a body.
pub fn address(text: &str) -> Result<Address, Told> {
    Address::parse(text.trim()).map_err(|error| Told::unclear(error.to_string()))
}

/// Its mailbox.
pub fn mailbox(text: &str) -> Result<Mailbox, Told> {
    address(text).map(|address| address.mailbox())
}
