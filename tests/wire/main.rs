//! The wire, over loopback, against a scripted server: every stage, every way it can fail, octet by octet.

#[path = "../scripted/mod.rs"]
mod scripted;

mod final_dot;
mod leave;
mod opening;
mod rehearsal;
mod run_on;
mod secrets;
mod tls;
mod transaction;

use std::time::Duration;

use circulard::{
    delivery::{Failure, Outcome, Stage, Trouble},
    smtp::{Content, Deadlines, Envelope, RelaySettings, Session, TlsRoots},
};
use scripted::{Script, ScriptedServer};
use secrecy::SecretString;

/// Long enough for a busy machine: what is expected to answer gets this much.
const PATIENT: Duration = Duration::from_secs(10);
/// What is expected never to answer gets this much.
const SHORT: Duration = Duration::from_millis(200);

const MESSAGE: &[u8] = b"Subject: Circular 112\r\n\r\n.first\r\n..second\r\n.\r\nlast\r\n";

fn patient() -> Deadlines {
    Deadlines::all(PATIENT)
}

/// A relay table for this server; `more` are further lines of it.
fn settings(server: &ScriptedServer, scheme: &str, more: &str) -> RelaySettings {
    let table = format!("url = \"{scheme}127.0.0.1:{}\"\n{more}", server.addr.port());
    toml::from_str(&table).expect("a relay table")
}

fn trusted() -> TlsRoots {
    TlsRoots::with_pem(scripted::roots_pem().as_bytes()).expect("roots")
}

async fn open(server: &ScriptedServer, deadlines: &Deadlines) -> Result<Session, Failure> {
    Session::open(&settings(server, "smtp://", ""), None, &trusted(), "", deadlines).await
}

async fn started(script: Script) -> (ScriptedServer, Session) {
    let server = ScriptedServer::start(script).await;
    let session = open(&server, &patient()).await.expect("a session");
    (server, session)
}

fn to(forward_path: &str) -> Envelope<'_> {
    let reverse_path = "bounces@itu.example";
    Envelope { reverse_path, forward_path, size: MESSAGE.len(), content: Content::SevenBit, dsn: None }
}

/// One transaction from MAIL to the answer to the dot.
async fn deliver(session: &mut Session, forward_path: &str, octets: &[u8]) -> Outcome {
    let envelope = Envelope { size: octets.len(), ..to(forward_path) };
    match session.envelope(&envelope).await {
        Ok(()) => session.message(octets).await,
        Err(failure) => Outcome::Failed(failure),
    }
}

/// `mail: 550 5.7.1 …` in a form that tables can hold.
fn in_short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted(reply) => format!("accepted {}", reply.code),
        Outcome::Failed(failure) => failure_in_short(failure),
    }
}

fn failure_in_short(failure: &Failure) -> String {
    let what = match &failure.trouble {
        Trouble::Reply(reply) => reply.code.to_string(),
        Trouble::TimedOut => "timed out".to_owned(),
        Trouble::Broken(_) => "broken".to_owned(),
        Trouble::Protocol(_) => "protocol".to_owned(),
        Trouble::Tls(_) => "tls".to_owned(),
        Trouble::Unfit(_) => "unfit".to_owned(),
    };
    format!("{} {what}", failure.stage)
}

/// The same limit for all stages but one.
fn only(stage: Stage, limit: Duration) -> Deadlines {
    let mut deadlines = patient();
    let place = match stage {
        Stage::Connect => &mut deadlines.connect,
        Stage::Greeting => &mut deadlines.greeting,
        Stage::Ehlo => &mut deadlines.ehlo,
        Stage::StartTls => &mut deadlines.starttls,
        Stage::Auth => &mut deadlines.auth,
        Stage::Mail => &mut deadlines.mail,
        Stage::Rcpt => &mut deadlines.rcpt,
        Stage::Data => &mut deadlines.data,
        Stage::Body => &mut deadlines.block,
        Stage::FinalDot => &mut deadlines.final_dot,
    };
    *place = limit;
    deadlines
}

fn password(text: &str) -> SecretString {
    SecretString::from(text)
}
