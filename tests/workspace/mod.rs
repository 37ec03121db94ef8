//! A workspace of its own for a test, and the real program working on it as a process.
//!
//! Made by `init`; lists and letter are replaced by an own list of N offices, each with a token (a merge field) that no
//! other has, so that a letter in the wrong envelope shows. Files are dated an hour back: they have settled.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant, SystemTime},
};

use serde_json::Value;

/// Nothing here takes so long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// What every token begins with.
pub const TOKEN: &str = "zqtoken";

/// The folder; it goes with the value.
pub struct Workspace {
    folder: tempfile::TempDir,
    /// Address → token, as listed.
    pub list: BTreeMap<String, String>,
}

/// The daemon as a process. Clones are the same process.
#[derive(Clone)]
pub struct Daemon(Arc<Mutex<Child>>);

impl Workspace {
    /// `settings` is the whole of `circulard.toml`; the letter has `paragraphs` of filling.
    pub fn new(offices: usize, paragraphs: usize, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let list = (1..=offices).map(|n| (format!("office{n:05}@n{}.example", n % 193), token(n))).collect();
        let workspace = Self { folder, list };
        let made = workspace.command(&["init"]).arg(workspace.dir()).output().expect("init");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for entry in fs::read_dir(workspace.dir().join("recipients")).expect("recipients") {
            fs::remove_file(entry.expect("an entry").path()).expect("removed");
        }
        let mut csv = "email,name,country,token\n".to_owned();
        for (address, token) in &workspace.list {
            csv.push_str(&format!("{address},Office {token},Kenya,{token}\n"));
        }
        workspace.write("recipients/offices.csv", &csv);
        workspace.write("recipients/groups.toml", "[offices]\nlabels.en = [\"Offices\"]\n");
        workspace.write("templates/proof.txt", &letter(paragraphs));
        workspace.write("circulard.toml", settings);
        workspace
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("w")
    }

    /// Writes a file and dates it an hour back.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir().join(name);
        let mut file = File::create(&path).expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).expect("dated");
    }

    /// The program with these arguments, in no workspace.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_circulard"));
        command.args(arguments).stdin(Stdio::null()).env_remove("RUST_LOG");
        command
    }

    /// The program on this workspace.
    pub fn on(&self, arguments: &[&str]) -> Command {
        let dir = self.dir();
        let mut all = vec!["--workspace", dir.to_str().expect("UTF-8")];
        all.extend(arguments);
        self.command(&all)
    }

    pub fn output(&self, arguments: &[&str]) -> Output {
        self.on(arguments).output().expect("the program")
    }

    /// Rows of a query over the documented views.
    pub fn sql(&self, query: &str) -> Vec<Value> {
        let output = self.output(&["sql", query, "--format", "json"]);
        assert!(output.status.success(), "{query}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("a JSON array")
    }

    /// The one number that a query gives.
    pub fn number(&self, query: &str) -> i64 {
        let rows = self.sql(query);
        let row = rows.first().and_then(Value::as_object).expect("a row");
        row.values().next().and_then(Value::as_i64).expect("a number")
    }

    /// `run` with these arguments more; what it says on standard error is appended to [`Workspace::said`].
    pub fn start(&self, more: &[&str]) -> Daemon {
        self.start_as(self.on(&["run"]).args(more))
    }

    /// `run` as this command.
    pub fn start_as(&self, command: &mut Command) -> Daemon {
        let said = File::options().create(true).append(true).open(self.said_file()).expect("a log");
        Daemon(Arc::new(Mutex::new(command.stdout(Stdio::null()).stderr(said).spawn().expect("the program starts"))))
    }

    fn said_file(&self) -> PathBuf {
        self.folder.path().join("said.log")
    }

    /// All that daemons said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(self.said_file()).unwrap_or_default()
    }
}

impl Daemon {
    fn with<T>(&self, act: impl FnOnce(&mut Child) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// SIGKILL; comes back when the process is gone.
    pub fn kill(&self) {
        self.with(|child| {
            let _ = child.kill();
            child.wait().expect("its end");
        });
    }

    /// A signal by its name.
    pub fn signal(&self, name: &str) {
        let id = self.with(|child| child.id()).to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().expect("kill");
        assert!(sent.success(), "kill -s {name} {id}");
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.with(|child| child.try_wait().expect("its state"))
    }

    /// Waits for its end, or for `enough`; `None`: it still runs.
    pub fn until(&self, what: &str, mut enough: impl FnMut() -> bool) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            if enough() {
                return None;
            }
            if begun.elapsed() > PATIENCE {
                self.kill();
                panic!("waited in vain for {what}");
            }
            thread::sleep(LOOK);
        }
    }

    /// Waits for its end by itself.
    pub fn end(&self) -> ExitStatus {
        self.until("the daemon's end", || false).expect("an end")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // the last one that knows the process does not leave it behind
        if Arc::strong_count(&self.0) == 1 && self.ended().is_none() {
            self.kill();
        }
    }
}

/// A token that no other office has, in letters and digits that no encoding touches.
fn token(n: usize) -> String {
    format!("{TOKEN}{n:05}x{:04x}", n.wrapping_mul(40_503) & 0xffff)
}

/// All tokens that stand in a message.
pub fn tokens_in(message: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(message).replace("=\r\n", "");
    let word = |at: usize| text[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
    let mut found: Vec<String> = text.match_indices(TOKEN).map(|(at, _)| word(at)).collect();
    found.sort();
    found.dedup();
    found
}

fn letter(paragraphs: usize) -> String {
    let filling =
        "The office reads this paragraph for its length and for nothing else; it fills a line and a half.\n\n";
    format!(
        "Ref.: Circular PROOF/1\n\nGeneva, 3 December 2021\n\nTo\n\n- Offices\n\nSubject: A proof of delivery\n\n\
         Dear Sir/Madam,\n\nI have the honour to send you your token, {{{{ addressee.token }}}}, and nothing else.\n\n\
         {}Yours faithfully,\n\nAnna Example\nDirector\n",
        filling.repeat(paragraphs)
    )
}
