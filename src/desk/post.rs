//! The way out for a single message: a session of its own with the relay that would be asked first, or with the embedded
//! server where nothing may leave this machine.
//!
//! It takes no lock and charges no delivery: a daemon beside it goes on. The relay's rate holds for it too.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::Desk;
use crate::{
    circular::Severity,
    compose::Composed,
    delivery::{Failure, Outcome, Stage, Throttles, Trouble},
    folders::Workspace,
    ledger::LedgerError,
    rehearsal::{CaptureServer, Manners},
    secrets::{SecretSource, read_secret},
    smtp::{Content, Deadlines, Envelope, Protection, RelaySettings, Session, TlsRoots},
};

/// What the configuration says of the way out.
#[derive(Debug, Clone, Default)]
pub struct Post {
    /// In the order of the configuration; none: it is rehearsed.
    pub relays: Vec<RelaySettings>,
    /// The house's name in EHLO; empty: the address literal.
    pub ehlo_name: String,
    /// The folder of systemd's credentials.
    pub credentials: Option<PathBuf>,
}

/// What became of the message.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Which relay had it, or was asked last.
    pub relay: String,
    /// What it said.
    pub outcome: Outcome,
    /// Relays that could not be reached before, and why.
    pub unreachable: Vec<(String, Failure)>,
}

/// Whether a message waits for a relay's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rates {
    /// It waits.
    Kept,
    /// It is one of a few that must not wait behind a million letters; the relay may still put it off.
    Passed,
}

/// A session that is open, before anything is said of a message.
#[derive(Debug)]
pub struct Connected {
    session: Session,
    /// With which relay.
    pub relay: String,
    /// Relays that could not be reached before, and why.
    pub unreachable: Vec<(String, Failure)>,
}

impl Connected {
    /// One transaction.
    pub async fn transact(&mut self, envelope: &Envelope<'_>, octets: &[u8]) -> Outcome {
        match self.session.envelope(envelope).await {
            Ok(()) => self.session.message(octets).await,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Ends it.
    pub async fn quit(self) {
        self.session.quit().await;
    }
}

/// Why the message was not even tried.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The embedded server.
    #[error("the rehearsal server cannot start: {0}")]
    Rehearsal(std::io::Error),
    /// A relay's roots or password.
    #[error("relay \"{0}\": {1}")]
    Relay(String, String),
    /// The relay's rate is used up.
    #[error("relay \"{0}\": its rate is used up for more than a minute; try again later")]
    Rate(String),
}

/// Longer than this nobody waits at a terminal.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// Whom to trust as a relay, and where its password lies; the password is looked at, so that a missing one shows at once.
pub fn prepare_relay(
    settings: &RelaySettings,
    workspace: &Workspace,
    credentials: Option<&Path>,
) -> Result<(TlsRoots, Option<SecretSource>), String> {
    let roots = match &settings.tls_roots {
        Some(file) => {
            let path = workspace.dir().join(file);
            let unusable = |error: String| format!("{}: {error}", path.display());
            let pem = std::fs::read(&path).map_err(|error| unusable(error.to_string()))?;
            TlsRoots::with_pem(&pem).map_err(|error| unusable(error.to_string()))?
        }
        None if settings.protection() == Protection::Plain => TlsRoots::none().map_err(|error| error.to_string())?,
        None => TlsRoots::of_this_machine().map_err(|error| error.to_string())?,
    };
    let file = settings.password_file.clone().map(SecretSource::File);
    let secret = file.or_else(|| settings.credential.clone().map(SecretSource::Credential));
    if let Some(source) = &secret {
        read_secret(source, workspace.dir(), credentials).map_err(|error| error.to_string())?;
    }
    Ok((roots, secret))
}

/// What keeps a relay from being used, found without speaking to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// Its name.
    pub relay: String,
    /// What was found and how to mend it.
    pub why: String,
    /// An error; or a note, where only the daemon can look.
    pub severity: Severity,
}

impl Post {
    /// The relays whose password or certificates cannot be used: a file that is not there, is empty or open to others.
    pub fn unready(&self, workspace: &Workspace) -> Vec<Unready> {
        let credentials = self.credentials.as_deref();
        let look = |relay: &RelaySettings| match &relay.credential {
            Some(name) if credentials.is_none() => Some(Unready {
                relay: relay.name.clone(),
                why: format!("the credential \"{name}\" is systemd's: only the daemon sees it, when it starts"),
                severity: Severity::Note,
            }),
            _ => prepare_relay(relay, workspace, credentials).err().map(|why| Unready {
                relay: relay.name.clone(),
                why,
                severity: Severity::Error,
            }),
        };
        self.relays.iter().filter_map(look).collect()
    }

    /// Whether nothing leaves this machine.
    pub fn rehearses(&self) -> bool {
        self.relays.is_empty()
    }

