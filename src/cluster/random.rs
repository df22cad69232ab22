//! The only source of chance, seeded.
//!
//! SplitMix64 (Steele, Lea, Flood 2014), written out because a trace is promised to be the same for
//! ever: a library may change its stream with a release.

use crate::time::Duration;

/// A stream of numbers that looks random and is the same for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// The alphabet of generated names, without vowels so that no words come out.
///
/// Models apimachinery/pkg/util/rand.
const NAME_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

impl Random {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The stream of one purpose and one thing: what it gives does not depend on what else the run
    /// has drawn, so that the luck of a Pod stays the same when something else changes.
    pub fn keyed(seed: u64, purpose: &str, thing: &str, number: u64) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed;
        for byte in purpose.bytes().chain([0]).chain(thing.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self::new(hash ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of a 128-bit product: no division, and the bias is below 2⁻³².
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A duration between the two, the upper end excluded.
    pub fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let width = (high - low).as_micros();
        if width <= 0 {
            return low;
        }
        low + Duration::from_micros(self.below(width as u64) as i64)
    }

    /// A duration between the two, seldom near the upper end: the middle of all is an eighth of the
    /// way.
    pub fn tailed(&mut self, low: Duration, high: Duration) -> Duration {
        let width = i128::from((high - low).as_micros().max(0));
        let part = i128::from(self.below(1 << 20));
        low + Duration::from_micros(((width * part * part * part) >> 60) as i64)
    }

    /// A duration stretched by a factor between 1 and 1 + `percent` / 100.
    ///
    /// Models apimachinery/pkg/util/wait Jitter.
    pub fn jitter(&mut self, duration: Duration, percent: i64) -> Duration {
        let most = duration.as_micros().saturating_mul(percent) / 100;
        duration + self.between(Duration::ZERO, Duration::from_micros(most))
    }

    /// The five letters at the end of a generated name.
    pub fn suffix(&mut self) -> String {
        let letters = NAME_ALPHABET.len() as u64;
        (0..5).map(|_| char::from(NAME_ALPHABET[self.below(letters) as usize])).collect()
    }

    /// Hexadecimal digits, for container IDs and hashes.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.next()));
        }
        text.truncate(digits);
        text
    }

    /// A UID as the API server makes them: a random (version 4) UUID.
    pub fn uid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            8 + (low >> 62),
            low >> 48 & 0xfff,
            low & 0xffff_ffff_ffff
        )
    }
}
