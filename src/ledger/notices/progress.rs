//! A notice on its way: that it leaves, and how that ended. What a reader knows by it counts as told.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::{
    super::{Ledger, LedgerError},
    NoticeId,
};
use crate::{
    alerts::Say,
    delivery::{Reply, State},
};

/// A notice as it leaves.
#[derive(Debug, Clone)]
pub struct NoticeBegin<'a> {
    /// Which.
    pub id: NoticeId,
    /// Through which relay.
    pub relay: &'a str,
    /// As in the header.
    pub subject: &'a str,
    /// With its brackets.
    pub message_id: &'a str,
    /// The message.
    pub octets: &'a [u8],
    /// Of the octets.
    pub sha256: [u8; 32],
    /// Alerts in it, and whether it says that they have ended.
    pub says: Vec<(i64, Say)>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct NoticeEnd {
    /// What it is now.
    pub state: State,
    /// Where it ended.
    pub stage: &'static str,
    /// The answer, if there was one.
    pub reply: Option<Reply>,
    /// What happened where there was none.
    pub remark: Option<String>,
    /// When it is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

impl Ledger {
    /// Makes durable that a notice leaves, and what it says. Only then may it.
    pub async fn begin_notice(&self, begin: &NoticeBegin<'_>, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query(
            "UPDATE notice SET possible_duplicate = possible_duplicate OR doubts > 0, state = 'in_transaction', \
             attempts = attempts + 1, relay = ?2, subject = ?3, message_id = ?4, octets = ?5, sha256 = ?6, last_attempt_at = ?7 \
             WHERE id = ?1",
        )
        .bind(begin.id.0)
        .bind(begin.relay)
        .bind(begin.subject)
        .bind(begin.message_id)
        .bind(begin.octets)
        .bind(&begin.sha256[..])
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
        say(&mut tx, begin.id, &begin.says).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Makes durable that the octets of a notice in doubt leave once more.
    pub async fn begin_again(&self, id: NoticeId, relay: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query(
            "UPDATE notice SET possible_duplicate = 1, state = 'in_transaction', attempts = attempts + 1, relay = ?2, \
             last_attempt_at = ?3 WHERE id = ?1",
        )
        .bind(id.0)
        .bind(relay)
        .bind(now.timestamp_millis())
        .execute(&mut *writer)
        .await?;
        Ok(())
    }

    /// Keeps how an attempt ended; what a reader knows by it counts as told.
    pub async fn end_notice(&self, id: NoticeId, end: &NoticeEnd, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        conclude(&mut tx, id, end, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A notice that could not even begin: no relay could be reached. `says`: what it would have said, where it is given up.
    pub async fn put_off_notice(
        &self,
        id: NoticeId,
        relay: &str,
        end: &NoticeEnd,
        says: &[(i64, Say)],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        sqlx::query("UPDATE notice SET attempts = attempts + 1, relay = ?2, last_attempt_at = ?3 WHERE id = ?1")
            .bind(id.0)
            .bind(relay)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        if end.state.is_final() {
            say(&mut tx, id, says).await?;
        }
        conclude(&mut tx, id, end, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// There is nothing left to say.
    pub async fn withdraw_notice(&self, id: NoticeId) -> Result<(), LedgerError> {
        let mut writer = self.writer.lock().await;
        sqlx::query("UPDATE notice SET state = 'withdrawn', octets = NULL, next_attempt_at = NULL WHERE id = ?")
            .bind(id.0)
            .execute(&mut *writer)
            .await?;
        Ok(())
    }
}

async fn say(tx: &mut SqliteConnection, id: NoticeId, says: &[(i64, Say)]) -> Result<(), LedgerError> {
    sqlx::query("DELETE FROM notice_alert WHERE notice = ?").bind(id.0).execute(&mut *tx).await?;
    for (alert, say) in says {
        sqlx::query("INSERT INTO notice_alert (notice, alert, says) VALUES (?, ?, ?)")
            .bind(id.0)
            .bind(alert)
            .bind(if *say == Say::Opened { "opened" } else { "resolved" })
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub(super) async fn conclude(
    tx: &mut SqliteConnection,
    id: NoticeId,
    end: &NoticeEnd,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let reply = end.reply.as_ref();
    sqlx::query(
        "UPDATE notice SET state = ?2, stage = ?3, code = ?4, status = ?5, reply = ?6, next_attempt_at = ?7, \
         doubts = doubts + (?2 IN ('in_doubt', 'held')), accepted_at = iif(?2 = 'accepted', ?8, NULL), \
         octets = iif(?2 = 'in_doubt', octets, NULL) WHERE id = ?1",
    )
    .bind(id.0)
    .bind(end.state.as_str())
    .bind(end.stage)
    .bind(reply.map(|reply| i64::from(reply.code.get())))
    .bind(reply.and_then(|reply| reply.status).map(|status| status.to_string()))
    .bind(reply.map(|reply| reply.text.clone()).or_else(|| end.remark.clone()))
    .bind(end.next_attempt_at.map(|at| at.timestamp_millis()))
    .bind(now.timestamp_millis())
    .execute(&mut *tx)
    .await?;
    let sql = match end.state {
        // nothing has left: it is told as it stands when it is tried again
        State::Queued | State::Deferred => "DELETE FROM notice_alert WHERE notice = ?",
        _ => {
            "UPDATE alert_told SET told = s.says FROM notice_alert s, notice n WHERE s.notice = ? AND n.id = s.notice \
             AND alert_told.alert = s.alert AND alert_told.recipient = n.recipient"
        }
    };
    sqlx::query(sql).bind(id.0).execute(tx).await?;
    Ok(())
}
