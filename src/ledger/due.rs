//! A delivery with all that its message is composed from, as the ledger gives it: one JSON text for a whole page of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{Row, sqlite::SqliteRow};

use super::{DeliveryId, IssueId, LedgerError, queue::decode_state, time};
use crate::{circular::Language, compose::Role, delivery::State};

/// A delivery that may be attempted.
#[derive(Debug, Clone)]
pub struct Due {
    /// Row number.
    pub id: DeliveryId,
    /// Its issue.
    pub issue: IssueId,
    /// As first spelled.
    pub address: String,
    /// Addressee, or for information.
    pub role: Role,
    /// Which part it gets.
    pub language: Language,
    /// The name in the To header: an office's copy does not bear the office's.
    pub name: Option<String>,
    /// Merge fields: all columns that are not empty.
    pub fields: BTreeMap<String, String>,
    /// The Message-IDs that it follows; the last is the one it answers to.
    pub thread: Option<String>,
    /// `queued`, `deferred` or `in_doubt`.
    pub state: State,
    /// Attempts so far, killed ones too.
    pub attempts: u32,
    /// Those that the retry table counts.
    pub charged: u32,
    /// Those that ended in doubt.
    pub doubts: u32,
    /// The relay of the last attempt.
    pub relay: Option<String>,
    /// SHA-256 of the octets of the last attempt.
    pub sha256: Option<[u8; 32]>,
    /// The first attempt that was charged.
    pub first_charged_at: Option<DateTime<Utc>>,
    /// Refused like others and put back; a person has let it go on since.
    pub put_back: bool,
    /// The time it has waited for; of a queued one: its domain's slot.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// The columns of a delivery `d` as one JSON array, in the order of [`Columns`]: a million of them are read one page at a time,
/// and a page of texts costs a fraction of a page of rows.
pub(super) const DUE: &str = "json_array(d.id, d.issue, d.address, d.role, d.name, d.organization, d.country, d.language, \
     json(d.fields), d.state, d.attempts, d.charged, d.doubts, d.relay, hex(d.sha256), d.first_charged_at, d.put_back, \
     d.next_attempt_at, d.thread)";

/// What [`DUE`] gives, in its order. Times in milliseconds since 1970.
#[derive(Deserialize)]
struct Columns<'a> {
    id: i64,
    issue: i64,
    address: String,
    role: &'a str,
    name: Option<String>,
    organization: Option<String>,
    country: Option<String>,
    language: &'a str,
    fields: BTreeMap<String, Option<String>>,
    state: &'a str,
    attempts: u32,
    charged: u32,
    doubts: u32,
    relay: Option<String>,
    /// In hexadecimal; empty where there is none.
    sha256: &'a str,
    first_charged_at: Option<i64>,
    put_back: u8,
    next_attempt_at: Option<i64>,
    thread: Option<String>,
}

/// Deliveries, by row number, from texts as [`DUE`] gives them, parted by commas; `None` is none.
pub(super) fn read_due(page: Option<String>) -> Result<Vec<Due>, LedgerError> {
    let Some(page) = page else { return Ok(Vec::new()) };
    let page = format!("[{page}]");
    let rows: Vec<Columns<'_>> = serde_json::from_str(&page)
        .map_err(|error| LedgerError::Unreadable { what: "delivery", found: error.to_string() })?;
    let mut page = rows.into_iter().map(due).collect::<Result<Vec<_>, _>>()?;
    page.sort_by_key(|due| due.id);
    Ok(page)
}

fn due(row: Columns<'_>) -> Result<Due, LedgerError> {
    let columns = [("name", row.name.clone()), ("organization", row.organization), ("country", row.country)];
    Ok(Due {
        id: DeliveryId(row.id),
        issue: IssueId(row.issue),
        role: match row.role {
            "copy" => Role::Copy,
            _ => Role::To,
        },
        language: row
            .language
            .parse()
            .map_err(|_| LedgerError::Unreadable { what: "delivery.language", found: row.language.to_owned() })?,
        name: row.name,
        fields: merged(row.fields, columns, &row.address),
        address: row.address,
        thread: row.thread,
        state: decode_state(row.state)?,
        attempts: row.attempts,
        charged: row.charged,
        doubts: row.doubts,
        relay: row.relay,
        sha256: octets(row.sha256),
        first_charged_at: row.first_charged_at.map(time),
        put_back: row.put_back != 0,
        next_attempt_at: row.next_attempt_at.map(time),
    })
}

/// 32 octets from hexadecimal digits.
fn octets(hex: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    let digits = hex.as_bytes().chunks_exact(2);
    if hex.len() != 2 * octets.len() {
        return None;
    }
    for (octet, pair) in octets.iter_mut().zip(digits) {
        *octet = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(octets)
}

fn merged(
    fields: BTreeMap<String, Option<String>>,
    columns: [(&str, Option<String>); 3],
    address: &str,
) -> BTreeMap<String, String> {
    let mut merged: BTreeMap<String, String> =
        fields.into_iter().filter_map(|(column, value)| Some((column, value?))).collect();
    merged.extend(columns.into_iter().filter_map(|(field, value)| Some((field.to_owned(), value?))));
    merged.insert("email".to_owned(), address.to_owned());
    merged
}

/// The merge fields of a delivery's row: all columns that are not empty.
pub(super) fn frozen_fields(row: &SqliteRow) -> Result<BTreeMap<String, String>, LedgerError> {
    let fields: String = row.try_get("fields")?;
    let fields: BTreeMap<String, Option<String>> = serde_json::from_str(&fields)
        .map_err(|_| LedgerError::Unreadable { what: "delivery.fields", found: fields })?;
    let columns = [
        ("name", row.try_get("name")?),
        ("organization", row.try_get("organization")?),
        ("country", row.try_get("country")?),
    ];
    Ok(merged(fields, columns, row.try_get("address")?))
}
