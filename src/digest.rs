//! Hashes that are the same on every machine and for ever.
//!
//! Owns: [`Digest`]: the standard library promises neither for its own hasher, and a `usize` has
//! other bytes on other machines. Does not own: what is hashed (`derive(Hash)` where it is
//! defined).

use std::hash::Hasher;

/// FNV-1a, 64 bits.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.write(&number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_u128(&mut self, number: u128) {
        self.write(&number.to_le_bytes());
    }

    // Lengths of collections.
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    // Which variant of an enum.
    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    fn digest(of: impl Hash) -> u64 {
        let mut digest = Digest::default();
        of.hash(&mut digest);
        digest.finish()
    }

    #[test]
    fn digests_are_the_same_for_ever() {
        let mut foobar = Digest::default();
        foobar.write(b"foobar");
        // The test vector of FNV's authors.
        assert_eq!(foobar.finish(), 0x8594_4171_f739_67e8);
        assert_eq!(digest(1_usize), digest(1_u64));
        assert_eq!(digest(-1_isize), digest(-1_i64));
        assert_ne!(digest(("ab", "c")), digest(("a", "bc")));
        assert_ne!(digest(Some(0_u8)), digest(None::<u8>));
    }
}
