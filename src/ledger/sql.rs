//! Questions in plain SQL, read-only.

use sqlx::{AssertSqlSafe, Column, Row, SqlSafeStr, TypeInfo, ValueRef};

use super::{Ledger, LedgerError};

/// The answer to a query: column names, and rows of JSON scalars (blobs as hexadecimal).
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Column names in order.
    pub columns: Vec<String>,
    /// One value per column.
    pub rows: Vec<Vec<serde_json::Value>>,
}

impl Ledger {
    /// Runs one query on a connection that cannot write. Errors are SQLite's own words.
    pub async fn ask(&self, query: &str) -> Result<Answer, LedgerError> {
        let statement = AssertSqlSafe(query.to_owned()).into_sql_str();
        let rows = sqlx::query(statement).fetch_all(&self.readers).await?;
        let columns = rows
            .first()
            .map_or_else(Vec::new, |row| row.columns().iter().map(|column| column.name().to_owned()).collect());
        let rows = rows.iter().map(values).collect::<Result<_, _>>()?;
        Ok(Answer { columns, rows })
    }
}

fn values(row: &sqlx::sqlite::SqliteRow) -> Result<Vec<serde_json::Value>, LedgerError> {
    (0..row.columns().len())
        .map(|index| {
            let raw = row.try_get_raw(index)?;
            if raw.is_null() {
                return Ok(serde_json::Value::Null);
            }
            let kind = raw.type_info().name().to_owned();
            Ok(match kind.as_str() {
                "INTEGER" => row.try_get::<i64, _>(index)?.into(),
                "REAL" => row.try_get::<f64, _>(index)?.into(),
                "BLOB" => {
                    let octets: Vec<u8> = row.try_get(index)?;
                    octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>().into()
                }
                _ => row.try_get::<String, _>(index)?.into(),
            })
        })
        .collect()
}
