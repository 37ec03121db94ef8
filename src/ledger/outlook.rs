//! What an issue would be, were it frozen today: counted as the freeze counts, one row for each mailbox, and compared with
//! an issue that was.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{
    Held, IssueId, IssueRecord, Ledger, LedgerError, Reach,
    issues::{ISSUE, issue_record},
    reach::{push_held, push_reach, push_terms},
    staging::push_chosen,
};
use crate::{
    addressees::{Selection, by_country, country_key},
    circular::Language,
};

/// So many mailboxes alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// They would get a copy, for information.
    pub copy: bool,
    /// The language chosen for them; `None`: the original, for want of one of theirs.
    pub language: Option<String>,
    /// As their lists have it.
    pub country: Option<String>,
    /// As their lists have it.
    pub region: Option<String>,
    /// They are in several of the letter's groups.
    pub several: bool,
    /// How many.
    pub mailboxes: i64,
}

/// Mailboxes of the letter's groups that would get nothing today, by why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// None of their rows is valid today.
    pub not_valid: i64,
    /// An exception of their group.
    pub excepted: i64,
    /// `exclude` of the letter's head.
    pub excluded: i64,
    /// Countries that the lists have, and that no mailbox reached is in. Sorted.
    pub countries: Vec<String>,
}

/// How the addressees differ from those of an earlier issue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Mailboxes that it did not have.
    pub new: i64,
    /// The first of them.
    pub new_names: Vec<String>,
    /// Mailboxes of it that would get nothing now.
    pub gone: i64,
    /// The first of them.
    pub gone_names: Vec<String>,
}

/// What an issue was, in names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueNames {
    /// The groups that it went to, sorted.
    pub groups: Vec<String>,
    /// The languages it existed in, sorted.
    pub languages: Vec<String>,
    /// Names and hashes of the files that went with it, in their order.
    pub annexes: Vec<(String, Vec<u8>)>,
}

pub(super) fn alike(row: &SqliteRow) -> Result<Alike, LedgerError> {
    Ok(Alike {
        copy: row.try_get("copy")?,
        language: row.try_get("language")?,
        country: row.try_get("country")?,
        region: row.try_get("region")?,
        several: row.try_get("several")?,
        mailboxes: row.try_get("mailboxes")?,
    })
}

/// How many are named of each sort.
const NAMED: i64 = 5;

impl Ledger {
    /// Whom a reach's groups would reach today, by what they have in common, without some mailboxes.
    pub async fn outlook(
        &self,
        reach: &Reach,
        languages: &[Language],
        today: NaiveDate,
        without: &[String],
    ) -> Result<Vec<Alike>, LedgerError> {
        let mut query = QueryBuilder::new("WITH hit AS (");
        for (rank, selection) in reach.to.iter().chain(&reach.copy).enumerate() {
            query.push(if rank == 0 { "" } else { " UNION ALL " });
            query.push(format_args!("SELECT {rank} AS rank, m.id, m.mailbox, m.country, m.region, m.languages "));
            query.push("FROM member m WHERE ");
            push_reach(&mut query, &[selection], reach, today);
            if !without.is_empty() {
                query.push(" AND m.mailbox NOT IN (SELECT value FROM json_each(");
                query.push_bind(serde_json::json!(without).to_string()).push("))");
            }
        }
        // the columns beside a lone min() are those of its row: the first group in the letter's order, then the first row
        query.push(
            "), chosen AS (SELECT mailbox, rank, country, region, languages, count(DISTINCT rank) > 1 AS several, \
             min(rank * 1000000000000 + id) FROM hit GROUP BY mailbox) SELECT rank >= ",
        );
        query.push_bind(i64::try_from(reach.to.len()).unwrap_or(i64::MAX));
        query.push(" AS copy, ");
        push_chosen(&mut query, "languages", languages);
        query.push(
            " AS language, nullif(country, '') AS country, nullif(region, '') AS region, several, \
             count(*) AS mailboxes FROM chosen GROUP BY 1, 2, 3, 4, 5",
        );
        if reach.to.is_empty() && reach.copy.is_empty() {
            return Ok(Vec::new());
        }
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(alike).collect()
    }

    /// Who of the letter's groups gets nothing today; `reached` are the countries that are.
    pub async fn left_out(&self, reach: &Reach, reached: &[&str], today: NaiveDate) -> Result<LeftOut, LedgerError> {
        let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
        if all.is_empty() {
            return Ok(LeftOut::default());
        }
        let bare = |selection: &Selection| Selection { except: Vec::new(), ..selection.clone() };
        let without_except: Vec<Selection> = all.iter().map(|selection| bare(selection)).collect();
        let without_except: Vec<&Selection> = without_except.iter().collect();
        let anybody = Reach::default();
        let valid = self.count_valid(&without_except, &anybody, today).await?;
        let kept = match all.iter().any(|selection| !selection.except.is_empty()) {
            true => self.count_valid(&all, &anybody, today).await?,
            false => valid,
        };
        let reached_now = match reach.exclude.is_empty() && reach.exclude_mailboxes.is_empty() {
            true => kept,
            false => self.count_valid(&all, reach, today).await?,
        };
        let mut query = QueryBuilder::new("SELECT count(DISTINCT m.mailbox) FROM member m WHERE ");
        push_any_day(&mut query, &all, &Held::Now);
        let listed: i64 = query.build().fetch_one(&self.readers).await?.try_get(0)?;
        Ok(LeftOut {
            not_valid: listed - valid,
            excepted: valid - kept,
            excluded: kept - reached_now,
            countries: self.countries_not_reached(reach, reached, &Held::Now).await?,
        })
    }

