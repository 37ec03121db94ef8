//! One session of the capture server: commands in order (RFC 5321 §4.1.4), replies held back while more commands lie
//! in the buffer (RFC 2920 §3.2), the message unstuffed (§4.5.2) and ended by CRLF.CRLF only.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader, BufWriter},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

use super::House;

/// RFC 5321 §4.5.3.1.4 allows 512 octets, and its extensions add to that.
const COMMAND_MOST: usize = 4096;
/// As announced with SIZE.
const MESSAGE_MOST: usize = 50 * 1024 * 1024;
/// Clients are on this machine; RFC 5321 §4.5.3.2.7 has five minutes for those that are not.
const PATIENCE: Duration = Duration::from_secs(300);
/// Within a message: a shut-down waits for it.
const PATIENCE_IN_MESSAGE: Duration = Duration::from_secs(30);

/// The dialogue from greeting to QUIT.
pub(super) async fn serve(tcp: TcpStream, house: &House) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let (reading, writing) = tcp.into_split();
    let mut visit = Visit {
        reading: BufReader::with_capacity(16 * 1024, reading),
        writing: BufWriter::new(writing),
        house,
        reverse_path: false,
        forward_path: None,
    };
    visit.say("220 circulard.invalid rehearses: nothing leaves this machine").await?;
    while let Some(line) = visit.command().await? {
        if !visit.obey(&line).await? {
            break;
        }
    }
    visit.writing.flush().await
}

/// One session too many.
pub(super) async fn turn_away(mut tcp: TcpStream) -> io::Result<()> {
    tcp.write_all(b"421 4.3.2 Too many sessions\r\n").await
}

struct Visit<'a> {
    reading: BufReader<OwnedReadHalf>,
    writing: BufWriter<OwnedWriteHalf>,
    house: &'a House,
    reverse_path: bool,
    forward_path: Option<String>,
}

/// How a line ended.
enum Line {
    Whole,
    TooLong,
    End,
}

impl Visit<'_> {
    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.writing.write_all(reply.as_bytes()).await?;
        self.writing.write_all(b"\r\n").await?;
        // More commands came in the same write: their replies go in one, too.
        if self.reading.buffer().is_empty() { self.writing.flush().await } else { Ok(()) }
    }

    /// The next command; `None` when the session is to end.
    async fn command(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let end = tokio::select! {
            () = self.house.cancel.cancelled() => None,
            end = timeout(PATIENCE, read_line(&mut self.reading, &mut line, COMMAND_MOST)) => Some(end),
        };
        match end {
            Some(Ok(end)) => match end? {
                Line::Whole => return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned())),
                Line::TooLong => self.say("500 5.5.2 Line too long").await?,
                Line::End => {}
            },
            Some(Err(_)) => self.say("421 4.4.2 Idle too long").await?,
            None => self.say("421 4.3.2 The rehearsal is over").await?,
        }
        Ok(None)
    }

    /// Obeys one command; false after QUIT.
    async fn obey(&mut self, line: &str) -> io::Result<bool> {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => {
                self.forget();
                let size = format!("250-SIZE {MESSAGE_MOST}");
                let offers = [
                    "250-circulard.invalid",
                    "250-PIPELINING",
                    &size,
                    "250-8BITMIME",
                    "250-SMTPUTF8",
                    "250 ENHANCEDSTATUSCODES",
                ];
                self.say(&offers.join("\r\n")).await?;
            }
            "HELO" | "RSET" => {
                self.forget();
                self.say("250 2.0.0 As new").await?;
            }
            "NOOP" => self.say("250 2.0.0 Still here").await?,
            "MAIL" => self.mail(line).await?,
            "RCPT" => self.rcpt(line).await?,
            "DATA" => return self.data().await,
            "QUIT" => {
                self.say("221 2.0.0 The rehearsal thanks you").await?;
                return Ok(false);
            }
            _ => self.say("502 5.5.1 Not in this play").await?,
        }
        Ok(true)
    }

    fn forget(&mut self) {
        self.reverse_path = false;
        self.forward_path = None;
    }

    async fn mail(&mut self, line: &str) -> io::Result<()> {
        let reply = match path(line, "MAIL FROM:") {
            _ if self.reverse_path => "503 5.5.1 A transaction is open",
            None => "501 5.5.4 MAIL FROM:<address>",
            Some(_) => {
                self.reverse_path = true;
                "250 2.1.0 Sender taken"
            }
        };
        self.say(reply).await
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<()> {
        let reply = match path(line, "RCPT TO:").filter(|path| !path.is_empty()) {
            _ if !self.reverse_path => "503 5.5.1 MAIL comes first",
            _ if self.forward_path.is_some() => "452 4.5.3 One addressee per transaction",
            None => "501 5.5.4 RCPT TO:<address>",
            Some(address) => {
                let reply = self.house.door.reply(address);
                self.forward_path = reply.starts_with('2').then(|| address.to_owned());
                reply
            }
        };
        self.say(reply).await
    }

    /// The message; false when it broke off.
    async fn data(&mut self) -> io::Result<bool> {
        let Some(address) = self.forward_path.take() else {
            self.say("503 5.5.1 No addressee was taken").await?;
            return Ok(true);
        };
        self.say("354 Go on, and end with a dot").await?;
        let mut octets = Vec::new();
        let whole = match read_message(&mut self.reading, &mut octets).await? {
            Line::End => return Ok(false),
            Line::Whole => true,
            Line::TooLong => false,
        };
        self.forget();
        if !whole {
            self.say("552 5.3.4 Too large for a rehearsal").await?;
            return Ok(true);
        }
        let shelf = Arc::clone(&self.house.shelf);
        let kept = self.house.tracker.spawn_blocking(move || shelf.keep(&address, &octets)).await;
        match kept.map_err(io::Error::other).flatten() {
            Ok(name) => self.say(&format!("250 2.0.0 Rehearsed, kept as {name}")).await?,
            Err(error) => self.say(&format!("452 4.3.1 Not kept: {error}")).await?,
        }
        Ok(true)
    }
}

