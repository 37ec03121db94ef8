//! The countries that a circular was for and had no mailbox in: what coverage owes beside those that it reached.

use std::collections::BTreeSet;

use super::{Desk, DeskError, reach::Groups};
use crate::addressees::{by_country, country_key};
use crate::ledger::{CircularRecord, Held, Reach};

/// Countries of the groups that the last issue went to, as the lists were when it was frozen, with no copy frozen for any
/// mailbox of theirs, be it that no row of theirs was valid or let through, or that their row had no address and a person
/// accepted the list without it. Sorted. None where the lists no longer tell: a group of it is gone.
///
/// Of a group that is narrowed by columns, rows without an address are not counted: nobody knows whether they belong to it.
pub async fn without_address(
    desk: &Desk,
    record: &CircularRecord,
    reached: &BTreeSet<&str>,
) -> Result<Vec<String>, DeskError> {
    let Some(issue) = desk.ledger.issues(record.id).await?.into_iter().rfind(|issue| issue.source.is_none()) else {
        return Ok(Vec::new());
    };
    let Ok(reach) = Groups::of(desk).await?.reach_by_names(&issue.reach) else { return Ok(Vec::new()) };
    let versions = desk.ledger.versions_of_issue(issue.id).await?;
    let names: Vec<&str> = reached.iter().copied().collect();
    let mut found: BTreeSet<String> = BTreeSet::new();
    for version in desk.ledger.group_versions_by_id(&versions).await? {
        if is_whole_in(&reach, &version.name) {
            found.extend(version.bad.rows.into_iter().map(|row| row.country));
        }
    }
    found.extend(desk.ledger.countries_not_reached(&reach, &names, &Held::Versions(versions)).await?);
    let reached: BTreeSet<String> = reached.iter().map(|name| country_key(name)).collect();
    let found = by_country(found.into_iter().map(|name| (name, ())).collect(), |()| 0, |_, ()| {}).into_keys();
    Ok(found.filter(|country| !country.is_empty() && !reached.contains(&country_key(country))).collect())
}

/// Whether all rows of a list belong to a group of the reach.
fn is_whole_in(reach: &Reach, list: &str) -> bool {
    let mut terms = reach.to.iter().chain(&reach.copy).flat_map(|selection| &selection.terms);
    terms.any(|term| term.source.as_str() == list && term.conditions.is_empty())
}