    /// Sends one message, whose octets are final.
    pub async fn send(
        &self,
        desk: &Desk,
        reverse_path: &str,
        forward_path: &str,
        message: &Composed,
    ) -> Result<Posted, PostError> {
        let envelope = Envelope {
            reverse_path,
            forward_path,
            size: message.octets.len(),
            content: if message.needs_smtputf8 { Content::Internationalised } else { Content::SevenBit },
            dsn: None,
        };
        if !self.rehearses() {
            return self.send_to_relays(desk, &envelope, message).await;
        }
        let (cancel, tracker) = (CancellationToken::new(), TaskTracker::new());
        let server = CaptureServer::start(desk.workspace.rehearsal(), Manners::Polite, cancel.clone(), &tracker).await;
        let server = server.map_err(PostError::Rehearsal)?;
        let relay = RelaySettings::loopback("rehearsal", server.addr);
        let rehearsal = Self { relays: vec![relay], ehlo_name: String::new(), credentials: None };
        let posted = rehearsal.send_to_relays(desk, &envelope, message).await;
        cancel.cancel();
        tracker.close();
        tracker.wait().await;
        posted
    }

    async fn send_to_relays(
        &self,
        desk: &Desk,
        envelope: &Envelope<'_>,
        message: &Composed,
    ) -> Result<Posted, PostError> {
        match self.connect(desk, Rates::Kept).await? {
            Ok(mut connected) => {
                let outcome = connected.transact(envelope, &message.octets).await;
                let Connected { session, relay, unreachable } = connected;
                session.quit().await;
                Ok(Posted { relay, outcome, unreachable })
            }
            Err(unreached) => Ok(unreached),
        }
    }

    /// A session with the first relay that can be reached; where none can, what was tried.
    pub async fn connect(&self, desk: &Desk, rates: Rates) -> Result<Result<Connected, Posted>, PostError> {
        let mut relays: Vec<&RelaySettings> = self.relays.iter().collect();
        relays.sort_by_key(|relay| relay.priority);
        let mut unreachable = Vec::new();
        for relay in relays {
            if rates == Rates::Kept {
                wait_for_rate(desk, relay).await?;
            }
            match self.open(desk, relay).await? {
                Ok(session) => return Ok(Ok(Connected { session, relay: relay.name.clone(), unreachable })),
                Err(failure) => unreachable.push((relay.name.clone(), failure)),
            }
        }
        let nobody = || Failure { stage: Stage::Connect, trouble: Trouble::Broken("there is no relay".to_owned()) };
        let (relay, failure) = unreachable.pop().unwrap_or_else(|| (String::new(), nobody()));
        Ok(Err(Posted { relay, outcome: Outcome::Failed(failure), unreachable }))
    }

    async fn open(&self, desk: &Desk, relay: &RelaySettings) -> Result<Result<Session, Failure>, PostError> {
        let refuse = |why: String| PostError::Relay(relay.name.clone(), why);
        let credentials = self.credentials.as_deref();
        let (roots, secret) = prepare_relay(relay, &desk.workspace, credentials).map_err(refuse)?;
        let password = match &secret {
            Some(source) => {
                let read = read_secret(source, desk.workspace.dir(), credentials);
                Some(read.map_err(|error| refuse(error.to_string()))?)
            }
            None => None,
        };
        let ehlo = relay.ehlo_name.as_deref().unwrap_or(&self.ehlo_name);
        Ok(Session::open(relay, password.as_ref(), &roots, ehlo, &Deadlines::default()).await)
    }
}

impl Posted {
    /// What became of it, in one word of the ledger.
    pub fn word(&self) -> &'static str {
        match &self.outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Failed(Failure { trouble: Trouble::Reply(reply), .. }) if reply.code.is_permanent() => "refused",
            Outcome::Failed(Failure { trouble: Trouble::Reply(_), .. }) => "deferred",
            Outcome::Failed(Failure { stage: Stage::FinalDot, .. }) => "in_doubt",
            Outcome::Failed(_) => "not_sent",
        }
    }
}

/// Waits for a moment in which the relay's rate has room, by what the ledger has on record.
async fn wait_for_rate(desk: &Desk, relay: &RelaySettings) -> Result<(), PostError> {
    let now = desk.now();
    let mut throttles = Throttles::new(&relay.rate);
    let sent = desk.ledger.attempts_since(now - throttles.memory()).await?;
    throttles.restore(sent.into_iter().filter(|sent| sent.relay == relay.name).map(|sent| sent.at));
    match throttles.take(now) {
        Ok(()) => Ok(()),
        Err(until) if until - now > PATIENCE => Err(PostError::Rate(relay.name.clone())),
        Err(until) => {
            tokio::time::sleep((until - now).to_std().unwrap_or_default()).await;
            Ok(())
        }
    }
}
