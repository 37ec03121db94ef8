//! One session of the scripted server.

use std::{future::pending, io, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    Act, Certificate, Event, Journal, Protection, Script, Terminator, Transaction, certificates::server_config,
};

/// TCP with TLS around it or without.
enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// While it is being secured.
    Away(tokio::io::Empty),
}

trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

impl Connection {
    fn octets(&mut self) -> &mut dyn Octets {
        match self {
            Connection::Plain(tcp) => tcp,
            Connection::Tls(tls) => tls,
            Connection::Away(empty) => empty,
        }
    }

    fn reset(&self) {
        let done = match self {
            Connection::Plain(tcp) => tcp.set_zero_linger(),
            Connection::Tls(tls) => tls.get_ref().0.set_zero_linger(),
            Connection::Away(_) => Ok(()),
        };
        done.expect("SO_LINGER");
    }
}

struct Dialogue {
    connection: Connection,
    unread: Vec<u8>,
    session: usize,
    script: Arc<Script>,
    journal: Journal,
    mail: Option<String>,
    rcpt: Vec<String>,
}

/// The session is over.
struct Over;

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Over
    }
}

pub async fn serve(tcp: TcpStream, session: usize, script: Arc<Script>, journal: Journal) {
    let _ = tcp.set_nodelay(true);
    journal.add(Event::Connected { session });
    let connection = match script.protection {
        Protection::ImplicitTls(certificate) => secure(tcp, certificate, session, &journal).await,
        _ => Ok(Connection::Plain(tcp)),
    };
    if let Ok(connection) = connection {
        let mut dialogue = Dialogue {
            connection,
            unread: Vec::new(),
            session,
            script,
            journal: journal.clone(),
            mail: None,
            rcpt: Vec::new(),
        };
        let _ = dialogue.hold().await;
    }
    journal.add(Event::Closed { session });
}

async fn secure(
    tcp: TcpStream,
    certificate: Certificate,
    session: usize,
    journal: &Journal,
) -> Result<Connection, Over> {
    match TlsAcceptor::from(server_config(certificate)).accept(tcp).await {
        Ok(tls) => {
            journal.add(Event::Secured { session });
            Ok(Connection::Tls(Box::new(tls)))
        }
        Err(error) => {
            journal.add(Event::HandshakeFailed { session, why: error.to_string() });
            Err(Over)
        }
    }
}

