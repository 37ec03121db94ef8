//! The ledger's disk fails: the k-th write or fsync, for every k, until a run passes untouched.
//!
//! A small library (`shim.c`) is compiled with `cc` and preloaded into the real program. Whatever call fails, the daemon
//! ends with 74 (or did not need it), nothing stands as accepted that no server took, and the next run puts it right.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Duration,
};

use super::{
    count::{Run, count, rows},
    kills::scale,
    seed::Seed,
    sink::Sink,
    workspace::Workspace,
};

const EIO: i32 = 5;
const ENOSPC: i32 = 28;
const OFFICES: usize = 12;
const SESSIONS: usize = 2;
/// So many calls are failed one by one; after them each that this step hits (at a larger scale, every one).
const ONE_BY_ONE: usize = 40;
const STEP: usize = 7;

/// The library, compiled once.
pub fn shim() -> &'static Path {
    static SHIM: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = SHIM.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/shim.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output()
            .expect("cc");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        (folder, library)
    });
    library
}

/// Which calls fail, and how.
#[derive(Clone, Copy, Debug)]
struct Fault {
    at: usize,
    last: usize,
    errno: i32,
}

/// What became of one workspace whose disk failed once.
struct Broken {
    touched: bool,
    code: Option<i32>,
    /// Found in doubt by the next start.
    doubts: usize,
}

fn settings(sink: &Sink) -> String {
    format!(
        "[[relay]]\nurl = \"smtp://127.0.0.1:{}\"\nsessions = {SESSIONS}\n[schedule]\nrelease = \"now\"\n\
         [watch]\nsettle = \"0s\"\n[retry]\nintervals = \"1s\"\n",
        sink.addr.port()
    )
}

/// A run with the fault, the figures after it, a run without, and the figures after that.
fn run_with(fault: Fault) -> Broken {
    let sink = Sink::start(&Seed(1), Duration::from_millis(1));
    let workspace = Workspace::new(OFFICES, 0, &settings(&sink));
    let mark = workspace.dir().join("mark");
    let mut command = workspace.on(&["run", "--until-idle"]);
    command.env("LD_PRELOAD", shim()).env("FAULT_MARK", &mark).env("FAULT_ERRNO", fault.errno.to_string());
    command.env("FAULT_AT", fault.at.to_string()).env("FAULT_LAST", fault.last.to_string());
    let code = workspace.start_as(&mut command).end().code();
    let touched = mark.exists();
    let about = || format!("{fault:?}, exit {code:?}\n{}", workspace.said());
    assert!(matches!(code, Some(0 | 74)), "{}", about());
    assert!(touched || code == Some(0), "nothing failed: {}", about());
    let figures = count(&workspace.list, &sink.journal(), &rows(&workspace), Run::Killed);
    assert_eq!((figures.lost, figures.false_accepts, figures.strangers), (0, 0, 0), "{figures:?} {}", about());
    let again = workspace.start(&["--until-idle"]).end().code();
    assert!(matches!(again, Some(0 | 1)), "the run after it: exit {again:?}, {}", about());
    let figures = count(&workspace.list, &sink.journal(), &rows(&workspace), Run::Finished);
    assert_eq!(figures.wrong(), [], "{figures:?} {}", about());
    assert_eq!((figures.accepted, figures.held), (OFFICES, 0), "{figures:?} {}", about());
    assert!(figures.doubts <= 3 * SESSIONS && figures.duplicates <= figures.doubts, "{figures:?} {}", about());
    let verified = workspace.output(&["verify"]);
    assert!(verified.status.success(), "{} {}", String::from_utf8_lossy(&verified.stdout), about());
    Broken { touched, code, doubts: figures.doubts }
}

/// Every k that is tried, until a run passes untouched.
fn sweep(errno: i32, step: usize) {
    let (mut failed, mut ended_74, mut doubts) = (0, 0, 0);
    let mut at = 1;
    loop {
        let broken = run_with(Fault { at, last: at, errno });
        if !broken.touched {
            break;
        }
        failed += 1;
        ended_74 += usize::from(broken.code == Some(74));
        doubts += broken.doubts;
        at += if scale() > 1 || at < ONE_BY_ONE && step == STEP { 1 } else { step };
    }
    println!(
        "errno {errno:>2}: {failed} calls failed one at a time, the last before {at}; {ended_74} runs ended with 74, {doubts} doubts"
    );
    assert!(failed >= 10 && ended_74 * 2 > failed, "{failed} failed, {ended_74} ended with 74");
}

#[test]
fn whichever_write_or_sync_fails_nothing_is_claimed_that_no_server_took() {
    sweep(EIO, STEP);
}

#[test]
fn whichever_write_finds_the_disk_full_the_next_run_puts_it_right() {
    // another step, so that the two sweeps try different calls
    sweep(ENOSPC, 2 * STEP - 1);
}

#[test]
fn a_disk_that_stays_full_ends_the_run_with_74() {
    for at in [1, 30, 60, 90] {
        let broken = run_with(Fault { at, last: usize::MAX >> 1, errno: ENOSPC });
        assert!(!broken.touched || broken.code == Some(74), "from call {at} on: exit {:?}", broken.code);
    }
}

#[test]
fn a_full_disk_is_named_once_and_not_taken_for_a_later_version() {
    let sink = Sink::start(&Seed(1), Duration::ZERO);
    let workspace = Workspace::new(1, 0, &settings(&sink));
    for at in [1, 20, 60] {
        let dir = workspace.dir().join(format!("another{at}"));
        let mut command = workspace.command(&["init"]);
        command.arg(dir).env("LD_PRELOAD", shim()).env("FAULT_AT", at.to_string());
        let output = command.env("FAULT_ERRNO", ENOSPC.to_string()).output().expect("init");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(74), "call {at}: {said}");
        assert_eq!(said.matches("disk is full").count(), 1, "call {at}: {said}");
        assert!(!said.contains("later circulard"), "call {at}: {said}");
    }
}
