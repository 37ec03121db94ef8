//! One row of the table: a script, and what stands in the ledger after one run and after as many as it takes.

use std::time::{Duration, Instant};

use circulard::{
    clock::Clock,
    config::Settings,
    daemon::{Daemon, Until},
    folders::Workspace as Folder,
    rehearsal::Manners,
    smtp::Deadlines,
};

use crate::{
    scripted::{Script, ScriptedServer},
    workspace::{PATIENCE, Workspace},
};

/// A fault and what is expected of it.
pub struct Row {
    /// The number in the catalogue, and the fault in words.
    pub fault: &'static str,
    pub script: Script,
    /// After a run that ended by itself.
    pub first: &'static str,
    /// After as many runs as it takes until nothing is open; empty: one run is all.
    pub then: &'static str,
}

/// The circular's size: three addressees are what pauses a letter, and one is left that nobody has asked.
pub const OFFICES: usize = 4;

/// Everything a row's workspace has more than the usual.
#[derive(Default)]
pub struct More {
    /// Lines of the `[[relay]]` table.
    pub relay: String,
    /// Sections of `circulard.toml`.
    pub settings: String,
}

/// A relay table for this server with one session, so that what happens has one order.
pub fn settings(scheme: &str, port: u16, more: &More) -> String {
    format!(
        "[[relay]]\nurl = \"{scheme}127.0.0.1:{port}\"\nsessions = 1\n{}\n[schedule]\nrelease = \"now\"\n\
         [watch]\nsettle = \"0s\"\n[retry]\nintervals = \"2s\"\n{}\n",
        more.relay, more.settings
    )
}

/// `exit 1, sending | accepted 1, deferred 1 next | accepted - final_dot 250 x1, … | down 0`
pub fn shown(workspace: &Workspace, code: Option<i32>) -> String {
    let list = |query: &str| {
        let rows = workspace.sql(query);
        let text = |row: &serde_json::Value| row["text"].as_str().expect("text").to_owned();
        rows.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    let circular = list("SELECT state AS text FROM circular_log");
    let deliveries = list(
        "SELECT state || iif(possible_duplicate, ' again', '') || ' ' || count(*) || iif(next_attempt_at IS NULL, '', ' next') AS text \
         FROM delivery_log GROUP BY state, possible_duplicate, next_attempt_at IS NULL ORDER BY 1",
    );
    let attempts = list(
        "SELECT state || ' ' || coalesce(blame, '-') || ' ' || stage || ' ' || coalesce(code, '-') || ' x' || count(*) AS text \
         FROM attempt_log GROUP BY state, blame, stage, code ORDER BY min(started_at), 1",
    );
    let down = workspace.number("SELECT count(*) FROM event_log WHERE kind = 'relay_down'");
    let code = code.map_or_else(|| "killed".to_owned(), |code| format!("exit {code}"));
    format!("{code}, {circular} | {deliveries} | {attempts} | down {down}")
}

/// Runs until nothing is open any more. Returns the last exit code.
pub fn run_to_the_end(workspace: &Workspace) -> Option<i32> {
    let begun = Instant::now();
    loop {
        let code = workspace.start(&["--until-idle"]).end().code();
        let open =
            "SELECT count(*) FROM delivery_log WHERE state IN ('queued', 'deferred', 'in_doubt', 'in_transaction')";
        if workspace.number(open) == 0 || begun.elapsed() > PATIENCE {
            return code;
        }
    }
}

/// Plays a row and compares; returns its server for what else is to be looked at.
pub async fn play(row: Row, scheme: &str, more: &More) -> ScriptedServer {
    let server = ScriptedServer::start(row.script).await;
    let workspace = Workspace::new(OFFICES, 0, &settings(scheme, server.addr.port(), more));
    let code = workspace.start(&["--until-idle"]).end().code();
    let said = || workspace.said();
    assert_eq!(shown(&workspace, code), row.first, "{}\n{}", row.fault, said());
    if !row.then.is_empty() {
        let code = run_to_the_end(&workspace);
        assert_eq!(shown(&workspace, code), row.then, "{}, to the end\n{}", row.fault, said());
    }
    let verified = workspace.output(&["verify"]);
    assert!(verified.status.success(), "{}: {}", row.fault, String::from_utf8_lossy(&verified.stdout));
    for transaction in server.transactions() {
        let tokens = crate::workspace::tokens_in(&transaction.message);
        let own = transaction.rcpt.first().and_then(|rcpt| rcpt.split(['<', '>']).nth(1));
        let token = own.and_then(|own| workspace.list.get(own));
        assert!(!transaction.dot_seen || token.is_some_and(|token| tokens == [token.as_str()]), "{}", row.fault);
    }
    server
}

/// A row with nothing special about its workspace.
pub async fn play_plain(row: Row) -> ScriptedServer {
    play(row, "smtp://", &More::default()).await
}

/// The daemon itself, for what a process cannot be told: another time, shorter deadlines. It ends when it is idle.
pub fn in_this_process(workspace: &Workspace, clock: Clock, deadlines: Deadlines) -> Daemon {
    let folder = Folder::open(&workspace.dir()).expect("a workspace");
    Daemon {
        settings: Settings::load(&folder.settings(), []).expect("settings"),
        workspace: folder,
        clock,
        until: Until::Idle,
        manners: Manners::Polite,
        progress: None,
        credentials: None,
        deadlines,
    }
}

/// Messages that were ended by their dot.
pub fn dots(server: &ScriptedServer) -> usize {
    server.transactions().iter().filter(|transaction| transaction.dot_seen).count()
}

/// A while that a server may take and a person does not notice.
pub const A_WHILE: Duration = Duration::from_secs(1);
