//! Which values the log's fields have, for whoever asked for one that there is not.

use sqlx::Row;

use super::{CircularId, Ledger, LedgerError, stretch::LENGTH};

/// A field of the log that people filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogField {
    /// A group, by name.
    Group,
    /// As the list writes it.
    Country,
    /// By code.
    Language,
    /// The relay of an attempt, by name.
    Relay,
}

impl LogField {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            LogField::Group => "group",
            LogField::Country => "country",
            LogField::Language => "language",
            LogField::Relay => "relay",
        }
    }
}

impl Ledger {
    /// The values a field has in one circular, or in all, in order. Relays may be some more.
    pub async fn log_values(&self, field: LogField, circular: Option<CircularId>) -> Result<Vec<String>, LedgerError> {
        const OF: &str = "FROM tally t JOIN issue i ON i.id = t.issue";
        const FROZEN: &str = "i.state = 'frozen' AND (?1 IS NULL OR i.circular = ?1)";
        let sql = match field {
            LogField::Group => {
                format!("SELECT DISTINCT g.value {OF} JOIN json_each(t.groups) g WHERE {FROZEN} ORDER BY 1")
            }
            LogField::Country => {
                format!("SELECT DISTINCT t.country {OF} WHERE {FROZEN} AND t.country <> '' ORDER BY 1")
            }
            LogField::Language => format!("SELECT DISTINCT t.language {OF} WHERE {FROZEN} ORDER BY 1"),
            LogField::Relay => format!(
                "SELECT DISTINCT s.relay FROM issue i JOIN stretch s ON s.number BETWEEN i.first_delivery / {LENGTH} AND \
                 i.last_delivery / {LENGTH} WHERE {FROZEN} AND s.relay <> '' ORDER BY 1"
            ),
        };
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(circular.map(|circular| circular.0))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
