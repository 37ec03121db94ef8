//! What many letters are read against: the groups, the layouts, and what was counted of the lists already. A folder of a
//! thousand letters that go to the same few groups asks the lists once.

use std::{collections::HashMap, sync::Mutex};

use chrono::NaiveDate;

use super::{Desk, DeskError, reach::Groups, understand::read_layout};
use crate::{
    circular::{Language, Problem},
    compose::Layout,
    ledger::{Alike, Compared, IssueId, IssueNames, LedgerError, LeftOut, Reach, ReachCount},
};

/// As they were when they were read; the lists must not change while it is used.
pub(super) struct Surroundings {
    pub groups: Groups,
    pub layout: Result<Layout, Vec<Problem>>,
    today: NaiveDate,
    counts: Memo<ReachCount>,
    empty_fields: Memo<Vec<(String, i64)>>,
    outlooks: Memo<(Vec<Alike>, LeftOut)>,
    compared: Memo<Compared>,
    issues: Memo<IssueNames>,
}

/// What was answered before.
struct Memo<T>(Mutex<HashMap<String, T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Memo<T> {
    async fn ask(&self, key: String, answer: impl Future<Output = Result<T, LedgerError>>) -> Result<T, LedgerError> {
        let known = |memo: &Self| memo.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known(self) {
            return Ok(known);
        }
        let answer = answer.await?;
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(key, answer.clone());
        Ok(answer)
    }
}

impl Surroundings {
    pub async fn of(desk: &Desk) -> Result<Self, DeskError> {
        Ok(Self {
            groups: Groups::of(desk).await?,
            layout: read_layout(desk),
            today: desk.today(),
            counts: Memo::default(),
            empty_fields: Memo::default(),
            outlooks: Memo::default(),
            compared: Memo::default(),
            issues: Memo::default(),
        })
    }

    /// How many a reach reaches today.
    pub async fn count(&self, desk: &Desk, reach: &Reach) -> Result<ReachCount, LedgerError> {
        self.counts.ask(format!("{reach:?}"), desk.lists.count_reach(reach, self.today)).await
    }

    /// Rows of a reach whose `field` is empty, at most `limit`.
    pub async fn without_field(
        &self,
        desk: &Desk,
        reach: &Reach,
        field: &str,
        limit: i64,
    ) -> Result<Vec<(String, i64)>, LedgerError> {
        let key = format!("{field} {limit} {reach:?}");
        self.empty_fields.ask(key, desk.lists.without_field(reach, field, self.today, limit)).await
    }

    /// Whom a reach would reach today, and whom not.
    pub async fn outlook(
        &self,
        desk: &Desk,
        reach: &Reach,
        languages: &[Language],
    ) -> Result<(Vec<Alike>, LeftOut), LedgerError> {
        let answer = async {
            let alike = desk.lists.outlook(reach, languages, self.today).await?;
            let reached: Vec<&str> = alike.iter().filter_map(|alike| alike.country.as_deref()).collect();
            let left_out = desk.lists.left_out(reach, &reached, self.today).await?;
            Ok((alike, left_out))
        };
        self.outlooks.ask(format!("{languages:?} {reach:?}"), answer).await
    }

    /// A reach compared with an issue.
    pub async fn compare(&self, desk: &Desk, reach: &Reach, issue: IssueId) -> Result<Compared, LedgerError> {
        let key = format!("{issue:?} {reach:?}");
        self.compared.ask(key, desk.lists.compare(reach, issue, &desk.ledger, self.today)).await
    }

    /// What an issue was, in names.
    pub async fn issue_names(&self, desk: &Desk, issue: IssueId) -> Result<IssueNames, LedgerError> {
        self.issues.ask(format!("{issue:?}"), desk.ledger.issue_names(issue)).await
    }
}
