//! What each act does to circular and deliveries, in the transaction of its order.

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection};

use super::{
    super::{
        CircularId, CircularRecord, CircularState, LedgerError,
        approvals::{self, given},
    },
    Act, Known, Order, ResendOnly,
};

type Acted = Result<Result<String, String>, LedgerError>;

pub(super) async fn act(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    order: &Order,
    approvals: u32,
    now: DateTime<Utc>,
) -> Acted {
    use CircularState as S;
    let refuse = |what: &str| Ok(Err(format!("it is {}; {what}", record.state.as_str().replace('_', " "))));
    match (&order.act, record.state) {
        (_, S::Parked) if record.issues == 0 => refuse("mend the letter first (`circulard check` says how)"),
        (Act::Approve, S::AwaitingApproval) => approve(tx, record, order, approvals, now).await,
        (Act::Approve, _) => refuse("there is nothing to approve"),
        (Act::Hold, S::Completed | S::Cancelled) => refuse("there is nothing left to hold"),
        (Act::Hold, S::Held) => refuse("`release` lets it go"),
        (Act::Hold, _) => {
            set_state(tx, record, S::Held, &order.reason, now).await?;
            Ok(Ok("held".to_owned()))
        }
        (Act::Release, S::AwaitingApproval) => refuse("`approve` it first"),
        (Act::Release, S::Cancelled) => refuse("a cancelled circular is not sent; give the letter a new reference"),
        (Act::Release, _) => release(tx, record, approvals, now).await,
        (Act::ReleaseAtItsTime, S::Held) if record.issues == 0 && !record.lay_there => {
            wait_again(tx, record, approvals, now).await
        }
        (Act::ReleaseAtItsTime, _) => refuse("only what was held before it went out waits for its time again"),
        (Act::Cancel, S::Completed | S::Cancelled) => refuse("there is nothing left to cancel"),
        (Act::Cancel, _) => cancel(tx, record, &order.reason, now).await,
        (Act::Resend { .. }, S::Cancelled) => {
            refuse("a cancelled circular is not sent; give the letter a new reference")
        }
        (Act::Resend { only }, _) if record.issues > 0 => resend(tx, record, *only, now).await,
        (Act::Resend { .. }, _) => refuse("nothing was sent that could be sent again"),
        // the desk stages it first
        (Act::ResendNew, _) => Ok(Err("a supplementary issue needs its lists".to_owned())),
        (Act::Settle { mailbox, known }, _) => settle(tx, record, mailbox, *known, now).await,
    }
}

pub(in super::super) async fn set_state(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    state: CircularState,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    sqlx::query(
        "UPDATE circular SET state = ?2, reason = nullif(?3, ''), changed_at = ?4, completed_at = NULL WHERE id = ?1",
    )
    .bind(record.id.0)
    .bind(state.as_str())
    .bind(reason)
    .bind(now.timestamp_millis())
    .execute(tx)
    .await?;
    Ok(())
}

/// `1 held copy is`, `2 held copies are`.
fn copies_are(count: u64, state: &str) -> String {
    if count == 1 { format!("1 {state} copy is") } else { format!("{count} {state} copies are") }
}

async fn approve(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    order: &Order,
    house: u32,
    now: DateTime<Utc>,
) -> Acted {
    let needed = record.approvals_needed(house);
    let given = approvals::approve(tx, record.id, record.bound(), &order.by, now).await?;
    if given < needed {
        return Ok(Ok(format!("approved by {given} of {needed}")));
    }
    let (state, reason) = match record.lay_there {
        true => (CircularState::Late, "the letter lay there before the ledger; `release` sends it"),
        false => (CircularState::Ready, ""),
    };
    set_state(tx, record, state, reason, now).await?;
    Ok(Ok(format!("approved by {given} of {needed}; it goes out at its time")))
}

