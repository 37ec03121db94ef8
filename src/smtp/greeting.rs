//! From the name look-up to the answer to EHLO, inside TLS where TLS is due.
//!
//! STARTTLS here fails closed (RFC 3207 §6): a relay that does not offer it gets neither AUTH nor MAIL, what was
//! offered before the handshake is forgotten, and anything received with the 220 to STARTTLS ends the connection.

use std::{future::Future, net::IpAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    Deadlines, Offers, Protection, RelaySettings, TlsRoots,
    replies::{ReplyReader, Spoken},
    settings::check_ehlo_name,
    socket::Socket,
};
use crate::delivery::{Failure, Reply, Stage, Trouble};

/// A connection on which EHLO has been answered, and what it offers.
pub(super) struct Greeted {
    pub socket: Socket,
    pub offers: Offers,
}

/// Goes as far as EHLO.
pub(super) async fn greet(
    relay: &RelaySettings,
    tls: &TlsRoots,
    ehlo: &str,
    deadlines: &Deadlines,
) -> Result<Greeted, Failure> {
    let tcp = connect(relay, deadlines.connect).await?;
    let protection = relay.protection();
    let mut talk = within(deadlines.greeting, Stage::Greeting, async {
        let socket = match protection {
            Protection::ImplicitTls => Socket::Tls(Box::new(tls.handshake(tcp, &relay.url.host).await?)),
            _ => Socket::Plain(tcp),
        };
        let mut talk = Talk { socket, reader: ReplyReader::default() };
        let greeting = talk.hear().await?.reply;
        exactly(greeting, &[220], "a connection").map(|_| talk)
    })
    .await?;
    let name = ehlo_name(relay, ehlo, &talk.socket)?;
    let needs_ehlo = protection != Protection::Plain || relay.url.user.is_some();
    let offers = talk.ehlo(&name, needs_ehlo, deadlines.ehlo).await?;
    if protection != Protection::StartTls {
        return talk.over(offers);
    }
    let mut talk = talk.start_tls(&offers, tls, &relay.url.host, deadlines).await?;
    let offers = talk.ehlo(&name, needs_ehlo, deadlines.ehlo).await?;
    talk.over(offers)
}

/// Runs one stage in its time.
pub(super) async fn within<T>(
    limit: Duration,
    stage: Stage,
    work: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Failure> {
    timeout(limit, work).await.unwrap_or(Err(Trouble::TimedOut)).map_err(|trouble| Failure { stage, trouble })
}

/// Takes only the codes that a stage expects: another positive one is a server that has lost the thread.
pub(super) fn exactly(reply: Reply, codes: &[u16], to: &str) -> Result<Reply, Trouble> {
    if codes.contains(&reply.code.get()) {
        Ok(reply)
    } else if reply.code.is_positive() {
        Err(Trouble::Protocol(format!("\"{reply}\" is no answer to {to}")))
    } else {
        Err(Trouble::Reply(reply))
    }
}

/// Tries the relay's addresses in turn; each gets an equal share of the time that is left.
async fn connect(relay: &RelaySettings, limit: Duration) -> Result<TcpStream, Failure> {
    let (host, port) = (relay.url.host.as_str(), relay.url.port);
    within(limit, Stage::Connect, async {
        let ends = tokio::time::Instant::now() + limit;
        let found = tokio::net::lookup_host((host, port)).await;
        let found = found.map_err(|error| Trouble::Broken(format!("{host} has no address: {error}")))?;
        let addresses: Vec<_> = found.collect();
        let mut trouble = Trouble::Broken(format!("{host} has no address"));
        for (tried, address) in addresses.iter().enumerate() {
            let left = ends.saturating_duration_since(tokio::time::Instant::now());
            let share = left / u32::try_from(addresses.len() - tried).unwrap_or(1);
            trouble = match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => match tcp.set_nodelay(true) {
                    Ok(()) => return Ok(tcp),
                    Err(error) => Trouble::Broken(format!("{address}: {error}")),
                },
                Ok(Err(error)) => Trouble::Broken(format!("{address}: {error}")),
                Err(_) => Trouble::TimedOut,
            };
        }
        Err(trouble)
    })
    .await
}

