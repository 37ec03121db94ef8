//! Alerts in the ledger: events are read from where the last reading ended, and what they open or end is kept in the same
//! transaction as that position.

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Ledger, LedgerError, time};
use crate::alerts::{AlertSettings, BATCH, CALM, Effect, Happened, Kind, Owner, effects};

/// Events of one reading.
const PAGE: i64 = 500;

/// What a reading has changed, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertTurn {
    /// What it is about.
    pub kind: Kind,
    /// Which relay, group, file or circular.
    pub key: String,
    /// Why it opened; `None`: it has ended.
    pub opened: Option<String>,
}

impl Ledger {
    /// Whether events have come since alerts read them last.
    pub async fn has_unread_events(&self) -> Result<bool, LedgerError> {
        let row = sqlx::query("SELECT (SELECT max(id) FROM event) > (SELECT event FROM alert_position)")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get::<Option<bool>, _>(0)?.unwrap_or(false))
    }

    /// Reads what has happened since, and looks whether what is open still stands. What has changed.
    pub async fn follow_events(
        &self,
        settings: &AlertSettings,
        now: DateTime<Utc>,
    ) -> Result<Vec<AlertTurn>, LedgerError> {
        let mut turns = Vec::new();
        while self.has_unread_events().await? {
            self.read_page(settings, now, &mut turns).await?;
        }
        let over = self.no_longer_stands().await?;
        if !over.is_empty() {
            let mut writer = self.writer.lock().await;
            let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
            for (kind, key) in over {
                turns.extend(end(&mut tx, kind, &key, now).await?);
            }
            tx.commit().await?;
        }
        Ok(turns)
    }

    async fn read_page(
        &self,
        settings: &AlertSettings,
        now: DateTime<Utc>,
        turns: &mut Vec<AlertTurn>,
    ) -> Result<(), LedgerError> {
        let rows = sqlx::query(
            "SELECT id, at, kind, reference, reason, detail FROM event WHERE id > (SELECT event FROM alert_position) ORDER BY id LIMIT ?",
        )
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await?;
        let events: Vec<Happened> = rows.iter().map(happened).collect::<Result<_, _>>()?;
        let Some(last) = events.last().map(|event| event.id) else { return Ok(()) };
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        for event in &events {
            for effect in effects(event) {
                turns.extend(carry_out(&mut tx, settings, event, effect, now).await?);
            }
        }
        sqlx::query("UPDATE alert_position SET event = ?").bind(last).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Open alerts whose matter the ledger knows to be over.
    async fn no_longer_stands(&self) -> Result<Vec<(Kind, String)>, LedgerError> {
        let rows = sqlx::query(
            "SELECT a.kind, a.key FROM alert a WHERE a.resolved_at IS NULL AND NOT CASE a.kind \
             WHEN 'parked' THEN EXISTS (SELECT 1 FROM circular c WHERE c.stem = a.key AND c.state = 'parked') \
             WHEN 'paused' THEN EXISTS (SELECT 1 FROM circular c WHERE c.reference = a.key AND c.state = 'paused') \
             WHEN 'late' THEN EXISTS (SELECT 1 FROM circular c WHERE (c.reference = a.key OR c.stem = a.key) AND c.state = 'late') \
             WHEN 'group_frozen' THEN EXISTS (SELECT 1 FROM group_version g WHERE g.name = a.key \
               AND (g.state = 'pending' OR g.state = 'refused' AND g.ended_at IS NULL)) \
             WHEN 'in_doubt' THEN EXISTS (SELECT 1 FROM event e JOIN delivery d ON d.id = json_extract(e.detail, '$.delivery') \
               WHERE e.id >= a.event AND e.kind = 'in_doubt' AND e.reference = a.key \
               AND d.state IN ('in_doubt', 'in_transaction', 'held')) \
             ELSE 1 END",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok((kind_of(row.try_get(0)?)?, row.try_get(1)?))).collect()
    }

    /// Whether a relay was told to be down, for a reason of one of these stages where some are named.
    pub async fn is_said_down(&self, relay: &str, at_stages: Option<&[&str]>) -> Result<bool, LedgerError> {
        let rows = sqlx::query(
            "SELECT what FROM alert WHERE kind IN ('relay_down', 'authentication_refused') AND key = ? AND resolved_at IS NULL",
        )
        .bind(relay)
        .fetch_all(&self.readers)
        .await?;
        for row in rows {
            let what: String = row.try_get(0)?;
            let stage = what.split(':').next().unwrap_or_default();
            if at_stages.is_none_or(|stages| stages.contains(&stage)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Relays that were told to be down and not to be up again.
    pub async fn relays_said_down(&self) -> Result<Vec<String>, LedgerError> {
        let rows = sqlx::query(
            "SELECT DISTINCT key FROM alert WHERE kind IN ('relay_down', 'authentication_refused') AND resolved_at IS NULL",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

pub(super) fn kind_of(word: &str) -> Result<Kind, LedgerError> {
    word.parse().map_err(|_| LedgerError::Unreadable { what: "alert.kind", found: word.to_owned() })
}

fn happened(row: &SqliteRow) -> Result<Happened, LedgerError> {
    let detail: String = row.try_get("detail")?;
    Ok(Happened {
        id: row.try_get("id")?,
        at: time(row.try_get("at")?),
        kind: row.try_get("kind")?,
        reference: row.try_get("reference")?,
        reason: row.try_get("reason")?,
        detail: serde_json::from_str(&detail)
            .map_err(|_| LedgerError::Unreadable { what: "event.detail", found: detail })?,
    })
}

async fn carry_out(
    tx: &mut SqliteConnection,
    settings: &AlertSettings,
    event: &Happened,
    effect: Effect,
    now: DateTime<Utc>,
) -> Result<Option<AlertTurn>, LedgerError> {
    match effect {
        Effect::Open(kind, key, what) => open(tx, settings, event, kind, key, what).await,
        Effect::End(kind, key) => end(tx, kind, &key, event.at).await,
        Effect::Report(issue) => {
            report(tx, settings, event, issue, now).await?;
            Ok(None)
        }
    }
}

async fn open(
    tx: &mut SqliteConnection,
    settings: &AlertSettings,
    event: &Happened,
    kind: Kind,
    key: String,
    what: String,
) -> Result<Option<AlertTurn>, LedgerError> {
    let last = sqlx::query("SELECT id, resolved_at FROM alert WHERE kind = ? AND key = ? ORDER BY id DESC LIMIT 1")
        .bind(kind.as_str())
        .bind(&key)
        .fetch_optional(&mut *tx)
        .await?;
    let last = last.map(|row| Ok::<_, LedgerError>((row.try_get::<i64, _>(0)?, row.try_get::<Option<i64>, _>(1)?)));
    match last.transpose()? {
        Some((id, None)) => {
            sqlx::query("UPDATE alert SET what = ?, rests_until = ? WHERE id = ?")
                .bind(&what)
                .bind(event.rests_until())
                .bind(id)
                .execute(&mut *tx)
                .await?;
            return Ok(None);
        }
        Some((id, Some(ended))) if event.at - time(ended) < CALM => {
            sqlx::query(
                "UPDATE alert SET what = ?2, resolved_at = NULL, rests_until = ?6, times = times + 1, event = ?3, ready_at = iif(EXISTS \
                 (SELECT 1 FROM alert_told WHERE alert = ?1 AND told IS NOT NULL), ?4, ?5) WHERE id = ?1",
            )
            .bind(id)
            .bind(&what)
            .bind(event.id)
            .bind((event.at + CALM).timestamp_millis())
            .bind((event.at + BATCH).timestamp_millis())
            .bind(event.rests_until())
            .execute(&mut *tx)
            .await?;
            sqlx::query("UPDATE alert_told SET told = 'earlier' WHERE alert = ? AND told = 'resolved'")
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        _ => {
            let id = insert(tx, event, (kind, &key, &what), None).await?;
            if settings.kinds.contains(&kind) {
                let readers: Vec<&str> = settings.to.iter().map(|address| address.as_str()).collect();
                to_be_told(tx, id, &readers).await?;
            }
        }
    }
    Ok(Some(AlertTurn { kind, key, opened: Some(what) }))
}

async fn insert(
    tx: &mut SqliteConnection,
    event: &Happened,
    (kind, key, what): (Kind, &str, &str),
    issue: Option<i64>,
) -> Result<i64, LedgerError> {
    let row = sqlx::query(
        "INSERT INTO alert (kind, key, reference, issue, what, event, opened_at, resolved_at, ready_at, rests_until) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?4 IS NULL, NULL, ?7), ?8, ?9) RETURNING id",
    )
    .bind(kind.as_str())
    .bind(key)
    .bind(&event.reference)
    .bind(issue)
    .bind(what)
    .bind(event.id)
    .bind(event.at.timestamp_millis())
    .bind((event.at + BATCH).timestamp_millis())
    .bind(event.rests_until())
    .fetch_one(tx)
    .await?;
    Ok(row.try_get(0)?)
}

async fn to_be_told(tx: &mut SqliteConnection, alert: i64, readers: &[&str]) -> Result<(), LedgerError> {
    for reader in readers {
        sqlx::query("INSERT OR IGNORE INTO alert_told (alert, recipient) VALUES (?, ?)")
            .bind(alert)
            .bind(reader)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

async fn end(
    tx: &mut SqliteConnection,
    kind: Kind,
    key: &str,
    at: DateTime<Utc>,
) -> Result<Option<AlertTurn>, LedgerError> {
    let ended = sqlx::query(
        "UPDATE alert SET resolved_at = max(?3, opened_at), ready_at = iif(times > 1 AND EXISTS (SELECT 1 FROM alert_told t \
         WHERE t.alert = alert.id AND t.told IS NOT NULL), max(ready_at, ?4), ?4) WHERE kind = ?1 AND key = ?2 AND resolved_at IS NULL",
    )
    .bind(kind.as_str())
    .bind(key)
    .bind(at.timestamp_millis())
    .bind((at + BATCH).timestamp_millis())
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if ended == 0 {
        return Ok(None);
    }
    if matches!(kind, Kind::RelayDown | Kind::AuthenticationRefused) {
        // what could not be told without it can be told now
        sqlx::query(
            "UPDATE notice SET next_attempt_at = ?1 WHERE state IN ('queued', 'deferred') AND next_attempt_at > ?1",
        )
        .bind((at + BATCH).timestamp_millis())
        .execute(tx)
        .await?;
    }
    Ok(Some(AlertTurn { kind, key: key.to_owned(), opened: None }))
}

/// A report is due to whoever owns the circular, where the configuration says who that is.
async fn report(
    tx: &mut SqliteConnection,
    settings: &AlertSettings,
    event: &Happened,
    issue: i64,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let sql = "SELECT reference, number, head FROM issue WHERE id = ? AND state = 'frozen'";
    let Some(row) = sqlx::query(sql).bind(issue).fetch_optional(&mut *tx).await? else { return Ok(()) };
    let (reference, number): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let head: String = row.try_get(2)?;
    let owners: Vec<String> = match &settings.owner {
        Owner::Nobody => return Ok(()),
        Owner::These(owners) => owners.iter().map(|owner| owner.as_str().to_owned()).collect(),
        Owner::ReplyTo => reply_to(&head)?,
    };
    let key = format!("{reference}, issue {number}");
    let id = insert(tx, event, (Kind::Completed, &key, ""), Some(issue)).await?;
    // a report has nothing to wait for
    sqlx::query("UPDATE alert SET ready_at = ? WHERE id = ?")
        .bind(now.timestamp_millis())
        .bind(id)
        .execute(&mut *tx)
        .await?;
    to_be_told(tx, id, &owners.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// Where the answers to an issue go: Reply-To, else From.
fn reply_to(head: &str) -> Result<Vec<String>, LedgerError> {
    let parsed: super::IssueHead = serde_json::from_str(head)
        .map_err(|_| LedgerError::Unreadable { what: "issue.head", found: head.to_owned() })?;
    let message = parsed.message;
    Ok(if message.reply_to.is_empty() { vec![message.from_address] } else { message.reply_to })
}
