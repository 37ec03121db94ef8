//! The crash protocol's two durable commits, shared by all sessions.
//!
//! A session takes a [`Turn`]: the outcome of its last transaction and the beginning of its next, in one commit. One task
//! gathers the turns of all sessions and commits them together, so that the cost is one fsync per batch while the promise is
//! per letter: `in_transaction` is durable before the turn returns, and only then may the final dot leave.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::{DeliveryId, Instance, Ledger, LedgerError};
use crate::delivery::{Reply, Stage, State};

/// Turns that one commit takes at most: bounds how long a session waits.
const GATHER: usize = 512;

/// The beginning of a transaction.
#[derive(Debug, Clone)]
pub struct Begin {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Through which relay.
    pub relay: String,
    /// Message-ID without angle brackets.
    pub message_id: String,
    /// SHA-256 of the octets about to be sent.
    pub sha256: [u8; 32],
    /// Now.
    pub at: DateTime<Utc>,
}

/// The end of a transaction.
#[derive(Debug, Clone)]
pub struct Finish {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Through which relay.
    pub relay: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When the outcome was known.
    pub ended_at: DateTime<Utc>,
    /// What the delivery becomes.
    pub state: State,
    /// Who is to blame, where it went badly: `relay`, `circular`, `addressee`.
    pub blame: Option<&'static str>,
    /// Where it ended.
    pub stage: Stage,
    /// The server's reply, where there was one.
    pub reply: Option<Reply>,
    /// What happened instead of a reply.
    pub remark: Option<String>,
    /// Whether the retry table counts it.
    pub charge: Charge,
    /// When it may be tried again; `None` is at once, or never in a final state.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// Whether an attempt counts towards the retry table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// It was about this addressee.
    Addressee,
    /// Relay or circular is to blame.
    Nobody,
}

/// What one session asks to be made durable in one commit.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// The outcome of its last transaction.
    pub finish: Option<Finish>,
    /// The beginning of its next.
    pub begin: Option<Begin>,
}

/// What became of the turn's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// `in_transaction` is durable: the final dot may leave.
    Yes,
    /// The delivery was held, withdrawn or settled meanwhile; it must not be sent.
    No,
}

type Waiter = (Turn, oneshot::Sender<Begun>);

/// Hands turns to the writer task.
#[derive(Debug, Clone)]
pub struct Turns(mpsc::Sender<Waiter>);

/// The writer task's end of [`Turns`].
#[derive(Debug)]
pub struct TurnsServer {
    waiting: mpsc::Receiver<Waiter>,
    ledger: Ledger,
    instance: Instance,
}

impl Turns {
    /// Returns once the turn is durable.
    pub async fn take(&self, turn: Turn) -> Result<Begun, LedgerError> {
        let (done, wait) = oneshot::channel();
        self.0.send((turn, done)).await.map_err(|_| LedgerError::Stopped)?;
        wait.await.map_err(|_| LedgerError::Stopped)
    }
}

impl Ledger {
    /// The pair of ends; the server is to be run on the daemon's tracker.
    pub fn turns(&self, instance: Instance) -> (Turns, TurnsServer) {
        let (sender, waiting) = mpsc::channel(GATHER);
        (Turns(sender), TurnsServer { waiting, ledger: self.clone(), instance })
    }
}

impl TurnsServer {
    /// Serves until all [`Turns`] are gone, or until the first error: then nothing more is written, and whoever waits is
    /// told. A failed commit is never tried again, because what reached the disk is unknown (the next start finds out).
    pub async fn serve(mut self) -> Result<(), LedgerError> {
        let mut gathered = Vec::with_capacity(GATHER);
        while self.waiting.recv_many(&mut gathered, GATHER).await > 0 {
            let begun = self.commit(&gathered).await?;
            for ((turn, done), begun) in gathered.drain(..).zip(begun) {
                let answer = if turn.begin.is_some() { begun } else { Begun::No };
                // a session that was cut off meanwhile is found by the next start
                let _ = done.send(answer);
            }
        }
        Ok(())
    }

