//! `sql`: questions in plain SQL, read-only.

use std::{io::Write, process::ExitCode};

use serde_json::{Map, Value};

use super::{Out, Refused, args::FormatArgs};
use crate::{
    desk::Desk,
    report::{Column, CsvRows, Format, Table},
};

pub(super) async fn sql(desk: &Desk, query: &str, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    if query.trim().is_empty() {
        return Err(Refused(
            "the query is empty; ask for instance: SELECT state, count(*) FROM delivery_log GROUP BY state".to_owned(),
        )
        .into());
    }
    let answer = desk.ledger.ask(query).await.map_err(|error| {
        Refused(format!(
            "{error}; the views are delivery_log, attempt_log, circular_log, annex_log, group_members \
             and event_log"
        ))
    })?;
    let stdout = std::io::stdout();
    match format.into() {
        Format::Table => {
            let mut table = Table::new(answer.columns.iter().map(|column| Column::wrapped(column.as_str())));
            for row in &answer.rows {
                table.push(row.iter().map(crate::report::flat));
            }
            out.table(&table)?;
        }
        // written by hand, so that columns keep the query's order
        Format::Json => {
            let objects: Vec<Map<String, Value>> =
                answer.rows.into_iter().map(|row| answer.columns.iter().cloned().zip(row).collect()).collect();
            out.list(Format::Json, &objects, &[], Table::default)?;
        }
        Format::Csv => {
            let mut csv = CsvRows::begin(stdout.lock(), &answer.columns)?;
            for row in &answer.rows {
                csv.push(row.iter().map(crate::report::flat))?;
            }
            csv.finish()?;
            stdout.lock().flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