    /// Countries that the rows of a reach's groups have, as the lists were `held`, and that are not among those `reached`.
    /// Sorted.
    pub async fn countries_not_reached(
        &self,
        reach: &Reach,
        reached: &[&str],
        held: &Held,
    ) -> Result<Vec<String>, LedgerError> {
        let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("SELECT DISTINCT m.country FROM member m WHERE ");
        push_any_day(&mut query, &all, held);
        query.push(" AND m.country <> '' AND m.country NOT IN (SELECT value FROM json_each(");
        query.push_bind(serde_json::json!(reached).to_string()).push(")) ORDER BY 1");
        let rows = query.build().fetch_all(&self.readers).await?;
        let spelled = rows.iter().map(|row| Ok((row.try_get(0)?, ()))).collect::<Result<_, sqlx::Error>>()?;
        let reached: BTreeSet<String> = reached.iter().map(|name| country_key(name)).collect();
        let countries = by_country(spelled, |()| 0, |_, ()| {}).into_keys();
        Ok(countries.filter(|country| !reached.contains(&country_key(country))).collect())
    }

    async fn count_valid(&self, all: &[&Selection], reach: &Reach, today: NaiveDate) -> Result<i64, LedgerError> {
        let mut query = QueryBuilder::new("SELECT count(DISTINCT m.mailbox) FROM member m WHERE ");
        push_reach(&mut query, all, reach, today);
        Ok(query.build().fetch_one(&self.readers).await?.try_get(0)?)
    }

    /// The last issue of the circular that this reference or stem names, with the addressees of what was sent of it to those
    /// who had joined since; else the last of its series, whose keys begin
    /// with `series` and end in a number.
    pub async fn issue_before(
        &self,
        key: &str,
        stem: &str,
        series: Option<&str>,
    ) -> Result<Option<IssueRecord>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{ISSUE} JOIN circular c ON c.id = i.circular WHERE i.state = 'frozen' AND i.source IS NULL AND (c.reference_key = ?1 OR c.stem = ?2 \
             OR (substr(c.reference_key, 1, length(?3)) = ?3 AND length(c.reference_key) > length(?3) \
             AND substr(c.reference_key, length(?3) + 1) NOT GLOB '*[^0-9]*')) \
             ORDER BY c.reference_key = ?1 OR c.stem = ?2 DESC, i.frozen_at DESC, i.id DESC LIMIT 1"
        )))
        .bind(key)
        .bind(stem)
        .bind(series)
        .fetch_optional(&self.readers)
        .await?;
        let Some(mut issue) = row.as_ref().map(issue_record).transpose()? else { return Ok(None) };
        let mut all = QueryBuilder::new("SELECT sum(total) FROM issue WHERE id IN ");
        push_with_supplementary(&mut all, "main", issue.id);
        issue.total = all.build().fetch_one(&self.readers).await?.try_get(0)?;
        Ok(Some(issue))
    }

    /// What an issue was, in names: its groups, languages and files. Neither texts nor octets are read.
    pub async fn issue_names(&self, issue: IssueId) -> Result<IssueNames, LedgerError> {
        let names = async |sql: &'static str| -> Result<Vec<String>, LedgerError> {
            let rows = sqlx::query(sql).bind(issue.0).fetch_all(&self.readers).await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        };
        let groups =
            "SELECT DISTINCT g.value FROM delivery d, json_each(d.groups) g WHERE d.issue = ? ORDER BY g.value";
        let annexes = sqlx::query("SELECT name, sha256 FROM annex WHERE issue = ? ORDER BY position")
            .bind(issue.0)
            .fetch_all(&self.readers)
            .await?;
        Ok(IssueNames {
            groups: names(groups).await?,
            languages: names("SELECT language FROM part WHERE issue = ? ORDER BY language").await?,
            annexes: annexes
                .iter()
                .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
                .collect::<Result<_, LedgerError>>()?,
        })
    }

    /// Compares a reach, asked of the lists held here, with an issue of `ledger`, which may be another file. Of both, the
    /// offices' copies count too.
    pub async fn compare(
        &self,
        reach: &Reach,
        issue: IssueId,
        ledger: &Self,
        today: NaiveDate,
    ) -> Result<Compared, LedgerError> {
        let copies: Vec<String> = self.office_copies(reach, today).await?.into_keys().collect();
        let asked = Asked { reach, copies: &serde_json::json!(copies).to_string(), issue, today };
        if self.path == ledger.path {
            return compared(&mut *self.readers.acquire().await?, "main", &asked).await;
        }
        let mut writer = self.writer.lock().await;
        let other = ledger.path.to_string_lossy().into_owned();
        sqlx::query("ATTACH ? AS held").bind(other).execute(&mut *writer).await?;
        let found = compared(&mut writer, "held", &asked).await;
        sqlx::query("DETACH held").execute(&mut *writer).await?;
        found
    }
}