    async fn commit(&self, gathered: &[Waiter]) -> Result<Vec<Begun>, LedgerError> {
        let mut writer = self.ledger.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let finishes: Vec<Value> =
            gathered.iter().filter_map(|(turn, _)| turn.finish.as_ref()).map(finish_json).collect();
        if !finishes.is_empty() {
            finish(&mut tx, Value::Array(finishes).to_string(), self.instance).await?;
        }
        let begins: Vec<Value> = gathered.iter().filter_map(|(turn, _)| turn.begin.as_ref()).map(begin_json).collect();
        let mut begun = Vec::new();
        if !begins.is_empty() {
            begun = begin(&mut tx, Value::Array(begins).to_string(), self.instance).await?;
        }
        tx.commit().await?;
        Ok(gathered
            .iter()
            .map(|(turn, _)| match &turn.begin {
                Some(begin) if begun.contains(&begin.delivery.0) => Begun::Yes,
                _ => Begun::No,
            })
            .collect())
    }
}

fn finish_json(finish: &Finish) -> Value {
    let reply = finish.reply.as_ref();
    json!([
        finish.delivery.0,
        finish.state.as_str(),
        finish.relay,
        finish.started_at.timestamp_millis(),
        finish.ended_at.timestamp_millis(),
        finish.blame,
        finish.stage.as_str(),
        reply.map(|reply| reply.code.get()),
        reply.and_then(|reply| reply.status).map(|status| status.to_string()),
        reply.map(|reply| reply.text.as_str()).or(finish.remark.as_deref()),
        i64::from(finish.charge == Charge::Addressee),
        finish.next_attempt_at.map(|at| at.timestamp_millis()),
    ])
}

fn begin_json(begin: &Begin) -> Value {
    let sha256: String = begin.sha256.iter().map(|octet| format!("{octet:02x}")).collect();
    json!([begin.delivery.0, begin.relay, begin.message_id, sha256, begin.at.timestamp_millis()])
}

/// The attempt is appended from the delivery as it stands, then the delivery moves on; a delivery that is no longer in a
/// transaction (settled by a person meanwhile) keeps its state, and the attempt is recorded all the same.
async fn finish(tx: &mut SqliteConnection, rows: String, instance: Instance) -> Result<(), LedgerError> {
    sqlx::query(
        "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state, blame, stage, code, status, reply, sha256) \
         SELECT d.id, d.attempts, ?2, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 1, j.value ->> 5, j.value ->> 6, \
         j.value ->> 7, j.value ->> 8, j.value ->> 9, d.sha256 FROM json_each(?1) j JOIN delivery d ON d.id = j.value ->> 0",
    )
    .bind(&rows)
    .bind(instance.epoch)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE delivery SET state = j.value ->> 1, relay = j.value ->> 2, stage = j.value ->> 6, code = j.value ->> 7, \
         status = j.value ->> 8, reply = j.value ->> 9, charged = charged + (j.value ->> 10), \
         first_charged_at = iif(j.value ->> 10, coalesce(first_charged_at, j.value ->> 3), first_charged_at), \
         doubts = doubts + (j.value ->> 1 = 'in_doubt' OR (j.value ->> 1 = 'held')), \
         accepted_at = iif(j.value ->> 1 = 'accepted', j.value ->> 4, NULL), next_attempt_at = j.value ->> 11 \
         FROM json_each(?1) j WHERE delivery.id = j.value ->> 0 AND delivery.state = 'in_transaction'",
    )
    .bind(&rows)
    .execute(tx)
    .await?;
    Ok(())
}

async fn begin(tx: &mut SqliteConnection, rows: String, instance: Instance) -> Result<Vec<i64>, LedgerError> {
    let begun = sqlx::query(
        "UPDATE delivery SET state = 'in_transaction', attempts = attempts + 1, \
         possible_duplicate = possible_duplicate OR doubts > 0, relay = j.value ->> 1, message_id = j.value ->> 2, \
         sha256 = unhex(j.value ->> 3), last_attempt_at = j.value ->> 4, epoch = ?2, next_attempt_at = NULL \
         FROM json_each(?1) j, issue i, circular c \
         WHERE delivery.id = j.value ->> 0 AND i.id = delivery.issue AND c.id = i.circular \
         AND delivery.state IN ('queued', 'deferred', 'in_doubt') \
         AND (next_attempt_at IS NULL OR next_attempt_at <= j.value ->> 4) AND c.state = 'sending' \
         RETURNING delivery.id",
    )
    .bind(&rows)
    .bind(instance.epoch)
    .fetch_all(tx)
    .await?;
    begun.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
