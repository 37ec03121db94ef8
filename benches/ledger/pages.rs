//! Every page and every list of the API, over HTTP, as a browser gets them: 20 times each.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use crate::{Outcome, house::House, millis};

const TIMES: usize = 20;
/// The dashboard lets one machine ask thirty times a second.
const BETWEEN: Duration = Duration::from_millis(40);

/// Of the newest circular, which is the largest, of a small one, and of one delivery in the middle.
pub fn paths(newest: i64, delivery: i64, address: &str) -> Vec<String> {
    let small = 1;
    let address = address.replace('@', "%40");
    let mut paths: Vec<String> = [
        "/",
        "/log",
        "/log?state=refused",
        "/log?country=Country+9&state=refused",
        "/log?country=Country+9&relay=backup",
        "/log?group=missions&language=ar",
        "/groups",
        "/schedule",
        "/alerts",
        "/parked",
        "/api/v1/circulars",
        "/api/v1/deliveries",
        "/api/v1/deliveries?state=refused&country=Country+9",
        "/api/v1/groups",
        "/api/v1/schedule",
        "/api/v1/alerts",
        "/api/v1/parked",
        "/metrics",
        "/readyz",
    ]
    .map(str::to_owned)
    .to_vec();
    for id in [newest, small] {
        paths.push(format!("/circulars/{id}"));
        paths.push(format!("/api/v1/circulars/{id}"));
        paths.push(format!("/api/v1/circulars/{id}/deliveries"));
    }
    paths.push(format!("/deliveries/{delivery}"));
    paths.push(format!("/api/v1/deliveries/{delivery}"));
    paths.push(format!("/addressees?address={address}"));
    paths.push(format!("/api/v1/addressees/{address}"));
    paths
}

pub fn ask(house: &House, paths: &[String]) -> Outcome<()> {
    println!("{:64} {:>8} {:>8} {:>8} {:>8}", "page", "first ms", "median", "worst", "kB");
    for path in paths {
        let (mut all, mut octets) = (Vec::new(), 0);
        for _ in 0..TIMES {
            std::thread::sleep(BETWEEN);
            let (took, length) = house.page(path)?;
            (octets, all) = (length, [all, vec![took]].concat());
        }
        let first = all[0];
        all.sort();
        let (median, worst) = (all[TIMES / 2], all[TIMES - 1]);
        let kilobytes = octets as f64 / 1e3;
        println!("{path:64} {:8.1} {:8.1} {:8.1} {kilobytes:8.1}", millis(first), millis(median), millis(worst));
    }
    println!();
    Ok(())
}

/// Asks a page a second, each in its turn, until told to stop. Returns how many came.
pub fn read_on(house: &House, paths: &[String], stop: &AtomicBool) -> usize {
    let read = AtomicUsize::new(0);
    for path in paths.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if house.page(path).is_ok() {
            read.fetch_add(1, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    read.into_inner()
}