/// The relay's own name for us, the house's, or our address as a literal (RFC 5321 §4.1.3).
fn ehlo_name(relay: &RelaySettings, house: &str, socket: &Socket) -> Result<String, Failure> {
    let fail = |trouble| Failure { stage: Stage::Ehlo, trouble };
    let given = relay.ehlo_name.as_deref().unwrap_or(house);
    if !given.is_empty() {
        return match check_ehlo_name(given) {
            Ok(()) => Ok(given.to_owned()),
            Err(bad) => Err(fail(Trouble::Protocol(format!("not sent: ehlo_name: {bad}")))),
        };
    }
    let address = socket.local_addr().map_err(|error| fail(Trouble::Broken(error.to_string())))?;
    Ok(match address.ip().to_canonical() {
        IpAddr::V4(four) => format!("[{four}]"),
        IpAddr::V6(six) => format!("[IPv6:{six}]"),
    })
}

/// A dialogue before lettre's: one command, one reply.
struct Talk {
    socket: Socket,
    reader: ReplyReader,
}

impl Talk {
    async fn say(&mut self, line: &str) -> Result<Spoken, Trouble> {
        if self.reader.has_unread() {
            return Err(Trouble::Protocol("the relay spoke out of turn".to_owned()));
        }
        let sent = async {
            self.socket.write_all(line.as_bytes()).await?;
            self.socket.flush().await
        };
        sent.await.map_err(|error| Trouble::Broken(error.to_string()))?;
        self.hear().await
    }

    async fn hear(&mut self) -> Result<Spoken, Trouble> {
        let mut chunk = [0; 4096];
        loop {
            if let Some(spoken) = self.reader.next().map_err(Trouble::Protocol)? {
                return Ok(spoken);
            }
            match self.socket.read(&mut chunk).await {
                Ok(0) => return Err(Trouble::Broken("the relay closed the connection".to_owned())),
                Ok(octets) => self.reader.feed(&chunk[..octets]),
                Err(error) => return Err(Trouble::Broken(error.to_string())),
            }
        }
    }

    /// EHLO; HELO after a 5yz, where neither TLS nor AUTH is wanted (RFC 5321 §3.2).
    async fn ehlo(&mut self, name: &str, needs_ehlo: bool, limit: Duration) -> Result<Offers, Failure> {
        within(limit, Stage::Ehlo, async {
            let spoken = self.say(&format!("EHLO {name}\r\n")).await?;
            if spoken.reply.code.is_permanent() && !needs_ehlo {
                let hello = self.say(&format!("HELO {name}\r\n")).await?;
                return exactly(hello.reply, &[250], "HELO").map(|_| Offers::default());
            }
            exactly(spoken.reply, &[250], "EHLO").map(|_| Offers::read(&spoken.lines))
        })
        .await
    }

    async fn start_tls(
        mut self,
        offers: &Offers,
        tls: &TlsRoots,
        host: &str,
        deadlines: &Deadlines,
    ) -> Result<Self, Failure> {
        within(deadlines.starttls, Stage::StartTls, async {
            if !offers.starttls {
                let what = "the relay does not offer STARTTLS, so nothing was sent; try smtps:// on port 465";
                return Err(Trouble::Tls(what.to_owned()));
            }
            let spoken = self.say("STARTTLS\r\n").await?;
            exactly(spoken.reply, &[220], "STARTTLS")?;
            if self.reader.has_unread() {
                let what = "text came with the answer to STARTTLS, before the handshake: someone may be injecting it";
                return Err(Trouble::Tls(what.to_owned()));
            }
            let Socket::Plain(tcp) = self.socket else {
                return Err(Trouble::Tls("TLS inside TLS".to_owned()));
            };
            let socket = Socket::Tls(Box::new(tls.handshake(tcp, host).await?));
            Ok(Self { socket, reader: ReplyReader::default() })
        })
        .await
    }

    /// Hands the connection on, unless more came than was asked for.
    fn over(self, offers: Offers) -> Result<Greeted, Failure> {
        if self.reader.has_unread() {
            let trouble = Trouble::Protocol("more came than the answer to EHLO".to_owned());
            return Err(Failure { stage: Stage::Ehlo, trouble });
        }
        Ok(Greeted { socket: self.socket, offers })
    }
}
