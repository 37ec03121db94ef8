//! The feeder: keeps the shelf filled from the ledger, and closes what is complete.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{Dispatch, OpenIssue};
use crate::{
    delivery::{Slots, State},
    desk::read_parts,
    ledger::{DeliveryId, Due, IssueId, IssueRecord, LedgerError},
    workers::shelf::{FEW, Job},
};

/// Deliveries read at a time, by all open issues together: a small circular is not kept waiting by a big one.
const PAGE: u32 = 2_000;
/// The longest nap: a bell that was missed costs no more than this.
const NAP: Duration = Duration::from_secs(5);

/// Where the feeder stands in each open issue.
#[derive(Default)]
struct Standing {
    issues: BTreeMap<IssueId, (Arc<OpenIssue>, DeliveryId)>,
    /// The issue whose turn it was.
    last: Option<IssueId>,
    /// When the next message may go to each limited domain.
    slots: Slots,
    /// Deferred deliveries that have a slot; queued ones have it in the ledger.
    with_slot: HashSet<DeliveryId>,
}

pub(super) async fn run(dispatch: &Dispatch, stop: &CancellationToken) -> Result<(), LedgerError> {
    let mut standing = Standing { slots: dispatch.slots.clone(), ..Standing::default() };
    while !stop.is_cancelled() {
        let busy = dispatch.pulse.busy();
        standing.look(dispatch).await?;
        let found = standing.fill(dispatch).await?;
        if found == 0 {
            finish(dispatch).await?;
        }
        drop(busy);
        let nap = nap(dispatch, found).await?;
        tokio::select! {
            () = stop.cancelled() => {}
            () = dispatch.shelf.low() => {}
            () = dispatch.pulse.dispatch() => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
    dispatch.shelf.clear();
    Ok(())
}

impl Standing {
    /// Takes up new issues and drops those that are complete, paused, held or cancelled.
    async fn look(&mut self, dispatch: &Dispatch) -> Result<(), LedgerError> {
        let open: HashMap<IssueId, IssueRecord> =
            dispatch.ledger.open_issues().await?.into_iter().map(|record| (record.id, record)).collect();
        let before = self.issues.len();
        self.issues.retain(|id, _| {
            let still = open.contains_key(id);
            if !still {
                dispatch.tally.close(*id);
            }
            still
        });
        if self.issues.len() < before {
            dispatch.shelf.clear();
            self.issues.values_mut().for_each(|(_, after)| *after = DeliveryId(0));
        }
        for (id, record) in open {
            if let std::collections::btree_map::Entry::Vacant(entry) = self.issues.entry(id) {
                let totals = dispatch.ledger.issue_totals(id).await?;
                dispatch.tally.open(id, &record.reference, totals);
                let parts = read_parts(&dispatch.ledger, &record).await?;
                entry.insert((Arc::new(OpenIssue { record, parts }), DeliveryId(0)));
            }
        }
        Ok(())
    }

    /// Fills the shelf, each open issue in turn. A page that is not full begins again at the issue's first row.
    async fn fill(&mut self, dispatch: &Dispatch) -> Result<usize, LedgerError> {
        let share = (PAGE / u32::try_from(self.issues.len().max(1)).unwrap_or(PAGE)).max(50);
        let behind = |id: &IssueId| self.last.is_some_and(|last| *id <= last);
        let mut order: Vec<IssueId> = self.issues.keys().copied().collect();
        order.sort_by_key(|id| (behind(id), *id));
        let mut added = 0;
        for id in order {
            if dispatch.shelf.waiting() > FEW {
                break;
            }
            let Some((issue, after)) = self.issues.get_mut(&id) else { continue };
            let mark = dispatch.shelf.begin_reading();
            let due = dispatch.ledger.due(id, *after, dispatch.clock.now(), share).await?;
            let more = due.len() == share as usize;
            *after = due.last().filter(|_| more).map_or(DeliveryId(0), |last| last.id);
            let due = if self.slots.is_limited() {
                with_slot(dispatch, &mut self.slots, &mut self.with_slot, due).await?
            } else {
                due
            };
            added +=
                dispatch.shelf.fill(mark, due.into_iter().map(|due| Job { due, issue: Arc::clone(issue), stops: 0 }));
            // there is more behind this page, even if all of it is in hand
            added += usize::from(more);
            self.last = Some(id);
        }
        Ok(added)
    }
}

/// Those whose slot has come. The others get theirs in the ledger: it gives them out again when it is their time.
async fn with_slot(
    dispatch: &Dispatch,
    slots: &mut Slots,
    with_slot: &mut HashSet<DeliveryId>,
    due: Vec<Due>,
) -> Result<Vec<Due>, LedgerError> {
    let now = dispatch.clock.now();
    let (mut ready, mut later) = (Vec::new(), Vec::new());
    for due in dispatch.shelf.not_in_hand(due) {
        let has_slot = match due.state {
            State::Deferred => with_slot.remove(&due.id),
            _ => due.next_attempt_at.is_some(),
        };
        let at = if has_slot { now } else { slots.reserve(&due.address, now) };
        // what is in doubt does not wait: its relay may remember the first copy now
        if at <= now || due.state == State::InDoubt {
            ready.push(due);
            continue;
        }
        if due.state == State::Deferred {
            with_slot.insert(due.id);
        }
        later.push((due.id, at));
    }
    dispatch.ledger.postpone(&later).await?;
    Ok(ready)
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
