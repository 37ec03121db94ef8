//! The program itself, as it runs at home, on the ledger that was generated.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::symlink,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::Outcome;

const CIRCULARD: &str = env!("CARGO_BIN_EXE_circulard");
/// It opens a large ledger, and looks at its journal.
const PATIENCE: Duration = Duration::from_secs(60);

/// A workspace whose `var/` is the folder of the ledger.
pub struct House {
    folder: TempDir,
    daemon: Option<Child>,
    /// `127.0.0.1:8112`
    listens: String,
    cookie: String,
}

impl House {
    pub fn new(ledger: &Path) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let house = Self { folder, daemon: None, listens: String::new(), cookie: String::new() };
        let made = Command::new(CIRCULARD).arg("init").arg(house.dir()).output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into());
        }
        for kept in ["var", "recipients"] {
            fs::remove_dir_all(house.dir().join(kept))?;
        }
        fs::create_dir(house.dir().join("recipients"))?;
        let var = fs::canonicalize(ledger.parent().ok_or("a ledger lies in a folder")?)?;
        symlink(var, house.dir().join("var"))?;
        Ok(house)
    }

    pub fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("w")
    }

    /// What a command prints.
    pub fn ask(&self, words: &[&str]) -> Outcome<String> {
        let answer = Command::new(CIRCULARD).arg("--workspace").arg(self.dir()).args(words).output()?;
        match answer.status.success() {
            true => Ok(String::from_utf8(answer.stdout)?.trim().to_owned()),
            false => Err(format!("{words:?}: {}", String::from_utf8_lossy(&answer.stderr)).into()),
        }
    }

    /// Starts the daemon under these settings, and goes in by its link.
    pub fn open(&mut self, settings: &str) -> Outcome<()> {
        self.end()?;
        fs::write(self.dir().join("circulard.toml"), format!("{settings}[web]\nlisten = \"127.0.0.1:0\"\n"))?;
        let log = fs::File::create(self.folder.path().join("log"))?;
        let mut command = Command::new(CIRCULARD);
        command.arg("--workspace").arg(self.dir()).arg("run").stdout(Stdio::null()).stderr(log);
        self.daemon = Some(command.spawn()?);
        let until = Instant::now() + PATIENCE;
        loop {
            match self.go_in() {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > until => {
                    return Err(format!("{error}\n{}", fs::read_to_string(self.folder.path().join("log"))?).into());
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    fn go_in(&mut self) -> Outcome<()> {
        let link = self.ask(&["web", "link"])?;
        let (listens, path) = link.strip_prefix("http://").and_then(|url| url.split_once('/')).ok_or("no link")?;
        self.listens = listens.to_owned();
        let answer = self.request(&format!("/{path}"))?;
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        self.cookie = cookie.ok_or_else(|| format!("no cookie: {answer}"))?.to_owned();
        Ok(())
    }

    /// One request; the whole answer with its head.
    fn request(&self, path: &str) -> Outcome<String> {
        let mut stream = TcpStream::connect(&self.listens)?;
        let (host, cookie) = (&self.listens, &self.cookie);
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// How long a page takes from the connection to its last octet, and how long it is.
    pub fn page(&self, path: &str) -> Outcome<(Duration, usize)> {
        let begun = Instant::now();
        let answer = self.request(path)?;
        let took = begun.elapsed();
        match answer.starts_with("HTTP/1.1 200 ") {
            true => Ok((took, answer.len())),
            false => Err(format!("{path}: {}", answer.lines().next().unwrap_or_default()).into()),
        }
    }

    /// Ends the daemon in order.
    pub fn end(&mut self) -> Outcome<()> {
        if let Some(mut daemon) = self.daemon.take() {
            Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status()?;
            daemon.wait()?;
        }
        Ok(())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
