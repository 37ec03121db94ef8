//! What a circular that goes out loses beside a reader: at the pace that its relay allows, and where nothing holds it.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use crate::{Outcome, house::House, pages, sink::Sink};

const LETTER: &str = include_str!("../../templates/_sample.txt");
/// Rounds; the median counts.
const ROUNDS: usize = 3;
const SETTINGS: &str = "[schedule]\nrelease = \"now\"\n[watch]\nsettle = \"0s\"\n[log]\nlevel = \"warn\"\n";
/// A circular that is not out by then is stuck.
const PATIENCE: Duration = Duration::from_secs(180);

/// How a relay lets letters go, and to how many they go here.
const PACES: [(&str, &str, usize); 2] = [("limited", "rate = \"200/second\"\n", 2_000), ("unlimited", "", 20_000)];

/// Lists of as many addressees as each pace has; they must lie there before the daemon starts.
pub fn lists(house: &House) -> Outcome<()> {
    let mut labels = String::new();
    for (name, _, addressees) in PACES {
        let mut list = String::from("email,name,country,language\n");
        (0..addressees)
            .for_each(|n| list += &format!("o{n}@{name}{}.example,Person {n},Country {},en\n", n % 193, n % 193));
        fs::write(house.dir().join(format!("recipients/{name}.csv")), list)?;
        labels += &format!("[{name}]\nlabels.en = [\"Offices {name}\"]\n");
    }
    Ok(fs::write(house.dir().join("recipients/groups.toml"), labels)?)
}

pub fn settings(sink: &Sink, rate: &str) -> String {
    format!(
        "[[relay]]\nurl = \"smtp://127.0.0.1:{}\"\nsessions = 8\nmessages_per_session = 100000\n{rate}{SETTINGS}",
        sink.port
    )
}

pub fn measure(house: &mut House, sink: &Sink, paths: &[String]) -> Outcome<()> {
    println!("{:14} {:>12} {:>16} {:>8} {:>12}", "relay", "letters/s", "beside a reader", "ratio", "pages read");
    for (pace, rate, _) in PACES {
        house.open(&settings(sink, rate))?;
        let (mut alone, mut beside, mut pages) = (Vec::new(), Vec::new(), 0);
        for round in 0..ROUNDS {
            alone.push(send(house, pace, &format!("{round}0"))?);
            let stop = AtomicBool::new(false);
            let (sent, read) = std::thread::scope(|scope| {
                let reader = scope.spawn(|| pages::read_on(house, paths, &stop));
                let sent = send(house, pace, &format!("{round}1"));
                stop.store(true, Ordering::Relaxed);
                (sent.map_err(|error| error.to_string()), reader.join().unwrap_or_default())
            });
            (beside, pages) = ([beside, vec![sent?]].concat(), pages + read);
        }
        for side in [&mut alone, &mut beside] {
            side.sort_by(f64::total_cmp);
        }
        let (alone, beside) = (alone[ROUNDS / 2], beside[ROUNDS / 2]);
        println!("{pace:14} {alone:12.1} {beside:16.1} {:8.3} {pages:12}", beside / alone);
    }
    Ok(())
}

/// Drops a letter, waits until it is out, and returns how many went out a second from the first to the last.
fn send(house: &House, pace: &str, number: &str) -> Outcome<f64> {
    let reference = format!("BDT/{}/{}{number}", pace.to_uppercase(), std::process::id());
    let letter = letter(&reference, &format!("Offices {pace}"));
    fs::write(house.dir().join(format!("templates/{pace}-{number}.txt")), letter)?;
    let query = format!(
        "SELECT i.total || ' ' || (SELECT max(d.last_attempt_at) - min(d.last_attempt_at) \
         FROM delivery d WHERE d.issue = i.id) AS told FROM issue i WHERE i.state = 'frozen' AND i.completed_at IS NOT NULL \
         AND i.reference LIKE '%{reference}'"
    );
    let until = Instant::now() + PATIENCE;
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let told = house.ask(&["sql", &query, "--format", "csv"])?;
        let numbers: Vec<f64> =
            told.lines().nth(1).unwrap_or_default().split(' ').filter_map(|number| number.parse().ok()).collect();
        if let [sent, took] = numbers[..] {
            return Ok(sent * 1e3 / took.max(1.0));
        }
        if Instant::now() > until {
            let stands = house.ask(&["list", "--limit", "3"])?;
            return Err(format!("{reference} is not out after {} s\n{stands}", PATIENCE.as_secs()).into());
        }
    }
}

/// The sample with another reference, to one group.
fn letter(reference: &str, group: &str) -> String {
    let others = ["- Regulators\n", "- ITU-D Sector Members\n", "- Academia\n", "- Permanent Missions\n"];
    let letter = others.iter().fold(LETTER.to_owned(), |letter, other| letter.replace(other, ""));
    letter.replace("BDT/DNS/DGS/112", reference).replace("Administrations of ITU Member States", group)
}
