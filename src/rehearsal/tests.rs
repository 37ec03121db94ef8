//! The capture server as a client meets it, octet by octet.

use std::{fs, path::Path};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{CaptureServer, Manners};

struct Stage {
    folder: tempfile::TempDir,
    server: CaptureServer,
    cancel: CancellationToken,
    tracker: TaskTracker,
}

async fn stage(manners: Manners) -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    let (cancel, tracker) = (CancellationToken::new(), TaskTracker::new());
    let started = CaptureServer::start(folder.path().join("kept"), manners, cancel.clone(), &tracker).await;
    Stage { server: started.expect("a server"), folder, cancel, tracker }
}

impl Stage {
    /// Says all of it in one write and hears until the server hangs up.
    async fn play(&self, lines: &[u8]) -> String {
        let mut tcp = TcpStream::connect(self.server.addr).await.expect("a connection");
        tcp.write_all(lines).await.expect("said");
        let mut heard = String::new();
        tcp.read_to_string(&mut heard).await.expect("heard");
        heard
    }

    fn kept(&self) -> Vec<(String, Vec<u8>)> {
        read_all(&self.folder.path().join("kept"))
    }
}

fn read_all(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let read = |entry: fs::DirEntry| {
        (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file"))
    };
    let mut files: Vec<_> = entries.map(read).collect();
    files.sort();
    files
}

fn codes(heard: &str) -> Vec<&str> {
    heard.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| &line[..3]).collect()
}

const BEGIN: &str = "MAIL FROM:<x@itu.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n";

#[tokio::test]
async fn a_message_is_kept_unstuffed_and_otherwise_as_it_came() {
    let stage = stage(Manners::Polite).await;
    let body = "..first\r\nbare\n.\r\nlf\r\n\r\n...\r\nend\r\n.\r\n";
    let heard = stage.play(format!("EHLO [127.0.0.1]\r\n{BEGIN}{body}QUIT\r\n").as_bytes()).await;
    assert_eq!(codes(&heard), ["220", "250", "250", "250", "354", "250", "221"], "{heard}");
    assert!(heard.contains("250 2.0.0 Rehearsed, kept as 000001-a@b.example.eml"), "{heard}");
    let expected = b".first\r\nbare\n.\r\nlf\r\n\r\n..\r\nend\r\n".to_vec();
    assert_eq!(stage.kept(), [("000001-a@b.example.eml".to_owned(), expected)]);
}

#[tokio::test]
async fn commands_out_of_order_are_refused_and_the_play_goes_on() {
    let stage = stage(Manners::Polite).await;
    let table = [
        ("RCPT TO:<a@b.example>\r\n", "503"),
        ("DATA\r\n", "503"),
        ("MAIL FROM: x\r\n", "501"),
        ("VRFY a\r\n", "502"),
        ("\r\n", "502"),
        ("MAIL FROM:<x@y.example>\r\nMAIL FROM:<>\r\n", "503"),
        ("mail from:<> SIZE=1\r\nrcpt to:<>\r\n", "501"),
        ("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n", "452"),
        ("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRSET\r\nDATA\r\n", "503"),
    ];
    for (lines, code) in table {
        let heard = stage.play(format!("{lines}QUIT\r\n").as_bytes()).await;
        let codes = codes(&heard);
        assert_eq!(codes[codes.len() - 2..], [code, "221"], "{lines:?}: {heard}");
    }
    assert!(stage.kept().is_empty());
}

#[tokio::test]
async fn a_message_cut_short_is_not_kept() {
    let stage = stage(Manners::Polite).await;
    let mut tcp = TcpStream::connect(stage.server.addr).await.expect("a connection");
    tcp.write_all(format!("{BEGIN}half a mess").as_bytes()).await.expect("said");
    tcp.shutdown().await.expect("hung up");
    tcp.read_to_end(&mut Vec::new()).await.expect("heard");
    assert!(stage.kept().is_empty());
}

#[tokio::test]
async fn addressees_are_refused_and_deferred_once_as_its_manners_say() {
    let transaction = format!("{BEGIN}x\r\n.\r\n");
    let refusing = stage(Manners::Realistic { deferred_one_in: 0, refused_one_in: 1 }).await;
    let heard = refusing.play(b"MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nQUIT\r\n").await;
    assert_eq!(codes(&heard), ["220", "250", "550", "503", "221"], "{heard}");

    let deferring = stage(Manners::Realistic { deferred_one_in: 1, refused_one_in: 0 }).await;
    let heard = deferring
        .play(format!("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRSET\r\n{transaction}QUIT\r\n").as_bytes())
        .await;
    assert_eq!(codes(&heard), ["220", "250", "450", "250", "250", "250", "354", "250", "221"], "{heard}");
}

#[tokio::test]
async fn an_endless_command_and_an_oversized_message_are_refused() {
    let stage = stage(Manners::Polite).await;
    let mut tcp = TcpStream::connect(stage.server.addr).await.expect("a connection");
    // Exactly what is read before the refusal, so that hanging up destroys no reply.
    tcp.write_all(&[b'x'; 4096]).await.expect("said");
    tcp.write_all(b"y").await.expect("said");
    let mut heard = String::new();
    tcp.read_to_string(&mut heard).await.expect("heard");
    assert_eq!(codes(&heard), ["220", "500"], "{heard}");

    let mut large = BEGIN.as_bytes().to_vec();
    large.extend(b"0123456789abcdef\r\n".repeat(50 * 1024 * 1024 / 18 + 10));
    large.extend(b".\r\nNOOP\r\nQUIT\r\n");
    let heard = stage.play(&large).await;
    assert_eq!(codes(&heard), ["220", "250", "250", "354", "552", "250", "221"], "{heard}");
    assert!(stage.kept().is_empty());
}

#[tokio::test]
async fn a_session_too_many_is_turned_away() {
    let stage = stage(Manners::Polite).await;
    let mut inside = Vec::new();
    for _ in 0..super::SESSIONS_MOST {
        let mut tcp = TcpStream::connect(stage.server.addr).await.expect("a connection");
        tcp.read_u8().await.expect("a greeting");
        inside.push(tcp);
    }
    assert!(stage.play(b"").await.starts_with("421 4.3.2"));
}

#[tokio::test]
async fn cancelling_ends_idle_sessions_and_every_task() {
    let stage = stage(Manners::Polite).await;
    let mut tcp = TcpStream::connect(stage.server.addr).await.expect("a connection");
    tcp.read_u8().await.expect("a greeting");
    stage.cancel.cancel();
    stage.tracker.close();
    stage.tracker.wait().await;
    let mut rest = String::new();
    tcp.read_to_string(&mut rest).await.expect("heard");
    assert!(rest.contains("421 4.3.2"), "{rest}");
    assert!(TcpStream::connect(stage.server.addr).await.is_err());
}