impl Dialogue {
    async fn hold(&mut self) -> Result<(), Over> {
        if self.script.most.is_some_and(|most| self.journal.open_sessions() > most) {
            return self.act(Act::ReplyAndDrop("421 4.7.0 too many connections".to_owned())).await.map(drop);
        }
        self.answer("CONNECT", "220 scripted.example ESMTP").await?;
        loop {
            let line = self.line().await?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => drop(self.answer(&line, &self.ehlo()).await?),
                "STARTTLS" => self.start_tls(&line).await?,
                "AUTH" => self.auth(&line).await?,
                "MAIL" => self.mail(line).await?,
                "RCPT" => self.rcpt(line).await?,
                "DATA" => self.data(&line).await?,
                "RSET" => {
                    self.answer(&line, "250 2.0.0 reset").await?;
                    self.end_transaction();
                }
                "QUIT" => {
                    self.answer(&line, "221 2.0.0 bye").await?;
                    return Err(Over);
                }
                "HELO" | "NOOP" => drop(self.answer(&line, "250 scripted.example").await?),
                _ => drop(self.answer(&line, "500 5.5.2 no such command").await?),
            }
        }
    }

    fn ehlo(&self) -> String {
        let mut lines = vec!["scripted.example greets you".to_owned()];
        lines.extend(self.script.offers.iter().cloned());
        if matches!((self.script.protection, &self.connection), (Protection::StartTls(_), Connection::Plain(_))) {
            lines.push("STARTTLS".to_owned());
        }
        let last = lines.len() - 1;
        let line = |(at, text): (usize, &String)| format!("250{}{text}", if at == last { ' ' } else { '-' });
        lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\r\n")
    }

    async fn start_tls(&mut self, line: &str) -> Result<(), Over> {
        let Protection::StartTls(certificate) = self.script.protection else {
            return self.answer(line, "502 5.5.1 not offered").await.map(drop);
        };
        if !self.answer(line, "220 2.0.0 go ahead").await?.starts_with("220") {
            return Ok(());
        }
        let away = Connection::Away(tokio::io::empty());
        let Connection::Plain(tcp) = std::mem::replace(&mut self.connection, away) else { return Err(Over) };
        self.connection = secure(tcp, certificate, self.session, &self.journal).await?;
        Ok(())
    }

    async fn auth(&mut self, line: &str) -> Result<(), Over> {
        if !line.to_ascii_uppercase().starts_with("AUTH LOGIN") {
            return self.answer(line, "235 2.7.0 welcome").await.map(drop);
        }
        for ask in ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"] {
            if !self.answer(line, ask).await?.starts_with("334") {
                return Ok(());
            }
            self.line().await?;
        }
        self.answer("ANSWER", "235 2.7.0 welcome").await.map(drop)
    }

    async fn mail(&mut self, line: String) -> Result<(), Over> {
        let usual = if self.mail.is_some() { "503 5.5.1 nested MAIL" } else { "250 2.1.0 ok" };
        if self.answer(&line, usual).await?.starts_with("250") {
            self.mail = Some(line);
        }
        Ok(())
    }

    async fn rcpt(&mut self, line: String) -> Result<(), Over> {
        let usual = if self.mail.is_some() { "250 2.1.5 ok" } else { "503 5.5.1 MAIL first" };
        if self.answer(&line, usual).await?.starts_with("25") {
            self.rcpt.push(line);
        }
        Ok(())
    }

    async fn data(&mut self, line: &str) -> Result<(), Over> {
        let usual = if self.rcpt.is_empty() { "554 5.5.1 no valid recipients" } else { "354 go on" };
        if !self.answer(line, usual).await?.starts_with("354") {
            return Ok(());
        }
        let mut raw = Vec::new();
        let ended = self.body(&mut raw).await;
        let mut transaction = self.transaction(raw, ended.is_ok());
        if let Err(over) = ended {
            self.journal.add(Event::Transaction(transaction));
            return Err(over);
        }
        self.journal.add(Event::DotSeen { session: self.session });
        let usual = if self.rcpt.is_empty() { "554 5.5.1 no valid recipients" } else { "250 2.0.0 taken" };
        let said = self.answer(".", usual).await;
        transaction.reply = said.as_ref().ok().cloned();
        self.journal.add(Event::Transaction(transaction));
        self.end_transaction();
        said.map(drop)
    }

    fn transaction(&self, raw: Vec<u8>, dot_seen: bool) -> Transaction {
        let body = raw.strip_suffix(b".\r\n").unwrap_or(&raw);
        let lines = body.split_inclusive(|octet| *octet == b'\n');
        Transaction {
            session: self.session,
            mail: self.mail.clone().unwrap_or_default(),
            rcpt: self.rcpt.clone(),
            message: lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect(),
            raw,
            dot_seen,
            reply: None,
        }
    }

    fn end_transaction(&mut self) {
        self.mail = None;
        self.rcpt.clear();
    }

    /// Reads to the end of the message, or to where the script cuts it short.
    async fn body(&mut self, raw: &mut Vec<u8>) -> Result<(), Over> {
        let cut = self.script.body.clone();
        loop {
            if let Some((_, act)) = cut.as_ref().filter(|(octets, _)| raw.len() + self.unread.len() >= *octets) {
                raw.append(&mut self.unread);
                self.act(act.clone()).await?;
                return Err(Over);
            }
            let scanned = raw.len().saturating_sub(8);
            raw.append(&mut self.unread);
            if let Some(end) = end_of_message(raw, scanned, self.script.terminator) {
                self.unread = raw.split_off(end);
                return Ok(());
            }
            self.receive().await?;
        }
    }

    async fn receive(&mut self) -> Result<(), Over> {
        let mut chunk = vec![0; 16 * 1024];
        match self.connection.octets().read(&mut chunk).await? {
            0 => Err(Over),
            octets => {
                self.unread.extend_from_slice(&chunk[..octets]);
                Ok(())
            }
        }
    }

    async fn line(&mut self) -> Result<String, Over> {
        loop {
            if let Some(end) = self.unread.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
                self.journal.add(Event::Line { session: self.session, line: line.clone() });
                return Ok(line);
            }
            self.receive().await?;
        }
    }

    /// What the script says to this, or the usual; gives back what was said.
    async fn answer(&mut self, to: &str, usual: &str) -> Result<String, Over> {
        let to = to.to_ascii_uppercase();
        let nth = |prefix: &str| match prefix {
            "." => 1 + self.journal.transactions().iter().filter(|transaction| transaction.dot_seen).count(),
            "CONNECT" => self.journal.sessions(),
            prefix => self.journal.count_lines(prefix),
        };
        let mut rules = self.script.rules.iter();
        let rule = rules.find(|rule| to.starts_with(&rule.prefix) && rule.nth.is_none_or(|n| n == nth(&rule.prefix)));
        let act = rule.map_or_else(|| Act::Reply(usual.to_owned()), |rule| rule.act.clone());
        self.act(act).await
    }

    async fn act(&mut self, act: Act) -> Result<String, Over> {
        match act {
            Act::Reply(text) => self.say(format!("{text}\r\n").as_bytes()).await,
            Act::ReplyAndDrop(text) => self.say(format!("{text}\r\n").as_bytes()).await.and(Err(Over)),
            Act::Raw(octets) => self.say(&octets).await,
            Act::RawAndDrop(octets) => self.say(&octets).await.and(Err(Over)),
            Act::Drip(octets, pause) => {
                for octet in &octets {
                    self.say(&[*octet]).await?;
                    tokio::time::sleep(pause).await;
                }
                Ok(String::from_utf8_lossy(&octets).into_owned())
            }
            Act::Endless(octets) => loop {
                self.connection.octets().write_all(&octets).await?;
            },
            Act::Drop => Err(Over),
            Act::Reset => {
                self.connection.reset();
                Err(Over)
            }
            Act::Silence => loop {
                self.receive().await?;
                self.unread.clear();
            },
            Act::Stall => pending().await,
            Act::After(time, act) => {
                tokio::time::sleep(time).await;
                Box::pin(self.act(*act)).await
            }
        }
    }

    async fn say(&mut self, octets: &[u8]) -> Result<String, Over> {
        self.connection.octets().write_all(octets).await?;
        self.connection.octets().flush().await?;
        self.journal.add(Event::Said { session: self.session, octets: octets.to_vec() });
        Ok(String::from_utf8_lossy(octets).trim_end().to_owned())
    }
}

/// Where the message ends, if it does.
fn end_of_message(raw: &[u8], from: usize, terminator: Terminator) -> Option<usize> {
    let ends: &[&[u8]] = match terminator {
        Terminator::Strict => &[b"\r\n.\r\n"],
        Terminator::Lax => &[b"\r\n.\r\n", b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n\0.\r\n", b"\r\n.\r\0\n"],
    };
    if raw.starts_with(b".\r\n") {
        return Some(3);
    }
    (from..raw.len()).find_map(|at| ends.iter().find(|end| raw[at..].starts_with(end)).map(|end| at + end.len()))
}
