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
    outlooks: Memo<Outlook>,
    hashes: Memo<[u8; 32]>,
    compared: Memo<Compared>,
    issues: Memo<IssueNames>,
}

/// Whom a reach would reach, and whom not.
#[derive(Debug, Clone, Default)]
pub(super) struct Outlook {
    /// By what they have in common.
    pub alike: Vec<Alike>,
    /// Those among them that get a copy only because an office asks for it.
    pub office_copies: i64,
    pub left_out: LeftOut,
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
            hashes: Memo::default(),
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

    /// Whom a reach would reach today, and whom not: its groups, its parent's addressees, the offices' copies.
    pub async fn outlook(&self, desk: &Desk, reach: &Reach, languages: &[Language]) -> Result<Outlook, LedgerError> {
        let answer = async {
            let mut outlook = Outlook::default();
            let mut of_parent = Vec::new();
            if let Some(parent) = reach.parent {
                let excluded = desk.lists.excluded(reach, self.today).await?;
                of_parent = desk.ledger.addressees_of(parent, &excluded).await?;
                let all = desk.ledger.count_addressees_of(parent, &[]).await?.mailboxes;
                outlook.left_out.excluded = all - i64::try_from(of_parent.len()).unwrap_or(all);
                outlook.alike = desk.ledger.outlook_of_addressees(parent, &excluded, languages).await?;
            }
            outlook.alike.extend(desk.lists.outlook(reach, languages, self.today, &of_parent).await?);
            let copies = desk.lists.outlook_of_copies(reach, languages, self.today, &of_parent).await?;
            outlook.office_copies = copies.iter().map(|alike| alike.mailboxes).sum();
            outlook.alike.extend(copies);
            let reached: Vec<&str> = outlook.alike.iter().filter_map(|alike| alike.country.as_deref()).collect();
            let left_out = desk.lists.left_out(reach, &reached, self.today).await?;
            outlook.left_out = LeftOut { excluded: left_out.excluded + outlook.left_out.excluded, ..left_out };
            Ok(outlook)
        };
        self.outlooks.ask(format!("{languages:?} {reach:?}"), answer).await
    }

    /// Hash over the rows of a reach's groups.
    pub async fn hash_of_rows(&self, desk: &Desk, reach: &Reach) -> Result<[u8; 32], LedgerError> {
        self.hashes.ask(format!("{reach:?}"), desk.lists.hash_of_rows(reach)).await
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
