//! Groups as held: each list with what waits, and who is in a group.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use serde::Serialize;

use super::{
    Page,
    asked::{Asked, place},
    json, parameters,
};
use crate::{
    desk::{GroupRow, MemberShown, groups_stand, members_on, select_group},
    web::{Web, told::Told},
};

/// `GET /api/v1/groups`
pub async fn list(State(web): State<Web>) -> Result<Response, Told> {
    let all = groups_stand(&web.desk).await?;
    json(&Page { items: all.iter().map(|stands| GroupRow::of(&web.desk, stands)).collect(), next: None })
}

#[derive(Serialize)]
struct Members {
    group: String,
    #[serde(flatten)]
    page: Page<MemberShown>,
}

/// `GET /api/v1/groups/{name}`
pub async fn members(
    State(web): State<Web>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Told> {
    let asked = Asked::read(parameters::MEMBERS, query.as_deref())?;
    let (limit, after) = (asked.limit()?, asked.after()?);
    let page = match web.desk.lists.groups_fed().await?.iter().any(|fed| fed.in_force && fed.group == name) {
        true => in_list(&web, &name, after, limit).await?,
        false => selected(&web, &name, after, limit).await?,
    };
    json(&Members { group: name, page })
}

/// A group with rows of its own: the page costs what a page has.
async fn in_list(web: &Web, name: &str, after: Option<i64>, limit: u32) -> Result<Page<MemberShown>, Told> {
    let (found, next) = web.desk.lists.group_page(name, after, limit).await?;
    let items = found.into_iter().map(MemberShown::from).collect();
    Ok(Page { items, next: place('m', next) })
}

/// A group that is a choice of others' rows: it is put together for each page.
async fn selected(web: &Web, name: &str, after: Option<i64>, limit: u32) -> Result<Page<MemberShown>, Told> {
    let selection = select_group(&web.desk, name).await?.map_err(Told::unknown)?;
    let from = usize::try_from(after.unwrap_or(0)).unwrap_or(usize::MAX);
    let found = members_on(&web.desk, &selection, None, None).await?.members;
    let items = found.iter().skip(from).take(limit as usize).map(MemberShown::from);
    let end = from.saturating_add(limit as usize);
    let next = (end < found.len()).then(|| i64::try_from(end).unwrap_or(i64::MAX));
    Ok(Page { items: items.collect(), next: place('m', next) })
}
