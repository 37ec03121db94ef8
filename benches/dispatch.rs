//! How fast letters go out, against the wire's own ceiling, in one run on one machine.
//!
//! `cargo bench --bench dispatch -- --addressees 10000,100000 --sessions 1,4,16,64 --rounds 3`
//!
//! The ceiling is Postfix's `smtp-source`, a generator that composes nothing and records nothing, with as many sessions, sending
//! as many messages of the same size to the same `smtp-sink`. circulard reads the list, freezes, merges, composes text and
//! HTML, records every attempt durably and sends; measured from the freeze to the last 250. The machine's noise is in both
//! figures: look at the ratio. A last line gives what pipelining is worth at 50 ms round trip.

#[path = "dispatch/sink.rs"]
mod sink;

use std::{
    error::Error,
    fs,
    net::TcpListener,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sink::Sink;

type Outcome<T> = Result<T, Box<dyn Error>>;

const CIRCULARD: &str = env!("CARGO_BIN_EXE_circulard");
const LETTER: &str = include_str!("../templates/_sample.txt");
/// One way; there and back is the round trip.
const ONE_WAY: Duration = Duration::from_millis(25);

struct Wanted {
    addressees: Vec<u64>,
    sessions: Vec<u64>,
    rounds: usize,
}

struct Measured {
    per_second: f64,
    micros_per_message: f64,
    peak_kib: u64,
    freeze: Duration,
    syncs: String,
}

fn main() -> Outcome<()> {
    let Some(wanted) = wanted() else { return Ok(()) };
    for tool in ["smtp-sink", "smtp-source"] {
        if !Path::new("/usr/sbin").join(tool).exists() {
            return Err(format!("/usr/sbin/{tool} is missing; install Debian's package postfix").into());
        }
    }
    println!("addressees  sessions  smtp-source/s  circulard/s  ratio  CPU µs  peak MiB  freeze s  syncs");
    for &addressees in &wanted.addressees {
        for &sessions in &wanted.sessions {
            let mut rounds: Vec<(f64, f64, Measured)> = Vec::new();
            for _ in 0..wanted.rounds {
                let sink = Sink::start(&[])?;
                let folder = tempfile::tempdir()?;
                workspace(folder.path(), addressees, sessions, sink.port)?;
                let size = message_size(folder.path())?;
                let ceiling = smtp_source(sink.port, sessions, addressees.min(100_000), size)?;
                let ours = circulard(folder.path(), addressees)?;
                rounds.push((ours.per_second / ceiling, ceiling, ours));
            }
            rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (ratio, ceiling, ours) = &rounds[rounds.len() / 2];
            println!(
                "{addressees:10}  {sessions:8}  {ceiling:13.0}  {:11.0}  {ratio:5.2}  {:6.1}  {:8.1}  {:8.2}  {}",
                ours.per_second,
                ours.micros_per_message,
                ours.peak_kib as f64 / 1024.0,
                ours.freeze.as_secs_f64(),
                ours.syncs
            );
        }
    }
    pipelining()
}

fn wanted() -> Option<Wanted> {
    let mut wanted = Wanted { addressees: vec![10_000], sessions: vec![1, 4, 16, 64], rounds: 3 };
    let mut words = std::env::args().skip(1);
    let numbers = |text: String| text.split(',').filter_map(|number| number.parse().ok()).collect::<Vec<u64>>();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--addressees" => wanted.addressees = numbers(words.next()?),
            "--sessions" => wanted.sessions = numbers(words.next()?),
            "--rounds" => wanted.rounds = words.next()?.parse().ok()?,
            // `cargo test --benches` only asks whether it starts
            "--test" => return None,
            _ => {}
        }
    }
    Some(wanted)
}

/// A workspace with one group of so many addressees in eight languages and a letter that merges a field.
fn workspace(dir: &Path, addressees: u64, sessions: u64, port: u16) -> Outcome<()> {
    let made = Command::new(CIRCULARD).arg("init").arg(dir.join("w")).output()?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into());
    }
    let dir = dir.join("w");
    fs::remove_dir_all(dir.join("recipients"))?;
    fs::create_dir(dir.join("recipients"))?;
    let mut list = String::from("email,name,salutation,organization,country,language\n");
    for n in 0..addressees {
        list += &format!("office{n}@adm{}.example,Person {n},,\"Ministry, No. {n}\",Country {},en\n", n % 193, n % 193);
    }
    fs::write(dir.join("recipients/administrations.csv"), list)?;
    fs::write(
        dir.join("recipients/groups.toml"),
        "[administrations]\nlabels.en = [\"Administrations of ITU Member States\"]\n",
    )?;
    let others = ["- Regulators\n", "- ITU-D Sector Members\n", "- Academia\n", "- Permanent Missions\n"];
    let letter = others.iter().fold(LETTER.to_owned(), |letter, other| letter.replace(other, ""));
    fs::write(dir.join("templates/bench.txt"), letter.replace("Dear Sir/Madam,", "Dear {{ addressee.name }},"))?;
    let settings = format!(
        "[[relay]]\nurl = \"smtp://127.0.0.1:{port}\"\nsessions = {sessions}\nmessages_per_session = 1000000\n\
         [schedule]\nrelease = \"now\"\n[watch]\nsettle = \"0s\"\n[log]\nlevel = \"warn,circulard::ledger=debug\"\n"
    );
    fs::write(dir.join("circulard.toml"), settings)?;
    Ok(())
}

