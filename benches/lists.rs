//! How fast a long list comes into force, and in how much memory.
//!
//! `cargo bench --bench lists -- --rows 100000,1000000`
//!
//! The program itself reads a list of that many offices, with the columns that lists have, into a new ledger: from the
//! start of the process to its end, the list's rows checked, staged, counted and accepted.

use std::{
    error::Error,
    fs,
    io::{BufWriter, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const CIRCULARD: &str = env!("CARGO_BIN_EXE_circulard");

fn main() -> Outcome<()> {
    let mut rows = vec![100_000, 1_000_000];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rows" => rows = numbers(&arguments.next().unwrap_or_default())?,
            "--bench" => {}
            // `cargo test --benches` only asks whether it starts.
            "--test" => return Ok(()),
            other => return Err(format!("{other}: the options are --rows N,N").into()),
        }
    }
    println!("     rows  list MiB  seconds     rows/s  peak MiB");
    for rows in rows {
        let folder = tempfile::tempdir()?;
        let size = workspace(folder.path(), rows)?;
        let (took, peak_kib) = load(folder.path(), rows)?;
        println!(
            "{rows:9}  {:8.1}  {:7.2}  {:9.0}  {:8.1}",
            size as f64 / f64::from(1 << 20),
            took.as_secs_f64(),
            rows as f64 / took.as_secs_f64(),
            peak_kib as f64 / 1024.0
        );
    }
    Ok(())
}

fn numbers(list: &str) -> Outcome<Vec<u64>> {
    Ok(list.split(',').map(str::parse).collect::<Result<_, _>>()?)
}

/// A workspace with one list and no letter; says how many octets the list has.
fn workspace(dir: &Path, rows: u64) -> Outcome<u64> {
    fs::create_dir_all(dir.join("templates"))?;
    fs::create_dir(dir.join("recipients"))?;
    fs::write(dir.join("circulard.toml"), "[watch]\nsettle = \"0s\"\n")?;
    let path = dir.join("recipients/everybody.csv");
    let mut list = BufWriter::new(fs::File::create(&path)?);
    writeln!(list, "Organization;Country;Region;Title;Name;E-mail;Language;Valid until;Study group")?;
    for n in 0..rows {
        writeln!(
            list,
            "\"Ministère des communications, bureau {n}\";Country {};EUR;Ms;Person {n};office{n}@adm{}.example;fr;31.12.2030;{}",
            n % 193,
            n % 5_000,
            n % 20
        )?;
    }
    list.flush()?;
    Ok(fs::metadata(&path)?.len())
}

/// Runs the program until the list is in force.
fn load(dir: &Path, rows: u64) -> Outcome<(Duration, u64)> {
    let command = || {
        let mut command = Command::new(CIRCULARD);
        command.arg("--workspace").arg(dir);
        command
    };
    let log = dir.join("log");
    let begun = Instant::now();
    let mut child = command().args(["run", "--until-idle"]).stderr(fs::File::create(&log)?).spawn()?;
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        peak_kib = peak(child.id()).unwrap_or(peak_kib).max(peak_kib);
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = begun.elapsed();
    let query = "SELECT mailboxes FROM group_version WHERE state = 'accepted'";
    let answer = command().args(["--rehearsal", "sql", query, "--format", "csv"]).output()?;
    let held = String::from_utf8(answer.stdout)?.lines().nth(1).and_then(|line| line.parse().ok());
    match (status.success(), held) {
        (true, Some(held)) if rows == held => Ok((took, peak_kib)),
        (_, held) => Err(format!("{held:?} of {rows} mailboxes\n{}", fs::read_to_string(&log)?).into()),
    }
}

fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
