//! `log --follow`: attempts as they end, until the reader interrupts or goes.
//!
//! Attempts are appended in the ledger, so nothing is shown twice and nothing is missed; acts of people (a hold, a
//! cancellation) are no attempts and stand in `event_log`.

use std::{
    io::{self, Stdout, Write},
    process::ExitCode,
    time::Duration,
};

use super::clock;
use crate::{
    desk::Desk,
    ledger::{LOG_COLUMNS, LogEntry, LogFilter},
    report::{CsvRows, Format, flat, one_line},
};

/// The ledger follows the wire in about a tenth of a second; people read no faster than this.
const LOOK: Duration = Duration::from_millis(300);

pub(super) async fn follow(desk: &Desk, filter: &LogFilter, format: Format) -> anyhow::Result<ExitCode> {
    let mut last = desk.ledger.last_attempt().await?;
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let mut lines = Lines::begin(format)?;
    eprintln!("following; interrupt to end");
    loop {
        let found = desk.ledger.attempts_after(last, filter, desk.rules.zone).await?;
        for (number, entry) in &found {
            last = *number;
            match lines.write(entry) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
                other => other?,
            }
        }
        if found.is_empty() {
            tokio::select! {
                heard = &mut interrupted => return Ok(heard.map(|()| ExitCode::SUCCESS)?),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

/// One line for each attempt, at once.
enum Lines {
    Text(Stdout),
    Json(Stdout),
    Csv(Box<CsvRows<Stdout>>),
}

impl Lines {
    fn begin(format: Format) -> io::Result<Self> {
        Ok(match format {
            Format::Table => Self::Text(io::stdout()),
            Format::Json => Self::Json(io::stdout()),
            Format::Csv => {
                let mut csv = CsvRows::begin(io::stdout(), LOG_COLUMNS)?;
                csv.flush()?;
                Self::Csv(Box::new(csv))
            }
        })
    }

    fn write(&mut self, entry: &LogEntry) -> io::Result<()> {
        match self {
            Self::Text(out) => {
                writeln!(out, "{}", line(entry))?;
                out.flush()
            }
            Self::Json(out) => {
                let mut line = serde_json::to_vec(entry)?;
                line.push(b'\n');
                out.write_all(&line)?;
                out.flush()
            }
            Self::Csv(csv) => {
                let value = serde_json::to_value(entry)?;
                csv.push(LOG_COLUMNS.map(|column| flat(&value[column])))?;
                csv.flush()
            }
        }
    }
}

/// For people: no table, because nobody knows how wide the next address is.
fn line(entry: &LogEntry) -> String {
    let at = entry.accepted_at.or(entry.last_attempt_at).unwrap_or(entry.queued_at);
    let code = entry.code.map(|code| format!("{code} ")).unwrap_or_default();
    let state = entry.state.replace('_', " ");
    let reply = entry.reply.as_deref().unwrap_or_default();
    one_line(&format!("{}  {state:10}  {}  {code}{reply}", clock(&at), entry.address))
}
