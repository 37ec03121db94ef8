//! Whom a letter reaches today: how many they are, whether they have what the letter merges, and a hash over all of them.

use std::collections::BTreeMap;

use super::{
    Desk, DeskError, Understood, Version, listed, parent::check_addressees, sha256, surroundings::Surroundings,
};
use crate::{
    circular::Problem,
    compose::{Recipient, Rendered, Role},
    ledger::{Reach, ReachCount},
};

/// The fields that an addressee must have.
pub(super) fn required_fields(rendered: &Rendered) -> Vec<String> {
    let nobody = BTreeMap::new();
    let blank = Recipient { address: "", name: None, salutation: None, role: Role::To, fields: &nobody };
    rendered.missing_fields(&blank).into_iter().map(str::to_owned).collect()
}

/// How many mailboxes a letter reaches, the addressees of a parent included.
pub(super) async fn count_reached(
    desk: &Desk,
    reach: &Reach,
    surroundings: &Surroundings,
) -> Result<ReachCount, DeskError> {
    let mut count = surroundings.count(desk, reach).await?;
    if let Some(parent) = reach.parent {
        let mut without = desk.lists.excluded(reach, desk.today()).await?;
        // who stands in a Copy group too, or is named by an office there, is counted there
        without.extend(desk.lists.mailboxes(reach, desk.today()).await?);
        without.extend(desk.lists.office_copies(reach, desk.today()).await?.into_keys());
        let of_parent = desk.ledger.count_addressees_of(parent, &without).await?;
        count.mailboxes += of_parent.mailboxes;
        count.countries = count.countries.max(of_parent.countries);
    }
    Ok(count)
}

/// Hash over whom a letter reaches, as the lists have them: any row that is changed, added or gone gives another. A day on which
/// somebody's validity begins or ends does not.
pub(super) async fn hash_addressees(
    desk: &Desk,
    reach: &Reach,
    surroundings: &Surroundings,
) -> Result<[u8; 32], DeskError> {
    let named = serde_json::json!(reach.named()).to_string();
    let mut all = vec![sha256(named.as_bytes()), surroundings.hash_of_rows(desk, reach).await?];
    if let Some(parent) = reach.parent {
        let excluded = desk.lists.excluded(reach, desk.today()).await?;
        all.push(sha256(desk.ledger.addressees_of(parent, &excluded).await?.join("\n").as_bytes()));
    }
    Ok(sha256(&all.concat()))
}

/// Where a field is empty: rows of lists, or addressees of the parent.
async fn rows_without(
    desk: &Desk,
    reach: &Reach,
    surroundings: &Surroundings,
    field: &str,
    limit: i64,
) -> Result<Vec<String>, DeskError> {
    let rows = surroundings.without_field(desk, reach, field, limit).await?;
    let mut rows: Vec<String> = rows.iter().map(|(file, line)| format!("recipients/{file}:{line}")).collect();
    if let Some(parent) = reach.parent {
        let excluded = desk.lists.excluded(reach, desk.today()).await?;
        let lacking = desk.ledger.addressees_without_field(parent, &excluded, field, limit).await?;
        rows.extend(lacking.into_iter().map(|address| format!("{address} as its parent was frozen")));
    }
    Ok(rows)
}

/// Somebody must be reached, and everybody must have what the letter merges.
pub(super) async fn check_reach(
    desk: &Desk,
    understood: &mut Understood,
    surroundings: &Surroundings,
) -> Result<(), DeskError> {
    if understood.errors().any(|_| true) {
        return Ok(());
    }
    let count = count_reached(desk, &understood.reach, surroundings).await?;
    let line = understood.original().and_then(|original| original.to.first()).map_or(0, |line| line.line);
    if count.mailboxes == 0 {
        let message = match understood.reach.parent {
            Some(_) => "its parent has no addressee left; nobody would get it",
            None => "its groups have no addressee today; nobody would get it",
        };
        understood.problem_of_original(Problem::error(line, message));
        return Ok(());
    }
    check_addressees(desk, understood).await?;
    for index in 0..understood.versions.len() {
        let problems = check_fields(desk, &understood.versions[index], &understood.reach, surroundings).await?;
        understood.versions[index].problems.extend(problems);
    }
    Ok(())
}

/// Columns that some list has by nature.
const KNOWN: [&str; 8] = ["name", "title", "salutation", "organization", "country", "region", "language", "email"];

async fn check_fields(
    desk: &Desk,
    version: &Version,
    reach: &Reach,
    surroundings: &Surroundings,
) -> Result<Vec<Problem>, DeskError> {
    /// Rows that one message names.
    const NAMED: i64 = 6;
    let Some(rendered) = &version.rendered else { return Ok(Vec::new()) };
    let required = required_fields(rendered);
    let columns = surroundings.groups.columns();
    let mut problems = Vec::new();
    for (field, line) in rendered.fields() {
        let known: Vec<&str> = KNOWN.iter().chain(&columns).copied().collect();
        if !known.contains(&field) {
            let near = crate::circular::nearest(field, known.iter().copied());
            let remedy = near.map_or_else(
                || format!("the lists have {}", listed(&super::distinct(known.iter().copied()))),
                |near| format!("did you mean {{{{ addressee.{near} }}}}?"),
            );
            problems.push(Problem::error(line, format!("no list has a column \"{field}\"; {remedy}")));
        } else if required.iter().any(|required| required == field) {
            let mut rows = rows_without(desk, reach, surroundings, field, NAMED + 1).await?;
            if !rows.is_empty() {
                let more = if rows.len() > 6 { " and more" } else { "" };
                rows.truncate(6);
                let message = format!(
                    "{{{{ addressee.{field} }}}} is empty in {}{more}; fill it in, or write {{{{ addressee.{field} | default(\"…\") }}}}",
                    rows.join(", ")
                );
                problems.push(Problem::error(line, message));
            }
        }
    }
    Ok(problems)
}
