//! The order that accepts a changed list: bound to the version that was shown, recorded with name and reason.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

use super::{
    super::{GroupRecord, Ledger, LedgerError, Side, events, events::Event, groups::put_into_force},
    OrderId, kind_of, note_result,
};
use crate::addressees::BadRow;

/// What is done about rows that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadRowsAre {
    /// They stand against it.
    Refused,
    /// They are left out, and the order lists whom.
    LeftOut,
}

/// Which version of which list comes into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptGroup {
    /// The list.
    pub group: String,
    /// Row of the version that was shown.
    pub version: i64,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
    /// What is done about bad rows.
    pub bad_rows: BadRowsAre,
}

/// An order that accepts a list.
#[derive(Debug, Clone)]
pub struct GroupOrder {
    /// Row number.
    pub id: OrderId,
    /// What to accept.
    pub accept: AcceptGroup,
    /// Who ordered it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The word that such orders stand under.
pub(super) const ACT: &str = "accept_group";

impl AcceptGroup {
    /// An order for the version as it was shown.
    pub fn of(record: &GroupRecord, bad_rows: BadRowsAre) -> Self {
        Self { group: record.name.clone(), version: record.version, sha256: hex(&record.sha256), bad_rows }
    }
}

impl Ledger {
    /// Orders about lists that nobody has carried out, oldest first.
    pub async fn open_group_orders(&self) -> Result<Vec<GroupOrder>, LedgerError> {
        let rows = sqlx::query(
            "SELECT id, argument, by, reason FROM orders WHERE done_at IS NULL AND act = ? AND circular IS NULL ORDER BY id",
        )
        .bind(ACT)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let argument: String = row.try_get("argument")?;
                Ok(GroupOrder {
                    id: OrderId(row.try_get("id")?),
                    accept: serde_json::from_str(&argument)
                        .map_err(|_| LedgerError::Unreadable { what: "orders.argument", found: argument })?,
                    by: row.try_get("by")?,
                    reason: row.try_get("reason")?,
                })
            })
            .collect()
    }

    /// Carries an order about a list out, in one transaction with its event. `Err` inside: why it cannot be done.
    pub async fn carry_out_group(
        &self,
        order: &GroupOrder,
        now: DateTime<Utc>,
    ) -> Result<Result<String, String>, LedgerError> {
        let shown = self.group_records(&format!("id = {}", order.accept.version)).await?.into_iter().next();
        let moved = match &shown {
            Some(record) => {
                (self.count_moved(record, Side::Leaves).await?, self.count_moved(record, Side::Joins).await?)
            }
            None => (0, 0),
        };
        let mut writer = self.writer.lock().await;
        let mut tx = sqlx::Connection::begin_with(&mut *writer, "BEGIN IMMEDIATE").await?;
        let result = accept(&mut tx, shown.as_ref(), order, moved, now).await?;
        let words = note_result(&mut tx, order.id, &result, now).await?;
        let kind = kind_of("group_accepted", &result);
        let event = Event::new(kind, &order.by).because(&order.reason).detail(serde_json::json!({
            "order": order.id.0, "group": order.accept.group, "version": order.accept.version, "sha256": order.accept.sha256,
            "result": words, "leave": moved.0, "join": moved.1,
            "left_out": left_out(shown.as_ref(), order.accept.bad_rows)
        }));
        events::append(&mut tx, &event, now).await?;
        tx.commit().await?;
        Ok(result)
    }
}

fn left_out(shown: Option<&GroupRecord>, bad_rows: BadRowsAre) -> &[BadRow] {
    match (shown, bad_rows) {
        (Some(record), BadRowsAre::LeftOut) => &record.bad.rows,
        _ => &[],
    }
}

async fn accept(
    tx: &mut SqliteConnection,
    shown: Option<&GroupRecord>,
    order: &GroupOrder,
    (leave, join): (i64, i64),
    now: DateTime<Utc>,
) -> Result<Result<String, String>, LedgerError> {
    let changed = || {
        Err(format!("the list has changed since it was shown; look again: `circulard groups {}`", order.accept.group))
    };
    let Some(record) = shown.filter(|record| hex(&record.sha256) == order.accept.sha256) else { return Ok(changed()) };
    // asked again inside the transaction: the file may have changed meanwhile
    let waits = sqlx::query(
        "SELECT 1 FROM group_version WHERE id = ? AND (state = 'pending' OR state = 'refused' AND ended_at IS NULL)",
    )
    .bind(record.version)
    .fetch_optional(&mut *tx)
    .await?;
    if waits.is_none() {
        return Ok(changed());
    }
    if let Some(why) = stands_against(record, order.accept.bad_rows) {
        return Ok(Err(why));
    }
    put_into_force(tx, record.version, &order.by, &order.reason, now).await?;
    if record.removal {
        return Ok(Ok(format!("accepted; the group ends, and its {leave} mailboxes leave")));
    }
    let without = match record.bad.count() {
        0 => String::new(),
        1 => "; without 1 row that cannot be read".to_owned(),
        bad => format!("; without {bad} rows that cannot be read"),
    };
    let mailboxes = if record.mailboxes == 1 { "mailbox" } else { "mailboxes" };
    Ok(Ok(format!("accepted: {} {mailboxes} in force, {leave} left, {join} joined{without}", record.mailboxes)))
}

/// Why a version cannot be accepted so.
fn stands_against(record: &GroupRecord, bad_rows: BadRowsAre) -> Option<String> {
    let (file, bad) = (format!("recipients/{}", record.file), &record.bad);
    if record.state != "refused" {
        return None;
    }
    match (bad.rows.first(), bad_rows) {
        (None, _) => {
            let first = record.problems.first().map(|problem| problem.located(&file)).unwrap_or(file);
            Some(format!("nothing of it can be read: {first}"))
        }
        (Some(_), _) if bad.more > 0 => Some(format!(
            "{} rows of {file} cannot be read, more than can be left out by name; mend the list",
            bad.count()
        )),
        (Some(first), BadRowsAre::Refused) => {
            let problem = first.problems.first().map_or("", String::as_str);
            let rows = if bad.count() == 1 { "1 row".to_owned() } else { format!("{} rows", bad.count()) };
            Some(format!(
                "{rows} of {file} cannot be read, first {file}:{}: {problem}; mend the list, or add --without-bad-rows",
                first.line
            ))
        }
        (Some(_), BadRowsAre::LeftOut) => None,
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
