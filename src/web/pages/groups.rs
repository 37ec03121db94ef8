//! Groups as held: what is in force, since when, and what stands against a changed list.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    super::{Web, access::Visitor, told::Told},
    page,
    parked::{Located, located},
};
use crate::{
    addressees::GroupName,
    ledger::{GroupMember, GroupRecord},
    report::format_moment,
};

/// Addressees on a page.
const PAGE: u32 = 200;
/// Problems of a list on the page.
const PROBLEMS: usize = 30;

#[derive(Serialize)]
struct Content {
    groups: Vec<Listed>,
    folder: String,
}

#[derive(Serialize)]
struct Listed {
    name: String,
    file: String,
    /// Where the last version of the file stands.
    stands: &'static str,
    good: bool,
    waits: bool,
    rows: i64,
    mailboxes: i64,
    since: Option<String>,
    problems: Vec<Located>,
    more_problems: usize,
}

/// `GET /groups`
pub async fn list(State(web): State<Web>, visitor: Visitor) -> Result<Response, Told> {
    let lists = &web.desk.lists;
    let in_force = lists.groups_in_force().await?;
    let last_read = lists.groups_last_read().await?;
    let groups = last_read.iter().map(|last| {
        let held = in_force.iter().find(|held| held.name == last.name);
        listed(&web, last, held)
    });
    let folder = web.desk.workspace.recipients().display().to_string();
    let content = Content { groups: groups.collect(), folder };
    page(&web, Some(&visitor), "groups.html", ("Groups", "groups"), content)
}

/// Whether a person can let this version come into force: it waits for one, or is whole but for some rows.
pub fn may_be_accepted(last: &GroupRecord) -> bool {
    last.state == "pending" || last.state == "refused" && !last.bad.rows.is_empty()
}

fn listed(web: &Web, last: &GroupRecord, held: Option<&GroupRecord>) -> Listed {
    let (stands, good) = match (last.state.as_str(), held) {
        ("accepted", _) => ("in force", true),
        ("pending", Some(_)) => ("waits to be accepted; the version before stays in force", false),
        ("pending", None) => ("waits to be accepted", false),
        ("refused", Some(_)) => ("refused; the version before stays in force", false),
        ("refused", None) => ("refused; no version is in force", false),
        _ => ("gone", false),
    };
    let file = format!("recipients/{}", last.file);
    Listed {
        name: last.name.clone(),
        stands,
        good,
        waits: may_be_accepted(last),
        rows: held.map_or(0, |held| held.rows),
        mailboxes: held.map_or(0, |held| held.mailboxes),
        since: held.and_then(|held| held.accepted_at).map(|at| format_moment(at, web.desk.rules.zone)),
        problems: last.problems.iter().take(PROBLEMS).map(|problem| located(&file, problem)).collect(),
        more_problems: last.problems.len().saturating_sub(PROBLEMS),
        file,
    }
}

/// Which page.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    after: Option<i64>,
}

#[derive(Serialize)]
struct Members {
    name: String,
    members: Vec<GroupMember>,
    after: Option<i64>,
    first: bool,
}

/// `GET /groups/{name}`
pub async fn members(
    State(web): State<Web>,
    visitor: Visitor,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Told> {
    let known = web.desk.lists.groups_fed().await?.iter().any(|fed| fed.in_force && fed.group == name);
    if GroupName::new(&name).is_none() || !known {
        return Err(Told::unknown("no group of that name has a list in force; the list of groups shows all"));
    }
    let (members, after) = web.desk.lists.group_page(&name, asked.after, PAGE).await?;
    let content = Members { name, members, after, first: asked.after.is_none() };
    let title = format!("Group {}", content.name);
    page(&web, Some(&visitor), "group.html", (&title, "groups"), content)
}
