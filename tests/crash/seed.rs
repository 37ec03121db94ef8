//! Numbers that look random and come back with the same seed (SplitMix64).

/// A generator.
#[derive(Clone, Debug)]
pub struct Seed(pub u64);

impl Seed {
    /// `CRASH_SEED`, or always the same.
    pub fn of_this_run() -> Self {
        Self(std::env::var("CRASH_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(112))
    }

    /// Another generator, of its own.
    pub fn branch(&self, number: u64) -> Self {
        let mut branch = Self(self.0 ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        branch.next();
        branch
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0..bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}
