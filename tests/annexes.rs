//! Annexes from the folder to the addressee, through the real program: what was frozen is what arrives, and what cannot
//! be sent parks the letter with file and line.

#![allow(clippy::unwrap_used)]

#[path = "scripted/mod.rs"]
mod scripted;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use scripted::{Act, Event, Script, ScriptedServer};

const BRIEF: &str = "policy \"brief\".pdf";
const FORM: &str = "Réponse – formulaire.csv";
const ADDRESSES: [&str; 3] = ["one@pilot.example", "two@pilot.example", "three@pilot.example"];

/// A workspace with a list of three, and a letter to them with two annexes.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        assert!(house.command(&["init", house.root().to_str().unwrap()]).output().unwrap().status.success());
        fs::write(house.root().join("recipients/pilot.csv"), format!("email\n{}\n", ADDRESSES.join("\n"))).unwrap();
        fs::create_dir(house.annexes()).unwrap();
        fs::write(house.annexes().join(BRIEF), brief()).unwrap();
        fs::write(house.annexes().join(FORM), "é;1\r\nb;2\n").unwrap();
        house.write_letter(&format!("{BRIEF}, {FORM}"), "");
        house
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("house")
    }

    fn annexes(&self) -> PathBuf {
        self.root().join("templates/pilot-1")
    }

    fn write_letter(&self, attachments: &str, more: &str) {
        let letter = format!(
            "---\nsend: now\nattachments: {attachments}\n---\nRef.: Circular PILOT/1\n\nGeneva, 3 December 2026\n\nTo\n\n\
             - pilot\n\nSubject: What goes with it\n\nDear Sir/Madam,\n\nPlease find them attached.\n\nYours faithfully,\n\n\
             Ana Sample\nDirector\n{more}"
        );
        fs::write(self.root().join("templates/pilot-1.md"), letter).unwrap();
    }

    fn configure(&self, relay: Option<&ScriptedServer>) {
        let relay = relay.map_or_else(String::new, |server| {
            format!("[[relay]]\nname = \"main\"\nurl = \"smtp://127.0.0.1:{}\"\nsessions = 1\n", server.addr.port())
        });
        fs::write(self.root().join("circulard.toml"), format!("[watch]\nsettle = \"1s\"\n{relay}")).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_circulard"));
        command.arg("--workspace").arg(self.root()).args(arguments).stdin(Stdio::null());
        command
    }

    /// Exit code and all that was said.
    fn say(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        (output.status.code(), said.concat())
    }
}

/// Every octet, in lines of every length.
fn brief() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(300_000).collect()
}

/// Reads every message of a folder back; its annexes must be the files as they were first.
fn check(messages: &Path, expected: usize) {
    let kept = messages.join("annexes");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join(BRIEF), brief()).unwrap();
    fs::write(kept.join(FORM), "é;1\r\nb;2\n").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/check_mail.py");
    let output = Command::new("/usr/bin/python3").arg(script).arg(messages).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.trim(), format!("{expected} messages, 0 defects"));
    for message in fs::read_dir(messages).unwrap().map(|entry| entry.unwrap().path()) {
        if message.extension().is_some_and(|ending| ending == "eml") {
            let octets = fs::read(&message).unwrap();
            let found = octets.windows(30).filter(|found| found == b"Content-Disposition: attachmen").count();
            assert_eq!(found, 2, "{}", message.display());
        }
    }
}

