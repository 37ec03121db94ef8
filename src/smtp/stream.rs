//! The thin stream under lettre's connection.
//!
//! It gives lettre one reply at a time, as a single clean line, and keeps the reply as it was said in a [`Tap`] for
//! the session to judge; it answers lettre's greeting and EHLO from what `greeting.rs` has heard already; it looks,
//! before a command or a message, whether the server spoke out of turn (a reply too many would be taken for the next
//! answer); it writes a message in blocks, each with its own time, keeps the final dot back until it may leave, and marks
//! when it may have left.

use std::{
    collections::VecDeque,
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

use super::{
    octets::DOT_LINE,
    replies::ReplyReader,
    socket::Socket,
    tap::{BLOCK, Body, Tap},
};
use crate::delivery::{Reply, Trouble};

/// The stream. lettre owns it; the session holds its tap.
pub(super) struct Wire {
    socket: Socket,
    reader: ReplyReader,
    chunk: Box<[u8]>,
    peer: SocketAddr,
    /// Answers for lettre before anything of its own goes out: the greeting, then EHLO's.
    replay: VecDeque<String>,
    out: Vec<u8>,
    out_at: usize,
    /// What is no reply, behind one that is.
    broken: Option<String>,
    tap: Tap,
}

impl Wire {
    /// A connection on which greeting and EHLO are done. `mechanisms` is what lettre must know of EHLO's answer.
    pub fn new(socket: Socket, mechanisms: &str) -> io::Result<Self> {
        let ehlo = if mechanisms.is_empty() {
            "250 relay\r\n".into()
        } else {
            format!("250-relay\r\n250 AUTH {mechanisms}\r\n")
        };
        Ok(Self {
            peer: socket.peer_addr()?,
            socket,
            reader: ReplyReader::default(),
            chunk: vec![0; 4096].into(),
            replay: [ehlo].into(),
            out: b"220 relay\r\n".to_vec(),
            out_at: 0,
            broken: None,
            tap: Tap::default(),
        })
    }

    /// What the session listens to.
    pub fn tap(&self) -> Tap {
        self.tap.clone()
    }

    /// Receives once; 0 is the end.
    fn receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(&mut self.chunk);
        std::task::ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buf))?;
        let octets = buf.filled().len();
        self.reader.feed(&self.chunk[..octets]);
        Poll::Ready(Ok(octets))
    }

    /// What the server has said although nothing was asked.
    fn out_of_turn(&mut self, cx: &mut Context<'_>, in_message: bool) -> Option<Trouble> {
        let leftover = self.tap.heard().leftover.take();
        if let Some(reply) = leftover {
            return Some(unasked(reply, in_message));
        }
        let ended = match self.receive(cx) {
            Poll::Pending => None,
            Poll::Ready(Ok(0)) => Some("the relay closed the connection".to_owned()),
            Poll::Ready(Ok(_)) => None,
            Poll::Ready(Err(error)) => Some(error.to_string()),
        };
        if !self.reader.has_unread() {
            return ended.map(Trouble::Broken);
        }
        match self.reader.next() {
            Ok(Some(spoken)) => Some(unasked(spoken.reply, in_message)),
            Ok(None) => Some(Trouble::Protocol("half a reply, out of turn".to_owned())),
            Err(what) => Some(Trouble::Protocol(what)),
        }
    }

    /// Notes the trouble and gives lettre an error to pass up.
    fn fail<T>(&self, trouble: Trouble) -> Poll<io::Result<T>> {
        let error = io::Error::other(trouble.to_string());
        self.tap.heard().trouble.get_or_insert(trouble);
        Poll::Ready(Err(error))
    }

    /// One block of a message.
    fn write_block(&mut self, cx: &mut Context<'_>, mut body: Body, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut end = buf.len().min(body.room);
        // The write loop above gives all that is left: whoever reaches into the dot's line may send the dot.
        let before_dot = buf.len().saturating_sub(DOT_LINE.len() + body.behind);
        if end > before_dot {
            match self.tap.leave(cx, before_dot) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(trouble)) => return self.fail(trouble),
                // what comes before the dot's line need not wait with it
                Poll::Pending if before_dot > 0 => end = before_dot,
                Poll::Pending => return Poll::Pending,
            }
        }
        // once it has left, what is heard may be the answer to it
        if end > before_dot
            && !self.tap.heard().dot_left
            && let Some(trouble) = self.out_of_turn(cx, true)
        {
            return self.fail(trouble);
        }
        match Pin::new(&mut self.socket).poll_write(cx, &buf[..end]) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(written)) => {
                let mut heard = self.tap.heard();
                body.room -= written;
                if written > before_dot {
                    heard.dot_left = true;
                    body.due = Instant::now() + body.final_dot;
                } else if body.room == 0 {
                    body.due = Instant::now() + body.block;
                }
                body.room = if body.room == 0 { BLOCK } else { body.room };
                heard.body = Some(body);
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(error)) => {
                if end > before_dot && self.socket.may_leave_on_error() {
                    self.tap.heard().dot_left = true;
                }
                // here, too, what is heard once the dot has left is the answer to it: it is read in its turn
                if self.tap.heard().dot_left && body.behind > 0 {
                    return Poll::Ready(Ok(buf.len()));
                }
                let said = self.out_of_turn(cx, true).filter(|trouble| matches!(trouble, Trouble::Reply(_)));
                self.fail(said.unwrap_or_else(|| Trouble::Broken(error.to_string())))
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.out_at < this.out.len() {
                let part = &this.out[this.out_at..];
                let part = &part[..part.len().min(buf.remaining())];
                buf.put_slice(part);
                this.out_at += part.len();
                return Poll::Ready(Ok(()));
            }
            if let Some(what) = this.broken.take() {
                return this.fail(Trouble::Protocol(what));
            }
            match this.reader.next() {
                Ok(Some(spoken)) => {
                    let mut heard = this.tap.heard();
                    (this.out, this.out_at) = (for_lettre(&spoken.reply, spoken.lines.first()), 0);
                    heard.replies.push_back(spoken.reply);
                    // what came with it is for the session alone: lettre is not asked for it
                    loop {
                        match this.reader.next() {
                            Ok(Some(more)) => heard.replies.push_back(more.reply),
                            Ok(None) => break,
                            Err(what) => {
                                this.broken = Some(what);
                                break;
                            }
                        }
                    }
                    heard.surplus = this.reader.has_unread();
                    continue;
                }
                Ok(None) => {}
                Err(what) => return this.fail(Trouble::Protocol(what)),
            }
            match std::task::ready!(this.receive(cx)) {
                Ok(0) => return this.fail(Trouble::Broken("the relay closed the connection".to_owned())),
                Ok(_) => {}
                Err(error) => return this.fail(Trouble::Broken(error.to_string())),
            }
        }
    }
}

