//! `sql`: one question in plain SQL, read-only.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    process::ExitCode,
};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::{Out, Refused, args::FormatArgs};
use crate::{
    desk::Desk,
    report::{Column, CsvRows, Format, Table},
};

const FOR_INSTANCE: &str = "SELECT state, count(*) FROM delivery_log GROUP BY state";
const VIEWS: &str = "delivery_log, attempt_log, circular_log, annex_log, group_members and event_log";

pub(super) async fn sql(desk: &Desk, query: &str, format: FormatArgs, out: &Out) -> anyhow::Result<ExitCode> {
    if let Some(fault) = fault(query) {
        return Err(Refused(format!("{fault}; ask for instance: {FOR_INSTANCE}")).into());
    }
    let answer = desk.ledger.ask(query).await.map_err(|error| Refused(format!("{error}; the views are {VIEWS}")))?;
    match format.into() {
        Format::Table => {
            let mut table = Table::new(answer.columns.iter().map(|column| Column::wrapped(column.as_str())));
            for row in &answer.rows {
                table.push(row.iter().map(crate::report::flat));
            }
            out.table(&table)?;
        }
        Format::Json => {
            let mut seen = BTreeSet::new();
            if let Some(twice) = answer.columns.iter().find(|column| !seen.insert(*column)) {
                let words = format!("two columns are called \"{twice}\"; an object has one: name the other with AS");
                return Err(Refused(words).into());
            }
            let objects: Vec<Object> =
                answer.rows.iter().map(|values| Object { names: &answer.columns, values }).collect();
            out.list(Format::Json, &objects, &[], Table::default)?;
        }
        Format::Csv => {
            let mut lines = Vec::new();
            let mut csv = CsvRows::begin(&mut lines, &answer.columns)?;
            for row in &answer.rows {
                csv.push(row.iter().map(crate::report::flat))?;
            }
            csv.finish()?;
            out.octets(&lines)?;
            io::stdout().lock().flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One row, its members in the query's order.
struct Object<'a> {
    names: &'a [String],
    values: &'a [Value],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.names.len()))?;
        for (name, value) in self.names.iter().zip(self.values) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Why this is no question that `sql` answers: the ledger is never written by it, and one answer has one heading.
fn fault(query: &str) -> Option<&'static str> {
    let bare = without_remarks(query);
    let mut statements = bare.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    let Some(first) = statements.next() else { return Some("the query is empty") };
    let verb = first.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(verb.as_str(), "select" | "with" | "values" | "explain") {
        return Some("`sql` only reads; write one SELECT");
    }
    let words = || first.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').map(str::to_ascii_lowercase);
    let writes = |word: String| matches!(word.as_str(), "insert" | "update" | "delete");
    if verb == "with" && words().any(writes) {
        return Some("`sql` only reads; write one SELECT");
    }
    statements.next().map(|_| "there is a second statement behind the first; write one SELECT at a time")
}

/// The query with remarks as blanks, and what stands in quotation marks as `?`: neither says what it does.
fn without_remarks(query: &str) -> String {
    let (mut bare, mut rest) = (String::new(), query);
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '-' if rest.starts_with("--") => Some("\n"),
            '/' if rest.starts_with("/*") => Some("*/"),
            '\'' => Some("'"),
            '"' => Some("\""),
            '`' => Some("`"),
            '[' => Some("]"),
            _ => None,
        };
        let Some(end) = end else {
            bare.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        bare.push(if matches!(first, '-' | '/') { ' ' } else { '?' });
        let begun = if first == '/' { 2 } else { 1 };
        rest = rest[begun..].find(end).map_or("", |at| &rest[begun + at + end.len()..]);
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_one_statement_that_reads() {
        for query in [
            "select 1",
            "SELECT 1;",
            " -- who\n select ';' as \"a;b\" /* ; delete */ ;; ",
            "with x as (select 1) select * from x",
            "values (1)",
            "explain query plan select 1",
            "select 'it''s; fine', [a;b], `c;d` from x -- delete",
            "with x as (select 'delete' as word) select * from x",
            "select replace('a', 'b', 'c')",
        ] {
            assert_eq!(fault(query), None, "{query}");
        }
        for (query, says) in [
            ("", "empty"),
            (" ; -- nothing", "empty"),
            ("delete from circular", "only reads"),
            ("pragma journal_mode=delete", "only reads"),
            ("attach 'x.db' as x", "only reads"),
            ("with x as (select 1) delete from circular", "only reads"),
            ("select 1; select 2", "a second statement"),
            ("select 1 /* ; */ ; drop table circular", "a second statement"),
        ] {
            assert!(fault(query).is_some_and(|fault| fault.contains(says)), "{query}: {:?}", fault(query));
        }
    }

    #[test]
    fn a_row_keeps_the_order_in_which_it_was_asked_for() {
        let (names, values) = (["b".to_owned(), "a".to_owned()], [Value::from(1), Value::from(2)]);
        let row = Object { names: &names, values: &values };
        assert_eq!(serde_json::to_string(&row).expect("JSON"), r#"{"b":1,"a":2}"#);
    }
}
