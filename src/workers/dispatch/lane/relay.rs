//! A lane and its relay: opening a session, and what a failure of the relay's own leads to.

use tokio_util::sync::CancellationToken;

use super::{Lane, Letter};
use crate::{
    delivery::{Failure, Outcome, Stage, Trouble, judge},
    ledger::{Event, LedgerError},
    report::format_time,
    secrets::{NoSecret, read_secret},
    smtp::Session,
    workers::dispatch::{
        gate::{Fewer, Permit, Rest, Turned},
        outcome,
    },
};

impl Lane {
    /// A usable session, opened if need be. Without one the letter goes back to the shelf.
    pub(super) async fn connected(
        &mut self,
        letter: Letter,
        stop: &CancellationToken,
    ) -> Result<Option<Letter>, LedgerError> {
        if self.session.as_ref().is_some_and(Session::is_usable) {
            return Ok(Some(letter));
        }
        self.hang_up().await;
        let Some(permit) = self.gate.permit(self.dispatch.clock.now()) else {
            self.dispatch.shelf.put_back(letter.job);
            return Ok(None);
        };
        let opened = tokio::select! {
            opened = self.open() => opened,
            // nothing has begun: a connection that is not there yet is no reason to wait
            () = stop.cancelled() => {
                self.dispatch.shelf.put_back(letter.job);
                return Ok(None);
            }
        };
        match opened {
            Ok(session) => {
                self.session = Some(session);
                self.used = 0;
                self.let_in(permit).await?;
                if self.gate.rests() {
                    // since it was asked it has failed others
                    self.hang_up().await;
                    self.dispatch.shelf.put_back(letter.job);
                    return Ok(None);
                }
                Ok(Some(letter))
            }
            Err(failure) => {
                let sent_away = match is_sent_away(&failure) {
                    true => self.gate.sent_away(permit, self.dispatch.clock.now()),
                    false => Err(permit),
                };
                match sent_away {
                    Ok(fewer) => self.has_fewer(fewer, &failure).await?,
                    Err(permit) => self.relay_failed(&Outcome::Failed(failure), Some(&permit)).await?,
                }
                // rings for those who may have it instead, now that this relay rests
                self.dispatch.shelf.put_back(letter.job);
                Ok(None)
            }
        }
    }

    async fn let_in(&mut self, permit: Permit) -> Result<(), LedgerError> {
        let (turned, seat) = self.gate.let_in(permit);
        self.seat = Some(seat);
        if turned == Turned::Up {
            tracing::info!(relay = &*self.name, "relay is up");
            let event = Event::new("relay_up", "circulard").detail(serde_json::json!({ "relay": &*self.name }));
            self.dispatch.ledger.note(&event, self.dispatch.clock.now()).await?;
        }
        Ok(())
    }

    /// The relay does not want as many sessions as are configured. Those that it has go on.
    async fn has_fewer(&self, fewer: Fewer, failure: &Failure) -> Result<(), LedgerError> {
        if !fewer.is_news {
            return Ok(());
        }
        let (relay, sessions) = (&*self.name, fewer.sessions);
        let reason = crate::report::mask_within(&failure.to_string());
        tracing::warn!(relay, sessions, reason, "relay wants fewer sessions");
        let detail = serde_json::json!({ "relay": relay, "sessions": sessions });
        let event = Event::new("relay_fewer_sessions", "circulard").because(reason).detail(detail);
        self.dispatch.ledger.note(&event, self.dispatch.clock.now()).await
    }

    pub(super) async fn open(&self) -> Result<Session, Failure> {
        let settings = &self.relay.settings;
        let password = match &self.relay.secret {
            None => None,
            Some(source) => {
                let read = read_secret(source, &self.relay.workspace, self.relay.credentials.as_deref());
                let trouble = |error: NoSecret| Trouble::Protocol(error.to_string());
                Some(read.map_err(|error| Failure { stage: Stage::Auth, trouble: trouble(error) })?)
            }
        };
        let house = &self.dispatch.settings.ehlo_name;
        let ehlo = settings.ehlo_name.as_deref().unwrap_or(house);
        Session::open(settings, password.as_ref(), &self.relay.roots, ehlo, &self.dispatch.deadlines).await
    }

    /// Feeds the relay more slowly where it asks for that, and faster again once it is content.
    pub(super) async fn pace(&mut self, outcome: &Outcome) -> Result<(), LedgerError> {
        let now = self.dispatch.clock.now();
        match self.gate().pace(outcome, now) {
            Some(Some(per_second)) if !matches!(outcome, Outcome::Accepted(_)) => {
                // what was composed ahead, and the right to send it, are of a time without a pace
                self.put_back_ahead()?;
                self.token = None;
                let reason = crate::report::mask_within(&outcome::reason(outcome));
                tracing::warn!(relay = &*self.name, per_second, reason, "relay asks for less");
                let detail = serde_json::json!({ "relay": &*self.name, "per_second": per_second });
                let event = Event::new("relay_slowed", "circulard").because(reason).detail(detail);
                self.dispatch.ledger.note(&event, now).await
            }
            Some(per_second) => {
                tracing::info!(relay = &*self.name, per_second, "relay is content");
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A failure of the relay's own; `permit` is that of the session that could not be opened.
    pub(super) async fn relay_failed(&mut self, outcome: &Outcome, permit: Option<&Permit>) -> Result<(), LedgerError> {
        let cause = judge(outcome).cause;
        let reason = outcome::reason(outcome);
        let now = self.dispatch.clock.now();
        let rest = match outcome {
            // up to MAIL the relay speaks of us; later it may speak of one addressee only
            Outcome::Failed(failure) if failure.stage <= Stage::Mail && cause.needs_a_person() => Rest::ForAPerson,
            outcome => Rest::Passing(crate::delivery::relay_wait_hint(outcome)),
        };
        let turned = self.gate.shut(rest, &reason, outcome::chance(now), now, permit);
        if let Turned::Again(until) = turned {
            self.dispatch.ledger.rests_again(&self.name, until).await?;
        }
        if let Turned::Down(reason, until) = turned {
            let reason = crate::report::mask_within(&reason);
            tracing::error!(relay = &*self.name, %cause, reason, until = format_time(until, self.dispatch.zone), "relay rests");
            let detail = serde_json::json!({ "relay": &*self.name, "cause": cause.as_str(), "until": until });
            let event = Event::new("relay_down", "circulard").because(reason).detail(detail);
            // others may have what this relay was asked first for
            self.dispatch.shelf.ring();
            self.dispatch.ledger.note(&event, now).await?;
        }
        self.hang_up().await;
        Ok(())
    }

    pub(super) async fn hang_up(&mut self) {
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
        self.seat = None;
    }
}

/// 421 before anything was said of a message: the relay has no room for this session (RFC 5321 §3.8).
fn is_sent_away(failure: &Failure) -> bool {
    let is_421 = matches!(&failure.trouble, Trouble::Reply(reply) if reply.code.get() == 421);
    failure.stage <= Stage::Auth && is_421
}
