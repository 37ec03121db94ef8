//! The log to take away. Rows are read page by page as they go out, so that a million need no memory; a workbook is written
//! into a file without a name first, since its parts end before they begin.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    super::{Web, pieces::pieces, told::Told},
    log::{Pairs, Search},
};
use crate::{
    ledger::{LOG_COLUMNS, LedgerError, LogEntry, LogFilter},
    report::{CsvRows, Workbook, flat},
};

/// Entries read at a time.
const PAGE: u32 = 1_000;

/// What an export needs until it ends.
struct Rows {
    web: Web,
    filter: LogFilter,
    attempts: bool,
    begun: bool,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

impl Rows {
    async fn of(web: Web, pairs: &Pairs) -> Result<Self, Told> {
        let mut search = Search::read(pairs);
        let filter = search.filter(&web).await?.map_err(Told::unclear)?;
        let busy =
            |_| Told::new(StatusCode::SERVICE_UNAVAILABLE, "other exports are being written; try again in a minute");
        let place = Arc::clone(&web.exports).try_acquire_owned().map_err(busy)?;
        Ok(Self { web, filter, attempts: search.attempts, begun: false, ended: false, _place: place })
    }

    fn columns(&self) -> Vec<&'static str> {
        LOG_COLUMNS.into_iter().chain(self.attempts.then_some("history")).collect()
    }

    /// The next entries; empty at the end.
    async fn next(&mut self) -> Result<Vec<LogEntry>, LedgerError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let (ledger, zone) = (&self.web.desk.ledger, self.web.desk.rules.zone);
        let mut page = ledger.log_page(&self.filter, PAGE, zone).await?;
        if self.attempts {
            ledger.add_history(&mut page.entries, zone).await?;
        }
        self.filter.after = page.next;
        self.ended = page.next.is_none();
        Ok(page.entries)
    }
}

/// A page of rows as octets; `None` at the end.
type Written = Result<Option<Vec<u8>>, std::io::Error>;

fn as_csv(rows: &Rows, entries: &[LogEntry]) -> Written {
    if rows.begun && entries.is_empty() {
        return Ok(None);
    }
    let (columns, mut out) = (rows.columns(), Vec::new());
    let mut csv = if rows.begun { CsvRows::resume(&mut out) } else { CsvRows::begin(&mut out, &columns)? };
    for entry in entries {
        let value = serde_json::to_value(entry)?;
        csv.push(columns.iter().map(|column| flat(&value[*column])))?;
    }
    csv.finish()?;
    Ok(Some(out))
}

fn as_json(rows: &Rows, entries: &[LogEntry]) -> Written {
    let mut out = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        out.extend_from_slice(if rows.begun || index > 0 { b",\n" } else { b"[\n" });
        serde_json::to_writer(&mut out, entry)?;
    }
    match (rows.begun, entries.is_empty(), rows.ended) {
        (true, true, _) => return Ok(None),
        (false, true, _) => out.extend_from_slice(b"[]\n"),
        (_, false, true) => out.extend_from_slice(b"\n]\n"),
        (_, false, false) => {}
    }
    Ok(Some(out))
}

/// `GET /log.csv`
pub async fn csv(State(web): State<Web>, Query(pairs): Query<Pairs>) -> Result<Response, Told> {
    let rows = Rows::of(web, &pairs).await?;
    Ok(streamed(rows, as_csv, "text/csv; charset=utf-8", "log.csv"))
}

/// `GET /log.json`
pub async fn json(State(web): State<Web>, Query(pairs): Query<Pairs>) -> Result<Response, Told> {
    let rows = Rows::of(web, &pairs).await?;
    Ok(streamed(rows, as_json, "application/json", "log.json"))
}

/// An error on the way breaks the connection off: half a log does not look like a whole one.
fn streamed(rows: Rows, write: fn(&Rows, &[LogEntry]) -> Written, kind: &'static str, name: &str) -> Response {
    let pages = stream::try_unfold(rows, move |mut rows| async move {
        let entries = rows.next().await.map_err(std::io::Error::other)?;
        let written = write(&rows, &entries)?;
        rows.begun = true;
        Ok::<_, std::io::Error>(written.map(|octets| (Bytes::from(octets), rows)))
    });
    download(Body::from_stream(pages), kind, name)
}

fn download(body: Body, kind: &'static str, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// `GET /log.xlsx`
pub async fn xlsx(State(web): State<Web>, Query(pairs): Query<Pairs>) -> Result<Response, Told> {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let mut rows = Rows::of(web, &pairs).await?;
    let columns = rows.columns();
    let mut workbook = Workbook::begin(std::io::BufWriter::new(tempfile::tempfile()?), &columns)?;
    loop {
        let entries = rows.next().await?;
        for entry in &entries {
            let value = serde_json::to_value(entry).map_err(std::io::Error::from)?;
            let cells: Vec<&Value> = columns.iter().map(|column| &value[*column]).collect();
            workbook.push(&cells)?;
        }
        if entries.is_empty() {
            break;
        }
    }
    let file = workbook.finish()?.into_inner().map_err(|error| std::io::Error::from(error.error().kind()))?;
    Ok(download(pieces(file, rows)?, KIND, "log.xlsx"))
}
