//! Copies by protocol: a list's `copy_to` sends an office's copy to its permanent mission.
//!
//! To beats Copy, a mailbox gets one copy however many offices name it, and whoever the letter leaves out stays left out. A
//! mission with a row of its own is written to in its own language and under its own name. What it lacks is the office's, since
//! it is the office's letter that it gets a copy of; but its To header never bears the office's name.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{
    Alike, Held, IssueDraft, Ledger, LedgerError, MemberRow, OfficeCopies, Reach, Staging,
    outlook::alike,
    reach::{MEMBER, member_row, push_not_excluded, push_reach, push_valid},
    staging::{BATCH, push_chosen, push_language, push_not_frozen},
};
use crate::{
    addressees::{Address, Mailbox, Selection},
    circular::Language,
};

/// A mailbox that only `copy_to` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeCopy {
    /// The mission.
    pub address: String,
    /// The offices whose copy it gets.
    pub offices: Vec<String>,
    /// Row of the first of them.
    member: i64,
}

/// One cell of `copy_to`: the row that has it, its office, and whom it names.
struct Named {
    member: i64,
    office: String,
    to: Address,
}

impl Ledger {
    /// The mailboxes that get a copy only because an office names them, by mailbox.
    pub async fn office_copies(
        &self,
        reach: &Reach,
        today: NaiveDate,
    ) -> Result<BTreeMap<String, OfficeCopy>, LedgerError> {
        let mut found: BTreeMap<String, OfficeCopy> = BTreeMap::new();
        if reach.office_copies == OfficeCopies::LeftOut {
            return Ok(found);
        }
        let mut reader = self.readers.acquire().await?;
        for selection in reach.to.iter().chain(&reach.copy) {
            let mut after = 0;
            while let Some((named, up_to)) = page(&mut reader, selection, reach, today, after).await? {
                for Named { member, office, to } in named {
                    let copy = found.entry(to.mailbox().as_str().to_owned());
                    let copy = copy.or_insert_with(|| OfficeCopy {
                        address: to.as_str().to_owned(),
                        offices: Vec::new(),
                        member,
                    });
                    if !copy.offices.contains(&office) {
                        copy.offices.push(office);
                    }
                }
                after = up_to;
            }
        }
        if !found.is_empty() {
            let mailboxes: Vec<&String> = found.keys().collect();
            let mailboxes = serde_json::json!(mailboxes).to_string();
            let only = without_addressees(&mut reader, &mailboxes, reach, today).await?;
            found.retain(|mailbox, _| only.contains(mailbox));
        }
        Ok(found)
    }

    /// The row that an office's copy to this mailbox would be composed from: the mission's own, else the office's without
    /// its name.
    pub async fn office_copy(
        &self,
        reach: &Reach,
        mailbox: &Mailbox,
        today: NaiveDate,
    ) -> Result<Option<(MemberRow, OfficeCopy)>, LedgerError> {
        let Some(copy) = self.office_copies(reach, today).await?.remove(mailbox.as_str()) else { return Ok(None) };
        let mut own = QueryBuilder::new(MEMBER);
        push_valid(&mut own, "m", &Held::Now, today);
        own.push(" AND m.mailbox = ").push_bind(mailbox.as_str().to_owned()).push(" ORDER BY m.id LIMIT 1");
        let mut office = QueryBuilder::new(MEMBER);
        office.push("m.id = ").push_bind(copy.member);
        let (own, office) = (own.build(), office.build());
        let own = own.fetch_optional(&self.readers).await?.as_ref().map(member_row).transpose()?;
        let office = member_row(&office.fetch_one(&self.readers).await?)?;
        let row = match own {
            Some(mut own) => {
                if own.languages.is_empty() {
                    own.languages = office.languages;
                }
                let lacks =
                    |field: &String| field != "salutation" && own.fields.get(field).is_none_or(String::is_empty);
                let lent: Vec<_> = office.fields.into_iter().filter(|(field, _)| lacks(field)).collect();
                own.fields.extend(lent);
                own
            }
            None => MemberRow { address: copy.address.clone(), name: None, ..office },
        };
        Ok(Some((row, copy)))
    }

