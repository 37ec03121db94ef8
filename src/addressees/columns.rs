//! The header row: which column is which.
//!
//! Known columns are recognised by the names of `columns.toml` in six languages; every other header is a merge field.
//! Refuses a header without an e-mail column, and two columns that mean the same.

use std::{collections::HashMap, fmt, sync::LazyLock};

use serde::Deserialize;

use super::{
    address::shown,
    cell::trimmed,
    label::{folded, nearest},
};
use crate::circular::Problem;

/// A column that the program itself reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Known {
    Email,
    Name,
    Title,
    Salutation,
    Organization,
    Country,
    Region,
    Language,
    CopyTo,
    ValidFrom,
    ValidUntil,
    TimeZone,
    Group,
}

impl Known {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Known::Email => "email",
            Known::Name => "name",
            Known::Title => "title",
            Known::Salutation => "salutation",
            Known::Organization => "organization",
            Known::Country => "country",
            Known::Region => "region",
            Known::Language => "language",
            Known::CopyTo => "copy_to",
            Known::ValidFrom => "valid_from",
            Known::ValidUntil => "valid_until",
            Known::TimeZone => "time_zone",
            Known::Group => "group",
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// One that the program reads.
    Known(Known),
    /// A merge field, by its name in letters.
    Field(String),
    /// No header; its cells must be empty.
    Unnamed,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Column::Known(known) => known.name(),
            Column::Field(name) => name,
            Column::Unnamed => "",
        })
    }
}

#[derive(Deserialize)]
struct Variants {
    names: Vec<String>,
}

/// Empty only if `columns.toml` were broken, which a test excludes.
static NAMES: LazyLock<HashMap<String, Known>> = LazyLock::new(|| {
    let file: HashMap<Known, Variants> = toml::from_str(include_str!("columns.toml")).unwrap_or_default();
    file.into_iter().flat_map(|(known, v)| v.names.into_iter().map(move |name| (squeezed(&name), known))).collect()
});

fn squeezed(header: &str) -> String {
    folded(header).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What one header cell, or a column named in `groups.toml`, means.
pub(super) fn column(header: &str) -> Column {
    let header = trimmed(header);
    if let Some(known) = NAMES.get(&squeezed(header)) {
        return Column::Known(*known);
    }
    match field_name(header) {
        // "№", "#": the rows are numbered
        name if name.is_empty() && matches!(header, "№" | "#" | "N°" | "Nº" | "№№") => {
            Column::Field("number".to_owned())
        }
        name if name.is_empty() => Column::Unnamed,
        name => Column::Field(name),
    }
}

/// `Study group (ITU-T)` is `study_group_itu_t` in a letter: lower case, all but letters and digits are `_`.
fn field_name(header: &str) -> String {
    let mut name = String::new();
    for c in header.to_lowercase().chars() {
        match c {
            c if c.is_alphanumeric() => name.push(c),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    name.truncate(name.trim_end_matches('_').len());
    if name.starts_with(|c: char| c.is_numeric()) {
        name.insert(0, '_');
    }
    name
}

/// Reads the header row that stands on `line`.
pub(super) fn header(cells: &[&str], line: u32) -> Result<Vec<Column>, Vec<Problem>> {
    let columns: Vec<Column> = cells.iter().map(|cell| column(cell)).collect();
    let mut problems = Vec::new();
    for (later, column) in columns.iter().enumerate().filter(|(_, c)| **c != Column::Unnamed) {
        // "E-mail 1" and "E-mail 2": each holds addresses of the row.
        if *column == Column::Known(Known::Email) {
            continue;
        }
        if let Some(earlier) = columns[..later].iter().position(|other| other == column) {
            problems.push(Problem::error(line, twice(cells, earlier, later, column)));
        }
    }
    if !columns.contains(&Column::Known(Known::Email)) {
        problems.push(Problem::error(line, without_email(cells)));
    }
    if problems.is_empty() { Ok(columns) } else { Err(problems) }
}

fn twice(cells: &[&str], earlier: usize, later: usize, column: &Column) -> String {
    format!(
        "columns {} (\"{}\") and {} (\"{}\") are both {column}; rename or delete one of them",
        earlier + 1,
        shown(trimmed(cells[earlier])),
        later + 1,
        shown(trimmed(cells[later])),
    )
}

/// What is told where several columns hold addresses.
pub(super) fn several(cells: &[&str], columns: &[Column], line: u32) -> Option<Problem> {
    let email = |(_, column): &(&&str, &Column)| **column == Column::Known(Known::Email);
    let named: Vec<String> = cells.iter().zip(columns).filter(email).map(|(cell, _)| shown(trimmed(cell))).collect();
    let message = || format!("the addresses of a row stand in {} columns: {}", named.len(), named.join(", "));
    (named.len() > 1).then(|| Problem::note(line, message()))
}

fn without_email(cells: &[&str]) -> String {
    let found: Vec<String> = cells.iter().map(|cell| shown(trimmed(cell))).filter(|cell| !cell.is_empty()).collect();
    let listed = found.iter().take(20).map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(", ");
    if found.iter().any(|cell| cell.contains('@')) {
        return format!(
            "the first row must name the columns, and here it holds an address: {listed}; add a header row"
        );
    }
    let names = || NAMES.iter().filter(|(_, known)| **known == Known::Email).map(|(name, _)| name.as_str());
    let near = found.iter().find(|cell| nearest(&squeezed(cell), names()).is_some());
    match near {
        Some(cell) => format!("no column is called email; found {listed}; is \"{cell}\" meant for email?"),
        None => format!(
            "no column is called email; found {listed}; the first row must name the columns, email, name, country and so on"
        ),
    }
}