#[test]
fn a_rehearsal_keeps_every_message_with_its_annexes() {
    let house = House::new();
    house.configure(None);
    let (code, said) = house.say(&["run", "--until-idle"]);
    assert_eq!(code, Some(0), "{said}");
    check(&house.root().join("var/rehearsal"), ADDRESSES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_frozen_arrives_although_the_file_is_another_and_the_daemon_was_killed() {
    let house = House::new();
    let silent = ScriptedServer::start(Script::new().on("CONNECT", Act::Silence)).await;
    house.configure(Some(&silent));
    let mut daemon = house.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    silent.journal.until("a session", |events| events.iter().any(|e| matches!(e, Event::Connected { .. }))).await;
    daemon.kill().unwrap();
    daemon.wait().unwrap();

    fs::write(house.annexes().join(BRIEF), "another").unwrap();
    fs::remove_file(house.annexes().join(FORM)).unwrap();
    let relay = ScriptedServer::start(Script::new()).await;
    house.configure(Some(&relay));
    let (code, said) = house.say(&["run", "--until-idle"]);
    assert_eq!(code, Some(0), "{said}");

    let messages = tempfile::tempdir().unwrap();
    for (number, transaction) in relay.transactions().iter().enumerate() {
        fs::write(messages.path().join(format!("{number}.eml")), &transaction.message).unwrap();
    }
    check(messages.path(), ADDRESSES.len());
    let (_, kept) = house.say(&["sql", "SELECT name, octets, issue FROM annex_log ORDER BY position"]);
    assert!(kept.contains("300000") && kept.contains(FORM), "{kept}");
}

#[test]
fn a_preview_shows_the_annexes_and_check_counts_them() {
    let house = House::new();
    house.configure(None);
    let letter = house.root().join("templates/pilot-1.md");
    let letter = letter.to_str().unwrap();
    let output = house.command(&["preview", letter, "--as", ADDRESSES[1], "--part", "eml"]).output().unwrap();
    let messages = tempfile::tempdir().unwrap();
    fs::write(messages.path().join("preview.eml"), output.stdout).unwrap();
    check(messages.path(), 1);

    let (code, said) = house.say(&["check", letter]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 files, 301 kB"), "{said}");
    assert!(!said.contains("warning"), "{said}");
    house.write_letter(&format!("{BRIEF}, {FORM}"), "\nAnnexes: 3\n");
    let (code, said) = house.say(&["check", letter]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("pilot-1.md:24: the letter states 3 annexes, and the head attaches 2 files"), "{said}");
}

#[test]
fn an_annex_that_cannot_be_sent_parks_its_letter_with_file_and_line() {
    let house = House::new();
    house.configure(None);
    let secret = house.root().join("secret.txt");
    fs::write(&secret, "not to be sent").unwrap();
    std::os::unix::fs::symlink(&secret, house.annexes().join("link.txt")).unwrap();
    fs::write(house.annexes().join("empty.pdf"), "").unwrap();
    for (named, why) in [
        ("absent.pdf", "is not there; put it at templates/pilot-1/absent.pdf"),
        ("empty.pdf", "is empty"),
        ("link.txt", "is a symbolic link"),
        ("../secret.txt", "leads out of the folder"),
        ("/etc/passwd", "leads out of the folder"),
        (&format!("{BRIEF}, {BRIEF}"), "is named twice"),
    ] {
        house.write_letter(named, "");
        let (code, said) = house.say(&["check", house.root().join("templates/pilot-1.md").to_str().unwrap()]);
        assert_eq!(code, Some(2), "{named}: {said}");
        assert!(said.contains("templates/pilot-1.md:3: attachments: ") && said.contains(why), "{named}: {said}");
    }
    let (code, said) = house.say(&["run", "--until-idle"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("parked"), "{said}");
    assert!(
        !house.root().join("var/rehearsal").exists()
            || fs::read_dir(house.root().join("var/rehearsal")).unwrap().count() == 0
    );
}

#[test]
fn a_folder_that_is_a_link_is_not_read() {
    let house = House::new();
    house.configure(None);
    let elsewhere = house.root().join("elsewhere");
    fs::rename(house.annexes(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, house.annexes()).unwrap();
    let (code, said) = house.say(&["check", house.root().join("templates/pilot-1.md").to_str().unwrap()]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("pilot-1.md:3: attachments: templates/pilot-1 is a symbolic link"), "{said}");
}