/// What is compared with what.
struct Asked<'a> {
    reach: &'a Reach,
    /// Mailboxes that would get an office's copy, as a JSON array.
    copies: &'a str,
    issue: IssueId,
    today: NaiveDate,
}

async fn compared(
    connection: &mut SqliteConnection,
    schema: &str,
    Asked { reach, copies, issue, today }: &Asked<'_>,
) -> Result<Compared, LedgerError> {
    let (issue, today) = (*issue, *today);
    let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
    let mut compared = Compared::default();
    if all.is_empty() {
        return Ok(compared);
    }
    let mut query = QueryBuilder::new("SELECT ");
    query
        .push(name_of("m"))
        .push(", count(*) OVER () FROM main.member m WHERE m.id IN (SELECT min(m.id) FROM main.member m WHERE ");
    push_reach(&mut query, &all, reach, today);
    query.push(format_args!(
        " GROUP BY m.mailbox) AND m.mailbox NOT IN (SELECT mailbox FROM {schema}.delivery WHERE issue IN "
    ));
    push_with_supplementary(&mut query, schema, issue);
    query.push(") ORDER BY m.id LIMIT ").push_bind(NAMED);
    (compared.new, compared.new_names) = counted(query, connection).await?;
    let mut query = QueryBuilder::new("SELECT value, count(*) OVER () FROM json_each(");
    query.push_bind((*copies).to_owned());
    query.push(format_args!(") WHERE value NOT IN (SELECT mailbox FROM {schema}.delivery WHERE issue IN "));
    push_with_supplementary(&mut query, schema, issue);
    query.push(") ORDER BY value LIMIT ").push_bind(NAMED);
    let (copies_new, names) = counted(query, connection).await?;
    compared.new += copies_new;
    let room = usize::try_from(NAMED).unwrap_or(0).saturating_sub(compared.new_names.len());
    compared.new_names.extend(names.into_iter().take(room));
    let mut query = QueryBuilder::new("SELECT ");
    query.push(name_of("d")).push(format_args!(", count(*) OVER () FROM {schema}.delivery d WHERE d.issue IN "));
    push_with_supplementary(&mut query, schema, issue);
    query.push(" AND d.mailbox NOT IN (SELECT m.mailbox FROM main.member m WHERE ");
    push_reach(&mut query, &all, reach, today);
    query.push(") AND d.mailbox NOT IN (SELECT value FROM json_each(").push_bind((*copies).to_owned());
    query.push(")) ORDER BY d.id LIMIT ").push_bind(NAMED);
    (compared.gone, compared.gone_names) = counted(query, connection).await?;
    Ok(compared)
}

/// An issue, and those after it that sent the same to mailboxes that had joined since.
fn push_with_supplementary(query: &mut QueryBuilder<Sqlite>, schema: &str, issue: IssueId) {
    query.push(format_args!(
        "(SELECT s.id FROM {schema}.issue s JOIN {schema}.issue o ON o.circular = s.circular WHERE o.id = "
    ));
    query
        .push_bind(issue.0)
        .push(" AND (s.id = o.id OR (s.id > o.id AND s.source IS NOT NULL AND s.state = 'frozen')))");
}

/// "Ministry of Posts (Kenya)": how people know an addressee.
fn name_of(alias: &str) -> String {
    format!(
        "coalesce(nullif({alias}.organization, ''), nullif({alias}.name, ''), {alias}.address) \
         || coalesce(' (' || nullif({alias}.country, '') || ')', '')"
    )
}

async fn counted(
    mut query: QueryBuilder<Sqlite>,
    connection: &mut SqliteConnection,
) -> Result<(i64, Vec<String>), LedgerError> {
    let rows = query.build().fetch_all(connection).await?;
    let count = rows.first().map_or(Ok(0), |row| row.try_get(1))?;
    Ok((count, rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?))
}

/// The condition that row `m` is one of the selections' rows as `held`, valid or not, excepted or not.
fn push_any_day(query: &mut QueryBuilder<Sqlite>, selections: &[&Selection], held: &Held) {
    push_held(query, "m", held);
    query.push(" AND (");
    for (index, selection) in selections.iter().enumerate() {
        query.push(if index == 0 { "" } else { " OR " });
        push_terms(query, "m", &selection.terms);
    }
    query.push(")");
}
