//! What one message costs.

use std::path::Path;

use chrono::NaiveDate;
use circulard::{
    circular::read,
    compose::{DeliveryKey, Layout, Marked, Prepared, Recipient, Role, render},
};

use super::{SAMPLES, fields, head, rendered};

/// What one message costs: `cargo test --release --test compose_samples what_one_message_costs -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, meaningful only with optimisation"]
fn what_one_message_costs() {
    let fields = fields("Ministry of Communications");
    let recipient =
        Recipient { address: "a@b.example", name: Some("M"), salutation: None, role: Role::To, fields: &fields };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/_sample.txt");
    let today = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    let model = read("_sample.txt", &std::fs::read(path).unwrap(), today);
    let model = render(&model, &Layout::builtin(), Marked::No).unwrap();
    let all = SAMPLES.iter().map(|sample| (sample.language.to_string(), rendered(sample)));
    for (name, rendered) in [("model".to_owned(), model)].into_iter().chain(all) {
        let prepared = Prepared::new(rendered, &head(), &[]).unwrap();
        let compose = |delivery| {
            let key = DeliveryKey { key: &[7; 32], circular: "x", issue: 1, delivery, references: None };
            prepared.compose(&key, &recipient).unwrap().octets
        };
        let octets = compose(0);
        let each = least(|| drop(std::hint::black_box(compose(1))));
        let hash = least(|| {
            std::hint::black_box(ring::digest::digest(&ring::digest::SHA256, std::hint::black_box(&octets)));
        });
        println!("{name}: {each:?} for {} octets, of which SHA-256 {hash:?}", octets.len());
        assert!(each.as_micros() < 20 || cfg!(debug_assertions), "{each:?}");
    }
}

/// The least of many rounds: what the machine does besides only adds.
fn least(act: impl Fn()) -> std::time::Duration {
    const TIMES: u32 = 200;
    let round = || {
        let begun = std::time::Instant::now();
        (0..TIMES).for_each(|_| act());
        begun.elapsed() / TIMES
    };
    (0..200).map(|_| round()).min().unwrap_or_default()
}