async fn release(tx: &mut SqliteConnection, record: &CircularRecord, approvals: u32, now: DateTime<Utc>) -> Acted {
    let goes_now = record.issues == 0 || matches!((record.state, &record.repeat), (CircularState::Ready, Some(_)));
    if goes_now {
        sqlx::query("UPDATE circular SET lay_there = 0, due_at = ? WHERE id = ?")
            .bind(now.timestamp_millis())
            .bind(record.id.0)
            .execute(&mut *tx)
            .await?;
        let (given, needed) = (given(tx, record.id, record.bound()).await?, record.approvals_needed(approvals));
        if given < needed {
            let reason = format!("approved by {given} of {needed}");
            set_state(tx, record, CircularState::AwaitingApproval, &reason, now).await?;
            return Ok(Ok(format!("released; it goes out once {needed} have approved it ({given} have)")));
        }
        set_state(tx, record, CircularState::Ready, "", now).await?;
        return Ok(Ok("it goes out now".to_owned()));
    }
    let queued = sqlx::query(concat!(
        "UPDATE delivery SET state = 'queued', next_attempt_at = NULL WHERE state = 'held' AND doubts = 0 \
         AND issue IN (SELECT id FROM issue WHERE circular = ? AND state = 'frozen') AND ",
        is_other!("")
    ))
    .bind(record.id.0)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let doubtful = held_in_doubt(tx, record.id).await?;
    if queued == 0 && matches!(record.state, CircularState::Completed | CircularState::Sending | CircularState::Ready) {
        let held = if doubtful > 0 { "but by doubt: `settle` says what became of each copy" } else { "" };
        return Ok(Err(format!("it is {}; nothing of it is held {held}", record.state.as_str()).trim_end().to_owned()));
    }
    reopen(tx, record, now).await?;
    let again = if queued > 0 { format!("; {} queued again", copies_are(queued, "held")) } else { String::new() };
    Ok(Ok(format!("sending goes on{again}{}", stay_held(doubtful))))
}

/// Ends a hold as if it had not been.
async fn wait_again(tx: &mut SqliteConnection, record: &CircularRecord, approvals: u32, now: DateTime<Utc>) -> Acted {
    if record.due_at.is_none_or(|due| due <= now) {
        return Ok(Err("its time has passed; `release` without a time sends it now".to_owned()));
    }
    let (given, needed) = (given(tx, record.id, record.bound()).await?, record.approvals_needed(approvals));
    if given < needed {
        set_state(tx, record, CircularState::AwaitingApproval, &format!("approved by {given} of {needed}"), now)
            .await?;
        return Ok(Ok(format!("it goes out at its time once {needed} have approved it ({given} have)")));
    }
    set_state(tx, record, CircularState::Ready, "", now).await?;
    Ok(Ok("it goes out at its time".to_owned()))
}

/// Copies that may have arrived: a person who lets the circular go on says nothing about them.
pub(super) async fn held_in_doubt(tx: &mut SqliteConnection, circular: CircularId) -> Result<i64, LedgerError> {
    let row = sqlx::query(concat!(
        "SELECT count(*) FROM delivery WHERE state = 'held' AND doubts > 0 \
         AND issue IN (SELECT id FROM issue WHERE circular = ? AND state = 'frozen') AND ",
        is_other!("")
    ))
    .bind(circular.0)
    .fetch_one(tx)
    .await?;
    Ok(row.try_get(0)?)
}

fn stay_held(doubtful: i64) -> String {
    match doubtful {
        0 => String::new(),
        1 => "; 1 copy that may have arrived stays held: settle it".to_owned(),
        many => format!("; {many} copies that may have arrived stay held: settle them"),
    }
}

async fn reopen(tx: &mut SqliteConnection, record: &CircularRecord, now: DateTime<Utc>) -> Result<(), LedgerError> {
    set_state(tx, record, CircularState::Sending, "", now).await?;
    reopen_issues(tx, record).await
}

/// Issues with something left to do are not complete.
async fn reopen_issues(tx: &mut SqliteConnection, record: &CircularRecord) -> Result<(), LedgerError> {
    sqlx::query(
        concat!("UPDATE issue SET completed_at = NULL WHERE circular = ? AND EXISTS (SELECT 1 FROM delivery d WHERE d.issue = issue.id \
         AND ", is_open!("d."), ")"),
    )
    .bind(record.id.0)
    .execute(tx)
    .await?;
    Ok(())
}

