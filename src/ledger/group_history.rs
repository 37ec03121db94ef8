//! The history of the lists: every version with who accepted it, and every row that a mailbox has or had.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, Row, sqlite::SqliteRow};

use super::{GroupRecord, Held, IssueId, Ledger, LedgerError, reach::push_held};
use crate::addressees::{Address, Mailbox};

/// One row of one list that has a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// File name under `recipients/`.
    pub file: String,
    /// Line of the file.
    pub line: i64,
    /// The file's group, or one that its `group` column names.
    pub group: String,
    /// As spelled there.
    pub address: String,
    /// Ordered languages.
    pub languages: Vec<String>,
    /// Who is to get a copy.
    pub copy_to: Vec<Address>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub valid_until: Option<NaiveDate>,
    /// All columns that are not empty, by the names that `where` uses.
    pub fields: BTreeMap<String, String>,
}

/// What was decided of a delivery when it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// `preferred` or `original`
    pub rule: String,
    /// The addressee's languages, in order.
    pub languages: Vec<String>,
    /// Of a supplement: it stood in none of the parent's groups any more.
    pub left_groups: bool,
}

impl Ledger {
    /// All versions of a list, the newest first.
    pub async fn group_versions(&self, name: &str) -> Result<Vec<GroupRecord>, LedgerError> {
        let all = self.group_records("state <> 'staging'").await?;
        Ok(all.into_iter().filter(|record| record.name == name).rev().collect())
    }

    /// When the versions in force changed between two times: the lists and the times, oldest first.
    pub async fn group_changes_between(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<(String, DateTime<Utc>)>, LedgerError> {
        let all = self.group_records("accepted_at IS NOT NULL").await?;
        let mut changes: Vec<(String, DateTime<Utc>)> = all
            .into_iter()
            .filter_map(|record| Some((record.name, record.accepted_at?)))
            .filter(|(_, at)| from <= *at && *at < until)
            .collect();
        changes.sort_by_key(|(_, at)| *at);
        Ok(changes)
    }

    /// Versions of lists, as they were read.
    pub async fn group_versions_by_id(&self, versions: &[i64]) -> Result<Vec<GroupRecord>, LedgerError> {
        let all = self.group_records("state <> 'staging'").await?;
        Ok(all.into_iter().filter(|record| versions.contains(&record.version)).collect())
    }

    /// The versions of the lists that were in force when an issue was frozen.
    pub async fn versions_of_issue(&self, issue: IssueId) -> Result<Vec<i64>, LedgerError> {
        let row = sqlx::query("SELECT versions FROM issue WHERE id = ?").bind(issue.0).fetch_one(&self.readers).await?;
        let versions: String = row.try_get(0)?;
        Ok(versions.split(',').filter_map(|id| id.parse().ok()).collect())
    }

    /// How the language of a delivery was chosen, and whether its mailbox had left the parent's groups.
    pub async fn chosen_for(&self, delivery: i64) -> Result<Chosen, LedgerError> {
        let row = sqlx::query("SELECT language_rule, languages, left_groups FROM delivery WHERE id = ?")
            .bind(delivery)
            .fetch_one(&self.readers)
            .await?;
        let languages: String = row.try_get("languages")?;
        Ok(Chosen {
            rule: row.try_get("language_rule")?,
            languages: serde_json::from_str(&languages).unwrap_or_default(),
            left_groups: row.try_get("left_groups")?,
        })
    }

    /// Every row of a mailbox in versions that count.
    pub async fn rows_of(&self, mailbox: &Mailbox, held: &Held) -> Result<Vec<HeldRow>, LedgerError> {
        let mut query = QueryBuilder::new(ROW);
        query.push_bind(mailbox.as_str().to_owned()).push(" AND ");
        push_held(&mut query, "m", held);
        query.push(" ORDER BY m.id");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(held_row).collect()
    }

    /// Mailboxes in versions that count that share the domain or the local part of another one.
    pub async fn neighbours(&self, mailbox: &Mailbox, held: &Held) -> Result<Vec<String>, LedgerError> {
        /// Enough to find a slip of the pen in; a provider's domain has many.
        const MOST: i64 = 5_000;
        let text = mailbox.as_str();
        let (local, domain) = text.rsplit_once('@').unwrap_or((text, ""));
        let mut query = QueryBuilder::new("SELECT DISTINCT m.mailbox FROM member m WHERE ");
        push_held(&mut query, "m", held);
        query.push(" AND (substr(m.mailbox, -length(").push_bind(domain.to_owned()).push(") - 1) = '@' || ");
        query.push_bind(domain.to_owned()).push(" OR substr(m.mailbox, 1, length(").push_bind(local.to_owned());
        query.push(") + 1) = ").push_bind(local.to_owned()).push(" || '@') LIMIT ").push_bind(MOST);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

const ROW: &str = "SELECT v.file, m.line, m.group_name, m.address, m.languages, m.copy_to, m.valid_from, m.valid_until, \
     json_set(m.fields, '$.name', m.name, '$.title', m.title, '$.salutation', m.salutation, '$.organization', m.organization, \
     '$.country', m.country, '$.region', m.region) AS fields FROM member m JOIN group_version v ON v.id = m.version \
     WHERE m.mailbox = ";

fn held_row(row: &SqliteRow) -> Result<HeldRow, LedgerError> {
    let fields: String = row.try_get("fields")?;
    let fields: BTreeMap<String, Option<String>> =
        serde_json::from_str(&fields).map_err(|_| LedgerError::Unreadable { what: "member.fields", found: fields })?;
    let filled = |(column, value): (String, Option<String>)| Some((column, value.filter(|value| !value.is_empty())?));
    let day = |column: &str| -> Result<Option<NaiveDate>, LedgerError> {
        Ok(row.try_get::<Option<String>, _>(column)?.and_then(|day| day.parse().ok()))
    };
    let (languages, copy_to): (String, String) = (row.try_get("languages")?, row.try_get("copy_to")?);
    let copy_to: Vec<String> = serde_json::from_str(&copy_to).unwrap_or_default();
    Ok(HeldRow {
        file: row.try_get("file")?,
        line: row.try_get("line")?,
        group: row.try_get("group_name")?,
        address: row.try_get("address")?,
        languages: serde_json::from_str(&languages).unwrap_or_default(),
        copy_to: copy_to.iter().filter_map(|address| Address::parse(address).ok()).collect(),
        valid_from: day("valid_from")?,
        valid_until: day("valid_until")?,
        fields: fields.into_iter().filter_map(filled).collect(),
    })
}
