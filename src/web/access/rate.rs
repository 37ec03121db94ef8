//! How often somebody may knock: by the machine they come from, and by the name they give.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// Requests of one machine at once, and how many come back a second: a page with its parts is five, a person clicks twice
/// a second at most, an office may stand behind one address.
const REQUESTS: (f64, f64) = (300.0, 30.0);
/// Seconds after which a machine that was turned away may come again as if it had never been here.
pub const COME_BACK: &str = "10";
/// Wrong passwords for one name from one machine: ten at once, then one in half a minute.
const WRONG_PASSWORDS: (f64, f64) = (10.0, 1.0 / 30.0);
/// Machines and names that are remembered. Beyond it, those that have been quiet are forgotten first.
const REMEMBERED: usize = 10_000;

/// Come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: DateTime<Utc>,
}

/// Those who have come, and when the quiet ones were forgotten last: it is work, so once a second at most.
#[derive(Debug)]
struct Known<K> {
    buckets: HashMap<K, Bucket>,
    swept: DateTime<Utc>,
}

impl<K> Default for Known<K> {
    fn default() -> Self {
        Self { buckets: HashMap::new(), swept: DateTime::UNIX_EPOCH }
    }
}

/// What has come in.
#[derive(Debug, Default)]
pub struct Rates {
    requests: Mutex<Known<IpAddr>>,
    passwords: Mutex<Known<(IpAddr, String)>>,
}

impl Rates {
    /// Counts one request.
    pub fn request(&self, from: IpAddr, now: DateTime<Utc>) -> Result<(), TooMany> {
        draw(&self.requests, from, REQUESTS, now)
    }

    /// Counts one password tried.
    pub fn password(&self, from: IpAddr, name: &str, now: DateTime<Utc>) -> Result<(), TooMany> {
        let name: String = name.to_lowercase().chars().take(100).collect();
        draw(&self.passwords, (from, name), WRONG_PASSWORDS, now)
    }

    /// It was the right one: what was mistyped before does not count.
    pub fn right_password(&self, from: IpAddr, name: &str) {
        let mut known = self.passwords.lock().unwrap_or_else(PoisonError::into_inner);
        known.buckets.remove(&(from, name.to_lowercase().chars().take(100).collect()));
    }
}

fn draw<K: std::hash::Hash + Eq>(
    known: &Mutex<Known<K>>,
    key: K,
    (room, per_second): (f64, f64),
    now: DateTime<Utc>,
) -> Result<(), TooMany> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let refilled = |bucket: &Bucket| {
        let seconds = (now - bucket.at).max(TimeDelta::zero()).as_seconds_f64();
        (bucket.left + seconds * per_second).min(room)
    };
    let full = |known: &Known<K>| known.buckets.len() >= REMEMBERED && !known.buckets.contains_key(&key);
    if full(&known) && now - known.swept >= TimeDelta::seconds(1) {
        known.swept = now;
        known.buckets.retain(|_, bucket| refilled(bucket) < room);
    }
    if full(&known) {
        return Err(TooMany);
    }
    let bucket = known.buckets.entry(key).or_insert(Bucket { left: room, at: now });
    let left = refilled(bucket);
    *bucket = Bucket { left: (left - 1.0).max(0.0), at: now };
    if left >= 1.0 { Ok(()) } else { Err(TooMany) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_passwords_and_then_one_in_half_a_minute() {
        let (rates, now) = (Rates::default(), DateTime::<Utc>::UNIX_EPOCH);
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([192, 0, 2, 1]));
        assert!((0..10).all(|_| rates.password(here, "Ada", now).is_ok()));
        assert_eq!(rates.password(here, "ada", now), Err(TooMany));
        assert_eq!(rates.password(here, "Bo", now), Ok(()));
        assert_eq!(rates.password(there, "Ada", now), Ok(()), "one machine does not lock another one out");
        let later = now + TimeDelta::seconds(31);
        assert_eq!(rates.password(here, "Ada", later), Ok(()));
        assert_eq!(rates.password(here, "Ada", later), Err(TooMany));
        rates.right_password(here, "Ada");
        assert_eq!(rates.password(here, "Ada", later), Ok(()));
    }

    #[test]
    fn many_machines_do_not_fill_the_memory() {
        let (rates, now) = (Rates::default(), DateTime::<Utc>::UNIX_EPOCH);
        for n in 0..30_000_u32 {
            let _ = rates.request(IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(rates.requests.lock().expect("a lock").buckets.len() <= REMEMBERED);
        let later = now + TimeDelta::seconds(60);
        assert_eq!(rates.request(IpAddr::from([9, 9, 9, 9]), later), Ok(()), "those that were quiet are forgotten");
    }
}
