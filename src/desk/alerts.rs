//! The house writes to its own people: one message through a session of its own, kept in rows of its own.
//!
//! It takes no delivery's place and no relay's gate: whatever becomes of it, letters go on. A failure is kept and tried
//! again by the retry table, and is no event, so that it can open no alert.

use std::{fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{
    Desk, DeskError, Post, PostError, Posted,
    post::{Connected, Rates},
};
use crate::{
    alerts::{AlertSettings, Message, Say, completed, notice},
    compose::{Composed, HouseNotice, compose_notice},
    delivery::{Failure, Next, NextTry, Outcome, RetrySettings, Stage, State, Trouble, hint_in, judge},
    ledger::{AlertTurn, DueNotice, Event, NoticeBegin, NoticeEnd},
    report::mask_within,
    smtp::{Content, Envelope},
};

/// What is needed to write to operators and owners.
#[derive(Debug, Clone)]
pub struct AlertPost {
    /// The ledger, the time, the senders.
    pub desk: Desk,
    /// `[alerts]`
    pub settings: AlertSettings,
    /// The way out: the relays, or the rehearsal's server.
    pub post: Post,
    /// `[retry]`
    pub retry: RetrySettings,
    /// Whether nothing leaves this machine.
    pub earnest: Earnest,
    /// Who must hear that a relay that was down has let us in.
    pub reached: Reached,
}

/// Tells whoever sends letters that a relay has let us in.
#[derive(Clone)]
pub struct Reached(pub Arc<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reached")
    }
}

/// Whether what is sent leaves this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earnest {
    /// It goes to a relay.
    Real,
    /// It is captured, and every page and message says so.
    Rehearsal,
}

/// After silence the same octets go once more; the relay may just have been restarted.
const AFTER_DOUBT: TimeDelta = TimeDelta::minutes(1);
/// Stages of a session before the first message: whoever has come this far has been let in.
const OPENING: [&str; 5] = ["connect", "greeting", "ehlo", "starttls", "auth"];

impl AlertPost {
    /// Reads what has happened, and says in the log what that opened or ended.
    pub async fn follow(&self) -> Result<(), DeskError> {
        log(&self.desk.ledger.follow_events(&self.settings, self.desk.now()).await?);
        Ok(())
    }

    /// Sends what may go now, one message after the other, until `stop`.
    pub async fn send_due(&self, stop: &CancellationToken) -> Result<(), DeskError> {
        let now = self.desk.now();
        let due = self.desk.ledger.due_notices(self.settings.most_per_hour, now).await?;
        for (number, notice) in due.iter().enumerate() {
            let connected = tokio::select! {
                connected = self.post.connect(&self.desk, Rates::Passed) => connected,
                // nothing has begun
                () = stop.cancelled() => return Ok(()),
            };
            match connected {
                Ok(Ok(connected)) => self.send(notice, connected).await?,
                Ok(Err(unreached)) => {
                    // whoever comes after would find the same
                    for notice in &due[number..] {
                        self.put_off(notice, &unreached).await?;
                    }
                    return Ok(());
                }
                Err(PostError::Ledger(error)) => return Err(error.into()),
                Err(error) => {
                    let trouble = Trouble::Broken(error.to_string());
                    let outcome = Outcome::Failed(Failure { stage: Stage::Connect, trouble });
                    let relay = self.post.relays.first().map_or_else(String::new, |relay| relay.name.clone());
                    let unreached = Posted { relay, outcome, unreachable: Vec::new() };
                    self.put_off(notice, &unreached).await?;
                }
            }
        }
        Ok(())
    }

    async fn send(&self, due: &DueNotice, mut connected: Connected) -> Result<(), DeskError> {
        let (ledger, relay) = (&self.desk.ledger, connected.relay.clone());
        self.was_let_in(&relay, Some(&OPENING)).await?;
        let octets = match &due.again {
            Some(octets) => {
                ledger.begin_again(due.id, &relay, self.desk.now()).await?;
                octets.clone()
            }
            None => match self.begin(due, &relay).await? {
                Some(octets) => octets,
                None => {
                    ledger.withdraw_notice(due.id).await?;
                    connected.quit().await;
                    return Ok(());
                }
            },
        };
        let sender = &self.desk.rules.senders[0];
        let envelope = Envelope {
            reverse_path: sender.return_path.as_str(),
            forward_path: &due.recipient,
            size: octets.len(),
            content: Content::of(&octets),
            dsn: None,
        };
        let outcome = connected.transact(&envelope, &octets).await;
        connected.quit().await;
        let end = self.judged(due, &outcome);
        ledger.end_notice(due.id, &end, self.desk.now()).await?;
        if end.state == State::Accepted {
            self.was_let_in(&relay, None).await?;
        }
        told(due, &relay, &end, &outcome);
        Ok(())
    }

    /// A relay has let us in: what had kept it from that is over, for letters too. `None`: it has taken a message, so
    /// everything is.
    async fn was_let_in(&self, relay: &str, opened_at: Option<&[&str]>) -> Result<(), DeskError> {
        if self.desk.ledger.is_said_down(relay, opened_at).await? {
            (self.reached.0)(relay);
            let event = Event::new("relay_up", "circulard").detail(serde_json::json!({ "relay": relay }));
            self.desk.ledger.note(&event, self.desk.now()).await?;
            self.follow().await?;
        }
        Ok(())
    }

