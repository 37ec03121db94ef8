//! `schedule`: the next runs, with zone and offset.

use std::process::ExitCode;

use super::{Out, args::FormatArgs};
use crate::{
    desk::{Desk, timetable},
    report::{Cell, Column, Table, Tone},
};

const COLUMNS: [&str; 5] = ["at", "what", "reference", "state", "note"];

pub(super) async fn schedule(desk: &Desk, format: FormatArgs, limit: usize, out: &Out) -> anyhow::Result<ExitCode> {
    let rows = timetable(desk, limit).await?;
    let table = || {
        let mut table = Table::new([
            Column::whole("WHEN"),
            Column::whole("WHAT"),
            Column::wrapped("CIRCULAR"),
            Column::wrapped("NOTE"),
        ]);
        for row in &rows {
            let state =
                row.state.filter(|state| *state != "ready").map(|state| format!(" ({})", state.replace('_', " ")));
            let circular = format!("{}{}", row.reference.as_deref().unwrap_or_default(), state.unwrap_or_default());
            let note = Cell::toned(row.note.as_deref().unwrap_or_default(), Tone::Open);
            table.push([Cell::from(row.shown.as_str()), row.what.into(), circular.into(), note]);
        }
        table
    };
    out.list(format.into(), &rows, &COLUMNS, table)?;
    if rows.is_empty() {
        eprintln!("nothing is scheduled: letters go out as soon as they are ready");
    }
    Ok(ExitCode::SUCCESS)
}
