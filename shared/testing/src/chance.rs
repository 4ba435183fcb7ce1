//! Chance from a seed: the same seed, the same world.

use crate::Engine;
use ports::Entropy;
use std::sync::Arc;

/// A small generator (SplitMix64, Steele et al. 2014): quick, and good enough to shake a schedule.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Self(seed ^ 0x9e37_79b9_7f4a_7c15);
        // Neighbouring seeds start far apart.
        let _ = (rng.draw(), rng.draw());
        rng
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.draw() % span).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, n: u32) -> bool {
        n > 0 && self.draw() % 1000 < u64::from(n)
    }

    /// An index below `len` (0 when it is 0).
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.draw() % (len.max(1) as u64)).unwrap_or(0)
    }

    /// One of several things, by weight.
    pub fn weighted<T: Copy>(&mut self, choices: &[(u32, T)]) -> Option<T> {
        let total: u64 = choices.iter().map(|(w, _)| u64::from(*w)).sum();
        let mut at = self.draw() % total.max(1);
        for (weight, choice) in choices {
            if at < u64::from(*weight) {
                return Some(*choice);
            }
            at -= u64::from(*weight);
        }
        None
    }
}

/// The world's chance as a port.
pub struct SeededEntropy(pub(crate) Arc<Engine>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.chance(|rng| {
            for chunk in bytes.chunks_mut(8) {
                let word = rng.draw().to_le_bytes();
                chunk.copy_from_slice(&word[..chunk.len()]);
            }
        });
    }
}