/// Deliveries in doubt may have arrived: they are held, not withdrawn, and a person settles them. One in a transaction has its
/// own end.
async fn cancel(tx: &mut SqliteConnection, record: &CircularRecord, reason: &str, now: DateTime<Utc>) -> Acted {
    sqlx::query(
        "UPDATE delivery SET state = 'held', next_attempt_at = NULL WHERE state IN ('queued', 'in_doubt') AND doubts > 0 \
         AND issue IN (SELECT id FROM issue WHERE circular = ? AND state = 'frozen')",
    )
    .bind(record.id.0)
    .execute(&mut *tx)
    .await?;
    let withdrawn = sqlx::query(
        "UPDATE delivery SET state = 'withdrawn', next_attempt_at = NULL WHERE state IN ('queued', 'deferred', 'held') \
         AND (doubts = 0 OR state = 'deferred') AND issue IN (SELECT id FROM issue WHERE circular = ? AND state = 'frozen')",
    )
    .bind(record.id.0)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    let doubtful = held_in_doubt(tx, record.id).await?;
    set_state(tx, record, CircularState::Cancelled, reason, now).await?;
    sqlx::query("UPDATE circular SET repeat = NULL, due_at = NULL WHERE id = ?").bind(record.id.0).execute(tx).await?;
    let copies = if withdrawn == 1 { "1 copy".to_owned() } else { format!("{withdrawn} copies") };
    Ok(Ok(format!("cancelled; {copies} withdrawn{}", stay_held(doubtful))))
}

async fn resend(tx: &mut SqliteConnection, record: &CircularRecord, only: ResendOnly, now: DateTime<Utc>) -> Acted {
    let state = match only {
        ResendOnly::Refused => "refused",
        ResendOnly::Expired => "expired",
    };
    let queued = sqlx::query(
        "UPDATE delivery SET state = 'queued', charged = 0, first_charged_at = NULL, next_attempt_at = NULL, queued_at = ?3 \
         WHERE state = ?2 AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')",
    )
    .bind(record.id.0)
    .bind(state)
    .bind(now.timestamp_millis())
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if queued == 0 {
        return Ok(Err(format!("none of its deliveries is {state}")));
    }
    reopen_issues(tx, record).await?;
    if matches!(record.state, CircularState::Completed | CircularState::Ready) {
        set_state(tx, record, CircularState::Sending, "", now).await?;
    }
    Ok(Ok(format!("{} queued again", copies_are(queued, state))))
}

async fn settle(
    tx: &mut SqliteConnection,
    record: &CircularRecord,
    mailbox: &str,
    known: Known,
    now: DateTime<Utc>,
) -> Acted {
    let sql = match known {
        Known::Accepted => {
            "UPDATE delivery SET state = 'accepted', accepted_at = coalesce(accepted_at, ?3), next_attempt_at = NULL, \
             reply = 'settled by a person: it arrived' \
             WHERE mailbox = ?2 AND doubts > 0 AND state IN ('in_doubt', 'held') \
             AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')"
        }
        Known::Lost if record.state == CircularState::Cancelled => {
            "UPDATE delivery SET state = 'withdrawn', next_attempt_at = NULL, queued_at = min(queued_at, ?3) \
             WHERE mailbox = ?2 AND doubts > 0 AND state IN ('in_doubt', 'held') \
             AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')"
        }
        Known::Lost => {
            "UPDATE delivery SET state = 'queued', next_attempt_at = NULL, queued_at = ?3 \
             WHERE mailbox = ?2 AND doubts > 0 AND state IN ('in_doubt', 'held') \
             AND issue IN (SELECT id FROM issue WHERE circular = ?1 AND state = 'frozen')"
        }
    };
    let settled = sqlx::query(sql)
        .bind(record.id.0)
        .bind(mailbox)
        .bind(now.timestamp_millis())
        .execute(tx)
        .await?
        .rows_affected();
    if settled == 0 {
        return Ok(Err(format!("no delivery to {mailbox} is in doubt")));
    }
    Ok(Ok(match known {
        Known::Accepted => "settled as accepted".to_owned(),
        Known::Lost if record.state == CircularState::Cancelled => {
            "settled as lost; the circular is cancelled, so it is withdrawn".to_owned()
        }
        Known::Lost => "settled as lost; it is queued again".to_owned(),
    }))
}
