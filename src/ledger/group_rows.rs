//! The rows of a list on their way into the ledger, many to a statement: a million of them must not take long.

use std::{
    ops::ControlFlow,
    sync::mpsc::{SyncSender, sync_channel},
};

use sqlx::{Connection, QueryBuilder, Sqlite};

use super::{Ledger, LedgerError, groups::StagedGroup};
use crate::addressees::{GroupName, Member};

/// Rows of one statement. Each binds 17 values, of which SQLite takes 32,766.
const ROWS: usize = 500;
/// Rows of one transaction.
const BATCH: usize = 2_000;

/// Takes the rows of a list, as they are read, to the thread that writes them.
pub struct StagingRows {
    batch: Vec<Member>,
    batches: SyncSender<Vec<Member>>,
}

impl StagingRows {
    /// Takes one; `Break`: writing has failed.
    pub fn push(&mut self, member: Member) -> ControlFlow<()> {
        self.batch.push(member);
        if self.batch.len() < BATCH { ControlFlow::Continue(()) } else { self.flush() }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        if self.batches.send(batch).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Ledger {
    /// Writes the rows that `read` takes from a list, each batch while the next is read. Blocks the thread; once it returns,
    /// all that was read is written, or the error says why not.
    pub fn stage_while<T>(
        &self,
        staged: &StagedGroup,
        read: impl FnOnce(&mut StagingRows) -> T,
    ) -> Result<T, LedgerError> {
        let runtime = tokio::runtime::Handle::current();
        let (batches, waiting) = sync_channel(1);
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                waiting.iter().try_for_each(|batch: Vec<Member>| runtime.block_on(self.stage_members(staged, &batch)))
            });
            let mut rows = StagingRows { batch: Vec::with_capacity(BATCH), batches };
            let read = read(&mut rows);
            // where nobody takes it, the writer says why
            let _ = rows.flush();
            drop(rows);
            writing.join().unwrap_or(Err(LedgerError::Stopped)).map(|()| read)
        })
    }

    /// Adds a batch of rows: each to the file's group and to those its `group` column names.
    pub(super) async fn stage_members(&self, staged: &StagedGroup, members: &[Member]) -> Result<(), LedgerError> {
        let rows: Vec<(&GroupName, &Member)> = members
            .iter()
            .flat_map(|member| {
                let named = member.groups.iter().filter(|group| **group != staged.name);
                std::iter::once(&staged.name).chain(named).map(move |group| (group, member))
            })
            .collect();
        let mut writer = self.writer.lock().await;
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
        for piece in rows.chunks(ROWS) {
            insert(staged.version, piece).build().execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn insert(version: i64, rows: &[(&GroupName, &Member)]) -> QueryBuilder<Sqlite> {
    let mut insert = QueryBuilder::new(
        "INSERT INTO member (version, group_name, line, mailbox, address, name, title, salutation, organization, country, \
         region, languages, copy_to, valid_from, valid_until, time_zone, fields) ",
    );
    insert.push_values(rows, |mut row, (group, member)| {
        let copy_to: Vec<&str> = member.copy_to.iter().map(|address| address.as_str()).collect();
        row.push_bind(version)
            .push_bind(group.as_str().to_owned())
            .push_bind(i64::from(member.line))
            .push_bind(member.address.mailbox().as_str().to_owned())
            .push_bind(member.address.as_str().to_owned())
            .push_bind(member.name.clone())
            .push_bind(member.title.clone())
            .push_bind(member.salutation.clone())
            .push_bind(member.organization.clone())
            .push_bind(member.country.clone())
            .push_bind(member.region.clone())
            .push_bind(serde_json::json!(member.languages).to_string())
            .push_bind(serde_json::json!(copy_to).to_string())
            .push_bind(member.valid_from.map(|day| day.to_string()))
            .push_bind(member.valid_until.map(|day| day.to_string()))
            .push_bind(member.time_zone.map(|zone| zone.name()))
            .push_bind(serde_json::json!(member.fields).to_string());
    });
    insert
}
