//! Messages of the house to its own people: planned, begun, ended, each in a small transaction.
//!
//! What a message says is settled when it begins, not before: what waits for a relay is told as it then stands. From its
//! beginning on the ledger has its octets; if the daemon is killed before the answer comes it is in doubt, is tried once
//! more with the same octets and Message-ID, and is marked as a possible duplicate.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Row, sqlite::SqliteRow};

use super::{Ledger, LedgerError, alerts::kind_of, queue::decode_state, time};
use crate::{
    alerts::{AlertSettings, BATCH, Kind, LONGEST_BATCH, Owner, Say, Told},
    delivery::State,
};

mod progress;

pub use progress::{NoticeBegin, NoticeEnd};

use progress::conclude;

/// Row number of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeId(pub i64);

/// A message that may be tried now.
#[derive(Debug, Clone)]
pub struct DueNotice {
    /// Row number.
    pub id: NoticeId,
    /// To whom.
    pub recipient: String,
    /// The alert row of the report it is.
    pub report: Option<i64>,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was planned: the give-up time counts from here.
    pub created_at: DateTime<Utc>,
    /// In doubt: its Message-ID and octets, to be sent again as they are.
    pub again: Option<Vec<u8>>,
}

/// Alerts that a reader has not been told of as they stand. An alert that was never told and is over is told as a whole.
const UNTOLD: &str = "FROM alert_told t JOIN alert a ON a.id = t.alert WHERE (t.told IS NULL OR t.told <> 'resolved') AND a.issue IS NULL \
     AND (t.told IS NULL OR (t.told = 'earlier') = (a.resolved_at IS NULL) AND (t.told = 'opened') = (a.resolved_at IS NOT NULL))";
/// Not final; in the words of the index.
const OPEN: &str = "('queued', 'in_transaction', 'deferred', 'in_doubt')";

/// Messages that nobody has planned yet: `?1` by when, `?2` an hour ago, `?3` how many in an hour; planned at `at`. Alerts
/// wait for more of them that is just coming, but not for long.
fn plan_of(at: &str) -> String {
    let (batch, longest) = (BATCH.num_milliseconds(), (LONGEST_BATCH - BATCH).num_milliseconds());
    format!(
        "SELECT t.recipient, NULL, 'queued', {at}, {at} {UNTOLD} \
         AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.recipient = t.recipient AND n.report IS NULL AND n.state IN {OPEN}) \
         AND (SELECT count(*) FROM notice n WHERE n.recipient = t.recipient AND n.report IS NULL AND n.last_attempt_at > ?2) < ?3 \
         GROUP BY t.recipient HAVING min(a.ready_at) <= ?1 AND (min(a.ready_at) <= ?1 - {longest} \
         OR max(iif(a.ready_at <= ?1 + {batch}, a.ready_at, 0)) <= ?1) \
         UNION ALL SELECT t.recipient, a.id, 'queued', {at}, {at} FROM alert_told t JOIN alert a ON a.id = t.alert \
         WHERE (t.told IS NULL OR t.told <> 'resolved') AND a.issue IS NOT NULL AND a.ready_at <= ?1 \
         AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.recipient = t.recipient AND n.report = a.id)"
    )
}

