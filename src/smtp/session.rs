//! One SMTP session: opened, used for one transaction after another, and dropped when anything was cut short.
//!
//! A session marks itself unusable before each step and usable after it, so that a step whose future is dropped
//! midway leaves it unusable. MAIL, RCPT and DATA go in one write where the relay offers PIPELINING (RFC 2920), behind
//! the message before them where there is one.

use std::{fmt, time::Duration};

use lettre::transport::smtp::{client::AsyncSmtpConnection, extension::ClientId};
use secrecy::SecretString;

use super::{
    Deadlines, Envelope, Offers, Pipelining, Protection, RelaySettings, TlsRoots, auth,
    greeting::{Greeted, exactly, greet, within},
    stream::Wire,
    tap::Tap,
};
use crate::delivery::{Failure, Reply, Stage, Trouble};

/// One connection to a relay, greeted and logged in.
pub struct Session {
    pub(super) connection: AsyncSmtpConnection,
    pub(super) tap: Tap,
    pub(super) deadlines: Deadlines,
    pub(super) standing: Standing,
    pub(super) offers: Offers,
    pub(super) transactions: u32,
    transactions_most: u32,
    runs_on: bool,
    /// Said behind the last message, not yet answered.
    pub(super) behind: Option<Group>,
}

/// The commands that open one transaction.
pub(super) struct Group(Vec<(Stage, String)>);

impl Group {
    /// `reset` is RSET's line or empty.
    pub fn new(envelope: &Envelope<'_>, offers: &Offers, reset: &str) -> Self {
        let mut lines = Vec::with_capacity(4);
        if !reset.is_empty() {
            lines.push((Stage::Mail, reset.to_owned()));
        }
        lines.push((Stage::Mail, envelope.mail_line(offers)));
        lines.push((Stage::Rcpt, envelope.rcpt_line(offers)));
        lines.push((Stage::Data, "DATA\r\n".to_owned()));
        Self(lines)
    }

    /// All in one write.
    pub fn said(&self) -> String {
        self.0.iter().map(|(_, line)| line.as_str()).collect()
    }
}

/// Where a session stands between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Ready for MAIL.
    Ready,
    /// A refused transaction is still open: RSET before the next MAIL.
    Open,
    /// 354 was read: the message comes next.
    Data,
    /// Something was cut short; never used again.
    Spoiled,
}