    /// Settles what it says and makes durable that it leaves. `None`: there is nothing left to say.
    async fn begin(&self, due: &DueNotice, relay: &str) -> Result<Option<Vec<u8>>, DeskError> {
        let now = self.desk.now();
        let Some((message, says)) = self.words(due).await? else { return Ok(None) };
        let Some((subject, composed)) = self.compose(due, &message, now) else { return Ok(None) };
        let begin = NoticeBegin {
            id: due.id,
            relay,
            subject: &subject,
            message_id: &composed.message_id,
            octets: &composed.octets,
            sha256: composed.sha256,
            says,
        };
        self.desk.ledger.begin_notice(&begin, now).await?;
        Ok(Some(composed.octets))
    }

    async fn words(&self, due: &DueNotice) -> Result<Option<(Message, Vec<(i64, Say)>)>, DeskError> {
        let (ledger, zone) = (&self.desk.ledger, self.desk.rules.zone);
        let dashboard = ledger.dashboard().await?;
        let dashboard = dashboard.as_deref();
        if let Some(report) = due.report {
            let issue = ledger.completed_issue(report).await?;
            return Ok(issue.map(|issue| (completed(&issue, zone, dashboard), vec![(report, Say::Both)])));
        }
        let (numbers, all): (Vec<i64>, Vec<_>) =
            ledger.to_tell(&due.recipient, self.desk.now()).await?.into_iter().unzip();
        if all.is_empty() {
            return Ok(None);
        }
        let says = numbers.into_iter().zip(&all).map(|(number, told)| (number, told.say)).collect();
        Ok(Some((notice(&all, zone, dashboard), says)))
    }

    fn compose(&self, due: &DueNotice, message: &Message, now: DateTime<Utc>) -> Option<(String, Composed)> {
        let sender = &self.desk.rules.senders[0];
        let mark = if self.earnest == Earnest::Rehearsal { "REHEARSAL: " } else { "" };
        let subject = format!("{mark}{}", message.subject);
        let captured = "This is a rehearsal: nothing has left this machine.";
        let head = (self.earnest == Earnest::Rehearsal).then_some([(0, captured), (0, "")]);
        let lines = message.lines.iter().map(|line| (line.0, line.1.as_str()));
        let composed = compose_notice(&HouseNotice {
            from_name: sender.from_name.as_deref(),
            from: sender.from.as_str(),
            to: &due.recipient,
            subject: &subject,
            lines: head.into_iter().flatten().chain(lines).collect(),
            date: now.with_timezone(&self.desk.rules.zone).fixed_offset(),
            key: self.desk.ledger.message_key(),
            number: due.id.0,
            domain: sender.return_path.domain(),
        });
        match composed {
            Ok(composed) => Some((subject, composed)),
            Err(error) => {
                tracing::error!(
                    notice = due.id.0,
                    error = mask_within(&error.to_string()),
                    "a notice cannot be composed"
                );
                None
            }
        }
    }

    /// No relay could be reached: it waits, or is given up, and is listed either way.
    async fn put_off(&self, due: &DueNotice, unreached: &Posted) -> Result<(), DeskError> {
        let end = self.judged(due, &unreached.outcome);
        let says = if end.state.is_final() { self.words(due).await? } else { None };
        let says = says.map_or_else(Vec::new, |(_, says)| says);
        self.desk.ledger.put_off_notice(due.id, &unreached.relay, &end, &says, self.desk.now()).await?;
        told(due, &unreached.relay, &end, &unreached.outcome);
        Ok(())
    }

    fn judged(&self, due: &DueNotice, outcome: &Outcome) -> NoticeEnd {
        let now = self.desk.now();
        let (stage, reply, remark) = outcome.told();
        let hint = reply.and_then(|reply| hint_in(&reply.text));
        let chance = f64::from(now.timestamp_subsec_millis()) / 1000.0;
        let next = self.retry.next_try(due.created_at, now, due.attempts + 1, chance, hint);
        let later = match (judge(outcome).next, next) {
            (Next::Accepted, _) => (State::Accepted, None),
            (Next::Refused, _) => (State::Refused, None),
            // a message that was in doubt before and is not accepted now may still have arrived
            (Next::InDoubt, _) if due.again.is_some() => (State::Held, None),
            (Next::InDoubt, _) => (State::InDoubt, Some(now + AFTER_DOUBT)),
            (_, NextTry::At(at)) if due.again.is_some() => (State::InDoubt, Some(at)),
            (_, NextTry::At(at)) => (State::Deferred, Some(at)),
            (_, NextTry::GiveUp(_)) => (State::Expired, None),
        };
        NoticeEnd { state: later.0, stage: stage.as_str(), reply: reply.cloned(), remark, next_attempt_at: later.1 }
    }

    /// Whether a message could go by then.
    pub async fn has_some_by(&self, by: DateTime<Utc>) -> Result<bool, DeskError> {
        Ok(self.desk.ledger.has_notices_by(self.settings.most_per_hour, by, self.desk.now()).await?)
    }
}

/// At once in the log, whatever becomes of the mail.
fn log(turns: &[AlertTurn]) {
    for turn in turns {
        let (kind, key) = (turn.kind.as_str(), mask_within(&turn.key));
        match &turn.opened {
            Some(what) => tracing::warn!(kind, key, what = mask_within(what), "alert"),
            None => tracing::info!(kind, key, "alert resolved"),
        }
    }
}

fn told(due: &DueNotice, relay: &str, end: &NoticeEnd, outcome: &Outcome) {
    let (notice, to, state) = (due.id.0, crate::report::mask(&due.recipient), end.state.as_str());
    let reply = match outcome {
        Outcome::Accepted(reply) => reply.to_string(),
        Outcome::Failed(failure) => failure.to_string(),
    };
    let reply = mask_within(&reply);
    match end.state {
        State::Accepted => tracing::info!(notice, to, relay, state, reply, "notice"),
        _ => tracing::warn!(notice, to, relay, state, reply, "notice"),
    }
}