    /// Whom the offices' copies would go to, by what they have in common, without some mailboxes.
    pub async fn outlook_of_copies(
        &self,
        reach: &Reach,
        languages: &[Language],
        today: NaiveDate,
        without: &[String],
    ) -> Result<Vec<Alike>, LedgerError> {
        let mut copies = self.office_copies(reach, today).await?;
        without.iter().for_each(|mailbox| drop(copies.remove(mailbox)));
        if copies.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<_> = copies.iter().map(|(mailbox, copy)| serde_json::json!([mailbox, copy.member])).collect();
        let mut query = QueryBuilder::new("SELECT 1 AS copy, ");
        push_chosen(&mut query, LANGUAGES, languages);
        query.push(
            " AS language, nullif(coalesce(o.country, m.country), '') AS country, \
             nullif(coalesce(nullif(o.region, ''), m.region), '') AS region, 0 AS several, count(*) AS mailboxes \
             FROM (SELECT n.value ->> 1 AS member, (SELECT min(w.id) FROM member w WHERE w.mailbox = n.value ->> 0 AND ",
        );
        push_valid(&mut query, "w", &Held::Now, today);
        query.push(") AS own FROM json_each(").push_bind(serde_json::Value::Array(rows).to_string());
        query.push(") n) v JOIN member m ON m.id = v.member LEFT JOIN member o ON o.id = v.own GROUP BY 2, 3, 4");
        query.build().fetch_all(&self.readers).await?.iter().map(alike).collect()
    }

    /// Adds the copies that the rows of one selection ask for. All addressees of the letter are staged already: who is among
    /// them keeps the role, and the office is noted.
    pub async fn stage_office_copies(
        &self,
        draft: IssueDraft,
        selection: &Selection,
        staging: &Staging<'_>,
    ) -> Result<(), LedgerError> {
        if staging.reach.office_copies == OfficeCopies::LeftOut {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let mut reader = self.readers.acquire().await?;
            let Some((named, up_to)) = page(&mut reader, selection, staging.reach, staging.today, after).await? else {
                return Ok(());
            };
            drop(reader);
            let rows: Vec<serde_json::Value> = named
                .iter()
                .map(|named| {
                    serde_json::json!([named.member, named.to.mailbox().as_str(), named.to.as_str(), named.office])
                })
                .collect();
            if !rows.is_empty() {
                let rows = serde_json::Value::Array(rows).to_string();
                let mut writer = self.writer.lock().await;
                insert(draft, selection, staging, rows).build().execute(&mut *writer).await?;
            }
            after = up_to;
        }
    }
}

/// The next rows of a selection that name somebody in `copy_to`, and up to which row they reach; `None` behind the last.
async fn page(
    connection: &mut SqliteConnection,
    selection: &Selection,
    reach: &Reach,
    today: NaiveDate,
    after: i64,
) -> Result<Option<(Vec<Named>, i64)>, LedgerError> {
    let mut query = QueryBuilder::new("SELECT m.id, m.mailbox, m.address, m.copy_to FROM member m WHERE ");
    push_reach(&mut query, &[selection], reach, today);
    query.push(" AND m.copy_to <> '[]' AND m.id > ").push_bind(after);
    query.push(" ORDER BY m.id LIMIT ").push_bind(BATCH);
    let rows = query.build().fetch_all(connection).await?;
    let (mut named, mut up_to) = (Vec::new(), None);
    for row in &rows {
        let (member, office): (i64, String) = (row.try_get("id")?, row.try_get("address")?);
        let mailbox: String = row.try_get("mailbox")?;
        let listed: String = row.try_get("copy_to")?;
        let listed: Vec<String> = serde_json::from_str(&listed)
            .map_err(|_| LedgerError::Unreadable { what: "member.copy_to", found: listed })?;
        let addresses = listed.iter().filter_map(|address| Address::parse(address).ok());
        let others = addresses.filter(|to| to.mailbox().as_str() != mailbox);
        named.extend(others.map(|to| Named { member, office: office.clone(), to }));
        up_to = Some(member);
    }
    Ok(up_to.map(|up_to| (named, up_to)))
}