/// What stands between the angle brackets.
fn path<'a>(line: &'a str, command: &str) -> Option<&'a str> {
    let head = line.get(..command.len()).filter(|head| head.eq_ignore_ascii_case(command))?;
    let rest = line[head.len()..].trim_start().strip_prefix('<')?;
    rest.split_once('>').map(|(path, _)| path)
}

/// Appends one line with its LF, unless that makes `line` longer than `most`.
async fn read_line(reading: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>, most: usize) -> io::Result<Line> {
    loop {
        let available = reading.fill_buf().await?;
        if available.is_empty() {
            return Ok(Line::End);
        }
        let end = available.iter().position(|octet| *octet == b'\n').map(|at| at + 1);
        let used = end.unwrap_or(available.len());
        if line.len() + used > most {
            return Ok(Line::TooLong);
        }
        line.extend_from_slice(&available[..used]);
        reading.consume(used);
        if end.is_some() {
            return Ok(Line::Whole);
        }
    }
}

/// Reads to the final dot; of a message that is too large only the end is awaited.
async fn read_message(reading: &mut (impl AsyncBufRead + Unpin), octets: &mut Vec<u8>) -> io::Result<Line> {
    let mut too_large = false;
    loop {
        let begins = octets.len();
        // Only after CRLF is a dot a dot: a bare LF ends no line.
        let at_line = begins == 0 || octets.ends_with(b"\r\n");
        let read = timeout(PATIENCE_IN_MESSAGE, read_line(reading, octets, MESSAGE_MOST + 2)).await;
        match read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?? {
            Line::End => return Ok(Line::End),
            Line::TooLong => {
                too_large = true;
                // The last octets tell whether a line begins here.
                octets.drain(..octets.len().saturating_sub(2));
                continue;
            }
            Line::Whole => {}
        }
        let line = &octets[begins..];
        if at_line && line == b".\r\n" {
            octets.truncate(begins);
            return Ok(if too_large { Line::TooLong } else { Line::Whole });
        }
        if at_line && line.first() == Some(&b'.') {
            octets.remove(begins);
        }
    }
}