impl Session {
    /// Connects, greets, secures the connection and logs in. `ehlo` is the house's name, or empty for the address
    /// literal; `password` belongs to the url's user.
    pub async fn open(
        relay: &RelaySettings,
        password: Option<&SecretString>,
        tls: &TlsRoots,
        ehlo: &str,
        deadlines: &Deadlines,
    ) -> Result<Session, Failure> {
        let Greeted { socket, mut offers } = greet(relay, tls, ehlo, deadlines).await?;
        let readable = !socket.is_encrypted();
        let broken =
            |error: std::io::Error| Failure { stage: Stage::Ehlo, trouble: Trouble::Broken(error.to_string()) };
        let wire = Wire::new(socket, &offers.mechanisms.join(" ")).map_err(broken)?;
        let tap = wire.tap();
        // Answered by the stream itself; the name is not sent.
        let nobody = ClientId::Domain("circulard".to_owned());
        let connected = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &nobody).await;
        let mut connection =
            connected.map_err(|error| Failure { stage: Stage::Ehlo, trouble: Trouble::Protocol(error.to_string()) })?;
        if let Some(user) = &relay.url.user {
            let exposed = readable && (relay.protection() != Protection::Plain || relay.is_exposed());
            within(deadlines.auth, Stage::Auth, async {
                match password {
                    _ if exposed => Err(Trouble::Tls("a password is sent inside TLS only".to_owned())),
                    None => Err(Trouble::Protocol(format!("not sent: there is no password for \"{user}\""))),
                    Some(password) => auth::log_in(&mut connection, &tap, &offers, user, password).await,
                }
            })
            .await?;
        }
        // Each transaction has one recipient, so it adds one domain at most.
        let limits = [offers.mail_max, offers.rcpt_domain_max].into_iter().flatten();
        let transactions_most = limits.fold(relay.messages_per_session, u32::min);
        let (deadlines, standing) = (*deadlines, Standing::Ready);
        let runs_on = relay.pipelining == Pipelining::Messages;
        if relay.pipelining == Pipelining::Off {
            offers.pipelining = false;
        }
        Ok(Session {
            connection,
            tap,
            deadlines,
            standing,
            offers,
            transactions: 0,
            transactions_most,
            runs_on,
            behind: None,
        })
    }

    /// What the relay offered, inside TLS where there is TLS.
    pub fn offers(&self) -> &Offers {
        &self.offers
    }

    /// Another transaction may begin here: nothing was cut short or said out of turn, and neither our limit nor the
    /// relay's (RFC 9422) is reached.
    pub fn is_usable(&self) -> bool {
        matches!(self.standing, Standing::Ready | Standing::Open)
            && self.behind.is_none()
            && !self.tap.has_surplus()
            && self.transactions < self.transactions_most
    }

    /// MAIL, RCPT and DATA; `Ok` when 354 was read. A relay that has gone since the last transaction is
    /// [`Trouble::Broken`] at [`Stage::Mail`].
    pub async fn envelope(&mut self, envelope: &Envelope<'_>) -> Result<(), Failure> {
        envelope.suits(&self.offers)?;
        let reset = match self.spoil() {
            Standing::Ready => "",
            Standing::Open => "RSET\r\n",
            Standing::Data | Standing::Spoiled => return Err(unusable(Stage::Mail)),
        };
        self.transactions += 1;
        let group = Group::new(envelope, &self.offers, reset);
        if self.offers.pipelining {
            self.hear_all(&group, Some(&group.said())).await
        } else {
            self.say_in_turn(&group).await
        }
    }

    /// The commands of `next` may go behind the message whose 354 was read: the relay offers PIPELINING, can carry
    /// `next`, and takes another transaction on this session.
    pub fn may_run_on(&self, next: &Envelope<'_>) -> bool {
        self.runs_on(0) && next.suits(&self.offers).is_ok()
    }

    /// Whether anything may go behind a message here, with so many others between them.
    pub fn runs_on(&self, between: usize) -> bool {
        let room = self.transactions_most.saturating_sub(self.transactions);
        self.runs_on && self.offers.pipelining && between < room as usize
    }

    /// 354 was read, and the message comes next.
    pub fn awaits_message(&self) -> bool {
        self.standing == Standing::Data
    }

    /// RSET, if a refused transaction is still open.
    pub async fn reset(&mut self) -> Result<(), Failure> {
        match self.spoil() {
            Standing::Ready => {}
            Standing::Open => {
                let reply = self.exchange(Stage::Mail, Some("RSET\r\n")).await?;
                self.judge(Stage::Mail, reply, "RSET")?;
            }
            Standing::Data | Standing::Spoiled => return Err(unusable(Stage::Mail)),
        }
        self.standing = Standing::Ready;
        Ok(())
    }

    /// QUIT, if the session is in a state to say it; its answer changes nothing.
    pub async fn quit(mut self) {
        if matches!(self.standing, Standing::Ready | Standing::Open) && self.behind.is_none() {
            self.tap.begin();
            let _ = tokio::time::timeout(self.deadlines.quit, self.connection.command("QUIT\r\n")).await;
        }
    }

    /// Takes the standing and leaves the session unusable until the step has ended well.
    pub(super) fn spoil(&mut self) -> Standing {
        std::mem::replace(&mut self.standing, Standing::Spoiled)
    }

    /// One command and one reply after the other.
    async fn say_in_turn(&mut self, group: &Group) -> Result<(), Failure> {
        for (stage, line) in &group.0 {
            let reply = self.exchange(*stage, Some(line)).await?;
            if let Err(failure) = self.judge(*stage, reply, line) {
                if is_plain_refusal(&failure) {
                    self.standing = if line.starts_with("MAIL") { Standing::Ready } else { Standing::Open };
                }
                return Err(failure);
            }
        }
        self.standing = Standing::Data;
        Ok(())
    }

    /// All commands in one write, if they are yet to be said, then every reply in order: the first refusal is the answer,
    /// and DATA's reply says how to get out.
    pub(super) async fn hear_all(&mut self, group: &Group, mut say: Option<&str>) -> Result<(), Failure> {
        let mut refused: Option<(Failure, &str)> = None;
        let mut last = None;
        for (stage, line) in &group.0 {
            let reply = match self.exchange(*stage, say.take()).await {
                Ok(reply) => reply,
                // What the relay said of the addressee stays true when it then hangs up.
                Err(failure) => return Err(refused.map_or(failure, |(first, _)| first)),
            };
            last = Some(reply.code.get());
            if let Err(failure) = self.judge(*stage, reply, line) {
                let goes_on = is_plain_refusal(&failure);
                let (first, by) = refused.take().unwrap_or((failure, line));
                if !goes_on {
                    return Err(first);
                }
                refused = Some((first, by));
            }
        }
        let Some((failure, line)) = refused else {
            self.standing = Standing::Data;
            return Ok(());
        };
        self.standing = match (last, line) {
            // No recipient was taken and yet a message is waited for: an empty one ends it (RFC 2920 §3.1).
            (Some(354), line) if line.starts_with("RCPT") => self.lone_dot().await,
            // With the sender refused a recipient may have been taken: hanging up sends nothing to anyone.
            (Some(354), _) => Standing::Spoiled,
            (_, line) if line.starts_with("MAIL") => Standing::Ready,
            _ => Standing::Open,
        };
        Err(failure)
    }

    async fn lone_dot(&mut self) -> Standing {
        match self.exchange(Stage::FinalDot, Some(".\r\n")).await {
            Ok(reply) if reply.code.get() != 421 => Standing::Open,
            _ => Standing::Spoiled,
        }
    }

    /// Says something, or nothing more, and hears one reply in the stage's time.
    async fn exchange(&mut self, stage: Stage, say: Option<&str>) -> Result<Reply, Failure> {
        if say.is_none()
            && let Some(reply) = self.tap.take_ready()
        {
            return Ok(reply);
        }
        let limit = self.limit(stage);
        let (connection, tap) = (&mut self.connection, &self.tap);
        within(limit, stage, async {
            match say {
                Some(line) => {
                    tap.begin();
                    let _ = connection.command(line).await;
                }
                None => drop(connection.read_response().await),
            }
            // lettre's verdict is by severity; ours is by the reply as it was said.
            tap.take()
        })
        .await
    }

    fn limit(&self, stage: Stage) -> Duration {
        match stage {
            Stage::Rcpt => self.deadlines.rcpt,
            Stage::Data => self.deadlines.data,
            Stage::FinalDot => self.deadlines.final_dot,
            _ => self.deadlines.mail,
        }
    }

    /// The codes that each stage expects (RFC 5321 §4.3.2).
    fn judge(&self, stage: Stage, reply: Reply, line: &str) -> Result<(), Failure> {
        let (codes, name): (&[u16], _) = match stage {
            Stage::Rcpt => (&[250, 251, 252], "RCPT"),
            Stage::Data => (&[354], "DATA"),
            _ => (&[250], line.get(..4).unwrap_or(line)),
        };
        exactly(reply, codes, name).map(drop).map_err(|trouble| Failure { stage, trouble })
    }
}

/// A refusal after which the session goes on; after 421 the relay hangs up (RFC 5321 §3.8).
fn is_plain_refusal(failure: &Failure) -> bool {
    matches!(&failure.trouble, Trouble::Reply(reply) if reply.code.get() != 421)
}

pub(super) fn unusable(stage: Stage) -> Failure {
    Failure { stage, trouble: Trouble::Broken("this session was cut short before".to_owned()) }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("standing", &self.standing)
            .field("transactions", &self.transactions)
            .finish_non_exhaustive()
    }
}