/// Of some mailboxes, as a JSON array, those that are neither addressees of the letter nor left out by it.
async fn without_addressees(
    connection: &mut SqliteConnection,
    mailboxes: &str,
    reach: &Reach,
    today: NaiveDate,
) -> Result<Vec<String>, LedgerError> {
    let all: Vec<&Selection> = reach.to.iter().chain(&reach.copy).collect();
    let mut query = QueryBuilder::new("SELECT v.value FROM json_each(");
    query.push_bind(mailboxes.to_owned());
    query.push(") v WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.mailbox = v.value AND ");
    push_reach(&mut query, &all, reach, today);
    query.push(")");
    push_not_excluded(&mut query, "v.value", reach, today);
    let rows = query.build().fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// The mission's languages, else the office's.
const LANGUAGES: &str = "coalesce(nullif(o.languages, '[]'), m.languages)";

/// `rows` is an array of [member, mailbox, address, office].
fn insert(draft: IssueDraft, selection: &Selection, staging: &Staging<'_>, rows: String) -> QueryBuilder<sqlx::Sqlite> {
    let mut insert = QueryBuilder::new(
        "INSERT INTO delivery (issue, mailbox, address, role, groups, name, organization, country, language, language_rule, \
         languages, fields, copy_of, state, queued_at) SELECT ",
    );
    insert.push_bind(draft.id.0).push(", v.mailbox, v.address, 'copy', json_array(");
    insert.push_bind(selection.group.to_string());
    insert.push("), o.name, o.organization, coalesce(o.country, m.country), ");
    push_language(&mut insert, LANGUAGES, staging.languages);
    insert.push(format_args!(", {LANGUAGES}, "));
    insert.push(
        "json_set(json_patch(json_set(m.fields, '$.name', m.name, '$.organization', m.organization, \
         '$.title', m.title, '$.region', m.region), (SELECT json_group_object(e.key, e.value) \
         FROM json_each(json_set(coalesce(o.fields, '{}'), '$.title', o.title, '$.region', o.region)) e \
         WHERE coalesce(e.value, '') <> '')), '$.salutation', iif(o.id IS NULL, m.salutation, o.salutation)), \
         json_array(v.office), 'queued', ",
    );
    insert.push_bind(staging.now.timestamp_millis());
    // the mission's own row, where some list in force has one
    insert.push(
        " FROM (SELECT n.key AS place, n.value ->> 0 AS member, n.value ->> 1 AS mailbox, n.value ->> 2 AS address, \
         n.value ->> 3 AS office, (SELECT min(w.id) FROM member w WHERE w.mailbox = n.value ->> 1 AND ",
    );
    push_valid(&mut insert, "w", &Held::Now, staging.today);
    insert.push(") AS own FROM json_each(").push_bind(rows);
    insert.push(") n) v JOIN member m ON m.id = v.member LEFT JOIN member o ON o.id = v.own WHERE true");
    push_not_excluded(&mut insert, "v.mailbox", staging.reach, staging.today);
    push_not_frozen(&mut insert, "v.mailbox", staging.not_frozen_for);
    insert.push(
        " ORDER BY v.place ON CONFLICT (issue, mailbox) DO UPDATE SET \
         copy_of = json_insert(coalesce(copy_of, '[]'), '$[#]', excluded.copy_of ->> 0) \
         WHERE NOT EXISTS (SELECT 1 FROM json_each(coalesce(copy_of, '[]')) WHERE value = excluded.copy_of ->> 0)",
    );
    insert
}