impl Ledger {
    /// At start: what was begun and has no end is in doubt; readers are those of the configuration; all that waits is tried
    /// anew.
    pub async fn take_up_notices(&self, settings: &AlertSettings, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let readers: Vec<&str> = settings.to.iter().map(|address| address.as_str()).collect();
        let kinds: Vec<&str> = settings.kinds.iter().map(|kind| kind.as_str()).collect();
        let (readers, kinds) = (serde_json::json!(readers).to_string(), serde_json::json!(kinds).to_string());
        let reports = settings.owner != Owner::Nobody;
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let begun: Vec<i64> = sqlx::query("SELECT id FROM notice WHERE state = 'in_transaction'")
            .fetch_all(&mut *tx)
            .await?
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()?;
        for id in begun {
            let end = NoticeEnd {
                state: State::InDoubt,
                stage: "final_dot",
                reply: None,
                remark: Some("the daemon ended before the answer came".to_owned()),
                next_attempt_at: Some(now),
            };
            conclude(&mut tx, NoticeId(id), &end, now).await?;
        }
        for (sql, binds) in [
            (
                "INSERT OR IGNORE INTO alert_told (alert, recipient) SELECT a.id, r.value FROM alert a, json_each(?1) r \
                 WHERE a.resolved_at IS NULL AND a.kind IN (SELECT value FROM json_each(?2))",
                [&readers, &kinds],
            ),
            (
                "DELETE FROM alert_told WHERE (told IS NULL OR told <> 'resolved') AND alert IN (SELECT id FROM alert WHERE issue IS NULL) \
                 AND (recipient NOT IN (SELECT value FROM json_each(?1)) OR alert IN \
                 (SELECT id FROM alert WHERE kind NOT IN (SELECT value FROM json_each(?2))))",
                [&readers, &kinds],
            ),
            (
                "UPDATE notice SET state = 'withdrawn', octets = NULL, next_attempt_at = NULL WHERE report IS NULL \
                 AND state IN ('queued', 'deferred', 'in_doubt') AND recipient NOT IN (SELECT value FROM json_each(?1)) AND ?2 <> ''",
                [&readers, &kinds],
            ),
        ] {
            sqlx::query(sql).bind(binds[0]).bind(binds[1]).execute(&mut *tx).await?;
        }
        if !reports {
            sqlx::query(
                "DELETE FROM alert_told WHERE told IS NULL AND alert IN (SELECT id FROM alert WHERE issue IS NOT NULL)",
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "UPDATE notice SET state = 'withdrawn', octets = NULL, next_attempt_at = NULL \
                 WHERE report IS NOT NULL AND state IN ('queued', 'deferred', 'in_doubt')",
            )
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query("UPDATE notice SET next_attempt_at = ? WHERE state IN ('queued', 'deferred', 'in_doubt')")
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Plans a message to everyone who has something to be told by now, and returns all that may be tried now. One reader
    /// has one message about alerts on its way at a time, and `most_per_hour` in an hour.
    pub async fn due_notices(&self, most_per_hour: u32, now: DateTime<Utc>) -> Result<Vec<DueNotice>, LedgerError> {
        if self.has_plans(most_per_hour, now, now).await? {
            let plan =
                format!("INSERT INTO notice (recipient, report, state, created_at, next_attempt_at) {}", plan_of("?4"));
            let mut writer = self.writer.lock().await;
            sqlx::query(sqlx::AssertSqlSafe(plan))
                .bind(now.timestamp_millis())
                .bind((now - TimeDelta::hours(1)).timestamp_millis())
                .bind(most_per_hour)
                .bind(now.timestamp_millis())
                .execute(&mut *writer)
                .await?;
        }
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT id, recipient, report, attempts, created_at, iif(state = 'in_doubt', octets, NULL) AS again FROM notice \
             WHERE state IN {OPEN} AND state <> 'in_transaction' AND next_attempt_at <= ? ORDER BY id"
        )))
        .bind(now.timestamp_millis())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(due).collect()
    }

    async fn has_plans(&self, most_per_hour: u32, by: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT EXISTS ({})", plan_of("?1"))))
            .bind(by.timestamp_millis())
            .bind((now - TimeDelta::hours(1)).timestamp_millis())
            .bind(most_per_hour)
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Whether a message could go by then that nothing holds back: no limit, and no earlier message that waits.
    pub async fn has_notices_by(
        &self,
        most_per_hour: u32,
        by: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM notice WHERE state IN {OPEN} AND next_attempt_at <= ?)");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(by.timestamp_millis()).fetch_one(&self.readers).await?;
        Ok(row.try_get(0)? || self.has_plans(most_per_hour, by, now).await?)
    }

    /// What a reader is to be told now, by the alerts' row numbers; what has just come is told with the rest.
    pub async fn to_tell(&self, recipient: &str, now: DateTime<Utc>) -> Result<Vec<(i64, Told)>, LedgerError> {
        let sql = format!(
            "SELECT a.id, a.kind, a.key, a.what, a.event, a.opened_at, a.resolved_at, a.times, t.told {UNTOLD} \
             AND t.recipient = ? AND a.ready_at <= ? ORDER BY a.id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(recipient)
            .bind((now + BATCH).timestamp_millis())
            .fetch_all(&self.readers)
            .await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut told = told(row)?;
            if told.kind == Kind::InDoubt {
                let from = row.try_get("event")?;
                (told.names, told.held, told.going) = self.names_in_doubt(from, &told.key).await?;
            }
            all.push((row.try_get("id")?, told));
        }
        Ok(all)
    }

    /// Whose copies of a circular fell in doubt from an event on, how many of these are held, and how many go
    /// on by themselves.
    async fn names_in_doubt(&self, from: i64, reference: &str) -> Result<(Vec<String>, usize, usize), LedgerError> {
        let rows = sqlx::query(
            "SELECT DISTINCT d.address, d.organization, d.state FROM event e JOIN delivery d ON d.id = json_extract(e.detail, '$.delivery') \
             WHERE e.id >= ? AND e.kind = 'in_doubt' AND e.reference = ? ORDER BY d.id",
        )
        .bind(from)
        .bind(reference)
        .fetch_all(&self.readers)
        .await?;
        let (mut names, mut held, mut going) = (Vec::new(), 0, 0);
        for row in &rows {
            let (address, organization): (String, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
            let name = [address, organization.unwrap_or_default()].join(" ").trim().to_owned();
            let state = decode_state(row.try_get(2)?)?;
            held += usize::from(state == State::Held);
            going += usize::from(matches!(state, State::InDoubt | State::InTransaction));
            names.push(if state == State::Held { format!("{name} (held)") } else { name });
        }
        Ok((names, held, going))
    }
}

fn due(row: &SqliteRow) -> Result<DueNotice, LedgerError> {
    Ok(DueNotice {
        id: NoticeId(row.try_get("id")?),
        recipient: row.try_get("recipient")?,
        report: row.try_get("report")?,
        attempts: row.try_get("attempts")?,
        created_at: time(row.try_get("created_at")?),
        again: row.try_get("again")?,
    })
}

fn told(row: &SqliteRow) -> Result<Told, LedgerError> {
    let before: Option<String> = row.try_get("told")?;
    let resolved_at: Option<i64> = row.try_get("resolved_at")?;
    Ok(Told {
        kind: kind_of(row.try_get("kind")?)?,
        key: row.try_get("key")?,
        what: row.try_get("what")?,
        opened_at: time(row.try_get("opened_at")?),
        resolved_at: resolved_at.map(time),
        times: row.try_get("times")?,
        say: match (before, resolved_at) {
            (_, None) => Say::Opened,
            (None, Some(_)) => Say::Both,
            (Some(_), Some(_)) => Say::Resolved,
        },
        names: Vec::new(),
        held: 0,
        going: 0,
    })
}

#[cfg(test)]
mod tests;
