//! The message and its final dot, and with it in one write, where the relay can, the next transaction's commands.
//!
//! The one question that matters afterwards is whether the dot may have left: before it a broken connection costs a
//! retry, after it the delivery is in doubt. The stream below knows; here its word becomes the failure's stage.
//!
//! "The actual transfer of message content is explicitly allowed to be the first command in a group" (RFC 2920 §3.1): a
//! message costs one round trip. The next message itself waits for its own 354.

use std::pin::pin;

use tokio::time::{Instant, timeout_at};

use super::{
    Envelope, Leave, Session,
    greeting::exactly,
    octets::Message,
    session::{Group, Standing, unusable},
};
use crate::delivery::{Failure, Outcome, Reply, Stage, Trouble};

impl Session {
    /// Sends the octets and the final dot after [`Session::envelope`] was `Ok`; only exactly 250 is accepted.
    ///
    /// `octets` end in CRLF and pass [`check_octets`](super::check_octets): those that do not are refused as
    /// [`Trouble::Protocol`] at [`Stage::Body`] with nothing sent, and the session is over.
    pub async fn message(&mut self, octets: &[u8]) -> Outcome {
        self.message_and(octets, None, None).await
    }

    /// [`Session::message`], and MAIL, RCPT and DATA of the `next` transaction in the same write, which
    /// [`Session::may_run_on`] with. What they came to says [`Session::next_answer`]. The final dot, and what is behind it,
    /// waits for `leave`; the octets before it do not. Without leave the session is over: [`Session::was_withheld`].
    pub async fn message_and(&mut self, octets: &[u8], next: Option<&Envelope<'_>>, leave: Option<Leave>) -> Outcome {
        let group = next.map(|next| Group::new(next, &self.offers, ""));
        let outcome = match self.transmit(octets, group.as_ref(), leave).await {
            Ok(reply) => Outcome::Accepted(reply),
            Err(failure) => Outcome::Failed(failure),
        };
        self.behind = group.filter(|_| self.standing == Standing::Ready);
        outcome
    }

    /// The last message's final dot was never given leave: nothing of it reached anyone.
    pub fn was_withheld(&self) -> bool {
        self.tap.was_withheld()
    }

    /// Commands went behind the last message, and their answers are yet to be heard.
    pub fn has_next(&self) -> bool {
        self.behind.is_some()
    }

    /// The first of those answers has come already.
    pub fn next_is_answered(&self) -> bool {
        self.tap.has_surplus()
    }

    /// What the commands behind the last message came to, as [`Session::envelope`] says it; [`Trouble::Broken`] at
    /// [`Stage::Mail`] where the session ended with that message.
    pub async fn next_answer(&mut self) -> Result<(), Failure> {
        let Some(group) = self.behind.take() else { return Err(unusable(Stage::Mail)) };
        if self.spoil() != Standing::Ready {
            return Err(unusable(Stage::Mail));
        }
        self.transactions += 1;
        self.hear_all(&group, None).await
    }

    async fn transmit(&mut self, octets: &[u8], next: Option<&Group>, leave: Option<Leave>) -> Result<Reply, Failure> {
        if self.spoil() != Standing::Data {
            return Err(unusable(Stage::Body));
        }
        let message = Message::new(octets).map_err(|unclean| Failure {
            stage: Stage::Body,
            trouble: Trouble::Protocol(format!("not sent: {unclean}")),
        })?;
        let behind = next.map(Group::said).unwrap_or_default();
        self.tap.begin_message(self.deadlines.block, self.deadlines.final_dot, behind.len(), leave);
        let answered = self.send(&message.followed_by(&behind)).await;
        let stage = if self.tap.end_message() { Stage::FinalDot } else { Stage::Body };
        let answer = if answered { self.tap.take() } else { Err(Trouble::TimedOut) };
        let judged = answer.and_then(|reply| exactly(reply, &[250], "the final dot"));
        if stage == Stage::FinalDot {
            self.standing = match &judged {
                Ok(_) => Standing::Ready,
                Err(Trouble::Reply(reply)) if reply.code.get() != 421 => Standing::Ready,
                Err(_) => Standing::Spoiled,
            };
        }
        judged.map_err(|trouble| Failure { stage, trouble })
    }

    /// False when a block, or the answer to the dot, took longer than its time.
    async fn send(&mut self, message: &str) -> bool {
        let tap = self.tap.clone();
        let shortest = self.deadlines.block.min(self.deadlines.final_dot);
        let mut work = pin!(self.connection.command(message));
        loop {
            // Which time runs changes while the work goes on: look again after the shortest.
            let look_again = tap.due().min(Instant::now() + shortest);
            match timeout_at(look_again, work.as_mut()).await {
                Ok(_) => return true,
                Err(_) if tap.due() > Instant::now() => {}
                Err(_) => return false,
            }
        }
    }
}
