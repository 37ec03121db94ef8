//! What the dashboard looks at: circulars page by page, one delivery, and what people did. Pages go on after the last row
//! that was shown, so that the last page costs what the first one does.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use sqlx::{QueryBuilder, Row};

use super::{
    CircularId, CircularRecord, CircularState, DeliveryId, Due, Ledger, LedgerError, LogEntry,
    circulars::{COLUMNS, record},
    due::{DUE, read_due},
    log::{ENTRIES, entry},
    time,
};

/// An order with what came of it.
#[derive(Debug, Clone)]
pub struct PastOrder {
    /// When it was given.
    pub at: DateTime<Utc>,
    /// `hold`, `release`, …
    pub act: String,
    /// Who gave it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What came of it; `None` while nobody has carried it out.
    pub result: Option<String>,
}

/// One addressee of a group in force.
#[derive(Debug, Clone, Serialize)]
pub struct GroupMember {
    /// As first spelled.
    pub address: String,
    /// From the list.
    pub name: Option<String>,
    /// From the list.
    pub organization: Option<String>,
    /// From the list.
    pub country: Option<String>,
    /// In their order.
    pub languages: Vec<String>,
    /// Line of the list.
    pub line: i64,
    /// The list's file.
    pub file: String,
}

impl Ledger {
    /// Circulars, newest first: those with a lower number than `before`, in one of `states` (empty: any).
    pub async fn circulars_page(
        &self,
        states: &[CircularState],
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<CircularRecord>, LedgerError> {
        let mut query = QueryBuilder::new(COLUMNS);
        query.push(" WHERE c.id < ").push_bind(before.unwrap_or(i64::MAX));
        if !states.is_empty() {
            query.push(" AND c.state IN (");
            let mut words = query.separated(", ");
            for state in states {
                words.push_bind(state.as_str());
            }
            query.push(")");
        }
        query.push(" ORDER BY c.id DESC LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(record).collect()
    }

    /// One circular by its number.
    pub async fn circular(&self, id: CircularId) -> Result<Option<CircularRecord>, LedgerError> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE c.id = ?"));
        let row = sqlx::query(sql).bind(id.0).fetch_optional(&self.readers).await?;
        row.as_ref().map(record).transpose()
    }

    /// Circulars of which something is frozen and not yet at its end, and those that came to theirs a moment ago.
    pub async fn circulars_on_their_way(&self) -> Result<Vec<CircularRecord>, LedgerError> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE c.state IN ('sending', 'paused', 'held') \
             OR c.id IN (SELECT id FROM circular WHERE state IN ('completed', 'cancelled') ORDER BY changed_at DESC LIMIT 3) \
             ORDER BY c.id DESC LIMIT 50"
        ));
        let rows = sqlx::query(sql).fetch_all(&self.readers).await?;
        rows.iter().map(record).collect()
    }

    /// One delivery of the log, and the circular that it belongs to.
    pub async fn log_entry(&self, delivery: i64, zone: Tz) -> Result<Option<(CircularId, LogEntry)>, LedgerError> {
        let mut query = QueryBuilder::new(ENTRIES);
        query.push(" AND d.id = ").push_bind(delivery);
        let Some(row) = query.build().fetch_optional(&self.readers).await? else { return Ok(None) };
        let circular: i64 =
            sqlx::query("SELECT i.circular FROM delivery d JOIN issue i ON i.id = d.issue WHERE d.id = ?")
                .bind(delivery)
                .fetch_one(&self.readers)
                .await?
                .try_get(0)?;
        Ok(Some((CircularId(circular), entry(&row, zone)?)))
    }

    /// One delivery as it was frozen, for composing it anew, and the circular that it belongs to.
    pub async fn frozen_delivery(&self, delivery: DeliveryId) -> Result<Option<(CircularId, Due)>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT i.circular, {DUE} FROM delivery d JOIN issue i ON i.id = d.issue WHERE d.id = ? AND i.state = 'frozen'",
        )))
        .bind(delivery.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let circular = CircularId(row.try_get(0)?);
        Ok(read_due(row.try_get(1)?)?.pop().map(|due| (circular, due)))
    }

    /// Addressees of a group in force, at most `limit` after a row, and the row after which the next page begins.
    pub async fn group_page(
        &self,
        group: &str,
        after: Option<i64>,
        limit: u32,
    ) -> Result<(Vec<GroupMember>, Option<i64>), LedgerError> {
        let rows = sqlx::query(
            "SELECT m.id, m.address, m.name, m.organization, m.country, m.languages, m.line, v.file FROM member m \
             JOIN group_version v ON v.id = m.version WHERE m.group_name = ?1 AND v.state = 'accepted' AND m.id > ?2 \
             ORDER BY m.id LIMIT ?3",
        )
        .bind(group)
        .bind(after.unwrap_or(0))
        .bind(i64::from(limit) + 1)
        .fetch_all(&self.readers)
        .await?;
        let shown = rows.len().min(limit as usize);
        let after = match rows.get(shown) {
            Some(_) => rows[..shown].last().map(|row| row.try_get("id")).transpose()?,
            None => None,
        };
        let members = rows[..shown].iter().map(|row| {
            Ok(GroupMember {
                address: row.try_get("address")?,
                name: row.try_get("name")?,
                organization: row.try_get("organization")?,
                country: row.try_get("country")?,
                languages: serde_json::from_str(row.try_get("languages")?).unwrap_or_default(),
                line: row.try_get("line")?,
                file: row.try_get("file")?,
            })
        });
        Ok((members.collect::<Result<_, LedgerError>>()?, after))
    }

    /// What people ordered on a circular, newest first.
    pub async fn orders_of(&self, circular: CircularId, limit: u32) -> Result<Vec<PastOrder>, LedgerError> {
        let rows = sqlx::query(
            "SELECT at, act, by, reason, iif(done_at IS NULL, NULL, result) AS result FROM orders WHERE circular = ? \
             ORDER BY id DESC LIMIT ?",
        )
        .bind(circular.0)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(PastOrder {
                    at: time(row.try_get("at")?),
                    act: row.try_get("act")?,
                    by: row.try_get("by")?,
                    reason: row.try_get("reason")?,
                    result: row.try_get("result")?,
                })
            })
            .collect()
    }
}
