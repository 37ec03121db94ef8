//! The message and its final dot.
//!
//! The one question that matters afterwards is whether the dot may have left: before it a broken connection costs a
//! retry, after it the delivery is in doubt. The stream below knows; here its word becomes the failure's stage.

use std::pin::pin;

use tokio::time::{Instant, timeout_at};

use super::{
    Session,
    greeting::exactly,
    octets::Message,
    session::{Standing, unusable},
};
use crate::delivery::{Failure, Outcome, Reply, Stage, Trouble};

impl Session {
    /// Sends the octets and the final dot after [`Session::envelope`] was `Ok`; only exactly 250 is accepted.
    ///
    /// `octets` end in CRLF and pass [`check_octets`](super::check_octets): those that do not are refused as
    /// [`Trouble::Protocol`] at [`Stage::Body`] with nothing sent, and the session is over.
    pub async fn message(&mut self, octets: &[u8]) -> Outcome {
        match self.transmit(octets).await {
            Ok(reply) => Outcome::Accepted(reply),
            Err(failure) => Outcome::Failed(failure),
        }
    }

    async fn transmit(&mut self, octets: &[u8]) -> Result<Reply, Failure> {
        if self.spoil() != Standing::Data {
            return Err(unusable(Stage::Body));
        }
        let message = Message::new(octets).map_err(|unclean| Failure {
            stage: Stage::Body,
            trouble: Trouble::Protocol(format!("not sent: {unclean}")),
        })?;
        self.tap.begin_message(self.deadlines.block, self.deadlines.final_dot);
        let answered = self.send(message).await;
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
    async fn send(&mut self, message: Message<'_>) -> bool {
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
