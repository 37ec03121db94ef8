//! One circular: where it stands, coverage, what failed first and why, groups, languages and countries, what people did.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Web,
        access::{Role, Visitor},
        told::Told,
    },
    act::{Deed, deeds},
    circulars::{Listed, listed},
    numbers::Bar,
    outlook::{Outlook, outlook},
    page, wording,
};
use crate::{
    delivery::State as DeliveryState,
    ledger::{Breakdown, CircularId, CircularRecord, LogEntry, LogFilter, PastOrder},
    report::{Totals, format_moment},
};

/// Failures on the page; the log has all.
const FAILURES: u32 = 50;
/// Orders on the page.
const ORDERS: u32 = 50;

/// What is asked.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// Something was ordered just now.
    #[serde(default)]
    told: Option<String>,
}

#[derive(Serialize)]
struct Content {
    listed: Listed,
    outlook: Option<Outlook>,
    facts: Vec<Fact>,
    files: Vec<String>,
    deeds: Vec<Deed>,
    coverage: Option<String>,
    /// Countries of its groups with no mailbox that it could go to.
    without_address: Vec<String>,
    failures: Vec<Failure>,
    more_failures: bool,
    groups: Vec<Row>,
    languages: Vec<Row>,
    countries: Vec<Row>,
    approvals: Vec<Signed>,
    approvals_needed: i64,
    orders: Vec<Ordered>,
    just_ordered: bool,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Row {
    name: String,
    bar: Bar,
}

#[derive(Serialize)]
struct Signed {
    by: String,
    at: String,
    holds: bool,
    /// What was changed since.
    because: Option<String>,
}

#[derive(Serialize)]
struct Ordered {
    at: String,
    act: String,
    by: String,
    reason: String,
    result: Option<String>,
    refused: bool,
}

/// A delivery that did not end well, in plain words.
#[derive(Serialize)]
pub struct Failure {
    /// The row.
    pub entry: LogEntry,
    /// What became of it.
    pub became: String,
    /// What happens next.
    pub next: String,
    /// A person can settle it.
    pub may_settle: bool,
}

impl Failure {
    /// Words for one entry.
    pub fn of(entry: LogEntry) -> Self {
        let (became, next) = (wording::became(&entry), wording::next(&entry));
        let may_settle = entry.state == "in_doubt" || entry.state == "held" && entry.attempts > 0;
        Self { entry, became, next, may_settle }
    }
}

/// The circular of a number in a path.
pub async fn find(web: &Web, id: i64) -> Result<CircularRecord, Told> {
    let found = web.desk.ledger.circular(CircularId(id)).await?;
    found.ok_or_else(|| Told::unknown("there is no such circular; the list of circulars shows all"))
}

/// `GET /circulars/{id}`
pub async fn show(
    State(web): State<Web>,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Told> {
    let record = find(&web, id).await?;
    let ledger = &web.desk.ledger;
    let listed = listed(&web, &visitor, &record).await?;
    let countries = ledger.totals_by(record.id, Breakdown::Country).await?;
    let (failures, more_failures) = failures(&web, record.id).await?;
    let rows = |all: std::collections::BTreeMap<String, Totals>| -> Vec<Row> {
        all.iter().map(|(name, totals)| Row { name: name.clone(), bar: Bar::of(totals) }).collect()
    };
    let reached = countries.keys().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let without_address = match record.issues {
        0 => Vec::new(),
        _ => web.counted.without_address(&web.desk, &record, &reached).await?,
    };
    let moment = |at| format_moment(at, web.desk.rules.zone);
    let approvals = ledger.approvals(&record).await?.into_iter();
    let content = Content {
        outlook: if visitor.role >= Role::Editor { outlook(&web, &record).await? } else { None },
        facts: facts(&web, &record).await?,
        files: ledger.letters(record.id).await?.into_iter().map(|letter| letter.file).collect(),
        deeds: if visitor.role >= Role::Releaser { deeds(&record) } else { Vec::new() },
        coverage: (record.issues > 0).then(|| coverage(&countries, without_address.len())),
        without_address,
        failures,
        more_failures,
        groups: rows(ledger.totals_by(record.id, Breakdown::Group).await?),
        languages: rows(ledger.totals_by(record.id, Breakdown::Language).await?),
        countries: rows(countries),
        approvals: approvals
            .map(|one| Signed {
                by: one.by,
                at: moment(one.at),
                holds: one.counts,
                because: one.voided.map(|(_, why)| why),
            })
            .collect(),
        approvals_needed: record.approvals_needed(web.desk.rules.approvals),
        orders: ledger.orders_of(record.id, ORDERS).await?.into_iter().map(|order| ordered(&web, order)).collect(),
        just_ordered: asked.told.is_some(),
        listed,
    };
    let title = content.listed.name.clone();
    page(&web, Some(&visitor), "circular.html", (&title, "circulars"), content)
}

async fn facts(web: &Web, record: &CircularRecord) -> Result<Vec<Fact>, Told> {
    let zone = web.desk.rules.zone;
    let mut facts = Vec::new();
    let mut fact = |name, value: Option<String>| facts.extend(value.map(|value| Fact { name, value }));
    fact("Seen first", Some(format_moment(record.seen_at, zone)));
    fact("Repeats", record.repeat.clone());
    for issue in web.desk.ledger.issues(record.id).await? {
        let name = if record.issues > 1 { format!("issue {}, ", issue.number) } else { String::new() };
        let from = &issue.head.message.from_address;
        let at = format_moment(issue.frozen_at, zone);
        fact("Frozen", Some(format!("{name}{at}, {} addressees, from {from}", issue.total)));
    }
    fact("Completed", record.completed_at.map(|at| format_moment(at, zone)));
    Ok(facts)
}

/// What did not end well, or not yet, the worst first.
async fn failures(web: &Web, circular: CircularId) -> Result<(Vec<Failure>, bool), Told> {
    use DeliveryState as S;
    let (mut found, mut more) = (Vec::new(), false);
    for states in [vec![S::InDoubt], vec![S::Refused, S::Expired], vec![S::Held], vec![S::Deferred]] {
        let room = FAILURES.saturating_sub(u32::try_from(found.len()).unwrap_or(FAILURES));
        let filter = LogFilter { circular: Some(circular), states, ..LogFilter::default() };
        if room > 0 {
            let page = web.desk.ledger.log_page(&filter, room, web.desk.rules.zone).await?;
            more |= page.next.is_some();
            found.extend(page.entries.into_iter().map(Failure::of));
        }
    }
    Ok((found, more))
}

/// `193 countries: 188 accepted, 3 refused, 2 without address`: each counts once, by the best that came of it.
fn coverage(countries: &std::collections::BTreeMap<String, Totals>, without_address: usize) -> String {
    use DeliveryState as S;
    const BEST_FIRST: [(&[DeliveryState], &str); 5] = [
        (&[S::Accepted], "accepted"),
        (&[S::Queued, S::InTransaction, S::Deferred, S::InDoubt], "not yet"),
        (&[S::Held], "held"),
        (&[S::Refused, S::Expired], "refused"),
        (&[S::Withdrawn], "withdrawn"),
    ];
    let named: Vec<&Totals> = countries.iter().filter(|(name, _)| !name.is_empty()).map(|(_, totals)| totals).collect();
    let mut counts = [0_u64; BEST_FIRST.len()];
    for totals in &named {
        let best = BEST_FIRST.iter().position(|(states, _)| states.iter().any(|state| totals.count(*state) > 0));
        if let Some(best) = best {
            counts[best] += 1;
        }
    }
    let counts = counts.iter().copied().zip(BEST_FIRST.map(|(_, words)| words));
    let parts: Vec<String> = counts
        .chain([(without_address as u64, "without address")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    format!("{} countries: {}", named.len() + without_address, parts.join(", "))
}

fn ordered(web: &Web, order: PastOrder) -> Ordered {
    let refused = order.result.as_deref().is_some_and(|result| result.starts_with("refused: "));
    let at = format_moment(order.at, web.desk.rules.zone);
    Ordered { at, act: order.act, by: order.by, reason: order.reason, result: order.result, refused }
}