/// What a reply means that nobody has asked for.
fn unasked(reply: Reply, in_message: bool) -> Trouble {
    // An early refusal of the message: RFC 5321 §4.5.3.2 has no word for it, servers send it.
    if in_message && !reply.code.is_positive() {
        return Trouble::Reply(reply);
    }
    // How a server ends an idle session (RFC 5321 §3.8): nobody's fault, so only a broken connection.
    if reply.code.get() == 421 {
        return Trouble::Broken(format!("the relay had ended the session: {reply}"));
    }
    Trouble::Protocol(format!("spoken out of turn: {reply}"))
}

/// The reply as one line that lettre reads: the second digit of its codes goes to 5 only (RFC 5321 §4.2.1), and
/// servers know others.
fn for_lettre(reply: &Reply, first_line: Option<&String>) -> Vec<u8> {
    let code = reply.code.get();
    let code = if code % 100 >= 60 { code / 100 * 100 + 50 } else { code };
    let text: String = first_line.map_or("", String::as_str).chars().take(200).collect();
    format!("{code} {text}\r\n").into_bytes()
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(answer) = this.replay.pop_front() {
            (this.out, this.out_at) = (answer.into_bytes(), 0);
            return Poll::Ready(Ok(buf.len()));
        }
        let (begins, body) = {
            let mut heard = this.tap.heard();
            (std::mem::take(&mut heard.begins), heard.body)
        };
        if let Some(body) = body {
            return this.write_block(cx, body, buf);
        }
        if begins && let Some(trouble) = this.out_of_turn(cx, false) {
            return this.fail(trouble);
        }
        match Pin::new(&mut this.socket).poll_write(cx, buf) {
            Poll::Ready(Err(error)) => this.fail(Trouble::Broken(error.to_string())),
            other => other,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.socket).poll_flush(cx) {
            // with the dot gone, and more behind it: what the relay has said to it is read in its turn
            Poll::Ready(Err(_)) if this.tap.dot_left_with_more() => Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => this.fail(Trouble::Broken(error.to_string())),
            other => other,
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl fmt::Debug for Wire {
    // Without its buffers: credentials pass through them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("peer", &self.peer).field("socket", &self.socket).finish_non_exhaustive()
    }
}
