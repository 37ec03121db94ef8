//! Whom the rehearsal's server takes, puts off once, or refuses: the same addresses every time, by a hash of each.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// How the server treats addressees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// Everyone is taken.
    Polite,
    /// As the world does: some mailboxes greylist, some are gone.
    Realistic {
        /// One in so many is put off, once; 0 for none.
        deferred_one_in: u32,
        /// One in so many is refused; 0 for none.
        refused_one_in: u32,
    },
}

/// What happens to one addressee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// 250
    Taken,
    /// 450 4.2.1 at first, 250 afterwards
    DeferredOnce,
    /// 550 5.1.1
    Refused,
}

impl Manners {
    /// For demonstrations: about what a list that is looked after meets.
    pub const REALISTIC: Manners = Manners::Realistic { deferred_one_in: 15, refused_one_in: 25 };

    /// The same for every spelling of an address, whenever asked.
    pub fn verdict(&self, address: &str) -> Verdict {
        let Manners::Realistic { deferred_one_in, refused_one_in } = *self else { return Verdict::Taken };
        let hash = fnv(&address.to_lowercase());
        let is_one_in = |part: u64, many: u32| many > 0 && part.is_multiple_of(u64::from(many));
        if is_one_in(hash >> 32, refused_one_in) {
            Verdict::Refused
        } else if is_one_in(hash & 0xffff_ffff, deferred_one_in) {
            Verdict::DeferredOnce
        } else {
            Verdict::Taken
        }
    }
}

/// FNV-1a with the final mix of MurmurHash3, without which near addresses share high digits: stable from one version
/// to the next, which the standard library's hash is not.
fn fnv(text: &str) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}

/// Manners, and the memory of who was put off already.
pub(super) struct Doorkeeper {
    manners: Manners,
    put_off: Mutex<HashSet<String>>,
}

impl Doorkeeper {
    pub fn new(manners: Manners) -> Self {
        Self { manners, put_off: Mutex::default() }
    }

    /// The reply to RCPT.
    pub fn reply(&self, address: &str) -> &'static str {
        let first_time = || {
            let mut put_off = self.put_off.lock().unwrap_or_else(PoisonError::into_inner);
            put_off.insert(address.to_lowercase())
        };
        match self.manners.verdict(address) {
            Verdict::Refused => "550 5.1.1 No such mailbox (rehearsal)",
            Verdict::DeferredOnce if first_time() => "450 4.2.1 Mailbox is busy, try again (rehearsal)",
            _ => "250 2.1.5 Addressee taken",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_fifteen_is_deferred_and_one_in_twenty_five_refused() {
        let verdicts: Vec<Verdict> =
            (0..3000).map(|n| Manners::REALISTIC.verdict(&format!("office{n}@regulator{}.example", n % 193))).collect();
        let count = |verdict| verdicts.iter().filter(|found| **found == verdict).count();
        assert!((150..250).contains(&count(Verdict::DeferredOnce)), "{}", count(Verdict::DeferredOnce));
        assert!((90..150).contains(&count(Verdict::Refused)), "{}", count(Verdict::Refused));
    }

    #[test]
    fn a_verdict_never_changes_with_time_or_spelling() {
        let door = Doorkeeper::new(Manners::Realistic { deferred_one_in: 1, refused_one_in: 0 });
        assert!(door.reply("Head@Regulator.example").starts_with("450 4.2.1"));
        assert!(door.reply("head@regulator.example").starts_with("250"));
        let gone = Doorkeeper::new(Manners::Realistic { deferred_one_in: 1, refused_one_in: 1 });
        for _ in 0..2 {
            assert!(gone.reply("head@regulator.example").starts_with("550 5.1.1"));
        }
        assert_eq!(Manners::Polite.verdict("head@regulator.example"), Verdict::Taken);
    }
}
