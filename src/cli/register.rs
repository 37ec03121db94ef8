//! `list --register`: the register of references, for people.

use std::process::ExitCode;

use super::{Out, args::FormatArgs};
use crate::{
    desk::{Desk, NumberStatus, RegisterEntry, register},
    report::{Cell, Column, Table, Tone},
};

const COLUMNS: [&str; 10] =
    ["series", "year", "number", "up_to", "supplement", "status", "reference", "date", "state", "file"];

pub(super) async fn show_register(desk: &Desk, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    let entries = register(desk).await?;
    out.list(format.into(), &entries, &COLUMNS, || table(&entries))?;
    if entries.is_empty() {
        eprintln!("no reference is in use yet");
    }
    Ok(ExitCode::SUCCESS)
}

fn table(entries: &[RegisterEntry]) -> Table {
    let columns = [
        Column::whole("STATUS"),
        Column::wrapped("SERIES"),
        Column::whole("YEAR"),
        Column::whole("NUMBER"),
        Column::wrapped("REFERENCE"),
        Column::whole("DATE"),
        Column::whole("STATE"),
    ];
    let mut table = Table::new(columns);
    for entry in entries {
        let (word, tone) = match entry.status {
            NumberStatus::Used => ("used", Tone::Good),
            NumberStatus::Taken => ("taken", Tone::Open),
            NumberStatus::Repeated => ("repeated", Tone::Bad),
            NumberStatus::Skipped => ("skipped", Tone::Bad),
        };
        let number = entry.number.map(|number| number.to_string()).unwrap_or_default();
        let number = match entry.up_to {
            Some(last) => format!("{number} to {last}"),
            None => number,
        };
        let reference = entry.reference.as_ref().or(entry.supplement.as_ref());
        table.push([
            Cell::toned(word, tone),
            entry.series.as_str().into(),
            entry.year.map(|year| year.to_string()).unwrap_or_default().into(),
            number.into(),
            reference.map_or("", String::as_str).into(),
            entry.date.clone().unwrap_or_default().into(),
            entry.state.unwrap_or_default().replace('_', " ").into(),
        ]);
    }
    table
}
