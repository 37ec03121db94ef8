//! The ledger follows the send journal: many turns in one commit, several rows to a statement.

use std::collections::HashMap;

use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::{
    DeliveryId, Instance, Ledger, LedgerError, events,
    events::Event,
    stretch,
    turns::{Begin, Charge, Finish, Turn},
};
use crate::delivery::State;

/// Rows that one statement takes. Few sizes, so that the prepared statements are found again.
const ROWS: [usize; 4] = [256, 32, 4, 1];

/// Makes the ledger know what the journal knows up to record `last`.
pub(super) async fn apply(ledger: &Ledger, turns: &[Turn], last: u64, instance: Instance) -> Result<(), LedgerError> {
    let mut writer = ledger.writer.lock().await;
    let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
    apply_in(&mut tx, turns, last, instance).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn apply_in(
    tx: &mut SqliteConnection,
    turns: &[Turn],
    last: u64,
    instance: Instance,
) -> Result<(), LedgerError> {
    let finishes: Vec<&Finish> = turns.iter().filter_map(|turn| turn.finish.as_ref()).collect();
    let mut open: HashMap<(DeliveryId, i64), &Begin> = HashMap::new();
    for begin in turns.iter().filter_map(|turn| turn.begin.as_ref()) {
        open.insert((begin.delivery, begin.number), begin);
    }
    // most attempts begin and end within one batch: one row is touched once
    let (mut whole, mut ended) = (Vec::new(), Vec::new());
    for finish in &finishes {
        match open.remove(&(finish.delivery, finish.number)) {
            Some(begin) => whole.push((begin, *finish)),
            None => ended.push(*finish),
        }
    }
    let begun: Vec<&Begin> = open.into_values().collect();
    for rows in chunks(&ended) {
        update_ended(tx, rows).await?;
    }
    for rows in chunks(&whole) {
        update_whole(tx, rows, instance).await?;
    }
    for rows in chunks(&begun) {
        update_begun(tx, rows, instance).await?;
    }
    let open_again = |finish: &&&Finish| matches!(finish.state, State::Queued | State::Deferred | State::InDoubt);
    let open_again: Vec<i64> = finishes.iter().filter(open_again).map(|finish| finish.delivery.0).collect();
    if !open_again.is_empty() {
        end_cancelled(tx, &open_again).await?;
    }
    for rows in chunks(&finishes) {
        insert_attempts(tx, rows, instance).await?;
    }
    stretch::touch(tx, turns).await?;
    note_doubts(tx, &finishes).await?;
    sqlx::query("UPDATE ledger SET applied = ?").bind(last.cast_signed()).execute(tx).await?;
    Ok(())
}

/// Cuts into pieces of the sizes in [`ROWS`], the largest first.
fn chunks<T>(rows: &[T]) -> Vec<&[T]> {
    let (mut rest, mut pieces) = (rows, Vec::new());
    for size in ROWS {
        while rest.len() >= size {
            let (piece, behind) = rest.split_at(size);
            pieces.push(piece);
            rest = behind;
        }
    }
    pieces
}

/// `column2 …` are the outcome's columns, in the order of [`push_outcome`].
const SET_OUTCOME: &str = "state = v.column2, stage = v.column3, code = v.column4, status = v.column5, reply = v.column6, \
     charged = charged + v.column7, first_charged_at = iif(v.column7, coalesce(first_charged_at, v.column8), first_charged_at), \
     doubts = doubts + (v.column2 IN ('in_doubt', 'held')), accepted_at = iif(v.column2 = 'accepted', v.column9, NULL), \
     next_attempt_at = v.column10";

fn push_outcome(row: &mut sqlx::query_builder::Separated<'_, Sqlite, &str>, finish: &Finish) {
    let reply = finish.reply.as_ref();
    row.push_bind(finish.delivery.0);
    row.push_bind(finish.state.as_str());
    row.push_bind(finish.stage.as_str());
    row.push_bind(reply.map(|reply| i64::from(reply.code.get())));
    row.push_bind(reply.and_then(|reply| reply.status).map(|status| status.to_string()));
    row.push_bind(words(finish));
    row.push_bind(i64::from(finish.charge == Charge::Addressee));
    row.push_bind(finish.started_at.timestamp_millis());
    row.push_bind(finish.ended_at.timestamp_millis());
    row.push_bind(finish.next_attempt_at.map(|at| at.timestamp_millis()));
}

fn words(finish: &Finish) -> Option<String> {
    finish.reply.as_ref().map(|reply| reply.text.clone()).or_else(|| finish.remark.clone())
}

/// A delivery that a person has settled as accepted stays so.
async fn update_ended(tx: &mut SqliteConnection, rows: &[&Finish]) -> Result<(), LedgerError> {
    let mut query = QueryBuilder::new(format!("UPDATE delivery SET {SET_OUTCOME} FROM ("));
    query.push_values(rows, |mut row, finish| push_outcome(&mut row, finish));
    query.push(") AS v WHERE delivery.id = v.column1 AND delivery.state <> 'accepted'");
    query.build().execute(tx).await?;
    Ok(())
}

async fn update_whole(
    tx: &mut SqliteConnection,
    rows: &[(&Begin, &Finish)],
    instance: Instance,
) -> Result<(), LedgerError> {
    let mut query = QueryBuilder::new(format!(
        "UPDATE delivery SET {SET_OUTCOME}, attempts = v.column11, relay = v.column12, message_id = v.column13, \
         sha256 = v.column14, last_attempt_at = v.column8, possible_duplicate = possible_duplicate OR doubts > 0, \
         epoch = {} FROM (",
        instance.epoch
    ));
    query.push_values(rows, |mut row, (begin, finish)| {
        push_outcome(&mut row, finish);
        row.push_bind(begin.number);
        row.push_bind(begin.relay.to_string());
        row.push_bind(begin.message_id.clone());
        row.push_bind(begin.sha256.to_vec());
    });
    query.push(") AS v WHERE delivery.id = v.column1 AND delivery.state <> 'accepted'");
    query.build().execute(tx).await?;
    Ok(())
}

async fn update_begun(tx: &mut SqliteConnection, rows: &[&Begin], instance: Instance) -> Result<(), LedgerError> {
    let mut query = QueryBuilder::new(format!(
        "UPDATE delivery SET state = '{}', attempts = v.column2, relay = v.column3, message_id = v.column4, \
         sha256 = v.column5, last_attempt_at = v.column6, next_attempt_at = NULL, \
         possible_duplicate = possible_duplicate OR doubts > 0, epoch = {} FROM (",
        State::InTransaction,
        instance.epoch
    ));
    query.push_values(rows, |mut row, begin| {
        row.push_bind(begin.delivery.0);
        row.push_bind(begin.number);
        row.push_bind(begin.relay.to_string());
        row.push_bind(begin.message_id.clone());
        row.push_bind(begin.sha256.to_vec());
        row.push_bind(begin.at.timestamp_millis());
    });
    query.push(") AS v WHERE delivery.id = v.column1 AND delivery.state <> 'accepted'");
    query.build().execute(tx).await?;
    Ok(())
}

/// Silence after the final dot is an event, by name: few, and people want to know.
async fn note_doubts(tx: &mut SqliteConnection, finishes: &[&Finish]) -> Result<(), LedgerError> {
    for finish in finishes.iter().filter(|finish| matches!(finish.state, State::InDoubt | State::Held)) {
        let sql = "SELECT i.reference, d.address FROM delivery d JOIN issue i ON i.id = d.issue WHERE d.id = ?";
        let row = sqlx::query(sql).bind(finish.delivery.0).fetch_optional(&mut *tx).await?;
        let Some(row) = row else { continue };
        let address: String = row.try_get(1)?;
        let event = Event::new("in_doubt", "circulard")
            .about(row.try_get::<String, _>(0)?)
            .because(words(finish).unwrap_or_default())
            .detail(serde_json::json!({
                "delivery": finish.delivery.0, "address": address, "relay": &*finish.relay, "state": finish.state.as_str()
            }));
        events::append(tx, &event, finish.ended_at).await?;
    }
    Ok(())
}

/// What was in a transaction when its circular was cancelled, and was not accepted, is not tried again.
async fn end_cancelled(tx: &mut SqliteConnection, deliveries: &[i64]) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE delivery SET state = iif(state = 'in_doubt', 'held', 'withdrawn'), next_attempt_at = NULL \
         WHERE id IN (SELECT value FROM json_each(?)) AND state IN ('queued', 'deferred', 'in_doubt') \
         AND issue IN (SELECT i.id FROM issue i JOIN circular c ON c.id = i.circular WHERE c.state = 'cancelled')",
    )
    .bind(serde_json::json!(deliveries).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_attempts(tx: &mut SqliteConnection, rows: &[&Finish], instance: Instance) -> Result<(), LedgerError> {
    let mut query = QueryBuilder::new(
        "INSERT INTO attempt (delivery, number, epoch, relay, started_at, ended_at, state, blame, stage, code, status, reply, sha256) ",
    );
    query.push_values(rows, |mut row, finish| {
        let reply = finish.reply.as_ref();
        row.push_bind(finish.delivery.0);
        row.push_bind(finish.number);
        row.push_bind(instance.epoch);
        row.push_bind(finish.relay.to_string());
        row.push_bind(finish.started_at.timestamp_millis());
        row.push_bind(finish.ended_at.timestamp_millis());
        row.push_bind(finish.state.as_str());
        row.push_bind(finish.blame);
        row.push_bind(finish.stage.as_str());
        row.push_bind(reply.map(|reply| i64::from(reply.code.get())));
        row.push_bind(reply.and_then(|reply| reply.status).map(|status| status.to_string()));
        row.push_bind(words(finish));
        row.push_bind(finish.sha256.to_vec());
    });
    query.build().execute(tx).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_of_few_sizes_and_lose_nothing() {
        for count in [0, 1, 3, 4, 31, 33, 255, 256, 2000] {
            let rows: Vec<usize> = (0..count).collect();
            let pieces = chunks(&rows);
            assert!(pieces.iter().all(|piece| ROWS.contains(&piece.len())), "{count}");
            assert_eq!(pieces.concat(), rows, "{count}");
        }
    }
}
