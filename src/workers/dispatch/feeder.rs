//! The feeder: keeps the shelf filled from the ledger, and closes what is complete.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    Dispatch, Shelf,
    shelf::{Job, OpenIssue},
};
use crate::{
    circular::Language,
    compose::{ComposeError, EncodedAnnex, Prepared, Rendered},
    ledger::{DeliveryId, FrozenAnnex, IssueId, IssueRecord, LedgerError},
};

/// Deliveries read at a time.
const PAGE: u32 = 2_000;
/// The shelf is filled again when so few are left.
pub(super) const FEW: usize = 500;
/// The longest nap: a bell that was missed costs no more than this.
const NAP: Duration = Duration::from_secs(5);

/// Where the feeder stands in each open issue.
#[derive(Default)]
struct Desk {
    issues: BTreeMap<IssueId, (Arc<OpenIssue>, DeliveryId)>,
}

pub(super) async fn run(dispatch: &Dispatch, shelf: &Shelf, stop: &CancellationToken) -> Result<(), LedgerError> {
    let mut desk = Desk::default();
    while !stop.is_cancelled() {
        let busy = dispatch.pulse.busy();
        desk.look(dispatch, shelf).await?;
        let found = desk.fill(dispatch, shelf).await?;
        if shelf.level().1 == 0 {
            put_back(dispatch).await?;
            if found == 0 {
                finish(dispatch).await?;
            }
        }
        drop(busy);
        let nap = nap(dispatch, found).await?;
        tokio::select! {
            () = stop.cancelled() => {}
            () = shelf.low() => {}
            () = dispatch.pulse.dispatch() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
    shelf.clear();
    Ok(())
}

impl Desk {
    /// Takes up new issues and drops those that are complete, paused, held or cancelled.
    async fn look(&mut self, dispatch: &Dispatch, shelf: &Shelf) -> Result<(), LedgerError> {
        let open: HashMap<IssueId, IssueRecord> =
            dispatch.ledger.open_issues().await?.into_iter().map(|record| (record.id, record)).collect();
        let before = self.issues.len();
        self.issues.retain(|id, _| {
            open.contains_key(id) || {
                dispatch.tally.close(*id);
                false
            }
        });
        if self.issues.len() < before {
            shelf.clear();
            self.issues.values_mut().for_each(|(_, after)| *after = DeliveryId(0));
        }
        for (id, record) in open {
            if let std::collections::btree_map::Entry::Vacant(entry) = self.issues.entry(id) {
                let totals = dispatch.ledger.issue_totals(id).await?;
                dispatch.tally.open(id, &record.reference, totals);
                let parts = read_parts(dispatch, &record).await?;
                entry.insert((Arc::new(OpenIssue { record, parts }), DeliveryId(0)));
            }
        }
        Ok(())
    }

    /// Fills the shelf, one page an issue and round. A page that is not full begins again at the issue's first row.
    async fn fill(&mut self, dispatch: &Dispatch, shelf: &Shelf) -> Result<usize, LedgerError> {
        let mut added = 0;
        for (issue, after) in self.issues.values_mut() {
            if shelf.level().0 > FEW {
                break;
            }
            let due = dispatch.ledger.due(issue.record.id, *after, dispatch.clock.now(), PAGE).await?;
            *after = match due.last() {
                Some(last) if due.len() == PAGE as usize => {
                    // there is more behind this page, even if all of it is in hand
                    added += 1;
                    last.id
                }
                _ => DeliveryId(0),
            };
            added += shelf.fill(due.into_iter().map(|due| Job { due, issue: Arc::clone(issue) }));
        }
        Ok(added)
    }
}

/// Reads what was frozen, and encodes what all messages share.
async fn read_parts(
    dispatch: &Dispatch,
    issue: &IssueRecord,
) -> Result<HashMap<Language, Result<Prepared, ComposeError>>, LedgerError> {
    let frozen = dispatch.ledger.annexes(issue.id).await?;
    let encode = |annex: &FrozenAnnex| EncodedAnnex::new(&annex.name, &annex.content_type, &annex.octets);
    let annexes: Result<Vec<EncodedAnnex>, ComposeError> = frozen.iter().map(encode).collect();
    let mut parts = HashMap::new();
    for (language, json) in dispatch.ledger.parts(issue.id).await? {
        let rendered: Rendered = serde_json::from_str(&json)
            .map_err(|error| LedgerError::Unreadable { what: "part.rendered", found: error.to_string() })?;
        let prepare = |annexes: &Vec<EncodedAnnex>| Prepared::new(rendered, &issue.head.message, annexes);
        parts.insert(language, annexes.as_ref().map_err(ComposeError::clone).and_then(prepare));
    }
    Ok(parts)
}

/// Refusals that turned out to be everybody's.
async fn put_back(dispatch: &Dispatch) -> Result<(), LedgerError> {
    let back = dispatch.refusals.take_put_back();
    if !back.is_empty() {
        let put = dispatch.ledger.requeue_refused(&back, dispatch.clock.now()).await?;
        tracing::warn!(deliveries = put, "refusals that repeat are not the addressees': put back into the queue");
    }
    Ok(())
}

async fn finish(dispatch: &Dispatch) -> Result<(), LedgerError> {
    for (circular, reference) in dispatch.ledger.complete(dispatch.clock.now()).await? {
        let totals = dispatch.ledger.totals(circular).await?;
        tracing::info!(reference, %totals, "completed");
        dispatch.pulse.ring_issue();
    }
    Ok(())
}

/// Until something falls due, at most [`NAP`].
async fn nap(dispatch: &Dispatch, found: usize) -> Result<Duration, LedgerError> {
    if found > 0 {
        return Ok(NAP);
    }
    let next = dispatch.ledger.next_due().await?;
    let wait = next.and_then(|next| (next - dispatch.clock.now()).to_std().ok());
    Ok(wait.unwrap_or(NAP).clamp(Duration::from_millis(20), NAP))
}