fn message_size(dir: &Path) -> Outcome<usize> {
    let letter = dir.join("w/templates/bench.txt");
    let shown = command(dir).args(["preview", "--part", "eml"]).arg(letter).output()?;
    match shown.stdout.len() {
        0 => Err(String::from_utf8_lossy(&shown.stderr).into()),
        size => Ok(size),
    }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(CIRCULARD);
    command.arg("--workspace").arg(dir.join("w"));
    command
}

/// Messages per second of the generator: sessions are kept (`-d`), nothing is pipelined.
fn smtp_source(port: u16, sessions: u64, messages: u64, size: usize) -> Outcome<f64> {
    let begun = Instant::now();
    let status = Command::new("/usr/sbin/smtp-source")
        .args(["-d", "-s", &sessions.to_string(), "-m", &messages.to_string(), "-l", &size.to_string()])
        .arg(format!("127.0.0.1:{port}"))
        .status()?;
    if !status.success() {
        return Err("smtp-source failed".into());
    }
    Ok(messages as f64 / begun.elapsed().as_secs_f64())
}

fn circulard(dir: &Path, addressees: u64) -> Outcome<Measured> {
    let log = dir.join("log");
    let mut child = command(dir).args(["run", "--until-idle"]).stderr(fs::File::create(&log)?).spawn()?;
    let (mut ticks, mut peak_kib) = (0_u64, 0_u64);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let proc = format!("/proc/{}", child.id());
        ticks = cpu_ticks(&proc).unwrap_or(ticks).max(ticks);
        peak_kib = peak(&proc).unwrap_or(peak_kib).max(peak_kib);
        std::thread::sleep(Duration::from_millis(20));
    };
    let said = fs::read_to_string(&log)?;
    if !status.success() {
        return Err(said.into());
    }
    let query = "SELECT (SELECT count(*) FROM delivery WHERE state = 'accepted') || ' ' || \
        ((SELECT max(ended_at) FROM attempt) - (SELECT frozen_at FROM issue)) || ' ' || \
        ((SELECT min(started_at) FROM attempt) - (SELECT frozen_at FROM issue)) AS text";
    let answer = command(dir).args(["sql", query, "--format", "csv"]).output()?;
    let text = String::from_utf8(answer.stdout)?;
    let numbers: Vec<u64> = text.lines().nth(1).unwrap_or_default().split(' ').filter_map(|n| n.parse().ok()).collect();
    let [accepted, took, freeze] = numbers[..] else { return Err(format!("unexpected: {text}").into()) };
    if accepted != addressees {
        return Err(format!("{accepted} of {addressees} accepted\n{said}").into());
    }
    let syncs = said.lines().find_map(|line| Some(line.split_once("syncs=")?.1.split(' ').next()?.to_owned()));
    Ok(Measured {
        per_second: addressees as f64 * 1000.0 / took.max(1) as f64,
        // a tick is 10 ms on Linux, whatever the kernel's own clock
        micros_per_message: ticks as f64 * 10_000.0 / addressees as f64,
        peak_kib,
        freeze: Duration::from_millis(freeze),
        syncs: syncs.unwrap_or_default(),
    })
}

/// User and system time of a process, in ticks.
fn cpu_ticks(proc: &str) -> Option<u64> {
    let stat = fs::read_to_string(format!("{proc}/stat")).ok()?;
    let after_name: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    Some(after_name.get(11)?.parse::<u64>().ok()? + after_name.get(12)?.parse::<u64>().ok()?)
}

fn peak(proc: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("{proc}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// What pipelining is worth behind a line of 50 ms: the same relay with and without it.
fn pipelining() -> Outcome<()> {
    const SESSIONS: u64 = 4;
    const ADDRESSEES: u64 = 200;
    let mut rates = Vec::new();
    for options in [&["-p"][..], &[]] {
        let sink = Sink::start(options)?;
        let port = delaying_proxy(sink.port)?;
        let folder = tempfile::tempdir()?;
        workspace(folder.path(), ADDRESSEES, SESSIONS, port)?;
        rates.push(circulard(folder.path(), ADDRESSEES)?.per_second / SESSIONS as f64);
    }
    let [plain, pipelined] = rates[..] else { return Ok(()) };
    println!(
        "50 ms round trip, messages/s a session: {plain:.1} in turn, {pipelined:.1} pipelined: {:.2} times",
        pipelined / plain
    );
    Ok(())
}

/// A proxy on loopback that holds every octet for [`ONE_WAY`], each way.
fn delaying_proxy(to: u16) -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = std::net::TcpStream::connect(("127.0.0.1", to)) else { continue };
            for (from, into) in [(client.try_clone(), server.try_clone()), (server.try_clone(), client.try_clone())] {
                let (Ok(from), Ok(into)) = (from, into) else { continue };
                delay(from, into);
            }
        }
    });
    Ok(port)
}

fn delay(mut from: std::net::TcpStream, mut into: std::net::TcpStream) {
    use std::io::{Read, Write};
    let (sender, receiver) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    let _ = into.set_nodelay(true);
    std::thread::spawn(move || {
        let mut block = vec![0; 65_536];
        while let Ok(length @ 1..) = from.read(&mut block) {
            if sender.send((Instant::now() + ONE_WAY, block[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (at, octets) in receiver {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if into.write_all(&octets).is_err() {
                return;
            }
        }
        let _ = into.shutdown(std::net::Shutdown::Write);
    });
}
