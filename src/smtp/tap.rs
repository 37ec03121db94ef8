//! What the stream under lettre's connection has heard and done, for the session that owns the connection.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;

use super::Leave;
use crate::delivery::{Reply, Trouble};

/// What one write of a message may hold; RFC 5321 §4.5.3.2.5 gives time per "data block".
pub(super) const BLOCK: usize = 64 * 1024;

/// What the stream has heard and done, for the session that owns the connection.
#[derive(Clone, Default)]
pub(super) struct Tap(Arc<Mutex<Heard>>);

#[derive(Default)]
pub(super) struct Heard {
    pub replies: VecDeque<Reply>,
    pub trouble: Option<Trouble>,
    /// Nothing is awaited: the next write begins something.
    pub begins: bool,
    pub body: Option<Body>,
    /// What the final dot waits for.
    pub leave: Option<Leave>,
    /// All that comes before the dot is written.
    pub waits_for_leave: bool,
    /// It will never have leave.
    pub withheld: bool,
    pub dot_left: bool,
    /// More was received than was asked for.
    pub surplus: bool,
    /// A reply that nobody had asked for when the next command was begun.
    pub leftover: Option<Reply>,
}

/// A message on its way.
#[derive(Clone, Copy)]
pub(super) struct Body {
    pub block: Duration,
    pub final_dot: Duration,
    /// What is left of the block.
    pub room: usize,
    /// Octets of the commands behind the final dot.
    pub behind: usize,
    pub due: Instant,
}

impl Tap {
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A command, or several in one write, comes next.
    pub fn begin(&self) {
        let mut heard = self.heard();
        heard.leftover = heard.replies.pop_front();
        heard.replies.clear();
        (heard.begins, heard.trouble) = (true, None);
    }

    /// A message comes next: the final dot's line, and so many octets of commands behind it, are its last, and wait for
    /// `leave`.
    pub fn begin_message(&self, block: Duration, final_dot: Duration, behind: usize, leave: Option<Leave>) {
        self.begin();
        let mut heard = self.heard();
        (heard.dot_left, heard.withheld, heard.waits_for_leave, heard.leave) = (false, false, false, leave);
        heard.body = Some(Body { block, final_dot, room: BLOCK, behind, due: Instant::now() + block });
    }

    /// When the block, or the answer to the final dot, is due. What the dot waits for is not the relay's to answer for.
    pub fn due(&self) -> Instant {
        let heard = self.heard();
        let now = Instant::now();
        heard.body.map_or(now, |body| if heard.waits_for_leave { now + body.block } else { body.due })
    }

    /// The message is over, well or badly; true when its final dot may have left.
    pub fn end_message(&self) -> bool {
        let mut heard = self.heard();
        (heard.body, heard.leave, heard.waits_for_leave) = (None, None, false);
        heard.dot_left
    }

    /// Whether the final dot was kept back for good.
    pub fn was_withheld(&self) -> bool {
        self.heard().withheld
    }

    /// Whether the final dot, so many octets ahead, may leave; an error says that it never may.
    pub fn leave(&self, cx: &mut Context<'_>, ahead: usize) -> Poll<Result<(), Trouble>> {
        let mut heard = self.heard();
        let Some(leave) = heard.leave.as_mut() else { return Poll::Ready(Ok(())) };
        let Poll::Ready(given) = Pin::new(leave).poll(cx) else {
            heard.waits_for_leave = ahead == 0;
            return Poll::Pending;
        };
        heard.leave = None;
        heard.withheld = given.is_err();
        if std::mem::take(&mut heard.waits_for_leave)
            && let Some(body) = &mut heard.body
        {
            body.due = Instant::now() + body.block;
        }
        Poll::Ready(given.map_err(|_| Trouble::Broken("the final dot was kept back".to_owned())))
    }

    /// The final dot may have left, and commands stand behind it.
    pub fn dot_left_with_more(&self) -> bool {
        let heard = self.heard();
        heard.dot_left && heard.body.is_some_and(|body| body.behind > 0)
    }

    /// The oldest reply not yet taken, or why there is none.
    pub fn take(&self) -> Result<Reply, Trouble> {
        let mut heard = self.heard();
        match (heard.replies.pop_front(), &heard.trouble) {
            (Some(reply), _) => Ok(reply),
            (None, Some(trouble)) => Err(trouble.clone()),
            (None, None) => Err(Trouble::Broken("the connection ended".to_owned())),
        }
    }

    /// The newest reply: the one that counts after a dialogue of challenges.
    pub fn take_last(&self) -> Result<Reply, Trouble> {
        let mut heard = self.heard();
        let newest = heard.replies.pop_back();
        heard.replies.clear();
        newest.ok_or_else(|| heard.trouble.clone().unwrap_or(Trouble::Broken("the connection ended".to_owned())))
    }

    /// What broke the dialogue, if anything did.
    pub fn take_trouble(&self) -> Option<Trouble> {
        self.heard().trouble.take()
    }

    /// A reply that came in one piece with one before it.
    pub fn take_ready(&self) -> Option<Reply> {
        self.heard().replies.pop_front()
    }

    /// More was received than was asked for.
    pub fn has_surplus(&self) -> bool {
        let heard = self.heard();
        heard.surplus || !heard.replies.is_empty()
    }
}
