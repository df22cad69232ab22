//! Finding by name: a number for each of very many texts.
//!
//! Owns: [`Index`], which can be asked and not walked, so that no order of hashes ever shows; its
//! hashes are the same in every run. Does not own: what the numbers mean.

#![expect(clippy::disallowed_types, reason = "asked, never walked: its order shows nowhere")]

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// Numbers by text.
#[derive(Clone, Debug, Default)]
pub struct Index(HashMap<Box<str>, u32, BuildHasherDefault<DefaultHasher>>);

impl Index {
    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of a text.
    pub fn get(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }

    /// Sets the number of a text.
    pub fn insert(&mut self, name: &str, number: u32) {
        match self.0.get_mut(name) {
            Some(known) => *known = number,
            None => {
                self.0.insert(name.into(), number);
            }
        }
    }

    /// Forgets a text; returns its number.
    pub fn remove(&mut self, name: &str) -> Option<u32> {
        self.0.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::Map;

    #[test]
    fn an_index_knows_what_a_map_knows() {
        let (mut index, mut map) = (Index::default(), Map::new());
        let mut state = 7_u32;
        for round in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let name = format!("name-{}", (state >> 20) % 700);
            if (state >> 8) % 5 < 2 {
                assert_eq!(index.remove(&name), map.remove(&name));
            } else {
                index.insert(&name, round);
                map.insert(name.clone(), round);
            }
            assert_eq!(index.get(&name), map.get(&name).copied());
            assert_eq!(index.len(), map.len());
        }
        assert!(map.iter().all(|(name, number)| index.get(name) == Some(*number)));
        assert!(!index.is_empty() && Index::default().get("x").is_none());
    }
}
