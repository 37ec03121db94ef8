//! A lane composes what it sends, or holds it.

use super::{Lane, Letter};
use crate::{
    compose::Composed,
    delivery::State,
    desk::compose_for,
    ledger::LedgerError,
    workers::{dispatch::Dispatch, shelf::Job},
};

impl Lane {
    /// Composes, or holds what cannot be composed as it was frozen.
    pub(super) async fn compose(&mut self, job: Job) -> Result<Option<Letter>, LedgerError> {
        match compose_job(&self.dispatch, &job) {
            Ok(composed) if job.due.sha256.is_none_or(|before| before == composed.sha256) => {
                Ok(Some(Letter { job, composed, started_at: self.dispatch.clock.now(), ready: None }))
            }
            Ok(_) => {
                self.hold(&job, "the message would differ from the one tried before; it is not sent").await?;
                Ok(None)
            }
            Err(why) => {
                self.hold(&job, &why).await?;
                Ok(None)
            }
        }
    }

    async fn hold(&mut self, job: &Job, why: &str) -> Result<(), LedgerError> {
        tracing::error!(delivery = job.due.id.0, reference = job.issue.record.reference, why, "held");
        self.dispatch.ledger.hold_delivery(job.due.id, why, self.dispatch.clock.now()).await?;
        self.dispatch.tally.moved(job.issue.record.id, job.due.state, State::Held);
        self.dispatch.shelf.done(&[job.due.id]);
        Ok(())
    }
}

/// The octets of a job, or why there are none.
fn compose_job(dispatch: &Dispatch, job: &Job) -> Result<Composed, String> {
    let (due, record) = (&job.due, &job.issue.record);
    let Some(part) = job.issue.parts.get(&due.language) else {
        return Err(format!("the issue has no part in \"{}\"", due.language));
    };
    let prepared = part.as_ref().map_err(ToString::to_string)?;
    compose_for(prepared, record, dispatch.ledger.message_key(), due).map_err(|error| error.to_string())
}
